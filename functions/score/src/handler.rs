//! Handles a batch from SQS. Bodies are parsed here and not together with the envelope, and only
//! failed messages are named for redelivery, so that a bad message does not affect the others.

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::Error;
use sentinel::payment::queue_message::QueueMessage;
use tracing::Instrument as _;

use crate::App;
use crate::decide::decide;
use crate::error::ScoreError;
use crate::history;
use crate::shadow::{self, ShadowResult};

/// Number of messages scored at the same time; more would only conflict over shared accounts.
const CONCURRENCY: usize = 5;

/// Scores a batch; the response names the messages to deliver again.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    let mut shadow_results = Vec::new();
    for messages in event.records.chunks(CONCURRENCY) {
        let scored = messages.iter().map(|message| score(app, message));
        for (message, result) in messages.iter().zip(futures_util::future::join_all(scored).await) {
            let id = message.message_id.clone().ok_or("SQS sent a message without an id")?;
            match result {
                Ok(shadow_result) => shadow_results.extend(shadow_result),
                Err(err) => {
                    metrics::counter!("messages_failed_total").increment(1);
                    tracing::error!(message.id = %id, "Could not score message {id}: {err}");
                    let mut failure = BatchItemFailure::default();
                    failure.item_identifier = id;
                    response.batch_item_failures.push(failure);
                }
            }
        }
    }
    shadow::count(app, shadow_results).await;
    app.policies.publish_age();
    app.watch.compare(&app.store, &app.model).await;
    app.peers.add(&app.store).await;
    Ok(response)
}

async fn score(app: &App, message: &SqsMessage) -> Result<Vec<ShadowResult>, ScoreError> {
    let body = message.body.as_deref().unwrap_or_default();
    let queued = QueueMessage::parse(body)?;
    let span = tracing::info_span!("score", request.id = %queued.request_id);
    if queued.history {
        return history::count(app, &queued).instrument(span).await.map(|()| Vec::new());
    }
    decide(app, &queued).instrument(span).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_event_holds_a_message_as_ingest_writes_it_beside_the_poison() {
        let event = include_str!("../../../events/sqs-batch-with-poison.json");
        let event: SqsEvent = sentinel::json::read(event).unwrap();
        let bodies: Vec<_> = event.records.iter().flat_map(|message| &message.body).collect();
        let [readable, poison] = bodies[..] else { panic!("{} messages", bodies.len()) };
        let message = QueueMessage::parse(readable).unwrap();
        assert_eq!(message.to_json(), *readable);
        assert_eq!(message.content_hash, message.transaction.content_hash());
        assert!(QueueMessage::parse(poison).is_err());
    }
}
