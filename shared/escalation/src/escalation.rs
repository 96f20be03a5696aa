//! The path of one assessment: cache, breaker, reservation, call, settlement, check. It never
//! fails: whatever goes wrong becomes the reason why a person has to look instead, and no money is
//! spent that was not reserved.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat::{CallError, ChatClient, Completion};
use jiff::{SignedDuration, Timestamp};
use metrics::{counter, histogram};
use tokio::time::Instant;

use super::config::LlmConfig;
use crate::refusals::Refusals;
use crate::secret::{SecretCache, SecretError, Secrets};
use sentinel::case::evidence::{Evidence, LlmAssessment, LlmEvidence};
use sentinel::case::verdict::ReviewReason;
use sentinel::llm::answer::{self, UnusableAnswer};
use sentinel::llm::breaker::Breaker;
use sentinel::llm::prompt::{Prompt, PurposeHistory};
use sentinel::llm::shape;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::Transaction;
use sentinel::spend::budget::{BudgetDay, DailyCaps, MicroUsd, worst_case_input_tokens};
use store::Charge;
use store::Store;
use store::jitter;
use store::ledger::{Reservation, ReservationRequest, ReserveError};
use store::usage::UsageEvent;

/// Base and cap of the random waits between attempts; the LLM may ask for longer ones.
const WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The third level of the cascade, or its absence.
pub struct Escalation(Option<LiveEscalation>);

struct LiveEscalation {
    config: LlmConfig,
    store: Store,
    secrets: Arc<SecretCache>,
    client: ChatClient,
    breaker: Mutex<Breaker>,
    refusals: Mutex<Refusals>,
}

/// Why a case gets no assessment.
#[derive(Debug, thiserror::Error)]
enum EscalationError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the tenant is not one of this deployment's")]
    UnlistedTenant,
    #[error("the circuit breaker is open after repeated failures of the LLM")]
    BreakerOpen,
    #[error(transparent)]
    Reserve(#[from] ReserveError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("the LLM's response holds no answer")]
    NoAnswer,
    #[error(transparent)]
    Unusable(#[from] UnusableAnswer),
}

impl EscalationError {
    fn review_reason(&self) -> ReviewReason {
        match self {
            Self::BreakerOpen => ReviewReason::BreakerOpen,
            Self::UnlistedTenant => ReviewReason::LlmNotConfigured,
            Self::Reserve(ReserveError::Exhausted) => ReviewReason::BudgetExhausted,
            Self::Reserve(ReserveError::GateClosed) => ReviewReason::GateClosed,
            Self::Secret(_)
            | Self::Reserve(ReserveError::Ledger(_))
            | Self::Call(_)
            | Self::NoAnswer
            | Self::Unusable(_) => ReviewReason::LlmFailed,
        }
    }
}

/// What the LLM is asked about: a decision's evidence, its transaction and the earlier payments
/// whose purposes it may see.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub evidence: &'a Evidence,
    pub tx: &'a Transaction,
    pub history: &'a PurposeHistory,
}

/// A case's tenant and time of arrival; from there on time is measured by the monotonic clock.
struct Case<'a> {
    tenant: &'a Tenant,
    received: Timestamp,
    started: Instant,
}

impl Case<'_> {
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.received.checked_add(elapsed).unwrap_or(self.received)
    }

    fn latency_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Escalation {
    /// Creates the third level; without a configuration every uncertain case goes to a person.
    pub fn new(
        config: Option<LlmConfig>,
        store: Store,
        secrets: Arc<SecretCache>,
    ) -> Result<Self, reqwest::Error> {
        let Some(config) = config else { return Ok(Self(None)) };
        let bounds = (config.max_tokens, config.response_bytes);
        let client = ChatClient::new(config.endpoint.clone(), config.auth, &config.model, bounds)?;
        let breaker = Mutex::new(Breaker::new(config.breaker));
        let refusals = Mutex::default();
        Ok(Self(Some(LiveEscalation { config, store, secrets, client, breaker, refusals })))
    }

    pub fn is_configured(&self) -> bool {
        self.0.is_some()
    }

    /// Asks for an assessment of the case. The result shows the cost even without an assessment.
    pub async fn assess(
        &self,
        tenant: &Tenant,
        subject: Subject<'_>,
        now: Timestamp,
    ) -> LlmEvidence {
        let Some(live) = &self.0 else {
            return LlmEvidence::without_answer("", ReviewReason::LlmNotConfigured);
        };
        let case = Case { tenant, received: now, started: Instant::now() };
        let mut llm = LlmEvidence::without_answer(&live.config.model, ReviewReason::LlmFailed);
        match live.assess(&case, subject, &mut llm).await {
            Ok(assessment) => {
                llm.assessment = Some(assessment);
                llm.unavailable = None;
            }
            Err(err) => llm.unavailable = Some(err.review_reason()),
        }
        llm
    }
}

impl Escalation {
    /// Counts a payment that the LLM raised to an alert.
    pub async fn count_found_alert(&self, tenant: &Tenant, now: Timestamp) {
        let Some(live) = &self.0 else { return };
        counter!("llm_alerts_total", &live.labels(tenant)).increment(1);
        live.count_usage(tenant, now, UsageEvent::AlertFound).await;
    }
}

impl LiveEscalation {
    async fn assess(
        &self,
        case: &Case<'_>,
        subject: Subject<'_>,
        llm: &mut LlmEvidence,
    ) -> Result<LlmAssessment, EscalationError> {
        let answered = self.cached_or_asked(case, subject, llm).await;
        let outcome = match &answered {
            Ok(_) if llm.cached => "cached",
            Ok(_) => "answered",
            Err(trouble) => {
                tracing::warn!(
                    llm.model = %llm.model,
                    llm.prompt_hash = %llm.prompt_hash,
                    llm.cost_micro_usd = llm.cost_micro_usd,
                    llm.latency_ms = llm.latency_ms,
                    "A case goes on without the LLM: {trouble}"
                );
                "unavailable"
            }
        };
        let [model, tenant] = self.labels(case.tenant);
        let labels = [model, tenant, ("outcome", outcome.to_owned())];
        counter!("llm_assessments_total", &labels).increment(1);
        answered
    }

    async fn cached_or_asked(
        &self,
        case: &Case<'_>,
        subject: Subject<'_>,
        llm: &mut LlmEvidence,
    ) -> Result<LlmAssessment, EscalationError> {
        if !self.config.tenants.contains(case.tenant) {
            return Err(EscalationError::UnlistedTenant);
        }
        let Subject { evidence, tx, history } = subject;
        let secrets = self.secrets.get().await?;
        let history = self.config.shows_purposes.then_some(history);
        let prompt = Prompt::about(evidence, tx, history);
        llm.prompt_hash = prompt.hash(&self.config.model, self.config.max_tokens);
        llm.earlier = history.map_or_else(Vec::new, PurposeHistory::ids);
        let key = &secrets.fingerprint_key;
        let alike =
            shape::fingerprint((evidence, tx, &prompt), &self.config.model, case.tenant, key);
        let kept = self.store.cached_answer(case.tenant, &alike, case.now()).await;
        // An answer from the table is checked like one from the LLM.
        let kept = kept.ok().flatten().and_then(|text| answer::read(&text, &prompt).ok());
        if let Some(assessment) = kept {
            llm.cached = true;
            self.count_usage(case.tenant, case.now(), UsageEvent::CacheHit).await;
            return Ok(assessment);
        }
        if !self.breaker().admits(case.now().as_millisecond()) {
            return Err(EscalationError::BreakerOpen);
        }
        let text = self.ask(case, &prompt, secrets, llm).await?;
        let assessment = answer::read(&text, &prompt).inspect_err(|_| self.failed(case))?;
        self.breaker().succeeded();
        let keep = (case.now(), self.config.cache_for);
        if let Err(err) = self.store.keep_answer(case.tenant, &alike, &text, keep).await {
            tracing::warn!("The LLM's answer was not kept: {err}");
        }
        Ok(assessment)
    }

    /// Calls until there is an answer, nothing left to try, or no time left. Every call has its own
    /// reservation, except that one which was certainly not billed passes its reservation on.
    async fn ask(
        &self,
        case: &Case<'_>,
        prompt: &Prompt,
        mut secrets: Arc<Secrets>,
        llm: &mut LlmEvidence,
    ) -> Result<String, EscalationError> {
        let bytes = self.client.request_bytes(prompt);
        let max = self.config.prices.worst_case(bytes, self.config.max_tokens);
        let (mut unused, mut refreshed, mut attempts) = (None, false, 0);
        loop {
            let held = match unused.take() {
                Some(held) => held,
                None => self.reserve(case, max).await?,
            };
            let err = match self.call_once(case, (prompt, bytes), &secrets, held, llm).await {
                Ok(Some(text)) => return Ok(text),
                Ok(None) => {
                    self.failed(case);
                    return Err(EscalationError::NoAnswer);
                }
                Err((err, left)) => {
                    unused = left;
                    err
                }
            };
            if err.is_unauthorised() && !refreshed {
                // The key may have been rotated; the new one gets one attempt.
                refreshed = true;
                if let Ok(fresh) = self.secrets.refresh(&secrets).await {
                    secrets = fresh;
                    continue;
                }
            }
            self.failed(case);
            attempts += 1;
            let Some(wait) = self.wait_before(attempts, &err, case) else {
                self.release(unused).await;
                return Err(err.into());
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Makes one call and settles it; returns the answer's text, if the response holds one. A
    /// reservation that was certainly not used is returned with the error.
    async fn call_once(
        &self,
        case: &Case<'_>,
        (prompt, bytes): (&Prompt, usize),
        secrets: &Secrets,
        held: Reservation,
        llm: &mut LlmEvidence,
    ) -> Result<Option<String>, (CallError, Option<Reservation>)> {
        let called = Instant::now();
        let deadline = case.started + self.config.deadline;
        let answered = self.client.complete(secrets.llm_api_key(), prompt, deadline).await;
        let latency = called.elapsed();
        llm.latency_ms = case.latency_ms();
        match answered {
            Ok(completion) => {
                let charge =
                    Charge { latency, ..self.count(case, &completion, (&held, bytes), llm) };
                self.settle(case, held, charge, llm).await;
                Ok(completion.content)
            }
            Err(err) if err.may_be_billed() => {
                let charge = Charge { cost: held.max(), latency, ..Charge::default() };
                self.settle(case, held, charge, llm).await;
                Err((err, None))
            }
            Err(err) => Err((err, Some(held))),
        }
    }

    /// Returns how long to wait before another attempt; `None` if there is to be none.
    fn wait_before(&self, attempt: u32, err: &CallError, case: &Case<'_>) -> Option<Duration> {
        let wait = jitter::backoff(attempt, WAIT, LONGEST_WAIT);
        let wait = wait.max(err.retry_after().unwrap_or_default());
        let in_time = case.started.elapsed().checked_add(wait)? < self.config.deadline;
        let another = attempt < self.config.attempts && !self.breaker().is_open();
        (in_time && another && err.is_worth_another_try()).then_some(wait)
    }

    async fn reserve(&self, case: &Case<'_>, max: MicroUsd) -> Result<Reservation, ReserveError> {
        let now = case.now();
        let day = BudgetDay::of(now, &self.config.zone);
        if let Some(refusal) = self.refusals().known(case.tenant, day, max, case.started) {
            return Err(refusal);
        }
        let request = ReservationRequest {
            tenant: case.tenant,
            model: &self.config.model,
            day,
            caps: DailyCaps {
                deployment: self.config.budget,
                tenant: self.config.tenant_budgets.get(case.tenant).copied(),
            },
            max,
            now,
            purpose: "assessment",
        };
        let reserved = self.store.reserve(&request).await;
        if let Err(refusal @ (ReserveError::Exhausted | ReserveError::GateClosed)) = &reserved {
            self.refusals().remember(case.tenant, day, max, refusal);
        }
        reserved
    }

    fn refusals(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn settle(
        &self,
        case: &Case<'_>,
        held: Reservation,
        charge: Charge,
        llm: &mut LlmEvidence,
    ) {
        llm.cost_micro_usd = llm.cost_micro_usd.saturating_add(charge.cost.0);
        let labels = self.labels(case.tenant);
        counter!("llm_calls_total", &labels).increment(1);
        counter!("llm_cost_micro_usd_total", &labels).increment(charge.cost.0);
        histogram!("llm_latency_ms", &labels).record(charge.latency.as_secs_f64() * 1_000.0);
        if let Err(err) = self.store.settle(held, charge).await {
            tracing::error!("A reservation stays charged until it is reconciled: {err}");
        }
    }

    fn labels(&self, tenant: &Tenant) -> [(&'static str, String); 2] {
        [("model", self.config.model.clone()), ("tenant", tenant.to_string())]
    }

    async fn count_usage(&self, tenant: &Tenant, now: Timestamp, event: UsageEvent) {
        let day = BudgetDay::of(now, &self.config.zone);
        let of = (tenant, self.config.model.as_str(), day);
        if let Err(err) = self.store.count_usage(of, event).await {
            tracing::warn!("The ledger lacks an event that costs nothing: {err}");
        }
    }

    async fn release(&self, unused: Option<Reservation>) {
        let Some(held) = unused else { return };
        if let Err(err) = self.store.release(held).await {
            tracing::error!("A reservation stays charged until it is reconciled: {err}");
        }
    }

    fn failed(&self, case: &Case<'_>) {
        if self.breaker().failed(case.now().as_millisecond()) {
            let (failures, rest_ms) = (self.config.breaker.failures, self.config.breaker.rest_ms);
            tracing::error!(
                rest_ms,
                "The circuit breaker is open after {failures} failures in a row"
            );
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the tokens and returns what they cost: all that is reserved if no usage is reported.
    fn count(
        &self,
        case: &Case<'_>,
        completion: &Completion,
        (held, bytes): (&Reservation, usize),
        llm: &mut LlmEvidence,
    ) -> Charge {
        let Some(usage) = completion.usage else {
            return Charge { cost: held.max(), ..Charge::default() };
        };
        let (input, output) = (usage.prompt_tokens, usage.completion_tokens);
        llm.input_tokens += input;
        llm.output_tokens += output;
        for (kind, tokens) in [("input", input), ("output", output)] {
            let [model, tenant] = self.labels(case.tenant);
            let labels = [model, tenant, ("kind", kind.to_owned())];
            counter!("llm_tokens_total", &labels).increment(tokens);
        }
        let bounds = (worst_case_input_tokens(bytes), u64::from(self.config.max_tokens));
        if input > bounds.0 || output > bounds.1 {
            // It is charged all the same, since the provider will bill it.
            tracing::error!(
                llm.input_tokens = input,
                llm.output_tokens = output,
                "The LLM's provider counts more tokens than the request can have"
            );
        }
        Charge {
            cost: self.config.prices.cost(input, output),
            input_tokens: input,
            output_tokens: output,
            ..Charge::default()
        }
    }
}
