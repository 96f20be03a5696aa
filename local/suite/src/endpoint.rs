//! The loopback endpoint the functions talk to: AWS services, told apart by the service in the
//! request's signature, WebSocket connections, and the Lambda Runtime API. Every instance has its own
//! Runtime API path, so that the suite knows which invocation an answer belongs to.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::cloud::Cloud;
use super::faults::Fault;
use super::lambda::Lambda;
use super::sockets::Sockets;

/// What the endpoint serves.
#[derive(Clone)]
pub struct Endpoint {
    pub cloud: Arc<Cloud>,
    pub lambda: Arc<Lambda>,
    pub sockets: Arc<Sockets>,
}

pub fn router(endpoint: Endpoint) -> Router {
    const RUNTIME: &str = "/.rt/{function}/{instance}/2018-06-01/runtime";
    Router::new()
        .route(&format!("{RUNTIME}/invocation/next"), get(next))
        .route(&format!("{RUNTIME}/invocation/{{id}}/response"), post(response))
        .route(&format!("{RUNTIME}/invocation/{{id}}/error"), post(error))
        .route(&format!("{RUNTIME}/init/error"), post(init_error))
        .route("/@connections/{id}", any(connection))
        .fallback(service)
        .layer(DefaultBodyLimit::max(16 * 1024 * 1024))
        .with_state(endpoint)
}

/// An AWS request: hits an injected fault, or goes to its service.
async fn service(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Credential=key/date/region/SERVICE/aws4_request
    let service = text("authorization").and_then(|value| value.split('/').nth(3)).unwrap_or("");
    let operation = text("x-amz-target").and_then(|value| value.rsplit('.').next()).unwrap_or("");
    match endpoint.cloud.faults.take(service, operation) {
        Some(Fault::Fail(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            let fault = json!({ "__type": "InternalServerError", "message": "injected" });
            return (status, Json(fault)).into_response();
        }
        Some(Fault::Delay(wait)) => tokio::time::sleep(wait).await,
        None => {}
    }
    match endpoint.cloud.handle(service, &headers, body).await {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
            let mut headers = answer.headers;
            headers.remove("transfer-encoding");
            headers.remove("content-length");
            (status, headers, answer.body).into_response()
        }
        Err(err) => (StatusCode::BAD_GATEWAY, format!("{err:#}")).into_response(),
    }
}

async fn next(
    State(endpoint): State<Endpoint>,
    Path((function, instance)): Path<(String, u64)>,
) -> Response {
    let Some(pool) = endpoint.lambda.pool(&function) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(invocation) = pool.next(instance).await else {
        return StatusCode::GONE.into_response();
    };
    let mut response = Json(invocation.payload).into_response();
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.id),
        ("lambda-runtime-deadline-ms", invocation.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", invocation.arn),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000".to_owned()),
    ];
    for (name, value) in headers {
        response.headers_mut().extend(
            HeaderValue::from_str(&value)
                .ok()
                .map(|value| (axum::http::HeaderName::from_static(name), value)),
        );
    }
    response
}

async fn response(
    State(endpoint): State<Endpoint>,
    Path((function, instance, id)): Path<(String, u64, String)>,
    body: Bytes,
) -> StatusCode {
    let answer = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
    let result = answer.map_err(|_| "the answer is not JSON".to_owned());
    accept(&endpoint, &function, instance, &id, result)
}

async fn error(
    State(endpoint): State<Endpoint>,
    Path((function, instance, id)): Path<(String, u64, String)>,
    body: Bytes,
) -> StatusCode {
    let document: Value = serde_json::from_slice(&body).unwrap_or_default();
    let message = document["errorMessage"].as_str().unwrap_or("no message").to_owned();
    accept(&endpoint, &function, instance, &id, Err(message))
}

fn accept(
    endpoint: &Endpoint,
    function: &str,
    instance: u64,
    id: &str,
    result: Result<Value, String>,
) -> StatusCode {
    match endpoint.lambda.pool(function) {
        Some(pool) => {
            pool.respond(instance, id, result);
            StatusCode::ACCEPTED
        }
        None => StatusCode::NOT_FOUND,
    }
}

async fn init_error(Path((function, _)): Path<(String, u64)>, body: Bytes) -> StatusCode {
    eprintln!("[{function}] init failed: {}", String::from_utf8_lossy(&body));
    StatusCode::ACCEPTED
}

/// The WebSocket API's callback: POST sends, DELETE closes, GET reports whether the connection is
/// open.
async fn connection(
    State(endpoint): State<Endpoint>,
    Path(id): Path<String>,
    method: axum::http::Method,
    body: Bytes,
) -> Response {
    let text = String::from_utf8_lossy(&body).into_owned();
    let known = match method.as_str() {
        "POST" => endpoint.sockets.send(&id, text),
        "DELETE" => endpoint.sockets.close(&id),
        _ => endpoint.sockets.knows(&id),
    };
    if known {
        return StatusCode::OK.into_response();
    }
    let gone = json!({ "message": "Gone" });
    (StatusCode::GONE, [("x-amzn-errortype", "GoneException")], Json(gone)).into_response()
}
