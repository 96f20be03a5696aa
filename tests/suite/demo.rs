//! `sentinel demo` against a suite: it finds what it promises to show, and can be run twice.

use std::collections::BTreeMap;

use journeys::World;
use tools::api::Api;
use tools::demo::{Outcome, demonstrate};

/// Each payment's decision: whether it alerted, its risk and its explanation.
fn decided(outcome: &Outcome) -> BTreeMap<&str, (bool, String, &str)> {
    let decisions = outcome.decisions.iter();
    let told = decisions
        .map(|one| (one.alert, one.risk_score.to_string(), one.explanation.as_str()))
        .zip(outcome.decisions.iter().map(|one| one.msg_id.as_str()));
    told.map(|(decision, id)| (id, decision)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_finds_what_was_planted_and_runs_twice() {
    let world = World::new().await;
    let api = Api { url: world.suite.base_url(), token: None };
    let first = demonstrate(&api).await.unwrap();
    assert!(!first.known && first.history > 1_000, "{}", first.text(&api));
    assert_eq!(first.decisions.len() as u64, first.live);
    let (planted, found) = (first.stories.planted.len(), first.stories.found.len());
    assert!(planted == 35 && found >= 28, "{}", first.text(&api));

    // The addresses that it prints exist.
    let text = first.text(&api);
    let link = text.lines().find_map(|line| line.trim().strip_prefix(&api.url));
    let alert = world.get(link.unwrap()).await;
    assert!(alert.status == 200 && link.unwrap().starts_with("/api/v1/alerts/al_"), "{text}");
    let path = format!("{}/explanation", link.unwrap());
    let explained = world.send(world.http.post(world.url(&path))).await;
    assert!(explained.status == 200 && text.contains(&path), "{}", explained.body);

    // A second run sends the same payments and opens no further alerts.
    let again = demonstrate(&api).await.unwrap();
    assert!(again.known && again.text(&api).contains("knew all of these payments"));
    assert_eq!(decided(&again), decided(&first));
    world.end().await;
}

#[tokio::test]
async fn without_a_running_suite_the_demonstration_says_what_to_do() {
    // Nothing listens on the discard port.
    let api = Api { url: "http://127.0.0.1:9".to_owned(), token: None };
    let err = demonstrate(&api).await.unwrap_err().to_string();
    assert!(err.starts_with("nothing answers at http://127.0.0.1:9: start the suite"), "{err}");
}
