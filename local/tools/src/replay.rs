//! `sentinel replay`: sends a data set to a running system over its HTTP API, as a bank's systems
//! would, waits for the decisions, and summarises them.

pub(crate) mod client;
mod in_order;
pub(crate) mod summary;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use sentinel::payment::transaction::Transaction;
use tokio::task::JoinSet;

use crate::api::Api;
use crate::dataset::{Dataset, Row};
use crate::files::FileArgs;
use crate::progress::Progress;
pub use client::ClientError;
use client::{Client, ItemAnswer, Lookup};
pub use summary::Summary;

/// Sends a data set to a running system and waits for its decisions.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A data set, as for `sentinel backtest`.
    pub file: PathBuf,
    #[command(flatten)]
    pub reading: FileArgs,
    #[command(flatten)]
    pub api: Api,
    /// Number of concurrent requests.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// Transactions per request.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub batch: u16,
    /// Read only this many rows of the file.
    #[arg(long)]
    pub limit: Option<u64>,
    /// Give up when no decision has come for this long; 0 does not wait at all.
    #[arg(long, default_value_t = 120)]
    pub wait_seconds: u64,
    /// Send payments in chronological order, each once all that it depends on are decided. This is
    /// slower, but gives exactly the decisions of `sentinel backtest`.
    #[arg(long)]
    pub in_order: bool,
    /// File for the decision on every row, one JSON object per line.
    #[arg(long, requires = "in_order")]
    pub decisions: Option<PathBuf>,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Replays and prints the summary. Fails if an accepted row was not decided in time, or rows were left
/// out.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let summary = replay(&args).await?;
    let text = if args.json { serde_json::to_string_pretty(&summary)? } else { summary.table() };
    summary::print(&text)?;
    let unanswered = summary.undecided > 0 && args.wait_seconds > 0;
    if unanswered {
        return Ok(ExitCode::FAILURE);
    }
    let left_out = summary.faulty.values().map(|fault| fault.rows).sum();
    Ok(args.reading.exit_code(summary.rows - left_out, left_out))
}

/// Sends every row, then waits for the decisions on those that were accepted.
pub async fn replay(args: &Args) -> anyhow::Result<Summary> {
    let client = Client::new(&args.api)?;
    let started = Instant::now();
    let mut summary = Summary::default();
    if args.in_order {
        in_order::replay(args, &client, &mut summary).await?;
        summary.elapsed_seconds = started.elapsed().as_secs_f64();
        return Ok(summary);
    }
    let undecided = send(args, &client, &mut summary).await?;
    summary.sent_seconds = started.elapsed().as_secs_f64();
    summary.undecided = undecided.len() as u64;
    if args.wait_seconds > 0 {
        let patience = Duration::from_secs(args.wait_seconds);
        await_decisions(&client, args.concurrency, patience, undecided, &mut summary).await?;
    }
    summary.elapsed_seconds = started.elapsed().as_secs_f64();
    Ok(summary)
}

/// An accepted transaction that is not decided yet.
#[derive(Debug, Clone)]
struct AcceptedPayment {
    msg_id: String,
    label: Option<bool>,
}

async fn send(
    args: &Args,
    client: &Client,
    summary: &mut Summary,
) -> anyhow::Result<VecDeque<AcceptedPayment>> {
    let dataset = Dataset::open_with(&args.file, &args.reading.hints()?)?;
    let limit = args.limit.unwrap_or(u64::MAX);
    let mut progress = Progress::start("Sending", dataset.row_count().map(|rows| rows.min(limit)));
    let mut rows = dataset.take(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut undecided = VecDeque::new();
    let mut in_flight = JoinSet::new();
    loop {
        let batch = next_batch(&mut rows, usize::from(args.batch), summary);
        if batch.is_empty() {
            break;
        }
        if in_flight.len() >= usize::from(args.concurrency)
            && let Some(sent) = in_flight.join_next().await
        {
            note(sent??, summary, &mut undecided, &mut progress);
        }
        let client = client.clone();
        in_flight.spawn(async move {
            let lines = batch.iter().map(|row| body(&row.transaction)).collect();
            client.post(lines).await.map(|answers| (batch, answers))
        });
    }
    while let Some(sent) = in_flight.join_next().await {
        note(sent??, summary, &mut undecided, &mut progress);
    }
    progress.finish();
    Ok(undecided)
}

/// A payment as a client writes it, with only the text of a purpose, unlike the canonical form.
pub(crate) fn body(transaction: &Transaction) -> String {
    let purpose = transaction.purpose.as_ref().map(|purpose| purpose.text.clone());
    let mut body = serde_json::json!(transaction);
    if let Some(purpose) = purpose {
        body["purpose"] = purpose.into();
    }
    body.to_string()
}

/// The next valid rows; faulty ones are counted and left out.
fn next_batch(
    rows: &mut impl Iterator<Item = Result<Row, crate::dataset::RowError>>,
    size: usize,
    summary: &mut Summary,
) -> Vec<Row> {
    let mut batch = Vec::with_capacity(size);
    for row in rows {
        summary.rows += 1;
        match row {
            Ok(row) => batch.push(row),
            Err(err) => summary.count_faulty(&err),
        }
        if batch.len() == size {
            break;
        }
    }
    batch
}

fn note(
    (batch, answers): (Vec<Row>, Vec<ItemAnswer>),
    summary: &mut Summary,
    undecided: &mut VecDeque<AcceptedPayment>,
    progress: &mut Progress,
) {
    progress.advance(batch.len() as u64);
    for (row, answer) in batch.into_iter().zip(answers) {
        if count_answer(answer, summary) {
            undecided.push_back(AcceptedPayment {
                msg_id: row.transaction.msg_id.into(),
                label: row.label,
            });
        }
    }
}

/// Counts an answer; true if the transaction was accepted.
fn count_answer(answer: ItemAnswer, summary: &mut Summary) -> bool {
    match answer {
        ItemAnswer::Accepted { replayed } => {
            summary.accepted += u64::from(!replayed);
            summary.replayed += u64::from(replayed);
            true
        }
        ItemAnswer::Rejected { reason } => {
            *summary.rejected.entry(reason).or_default() += 1;
            false
        }
    }
}

/// The pause after a round that brought no decision.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(200);

/// Asks for the decisions, oldest first, until all have come or none has come for `patience`.
async fn await_decisions(
    client: &Client,
    concurrency: u16,
    patience: Duration,
    mut undecided: VecDeque<AcceptedPayment>,
    summary: &mut Summary,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut progress = Progress::start("Decided", Some(undecided.len() as u64));
    let mut newest = Instant::now();
    while !undecided.is_empty() && newest.elapsed() < patience {
        let mut decided = 0;
        // One round asks once for everything outstanding, but stops early if the front of the queue is
        // all pending, because the rest was accepted even later.
        let mut pending_in_a_row = 0;
        let mut round = undecided.len();
        while round > 0 && pending_in_a_row < 4 * usize::from(concurrency) {
            let mut lookups = JoinSet::new();
            for _ in 0..round.min(usize::from(concurrency)) {
                let Some(one) = undecided.pop_front() else { break };
                let client = client.clone();
                lookups.spawn(async move { (client.decision(&one.msg_id).await, one) });
                round -= 1;
            }
            while let Some(answer) = lookups.join_next().await {
                let (lookup, one) = answer?;
                match lookup.context("asking for a decision")? {
                    Lookup::Decided(decision) => {
                        summary.count_decision(&decision, one.label);
                        decided += 1;
                        pending_in_a_row = 0;
                        progress.advance(1);
                    }
                    Lookup::History => {
                        summary.history += 1;
                        decided += 1;
                        pending_in_a_row = 0;
                        progress.advance(1);
                    }
                    Lookup::Pending => {
                        pending_in_a_row += 1;
                        undecided.push_back(one);
                    }
                    Lookup::Unknown => bail!("the system no longer knows an accepted transaction"),
                }
            }
        }
        if decided > 0 {
            newest = Instant::now();
        } else {
            tokio::time::sleep(BETWEEN_ROUNDS).await;
        }
    }
    summary.waited_seconds = started.elapsed().as_secs_f64();
    summary.undecided = undecided.len() as u64;
    progress.finish();
    Ok(())
}

#[cfg(test)]
mod tests;
