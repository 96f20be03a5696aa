//! The routes of ingest, and the form of a request's body.

use contract::bodies::requests::MAX_BATCH;
use contract::problem::Problem;
use edge::{Answer, Caller, InboundRequest};
use jiff::Timestamp;
use sentinel::payment::transaction::Transaction;

use crate::App;
use crate::accept::{Arrival, accept};
use crate::{answer, batch, wait};

/// Larger bodies are refused before they are parsed. A batch of 500 needs about a quarter of this.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// Routes a request by path, as `template.yaml` does.
pub async fn handle(app: &App, inbound: &InboundRequest) -> Answer {
    match inbound.segments().as_slice() {
        ["history"] => history(app, inbound).await,
        _ => transactions(app, inbound).await,
    }
}

/// Returns the caller; 403 if their tenant is none of the deployment's, whose schedules, budget and
/// alarms know it not.
fn served(app: &App, inbound: &InboundRequest) -> Result<Caller, Problem> {
    let caller = inbound.caller()?;
    if app.tenants.contains(&caller.tenant) {
        return Ok(caller);
    }
    let detail = "The token's tenant is not one of this deployment's (parameter Tenants).";
    Err(Problem::forbidden(detail))
}

/// `POST /api/v1/history`.
async fn history(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = served(app, inbound)?;
    if form(inbound)? != BodyForm::Batch {
        let detail = "Send application/x-ndjson, one transaction a line.";
        return Err(Problem::new(415, "Unsupported media type", detail));
    }
    let arrival = Arrival {
        tenant: &caller.tenant,
        request_id: &inbound.request_id,
        now: Timestamp::now(),
        history: true,
    };
    batch::handle(app, arrival, inbound.body(), true).await
}

/// `POST /api/v1/transactions`.
async fn transactions(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = served(app, inbound)?;
    let form = form(inbound)?;
    let patience = wait::Patience::of(inbound.header("prefer"));
    let now = Timestamp::now();
    let arrival =
        Arrival { tenant: &caller.tenant, request_id: &inbound.request_id, now, history: false };
    let body = inbound.body();
    if form == BodyForm::Batch || body.trim_ascii_start().starts_with(b"[") {
        return batch::handle(app, arrival, body, form == BodyForm::Batch).await;
    }
    let transaction = Transaction::parse(body, now).inspect_err(|rejection| {
        metrics::counter!("rejected_total").increment(1);
        tracing::info!("Rejected a transaction: {rejection}");
    })?;
    let accepted = accept(app, arrival, transaction).await?;
    let decision = match patience {
        // History is never decided.
        _ if accepted.receipt.history => None,
        Some(patience) => wait::decision(app, &caller.tenant, &accepted, patience).await,
        None => None,
    };
    Ok(answer::single(&accepted, decision, patience.is_some()))
}

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyForm {
    /// One object, or an array of them.
    Json,
    /// One object per line.
    Batch,
}

fn form(inbound: &InboundRequest) -> Result<BodyForm, Problem> {
    if inbound.header("content-encoding").is_some_and(|encoding| encoding != "identity") {
        let detail = "Send the body without a content encoding.";
        return Err(Problem::new(415, "Unsupported content encoding", detail));
    }
    let content_type = inbound.header("content-type").unwrap_or_default();
    let form = match content_type.split(';').next().unwrap_or_default().trim() {
        "application/json" => BodyForm::Json,
        "application/x-ndjson" => BodyForm::Batch,
        _ => {
            let detail = "Send application/json or application/x-ndjson.";
            return Err(Problem::new(415, "Unsupported media type", detail));
        }
    };
    if inbound.body().len() > MAX_BODY_BYTES {
        let detail = format!(
            "The body may have at most {MAX_BODY_BYTES} bytes, and a batch {} transactions; this one \
             has {} bytes. Send a batch in parts.",
            MAX_BATCH,
            inbound.body().len()
        );
        return Err(Problem::new(413, "Content too large", detail));
    }
    Ok(form)
}
