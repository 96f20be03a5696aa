//! What users do: a client posts a transaction and reads its decision; an analyst sees the alert and
//! has it explained.

use std::time::Duration;

use futures_util::StreamExt as _;
use journeys::{World, eventually, risky, transaction};
use serde_json::Value;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::test]
async fn a_quiet_transaction_is_decided_without_an_alert() {
    let world = World::new().await;
    let rent = |month: u32| {
        let mut rent = transaction(&format!("rent-{month}"));
        rent["timestamp"] = format!("2026-{month:02}-03T09:00:00Z").into();
        rent["sender"]["account"] = "tenant".into();
        rent["receiver"]["account"] = "landlord".into();
        rent
    };
    for month in 1..=6 {
        world.decide(&rent(month)).await;
    }
    let before = world.get("/api/v1/alerts").await.body;
    let reply = world.post(&rent(7)).await;
    assert_eq!(reply.status, 202);
    assert_eq!(reply.body["status"], "received");
    assert_eq!(reply.headers["location"], "/api/v1/transactions/rent-7");
    let decision = world.decision("rent-7").await;
    assert_eq!((&decision["alert"], &decision["level"]), (&false.into(), &"model".into()));
    assert!(decision["risk_score"].as_f64().unwrap() < 0.5);
    for version in ["core", "rules", "model", "features"] {
        assert!(!decision["versions"][version].as_str().unwrap().is_empty());
    }
    assert_eq!(world.get("/api/v1/alerts").await.body, before);
    world.end().await;
}

#[tokio::test]
async fn a_risky_transaction_becomes_an_alert_with_evidence() {
    let world = World::new().await;
    let decision = world.decide(&risky("iran")).await;
    assert_eq!((&decision["alert"], &decision["level"]), (&true.into(), &"rules".into()));
    assert_eq!(decision["typologies"][0], "high_risk_jurisdiction");
    // The rule alerts regardless of the score.
    let score = decision["risk_score"].as_f64().unwrap();
    let path = format!("/api/v1/alerts?status=open&min_score={score}");
    let alerts = world.get(&path).await.body;
    assert_eq!(alerts["alerts"][0]["alert_id"], "al_iran");
    let alert = world.get("/api/v1/alerts/al_iran").await.body;
    assert_eq!(alert["decision"], decision);
    let rules = alert["evidence"]["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "high-risk-country"));
    assert!(alert["evidence"]["features"]["high_risk_country"] == 1.0);
    world.end().await;
}

#[tokio::test]
async fn small_payments_among_friends_are_cleared_by_rule() {
    let world = World::new().await;
    let mut last = Value::Null;
    for n in 0..7 {
        let mut payment = transaction(&format!("coffee-{n}"));
        payment["sender"]["account"] = "ann".into();
        payment["receiver"]["account"] = "cafe".into();
        payment["amount"] = "3.20".into();
        payment["timestamp"] = format!("2026-01-0{}T09:00:00Z", n + 1).into();
        last = world.decide(&payment).await;
    }
    assert_eq!((&last["level"], &last["alert"]), (&"rules".into(), &false.into()));
    assert_eq!(last["risk_score"], 0.0);
    world.end().await;
}

#[tokio::test]
async fn alerts_are_listed_in_pages_and_by_filter() {
    let world = World::new().await;
    for n in 0..7 {
        world.decide(&risky(&format!("p-{n}"))).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/alerts?limit=3".to_owned();
    loop {
        let page = world.get(&path).await.body;
        let alerts = page["alerts"].as_array().unwrap();
        seen.extend(alerts.iter().map(|a| a["msg_id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["cursor"].as_str() else { break };
        path = format!("/api/v1/alerts?limit=3&cursor={}", cursor.replace('#', "%23"));
    }
    assert_eq!(seen, ["p-6", "p-5", "p-4", "p-3", "p-2", "p-1", "p-0"]);
    let none = world.get("/api/v1/alerts?typology=fan_in").await.body;
    assert_eq!(none["alerts"], Value::Array(vec![]));
    let by_typology = world.get("/api/v1/alerts?typology=high_risk_jurisdiction").await.body;
    assert_eq!(by_typology["alerts"].as_array().unwrap().len(), 7);
    // To fill a gap: everything after the last sequence seen, oldest first.
    let sequence = by_typology["alerts"][2]["sequence"].as_str().unwrap().replace('#', "%23");
    let missed = world.get(&format!("/api/v1/alerts?after={sequence}")).await.body;
    let missed: Vec<_> =
        missed["alerts"].as_array().unwrap().iter().map(|a| &a["msg_id"]).collect();
    assert_eq!(missed, ["p-5", "p-6"]);
    world.end().await;
}

#[tokio::test]
async fn an_alert_reaches_a_listener_live_and_a_ticket_works_once() {
    let world = World::new().await;
    let request = world.http.post(world.url("/api/v1/stream-tickets"));
    let ticket = world.send(request).await;
    assert_eq!(ticket.status, 201);
    let url =
        format!("{}?ticket={}", world.suite.ws_url(), ticket.body["ticket"].as_str().unwrap());
    let (mut socket, _) = connect_async(&url).await.unwrap();
    world.decide(&risky("live")).await;
    let message = loop {
        let next = tokio::time::timeout(Duration::from_secs(30), socket.next()).await;
        if let Message::Text(text) = next.expect("a push in time").expect("open").unwrap() {
            break serde_json::from_str::<Value>(&text).unwrap();
        }
    };
    assert_eq!(message["type"], "alert");
    assert_eq!(message["alert"]["alert_id"], "al_live");
    let listed = world.get("/api/v1/alerts").await.body;
    assert_eq!(listed["alerts"][0], message["alert"]);
    // Neither a used ticket nor a missing one is admitted.
    for url in [url.as_str(), world.suite.ws_url().as_str()] {
        match connect_async(url).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 401),
            other => panic!("expected a refusal, got {other:?}"),
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_listener_that_left_does_not_hold_up_the_others() {
    let world = World::new().await;
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let request = world.http.post(world.url("/api/v1/stream-tickets"));
        let ticket = world.send(request).await.body["ticket"].as_str().unwrap().to_owned();
        let url = format!("{}?ticket={ticket}", world.suite.ws_url());
        sockets.push(connect_async(&url).await.unwrap().0);
    }
    drop(sockets.remove(0));
    world.decide(&risky("second")).await;
    let next = tokio::time::timeout(Duration::from_secs(30), sockets[0].next()).await;
    assert!(next.expect("a push in time").expect("open").unwrap().is_text());
    world.end().await;
}

#[tokio::test]
async fn an_alert_is_explained_once_and_the_same_for_all() {
    let world = World::new().await;
    world.decide(&risky("why")).await;
    let path = "/api/v1/alerts/al_why/explanation";
    let ask = || async { world.send(world.http.post(world.url(path))).await };
    let first = ask().await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.body["source"], "template");
    let text = first.body["text"].as_str().unwrap();
    assert!(text.contains("call for action") && text.contains("5,000 GBP"), "{text}");
    assert_eq!(ask().await.body, first.body);
    assert_eq!(world.get("/api/v1/alerts/al_why").await.body["explanation"], first.body);
    let unknown = world.http.post(world.url("/api/v1/alerts/al_none/explanation"));
    assert_eq!(world.send(unknown).await.status, 404);
    world.end().await;
}

#[tokio::test]
async fn a_batch_is_answered_item_by_item() {
    let world = World::new().await;
    let mut lines: Vec<String> =
        (0..25).map(|n| transaction(&format!("b-{n}")).to_string()).collect();
    lines[3] = "{\"msg_id\": broken".to_owned();
    lines[7] = lines[7].replace("120.50", "-1");
    let reply = world.post_raw("application/x-ndjson", lines.join("\n")).await;
    assert_eq!(reply.status, 207);
    let items = reply.body["items"].as_array().unwrap();
    let statuses: Vec<_> = items.iter().map(|item| item["status_code"].as_u64().unwrap()).collect();
    assert_eq!(statuses.len(), 25);
    assert_eq!((statuses[3], statuses[7]), (400, 422));
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 23);
    for n in [0, 12, 24] {
        world.decision(&format!("b-{n}")).await;
    }
    let array = Value::Array(vec![transaction("b-0"), transaction("b-100")]);
    let reply = world.post(&array).await;
    assert_eq!(reply.body["items"][0]["replayed"], true);
    assert_eq!(reply.body["items"][1]["replayed"], false);
    let many = vec!["{}"; 501].join("\n");
    assert_eq!(world.post_raw("application/x-ndjson", many).await.status, 413);
    world.end().await;
}

#[tokio::test]
async fn the_guard_runs_and_the_budget_is_shown() {
    let world = World::new().await;
    let guard = world.suite.invoke("budget-guard", serde_json::json!({})).await.unwrap();
    assert!(guard.is_object() || guard.is_null() || guard.is_array(), "{guard}");
    let budget = world.get("/api/v1/budget").await.body;
    assert_eq!((&budget["gate"], &budget["spent_micro_usd"]), (&"open".into(), &0.into()));
    assert_eq!(budget["left_micro_usd"], budget["budget_micro_usd"]);
    let metrics = eventually(|| async {
        let text = world.get("/metrics").await.body.as_str().unwrap_or_default().to_owned();
        text.contains("budget_left_micro_usd").then_some(text)
    })
    .await;
    assert!(metrics.contains("budget_gate_closed"));
    world.end().await;
}

#[tokio::test]
async fn a_request_is_followed_from_post_to_push_without_personal_data() {
    let world = World::new().await;
    let mut payment = risky("traced");
    payment["sender"]["account"] = "GB29NWBK60161331926819".into();
    payment["sender"]["name"] = "Ada Lovelace".into();
    payment["purpose"] = "for the analytical engine".into();
    let reply = world.post(&payment).await;
    let request_id = reply.headers["x-request-id"].to_str().unwrap().to_owned();
    world.decision("traced").await;
    // Cause errors too: that is where payloads tend to leak.
    world.suite.send_to_queue(&payment.to_string()).await.unwrap();
    world.post_raw("application/json", payment.to_string().replace("GBP", "gbp")).await;
    let said = |function: &str, what: &str| {
        let logs = world.suite.logs();
        logs.iter().any(|(name, line)| name == function && line.contains(what))
    };
    for function in ["score", "alert-push"] {
        eventually(|| async { said(function, &request_id).then_some(()) }).await;
    }
    eventually(|| async { said("score", "Could not score message").then_some(()) }).await;
    eventually(|| async { said("ingest", "Rejected a transaction").then_some(()) }).await;
    let metrics = world.get("/metrics").await.body.to_string();
    for secret in ["GB29NWBK60161331926819", "Lovelace", "analytical", "traced-to"] {
        for (function, line) in world.suite.logs() {
            assert!(!line.contains(secret), "{function}: {line}");
        }
        assert!(!metrics.contains(secret));
    }
    world.end().await;
}
