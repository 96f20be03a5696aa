//! Pushes new alerts, and the steps that people take on alerts, to every listener of their tenant. The
//! stream may deliver a record twice; each message carries its sequence or version, by which a client
//! drops what it has seen.

use std::collections::BTreeMap;

use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use contract::bodies::alerts::{AlertSummary, StreamMessage};
use jiff::Timestamp;
use lambda_runtime::Error;
use sentinel::case::alert_id::AlertId;
use sentinel::case::work::AlertWork;
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
            tracing::error!("Could not push a message: {err}");
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
    // The event source's filter passes only new items; a change of one is not to be pushed.
    if record["eventName"] != "INSERT" {
        return Ok(());
    }
    let message = match text("kind") {
        Some("alert") => new_alert(image)?,
        Some("alert_step") => alert_changed(image)?,
        _ => return Ok(()),
    };
    let message = sentinel::json::write(&message);
    let tenant = Tenant::parse(text("tenant").ok_or("the record names no tenant")?)?;
    if !listeners.contains_key(&tenant) {
        let now = Timestamp::now().as_second();
        listeners.insert(tenant.clone(), app.store.connections(&tenant, now).await?);
    }
    let connections = listeners.get(&tenant).cloned().unwrap_or_default();
    let request_id = text("request_id").unwrap_or_default();
    tracing::info!(request.id = request_id, listeners = connections.len(), "Pushing a message");
    for connection_id in connections {
        if post(app, &tenant, &connection_id, &message).await? == PostOutcome::Gone
            && let Some(known) = listeners.get_mut(&tenant)
        {
            known.retain(|id| *id != connection_id);
        }
    }
    Ok(())
}

fn new_alert(image: &Value) -> Result<StreamMessage, Error> {
    let text = |name: &'static str| attribute(image, name);
    let sequence = text("gsi1sk")?.to_owned();
    let alert = sentinel::json::read(text("body")?)?;
    // A review that the LLM has raised may have been worked on.
    let version = image["work_version"]["N"].as_str().and_then(|n| n.parse().ok());
    let work = AlertWork { version: version.unwrap_or_default(), ..AlertWork::default() };
    let alert = AlertSummary { alert, work, hits: 0, case_id: None, sequence: sequence.clone() };
    Ok(StreamMessage::Alert { sequence, alert: Box::new(alert) })
}

fn alert_changed(image: &Value) -> Result<StreamMessage, Error> {
    let text = |name: &'static str| attribute(image, name);
    Ok(StreamMessage::AlertChanged {
        alert_id: AlertId::parse(text("alert_id")?)?,
        by: text("by")?.to_owned(),
        work: sentinel::json::read(text("work")?)?,
    })
}

fn attribute<'a>(image: &'a Value, name: &'static str) -> Result<&'a str, String> {
    image[name]["S"].as_str().ok_or_else(|| format!("the record has no {name}"))
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
