//! Servers of each kind, scripted on loopback with the refusals and forms of the real ones: each gets
//! an answer out of the client, and is not asked twice for what it cannot do.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod litellm;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use chat::{AuthHeader, CallError, ChatClient, Completion, Usage};
use sentinel::case::evidence::Evidence;
use sentinel::llm::prompt::{Prompt, PurposeHistory};
use sentinel::payment::transaction::Transaction;
use serde_json::{Value, json};
use tokio::time::Instant;

const ANSWER: &str = r#"{"assessment":"suspicious","risk":0.8,"findings":[],"narrative":"It is."}"#;

/// How a server answers a request.
type Script = fn(&Value) -> (u16, Value);

struct Server {
    script: Script,
    requests: Mutex<Vec<(String, HeaderMap, Value)>>,
}

/// A client of a scripted server.
struct World {
    client: ChatClient,
    server: Arc<Server>,
    prompt: Prompt,
}

async fn respond(
    State(server): State<Arc<Server>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let body: Value = serde_json::from_str(&body).unwrap();
    let (status, answer) = (server.script)(&body);
    server.requests.lock().unwrap().push((uri.to_string(), headers, body));
    (StatusCode::from_u16(status).unwrap(), axum::Json(answer)).into_response()
}

impl World {
    async fn start(script: Script) -> Self {
        Self::at("/v1", None, script).await
    }

    async fn at(path: &str, auth: Option<AuthHeader>, script: Script) -> Self {
        let server = Arc::new(Server { script, requests: Mutex::default() });
        let app = Router::new().route("/{*path}", post(respond)).with_state(server.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}{path}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let endpoint = chat::endpoint(&base).unwrap();
        let auth = auth.unwrap_or_else(|| AuthHeader::of(&endpoint));
        let client = ChatClient::new(endpoint, auth, "mini", (400, 65_536)).unwrap();
        Self { client, server, prompt: prompt() }
    }

    async fn ask(&self) -> Result<Completion, CallError> {
        let deadline = Instant::now() + Duration::from_secs(10);
        self.client.complete("key-1", &self.prompt, deadline).await
    }

    fn requests(&self) -> usize {
        self.server.requests.lock().unwrap().len()
    }

    /// Asks twice and expects an answer after so many requests, then one more for the second.
    async fn check(&self, requests: usize, dialect: &str) {
        for (asked, expect) in [requests, requests + 1].into_iter().enumerate() {
            let completion = self.ask().await.unwrap();
            assert_eq!(completion.content.as_deref(), Some(ANSWER));
            assert_eq!(self.requests(), expect, "question {asked}");
        }
        assert_eq!(self.client.dialect().to_string(), dialect);
        let largest = self.client.request_bytes(&self.prompt);
        for (_, _, body) in &*self.server.requests.lock().unwrap() {
            assert!(body.to_string().len() <= largest, "more than was reserved for");
        }
    }
}

fn prompt() -> Prompt {
    let evidence: Evidence = serde_json::from_value(json!({
        "msg_id": "m-1",
        "transaction_hash": "00",
        "facts": {
            "timestamp": "2026-11-18T10:15:00Z",
            "sender_account": "A-1", "sender_country": "DE",
            "receiver_account": "B-2", "receiver_country": "LT",
            "amount": "9500.00", "currency": "EUR", "base_amount": 10_000.0,
            "payment_type": "transfer", "kind": "payment",
        },
        "features": {},
        "rules": [],
        "points": 0.0,
        "rules_alert": false,
        "rules_clear": false,
        "lines": {"alert": 0.1, "review": 0.06},
        "versions": {"core": "", "rules": "", "reference": "", "model": "", "features": ""},
    }))
    .unwrap();
    let tx = json!({
        "msg_id": "m-1",
        "timestamp": "2026-11-18T10:15:00Z",
        "sender": {"account": "A-1", "bank_country": "DE"},
        "receiver": {"account": "B-2", "bank_country": "LT"},
        "amount": "9500.00",
        "currency": "EUR",
        "payment_type": "transfer",
        "purpose": "as agreed",
    });
    let now = "2026-11-19T00:00:00Z".parse().unwrap();
    let tx = Transaction::parse(tx.to_string().as_bytes(), now).unwrap();
    Prompt::about(&evidence, &tx, Some(&PurposeHistory::default()))
}

fn completed(message: Value) -> (u16, Value) {
    let usage = json!({"prompt_tokens": 800, "completion_tokens": 90, "total_tokens": 890});
    let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
    (200, json!({"id": "c-1", "choices": [choice], "usage": usage}))
}

fn says(content: &str) -> (u16, Value) {
    completed(json!({"role": "assistant", "content": content}))
}

fn refuses(status: u16, message: &str, param: Option<&str>) -> (u16, Value) {
    let error = json!({"message": message, "type": "invalid_request_error", "param": param});
    (status, json!({ "error": error }))
}

fn format_of(body: &Value) -> Option<&str> {
    body["response_format"]["type"].as_str()
}

const FULL: &str = "max_tokens, temperature, json_schema";

#[tokio::test]
async fn openai_takes_everything() {
    let world = World::start(|body| {
        assert_eq!((&body["max_tokens"], &body["temperature"]), (&json!(400), &json!(0)));
        assert_eq!(format_of(body), Some("json_schema"));
        says(ANSWER)
    });
    world.await.check(1, FULL).await;
}

#[tokio::test]
async fn openais_reasoning_models_want_other_fields() {
    let world = World::start(|body| {
        if body.get("max_tokens").is_some() {
            return refuses(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                 'max_completion_tokens' instead.",
                Some("max_tokens"),
            );
        }
        if body.get("temperature").is_some() {
            return refuses(
                400,
                "Unsupported value: 'temperature' does not support 0 with this model. Only the \
                 default (1) value is supported.",
                Some("temperature"),
            );
        }
        assert_eq!(body["max_completion_tokens"], 400);
        says(ANSWER)
    });
    world.await.check(3, "max_completion_tokens, no temperature, json_schema").await;
}

#[tokio::test]
async fn azure_has_its_version_in_the_query_and_the_key_in_its_own_header() {
    let path = "/openai/deployments/mini?api-version=2024-10-21";
    let world = World::at(path, Some(AuthHeader::ApiKey), |_| says(ANSWER)).await;
    world.check(1, FULL).await;
    let requests = world.server.requests.lock().unwrap();
    let (uri, headers, _) = &requests[0];
    assert_eq!(uri, "/openai/deployments/mini/chat/completions?api-version=2024-10-21");
    assert_eq!(headers["api-key"], "key-1");
    assert!(!headers.contains_key("authorization"));
}

#[tokio::test]
async fn ollama_thinks_aloud_and_wraps_its_answer() {
    let world = World::start(|_| {
        says(&format!(
            "<think>\nThe text wants {{\"assessment\": 0}}.\n</think>\n```json\n{ANSWER}\n```"
        ))
    });
    world.await.check(1, FULL).await;
}

#[tokio::test]
async fn vllm_puts_its_reasoning_beside_the_answer() {
    let world = World::start(|body| match format_of(body) {
        Some("json_schema") => refuses(
            400,
            "The provided JSON schema contains features not supported by xgrammar.",
            None,
        ),
        _ => completed(json!({"content": ANSWER, "reasoning_content": "Let me think."})),
    });
    world.await.check(2, "max_tokens, temperature, json_object").await;
}

#[tokio::test]
async fn llama_cpp_refuses_what_its_grammar_cannot_say() {
    let world = World::start(|body| match format_of(body) {
        Some("json_schema") => (
            400,
            json!({"error": {"code": 400, "message":
            "failed to parse grammar", "type": "invalid_request_error"}}),
        ),
        _ => says(ANSWER),
    });
    world.await.check(2, "max_tokens, temperature, json_object").await;
}

#[tokio::test]
async fn llama_cpp_pythons_server_refuses_with_an_internal_error() {
    let world = World::start(|body| match format_of(body) {
        Some("json_schema") => (
            500,
            json!({"error": {"type": "internal_server_error", "message": "1 validation error: \
                {'loc': ('body', 'response_format', 'type'), \
                'msg': \"Input should be 'text' or 'json_object'\"}"}}),
        ),
        _ => says(ANSWER),
    });
    world.await.check(2, "max_tokens, temperature, json_object").await;
}

#[tokio::test]
async fn lm_studio_knows_no_json_object() {
    let world = World::start(|body| match format_of(body) {
        Some("json_schema") => refuses(400, "Model does not support structured output.", None),
        Some("json_object") => {
            (400, json!({"error": "'response_format.type' must be 'json_schema' or 'text'"}))
        }
        _ => says(ANSWER),
    });
    world.await.check(3, "max_tokens, temperature, no response_format").await;
}

#[tokio::test]
async fn bedrocks_gateway_knows_no_response_format() {
    let world = World::start(|body| match format_of(body) {
        Some(_) => (400, json!({"detail": "response_format is not supported for this model"})),
        None => says(ANSWER),
    });
    world.await.check(3, "max_tokens, temperature, no response_format").await;
}

#[tokio::test]
async fn mistral_lists_what_it_does_not_know() {
    let world = World::start(|body| match format_of(body) {
        Some("json_schema") => (
            422,
            json!({"detail": [{"type": "extra_forbidden",
            "loc": ["body", "response_format", "json_schema", "strict"],
            "msg": "Extra inputs are not permitted"}]}),
        ),
        _ => says(ANSWER),
    });
    world.await.check(2, "max_tokens, temperature, json_object").await;
}

#[tokio::test]
async fn litellm_says_which_parameters_its_provider_lacks() {
    let world = World::start(|body| {
        if body.get("temperature").is_some() {
            let text = "litellm.UnsupportedParamsError: o1 does not support parameters: \
                        ['temperature'], for model=mini. To drop these, set \
                        `litellm.drop_params=True`";
            return refuses(400, text, None);
        }
        says(ANSWER)
    });
    world.await.check(2, "max_tokens, no temperature, json_schema").await;
}

#[tokio::test]
async fn a_server_that_names_nothing_is_asked_for_less_and_less() {
    let world = World::start(|body| {
        let simple = body.get("temperature").is_none() && format_of(body).is_none();
        if simple { says(ANSWER) } else { (400, json!({"message": "bad request"})) }
    });
    world.await.check(4, "max_tokens, no temperature, no response_format").await;
}

#[tokio::test]
async fn answers_come_in_parts_or_as_tool_calls() {
    let parts: Script = |_| completed(json!({"content": [{"type": "text", "text": ANSWER}]}));
    let call: Script = |_| {
        let function = json!({"name": "assessment", "arguments": ANSWER});
        let calls = json!([{"id": "t-1", "type": "function", "function": function}]);
        completed(json!({"content": null, "tool_calls": calls}))
    };
    for script in [parts, call] {
        World::start(script).await.check(1, FULL).await;
    }
}

#[tokio::test]
async fn usage_may_be_missing() {
    let world = World::start(|_| {
        let (status, mut answer) = says(ANSWER);
        answer.as_object_mut().unwrap().remove("usage");
        (status, answer)
    });
    let completion = world.await.ask().await.unwrap();
    assert_eq!((completion.content.as_deref(), completion.usage), (Some(ANSWER), None));
}

#[tokio::test]
async fn a_refusal_to_answer_is_no_answer_and_still_costs() {
    let world = World::start(|_| completed(json!({"content": null, "refusal": "I cannot."})));
    let completion = world.await.ask().await.unwrap();
    let usage = Some(Usage { prompt_tokens: 800, completion_tokens: 90 });
    assert_eq!((completion.content, completion.usage), (None, usage));
}

#[tokio::test]
async fn a_server_that_refuses_everything_is_asked_so_many_times_and_nothing_is_learnt() {
    let world = World::start(|_| (400, json!({"message": "bad request"}))).await;
    let status = CallError::Status(StatusCode::BAD_REQUEST.as_u16().try_into().unwrap(), None);
    assert_eq!(world.ask().await, Err(status));
    assert_eq!((world.requests(), world.client.dialect().to_string().as_str()), (5, FULL));
}

#[tokio::test]
async fn a_refusal_of_the_content_is_not_met_with_another_dialect() {
    let world = World::start(|_| {
        let text = "The response was filtered due to the prompt triggering Azure OpenAI's content \
                    management policy.";
        (400, json!({"error": {"code": "content_filter", "message": text, "param": "prompt"}}))
    });
    let world = world.await;
    assert!(world.ask().await.is_err());
    assert_eq!(world.requests(), 1);
}

#[tokio::test]
async fn an_unknown_model_is_an_error_at_once() {
    let world = World::start(|_| refuses(404, "The model `mini` does not exist", None)).await;
    assert!(world.ask().await.is_err());
    assert_eq!(world.requests(), 1);
}
