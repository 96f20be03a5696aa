//! Handles a batch from SQS. Its looks run at the same time, since each mostly waits for the LLM;
//! only failed messages are named for redelivery.

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::Error;
use sentinel::payment::queue_message::SecondLookMessage;
use tracing::Instrument as _;

use crate::App;
use crate::error::LookError;
use crate::look::look;

pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    let looks = event.records.iter().map(|message| handle_message(app, message));
    let outcomes = futures_util::future::join_all(looks).await;
    for (message, outcome) in event.records.iter().zip(outcomes) {
        if let Err(err) = outcome {
            let id = message.message_id.clone().ok_or("SQS sent a message without an id")?;
            metrics::counter!("second_looks_failed_total").increment(1);
            tracing::error!(message.id = %id, "Could not look at message {id}: {err}");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    Ok(response)
}

async fn handle_message(app: &App, message: &SqsMessage) -> Result<(), LookError> {
    let asked = SecondLookMessage::parse(message.body.as_deref().unwrap_or_default())?;
    let span = tracing::info_span!("second_look", request.id = %asked.request_id);
    look(app, &asked).instrument(span).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_event_holds_a_message_as_score_writes_it() {
        let event = include_str!("../../../events/sqs-second-look.json");
        let event: SqsEvent = sentinel::json::read(event).unwrap();
        let body = event.records[0].body.as_deref().unwrap();
        assert_eq!(SecondLookMessage::parse(body).unwrap().to_json(), body);
    }
}
