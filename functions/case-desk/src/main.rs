//! case-desk: what people ask and do. Decisions, alerts with their evidence, the life of rule sets
//! and reference sets, the budget, stream tickets, health, and the API's own documentation.

mod alerts;
mod docs;
mod handler;
mod operations;
mod peers;
mod registers;
mod reviews;
mod transactions;

use store::Store;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub budget: operations::Budget,
    /// Days after which a part of a reference set is too old.
    pub reference_max_age_days: i32,
    pub reviews: reviews::ReviewBound,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let edge = edge::Edge::start("case-desk").await;
    let app = App {
        store: Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?),
        budget: operations::Budget::from_settings()?,
        reference_max_age_days: edge::settings::parsed("REFERENCE_MAX_AGE_DAYS", 300)?,
        reviews: reviews::ReviewBound::from_settings()?,
    };
    let app = &app;
    edge.serve_http(|inbound| async move { handler::handle(app, &inbound).await }).await
}
