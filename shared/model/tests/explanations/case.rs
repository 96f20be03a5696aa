//! A case: its file, and how the core gets from the history to the texts of the decision.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use model::Model;
use sentinel::cascade::alerting::Severity;
use sentinel::cascade::fixtures::payments;
use sentinel::cascade::narrative::{Explanation, Names};
use sentinel::cascade::{Answers, Policy};
use sentinel::case::alert_id::AlertId;
use sentinel::case::evidence::{Evidence, Identification};
use sentinel::case::notes::Note;
use sentinel::case::reversal::ReversiblePayment;
use sentinel::case::verdict::{Decision, ReasonSource};
use sentinel::payment::transaction::{Kind, Transaction};
use sentinel::payment::utc_time::UtcTime;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::rules::RuleSet;
use sentinel::state::facts::Facts;
use sentinel::state::memory::Memory;

/// The policy and the model embedded in this version.
pub struct Bench {
    pub policy: Policy,
    pub model: Model,
}

/// A history, in order of arrival, and the payment judged after it. A file's lines are written like
/// those of the rules' fixtures; the judged payment's begins with `judged`, a comment with `#`.
pub struct Case {
    pub name: String,
    pub history: Vec<Transaction>,
    pub judged: Transaction,
}

/// A case with its decision.
pub struct JudgedCase<'a> {
    pub case: &'a Case,
    pub evidence: Evidence,
    pub decision: Decision,
}

impl Bench {
    pub fn new() -> Self {
        let rules = RuleSet::embedded().unwrap_or_else(|error| panic!("{error}"));
        let policy = Policy::new(Reference::embedded().unwrap(), rules);
        Self { policy, model: Model::embedded().unwrap() }
    }
}

/// The case files with this extension.
pub fn files(ending: &'static str) -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explanations/cases");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(move |path| path.extension().is_some_and(|found| found == ending))
}

pub fn name(path: PathBuf) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

impl Case {
    /// Every case, by name.
    pub fn all() -> Vec<Self> {
        let mut cases: Vec<Self> = files("txt").map(Self::read).collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        cases
    }

    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let name = name(path);
        let parse = |line: &str| payments(line).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (mut history, mut judged) = (Vec::new(), None);
        for line in text.lines() {
            match line.strip_prefix("judged ") {
                Some(line) => judged = parse(line).pop(),
                None if line.is_empty() || line.starts_with('#') => {}
                None => history.extend(parse(line)),
            }
        }
        let judged = judged.unwrap_or_else(|| panic!("{name} judges no payment"));
        Self { name, history, judged }
    }

    /// Judges the payment as the function `score` does when no LLM is configured.
    pub fn judged(&self, bench: &Bench) -> JudgedCase<'_> {
        let policy = &bench.policy;
        let mut memory = Memory::default();
        for tx in &self.history {
            match self.takes_back(tx, policy) {
                Ok(original) => memory.take_back(&original.facts),
                Err(_) => memory.apply(&Facts::of(tx, &policy.reference)),
            }
        }
        let tx = &self.judged;
        let facts = Facts::of(tx, &policy.reference);
        let around = memory.neighbourhood(&facts);
        let mut examined = policy.examine(tx, facts, &around);
        examined.details.notes.extend(self.takes_back(tx, policy).err().flatten());
        if examined.wants_graph() {
            policy.add_graph(&mut examined, memory.graph(&facts, &around));
        }
        let asked = examined.wants_model();
        let model = asked.then(|| bench.model.evidence(&examined.features).unwrap());
        let versions = policy.versions(bench.model.hash());
        let id = Identification::of(tx, tx.content_hash());
        let answers = Answers { model, ..Answers::default() };
        let evidence = examined.into_evidence(id, answers, versions);
        let decision = evidence.decide(now());
        JudgedCase { case: self, evidence, decision }
    }

    /// The payment that a reversal takes back, or a note why there is none; `Err(None)` for
    /// payments of any other kind.
    fn takes_back(
        &self,
        tx: &Transaction,
        policy: &Policy,
    ) -> Result<ReversiblePayment, Option<Note>> {
        if tx.kind != Kind::Reversal {
            return Err(None);
        }
        let paid = |tx: &Transaction| ReversiblePayment::of(tx, Facts::of(tx, &policy.reference));
        let named = tx.original_msg_id.as_ref();
        let original = self.history.iter().find(|known| Some(&known.msg_id) == named).map(&paid);
        match paid(tx).obstacle(original.as_ref(), false) {
            Some(note) => Err(Some(note)),
            None => original.ok_or(None),
        }
    }
}

impl JudgedCase<'_> {
    /// What an analyst reads: the decision, its reasons, and the explanation of an alert or a
    /// review.
    pub fn text(&self) -> String {
        let Self { decision, .. } = self;
        let surfaced = decision.alert_id.as_ref();
        let severity = Severity::of(decision.risk_score, decision.alert).code();
        let queue = match (decision.alert, surfaced) {
            (true, _) => format!("Alert, {severity}"),
            (false, Some(_)) => format!("Review, {severity}"),
            (false, None) => "Quiet".to_owned(),
        };
        let mut text =
            format!("{queue}, risk {:.2}\n{}\n", decision.risk_score, decision.explanation);
        if !decision.reasons.is_empty() {
            text += "\nReasons\n";
        }
        for reason in &decision.reasons {
            let source = match reason.source {
                ReasonSource::Rule => "rule",
                ReasonSource::Model => "model",
                ReasonSource::Llm => "LLM",
            };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{source} {}: {}", reason.code, reason.text);
        }
        if surfaced.is_some() {
            text += "\nExplanation\n";
            for sentence in self.explanation().sentences {
                text += &format!("{}\n", sentence.text);
            }
        }
        text
    }

    pub fn explanation(&self) -> Explanation {
        let names = Names::of(&self.case.judged);
        let own = AlertId::of(&self.decision.msg_id);
        let alert_id = self.decision.alert_id.clone().unwrap_or(own);
        Explanation::of(alert_id, &self.decision, &self.evidence, names, now())
    }
}

/// A fixed time; no text says when the case was decided.
fn now() -> UtcTime {
    UtcTime::parse("2026-11-25T10:00:00Z").unwrap()
}
