//! The report's tables as text cells, shared by the terminal, HTML and Markdown forms.

use super::metrics::float;
use super::report::{Comparison, Kind, Period, Report, Stories, StoryRow};
use crate::progress::thousands;

/// `0.1234` as `12.34 %`, and a dash for None.
pub(crate) fn percent(share: Option<f64>) -> String {
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

/// Columns of text; the first is left-aligned, the others right-aligned.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// How many rows a terminal shows; the other forms show all.
    pub(crate) shown: usize,
}

impl Table {
    pub(crate) fn new(title: &str, header: &[&str]) -> Self {
        let header = header.iter().map(|cell| (*cell).to_owned()).collect();
        Self { title: title.to_owned(), header, rows: Vec::new(), shown: 25 }
    }
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
    let header =
        ["typology", "rows", "caught", "recall", "reviews", "at 0.1 %", "at 0.5 %", "at 1 %"];
    let mut table = Table::new("Laundering by typology", &header);
    table.rows.extend(report.typologies.iter().map(|row| {
        let mut cells = vec![row.typology.clone(), thousands(row.rows), thousands(row.caught)];
        cells.extend([percent(row.recall), thousands(row.reviews)]);
        cells.extend(row.recall_at_rates.iter().map(|recall| percent(Some(*recall))));
        cells
    }));
    table
}

pub(super) fn kinds(kinds: &[&Kind]) -> Table {
    let header = ["kind", "payments", "alerts", "per 10,000", "opened", "reviews", "too loud"];
    let mut table = Table::new("Honest payments by kind", &header);
    table.shown = 100;
    table.rows.extend(kinds.iter().map(|kind| {
        vec![
            kind.kind.clone(),
            thousands(kind.payments),
            thousands(kind.alerts),
            format!("{:.1}", kind.alerts_per_10_000),
            thousands(kind.opened),
            thousands(kind.reviews),
            if kind.flagged { "yes" } else { "" }.to_owned(),
        ]
    }));
    table
}

/// How loud each phase is, or each week.
pub(super) fn periods(title: &str, periods: &[Period]) -> Table {
    let header = [
        "",
        "from",
        "payments",
        "alerts",
        "alert rate",
        "reviews",
        "honest",
        "honest alerts",
        "honest rate",
    ];
    let mut table = Table::new(title, &header);
    table.rows.extend(periods.iter().map(|period| {
        vec![
            period.name.clone(),
            period.from.clone(),
            thousands(period.payments),
            thousands(period.alerts),
            percent(period.alert_rate),
            thousands(period.reviews),
            thousands(period.honest),
            thousands(period.honest_alerts),
            percent(period.honest_alert_rate),
        ]
    }));
    table
}

pub(super) fn stories(report: &Report) -> Table {
    let header = [
        "typology",
        "stories",
        "found",
        "found rate",
        "in time",
        "in time rate",
        "only in review",
        "median gone",
        "median hours",
    ];
    let title = "Stories: found, and in time (before half of the money is gone), worst first";
    let mut table = Table::new(title, &header);
    table.shown = 100;
    let Some(stories) = &report.stories else { return table };
    let row = |row: &StoryRow| {
        vec![
            row.typology.clone(),
            thousands(row.stories),
            thousands(row.found),
            percent(row.found_rate),
            thousands(row.in_time),
            percent(row.in_time_rate),
            thousands(row.reviewed_only),
            percent(row.median_gone),
            row.median_hours.map_or("–".to_owned(), |hours| format!("{hours:.1}")),
        ]
    };
    table.rows.extend(stories.typologies.iter().chain([&stories.total]).map(row));
    table
}

/// One line about the stories, for the overview.
pub(super) fn stories_line(stories: &Stories) -> String {
    let StoryRow { stories: all, found, in_time, in_time_rate, .. } = &stories.total;
    let mut text = format!(
        "{} of {} found, {} in time ({})",
        thousands(*found),
        thousands(*all),
        thousands(*in_time),
        percent(*in_time_rate)
    );
    if let Some(worst) = stories.typologies.first() {
        let (name, in_time) = (&worst.typology, worst.in_time);
        text += &format!("; worst {name}: {in_time} of {} in time", worst.stories);
    }
    if stories.cut > 0 {
        text += &format!("; {} not counted, being partly outside the window", stories.cut);
    }
    text
}

pub(super) fn missed(report: &Report) -> Table {
    let header = ["story", "typology", "payments", "money (base)", "hours", "reviews"];
    let mut table = Table::new("Stories missed", &header);
    let missed = report.stories.iter().flat_map(|stories| &stories.missed);
    table.rows.extend(missed.map(|story| {
        vec![
            story.id.clone(),
            story.typology.clone(),
            thousands(story.payments),
            format!("{:.0}", story.money),
            format!("{:.1}", story.hours),
            thousands(story.reviews),
        ]
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

pub(super) fn counts(comparison: &Comparison) -> Table {
    let title = format!("Compared with the rules {}", comparison.against);
    let mut table = Table::new(&title, &["", "alerts", "laundering"]);
    for (name, counts) in
        [("both", comparison.both), ("gained", comparison.gained), ("lost", comparison.lost)]
    {
        let counts = [counts.alerts, counts.laundering].map(thousands);
        table.rows.push([name.to_owned()].into_iter().chain(counts).collect());
    }
    table
}

pub(super) fn times(report: &Report) -> Table {
    let time = &report.time;
    let rows = report.window.rows;
    let mut table = Table::new("Time", &["", "seconds", "µs per row"]);
    let threads = format!("model, {} threads", time.timings.model_threads);
    for (name, seconds) in [
        ("reading", time.read),
        ("profiles", time.timings.profiles),
        ("features", time.timings.features),
        ("rules", time.timings.rules),
        (threads.as_str(), time.timings.model),
        ("counting", time.timings.counting),
        ("judging, in all", time.timings.pass),
        ("reasons", time.revisit),
        ("everything", time.total),
    ] {
        let micros = 1e6 * seconds / float(rows.max(1));
        table.rows.push(vec![name.to_owned(), format!("{seconds:.2}"), format!("{micros:.2}")]);
    }
    table
}
