//! The HTTP API's gateway: requests become API Gateway payloads (format 2.0), and the functions'
//! answers are returned unchanged. It also serves the suite's own pages (`/`, `/metrics`) and the
//! WebSocket.

use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::authorizer::Refusal;
use super::gateway::{Gateway, REQUEST_ID, form_pairs, on_this_machine, problem};
use super::lambda::InvokeError;
use super::template::Route;
use super::{page, websocket};

/// API Gateway's limit.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// Lambda's limit of 6 MB for an event, less the overhead of the envelope and base64.
const MAX_EVENT_BODY_BYTES: usize = 4 * 1024 * 1024;

pub fn router(gateway: Gateway, page: Option<&Path>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/ws", get(websocket::upgrade))
        .fallback(handle)
        .layer(DefaultBodyLimit::disable())
        .with_state(gateway)
        .merge(page::router(page))
}

async fn metrics(State(gateway): State<Gateway>) -> Response {
    for queue in gateway.queues.iter() {
        gateway.metrics.queue_depth(queue, gateway.cloud.depth(queue).await);
    }
    let kind = [("content-type", "text/plain; version=0.0.4")];
    (kind, gateway.metrics.render()).into_response()
}

async fn handle(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response {
    let request_id = gateway.ids.request();
    let (parts, body) = request.into_parts();
    if !on_this_machine(&parts.headers) {
        return problem(403, "Forbidden", "The suite serves this machine only.", &request_id);
    }
    let path = decoded_path(&parts.uri);
    let Some((route, parameters)) = find(&gateway.routes, parts.method.as_str(), &path) else {
        return problem(404, "Not found", "There is no such route.", &request_id);
    };
    let authorizer = match authorize(&gateway, &parts, route) {
        Ok(context) => context,
        Err(Refusal::Unauthorized) => {
            return problem(401, "Unauthorized", "A valid token is needed.", &request_id);
        }
        Err(Refusal::Forbidden) => {
            let scopes = route.scopes.as_deref().unwrap_or_default().join(" or ");
            let detail = format!("The token needs the scope {scopes}.");
            return problem(403, "Forbidden", &detail, &request_id);
        }
    };
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return problem(413, "Content too large", "A body has at most 10 MB.", &request_id);
    };
    // The event has to fit into Lambda's payload, and base64 adds a third.
    if body.len() > MAX_EVENT_BODY_BYTES {
        return problem(413, "Content too large", "The function takes at most 4 MB.", &request_id);
    }
    let key = format!("{} {}", route.method, route.path);
    let mut payload = payload(&parts, &body, &request_id, &key, peer);
    payload["pathParameters"] = Value::Object(parameters);
    if !authorizer.is_null() {
        payload["requestContext"]["authorizer"] = authorizer;
    }
    match gateway.lambda.invoke(&route.function, payload).await {
        Ok(answer) => respond(&answer, &request_id),
        Err(err @ InvokeError::TimedOut(_)) => refuse(503, &err, &request_id),
        Err(err) => refuse(502, &err, &request_id),
    }
}

fn refuse(status: u16, err: &InvokeError, request_id: &str) -> Response {
    eprintln!("{request_id}: {err}");
    problem(status, "Unavailable", "The function gave no answer. Try again.", request_id)
}

fn authorize(gateway: &Gateway, parts: &Parts, route: &Route) -> Result<Value, Refusal> {
    let Some(scopes) = &route.scopes else { return Ok(Value::Null) };
    let header = parts.headers.get("authorization");
    gateway.authorizer.admit(header.map(|value| value.to_str().unwrap_or("-")), scopes)
}

/// Of the routes that match, the one with the fewest parameters wins, as API Gateway prefers the
/// most specific.
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

/// API Gateway's HTTP API decodes the path before it looks for a route, passes it on decoded, and
/// treats a decoded `?` as the start of the query.
fn decoded_path(uri: &Uri) -> String {
    let path = percent_decode_str(uri.path()).decode_utf8_lossy();
    path.split('?').next().unwrap_or_default().to_owned()
}

/// The payload, format 2.0.
fn payload(parts: &Parts, body: &Bytes, request_id: &str, key: &str, peer: SocketAddr) -> Value {
    let mut headers = joined(&parts.headers);
    let cookies = headers.remove("cookie");
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
        Ok(text) if is_text(&parts.headers) => (text.to_owned(), false),
        _ => (BASE64.encode(body), true),
    };
    let now = jiff::Timestamp::now();
    let path = decoded_path(&parts.uri);
    let mut payload = json!({
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
    });
    if let Some(Value::String(cookies)) = cookies {
        payload["cookies"] = cookies.split("; ").collect();
    }
    payload
}

/// Whether API Gateway treats the body as text; any other body reaches the function as base64.
fn is_text(headers: &HeaderMap) -> bool {
    const TEXT: [&str; 4] = [
        "application/json",
        "application/xml",
        "application/javascript",
        "application/x-www-form-urlencoded",
    ];
    if headers.contains_key("content-encoding") {
        return false;
    }
    let Some(kind) = headers.get("content-type").and_then(|kind| kind.to_str().ok()) else {
        return true;
    };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/") || kind.ends_with("+json") || TEXT.contains(&kind.as_str())
}

/// Lower-case names; the values of one name are joined by commas.
fn joined(headers: &HeaderMap) -> Map<String, Value> {
    let mut joined: Map<String, Value> = Map::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        match joined.get_mut(name.as_str()) {
            // Clients may send each cookie in a separate header.
            Some(Value::String(known)) if name == "cookie" => *known = format!("{known}; {value}"),
            Some(Value::String(known)) => *known = format!("{known},{value}"),
            _ => _ = joined.insert(name.as_str().to_owned(), value.into()),
        }
    }
    joined
}

fn respond(answer: &Value, request_id: &str) -> Response {
    let Some(status) = answer["statusCode"].as_u64().and_then(|code| u16::try_from(code).ok())
    else {
        return problem(
            502,
            "Bad gateway",
            "The function's answer is not an HTTP response.",
            request_id,
        );
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

    #[test]
    fn a_path_is_passed_on_decoded_up_to_its_question_mark() {
        let check = |uri: &str, expect: &str| {
            assert_eq!(decoded_path(&uri.parse().unwrap()), expect);
        };
        check("/a/INV%2F2026%2F1?x=1", "/a/INV/2026/1");
        check("/a/50%25", "/a/50%");
        check("/a/who%3F", "/a/who");
    }

    fn shaped(headers: &[(&'static str, &str)], body: &'static [u8]) -> Value {
        let mut request = Request::builder().method("POST").uri("/a/7?x=1&x=2&y=a%20b");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let peer = SocketAddr::from(([127, 0, 0, 1], 5));
        payload(&parts, &Bytes::from_static(body), "r-1", "POST /a/{id}", peer)
    }

    #[test]
    fn a_payload_has_api_gateways_shape() {
        let event = shaped(&[("X-A", "1"), ("x-a", "2"), ("cookie", "a=1; b=2")], b"");
        assert_eq!(event["rawPath"], "/a/7");
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=a%20b");
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": "a b"}));
        assert_eq!(event["headers"], json!({"x-a": "1,2"}));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["requestContext"]["stage"], "$default");
    }

    #[test]
    fn text_is_passed_unchanged_and_anything_else_as_base64() {
        let check = |headers: &[(&'static str, &str)], body: &'static [u8], text: &str, encoded| {
            let event = shaped(headers, body);
            assert_eq!(
                (&event["body"], &event["isBase64Encoded"]),
                (&json!(text), &json!(encoded))
            );
        };
        check(&[("content-type", "application/json; charset=utf-8")], b"{}", "{}", false);
        check(&[("content-type", "application/problem+json")], b"{}", "{}", false);
        check(&[("content-type", "application/x-ndjson")], b"{}", "e30=", true);
        check(&[("content-type", "application/json")], b"\xff", "/w==", true);
        let packed = [("content-type", "application/json"), ("content-encoding", "gzip")];
        check(&packed, b"{}", "e30=", true);
    }
}
