//! The report as data: every figure once. The terminal, JSON, HTML and Markdown forms show it.

use sentinel::case::risk::Lines;
use serde::Serialize;

use super::metrics::CurvePoint;
use super::pass::Timings;
use crate::history::{FaultSummary, FileSummary};

/// Everything a backtest found.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    pub(super) title: String,
    pub(super) files: Vec<File>,
    pub(super) window: Window,
    pub(super) versions: Versions,
    pub(super) volume: Volume,
    /// `None` if no row of the window has a label.
    pub(super) quality: Option<Quality>,
    pub(super) levels: Vec<LevelRow>,
    pub(super) rules: Vec<RuleRow>,
    /// By the data set's names for suspicious patterns.
    pub(super) typologies: Vec<TypologyRow>,
    /// Honest payments by kind, the loudest first: the sources of false alarms.
    pub(super) kinds: Vec<Kind>,
    /// `None` if the data set does not name stories.
    pub(super) stories: Option<Stories>,
    pub(super) days: Vec<Day>,
    /// By week since the first day of the files.
    pub(super) weeks: Vec<Period>,
    /// The same in three phases: the first week, the next three, the rest.
    pub(super) phases: Vec<Period>,
    pub(super) scores: Vec<Bin>,
    /// One per line: the rules' points, the model's probability.
    pub(super) samples: Vec<Samples>,
    pub(super) comparison: Option<Comparison>,
    pub(super) time: Time,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct File {
    #[serde(flatten)]
    pub(super) summary: FileSummary,
    pub(super) faults: Vec<FaultSummary>,
}

/// The measured rows. Times are RFC 3339, UTC.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Window {
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    pub(super) rows: u64,
    /// Earlier rows, which only built the profiles.
    pub(super) warm_up_rows: u64,
    /// Later rows, which were ignored.
    pub(super) later_rows: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Versions {
    pub(super) core: String,
    pub(super) rules: String,
    pub(super) reference: String,
    /// `None` if the model was left out.
    pub(super) model: Option<String>,
    /// The risks from which a payment alerts or is reviewed.
    pub(super) lines: Lines,
}

/// How much work reaches the analysts.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Volume {
    pub(super) alerts: u64,
    /// Of the rows.
    pub(super) alert_rate: Option<f64>,
    /// Alerts that open; the others are hits on one that is open for the account and typology.
    pub(super) opened: u64,
    /// Opened although one was open for the same topic, because they are more severe.
    pub(super) raised: u64,
    pub(super) opened_per_day: Option<f64>,
    /// Rows that no level could settle: they go to the review queue, and are not alerts.
    pub(super) reviews: u64,
    /// Of the rows.
    pub(super) review_rate: Option<f64>,
    pub(super) days: u64,
    pub(super) alerts_per_day: Option<f64>,
}

/// How well the alerts match the labels.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Quality {
    pub(super) labelled: u64,
    pub(super) laundering: u64,
    pub(super) true_positives: u64,
    pub(super) false_positives: u64,
    pub(super) false_negatives: u64,
    pub(super) precision: Option<f64>,
    /// Wilson's, 95 %.
    pub(super) precision_interval: Option<[f64; 2]>,
    pub(super) recall: Option<f64>,
    pub(super) recall_interval: Option<[f64; 2]>,
    /// Laundering rows among the reviews, and the recall including these.
    pub(super) reviewed_positives: u64,
    pub(super) recall_with_reviews: Option<f64>,
    pub(super) f1: Option<f64>,
    /// Area under the precision-recall curve by risk score: average precision.
    pub(super) pr_auc: Option<f64>,
    /// The same by the model's probability alone; `None` without the model.
    pub(super) pr_auc_of_model: Option<f64>,
    pub(super) at_rates: Vec<BudgetRow>,
    pub(super) curve: Vec<CurvePoint>,
}

/// What alerting a fixed share of the rows, those with the highest scores, would find.
#[derive(Debug, Clone, Serialize)]
pub(super) struct BudgetRow {
    pub(super) rate: f64,
    pub(super) alerts: u64,
    /// The score of the last of them.
    pub(super) score: f64,
    pub(super) recall: Option<f64>,
    pub(super) precision: Option<f64>,
    /// If the model's probability alone ranked the rows; `None` without the model.
    pub(super) recall_of_model: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct LevelRow {
    pub(super) settled: &'static str,
    pub(super) rows: u64,
    pub(super) laundering: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct RuleRow {
    pub(super) id: String,
    pub(super) typology: String,
    pub(super) effect: &'static str,
    pub(super) points: f64,
    pub(super) fired: u64,
    pub(super) true_positives: u64,
    pub(super) precision: Option<f64>,
    /// Suspicious rows that alert but would not without this rule.
    pub(super) unique_catches: u64,
    /// All rows that alert but would not without this rule.
    pub(super) sole_alerts: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct TypologyRow {
    pub(super) typology: String,
    pub(super) rows: u64,
    pub(super) caught: u64,
    pub(super) reviews: u64,
    pub(super) recall: Option<f64>,
    /// At the rates of [`Quality::at_rates`].
    pub(super) recall_at_rates: Vec<f64>,
}

/// Honest payments of one kind (`salary`).
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Kind {
    pub(super) kind: String,
    pub(super) payments: u64,
    pub(super) alerts: u64,
    pub(super) alerts_per_10_000: f64,
    /// Alerts that opened; the others are hits on one that was open.
    pub(super) opened: u64,
    pub(super) reviews: u64,
    /// Whether it alerts too often, judged only if there are enough payments.
    pub(super) flagged: bool,
}

/// What became of the planted cases; [`super::stories`] defines when money is gone.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Stories {
    pub(super) total: StoryRow,
    /// The typology with the smallest share found in time.
    pub(super) worst: Option<String>,
    /// From the worst to the best.
    pub(super) typologies: Vec<StoryRow>,
    /// The first hundred, ordered by typology.
    pub(super) missed: Vec<MissedStory>,
    /// Stories that lie only partly in the window; they are not counted.
    pub(super) cut: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct StoryRow {
    pub(super) typology: String,
    pub(super) stories: u64,
    /// At least one payment alerts.
    pub(super) found: u64,
    pub(super) found_rate: Option<f64>,
    /// Detection before half of the money is gone.
    pub(super) in_time: u64,
    pub(super) in_time_rate: Option<f64>,
    /// Not found, but with a payment in the review queue.
    pub(super) reviewed_only: u64,
    /// Share of the money gone when the story was found; over those found.
    pub(super) median_gone: Option<f64>,
    /// From the story's first payment to the first that alerts; over those found.
    pub(super) median_hours: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct MissedStory {
    pub(super) id: String,
    pub(super) typology: String,
    pub(super) payments: u64,
    /// In the base currency.
    pub(super) money: f64,
    /// From the first payment to the last.
    pub(super) hours: f64,
    /// Payments in the review queue.
    pub(super) reviews: u64,
}

/// One or several weeks.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Period {
    pub(super) name: String,
    /// The first day of its first week with payments, UTC.
    pub(super) from: String,
    pub(super) payments: u64,
    pub(super) alerts: u64,
    pub(super) alert_rate: Option<f64>,
    pub(super) reviews: u64,
    /// Payments not labelled as laundering, and their alerts.
    pub(super) honest: u64,
    pub(super) honest_alerts: u64,
    pub(super) honest_alert_rate: Option<f64>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Day {
    /// UTC.
    pub(crate) date: String,
    pub(crate) rows: u64,
    pub(crate) alerts: u64,
    pub(crate) reviews: u64,
    pub(crate) true_positives: u64,
}

/// Rows by risk score, from `from` (inclusive) to `to` (exclusive; the last bin includes 1).
#[derive(Debug, Clone, Serialize)]
pub(super) struct Bin {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) rows: u64,
    pub(super) alerts: u64,
    pub(super) laundering: u64,
}

/// Rows drawn from just above and just below an alert line.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Samples {
    pub(super) line: &'static str,
    pub(super) seed: u64,
    pub(super) above: Vec<Sample>,
    pub(super) below: Vec<Sample>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    pub(crate) msg_id: String,
    pub(crate) at: String,
    pub(crate) risk_score: f64,
    pub(crate) points: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_laundering: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) laundering_type: Option<String>,
    pub(crate) reasons: Vec<String>,
}

/// Comparison with another rule set or model on the same rows.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Comparison {
    /// The other rule set's version, and the other model's hash if there is one.
    pub(super) against: String,
    pub(super) both: Counts,
    /// Alerts that the other set does not have.
    pub(super) gained: Counts,
    /// Alerts that only the other set has.
    pub(super) lost: Counts,
    /// The suspicious rows among the lost, with the other set's reasons.
    pub(super) lost_true_positives: Vec<Sample>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Counts {
    pub(super) alerts: u64,
    pub(super) laundering: u64,
}

/// Wall-clock seconds unless said otherwise.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Time {
    /// Reading the files, making facts, sorting.
    pub(super) read: f64,
    #[serde(flatten)]
    pub(super) timings: Timings,
    /// Revisiting single rows for their reasons.
    pub(super) revisit: f64,
    pub(super) total: f64,
    /// Rows of the pass per second.
    pub(super) rows_per_second: f64,
    /// Of the thread that examines every row: profiles, features and rules.
    pub(super) rules_and_profiles_per_second: f64,
}
