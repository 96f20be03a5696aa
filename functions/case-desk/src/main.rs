//! case-desk: what people look up and do. It serves decisions, alerts with their evidence and the
//! work on them, cases, accounts and their payments, the life cycle of rule sets and reference sets, peer
//! groups, the budget, stream tickets, health, and the API's own documentation.

mod accounts;
mod alerts;
mod cases;
mod docs;
mod operations;
mod page;
mod peers;
mod registers;
mod reviews;
mod router;
mod settings;
mod steps;
mod transactions;

use edge::settings::Environment;
use sentinel::case::work::FourEyes;
use store::Store;

use crate::settings::Settings;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub budget: operations::Budget,
    /// Age in days above which a part of a reference set counts as too old.
    pub reference_max_age_days: i32,
    pub reviews: reviews::ReviewBound,
    pub four_eyes: FourEyes,
    /// The page for analysts, if one is deployed.
    pub page: Option<page::Page>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let settings = Settings::read(&Environment::of_process())?;
    let edge = edge::Edge::start("case-desk", &settings.telemetry).await;
    let app = App {
        store: Store::dial(&edge.sdk, settings.table),
        budget: settings.budget,
        reference_max_age_days: settings.reference_max_age_days,
        reviews: reviews::ReviewBound::new(settings.review_share),
        four_eyes: settings.four_eyes,
        page: settings.page,
    };
    let app = &app;
    edge.serve_http(settings.claims, |inbound| async move { router::handle(app, &inbound).await })
        .await
}
