//! The one place where the backtest uses the core: the same calls in the same order as the function
//! `score`, with the account state in memory and no LLM configured.

use std::sync::Arc;

use jiff::Timestamp;
use model::{Model, ModelError};
use sentinel::cascade::{Answers, Examination, Outcome, Policy};
use sentinel::case::evidence::Identification;
use sentinel::case::risk;
use sentinel::case::risk::Lines;
use sentinel::case::rules_verdict::RulesVerdict;
use sentinel::case::verdict::Decision;
use sentinel::payment::account_id::AccountId;
use sentinel::payment::transaction::{Account, ContentHash, MsgId};
use sentinel::payment::utc_time::UtcTime;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::rules::{Effect, Rule, RuleSet};
use sentinel::state::facts::Facts;
use sentinel::state::features::Features;
use sentinel::state::late::Lateness;
use sentinel::state::memory::Memory;

use super::stopwatch::{Stage, Stopwatch};
use crate::history::{Event, History};

/// The cascade in force, and the rule set it is compared with.
pub(crate) struct Judge {
    policy: Policy,
    against: Option<Policy>,
    model: Option<Arc<Model>>,
    /// The model for `against`; `None` if it is the same.
    against_model: Option<Model>,
}

/// A transaction as each rule set examined it.
pub(super) struct Examinations {
    pub(super) examined: Examination,
    pub(super) against: Option<Box<Examination>>,
}

/// The outcome for a transaction under each rule set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judgement {
    pub(super) outcome: Outcome,
    pub(super) against: Option<Outcome>,
    /// The model's probability, if it was asked.
    pub(super) probability: Option<f64>,
}

impl Judge {
    pub(crate) fn new(
        policy: Policy,
        against: Option<RuleSet>,
        model: Option<Model>,
        against_model: Option<Model>,
    ) -> Self {
        let reference = &policy.reference;
        let against = against.map(|rules| Policy::new(Arc::clone(reference), rules));
        Self { policy, against, model: model.map(Arc::new), against_model }
    }

    /// The same reference data and model with another rule set, and no comparison.
    pub(crate) fn under(&self, rules: RuleSet) -> Self {
        let policy = Policy::new(Arc::clone(&self.policy.reference), rules);
        Self { policy, against: None, model: self.model.clone(), against_model: None }
    }

    pub(crate) fn rules(&self) -> &RuleSet {
        &self.policy.rules
    }

    pub(crate) fn reference(&self) -> &Reference {
        &self.policy.reference
    }

    pub(crate) fn lines(&self) -> Lines {
        self.policy.lines
    }

    /// What the rule set is compared with: other rules, and the other model if there is one.
    pub(super) fn against(&self) -> Option<String> {
        let rules = self.against.as_ref()?.rules.version();
        let model = self.against_model.as_ref().map(|model| format!(", model {}", model.hash()));
        Some(format!("{rules}{}", model.unwrap_or_default()))
    }

    pub(crate) fn model(&self) -> Option<&Model> {
        self.model.as_deref()
    }

    /// First level: features and rules, and the graph if a rule needs it.
    pub(super) fn examine(
        &self,
        event: &Event,
        memory: &Memory,
        watch: &mut Stopwatch,
    ) -> Examinations {
        let around = memory.neighbourhood(&event.facts);
        watch.lap(Stage::Profiles);
        let features = Features::extract(&event.facts, &around);
        watch.lap(Stage::Features);
        let details = event.details(Lateness::of(event.facts.at, &around));
        let weigh = |policy: &Policy, features: Features| {
            let mut examined = policy.weigh(details, event.facts, features);
            if examined.wants_graph() {
                policy.add_graph(&mut examined, memory.graph(&event.facts, &around));
            }
            examined
        };
        let against = self.against.as_ref().map(|policy| Box::new(weigh(policy, features.clone())));
        let examined = weigh(&self.policy, features);
        watch.lap(Stage::Rules);
        Examinations { examined, against }
    }

    /// Second level: the model, asked about many rows at once, and the outcomes.
    pub(super) fn judge(
        &self,
        examinations: &[Examinations],
    ) -> Result<Vec<Judgement>, ModelError> {
        let own = probabilities(self.model(), examinations)?;
        let others = match &self.against_model {
            None => own.clone(),
            Some(model) => probabilities(Some(model), examinations)?,
        };
        let judged = examinations.iter().zip(own).zip(others).map(|((examination, own), other)| {
            let outcome = |examined: &Examination, probability: Option<f64>| {
                examined.outcome(probability.filter(|_| examined.wants_model()))
            };
            Judgement {
                outcome: outcome(&examination.examined, own),
                against: examination.against.as_deref().map(|examined| outcome(examined, other)),
                probability: own.filter(|_| examination.examined.wants_model()),
            }
        });
        Ok(judged.collect())
    }

    /// The rules of the set in force that fired.
    pub(super) fn fired<'a>(
        &'a self,
        examination: &'a Examinations,
    ) -> impl Iterator<Item = (usize, &'a Rule)> + 'a {
        let mut rules = self.policy.rules.rules().iter().enumerate();
        let fired = examination.examined.rules.fired.iter();
        fired.filter_map(move |fired| rules.find(|(_, rule)| rule.id == fired.id))
    }

    /// Whether a transaction would still alert without one of the rules that fired.
    pub(super) fn alerts_without(
        &self,
        examination: &mut Examinations,
        judged: &Judgement,
        rule: usize,
    ) -> bool {
        let verdict = &examination.examined.rules;
        let alerts = |(at, other): (usize, &Rule)| at != rule && other.effect == Effect::Alert;
        let alert = self.fired(examination).any(alerts);
        let others = self.fired(examination).filter(|(at, _)| *at != rule);
        let points = risk::points(others.map(|(_, rule)| (rule.evidence.as_str(), rule.points)));
        let without = RulesVerdict { fired: Vec::new(), points, alert, ..*verdict };
        let whole = std::mem::replace(&mut examination.examined.rules, without);
        let outcome = examination.examined.outcome(judged.probability);
        examination.examined.rules = whole;
        outcome.alert
    }

    /// The whole decision, as the API would answer it; with `by_against`, that of the other rule set.
    /// It is decided at the time of the payment, because the backtest has no other clock.
    pub(super) fn decide(
        &self,
        history: &History,
        event: &Event,
        examination: Examinations,
        by_against: bool,
    ) -> Result<Decision, ModelError> {
        let own = self.model();
        let (policy, mut examined, asked) = match (&self.against, examination.against) {
            (Some(policy), Some(examined)) if by_against => {
                let other = self.against_model.as_ref();
                (policy, *examined, other.or(own))
            }
            _ => (&self.policy, examination.examined, own),
        };
        let model = match asked {
            Some(model) if examined.wants_model() => Some(model.evidence(&examined.features)?),
            _ => None,
        };
        let versions = policy.versions(asked.map_or("none", Model::hash));
        let decided_at = UtcTime::from(timestamp(examined.facts.at));
        examined.details.notes.extend(history.note(event));
        let id = identification(history.msg_id(event), &examined.facts, decided_at);
        let answers = Answers { model, ..Answers::default() };
        Ok(examined.into_evidence(id, answers, versions).decide(decided_at))
    }
}

/// A history keeps neither account numbers nor contents, and no decision quotes them.
fn identification(msg_id: MsgId, facts: &Facts, at: UtcTime) -> Identification {
    let account = |id: AccountId| Account::parse(&format!("{:016x}", id.0));
    Identification {
        msg_id,
        transaction_hash: ContentHash::default(),
        timestamp: at.to_string().try_into().expect("the time of a payment that was read"),
        sender_account: account(facts.sender).expect("16 digits"),
        receiver_account: account(facts.receiver).expect("16 digits"),
    }
}

/// The model's probability for each row; `None` without a model.
fn probabilities(
    model: Option<&Model>,
    examinations: &[Examinations],
) -> Result<Vec<Option<f64>>, ModelError> {
    let Some(model) = model else { return Ok(vec![None; examinations.len()]) };
    let rows =
        examinations.iter().map(|examination| model.row(examination.examined.features.values()));
    let risks = model.risk_batch(&rows.collect::<Vec<_>>())?;
    Ok(risks.into_iter().map(|risk| Some(risk.probability())).collect())
}

/// Seconds since the Unix epoch, as a report shows them.
pub(crate) fn moment(at: f64) -> String {
    timestamp(at).to_string()
}

#[expect(clippy::cast_possible_truncation, reason = "a time of the calendar in microseconds")]
fn timestamp(at: f64) -> Timestamp {
    Timestamp::from_microsecond((at * 1e6).round() as i64).unwrap_or_default()
}
