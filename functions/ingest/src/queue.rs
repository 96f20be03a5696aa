//! The queues of received transactions, over the AWS SDK.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use sentinel::payment::queue_message::QueueMessage;

/// The queues in which transactions wait for score.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
    live: String,
    /// Separate, so that millions of past payments do not delay new ones.
    history: String,
}

/// SQS did not accept a message.
#[derive(Debug, thiserror::Error)]
#[error("SQS {operation} failed: {code}")]
pub struct QueueError {
    operation: &'static str,
    code: String,
}

/// Maximum number of messages that SQS accepts in one call.
const BATCH: usize = 10;

impl Queues {
    /// Creates a client for the queues at these URLs with the function's AWS configuration.
    pub fn dial(sdk: &aws_types::SdkConfig, live: String, history: String) -> Self {
        Self { client: Client::new(sdk), live, history }
    }

    /// Sends one message.
    pub async fn send(&self, message: &QueueMessage) -> Result<(), QueueError> {
        let sent = self
            .client
            .send_message()
            .queue_url(self.url(message.history))
            .message_body(message.to_json())
            .send()
            .await;
        sent.map(|_| ()).map_err(|err| failed("SendMessage", err.code().unwrap_or("unreachable")))
    }

    /// Sends messages in as few calls as SQS allows; the results are in the messages' order.
    pub async fn send_all(&self, messages: &[QueueMessage]) -> Vec<Result<(), QueueError>> {
        let mut results: Vec<_> = messages.iter().map(|_| Ok(())).collect();
        for history in [false, true] {
            let of_queue = |at: &usize| messages[*at].history == history;
            let places: Vec<usize> = (0..messages.len()).filter(of_queue).collect();
            for places in places.chunks(BATCH) {
                self.send_batch(self.url(history), places, messages, &mut results).await;
            }
        }
        results
    }

    fn url(&self, history: bool) -> &str {
        if history { &self.history } else { &self.live }
    }

    /// Sends the messages at `places`; each place is the id of its entry in the call.
    async fn send_batch(
        &self,
        url: &str,
        places: &[usize],
        messages: &[QueueMessage],
        results: &mut [Result<(), QueueError>],
    ) {
        const OPERATION: &str = "SendMessageBatch";
        let entries = places.iter().filter_map(|at| {
            let entry = SendMessageBatchRequestEntry::builder().id(at.to_string());
            entry.message_body(messages[*at].to_json()).build().ok()
        });
        let request = self.client.send_message_batch().queue_url(url);
        let sent = request.set_entries(Some(entries.collect())).send().await;
        for at in places {
            let id = at.to_string();
            results[*at] = match &sent {
                Err(err) => Err(failed(OPERATION, err.code().unwrap_or("unreachable"))),
                Ok(sent) if sent.successful().iter().any(|entry| entry.id() == id) => Ok(()),
                Ok(sent) => {
                    let refusal = sent.failed().iter().find(|entry| entry.id() == id);
                    Err(failed(OPERATION, refusal.map_or("no answer", |entry| entry.code())))
                }
            };
        }
    }
}

fn failed(operation: &'static str, code: &str) -> QueueError {
    QueueError { operation, code: code.to_owned() }
}
