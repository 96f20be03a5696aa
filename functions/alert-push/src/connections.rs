//! `$connect` with a single-use ticket, and `$disconnect`; messages from clients are ignored.

use jiff::Timestamp;
use lambda_runtime::Error;
use sentinel::json::{Value, json};
use sentinel::payment::tenant::Tenant;

use crate::App;

pub async fn handle(app: &App, event: &Value) -> Result<Value, Error> {
    let context = &event["requestContext"];
    let connection_id = context["connectionId"].as_str().ok_or("no connection id")?;
    let status = match context["routeKey"].as_str() {
        Some("$connect") => connect(app, event, connection_id).await?,
        Some("$disconnect") => disconnect(app, connection_id).await?,
        _ => 200,
    };
    Ok(json!({ "statusCode": status }))
}

/// Redeems the ticket, `{tenant}.{secret}`, and returns the status of the answer.
async fn connect(app: &App, event: &Value, connection_id: &str) -> Result<u16, Error> {
    let now = Timestamp::now().as_second();
    let ticket = event["queryStringParameters"]["ticket"].as_str().unwrap_or_default();
    let Some((tenant, secret)) = ticket.split_once('.') else { return Ok(401) };
    let Ok(tenant) = Tenant::parse(tenant) else { return Ok(401) };
    if !app.store.redeem_ticket(&tenant, secret, now).await? {
        return Ok(401);
    }
    app.store.keep_connection(&tenant, connection_id, now).await?;
    Ok(200)
}

/// Forgets the connection for every tenant, since the event does not say whose it was; removing an
/// unknown one does nothing.
async fn disconnect(app: &App, connection_id: &str) -> Result<u16, Error> {
    for tenant in &app.tenants {
        app.store.forget_connection(tenant, connection_id).await?;
    }
    Ok(200)
}
