//! An OpenAI-compatible server on loopback that answers as a test tells it to, and keeps the
//! requests that it received.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How the server behaves.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Answers with this content as the model's message.
    Says(Value),
    /// Answers with this content after a while.
    SaysLate(Duration, Value),
    /// Answers with this text, even if it breaks the schema.
    Raw(String),
    /// Fails with this status.
    Fails(u16),
}

#[derive(Debug)]
struct Inner {
    behaviour: Behaviour,
    requests: Vec<Value>,
}

/// The running server.
pub struct Llm {
    address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
    server: JoinHandle<()>,
}

impl Behaviour {
    /// An assessment of the schema, without findings.
    pub fn assesses(suspicious: bool, narrative: &str) -> Self {
        Self::Says(assessment(suspicious, narrative))
    }
}

/// An answer of the schema, without findings.
pub fn assessment(suspicious: bool, narrative: &str) -> Value {
    let word = if suspicious { "suspicious" } else { "not_suspicious" };
    json!({"assessment": word, "risk": 0.9, "findings": [], "narrative": narrative})
}

impl Llm {
    pub async fn start(behaviour: Behaviour) -> Self {
        let inner = Arc::new(Mutex::new(Inner { behaviour, requests: Vec::new() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let app = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("serves until it is dropped");
        });
        Self { address, inner, server }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The bodies of all requests so far.
    pub fn requests(&self) -> Vec<Value> {
        self.inner.lock().expect("no test panics while holding it").requests.clone()
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.inner.lock().expect("no test panics while holding it").behaviour = behaviour;
    }
}

impl Drop for Llm {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn complete(
    State(inner): State<Arc<Mutex<Inner>>>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let behaviour = {
        let mut inner = inner.lock().expect("no test panics while holding it");
        inner.requests.push(body);
        inner.behaviour.clone()
    };
    let content = match behaviour {
        Behaviour::Says(content) => content.to_string(),
        Behaviour::SaysLate(wait, content) => {
            tokio::time::sleep(wait).await;
            content.to_string()
        }
        Behaviour::Raw(text) => text,
        Behaviour::Fails(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            return (status, Json(json!({"error": {"message": "test"}})));
        }
    };
    let answer = json!({
        "id": "c-1",
        "object": "chat.completion",
        "model": "test",
        "choices": [{
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": content}
        }],
        "usage": {"prompt_tokens": 700, "completion_tokens": 120, "total_tokens": 820}
    });
    (StatusCode::OK, Json(answer))
}
