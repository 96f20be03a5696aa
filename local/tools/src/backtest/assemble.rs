//! From what the passes found to the report.

use std::collections::BTreeMap;

use sentinel::case::verdict::Decision;
use sentinel::register::VersionedSet as _;

use super::judge::moment;
use super::metrics::{Cut, Ranking, f1, float, interval, ratio, unit};
use super::pass::{Course, Pass, Scored, Wanted};
use super::report::{
    AtRate, Bin, Comparison, Counts, Day, File, LevelRow, Quality, Report, RuleRow, Sample,
    Samples, Time, TypologyRow, Versions, Volume, Window,
};
use super::tally::Settled;
use super::{ordinary, stories};
use crate::history::Event;
use crate::simulate::draw::Draw;

/// Shares of the rows that an alert budget would cover.
pub(super) const RATES: [f64; 3] = [0.001, 0.005, 0.01];
const DAY_SECONDS: f64 = 86_400.0;
const CURVE_POINTS: u32 = 200;
const BINS: u32 = 50;
/// Samples are drawn from so many times their number of rows nearest the line.
const POOL: usize = 10;
/// What the table of typologies shows at most; data sets have a dozen or two.
const MOST_TYPOLOGIES: usize = 100;

/// What is wanted beyond the figures.
pub(super) struct Wishes {
    pub(super) title: String,
    pub(super) samples: usize,
    pub(super) seed: u64,
    pub(super) warm_up_rows: u64,
}

/// Puts the report together; comes back to the rows whose reasons it shows. The times are the
/// caller's to fill in.
pub(super) fn assemble(course: Course<'_>, pass: &Pass, wishes: Wishes) -> anyhow::Result<Report> {
    let labelled = || pass.rows.iter().filter(|row| course.label(row).is_some());
    let ranking = Ranking::of(labelled().map(|row| (row.score, course.is_positive(row))));
    let cuts = RATES.map(|rate| ranking.cut(rate));
    let by_model = course
        .judge
        .model()
        .map(|_| Ranking::of(labelled().map(|row| (row.probability, course.is_positive(row)))));
    let quality =
        (ranking.rows > 0).then(|| quality(course, pass, &ranking, &cuts, by_model.as_ref()));
    let typologies = typologies(course, pass, &cuts);

    let has_model = course.judge.model().is_some();
    let lines =
        [Line::Rules, Line::Model].into_iter().filter(|line| *line == Line::Rules || has_model);
    let drawn: Vec<_> = lines
        .map(|line| (line, draw(pass, line, true, &wishes), draw(pass, line, false, &wishes)))
        .collect();
    let lost = |row: &&Scored| row.alert_against && !row.alert && course.is_positive(row);
    let lost: Vec<Scored> = pass.rows.iter().filter(lost).copied().collect();
    let near = drawn.iter().flat_map(|(_, above, below)| above.iter().chain(below));
    let ours = near.map(|row| Wanted { event: row.event, by_against: false });
    let theirs = lost.iter().map(|row| Wanted { event: row.event, by_against: true });
    let decisions = course.revisit(&ours.chain(theirs).collect())?;
    let show = |rows: &[Scored], by_against: bool| -> Vec<Sample> {
        let decision = |row: &Scored| decisions.get(&Wanted { event: row.event, by_against });
        rows.iter().filter_map(|row| Some(sample(course, row, decision(row)?))).collect()
    };
    let samples = drawn.iter().map(|(line, above, below)| Samples {
        line: line.words(),
        seed: wishes.seed,
        above: show(above, false),
        below: show(below, false),
    });

    let days = days(course, pass);
    Ok(Report {
        title: wishes.title,
        files: course.history.sources().iter().map(file).collect(),
        window: window(course, pass, wishes.warm_up_rows),
        versions: versions(course),
        volume: volume(pass, days.len() as u64),
        quality,
        levels: levels(pass),
        rules: rules(course, pass),
        typologies,
        kinds: ordinary::kinds(course, pass),
        stories: stories::stories(course, pass),
        days,
        weeks: ordinary::weeks(course, pass),
        phases: ordinary::phases(course, pass),
        scores: bins(course, pass),
        samples: samples.collect(),
        comparison: comparison(course, pass, show(&lost, true)),
        time: Time::default(),
    })
}

impl<'a> Course<'a> {
    pub(crate) fn event(self, row: &Scored) -> &'a Event {
        &self.history.events()[row.event as usize]
    }

    pub(crate) fn label(self, row: &Scored) -> Option<bool> {
        self.event(row).label
    }

    pub(crate) fn is_positive(self, row: &Scored) -> bool {
        self.label(row) == Some(true)
    }
}

fn count(rows: &[Scored], which: impl Fn(&Scored) -> bool) -> u64 {
    rows.iter().filter(|row| which(row)).count() as u64
}

fn file(summary: &crate::history::FileSummary) -> File {
    File { faults: summary.faults.clone(), summary: summary.clone() }
}

fn window(course: Course<'_>, pass: &Pass, warm_up_rows: u64) -> Window {
    let at = |row: Option<&Scored>| row.map(|row| moment(course.event(row).facts.at));
    let rows = pass.rows.len() as u64;
    Window {
        first: at(pass.rows.first()),
        last: at(pass.rows.last()),
        rows,
        warm_up_rows,
        later_rows: course.history.len() - rows - warm_up_rows,
    }
}

fn versions(course: Course<'_>) -> Versions {
    let model = course.judge.model();
    Versions {
        core: env!("CARGO_PKG_VERSION").to_owned(),
        rules: course.judge.rules().version().to_owned(),
        reference: course.judge.reference().version().to_owned(),
        model: model.map(|model| model.hash().to_owned()),
        lines: course.judge.lines(),
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
        opened: pass.placed.opened,
        raised: pass.placed.raised,
        opened_per_day: ratio(pass.placed.opened, days),
    }
}

fn quality(
    course: Course<'_>,
    pass: &Pass,
    ranking: &Ranking,
    cuts: &[Cut],
    by_model: Option<&Ranking>,
) -> Quality {
    let labelled = |row: &Scored| course.label(row).is_some();
    let alerts = count(&pass.rows, |row| row.alert && labelled(row));
    let found = count(&pass.rows, |row| row.alert && course.is_positive(row));
    let reviewed = count(&pass.rows, |row| row.review && course.is_positive(row));
    let (precision, recall) = (ratio(found, alerts), ratio(found, ranking.positives));
    let at_rates = RATES.iter().zip(cuts).map(|(rate, cut)| {
        let recall = ranking.recall(*cut);
        let alerts = float(ranking.rows) * rate;
        let caught = recall.map(|recall| recall * float(ranking.positives));
        AtRate {
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
    let rows = Settled::ALL.iter().zip(&pass.tally.levels);
    rows.map(|(settled, count)| LevelRow {
        settled: settled.words(),
        rows: count.rows,
        laundering: count.positives,
    })
    .collect()
}

fn rules(course: Course<'_>, pass: &Pass) -> Vec<RuleRow> {
    let rules = course.judge.rules().rules().iter().zip(&pass.tally.rules);
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

fn typologies(course: Course<'_>, pass: &Pass, cuts: &[Cut]) -> Vec<TypologyRow> {
    let mut found: BTreeMap<&str, PerTypology> = BTreeMap::new();
    for row in pass.rows.iter().filter(|row| course.is_positive(row)) {
        let Some(typology) = course.history.typology(course.event(row)) else { continue };
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

/// Day by day, UTC; those without payments left out.
pub(crate) fn days(course: Course<'_>, pass: &Pass) -> Vec<Day> {
    let (mut days, mut midnight): (Vec<Day>, f64) = (Vec::new(), f64::NEG_INFINITY);
    for row in &pass.rows {
        let at = course.event(row).facts.at;
        if days.is_empty() || at >= midnight + DAY_SECONDS {
            midnight = (at / DAY_SECONDS).floor() * DAY_SECONDS;
            let date = moment(midnight).chars().take("2026-11-23".len()).collect();
            days.push(Day { date, ..Day::default() });
        }
        let day = days.last_mut().expect("a day was pushed just now");
        day.rows += 1;
        day.alerts += u64::from(row.alert);
        day.reviews += u64::from(row.review);
        day.true_positives += u64::from(row.alert && course.is_positive(row));
    }
    days
}

fn bins(course: Course<'_>, pass: &Pass) -> Vec<Bin> {
    let edge = |at: u32| f64::from(at) / f64::from(BINS);
    let bin = |at| Bin { from: edge(at), to: edge(at + 1), rows: 0, alerts: 0, laundering: 0 };
    let mut bins: Vec<Bin> = (0..BINS).map(bin).collect();
    for row in &pass.rows {
        let bin = &mut bins[(row.score / (1_000_000 / BINS)).min(BINS - 1) as usize];
        bin.rows += 1;
        bin.alerts += u64::from(row.alert);
        bin.laundering += u64::from(course.is_positive(row));
    }
    bins
}

/// What decides about an alert, each with its own line.
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

    /// How far along the row is, where this line decided about it.
    fn place(self, row: &Scored) -> Option<u32> {
        match (self, row.settled) {
            (Self::Rules, Settled::AlertedByRules | Settled::NoReason) => Some(row.points),
            (Self::Model, Settled::AlertedByModel | Settled::Review | Settled::NoReason) => {
                Some(row.probability)
            }
            _ => None,
        }
    }
}

/// Rows from just above or just below a line of alerts: some of the nearest, the seed decides
/// which.
fn draw(pass: &Pass, line: Line, above: bool, wishes: &Wishes) -> Vec<Scored> {
    let side = pass.rows.iter().filter(|row| row.alert == above);
    let mut nearest: Vec<(u32, &Scored)> =
        side.filter_map(|row| Some((line.place(row)?, row))).filter(|(at, _)| *at > 0).collect();
    draw_nearest(&mut nearest, above, wishes.samples, wishes.seed)
}

/// Some of the rows nearest to a line, of those at one side of it, each with how far along it is.
pub(crate) fn draw_nearest(
    nearest: &mut Vec<(u32, &Scored)>,
    above: bool,
    samples: usize,
    seed: u64,
) -> Vec<Scored> {
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
pub(crate) fn sample(course: Course<'_>, row: &Scored, decision: &Decision) -> Sample {
    let event = course.event(row);
    let asked = course.judge.model().is_some();
    Sample {
        msg_id: decision.msg_id.as_str().to_owned(),
        at: decision.decided_at.timestamp().to_string(),
        risk_score: decision.risk_score,
        points: f64::from(row.points),
        probability: asked.then(|| unit(row.probability)),
        is_laundering: event.label,
        laundering_type: course.history.typology(event).map(str::to_owned),
        reasons: decision.reasons.iter().map(|r| format!("{}: {}", r.code, r.text)).collect(),
    }
}

fn comparison(course: Course<'_>, pass: &Pass, lost: Vec<Sample>) -> Option<Comparison> {
    let against = course.judge.against()?;
    let counts = |ours: bool, theirs: bool| {
        let these = |row: &Scored| row.alert == ours && row.alert_against == theirs;
        Counts {
            alerts: count(&pass.rows, these),
            laundering: count(&pass.rows, |row| these(row) && course.is_positive(row)),
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
