//! ingest: receives transactions. `POST /api/v1/transactions` validates a transaction, writes its
//! receipt, puts it on the queue and only then answers 202; `POST /api/v1/history` does the same
//! for past payments, with a separate queue.

mod accept;
mod answer;
mod batch;
mod handler;
mod queue;
mod settings;
mod wait;

use edge::settings::Environment;
use sentinel::payment::tenant::Tenant;
use store::Store;

use crate::queue::Queues;
use crate::settings::Settings;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub queues: Queues,
    /// The tenants that are served.
    pub tenants: Vec<Tenant>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let settings = Settings::read(&Environment::of_process())?;
    let edge = edge::Edge::start("ingest", &settings.telemetry).await;
    let app = App {
        store: Store::dial(&edge.sdk, settings.table),
        queues: Queues::dial(&edge.sdk, settings.queue, settings.history_queue),
        tenants: settings.tenants,
    };
    let app = &app;
    edge.serve_http(settings.claims, |inbound| async move { handler::handle(app, &inbound).await })
        .await
}
