//! Which question is asked.

use contract::problem::Problem;
use edge::{Answer, Inbound};
use lambda_http::RequestExt as _;
use sentinel::register::Register;
use serde_json::Value;
use store::StoreError;

use crate::{App, alerts, docs, operations, peers, registers, transactions};

/// Routes by method and path, as `template.yaml` does.
pub async fn handle(app: &App, inbound: &Inbound) -> Answer {
    let path = inbound.request.raw_http_path();
    if let Some(answer) = docs::answer(path) {
        return answer;
    }
    let method = inbound.request.method().as_str();
    if let Some(msg_id) = inbound.behind("transactions").filter(|_| method == "GET") {
        return transactions::one(app, inbound, msg_id).await;
    }
    match (method, inbound.segments().as_slice()) {
        ("GET", ["transactions"]) => transactions::by_query(app, inbound).await,
        ("GET", ["alerts"]) => alerts::list(app, inbound).await,
        ("GET", ["alerts", id]) => alerts::one(app, inbound, id).await,
        ("POST", ["stream-tickets"]) => operations::ticket(app, inbound).await,
        ("GET", ["budget"]) => operations::budget(app, inbound).await,
        ("GET", ["health"]) => operations::health(app).await,
        ("GET", ["peers"]) => peers::report(app, inbound).await,
        (_, ["rule-sets", rest @ ..]) => {
            registers::handle(app, inbound, Register::Rules, rest).await
        }
        (_, ["reference-sets", rest @ ..]) => {
            registers::handle(app, inbound, Register::Reference, rest).await
        }
        _ => Err(Problem::not_found("route")),
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
