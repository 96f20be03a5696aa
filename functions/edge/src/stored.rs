//! What the table answers, as a handler needs it: a failure is logged here, once, and hidden from the
//! client. One that passes is told from one that stays, since a client waits for the first to pass.

use std::fmt::Display;

use contract::problem::Problem;
use serde::de::DeserializeOwned;
use store::StoreError;

/// What the table holds as JSON text.
pub fn stored<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    sentinel::json::read(text).map_err(broken)
}

/// The same of an attribute that this item has to have.
pub fn stored_part<T: DeserializeOwned>(text: Option<&str>) -> Result<T, Problem> {
    stored(text.ok_or_else(|| broken("an item has only a part of what belongs to it"))?)
}

/// The table's failure: 503 where it will answer another time, 500 where what it holds cannot be used.
pub fn table_failed(err: StoreError) -> Problem {
    match err {
        StoreError::Item(_) | StoreError::TooLarge { .. } => broken(err),
        StoreError::Service { .. } | StoreError::Contention { .. } | StoreError::Unprocessed => {
            unavailable(err)
        }
    }
}

/// The table's failure that passes: 503.
pub fn unavailable(err: impl std::error::Error) -> Problem {
    tracing::error!("The table did not answer: {err}");
    Problem::unavailable()
}

/// The table holds what cannot be used or cannot keep what it is given, and asking again will not help.
/// `what` quotes nothing.
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
