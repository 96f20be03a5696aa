//! The work on alerts: conclusions with four eyes, two people on one alert, repeated requests, and what
//! listeners learn of it.

use std::time::Duration;

use futures_util::StreamExt as _;
use journeys::{Reply, World, risky};
use serde_json::{Value, json};
use suite::SuiteConfig;
use tokio_tungstenite::connect_async;

/// A world in which conclusions of alerts from this severity on need a second person.
struct Desk {
    world: World,
    ann: String,
    /// May approve.
    sam: String,
}

impl Desk {
    async fn with_four_eyes_from(severity: &str) -> Self {
        let parameters = [("FourEyesSeverity".to_owned(), severity.to_owned())].into();
        let config = SuiteConfig { auth: true, parameters, ..SuiteConfig::default() };
        let mut world = World::with(config).await;
        let token =
            |subject: &str, scopes: &[&str]| world.suite.token_of(subject, "main", scopes, 600);
        let ann = token("ann", &["alerts:read", "alerts:work"]);
        let sam = token("sam", &["alerts:read", "alerts:work", "alerts:approve"]);
        let scopes = world.suite.scopes();
        let everything = world.suite.token("main", &scopes, 600);
        world.use_token(everything);
        Self { world, ann, sam }
    }

    async fn take(&self, token: &str, id: &str, step: Value, key: Option<&str>) -> Reply {
        let path = match step["to"].is_null() {
            true => format!("/api/v1/alerts/{id}/disposition"),
            false => format!("/api/v1/alerts/{id}/assignment"),
        };
        let mut request = self.world.http.post(self.world.url(&path)).json(&step);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.world.send_as(token, request).await
    }

    async fn alert(&self, id: &str) -> Value {
        self.world.get(&format!("/api/v1/alerts/{id}")).await.body
    }

    async fn listed(&self, query: &str) -> Vec<String> {
        let page = self.world.get(&format!("/api/v1/alerts{query}")).await.body;
        let alerts = page["alerts"].as_array().unwrap_or_else(|| panic!("{page}"));
        alerts.iter().map(|alert| alert["alert_id"].as_str().unwrap().to_owned()).collect()
    }
}

fn harmless(version: u64) -> Value {
    json!({"version": version, "step": "dispose", "conclusion": "false_positive",
           "reason": "expected_activity"})
}

fn approve(version: u64) -> Value {
    json!({"version": version, "step": "approve"})
}

#[tokio::test]
async fn a_conclusion_closes_an_alert_and_is_kept_with_its_origin() {
    let desk = Desk::with_four_eyes_from("none").await;
    desk.world.decide(&risky("one")).await;
    let reply = desk.take(&desk.ann, "al_one", harmless(0), None).await;
    assert_eq!((reply.status, &reply.body["status"]), (200, &json!("closed")));
    assert_eq!(reply.body["disposition"]["origin"], json!({"line": "above", "level": "rules"}));
    let file = desk.alert("al_one").await;
    assert_eq!(file["alert"]["disposition"]["by"], "ann");
    assert_eq!(file["steps"][0]["step"], "dispose");
    assert_eq!(desk.listed("").await, [""; 0]);
    assert_eq!(desk.listed("?status=closed").await, ["al_one"]);
    // What the same account does next opens an alert of its own.
    let mut next = risky("two");
    next["sender"] = risky("one")["sender"].clone();
    assert_eq!(desk.world.decide(&next).await["alert_id"], "al_two");
    let note = json!({"version": 1, "step": "reopen", "note": "the documents were forged"});
    let reply = desk.take(&desk.ann, "al_one", note, None).await;
    assert_eq!((reply.status, &reply.body["status"]), (200, &json!("open")));
    assert!(reply.body["disposition"].is_null());
    assert_eq!(desk.listed("").await, ["al_two", "al_one"]);
    desk.world.end().await;
}

#[tokio::test]
async fn a_severe_alert_closes_only_with_a_second_person() {
    let desk = Desk::with_four_eyes_from("low").await;
    desk.world.decide(&risky("grave")).await;
    let reply = desk.take(&desk.sam, "al_grave", harmless(0), None).await;
    assert_eq!((reply.status, &reply.body["status"]), (200, &json!("awaiting_approval")));
    assert_eq!(desk.listed("?status=awaiting_approval").await, ["al_grave"]);
    assert_eq!(desk.take(&desk.sam, "al_grave", approve(1), None).await.status, 403);
    assert_eq!(desk.take(&desk.ann, "al_grave", approve(1), None).await.status, 403);
    let back = json!({"version": 1, "step": "reject", "note": "ask for the invoice"});
    let second = desk.world.suite.token_of("sue", "main", &["alerts:approve"], 600);
    assert_eq!(desk.take(&second, "al_grave", back, None).await.body["status"], "open");
    desk.take(&desk.ann, "al_grave", harmless(2), None).await;
    let closed = desk.take(&desk.sam, "al_grave", approve(3), None).await;
    assert_eq!(closed.body["status"], "closed");
    let disposition = &desk.alert("al_grave").await["alert"]["disposition"];
    assert_eq!((&disposition["by"], &disposition["approved_by"]), (&json!("ann"), &json!("sam")));
    desk.world.end().await;
}

#[tokio::test]
async fn of_two_people_on_one_alert_the_second_is_told() {
    let desk = Desk::with_four_eyes_from("none").await;
    desk.world.decide(&risky("both")).await;
    let suspicious = json!({"version": 0, "step": "dispose", "conclusion": "suspicious",
                            "note": "shell company"});
    let (a, b) = tokio::join!(
        desk.take(&desk.ann, "al_both", harmless(0), None),
        desk.take(&desk.sam, "al_both", suspicious, None)
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", a.body, b.body);
    let file = desk.alert("al_both").await;
    let first = if a.status == 200 { "ann" } else { "sam" };
    assert_eq!(file["alert"]["disposition"]["by"], first);
    assert_eq!(
        (&file["alert"]["version"], file["steps"].as_array().unwrap().len()),
        (&json!(1), 1)
    );
    desk.world.end().await;
}

#[tokio::test]
async fn a_repeated_request_takes_its_step_once() {
    let desk = Desk::with_four_eyes_from("none").await;
    desk.world.decide(&risky("again")).await;
    let first = desk.take(&desk.ann, "al_again", harmless(0), Some("k-1")).await;
    let again = desk.take(&desk.ann, "al_again", harmless(0), Some("k-1")).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    // Another key, another person and another step are not the same request.
    for (token, step, key) in [
        (&desk.ann, harmless(0), "k-2"),
        (&desk.sam, harmless(0), "k-1"),
        (&desk.ann, json!({"version": 0, "to": "bob"}), "k-1"),
    ] {
        assert_eq!(desk.take(token, "al_again", step, Some(key)).await.status, 409);
    }
    assert_eq!(desk.alert("al_again").await["alert"]["version"], 1);
    desk.world.end().await;
}

#[tokio::test]
async fn alerts_are_handed_on_and_listed_by_whose_they_are() {
    let desk = Desk::with_four_eyes_from("none").await;
    for id in ["x", "y"] {
        desk.world.decide(&risky(id)).await;
    }
    let assign = |to: &str| json!({"version": 0, "to": to});
    assert_eq!(desk.take(&desk.sam, "al_x", assign("ann"), None).await.body["assignee"], "ann");
    let mine = desk.world.http.get(desk.world.url("/api/v1/alerts?assignee=me"));
    let mine = desk.world.send_as(&desk.ann, mine).await.body;
    assert_eq!(mine["alerts"].as_array().unwrap().len(), 1);
    assert_eq!(desk.listed("?assignee=ann").await, ["al_x"]);
    assert_eq!(desk.listed("?account=GB%20y-from").await, ["al_y"]);
    assert_eq!(desk.listed("?min_amount=1000000").await, [""; 0]);
    assert_eq!(desk.listed("?min_amount=1000&level=rules").await, ["al_y", "al_x"]);
    assert_eq!(desk.world.get("/api/v1/alerts?severity=terrible").await.status, 400);
    desk.world.end().await;
}

#[tokio::test]
async fn a_faulty_step_changes_nothing() {
    let desk = Desk::with_four_eyes_from("none").await;
    desk.world.decide(&risky("keep")).await;
    let dispose = |conclusion: &str, note: &str| {
        let step = "dispose";
        json!({"version": 0, "step": step, "conclusion": conclusion, "note": note})
    };
    for (step, status) in [
        (json!({}), 400),
        (json!({"version": 0, "step": "assign"}), 400),
        (json!({"version": 0, "step": "dispose", "conclusion": "harmless"}), 400),
        (dispose("false_positive", "no reason"), 422),
        (dispose("suspicious", ""), 422),
        (dispose("suspicious", &"x".repeat(4_001)), 422),
        (json!({"version": 0, "step": "reopen", "note": "why not"}), 409),
        (harmless(7), 409),
    ] {
        let reply = desk.take(&desk.ann, "al_keep", step.clone(), None).await;
        assert_eq!(reply.status, status, "{step} {}", reply.body);
    }
    let reader = desk.world.suite.token_of("ari", "main", &["alerts:read"], 600);
    assert_eq!(desk.take(&reader, "al_keep", harmless(0), None).await.status, 403);
    assert_eq!(desk.take(&desk.ann, "al_none", harmless(0), None).await.status, 404);
    let alert = &desk.alert("al_keep").await["alert"];
    assert_eq!((&alert["status"], &alert["version"]), (&json!("open"), &json!(0)));
    // Of another tenant there is no such alert.
    let other = desk.world.suite.token_of("ann", "other", &["alerts:work"], 600);
    assert_eq!(desk.take(&other, "al_keep", harmless(0), None).await.status, 404);
    desk.world.end().await;
}

#[tokio::test]
async fn listeners_learn_of_each_step() {
    let desk = Desk::with_four_eyes_from("none").await;
    desk.world.decide(&risky("seen")).await;
    let ticket = desk.world.http.post(desk.world.url("/api/v1/stream-tickets"));
    let ticket = desk.world.send(ticket).await.body["ticket"].as_str().unwrap().to_owned();
    let url = format!("{}?ticket={ticket}", desk.world.suite.ws_url());
    let (mut socket, _) = connect_async(&url).await.unwrap();
    desk.take(&desk.ann, "al_seen", harmless(0), None).await;
    let changed = loop {
        let next = tokio::time::timeout(Duration::from_secs(30), socket.next()).await;
        let next = next.expect("a push in time").expect("open").unwrap();
        let message: Value = serde_json::from_str(next.to_text().unwrap()).unwrap();
        if message["type"] == "alert_changed" {
            break message;
        }
    };
    assert_eq!((&changed["alert_id"], &changed["by"]), (&json!("al_seen"), &json!("ann")));
    assert_eq!((&changed["status"], &changed["version"]), (&json!("closed"), &json!(1)));
    desk.world.end().await;
}
