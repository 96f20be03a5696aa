//! score: decides. A batch of queued transactions comes in; for each, profiles are read, rules and
//! model asked, the LLM only where they are unsure, and the decision is written once. History is
//! counted by the same increments and not judged.

mod alert;
mod decide;
mod error;
mod followed;
mod handler;
mod history;
mod in_force;
mod judge;
mod peers;
mod retry;
mod shadow;
mod watch;

use escalation::{Escalation, LlmConfig, SecretCache};
use in_force::Standing;
use model::Model;
use store::Store;

/// What the handler borrows, made once during init.
pub struct App {
    pub store: Store,
    /// Which rules and reference data are in force.
    pub standing: Standing,
    pub model: Model,
    pub watch: watch::Watch,
    pub peers: peers::PeerCounts,
    pub escalation: Escalation,
    /// Seconds of event time in which an open alert takes further hits.
    pub alert_cooldown_s: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    // Model and rules are what a start takes longest for; they load side by side.
    let model = std::thread::spawn(Model::embedded);
    let edge = edge::Edge::start("score").await;
    let store = Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?);
    let standing = Standing::from_settings(&store)?;
    let model = model.join().map_err(|_| "loading the model panicked")??;
    let secrets = SecretCache::dial(&edge.sdk, edge::settings::required("SECRET_ID")?).into();
    let llm = LlmConfig::read(|name| std::env::var(name).ok())?;
    let app = App {
        standing,
        watch: watch::Watch::over(&model, &edge::settings::text("CHALLENGER_DIR", ""))?,
        model,
        peers: peers::PeerCounts::from_settings()?,
        alert_cooldown_s: 3_600.0 * edge::settings::parsed("ALERT_COOLDOWN_HOURS", 24.0)?,
        escalation: Escalation::new(llm, store.clone(), secrets)?,
        store,
    };
    let app = &app;
    edge.serve_events(|event| async move { handler::handle(app, event).await }).await
}
