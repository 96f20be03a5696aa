//! A model on trial is scored beside the live one and changes nothing.

use std::collections::BTreeMap;

use journeys::{World, eventually, transaction};
use local::suite::SuiteConfig;
use serde_json::Value;

/// A suite in which every case is uncertain, so that its evidence can be read.
async fn world(challenger_dir: &str) -> World {
    let settings =
        [("UNCERTAIN_LOW", "0"), ("ALERT_THRESHOLD", "1"), ("CHALLENGER_DIR", challenger_dir)];
    let env: BTreeMap<_, _> =
        settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    World::with(SuiteConfig { env, ..SuiteConfig::default() }).await
}

#[tokio::test]
async fn a_challenger_is_scored_and_changes_nothing() {
    let plain = world("").await;
    let expect = plain.decide(&transaction("trial")).await;
    let evidence = plain.get("/api/v1/alerts/al_trial").await.body["evidence"].clone();
    assert_eq!(evidence["challenger"], Value::Null);
    plain.end().await;

    // The shipped model on trial against itself says the same.
    let world = world(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/model")).await;
    let decision = world.decide(&transaction("trial")).await;
    for field in ["alert", "level", "risk_score", "review", "reasons", "versions"] {
        assert_eq!(decision[field], expect[field], "{field}");
    }
    let evidence = world.get("/api/v1/alerts/al_trial").await.body["evidence"].clone();
    let (live, trial) = (&evidence["model"], &evidence["challenger"]);
    assert_eq!((&live["hash"], &live["probability"]), (&trial["hash"], &trial["probability"]));
    assert_eq!(trial["alert"], false);
    eventually(|| async {
        let metrics = world.get("/metrics").await.body;
        metrics.as_str().unwrap_or_default().contains("challenger_decisions_total").then_some(())
    })
    .await;
    world.end().await;
}
