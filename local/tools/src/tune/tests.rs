//! A hundred payments whose risks follow from the rules that fire on their amounts, counted by hand.

use sentinel::register::VersionedSet as _;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde_json::{Value, json};

use super::*;
use crate::backtest;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: Args,
}

#[derive(Parser)]
struct BacktestCommand {
    #[command(flatten)]
    args: backtest::Args,
}

/// Hundreds from which a rule fires, its points, and the payments of that amount. The risks are 0.500,
/// 0.240, 0.091, 0.031 and 0.010.
const TIERS: [(u32, f64, u32); 5] =
    [(5, 30.0, 2), (4, 25.0, 3), (3, 20.0, 4), (2, 15.0, 6), (1, 10.0, 10)];
const QUIET: u32 = 74;

fn rules() -> String {
    let rule = |id: String, effect: &str, points: f64, when: &str, params: Value| {
        json!({ "id": id, "typology": "single_large", "effect": effect, "points": points,
                "account": "sender", "when": when, "params": params,
                "sentence": "A payment of {amount}.", "source": "This test" })
    };
    let mut rules: Vec<Value> = TIERS
        .iter()
        .map(|(tier, points, _)| {
            let params = json!({ "low": 100 * tier, "high": 100 * tier + 100 });
            let when = "amount >= low && amount < high";
            rule(format!("tier-{tier}"), "flag", *points, when, params)
        })
        .collect();
    rules.push(rule(
        "policy".to_owned(),
        "alert",
        0.0,
        "amount >= limit",
        json!({ "limit": 9000 }),
    ));
    let document = json!({ "version": "test", "description": "A test's.",
                           "lines": { "alert": 0.05, "review": 0.02 }, "rules": rules });
    serde_json::to_string_pretty(&document).unwrap()
}

/// Payments of two days. Each has its own accounts, except the two of the highest tier, which are one
/// alert. One payment of the third tier is laundering, and so are those of the highest.
fn payments() -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut pay = |amount: u32, sender: Option<&str>, story: Option<&str>| {
        let number = lines.len();
        let (day, minute) = (5 + number / 2 % 2, number / 2);
        let sender = sender.map_or(format!("s{number}"), str::to_owned);
        let mut line = json!({
            "msg_id": format!("p-{number}"),
            "timestamp": format!("2026-01-0{day}T10:{minute:02}:00Z"),
            "sender": { "account": sender, "bank_country": "US" },
            "receiver": { "account": format!("r{number}"), "bank_country": "US" },
            "amount": amount.to_string(), "currency": "USD", "payment_type": "transfer",
            "is_laundering": story.is_some(),
        });
        if let Some(story) = story {
            line["story"] = json!(story);
        }
        lines.push(line.to_string());
    };
    for (tier, _, number) in TIERS {
        for at in 0..number {
            match (tier, at) {
                (5, _) => pay(500, Some("mule"), Some("found")),
                (3, 0) => pay(300, None, Some("lost")),
                _ => pay(100 * tier, None, None),
            }
        }
    }
    pay(9_000, None, None);
    (0..QUIET).for_each(|_| pay(10, None, None));
    lines.join("\n")
}

/// Writes the files into a folder.
fn files(folder: &Path) -> [String; 2] {
    [("payments.ndjson", payments()), ("rules.json", rules())].map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    })
}

fn tuned(words: &[&str]) -> (Report, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let [payments, rules] = files(folder.path());
    let fixed = ["tune", &payments, "--rules", &rules, "--no-model"];
    tune(&Command::parse_from(fixed.iter().chain(words)).args).unwrap()
}

fn counts(gives: &report::Outcome) -> (f64, f64, u64, u64, u64) {
    (gives.lines.alert, gives.lines.review, gives.alerts, gives.opened, gives.reviews)
}

#[test]
fn lines_are_the_lowest_that_meet_the_target() {
    let check = |words: &[&str], expect| {
        let (report, _) = tuned(words);
        assert_eq!(counts(report.proposed.as_ref().unwrap()), expect, "{words:?}");
        assert_eq!(counts(&report.present), (0.05, 0.02, 10, 9, 6));
        assert_eq!((report.payments, report.days), (100, 2));
    };
    // Five alerts open over two days: the policy's, the mule's, and the three of the second tier.
    check(&["--alerts-per-day", "2.5", "--review-share", "0.04"], (0.2, 0.09, 6, 5, 4));
    // Four of six payments with the same score would fit into 4.9, but all go to review, or none.
    check(&["--alerts-per-day", "5", "--review-share", "0.049"], (0.09, 0.09, 10, 9, 0));
    check(&["--alerts-per-day", "5", "--review-share", "0.06"], (0.09, 0.03, 10, 9, 6));
    check(&["--alerts-per-day", "8"], (0.03, 0.03, 16, 15, 0));
    // Payments about which nothing is known never alert, however many could be worked.
    check(&["--alerts-per-day", "1000"], (0.009, 0.009, 26, 25, 0));
}

#[test]
fn lost_and_gained_alerts_are_reported() {
    let (report, _) = tuned(&["--alerts-per-day", "2.5", "--review-share", "0.04"]);
    let change = report.change.unwrap();
    let lost = &change.lost;
    assert_eq!((lost.payments, lost.opened, lost.reviewed), (4, 4, 4));
    assert_eq!((lost.laundering, lost.stories), (Some(1), Some(1)));
    assert_eq!(lost.story_ids, ["lost"]);
    assert_eq!((change.gained.payments, change.gained.stories), (0, Some(0)));

    let (report, _) = tuned(&["--alerts-per-day", "8"]);
    let change = report.change.unwrap();
    assert_eq!((change.gained.payments, change.gained.opened), (6, 6));
    assert_eq!(change.lost.payments, 0);
}

#[test]
fn a_line_can_be_chosen_by_its_outcome() {
    let (report, _) = tuned(&[]);
    let rows = report.choices.iter().map(|row| (row.alert, row.alerts, row.opened));
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            (0.01, 16, 15),
            (0.02, 16, 15),
            (0.05, 10, 9),
            (0.1, 6, 5),
            (0.2, 6, 5),
            (0.5, 3, 2),
            (0.8, 1, 1),
            (0.9, 1, 1)
        ]
    );
}

#[test]
fn no_line_suppresses_a_rule_that_alerts() {
    let (report, drafted) = tuned(&["--alerts-per-day", "0.4"]);
    assert!(report.proposed.is_none() && report.change.is_none() && drafted.is_none());
    let found = &report.alert_rules;
    assert_eq!((found.payments, found.opened, found.below_the_line), (1, 1, 1));
    let rules: Vec<_> = found.rules.iter().map(|rule| (rule.id.as_str(), rule.fired)).collect();
    assert_eq!(rules, [("policy", 1)]);
    assert!(terminal::text(&report, None).contains("No lines are proposed"));
}

#[test]
fn samples_come_from_both_sides_of_each_line() {
    let (report, _) =
        tuned(&["--alerts-per-day", "2.5", "--review-share", "0.04", "--sample", "3"]);
    let near: Vec<_> = report.samples.iter().map(|near| (near.line, near.risk)).collect();
    assert_eq!(near, [("alert", 0.2), ("review", 0.09)]);
    let risks = |samples: &[backtest::Sample]| -> Vec<f64> {
        samples.iter().map(|sample| sample.risk_score).collect()
    };
    for near in &report.samples {
        let (above, below) = (risks(&near.above), risks(&near.below));
        assert_eq!((above.len(), below.len()), (3, 3));
        assert!(above.iter().all(|risk| *risk >= near.risk), "{above:?}");
        assert!(below.iter().all(|risk| *risk < near.risk), "{below:?}");
    }
    let first = &report.samples[0].above[0];
    assert!(first.reasons[0].starts_with("tier-"), "{:?}", first.reasons);
}

#[tokio::test]
async fn the_draft_changes_only_lines_and_version_and_gives_the_predicted_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let [payments, rules_file] = files(folder.path());
    let mine = folder.path().join("mine.json");
    let words = ["tune", &payments, "--rules", &rules_file, "--no-model", "--json"];
    let words = words.into_iter().chain(["--alerts-per-day", "2.5", "--review-share", "0.04"]);
    let words = words.chain(["--out", mine.to_str().unwrap()]);
    let args = Command::parse_from(words).args;
    run(&args).await.unwrap();
    let drafted = std::fs::read_to_string(&mine).unwrap();
    let expect = rules()
        .replace("\"alert\": 0.05", "\"alert\": 0.2")
        .replace("\"review\": 0.02", "\"review\": 0.09")
        .replace("\"version\": \"test\"", "\"version\": \"test-tuned.1\"");
    assert_eq!(drafted, expect);

    let (report, _) = tune(&args).unwrap();
    let version = RuleSet::load(&drafted).unwrap().version().to_owned();
    assert_eq!(report.drafted.as_ref(), Some(&version));
    let text = terminal::text(&report, Some(&mine));
    assert!(text.contains(&format!("sentinel rules shadow {version}")), "{text}");

    let proposed = report.proposed.unwrap();
    let volume = volume_of_backtest(&payments, &mine, folder.path().join("report"));
    for (name, promised) in [
        ("alerts", proposed.alerts),
        ("opened", proposed.opened),
        ("reviews", proposed.reviews),
        ("days", report.days),
    ] {
        assert_eq!(volume[name], promised, "{name}");
    }
}

fn volume_of_backtest(payments: &str, rules: &Path, out: PathBuf) -> Value {
    let (rules, folder) = (rules.to_str().unwrap(), out.to_str().unwrap());
    let words = ["backtest", payments, "--rules", rules, "--no-model", "--out", folder];
    backtest::run(&BacktestCommand::parse_from(words).args).unwrap();
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    report["volume"].clone()
}

#[test]
fn an_invalid_target_is_refused() {
    for words in [["--alerts-per-day", "0"], ["--review-share", "1"], ["--alerts-per-day", "NaN"]] {
        let args = Command::parse_from(["tune", "none.ndjson"].iter().chain(&words)).args;
        let error = check(&args).unwrap_err().to_string();
        assert!(error.starts_with(words[0]), "{error}");
    }
}

/// Payments to shops and to persons. Shops are paid by thirty new payers, persons by three, except for
/// one who is paid by nine.
fn segmented() -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut pay = |to: String, segment: &str, minute: usize, laundering: bool| {
        let number = lines.len();
        let at =
            jiff::civil::date(2026, 1, 5).at(0, 0, 0, 0) + jiff::Span::new().minutes(minute as i64);
        let line = json!({
            "msg_id": format!("p-{number}"), "timestamp": format!("{at}Z"),
            "sender": { "account": format!("s{number}"), "bank_country": "US" },
            "receiver": { "account": to, "bank_country": "US", "segment": segment },
            "amount": "10", "currency": "USD", "payment_type": "transfer",
            "is_laundering": laundering,
        });
        lines.push(line.to_string());
    };
    for shop in 0..70 {
        (0..30).for_each(|n| pay(format!("shop {shop}"), "business", 10 * n, false));
    }
    for person in 0..500 {
        (0..3).for_each(|n| pay(format!("person {person}"), "person", 10 * n, false));
    }
    (0..9).for_each(|n| pay("mule".to_owned(), "person", 10 * n, true));
    lines.join("\n")
}

/// A rule that fires at the 99th percentile of new payers among the receiver's peers.
fn quantile_rules() -> String {
    let quantile =
        json!({ "quantile": "p99", "of": "receiver_in_new_7d", "floor": 2, "ceiling": 25 });
    let document = json!({ "version": "test", "lines": { "alert": 0.05, "review": 0.02 }, "rules": [{
        "id": "fan-in", "typology": "fan_in", "effect": "flag", "points": 20, "account": "receiver",
        "when": "receiver_in_new_7d >= many", "params": { "many": quantile },
        "sentence": "{receiver_in_new_7d} new payers, {many} or more.", "source": "This test" }]});
    document.to_string()
}

fn tuned_to_peers() -> (Report, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (payments, rules) =
        (file("payments.ndjson", segmented()), file("rules.json", quantile_rules()));
    let words = ["tune", &payments, "--rules", &rules, "--no-model", "--sample", "2"];
    let (report, drafted) = tune(&Command::parse_from(words).args).unwrap();
    (report, drafted.unwrap())
}

#[test]
fn parameters_are_fitted_to_the_segment_and_the_change_is_reported() {
    let (report, _) = tuned_to_peers();
    let [change] = &report.rule_changes[..] else { panic!("{:?}", report.rule_changes) };
    assert_eq!(change.params[0].quantile, "p99 of receiver_in_new_7d, from 2 to 25");
    let numbers = change.params[0].numbers.iter();
    let numbers: Vec<_> =
        numbers.map(|(group, n)| (group.as_str(), n.present, n.proposed)).collect();
    // A person's percentile gives the floor; a shop's is 29, above the ceiling.
    assert_eq!(numbers, [("business", 2.0, 25.0), ("person", 2.0, 2.0)]);
    assert_eq!(change.params[0].otherwise, 2.0);
    // 70 shops with 28 payments from the third on, 500 persons with one, the mule with seven.
    assert_eq!((change.fired.payments, change.fired.laundering), (70 * 28 + 507, Some(7)));
    let lost = change.fires_no_longer;
    assert_eq!((lost.payments, lost.laundering), (70 * 23, Some(0)));
    assert_eq!(change.fires_newly.payments, 0);
    let first = |samples: &[backtest::Sample]| samples[0].reasons[0].clone();
    assert_eq!(first(&change.just_above), "fan-in: 2 new payers, 2 or more.");
    assert_eq!(first(&change.just_below), "fan-in: 24 new payers, 2 or more.");
    let text = terminal::text(&report, None);
    assert!(text.contains("business         2 now, 25 proposed"), "{text}");
    assert!(!text.contains("person  "), "{text}");
    assert!(text.contains("then no longer on 1,610 (0 laundering)"), "{text}");
}

#[test]
fn a_fitted_set_gives_the_predicted_outcome() {
    let (report, drafted) = tuned_to_peers();
    let set = RuleSet::load(&drafted).unwrap();
    let peers = set.peers().unwrap();
    assert_eq!(
        (peers.from.to_string(), peers.until.to_string()),
        ("2026-01-05".into(), "2026-01-05".into())
    );
    let folder = tempfile::tempdir().unwrap();
    let [payments, rules] =
        [("payments.ndjson", segmented()), ("rules.json", drafted)].map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        });
    let payments = payments.display().to_string();
    let volume = volume_of_backtest(&payments, &rules, folder.path().join("report"));
    let proposed = report.proposed.unwrap();
    assert_eq!(
        (&volume["alerts"], &volume["reviews"]),
        (&json!(proposed.alerts), &json!(proposed.reviews))
    );
}
