//! Pushes a stream record to every listener of its tenant. The stream may deliver a record twice;
//! each message carries its sequence, by which a client drops what it has seen.

use std::collections::BTreeMap;

use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use contract::bodies::alerts::{AlertSummary, StreamMessage};
use jiff::Timestamp;
use lambda_runtime::Error;
use sentinel::json::{Value, json};
use sentinel::payment::tenant::Tenant;

use crate::App;

/// Pushes a batch of records. Stops at the first that fails and names it, so that the stream
/// delivers it and those after it again.
pub async fn push(app: &App, records: &[Value]) -> Result<Value, Error> {
    let mut listeners: BTreeMap<Tenant, Vec<String>> = BTreeMap::new();
    for record in records {
        let sequence = record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default();
        if let Err(err) = push_record(app, record, &mut listeners).await {
            tracing::error!("Could not push an alert: {err}");
            return Ok(json!({ "batchItemFailures": [{ "itemIdentifier": sequence }] }));
        }
    }
    Ok(json!({ "batchItemFailures": [] }))
}

async fn push_record(
    app: &App,
    record: &Value,
    listeners: &mut BTreeMap<Tenant, Vec<String>>,
) -> Result<(), Error> {
    let image = &record["dynamodb"]["NewImage"];
    let text = |name: &str| image[name]["S"].as_str();
    // The event source's filter passes only new alerts; nothing else is to be pushed.
    if record["eventName"] != "INSERT" || text("kind") != Some("alert") {
        return Ok(());
    }
    let tenant = Tenant::parse(text("tenant").ok_or("the record names no tenant")?)?;
    let sequence = text("gsi1sk").ok_or("the record has no sequence")?;
    let alert = AlertSummary {
        alert: sentinel::json::read(text("body").ok_or("the record has no body")?)?,
        status: text("status").ok_or("the record has no status")?.to_owned(),
        hits: 0,
        sequence: sequence.to_owned(),
    };
    let message = StreamMessage::Alert { sequence: sequence.to_owned(), alert };
    let message = sentinel::json::write(&message);
    if !listeners.contains_key(&tenant) {
        let now = Timestamp::now().as_second();
        listeners.insert(tenant.clone(), app.store.connections(&tenant, now).await?);
    }
    let connections = listeners.get(&tenant).cloned().unwrap_or_default();
    let request_id = text("request_id").unwrap_or_default();
    tracing::info!(request.id = request_id, listeners = connections.len(), "Pushing an alert");
    for connection_id in connections {
        if post(app, &tenant, &connection_id, &message).await? == PostOutcome::Gone
            && let Some(known) = listeners.get_mut(&tenant)
        {
            known.retain(|id| *id != connection_id);
        }
    }
    Ok(())
}

#[derive(PartialEq)]
enum PostOutcome {
    Sent,
    Gone,
}

/// Sends a message to one listener. A failure does not keep it from the others: the listener finds
/// the gap by sequence, and a connection that is gone is forgotten.
async fn post(
    app: &App,
    tenant: &Tenant,
    connection_id: &str,
    message: &str,
) -> Result<PostOutcome, Error> {
    let post = app
        .gateway
        .post_to_connection()
        .connection_id(connection_id)
        .data(Blob::new(message.as_bytes()));
    match post.send().await {
        Ok(_) => metrics::counter!("alerts_pushed_total").increment(1),
        Err(err)
            if matches!(err.as_service_error(), Some(PostToConnectionError::GoneException(_))) =>
        {
            app.store.forget_connection(tenant, connection_id).await?;
            return Ok(PostOutcome::Gone);
        }
        Err(err) => tracing::warn!("Could not reach a listener: {}", err.into_service_error()),
    }
    Ok(PostOutcome::Sent)
}

#[cfg(test)]
mod tests {
    use sentinel::cascade::alert::Alert;

    use super::*;

    #[test]
    fn the_example_event_holds_an_alert_as_the_table_does() {
        let event = include_str!("../../../events/dynamodb-stream-alert.json");
        let event: Value = sentinel::json::read(event).unwrap();
        let body = &event["Records"][0]["dynamodb"]["NewImage"]["body"]["S"];
        let body = body.as_str().unwrap();
        let alert: Alert = sentinel::json::read(body).unwrap();
        assert_eq!(sentinel::json::write(&alert), body);
    }
}
