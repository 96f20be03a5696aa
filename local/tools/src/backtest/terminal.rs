//! The report as text for a terminal.

use std::fmt::Write as _;

use super::report::{Report, Sample};
use super::tables::{self, Table, decimal, percent, with_interval};
use crate::progress::thousands;

/// Samples of each kind at most; JSON and HTML have all of them.
const MOST_SAMPLES: usize = 25;

/// The whole report, as text.
pub(super) fn text(report: &Report) -> String {
    let mut text = String::new();
    overview(&mut text, report);
    let tables = [
        tables::levels(report),
        tables::rates(report),
        tables::typologies(report),
        tables::stories(report),
        tables::missed(report),
        tables::kinds(&report.kinds.iter().collect::<Vec<_>>()),
        tables::periods("Since the first day", &report.phases),
        tables::periods("Week by week", &report.weeks),
        tables::rules(report),
    ];
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        text.push('\n');
        write(&mut text, table);
    }
    comparison(&mut text, report);
    for near in &report.samples {
        samples(&mut text, &format!("Just above the line of {}", near.line), &near.above);
        samples(&mut text, &format!("Just below the line of {}", near.line), &near.below);
    }
    time(&mut text, report);
    text
}

/// Writes a table with aligned columns.
pub(crate) fn write(text: &mut String, table: &Table) {
    let width = |at: usize| {
        let cells = table.rows.iter().chain([&table.header]).filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..table.header.len()).map(width).collect();
    let _ = writeln!(text, "{}", table.title);
    for row in [&table.header].into_iter().chain(table.rows.iter().take(table.shown)) {
        let mut line = String::from(" ");
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = match at {
                0 => write!(line, " {cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if let Some(more) = table.rows.len().checked_sub(table.shown).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more");
    }
}

fn overview(text: &mut String, report: &Report) {
    let mut line = |name: &str, figure: String| {
        let _ = writeln!(text, "{name:<22} {figure}");
    };
    let window = &report.window;
    line("rows", thousands(window.rows));
    if let (Some(first), Some(last)) = (&window.first, &window.last) {
        line("from, to", format!("{first}, {last}"));
    }
    if window.warm_up_rows + window.later_rows > 0 {
        line("before, after", format!("{}, {}", window.warm_up_rows, window.later_rows));
    }
    line("rules", report.versions.rules.clone());
    line("reference data", report.versions.reference.clone());
    line("model", report.versions.model.clone().unwrap_or_else(|| "none".to_owned()));
    let volume = &report.volume;
    line(
        "alerts",
        format!("{}, {} of the rows", thousands(volume.alerts), percent(volume.alert_rate)),
    );
    if let Some(per_day) = volume.alerts_per_day {
        line("alerts a day", format!("{per_day:.1} over {} days", volume.days));
    }
    if let Some(per_day) = volume.opened_per_day {
        let opened = thousands(volume.opened);
        line(
            "of them opened",
            format!("{opened}, {per_day:.1} a day; the others are hits on them"),
        );
    }
    let reviews = thousands(volume.reviews);
    line(
        "reviews",
        format!("{reviews}, {} of the rows, not counted as alerts", percent(volume.review_rate)),
    );
    for file in report.files.iter().filter(|file| file.summary.faulty > 0) {
        line("left out", format!("{} of {}", thousands(file.summary.faulty), file.summary.name));
        for fault in &file.faults {
            let lines: Vec<String> = fault.lines.iter().map(ToString::to_string).collect();
            let (count, lines) = (thousands(fault.rows), lines.join(", "));
            line("", format!("{count}: {} (line {lines})", fault.reason));
        }
    }
    if let Some(stories) = &report.stories {
        line("stories", tables::stories_line(stories));
    }
    let Some(quality) = &report.quality else {
        line("labels", "none: volumes only".to_owned());
        return;
    };
    line("laundering", format!("{} rows", thousands(quality.laundering)));
    line("precision", with_interval(quality.precision, quality.precision_interval));
    line("recall", with_interval(quality.recall, quality.recall_interval));
    line("with the reviews", percent(quality.recall_with_reviews));
    line("F1", decimal(quality.f1));
    line("PR-AUC by risk score", decimal(quality.pr_auc));
    line("by the model alone", decimal(quality.pr_auc_of_model));
}

fn comparison(text: &mut String, report: &Report) {
    let Some(comparison) = &report.comparison else { return };
    text.push('\n');
    write(text, &tables::counts(comparison));
    samples(text, "Lost true positives", &comparison.lost_true_positives);
}

fn samples(text: &mut String, title: &str, samples: &[Sample]) {
    if samples.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    for sample in samples.iter().take(MOST_SAMPLES) {
        let label = sample.laundering_type.as_deref().unwrap_or_default();
        let model = sample.probability.map_or(String::new(), |p| format!(", model {p:.6}"));
        let _ = writeln!(text, "  {} {} points{model} {label}", sample.msg_id, sample.points);
        for reason in sample.reasons.iter().take(3) {
            let _ = writeln!(text, "      {reason}");
        }
    }
    if samples.len() > MOST_SAMPLES {
        let _ = writeln!(text, "  and {} more", samples.len() - MOST_SAMPLES);
    }
}

fn time(text: &mut String, report: &Report) {
    text.push('\n');
    write(text, &tables::times(report));
    let time = &report.time;
    let _ = writeln!(
        text,
        "  {:.0} rows/s; profiles, features and rules alone {:.0} rows/s on one core",
        time.rows_per_second, time.rules_and_profiles_per_second
    );
}
