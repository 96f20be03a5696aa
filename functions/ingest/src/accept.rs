//! Accepting: receipt first, queue second, answer last. If the queue refuses, the receipt is taken
//! back, so that nothing is half done; if we crash between the two, the client never heard 202, and
//! its retry finds the receipt undecided and queues the transaction again (scoring is idempotent).

use std::collections::HashMap;

use jiff::Timestamp;
use sentinel::problem::Problem;
use sentinel::queue::QueueMessage;
use sentinel::store::{Receipt, Received, StoreError};
use sentinel::tenant::Tenant;
use sentinel::transaction::Transaction;
use tokio::task::JoinSet;

use crate::App;

/// A transaction that will be decided.
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
    tenant: &Tenant,
    transactions: Vec<Transaction>,
    request_id: &str,
    now: Timestamp,
) -> Vec<Result<Accepted, Problem>> {
    let received_at = now.to_string();
    let received = receive(app, tenant, &transactions, &received_at, request_id).await;
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
        if accepted.receipt.decision.is_none() {
            let message = QueueMessage {
                v: 1,
                tenant: tenant.clone(),
                request_id: accepted.receipt.request_id.clone(),
                received_at: accepted.receipt.received_at.clone(),
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
    tenant: &Tenant,
    transactions: &[Transaction],
    received_at: &str,
    request_id: &str,
) -> Vec<Result<Received, StoreError>> {
    let mut results: HashMap<usize, Result<Received, StoreError>> = HashMap::new();
    let mut running = JoinSet::new();
    for (at, transaction) in transactions.iter().enumerate() {
        if running.len() == CONCURRENCY
            && let Some(Ok((at, result))) = running.join_next().await
        {
            results.insert(at, result);
        }
        let (store, tenant, transaction) = (app.store.clone(), tenant.clone(), transaction.clone());
        let (received_at, request_id) = (received_at.to_owned(), request_id.to_owned());
        running.spawn(async move {
            (at, store.receive(&tenant, &transaction, &received_at, &request_id).await)
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
    let (positions, messages): (Vec<_>, Vec<_>) = to_queue.into_iter().unzip();
    let sent = app.queue.send(&messages).await;
    for (at, sent) in positions.into_iter().zip(sent) {
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
