//! The queue lives in memory, the table on disk: on start, whatever was received and not decided is
//! queued again. Scoring is idempotent, so that a message too many changes nothing.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::cloud::{Cloud, queue_url};
use super::template::Stack;

/// Queues every undecided receipt; returns how many there were.
pub async fn requeue(cloud: &Cloud, stack: &Stack) -> anyhow::Result<usize> {
    let (Some(mapping), Some(table)) = (stack.queue_mappings.first(), stack.tables.first()) else {
        return Ok(0);
    };
    let mut requeued = 0;
    let mut start = Value::Null;
    loop {
        let mut request = json!({
            "TableName": table["TableName"],
            "FilterExpression": "sk = :tx AND attribute_not_exists(decided_at)",
            "ExpressionAttributeValues": { ":tx": { "S": "tx" } },
        });
        if !start.is_null() {
            request["ExclusiveStartKey"] = start;
        }
        let page = cloud.dynamodb("DynamoDB_20120810.Scan", request).await?;
        for item in page["Items"].as_array().into_iter().flatten() {
            let body = message(item).context("a receipt is not readable")?;
            let request =
                json!({ "QueueUrl": queue_url(&mapping.queue), "MessageBody": body.to_string() });
            cloud.sqs("SendMessage", request).await?;
            requeued += 1;
        }
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            return Ok(requeued);
        }
    }
}

/// The message as ingest wrote it.
fn message(item: &Value) -> Option<Value> {
    let text = |name: &str| item[name]["S"].as_str();
    let transaction: Value = serde_json::from_str(text("body")?).ok()?;
    Some(json!({
        "v": 1,
        "tenant": text("pk")?.split('#').next()?,
        "request_id": text("request_id")?,
        "received_at": text("received_at")?,
        "transaction": transaction,
    }))
}
