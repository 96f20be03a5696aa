//! The JWT authorizer of the HTTP API. On loopback no token is needed and everyone is the developer;
//! with `--auth` a development issuer signs tokens, and they are checked as in the cloud.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const AUDIENCE: &str = "fincrime-sentinel";

/// Who may do what.
pub enum Authorizer {
    /// Everyone is the developer, who has these scopes.
    Open { scopes: Vec<String> },
    /// Requests need a token signed with this key.
    Issuer { key: Vec<u8> },
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 401
    Unauthorized,
    /// 403
    Forbidden,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    tenant: String,
    scope: String,
    aud: String,
    exp: u64,
}

impl Authorizer {
    /// An issuer with a random key, which is lost when the suite ends.
    pub fn issuer() -> Self {
        let random = (0..4).flat_map(|_| {
            use std::hash::{BuildHasher as _, Hasher as _};
            // Seeded by the operating system's randomness.
            std::collections::hash_map::RandomState::new().build_hasher().finish().to_be_bytes()
        });
        Self::Issuer { key: random.collect() }
    }

    /// A token of the development issuer, already expired if `lifetime_seconds` is negative; `None`
    /// if no tokens are needed.
    pub fn token(
        &self,
        subject: &str,
        tenant: &str,
        scopes: &[impl AsRef<str>],
        lifetime_seconds: i64,
    ) -> Option<String> {
        let Self::Issuer { key } = self else { return None };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let claims = Claims {
            sub: subject.to_owned(),
            tenant: tenant.to_owned(),
            scope: scopes.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" "),
            aud: AUDIENCE.to_owned(),
            exp: now.saturating_add_signed(lifetime_seconds),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key)).ok()
    }

    /// Returns `requestContext.authorizer` for a request with this token, which needs any one of
    /// these scopes.
    pub fn admit(&self, token: Option<&str>, any_of: &[String]) -> Result<Value, Refusal> {
        let claims = match self {
            Self::Open { scopes } => {
                let scope = scopes.join(" ");
                return Ok(context(
                    json!({ "sub": "developer", "tenant": "main", "scope": scope }),
                ));
            }
            Self::Issuer { key } => {
                let mut validation = Validation::new(Algorithm::HS256);
                validation.set_audience(&[AUDIENCE]);
                validation.leeway = 0;
                let token = token.ok_or(Refusal::Unauthorized)?;
                decode::<Claims>(token, &DecodingKey::from_secret(key), &validation)
                    .map_err(|_| Refusal::Unauthorized)?
                    .claims
            }
        };
        if !claims.scope.split(' ').any(|scope| any_of.iter().any(|known| known == scope)) {
            return Err(Refusal::Forbidden);
        }
        Ok(context(json!({
            "sub": claims.sub, "tenant": claims.tenant, "scope": claims.scope,
            "exp": claims.exp.to_string(),
        })))
    }
}

fn context(claims: Value) -> Value {
    json!({ "jwt": { "claims": claims, "scopes": null } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_checked_for_signature_time_and_scope() {
        let issuer = Authorizer::issuer();
        let read = ["alerts:read".to_owned()];
        let admit = |token: Option<String>| issuer.admit(token.as_deref(), &read);
        assert_eq!(admit(None), Err(Refusal::Unauthorized));
        assert_eq!(
            admit(issuer.token("ann", "main", &["alerts:read"], -5)),
            Err(Refusal::Unauthorized)
        );
        let foreign = Authorizer::issuer().token("ann", "main", &["alerts:read"], 60);
        assert_eq!(admit(foreign), Err(Refusal::Unauthorized));
        assert_eq!(
            admit(issuer.token("ann", "main", &["rules:write"], 60)),
            Err(Refusal::Forbidden)
        );
        let admitted =
            admit(issuer.token("ann", "bank", &["alerts:read", "rules:write"], 60)).unwrap();
        assert_eq!(admitted["jwt"]["claims"]["tenant"], "bank");
    }
}
