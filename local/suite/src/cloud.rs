//! The AWS services of the suite: DynamoDB on SQLite (dynoxide), SQS, SNS and Secrets Manager in
//! memory (winterbaume). Functions reach them over HTTP with the real SDKs; the suite's own parts
//! (event sources, recovery) call them here.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, bail};
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use dynoxide::Database;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use winterbaume_core::{MockRequest, MockResponse, MockService};
use winterbaume_secretsmanager::SecretsManagerService;
use winterbaume_sns::SnsService;
use winterbaume_sqs::SqsService;

use super::faults::Faults;
use super::template::{Queue, REGION, Secret, Stack};

/// The emulated services.
pub struct Cloud {
    pub faults: Faults,
    /// Notified whenever a message is sent.
    pub sent: Notify,
    sqs: SqsService,
    sns: SnsService,
    secrets: SecretsManagerService,
    dynamodb_url: String,
    http: reqwest::Client,
}

impl Cloud {
    /// Opens the database and serves it until `stop` is set.
    pub async fn start(
        database: Option<&Path>,
        stop: watch::Receiver<bool>,
    ) -> anyhow::Result<Arc<Self>> {
        let database = open(database).context("cannot open the database")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let dynamodb_url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move {
            let stopped = super::stopped(stop);
            if let Err(err) =
                dynoxide::server::serve_with_shutdown(listener, database, stopped).await
            {
                tracing::error!("DynamoDB ended: {err}");
            }
        });
        Ok(Arc::new(Self {
            faults: Faults::default(),
            sent: Notify::new(),
            sqs: SqsService::new(),
            sns: SnsService::new(),
            secrets: SecretsManagerService::new(),
            dynamodb_url,
            http: reqwest::Client::builder().no_proxy().build()?,
        }))
    }

    /// Creates the template's resources unless they exist already.
    pub async fn provision(
        &self,
        stack: &Stack,
        secrets: &dyn Fn(&Secret) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        for table in &stack.tables {
            let answer = self.dynamodb("DynamoDB_20120810.CreateTable", table.clone()).await;
            if let Err(err) = answer
                && !err.to_string().contains("ResourceInUseException")
            {
                return Err(err.context("cannot create the table"));
            }
        }
        for queue in redrive_last(&stack.queues) {
            let body = json!({ "QueueName": queue.name, "Attributes": queue.attributes });
            self.sqs("CreateQueue", body).await?;
        }
        for secret in &stack.secrets {
            let body = json!({
                "Name": secret.name,
                "SecretString": secrets(secret)?,
                "ClientRequestToken": "00000000-0000-0000-0000-000000000001",
            });
            let request = target("secretsmanager.CreateSecret", &body);
            read(self.secrets.handle(request).await).context("cannot create the secret")?;
        }
        for topic in &stack.topics {
            let form = format!("Action=CreateTopic&Version=2010-03-31&Name={topic}");
            let answer = self.sns.handle(request("sns", HeaderMap::new(), form.into())).await;
            if answer.status >= 300 {
                bail!("cannot create the topic: {}", String::from_utf8_lossy(&answer.body));
            }
        }
        Ok(())
    }

    /// Calls DynamoDB.
    pub async fn dynamodb(&self, target: &str, body: Value) -> anyhow::Result<Value> {
        let request = self
            .http
            .post(&self.dynamodb_url)
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260101T000000Z")
            .header("authorization", AUTHORIZATION);
        let answer = request.body(body.to_string()).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{target} answered {status}: {text}");
        }
        Ok(serde_json::from_str(&text)?)
    }

    /// Calls SQS.
    pub async fn sqs(&self, operation: &str, body: Value) -> anyhow::Result<Value> {
        let answer = self.sqs.handle(target(&format!("AmazonSQS.{operation}"), &body)).await;
        if operation.starts_with("SendMessage") {
            self.sent.notify_one();
        }
        read(answer).with_context(|| format!("SQS {operation}"))
    }

    /// How many messages a queue holds, visible or not.
    pub async fn depth(&self, queue: &str) -> u64 {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let body = json!({ "QueueUrl": queue_url(queue), "AttributeNames": names });
        let answer = self.sqs("GetQueueAttributes", body).await.unwrap_or_default();
        let count = |name: &str| answer["Attributes"][name].as_str()?.parse::<u64>().ok();
        names.iter().filter_map(|name| count(name)).sum()
    }

    /// Hands a function's request to its service.
    pub(super) async fn handle(
        &self,
        service: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> anyhow::Result<MockResponse> {
        let sent = || request(service, headers.clone(), body.clone());
        Ok(match service {
            "sqs" => {
                let answer = self.sqs.handle(sent()).await;
                self.sent.notify_one();
                answer
            }
            "sns" => self.sns.handle(sent()).await,
            "secretsmanager" => self.secrets.handle(sent()).await,
            "dynamodb" => self.forward(headers, body).await?,
            _ => bail!("the suite has no service {service}"),
        })
    }

    async fn forward(&self, headers: &HeaderMap, body: Bytes) -> anyhow::Result<MockResponse> {
        let mut headers = headers.clone();
        headers.remove("host");
        headers.remove("content-length");
        let sent = self.http.post(&self.dynamodb_url).headers(headers).body(body).send().await?;
        Ok(MockResponse {
            status: sent.status().as_u16(),
            headers: sent.headers().clone(),
            body: sent.bytes().await?,
        })
    }
}

/// Opens DynamoDB's database: a file, or memory shared by the connections of this process.
fn open(path: Option<&Path>) -> anyhow::Result<Database> {
    static MEMORIES: AtomicU32 = AtomicU32::new(0);
    let name = match path {
        Some(path) => path.to_string_lossy().into_owned(),
        None => {
            let number = MEMORIES.fetch_add(1, Ordering::Relaxed);
            format!("file:sentinel-{number}?mode=memory&cache=shared")
        }
    };
    let database = Database::new(&name)?;
    // Sets SQLite's `synchronous` to NORMAL: commits survive a crash of the program, though perhaps
    // not a power cut.
    database.disable_bulk_loading()?;
    // dynoxide numbers a stream's records by reading all of them on every write, and never deletes
    // any. With an index it reads one; records of an earlier run are never read again.
    rusqlite::Connection::open(&name)?.execute_batch(
        "DELETE FROM _stream_records;
         CREATE INDEX IF NOT EXISTS sentinel_stream_order
            ON _stream_records (table_name, CAST(sequence_number AS INTEGER));",
    )?;
    Ok(database)
}

/// The services check that a request is signed, but not by whom.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 \
    Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
    SignedHeaders=host;x-amz-date, Signature=0";

pub fn queue_url(queue: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{}/{queue}", super::template::ACCOUNT)
}

fn request(service: &str, headers: HeaderMap, body: Bytes) -> MockRequest {
    let uri = format!("https://{service}.{REGION}.amazonaws.com/");
    MockRequest { method: "POST".to_owned(), uri, headers, body }
}

fn target(target: &str, body: &Value) -> MockRequest {
    let mut headers = HeaderMap::new();
    headers.extend(
        HeaderValue::from_str(target)
            .ok()
            .map(|value| (axum::http::HeaderName::from_static("x-amz-target"), value)),
    );
    let service = if target.starts_with("AmazonSQS") { "sqs" } else { "secretsmanager" };
    request(service, headers, body.to_string().into())
}

fn read(answer: MockResponse) -> anyhow::Result<Value> {
    if answer.status >= 300 {
        bail!("answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

/// A queue is created after the dead-letter queue it names.
fn redrive_last(queues: &[Queue]) -> Vec<&Queue> {
    let mut ordered: Vec<&Queue> = queues.iter().collect();
    ordered.sort_by_key(|queue| queue.attributes.contains_key("RedrivePolicy"));
    ordered
}
