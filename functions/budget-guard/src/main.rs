//! budget-guard: every five minutes, checks the day's LLM spend and latency, charges what crashed
//! workers left reserved, opens or closes the gate, and notifies people when it moved.

mod handler;
mod settings;

use edge::settings::Environment;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sentinel::spend::guard::Limits;
use store::Store;

use crate::settings::Settings;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub sns: aws_sdk_sns::Client,
    pub topic: String,
    pub limits: Limits,
    pub zone: TimeZone,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let settings = Settings::read(&Environment::of_process())?;
    let edge = edge::Edge::start("budget-guard", &settings.telemetry).await;
    let app = App {
        store: Store::dial(&edge.sdk, settings.table),
        sns: aws_sdk_sns::Client::new(&edge.sdk),
        topic: settings.topic,
        limits: settings.limits,
        zone: settings.zone,
    };
    let app = &app;
    // The schedule's event carries nothing that is needed.
    edge.serve_events(|_: sentinel::json::Value| handler::handle(app, Timestamp::now())).await
}
