//! The decision on one transaction, with every rule on request.

use std::sync::LazyLock;

use contract::bodies::transactions::{
    DecisionDetail, HistoryAnswer, Progress, ReceivedAnswer, StoredDecision, TransactionAnswer,
};
use contract::problem::Problem;
use contract::scope::Scope;
use edge::{Answer, InboundRequest, broken, json, stored, table_failed};
use lambda_http::RequestExt as _;
use sentinel::case::evidence::Evidence;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::MsgId;
use sentinel::register::Register;
use sentinel::register::VersionedSet as _;
use sentinel::register::document::DocumentError;
use sentinel::rules::{RuleSet, RuleTrace};
use store::Receipt;

use crate::App;

/// The deployment's own rule set. Loaded lazily, since that takes longer than the rest of init and
/// few requests need it.
static EMBEDDED: LazyLock<Result<RuleSet, DocumentError>> = LazyLock::new(RuleSet::embedded);

/// `GET /api/v1/transactions?msg_id=`, which works for every id: a gateway may decode a path
/// differently from how the client encoded it.
pub async fn by_query(app: &App, inbound: &InboundRequest) -> Answer {
    let parameters = inbound.request.query_string_parameters();
    let missing = || Problem::bad_request("The parameter msg_id is needed.");
    let msg_id = parameters.first("msg_id").ok_or_else(missing)?;
    one(app, inbound, msg_id).await
}

/// `GET /api/v1/transactions/{msg_id}`.
pub async fn one(app: &App, inbound: &InboundRequest, msg_id: &str) -> Answer {
    let caller = inbound.caller()?;
    let msg_id = MsgId::parse(msg_id).map_err(|_| Problem::not_found("transaction"))?;
    let with_rules = match inbound.request.query_string_parameters().first("rules") {
        None => false,
        // What rules look for must not be shown to every sender of payments.
        Some("all") => caller.require(&[Scope::AlertsRead]).map(|()| true)?,
        Some(_) => return Err(Problem::bad_request("The parameter rules can only be all.")),
    };
    let receipt = app.store.receipt(&caller.tenant, &msg_id).await.map_err(table_failed)?;
    let receipt = receipt.ok_or_else(|| Problem::not_found("transaction"))?;
    if receipt.history && with_rules {
        return Err(Problem::conflict("This payment is history: no rule has judged it."));
    }
    let answer = match (&receipt.decision, receipt.settled_at) {
        (Some(decision), _) if with_rules => {
            let rules = Some(rules(app, &caller.tenant, &receipt).await?);
            return Ok(json(200, &DecisionDetail { decision: stored(decision)?, rules }));
        }
        (Some(decision), _) => {
            let decision = StoredDecision::new(decision.clone())
                .ok_or_else(|| broken("what stands for a decision is not one"))?;
            TransactionAnswer::Decided(decision)
        }
        // History gets no decision.
        (None, Some(counted_at)) => TransactionAnswer::History(HistoryAnswer {
            msg_id: receipt.msg_id,
            status: Progress::History,
            received_at: receipt.received_at,
            counted_at,
        }),
        (None, None) => {
            let status = if receipt.history { Progress::History } else { Progress::Received };
            let (msg_id, received_at) = (receipt.msg_id, receipt.received_at);
            return Ok(json(202, &ReceivedAnswer { msg_id, status, received_at }));
        }
    };
    Ok(json(200, &answer))
}

/// Returns what every rule of the set that judged saw; 409 if they can no longer be judged again.
async fn rules(app: &App, tenant: &Tenant, receipt: &Receipt) -> Result<Vec<RuleTrace>, Problem> {
    let gone = || {
        Problem::conflict(
            "The rules that judged this transaction, or the features they looked at, are not those \
             of this version. The decision itself stands and can be read without rules=all.",
        )
    };
    let evidence = receipt.evidence.as_deref().ok_or_else(gone)?;
    let evidence: Evidence = stored(evidence)?;
    let version = &evidence.versions.rules;
    let embedded = LazyLock::force(&EMBEDDED).as_ref().ok();
    if let Some(embedded) = embedded.filter(|set| set.version() == version) {
        return evidence.explain_rules(embedded).ok_or_else(gone);
    }
    let document = app.store.register(tenant, Register::Rules).document(version).await;
    let document = document.map_err(table_failed)?;
    let set = RuleSet::load(&document.ok_or_else(gone)?).map_err(|_| gone())?;
    evidence.explain_rules(&set).ok_or_else(gone)
}
