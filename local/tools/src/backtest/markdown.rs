//! The report's figures as Markdown, for `shared/rules/RESULTS.md`. It has no timings, so the same
//! data and rules give the same text.

use std::fmt::Write as _;

use super::report::{Kind, Report};
use super::tables::{self, Table, decimal, percent, with_interval};
use crate::progress::thousands;

/// `command` is the command that reproduces the report.
pub(super) fn text(report: &Report, command: &str) -> String {
    let mut text = format!("## {}\n\n    {command}\n\n", report.title);
    let (window, volume) = (&report.window, &report.volume);
    let mut line = |name: &str, figure: String| {
        let _ = writeln!(text, "- {name}: {figure}");
    };
    line("rows", thousands(window.rows));
    line("rules", format!("`{}`", report.versions.rules));
    line("reference data", format!("`{}`", report.versions.reference));
    let model = report.versions.model.as_ref().map(|hash| format!("`{hash}`"));
    line("model", model.unwrap_or_else(|| "none".to_owned()));
    line(
        "alerts",
        format!(
            "{}, {} of the rows; {} of them opened, the others hits on these",
            thousands(volume.alerts),
            percent(volume.alert_rate),
            thousands(volume.opened)
        ),
    );
    let reviews = thousands(volume.reviews);
    line("reviews", format!("{reviews}, {} of the rows", percent(volume.review_rate)));
    if let Some(quality) = &report.quality {
        line("laundering", format!("{} rows", thousands(quality.laundering)));
        line("precision", with_interval(quality.precision, quality.precision_interval));
        line("recall", with_interval(quality.recall, quality.recall_interval));
        line("recall with the reviews", percent(quality.recall_with_reviews));
        line("PR-AUC by risk score", decimal(quality.pr_auc));
        if quality.pr_auc_of_model.is_some() {
            line("PR-AUC of the model alone", decimal(quality.pr_auc_of_model));
        }
    }
    if let Some(stories) = &report.stories {
        line("stories", tables::stories_line(stories));
        if !stories.missed.is_empty() {
            let missed = stories.missed.iter().map(|story| format!("`{}`", story.id));
            line("stories missed", missed.collect::<Vec<_>>().join(", "));
        }
    }
    let mut rules = tables::rules(report);
    let fired = report.rules.iter().map(|rule| rule.fired > 0);
    let mut fired = fired.collect::<Vec<_>>().into_iter();
    rules.rows.retain(|_| fired.next() == Some(true));
    rules.title = "Rules that fired".to_owned();
    let tables = [
        tables::rates(report),
        tables::typologies(report),
        tables::stories(report),
        kinds(report),
        tables::periods("Since the first day", &report.phases),
        rules,
    ];
    tables.iter().for_each(|table| write(&mut text, table));
    text
}

/// A row for each kind that alerts or is reviewed, and one row for all others.
fn kinds(report: &Report) -> Table {
    let (loud, quiet): (Vec<&Kind>, Vec<&Kind>) =
        report.kinds.iter().partition(|kind| kind.alerts + kind.reviews > 0);
    let mut table = tables::kinds(&loud);
    if !quiet.is_empty() {
        let payments = quiet.iter().map(|kind| kind.payments).sum();
        let kind = format!("{} others", quiet.len());
        let others = Kind { kind, payments, ..Kind::default() };
        table.rows.extend(tables::kinds(&[&others]).rows);
    }
    table
}

fn write(text: &mut String, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let _ = write!(text, "\n{}:\n\n{}", table.title, line(&table.header));
    let align = table.header.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" });
    text.push_str(&line(&align.map(str::to_owned).collect::<Vec<_>>()));
    table.rows.iter().for_each(|row| text.push_str(&line(row)));
}
