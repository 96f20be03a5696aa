//! `sentinel simulate --world town`: a town's ordinary life, with laundering planted in it. People
//! are paid, shop, rent, travel, give and marry; shops, employers, landlords, charities, tills and
//! public offices do what they do; and into it come a few stories of every typology, labelled
//! payment by payment. It is the bench for quiet: a monitor should hardly speak of the first and
//! find the second.
//!
//! The shapes are ours: no real payments, nor statistics of any, are behind them. They were chosen
//! so that everything an ordinary customer does occurs, in sizes a reader would believe; figures
//! measured on towns say how a rule behaves in such lives and nothing about how frequent they are.
//! Exchange rates and price levels only size the amounts (`land.rs` has their sources); thresholds
//! are those of `shared/reference/lists.json`.
//!
//! Each seed is another town: another country, other habits (cash, cards, instant payments,
//! paydays, opening hours, Sundays, prices), other people. The same options give the same file,
//! byte for byte. Stories have random numbers of their own: without them the honest payments of
//! everybody else stay as they were.
//!
//! Of the people, three in four bank with the bank that watches, and of everybody else about half;
//! a payment between two others is not seen. So of all accounts about half are only counterparties.

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

/// Which town.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) seed: u64,
    pub(super) days: u16,
    /// How many people bank with the bank that watches.
    pub(super) people: u32,
    /// How many stories of each typology.
    pub(super) stories: u32,
    /// ISO 4217; any of the lands' without one.
    pub(super) currency: Option<String>,
    /// Whether parties are written with their segment.
    pub(super) segments: bool,
    /// So long nobody launders.
    pub(super) honest_days: u16,
    /// Moves all payments by whole weeks, so that the last of the town's days lies in the week before
    /// this one: weekdays stay what they were, and so does all that is decided by them.
    pub(super) before: Option<Date>,
}

/// The currencies of the lands a town may lie in.
pub(super) fn currencies() -> Vec<&'static str> {
    let mut codes: Vec<_> = country::COUNTRIES.iter().map(|country| country.currency).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Lets the town live and writes its payments in the order of their time.
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
