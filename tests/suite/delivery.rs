//! Nothing lost, nothing counted twice: duplicates, poison, refusals, crashes, restarts.

use std::time::Duration;

use journeys::{World, eventually, risky, transaction};
use sentinel::payment::queue_message::QueueMessage;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::Transaction;
use sentinel::payment::utc_time::UtcTime;
use serde_json::{Value, json};
use suite::SuiteConfig;

/// The receiver's bank, which makes the account the same whichever country the payment names.
const BANK: &str = "000042";

/// How many payments between two accounts have been counted, from the features of a later one.
async fn counted(world: &World, msg_id: &str, sender: &str, receiver: &str) -> f64 {
    let mut probe = risky(msg_id);
    probe["sender"]["account"] = sender.into();
    probe["receiver"]["account"] = receiver.into();
    probe["receiver"]["bank"] = BANK.into();
    world.decide(&probe).await;
    let alert = world.get(&format!("/api/v1/alerts/al_{msg_id}")).await.body;
    alert["evidence"]["features"]["pair_count"].as_f64().unwrap()
}

/// The queue message of a transaction, as ingest writes it.
fn message(id: &str, transaction: &Value) -> Value {
    let transaction: Transaction = serde_json::from_value(transaction.clone()).unwrap();
    let received_at = UtcTime::parse("2026-01-05T10:00:01Z").unwrap();
    let tenant = Tenant::parse("main").unwrap();
    record(id, &QueueMessage::new(tenant, "r-1", received_at, transaction).to_json())
}

fn record(id: &str, body: &str) -> Value {
    json!({
        "messageId": id, "receiptHandle": id, "body": body, "attributes": {},
        "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q", "awsRegion": "us-east-1"
    })
}

#[tokio::test]
async fn a_redelivered_message_counts_once() {
    let world = World::new().await;
    let mut payment = transaction("twice");
    payment["sender"]["account"] = "s".into();
    payment["receiver"]["account"] = "r".into();
    payment["receiver"]["bank"] = BANK.into();
    let first = world.decide(&payment).await;
    // Twice in a batch, and the batch on two workers at once.
    let event = json!({"Records": [message("m-1", &payment), message("m-2", &payment)]});
    for _ in 0..2 {
        let (a, b) = tokio::join!(
            world.suite.invoke("score", event.clone()),
            world.suite.invoke("score", event.clone())
        );
        for response in [a.unwrap(), b.unwrap()] {
            assert_eq!(response["batchItemFailures"], json!([]));
        }
    }
    assert_eq!(world.decision("twice").await, first);
    assert_eq!(counted(&world, "probe", "s", "r").await, 1.0);
    world.end().await;
}

#[tokio::test]
async fn a_new_transaction_on_two_workers_at_once_counts_once() {
    let world = World::new().await;
    for n in 0..5 {
        let mut payment = transaction(&format!("race-{n}"));
        payment["sender"]["account"] = "racer".into();
        payment["receiver"]["account"] = "goal".into();
        payment["receiver"]["bank"] = BANK.into();
        let event = json!({"Records": [message("m-1", &payment), message("m-2", &payment)]});
        let (a, b) = tokio::join!(
            world.suite.invoke("score", event.clone()),
            world.suite.invoke("score", event)
        );
        assert_eq!(a.unwrap()["batchItemFailures"], json!([]));
        assert_eq!(b.unwrap()["batchItemFailures"], json!([]));
    }
    assert_eq!(counted(&world, "probe", "racer", "goal").await, 5.0);
    world.end().await;
}

#[tokio::test]
async fn a_poison_message_fails_alone() {
    let world = World::new().await;
    let mut records: Vec<Value> =
        (0..9).map(|n| message(&format!("m-{n}"), &transaction(&format!("good-{n}")))).collect();
    records.insert(4, record("poison", "{\"v\":1,\"account\":\"secret-9\""));
    let response = world.suite.invoke("score", json!({"Records": records})).await.unwrap();
    assert_eq!(response["batchItemFailures"], json!([{"itemIdentifier": "poison"}]));
    for n in 0..9 {
        world.decision(&format!("good-{n}")).await;
    }
    world.end().await;
}

#[tokio::test]
async fn a_poison_message_ends_in_the_dead_letter_queue() {
    let visibility_timeout = Some(Duration::from_secs(1));
    let world = World::with(SuiteConfig { visibility_timeout, ..SuiteConfig::default() }).await;
    world.suite.send_to_queue("not json").await.unwrap();
    world.decide(&transaction("neighbour")).await;
    eventually(|| async { (world.suite.dlq_depth().await == 1).then_some(()) }).await;
    eventually(|| async { (world.suite.queue_depth().await == 0).then_some(()) }).await;
    world.end().await;
}

#[tokio::test]
async fn a_queue_that_refuses_means_503_and_nothing_half_done() {
    let world = World::new().await;
    // The SDK tries three times before it gives up.
    world.suite.faults().fail("sqs", "SendMessage", 500, 3);
    let payment = transaction("refused");
    let reply = world.post(&payment).await;
    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(world.get("/api/v1/transactions/refused").await.status, 404);
    // The client's retry counts as a first attempt, even with other content.
    let mut other = payment.clone();
    other["amount"] = "99.00".into();
    let retry = world.post(&other).await;
    assert_eq!(retry.status, 202);
    assert!(!retry.headers.contains_key("idempotency-replayed"));
    world.decision("refused").await;
    world.end().await;
}

#[tokio::test]
async fn a_retry_after_a_crash_before_the_queue_is_decided() {
    let world = World::new().await;
    // The receipt is written, but then the send hangs and the client gives up.
    world.suite.faults().delay("sqs", "SendMessage", Duration::from_secs(60), 1);
    let payment = transaction("lost");
    let hanging = world.http.post(world.url("/api/v1/transactions")).json(&payment);
    let hanging = hanging.timeout(Duration::from_millis(1_500)).send().await;
    assert!(hanging.is_err());
    world.suite.kill_function("ingest");
    let retry = world.post(&payment).await;
    assert_eq!(retry.status, 202, "{}", retry.body);
    world.decision("lost").await;
    world.end().await;
}

#[tokio::test]
async fn a_crash_while_scoring_loses_nothing_and_counts_once() {
    let visibility_timeout = Some(Duration::from_secs(1));
    let world = World::with(SuiteConfig { visibility_timeout, ..SuiteConfig::default() }).await;
    for (operation, id) in [("BatchGetItem", "before"), ("TransactWriteItems", "during")] {
        world.suite.faults().delay("dynamodb", operation, Duration::from_secs(3), 1);
        let mut payment = transaction(id);
        payment["sender"]["account"] = "s".into();
        payment["receiver"]["account"] = "r".into();
        payment["receiver"]["bank"] = BANK.into();
        assert_eq!(world.post(&payment).await.status, 202);
        tokio::time::sleep(Duration::from_millis(400)).await;
        world.suite.kill_function("score");
        world.decision(id).await;
    }
    assert_eq!(counted(&world, "probe", "s", "r").await, 2.0);
    world.end().await;
}

#[tokio::test]
async fn throttled_writes_are_retried() {
    let world = World::new().await;
    world.suite.faults().fail("dynamodb", "TransactWriteItems", 500, 2);
    world.suite.faults().fail("dynamodb", "BatchGetItem", 500, 2);
    world.decide(&transaction("slow")).await;
    world.end().await;
}

#[tokio::test]
async fn one_busy_account_loses_nothing() {
    let world = World::new().await;
    let lines: Vec<String> = (0..200)
        .map(|n| {
            let mut payment = transaction(&format!("busy-{n}"));
            payment["receiver"]["account"] = "hub".into();
            payment["receiver"]["bank"] = BANK.into();
            payment["timestamp"] = format!("2026-01-05T10:{:02}:{:02}Z", n / 60, n % 60).into();
            payment.to_string()
        })
        .collect();
    let reply = world.post_raw("application/x-ndjson", lines.join("\n")).await;
    assert_eq!(reply.status, 207);
    for n in 0..200 {
        world.decision(&format!("busy-{n}")).await;
    }
    let mut probe = risky("probe");
    probe["receiver"]["account"] = "hub".into();
    probe["receiver"]["bank"] = BANK.into();
    probe["timestamp"] = "2026-01-05T10:04:00Z".into();
    world.decide(&probe).await;
    let alert = world.get("/api/v1/alerts/al_probe").await.body;
    let payers = alert["evidence"]["features"]["receiver_in_new_5w"].as_f64().unwrap();
    assert_eq!(payers, 200.0);
    world.end().await;
}

#[tokio::test]
async fn what_was_accepted_is_decided_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let config = || SuiteConfig { data_dir: Some(dir.path().to_owned()), ..SuiteConfig::default() };
    let world = World::with(config()).await;
    world.decide(&transaction("kept")).await;
    // Accepted, but the suite ends before anyone scores it.
    world.suite.faults().delay("dynamodb", "BatchGetItem", Duration::from_secs(60), 20);
    assert_eq!(world.post(&transaction("pending")).await.status, 202);
    world.end().await;
    let world = World::with(config()).await;
    world.decision("pending").await;
    world.decision("kept").await;
    world.end().await;
}

#[tokio::test]
async fn sums_over_years_stay_within_dynamodbs_digits() {
    let world = World::new().await;
    for n in 0..60_u32 {
        let mut payment = risky(&format!("n-{n}"));
        payment["sender"]["account"] = "old".into();
        payment["receiver"]["account"] = "friend".into();
        payment["receiver"]["bank"] = BANK.into();
        payment["amount"] = ["9999999999999.99", "0.01", "123.45"][n as usize % 3].into();
        let (year, month) = (2019 + n / 12, 1 + n % 12);
        payment["timestamp"] = format!("{year}-{month:02}-17T11:13:17.123456789Z").into();
        world.decide(&payment).await;
    }
    assert_eq!(counted(&world, "probe", "old", "friend").await, 60.0);
    world.end().await;
}
