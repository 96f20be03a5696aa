//! `sentinel import`: sends recorded payments to a running system as history, so that accounts are
//! known when the first live payment comes. Rows go out in batches, in any order; temporary failures are
//! retried, and an import that was interrupted can be resumed.

mod checkpoint;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::api::Api;
use crate::dataset::{Dataset, Hints, Row, RowError};
use crate::files::FileArgs;
use crate::progress::Progress;
use crate::replay::body;
use crate::replay::client::{Client, ItemAnswer, Lookup};
use crate::replay::summary::{Table, print};
use checkpoint::Checkpoint;

/// Imports recorded payments into a running system as history: counted, not judged.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Data sets, as for `sentinel backtest`.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub api: Api,
    #[command(flatten)]
    pub reading: FileArgs,
    /// Number of concurrent requests.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// Transactions per request.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub batch: u16,
    /// Read only this many rows of each file.
    #[arg(long)]
    pub limit: Option<u64>,
    /// Resume where the last import of each file into this system stopped, as recorded in
    /// FILE.import.json.
    #[arg(long)]
    pub resume: bool,
    /// Wait this long for the newest batch to be counted, and fail if it is not. By default the import
    /// ends once everything is accepted, and the queue is counted afterwards.
    #[arg(long, default_value_t = 0)]
    pub wait_seconds: u64,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A batch with this many bytes takes no further rows; the API's limit is 2 MiB.
const BATCH_BYTES: usize = 1_500_000;
const BETWEEN_ROUNDS: Duration = Duration::from_millis(200);

/// The outcome of an import.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Rows read from the files.
    pub rows: u64,
    /// Rows that an earlier import had dealt with.
    pub resumed: u64,
    /// Rows that are not valid transactions, by reason; they were not sent.
    pub faulty: BTreeMap<String, u64>,
    /// New to the system.
    pub accepted: u64,
    /// Already known to it, as history or live.
    pub known: u64,
    /// Refused by the system, by status and reason.
    pub refused: BTreeMap<String, u64>,
    /// Payments of the newest batch that were not counted in time.
    pub uncounted: u64,
    pub seconds: f64,
}

impl Summary {
    fn table(&self) -> String {
        let mut table = Table::default();
        table.count("rows read", self.rows);
        if self.resumed > 0 {
            table.count("done before", self.resumed);
        }
        table.reasons("left out (faulty)", &self.faulty);
        table.count("accepted", self.accepted);
        table.count("already known", self.known);
        table.reasons("refused", &self.refused);
        if self.uncounted > 0 {
            table.count("not counted in time", self.uncounted);
        }
        table.time("imported in", self.seconds, self.rows - self.resumed);
        table.text
    }

    fn note_faulty(&mut self, err: &RowError) {
        *self.faulty.entry(err.reason.to_string()).or_default() += 1;
    }
}

/// Imports and prints the summary. Fails if rows were left out, refused, or not counted in time.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let summary = import(&args).await?;
    let text = if args.json { serde_json::to_string_pretty(&summary)? } else { summary.table() };
    print(&text)?;
    if summary.uncounted > 0 || !summary.refused.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    let faulty = summary.faulty.values().sum();
    Ok(args.reading.exit_code(summary.rows - faulty, faulty))
}

/// Sends every row of every file.
pub async fn import(args: &Args) -> anyhow::Result<Summary> {
    let (client, hints) = (Client::of_history(&args.api)?, args.reading.hints()?);
    let started = Instant::now();
    let mut summary = Summary::default();
    let mut newest = Vec::new();
    for file in &args.files {
        let mut checkpoint = Checkpoint::open(file, &args.api.url, args.resume)?;
        let sent =
            send(args, &client, file, &hints, &mut checkpoint, &mut summary, &mut newest).await;
        checkpoint.save();
        sent.with_context(|| {
            format!("{} was not imported completely; --resume continues", file.display())
        })?;
        checkpoint.remove();
    }
    summary.uncounted = uncounted(args, &client, newest).await?;
    summary.seconds = started.elapsed().as_secs_f64();
    Ok(summary)
}

/// Rows to send in one request.
struct Batch {
    number: u64,
    /// Rows read for it, including faulty ones.
    rows: u64,
    ids: Vec<String>,
    lines: Vec<String>,
}

async fn send(
    args: &Args,
    client: &Client,
    file: &Path,
    hints: &Hints,
    checkpoint: &mut Checkpoint,
    summary: &mut Summary,
    newest: &mut Vec<String>,
) -> anyhow::Result<()> {
    let dataset = Dataset::open_with(file, hints)?;
    let limit = args.limit.unwrap_or(u64::MAX);
    let total =
        dataset.row_count().or_else(|| checkpoint::line_count(file)).map(|rows| rows.min(limit));
    let mut rows = dataset.take(usize::try_from(limit).unwrap_or(usize::MAX));
    let done = rows.by_ref().take(usize::try_from(checkpoint.rows()).unwrap_or(usize::MAX)).count();
    summary.rows += done as u64;
    summary.resumed += done as u64;
    let left = total.map(|total| total.saturating_sub(done as u64));
    let mut progress = Progress::start("Importing", left);
    let mut in_flight = JoinSet::new();
    for number in 0.. {
        let batch = next_batch(&mut rows, usize::from(args.batch), number, summary);
        if batch.rows == 0 {
            break;
        }
        if in_flight.len() >= usize::from(args.concurrency)
            && let Some(sent) = in_flight.join_next().await
        {
            note(sent??, checkpoint, summary, newest, &mut progress);
        }
        let client = client.clone();
        in_flight.spawn(async move {
            let Batch { number, rows, ids, lines } = batch;
            let answers = if lines.is_empty() { Vec::new() } else { client.post(lines).await? };
            anyhow::Ok((number, rows, ids, answers))
        });
    }
    while let Some(sent) = in_flight.join_next().await {
        note(sent??, checkpoint, summary, newest, &mut progress);
    }
    progress.finish();
    Ok(())
}

/// The next valid rows; faulty ones are counted and left out.
fn next_batch(
    rows: &mut impl Iterator<Item = Result<Row, RowError>>,
    size: usize,
    number: u64,
    summary: &mut Summary,
) -> Batch {
    let mut batch = Batch { number, rows: 0, ids: Vec::new(), lines: Vec::new() };
    let mut bytes = 0;
    while batch.lines.len() < size && bytes < BATCH_BYTES {
        let Some(row) = rows.next() else { break };
        batch.rows += 1;
        match row {
            Ok(row) => {
                let line = body(&row.transaction);
                bytes += line.len();
                batch.lines.push(line);
                batch.ids.push(row.transaction.msg_id.into());
            }
            Err(err) => summary.note_faulty(&err),
        }
    }
    summary.rows += batch.rows;
    batch
}

fn note(
    (number, rows, ids, answers): (u64, u64, Vec<String>, Vec<ItemAnswer>),
    checkpoint: &mut Checkpoint,
    summary: &mut Summary,
    newest: &mut Vec<String>,
    progress: &mut Progress,
) {
    let mut accepted = Vec::new();
    for (id, answer) in ids.into_iter().zip(answers) {
        match answer {
            ItemAnswer::Accepted { replayed } => {
                summary.accepted += u64::from(!replayed);
                summary.known += u64::from(replayed);
                accepted.push(id);
            }
            ItemAnswer::Rejected { reason } => *summary.refused.entry(reason).or_default() += 1,
        }
    }
    if !accepted.is_empty() {
        *newest = accepted;
    }
    checkpoint.complete(number, rows);
    progress.advance(rows);
}

/// Waits for the newest batch; returns how many of its payments were not counted in time. Queues keep no
/// order, so a few earlier payments may still be pending; the depth of the queue shows that.
async fn uncounted(args: &Args, client: &Client, ids: Vec<String>) -> anyhow::Result<u64> {
    let patience = Duration::from_secs(args.wait_seconds);
    let (started, mut waiting) = (Instant::now(), ids);
    if patience.is_zero() {
        return Ok(0);
    }
    while let Some(id) = waiting.last() {
        match client.decision(id).await.context("asking whether a payment is counted")? {
            Lookup::Decided(_) | Lookup::History => _ = waiting.pop(),
            Lookup::Pending | Lookup::Unknown if started.elapsed() > patience => break,
            Lookup::Pending | Lookup::Unknown => tokio::time::sleep(BETWEEN_ROUNDS).await,
        }
    }
    Ok(waiting.len() as u64)
}
