//! Planted cases: which were found, how early, and which were missed. Recall counts payments; a
//! case of thirty is found by one of them, and the thirtieth comes too late.
//!
//! **Money gone.** While money still lies on an account of the story it can be held; it is gone once
//! it reaches an account that sends nothing on within the story. A story's money is the sum of those
//! last payments, in the base currency (where every receiver sends on, as in a circle, of all its
//! payments). Gone at an alert are those before the first payment that alerts, in the order of their
//! time; a payment that itself alerts is not gone, for it can be held. Where the currencies have no
//! rate, payments are counted instead of money.

use std::collections::{BTreeMap, HashSet};

use sentinel::payment::account_id::AccountId;

use super::metrics::ratio;
use super::pass::{Course, Pass, Scored};
use super::report::{MissedStory, Stories, StoryRow};
use crate::history::Event;

/// A story is found in time while less than this share of its money is gone.
const IN_TIME: f64 = 0.5;
/// Missed stories that are named.
const MOST_MISSED: usize = 100;
/// Typologies with a row of their own; data sets have a dozen or two.
const MOST_TYPOLOGIES: usize = 1_000;

/// One story of the window.
struct Told<'a> {
    id: &'a str,
    typology: &'a str,
    payments: u64,
    /// In the base currency.
    money: f64,
    /// From the first payment to the last.
    hours: f64,
    reviews: u64,
    found: Option<Found>,
}

#[derive(Clone, Copy)]
struct Found {
    gone: f64,
    /// Since the first payment.
    hours: f64,
}

impl Found {
    fn is_in_time(self) -> bool {
        self.gone < IN_TIME
    }
}

/// None where no payment says that it is part of a story.
pub(super) fn stories(course: Course<'_>, pass: &Pass) -> Option<Stories> {
    let mut parts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, event) in course.history.events().iter().enumerate() {
        if let Some(story) = course.history.story(event) {
            parts.entry(story).or_default().push(at);
        }
    }
    if parts.is_empty() {
        return None;
    }
    let stories = parts.len() as u64;
    let told = parts.iter().filter_map(|(id, places)| tell(course, pass, id, places));
    let told: Vec<Told<'_>> = told.collect();
    let mut of_typology: BTreeMap<&str, Vec<&Told<'_>>> = BTreeMap::new();
    told.iter().for_each(|one| of_typology.entry(one.typology).or_default().push(one));
    let rows = of_typology.iter().map(|(typology, told)| row(typology, told));
    let mut typologies: Vec<StoryRow> = rows.collect();
    let order = |row: &StoryRow| (row.in_time_rate, row.found_rate);
    typologies.sort_by(|a, b| order(a).partial_cmp(&order(b)).expect("shares are numbers"));
    typologies.truncate(MOST_TYPOLOGIES);
    Some(Stories {
        total: row("all", &told.iter().collect::<Vec<_>>()),
        worst: typologies.first().map(|row| row.typology.clone()),
        typologies,
        missed: missed(&told),
        cut: stories - told.len() as u64,
    })
}

/// None where the window holds a part of the story alone: what would have been found of the rest
/// is unknown.
fn tell<'a>(course: Course<'a>, pass: &Pass, id: &'a str, places: &[usize]) -> Option<Told<'a>> {
    let from = pass.rows.first()?.event as usize;
    let rows = places.iter().map(|at| pass.rows.get(at.checked_sub(from)?));
    let rows: Vec<&Scored> = rows.collect::<Option<_>>()?;
    let events: Vec<&Event> = rows.iter().map(|row| course.event(row)).collect();
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
        Found { gone, hours: hours_to(events[at]) }
    });
    Some(Told {
        id,
        typology: course.history.typology(laundering).unwrap_or("unnamed"),
        payments: events.len() as u64,
        money,
        hours: hours_to(last),
        reviews: rows.iter().filter(|row| row.review).count() as u64,
        found,
    })
}

/// Which payments take the money to where nothing is sent on; all of them where there is none.
fn last_steps(events: &[&Event]) -> Vec<bool> {
    let senders: HashSet<AccountId> = events.iter().map(|event| event.facts.sender).collect();
    let last: Vec<bool> =
        events.iter().map(|event| !senders.contains(&event.facts.receiver)).collect();
    if last.contains(&true) { last } else { vec![true; events.len()] }
}

fn row(typology: &str, told: &[&Told<'_>]) -> StoryRow {
    let count =
        |which: &dyn Fn(&Told<'_>) -> bool| told.iter().filter(|one| which(one)).count() as u64;
    let stories = told.len() as u64;
    let found = count(&|one| one.found.is_some());
    let in_time = count(&|one| one.found.is_some_and(Found::is_in_time));
    let of_found = |figure: fn(Found) -> f64| {
        median(told.iter().filter_map(|one| one.found).map(figure).collect())
    };
    StoryRow {
        typology: typology.to_owned(),
        stories,
        found,
        found_rate: ratio(found, stories),
        in_time,
        in_time_rate: ratio(in_time, stories),
        reviewed_only: count(&|one| one.found.is_none() && one.reviews > 0),
        median_gone: of_found(|found| found.gone),
        median_hours: of_found(|found| found.hours),
    }
}

fn missed(told: &[Told<'_>]) -> Vec<MissedStory> {
    let mut missed: Vec<&Told<'_>> = told.iter().filter(|one| one.found.is_none()).collect();
    missed.sort_by_key(|one| (one.typology, one.id));
    missed.truncate(MOST_MISSED);
    let row = |one: &&Told<'_>| MissedStory {
        id: one.id.to_owned(),
        typology: one.typology.to_owned(),
        payments: one.payments,
        money: one.money,
        hours: one.hours,
        reviews: one.reviews,
    };
    missed.iter().map(row).collect()
}

/// Of an even number, the middle of the two in the middle.
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
