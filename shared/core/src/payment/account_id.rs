//! The number of fixed size that identifies an account in memory, whatever the client calls it.

use sha2::{Digest as _, Sha256};

/// An account within its tenant: the first 64 bits of the SHA-256 of its identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u64);

impl AccountId {
    pub fn of(account: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(account).into();
        Self(u64::from_be_bytes([
            hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
        ]))
    }
}
