//! case-desk: what people ask and do. Decisions, alerts with their evidence, the life of rule sets,
//! the budget, stream tickets, health, and the API's own documentation.

mod alerts;
mod docs;
mod handler;
mod operations;
mod peers;
mod reviews;
mod rule_sets;
mod transactions;

use sentinel::store::Store;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub budget: operations::Budget,
    pub reviews: reviews::ReviewBound,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let edge = edge::Edge::start("case-desk").await;
    let app = App {
        store: Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?),
        budget: operations::Budget::from_settings()?,
        reviews: reviews::ReviewBound::from_settings()?,
    };
    let app = &app;
    edge.serve_http(|inbound| async move { handler::handle(app, &inbound).await }).await
}
