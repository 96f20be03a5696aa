//! A backtest equals production: the running suite and the backtest make the same decisions on a
//! file.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Parser;
use journeys::World;
use serde_json::Value;

/// The arguments of the real command line.
#[derive(Parser)]
enum Command {
    Simulate(tools::simulate::Args),
    Replay(tools::replay::Args),
    Backtest(Box<tools::backtest::Args>),
}

/// The decisions in a file, by id, without the time of the decision and without the labels.
fn decisions(path: &Path) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let decision = |line: &str| {
        let mut decision: Value = serde_json::from_str(line).unwrap();
        let fields = decision.as_object_mut().unwrap();
        for name in ["decided_at", "is_laundering", "laundering_type", "story"] {
            fields.remove(name);
        }
        (decision["msg_id"].as_str().unwrap().to_owned(), decision)
    };
    text.lines().map(decision).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backtest_decides_as_the_suite_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (csv, live, offline) = (path("rows.csv"), path("live.ndjson"), path("offline.ndjson"));
    let parse = |words: &[&str]| Command::parse_from(["sentinel"].iter().chain(words));

    // 10,000 payments in two weeks: enough for accounts to meet and for groups to launder.
    let days = ["--rows", "10000", "--days", "14", "--seed", "7"];
    let Command::Simulate(args) = parse(&[&["simulate", "--out", &csv], &days[..]].concat()) else {
        unreachable!()
    };
    tools::simulate::run(&args).unwrap();

    let world = World::new().await;
    let url = world.suite.base_url();
    let words = ["replay", &csv, "--url", &url, "--in-order", "--decisions", &live];
    let Command::Replay(args) = parse(&words) else { unreachable!() };
    let summary = tools::replay::replay(&args).await.unwrap();
    world.end().await;

    let words = ["backtest", &csv, "--decisions", &offline, "--out", &path("report")];
    let Command::Backtest(args) = parse(&words) else { unreachable!() };
    tools::backtest::run(&args).unwrap();

    let (live, offline) = (decisions(live.as_ref()), decisions(offline.as_ref()));
    assert!(summary.accepted > 9_000 && live.len() as u64 == summary.accepted, "{summary:?}");
    assert_eq!(live.len(), offline.len());
    for (id, decision) in &live {
        assert_eq!(offline[id], *decision, "{id}");
    }
    // The comparison means something: rules fire, the graph is read, alerts are attached.
    let count = |which: &dyn Fn(&Value) -> bool| live.values().filter(|one| which(one)).count();
    assert!(count(&|one| one["alert"] == true) > 20);
    assert!(count(&|one| one["attached"] == true) > 0);
    assert!(count(&|one| one["reasons"].as_array().is_some_and(|r| !r.is_empty())) > 200);
}
