//! HTTP as the functions see it: a request with its id and caller in, an answer or a problem out.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use ::http::header::{CONTENT_TYPE, HeaderValue};
use contract::problem::Problem;
use contract::scope::scopes_for;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde::Serialize;
use tracing::Instrument as _;

use crate::{Caller, ClaimNames, Edge};

/// What a handler returns.
pub type Answer = Result<Response<Body>, Problem>;

/// A request with its id.
#[derive(Debug)]
pub struct InboundRequest {
    pub request: Request,
    /// Passed on to the queue, the alert and the logs.
    pub request_id: String,
    claims: Arc<ClaimNames>,
}

impl InboundRequest {
    /// Returns the verified caller if it has one of the scopes that open the operation: 404 if
    /// there is no such operation, 401 or 403 if the caller may not use it.
    pub fn caller(&self) -> Result<Caller, Problem> {
        let scopes = scopes_for(self.request.method().as_str(), self.request.raw_http_path());
        let scopes = scopes.ok_or_else(|| Problem::not_found("route"))?;
        let caller = Caller::of(&self.request, &self.claims)?;
        caller.require(&scopes)?;
        Ok(caller)
    }

    /// Returns the non-empty segments of the path after `/api/v1/`.
    pub fn segments(&self) -> Vec<&str> {
        let path = self.request.raw_http_path();
        path.trim_start_matches("/api/v1").split('/').filter(|part| !part.is_empty()).collect()
    }

    /// Returns what follows `/api/v1/{resource}/` in the path, including slashes, which an id may
    /// contain. API Gateway's HTTP API passes the path on decoded.
    pub fn behind(&self, resource: &str) -> Option<&str> {
        let rest = self.request.raw_http_path().strip_prefix("/api/v1/")?;
        let id = rest.strip_prefix(resource)?.strip_prefix('/')?;
        (!id.is_empty()).then_some(id)
    }

    /// Returns a header as text; `None` if it is absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the body as bytes, whether the gateway sent it as text or base64.
    pub fn body(&self) -> &[u8] {
        self.request.body()
    }
}

/// Returns a JSON answer.
pub fn json(status: u16, body: &impl Serialize) -> Response<Body> {
    typed(status, "application/json", sentinel::json::write(body))
}

fn typed(status: u16, content_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = ::http::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

impl Edge {
    pub(crate) async fn answer<F, Fut>(
        &self,
        request: Request,
        claims: Arc<ClaimNames>,
        handler: &F,
    ) -> Response<Body>
    where
        F: Fn(InboundRequest) -> Fut + Sync,
        Fut: Future<Output = Answer> + Send,
    {
        let started = Instant::now();
        let request_id = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        let request_id = request_id.unwrap_or_else(|| request.lambda_context().request_id);
        let span = tracing::info_span!("request", request.id = %request_id);
        let inbound = InboundRequest { request, request_id: request_id.clone(), claims };
        let mut response = match handler(inbound).instrument(span).await {
            Ok(response) => response,
            Err(problem) => problem_answer(problem, &request_id),
        };
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("x-request-id", id);
        }
        self.measure(response.status().as_str(), started);
        response
    }
}

fn problem_answer(problem: Problem, request_id: &str) -> Response<Body> {
    let problem = Problem { request_id: Some(request_id.to_owned()), ..problem };
    let text = sentinel::json::write(&problem);
    typed(problem.status, "application/problem+json", text)
}
