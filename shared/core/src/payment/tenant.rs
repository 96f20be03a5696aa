//! The owner of the data. Every key of the table begins with the tenant, which is taken only from
//! the caller's token, so that no request can address the data of another tenant.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A tenant's name: 1 to 36 characters of `[a-z0-9-]`, as many as a GUID has, and so never the key
/// delimiter `#`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tenant(String);

/// The text is not a tenant's name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a tenant is 1 to 36 characters of a-z, 0-9 and '-'")]
pub struct InvalidTenant;

impl Tenant {
    /// Parses a tenant's name from a claim of the token or from configuration.
    pub fn parse(text: &str) -> Result<Self, InvalidTenant> {
        let fits = (1..=36).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidTenant) }
    }

    /// Parses names with commas between them.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, InvalidTenant> {
        text.split(',').map(|name| Self::parse(name.trim())).collect()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Tenant {
    type Error = InvalidTenant;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_never_holds_the_key_delimiter() {
        for text in ["", "a#b", "A", "a b", "ü", &"x".repeat(37)] {
            assert_eq!(Tenant::parse(text), Err(InvalidTenant), "{text}");
        }
        assert!(Tenant::parse(&"x".repeat(36)).is_ok());
        assert_eq!(Tenant::parse("bank-7").map(String::from), Ok("bank-7".to_owned()));
    }
}
