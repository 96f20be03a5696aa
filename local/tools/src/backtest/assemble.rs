//! Assembles the report from what the passes found.

use std::collections::BTreeMap;

use sentinel::case::verdict::Decision;
use sentinel::register::VersionedSet as _;

use super::judge::moment;
use super::metrics::{Cut, Ranking, f1, float, interval, ratio, unit};
use super::pass::{DecisionRequest, Engine, Pass, ScoredPayment};
use super::report::{
    Bin, BudgetRow, Comparison, Counts, Day, File, LevelRow, Quality, Report, RuleRow, Sample,
    Samples, Time, TypologyRow, Versions, Volume, Window,
};
use super::tally::Resolution;
use super::{ordinary, stories};
use crate::history::Event;
use crate::simulate::draw::Draw;

/// Alert budgets, as shares of the rows.
pub(super) const RATES: [f64; 3] = [0.001, 0.005, 0.01];
const DAY_SECONDS: f64 = 86_400.0;
const CURVE_POINTS: u32 = 200;
const BINS: u32 = 50;
/// Samples are drawn from this many times their number of rows nearest the line.
const POOL: usize = 10;
/// Most rows of the table of typologies; data sets have a dozen or two.
const MOST_TYPOLOGIES: usize = 100;

/// What the report shows beyond the figures.
pub(super) struct ReportOptions {
    pub(super) title: String,
    pub(super) samples: usize,
    pub(super) seed: u64,
    pub(super) warm_up_rows: u64,
}

/// Assembles the report, revisiting the rows whose reasons it shows. The caller fills in the times.
pub(super) fn assemble(
    engine: Engine<'_>,
    pass: &Pass,
    options: ReportOptions,
) -> anyhow::Result<Report> {
    let labelled = || pass.rows.iter().filter(|row| engine.label(row).is_some());
    let ranking = Ranking::of(labelled().map(|row| (row.score, engine.is_positive(row))));
    let cuts = RATES.map(|rate| ranking.cut(rate));
    let by_model = engine
        .judge
        .model()
        .map(|_| Ranking::of(labelled().map(|row| (row.probability, engine.is_positive(row)))));
    let quality =
        (ranking.rows > 0).then(|| quality(engine, pass, &ranking, &cuts, by_model.as_ref()));
    let typologies = typologies(engine, pass, &cuts);

    let has_model = engine.judge.model().is_some();
    let lines =
        [Line::Rules, Line::Model].into_iter().filter(|line| *line == Line::Rules || has_model);
    let drawn: Vec<_> = lines
        .map(|line| (line, draw(pass, line, true, &options), draw(pass, line, false, &options)))
        .collect();
    let lost = |row: &&ScoredPayment| row.alert_against && !row.alert && engine.is_positive(row);
    let lost: Vec<ScoredPayment> = pass.rows.iter().filter(lost).copied().collect();
    let near = drawn.iter().flat_map(|(_, above, below)| above.iter().chain(below));
    let ours = near.map(|row| DecisionRequest { event: row.event, by_against: false });
    let theirs = lost.iter().map(|row| DecisionRequest { event: row.event, by_against: true });
    let decisions = engine.revisit(&ours.chain(theirs).collect())?;
    let show = |rows: &[ScoredPayment], by_against: bool| -> Vec<Sample> {
        let decision =
            |row: &ScoredPayment| decisions.get(&DecisionRequest { event: row.event, by_against });
        rows.iter().filter_map(|row| Some(sample(engine, row, decision(row)?))).collect()
    };
    let samples = drawn.iter().map(|(line, above, below)| Samples {
        line: line.words(),
        seed: options.seed,
        above: show(above, false),
        below: show(below, false),
    });

    let days = days(engine, pass);
    Ok(Report {
        title: options.title,
        files: engine.history.sources().iter().map(file).collect(),
        window: window(engine, pass, options.warm_up_rows),
        versions: versions(engine),
        volume: volume(pass, days.len() as u64),
        quality,
        levels: levels(pass),
        rules: rules(engine, pass),
        typologies,
        kinds: ordinary::kinds(engine, pass),
        stories: stories::stories(engine, pass),
        days,
        weeks: ordinary::weeks(engine, pass),
        phases: ordinary::phases(engine, pass),
        scores: bins(engine, pass),
        samples: samples.collect(),
        comparison: comparison(engine, pass, show(&lost, true)),
        time: Time::default(),
    })
}

impl<'a> Engine<'a> {
    pub(crate) fn event(self, row: &ScoredPayment) -> &'a Event {
        &self.history.events()[row.event as usize]
    }

    pub(crate) fn label(self, row: &ScoredPayment) -> Option<bool> {
        self.event(row).label
    }

    pub(crate) fn is_positive(self, row: &ScoredPayment) -> bool {
        self.label(row) == Some(true)
    }
}

fn count(rows: &[ScoredPayment], which: impl Fn(&ScoredPayment) -> bool) -> u64 {
    rows.iter().filter(|row| which(row)).count() as u64
}

fn file(summary: &crate::history::FileSummary) -> File {
    File { faults: summary.faults.clone(), summary: summary.clone() }
}

fn window(engine: Engine<'_>, pass: &Pass, warm_up_rows: u64) -> Window {
    let at = |row: Option<&ScoredPayment>| row.map(|row| moment(engine.event(row).facts.at));
    let rows = pass.rows.len() as u64;
    Window {
        first: at(pass.rows.first()),
        last: at(pass.rows.last()),
        rows,
        warm_up_rows,
        later_rows: engine.history.len() - rows - warm_up_rows,
    }
}

fn versions(engine: Engine<'_>) -> Versions {
    let model = engine.judge.model();
    Versions {
        core: env!("CARGO_PKG_VERSION").to_owned(),
        rules: engine.judge.rules().version().to_owned(),
        reference: engine.judge.reference().version().to_owned(),
        model: model.map(|model| model.hash().to_owned()),
        lines: engine.judge.lines(),
    }
}

fn volume(pass: &Pass, days: u64) -> Volume {
    let alerts = count(&pass.rows, |row| row.alert);
    let (reviews, rows) = (count(&pass.rows, |row| row.review), pass.rows.len() as u64);
    Volume {
        alerts,
        alert_rate: ratio(alerts, rows),
        reviews,
        review_rate: ratio(reviews, rows),
        days,
        alerts_per_day: ratio(alerts, days),
        opened: pass.placements.opened,
        raised: pass.placements.raised,
        opened_per_day: ratio(pass.placements.opened, days),
    }
}

fn quality(
    engine: Engine<'_>,
    pass: &Pass,
    ranking: &Ranking,
    cuts: &[Cut],
    by_model: Option<&Ranking>,
) -> Quality {
    let labelled = |row: &ScoredPayment| engine.label(row).is_some();
    let alerts = count(&pass.rows, |row| row.alert && labelled(row));
    let found = count(&pass.rows, |row| row.alert && engine.is_positive(row));
    let reviewed = count(&pass.rows, |row| row.review && engine.is_positive(row));
    let (precision, recall) = (ratio(found, alerts), ratio(found, ranking.positives));
    let at_rates = RATES.iter().zip(cuts).map(|(rate, cut)| {
        let recall = ranking.recall(*cut);
        let alerts = float(ranking.rows) * rate;
        let caught = recall.map(|recall| recall * float(ranking.positives));
        BudgetRow {
            rate: *rate,
            alerts: whole(alerts),
            score: unit(cut.score),
            recall,
            precision: caught.map(|caught| caught / alerts),
            recall_of_model: by_model.and_then(|model| model.recall(model.cut(*rate))),
        }
    });
    Quality {
        labelled: ranking.rows,
        laundering: ranking.positives,
        true_positives: found,
        false_positives: alerts - found,
        false_negatives: ranking.positives - found,
        precision,
        precision_interval: interval(found, alerts),
        recall,
        recall_interval: interval(found, ranking.positives),
        reviewed_positives: reviewed,
        recall_with_reviews: ratio(found + reviewed, ranking.positives),
        f1: f1(precision, recall),
        pr_auc: ranking.average_precision(),
        pr_auc_of_model: by_model.and_then(Ranking::average_precision),
        at_rates: at_rates.collect(),
        curve: if ranking.positives > 0 { ranking.curve(CURVE_POINTS) } else { Vec::new() },
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count of rows"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

fn levels(pass: &Pass) -> Vec<LevelRow> {
    let rows = Resolution::ALL.iter().zip(&pass.tally.levels);
    rows.map(|(resolution, count)| LevelRow {
        settled: resolution.words(),
        rows: count.rows,
        laundering: count.positives,
    })
    .collect()
}

fn rules(engine: Engine<'_>, pass: &Pass) -> Vec<RuleRow> {
    let rules = engine.judge.rules().rules().iter().zip(&pass.tally.rules);
    let mut rows: Vec<RuleRow> = rules
        .map(|(rule, count)| RuleRow {
            id: rule.id.clone(),
            typology: rule.typology.clone(),
            effect: rule.effect.code(),
            points: rule.points,
            fired: count.fired,
            true_positives: count.true_positives,
            precision: ratio(count.true_positives, count.fired),
            unique_catches: count.unique,
            sole_alerts: count.sole,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.true_positives, row.fired)));
    rows
}

#[derive(Default)]
struct PerTypology {
    rows: u64,
    alerts: u64,
    reviews: u64,
    at_cuts: [f64; RATES.len()],
}

fn typologies(engine: Engine<'_>, pass: &Pass, cuts: &[Cut]) -> Vec<TypologyRow> {
    let mut found: BTreeMap<&str, PerTypology> = BTreeMap::new();
    for row in pass.rows.iter().filter(|row| engine.is_positive(row)) {
        let Some(typology) = engine.history.typology(engine.event(row)) else { continue };
        let entry = found.entry(typology).or_default();
        entry.rows += 1;
        entry.alerts += u64::from(row.alert);
        entry.reviews += u64::from(row.review);
        for (sum, cut) in entry.at_cuts.iter_mut().zip(cuts) {
            *sum += cut.takes(row.score);
        }
    }
    let rows = found.into_iter().map(|(typology, counts)| TypologyRow {
        typology: typology.to_owned(),
        rows: counts.rows,
        caught: counts.alerts,
        reviews: counts.reviews,
        recall: ratio(counts.alerts, counts.rows),
        recall_at_rates: counts.at_cuts.iter().map(|sum| sum / float(counts.rows)).collect(),
    });
    let mut rows: Vec<TypologyRow> = rows.collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.rows));
    rows.truncate(MOST_TYPOLOGIES);
    rows
}

/// Day by day (UTC), without days that have no payments.
pub(crate) fn days(engine: Engine<'_>, pass: &Pass) -> Vec<Day> {
    let (mut days, mut midnight): (Vec<Day>, f64) = (Vec::new(), f64::NEG_INFINITY);
    for row in &pass.rows {
        let at = engine.event(row).facts.at;
        if days.is_empty() || at >= midnight + DAY_SECONDS {
            midnight = (at / DAY_SECONDS).floor() * DAY_SECONDS;
            let date = moment(midnight).chars().take("2026-11-23".len()).collect();
            days.push(Day { date, ..Day::default() });
        }
        let day = days.last_mut().expect("a day was pushed just now");
        day.rows += 1;
        day.alerts += u64::from(row.alert);
        day.reviews += u64::from(row.review);
        day.true_positives += u64::from(row.alert && engine.is_positive(row));
    }
    days
}

fn bins(engine: Engine<'_>, pass: &Pass) -> Vec<Bin> {
    let edge = |at: u32| f64::from(at) / f64::from(BINS);
    let bin = |at| Bin { from: edge(at), to: edge(at + 1), rows: 0, alerts: 0, laundering: 0 };
    let mut bins: Vec<Bin> = (0..BINS).map(bin).collect();
    for row in &pass.rows {
        let bin = &mut bins[(row.score / (1_000_000 / BINS)).min(BINS - 1) as usize];
        bin.rows += 1;
        bin.alerts += u64::from(row.alert);
        bin.laundering += u64::from(engine.is_positive(row));
    }
    bins
}

/// What an alert is decided by; each has a line of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Rules,
    Model,
}

impl Line {
    fn words(self) -> &'static str {
        match self {
            Self::Rules => "the rules' points",
            Self::Model => "the model's probability",
        }
    }

    /// The row's position relative to this line, if this line decided about it.
    fn place(self, row: &ScoredPayment) -> Option<u32> {
        match (self, row.resolution) {
            (Self::Rules, Resolution::AlertedByRules | Resolution::NoReason) => Some(row.points),
            (
                Self::Model,
                Resolution::AlertedByModel | Resolution::Review | Resolution::NoReason,
            ) => Some(row.probability),
            _ => None,
        }
    }
}

/// Rows from just above or just below an alert line: the seed chooses among the nearest.
fn draw(pass: &Pass, line: Line, above: bool, options: &ReportOptions) -> Vec<ScoredPayment> {
    let side = pass.rows.iter().filter(|row| row.alert == above);
    let mut nearest: Vec<(u32, &ScoredPayment)> =
        side.filter_map(|row| Some((line.place(row)?, row))).filter(|(at, _)| *at > 0).collect();
    draw_nearest(&mut nearest, above, options.samples, options.seed)
}

/// Draws some of the rows nearest to a line. `nearest` holds the rows on one side of it, each with its
/// position.
pub(crate) fn draw_nearest(
    nearest: &mut Vec<(u32, &ScoredPayment)>,
    above: bool,
    samples: usize,
    seed: u64,
) -> Vec<ScoredPayment> {
    let distance = |at: u32| if above { at } else { u32::MAX - at };
    nearest.sort_unstable_by_key(|(at, row)| (distance(*at), row.event));
    nearest.truncate(samples * POOL);
    let mut draw = Draw::new(seed);
    let mut drawn = Vec::new();
    while drawn.len() < samples && !nearest.is_empty() {
        let at = draw.index(nearest.len());
        drawn.push(nearest.swap_remove(at));
    }
    drawn.sort_by_key(|(at, row)| (std::cmp::Reverse(*at), row.event));
    drawn.into_iter().map(|(_, row)| *row).collect()
}

/// A row with the reasons of its decision.
pub(crate) fn sample(engine: Engine<'_>, row: &ScoredPayment, decision: &Decision) -> Sample {
    let event = engine.event(row);
    let asked = engine.judge.model().is_some();
    Sample {
        msg_id: decision.msg_id.as_str().to_owned(),
        at: decision.decided_at.timestamp().to_string(),
        risk_score: decision.risk_score,
        points: f64::from(row.points),
        probability: asked.then(|| unit(row.probability)),
        is_laundering: event.label,
        laundering_type: engine.history.typology(event).map(str::to_owned),
        reasons: decision.reasons.iter().map(|r| format!("{}: {}", r.code, r.text)).collect(),
    }
}

fn comparison(engine: Engine<'_>, pass: &Pass, lost: Vec<Sample>) -> Option<Comparison> {
    let against = engine.judge.against()?;
    let counts = |ours: bool, theirs: bool| {
        let these = |row: &ScoredPayment| row.alert == ours && row.alert_against == theirs;
        Counts {
            alerts: count(&pass.rows, these),
            laundering: count(&pass.rows, |row| these(row) && engine.is_positive(row)),
        }
    };
    Some(Comparison {
        against,
        both: counts(true, true),
        gained: counts(true, false),
        lost: counts(false, true),
        lost_true_positives: lost,
    })
}
