//! Figures of peer groups, from the first decision to a drafted rule set.

use std::collections::BTreeMap;

use clap::Parser;
use journeys::{World, eventually, transaction};
use sentinel::payment::transaction::Segment;
use sentinel::register::VersionedSet as _;
use sentinel::rules::RuleSet;
use serde_json::json;
use suite::SuiteConfig;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: tools::tune::Args,
}

/// A suite that adds counts at once and in which every payment is uncertain.
async fn world() -> World {
    let env = [("PEER_COUNT_SECONDS", "0"), ("REVIEW_LINE", "0")];
    let env: BTreeMap<String, String> =
        env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    World::with(SuiteConfig { env, ..SuiteConfig::default() }).await
}

#[tokio::test]
async fn judged_payments_are_counted_by_segment() {
    let world = world().await;
    for (number, segment) in [(1, Some("business")), (2, Some("business")), (3, None)] {
        let mut payment = transaction(&format!("peer-{number}"));
        if let Some(segment) = segment {
            payment["receiver"]["segment"] = json!(segment);
        }
        world.decide(&payment).await;
    }
    let groups = eventually(|| async {
        let groups = world.get("/api/v1/peers").await.body["groups"].clone();
        (groups["*"]["risk"]["payments"] == 3).then_some(groups)
    })
    .await;
    let figures = &groups["business"]["amount_received"];
    assert_eq!(figures["payments"], 2, "{groups}");
    // 120.50 pounds in dollars.
    let median = figures["percentiles"]["p50"].as_f64().unwrap();
    assert!((130.0..190.0).contains(&median), "{median}");
    assert_eq!(groups["business"]["amount_sent"], json!(null));
    for weeks in ["0", "27", "x"] {
        assert_eq!(world.get(&format!("/api/v1/peers?weeks={weeks}")).await.status, 400);
    }
    world.end().await;
}

#[tokio::test]
async fn a_running_system_is_bounded_and_tuned_by_what_it_has_counted() {
    let world = world().await;
    let payments: Vec<String> = (0..1_050)
        .map(|number| {
            let mut payment = transaction(&format!("tune-{number}"));
            payment["receiver"]["account"] = json!(format!("shop {}", number % 21));
            payment["receiver"]["segment"] = json!("business");
            payment.to_string()
        })
        .collect();
    for batch in payments.chunks(350) {
        let reply = world.post_raw("application/x-ndjson", batch.join("\n")).await;
        assert!((200..300).contains(&reply.status), "{}", reply.body);
    }
    eventually(|| async {
        let groups = world.get("/api/v1/peers?weeks=1").await.body["groups"].clone();
        (groups["*"]["risk"]["payments"] == 1_050).then_some(())
    })
    .await;
    // Of the payments that wait for review, the riskiest two in a thousand are shown.
    let reviews =
        async |more: &str| world.get(&format!("/api/v1/alerts?queue=reviews{more}")).await.body;
    let shown = reviews("").await;
    let from = shown["min_score"].as_f64().unwrap();
    let scores: Vec<f64> =
        shown["alerts"].as_array().unwrap().iter().map(|a| a["score"].as_f64().unwrap()).collect();
    assert!(scores.len() <= 2 && scores.iter().all(|score| *score >= from), "{shown}");
    assert!(reviews("&min_score=0").await["alerts"].as_array().unwrap().len() > 10);

    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine.json");
    let words = ["tune", "--url", &world.url(""), "--weeks", "1", "--out", mine.to_str().unwrap()];
    tools::tune::run(&Command::parse_from(words).args).await.unwrap();
    let document = std::fs::read_to_string(&mine).unwrap();
    // A tenth of a shop's fifty payments come after the forty-fifth, so the ceiling applies.
    let set = RuleSet::load(&document).unwrap();
    let many = set.rule("fan-in-new-payers").unwrap().params["min_new"];
    let business = Segment::parse("business").unwrap();
    assert_eq!(many.value(set.peers(), Some(business)), 15.0);
    assert_eq!(many.value(None, Some(business)), 5.0);
    let drafted = world.http.post(world.url("/api/v1/rule-sets"));
    let drafted = drafted.header("content-type", "application/json");
    let reply = world.send(drafted.body(document)).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(reply.body["version"], set.version());
    world.end().await;
}
