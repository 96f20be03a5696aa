//! explain-alert: an alert in plain language, on an analyst's request. The template states the
//! evidence; the LLM adds its view where one is configured and the budget allows.

mod handler;

use std::sync::Arc;

use escalation::{Escalation, LlmConfig, SecretCache};
use store::Store;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub escalation: Escalation,
    pub secrets: Arc<SecretCache>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let edge = edge::Edge::start("explain-alert").await;
    let store = Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?);
    let secrets = Arc::new(SecretCache::dial(&edge.sdk, edge::settings::required("SECRET_ID")?));
    let llm = LlmConfig::read(|name| std::env::var(name).ok())?;
    let app =
        App { escalation: Escalation::new(llm, store.clone(), secrets.clone())?, store, secrets };
    let app = &app;
    edge.serve_http(|inbound| async move { handler::handle(app, &inbound).await }).await
}
