//! What the table answers, as a handler needs it: a failure is logged here, once, and hidden from the
//! client.

use contract::problem::Problem;
use serde::de::DeserializeOwned;

/// What the table holds as JSON text.
pub fn stored<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    sentinel::json::read(text).map_err(|err| {
        tracing::error!("The table holds JSON that cannot be read: {err}");
        Problem::internal()
    })
}

/// The table's failure.
pub fn unavailable(err: impl std::error::Error) -> Problem {
    tracing::error!("The table did not answer: {err}");
    Problem::unavailable()
}
