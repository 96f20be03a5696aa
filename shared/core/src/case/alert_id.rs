//! The id of an alert.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::payment::transaction::{MsgId, is_plain};

/// Prefix of every alert id.
const PREFIX: &str = "al_";
/// Marks that a hash follows. A plain transaction id cannot contain it, so the two forms never
/// collide.
const HASH_MARK: char = '~';

/// An alert's id: `al_` followed by the id of the transaction that opened it, or by `~` and a hash
/// of that id if it contains other characters. It is part of paths, keys and messages, so it
/// contains only letters, digits, `.`, `_`, `-` and `~`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "al_t-1")]
pub struct AlertId(String);

/// The text is not an alert id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no alert's id")]
pub struct InvalidAlertId;

impl AlertId {
    /// Returns the id of the alert that a transaction opens.
    pub fn of(msg_id: &MsgId) -> Self {
        let msg_id = msg_id.as_str();
        if is_plain(msg_id) {
            return Self(format!("{PREFIX}{msg_id}"));
        }
        let hash = hex::encode(Sha256::digest(msg_id));
        Self(format!("{PREFIX}{HASH_MARK}{}", &hash[..32]))
    }

    pub fn parse(text: &str) -> Result<Self, InvalidAlertId> {
        let own = text.strip_prefix(PREFIX).ok_or(InvalidAlertId)?;
        let plain = is_plain(own.strip_prefix(HASH_MARK).unwrap_or(own));
        if plain { Ok(Self(text.to_owned())) } else { Err(InvalidAlertId) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AlertId {
    type Error = InvalidAlertId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<AlertId> for String {
    fn from(id: AlertId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alerts_id_stands_in_a_path_as_it_is() {
        let of = |text: &str| AlertId::of(&MsgId::parse(text).unwrap());
        assert_eq!(of("t-1").as_str(), "al_t-1");
        for msg_id in ["INV/2026/000123", "E2E 0001", "a#b", "~x", "..%2f", "振込"] {
            let id = of(msg_id);
            assert_eq!((id.as_str().len(), AlertId::parse(id.as_str())), (36, Ok(id.clone())));
        }
        assert_ne!(of("a b"), of("a  b"));
        for text in ["", "al_", "t-1", "al_a#b", "al_../x", "al_a b", "al_~"] {
            assert_eq!(AlertId::parse(text), Err(InvalidAlertId), "{text}");
        }
    }
}
