//! score: decides. A batch of queued transactions comes in; for each, profiles are read, rules and
//! model asked, the LLM only where they are unsure, and the decision is written once.

mod alert;
mod decide;
mod handler;
mod in_force;
mod judge;
mod shadow;
mod watch;

use in_force::RulesInForce;
use sentinel::llm::Escalation;
use sentinel::model::{Model, Thresholds};
use sentinel::store::Store;

/// What the handler borrows, made once during init.
pub struct App {
    pub store: Store,
    pub rules: RulesInForce,
    pub model: Model,
    pub thresholds: Thresholds,
    pub watch: watch::Watch,
    pub escalation: Escalation,
    /// Seconds of event time in which an open alert takes further hits.
    pub alert_cooldown_s: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let edge = edge::Edge::start("score").await;
    let store = Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?);
    let model = Model::embedded()?;
    let app = App {
        rules: RulesInForce::from_settings(store.clone())?,
        thresholds: thresholds(&model)?,
        watch: watch::Watch::over(&model, &edge::settings::text("CHALLENGER_DIR", ""))?,
        model,
        alert_cooldown_s: 3_600.0 * edge::settings::parsed("ALERT_COOLDOWN_HOURS", 24.0)?,
        escalation: edge::llm::escalation(&edge.sdk, store.clone())?,
        store,
    };
    let app = &app;
    edge.serve_events(|event| async move { handler::handle(app, event).await }).await
}

/// The model card's thresholds, unless the operator sets others.
fn thresholds(model: &Model) -> Result<Thresholds, lambda_runtime::Error> {
    let card = model.thresholds();
    let uncertain_low = edge::settings::parsed("UNCERTAIN_LOW", card.uncertain_low)?;
    let alert = edge::settings::parsed("ALERT_THRESHOLD", card.alert)?;
    Thresholds::new(uncertain_low, alert)
        .ok_or_else(|| "UNCERTAIN_LOW and ALERT_THRESHOLD must rise from 0 to 1".into())
}
