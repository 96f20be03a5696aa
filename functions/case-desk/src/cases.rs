//! Cases: opened from alerts, and taken step by step to their end. `sentinel::investigation` decides
//! what is allowed; the table takes a step only if nobody else took one meanwhile.

use contract::bodies::cases::{CaseDetail, CaseList, CaseStepRequest, NewCase};
use contract::problem::Problem;
use contract::scope::Scope;
use edge::{Answer, Caller, InboundRequest, json, table_failed};
use jiff::Timestamp;
use lambda_http::RequestExt as _;
use sentinel::case::alert_id::AlertId;
use sentinel::case::work::Actor;
use sentinel::investigation::{
    Case, CaseEvent, CaseId, CaseRefusal, CaseStatus, CaseStep, ChecklistItem, MAX_ALERTS,
    checklist,
};
use sha2::{Digest as _, Sha256};
use store::{CaseQuery, CaseWrite, StoredAlert};

use crate::App;
use crate::alerts::summary;
use crate::steps::client_key;

const DEFAULT_LIMIT: i32 = 50;
const MAX_LIMIT: i32 = 200;

/// `GET /api/v1/cases`.
pub async fn list(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let parameters = inbound.request.query_string_parameters();
    let text = |name: &str| parameters.first(name).filter(|t| !t.is_empty()).map(str::to_owned);
    let invalid = |name: &str| Problem::bad_request(format!("The parameter {name} is invalid."));
    let ended = match text("ended").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(invalid("ended")),
    };
    let limit = match text("limit") {
        None => DEFAULT_LIMIT,
        Some(limit) => {
            let limit: Option<i32> = limit.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n));
            limit.ok_or_else(|| invalid("limit"))?
        }
    };
    let assignee = match text("assignee") {
        Some(me) if me == "me" => Some(caller.subject()?.to_owned()),
        named => named,
    };
    let query = CaseQuery { ended, assignee, cursor: text("cursor"), limit };
    let page = app.store.list_cases(&caller.tenant, &query).await.map_err(table_failed)?;
    Ok(json(200, &CaseList { cases: page.cases, cursor: page.cursor }))
}

/// `GET /api/v1/cases/{id}`.
pub async fn one(app: &App, inbound: &InboundRequest, id: &str) -> Answer {
    let caller = inbound.caller()?;
    let case = known(app, &caller, id).await?;
    let events = app.store.case_events(&caller.tenant, &case.case_id).await;
    let events = events.map_err(table_failed)?;
    let alerts =
        app.store.alerts_by_id(&caller.tenant, &case.alerts).await.map_err(table_failed)?;
    let alerts = alerts.into_iter().map(summary).collect();
    Ok(json(200, &CaseDetail { case, alerts, events }))
}

/// `POST /api/v1/cases`.
pub async fn open(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let NewCase { title, alerts: ids, note } = sentinel::json::read(inbound.body())
        .map_err(|_| Problem::bad_request("The body is {\"title\": TEXT, \"alerts\": [ID, …]}."))?;
    let key = client_key(inbound)?;
    let case_id = new_id(&caller, key.as_deref())?;
    if let Some(case) = app.store.case(&caller.tenant, &case_id).await.map_err(table_failed)? {
        // The key's own case: a request that is repeated.
        return Ok(json(200, &case));
    }
    let protocol = protocol(app, &caller, &ids).await?;
    let actor = actor(&caller)?;
    let opened = Case::open(case_id, (title, ids, note), protocol, actor).map_err(refused)?;
    let (case, step) = opened;
    let event = CaseEvent { version: 1, at: actor.at, by: actor.subject.to_owned(), step };
    let joining = case.alerts.clone();
    let write = CaseWrite { case, event, joining, from: None, key };
    if !app
        .store
        .write_cases(&caller.tenant, std::slice::from_ref(&write))
        .await
        .map_err(table_failed)?
    {
        return Err(Problem::conflict("One of these alerts belongs to a case already."));
    }
    metrics::counter!("cases_opened_total").increment(1);
    tracing::info!(alerts = write.case.alerts.len(), "A case was opened");
    Ok(json(201, &write.case))
}

/// `POST /api/v1/cases/{id}/steps`.
pub async fn step(app: &App, inbound: &InboundRequest, id: &str) -> Answer {
    let caller = inbound.caller()?;
    let request: Option<CaseStepRequest> = sentinel::json::read(inbound.body()).ok();
    let CaseStepRequest { version, step } = request
        .ok_or_else(|| Problem::bad_request("The body is {\"version\": N, \"step\": STEP, …}."))?;
    let key = client_key(inbound)?;
    let case = known(app, &caller, id).await?;
    let decides = matches!(step, CaseStep::Close { .. } | CaseStep::Return { .. })
        && case.status == CaseStatus::Escalated;
    caller.require(&[if decides { Scope::AlertsApprove } else { Scope::AlertsWork }])?;
    if case.version != version {
        return repeated(app, &caller, (&case, version), &step, key.as_deref()).await;
    }
    let actor = actor(&caller)?;
    let mut after = case.take(&step, actor).map_err(refused)?;
    if let CaseStep::AddAlerts { alerts } = &step {
        after.widen_checklist(protocol(app, &caller, alerts).await?);
    }
    let joining: Vec<AlertId> =
        after.alerts.iter().filter(|alert| !case.alerts.contains(alert)).cloned().collect();
    let event = |version| CaseEvent {
        version,
        at: actor.at,
        by: actor.subject.to_owned(),
        step: step.clone(),
    };
    let mut writes = vec![CaseWrite {
        event: event(after.version),
        case: after.clone(),
        joining,
        from: None,
        key: key.clone(),
    }];
    if let CaseStep::Link { to: other, .. } | CaseStep::Merge { into: other, .. } = &step {
        let other = known(app, &caller, other.as_str()).await?;
        let (changed, joining, from) = match &step {
            CaseStep::Merge { .. } => {
                let grown = other.absorb(&case).map_err(refused)?;
                (grown, case.alerts.clone(), Some(case.case_id.clone()))
            }
            _ => {
                let mut linked = other.clone();
                linked.version += 1;
                linked.add_link(&case.case_id).map_err(refused)?;
                (linked, Vec::new(), None)
            }
        };
        let event = event(changed.version);
        writes.push(CaseWrite { case: changed, event, joining, from, key: None });
    }
    if app.store.write_cases(&caller.tenant, &writes).await.map_err(table_failed)? {
        tracing::info!("A step was taken in a case");
        return Ok(json(200, &after));
    }
    repeated(app, &caller, (&case, version), &step, key.as_deref()).await
}

/// Answers a step on a version that has passed: the same way again if this is the request that took
/// it, 409 if somebody else was faster.
async fn repeated(
    app: &App,
    caller: &Caller,
    (case, version): (&Case, u64),
    step: &CaseStep,
    key: Option<&str>,
) -> Answer {
    let known = app.store.case_event_at(&caller.tenant, &case.case_id, version + 1).await;
    if let Some((event, known_key)) = known.map_err(table_failed)?
        && key.is_some()
        && known_key.as_deref() == key
        && event.by == caller.subject()?
        && event.step == *step
    {
        return Ok(json(200, &self::known(app, caller, case.case_id.as_str()).await?));
    }
    Err(Problem::conflict(
        "Somebody has changed this case meanwhile, or an alert belongs to another. Look again.",
    ))
}

async fn known(app: &App, caller: &Caller, id: &str) -> Result<Case, Problem> {
    let missing = || Problem::not_found("case");
    let id = CaseId::parse(id).map_err(|_| missing())?;
    app.store.case(&caller.tenant, &id).await.map_err(table_failed)?.ok_or_else(missing)
}

/// Reads alerts; 404 if one is unknown.
async fn alerts(app: &App, caller: &Caller, ids: &[AlertId]) -> Result<Vec<StoredAlert>, Problem> {
    if ids.len() > MAX_ALERTS {
        return Err(refused(CaseRefusal::TooMany));
    }
    let mut unique = ids.to_vec();
    unique.sort();
    unique.dedup();
    let alerts = app.store.alerts_by_id(&caller.tenant, &unique).await.map_err(table_failed)?;
    if alerts.len() < unique.len() {
        return Err(Problem::not_found("alert"));
    }
    Ok(alerts)
}

/// Returns the checklist that follows from alerts.
async fn protocol(
    app: &App,
    caller: &Caller,
    ids: &[AlertId],
) -> Result<Vec<ChecklistItem>, Problem> {
    let alerts = alerts(app, caller, ids).await?;
    let typologies = alerts.iter().flat_map(|alert| &alert.alert.typologies);
    Ok(checklist(typologies.map(String::as_str)))
}

/// Returns the id of a new case: random, or the one that follows from the client's key, so that a
/// repeated request finds what it has opened.
fn new_id(caller: &Caller, key: Option<&str>) -> Result<CaseId, Problem> {
    let mut random = [0_u8; 8];
    match key {
        Some(key) => {
            let hash = Sha256::digest(format!("{} {} {key}", caller.tenant, caller.subject()?));
            random.copy_from_slice(&hash[..8]);
        }
        None => getrandom::fill(&mut random).map_err(|err| {
            tracing::error!("No randomness for a case: {err}");
            Problem::internal()
        })?,
    }
    Ok(CaseId::of_random(random))
}

fn actor(caller: &Caller) -> Result<Actor<'_>, Problem> {
    Ok(Actor { subject: caller.subject()?, at: Timestamp::now().into() })
}

fn refused(refusal: CaseRefusal) -> Problem {
    match refusal {
        CaseRefusal::FourEyes => Problem::forbidden(refusal.to_string()),
        CaseRefusal::WrongStatus(_) => Problem::conflict(refusal.to_string()),
        _ => Problem::new(422, "Invalid step", refusal.to_string()),
    }
}
