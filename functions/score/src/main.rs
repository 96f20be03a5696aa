//! score: decides. A batch of queued transactions comes in; for each, profiles are read, rules and
//! model asked, the LLM only where they are unsure, and the decision is written once.

mod decide;
mod handler;
mod judge;

use sentinel::cascade::Policy;
use sentinel::facts::Reference;
use sentinel::llm::Escalation;
use sentinel::model::Model;
use sentinel::rules::RuleSet;
use sentinel::store::Store;

/// What the handler borrows, made once during init.
pub struct App {
    pub store: Store,
    pub policy: Policy,
    pub model: Model,
    pub escalation: Escalation,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let edge = edge::Edge::start("score").await;
    let store = Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?);
    let app = App {
        policy: Policy { reference: Reference::embedded()?, rules: RuleSet::embedded()? },
        model: Model::embedded()?,
        escalation: edge::llm::escalation(&edge.sdk, store.clone())?,
        store,
    };
    let app = &app;
    edge.serve_events(|event| async move { handler::handle(app, event).await }).await
}
