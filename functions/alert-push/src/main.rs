//! alert-push: shows alerts the moment they exist. The WebSocket API's routes and the table's
//! stream end here.

mod connections;
mod handler;
mod push;

use sentinel::payment::tenant::Tenant;
use store::Store;

/// What the handler borrows.
pub struct App {
    pub store: Store,
    pub gateway: aws_sdk_apigatewaymanagement::Client,
    pub tenants: Vec<Tenant>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let edge = edge::Edge::start("alert-push").await;
    let endpoint = edge::settings::required("WEBSOCKET_ENDPOINT")?;
    let gateway = aws_sdk_apigatewaymanagement::config::Builder::from(&edge.sdk)
        .endpoint_url(endpoint)
        .build();
    let app = App {
        store: Store::dial(&edge.sdk, edge::settings::required("TABLE_NAME")?),
        gateway: aws_sdk_apigatewaymanagement::Client::from_conf(gateway),
        tenants: edge::settings::tenants()?,
    };
    let app = &app;
    edge.serve_events(|event| async move { handler::handle(app, event).await }).await
}
