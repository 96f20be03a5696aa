//! Steps in the work on an alert. `sentinel::case::work` decides what is allowed; the table takes a
//! step only if nobody else took one meanwhile.

use contract::bodies::alerts::{AssignmentRequest, DispositionRequest, StepAnswer};
use contract::problem::Problem;
use contract::scope::Scope;
use edge::{Answer, Caller, InboundRequest, json, table_failed};
use jiff::Timestamp;
use sentinel::cascade::alerting::{Queue, Severity};
use sentinel::case::alert_id::AlertId;
use sentinel::case::disposition::{Origin, OriginLine};
use sentinel::case::work::{Actor, AlertWork, Step, StepRefusal, StepTaken, Subject};
use store::{StepOutcome, TakenStep};

use crate::App;

const MAX_KEY_CHARS: usize = 128;

/// `POST /api/v1/alerts/{id}/disposition`.
pub async fn dispose(app: &App, inbound: &InboundRequest, id: &str) -> Answer {
    let caller = inbound.caller()?;
    let request: Option<DispositionRequest> = sentinel::json::read(inbound.body()).ok();
    let request = request.filter(|request| !matches!(request.step, Step::Assign { .. }));
    let DispositionRequest { version, step } = request.ok_or_else(|| {
        Problem::bad_request(
            "The body is {\"version\": N, \"step\": STEP, …}; STEP is dispose, approve, reject or \
             reopen.",
        )
    })?;
    let scope = if step.needs_approver() { Scope::AlertsApprove } else { Scope::AlertsWork };
    caller.require(&[scope])?;
    take(app, inbound, &caller, id, (version, step)).await
}

/// `POST /api/v1/alerts/{id}/assignment`.
pub async fn assign(app: &App, inbound: &InboundRequest, id: &str) -> Answer {
    let caller = inbound.caller()?;
    let AssignmentRequest { version, to } = sentinel::json::read(inbound.body())
        .map_err(|_| Problem::bad_request("The body is {\"version\": N, \"to\": SUBJECT}."))?;
    take(app, inbound, &caller, id, (version, Step::Assign { to })).await
}

async fn take(
    app: &App,
    inbound: &InboundRequest,
    caller: &Caller,
    id: &str,
    (version, step): (u64, Step),
) -> Answer {
    let missing = || Problem::not_found("alert");
    let alert_id = AlertId::parse(id).map_err(|_| missing())?;
    let key = client_key(inbound)?;
    let head = app.store.alert_head(&caller.tenant, &alert_id).await.map_err(table_failed)?;
    let (alert, queue) = head.ok_or_else(missing)?;
    if alert.work.version != version {
        return repeated(app, caller, (&alert_id, version), &step, key.as_deref()).await;
    }
    let subject = Subject {
        severity: Severity::of(alert.alert.score, queue == Queue::Alerts),
        origin: Origin {
            line: if queue == Queue::Alerts { OriginLine::Above } else { OriginLine::Between },
            level: alert.alert.level,
        },
    };
    let actor = Actor { subject: caller.subject()?, at: Timestamp::now().into() };
    let work = alert.work.take(&step, subject, actor, app.four_eyes).map_err(refused)?;
    let by = actor.subject.to_owned();
    let taken = StepTaken { version: work.version, at: actor.at, by, step, status: work.status };
    let request_id = inbound.request_id.clone();
    let taken = TakenStep { taken, work, key, request_id };
    match app.store.take_step(&caller.tenant, &alert_id, queue, &taken).await {
        Ok(StepOutcome::Taken) => {
            metrics::counter!("alert_steps_total", "step" => name(&taken.taken.step)).increment(1);
            tracing::info!(step = name(&taken.taken.step), "A step was taken on an alert");
            Ok(answer(alert_id, taken.work))
        }
        Ok(StepOutcome::Moved) => {
            let TakenStep { taken, key, .. } = &taken;
            repeated(app, caller, (&alert_id, version), &taken.step, key.as_deref()).await
        }
        Err(err) => Err(table_failed(err)),
    }
}

/// Answers a step on a version that has passed: the same way again if this is the request that took
/// it, 409 if somebody else was faster.
async fn repeated(
    app: &App,
    caller: &Caller,
    (alert_id, version): (&AlertId, u64),
    step: &Step,
    key: Option<&str>,
) -> Answer {
    if let Some(key) = key {
        let known = app.store.step_at(&caller.tenant, alert_id, version + 1).await;
        if let Some((taken, work, known_key)) = known.map_err(table_failed)?
            && known_key.as_deref() == Some(key)
            && taken.by == caller.subject()?
            && taken.step == *step
        {
            return Ok(answer(alert_id.clone(), work));
        }
    }
    Err(Problem::conflict("Somebody has changed this alert meanwhile. Look again."))
}

fn answer(alert_id: AlertId, work: AlertWork) -> lambda_http::Response<lambda_http::Body> {
    json(200, &StepAnswer { alert_id, work })
}

/// Returns the key that makes a repeated request recognisable, if the client gave one.
pub fn client_key(inbound: &InboundRequest) -> Result<Option<String>, Problem> {
    let Some(key) = inbound.header("idempotency-key") else { return Ok(None) };
    if key.is_empty() || key.len() > MAX_KEY_CHARS {
        let detail = format!("An Idempotency-Key has 1 to {MAX_KEY_CHARS} characters.");
        return Err(Problem::bad_request(detail));
    }
    Ok(Some(key.to_owned()))
}

fn refused(refusal: StepRefusal) -> Problem {
    match refusal {
        StepRefusal::FourEyes => Problem::forbidden(refusal.to_string()),
        StepRefusal::WrongStatus(_) => Problem::conflict(refusal.to_string()),
        StepRefusal::Reason
        | StepRefusal::NoteMissing
        | StepRefusal::NoteTooLong
        | StepRefusal::Assignee => Problem::new(422, "Invalid step", refusal.to_string()),
    }
}

fn name(step: &Step) -> &'static str {
    match step {
        Step::Dispose { .. } => "dispose",
        Step::Approve { .. } => "approve",
        Step::Reject { .. } => "reject",
        Step::Reopen { .. } => "reopen",
        Step::Assign { .. } => "assign",
    }
}
