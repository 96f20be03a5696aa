//! The HTTP API's front door: requests become API Gateway payloads (format 2.0), answers come back
//! as the functions gave them. Also the suite's own pages: `/`, `/metrics`, and the WebSocket.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::authorizer::{Authorizer, Refused};
use super::cloud::Cloud;
use super::lambda::{InvokeError, Lambda};
use super::metrics::Metrics;
use super::template::Route;
use super::websocket::{self, Sockets};

/// API Gateway's limit.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// What the front door serves.
#[derive(Clone)]
pub struct FrontDoor {
    pub cloud: Arc<Cloud>,
    pub queues: Arc<Vec<String>>,
    pub lambda: Arc<Lambda>,
    pub routes: Arc<Vec<Route>>,
    pub authorizer: Arc<Authorizer>,
    pub sockets: Arc<Sockets>,
    pub metrics: Arc<Metrics>,
    /// Route key to function, of the WebSocket API.
    pub websocket_routes: Arc<BTreeMap<String, String>>,
    pub next_id: Arc<AtomicU64>,
}

pub fn router(door: FrontDoor) -> Router {
    Router::new()
        .route("/", get(|| async { Html(include_str!("index.html")) }))
        .route("/metrics", get(metrics))
        .route("/ws", get(websocket::upgrade))
        .fallback(handle)
        .layer(DefaultBodyLimit::disable())
        .with_state(door)
}

async fn metrics(State(door): State<FrontDoor>) -> Response {
    for queue in door.queues.iter() {
        door.metrics.queue_depth(queue, door.cloud.depth(queue).await);
    }
    let kind = [("content-type", "text/plain; version=0.0.4")];
    (kind, door.metrics.render()).into_response()
}

async fn handle(
    State(door): State<FrontDoor>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response {
    let request_id = format!("local-{:08x}", door.next_id.fetch_add(1, Ordering::Relaxed));
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Some((route, parameters)) = find(&door.routes, parts.method.as_str(), &path) else {
        return problem(404, "Not found", "There is no such route.", &request_id);
    };
    let authorizer = match authorize(&door, &parts, route) {
        Ok(context) => context,
        Err(Refused::Unauthorized) => {
            return problem(401, "Unauthorized", "A valid token is needed.", &request_id);
        }
        Err(Refused::Forbidden) => {
            let scopes = route.scopes.as_deref().unwrap_or_default().join(" or ");
            let detail = format!("The token needs the scope {scopes}.");
            return problem(403, "Forbidden", &detail, &request_id);
        }
    };
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return problem(413, "Content too large", "A body has at most 10 MB.", &request_id);
    };
    let key = format!("{} {}", route.method, route.path);
    let mut payload = payload(&parts, &body, &request_id, &key, peer);
    payload["pathParameters"] = Value::Object(parameters);
    if !authorizer.is_null() {
        payload["requestContext"]["authorizer"] = authorizer;
    }
    match door.lambda.invoke(&route.function, payload).await {
        Ok(answer) => respond(&answer, &request_id),
        Err(err @ InvokeError::TimedOut(_)) => refuse(503, &err, &request_id),
        Err(err) => refuse(502, &err, &request_id),
    }
}

fn refuse(status: u16, err: &InvokeError, request_id: &str) -> Response {
    eprintln!("{request_id}: {err}");
    problem(status, "Unavailable", "The function gave no answer. Try again.", request_id)
}

fn authorize(door: &FrontDoor, parts: &Parts, route: &Route) -> Result<Value, Refused> {
    let Some(scopes) = &route.scopes else { return Ok(Value::Null) };
    let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    door.authorizer.admit(token, scopes)
}

/// The route with the most literal segments wins, as in API Gateway.
fn find<'a>(
    routes: &'a [Route],
    method: &str,
    path: &str,
) -> Option<(&'a Route, Map<String, Value>)> {
    let matching = routes.iter().filter(|route| route.method == method || route.method == "ANY");
    let matching = matching.filter_map(|route| Some((route, fit(&route.path, path)?)));
    matching.min_by_key(|(_, parameters)| parameters.len())
}

fn fit(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let mut parameters = Map::new();
    let mut rest = path.trim_start_matches('/').split('/');
    for part in pattern.trim_start_matches('/').split('/') {
        if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix("+}")) {
            let tail: Vec<&str> = rest.by_ref().collect();
            parameters.insert(name.to_owned(), tail.join("/").into());
            return Some(parameters);
        }
        let segment = rest.next()?;
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => _ = parameters.insert(name.to_owned(), segment.into()),
            None if part == segment => {}
            None => return None,
        }
    }
    rest.next().is_none().then_some(parameters)
}

/// The payload, format 2.0.
fn payload(parts: &Parts, body: &Bytes, request_id: &str, key: &str, peer: SocketAddr) -> Value {
    let headers = joined(&parts.headers);
    let query = parts.uri.query().unwrap_or_default();
    let mut parameters: Map<String, Value> = Map::new();
    for (name, value) in form_pairs(query) {
        match parameters.get_mut(&name) {
            Some(Value::String(known)) => *known = format!("{known},{value}"),
            _ => _ = parameters.insert(name, value.into()),
        }
    }
    let user_agent = headers.get("user-agent").cloned().unwrap_or_default();
    let (text, encoded) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (BASE64.encode(body), true),
    };
    let now = jiff::Timestamp::now();
    let path = parts.uri.path();
    json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "queryStringParameters": parameters,
        "requestContext": {
            "accountId": super::template::ACCOUNT,
            "apiId": "local",
            "domainName": "127.0.0.1",
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": peer.ip().to_string(),
                "userAgent": user_agent,
            },
            "requestId": request_id,
            "routeKey": key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "body": text,
        "isBase64Encoded": encoded,
    })
}

/// Lower-case names, values of one name joined by commas.
fn joined(headers: &HeaderMap) -> Map<String, Value> {
    let mut joined: Map<String, Value> = Map::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        match joined.get_mut(name.as_str()) {
            Some(Value::String(known)) => *known = format!("{known},{value}"),
            _ => _ = joined.insert(name.as_str().to_owned(), value.into()),
        }
    }
    joined
}

/// A query's pairs, decoded.
pub fn form_pairs(query: &str) -> Vec<(String, String)> {
    let base = reqwest::Url::parse(&format!("http://local/?{query}"));
    base.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}

fn respond(answer: &Value, request_id: &str) -> Response {
    let Some(status) = answer["statusCode"].as_u64().and_then(|code| u16::try_from(code).ok())
    else {
        return problem(502, "Bad gateway", "The function's answer is not one.", request_id);
    };
    let body = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"] == true {
        BASE64.decode(body).unwrap_or_default()
    } else {
        body.as_bytes().to_vec()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = response.headers_mut();
    for source in ["headers", "multiValueHeaders"] {
        for (name, value) in answer[source].as_object().into_iter().flatten() {
            let values: Vec<&str> = match value {
                Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
                value => value.as_str().into_iter().collect(),
            };
            if let Ok(name) = HeaderName::try_from(name) {
                headers.remove(&name);
                for value in values.iter().filter_map(|value| HeaderValue::from_str(value).ok()) {
                    headers.append(&name, value);
                }
            }
        }
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        let value = cookie.as_str().and_then(|cookie| HeaderValue::from_str(cookie).ok());
        headers.extend(value.map(|value| (axum::http::header::SET_COOKIE, value)));
    }
    if !headers.contains_key("x-request-id") {
        headers.extend(HeaderValue::from_str(request_id).ok().map(|id| (REQUEST_ID, id)));
    }
    response
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The gateway's own refusals look like the functions'. (The cloud's gateway answers its 401 and
/// 403 with plain JSON; that cannot be changed there.)
pub fn problem(status: u16, title: &str, detail: &str, request_id: &str) -> Response {
    let body = json!({
        "status": status, "title": title, "detail": detail, "request_id": request_id,
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/problem+json"));
    headers.extend(HeaderValue::from_str(request_id).ok().map(|id| (REQUEST_ID, id)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_literal_route_wins() {
        let route = |path: &str| Route {
            method: "GET".to_owned(),
            path: path.to_owned(),
            function: path.to_owned(),
            scopes: None,
        };
        let routes = [route("/a/{id}"), route("/a/list"), route("/docs/{proxy+}"), route("/docs")];
        let check = |path: &str, expect: Option<&str>| {
            let found = find(&routes, "GET", path).map(|(route, _)| route.path.as_str());
            assert_eq!(found, expect, "{path}");
        };
        check("/a/list", Some("/a/list"));
        check("/a/7", Some("/a/{id}"));
        check("/a/", None);
        check("/a/7/b", None);
        check("/docs", Some("/docs"));
        check("/docs/css/x.css", Some("/docs/{proxy+}"));
        let (_, parameters) = find(&routes, "GET", "/docs/css/x.css").unwrap();
        assert_eq!(parameters["proxy"], "css/x.css");
    }
}
