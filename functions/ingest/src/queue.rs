//! The queue of received transactions, over the AWS SDK.

use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use sentinel::payment::queue_message::QueueMessage;

/// The queue of the system.
#[derive(Debug, Clone)]
pub struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

/// SQS took some or none of the messages.
#[derive(Debug, thiserror::Error)]
#[error("SQS {operation} failed: {code}")]
pub struct QueueError {
    pub operation: &'static str,
    pub code: String,
}

/// SQS takes ten messages a call.
const BATCH: usize = 10;

impl Queue {
    /// A queue over the function's AWS configuration.
    pub fn dial(sdk: &aws_types::SdkConfig, url: impl Into<String>) -> Self {
        Self::new(aws_sdk_sqs::Client::new(sdk), url)
    }

    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Sends messages in as few calls as SQS allows; the answers are in the messages' order.
    pub async fn send(&self, messages: &[QueueMessage]) -> Vec<Result<(), QueueError>> {
        let mut results = Vec::with_capacity(messages.len());
        for chunk in messages.chunks(BATCH) {
            results.extend(self.send_chunk(chunk).await);
        }
        results
    }

    async fn send_chunk(&self, messages: &[QueueMessage]) -> Vec<Result<(), QueueError>> {
        const OPERATION: &str = "SendMessageBatch";
        let error = |code: &str| QueueError { operation: OPERATION, code: code.to_owned() };
        let mut request = self.client.send_message_batch().queue_url(&self.url);
        for (at, message) in messages.iter().enumerate() {
            let body = serde_json::to_string(message).expect("strings and numbers serialise");
            let entry = SendMessageBatchRequestEntry::builder().id(at.to_string());
            if let Ok(entry) = entry.message_body(body).build() {
                request = request.entries(entry);
            }
        }
        let sent = match request.send().await {
            Ok(sent) => sent,
            Err(err) => {
                let code = err.code().unwrap_or("unreachable").to_owned();
                return messages.iter().map(|_| Err(error(&code))).collect();
            }
        };
        let accepted = |id: &str| sent.successful().iter().any(|entry| entry.id() == id);
        let refusal = |id: &str| {
            let failed = sent.failed().iter().find(|entry| entry.id() == id);
            error(failed.map_or("no answer", |entry| entry.code()))
        };
        (0..messages.len())
            .map(|at| at.to_string())
            .map(|id| if accepted(&id) { Ok(()) } else { Err(refusal(&id)) })
            .collect()
    }
}
