//! Event sources, which do what Lambda's event source mappings do: queues with partial batch failures,
//! the table's stream with its filter, and schedules.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::cloud::{Cloud, queue_url};
use super::lambda::Lambda;
use super::template::{QueueMapping, REGION, Schedule, StreamMapping};

/// Everything that the sources work with.
#[derive(Clone)]
pub struct Sources {
    pub cloud: Arc<Cloud>,
    pub lambda: Arc<Lambda>,
    pub stop: watch::Receiver<bool>,
    /// Overrides the queues' own timeouts.
    pub visibility_timeout: Option<Duration>,
}

/// How often an empty queue is polled for messages that have become visible again.
const IDLE: Duration = Duration::from_millis(100);
/// Batches of one queue that are processed at once.
const CONCURRENCY: usize = 2;

impl Sources {
    /// Follows a queue until the suite stops.
    pub fn follow_queue(&self, mapping: &QueueMapping) {
        for _ in 0..CONCURRENCY {
            let (sources, mapping) = (self.clone(), mapping.clone());
            tokio::spawn(async move {
                while !*sources.stop.borrow() {
                    if !sources.poll_queue(&mapping).await {
                        tokio::select! {
                            () = sources.cloud.sent.notified() => {}
                            () = tokio::time::sleep(IDLE) => {}
                        }
                    }
                }
            });
        }
    }

    /// Processes one batch; false if the queue was empty.
    async fn poll_queue(&self, mapping: &QueueMapping) -> bool {
        let mut request = json!({
            "QueueUrl": queue_url(&mapping.queue),
            "MaxNumberOfMessages": mapping.batch_size.min(10),
            "AttributeNames": ["All"],
        });
        if let Some(timeout) = self.visibility_timeout {
            // SQS counts whole seconds.
            request["VisibilityTimeout"] = timeout.as_secs().max(1).into();
        }
        let received = match self.cloud.sqs("ReceiveMessage", request).await {
            Ok(received) => received,
            Err(err) => {
                eprintln!("Cannot read the queue {}: {err:#}", mapping.queue);
                return false;
            }
        };
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            return false;
        }
        // There may be more messages for the other worker.
        self.cloud.sent.notify_one();
        let arn = format!("arn:aws:sqs:{REGION}:{}:{}", super::template::ACCOUNT, mapping.queue);
        let records: Vec<Value> = messages.iter().map(|message| record(message, &arn)).collect();
        let answer = self.lambda.invoke(&mapping.function, json!({ "Records": records })).await;
        match answer {
            Ok(answer) => self.delete_done(mapping, &messages, &failed(&answer)).await,
            // The whole batch becomes visible again when its timeout ends.
            Err(err) => eprintln!("A batch of {} will be delivered again: {err}", mapping.queue),
        }
        true
    }

    async fn delete_done(&self, mapping: &QueueMapping, messages: &[Value], failed: &[String]) {
        let done = messages.iter().filter(|message| {
            let id = message["MessageId"].as_str().unwrap_or_default();
            !failed.iter().any(|known| known == id)
        });
        let entries: Vec<Value> = done
            .enumerate()
            .map(|(at, message)| {
                json!({ "Id": at.to_string(), "ReceiptHandle": message["ReceiptHandle"] })
            })
            .collect();
        if entries.is_empty() {
            return;
        }
        let request = json!({ "QueueUrl": queue_url(&mapping.queue), "Entries": entries });
        if let Err(err) = self.cloud.sqs("DeleteMessageBatch", request).await {
            eprintln!("Messages of {} will be delivered again: {err:#}", mapping.queue);
        }
    }

    /// Follows a table's stream from the start of this run until the suite stops.
    pub fn follow_stream(&self, mapping: &StreamMapping) {
        let (sources, mapping) = (self.clone(), mapping.clone());
        tokio::spawn(async move {
            let mut iterator = None;
            while !*sources.stop.borrow() {
                match sources.poll_stream(&mapping, &mut iterator).await {
                    Ok(true) => {}
                    Ok(false) => tokio::time::sleep(Duration::from_millis(20)).await,
                    Err(err) => {
                        eprintln!("Cannot read the stream of {}: {err:#}", mapping.table);
                        iterator = None;
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
            }
        });
    }

    async fn poll_stream(
        &self,
        mapping: &StreamMapping,
        iterator: &mut Option<String>,
    ) -> anyhow::Result<bool> {
        let at = match iterator.take() {
            Some(at) => at,
            None => self.shard_iterator(&mapping.table).await?,
        };
        let read = self
            .cloud
            .dynamodb(
                "DynamoDBStreams_20120810.GetRecords",
                json!({ "ShardIterator": at, "Limit": 1_000 }),
            )
            .await?;
        *iterator = read["NextShardIterator"].as_str().map(str::to_owned);
        let all = read["Records"].as_array().cloned().unwrap_or_default();
        let passing: Vec<Value> =
            all.iter().filter(|record| passes(&mapping.filters, record)).cloned().collect();
        let size = usize::try_from(mapping.batch_size).unwrap_or(25).max(1);
        for batch in passing.chunks(size) {
            self.push_batch(mapping, batch.to_vec()).await;
        }
        Ok(!all.is_empty())
    }

    /// Retries a failing batch, from the record that failed if the function names it, and reports what
    /// it gives up.
    async fn push_batch(&self, mapping: &StreamMapping, mut batch: Vec<Value>) {
        for attempt in 0..=mapping.max_retries {
            let payload = json!({ "Records": batch });
            match self.lambda.invoke(&mapping.function, payload).await {
                Ok(answer) => {
                    let Some(first) = failed(&answer).into_iter().next() else { return };
                    let at = batch.iter().position(|record| {
                        record["dynamodb"]["SequenceNumber"].as_str() == Some(first.as_str())
                    });
                    batch.drain(..at.unwrap_or(0));
                }
                Err(err) => eprintln!("Stream records will be delivered again: {err}"),
            }
            tokio::time::sleep(Duration::from_millis(50 << attempt.min(6))).await;
        }
        eprintln!("Gave up on {} stream records", batch.len());
    }

    /// Starts after everything an earlier run wrote, which was pushed then or can be listed.
    async fn shard_iterator(&self, table: &str) -> anyhow::Result<String> {
        let call = |operation: &str, body: Value| {
            let target = format!("DynamoDBStreams_20120810.{operation}");
            async move { self.cloud.dynamodb(&target, body).await }
        };
        let streams = call("ListStreams", json!({ "TableName": table })).await?;
        let arn = streams["Streams"][0]["StreamArn"].clone();
        let stream = call("DescribeStream", json!({ "StreamArn": arn })).await?;
        let shards = stream["StreamDescription"]["Shards"].as_array().cloned().unwrap_or_default();
        let shard = shards.last().map(|shard| shard["ShardId"].clone()).unwrap_or_default();
        let request = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "LATEST" });
        let iterator = call("GetShardIterator", request).await?;
        let iterator = iterator["ShardIterator"].as_str().map(str::to_owned);
        iterator.ok_or_else(|| anyhow::anyhow!("the table has no stream"))
    }

    /// Runs a schedule until the suite stops.
    pub fn follow_schedule(&self, schedule: &Schedule) {
        let (mut sources, schedule) = (self.clone(), schedule.clone());
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(schedule.every);
            // The first tick is immediate, so that the budget guard runs at once.
            while !*sources.stop.borrow() {
                tokio::select! {
                    _ = ticks.tick() => sources.run_schedule(&schedule).await,
                    _ = sources.stop.changed() => {}
                }
            }
        });
    }

    async fn run_schedule(&self, schedule: &Schedule) {
        let event = json!({
            "version": "0",
            "id": "00000000-0000-0000-0000-000000000000",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "time": jiff::Timestamp::now().to_string(),
            "region": REGION,
            "detail": {},
        });
        if let Err(err) = self.lambda.invoke(&schedule.function, event).await {
            eprintln!("The schedule of {} failed: {err}", schedule.function);
        }
    }
}

/// The items that a function wants delivered again. `null` and `{}` mean that all went well.
fn failed(answer: &Value) -> Vec<String> {
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    failures.filter_map(|failure| failure["itemIdentifier"].as_str().map(str::to_owned)).collect()
}

fn record(message: &Value, arn: &str) -> Value {
    json!({
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"].as_object().cloned().unwrap_or_default(),
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    })
}

/// The part of EventBridge patterns that the template uses: nested objects down to lists of exact
/// values.
fn passes(filters: &[Value], record: &Value) -> bool {
    filters.is_empty() || filters.iter().any(|pattern| matches(pattern, record))
}

fn matches(pattern: &Value, value: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.iter().all(|(name, inner)| matches(inner, &value[name])),
        Value::Array(allowed) => allowed.contains(value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_pass_what_they_name() {
        let image = json!({"NewImage": {"kind": {"S": ["alert"]}}});
        let pattern = json!({"eventName": ["INSERT"], "dynamodb": image});
        let record = |event: &str, kind: &str| {
            let image = json!({"NewImage": {"kind": {"S": kind}}});
            json!({"eventName": event, "dynamodb": image})
        };
        let filters = [pattern];
        assert!(passes(&filters, &record("INSERT", "alert")));
        assert!(!passes(&filters, &record("MODIFY", "alert")));
        assert!(!passes(&filters, &record("INSERT", "other")));
        assert!(!passes(&filters, &json!({"eventName": "INSERT"})));
    }

    #[test]
    fn an_answer_without_failures_means_that_all_succeeded() {
        assert!(failed(&Value::Null).is_empty());
        assert!(failed(&json!({})).is_empty());
        let some = json!({"batchItemFailures": [{"itemIdentifier": "m-1"}]});
        assert_eq!(failed(&some), ["m-1"]);
    }
}
