//! Backtests of histories small enough to count by hand.

use sentinel::register::VersionedSet as _;
use std::path::Path;

use clap::Parser;

use super::*;

#[derive(Parser)]
pub(super) struct Command {
    #[command(flatten)]
    pub(super) args: Args,
}

/// Ten payments between strangers, in pounds.
const ROWS: [(u32, u8, &str); 10] = [
    (100, 0, "Normal_Small_Fan_Out"),
    (200, 0, "Normal_Small_Fan_Out"),
    (9_000, 1, "Structuring"),
    (300, 0, "Normal_Small_Fan_Out"),
    (20_000, 1, "Single_large"),
    (30_000, 0, "Normal_Cash_Deposits"),
    (400, 1, "Structuring"),
    (500, 0, "Normal_Small_Fan_Out"),
    (40_000, 1, "Single_large"),
    (600, 0, "Normal_Small_Fan_Out"),
];

fn csv(labelled: bool) -> String {
    let mut text = String::from(
        "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,Received_currency,\
         Sender_bank_location,Receiver_bank_location,Payment_type",
    );
    text.push_str(if labelled { ",Is_laundering,Laundering_type\n" } else { "\n" });
    for (at, (amount, label, typology)) in ROWS.iter().enumerate() {
        let day = 10 + at / 5;
        text += &format!(
            "10:0{}:00,2022-10-{day},1{at},2{at},{amount},UK pounds,UK pounds,UK,UK,Cheque",
            at % 5
        );
        text += &if labelled { format!(",{label},{typology}\n") } else { "\n".to_owned() };
    }
    text
}

/// Rules that alert from `limit` dollars on; without a rule the risk is one in a thousand.
pub(super) fn rules(version: &str, limit: u32, review: f64) -> String {
    serde_json::json!({
        "version": version, "description": "A test's.", "lines": { "alert": 0.5, "review": review },
        "rules": [
            { "id": "large", "typology": "single_large", "effect": "alert", "points": 100,
              "account": "sender", "when": "amount >= limit", "params": { "limit": limit },
              "sentence": "A payment of {amount}.", "source": "This test" },
            { "id": "huge", "typology": "single_large", "effect": "alert", "points": 50,
              "account": "sender", "when": "amount >= 45000.0", "params": {},
              "sentence": "A payment of {amount}.", "source": "This test" }
        ]
    })
    .to_string()
}

fn run(folder: &Path, labelled: bool, words: &[&str]) -> Report {
    let path = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let files = [
        path("rows.csv", csv(labelled)),
        path("new.json", rules("new", 15_000, 0.1)),
        path("old.json", rules("old", 5_000, 0.1)),
    ];
    let [rows, new, old] = &files;
    let fixed = ["backtest", rows, "--no-model", "--rules", new, "--against", old];
    backtest(&Command::parse_from(fixed.iter().chain(words)).args).unwrap()
}

/// Backtests ten payments between strangers, without and with a history in which the first pair had
/// met, the day before or long after.
#[test]
fn a_history_warms_the_accounts_and_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let rules = serde_json::json!({
        "version": "met", "description": "A test's.", "lines": { "alert": 0.5, "review": 0.1 },
        "rules": [{ "id": "met", "typology": "fan_out", "effect": "alert", "points": 100,
            "account": "sender", "when": "pair_count >= 1.0", "params": {},
            "sentence": "They had met.", "source": "This test" }]
    });
    let met = folder.path().join("met.json");
    std::fs::write(&met, rules.to_string()).unwrap();
    let first = csv(false).lines().take(2).collect::<Vec<_>>().join("\n");
    let before = folder.path().join("before.csv");
    let words = ["--history", before.to_str().unwrap(), "--rules", met.to_str().unwrap()];
    for day in ["2022-10-09", "2022-12-31"] {
        std::fs::write(&before, first.replace("2022-10-10", day)).unwrap();
        let rows = folder.path().join("rows.csv");
        std::fs::write(&rows, csv(false)).unwrap();
        let fixed = ["backtest", rows.to_str().unwrap(), "--no-model"];
        let alone = backtest(&Command::parse_from(fixed.iter().chain(&words[2..])).args).unwrap();
        let warmed = backtest(&Command::parse_from(fixed.iter().chain(&words)).args).unwrap();
        assert_eq!((alone.window.rows, alone.volume.alerts), (10, 0));
        assert_eq!((warmed.window.rows, warmed.window.warm_up_rows), (10, 1));
        // A later payment does not make them acquainted.
        assert_eq!(warmed.volume.alerts, u64::from(day == "2022-10-09"), "{day}");
    }
}

/// At two dollars per pound instead of 1.32, 9,000 pounds exceed the limit of 15,000 too.
#[test]
fn payments_are_converted_with_the_given_reference_set() {
    let folder = tempfile::tempdir().unwrap();
    let own = sentinel::reference::Reference::EMBEDDED_DOCUMENT;
    let mine = own.replace("\"GBP\": 1.32382", "\"GBP\": 2.0").replacen("2026-", "mine-", 1);
    let file = folder.path().join("mine.reference");
    std::fs::write(&file, mine).unwrap();
    let report = run(folder.path(), true, &["--reference", file.to_str().unwrap()]);
    assert_eq!(report.volume.alerts, 4);
    assert!(report.versions.reference.starts_with("mine-11-25@"), "{:?}", report.versions);
    let own = run(folder.path(), true, &[]);
    assert!(own.versions.reference.starts_with("2026-11-25@"), "{:?}", own.versions);
}

#[test]
fn the_figures_are_those_counted_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(folder.path(), true, &[]);
    // 15,000 dollars or more: 20,000, 30,000 and 40,000 pounds; two of them are laundering.
    assert_eq!((report.volume.alerts, report.volume.days), (3, 2));
    let quality = report.quality.as_ref().unwrap();
    assert_eq!((quality.laundering, quality.true_positives, quality.false_positives), (4, 2, 1));
    assert_eq!((quality.precision, quality.recall), (Some(2.0 / 3.0), Some(0.5)));
    let typologies: Vec<_> =
        report.typologies.iter().map(|row| (row.typology.as_str(), row.rows, row.caught)).collect();
    assert_eq!(typologies, [("Single_large", 2, 2), ("Structuring", 2, 0)]);
    let rules: Vec<_> = report
        .rules
        .iter()
        .map(|row| (row.id.as_str(), row.fired, row.true_positives, row.unique_catches))
        .collect();
    // Without `large`, 20,000 would not alert; 40,000 would, by `huge`.
    assert_eq!(rules, [("large", 3, 2, 1), ("huge", 1, 1, 0)]);
    let days: Vec<_> = report.days.iter().map(|day| (day.rows, day.alerts)).collect();
    assert_eq!(days, [(5, 1), (5, 2)]);
}

#[test]
fn what_another_rule_set_would_have_caught_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let comparison = run(folder.path(), true, &[]).comparison.unwrap();
    assert_eq!((comparison.both.alerts, comparison.both.laundering), (3, 2));
    assert_eq!((comparison.gained.alerts, comparison.lost.alerts), (0, 1));
    let lost = &comparison.lost_true_positives;
    assert_eq!((lost.len(), lost[0].msg_id.as_str()), (1, "rows-0000003"));
    assert!(lost[0].reasons[0].starts_with("large: A payment of"), "{:?}", lost[0].reasons);
}

#[test]
fn rows_before_the_window_only_build_profiles() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(folder.path(), true, &["--from", "2022-10-11"]);
    let window = &report.window;
    assert_eq!((window.rows, window.warm_up_rows, window.later_rows), (5, 5, 0));
    let report = run(folder.path(), true, &["--until", "2022-10-10"]);
    assert_eq!((report.window.rows, report.window.later_rows), (5, 5));
}

#[test]
fn without_labels_the_report_has_only_volumes() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(folder.path(), false, &[]);
    assert_eq!(report.volume.alerts, 3);
    assert!(report.quality.is_none());
    assert!(terminal::text(&report).contains("none: volumes only"));
}

#[test]
fn the_seed_determines_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = |seed: &str| {
        let report = run(folder.path(), true, &["--sample", "1", "--seed", seed]);
        report.samples[0].above[0].msg_id.clone()
    };
    assert_eq!(drawn("3"), drawn("3"));
    let all: std::collections::BTreeSet<String> =
        (0..8).map(|seed| drawn(&seed.to_string())).collect();
    assert!(all.len() > 1, "{all:?}");
}

#[test]
fn the_page_loads_nothing_and_escapes_everything() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(folder.path(), true, &["--title", "<b>&"]);
    let page = html::page(&report);
    assert!(page.contains("&lt;b&gt;&amp;") && !page.contains("<b>"));
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for part in ["Alerts a day", "Precision and recall", "Single_large", "rows-0000003", "<svg"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_same_rows_and_rules_give_the_same_markdown() {
    let folder = tempfile::tempdir().unwrap();
    let text = || markdown::text(&run(folder.path(), true, &[]), "sentinel backtest");
    let first = text();
    assert_eq!(first, text());
    assert!(first.contains("| large | alert | 100 | 3 | 2 | 66.67 % | 2 | 1 |"), "{first}");
}

/// Copies the shipped model, recalibrated to be nearly sure of everything, into a new folder.
fn eager_model(folder: &Path) -> String {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/model");
    let folder = folder.join("model");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(shipped.join("model.onnx"), folder.join("model.onnx")).unwrap();
    let card = std::fs::read_to_string(shipped.join("card.json")).unwrap();
    let mut card: serde_json::Value = serde_json::from_str(&card).unwrap();
    card["calibration"] = serde_json::json!({ "method": "platt", "a": 0.01, "b": 5.0 });
    std::fs::write(folder.join("card.json"), card.to_string()).unwrap();
    folder.display().to_string()
}

#[test]
fn another_model_is_compared_with_the_same_rules() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), true, &[]);
    let rows = folder.path().join("rows.csv").display().to_string();
    let eager = eager_model(folder.path());

    let report = |words: &[&str]| {
        let fixed = ["backtest", rows.as_str()];
        backtest(&Command::parse_from(fixed.iter().chain(words)).args).unwrap()
    };
    let comparison = report(&["--against-model", &eager]).comparison.unwrap();
    assert_eq!(comparison.both.alerts + comparison.lost.alerts, 10);
    assert!(comparison.lost.alerts > 0 && comparison.against.contains(", model "));
    assert_eq!(report(&["--model", &eager]).volume.alerts, 10);
}
