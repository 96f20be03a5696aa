//! False alarms: honest payments by kind, and alerts week by week. A new installation has no profiles,
//! so its first week is the loudest; from the fifth week on it should know its customers.

use std::collections::BTreeMap;

use super::judge::moment;
use super::metrics::{float, ratio};
use super::pass::{Engine, Pass, ScoredPayment};
use super::report::{Kind, Period};

/// A kind is flagged above this share of alerts, if it has at least `ENOUGH` payments.
const LOUD: f64 = 0.02;
const ENOUGH: u64 = 50;
/// Kinds with a row of their own; a town has a few dozen.
const MOST_KINDS: usize = 1_000;
const WEEK_SECONDS: f64 = 7.0 * 86_400.0;

/// Honest payments by the data set's names for them, the loudest first.
pub(super) fn kinds(engine: Engine<'_>, pass: &Pass) -> Vec<Kind> {
    let mut kinds: BTreeMap<&str, Kind> = BTreeMap::new();
    for row in pass.rows.iter().filter(|row| !engine.is_positive(row)) {
        let Some(name) = engine.history.typology(engine.event(row)) else { continue };
        let kind = kinds.entry(name).or_default();
        kind.payments += 1;
        kind.alerts += u64::from(row.alert);
        kind.opened += u64::from(row.opened);
        kind.reviews += u64::from(row.review);
    }
    let finished = kinds.into_iter().map(|(name, kind)| {
        let rate = float(kind.alerts) / float(kind.payments);
        Kind {
            kind: name.to_owned(),
            alerts_per_10_000: 10_000.0 * rate,
            flagged: kind.payments >= ENOUGH && rate > LOUD,
            ..kind
        }
    });
    let mut kinds: Vec<Kind> = finished.collect();
    kinds.sort_by(|a, b| {
        let rate = b.alerts_per_10_000.total_cmp(&a.alerts_per_10_000);
        rate.then(b.payments.cmp(&a.payments))
    });
    kinds.truncate(MOST_KINDS);
    kinds
}

/// Week by week since the first day of the files (UTC), without weeks that have no payments.
pub(super) fn weeks(engine: Engine<'_>, pass: &Pass) -> Vec<Period> {
    grouped(engine, pass, |week| (week, format!("week {}", week + 1)))
}

/// The first week, the three after it, and the rest.
pub(super) fn phases(engine: Engine<'_>, pass: &Pass) -> Vec<Period> {
    grouped(engine, pass, |week| match week {
        0 => (0, "week 1".to_owned()),
        1..=3 => (1, "weeks 2 to 4".to_owned()),
        _ => (2, "week 5 and later".to_owned()),
    })
}

/// Counts together the rows of consecutive weeks that `group` gives the same number.
fn grouped(engine: Engine<'_>, pass: &Pass, group: impl Fn(u32) -> (u32, String)) -> Vec<Period> {
    let Some(first) = engine.history.events().first() else { return Vec::new() };
    let midnight = (first.facts.at / 86_400.0).floor() * 86_400.0;
    let (mut periods, mut current): (Vec<Period>, Option<u32>) = (Vec::new(), None);
    for row in &pass.rows {
        let week = week_of(engine.event(row).facts.at - midnight);
        let (number, name) = group(week);
        if current != Some(number) {
            current = Some(number);
            let from = moment(midnight + f64::from(week) * WEEK_SECONDS);
            let from = from.chars().take("2026-11-23".len()).collect();
            periods.push(Period { name, from, ..Period::default() });
        }
        count(periods.last_mut().expect("one was pushed just now"), engine, row);
    }
    for period in &mut periods {
        period.alert_rate = ratio(period.alerts, period.payments);
        period.honest_alert_rate = ratio(period.honest_alerts, period.honest);
    }
    periods
}

fn count(period: &mut Period, engine: Engine<'_>, row: &ScoredPayment) {
    let honest = !engine.is_positive(row);
    period.payments += 1;
    period.alerts += u64::from(row.alert);
    period.reviews += u64::from(row.review);
    period.honest += u64::from(honest);
    period.honest_alerts += u64::from(honest && row.alert);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rows come in the order of their time, and a calendar has fewer than 2^32 weeks"
)]
fn week_of(seconds: f64) -> u32 {
    (seconds / WEEK_SECONDS) as u32
}
