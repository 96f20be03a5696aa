//! The set in the shadow: judges each case beside the live one, and is counted once per batch.

use std::collections::HashMap;

use sentinel::cascade::Examined;
use sentinel::evidence::Evidence;
use sentinel::facts::Facts;
use sentinel::rules::{RuleSet, ShadowDifference, ShadowEvidence};
use sentinel::store::Surroundings;
use sentinel::tenant::Tenant;

use crate::App;

/// A decision taken beside a set in the shadow.
pub struct Beside {
    tenant: Tenant,
    version: String,
    seen: ShadowDifference,
}

/// Judges a case by the shadow set. Where only the shadow wants to see the graph, it is gathered
/// for it alone and left out of the evidence, which holds what the verdict rests on. None where
/// the graph cannot be had: the shadow waits for nothing and fails nothing.
pub async fn judge(
    app: &App,
    tenant: &Tenant,
    facts: &Facts,
    around: &Surroundings,
    examined: &Examined,
    set: &RuleSet,
    probability: Option<f64>,
) -> Option<ShadowEvidence> {
    let judged = |graph| set.judge(&examined.case, &examined.features, graph);
    let mut verdict = judged(examined.graph.as_ref());
    if verdict.waits_for_graph && !verdict.alert {
        let graph = app.store.graph(tenant, facts, around).await;
        let graph = graph.inspect_err(|err| {
            tracing::warn!("The set in the shadow goes without this decision: {err}");
        });
        verdict = judged(Some(&graph.ok()?));
    }
    Some(ShadowEvidence::beside(&examined.rules, set, &verdict, probability))
}

impl Beside {
    /// What is counted of a decision that was written; None without a shadow.
    pub fn of(tenant: &Tenant, evidence: &Evidence, decided_at: &str) -> Option<Self> {
        let shadow = evidence.shadow.as_ref()?;
        let agreement = shadow.agreement(evidence.outcome_without_llm().alert);
        metrics::counter!("shadow_decisions_total", "agreement" => agreement.code()).increment(1);
        Some(Self {
            tenant: tenant.clone(),
            version: shadow.version.clone(),
            seen: ShadowDifference {
                msg_id: evidence.msg_id.clone(),
                decided_at: decided_at.to_owned(),
                agreement,
                gained: shadow.gained.clone(),
                lost: shadow.lost.clone(),
            },
        })
    }
}

/// Adds a batch to the counts, one write per tenant and set.
pub async fn count(app: &App, batch: Vec<Beside>) {
    let mut by_set: HashMap<(Tenant, String), Vec<ShadowDifference>> = HashMap::new();
    for beside in batch {
        by_set.entry((beside.tenant, beside.version)).or_default().push(beside.seen);
    }
    for ((tenant, version), seen) in by_set {
        if let Err(err) = app.store.count_shadow(&tenant, &version, &seen).await {
            tracing::warn!("Decisions beside the shadow set are not counted: {err}");
        }
    }
}
