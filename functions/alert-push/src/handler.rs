//! Distinguishes the two kinds of events.

use lambda_runtime::Error;
use sentinel::json::Value;

use crate::{App, connections, push};

/// Handles an event. Those with records are the table's stream's, all others the WebSocket API's.
pub async fn handle(app: &App, event: Value) -> Result<Value, Error> {
    match event.get("Records").and_then(Value::as_array) {
        Some(records) => push::push(app, records).await,
        None => connections::handle(app, &event).await,
    }
}
