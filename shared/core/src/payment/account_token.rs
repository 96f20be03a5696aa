//! Accounts outside the store are keyed tokens: HMAC-SHA256 over tenant and account, so that logs
//! and prompts can tell accounts apart and nobody without the key can tell whose they are. Account
//! numbers are guessable, so a plain hash would be no protection.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::payment::tenant::Tenant;

/// What every token begins with.
pub const PREFIX: &str = "acct_";
/// Hex digits of a token: 64 bits of the HMAC.
const DIGITS: usize = 16;

/// The key of the tokens. Never printed.
#[derive(Clone)]
pub struct AccountKey(Hmac<Sha256>);

/// The key is too short to protect anything.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("the account key has fewer than 16 characters")]
pub struct WeakKey;

impl AccountKey {
    /// Takes the secret's key text, at least 16 characters.
    pub fn new(key: &str) -> Result<Self, WeakKey> {
        if key.len() < 16 {
            return Err(WeakKey);
        }
        Hmac::new_from_slice(key.as_bytes()).map(Self).map_err(|_| WeakKey)
    }

    /// The account's token: `acct_` and 16 hex digits. The same account has another token at
    /// another tenant, so that tenants cannot be matched by their logs.
    pub fn token(&self, tenant: &Tenant, account: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(tenant.as_str().as_bytes());
        // A tenant's name holds no `#`, so tenant and account cannot run into each other.
        mac.update(b"#");
        mac.update(account.as_bytes());
        let digest = hex::encode(mac.finalize().into_bytes());
        format!("{PREFIX}{}", &digest[..DIGITS])
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(key: &str, tenant: &str, account: &str) -> String {
        AccountKey::new(key).unwrap().token(&Tenant::parse(tenant).unwrap(), account)
    }

    #[test]
    fn a_token_depends_on_key_tenant_and_account_alone() {
        let one = token("0123456789abcdef", "main", "DE89370400440532013000");
        assert_eq!(one, token("0123456789abcdef", "main", "DE89370400440532013000"));
        assert_ne!(one, token("0123456789abcdeX", "main", "DE89370400440532013000"));
        assert_ne!(one, token("0123456789abcdef", "bank-7", "DE89370400440532013000"));
        assert_ne!(one, token("0123456789abcdef", "main", "DE89370400440532013001"));
        assert!(one.starts_with("acct_") && one.len() == 21, "{one}");
    }

    #[test]
    fn the_token_is_the_hmac_of_tenant_and_account() {
        // printf 'main#12345' | openssl dgst -sha256 -hmac 0123456789abcdef
        assert_eq!(token("0123456789abcdef", "main", "12345"), "acct_a35639866dd28913");
    }

    #[test]
    fn a_weak_key_is_refused_and_no_key_is_printed() {
        assert_eq!(AccountKey::new("short").err(), Some(WeakKey));
        let key = AccountKey::new("0123456789abcdef").unwrap();
        assert_eq!(format!("{key:?}"), "AccountKey(…)");
    }
}
