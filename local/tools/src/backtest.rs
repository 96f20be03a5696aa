//! `sentinel backtest`: judges recorded transactions with the code and rules of production, in
//! chronological order, and reports what would have alerted: how much, how well, and why. This is how a
//! rule set is tried out before it goes live.
//!
//! No LLM is asked: what the model is unsure of goes to the review queue, as in a system without an
//! LLM, and is counted separately from the alerts.

mod assemble;
mod html;
mod judge;
mod judging_args;
mod markdown;
mod metrics;
mod ordinary;
mod pass;
mod peers;
mod report;
mod stopwatch;
mod stories;
mod tables;
mod tally;
mod terminal;
#[cfg(test)]
mod tests;
mod topic_lists;
#[cfg(test)]
mod town_tests;
mod window;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use sentinel::cascade::Policy;

use crate::files::FileArgs;
use crate::history::{FileSummary, History};
use crate::terminal::print;
pub(crate) use assemble::{days, draw_nearest, sample};
pub(crate) use judge::{Judge, moment};
pub use judging_args::JudgingArgs;
use judging_args::rules;
pub(crate) use metrics::{float, micro, ratio, unit};
pub(crate) use pass::{DecisionRequest, Engine, Pass, ScoredPayment};
pub(crate) use peers::Firing;
use report::Report;
pub(crate) use report::Sample;
pub(crate) use tables::{Table, percent};
pub(crate) use tally::Resolution;
pub(crate) use terminal::write as write_table;
pub use window::Bound;

/// Judges recorded transactions as production would, and reports what would have alerted.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Data sets: SAML-D or AMLworld (.csv or .parquet), or any other table with --columns; AMLworld's
    /// patterns (.txt); or the API's transactions (.ndjson), with `is_laundering`, `laundering_type`
    /// and `story` if known. Text files may be gzipped. Several files are merged by time.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: FileArgs,
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Another rule set to compare with: which alerts are gained, which are lost.
    #[arg(long)]
    pub against: Option<PathBuf>,
    /// Another model to compare with, also a folder.
    #[arg(long, conflicts_with = "no_model")]
    pub against_model: Option<PathBuf>,
    /// Read only this many rows of each file.
    #[arg(long)]
    pub limit: Option<u64>,
    /// Folder for report.html and report.json.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// File for the decision on every row, one JSON object per line.
    #[arg(long)]
    pub decisions: Option<PathBuf>,
    /// How many rows to show from just above and just below the alert line, with their reasons.
    #[arg(long, default_value_t = 10)]
    pub sample: u16,
    /// Seed that chooses among the rows near the alert line.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
    /// Print the report's figures as Markdown.
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Title of the report [default: the files' names].
    #[arg(long)]
    pub title: Option<String>,
}

/// Reads, judges and reports; fails if rows were left out.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let report = backtest(args)?;
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        write(&folder.join("report.json"), &serde_json::to_string_pretty(&report)?)?;
        write(&folder.join("report.html"), &html::page(&report))?;
    }
    let text = if args.json {
        serde_json::to_string_pretty(&report)?
    } else if args.markdown {
        let words = std::env::args().skip(1);
        let words: Vec<String> = words.filter(|word| !word.starts_with("--title=")).collect();
        markdown::text(&report, &format!("sentinel {}", words.join(" ")))
    } else {
        terminal::text(&report)
    };
    print(text.trim_end())?;
    let sum = |of: fn(&FileSummary) -> u64| report.files.iter().map(|file| of(&file.summary)).sum();
    Ok(args.reading.exit_code(sum(|file| file.rows), sum(|file| file.faulty)))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn backtest(args: &Args) -> anyhow::Result<Report> {
    let started = Instant::now();
    let policy = Policy::new(args.judging.reference()?, rules(args.judging.rules.as_deref())?);
    let against = match (&args.against, &args.against_model) {
        (None, None) => None,
        // Another model is tried with the same rules unless others are named.
        (against, _) => Some(rules(against.as_deref().or(args.judging.rules.as_deref()))?),
    };
    let model = args.judging.model()?;
    let against_model = args.against_model.as_deref().map(judging_args::model).transpose()?;
    let (before, hints) = (&args.judging.history, args.reading.hints()?);
    let history = History::of(before, &args.files, &hints, &policy.reference, args.limit)?;
    let read = started.elapsed().as_secs_f64();
    let window = args.judging.window(&history);
    let judge = Judge::new(policy, against, model, against_model);
    let cooldown_s = args.judging.cooldown_s();
    let engine = Engine { judge: &judge, history: &history, cooldown_s, counts_peers: false };
    let pass = match &args.decisions {
        None => engine.run(window.clone(), None)?,
        Some(path) => {
            let context = || format!("cannot write {}", path.display());
            let mut out = BufWriter::new(std::fs::File::create(path).with_context(context)?);
            let pass = engine.run(window.clone(), Some(&mut out))?;
            out.flush().with_context(context)?;
            pass
        }
    };

    let back = Instant::now();
    let options = assemble::ReportOptions {
        title: args.title.clone().unwrap_or_else(|| title(&args.files)),
        samples: usize::from(args.sample),
        seed: args.seed,
        warm_up_rows: window.start as u64,
    };
    let mut report = assemble::assemble(engine, &pass, options)?;
    let rate = |rows: u64, seconds: f64| if seconds > 0.0 { float(rows) / seconds } else { 0.0 };
    let (rows, timings) = (report.window.rows, pass.timings);
    report.time = report::Time {
        read,
        rows_per_second: rate(window.end as u64, timings.pass),
        rules_and_profiles_per_second: rate(
            rows,
            timings.profiles + timings.features + timings.rules,
        ),
        timings,
        revisit: back.elapsed().as_secs_f64(),
        total: started.elapsed().as_secs_f64(),
    };
    Ok(report)
}

fn title(files: &[PathBuf]) -> String {
    let names = files.iter().filter_map(|file| file.file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>().join(", ")
}
