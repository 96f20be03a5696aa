//! What the suite's API gateway serves, which requests it admits, and how it refuses the others. The
//! HTTP API and the WebSocket API share it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::authorizer::Authorizer;
use super::cloud::Cloud;
use super::ids::Ids;
use super::lambda::Lambda;
use super::metrics::Metrics;
use super::sockets::Sockets;
use super::template::Route;

/// What the gateway's handlers work with.
#[derive(Clone)]
pub struct Gateway {
    pub cloud: Arc<Cloud>,
    pub queues: Arc<Vec<String>>,
    pub lambda: Arc<Lambda>,
    pub routes: Arc<Vec<Route>>,
    pub authorizer: Arc<Authorizer>,
    pub sockets: Arc<Sockets>,
    pub metrics: Arc<Metrics>,
    /// The WebSocket API's functions by route key.
    pub websocket_routes: Arc<BTreeMap<String, String>>,
    pub ids: Arc<Ids>,
}

/// Whether the request names this machine as its host. The suite may ask for no token, so a web page
/// whose own host name resolves to loopback (DNS rebinding) must be refused.
pub fn on_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get("host") else { return true };
    let name = host.to_str().unwrap_or_default();
    let name = name.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    let name = name.map_or(host.to_str().unwrap_or_default(), |(name, _)| name);
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

/// The decoded pairs of a query string.
pub fn form_pairs(query: &str) -> Vec<(String, String)> {
    let base = reqwest::Url::parse(&format!("http://local/?{query}"));
    base.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The gateway's own refusals look like the functions'. (API Gateway answers 401 and 403 with plain
/// JSON, which cannot be configured.)
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
    fn only_requests_to_this_machine_are_admitted() {
        let check = |host: &str, expect: bool| {
            let headers = HeaderMap::from_iter([("host".parse().unwrap(), host.parse().unwrap())]);
            assert_eq!(on_this_machine(&headers), expect, "{host}");
        };
        check("127.0.0.1:9000", true);
        check("localhost", true);
        check("[::1]:9000", true);
        check("sentinel.example", false);
        check("127.0.0.1.example:9000", false);
        assert!(on_this_machine(&HeaderMap::new()));
    }
}
