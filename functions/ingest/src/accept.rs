//! Accepts transactions: receipt first, queue second, answer last. If the queue refuses, the
//! receipt is taken back, so that nothing is left half done. After a crash between the two the
//! client has received no 202; its retry finds the receipt undecided and queues the transaction
//! again, which is safe since scoring is idempotent.

use contract::problem::Problem;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::Transaction;
use store::{Receipt, ReceiptOutcome};

use crate::App;
use crate::queue::QueueError;

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
pub struct Acceptance {
    pub receipt: Receipt,
    /// Whether the id was known, with the same content.
    pub replayed: bool,
}

/// Number of receipts of a batch that are written at the same time.
const CONCURRENCY: usize = 16;

/// Accepts one transaction.
pub async fn accept(
    app: &App,
    arrival: Arrival<'_>,
    transaction: Transaction,
) -> Result<Acceptance, Problem> {
    let message = arrival.message(transaction);
    let accepted = receive(app, &message).await?;
    if let Some(message) = accepted.to_queue(message)
        && let Err(err) = app.queues.send(&message).await
    {
        return Err(take_back(app, &message, &accepted, &err).await);
    }
    Ok(accepted)
}

/// Accepts the transactions of a batch; the results are in the same order. Receipts are written
/// concurrently, and messages are sent in batches.
pub async fn accept_all(
    app: &App,
    arrival: Arrival<'_>,
    transactions: Vec<Transaction>,
) -> Vec<Result<Acceptance, Problem>> {
    let messages: Vec<_> = transactions.into_iter().map(|tx| arrival.message(tx)).collect();
    let receiving: Vec<_> = messages.iter().map(|message| receive(app, message)).collect();
    let mut results: Vec<_> = stream::iter(receiving).buffered(CONCURRENCY).collect().await;
    let mut places = Vec::with_capacity(results.len());
    let mut waiting = Vec::with_capacity(results.len());
    for (place, (received, message)) in results.iter().zip(messages).enumerate() {
        let Ok(accepted) = received else { continue };
        if let Some(message) = accepted.to_queue(message) {
            places.push(place);
            waiting.push(message);
        }
    }
    let sent = app.queues.send_all(&waiting).await;
    for ((place, message), sent) in places.into_iter().zip(&waiting).zip(sent) {
        if let (Err(err), Ok(accepted)) = (sent, &results[place]) {
            results[place] = Err(take_back(app, message, accepted, &err).await);
        }
    }
    results
}

impl Arrival<'_> {
    /// Returns the message of a transaction that arrives in this way.
    fn message(&self, transaction: Transaction) -> QueueMessage {
        let (tenant, now) = (self.tenant.clone(), self.now.into());
        let live = QueueMessage::new(tenant, self.request_id, now, transaction);
        QueueMessage { history: self.history, ..live }
    }
}

impl Acceptance {
    /// Returns what has to be queued: nothing if the transaction is settled. A replay takes the
    /// path, live or history, on which it was first received.
    fn to_queue(&self, message: QueueMessage) -> Option<QueueMessage> {
        let receipt = &self.receipt;
        receipt.settled_at.is_none().then(|| QueueMessage {
            request_id: receipt.request_id.clone(),
            received_at: receipt.received_at,
            history: receipt.history,
            ..message
        })
    }
}

/// Writes the receipt, or finds the existing one.
async fn receive(app: &App, message: &QueueMessage) -> Result<Acceptance, Problem> {
    let accepted = match app.store.receive(message).await {
        Ok(ReceiptOutcome::New(receipt)) => Acceptance { receipt, replayed: false },
        Ok(ReceiptOutcome::Replayed(receipt)) => Acceptance { receipt, replayed: true },
        Ok(ReceiptOutcome::Conflict) => return Err(conflict()),
        Err(err) => return Err(edge::table_failed(err)),
    };
    if accepted.receipt.history && !message.history {
        metrics::counter!("history_posted_live_total").increment(1);
    }
    Ok(accepted)
}

/// Takes back the receipt of a transaction that the queue refused; returns the client's problem.
async fn take_back(
    app: &App,
    message: &QueueMessage,
    accepted: &Acceptance,
    err: &QueueError,
) -> Problem {
    tracing::error!("Could not queue a transaction: {err}");
    // A replay's receipt belongs to an earlier request, which may have been answered with 202.
    if !accepted.replayed
        && let Err(err) = app.store.retract(&message.tenant, &accepted.receipt).await
    {
        tracing::error!("Could not take a receipt back: {err}");
    }
    Problem::unavailable()
}

fn conflict() -> Problem {
    let detail = "This msg_id was received before with another content; the first stands.";
    Problem::new(409, "Conflict", detail)
}
