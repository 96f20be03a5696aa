//! ingest: takes transactions in. `POST /api/v1/transactions` validates, records the receipt, puts
//! the transaction on the queue and only then says 202; `POST /api/v1/history` does the same for
//! payments of before, with a queue of their own.

mod accept;
mod batch;
mod handler;
mod queue;
mod wait;

use crate::queue::Queues;
use store::Store;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub queues: Queues,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let edge = edge::Edge::start("ingest").await;
    let app = App {
        store: Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?),
        queues: Queues::dial(
            &edge.sdk,
            edge::settings::required("QUEUE_URL")?,
            edge::settings::required("HISTORY_QUEUE_URL")?,
        ),
    };
    let app = &app;
    edge.serve_http(|inbound| async move { handler::handle(app, &inbound).await }).await
}
