//! Rule sets: drafted, put in the shadow, put live, retired, rolled back. `sentinel::rules` says
//! what is allowed; the table makes a move whole or not at all.

use edge::{Answer, Caller, Inbound, json};
use jiff::Timestamp;
use lambda_http::http::header::{HeaderValue, LOCATION};
use sentinel::problem::Problem;
use sentinel::rules::{
    self, Move, Refusal, RegisteredSet, RuleSet, RuleSetChange, RuleSetState, RulesHead,
};
use sentinel::store::{MAX_DOCUMENT_BYTES, Registered};
use serde::Deserialize;
use serde_json::json as value;

use crate::App;
use crate::handler::unavailable;

const READERS: [&str; 3] = ["alerts:read", "rules:write", "rules:approve"];
/// Lines of the history that a listing shows.
const CHANGES_LISTED: usize = 50;
const MAX_NOTE_CHARS: usize = 500;

/// `GET /api/v1/rule-sets`.
pub async fn list(app: &App, inbound: &Inbound) -> Answer {
    let Caller { tenant, .. } = inbound.caller(&READERS)?;
    let head = app.store.rules_head(&tenant).await.map_err(unavailable)?;
    let sets = app.store.rule_sets(&tenant).await.map_err(unavailable)?;
    let changes = app.store.rule_changes(&tenant, CHANGES_LISTED).await.map_err(unavailable)?;
    Ok(json(200, &value!({ "head": head, "rule_sets": sets, "changes": changes })))
}

/// `GET /api/v1/rule-sets/{version}`.
pub async fn one(app: &App, inbound: &Inbound, version: &str) -> Answer {
    let caller = inbound.caller(&READERS)?;
    let set = registered(app, &caller, version).await?;
    let document = app.store.rule_document(&caller.tenant, &set.version).await;
    let document = document.map_err(unavailable)?;
    Ok(json(200, &value!({ "rule_set": set, "document": document })))
}

/// `GET /api/v1/rule-sets/{version}/shadow`.
pub async fn shadow(app: &App, inbound: &Inbound, version: &str) -> Answer {
    let caller = inbound.caller(&READERS)?;
    let set = registered(app, &caller, version).await?;
    let report = app.store.shadow_report(&caller.tenant, &set.version).await;
    Ok(json(200, &report.map_err(unavailable)?))
}

/// `POST /api/v1/rule-sets`.
pub async fn draft(app: &App, inbound: &Inbound) -> Answer {
    let caller = inbound.caller(&["rules:write"])?;
    let document = inbound.body();
    if document.len() > MAX_DOCUMENT_BYTES {
        let detail = format!("A rule set has at most {MAX_DOCUMENT_BYTES} bytes.");
        return Err(Problem::new(413, "Content too large", detail));
    }
    let document = std::str::from_utf8(document)
        .map_err(|_| Problem::bad_request("The body is not UTF-8 text."))?;
    let loaded = RuleSet::load(document)?;
    let set = RegisteredSet::new(&loaded, RuleSetState::Draft, caller.subject()?, now());
    let kept = app.store.register_rule_set(&caller.tenant, &set, document).await;
    let (status, set) = match kept.map_err(unavailable)? {
        Registered::New => {
            tracing::info!(rules.version = %set.version, "A rule set was drafted");
            (201, set)
        }
        // The same document again, from whomever: the first author stays.
        Registered::Known => (200, registered(app, &caller, &set.version).await?),
    };
    let mut answer = json(status, &set);
    let location = format!("/api/v1/rule-sets/{}", set.version);
    if let Ok(location) = HeaderValue::from_str(&location) {
        answer.headers_mut().insert(LOCATION, location);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transition {
    to: RuleSetState,
    #[serde(default)]
    note: String,
}

/// `POST /api/v1/rule-sets/{version}/transitions`.
pub async fn transition(app: &App, inbound: &Inbound, version: &str) -> Answer {
    let caller = inbound.caller(&["rules:write", "rules:approve"])?;
    let Transition { to, note } = serde_json::from_slice(inbound.body()).map_err(|_| {
        let states = "shadow, live or retired";
        Problem::bad_request(format!(
            "The body is {{\"to\": STATE, \"note\": TEXT}}; STATE is {states}."
        ))
    })?;
    caller.require(&[if to == RuleSetState::Live { "rules:approve" } else { "rules:write" }])?;
    let set = registered(app, &caller, version).await?;
    let head = app.store.rules_head(&caller.tenant).await.map_err(unavailable)?;
    if to == RuleSetState::Shadow || to == RuleSetState::Live {
        still_sound(app, &caller, &set).await?;
    }
    let made = rules::transition(&head, &set, to, caller.subject()?).map_err(refused)?;
    make(app, &caller, made, false, note).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rollback {
    #[serde(default)]
    note: String,
}

/// `POST /api/v1/rule-sets/rollback`.
pub async fn roll_back(app: &App, inbound: &Inbound) -> Answer {
    let caller = inbound.caller(&["rules:approve"])?;
    let body = inbound.body();
    let Rollback { note } = if body.is_empty() {
        Rollback { note: String::new() }
    } else {
        serde_json::from_slice(body)
            .map_err(|_| Problem::bad_request("The body is empty, or {\"note\": TEXT}."))?
    };
    let head = app.store.rules_head(&caller.tenant).await.map_err(unavailable)?;
    let made = rules::rollback(&head).map_err(refused)?;
    make(app, &caller, made, true, note).await
}

/// Makes a move and answers with the head afterwards.
async fn make(app: &App, caller: &Caller, made: Move, rollback: bool, note: String) -> Answer {
    if note.chars().count() > MAX_NOTE_CHARS {
        let detail = format!("A note has at most {MAX_NOTE_CHARS} characters.");
        return Err(Problem::bad_request(detail));
    }
    let change = RuleSetChange {
        at: now(),
        by: caller.subject()?.to_owned(),
        version: made.moved.as_ref().map_or(rules::EMBEDDED, |(version, _)| version).to_owned(),
        from: made.moved.as_ref().map(|(_, from)| *from),
        to: made.to,
        displaced: made.displaced.as_ref().map(|(version, _)| version.clone()),
        rollback,
        note,
    };
    let written = app.store.move_rule_set(&caller.tenant, &made, &change).await;
    if !written.map_err(unavailable)? {
        return Err(Problem::conflict("The rule sets were moved meanwhile. Look again."));
    }
    tracing::info!(rules.version = %change.version, to = change.to.code(), "A rule set was moved");
    let head: RulesHead = made.head;
    Ok(json(200, &head))
}

/// 409 where a document of the table does not load, as after a deployment that knows fewer names.
async fn still_sound(app: &App, caller: &Caller, set: &RegisteredSet) -> Result<(), Problem> {
    let document = app.store.rule_document(&caller.tenant, &set.version).await;
    let document = document.map_err(unavailable)?;
    let loaded = RuleSet::load(&document.ok_or_else(|| Problem::not_found("rule set"))?)?;
    if loaded.version() == set.version {
        return Ok(());
    }
    Err(Problem::conflict("The stored document is not the one that was registered."))
}

async fn registered(app: &App, caller: &Caller, version: &str) -> Result<RegisteredSet, Problem> {
    let missing = || Problem::not_found("rule set");
    let version = version.replace("%40", "@");
    // It becomes part of a key.
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    if version.len() > 100 || !version.chars().all(fits) {
        return Err(missing());
    }
    let found = app.store.rule_set(&caller.tenant, &version).await.map_err(unavailable)?;
    found.ok_or_else(missing)
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::FourEyes => Problem::forbidden(refusal.to_string()),
        _ => Problem::conflict(refusal.to_string()),
    }
}

/// With all its digits: the history is ordered by it.
fn now() -> String {
    format!("{:.6}", Timestamp::now())
}
