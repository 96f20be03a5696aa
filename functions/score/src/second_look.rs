//! Asks for the LLM's look at a decision, after the decision has been recorded. If the queue refuses,
//! the transaction's message is delivered again and finds the decision waiting, so that no look is
//! lost; a look asked for twice is recorded once.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use sentinel::payment::queue_message::{QueueMessage, SecondLookMessage};

use crate::App;

/// The queue of decisions that wait for the LLM.
#[derive(Debug, Clone)]
pub struct SecondLookQueue {
    client: Client,
    url: String,
}

/// SQS did not accept a message. Holds its code alone.
#[derive(Debug, thiserror::Error)]
#[error("SQS SendMessage failed: {0}")]
pub struct SecondLookError(String);

impl SecondLookQueue {
    /// Creates a client for the queue at a URL; `None` if there is no LLM and so no queue.
    pub fn dial(sdk: &aws_types::SdkConfig, url: Option<String>) -> Option<Self> {
        url.map(|url| Self { client: Client::new(sdk), url })
    }
}

/// Sends the message that asks for a look.
pub async fn ask_for(app: &App, queued: &QueueMessage) -> Result<(), SecondLookError> {
    let Some(queue) = &app.second_looks else { return Ok(()) };
    let id = queued.transaction.msg_id.clone();
    let message = SecondLookMessage::new(queued.tenant.clone(), id, &queued.request_id);
    let send = queue.client.send_message().queue_url(&queue.url).message_body(message.to_json());
    let sent = send.send().await;
    sent.map(|_| ()).map_err(|err| SecondLookError(err.code().unwrap_or("unreachable").to_owned()))
}
