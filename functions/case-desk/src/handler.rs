//! Which question is asked.

use edge::{Answer, Inbound, json, json_text};
use lambda_http::RequestExt as _;
use sentinel::problem::Problem;
use sentinel::store::StoreError;
use sentinel::transaction::MsgId;
use serde_json::{Value, json as value};

use crate::{App, alerts, docs, operations};

/// Routes by method and path, as `template.yaml` does.
pub async fn handle(app: &App, inbound: &Inbound) -> Answer {
    let path = inbound.request.raw_http_path();
    if let Some(answer) = docs::answer(path) {
        return answer;
    }
    match (inbound.request.method().as_str(), inbound.segments().as_slice()) {
        ("GET", ["transactions", msg_id]) => decision(app, inbound, msg_id).await,
        ("GET", ["alerts"]) => alerts::list(app, inbound).await,
        ("GET", ["alerts", id]) => alerts::one(app, inbound, id).await,
        ("POST", ["stream-tickets"]) => operations::ticket(app, inbound).await,
        ("GET", ["budget"]) => operations::budget(app, inbound).await,
        ("GET", ["health"]) => operations::health(app).await,
        _ => Err(Problem::not_found("route")),
    }
}

/// `GET /api/v1/transactions/{msg_id}`.
async fn decision(app: &App, inbound: &Inbound, msg_id: &str) -> Answer {
    let caller = inbound.caller(&["transactions:write", "alerts:read"])?;
    let msg_id = MsgId::parse(msg_id).map_err(|_| Problem::not_found("transaction"))?;
    let receipt = app.store.receipt(&caller.tenant, &msg_id).await.map_err(unavailable)?;
    let receipt = receipt.ok_or_else(|| Problem::not_found("transaction"))?;
    match receipt.decision {
        // As it was written: a decision is the same bytes whenever it is read.
        Some(decision) => Ok(json_text(200, decision)),
        None => Ok(json(
            202,
            &value!({
                "msg_id": receipt.msg_id,
                "status": "received",
                "received_at": receipt.received_at,
            }),
        )),
    }
}

/// JSON text from the table.
pub fn stored(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|err| {
        tracing::error!("The table holds JSON that cannot be read: {err}");
        Problem::internal()
    })
}

/// The table's failure, logged here and hidden from the client.
pub fn unavailable(err: StoreError) -> Problem {
    tracing::error!("The table did not answer: {err}");
    Problem::unavailable()
}
