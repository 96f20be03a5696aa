//! JSON without errors that quote it. serde_json's error messages contain the input that caused
//! them, which here may be an account, a name or a purpose; an error of [`read`] never does, so that
//! it can be logged. The crates of `shared/` and `functions/` have no other way to JSON: this one
//! alone depends on serde_json.

use serde::{Deserialize, Serialize};
use serde_json::error::Category;
pub use serde_json::value::RawValue;
pub use serde_json::{Value, json};

/// An error in JSON: what is wrong and where, without the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not readable at line {line}, column {column}")]
pub struct Unreadable {
    pub fault: Fault,
    pub line: usize,
    pub column: usize,
}

/// What is wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The text ends before the document is complete.
    EndsEarly,
    SomethingFollows,
    NestedTooDeeply,
    NumberOutOfRange,
    /// It is not JSON for any other reason.
    NotJson,
    /// An object has a key twice. Only types that check for it report this ([`DUPLICATE_KEY`]).
    DuplicateKey,
    /// It is JSON, but not of the expected form.
    OtherForm,
}

/// The message by which a `Deserialize` reports a key that an object has twice.
pub(crate) const DUPLICATE_KEY: &str = "sentinel:duplicate-key";

/// Reads a text that must be exactly one document.
pub fn read<'a, T: Deserialize<'a>>(
    json: &'a (impl AsRef<[u8]> + ?Sized),
) -> Result<T, Unreadable> {
    serde_json::from_slice(json.as_ref()).map_err(|err| Unreadable {
        fault: Fault::of(&err),
        line: err.line(),
        column: err.column(),
    })
}

/// Writes a value of our own types, which always can be written: their keys are texts.
pub fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("keys are texts")
}

impl Fault {
    fn of(err: &serde_json::Error) -> Self {
        let text = err.to_string();
        match err.classify() {
            Category::Eof => Self::EndsEarly,
            Category::Data if text.starts_with(DUPLICATE_KEY) => Self::DuplicateKey,
            Category::Data => Self::OtherForm,
            // serde_json distinguishes these only by their messages.
            _ if text.starts_with("recursion limit") => Self::NestedTooDeeply,
            _ if text.starts_with("number out of range") => Self::NumberOutOfRange,
            _ if text.starts_with("trailing characters") => Self::SomethingFollows,
            _ => Self::NotJson,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::verdict::Decision;
    use crate::payment::transaction::Transaction;

    #[test]
    fn an_error_says_where_and_never_what() {
        const ACCOUNT: &str = "DE89370400440532013000";
        for text in [
            ACCOUNT.to_owned(),
            format!(r#"{{"msg_id": ["{ACCOUNT}"]}}"#),
            format!(r#"{{"{ACCOUNT}": 1, "msg_id": "m-1", "kind": "{ACCOUNT}"}}"#),
        ] {
            let errors = [
                read::<Transaction>(&text).unwrap_err().to_string(),
                read::<Decision>(&text).unwrap_err().to_string(),
                format!("{:?}", read::<u64>(&text)),
            ];
            assert!(errors.iter().all(|error| !error.contains("DE89")), "{errors:?}");
        }
        let expected = Unreadable { fault: Fault::NotJson, line: 2, column: 1 };
        assert_eq!(read::<u64>("\nx"), Err(expected));
    }
}
