//! Runs the first two levels of the cascade, rules and model. Where they are unsure, the decision
//! waits for the third.

use std::time::Instant;

use sentinel::cascade::Answers;
use sentinel::case::evidence::{Evidence, Identification, LlmEvidence};
use sentinel::case::notes::Note;
use sentinel::case::verdict::ReviewReason;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::state::facts::Facts;
use sentinel::state::features::Features;
use store::Surroundings;

use crate::App;
use crate::error::ScoreError;
use crate::policies::PolicyInForce;
use crate::shadow::{self, LiveJudgement};

/// A judged transaction.
pub struct Judgement {
    pub features: Features,
    pub evidence: Evidence,
}

/// Judges a transaction against its surroundings. `note` says what is unusual about its effect on
/// its accounts.
pub async fn judge(
    app: &App,
    in_force: &PolicyInForce,
    queued: &QueueMessage,
    facts: &Facts,
    around: &Surroundings,
    note: Option<Note>,
) -> Result<Judgement, ScoreError> {
    let (tenant, tx) = (&queued.tenant, &queued.transaction);
    let policy = &in_force.policy;
    let rules_started = Instant::now();
    let mut examined = policy.examine(tx, *facts, &around.neighbourhood());
    examined.details.notes.extend(note);
    measure("rules", rules_started);
    if examined.wants_graph() {
        let graph_started = Instant::now();
        let graph = app.store.graph(tenant, facts, around).await?;
        policy.add_graph(&mut examined, graph);
        measure("graph", graph_started);
    }
    let model = if examined.wants_model() {
        let model_started = Instant::now();
        let evidence = app.model.evidence(&examined.features)?;
        measure("model", model_started);
        Some(evidence)
    } else {
        None
    };
    let live = LiveJudgement { tenant, tx, around, examined: &examined, model: model.as_ref() };
    let mut shadows = Vec::with_capacity(in_force.trials.len());
    for trial in &in_force.trials {
        shadows.extend(shadow::compare(app, &live, trial).await);
    }
    let challenger = model.as_ref().and_then(|_| app.watch.challenge(&examined));
    let versions = policy.versions(app.model.hash());
    let features = examined.features.clone();
    let id = Identification::of(tx, queued.content_hash.clone());
    let evidence = examined.into_evidence(id, Answers { model, challenger, shadows }, versions);
    if !evidence.is_uncertain() {
        return Ok(Judgement { features, evidence });
    }
    let why = match app.second_looks {
        Some(_) => ReviewReason::SecondLook,
        None => ReviewReason::LlmNotConfigured,
    };
    let evidence = evidence.with_llm(LlmEvidence::without_answer("", why));
    Ok(Judgement { features, evidence })
}

fn measure(level: &'static str, started: Instant) {
    let latency_ms = started.elapsed().as_secs_f64() * 1_000.0;
    metrics::histogram!("cascade_latency_ms", "level" => level).record(latency_ms);
}
