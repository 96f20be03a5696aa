//! The life of reference sets on a running suite: a tenant's own rates, country lists and thresholds
//! are drafted, tried in the shadow, put live by a second person and rolled back. Also their age.

use journeys::{World, eventually, transaction};
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::reversals::sums;
use crate::rules::eager;

const SETS: &str = "/api/v1/reference-sets";

/// The embedded set with a few changes: a pound is two dollars, France is high-risk, there is a
/// threshold of 130 pounds, the kwacha has no rate, and the rates are old.
fn own(version: &str) -> Value {
    let document = include_str!("../../shared/reference/core.json");
    let mut document: Value = serde_json::from_str(document).unwrap();
    document["version"] = version.into();
    document["rates"]["date"] = "2020-01-01".into();
    document["rates"]["rates"]["GBP"] = 2.0.into();
    document["rates"]["rates"].as_object_mut().unwrap().remove("ZMW");
    document["high_risk_countries"]["countries"] = json!(["FR", "IR", "KP", "MM"]);
    let threshold = json!({ "amount": 130, "source": "This test" });
    document["reporting_threshold"]["by_currency"]["GBP"] = threshold;
    document
}

/// A payment to France, just below the threshold of [`own`].
fn to_france(msg_id: &str) -> Value {
    let mut transaction = transaction(msg_id);
    transaction["receiver"]["bank_country"] = "FR".into();
    transaction
}

/// The evidence of a stored decision.
async fn evidence(world: &World, decision: &Value) -> Value {
    let alert = decision["alert_id"].as_str().expect("an alert");
    world.get(&format!("/api/v1/alerts/{alert}")).await.body["evidence"].take()
}

/// The parts of a set that an answer calls too old.
fn too_old(parts: &Value) -> Vec<&str> {
    let parts = parts.as_array().unwrap();
    assert_eq!(parts.len(), 5, "{parts:?}");
    let old = parts.iter().filter(|part| part["too_old"] == true);
    old.map(|part| part["part"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_reference_set_goes_live_through_the_shadow_and_a_second_person() {
    let bank = Bank::over(SETS).await;
    let before = bank.judged_by("reference", "life-0").await;
    let drafted = bank.draft(&own("mine")).await;
    assert_eq!((drafted.status, &drafted.body["state"]), (201, &json!("draft")));
    assert_eq!(too_old(&drafted.body["parts"]), ["rates"]);
    assert_eq!(drafted.body["unrated_currencies"], json!(["ZMW"]));
    let version = drafted.body["version"].as_str().unwrap();
    assert_eq!(drafted.headers["location"], format!("{SETS}/{version}"));
    assert_eq!(bank.draft(&own("mine")).await.status, 200, "a repeat");
    let kept = bank.world.get(&format!("{SETS}/{version}")).await.body;
    assert_eq!(kept["document"], own("mine").to_string());
    assert_eq!(kept["reference_set"]["author"], "ann");
    assert_eq!(kept["reference_set"]["unrated_currencies"], json!(["ZMW"]));
    assert_eq!(too_old(&kept["reference_set"]["parts"]), ["rates"]);
    assert_eq!(bank.put(&bank.bob, version, "live").await.status, 409, "not from a draft");

    // In the shadow it changes nothing, and its differences are counted.
    assert_eq!(bank.put(&bank.ann, version, "shadow").await.status, 200);
    let decision = bank.world.decide(&to_france("life-1")).await;
    let named = &decision["versions"]["reference"];
    assert_eq!((&decision["alert"], named), (&json!(false), &json!(before)), "{decision}");
    let report = eventually(|| async {
        let report = bank.world.get(&format!("{SETS}/{version}/shadow")).await.body;
        (report["decided"] == 1).then_some(report)
    })
    .await;
    assert_eq!((&report["gained"], &report["lost"]), (&json!(1), &json!(0)));
    assert_eq!(report["newest"][0]["gained"], json!(["high-risk-country"]));

    assert_eq!(bank.put(&bank.ann, version, "live").await.status, 403, "one's own");
    assert!(too_old(&bank.world.get(SETS).await.body["live_parts"]).is_empty());
    assert_eq!(bank.put(&bank.bob, version, "live").await.status, 200);
    let decision = bank.world.decide(&to_france("life-2")).await;
    let named = &decision["versions"]["reference"];
    assert_eq!((&decision["alert"], named), (&json!(true), &json!(version)), "{decision}");
    let evidence = evidence(&bank.world, &decision).await;
    assert_eq!(evidence["facts"]["base_amount"], 241.0);
    assert_eq!(evidence["features"]["near_threshold"], 1.0);
    let listed = bank.world.get(SETS).await.body;
    assert_eq!(too_old(&listed["live_parts"]), ["rates"]);
    let states = listed["reference_sets"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|set| set["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["embedded", "live"]);

    // The rules stayed what they were, and a rollback takes one person.
    let rules = bank.world.get("/api/v1/rule-sets").await.body;
    assert_eq!(rules["head"]["live"], "embedded");
    let back = bank.post(&bank.ann, &format!("{SETS}/rollback"), String::new()).await;
    assert_eq!((back.status, &back.body["live"]), (200, &json!("embedded")), "{}", back.body);
    assert_eq!(bank.judged_by("reference", "life-3").await, before);
    bank.world.end().await;
}

#[tokio::test]
async fn a_broken_reference_set_is_refused_with_its_positions_and_never_takes_over() {
    let bank = Bank::over(SETS).await;
    let mut broken = own("broken");
    broken["rates"]["rates"]["GBP"] = 0.into();
    broken["monitored_countries"]["countries"][0] = "UK".into();
    let refused = bank.draft(&broken).await;
    assert_eq!(refused.status, 422);
    let problems = refused.body["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0]["message"].as_str().unwrap().contains("use GB"), "{problems:?}");
    assert!(problems.iter().all(|problem| problem["column"].as_u64().unwrap() > 1));
    let mut early = own("early");
    early["rates"]["date"] = "2999-01-01".into();
    assert_eq!(bank.draft(&early).await.status, 422);

    // If the live document is corrupted in the table, the working copy stays in force.
    let version = bank.make_live(&own("sound")).await;
    assert_eq!(bank.judged_by("reference", "spoilt-0").await, version);
    let next = bank.make_live(&own("next")).await;
    bank.spoil("reference", &next).await;
    assert_eq!(bank.judged_by("reference", "spoilt-1").await, version);
    let log = bank.world.suite.logs();
    assert!(log.iter().any(|(_, line)| line.contains("cannot be put in force")), "{log:?}");

    // A new process falls back to the previous set.
    bank.world.suite.kill_function("score");
    assert_eq!(bank.world.post(&transaction("spoilt-2")).await.status, 202);
    let decision = bank.world.decision("spoilt-2").await;
    assert_eq!(decision["versions"]["reference"], version.as_str());
    bank.world.end().await;
}

#[tokio::test]
async fn sets_of_both_registers_in_the_shadow_are_told_apart() {
    let bank = Bank::over(SETS).await;
    let reference = bank.draft(&own("trial")).await.body["version"].as_str().unwrap().to_owned();
    let rules = bank.post(&bank.ann, "/api/v1/rule-sets", eager("trial").to_string()).await;
    let rules = rules.body["version"].as_str().unwrap().to_owned();
    assert_eq!(bank.put(&bank.ann, &reference, "shadow").await.status, 200);
    let path = format!("/api/v1/rule-sets/{rules}/transitions");
    let shadow = json!({ "to": "shadow" }).to_string();
    assert_eq!(bank.post(&bank.ann, &path, shadow).await.status, 200);
    // At a rate of 1.32 the amount is over a hundred, so only the rules would alert.
    bank.world.decide(&transaction("both-1")).await;
    let report = |path: String| {
        let world = &bank.world;
        eventually(move || {
            let path = path.clone();
            async move {
                let report = world.get(&path).await.body;
                (report["decided"] == 1).then_some(report)
            }
        })
    };
    let of_rules = report(format!("/api/v1/rule-sets/{rules}/shadow")).await;
    assert_eq!(of_rules["gained"], 1, "{of_rules}");
    let of_reference = report(format!("{SETS}/{reference}/shadow")).await;
    assert_eq!(of_reference["same"], 1, "{of_reference}");
    bank.world.end().await;
}

#[tokio::test]
async fn a_reversal_takes_back_what_was_counted_even_if_rates_have_changed() {
    let bank = Bank::over(SETS).await;
    let pair = |msg_id: &str, amount: &str| {
        let mut payment = to_france(msg_id);
        payment["sender"]["account"] = "payer".into();
        payment["receiver"]["account"] = "payee".into();
        payment["amount"] = amount.into();
        payment
    };
    bank.world.decide(&pair("first", "20.00")).await;
    let never = sums(&bank.world).await;
    bank.world.decide(&pair("wrong", "120.50")).await;
    assert_ne!(sums(&bank.world).await, never);
    bank.make_live(&own("between")).await;
    let mut reversal = pair("back", "120.50");
    reversal["kind"] = "reversal".into();
    reversal["original_msg_id"] = "wrong".into();
    let decision = bank.world.decide(&reversal).await;
    assert_eq!(decision["notes"], Value::Null, "{decision}");
    assert!(decision["versions"]["reference"].as_str().unwrap().starts_with("between@"));
    assert_eq!(sums(&bank.world).await, never);
    bank.world.end().await;
}

#[tokio::test]
async fn each_tenant_has_its_own_reference_data_with_separate_scopes() {
    let bank = Bank::over(SETS).await;
    let version = bank.make_live(&own("mine")).await;
    assert_eq!(bank.judged_by("reference", "mine-1").await, version);
    let rules = bank.world.suite.token_of("cleo", "main", &["rules:write", "rules:approve"], 60);
    let document = own("theirs").to_string();
    assert_eq!(bank.post(&rules, SETS, document).await.status, 403);
    let path = format!("{SETS}/rollback");
    assert_eq!(bank.post(&rules, &path, String::new()).await.status, 403);
    let writer = bank.world.suite.token_of("cleo", "main", &["reference:write"], 60);
    assert_eq!(bank.post(&writer, &path, String::new()).await.status, 403);
    let mut world = bank.world;
    let scopes = ["transactions:write", "reference:write"];
    world.use_token(world.suite.token_of("zoe", "other", &scopes, 60));
    let decision = world.decide(&transaction("theirs-1")).await;
    assert_ne!(decision["versions"]["reference"], json!(version));
    assert_eq!(world.get(&format!("{SETS}/{version}")).await.status, 404);
    world.end().await;
}
