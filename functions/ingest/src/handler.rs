//! One request: what its body is, and how its answer looks.

use edge::{Answer, Inbound, json, json_text};
use jiff::Timestamp;
use lambda_http::http::header::{HeaderValue, LOCATION};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sentinel::problem::Problem;
use sentinel::transaction::Transaction;
use serde_json::{Value, json as value};

use crate::App;
use crate::accept::{Accepted, accept};
use crate::{batch, wait};

/// Bodies beyond this are refused before they are read. A batch of 500 needs a quarter of it.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// What stands in a URI as it is: RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `POST /api/v1/transactions`.
pub async fn handle(app: &App, inbound: &Inbound) -> Answer {
    let caller = inbound.caller(&["transactions:write"])?;
    let form = form(inbound)?;
    let wait_until = wait::deadline(inbound.header("prefer"));
    let now = Timestamp::now();
    let body = inbound.body();
    if form == Form::Batch || body.trim_ascii_start().starts_with(b"[") {
        return batch::handle(app, inbound, &caller.tenant, form == Form::Batch, now).await;
    }
    let transaction = Transaction::parse(body, now).inspect_err(|rejection| {
        metrics::counter!("rejected_total").increment(1);
        tracing::info!("Rejected a transaction: {rejection}");
    })?;
    let accepted =
        accept(app, &caller.tenant, vec![transaction], &inbound.request_id, now).await.remove(0)?;
    let decision = match wait_until {
        Some(deadline) => wait::decision(app, &caller.tenant, &accepted, deadline).await,
        None => None,
    };
    answer(&accepted, decision, wait_until.is_some())
}

/// How the body is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One object, or an array of them.
    Json,
    /// One object a line.
    Batch,
}

fn form(inbound: &Inbound) -> Result<Form, Problem> {
    if inbound.header("content-encoding").is_some_and(|encoding| encoding != "identity") {
        let detail = "Send the body without a content encoding.";
        return Err(Problem::new(415, "Unsupported content encoding", detail));
    }
    let content_type = inbound.header("content-type").unwrap_or_default();
    let form = match content_type.split(';').next().unwrap_or_default().trim() {
        "application/json" => Form::Json,
        "application/x-ndjson" => Form::Batch,
        _ => {
            let detail = "Send application/json or application/x-ndjson.";
            return Err(Problem::new(415, "Unsupported media type", detail));
        }
    };
    if inbound.body().len() > MAX_BODY_BYTES {
        let detail = format!(
            "The body may have at most {MAX_BODY_BYTES} bytes; this one has {}. Send a batch in parts.",
            inbound.body().len()
        );
        return Err(Problem::new(413, "Content too large", detail));
    }
    Ok(form)
}

fn answer(accepted: &Accepted, decision: Option<String>, waited: bool) -> Answer {
    let receipt = &accepted.receipt;
    let mut response = match decision {
        Some(decision) => json_text(200, decision),
        None => json(202, &received(accepted)),
    };
    let headers = response.headers_mut();
    if let Ok(location) = location(&receipt.msg_id).parse() {
        headers.insert(LOCATION, location);
    }
    if accepted.replayed {
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    if waited {
        headers.insert("preference-applied", HeaderValue::from_static("wait"));
    }
    Ok(response)
}

/// Where the decision will be. What is escaped in a path, not every gateway hands over as it was.
fn location(msg_id: &str) -> String {
    let id = utf8_percent_encode(msg_id, ESCAPED).to_string();
    let way = if id == msg_id { "/" } else { "?msg_id=" };
    format!("/api/v1/transactions{way}{id}")
}

/// The answer to an accepted transaction: the same whenever it is sent again.
pub fn received(accepted: &Accepted) -> Value {
    let receipt = &accepted.receipt;
    value!({
        "msg_id": receipt.msg_id,
        "status": "received",
        "received_at": receipt.received_at,
    })
}
