//! Which of the two kinds of event came.

use lambda_runtime::Error;
use serde_json::Value;

use crate::{App, connections, push};

/// A stream event holds records; anything else is the WebSocket API's.
pub async fn handle(app: &App, event: Value) -> Result<Value, Error> {
    match event.get("Records").and_then(Value::as_array) {
        Some(records) => push::push(app, records).await,
        None => connections::handle(app, &event).await,
    }
}
