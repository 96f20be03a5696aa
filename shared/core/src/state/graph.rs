//! Evidence from two steps away: what the accounts that paid the sender, and those that the
//! receiver paid, have been doing. It takes a second read of at most sixteen profiles, however
//! large the accounts are, and is gathered only if a rule that reads one of these values waits for
//! it and no rule alerts anyway.

use crate::payment::account_id::AccountId;
use crate::state::facts::Facts;
use crate::state::features::shortest;
use crate::state::neighbourhood::Neighbourhood;
use crate::state::order::is_late;
use crate::state::profile::Direction::{In, Out};
use crate::state::profile::{Contact, Kind, LONG, Profile};
use crate::state::unit::Unit;

/// Every value's name, in order.
pub const NAMES: [&str; VALUE_COUNT] = [
    "upstream_out_new_7d",
    "upstream_in_new_7d",
    "downstream_in_new_7d",
    "downstream_out_new_7d",
    "scatter_gather_paths",
    "cycle_of_four_paths",
];

/// Each value in an analyst's words.
pub const WORDS: [&str; VALUE_COUNT] = [
    "new receivers in seven days of an account that paid the sender",
    "new payers in seven days of an account that paid the sender",
    "new payers in seven days of an account the receiver pays",
    "new receivers in seven days of an account the receiver pays",
    "accounts that carry money from one source to the receiver",
    "ways the money returns to the sender over two more accounts",
];

/// The unit of all values.
pub const UNIT: Unit = Unit::Count;

/// Number of values.
pub const VALUE_COUNT: usize = 6;

/// Most profiles read in each direction; those of the newest contacts are preferred.
const MOST_STEPS: usize = 8;
/// Contacts older than this tell nothing about this payment.
const WINDOW_DAYS: f64 = 30.0;
/// Payments in five weeks from which an account counts as an employer, a merchant or an office.
/// Such an account meets strangers every day, which says nothing about those it deals with.
const HUB: f64 = 500.0;

/// The accounts whose profiles are read: at most eight upstream and eight downstream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Steps {
    /// Accounts that have recently paid the sender, the newest first.
    pub upstream: Vec<AccountId>,
    /// Accounts that the receiver has recently paid, the newest first.
    pub downstream: Vec<AccountId>,
}

impl Steps {
    pub fn from(facts: &Facts, around: &Neighbourhood<'_>) -> Self {
        let recent = |contacts: &Profile, direction| -> Vec<AccountId> {
            let other = |c: &&Contact| ![facts.sender, facts.receiver].contains(&c.account);
            let contacts = contacts.contacts(direction).iter().filter(other);
            let mut newest: Vec<_> = contacts.filter(|c| is_recent(facts, c)).collect();
            newest.sort_by(|a, b| b.at.total_cmp(&a.at).then(a.account.cmp(&b.account)));
            newest.into_iter().map(|contact| contact.account).take(MOST_STEPS).collect()
        };
        Self { upstream: recent(around.sender, In), downstream: recent(around.receiver, Out) }
    }
}

fn is_recent(facts: &Facts, contact: &Contact) -> bool {
    contact.at >= facts.at - WINDOW_DAYS * 86_400.0 && !is_late(facts.at, contact.at)
}

/// The values of one transaction, in the order of [`NAMES`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Graph([f32; VALUE_COUNT]);

impl Graph {
    /// Computes the values from the profiles of [`Steps`], in any order.
    #[expect(clippy::cast_possible_truncation, reason = "rules compare, seven digits suffice")]
    pub fn of(
        facts: &Facts,
        around: &Neighbourhood<'_>,
        upstream: &[&Profile],
        downstream: &[&Profile],
    ) -> Self {
        let new = |profiles: &[&Profile], direction| {
            let views = profiles.iter().map(|profile| profile.seen_at(facts.at));
            let plain = views.filter(|view| view.weeks(direction, Kind::All, LONG).number() < HUB);
            let sums = plain.map(|view| view.days(direction, Kind::New, 7).number());
            sums.fold(0.0, f64::max)
        };
        let values = [
            new(upstream, Out),
            new(upstream, In),
            new(downstream, In),
            new(downstream, Out),
            scatter_gather(facts, around, upstream),
            cycle_of_four(facts, around, downstream),
        ];
        Self(values.map(|value| value as f32))
    }

    pub fn values(&self) -> &[f32] {
        &self.0
    }

    pub fn get(&self, name: &str) -> Option<f32> {
        NAMES.iter().position(|known| *known == name).map(|at| self.0[at])
    }

    /// Returns the values by name, as evidence stores them.
    pub fn by_name(&self) -> std::collections::BTreeMap<String, f64> {
        NAMES.iter().map(|name| (*name).to_owned()).zip(self.0.map(shortest)).collect()
    }

    /// Reads the values back from evidence; `None` if one is missing.
    #[expect(clippy::cast_possible_truncation, reason = "evidence holds the digits of f32 values")]
    pub fn from_names(values: &std::collections::BTreeMap<String, f64>) -> Option<Self> {
        let mut graph = [0.0; VALUE_COUNT];
        for (slot, name) in graph.iter_mut().zip(NAMES) {
            *slot = *values.get(name)? as f32;
        }
        Some(Self(graph))
    }
}

/// Returns the largest number of accounts, this sender included, that one source paid and that paid
/// the receiver.
fn scatter_gather(facts: &Facts, around: &Neighbourhood<'_>, upstream: &[&Profile]) -> f64 {
    let paths = upstream.iter().map(|source| {
        let both = source.payees.common(&around.receiver.payers);
        let recent = both.filter(|(a, b)| is_recent(facts, a) && is_recent(facts, b));
        1.0 + count(recent.filter(|(a, _)| a.account != facts.sender))
    });
    paths.fold(0.0, f64::max)
}

/// Counts the paths receiver → D → C → sender.
fn cycle_of_four(facts: &Facts, around: &Neighbourhood<'_>, downstream: &[&Profile]) -> f64 {
    let ways = downstream.iter().map(|next| {
        let both = next.payees.common(&around.sender.payers);
        let recent = both.filter(|(a, b)| is_recent(facts, a) && is_recent(facts, b));
        count(recent.filter(|(a, _)| a.account != facts.receiver))
    });
    ways.sum()
}

fn count(items: impl Iterator) -> f64 {
    items.fold(0.0, |count, _| count + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::memory::Memory;

    /// Records all payments but the last, then looks at the graph of the last.
    #[track_caller]
    fn check(payments: &[(&str, &str)], name: &str, expect: f32) {
        let mut memory = Memory::default();
        let mut at = 1.7e9;
        let (last, history) = payments.split_last().unwrap();
        for (from, to) in history {
            memory.apply(&Facts::between(from, to, at, 900.0));
            at += 3_600.0;
        }
        let facts = Facts::between(last.0, last.1, at, 900.0);
        let around = memory.neighbourhood(&facts);
        let found = memory.graph(&facts, &around).get(name).unwrap();
        assert!((found - expect).abs() < 0.1, "{found}");
    }

    #[test]
    fn money_that_scatters_and_gathers_shows_its_paths() {
        // No two of these accounts share a register.
        let scattered = [("s", "a"), ("s", "c"), ("s", "d"), ("a", "t"), ("c", "t"), ("d", "t")];
        check(&scattered, "scatter_gather_paths", 3.0);
        let elsewhere = [("s", "a"), ("s", "c"), ("s", "d"), ("a", "t"), ("c", "u"), ("d", "t")];
        check(&elsewhere, "scatter_gather_paths", 2.0);
        check(&[("s", "d"), ("a", "t"), ("d", "t")], "scatter_gather_paths", 1.0);
    }

    #[test]
    fn a_circle_of_four_closes() {
        check(&[("b", "c"), ("c", "d"), ("d", "a"), ("a", "b")], "cycle_of_four_paths", 1.0);
        check(&[("b", "c"), ("c", "d"), ("d", "e"), ("a", "b")], "cycle_of_four_paths", 0.0);
    }

    #[test]
    fn a_layer_before_and_a_layer_after_show() {
        let layered =
            [("s", "a"), ("s", "x"), ("s", "y"), ("t", "z"), ("q", "z"), ("r", "z"), ("a", "t")];
        check(&layered, "upstream_out_new_7d", 3.0);
    }

    #[test]
    fn a_hub_of_a_hundred_thousand_costs_sixteen_profiles() {
        let mut memory = Memory::default();
        for n in 0..100_000_u32 {
            let at = 1.7e9 + f64::from(n);
            let other = format!("account-{n}");
            let (from, to) = if n % 2 == 0 { ("hub", &*other) } else { (&*other, "hub") };
            memory.apply(&Facts::between(from, to, at, 100.0));
        }
        let facts = Facts::between("hub", "hub-2", 1.7e9 + 2e5, 100.0);
        let steps = Steps::from(&facts, &memory.neighbourhood(&facts));
        assert_eq!(steps.upstream.len(), MOST_STEPS);
        let facts = Facts::between("stranger", "hub", 1.7e9 + 2e5, 100.0);
        let steps = Steps::from(&facts, &memory.neighbourhood(&facts));
        assert_eq!(steps.downstream.len(), MOST_STEPS);
    }
}
