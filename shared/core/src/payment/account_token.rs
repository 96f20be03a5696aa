//! Accounts appear in the LLM's prompts as keyed tokens: HMAC-SHA256 over tenant and account. The
//! LLM can distinguish accounts, but nobody without the key can find out whose they are. Account
//! numbers can be guessed, so a plain hash would not protect them.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::payment::tenant::Tenant;

/// Prefix of every token.
pub const PREFIX: &str = "acct_";
/// Number of hex digits in a token: 64 bits of the HMAC.
const DIGITS: usize = 16;

/// The key from which tokens are derived. `Debug` does not print it.
#[derive(Clone)]
pub struct AccountKey(Hmac<Sha256>);

/// The key is too short.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("the account key has fewer than 16 characters")]
pub struct WeakKey;

impl AccountKey {
    /// Takes the key text of the secret, which must have at least 16 characters.
    pub fn new(key: &str) -> Result<Self, WeakKey> {
        if key.len() < 16 {
            return Err(WeakKey);
        }
        Hmac::new_from_slice(key.as_bytes()).map(Self).map_err(|_| WeakKey)
    }

    /// Returns the account's token: `acct_` and 16 hex digits. The same account has a different
    /// token at each tenant, so that the logs of two tenants cannot be matched.
    pub fn token(&self, tenant: &Tenant, account: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(tenant.as_str().as_bytes());
        // A tenant's name contains no `#`, so the separator is unambiguous.
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
