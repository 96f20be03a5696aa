//! The harness: each test has its own world, which is the whole suite with the real function
//! binaries on ephemeral ports, and talks to it as a client would.

pub mod llm;

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};
use suite::{Suite, SuiteConfig};

/// A running suite and a client.
pub struct World {
    pub suite: Suite,
    pub http: reqwest::Client,
    token: Option<String>,
}

/// A response, read to its end. A body that is not JSON is a string.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl World {
    /// A suite that stores in memory and needs no tokens.
    pub async fn new() -> Self {
        Self::with(SuiteConfig::default()).await
    }

    /// A suite with its own configuration; always on an ephemeral port.
    pub async fn with(config: SuiteConfig) -> Self {
        let suite = Suite::start(SuiteConfig { port: 0, quiet: true, ..config })
            .await
            .expect("the suite starts; `cargo build --workspace` makes the function binaries");
        let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
        Self { suite, http, token: None }
    }

    /// Uses this token for every request from now on.
    pub fn use_token(&mut self, token: impl Into<String>) {
        self.token = Some(token.into());
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        self.read(match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// Sends one request with another token.
    pub async fn send_as(&self, token: &str, request: reqwest::RequestBuilder) -> Reply {
        self.read(request.bearer_auth(token)).await
    }

    async fn read(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.expect("the suite answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole answer");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Reply { status, headers, body }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.suite.base_url())
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.http.get(self.url(path))).await
    }

    /// POSTs a body unchanged.
    pub async fn post_raw(&self, content_type: &str, body: impl Into<reqwest::Body>) -> Reply {
        let request = self.http.post(self.url("/api/v1/transactions"));
        self.send(request.header(CONTENT_TYPE, content_type).body(body)).await
    }

    /// POSTs one transaction.
    pub async fn post(&self, transaction: &Value) -> Reply {
        self.post_raw("application/json", transaction.to_string()).await
    }

    /// POSTs one transaction and waits for its decision, and the LLM's look if there is to be one.
    pub async fn decide(&self, transaction: &Value) -> Value {
        let request = self.http.post(self.url("/api/v1/transactions"));
        let request = request.header("prefer", "wait=15, second-look").json(transaction);
        let reply = self.send(request).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    }

    /// Waits for the decision on a transaction.
    pub async fn decision(&self, msg_id: &str) -> Value {
        let path = format!("/api/v1/transactions/{msg_id}");
        eventually(|| async {
            let reply = self.get(&path).await;
            (reply.status == 200).then_some(reply.body)
        })
        .await
    }

    pub async fn end(self) {
        self.suite.shutdown().await;
    }
}

/// Asks again until there is an answer, for up to a minute; no correct answer takes nearly that
/// long.
pub async fn eventually<T, F, Fut>(mut ask: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    for _ in 0..1_200 {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not happen within a minute");
}

/// A valid transaction.
pub fn transaction(msg_id: &str) -> Value {
    json!({
        "msg_id": msg_id,
        "timestamp": "2026-01-05T10:00:00Z",
        "sender": {"account": format!("{msg_id}-from"), "bank_country": "GB"},
        "receiver": {"account": format!("{msg_id}-to"), "bank_country": "GB"},
        "amount": "120.50",
        "currency": "GBP",
        "payment_type": "transfer"
    })
}

/// A transaction that the rules alone alert on.
pub fn risky(msg_id: &str) -> Value {
    let mut transaction = transaction(msg_id);
    transaction["receiver"]["bank_country"] = "IR".into();
    transaction["amount"] = "5000.00".into();
    transaction
}
