//! The queues are in memory, the table on disk: on start, receipts that were never decided and
//! decisions that wait for their second look are queued again. Scoring is idempotent, so an extra
//! message changes nothing.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::cloud::Cloud;
use super::template::Stack;

/// Queues every transaction that is not settled; returns how many there were.
pub async fn requeue(cloud: &Cloud, stack: &Stack) -> anyhow::Result<usize> {
    let (Some(ingest), Some(table)) = (stack.functions.get("ingest"), stack.tables.first()) else {
        return Ok(0);
    };
    let mut requeued = 0;
    let mut start = Value::Null;
    loop {
        let mut request = json!({
            "TableName": table["TableName"],
            "FilterExpression": "sk = :tx AND (attribute_not_exists(decided_at) OR second_look = :pending)",
            "ExpressionAttributeValues": { ":tx": { "S": "tx" }, ":pending": { "S": "pending" } },
        });
        if !start.is_null() {
            request["ExclusiveStartKey"] = start;
        }
        let page = cloud.dynamodb("DynamoDB_20120810.Scan", request).await?;
        for item in page["Items"].as_array().into_iter().flatten() {
            let Some(body) = message(item) else {
                // An unreadable receipt must not keep the others from being decided.
                let key = item["pk"]["S"].as_str().unwrap_or_default();
                eprintln!("The receipt {key} is not readable and stays undecided");
                continue;
            };
            // The queue that ingest had sent it to.
            let queue = if body["history"] == true { "HISTORY_QUEUE_URL" } else { "QUEUE_URL" };
            let url = ingest.env.get(queue).with_context(|| format!("ingest has no {queue}"))?;
            let request = json!({ "QueueUrl": url, "MessageBody": body.to_string() });
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
    let mut message = json!({
        "v": 1,
        "tenant": text("pk")?.split('#').next()?,
        "request_id": text("request_id")?,
        "received_at": text("received_at")?,
        "content_hash": text("body_hash")?,
        "transaction": transaction,
    });
    if item["history"]["BOOL"] == true {
        message["history"] = true.into();
    }
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_becomes_the_message_that_ingest_sent() {
        let text = |text: &str| json!({ "S": text });
        let mut receipt = json!({
            "pk": text("main#tx#m-1"), "sk": text("tx"), "body": text(r#"{"msg_id":"m-1"}"#),
            "received_at": text("2026-01-05T10:00:01Z"), "request_id": text("r-1"),
            "body_hash": text("00ff"),
        });
        let expected = json!({
            "v": 1, "tenant": "main", "request_id": "r-1", "received_at": "2026-01-05T10:00:01Z",
            "content_hash": "00ff",
            "transaction": {"msg_id": "m-1"},
        });
        assert_eq!(message(&receipt).as_ref(), Some(&expected));
        receipt["history"] = json!({ "BOOL": true });
        assert_eq!(message(&receipt).unwrap()["history"], true);
        receipt["body"] = text("{");
        assert_eq!(message(&receipt), None);
    }
}
