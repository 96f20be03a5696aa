//! What the table answers, in the form that a handler needs: a failure is logged here, once, and
//! its details are hidden from the client. Temporary and permanent failures are distinguished,
//! since it helps to retry after the former only.

use std::fmt::Display;

use contract::problem::Problem;
use serde::de::DeserializeOwned;
use store::StoreError;

/// Parses JSON text that the table holds; 500 if it cannot be read.
pub fn stored<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    sentinel::json::read(text).map_err(broken)
}

/// [`stored`] for an attribute that the item has to have.
pub fn stored_part<T: DeserializeOwned>(text: Option<&str>) -> Result<T, Problem> {
    stored(text.ok_or_else(|| broken("an item has only a part of what belongs to it"))?)
}

/// Logs a failure of the table and returns its problem: 503 if it is temporary, 500 if what the
/// table holds or is given cannot be used.
pub fn table_failed(err: StoreError) -> Problem {
    match err {
        StoreError::Item(_) | StoreError::TooLarge { .. } => broken(err),
        StoreError::Service { .. } | StoreError::Contention { .. } | StoreError::Unprocessed => {
            unavailable(err)
        }
    }
}

/// Logs a temporary failure of the table and returns its problem, a 503.
pub fn unavailable(err: impl std::error::Error) -> Problem {
    tracing::error!("The table did not answer: {err}");
    Problem::unavailable()
}

/// Logs a permanent failure and returns its problem, a 500: the table holds something unusable or
/// cannot keep what it is given. `what` must not quote stored content.
pub fn broken(what: impl Display) -> Problem {
    tracing::error!("The table cannot keep or give what was asked for: {what}");
    Problem::internal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_is_answered_with_try_again() {
        let code = "ProvisionedThroughputExceededException".to_owned();
        for (err, status) in [
            (StoreError::Item("body"), 500),
            (StoreError::TooLarge { bytes: 2, most: 1 }, 500),
            (StoreError::Service { operation: "GetItem", code }, 503),
            (StoreError::Contention { attempts: 3 }, 503),
            (StoreError::Unprocessed, 503),
        ] {
            assert_eq!(table_failed(err).status, status);
        }
        assert_eq!(stored::<u64>("DE89").unwrap_err().status, 500);
        assert_eq!(stored_part::<u64>(None).unwrap_err().status, 500);
    }
}
