//! `sentinel simulate`: makes labelled payments of invented worlds, for training, demonstrations,
//! load tests and benchmarks. There are two kinds of worlds. A town (`town/`) is ordinary life with
//! laundering planted in it, written as the API's own NDJSON. The other kind follows the schema and
//! the published statistics of SAML-D: counts of typologies, payment types, places and currencies,
//! hours, quantiles of amounts. Amounts by typology and the shape of groups were never published and
//! are our choice, so figures measured on this data say little about real payments.
//!
//! The same seed and size give the same file, byte for byte.

pub(crate) mod draw;
mod normal;
mod suspicious;
mod town;
mod world;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;

use crate::progress::{per_second, thousands};
use world::World;

/// Simulates labelled payments: with SAML-D's statistics, or of a town's ordinary life.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The kind of world.
    #[arg(long, value_enum, default_value_t = Kind::SamlD)]
    pub world: Kind,
    /// The file to write: CSV for SAML-D (`simulated.csv`), NDJSON for a town (`town.ndjson`).
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Selects one of all possible worlds.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many days to simulate; by default 321 for SAML-D and 120 for a town.
    #[arg(long, value_parser = clap::value_parser!(u16).range(14..=3650))]
    pub days: Option<u16>,
    /// SAML-D: the approximate number of payments.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1000..))]
    pub rows: u64,
    /// Town: the number of people who are customers of the monitoring bank.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(30..=100_000))]
    pub people: u32,
    /// Town: the number of laundering stories per typology.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(..=1000))]
    pub stories: u32,
    /// Town: nobody launders.
    #[arg(long, conflicts_with = "stories")]
    pub no_stories: bool,
    /// Town: its currency, which also limits its country; by default the seed decides.
    #[arg(long, value_parser = currency())]
    pub currency: Option<String>,
    /// Town: write each party's kind of customer (`segment`).
    #[arg(long)]
    pub segments: bool,
}

/// Kinds of worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Payments by SAML-D's published statistics.
    SamlD,
    /// The ordinary life of a town, with laundering planted in it.
    Town,
}

fn currency() -> clap::builder::PossibleValuesParser {
    town::currencies().into()
}

const HEADER: &str = "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,\
                      Received_currency,Sender_bank_location,Receiver_bank_location,Payment_type,\
                      Is_laundering,Laundering_type";

/// Makes the payments and writes them in the order of their time.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    let usual = match args.world {
        Kind::SamlD => "simulated.csv",
        Kind::Town => "town.ndjson",
    };
    let out = args.out.clone().unwrap_or_else(|| usual.into());
    let totals = match args.world {
        Kind::SamlD => write(&out, &simulate(args)),
        Kind::Town => write_town(&out, args),
    };
    let totals = totals.with_context(|| format!("cannot write {}", out.display()))?;
    eprintln!(
        "{} payments, {} of them suspicious, between {} accounts in {}: {} rows/s",
        thousands(totals.payments as u64),
        thousands(totals.suspicious as u64),
        thousands(totals.accounts as u64),
        out.display(),
        per_second(totals.payments as u64, started.elapsed())
    );
    Ok(())
}

/// Counts of what was made.
#[derive(Debug, Clone, Copy)]
struct Totals {
    payments: usize,
    suspicious: usize,
    accounts: usize,
}

fn simulate(args: &Args) -> World {
    let mut world = World::new(args.seed, args.days.unwrap_or(321), args.rows);
    normal::populate(&mut world);
    suspicious::populate(&mut world);
    world.payments.sort_by_key(|payment| payment.at);
    world
}

fn write(out: &Path, world: &World) -> std::io::Result<Totals> {
    write_atomically(out, |file| {
        writeln!(file, "{HEADER}")?;
        for payment in &world.payments {
            writeln!(file, "{}", world.row(payment))?;
        }
        Ok(Totals {
            payments: world.payments.len(),
            suspicious: world.payments.iter().filter(|payment| payment.suspicious).count(),
            accounts: world.accounts.len(),
        })
    })
}

fn write_town(out: &Path, args: &Args) -> std::io::Result<Totals> {
    let options = town::Options {
        seed: args.seed,
        days: args.days.unwrap_or(120),
        people: args.people,
        stories: if args.no_stories { 0 } else { args.stories },
        currency: args.currency.clone(),
        segments: args.segments,
        honest_days: 0,
        before: None,
    };
    write_atomically(out, |file| town::write(&options, file))
}

/// A small town that ends in the week before a day: one line per payment, ordered by time. Its first
/// days are honest.
pub(crate) fn recent_town(
    days: u16,
    honest_days: u16,
    before: jiff::civil::Date,
) -> std::io::Result<String> {
    let options = town::Options {
        seed: 5,
        days,
        people: 20,
        stories: 1,
        currency: Some("GBP".to_owned()),
        segments: true,
        honest_days,
        before: Some(before),
    };
    let mut text = Vec::new();
    town::write(&options, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Writes a file that appears only once it is complete.
fn write_atomically<T>(
    out: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<T>,
) -> std::io::Result<T> {
    let mut partial = out.as_os_str().to_owned();
    partial.push(".partial");
    let mut file = BufWriter::new(File::create(&partial)?);
    let totals = write(&mut file)?;
    file.into_inner()?.sync_all()?;
    std::fs::rename(partial, out)?;
    Ok(totals)
}

#[cfg(test)]
mod tests;
