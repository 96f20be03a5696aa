//! Codes and sessions. A code works once and for a minute. A session is renewed with a refresh token,
//! each of which works once; if an old one is used again, somebody has copied it, and the session ends.
//! Time and randomness are arguments.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::{Deserialize, Serialize};

const CODE_SECONDS: i64 = 60;
/// A working day, after which people sign in again.
const SESSION_SECONDS: i64 = 12 * 3_600;

/// What a client asked for when it sent somebody to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub redirect_uri: String,
    /// The S256 challenge of PKCE (RFC 7636).
    pub challenge: String,
    pub nonce: Option<String>,
    pub scope: String,
}

/// What a token request is answered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    pub subject: String,
    pub session: String,
    pub refresh_token: String,
    pub scope: String,
    pub nonce: Option<String>,
}

/// The grant is not valid: unknown, used, ended, or another client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid;

/// Fresh random words.
#[derive(Debug, Clone)]
pub struct Fresh {
    pub session: String,
    pub secret: String,
}

/// The sessions are kept with the issuer's key; codes are not.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Grants {
    sessions: BTreeMap<String, Session>,
    #[serde(skip)]
    codes: BTreeMap<String, Code>,
}

#[derive(Debug)]
struct Code {
    subject: String,
    asked: Asked,
    ends_at: i64,
    /// The session that it has begun; none as long as it is unused.
    session: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Session {
    subject: String,
    scope: String,
    /// Of the only refresh token that still works.
    secret_hash: String,
    ends_at: i64,
}

impl Grants {
    /// Keeps a new code for somebody who has signed in.
    pub fn add_code(&mut self, code: String, subject: &str, asked: Asked, now: i64) {
        self.codes.retain(|_, code| code.ends_at > now);
        self.sessions.retain(|_, session| session.ends_at > now);
        let ends_at = now + CODE_SECONDS;
        let subject = subject.to_owned();
        self.codes.insert(code, Code { subject, asked, ends_at, session: None });
    }

    /// Begins the session of a code. Whatever is presented, a code is tried once; when it is presented
    /// again, the session it has begun ends (RFC 6749, 4.1.2).
    pub fn redeem(
        &mut self,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        fresh: Fresh,
        now: i64,
    ) -> Result<Granted, Invalid> {
        let code = self.codes.get_mut(code).ok_or(Invalid)?;
        if let Some(session) = code.session.replace(fresh.session.clone()) {
            self.sessions.remove(&session);
            return Err(Invalid);
        }
        let proven = hash(verifier) == code.asked.challenge;
        if !proven || code.asked.redirect_uri != redirect_uri || code.ends_at <= now {
            return Err(Invalid);
        }
        let session = Session {
            subject: code.subject.clone(),
            scope: code.asked.scope.clone(),
            secret_hash: hash(&fresh.secret),
            ends_at: now + SESSION_SECONDS,
        };
        let granted = granted(&session, fresh.clone(), code.asked.nonce.clone());
        self.sessions.insert(fresh.session, session);
        Ok(granted)
    }

    /// Renews a session with a refresh token, and replaces that.
    pub fn renew(&mut self, token: &str, secret: String, now: i64) -> Result<Granted, Invalid> {
        let (name, presented) = token.split_once('.').ok_or(Invalid)?;
        let session = self.sessions.get_mut(name).ok_or(Invalid)?;
        if session.secret_hash != hash(presented) || session.ends_at <= now {
            self.sessions.remove(name);
            return Err(Invalid);
        }
        session.secret_hash = hash(&secret);
        Ok(granted(session, Fresh { session: name.to_owned(), secret }, None))
    }

    /// Ends a session.
    pub fn end(&mut self, session: &str) {
        self.sessions.remove(session);
    }
}

fn granted(session: &Session, fresh: Fresh, nonce: Option<String>) -> Granted {
    Granted {
        subject: session.subject.clone(),
        scope: session.scope.clone(),
        refresh_token: format!("{}.{}", fresh.session, fresh.secret),
        session: fresh.session,
        nonce,
    }
}

/// SHA-256 as PKCE writes it.
fn hash(text: &str) -> String {
    BASE64URL.encode(digest(&SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACK: &str = "http://127.0.0.1:9000/signed-in";

    fn fresh(session: &str, secret: &str) -> Fresh {
        Fresh { session: session.to_owned(), secret: secret.to_owned() }
    }

    /// Ada has signed in, and the code is `c`.
    fn signed_in() -> Grants {
        let mut grants = Grants::default();
        let asked = Asked {
            redirect_uri: BACK.to_owned(),
            // The example of RFC 7636, appendix B.
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
            nonce: Some("n".to_owned()),
            scope: "openid".to_owned(),
        };
        grants.add_code("c".to_owned(), "ada", asked, 100);
        grants
    }

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn a_code_works_once_and_with_its_verifier() {
        let mut grants = signed_in();
        let granted = grants.redeem("c", BACK, VERIFIER, fresh("s", "1"), 159).unwrap();
        assert_eq!((granted.subject.as_str(), granted.nonce.as_deref()), ("ada", Some("n")));
        assert_eq!(granted.refresh_token, "s.1");
        assert_eq!(grants.redeem("c", BACK, VERIFIER, fresh("t", "1"), 159), Err(Invalid));
        assert_eq!(grants.renew("s.1", "2".to_owned(), 160), Err(Invalid), "its session has ended");
    }

    #[test]
    fn a_code_is_refused_in_other_hands() {
        let check = |code: &str, back: &str, verifier: &str, now: i64| {
            let mut grants = signed_in();
            assert_eq!(grants.redeem(code, back, verifier, fresh("s", "1"), now), Err(Invalid));
            let again = grants.redeem(code, BACK, VERIFIER, fresh("s", "1"), 101);
            assert_eq!(again.is_ok(), code != "c", "{code} was tried once");
        };
        check("c", BACK, "another", 101);
        check("c", "http://127.0.0.1:9000/other", VERIFIER, 101);
        check("c", BACK, VERIFIER, 160);
        let mut grants = signed_in();
        assert_eq!(grants.redeem("d", BACK, VERIFIER, fresh("s", "1"), 101), Err(Invalid));
    }

    #[test]
    fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
        let mut grants = signed_in();
        grants.redeem("c", BACK, VERIFIER, fresh("s", "1"), 101).unwrap();
        let renewed = grants.renew("s.1", "2".to_owned(), 200).unwrap();
        assert_eq!((renewed.refresh_token.as_str(), renewed.nonce), ("s.2", None));
        assert_eq!(grants.renew("s.1", "3".to_owned(), 201), Err(Invalid));
        assert_eq!(grants.renew("s.2", "4".to_owned(), 202), Err(Invalid));
    }

    #[test]
    fn a_session_ends_after_a_working_day_or_when_told() {
        let mut grants = signed_in();
        grants.redeem("c", BACK, VERIFIER, fresh("s", "1"), 101).unwrap();
        let late = 101 + SESSION_SECONDS;
        assert_eq!(grants.renew("s.1", "2".to_owned(), late), Err(Invalid));
        let mut grants = signed_in();
        grants.redeem("c", BACK, VERIFIER, fresh("s", "1"), 101).unwrap();
        grants.end("s");
        assert_eq!(grants.renew("s.1", "2".to_owned(), 102), Err(Invalid));
    }
}
