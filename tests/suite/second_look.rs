//! The LLM's look as a second step: it holds up no decision, is recorded once whatever happens to its
//! message, and a payment that it raises reaches the listeners.

use std::time::Duration;

use futures_util::StreamExt as _;
use journeys::llm::{Behaviour, Llm, assessment};
use journeys::{World, eventually, transaction};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;

use crate::uncertain::config;

const SAYS: &str = "The payment of ACCOUNT_1 looks unusual.";

/// A message of score's queue, as ingest writes it.
fn message(payment: &Value) -> Value {
    let body = json!({
        "v": 1,
        "tenant": "main",
        "request_id": "r-1",
        "received_at": "2026-01-05T10:00:01.000000Z",
        "content_hash": "00ff",
        "transaction": payment,
    });
    record(&body)
}

fn record(body: &Value) -> Value {
    json!({"Records": [{"messageId": "m-1", "body": body.to_string(), "eventSource": "aws:sqs"}]})
}

/// The request for a look, as score writes it.
fn asks(msg_id: &str) -> Value {
    record(&json!({"v": 1, "tenant": "main", "msg_id": msg_id, "request_id": "r-1"}))
}

async fn world(llm: &Llm) -> World {
    World::with(config(Some(llm), &[])).await
}

/// Waits until the decision no longer waits for the look.
async fn looked_at(world: &World, msg_id: &str) -> Value {
    eventually(|| async {
        let decision = world.decision(msg_id).await;
        (decision["review"] != "second_look").then_some(decision)
    })
    .await
}

async fn listed(world: &World, queue: &str) -> Vec<Value> {
    let path = format!("/api/v1/alerts?queue={queue}&min_score=0");
    world.get(&path).await.body["alerts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_decision_comes_first_and_what_the_llm_raises_is_pushed() {
    let slow = Behaviour::SaysLate(Duration::from_secs(3), assessment(true, SAYS));
    let llm = Llm::start(slow).await;
    let world = world(&llm).await;
    let ticket = world.send(world.http.post(world.url("/api/v1/stream-tickets"))).await.body;
    let url = format!("{}?ticket={}", world.suite.ws_url(), ticket["ticket"].as_str().unwrap());
    let (mut socket, _) = connect_async(&url).await.unwrap();

    let request = world.http.post(world.url("/api/v1/transactions")).header("prefer", "wait=15");
    let first = world.send(request.json(&transaction("slow"))).await.body;
    assert_eq!((&first["review"], &first["alert"]), (&json!("second_look"), &json!(false)));
    let reviews = listed(&world, "reviews").await;
    assert_eq!(reviews[0]["alert_id"], "al_slow");

    let raised = looked_at(&world, "slow").await;
    assert_eq!((&raised["level"], &raised["alert"]), (&json!("llm"), &json!(true)));
    assert_eq!(raised["alert_id"], first["alert_id"]);
    assert!(raised["reasons"].to_string().contains(SAYS), "{raised}");
    assert!(listed(&world, "reviews").await.is_empty());
    let alerts = listed(&world, "alerts").await;
    assert_eq!((&alerts[0]["alert_id"], &alerts[0]["level"]), (&json!("al_slow"), &json!("llm")));

    let pushed = tokio::time::timeout(Duration::from_secs(30), socket.next()).await;
    let pushed = pushed.expect("a push in time").expect("open").unwrap();
    let pushed: Value = serde_json::from_str(pushed.to_text().unwrap()).unwrap();
    assert_eq!(pushed["alert"], alerts[0]);
    assert_eq!(pushed["sequence"], alerts[0]["sequence"]);
    world.end().await;
}

#[tokio::test]
async fn a_look_that_is_asked_for_again_is_recorded_once() {
    let llm = Llm::start(Behaviour::assesses(true, SAYS)).await;
    let world = world(&llm).await;
    let first = world.decide(&transaction("again")).await;
    let spent = world.get("/api/v1/budget").await.body["spent_micro_usd"].clone();
    for _ in 0..2 {
        let (a, b) = tokio::join!(
            world.suite.invoke("second-look", asks("again")),
            world.suite.invoke("second-look", asks("again"))
        );
        for response in [a.unwrap(), b.unwrap()] {
            assert_eq!(response["batchItemFailures"], json!([]));
        }
    }
    assert_eq!(world.decision("again").await, first);
    assert_eq!(world.get("/api/v1/budget").await.body["spent_micro_usd"], spent);
    assert_eq!((llm.requests().len(), listed(&world, "alerts").await.len()), (1, 1));
    world.end().await;
}

#[tokio::test]
async fn two_workers_with_one_look_raise_one_alert() {
    let slow = Behaviour::SaysLate(Duration::from_millis(700), assessment(true, SAYS));
    let llm = Llm::start(slow).await;
    let world = world(&llm).await;
    let reply = world.post(&transaction("both")).await;
    assert_eq!(reply.status, 202);
    world.decision("both").await;
    let (a, b) = tokio::join!(
        world.suite.invoke("second-look", asks("both")),
        world.suite.invoke("second-look", asks("both"))
    );
    for response in [a.unwrap(), b.unwrap()] {
        assert_eq!(response["batchItemFailures"], json!([]));
    }
    assert_eq!(looked_at(&world, "both").await["alert"], true);
    assert_eq!(listed(&world, "alerts").await.len(), 1);
    let budget = world.get("/api/v1/budget").await.body;
    assert_eq!(budget["reserved_micro_usd"], 0);
    world.end().await;
}

#[tokio::test]
async fn if_the_queue_of_looks_refuses_the_payment_comes_again() {
    let llm = Llm::start(Behaviour::assesses(true, SAYS)).await;
    let world = world(&llm).await;
    // The SDK tries three times before it gives up.
    world.suite.faults().fail("sqs", "SendMessage", 500, 3);
    let event = message(&transaction("refused"));
    let response = world.suite.invoke("score", event.clone()).await.unwrap();
    assert_eq!(response["batchItemFailures"], json!([{"itemIdentifier": "m-1"}]));
    assert_eq!(world.decision("refused").await["review"], "second_look");
    assert_eq!(llm.requests().len(), 0);
    let response = world.suite.invoke("score", event).await.unwrap();
    assert_eq!(response["batchItemFailures"], json!([]));
    assert_eq!(looked_at(&world, "refused").await["alert"], true);
    world.end().await;
}

#[tokio::test]
async fn a_worker_that_dies_while_it_looks_is_replaced() {
    let slow = Behaviour::SaysLate(Duration::from_secs(60), assessment(true, SAYS));
    let llm = Llm::start(slow).await;
    let mut config = config(Some(&llm), &[]);
    config.visibility_timeout = Some(Duration::from_secs(2));
    let world = World::with(config).await;
    world.post(&transaction("dies")).await;
    eventually(|| async { (llm.requests().len() == 1).then_some(()) }).await;
    llm.behave(Behaviour::assesses(true, SAYS));
    world.suite.kill_function("second-look");
    assert_eq!(looked_at(&world, "dies").await["alert"], true);
    // The call of the dead worker stays charged until the guard reconciles it.
    let budget = world.get("/api/v1/budget").await.body;
    assert!(budget["reserved_micro_usd"].as_u64().unwrap() > 0, "{budget}");
    world.end().await;
}

#[tokio::test]
async fn a_restart_finds_the_looks_that_wait() {
    let slow = Behaviour::SaysLate(Duration::from_secs(60), assessment(true, SAYS));
    let llm = Llm::start(slow).await;
    let dir = tempfile::tempdir().unwrap();
    let config = || {
        let data_dir = Some(dir.path().to_owned());
        suite::SuiteConfig { data_dir, ..config(Some(&llm), &[]) }
    };
    let world = World::with(config()).await;
    world.post(&transaction("later")).await;
    eventually(|| async { (llm.requests().len() == 1).then_some(()) }).await;
    world.suite.kill_function("second-look");
    world.end().await;
    llm.behave(Behaviour::assesses(true, SAYS));
    let world = World::with(config()).await;
    assert_eq!(looked_at(&world, "later").await["alert"], true);
    world.end().await;
}

#[tokio::test]
async fn looks_of_one_account_join_one_alert() {
    let llm = Llm::start(Behaviour::assesses(true, SAYS)).await;
    let world = world(&llm).await;
    let payment = |n: usize| {
        let mut payment = transaction(&format!("joined-{n}"));
        payment["sender"]["account"] = "joiner".into();
        payment["receiver"]["account"] = format!("to-{n}").into();
        payment
    };
    for n in 0..3 {
        let decision = world.decide(&payment(n)).await;
        assert_eq!(decision["alert"], true);
        assert_eq!(decision["attached"].as_bool().unwrap_or_default(), n > 0);
        assert_eq!(decision["alert_id"], "al_joined-0");
    }
    let file = world.get("/api/v1/alerts/al_joined-0").await.body;
    assert_eq!(file["hits"].as_array().unwrap().len(), 2);
    assert_eq!(listed(&world, "alerts").await.len(), 1);
    world.end().await;
}
