//! A town small enough to count by hand: three kinds of honest payments, and three planted cases, one
//! of which is found in time, one late, and one not at all.

use std::path::Path;

use clap::Parser as _;
use serde_json::{Value, json};

use super::report::{Kind, Period, StoryRow};
use super::tests::{Command, rules};
use super::*;

/// The rule of these tests alerts from 15,000 dollars on.
const LIMIT: u32 = 15_000;

/// The town's file: lines of JSON, each with new accounts unless a sender is named.
#[derive(Default)]
struct Town(Vec<Value>);

impl Town {
    fn pay(&mut self, (day, minute): (i64, i64), amount: u32, more: &Value) {
        let number = self.0.len();
        let at = jiff::Timestamp::from_second(1_767_571_200 + 86_400 * day + 60 * minute).unwrap();
        let mut line = json!({
            "msg_id": format!("p-{number}"), "timestamp": at.to_string(),
            "sender": { "account": format!("s{number}"), "bank_country": "US" },
            "receiver": { "account": format!("r{number}"), "bank_country": "US" },
            "amount": amount.to_string(), "currency": "USD", "payment_type": "transfer",
        });
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.0.push(line);
    }

    /// Adds honest payments, of which `loud` alert.
    fn honest(&mut self, kind: &str, day: i64, payments: i64, loud: i64) {
        for at in 0..payments {
            let amount = if at < loud { LIMIT } else { 100 };
            let one = json!({ "is_laundering": false, "laundering_type": kind,
                              "sender": { "account": kind, "bank_country": "US" } });
            self.pay((day, at), amount, &one);
        }
    }

    fn story(&mut self, typology: &str, id: &str, day: i64, payments: &[(i64, u32)]) {
        for (hour, amount) in payments {
            let one = json!({ "is_laundering": true, "laundering_type": typology, "story": id });
            self.pay((day, 60 * hour), *amount, &one);
        }
    }
}

/// From Monday, 2026-01-05, on.
fn town() -> Town {
    let mut town = Town::default();
    town.honest("salary", 0, 60, 2);
    town.story("fan_in", "fan_in-01", 1, &[(1, 4_000), (3, 20_000), (4, 16_000)]);
    town.honest("rent", 8, 10, 1);
    town.story("fan_in", "fan_in-02", 9, &[(1, 10_000), (2, 10_000), (13, 20_000)]);
    town.honest("charity_donation", 30, 50, 1);
    town.story("cycle", "cycle-01", 31, &[(1, 9_000), (4, 8_000)]);
    town
}

fn run(folder: &Path, review: f64, words: &[&str]) -> Report {
    let path = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let lines: Vec<String> = town().0.iter().map(ToString::to_string).collect();
    let file = path("town.ndjson", lines.join("\n"));
    let rules = path("rules.json", rules("test", LIMIT, review));
    let fixed = ["backtest", &file, "--rules", &rules];
    backtest(&Command::parse_from(fixed.iter().chain(words)).args).unwrap()
}

fn report(words: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), 0.1, words)
}

#[test]
fn honest_payments_are_listed_by_kind_the_loudest_first() {
    let kinds = report(&["--no-model"]).kinds;
    let figures = |kind: &Kind| {
        let rate = (100.0 * kind.alerts_per_10_000).round() / 100.0;
        (kind.kind.clone(), kind.payments, kind.alerts, rate, kind.opened, kind.flagged)
    };
    let expect = [
        // Ten payments are too few to be flagged.
        ("rent".to_owned(), 10, 1, 1_000.0, 1, false),
        // Two from the same account on the same day: the second is a hit on the first.
        ("salary".to_owned(), 60, 2, 333.33, 1, true),
        // Two in a hundred are allowed.
        ("charity_donation".to_owned(), 50, 1, 200.0, 1, false),
    ];
    assert_eq!(kinds.iter().map(figures).collect::<Vec<_>>(), expect);
}

#[test]
fn a_story_is_found_in_time_late_or_not_at_all() {
    let stories = report(&["--no-model"]).stories.unwrap();
    let figures = |row: &StoryRow| {
        let medians = (row.median_gone, row.median_hours);
        (row.typology.clone(), row.stories, row.found, row.in_time, medians)
    };
    // Gone before the first alert: 4,000 of 40,000, and 20,000 of 40,000. Half is too late.
    let medians = (Some(0.3), Some(7.0));
    let expect =
        [("cycle".to_owned(), 1, 0, 0, (None, None)), ("fan_in".to_owned(), 2, 2, 1, medians)];
    assert_eq!(stories.typologies.iter().map(figures).collect::<Vec<_>>(), expect);
    assert_eq!(figures(&stories.total), ("all".to_owned(), 3, 2, 1, medians));
    assert_eq!((stories.worst.as_deref(), stories.cut), (Some("cycle"), 0));
    let [missed] = &stories.missed[..] else { panic!("{:?}", stories.missed) };
    assert_eq!((missed.id.as_str(), missed.typology.as_str()), ("cycle-01", "cycle"));
    assert_eq!((missed.payments, missed.money, missed.hours), (2, 17_000.0, 3.0));
}

#[test]
fn a_story_that_the_window_cuts_is_not_counted() {
    // Between the first payment of fan_in-01 and its second.
    let stories = report(&["--no-model", "--from", "2026-01-06T02:00:00Z"]).stories.unwrap();
    assert_eq!((stories.total.stories, stories.total.found, stories.cut), (2, 1, 1));
    // Before the last payment of cycle-01.
    let stories = report(&["--no-model", "--until", "2026-02-05T03:00:00Z"]).stories.unwrap();
    assert_eq!((stories.total.stories, stories.total.found, stories.cut), (2, 2, 1));
}

#[test]
fn weeks_count_from_the_first_day_of_the_file() {
    let figures = |period: &Period| {
        let all = (period.payments, period.alerts);
        (period.name.clone(), period.from.clone(), all, (period.honest, period.honest_alerts))
    };
    let report = report(&["--no-model"]);
    let expect = |names: [&str; 3]| {
        let [first, second, fifth] = names.map(str::to_owned);
        [
            (first, "2026-01-05".to_owned(), (63, 4), (60, 2)),
            (second, "2026-01-12".to_owned(), (13, 2), (10, 1)),
            (fifth, "2026-02-02".to_owned(), (52, 1), (50, 1)),
        ]
    };
    let weeks: Vec<_> = report.weeks.iter().map(figures).collect();
    assert_eq!(weeks, expect(["week 1", "week 2", "week 5"]));
    let phases: Vec<_> = report.phases.iter().map(figures).collect();
    assert_eq!(phases, expect(["week 1", "weeks 2 to 4", "week 5 and later"]));
    assert_eq!(report.weeks[2].honest_alert_rate, Some(0.02));

    // Measured from the second week on, it is still the second.
    let late = self::report(&["--no-model", "--from", "2026-01-12"]);
    assert_eq!(late.weeks.iter().map(figures).collect::<Vec<_>>(), weeks[1..]);
}

#[test]
fn reviews_are_not_alerts() {
    let folder = tempfile::tempdir().unwrap();
    // Unsure about everything on which no rule alerts.
    let report = run(folder.path(), 0.0, &["--no-model"]);
    let volume = &report.volume;
    assert_eq!((volume.alerts, volume.opened, volume.reviews), (7, 6, 121));
    assert_eq!(volume.review_rate, Some(121.0 / 128.0));
    let quality = report.quality.as_ref().unwrap();
    assert_eq!((quality.true_positives, quality.false_positives), (3, 4));
    assert_eq!((quality.recall, quality.reviewed_positives), (Some(3.0 / 8.0), 5));
    assert_eq!(quality.recall_with_reviews, Some(1.0));
    let stories = report.stories.as_ref().unwrap();
    assert_eq!((stories.total.found, stories.total.reviewed_only), (2, 1));
    assert_eq!(stories.missed[0].reviews, 2);
    let rent = &report.kinds[0];
    assert_eq!((rent.kind.as_str(), rent.alerts, rent.reviews), ("rent", 1, 9));
    let reviews: Vec<u64> = report.weeks.iter().map(|week| week.reviews).collect();
    assert_eq!(reviews, [59, 11, 51]);
}

#[test]
fn every_form_of_the_report_shows_kinds_stories_and_weeks() {
    let folder = tempfile::tempdir().unwrap();
    let decisions = folder.path().join("decisions.ndjson").display().to_string();
    let report = run(folder.path(), 0.1, &["--no-model", "--decisions", &decisions]);
    let markdown = markdown::text(&report, "sentinel backtest");
    for (form, text) in [
        ("terminal", terminal::text(&report)),
        ("HTML", html::page(&report)),
        ("JSON", serde_json::to_string(&report).unwrap()),
        ("Markdown", markdown.clone()),
    ] {
        for part in ["salary", "fan_in", "cycle-01", "weeks 2 to 4", "333.3"] {
            assert!(text.contains(part), "{form} without {part}: {text}");
        }
    }
    assert!(markdown.contains("| salary | 60 | 2 | 333.3 | 1 | 0 | yes |"), "{markdown}");
    assert!(markdown.contains("worst cycle: 0 of 1 in time"), "{markdown}");

    let decisions = std::fs::read_to_string(decisions).unwrap();
    let stories: Vec<Value> = decisions.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let story = |at: usize| stories[at]["story"].as_str();
    assert_eq!((story(0), story(60)), (None, Some("fan_in-01")));
}
