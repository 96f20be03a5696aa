//! `/desk.json`: what the page for analysts is told about where it runs. The suite's issuer answers it
//! on a laptop.

use contract::problem::Problem;
use edge::{Answer, json};
use sentinel::json::json;

/// Where the page signs people in and listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub issuer: String,
    /// The page's client at the issuer.
    pub client_id: String,
    /// Scopes that it asks for.
    pub scope: String,
    /// URL of the WebSocket API.
    pub websocket: String,
}

/// `GET /desk.json`; 404 if no page is deployed.
pub fn config(page: Option<&Page>) -> Answer {
    let page = page.ok_or_else(|| Problem::not_found("page"))?;
    let Page { issuer, client_id, scope, websocket } = page;
    Ok(json(
        200,
        &json!({
            "issuer": issuer,
            "client_id": client_id,
            "scope": scope,
            "sign_in": "required",
            "websocket": websocket,
        }),
    ))
}
