//! Sets in the shadow: each payment is judged with them beside the live sets, and the results are
//! counted once per batch.

use std::collections::HashMap;

use sentinel::cascade::Examination;
use sentinel::case::evidence::{Evidence, ModelEvidence};
use sentinel::case::shadow::{ShadowDifference, ShadowEvidence};
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::Transaction;
use sentinel::payment::utc_time::UtcTime;
use sentinel::register::Register;
use sentinel::state::facts::Facts;
use store::Surroundings;

use crate::App;
use crate::policies::Trial;

/// The comparison of a decision with a set in the shadow.
pub struct ShadowResult {
    tenant: Tenant,
    version: String,
    difference: ShadowDifference,
}

/// A payment as it was judged with the live sets.
pub struct LiveJudgement<'a> {
    pub tenant: &'a Tenant,
    pub tx: &'a Transaction,
    pub around: &'a Surroundings,
    pub examined: &'a Examination,
    pub model: Option<&'a ModelEvidence>,
}

/// Judges a payment with a set in the shadow and returns how the outcome differs. If only this set
/// needs the graph, it is gathered for the comparison and left out of the evidence, which holds
/// what the verdict rests on. `None` if the graph or the model's answer is not available: a set in
/// the shadow must not make a decision fail.
pub async fn compare(app: &App, live: &LiveJudgement<'_>, trial: &Trial) -> Option<ShadowEvidence> {
    let mut examination = examine(live, trial);
    if examination.wants_graph() {
        let graph = app.store.graph(live.tenant, &examination.facts, live.around).await;
        let graph = graph.inspect_err(|err| {
            tracing::warn!("The set in the shadow goes without this decision: {err}");
        });
        trial.policy.add_graph(&mut examination, graph.ok()?);
    }
    let probability = match live.model {
        _ if !examination.wants_model() => None,
        Some(model) if examination.features == live.examined.features => Some(model.probability),
        _ => {
            let risk = app.model.risk(&app.model.row(examination.features.values()));
            let risk = risk.inspect_err(|err| {
                tracing::warn!("The set in the shadow goes without this decision: {err}");
            });
            Some(risk.ok()?.probability())
        }
    };
    let of = (trial.register, trial.version());
    let alert = examination.outcome(probability).alert;
    Some(ShadowEvidence::comparing(of, &live.examined.rules, &examination.rules, alert))
}

/// Runs the first level with the policy on trial. Facts and features are the live ones unless
/// reference data is on trial; even then the accounts' sums are those counted with the live sets.
fn examine(live: &LiveJudgement<'_>, trial: &Trial) -> Examination {
    let examined = live.examined;
    let policy = &trial.policy;
    let mut examination = match trial.register {
        Register::Rules => {
            policy.weigh(examined.details, examined.facts, examined.features.clone())
        }
        Register::Reference => {
            let facts = Facts::of(live.tx, &policy.reference);
            policy.examine(live.tx, facts, &live.around.neighbourhood())
        }
    };
    if let Some(graph) = examined.graph {
        policy.add_graph(&mut examination, graph);
    }
    examination
}

impl ShadowResult {
    /// Returns the results of a recorded decision, one for each set in the shadow.
    pub fn of(tenant: &Tenant, evidence: &Evidence, decided_at: UtcTime) -> Vec<Self> {
        let alert = evidence.outcome_without_llm().alert;
        let shadow_result = evidence.shadows.iter().map(|shadow| {
            let agreement = shadow.agreement(alert);
            let (register, code) = (shadow.register.code(), agreement.code());
            let labels = [("register", register), ("agreement", code)];
            metrics::counter!("shadow_decisions_total", &labels).increment(1);
            Self {
                tenant: tenant.clone(),
                version: shadow.version.clone(),
                difference: ShadowDifference {
                    msg_id: evidence.msg_id.clone(),
                    decided_at,
                    agreement,
                    gained: shadow.gained.clone(),
                    lost: shadow.lost.clone(),
                },
            }
        });
        shadow_result.collect()
    }
}

/// Adds the results of a batch to the counts, with one write per tenant and set.
pub async fn count(app: &App, batch: Vec<ShadowResult>) {
    let mut by_set: HashMap<(Tenant, String), Vec<ShadowDifference>> = HashMap::new();
    for shadow_result in batch {
        by_set
            .entry((shadow_result.tenant, shadow_result.version))
            .or_default()
            .push(shadow_result.difference);
    }
    for ((tenant, version), differences) in by_set {
        if let Err(err) = app.store.count_shadow(&tenant, &version, &differences).await {
            tracing::warn!("Comparisons with the set in the shadow are not counted: {err}");
        }
    }
}
