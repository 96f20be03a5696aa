//! A round of the guard.

use jiff::Timestamp;
use lambda_runtime::Error;
use sentinel::json::{Value, json};
use sentinel::spend::budget::Gate;
use sentinel::spend::notice::{GateNews, GateNotice};
use store::guard::Round;

use crate::App;

pub async fn handle(app: &App, now: Timestamp) -> Result<Value, Error> {
    let round = app.store.guard_round(&app.limits, &app.zone, now).await?;
    measure(app, &round);
    if round.is_news() {
        publish(app, &round, now).await?;
    }
    app.store.remember_guard(&round.memory()).await?;
    Ok(json!({ "gate": round.ledger.gate.code() }))
}

fn measure(app: &App, round: &Round) {
    let gauge = |name: &'static str, value: u64| {
        // A day's micro-dollars stay far below 2^53.
        #[expect(clippy::cast_precision_loss, reason = "metrics are floats")]
        metrics::gauge!(name).set(value as f64);
    };
    gauge("budget_left_micro_usd", round.ledger.left(app.limits.budget).0);
    gauge("budget_spent_micro_usd", round.ledger.spent.0);
    gauge("budget_gate_closed", u64::from(round.ledger.gate != Gate::Open));
    if let Some(mean) = round.mean_latency_ms {
        gauge("llm_mean_latency_ms", mean);
    }
    metrics::counter!("reservations_reconciled_total").increment(round.reconciled);
    if round.reconciled > 0 {
        tracing::warn!(
            reconciled = round.reconciled,
            "Charged reservations that nobody settled; workers may have crashed"
        );
    }
}

async fn publish(app: &App, round: &Round, now: Timestamp) -> Result<(), Error> {
    let notice = GateNotice::of(&GateNews {
        day: round.day,
        ledger: &round.ledger,
        before: round.announced,
        budget: app.limits.budget,
        mean_latency_ms: round.mean_latency_ms,
        latency_threshold_ms: app.limits.latency_threshold_ms,
        now,
        zone: &app.zone,
    });
    let sent = app
        .sns
        .publish()
        .topic_arn(&app.topic)
        .subject(notice.subject())
        .message(sentinel::json::write(&notice))
        .send()
        .await;
    sent.map_err(|_| "the topic did not take the message")?;
    tracing::info!("{}", notice.text);
    Ok(())
}
