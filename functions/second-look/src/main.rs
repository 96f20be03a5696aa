//! second-look: the LLM's look at decisions that rules and model were unsure about. It has a queue
//! and a concurrency of its own, so that a slow LLM holds up no decision. It raises a decision to an
//! alert or leaves it where it is, once.

mod error;
mod handler;
mod look;
mod settings;

use edge::settings::Environment;
use escalation::{Escalation, SecretCache};
use store::Store;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub escalation: Escalation,
    /// Seconds of event time during which an open alert takes further hits.
    pub alert_cooldown_s: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let settings = settings::Settings::read(&Environment::of_process())?;
    let edge = edge::Edge::start("second-look", &settings.telemetry).await;
    let store = Store::dial(&edge.sdk, settings.table);
    let secrets = SecretCache::dial(&edge.sdk, settings.secret).into();
    let app = App {
        escalation: Escalation::new(settings.llm, store.clone(), secrets)?,
        alert_cooldown_s: settings.alert_cooldown.as_secs_f64(),
        store,
    };
    edge.serve_events(|event| handler::handle(&app, event)).await
}
