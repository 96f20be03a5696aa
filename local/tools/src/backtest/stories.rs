//! Planted cases: which were found, how early, and which were missed. Recall counts payments, but a
//! case of thirty payments is found by any one of them, and finding the thirtieth is too late.
//!
//! **Money gone.** While money is on an account of the story it can be frozen; it is gone once it
//! reaches an account that sends nothing on within the story. A story's money is the sum of those last
//! payments in the base currency, or of all its payments if every receiver sends on, as in a cycle.
//! Gone at an alert are those before the first payment that alerts, in chronological order; a payment
//! that itself alerts is not gone, because it can be held. If the currencies have no rate, payments
//! are counted instead of money.

use std::collections::{BTreeMap, HashSet};

use sentinel::payment::account_id::AccountId;

use super::metrics::ratio;
use super::pass::{Engine, Pass, ScoredPayment};
use super::report::{MissedStory, Stories, StoryRow};
use crate::history::Event;

/// A story is found in time while less than this share of its money is gone.
const IN_TIME: f64 = 0.5;
/// Missed stories listed at most.
const MOST_MISSED: usize = 100;
/// Typologies with a row of their own; data sets have a dozen or two.
const MOST_TYPOLOGIES: usize = 1_000;

/// One story of the window.
struct StoryOutcome<'a> {
    id: &'a str,
    typology: &'a str,
    payments: u64,
    /// In the base currency.
    money: f64,
    /// From the first payment to the last.
    hours: f64,
    reviews: u64,
    found: Option<Detection>,
}

#[derive(Clone, Copy)]
struct Detection {
    gone: f64,
    /// Since the first payment.
    hours: f64,
}

impl Detection {
    fn is_in_time(self) -> bool {
        self.gone < IN_TIME
    }
}

/// `None` if no payment belongs to a story.
pub(super) fn stories(engine: Engine<'_>, pass: &Pass) -> Option<Stories> {
    let mut parts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, event) in engine.history.events().iter().enumerate() {
        if let Some(story) = engine.history.story(event) {
            parts.entry(story).or_default().push(at);
        }
    }
    if parts.is_empty() {
        return None;
    }
    let stories = parts.len() as u64;
    let outcomes = parts.iter().filter_map(|(id, places)| outcome(engine, pass, id, places));
    let outcomes: Vec<StoryOutcome<'_>> = outcomes.collect();
    let mut of_typology: BTreeMap<&str, Vec<&StoryOutcome<'_>>> = BTreeMap::new();
    outcomes
        .iter()
        .for_each(|outcome| of_typology.entry(outcome.typology).or_default().push(outcome));
    let rows = of_typology.iter().map(|(typology, outcomes)| row(typology, outcomes));
    let mut typologies: Vec<StoryRow> = rows.collect();
    let order = |row: &StoryRow| (row.in_time_rate, row.found_rate);
    typologies.sort_by(|a, b| order(a).partial_cmp(&order(b)).expect("shares are numbers"));
    typologies.truncate(MOST_TYPOLOGIES);
    Some(Stories {
        total: row("all", &outcomes.iter().collect::<Vec<_>>()),
        worst: typologies.first().map(|row| row.typology.clone()),
        typologies,
        missed: missed(&outcomes),
        cut: stories - outcomes.len() as u64,
    })
}

/// `None` if only a part of the story is in the window: whether the rest would have been found is
/// unknown.
fn outcome<'a>(
    engine: Engine<'a>,
    pass: &Pass,
    id: &'a str,
    places: &[usize],
) -> Option<StoryOutcome<'a>> {
    let from = pass.rows.first()?.event as usize;
    let rows = places.iter().map(|at| pass.rows.get(at.checked_sub(from)?));
    let rows: Vec<&ScoredPayment> = rows.collect::<Option<_>>()?;
    let events: Vec<&Event> = rows.iter().map(|row| engine.event(row)).collect();
    let (first, last) = (events.first()?, events.last()?);
    let laundering = events.iter().find(|event| event.label == Some(true)).unwrap_or(first);
    let last_steps = last_steps(&events);
    let leaving = |part: &[&Event]| -> (f64, f64) {
        let steps = part.iter().zip(&last_steps).filter(|(_, last)| **last);
        steps.fold((0.0, 0.0), |(sum, count), (event, _)| (sum + event.facts.amount, count + 1.0))
    };
    let (money, payments) = leaving(&events);
    let hours_to = |event: &Event| (event.facts.at - first.facts.at) / 3_600.0;
    let found = rows.iter().position(|row| row.alert).map(|at| {
        let (before, counted) = leaving(&events[..at]);
        let gone = if money > 0.0 { before / money } else { counted / payments };
        Detection { gone, hours: hours_to(events[at]) }
    });
    Some(StoryOutcome {
        id,
        typology: engine.history.typology(laundering).unwrap_or("unnamed"),
        payments: events.len() as u64,
        money,
        hours: hours_to(last),
        reviews: rows.iter().filter(|row| row.review).count() as u64,
        found,
    })
}

/// Which payments reach an account that sends nothing on; all of them if there is none.
fn last_steps(events: &[&Event]) -> Vec<bool> {
    let senders: HashSet<AccountId> = events.iter().map(|event| event.facts.sender).collect();
    let last: Vec<bool> =
        events.iter().map(|event| !senders.contains(&event.facts.receiver)).collect();
    if last.contains(&true) { last } else { vec![true; events.len()] }
}

fn row(typology: &str, outcomes: &[&StoryOutcome<'_>]) -> StoryRow {
    let count = |which: &dyn Fn(&StoryOutcome<'_>) -> bool| {
        outcomes.iter().filter(|outcome| which(outcome)).count() as u64
    };
    let stories = outcomes.len() as u64;
    let found = count(&|outcome| outcome.found.is_some());
    let in_time = count(&|outcome| outcome.found.is_some_and(Detection::is_in_time));
    let of_found = |figure: fn(Detection) -> f64| {
        median(outcomes.iter().filter_map(|outcome| outcome.found).map(figure).collect())
    };
    StoryRow {
        typology: typology.to_owned(),
        stories,
        found,
        found_rate: ratio(found, stories),
        in_time,
        in_time_rate: ratio(in_time, stories),
        reviewed_only: count(&|outcome| outcome.found.is_none() && outcome.reviews > 0),
        median_gone: of_found(|found| found.gone),
        median_hours: of_found(|found| found.hours),
    }
}

fn missed(outcomes: &[StoryOutcome<'_>]) -> Vec<MissedStory> {
    let mut missed: Vec<&StoryOutcome<'_>> =
        outcomes.iter().filter(|outcome| outcome.found.is_none()).collect();
    missed.sort_by_key(|outcome| (outcome.typology, outcome.id));
    missed.truncate(MOST_MISSED);
    let row = |outcome: &&StoryOutcome<'_>| MissedStory {
        id: outcome.id.to_owned(),
        typology: outcome.typology.to_owned(),
        payments: outcome.payments,
        money: outcome.money,
        hours: outcome.hours,
        reviews: outcome.reviews,
    };
    missed.iter().map(row).collect()
}

/// The median; of an even number, the mean of the middle two.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    let is_odd = numbers.len() % 2 == 1;
    Some(if is_odd { upper } else { f64::midpoint(numbers[middle - 1], upper) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        for (numbers, expect) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![9.0, 1.0], Some(5.0)),
            (vec![9.0, 1.0, 2.0], Some(2.0)),
        ] {
            assert_eq!(median(numbers.clone()), expect, "{numbers:?}");
        }
    }
}
