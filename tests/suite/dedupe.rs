//! One open alert per account and typology: later hits join it, while more severe hits and new
//! typologies open their own.

use journeys::{World, risky};
use serde_json::{Value, json};

/// A payment from one account to a country under the FATF's call for action, too small for any other
/// rule.
fn from_one_account(msg_id: &str, time: &str) -> Value {
    let mut payment = risky(msg_id);
    payment["sender"]["account"] = "smuggler".into();
    payment["receiver"]["account"] = "collector".into();
    payment["amount"] = "151.37".into();
    payment["timestamp"] = time.into();
    payment
}

async fn alert_ids(world: &World) -> Vec<Value> {
    let listed = world.get("/api/v1/alerts").await.body;
    let alerts = listed["alerts"].as_array().cloned().unwrap_or_default();
    alerts.into_iter().map(|alert| alert["alert_id"].clone()).collect()
}

#[tokio::test]
async fn later_hits_join_the_open_alert_once() {
    let world = World::new().await;
    let first = world.decide(&from_one_account("d-1", "2026-01-05T10:00:00Z")).await;
    assert_eq!((&first["alert_id"], &first["attached"]), (&json!("al_d-1"), &Value::Null));
    let later = from_one_account("d-2", "2026-01-05T12:00:00Z");
    let second = world.decide(&later).await;
    assert_eq!(second["alert"], true);
    assert_eq!((&second["alert_id"], &second["attached"]), (&json!("al_d-1"), &json!(true)));
    assert_eq!(world.decide(&later).await, second, "the same again is answered, not counted");

    assert_eq!(alert_ids(&world).await, [json!("al_d-1")]);
    let file = world.get("/api/v1/alerts/al_d-1").await.body;
    assert_eq!(file["alert"]["hits"], 1);
    let severity = match first["risk_score"].as_f64().unwrap() {
        risk if risk < 0.5 => "medium",
        risk if risk < 0.9 => "high",
        _ => "critical",
    };
    assert_eq!(file["alert"]["severity"], severity, "{first}");
    assert_eq!(file["hits"][0]["msg_id"], "d-2");
    assert_eq!(file["hits"][0]["score"], second["risk_score"]);
    world.end().await;
}

#[tokio::test]
async fn after_the_cooldown_a_new_alert_opens() {
    let world = World::new().await;
    world.decide(&from_one_account("c-1", "2026-01-05T10:00:00Z")).await;
    let next_day = world.decide(&from_one_account("c-2", "2026-01-06T10:00:01Z")).await;
    assert_eq!((&next_day["alert_id"], &next_day["attached"]), (&json!("al_c-2"), &Value::Null));
    // From now on hits join the new alert.
    let hit = world.decide(&from_one_account("c-3", "2026-01-06T11:00:00Z")).await;
    assert_eq!(hit["alert_id"], "al_c-2");
    world.end().await;
}

#[tokio::test]
async fn simultaneous_hits_open_one_alert() {
    let world = World::new().await;
    let payments: Vec<Value> =
        (0..4).map(|n| from_one_account(&format!("s-{n}"), "2026-01-05T10:00:00Z")).collect();
    let decisions: Vec<Value> =
        futures_util::future::join_all(payments.iter().map(|payment| world.decide(payment))).await;
    let opened: Vec<_> = decisions.iter().filter(|d| d["attached"] != true).collect();
    assert_eq!(opened.len(), 1, "{decisions:#?}");
    let id = opened[0]["alert_id"].as_str().unwrap();
    assert!(decisions.iter().all(|decision| decision["alert_id"] == id));
    let file = world.get(&format!("/api/v1/alerts/{id}")).await.body;
    assert_eq!(file["alert"]["hits"], 3);
    assert_eq!(file["hits"].as_array().unwrap().len(), 3);
    world.end().await;
}
