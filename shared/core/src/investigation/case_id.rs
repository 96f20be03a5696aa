//! The id of a case.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Prefix of every case id.
const PREFIX: &str = "ca_";
const DIGITS: usize = 16;

/// A case's id: `ca_` and 16 random hex digits, so that it tells neither how many cases there are nor
/// what they are about.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "ca_0a1b2c3d4e5f6071")]
pub struct CaseId(String);

/// The text is not a case id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no case's id")]
pub struct InvalidCaseId;

impl CaseId {
    pub fn of_random(random: [u8; DIGITS / 2]) -> Self {
        Self(format!("{PREFIX}{}", hex::encode(random)))
    }

    pub fn parse(text: &str) -> Result<Self, InvalidCaseId> {
        let own = text.strip_prefix(PREFIX).ok_or(InvalidCaseId)?;
        let is_digit = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        let valid = own.len() == DIGITS && own.bytes().all(is_digit);
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidCaseId) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CaseId {
    type Error = InvalidCaseId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CaseId> for String {
    fn from(id: CaseId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_here_is_an_id() {
        let id = CaseId::of_random([0, 1, 2, 3, 4, 5, 6, 255]);
        assert_eq!(id.as_str(), "ca_00010203040506ff");
        assert_eq!(CaseId::parse(id.as_str()), Ok(id));
        for text in ["", "ca_", "ca_00010203040506F0", "ca_00010203040506f", "al_00010203040506ff"]
        {
            assert_eq!(CaseId::parse(text), Err(InvalidCaseId), "{text}");
        }
    }
}
