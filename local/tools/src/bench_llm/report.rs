//! The bench's figures: precision and recall of each level, what the LLM alone found, and what its
//! answers were worth.

use std::collections::BTreeMap;

use sentinel::case::evidence::LlmAssessment;
use sentinel::llm::findings::Finding;
use serde::Serialize;

use super::case::{Case, JudgedCase, Label};
use crate::terminal::table;

/// What the levels said of one case.
#[derive(Debug, Serialize)]
pub struct Outcome {
    id: String,
    kind: String,
    language: String,
    label: Label,
    rules: bool,
    model: bool,
    /// `None` if the LLM was not asked or gave no usable answer.
    llm: Option<bool>,
    findings: Vec<Finding>,
    sentences: u32,
    dropped_sentences: u32,
    /// Why there is no answer.
    pub failure: Option<String>,
    pub tokens: u64,
    pub cost_micro_usd: u64,
    pub latency_ms: u64,
}

impl Outcome {
    pub fn of(case: &Case, judged: &JudgedCase) -> Self {
        Self {
            id: case.id.clone(),
            kind: case.kind.clone(),
            language: case.language.clone(),
            label: case.label,
            rules: judged.rules,
            model: judged.model,
            llm: None,
            findings: Vec::new(),
            sentences: 0,
            dropped_sentences: 0,
            failure: None,
            tokens: 0,
            cost_micro_usd: 0,
            latency_ms: 0,
        }
    }

    pub fn assessed(&mut self, assessment: &LlmAssessment) {
        self.llm = Some(assessment.suspicious);
        self.findings.clone_from(&assessment.findings);
        self.sentences = assessment.kept_sentences;
        self.dropped_sentences = assessment.dropped_sentences;
    }
}

/// How well something tells suspicious cases from honest ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Accuracy {
    pub found: u32,
    pub suspicious: u32,
    pub false_alarms: u32,
    pub honest: u32,
}

impl Accuracy {
    fn of<'a>(
        outcomes: impl Iterator<Item = &'a Outcome>,
        says: impl Fn(&Outcome) -> Option<bool>,
    ) -> Self {
        let mut accuracy = Self::default();
        for (outcome, said) in outcomes.filter_map(|outcome| Some((outcome, says(outcome)?))) {
            match outcome.label {
                Label::Suspicious => {
                    accuracy.suspicious += 1;
                    accuracy.found += u32::from(said);
                }
                Label::Honest => {
                    accuracy.honest += 1;
                    accuracy.false_alarms += u32::from(said);
                }
            }
        }
        accuracy
    }

    fn cells(self) -> [String; 4] {
        let share = |part: u32, whole: u32| match whole {
            0 => "–".to_owned(),
            _ => format!("{:.0} %", 100.0 * f64::from(part) / f64::from(whole)),
        };
        [
            format!("{} of {}", self.found, self.suspicious),
            format!("{} of {}", self.false_alarms, self.honest),
            share(self.found, self.suspicious),
            share(self.found, self.found + self.false_alarms),
        ]
    }
}

/// The figures of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The LLM; `None` if only rules and model were measured.
    llm: Option<String>,
    /// What its server accepts of a request.
    dialect: Option<String>,
    outcomes: Vec<Outcome>,
}

impl Report {
    pub fn new(llm: Option<String>, dialect: Option<String>, outcomes: Vec<Outcome>) -> Self {
        Self { llm, dialect, outcomes }
    }

    pub fn text(&self) -> String {
        let all = || self.outcomes.iter();
        let rows = [
            ("rules alone", Accuracy::of(all(), |one| Some(one.rules))),
            ("rules and model", Accuracy::of(all(), |one| Some(one.model))),
            ("the LLM", Accuracy::of(all(), |one| one.llm)),
            ("any of them", Accuracy::of(all(), |one| Some(one.model || one.llm?))),
        ];
        let rows = rows.iter().take(if self.llm.is_some() { 4 } else { 2 });
        let rows: Vec<Vec<String>> = rows
            .map(|(name, accuracy)| {
                let cells = accuracy.cells();
                [(*name).to_owned()].into_iter().chain(cells).collect()
            })
            .collect();
        let heading = ["", "suspicious found", "false alarms", "recall", "precision"];
        let mut text = format!("{} cases\n\n{}\n", self.outcomes.len(), table(&heading, &rows));
        let Some(llm) = &self.llm else {
            return text + "\nNo LLM was asked; --url and --model name one.";
        };
        let dialect = self.dialect.as_deref().unwrap_or_default();
        text += &format!("\n{llm} ({dialect})\n{}\n\n", self.answers());
        text += &self.by("kind", |outcome| &outcome.kind);
        text += "\n\n";
        text += &self.by("language", |outcome| &outcome.language);
        text
    }

    /// Returns what its answers were worth and cost.
    fn answers(&self) -> String {
        let answered = self.outcomes.iter().filter(|outcome| outcome.llm.is_some()).count();
        let sum = |of: fn(&Outcome) -> u64| self.outcomes.iter().map(of).sum::<u64>();
        let (kept, dropped) =
            (sum(|one| one.sentences.into()), sum(|one| one.dropped_sentences.into()));
        let mut latencies: Vec<u64> = self.outcomes.iter().map(|one| one.latency_ms).collect();
        latencies.sort_unstable();
        let median = latencies.get(latencies.len() / 2).copied().unwrap_or_default();
        let cost = sum(|one| one.cost_micro_usd);
        #[expect(clippy::cast_precision_loss, reason = "a report's figures")]
        let (rate, usd) =
            (100.0 * dropped as f64 / (kept + dropped).max(1) as f64, cost as f64 / 1e6);
        let mut text = format!(
            "  answers used       {answered} of {}\n  \
             sentences dropped  {dropped} of {} ({rate:.0} %)\n  \
             tokens             {}\n  \
             cost               ${usd:.4}\n  \
             median latency     {median} ms",
            self.outcomes.len(),
            kept + dropped,
            sum(|one| one.tokens),
        );
        let mut failures: BTreeMap<&str, u32> = BTreeMap::new();
        for failure in self.outcomes.iter().filter_map(|outcome| outcome.failure.as_deref()) {
            *failures.entry(failure).or_default() += 1;
        }
        for (failure, times) in failures {
            text += &format!("\n  {times} without an answer: {failure}");
        }
        text
    }

    fn by(&self, name: &str, of: impl Fn(&Outcome) -> &String) -> String {
        let mut groups: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
        for outcome in &self.outcomes {
            groups.entry(of(outcome)).or_default().push(outcome);
        }
        let rows: Vec<Vec<String>> = groups
            .iter()
            .map(|(group, outcomes)| {
                let model = Accuracy::of(outcomes.iter().copied(), |one| Some(one.model));
                let llm = Accuracy::of(outcomes.iter().copied(), |one| one.llm);
                let [found, alarms, ..] = llm.cells();
                let [model_found, model_alarms, ..] = model.cells();
                vec![(*group).to_owned(), model_found, model_alarms, found, alarms]
            })
            .collect();
        let heading = [name, "model found", "false alarms", "LLM found", "false alarms"];
        table(&heading, &rows)
    }
}
