//! Alerts: lists with filters and cursors, and one alert with its decision and evidence.

use std::collections::BTreeMap;

use contract::bodies::alerts::{AlertDetail, AlertHit, AlertList, AlertSummary};
use contract::problem::Problem;
use edge::{Answer, Caller, InboundRequest, json, stored, stored_part, table_failed};
use lambda_http::RequestExt as _;
use sentinel::cascade::alerting::{Queue, Severity};
use sentinel::case::alert_id::AlertId;
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Level;
use sentinel::case::work::AlertStatus;
use sentinel::state::features::words;
use store::{AlertQuery, StoredAlert, StoredHit};

use crate::App;

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 1_000;

/// `GET /api/v1/alerts`.
pub async fn list(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let mut query = query(inbound, &caller)?;
    if query.queue == Queue::Reviews && query.min_score.is_none() {
        let bound = app.reviews.lowest_shown(&app.store, &caller.tenant).await;
        query.min_score = bound.map_err(table_failed)?;
    }
    let page = app.store.list_alerts(&caller.tenant, &query).await.map_err(table_failed)?;
    if page.unreadable > 0 {
        tracing::error!("{} alerts cannot be read and are not listed", page.unreadable);
    }
    let alerts = page.alerts.into_iter().map(summary).collect();
    Ok(json(200, &AlertList { alerts, cursor: page.cursor, min_score: query.min_score }))
}

fn query(inbound: &InboundRequest, caller: &Caller) -> Result<AlertQuery, Problem> {
    let parameters = inbound.request.query_string_parameters();
    let text = |name: &str| parameters.first(name).filter(|t| !t.is_empty()).map(str::to_owned);
    let assignee = match text("assignee") {
        Some(me) if me == "me" => Some(caller.subject()?.to_owned()),
        named => named,
    };
    let limit = read(text("limit"), "limit", |limit| {
        limit.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n))
    })?;
    Ok(AlertQuery {
        queue: read(text("queue"), "queue", Queue::parse)?.unwrap_or_default(),
        status: read(text("status"), "status", AlertStatus::parse)?,
        min_score: read(text("min_score"), "min_score", |score| {
            score.parse().ok().filter(|score| (0.0..=1.0).contains(score))
        })?,
        min_amount: read(text("min_amount"), "min_amount", |amount| {
            amount.parse().ok().filter(|amount: &f64| amount.is_finite())
        })?,
        severity: read(text("severity"), "severity", Severity::parse)?,
        level: read(text("level"), "level", Level::parse)?,
        assignee,
        account: text("account"),
        typology: text("typology"),
        after: text("after"),
        cursor: text("cursor"),
        limit: limit.unwrap_or(DEFAULT_LIMIT),
    })
}

/// Reads a parameter, if it is there.
fn read<T>(
    text: Option<String>,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let invalid = || Problem::bad_request(format!("The parameter {name} is invalid."));
    text.map(|text| parse(&text).ok_or_else(invalid)).transpose()
}

/// `GET /api/v1/alerts/{id}`.
pub async fn one(app: &App, inbound: &InboundRequest, id: &str) -> Answer {
    let caller = inbound.caller()?;
    let missing = || Problem::not_found("alert");
    let id = AlertId::parse(id).map_err(|_| missing())?;
    let found = app.store.alert(&caller.tenant, &id).await.map_err(table_failed)?;
    let file = found.ok_or_else(missing)?;
    let receipt = app.store.receipt(&caller.tenant, &file.alert.alert.msg_id).await;
    let receipt = receipt.map_err(table_failed)?.ok_or_else(missing)?;
    let evidence: Evidence = stored_part(receipt.evidence.as_deref())?;
    let detail = AlertDetail {
        alert: summary(file.alert),
        decision: stored_part(receipt.decision.as_deref())?,
        feature_words: feature_words(&evidence),
        evidence,
        explanation: file.explanation.as_deref().map(stored).transpose()?,
        steps: file.steps,
        hits: file.hits.into_iter().map(hit).collect(),
    };
    Ok(json(200, &detail))
}

fn feature_words(evidence: &Evidence) -> BTreeMap<String, String> {
    let contributions = evidence.model.iter().flat_map(|model| &model.contributions);
    let features = contributions.map(|contribution| &contribution.feature);
    let measures = evidence.facts.peers.iter().map(|peer| &peer.measure);
    features.chain(measures).map(|name| (name.clone(), words(name).to_owned())).collect()
}

fn hit(hit: StoredHit) -> AlertHit {
    let StoredHit { msg_id, score, at, typologies } = hit;
    AlertHit { msg_id, score, at, typologies }
}

/// Returns the alert with its current status, its position in the order and its hits so far.
pub fn summary(stored: StoredAlert) -> AlertSummary {
    let StoredAlert { alert, work, sequence, hits, case_id } = stored;
    AlertSummary { alert, work, hits, case_id, sequence }
}
