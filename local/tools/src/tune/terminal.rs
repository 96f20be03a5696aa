//! The report as text for a terminal, with the commands to run next.

use std::fmt::Write as _;
use std::path::Path;

use super::change::Difference;
use super::live::LiveReport;
use super::params::{Counts, Numbers, ParamChange, RuleChange};
use super::report::{AlertRules, BorderCases, Choice, Report};
use crate::backtest::{Sample, Table, percent, write_table};
use crate::progress::thousands;

/// The whole report, as text; `out` is where the drafted set goes.
pub(super) fn text(report: &Report, out: Option<&Path>) -> String {
    let mut text = String::new();
    let payments = thousands(report.payments);
    let mut line = |name: &str, figure: String| {
        let _ = writeln!(text, "{name:<22} {figure}");
    };
    line("payments, days", format!("{payments}, {}", report.days));
    if let (Some(first), Some(last)) = (&report.first, &report.last) {
        line("from, to", format!("{first}, {last}"));
    }
    line("rules", report.rules.clone());
    line("model", report.model.clone().unwrap_or_else(|| "none".to_owned()));
    let (a_day, share) = (report.alerts_per_day, percent(Some(report.review_share)));
    line("target", format!("at most {a_day:.1} opened alerts a day, {share} reviews"));
    text.push('\n');
    write_table(&mut text, &lines(report));
    match &report.change {
        None => {
            let alone = rate(report.alert_rules.opened_per_day);
            let _ = writeln!(
                text,
                "\nNo lines are proposed: rules with the effect `alert` alone open {alone} alerts a day."
            );
        }
        Some(change) => {
            text.push('\n');
            difference(&mut text, "Lost", &change.lost);
            difference(&mut text, "Gained", &change.gained);
        }
    }
    report.rule_changes.iter().for_each(|change| rule_change(&mut text, change));
    text.push('\n');
    alert_rules(&mut text, &report.alert_rules);
    text.push('\n');
    write_table(&mut text, &choices(&report.choices));
    report.samples.iter().for_each(|near| samples(&mut text, near));
    commands(&mut text, report.drafted.as_deref(), out);
    text
}

fn rate(number: Option<f64>) -> String {
    number.map_or("–".to_owned(), |number| format!("{number:.1}"))
}

fn known(number: Option<u64>) -> String {
    number.map_or("–".to_owned(), thousands)
}

fn lines(report: &Report) -> Table {
    let header = [
        "lines",
        "alert",
        "review",
        "alerts",
        "share",
        "opened",
        "a day",
        "reviews",
        "a day",
        "share",
        "laundering",
        "stories",
    ];
    let mut table = Table::new("Outcome of the lines", &header);
    let sides = [("present", Some(&report.present)), ("proposed", report.proposed.as_ref())];
    for (name, gives) in sides {
        let Some(gives) = gives else { continue };
        table.rows.push(vec![
            name.to_owned(),
            gives.lines.alert.to_string(),
            gives.lines.review.to_string(),
            thousands(gives.alerts),
            percent(gives.alert_share),
            thousands(gives.opened),
            rate(gives.opened_per_day),
            thousands(gives.reviews),
            rate(gives.reviews_per_day),
            percent(gives.review_share),
            known(gives.laundering),
            known(gives.stories),
        ]);
    }
    table
}

fn difference(text: &mut String, name: &str, part: &Difference) {
    let (payments, opened) = (thousands(part.payments), thousands(part.opened));
    let _ = write!(text, "{name:<7} payments that alert {payments}, alerts they open {opened}");
    let known = [("laundering", part.laundering), ("stories", part.stories)];
    let counts = [("in review at the other lines", Some(part.reviewed))].into_iter().chain(known);
    for (what, count) in counts.filter_map(|(what, count)| Some((what, count?))) {
        let _ = write!(text, ", {what} {}", thousands(count));
    }
    if !part.story_ids.is_empty() {
        let _ = write!(text, " ({})", part.story_ids.join(", "));
    }
    text.push('\n');
}

fn params(text: &mut String, params: &[ParamChange]) {
    for param in params {
        let ParamChange { name, quantile, otherwise, numbers } = param;
        let _ = writeln!(text, "  {name} is {quantile}; {otherwise} without a segment");
        // Most numbers stay the same.
        for (segment, Numbers { present, proposed }) in numbers {
            if present != proposed {
                let _ = writeln!(
                    text,
                    "    {:<16} {present} now, {proposed} proposed",
                    segment.as_str()
                );
            }
        }
    }
}

fn rule_change(text: &mut String, change: &RuleChange) {
    let _ = writeln!(text, "\nRule {}", change.rule);
    params(text, &change.params);
    let counts = |counts: Counts| {
        let laundering = counts.laundering.map(|n| format!(" ({} laundering)", thousands(n)));
        format!("{}{}", thousands(counts.payments), laundering.unwrap_or_default())
    };
    let _ = writeln!(
        text,
        "  fires on {} payments, then no longer on {}, newly on {}",
        counts(change.fired),
        counts(change.fires_no_longer),
        counts(change.fires_newly)
    );
    let sides = [("still fires on", &change.just_above), ("no longer on", &change.just_below)];
    for (name, samples) in sides {
        for sample in samples {
            let own = format!("{}: ", change.rule);
            let reason = sample.reasons.iter().find_map(|reason| reason.strip_prefix(&own));
            let _ = writeln!(text, "  {name} {}  {}", sample.msg_id, reason.unwrap_or_default());
        }
    }
}

fn alert_rules(text: &mut String, found: &AlertRules) {
    let _ = writeln!(
        text,
        "Rules with the effect `alert` surface at any line: {} payments, {} opened alerts a day; {} \
         payments a day are below the line and alert only because of these rules.",
        thousands(found.payments),
        rate(found.opened_per_day),
        rate(found.below_the_line_per_day)
    );
    let mut table = Table::new("Their parameters are not tuned", &["", "fired", "a day", ""]);
    table.rows.extend(found.rules.iter().map(|rule| {
        let params = rule.params.iter().map(|(name, value)| format!("{name} {value}"));
        let params = params.collect::<Vec<_>>().join(", ");
        vec![rule.id.clone(), thousands(rule.fired), rate(rule.fired_per_day), params]
    }));
    if !table.rows.is_empty() {
        write_table(text, &table);
    }
}

fn choices(choices: &[Choice]) -> Table {
    let header = ["line", "alerts", "a day", "opened", "a day", "laundering", "stories"];
    let mut table = Table::new("If the alert line were", &header);
    table.rows.extend(choices.iter().map(|choice| {
        vec![
            format!("{:.0} %", 100.0 * choice.alert),
            thousands(choice.alerts),
            rate(choice.alerts_per_day),
            thousands(choice.opened),
            rate(choice.opened_per_day),
            known(choice.laundering),
            known(choice.stories),
        ]
    }));
    table
}

fn samples(text: &mut String, near: &BorderCases) {
    let mut side = |name: &str, samples: &[Sample]| {
        if samples.is_empty() {
            return;
        }
        let _ = writeln!(text, "\nJust {name} the line `{}` of {}", near.line, near.risk);
        for sample in samples {
            let reason = sample.reasons.first().map_or("no reason", String::as_str);
            let _ = writeln!(text, "  {} {:.6}  {reason}", sample.msg_id, sample.risk_score);
        }
    };
    side("above", &near.above);
    side("below", &near.below);
}

/// The report over a running system, as text.
pub(super) fn live(report: &LiveReport, out: Option<&Path>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, figure: String| {
        let _ = writeln!(text, "{name:<22} {figure}");
    };
    let share = percent(Some(report.review_share));
    line("system", report.url.clone());
    line("payments judged", thousands(report.payments));
    line("from, to", format!("{}, {}", report.from, report.until));
    line("rules", report.rules.clone());
    line(
        "target",
        format!("at most {:.1} payments a day at the line, {share} reviews", report.alerts_per_day),
    );
    text.push('\n');
    let header = ["lines", "alert", "review", "payments a day", "reviews a day"];
    let mut table =
        Table::new("Expected outcome of the lines, by the scores of the set in force", &header);
    for (name, gives) in [("present", report.present), ("proposed", report.proposed)] {
        table.rows.push(vec![
            name.to_owned(),
            gives.lines.alert.to_string(),
            gives.lines.review.to_string(),
            format!("{:.1}", gives.payments_per_day),
            format!("{:.1}", gives.reviews_per_day),
        ]);
    }
    write_table(&mut text, &table);
    let (lost, read) = (thousands(report.alerts_lost), thousands(report.alerts_read));
    let _ = writeln!(
        text,
        "\nOf the newest {read} alerts, {lost} are below the proposed line; those raised by a rule with \
         the effect `alert` stay."
    );
    for rule in &report.rule_changes {
        let _ = writeln!(text, "\nRule {}", rule.rule);
        params(&mut text, &rule.params);
    }
    for (name, cases) in [("above", &report.just_above), ("below", &report.just_below)] {
        if !cases.is_empty() {
            let _ = writeln!(text, "\nJust {name} the proposed alert line");
        }
        for case in cases {
            let _ = writeln!(text, "  {} {:.6}  {}", case.msg_id, case.score, case.explanation);
        }
    }
    let _ = writeln!(
        text,
        "\nScores change with the parameters: `sentinel tune` on an export of the payments judges them \
         again and shows what is lost."
    );
    commands(&mut text, Some(&report.drafted), out);
    text
}

fn commands(text: &mut String, drafted: Option<&str>, out: Option<&Path>) {
    let Some(version) = drafted else { return };
    let file = out.map_or("mine.json".to_owned(), |path| path.display().to_string());
    let unwritten = if out.is_none() { " --out mine.json writes the set." } else { "" };
    let _ = writeln!(
        text,
        "\nNothing has changed.{unwritten} Next steps:\n  \
         sentinel rules draft {file}\n  \
         sentinel rules shadow {version}\n  \
         sentinel rules live {version}   # by a second person, with their own --token"
    );
}
