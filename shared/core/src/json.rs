//! JSON read without quoting it. serde_json's error texts hold what they stumble over, and what is read
//! here holds accounts, names and purposes: whoever reads by [`read`] has no such text to log.

use serde::de::DeserializeOwned;

/// A text that is not the JSON it should be; knows where, and nothing of what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not readable at line {line}, column {column}")]
pub struct Unreadable {
    pub line: usize,
    pub column: usize,
}

/// Reads one document.
pub fn read<T: DeserializeOwned>(json: impl AsRef<[u8]>) -> Result<T, Unreadable> {
    serde_json::from_slice(json.as_ref())
        .map_err(|err| Unreadable { line: err.line(), column: err.column() })
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
        let expected = Unreadable { line: 2, column: 1 };
        assert_eq!(read::<u64>("\nx"), Err(expected));
    }
}
