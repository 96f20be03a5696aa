//! explain-alert: explains an alert in plain language, on an analyst's request. A template states
//! the evidence; the LLM adds its view if one is configured and the budget allows.

mod handler;
mod settings;

use std::sync::Arc;

use edge::settings::Environment;
use escalation::{Escalation, SecretCache};
use store::Store;

use crate::settings::Settings;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub escalation: Escalation,
    pub secrets: Arc<SecretCache>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let settings = Settings::read(&Environment::of_process())?;
    let edge = edge::Edge::start("explain-alert", &settings.telemetry).await;
    let store = Store::dial(&edge.sdk, settings.table);
    let secrets = Arc::new(SecretCache::dial(&edge.sdk, settings.secret));
    let escalation = Escalation::new(settings.llm, store.clone(), secrets.clone())?;
    let app = App { escalation, store, secrets };
    let app = &app;
    edge.serve_http(settings.claims, |inbound| async move { handler::handle(app, &inbound).await })
        .await
}
