//! The report as data: every figure once. The terminal and JSON forms show it.

use std::collections::{BTreeMap, BTreeSet};

use sentinel::case::risk::Lines;
use sentinel::register::VersionedSet as _;
use sentinel::rules::{Effect, Param};
use serde::Serialize;

use super::change::{Change, Side, change, stories_found};
use super::lines::{Cuts, NO_LINES, Scores, alerts, cut, is_judged};
use super::params::RuleChange;
use crate::backtest::{
    DecisionRequest, Sample, ScoredPayment, draw_nearest, moment, ratio, sample, unit,
};
use crate::history::FileSummary;

/// Alert lines to choose from.
const CHOICES: [f64; 8] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9];

/// Everything a tuning found.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    pub(super) files: Vec<FileSummary>,
    pub(super) payments: u64,
    /// Days with payments, UTC.
    pub(super) days: u64,
    /// RFC 3339, UTC.
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    pub(super) rules: String,
    /// `None` if the model was left out.
    pub(super) model: Option<String>,
    /// The target: at most this many opened alerts per day, and this share of reviews.
    pub(super) alerts_per_day: f64,
    pub(super) review_share: f64,
    pub(super) present: Outcome,
    /// `None` if no line meets the target.
    pub(super) proposed: Option<Outcome>,
    pub(super) change: Option<Change>,
    /// Rules whose parameters are quantiles of peers, with the figures proposed.
    pub(super) rule_changes: Vec<RuleChange>,
    pub(super) alert_rules: AlertRules,
    pub(super) choices: Vec<Choice>,
    /// Payments near the proposed lines, or the present ones if none are proposed.
    pub(super) samples: Vec<BorderCases>,
    /// The drafted set's version, as the registry names it.
    pub(super) drafted: Option<String>,
}

/// The outcome of lines.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outcome {
    pub(super) lines: Lines,
    pub(super) alerts: u64,
    pub(super) alert_share: Option<f64>,
    pub(super) opened: u64,
    pub(super) opened_per_day: Option<f64>,
    pub(super) reviews: u64,
    pub(super) reviews_per_day: Option<f64>,
    pub(super) review_share: Option<f64>,
    /// Payments labelled as laundering that alert; `None` without labels.
    pub(super) laundering: Option<u64>,
    /// Stories with a payment that alerts; `None` without stories.
    pub(super) stories: Option<u64>,
}

/// The alerts of rules with the effect `alert`, which no line can suppress.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AlertRules {
    /// Payments on which one of them fires.
    pub(super) payments: u64,
    /// Alerts that open if nothing else alerts.
    pub(super) opened: u64,
    pub(super) opened_per_day: Option<f64>,
    /// Payments with a risk below the proposed (or else the present) line, which alert only because of
    /// these rules.
    pub(super) below_the_line: u64,
    pub(super) below_the_line_per_day: Option<f64>,
    /// Those that fired, the most frequent first.
    pub(super) rules: Vec<AlertRule>,
}

/// A rule with the effect `alert`. Its parameters are shown but not tuned, because people decide on
/// policy.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AlertRule {
    pub(super) id: String,
    pub(super) params: BTreeMap<String, Param>,
    pub(super) fired: u64,
    pub(super) fired_per_day: Option<f64>,
}

/// The outcome of another alert line.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Choice {
    pub(super) alert: f64,
    pub(super) alerts: u64,
    pub(super) alerts_per_day: Option<f64>,
    pub(super) opened: u64,
    pub(super) opened_per_day: Option<f64>,
    pub(super) laundering: Option<u64>,
    pub(super) stories: Option<u64>,
}

/// Payments just above and just below a line.
#[derive(Debug, Clone, Serialize)]
pub(super) struct BorderCases {
    pub(super) line: &'static str,
    pub(super) risk: f64,
    pub(super) above: Vec<Sample>,
    pub(super) below: Vec<Sample>,
}

/// The target and the proposal.
pub(super) struct Tuning {
    pub(super) days: u64,
    pub(super) alerts_per_day: f64,
    pub(super) review_share: f64,
    pub(super) present: Cuts,
    pub(super) proposed: Option<Cuts>,
}

impl Report {
    /// Rows that were read, and rows that were left out.
    pub(super) fn rows(&self) -> (u64, u64) {
        let sum = |of: fn(&FileSummary) -> u64| self.files.iter().map(of).sum();
        (sum(|file| file.rows), sum(|file| file.faulty))
    }
}

/// The figures; the caller fills in samples, rule changes and the drafted version.
pub(super) fn report(present: Scores<'_>, proposed: Scores<'_>, tuning: &Tuning) -> Report {
    let Scores { engine, pass, .. } = present;
    let at = |row: Option<&ScoredPayment>| row.map(|row| moment(engine.event(row).facts.at));
    let days = tuning.days;
    let cuts = tuning.proposed.unwrap_or(tuning.present);
    let before = Side { scores: present, cuts: tuning.present };
    let change = tuning.proposed.map(|cuts| change(before, Side { scores: proposed, cuts }));
    Report {
        files: engine.history.sources().to_vec(),
        payments: pass.rows.len() as u64,
        days,
        first: at(pass.rows.first()),
        last: at(pass.rows.last()),
        rules: engine.judge.rules().version().to_owned(),
        model: engine.judge.model().map(|model| model.hash().to_owned()),
        alerts_per_day: tuning.alerts_per_day,
        review_share: tuning.review_share,
        present: gives(present, tuning.present, engine.judge.lines(), days),
        proposed: tuning.proposed.map(|cuts| gives(proposed, cuts, cuts.lines(), days)),
        change,
        rule_changes: Vec::new(),
        alert_rules: alert_rules(proposed, cuts, days),
        choices: CHOICES.iter().map(|line| choice(proposed, *line, days)).collect(),
        samples: Vec::new(),
        drafted: None,
    }
}

fn gives(scores: Scores<'_>, cuts: Cuts, lines: Lines, days: u64) -> Outcome {
    let Choice { alerts, opened, opened_per_day, laundering, stories, .. } =
        at_lines(scores, cuts, days);
    let payments = scores.pass.rows.len() as u64;
    let reviews = count(scores, |row| cuts.waits(row));
    Outcome {
        lines,
        alerts,
        alert_share: ratio(alerts, payments),
        opened,
        opened_per_day,
        reviews,
        reviews_per_day: ratio(reviews, days),
        review_share: ratio(reviews, payments),
        laundering,
        stories,
    }
}

fn choice(scores: Scores<'_>, line: f64, days: u64) -> Choice {
    Choice { alert: line, ..at_lines(scores, scores.cuts(cut(line)), days) }
}

fn at_lines(scores: Scores<'_>, cuts: Cuts, days: u64) -> Choice {
    let line = cuts.alert;
    let number = count(scores, |row| alerts(row, line));
    let opened = scores.opened(cuts).len() as u64;
    let found = || count(scores, |row| alerts(row, line) && scores.engine.is_positive(row));
    let stories = || stories_found(scores, line).len() as u64;
    Choice {
        alert: unit(line),
        alerts: number,
        alerts_per_day: ratio(number, days),
        opened,
        opened_per_day: ratio(opened, days),
        laundering: scores.has_labels().then(found),
        stories: scores.has_stories().then(stories),
    }
}

fn count(scores: Scores<'_>, which: impl Fn(&ScoredPayment) -> bool) -> u64 {
    scores.pass.rows.iter().filter(|row| which(row)).count() as u64
}

fn alert_rules(scores: Scores<'_>, cuts: Cuts, days: u64) -> AlertRules {
    let fired = scores.engine.judge.rules().rules().iter().zip(&scores.pass.tally.rules);
    let fired = fired.filter(|(rule, count)| rule.effect == Effect::Alert && count.fired > 0);
    let mut rules: Vec<AlertRule> = fired
        .map(|(rule, count)| AlertRule {
            id: rule.id.clone(),
            params: rule.params.clone(),
            fired: count.fired,
            fired_per_day: ratio(count.fired, days),
        })
        .collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.fired));
    let opened = scores.opened(NO_LINES).len() as u64;
    let below = count(scores, |row| row.policy && row.score < cuts.alert);
    AlertRules {
        payments: count(scores, |row| row.policy),
        opened,
        opened_per_day: ratio(opened, days),
        below_the_line: below,
        below_the_line_per_day: ratio(below, days),
        rules,
    }
}

/// Payments whose score decided, from both sides of each line; the seed chooses among the nearest.
pub(super) fn samples(
    scores: Scores<'_>,
    cuts: Cuts,
    number: usize,
    seed: u64,
) -> anyhow::Result<Vec<BorderCases>> {
    let drawn = |above: bool, which: &dyn Fn(&ScoredPayment) -> bool| {
        let rows = scores.pass.rows.iter().filter(|row| !row.policy && is_judged(row));
        let rows = rows.filter(|row| which(row));
        draw_nearest(&mut rows.map(|row| (row.score, row)).collect(), above, number, seed)
    };
    let (alert, review) = (cuts.alert, cuts.review);
    let below_alert = |row: &ScoredPayment| row.score < alert;
    let mut near =
        vec![("alert", alert, drawn(true, &|row| row.score >= alert), drawn(false, &below_alert))];
    if review < alert {
        let above = drawn(true, &|row| cuts.waits(row));
        near.push(("review", review, above, drawn(false, &|row| row.score < review)));
    }
    let rows = near.iter().flat_map(|(_, _, above, below)| above.iter().chain(below));
    let wanted: BTreeSet<DecisionRequest> =
        rows.map(|row| DecisionRequest { event: row.event, by_against: false }).collect();
    let decisions = scores.engine.revisit(&wanted)?;
    let show = |rows: &[ScoredPayment]| -> Vec<Sample> {
        let decision = |row: &ScoredPayment| {
            decisions.get(&DecisionRequest { event: row.event, by_against: false })
        };
        rows.iter().filter_map(|row| Some(sample(scores.engine, row, decision(row)?))).collect()
    };
    let shown = near.iter().map(|(line, risk, above, below)| BorderCases {
        line,
        risk: unit(*risk),
        above: show(above),
        below: show(below),
    });
    Ok(shown.collect())
}
