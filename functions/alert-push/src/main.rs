//! alert-push: pushes alerts to analysts as soon as they exist. It handles the routes of the
//! WebSocket API and the table's stream.

mod connections;
mod handler;
mod push;
mod settings;

use edge::settings::Environment;
use sentinel::payment::tenant::Tenant;
use store::Store;

use crate::settings::Settings;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub gateway: aws_sdk_apigatewaymanagement::Client,
    pub tenants: Vec<Tenant>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let settings = Settings::read(&Environment::of_process())?;
    let edge = edge::Edge::start("alert-push", &settings.telemetry).await;
    let gateway = aws_sdk_apigatewaymanagement::config::Builder::from(&edge.sdk)
        .endpoint_url(settings.websocket_endpoint)
        .build();
    let app = App {
        store: Store::dial(&edge.sdk, settings.table),
        gateway: aws_sdk_apigatewaymanagement::Client::from_conf(gateway),
        tenants: settings.tenants,
    };
    let app = &app;
    edge.serve_events(|event| async move { handler::handle(app, event).await }).await
}
