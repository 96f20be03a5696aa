//! `POST /api/v1/alerts/{id}/explanation`. The first explanation is kept, so that all analysts read
//! the same one and only the first request can cost anything.

use contract::problem::Problem;
use edge::{Answer, InboundRequest, json, stored, stored_part, table_failed};
use escalation::Subject;
use jiff::Timestamp;
use sentinel::cascade::narrative::{Explanation, Names};
use sentinel::case::alert_id::AlertId;
use sentinel::case::evidence::{Evidence, LlmEvidence};
use sentinel::case::verdict::Decision;
use sentinel::llm::prompt::PurposeHistory;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::Transaction;
use store::Receipt;

use crate::App;

pub async fn handle(app: &App, inbound: &InboundRequest) -> Answer {
    match (inbound.request.method().as_str(), inbound.segments().as_slice()) {
        ("POST", ["alerts", id, "explanation"]) => explain(app, inbound, id).await,
        _ => Err(Problem::not_found("route")),
    }
}

async fn explain(app: &App, inbound: &InboundRequest, id: &str) -> Answer {
    let caller = inbound.caller()?;
    let tenant = &caller.tenant;
    let missing = || Problem::not_found("alert");
    let id = AlertId::parse(id).map_err(|_| missing())?;
    let found = app.store.alert(tenant, &id).await.map_err(table_failed)?;
    let file = found.ok_or_else(missing)?;
    if let Some(kept) = file.explanation {
        return Ok(json(200, &stored::<Explanation>(&kept)?));
    }
    let receipt =
        app.store.receipt(tenant, &file.alert.alert.msg_id).await.map_err(table_failed)?;
    let written = write(app, tenant, id.clone(), &receipt.ok_or_else(missing)?).await?;
    let text = sentinel::json::write(&written);
    let standing = app.store.keep_explanation(tenant, &id, &text).await.map_err(table_failed)?;
    Ok(json(200, &stored::<Explanation>(&standing)?))
}

/// Writes the template's text and adds the LLM's view: the one of the decision if there is one,
/// else a new one.
async fn write(
    app: &App,
    tenant: &Tenant,
    id: AlertId,
    receipt: &Receipt,
) -> Result<Explanation, Problem> {
    let decision: Decision = stored_part(receipt.decision.as_deref())?;
    let evidence: Evidence = stored_part(receipt.evidence.as_deref())?;
    let now = Timestamp::now();
    let tx: Transaction = stored(&receipt.body)?;
    let names = Names::of(&tx);
    let template = Explanation::of(id, &decision, &evidence, names, now.into());
    // A look that is on its way is paid for once.
    if !app.escalation.is_configured() || evidence.awaits_second_look() {
        return Ok(template);
    }
    let assessed = evidence.llm.clone().filter(|llm| llm.assessment.is_some());
    let (llm, history) = match assessed {
        // Already paid for with the decision.
        Some(llm) => {
            let earlier = app.store.transactions(tenant, &llm.earlier).await;
            let history = PurposeHistory::of(&tx, earlier.map_err(table_failed)?);
            let free = LlmEvidence {
                cached: true,
                input_tokens: 0,
                output_tokens: 0,
                cost_micro_usd: 0,
                latency_ms: 0,
                ..llm
            };
            (free, history)
        }
        None => {
            let history = app.store.purpose_history(tenant, &tx).await.map_err(table_failed)?;
            let subject = Subject { evidence: &evidence, tx: &tx, history: &history };
            (app.escalation.assess(tenant, subject, now).await, history)
        }
    };
    // The same texts have the same placeholders.
    let redactor = history.redactor(&tx);
    Ok(template.with_llm(llm, |text| redactor.reveal(text)))
}
