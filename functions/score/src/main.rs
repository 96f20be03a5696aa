//! score: decides queued transactions by rules and model and writes each decision once. Where these
//! are unsure, it asks for the LLM's look. History is counted and not judged.

mod decide;
mod error;
mod followed_register;
mod handler;
mod history;
mod judge;
mod model_watch;
mod peers;
mod policies;
mod second_look;
mod settings;
mod shadow;

use edge::settings::Environment;
use model::Model;
use store::Store;

/// What the handler borrows; created once, during init.
pub struct App {
    pub store: Store,
    pub policies: policies::PoliciesInForce,
    pub model: Model,
    pub watch: model_watch::ModelWatch,
    pub peers: peers::PeerCounts,
    /// `None` if no LLM is to be used.
    pub second_looks: Option<second_look::SecondLookQueue>,
    /// Seconds of event time during which an open alert takes further hits.
    pub alert_cooldown_s: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    // Loading model and rules takes most of init, so they are loaded in parallel.
    let model = std::thread::spawn(Model::embedded);
    let settings = settings::Settings::read(&Environment::of_process())?;
    let edge = edge::Edge::start("score", &settings.telemetry).await;
    let store = Store::dial(&edge.sdk, settings.table);
    let policies = policies::PoliciesInForce::new(&store, settings.refresh, settings.lines)?;
    let model = model.join().map_err(|_| "loading the model panicked")??;
    let app = App {
        policies,
        watch: model_watch::ModelWatch::over(&model, settings.challenger_dir.as_deref())?,
        model,
        peers: peers::PeerCounts::new(settings.count_peers_for),
        alert_cooldown_s: settings.alert_cooldown.as_secs_f64(),
        second_looks: second_look::SecondLookQueue::dial(&edge.sdk, settings.second_look_queue),
        store,
    };
    edge.serve_events(|event| handler::handle(&app, event)).await
}
