//! The routes of case-desk.

use contract::problem::Problem;
use edge::{Answer, InboundRequest};
use lambda_http::RequestExt as _;
use sentinel::register::Register;

use crate::{
    App, accounts, alerts, cases, docs, operations, page, peers, registers, steps, transactions,
};

/// Routes a request by method and path, as `template.yaml` does.
pub async fn handle(app: &App, inbound: &InboundRequest) -> Answer {
    let path = inbound.request.raw_http_path();
    if path == "/desk.json" {
        return page::config(app.page.as_ref());
    }
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
        ("POST", ["alerts", id, "disposition"]) => steps::dispose(app, inbound, id).await,
        ("POST", ["alerts", id, "assignment"]) => steps::assign(app, inbound, id).await,
        ("GET", ["cases"]) => cases::list(app, inbound).await,
        ("POST", ["cases"]) => cases::open(app, inbound).await,
        ("GET", ["cases", id]) => cases::one(app, inbound, id).await,
        ("POST", ["cases", id, "steps"]) => cases::step(app, inbound, id).await,
        ("GET", ["accounts"]) => accounts::one(app, inbound).await,
        ("GET", ["payments"]) => accounts::payments(app, inbound).await,
        ("GET", ["search"]) => accounts::search(app, inbound).await,
        ("GET", ["me"]) => operations::me(app, inbound).await,
        ("GET", ["people"]) => operations::people(app, inbound).await,
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
