//! The development issuer: an OIDC provider on the suite's own origin, so that the page signs people in
//! as it does in the cloud, without an account anywhere. People are listed instead of asked for a
//! password; everything behind that is the authorization code flow with PKCE. With a folder for data its
//! key and its sessions survive a restart.

mod endpoints;
mod grants;
mod page;
mod people;
mod signing_key;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL};
use contract::role::Role;
use contract::scope::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use endpoints::router;
use grants::{Grants, Invalid};
pub use people::Person;
use signing_key::SigningKey;

use super::secret;
use super::template::TokenShape;

/// The client of the page.
const CLIENT: &str = "desk";
const ACCESS_LIFETIME: Duration = Duration::from_secs(15 * 60);

pub struct Issuer {
    /// Where the suite is reached if a request does not say.
    base_url: String,
    shape: TokenShape,
    access_lifetime: Duration,
    /// Whether the API needs a token.
    pub required: bool,
    key: SigningKey,
    pkcs8: Vec<u8>,
    grants: Mutex<Grants>,
    path: Option<PathBuf>,
}

/// What survives a restart.
#[derive(Serialize, Deserialize)]
struct Kept<G> {
    /// PKCS #8 in Base64.
    key: String,
    #[serde(flatten)]
    grants: G,
}

impl Issuer {
    /// Loads the key and the sessions of an earlier run, or generates a key.
    pub fn start(
        base_url: String,
        shape: TokenShape,
        access_lifetime: Option<Duration>,
        required: bool,
        data_dir: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let path = data_dir.map(|dir| dir.join("issuer.json"));
        let (pkcs8, grants) = match &path {
            Some(path) if path.exists() => {
                let text = std::fs::read_to_string(path).context("cannot read the issuer's key")?;
                let kept: Kept<Grants> = serde_json::from_str(&text)
                    .with_context(|| format!("{} is not the issuer's", path.display()))?;
                (BASE64.decode(kept.key).context("the issuer's key")?, kept.grants)
            }
            _ => (SigningKey::generate()?, Grants::default()),
        };
        let issuer = Self {
            base_url,
            shape,
            access_lifetime: access_lifetime.unwrap_or(ACCESS_LIFETIME),
            required,
            key: SigningKey::of(&pkcs8)?,
            pkcs8,
            grants: Mutex::new(grants),
            path,
        };
        issuer.keep(&issuer.grants())?;
        Ok(issuer)
    }

    /// A token with these claims, and with issuer, audience and times if they do not name them. A null
    /// leaves a claim out. Empty if it cannot be written.
    pub fn token(&self, claims: Value, lifetime_seconds: i64) -> String {
        let now = now();
        let mut all = json!({
            "iss": self.base_url, "aud": self.shape.audience,
            "iat": now, "exp": now.saturating_add(lifetime_seconds),
        });
        if let (Some(all), Value::Object(claims)) = (all.as_object_mut(), claims) {
            all.extend(claims);
            all.retain(|_, value| !value.is_null());
        }
        all.as_object().and_then(|claims| self.key.sign(claims)).unwrap_or_default()
    }

    /// The claims that give rights in the template's terms.
    pub fn rights(&self, tenant: &str, scopes: &[impl AsRef<str>]) -> Map<String, Value> {
        let prefix = &self.shape.scope_prefix;
        let scopes = scopes.iter().map(|scope| format!("{prefix}{}", scope.as_ref()));
        let scopes = scopes.collect::<Vec<_>>().join(" ");
        // Where the functions do not read `scope`, they read the first that they do.
        let read = &self.shape.scope_claims;
        let usual = read.iter().find(|name| *name == "scope").or(read.first());
        let carrier = usual.cloned().unwrap_or_else(|| "scope".to_owned());
        let claims = [(self.shape.tenant_claim.clone(), tenant.into()), (carrier, scopes.into())];
        claims.into_iter().collect()
    }

    /// The claims of a person's access token, without those of the token itself.
    pub fn claims_of(&self, person: &Person) -> Map<String, Value> {
        let scopes: Vec<&str> = person.scopes().into_iter().map(Scope::code).collect();
        let roles: Vec<&str> = person.roles().into_iter().map(Role::code).collect();
        let mut claims = self.rights("main", &scopes);
        claims.insert("sub".to_owned(), person.subject.into());
        claims.insert("name".to_owned(), person.name.into());
        claims.insert("roles".to_owned(), roles.into());
        claims
    }

    /// Returns the claims of a valid access token. As at API Gateway, `client_id` stands in for an
    /// audience that is not there.
    pub fn accepted(&self, token: &str) -> Option<Map<String, Value>> {
        let claims = self.key.claims(token, false)?;
        let issuer = claims.get("iss").and_then(Value::as_str)?;
        let audience = match claims.get("aud").or_else(|| claims.get("client_id"))? {
            Value::Array(all) => all.iter().any(|one| *one == self.shape.audience.as_str()),
            one => *one == self.shape.audience.as_str(),
        };
        (audience && is_this_machine(issuer)).then_some(claims)
    }

    fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the grants, and keeps what is to survive a restart.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Grants) -> Result<T, Invalid>,
    ) -> Result<T, Invalid> {
        let mut grants = self.grants();
        let changed = change(&mut grants);
        if let Err(err) = self.keep(&grants) {
            eprintln!("Sessions will not survive a restart: {err:#}");
        }
        changed
    }

    fn keep(&self, grants: &Grants) -> anyhow::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let kept = Kept { key: BASE64.encode(&self.pkcs8), grants };
        secret::save(path, &serde_json::to_value(kept)?)
    }
}

/// Whether a URL is one under which the suite can be reached.
fn is_this_machine(url: &str) -> bool {
    let url = reqwest::Url::parse(url).ok();
    let host = url.as_ref().filter(|url| url.scheme() == "http").and_then(|url| url.host_str());
    host.is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host))
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// 32 random bytes in Base64URL.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64URL.encode(bytes))
}

#[cfg(test)]
mod tests;
