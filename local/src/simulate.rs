//! `sentinel simulate`: makes payments of the SAML-D schema after its published statistics (counts
//! of typologies, payment types, places and currencies, hours, quantiles of amounts), for training,
//! demonstrations and load. Amounts of single typologies and the shape of groups were never
//! published and are our choice, so figures measured on this data say little about real payments.
//!
//! The same seed and size give the same file, byte for byte.

pub(crate) mod draw;
mod normal;
mod suspicious;
mod world;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;

use crate::progress::{per_second, thousands};
use world::World;

/// Makes labelled payments after SAML-D's published statistics.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The CSV file to write.
    #[arg(long)]
    pub out: PathBuf,
    /// About how many payments.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1000..))]
    pub rows: u64,
    /// Which of all possible worlds.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Over how many days, from 2022-10-07 on.
    #[arg(long, default_value_t = 321, value_parser = clap::value_parser!(u16).range(14..))]
    pub days: u16,
}

const HEADER: &str = "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,\
                      Received_currency,Sender_bank_location,Receiver_bank_location,Payment_type,\
                      Is_laundering,Laundering_type";

/// Makes the payments and writes them in the order of their time.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    let world = simulate(args);
    write(args, &world).with_context(|| format!("cannot write {}", args.out.display()))?;
    let suspicious = world.payments.iter().filter(|payment| payment.suspicious).count() as u64;
    let rows = world.payments.len() as u64;
    let elapsed = started.elapsed();
    eprintln!(
        "{} payments, {} of them suspicious, between {} accounts in {}: {} rows/s",
        thousands(rows),
        thousands(suspicious),
        thousands(world.accounts.len() as u64),
        args.out.display(),
        per_second(rows, elapsed)
    );
    Ok(())
}

fn simulate(args: &Args) -> World {
    let mut world = World::new(args.seed, args.days, args.rows);
    normal::populate(&mut world);
    suspicious::populate(&mut world);
    world.payments.sort_by_key(|payment| payment.at);
    world
}

fn write(args: &Args, world: &World) -> std::io::Result<()> {
    let partial = args.out.with_extension("csv.partial");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&partial)?);
    writeln!(out, "{HEADER}")?;
    for payment in &world.payments {
        writeln!(out, "{}", world.row(payment))?;
    }
    out.into_inner()?.sync_all()?;
    std::fs::rename(partial, &args.out)
}

#[cfg(test)]
mod tests;
