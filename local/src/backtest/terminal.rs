//! The report as tables for a terminal.

use std::fmt::Write as _;

use super::report::{Comparison, Report, Sample};
use crate::progress::thousands;

/// Rows of the longest tables; the JSON and the HTML have them all.
const MOST_ROWS: usize = 25;

/// The whole report, as text.
pub(super) fn text(report: &Report) -> String {
    let mut text = String::new();
    overview(&mut text, report);
    let mut tables = vec![levels(report), rates(report), typologies(report), rules(report)];
    if report.quality.is_none() {
        tables.push(ordinary(report));
    }
    for table in tables.into_iter().filter(|table| !table.rows.is_empty()) {
        text.push('\n');
        table.write(&mut text);
    }
    comparison(&mut text, report);
    for near in &report.samples {
        samples(&mut text, &format!("Just above the line of {}", near.line), &near.above);
        samples(&mut text, &format!("Just below the line of {}", near.line), &near.below);
    }
    time(&mut text, report);
    text
}

/// `0.1234` as `12.34 %`, and a dash for nothing.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.2} %", 100.0 * share))
}

pub(super) fn decimal(number: Option<f64>) -> String {
    number.map_or("–".to_owned(), |number| format!("{number:.4}"))
}

/// A share with its interval.
pub(super) fn with_interval(share: Option<f64>, interval: Option<[f64; 2]>) -> String {
    match interval {
        Some([low, high]) => {
            format!("{} (95 %: {:.1} to {:.1})", percent(share), 100.0 * low, 100.0 * high)
        }
        None => percent(share),
    }
}

/// Columns of text; the first is set left, the others right.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(title: &str, header: &[&str]) -> Self {
        let header = header.iter().map(|cell| (*cell).to_owned()).collect();
        Self { title: title.to_owned(), header, rows: Vec::new() }
    }

    fn write(&self, text: &mut String) {
        let width = |at: usize| {
            let cells = self.rows.iter().chain([&self.header]).filter_map(|row| row.get(at));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        let _ = writeln!(text, "{}", self.title);
        for row in [&self.header].into_iter().chain(self.rows.iter().take(MOST_ROWS)) {
            let mut line = String::from(" ");
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let _ = match at {
                    0 => write!(line, " {cell:<width$}"),
                    _ => write!(line, "  {cell:>width$}"),
                };
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
        if let Some(more) = self.rows.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
            let _ = writeln!(text, "  and {more} more");
        }
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
    line("of them uncertain", format!("{}, for a person without an LLM", volume.reviews));
    for file in report.files.iter().filter(|file| file.summary.faulty > 0) {
        line("left out", format!("{} of {}", thousands(file.summary.faulty), file.summary.name));
        for fault in &file.faults {
            let lines: Vec<String> = fault.lines.iter().map(ToString::to_string).collect();
            let (count, lines) = (thousands(fault.rows), lines.join(", "));
            line("", format!("{count}: {} (line {lines})", fault.reason));
        }
    }
    let Some(quality) = &report.quality else {
        line("labels", "none: volumes only".to_owned());
        return;
    };
    line("laundering", format!("{} rows", thousands(quality.laundering)));
    line("precision", with_interval(quality.precision, quality.precision_interval));
    line("recall", with_interval(quality.recall, quality.recall_interval));
    line("F1", decimal(quality.f1));
    line("PR-AUC by risk score", decimal(quality.pr_auc));
    line("by the model alone", decimal(quality.pr_auc_of_model));
}

pub(super) fn levels(report: &Report) -> Table {
    let mut table = Table::new("How rows were settled", &["", "rows", "laundering"]);
    table.rows.extend(
        report.levels.iter().map(|row| {
            vec![row.settled.to_owned(), thousands(row.rows), thousands(row.laundering)]
        }),
    );
    table
}

pub(super) fn rates(report: &Report) -> Table {
    let header = ["alert budget", "alerts", "from score", "recall", "precision", "model alone"];
    let mut table = Table::new("If alerts were a fixed share of the rows", &header);
    let rates = report.quality.iter().flat_map(|quality| &quality.at_rates);
    table.rows.extend(rates.map(|at| {
        vec![
            format!("{} %", 100.0 * at.rate),
            thousands(at.alerts),
            format!("{:.6}", at.score),
            percent(at.recall),
            percent(at.precision),
            percent(at.recall_of_model),
        ]
    }));
    table
}

pub(super) fn typologies(report: &Report) -> Table {
    let header = ["typology", "rows", "caught", "recall", "at 0.1 %", "at 0.5 %", "at 1 %"];
    let mut table = Table::new("Laundering by typology", &header);
    table.rows.extend(report.typologies.iter().map(|row| {
        let mut cells = vec![row.typology.clone(), thousands(row.rows), thousands(row.caught)];
        cells.push(percent(row.recall));
        cells.extend(row.recall_at_rates.iter().map(|recall| percent(Some(*recall))));
        cells
    }));
    table
}

pub(super) fn ordinary(report: &Report) -> Table {
    let mut table =
        Table::new("Everything else by typology", &["typology", "rows", "alerts", "alert rate"]);
    table.rows.extend(report.ordinary.iter().map(|row| {
        let counts = [thousands(row.rows), thousands(row.alerts), percent(row.alert_rate)];
        [row.typology.clone()].into_iter().chain(counts).collect()
    }));
    table
}

pub(super) fn rules(report: &Report) -> Table {
    let header =
        ["rule", "effect", "points", "fired", "true", "precision", "sole alerts", "unique catches"];
    let mut table = Table::new("Rules", &header);
    table.rows.extend(report.rules.iter().map(|row| {
        vec![
            row.id.clone(),
            row.effect.to_owned(),
            row.points.to_string(),
            thousands(row.fired),
            thousands(row.true_positives),
            percent(row.precision),
            thousands(row.sole_alerts),
            thousands(row.unique_catches),
        ]
    }));
    table
}

fn comparison(text: &mut String, report: &Report) {
    let Some(comparison) = &report.comparison else { return };
    text.push('\n');
    counts(comparison).write(text);
    samples(text, "Lost true positives", &comparison.lost_true_positives);
}

pub(super) fn counts(comparison: &Comparison) -> Table {
    let title = format!("Beside the rules {}", comparison.against);
    let mut table = Table::new(&title, &["", "alerts", "laundering"]);
    for (name, counts) in
        [("both", comparison.both), ("gained", comparison.gained), ("lost", comparison.lost)]
    {
        let counts = [counts.alerts, counts.laundering].map(thousands);
        table.rows.push([name.to_owned()].into_iter().chain(counts).collect());
    }
    table
}

fn samples(text: &mut String, title: &str, samples: &[Sample]) {
    if samples.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    for sample in samples.iter().take(MOST_ROWS) {
        let label = sample.laundering_type.as_deref().unwrap_or_default();
        let model = sample.probability.map_or(String::new(), |p| format!(", model {p:.6}"));
        let _ = writeln!(text, "  {} {} points{model} {label}", sample.msg_id, sample.points);
        for reason in sample.reasons.iter().take(3) {
            let _ = writeln!(text, "      {reason}");
        }
    }
    if samples.len() > MOST_ROWS {
        let _ = writeln!(text, "  and {} more", samples.len() - MOST_ROWS);
    }
}

fn time(text: &mut String, report: &Report) {
    text.push('\n');
    times(report).write(text);
    let time = &report.time;
    let _ = writeln!(
        text,
        "  {:.0} rows/s; profiles, features and rules alone {:.0} rows/s on one core",
        time.rows_per_second, time.rules_and_profiles_per_second
    );
}

pub(super) fn times(report: &Report) -> Table {
    let time = &report.time;
    let rows = report.window.rows;
    let mut table = Table::new("Time", &["", "seconds", "µs a row"]);
    let threads = format!("model, {} threads", time.took.model_threads);
    for (name, seconds) in [
        ("reading", time.read),
        ("profiles", time.took.profiles),
        ("features", time.took.features),
        ("rules", time.took.rules),
        (threads.as_str(), time.took.model),
        ("counting", time.took.counting),
        ("judging, in all", time.took.pass),
        ("reasons", time.revisit),
        ("everything", time.total),
    ] {
        let micros = 1e6 * seconds / super::metrics::float(rows.max(1));
        table.rows.push(vec![name.to_owned(), format!("{seconds:.2}"), format!("{micros:.2}")]);
    }
    table
}
