//! `sentinel simulate --world town`: the ordinary life of a town with laundering planted in it. People
//! are paid, shop, rent, travel, give and marry; shops, employers, landlords, charities, tills and
//! public offices do what they do; and among it there are a few stories of every typology, labelled
//! payment by payment. It measures false alarms: a monitor should hardly ever alert on ordinary life
//! and still find the stories.
//!
//! The patterns are ours and rest on no real payments or statistics. They were chosen so that
//! everything an ordinary customer does occurs, in plausible sizes. Figures measured on towns say how
//! a rule behaves in such lives, and nothing about how frequent they are. Exchange rates and price
//! levels only scale the amounts (`country.rs` has their sources); thresholds are those of
//! `shared/reference/lists.json`.
//!
//! Each seed is a different town with its own country, habits (cash, cards, instant payments,
//! paydays, opening hours, Sundays, prices) and people. The same options give the same file, byte
//! for byte. Stories have their own random numbers, so that honest payments do not depend on them.
//!
//! Three in four people are customers of the monitoring bank, and so are about half of all others; it
//! does not see payments between two outsiders. So about half of all accounts are only
//! counterparties.

mod account;
mod country;
mod ledger;
mod life;
mod payment;
mod people;
mod references;
mod stories;
mod words;

use std::io::Write;

use jiff::civil::{Date, Time};

use super::Totals;
use ledger::Town;
use payment::LineFormat;

/// Which town to make.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) seed: u64,
    pub(super) days: u16,
    /// The number of people who are customers of the monitoring bank.
    pub(super) people: u32,
    /// The number of stories per typology.
    pub(super) stories: u32,
    /// ISO 4217; `None` allows every country.
    pub(super) currency: Option<String>,
    /// Whether parties are written with their segment.
    pub(super) segments: bool,
    /// The number of days at the beginning without laundering.
    pub(super) honest_days: u16,
    /// Moves all payments by whole weeks, so that the town's last day is in the week before this day.
    /// Weekdays, and everything that depends on them, stay the same.
    pub(super) before: Option<Date>,
}

/// The currencies of the countries that a town may be in.
pub(super) fn currencies() -> Vec<&'static str> {
    let mut codes: Vec<_> = country::COUNTRIES.iter().map(|country| country.currency).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Simulates the town and writes its payments in order of time.
pub(super) fn write(options: &Options, out: &mut impl Write) -> std::io::Result<Totals> {
    let town = live(options);
    let first = options.before.map_or(town.first, |day| town.first_before(day));
    let moved = options.before.map_or(String::new(), |_| format!("-{first}"));
    let format = LineFormat {
        first: first.to_datetime(Time::midnight()),
        country: town.country,
        accounts: &town.accounts,
        prefix: format!("town{}-{}{moved}", town.seed, town.country.currency),
        segments: options.segments,
    };
    for (place, payment) in town.payments.iter().enumerate() {
        writeln!(out, "{}", format.line(place, payment))?;
    }
    Ok(Totals {
        payments: town.payments.len(),
        suspicious: town.payments.iter().filter(|payment| payment.story.is_some()).count(),
        accounts: town.accounts.len(),
    })
}

fn live(options: &Options) -> Town {
    let mut town = Town::found(options.seed, options.days, options.currency.as_deref());
    let population = people::populate(&mut town, options.people);
    life::live(&mut town, &population);
    stories::plant(&mut town, &population, options.stories, options.honest_days.into());
    town.payments.sort_by_key(|payment| payment.at);
    town
}

#[cfg(test)]
mod tests;
