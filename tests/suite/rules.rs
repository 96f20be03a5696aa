//! The life of rule sets on a running suite: they are drafted, tried in the shadow, put live by a
//! second person and rolled back. Also the explanation of every rule in a decision.

use journeys::{Reply, World, eventually, risky, transaction};
use serde_json::{Value, json};
use suite::SuiteConfig;

use crate::bank::Bank;

const SETS: &str = "/api/v1/rule-sets";

/// A rule set that alerts on every payment over a hundred.
pub(crate) fn eager(version: &str) -> Value {
    json!({
        "version": version, "description": "A journey's own.", "lines": { "alert": 0.5, "review": 0.4 },
        "rules": [{
            "id": "any-large", "typology": "single_large", "effect": "alert", "points": 100,
            "account": "sender", "when": "amount > 100.0", "params": {},
            "sentence": "A payment of {amount}.", "source": "This test"
        }]
    })
}

#[tokio::test]
async fn a_decision_explains_every_rule() {
    let world = World::new().await;
    let decision = world.decide(&risky("all-1")).await;
    let explained = world.get("/api/v1/transactions/all-1?rules=all").await.body;
    let rules = explained["rules"].as_array().unwrap();
    let fired: Vec<&str> = rules
        .iter()
        .filter(|rule| rule["fired"] == true)
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let reasons = decision["reasons"].as_array().unwrap();
    let named: Vec<&str> = reasons.iter().filter_map(|reason| reason["code"].as_str()).collect();
    assert!(!fired.is_empty() && fired.iter().all(|id| named.contains(id)), "{fired:?} {named:?}");
    assert!(rules.len() > 50, "{}", rules.len());
    for rule in rules.iter().filter(|rule| rule["fired"] == false) {
        assert!(!rule["why_not"]["text"].as_str().unwrap().is_empty(), "{rule}");
        assert!(rule["conditions"].as_array().unwrap().iter().any(|c| c["holds"] == false));
    }
    // Without `rules=all` the answer is the decision as it was stored.
    assert_eq!(world.get("/api/v1/transactions/all-1").await.body, decision);
    assert_eq!(world.get("/api/v1/transactions/all-1?rules=some").await.status, 400);
    world.end().await;
}

#[tokio::test]
async fn rules_are_explained_to_those_who_work_alerts() {
    let mut world = World::with(SuiteConfig { auth: true, ..SuiteConfig::default() }).await;
    world.use_token(world.suite.token("main", &["transactions:write"], 60));
    world.decide(&transaction("sender-1")).await;
    assert_eq!(world.get("/api/v1/transactions/sender-1").await.status, 200);
    assert_eq!(world.get("/api/v1/transactions/sender-1?rules=all").await.status, 403);
    assert_eq!(world.get(SETS).await.status, 403);
    world.end().await;
}

#[tokio::test]
async fn a_rule_set_goes_live_through_the_shadow_and_a_second_person() {
    let bank = Bank::over(SETS).await;
    let own = bank.judged_by("rules", "life-0").await;
    let drafted = bank.draft(&eager("trial")).await;
    assert_eq!((drafted.status, &drafted.body["state"]), (201, &json!("draft")));
    let version = drafted.body["version"].as_str().unwrap();
    assert_eq!(drafted.headers["location"], format!("{SETS}/{version}"));
    assert_eq!(bank.draft(&eager("trial")).await.status, 200, "a repeat");
    let kept = bank.world.get(&format!("{SETS}/{version}")).await.body;
    assert_eq!(kept["document"], eager("trial").to_string());
    assert_eq!(kept["rule_set"]["author"], "ann");
    assert_eq!(bank.put(&bank.bob, version, "live").await.status, 409, "not from a draft");
    assert_eq!(bank.judged_by("rules", "life-1").await, own);

    // In the shadow it changes nothing, and its differences are counted.
    assert_eq!(bank.put(&bank.bob, version, "shadow").await.status, 200);
    let decision = bank.world.decide(&transaction("life-2")).await;
    assert_eq!((&decision["alert"], &decision["versions"]["rules"]), (&json!(false), &json!(own)));
    let report = eventually(|| async {
        let report = bank.world.get(&format!("{SETS}/{version}/shadow")).await.body;
        (report["decided"] == 1).then_some(report)
    })
    .await;
    assert_eq!((&report["gained"], &report["lost"]), (&json!(1), &json!(0)));
    assert_eq!(report["newest"][0]["msg_id"], "life-2");
    assert_eq!(report["newest"][0]["gained"], json!(["any-large"]));
    eventually(|| async {
        let metrics = bank.world.get("/metrics").await.body;
        let counted = "shadow_decisions_total{register=\"rules\",agreement=\"gained\"} 1";
        metrics.as_str().unwrap_or_default().contains(counted).then_some(())
    })
    .await;

    // Authors cannot put their own set live, whatever their scopes.
    let own_work = bank.put(&bank.ann, version, "live").await;
    assert_eq!(own_work.status, 403, "{}", own_work.body);
    let live = bank.put(&bank.bob, version, "live").await;
    assert_eq!((&live.body["live"], &live.body["previous"]), (&json!(version), &json!("embedded")));
    let decision = bank.world.decide(&transaction("life-3")).await;
    assert_eq!(
        (&decision["alert"], &decision["versions"]["rules"]),
        (&json!(true), &json!(version))
    );

    // Each decision is explained by the set that made it.
    let rules = |answer: Reply| answer.body["rules"].as_array().unwrap().len();
    let explained = |id: &str| format!("/api/v1/transactions/{id}?rules=all");
    assert_eq!(rules(bank.world.get(&explained("life-3")).await), 1);
    assert!(rules(bank.world.get(&explained("life-2")).await) > 50);

    let listed = bank.world.get(SETS).await.body;
    let changes: Vec<(&str, &str)> = listed["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["version"] == version)
        .map(|change| (change["by"].as_str().unwrap(), change["to"].as_str().unwrap()))
        .collect();
    assert_eq!(changes, [("bob", "live"), ("bob", "shadow"), ("ann", "draft")]);
    bank.world.end().await;
}

#[tokio::test]
async fn a_rollback_needs_one_person_and_takes_effect_at_once() {
    let bank = Bank::over(SETS).await;
    let own = bank.judged_by("rules", "back-0").await;
    let version = bank.make_live(&eager("hasty")).await;
    assert_eq!(bank.judged_by("rules", "back-1").await, version);
    let path = format!("{SETS}/rollback");
    let back = bank.post(&bank.ann, &path, String::new()).await;
    assert_eq!((back.status, &back.body["live"]), (200, &json!("embedded")), "{}", back.body);
    assert_eq!(bank.judged_by("rules", "back-2").await, own);
    assert_eq!(bank.post(&bank.ann, &path, String::new()).await.status, 409, "only once");
    let writer = bank.world.suite.token_of("cleo", "main", &["rules:write"], 60);
    assert_eq!(bank.post(&writer, &path, String::new()).await.status, 403);
    bank.world.end().await;
}

#[tokio::test]
async fn a_broken_set_is_refused_with_its_positions_and_never_takes_over() {
    let bank = Bank::over(SETS).await;
    let mut broken = eager("broken");
    broken["rules"][0]["when"] = "amuont > 100.0".into();
    let refused = bank.draft(&broken).await;
    assert_eq!(refused.status, 422);
    let problem = &refused.body["problems"][0];
    assert_eq!((&problem["rule"], &problem["line"]), (&json!("any-large"), &json!(1)));
    assert!(problem["message"].as_str().unwrap().contains("amount"), "{problem}");
    assert!(problem["column"].as_u64().unwrap() > 1);

    // If the live document is corrupted in the table, the working copy stays in force.
    let version = bank.make_live(&eager("spoilt")).await;
    assert_eq!(bank.judged_by("rules", "spoilt-0").await, version);
    let next = bank.make_live(&eager("next")).await;
    bank.spoil("rules", &next).await;
    assert_eq!(bank.judged_by("rules", "spoilt-1").await, version);
    let log = bank.world.suite.logs();
    assert!(log.iter().any(|(_, line)| line.contains("cannot be put in force")), "{log:?}");

    // A new process falls back to the previous set.
    bank.world.suite.kill_function("score");
    assert_eq!(bank.world.post(&transaction("spoilt-2")).await.status, 202);
    // A message that the killed process had taken is delivered again.
    let decision = bank.world.decision("spoilt-2").await;
    assert_eq!(decision["versions"]["rules"], version.as_str());
    bank.world.end().await;
}

#[tokio::test]
async fn rules_stay_in_force_while_the_table_cannot_be_read() {
    let bank = Bank::over(SETS).await;
    let version = bank.make_live(&eager("steady")).await;
    assert_eq!(bank.judged_by("rules", "steady-0").await, version);
    bank.world.suite.faults().fail("dynamodb", "GetItem", 400, 1);
    assert_eq!(bank.judged_by("rules", "steady-1").await, version);
    bank.world.end().await;
}

#[tokio::test]
async fn each_tenant_has_its_own_rules() {
    let bank = Bank::over(SETS).await;
    let version = bank.make_live(&eager("mine")).await;
    assert_eq!(bank.judged_by("rules", "mine-1").await, version);
    let mut world = bank.world;
    let scopes = ["transactions:write", "rules:write"];
    world.use_token(world.suite.token_of("zoe", "other", &scopes, 60));
    let decision = world.decide(&transaction("theirs-1")).await;
    assert_ne!(decision["versions"]["rules"], json!(version));
    assert_eq!(world.get(&format!("{SETS}/{version}")).await.status, 404);
    world.end().await;
}
