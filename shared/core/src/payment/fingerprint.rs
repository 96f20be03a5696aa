//! Keyed fingerprints: HMAC-SHA256 over tenant and text. They recognise a text again without
//! keeping it, and nobody without the key can find out what it was. Account numbers can be guessed,
//! so a plain hash would not protect them.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::payment::tenant::Tenant;

/// Number of hex digits in a fingerprint: 128 bits of the HMAC.
const DIGITS: usize = 32;

/// The key from which fingerprints are derived. `Debug` does not print it.
#[derive(Clone)]
pub struct FingerprintKey(Hmac<Sha256>);

/// The key is too short.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("the fingerprint key has fewer than 16 characters")]
pub struct WeakKey;

impl FingerprintKey {
    /// Takes the key text of the secret, which must have at least 16 characters.
    pub fn new(key: &str) -> Result<Self, WeakKey> {
        if key.len() < 16 {
            return Err(WeakKey);
        }
        Hmac::new_from_slice(key.as_bytes()).map(Self).map_err(|_| WeakKey)
    }

    /// Returns the fingerprint of a text, in hex. The same text has a different one at each tenant.
    pub fn of(&self, tenant: &Tenant, text: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(tenant.as_str().as_bytes());
        // A tenant's name contains no `#`, so the separator is unambiguous.
        mac.update(b"#");
        mac.update(text.as_bytes());
        let digest = hex::encode(mac.finalize().into_bytes());
        digest[..DIGITS].to_owned()
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(key: &str, tenant: &str, text: &str) -> String {
        FingerprintKey::new(key).unwrap().of(&Tenant::parse(tenant).unwrap(), text)
    }

    #[test]
    fn a_fingerprint_depends_on_key_tenant_and_text_alone() {
        let one = fingerprint("0123456789abcdef", "main", "DE89370400440532013000");
        assert_eq!(one, fingerprint("0123456789abcdef", "main", "DE89370400440532013000"));
        assert_ne!(one, fingerprint("0123456789abcdeX", "main", "DE89370400440532013000"));
        assert_ne!(one, fingerprint("0123456789abcdef", "bank-7", "DE89370400440532013000"));
        assert_ne!(one, fingerprint("0123456789abcdef", "main", "DE89370400440532013001"));
    }

    #[test]
    fn it_is_the_hmac_of_tenant_and_text() {
        // printf 'main#12345' | openssl dgst -sha256 -hmac 0123456789abcdef
        assert_eq!(&fingerprint("0123456789abcdef", "main", "12345")[..16], "a35639866dd28913");
    }

    #[test]
    fn a_weak_key_is_refused_and_no_key_is_printed() {
        assert_eq!(FingerprintKey::new("short").err(), Some(WeakKey));
        let key = FingerprintKey::new("0123456789abcdef").unwrap();
        assert_eq!(format!("{key:?}"), "FingerprintKey(…)");
    }
}
