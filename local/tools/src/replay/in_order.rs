//! Replay in chronological order, so that every decision is the one a backtest of the file makes. Rows
//! go out in waves: the rows of a wave do not touch each other's accounts, so their order does not
//! matter, and a wave goes out once the one before it is decided.

use std::collections::HashSet;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use sentinel::case::verdict::Decision;
use sentinel::payment::account_id::AccountId;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::state::facts::Facts;
use sentinel::state::graph::Steps;
use sentinel::state::memory::Memory;
use tokio::task::JoinSet;

use super::client::{Client, ItemAnswer, Lookup};
use super::{Args, Summary, body, count_answer};
use crate::dataset::{Dataset, Row};
use crate::progress::Progress;

/// The limit of one request.
const MAX_ROWS: usize = 500;
const BETWEEN_ROUNDS: Duration = Duration::from_millis(10);

/// Sends the rows in order, and writes the decisions to `args.decisions` in the same order.
pub(super) async fn replay(
    args: &Args,
    client: &Client,
    summary: &mut Summary,
) -> anyhow::Result<()> {
    let reference = Reference::embedded()?;
    let mut rows = read(args, summary)?;
    rows.sort_by_key(|row| row.transaction.timestamp.instant());
    let mut out = match &args.decisions {
        Some(path) => {
            let file = std::fs::File::create(path);
            let file = file.with_context(|| format!("cannot write {}", path.display()))?;
            Some(std::io::BufWriter::new(file))
        }
        None => None,
    };
    let mut progress = Progress::start("Deciding", Some(rows.len() as u64));
    let (mut waves, mut wave) = (Waves::default(), Vec::new());
    let mut rows = rows.into_iter().peekable();
    while let Some(row) = rows.next() {
        let facts = Facts::of(&row.transaction, &reference);
        waves.join(&facts);
        wave.push(row);
        let next = rows.peek().map(|row| Facts::of(&row.transaction, &reference));
        if next.is_some_and(|next| waves.admits(&next)) && wave.len() < MAX_ROWS {
            continue;
        }
        let sent = wave.len() as u64;
        for decision in send(args, client, std::mem::take(&mut wave), summary).await? {
            if let Some(out) = &mut out {
                serde_json::to_writer(&mut *out, &decision)?;
                out.write_all(b"\n")?;
            }
        }
        progress.advance(sent);
        waves.next();
    }
    if let Some(mut out) = out {
        out.flush()?;
    }
    progress.finish();
    Ok(())
}

fn read(args: &Args, summary: &mut Summary) -> anyhow::Result<Vec<Row>> {
    let limit = usize::try_from(args.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    for row in Dataset::open_with(&args.file, &args.reading.hints()?)?.take(limit) {
        summary.rows += 1;
        match row {
            Ok(row) => rows.push(row),
            Err(err) => summary.count_faulty(&err),
        }
    }
    Ok(rows)
}

/// Sends one wave; returns its decisions in the order of its rows.
async fn send(
    args: &Args,
    client: &Client,
    wave: Vec<Row>,
    summary: &mut Summary,
) -> anyhow::Result<Vec<Decision>> {
    let lines = wave.iter().map(|row| body(&row.transaction)).collect();
    let answers: Vec<ItemAnswer> = client.post(lines).await?;
    let mut waiting: Vec<(usize, String)> = Vec::new();
    let labels: Vec<Option<bool>> = wave.iter().map(|row| row.label).collect();
    for (at, (row, answer)) in wave.into_iter().zip(answers).enumerate() {
        if count_answer(answer, summary) {
            waiting.push((at, row.transaction.msg_id.into()));
        }
    }
    let patience = Duration::from_secs(args.wait_seconds.max(1));
    let (mut decided, mut newest) = (Vec::with_capacity(waiting.len()), Instant::now());
    while !waiting.is_empty() {
        tokio::time::sleep(BETWEEN_ROUNDS).await;
        let mut lookups = JoinSet::new();
        for (at, msg_id) in std::mem::take(&mut waiting) {
            let client = client.clone();
            lookups.spawn(async move { (client.decision(&msg_id).await, at, msg_id) });
        }
        while let Some(answer) = lookups.join_next().await {
            let (lookup, at, msg_id) = answer?;
            match lookup.context("asking for a decision")? {
                Lookup::Decided(decision) => {
                    summary.count_decision(&decision, labels[at]);
                    decided.push((at, *decision));
                    newest = Instant::now();
                }
                Lookup::History => summary.history += 1,
                Lookup::Pending => waiting.push((at, msg_id)),
                Lookup::Unknown => bail!("the system no longer knows an accepted transaction"),
            }
        }
        if newest.elapsed() > patience {
            bail!("{} transactions are not decided; cannot continue in order", waiting.len());
        }
    }
    decided.sort_by_key(|(at, _)| *at);
    Ok(decided.into_iter().map(|(_, decision)| decision).collect())
}

/// Tells which rows may be decided concurrently.
#[derive(Default)]
struct Waves {
    memory: Memory,
    /// Accounts that rows of the wave change.
    changed: HashSet<AccountId>,
    /// Accounts that rows of the wave read.
    read: HashSet<AccountId>,
}

impl Waves {
    /// Whether a row may join the wave: neither it nor the wave changes what the other reads or changes.
    fn admits(&self, facts: &Facts) -> bool {
        let (changed, read) = self.touched(facts);
        let apart = |id: &AccountId| !self.changed.contains(id) && !self.read.contains(id);
        changed.iter().all(apart) && read.iter().all(|id| !self.changed.contains(id))
    }

    fn join(&mut self, facts: &Facts) {
        let (changed, read) = self.touched(facts);
        self.changed.extend(changed);
        self.read.extend(read);
        self.memory.apply(facts);
    }

    fn next(&mut self) {
        self.changed.clear();
        self.read.clear();
    }

    /// The accounts and party that a row changes, and the accounts up to two steps away that it reads.
    fn touched(&self, facts: &Facts) -> (Vec<AccountId>, Vec<AccountId>) {
        let mut changed = vec![facts.sender, facts.receiver];
        changed.extend(facts.party);
        let Steps { mut upstream, downstream } =
            Steps::from(facts, &self.memory.neighbourhood(facts));
        upstream.extend(downstream);
        (changed, upstream)
    }
}

#[cfg(test)]
mod tests {
    use sentinel::payment::transaction::Transaction;

    use super::*;

    fn facts(reference: &Reference, from: &str, to: &str, at: usize) -> Facts {
        let body = serde_json::json!({
            "msg_id": at.to_string(), "timestamp": format!("2026-01-05T10:00:{at:02}Z"),
            "sender": {"account": from, "bank_country": "GB"},
            "receiver": {"account": to, "bank_country": "GB"},
            "amount": "100.00", "currency": "GBP", "payment_type": "transfer"
        });
        let body = body.to_string();
        let tx = Transaction::parse(body.as_bytes(), jiff::Timestamp::now()).unwrap();
        Facts::of(&tx, reference)
    }

    /// The waves of the rows, by row number.
    fn waves(rows: &[(&str, &str)]) -> Vec<Vec<usize>> {
        let reference = Reference::embedded().unwrap();
        let mut waves = Waves::default();
        let mut found: Vec<Vec<usize>> = vec![Vec::new()];
        for (at, (from, to)) in rows.iter().enumerate() {
            let facts = facts(&reference, from, to, at);
            if !waves.admits(&facts) {
                waves.next();
                found.push(Vec::new());
            }
            waves.join(&facts);
            found.last_mut().unwrap().push(at);
        }
        found
    }

    #[test]
    fn strangers_go_together_and_acquaintances_wait() {
        let rows = [("a", "b"), ("c", "d"), ("e", "a"), ("f", "g")];
        assert_eq!(waves(&rows), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_row_waits_for_changes_two_steps_away() {
        // `a` paid `b`, so what `b` pays must be judged either before or after `a` changes.
        let rows = [("a", "b"), ("b", "c"), ("p", "q"), ("x", "a"), ("b", "d")];
        assert_eq!(waves(&rows), [vec![0], vec![1, 2], vec![3], vec![4]]);
    }
}
