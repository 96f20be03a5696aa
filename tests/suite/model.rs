//! Monitoring of the model: a challenger is scored along with it and changes nothing, and rows
//! unlike its training rows are noticed.

use std::collections::BTreeMap;

use journeys::{World, eventually, transaction};
use serde_json::Value;
use suite::SuiteConfig;

/// A suite in which every case is uncertain and goes to review, so that its evidence can be read.
async fn world(challenger_dir: &str) -> World {
    let settings = [("REVIEW_LINE", "0"), ("ALERT_LINE", "1"), ("CHALLENGER_DIR", challenger_dir)];
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

    // The shipped model as its own challenger agrees with itself.
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

#[tokio::test]
async fn rows_unlike_the_training_rows_show_as_drift() {
    let world = World::new().await;
    // Always the same amount between strangers: no bank's payments look like that.
    for batch in 0..3 {
        let lines = (0..500).map(|n| transaction(&format!("drift-{batch}-{n}")).to_string());
        let body = lines.collect::<Vec<_>>().join("\n");
        assert_eq!(world.post_raw("application/x-ndjson", body).await.status, 207);
    }
    let (score, feature) = eventually(|| async {
        let metrics = world.get("/metrics").await.body;
        let gauge = |name: &str| -> Option<f64> {
            let mut lines = metrics.as_str()?.lines();
            lines.find_map(|line| line.strip_prefix(name))?.trim().parse().ok()
        };
        Some((gauge("drift_score_psi ")?, gauge("drift_worst_feature_psi ")?))
    })
    .await;
    assert!(score.is_finite() && feature > 0.25, "{score} {feature}");
    world.end().await;
}
