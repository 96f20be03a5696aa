//! Accepting: receipt first, queue second, answer last. If the queue refuses, the receipt is taken
//! back, so that nothing is half done; if we crash between the two, the client never heard 202, and
//! its retry finds the receipt undecided and queues the transaction again (scoring is idempotent).

use std::collections::HashMap;

use contract::problem::Problem;
use jiff::Timestamp;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::Transaction;
use store::{Origin, Receipt, Received, StoreError};
use tokio::task::JoinSet;

use crate::App;

/// How transactions arrive: by whom, when, and whether to be judged or as history.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub tenant: &'a Tenant,
    pub request_id: &'a str,
    pub now: Timestamp,
    pub history: bool,
}

/// A transaction that will be decided, or counted as history.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub receipt: Receipt,
    /// The id was known, with the same content.
    pub replayed: bool,
}

/// Receipts written at once.
const CONCURRENCY: usize = 16;

/// Accepts transactions; the answers are in their order.
pub async fn accept(
    app: &App,
    arrival: Arrival<'_>,
    transactions: Vec<Transaction>,
) -> Vec<Result<Accepted, Problem>> {
    let tenant = arrival.tenant;
    let received = receive(app, arrival, &transactions).await;
    let mut results = Vec::with_capacity(received.len());
    let mut to_queue = Vec::new();
    for (at, (received, transaction)) in received.into_iter().zip(transactions).enumerate() {
        let accepted = match received {
            Ok(Received::New(receipt)) => Accepted { receipt, replayed: false },
            Ok(Received::Replayed(receipt)) => Accepted { receipt, replayed: true },
            Ok(Received::Conflict) => {
                results.push(Err(conflict()));
                continue;
            }
            Err(err) => {
                tracing::error!("Could not record a receipt: {err}");
                results.push(Err(Problem::unavailable()));
                continue;
            }
        };
        if accepted.receipt.history && !arrival.history {
            metrics::counter!("history_posted_live_total").increment(1);
        }
        if accepted.receipt.settled_at.is_none() {
            let message = QueueMessage {
                v: 1,
                tenant: tenant.clone(),
                request_id: accepted.receipt.request_id.clone(),
                received_at: accepted.receipt.received_at.clone(),
                // An id goes the way it was first received on.
                history: accepted.receipt.history,
                transaction,
            };
            to_queue.push((at, message));
        }
        results.push(Ok(accepted));
    }
    enqueue(app, tenant, to_queue, &mut results).await;
    results
}

async fn receive(
    app: &App,
    arrival: Arrival<'_>,
    transactions: &[Transaction],
) -> Vec<Result<Received, StoreError>> {
    let Arrival { tenant, request_id, now, history } = arrival;
    let received_at = now.to_string();
    let mut results: HashMap<usize, Result<Received, StoreError>> = HashMap::new();
    let mut running = JoinSet::new();
    for (at, transaction) in transactions.iter().enumerate() {
        if running.len() == CONCURRENCY
            && let Some(Ok((at, result))) = running.join_next().await
        {
            results.insert(at, result);
        }
        let (store, tenant, transaction) = (app.store.clone(), tenant.clone(), transaction.clone());
        let (received_at, request_id) = (received_at.clone(), request_id.to_owned());
        running.spawn(async move {
            let origin = Origin { received_at: &received_at, request_id: &request_id };
            (at, store.receive(&tenant, &transaction, origin, history).await)
        });
    }
    while let Some(joined) = running.join_next().await {
        if let Ok((at, result)) = joined {
            results.insert(at, result);
        }
    }
    let missing = || Err(StoreError::Unprocessed);
    (0..transactions.len()).map(|at| results.remove(&at).unwrap_or_else(missing)).collect()
}

/// Queues what is undecided and takes back the receipts of what the queue refused.
async fn enqueue(
    app: &App,
    tenant: &Tenant,
    to_queue: Vec<(usize, QueueMessage)>,
    results: &mut [Result<Accepted, Problem>],
) {
    let (history, live): (Vec<_>, Vec<_>) =
        to_queue.into_iter().partition(|(_, message)| message.history);
    let mut all_sent = Vec::with_capacity(history.len() + live.len());
    for (queue, to_queue) in [(&app.queue, live), (&app.history_queue, history)] {
        let (positions, messages): (Vec<_>, Vec<_>) = to_queue.into_iter().unzip();
        all_sent.extend(positions.into_iter().zip(queue.send(&messages).await));
    }
    for (at, sent) in all_sent {
        let Err(err) = sent else { continue };
        tracing::error!("Could not queue a transaction: {err}");
        let refused = std::mem::replace(&mut results[at], Err(Problem::unavailable()));
        // A replay's receipt belongs to an earlier request, which heard 202.
        if let Ok(Accepted { receipt, replayed: false }) = refused
            && let Err(err) = app.store.retract(tenant, &receipt).await
        {
            tracing::error!("Could not take a receipt back: {err}");
        }
    }
}

fn conflict() -> Problem {
    let detail = "This msg_id was received before with another content; the first stands.";
    Problem::new(409, "Conflict", detail)
}
