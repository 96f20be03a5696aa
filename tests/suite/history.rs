//! History: its payments count as if they had been judged but never are, and an id stays what it was
//! first received as. Also live payments that arrive late, whose decisions say so.

use std::time::Duration;

use journeys::{Reply, World, eventually, risky, transaction};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use suite::SuiteConfig;

async fn bring_in(world: &World, payments: &[Value]) -> Reply {
    let lines: Vec<String> = payments.iter().map(Value::to_string).collect();
    let request = world.http.post(world.url("/api/v1/history"));
    let request = request.header(CONTENT_TYPE, "application/x-ndjson").body(lines.join("\n"));
    world.send(request).await
}

/// Sends payments as history and waits until they are counted.
pub(crate) async fn counted(world: &World, payments: &[Value]) {
    let reply = bring_in(world, payments).await;
    assert_eq!(reply.status, 207, "{}", reply.body);
    for payment in payments {
        let known = world.decision(payment["msg_id"].as_str().unwrap()).await;
        assert_eq!(known["status"], "history", "{known}");
    }
}

/// The complete stored state of accounts, pairs and parties. Sums of epochs that have decayed to
/// nothing are omitted, because it depends on the order of arrival when they are removed.
pub(crate) async fn state(world: &World) -> Vec<Value> {
    let request = json!({
        "TableName": "SentinelTable",
        "FilterExpression": "sk = :profile OR begins_with(sk, :pair)",
        "ExpressionAttributeValues": {":profile": {"S": "profile"}, ":pair": {"S": "to#"}},
    });
    let mut items =
        world.suite.dynamodb("Scan", request).await.unwrap()["Items"].as_array().cloned().unwrap();
    items.sort_by_key(|item| (item["pk"].to_string(), item["sk"].to_string()));
    for item in &mut items {
        let sums = item.as_object_mut().unwrap();
        let newest = |half_life: &str| {
            let epochs = sums.keys().filter_map(|name| epoch(name));
            epochs.filter(|(known, _)| *known == half_life).map(|(_, epoch)| epoch).max()
        };
        let newest: Vec<_> = ["h", "d", "w", "m"].map(|h| (h, newest(h))).into();
        sums.retain(|name, _| {
            let counts = |(half_life, epoch): (&str, i64)| {
                newest.iter().any(|(h, newest)| *h == half_life && Some(epoch + 1) >= *newest)
            };
            epoch(name).is_none_or(counts)
        });
    }
    items
}

/// Half-life and epoch in the name of a sum's attribute: in `ocd12`, epoch 12 of the half-life of a
/// day.
fn epoch(name: &str) -> Option<(&str, i64)> {
    let (half_life, epoch) = name.get(2..3).zip(name.get(3..))?;
    Some((half_life, epoch.parse().ok()?))
}

/// Deposits just below the reporting threshold, one a day.
fn structuring() -> Vec<Value> {
    let deposit = |day: u32| {
        json!({
            "msg_id": format!("smurf-{day}"),
            "timestamp": format!("2026-01-{day:02}T10:00:00Z"),
            "sender": {"account": "till", "bank_country": "US", "name": "A Till"},
            "receiver": {"account": "smurf", "bank_country": "US"},
            "amount": "9500.00", "currency": "USD", "payment_type": "cash_deposit"
        })
    };
    (5..13).map(deposit).collect()
}

#[tokio::test]
async fn history_counts_exactly_like_live_payments() {
    let mut payments = structuring();
    let last = payments.pop().unwrap();
    let all_live = World::new().await;
    for payment in &payments {
        all_live.decide(payment).await;
    }
    let history = World::new().await;
    // The order of arrival does not matter.
    payments.reverse();
    counted(&history, &payments).await;
    assert_eq!(state(&history).await, state(&all_live).await);
    let alerts = history.get("/api/v1/alerts").await.body;
    assert_eq!(alerts["alerts"], json!([]), "history opens no alerts");

    let (then, now) = (all_live.decide(&last).await, history.decide(&last).await);
    assert_eq!(now["alert"], true, "{now}");
    for part in ["risk_score", "level", "reasons", "typologies", "explanation", "versions"] {
        assert_eq!(now[part], then[part], "{part}");
    }
    all_live.end().await;
    history.end().await;
}

#[tokio::test]
async fn an_id_stays_what_it_was_first_received_as() {
    let world = World::new().await;
    let (old, new) = (risky("old"), risky("new"));
    counted(&world, std::slice::from_ref(&old)).await;
    let decision = world.decide(&new).await;
    let before = state(&world).await;

    // Each is sent again through the other operation, and the history through its own too.
    let known = world.post(&old).await;
    assert_eq!((known.status, &known.body["status"]), (200, &json!("history")));
    assert_eq!(known.headers["idempotency-replayed"], "true");
    assert!(known.body["counted_at"].is_string());
    let request = world.http.post(world.url("/api/v1/transactions")).header("prefer", "wait=15");
    assert_eq!(world.send(request.json(&old)).await.body, known.body, "nobody waits for nothing");
    let reply = bring_in(&world, &[old.clone(), new.clone()]).await;
    let item = |at: usize, part: &str| reply.body["items"][at][part].clone();
    assert_eq!((item(0, "status"), item(0, "status_code")), (json!("history"), json!(200)));
    assert_eq!((item(1, "status"), item(1, "status_code")), (json!("received"), json!(202)));
    assert_eq!((item(0, "replayed"), item(1, "replayed")), (json!(true), json!(true)));
    assert_eq!(world.decision("new").await, decision);

    // Other content is refused by either operation.
    let changed = |payment: &Value| {
        let mut changed = payment.clone();
        changed["amount"] = "5000.01".into();
        changed
    };
    let reply = bring_in(&world, &[changed(&old), changed(&new)]).await;
    for item in reply.body["items"].as_array().unwrap() {
        assert_eq!((&item["status"], &item["status_code"]), (&json!("refused"), &json!(409)));
    }
    assert_eq!(world.post(&changed(&old)).await.status, 409);

    assert_eq!(state(&world).await, before, "each counted once");
    let alerts = world.get("/api/v1/alerts").await.body;
    let ids: Vec<_> = alerts["alerts"].as_array().unwrap().iter().map(|a| &a["msg_id"]).collect();
    assert_eq!(ids, ["new"]);
    assert_eq!(world.get("/api/v1/transactions/old?rules=all").await.status, 409);
    assert!(world.get("/metrics").await.body.to_string().contains("history_posted_live_total"));
    world.end().await;
}

#[tokio::test]
async fn each_line_is_answered_and_limits_are_enforced() {
    let mut world = World::with(SuiteConfig { auth: true, ..SuiteConfig::default() }).await;
    let token = |scopes: &[&str]| world.suite.token("main", scopes, 600);
    let (history, live) = (token(&["history:write"]), token(&["transactions:write"]));
    world.use_token(live);
    assert_eq!(bring_in(&world, &[transaction("h-0")]).await.status, 403);
    world.use_token(history);
    assert_eq!(world.post(&transaction("h-0")).await.status, 403);

    let mut faulty = transaction("h-1");
    faulty["amount"] = "-1".into();
    faulty["currency"] = "pounds".into();
    let mut ancient = transaction("h-2");
    ancient["timestamp"] = "2003-12-31T23:59:59+01:00".into();
    let reply = bring_in(&world, &[transaction("h-0"), faulty, ancient]).await;
    assert_eq!(reply.status, 207);
    let items = reply.body["items"].as_array().unwrap();
    let codes: Vec<_> = items.iter().map(|item| item["status_code"].as_u64().unwrap()).collect();
    assert_eq!(codes, [202, 422, 202]);
    assert_eq!(items[1]["problem"]["errors"].as_array().unwrap().len(), 2);
    assert_eq!(items[0]["status"], "history");

    let send = |content_type: &'static str, body: String| {
        let request = world.http.post(world.url("/api/v1/history"));
        world.send(request.header(CONTENT_TYPE, content_type).body(body))
    };
    let many = send("application/x-ndjson", vec!["{}"; 501].join("\n")).await;
    assert_eq!(many.status, 413);
    assert!(many.body["detail"].as_str().unwrap().contains("500"));
    let large = send("application/x-ndjson", " ".repeat(2 * 1024 * 1024 + 1)).await;
    assert_eq!(large.status, 413);
    assert!(large.body["detail"].as_str().unwrap().contains("2097152"));
    assert_eq!(send("application/json", "[]".to_owned()).await.status, 415);
    assert_eq!(send("application/x-ndjson", "\n".to_owned()).await.status, 400);
    world.end().await;
}

#[tokio::test]
async fn crashes_and_duplicates_do_not_change_the_counts() {
    let calm = World::new().await;
    let payments = structuring();
    counted(&calm, &payments).await;
    let expected = state(&calm).await;
    calm.end().await;

    let visibility_timeout = Some(Duration::from_secs(1));
    let world = World::with(SuiteConfig { visibility_timeout, ..SuiteConfig::default() }).await;
    for (at, operation) in [(0, "BatchGetItem"), (4, "TransactWriteItems")] {
        world.suite.faults().delay("dynamodb", operation, Duration::from_secs(3), 2);
        assert_eq!(bring_in(&world, &payments[at..at + 4]).await.status, 207);
        tokio::time::sleep(Duration::from_millis(400)).await;
        world.suite.kill_function("score");
        assert_eq!(bring_in(&world, &payments[at..at + 4]).await.status, 207);
        counted(&world, &payments[at..at + 4]).await;
    }
    eventually(|| async { (state(&world).await == expected).then_some(()) }).await;
    world.end().await;
}

#[tokio::test]
async fn history_that_was_accepted_is_counted_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let config = || SuiteConfig { data_dir: Some(dir.path().to_owned()), ..SuiteConfig::default() };
    let world = World::with(config()).await;
    world.suite.faults().delay("dynamodb", "BatchGetItem", Duration::from_secs(60), 20);
    assert_eq!(bring_in(&world, &[risky("pending")]).await.status, 207);
    assert_eq!(world.get("/api/v1/transactions/pending").await.status, 202);
    world.end().await;
    let world = World::with(config()).await;
    assert_eq!(world.decision("pending").await["status"], "history");
    assert_eq!(world.get("/api/v1/alerts").await.body["alerts"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn a_late_payment_is_judged_as_of_its_own_time_and_says_so() {
    let world = World::new().await;
    let payment = |id: &str, at: &str, to: &str| {
        json!({
            "msg_id": id, "timestamp": at, "amount": "9500.00", "currency": "USD",
            "sender": {"account": "late", "bank_country": "US"},
            "receiver": {"account": to, "bank_country": "IR"}, "payment_type": "transfer"
        })
    };
    let live = world.decide(&payment("live", "2026-06-01T10:00:00Z", "new")).await;
    assert_eq!(live["late"], Value::Null);
    let first = world.decide(&payment("first", "2024-01-10T10:00:00Z", "r-0")).await;
    let days = 873 * 86_400;
    let by = |approximate: bool, by_seconds: u64| {
        let account = "sender";
        json!({"account": account, "by_seconds": by_seconds, "approximate": approximate})
    };
    assert_eq!(first["late"], by(false, days), "as of then it was the account's first");
    let second = world.decide(&payment("second", "2024-01-11T10:00:00Z", "r-1")).await;
    assert_eq!(second["late"], by(true, days - 86_400));
    let told = "as they hold what came later on its own day and may lack the oldest.";
    assert!(second["explanation"].as_str().unwrap().contains("about 872 days after newer"));
    assert!(second["explanation"].as_str().unwrap().ends_with(told), "{second}");

    let id = second["alert_id"].as_str().unwrap();
    let path = if second["attached"] == true { "first".to_owned() } else { id.replace("al_", "") };
    let alert = world.get(&format!("/api/v1/alerts/al_{path}")).await.body;
    let features = alert["evidence"]["features"].as_object().unwrap();
    assert!(features["sender_days_since_out"].as_f64().unwrap() < 2.0, "{features:?}");
    assert!(alert["evidence"]["facts"]["late"].is_object());
    world.end().await;
}
