//! ingest: takes transactions in. `POST /api/v1/transactions` validates, records the receipt, puts
//! the transaction on the queue and only then says 202.

mod accept;
mod batch;
mod handler;
mod wait;

use sentinel::queue::Queue;
use sentinel::store::Store;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub queue: Queue,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let edge = edge::Edge::start("ingest").await;
    let app = App {
        store: Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?),
        queue: Queue::dial(&edge.sdk, edge::settings::required("QUEUE_URL")?),
    };
    let app = &app;
    edge.serve_http(|inbound| async move { handler::handle(app, &inbound).await }).await
}
