//! A round of the guard for every tenant. One tenant's failure does not stop the others' rounds; it
//! fails the invocation at the end, so that the alarm goes off.

use jiff::Timestamp;
use lambda_runtime::Error;
use sentinel::json::{Value, json};
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::Gate;
use store::guard::Round;
use store::ledger::LedgerError;

use crate::App;

/// Why a tenant's round failed.
#[derive(Debug, thiserror::Error)]
enum GuardError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the topic did not take the message")]
    Topic,
}

pub async fn handle(app: &App, now: Timestamp) -> Result<Value, Error> {
    let (mut failed, mut closed) = (0, 0_u32);
    for tenant in &app.tenants {
        match guard(app, tenant, now).await {
            Ok(gate) => closed += u32::from(gate != Gate::Open),
            Err(err) => {
                failed += 1;
                tracing::error!(%tenant, "The budget of {tenant} could not be guarded: {err}");
            }
        }
    }
    // CloudWatch does not sum over dimensions, and an alarm needs one number for all tenants.
    metrics::gauge!("budget_gates_closed").set(f64::from(closed));
    if failed > 0 {
        return Err(format!("{failed} of {} tenants failed", app.tenants.len()).into());
    }
    Ok(json!({ "tenants": app.tenants.len() }))
}

async fn guard(app: &App, tenant: &Tenant, now: Timestamp) -> Result<Gate, GuardError> {
    let round = app.store.guard_round(tenant, &app.limits, &app.zone, now).await?;
    measure(app, tenant, &round);
    if round.is_news() {
        publish(app, tenant, &round, now).await?;
    }
    app.store.remember_guard(tenant, &round.memory()).await?;
    Ok(round.ledger.gate)
}

fn measure(app: &App, tenant: &Tenant, round: &Round) {
    let tenant = tenant.to_string();
    let gauge = |name: &'static str, value: u64| {
        // A day's micro-dollars stay far below 2^53.
        #[expect(clippy::cast_precision_loss, reason = "metrics are floats")]
        metrics::gauge!(name, "tenant" => tenant.clone()).set(value as f64);
    };
    gauge("budget_left_micro_usd", round.ledger.left(app.limits.budget).0);
    gauge("budget_spent_micro_usd", round.ledger.spent.0);
    gauge("budget_gate_closed", u64::from(round.ledger.gate != Gate::Open));
    if let Some(mean) = round.mean_latency_ms {
        gauge("llm_mean_latency_ms", mean);
    }
    metrics::counter!("reservations_reconciled_total", "tenant" => tenant.clone())
        .increment(round.reconciled);
    if round.reconciled > 0 {
        tracing::warn!(
            reconciled = round.reconciled,
            "Charged reservations that nobody settled; workers may have crashed"
        );
    }
}

async fn publish(
    app: &App,
    tenant: &Tenant,
    round: &Round,
    now: Timestamp,
) -> Result<(), GuardError> {
    let (state, reason) = match round.ledger.gate {
        Gate::Open => ("open", None),
        Gate::Closed(reason) => ("closed", Some(reason.code())),
    };
    let message = json!({
        "type": "budget_gate",
        "tenant": tenant,
        "day": round.day.to_string(),
        "gate": state,
        "reason": reason,
        "budget_micro_usd": app.limits.budget.0,
        "spent_micro_usd": round.ledger.spent.0,
        "reserved_micro_usd": round.ledger.reserved().0,
        "mean_latency_ms": round.mean_latency_ms,
        "at": now.to_string(),
    });
    app.sns
        .publish()
        .topic_arn(&app.topic)
        .subject(format!("FinCrime Sentinel: LLM escalation of {tenant} is {state}"))
        .message(message.to_string())
        .send()
        .await
        .map_err(|_| GuardError::Topic)?;
    tracing::info!(%tenant, gate = state, reason, "LLM escalation of {tenant} is now {state}");
    Ok(())
}
