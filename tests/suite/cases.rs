//! Cases: opened from alerts, worked on by several people, merged, linked, escalated and closed, with
//! every step kept.

use journeys::{Reply, World, risky};
use serde_json::{Value, json};
use suite::SuiteConfig;

struct Desk {
    world: World,
    ann: String,
    /// May approve.
    sam: String,
}

impl Desk {
    /// A desk with an alert `al_{id}` for each id.
    async fn with_alerts(ids: &[&str]) -> Self {
        let mut world = World::with(SuiteConfig { auth: true, ..SuiteConfig::default() }).await;
        let token = |who: &str, scopes: &[&str]| world.suite.token_of(who, "main", scopes, 600);
        let ann = token("ann", &["alerts:read", "alerts:work"]);
        let sam = token("sam", &["alerts:read", "alerts:work", "alerts:approve"]);
        let scopes = world.suite.scopes();
        let everything = world.suite.token("main", &scopes, 600);
        world.use_token(everything);
        for id in ids {
            world.decide(&risky(id)).await;
        }
        Self { world, ann, sam }
    }

    async fn post(&self, token: &str, path: &str, body: Value, key: Option<&str>) -> Reply {
        let mut request = self.world.http.post(self.world.url(path)).json(&body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.world.send_as(token, request).await
    }

    async fn open(&self, alerts: &[&str]) -> String {
        let body = json!({"title": "A mule", "alerts": alerts, "note": "same device"});
        let reply = self.post(&self.ann, "/api/v1/cases", body, None).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.body["case_id"].as_str().unwrap().to_owned()
    }

    async fn step(&self, token: &str, id: &str, step: Value) -> Reply {
        self.post(token, &format!("/api/v1/cases/{id}/steps"), step, None).await
    }

    async fn case(&self, id: &str) -> Value {
        self.world.get(&format!("/api/v1/cases/{id}")).await.body
    }

    /// Ticks every item of the checklist; returns the version after it.
    async fn check_all(&self, id: &str) -> u64 {
        let mut case = self.case(id).await["case"].clone();
        for item in case["checklist"].clone().as_array().unwrap() {
            let step = json!({"version": case["version"], "step": "check", "item": item["code"],
                              "done": true, "finding": "looked at"});
            case = self.step(&self.ann, id, step).await.body;
        }
        case["version"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn a_case_goes_from_alerts_to_its_end_with_every_step_kept() {
    let desk = Desk::with_alerts(&["one", "two"]).await;
    let id = desk.open(&["al_one", "al_two"]).await;
    let file = desk.case(&id).await;
    assert_eq!(file["alerts"][1]["case_id"], id.as_str());
    assert_eq!(file["case"]["assignee"], "ann");
    let items = file["case"]["checklist"].as_array().unwrap();
    assert!(items.iter().any(|item| item["code"] == "jurisdiction"), "{items:?}");
    let attach = json!({"version": 1, "step": "attach", "name": "invoice", "reference": "dms:17",
                        "sha256": "a".repeat(64)});
    assert_eq!(desk.step(&desk.ann, &id, attach).await.status, 200);
    let close = |version: u64| {
        let note = "no documents";
        json!({"version": version, "step": "close", "outcome": "founded", "note": note})
    };
    assert_eq!(desk.step(&desk.ann, &id, close(2)).await.status, 422);
    let version = desk.check_all(&id).await;
    let escalate = json!({"version": version, "step": "escalate", "note": "large"});
    assert_eq!(desk.step(&desk.ann, &id, escalate).await.body["status"], "escalated");
    // Whoever investigated does not decide about an escalated case.
    assert_eq!(desk.step(&desk.ann, &id, close(version + 1)).await.status, 403);
    let closed = desk.step(&desk.sam, &id, close(version + 1)).await;
    assert_eq!((closed.status, &closed.body["status"]), (200, &json!("closed")));
    let file = desk.case(&id).await;
    let events = file["events"].as_array().unwrap();
    assert_eq!(events.len() as u64, version + 2);
    assert_eq!((&events[0]["step"], &events[0]["by"]), (&json!("open"), &json!("ann")));
    assert_eq!(events.last().unwrap()["by"], "sam");
    assert!(events.iter().all(|event| event["at"].is_string()));
    let list = |query: &str| format!("/api/v1/cases{query}");
    let ended = desk.world.get(&list("?ended=true")).await.body;
    assert_eq!(ended["cases"][0]["case_id"], id.as_str());
    assert_eq!(desk.world.get(&list("")).await.body["cases"], json!([]));
    desk.world.end().await;
}

#[tokio::test]
async fn an_alert_belongs_to_one_case_and_a_repeated_request_opens_one() {
    let desk = Desk::with_alerts(&["x", "y"]).await;
    let body = json!({"title": "Once", "alerts": ["al_x"]});
    let first = desk.post(&desk.ann, "/api/v1/cases", body.clone(), Some("k-1")).await;
    let again = desk.post(&desk.ann, "/api/v1/cases", body.clone(), Some("k-1")).await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.body, again.body);
    assert_eq!(desk.post(&desk.ann, "/api/v1/cases", body, None).await.status, 409);
    let id = first.body["case_id"].as_str().unwrap();
    let add = json!({"version": 1, "step": "add_alerts", "alerts": ["al_y"]});
    assert_eq!(desk.step(&desk.ann, id, add.clone()).await.body["alerts"][1], "al_y");
    assert_eq!(desk.step(&desk.ann, id, add).await.status, 409);
    let unknown = json!({"version": 2, "step": "add_alerts", "alerts": ["al_none"]});
    assert_eq!(desk.step(&desk.ann, id, unknown).await.status, 404);
    for (body, status) in [
        (json!({}), 400),
        (json!({"title": "", "alerts": ["al_y"]}), 422),
        (json!({"title": "None", "alerts": []}), 422),
        (json!({"title": "Unknown", "alerts": ["al_none"]}), 404),
    ] {
        assert_eq!(desk.post(&desk.ann, "/api/v1/cases", body, None).await.status, status);
    }
    let reader = desk.world.suite.token_of("ari", "main", &["alerts:read"], 600);
    let body = json!({"title": "No", "alerts": ["al_y"]});
    assert_eq!(desk.post(&reader, "/api/v1/cases", body, None).await.status, 403);
    // Another tenant has no such case.
    let other = desk.world.suite.token_of("ann", "other", &["alerts:read"], 600);
    let request = desk.world.http.get(desk.world.url(&format!("/api/v1/cases/{id}")));
    assert_eq!(desk.world.send_as(&other, request).await.status, 404);
    desk.world.end().await;
}

#[tokio::test]
async fn cases_are_linked_and_merged() {
    let desk = Desk::with_alerts(&["a", "b", "c"]).await;
    let one = desk.open(&["al_a"]).await;
    let two = desk.open(&["al_b"]).await;
    let three = desk.open(&["al_c"]).await;
    let link = json!({"version": 1, "step": "link", "to": three, "note": "same owner"});
    assert_eq!(desk.step(&desk.ann, &one, link).await.status, 200);
    assert_eq!(desk.case(&three).await["case"]["links"], json!([one]));
    let merge = json!({"version": 1, "step": "merge", "into": one, "note": "one story"});
    let merged = desk.step(&desk.ann, &two, merge).await;
    assert_eq!((merged.status, &merged.body["status"]), (200, &json!("merged")));
    let file = desk.case(&one).await;
    assert_eq!(file["case"]["alerts"], json!(["al_a", "al_b"]));
    assert_eq!(file["alerts"][1]["case_id"], one.as_str());
    assert_eq!(file["events"].as_array().unwrap().len(), 3);
    let note = json!({"version": 2, "step": "note", "note": "too late"});
    assert_eq!(desk.step(&desk.ann, &two, note).await.status, 409);
    desk.world.end().await;
}

#[tokio::test]
async fn of_two_people_on_one_case_the_second_is_told() {
    let desk = Desk::with_alerts(&["z"]).await;
    let id = desk.open(&["al_z"]).await;
    let note = |note: &str| json!({"version": 1, "step": "note", "note": note});
    let (a, b) = tokio::join!(
        desk.step(&desk.ann, &id, note("first")),
        desk.step(&desk.sam, &id, note("second"))
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(desk.case(&id).await["events"].as_array().unwrap().len(), 2);
    desk.world.end().await;
}
