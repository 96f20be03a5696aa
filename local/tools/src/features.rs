//! `sentinel features`: turns data sets into the features that production would have computed, for
//! training. Rows pass in chronological order (file order if times are equal) through the code and the
//! account state of production: each sees the accounts as they were before it.
//!
//! Rows are held in compact form, about 200 bytes each, so that SAML-D's 9.5 million fit in two
//! gigabytes; features are written as they are computed.

mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use sentinel::state::features::Features;
use sentinel::state::memory::Memory;

use crate::files::FileArgs;
use crate::history::{FileSummary, History};
use crate::progress::{Progress, per_second, thousands};
use crate::reference;
use table::FeatureTable;

/// Computes the features of labelled transactions and writes them as Parquet.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Data sets, as for `sentinel backtest`; several are merged by time.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: FileArgs,
    /// The Parquet file to write.
    #[arg(long)]
    pub out: PathBuf,
    /// The reference data to use: rates, country lists and thresholds [default: the embedded set].
    #[arg(long)]
    pub reference: Option<PathBuf>,
    /// Read only this many rows of each file.
    #[arg(long)]
    pub limit: Option<u64>,
    /// Add a second pass in which all accounts are forgotten every so many days, so that training
    /// also sees what a system without history sees.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub forget_days: Option<u32>,
}

/// Computes and writes the features, and reports how long it took; fails if rows were left out.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let reference = reference::of(args.reference.as_deref())?;
    let hints = args.reading.hints()?;
    let history = History::of(&[], &args.files, &hints, &reference, args.limit)?;
    let rows = write(&history, args.forget_days, &args.out)
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    let elapsed = started.elapsed();
    eprintln!(
        "{} rows with {} features in {}: {:.1} s, {} rows/s",
        thousands(rows),
        sentinel::state::features::FEATURE_COUNT,
        args.out.display(),
        elapsed.as_secs_f64(),
        per_second(rows, elapsed)
    );
    let sum = |of: fn(&FileSummary) -> u64| history.sources().iter().map(of).sum();
    Ok(args.reading.exit_code(sum(|file| file.rows), sum(|file| file.faulty)))
}

/// Replays the history through an empty memory, once or twice. The file gets its name only once it is
/// complete.
fn write(history: &History, forget_days: Option<u32>, out: &Path) -> anyhow::Result<u64> {
    let partial = out.with_extension("parquet.partial");
    let mut table = FeatureTable::create(&partial, history.sources())?;
    let passes = 1 + u64::from(forget_days.is_some());
    let mut progress = Progress::start("Features", Some(passes * history.len()));
    replay(history, None, &mut table, &mut progress)?;
    if forget_days.is_some() {
        replay(history, forget_days, &mut table, &mut progress)?;
    }
    table.finish()?;
    progress.finish();
    std::fs::rename(&partial, out)?;
    Ok(passes * history.len())
}

/// One pass, in which the memory is emptied every `forget_days`.
fn replay(
    history: &History,
    forget_days: Option<u32>,
    table: &mut FeatureTable,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let period = forget_days.map_or(f64::INFINITY, |days| f64::from(days) * 86_400.0);
    let pass = i32::from(forget_days.is_some());
    let mut memory = Memory::default();
    let mut forget_at = f64::NEG_INFINITY;
    for event in history.events() {
        if event.facts.at >= forget_at {
            memory = Memory::default();
            forget_at = event.facts.at + period;
        }
        let features = Features::extract(&event.facts, &memory.neighbourhood(&event.facts));
        table.push(pass, event, history.typology(event), &features)?;
        history.apply(&mut memory, event);
        progress.advance(1);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
