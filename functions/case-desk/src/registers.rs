//! Rule sets and reference sets: drafted, put in the shadow, put live, retired, rolled back.
//! `sentinel::register` decides what is allowed; the table makes a move completely or not at all.

mod views;

use contract::bodies::requests::{RollbackRequest, TransitionRequest};
use contract::problem::Problem;
use contract::scope::Scope;
use edge::{Answer, Caller, InboundRequest, json, table_failed};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use lambda_http::http::header::{HeaderValue, LOCATION};
use sentinel::payment::utc_time::UtcTime;
use sentinel::register::{self, Move, MoveRefusal, Register, RegisteredSet, SetChange, SetState};
use sentinel::registrar;
use store::{MAX_DOCUMENT_BYTES, RegisterOutcome, TenantRegister};

use crate::App;

/// Number of changes that a listing shows.
const CHANGES_LISTED: usize = 50;
const MAX_NOTE_CHARS: usize = 500;

/// Answers a request about a register; `rest` holds the path's segments after its name.
pub async fn handle(
    app: &App,
    inbound: &InboundRequest,
    register: Register,
    rest: &[&str],
) -> Answer {
    let desk = Desk { app, inbound, register };
    match (inbound.request.method().as_str(), rest) {
        ("GET", []) => desk.list().await,
        ("POST", []) => desk.draft().await,
        ("POST", ["rollback"]) => desk.roll_back().await,
        ("GET", [version]) => desk.one(version).await,
        ("POST", [version, "transitions"]) => desk.transition(version).await,
        ("GET", [version, "shadow"]) => desk.shadow(version).await,
        _ => Err(Problem::not_found("route")),
    }
}

/// A request about one register.
struct Desk<'a> {
    app: &'a App,
    inbound: &'a InboundRequest,
    register: Register,
}

impl Desk<'_> {
    async fn list(&self) -> Answer {
        let register = self.of(&self.inbound.caller()?);
        let head = register.head().await.map_err(table_failed)?;
        let sets = register.sets().await.map_err(table_failed)?;
        let changes = register.changes(CHANGES_LISTED).await.map_err(table_failed)?;
        Ok(views::list(self, head, sets, changes))
    }

    async fn one(&self, version: &str) -> Answer {
        let register = self.of(&self.inbound.caller()?);
        let set = self.registered(&register, version).await?;
        let document = register.document(&set.version).await.map_err(table_failed)?;
        Ok(views::detail(self, set, document.ok_or_else(|| self.missing())?))
    }

    async fn shadow(&self, version: &str) -> Answer {
        let caller = self.inbound.caller()?;
        let set = self.registered(&self.of(&caller), version).await?;
        let report = self.app.store.shadow_report(&caller.tenant, &set.version).await;
        Ok(json(200, &report.map_err(table_failed)?))
    }

    async fn draft(&self) -> Answer {
        let caller = self.inbound.caller()?;
        let document = self.inbound.body();
        let noun = self.register.noun();
        if document.len() > MAX_DOCUMENT_BYTES {
            let detail = format!("A {noun} has at most {MAX_DOCUMENT_BYTES} bytes.");
            return Err(Problem::new(413, "Content too large", detail));
        }
        let document = std::str::from_utf8(document)
            .map_err(|_| Problem::bad_request("The body is not UTF-8 text."))?;
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let summary = registrar::draft(self.register, document, today);
        let summary = summary.map_err(|error| Problem::of_document(self.register, error))?;
        let set = RegisteredSet::new(summary, SetState::Draft, caller.subject()?, now());
        let register = self.of(&caller);
        let (status, set) = match register.add(&set, document).await.map_err(table_failed)? {
            RegisterOutcome::New => {
                tracing::info!(set.version = %set.version, "A {noun} was drafted");
                (201, set)
            }
            // The same document again, whoever sends it: the first author stays.
            RegisterOutcome::Known => (200, self.registered(&register, &set.version).await?),
        };
        let location = format!("{}/{}", self.register.path(), set.version);
        let mut answer = views::one(self, status, set, document);
        if let Ok(location) = HeaderValue::from_str(&location) {
            answer.headers_mut().insert(LOCATION, location);
        }
        Ok(answer)
    }

    async fn transition(&self, version: &str) -> Answer {
        let (writes, approves) = (Scope::writes(self.register), Scope::approves(self.register));
        let caller = self.inbound.caller()?;
        let TransitionRequest { to, note } =
            sentinel::json::read(self.inbound.body()).map_err(|_| {
                let states = "shadow, live or retired";
                Problem::bad_request(format!(
                    "The body is {{\"to\": STATE, \"note\": TEXT}}; STATE is {states}."
                ))
            })?;
        caller.require(&[if to == SetState::Live { approves } else { writes }])?;
        let register = self.of(&caller);
        let set = self.registered(&register, version).await?;
        let head = register.head().await.map_err(table_failed)?;
        if to == SetState::Shadow || to == SetState::Live {
            self.check_again(&register, &set).await?;
        }
        let made = register::transition(&head, &set, to, caller.subject()?).map_err(refused)?;
        self.make(&caller, made, false, note).await
    }

    async fn roll_back(&self) -> Answer {
        let caller = self.inbound.caller()?;
        let body = self.inbound.body();
        let RollbackRequest { note } = if body.is_empty() {
            RollbackRequest::default()
        } else {
            sentinel::json::read(body)
                .map_err(|_| Problem::bad_request("The body is empty, or {\"note\": TEXT}."))?
        };
        let head = self.of(&caller).head().await.map_err(table_failed)?;
        let made = register::rollback(&head).map_err(refused)?;
        self.make(&caller, made, true, note).await
    }

    /// Makes a move and answers with the head after it.
    async fn make(&self, caller: &Caller, made: Move, rollback: bool, note: String) -> Answer {
        if note.chars().count() > MAX_NOTE_CHARS {
            let detail = format!("A note has at most {MAX_NOTE_CHARS} characters.");
            return Err(Problem::bad_request(detail));
        }
        let version = made.moved.as_ref().map_or(register::EMBEDDED, |(version, _)| version);
        let change = SetChange {
            at: now(),
            by: caller.subject()?.to_owned(),
            version: version.to_owned(),
            from: made.moved.as_ref().map(|(_, from)| *from),
            to: made.to,
            displaced: made.displaced.as_ref().map(|(version, _)| version.clone()),
            rollback,
            note,
        };
        let noun = self.register.noun();
        if !self.of(caller).make(&made, &change).await.map_err(table_failed)? {
            let detail = format!("The {noun}s were moved meanwhile. Look again.");
            return Err(Problem::conflict(detail));
        }
        tracing::info!(set.version = %change.version, to = change.to.code(), "A {noun} was moved");
        Ok(json(200, &made.head))
    }

    /// Checks that the stored document still loads: 422 if it does not, for example after a
    /// deployment that knows fewer names, and 409 if it is not the one that was registered.
    async fn check_again(
        &self,
        register: &TenantRegister<'_>,
        set: &RegisteredSet,
    ) -> Result<(), Problem> {
        let document = register.document(&set.version).await.map_err(table_failed)?;
        let document = document.ok_or_else(|| self.missing())?;
        let loaded = registrar::summarise(self.register, &document);
        let loaded = loaded.map_err(|error| Problem::of_document(self.register, error))?;
        if loaded.version == set.version {
            return Ok(());
        }
        Err(Problem::conflict("The stored document is not the one that was registered."))
    }

    async fn registered(
        &self,
        register: &TenantRegister<'_>,
        version: &str,
    ) -> Result<RegisteredSet, Problem> {
        let version = version.replace("%40", "@");
        // The version becomes part of a key.
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
        if version.len() > 100 || !version.chars().all(fits) {
            return Err(self.missing());
        }
        register.set(&version).await.map_err(table_failed)?.ok_or_else(|| self.missing())
    }

    fn of(&self, caller: &Caller) -> TenantRegister<'_> {
        self.app.store.register(&caller.tenant, self.register)
    }

    fn missing(&self) -> Problem {
        Problem::not_found(self.register.noun())
    }
}

fn refused(refusal: MoveRefusal) -> Problem {
    match refusal {
        MoveRefusal::FourEyes => Problem::forbidden(refusal.to_string()),
        _ => Problem::conflict(refusal.to_string()),
    }
}

fn now() -> UtcTime {
    Timestamp::now().into()
}
