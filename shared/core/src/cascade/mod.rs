//! The cascade: rules first, then the model, then, only in the uncertain band, the LLM. This module
//! combines their answers into a decision; the caller has to ask for them. It is pure, so that the
//! same answers always give the same decision.

pub mod alert;
pub mod alerting;
pub mod drift;
pub mod fixtures;
pub mod narrative;
pub mod reasons;

use std::iter;
use std::sync::Arc;

use crate::cascade::reasons::ReasonWriter;
use crate::case::alert_id::AlertId;
use crate::case::evidence::{
    CaseFacts, ChallengerEvidence, Evidence, Identification, LlmEvidence, ModelEvidence,
};
use crate::case::payment_details::{PaymentDetails, PaymentTerms};
use crate::case::risk::{self, Lines};
use crate::case::rules_verdict::{RuleOutcome, RulesVerdict};
use crate::case::shadow::ShadowEvidence;
use crate::case::verdict::{Cost, Decision, Level, Reason, ReasonSource, ReviewReason, Versions};
use crate::payment::transaction::Transaction;
use crate::payment::utc_time::UtcTime;
use crate::reference::Reference;
use crate::register::VersionedSet as _;
use crate::rules::{RuleSet, RuleTrace};
use crate::state::facts::Facts;
use crate::state::features::{Features, list_hash};
use crate::state::graph::Graph;
use crate::state::late::Lateness;
use crate::state::neighbourhood::Neighbourhood;
use crate::state::peers::PeerMark;
use crate::wording::numbers::in_percent;

/// Everything the first level needs. The two sets are shared, because each is loaded once and
/// combined with whichever set of the other register is in force.
pub struct Policy {
    pub reference: Arc<Reference>,
    pub rules: Arc<RuleSet>,
    /// The lines for alerts and reviews, from the rule set or from the operator.
    pub lines: Lines,
}

/// What the first level found about a transaction.
pub struct Examination {
    pub facts: Facts,
    pub details: PaymentDetails,
    /// Measures in which its accounts exceed most of their peers.
    pub peers: Vec<PeerMark>,
    pub features: Features,
    /// Evidence from two steps away, if a rule waited for it.
    pub graph: Option<Graph>,
    pub rules: RulesVerdict,
    pub lines: Lines,
}

/// The answers of the model and of everything on trial about an examined transaction.
#[derive(Debug, Default)]
pub struct Answers {
    pub model: Option<ModelEvidence>,
    pub challenger: Option<ChallengerEvidence>,
    pub shadows: Vec<ShadowEvidence>,
}

/// Most reasons from the model that a decision shows.
const MODEL_REASONS: usize = 3;
/// Shown if no single feature explains the score.
const WHOLE_PICTURE: &str = "The model finds this payment, taken as a whole, far more like those of \
                             launderers than an ordinary one is; no single figure explains it.";

impl Policy {
    /// Returns a policy with the rule set's own lines.
    pub fn new(reference: impl Into<Arc<Reference>>, rules: impl Into<Arc<RuleSet>>) -> Self {
        let (reference, rules) = (reference.into(), rules.into());
        let lines = rules.lines();
        Self { reference, rules, lines }
    }

    /// Runs the first level: features and rules.
    pub fn examine(
        &self,
        tx: &Transaction,
        facts: Facts,
        around: &Neighbourhood<'_>,
    ) -> Examination {
        let details = PaymentDetails::new(
            &facts,
            PaymentTerms::of(tx, &facts),
            Lateness::of(facts.at, around),
        );
        self.weigh(details, facts, Features::extract(&facts, around))
    }

    /// Does the same as [`Self::examine`] with features that are already known.
    pub fn weigh(&self, details: PaymentDetails, facts: Facts, features: Features) -> Examination {
        let peers = self.rules.marks(&facts, &features);
        let rules = self.rules.judge(&details, &features, None);
        Examination { facts, details, peers, features, graph: None, rules, lines: self.lines }
    }

    /// Judges again once the graph has been gathered.
    pub fn add_graph(&self, examined: &mut Examination, graph: Graph) {
        examined.rules = self.rules.judge(&examined.details, &examined.features, Some(&graph));
        examined.graph = Some(graph);
    }

    /// Returns the versions of everything a decision depends on; `model` is the model's hash.
    pub fn versions(&self, model: &str) -> Versions {
        Versions {
            core: env!("CARGO_PKG_VERSION").to_owned(),
            rules: self.rules.version().to_owned(),
            reference: self.reference.version().to_owned(),
            model: model.to_owned(),
            features: list_hash()[..16].to_owned(),
        }
    }
}

impl Examination {
    /// Returns whether to gather the graph: no rule alerts yet, and at least one waits for it.
    pub fn wants_graph(&self) -> bool {
        self.rules.waits_for_graph && !self.rules.alert
    }

    /// Returns whether to ask the model: always, unless a clearing rule has settled the case.
    pub fn wants_model(&self) -> bool {
        !self.rules.clear
    }

    /// Returns the decision without an LLM and without texts, for backtests of millions of rows.
    /// `probability` is `None` if the model was not asked.
    pub fn outcome(&self, probability: Option<f64>) -> Outcome {
        Outcome::of(RulesView::of(&self.rules), probability, self.lines, None)
    }

    /// Returns the evidence. If rules and model are unsure, [`Evidence::with_llm`] adds the LLM's
    /// answer.
    pub fn into_evidence(
        self,
        id: Identification,
        answers: Answers,
        versions: Versions,
    ) -> Evidence {
        let Answers { model, challenger, shadows } = answers;
        Evidence {
            msg_id: id.msg_id,
            transaction_hash: id.transaction_hash,
            facts: CaseFacts {
                timestamp: id.timestamp,
                sender_account: id.sender_account,
                receiver_account: id.receiver_account,
                details: self.details,
                peers: self.peers,
            },
            features: self.features.by_name(),
            graph: self.graph.map(|graph| graph.by_name()),
            rules: self.rules.fired,
            points: self.rules.points,
            rules_alert: self.rules.alert,
            rules_clear: self.rules.clear,
            lines: self.lines,
            model,
            challenger,
            llm: None,
            shadows,
            versions,
        }
    }
}

impl Evidence {
    /// Adds the LLM's answer.
    pub fn with_llm(self, llm: LlmEvidence) -> Self {
        Self { llm: Some(llm), ..self }
    }

    /// Returns whether to ask the LLM, because rules and model are unsure.
    pub fn is_uncertain(&self) -> bool {
        self.outcome_without_llm().review.is_some()
    }

    /// Returns whether the LLM's look is still to come.
    pub fn awaits_second_look(&self) -> bool {
        let unavailable = self.llm.as_ref().and_then(|llm| llm.unavailable);
        unavailable == Some(ReviewReason::SecondLook)
    }

    /// Returns the outcome of rules and model alone.
    pub fn outcome_without_llm(&self) -> Outcome {
        Outcome::of(self.rules_view(), self.probability(), self.lines, None)
    }

    /// Explains each rule of the set that judged, see [`RuleSet::explain`]. `None` if the evidence
    /// has another list of features, so that the rules cannot be judged again.
    pub fn explain_rules(&self, set: &RuleSet) -> Option<Vec<RuleTrace>> {
        let features = Features::from_names(&self.features)?;
        let graph = match &self.graph {
            Some(values) => Some(Graph::from_names(values)?),
            None => None,
        };
        Some(set.explain(&self.facts.details, &features, graph.as_ref()))
    }

    /// Returns the decision that follows from the evidence.
    pub fn decide(&self, decided_at: UtcTime) -> Decision {
        let llm = self.llm.as_ref();
        let outcome = Outcome::of(self.rules_view(), self.probability(), self.lines, llm);
        let surfaced = outcome.is_surfaced();
        let reasons = self.reasons(surfaced);
        let mut typologies: Vec<String> = Vec::new();
        for typology in reasons.iter().filter_map(|reason| reason.typology.as_ref()) {
            // The strongest comes first; several rules may name the same typology.
            if !typologies.contains(typology) {
                typologies.push(typology.clone());
            }
        }
        Decision {
            msg_id: self.msg_id.clone(),
            risk_score: outcome.risk_score,
            alert: outcome.alert,
            alert_id: surfaced.then(|| AlertId::of(&self.msg_id)),
            attached: false,
            level: outcome.level,
            review: outcome.review,
            explanation: self.explanation(&outcome, &reasons),
            reasons,
            typologies,
            late: self.facts.details.late,
            notes: self.facts.details.notes,
            versions: self.versions.clone(),
            cost: self.llm.as_ref().map_or_else(Cost::default, cost),
            decided_at,
        }
    }

    fn explanation(&self, outcome: &Outcome, reasons: &[Reason]) -> String {
        let assessment = self.llm.as_ref().and_then(|llm| llm.assessment.as_ref());
        let mut said = match assessment {
            // Its own words hold placeholders, which only an analyst's explanation resolves.
            Some(assessment) if outcome.level == Level::Llm => {
                let unsure =
                    "Alert: rules and model were unsure, and the LLM found the payment suspicious.";
                let findings = assessment.findings.iter().map(|finding| finding.sentence());
                iter::once(unsure).chain(findings).collect::<Vec<_>>().join(" ")
            }
            _ => why(outcome, reasons),
        };
        if let Some(late) = self.facts.details.late {
            said.push(' ');
            said.push_str(&late.sentence());
        }
        said
    }

    fn rules_view(&self) -> RulesView {
        RulesView { points: self.points, alert: self.rules_alert, clear: self.rules_clear }
    }

    fn probability(&self) -> Option<f64> {
        self.model.as_ref().map(|model| model.probability)
    }

    /// Returns reasons for the features that raised the risk most and have a convincing sentence,
    /// one per subject.
    fn model_reasons(&self, model: &ModelEvidence) -> Vec<Reason> {
        let teller = ReasonWriter::of(&self.facts, &self.features);
        // A subject that a rule has already covered is not repeated.
        let mut subjects: Vec<&str> =
            self.rules.iter().map(|rule| rule.evidence.as_str()).collect();
        let raising = model.contributions.iter().filter(|c| c.contribution > 0.0);
        let told = raising.filter_map(|c| {
            let said = teller.sentence(&c.feature)?;
            let again = subjects.contains(&said.subject);
            subjects.push(said.subject);
            (!again).then(|| Reason {
                source: ReasonSource::Model,
                code: c.feature.clone(),
                typology: None,
                text: said.text,
                weight: round6(c.contribution),
            })
        });
        told.take(MODEL_REASONS).collect()
    }

    fn reasons(&self, with_model: bool) -> Vec<Reason> {
        let mut rules: Vec<&RuleOutcome> = self.rules.iter().collect();
        // Rules that alert by themselves lead, then those with the most points.
        rules.sort_by(|a, b| b.alerts.cmp(&a.alerts).then(b.points.total_cmp(&a.points)));
        let mut reasons: Vec<Reason> = rules
            .into_iter()
            .map(|rule| Reason {
                source: ReasonSource::Rule,
                code: rule.id.clone(),
                typology: (rule.typology != "none").then(|| rule.typology.clone()),
                text: rule.text.clone(),
                weight: rule.points,
            })
            .collect();
        if let Some(model) = self.model.as_ref().filter(|_| with_model) {
            reasons.extend(self.model_reasons(model));
            if reasons.is_empty() {
                reasons.push(Reason {
                    source: ReasonSource::Model,
                    code: "model".to_owned(),
                    typology: None,
                    text: WHOLE_PICTURE.to_owned(),
                    weight: 0.0,
                });
            }
        }
        let assessment = self.llm.as_ref().and_then(|llm| llm.assessment.as_ref());
        if let Some(assessment) = assessment.filter(|assessment| assessment.suspicious) {
            // Without it the payment would not be an alert.
            let leads = Reason {
                source: ReasonSource::Llm,
                code: "llm".to_owned(),
                typology: None,
                text: assessment.sentences().join(" "),
                weight: assessment.risk,
            };
            reasons.insert(0, leads);
        }
        reasons
    }
}

/// The part of the rules' verdict that the outcome depends on.
#[derive(Clone, Copy)]
struct RulesView {
    points: f64,
    alert: bool,
    clear: bool,
}

impl RulesView {
    fn of(rules: &RulesVerdict) -> Self {
        Self { points: rules.points, alert: rules.alert, clear: rules.clear }
    }
}

/// A decision without its texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    pub level: Level,
    /// Whether the payment alerts.
    pub alert: bool,
    /// Set if no level could settle the case, so that a person has to.
    pub review: Option<ReviewReason>,
    /// The probability of laundering, see [`crate::case::risk`].
    pub risk_score: f64,
}

impl Outcome {
    /// Returns whether a person sees it, as an alert or as a review.
    pub fn is_surfaced(&self) -> bool {
        self.alert || self.review.is_some()
    }

    fn of(
        rules: RulesView,
        probability: Option<f64>,
        lines: Lines,
        llm: Option<&LlmEvidence>,
    ) -> Self {
        // An alert outranks a clearing, here as in the verdict.
        if rules.clear && !rules.alert {
            return Self { level: Level::Rules, alert: false, review: None, risk_score: 0.0 };
        }
        let risk = round6(risk::of(probability, rules.points));
        if !rules.alert && lines.is_unsure(risk) {
            return Self::with_llm(llm, risk, lines);
        }
        let alert = rules.alert || risk >= lines.alert;
        // An alert counts as the rules' if they would have sufficed without the model.
        let by_rules = rules.alert || risk::of(None, rules.points) >= lines.alert;
        let level = if alert && by_rules { Level::Rules } else { Level::Model };
        Self { level, alert, review: None, risk_score: risk }
    }

    /// Decides in the uncertain band. The LLM can raise the risk to an alert; whatever else it says,
    /// a person looks.
    fn with_llm(llm: Option<&LlmEvidence>, risk: f64, lines: Lines) -> Self {
        let held =
            |why| Self { level: Level::Model, alert: false, review: Some(why), risk_score: risk };
        let Some(llm) = llm else { return held(ReviewReason::LlmNotConfigured) };
        match &llm.assessment {
            Some(assessment) if assessment.suspicious => Self {
                level: Level::Llm,
                alert: true,
                review: None,
                risk_score: round6(risk.max(risk::of_llm(assessment.risk, lines))),
            },
            Some(_) => held(ReviewReason::LlmFoundNothing),
            None => held(llm.unavailable.unwrap_or(ReviewReason::LlmFailed)),
        }
    }
}

fn why(outcome: &Outcome, reasons: &[Reason]) -> String {
    let strongest = reasons.first().map_or("", |reason| reason.text.as_str());
    match (outcome.alert, outcome.review) {
        (true, _) if strongest.is_empty() => {
            format!("Alert: the risk is {}.", in_percent(outcome.risk_score))
        }
        (true, _) => format!("Alert: {strongest}"),
        (false, Some(why)) => format!(
            "For review: the risk of {} lies between the lines, and {}. {strongest}",
            in_percent(outcome.risk_score),
            why.words(),
        )
        .trim_end()
        .to_owned(),
        (false, None) if outcome.level == Level::Rules => format!("Cleared by rule: {strongest}"),
        (false, None) => "No level of the cascade found reason for an alert.".to_owned(),
    }
}

fn cost(llm: &LlmEvidence) -> Cost {
    Cost {
        llm_micro_usd: llm.cost_micro_usd,
        llm_input_tokens: llm.input_tokens,
        llm_output_tokens: llm.output_tokens,
    }
}

/// Rounds to six decimals: enough for a score, and the same bytes on every machine.
fn round6(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests;
