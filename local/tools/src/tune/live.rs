//! Tuning by what a running system has counted, without a file of its payments: peer figures and lines
//! from its sketches, and the alerts and reviews near the lines. Which payments alert under other
//! parameters cannot be told from sketches; a backtest of an export shows that.

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::bodies::peers::PeerReport;
use jiff::civil::Date;
use sentinel::case::risk::Lines;
use sentinel::register::VersionedSet as _;
use sentinel::register::{EMBEDDED, Head, RegisteredSet, SetState};
use sentinel::rules::RuleSet;
use sentinel::state::peers::{EVERYBODY, PeerSketches, Peers, RISK};
use serde::{Deserialize, Serialize};

use super::lines::{Cuts, cut};
use super::params::{ParamChange, numbers};
use super::{Args, DEFAULT_ALERT_SHARE, draft};
use crate::api::Api;
use crate::backtest::float;

/// Pages of alerts, and of reviews, to read: the newest 2,000.
const MAX_PAGES: usize = 10;

/// What was found and what is proposed.
#[derive(Debug, Serialize)]
pub(super) struct LiveReport {
    pub(super) url: String,
    /// First and last day on which the payments were judged.
    pub(super) from: Date,
    pub(super) until: Date,
    pub(super) payments: u64,
    pub(super) rules: String,
    pub(super) alerts_per_day: f64,
    pub(super) review_share: f64,
    pub(super) present: ExpectedOutcome,
    pub(super) proposed: ExpectedOutcome,
    pub(super) rule_changes: Vec<LiveRule>,
    /// How many of the newest alerts are below the proposed line; rules with the effect `alert` may
    /// still raise them.
    pub(super) alerts_lost: u64,
    pub(super) alerts_read: u64,
    /// The nearest to the proposed alert line.
    pub(super) just_above: Vec<AlertSummary>,
    pub(super) just_below: Vec<AlertSummary>,
    pub(super) drafted: String,
}

/// The expected outcome of lines, by the scores of the set in force.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct ExpectedOutcome {
    pub(super) lines: Lines,
    /// Payments per day with a risk at or above the line, before hits are attached to open alerts.
    pub(super) payments_per_day: f64,
    pub(super) reviews_per_day: f64,
}

/// A rule whose parameters are quantiles.
#[derive(Debug, Serialize)]
pub(super) struct LiveRule {
    pub(super) rule: String,
    pub(super) params: Vec<ParamChange>,
}

/// An alert or review as the API lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AlertSummary {
    pub(super) msg_id: String,
    pub(super) score: f64,
    pub(super) explanation: String,
}

#[derive(Deserialize)]
struct RuleSetList {
    head: Head,
    rule_sets: Vec<RegisteredSet>,
}

#[derive(Deserialize)]
struct RuleSetDetail {
    document: String,
}

#[derive(Deserialize)]
struct AlertPage {
    alerts: Vec<AlertSummary>,
    cursor: Option<String>,
}

/// Asks the API and proposes; returns the report and the drafted document.
pub(super) async fn tune(args: &Args, api: &Api) -> anyhow::Result<(LiveReport, String)> {
    let document = in_force(api).await?;
    let rules = RuleSet::load(&document).context("this version cannot load the set in force")?;
    let report: PeerReport = api.get_as(&format!("/api/v1/peers?weeks={}", args.weeks)).await?;
    let counted = sketches(&report)?;
    let payments = counted.payments(EVERYBODY, RISK);
    if payments == 0 {
        bail!(
            "the system has counted no payments yet; it does so every five minutes or 500 payments"
        );
    }
    let (from, until): (Date, Date) = (report.from.parse()?, report.until.parse()?);
    let days = f64::from(until.since(from)?.get_days() + 1);
    let peers = Peers::of(&counted, &rules.quantiles(), (from, until));
    let peers = (!peers.segments.is_empty()).then_some(peers);

    let default = || DEFAULT_ALERT_SHARE * float(payments) / days;
    let alerts_per_day = args.alerts_per_day.unwrap_or_else(default);
    let share = alerts_per_day * days / float(payments);
    let line = |above: f64| {
        let at = counted.quantile(EVERYBODY, RISK, (1.0 - above).clamp(0.0, 1.0));
        // A sketch is accurate to about three digits.
        at.map_or(1.0, |risk| ((risk * 1_000.0).ceil() / 1_000.0).min(1.0))
    };
    let (alert, review) = (line(share), line(share + args.review_share));
    let lines = Lines::new(alert, review).context("no lines meet the target")?;
    let cuts = Cuts { alert: cut(lines.alert), review: cut(lines.review) };
    let drafted = draft::draft(&document, peers.as_ref(), Some(cuts))?;
    let set = RuleSet::load(&drafted).context("the drafted document is not a rule set")?;

    let expected = |lines: Lines| {
        let above = |line: f64| float(counted.payments_from(EVERYBODY, RISK, line)) / days;
        let payments_per_day = above(lines.alert);
        let reviews_per_day = above(lines.review) - payments_per_day;
        ExpectedOutcome { lines, payments_per_day, reviews_per_day }
    };
    let alerts = cases(api, "alerts").await?;
    let reviews = cases(api, "reviews").await?;
    let lost = alerts.iter().filter(|alert| alert.score < lines.alert).count() as u64;
    let near = alerts.iter().chain(&reviews);
    let (mut over, mut under): (Vec<AlertSummary>, Vec<AlertSummary>) =
        near.cloned().partition(|case| case.score >= lines.alert);
    over.sort_by(|a, b| a.score.total_cmp(&b.score));
    under.sort_by(|a, b| b.score.total_cmp(&a.score));
    for side in [&mut over, &mut under] {
        side.truncate(usize::from(args.sample));
    }
    let rule_changes = set
        .rules()
        .iter()
        .map(|rule| LiveRule { rule: rule.id.clone(), params: numbers(rule, &rules, &set) });
    let report = LiveReport {
        url: api.url.clone(),
        from,
        until,
        payments,
        rules: rules.version().to_owned(),
        alerts_per_day,
        review_share: args.review_share,
        present: expected(rules.lines()),
        proposed: expected(lines),
        rule_changes: rule_changes.filter(|rule| !rule.params.is_empty()).collect(),
        alerts_lost: lost,
        alerts_read: alerts.len() as u64,
        just_above: over,
        just_below: under,
        drafted: set.version().to_owned(),
    };
    Ok((report, drafted))
}

/// The document in force. The embedded set is registered with its first decision; before that, this
/// version's is assumed.
async fn in_force(api: &Api) -> anyhow::Result<String> {
    let sets: RuleSetList = api.get_as("/api/v1/rule-sets").await?;
    let version = if sets.head.live == EMBEDDED {
        let own = sets.rule_sets.into_iter().filter(|set| set.state == SetState::Embedded);
        own.max_by(|a, b| a.created_at.cmp(&b.created_at)).map(|set| set.version)
    } else {
        Some(sets.head.live)
    };
    match version {
        Some(version) => {
            let detail: RuleSetDetail = api.get_as(&format!("/api/v1/rule-sets/{version}")).await?;
            Ok(detail.document)
        }
        None => Ok(RuleSet::EMBEDDED_DOCUMENT.to_owned()),
    }
}

fn sketches(report: &PeerReport) -> anyhow::Result<PeerSketches> {
    let mut counted = PeerSketches::default();
    for (group, measures) in &report.groups {
        for (measure, figures) in measures {
            let bytes = STANDARD.decode(&figures.sketch).context("a sketch is not base64")?;
            counted.add_bytes(group, measure, &bytes)?;
        }
    }
    Ok(counted)
}

/// The newest alerts of a queue.
async fn cases(api: &Api, queue: &str) -> anyhow::Result<Vec<AlertSummary>> {
    let mut cases = Vec::new();
    let mut cursor = String::new();
    for _ in 0..MAX_PAGES {
        let path = format!("/api/v1/alerts?queue={queue}&limit=200&cursor={cursor}");
        let page: AlertPage = api.get_as(&path).await?;
        cases.extend(page.alerts);
        match page.cursor {
            // A cursor contains `#` and `:`.
            Some(next) => cursor = next.replace('#', "%23").replace(':', "%3A"),
            None => break,
        }
    }
    Ok(cases)
}
