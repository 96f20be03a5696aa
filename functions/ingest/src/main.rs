//! ingest: takes transactions in. `POST /api/v1/transactions` validates, records the receipt, puts
//! the transaction on the queue and only then says 202; `POST /api/v1/history` does the same for
//! payments of before, with a queue of their own.

mod accept;
mod batch;
mod handler;
mod queue;
mod settings;
mod wait;

use edge::settings::Environment;
use store::Store;

use crate::queue::Queue;
use crate::settings::Settings;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub queue: Queue,
    /// Of its own, so that millions of old payments keep no new one waiting.
    pub history_queue: Queue,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let settings = Settings::read(&Environment::of_process())?;
    let edge = edge::Edge::start("ingest", &settings.telemetry).await;
    let app = App {
        store: Store::dial(&edge.sdk, settings.table),
        queue: Queue::dial(&edge.sdk, settings.queue),
        history_queue: Queue::dial(&edge.sdk, settings.history_queue),
    };
    let app = &app;
    edge.serve_http(|inbound| async move { handler::handle(app, &inbound).await }).await
}
