//! The ids that clients assign to transactions and parties.

use serde::{Deserialize, Serialize};

use super::unicode::is_printable;

/// Maximum length of an id, in characters.
pub(super) const MAX_ID_CHARS: usize = 128;

/// The client's id of a transaction: 1 to 128 printable characters, such as `INV/2026/000123`.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "INV/2026/000123", min_length = 1, max_length = 128)]
pub struct MsgId(String);

/// The client's id of a party, which may hold several accounts. It has the same grammar as
/// [`MsgId`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartyId(String);

/// The text is not a valid id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to 128 printable characters, none of them invisible, without a space at either end"
)]
pub struct InvalidId;

fn check(text: &str) -> Result<String, InvalidId> {
    // Checking bytes first avoids counting the characters of a megabyte.
    let fits = text.len() <= 4 * MAX_ID_CHARS && (1..=MAX_ID_CHARS).contains(&text.chars().count());
    let trimmed = text.trim() == text;
    if fits && trimmed && is_printable(text) { Ok(text.to_owned()) } else { Err(InvalidId) }
}

/// Whether a text consists only of letters, digits, `.`, `_` and `-`, and so needs no escaping in a
/// path or a message.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

macro_rules! id {
    ($id:ident) => {
        impl $id {
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                check(text).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $id {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$id> for String {
            fn from(id: $id) -> Self {
                id.0
            }
        }
    };
}

id!(MsgId);
id!(PartyId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_take_what_the_world_uses_and_nothing_that_hides() {
        let longest = "ü".repeat(128);
        for text in ["t-1", "INV/2026/000123", "E2E 0001", "a#b", "../etc", "50%", "?", &longest] {
            assert!(MsgId::parse(text).is_ok(), "{text}");
        }
        let too_long = "x".repeat(129);
        for text in ["", " ", " a", "a ", "a\0", "a\nb", "a\u{200b}b", "a\u{202e}b", &too_long] {
            assert_eq!(MsgId::parse(text), Err(InvalidId), "{text:?}");
        }
    }
}
