//! From a document to a rule set, or to the list of everything that is wrong with it. A broken set
//! is never half loaded, so it cannot replace a working one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cel::Env;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::check::{self, Conditions};
use super::document::Document;
use super::names::{known_names, nearest};
use super::sentence::Sentence;
use super::{Account, Effect, Fit, Rule, RuleProblem, RuleSet};
use crate::members::Members;
use crate::peers::Peers;
use crate::risk::Lines;

/// Why a document is not a rule set: every problem, in the document's order.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", listed(.problems))]
pub struct RuleSetError {
    pub problems: Vec<RuleProblem>,
}

fn listed(problems: &[RuleProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

const DOCUMENT_MEMBERS: [&str; 5] = ["version", "description", "lines", "peers", "rules"];
const LINES_MEMBERS: [&str; 2] = ["alert", "review"];
const RULE_MEMBERS: [&str; 11] = [
    "id", "typology", "effect", "evidence", "points", "account", "when", "params", "sentence",
    "source", // For people: why the thresholds are what they are.
    "comment",
];

impl RuleSet {
    /// Compiles and checks a rule set.
    pub fn load(json: &str) -> Result<Self, RuleSetError> {
        let mut document = Document::new(json);
        let set = Loader { document: &mut document, rule: None, peers: None }.set(json);
        let mut problems = document.problems;
        match set {
            Some(set) if problems.is_empty() => Ok(set),
            _ => {
                problems.sort_by_key(|problem| (problem.line, problem.column));
                Err(RuleSetError { problems })
            }
        }
    }

    /// The set that comes with this version.
    pub fn embedded() -> Result<Self, RuleSetError> {
        Self::load(Self::embedded_document())
    }

    /// Its document.
    pub fn embedded_document() -> &'static str {
        include_str!("../../rules/core.json")
    }
}

/// Reads one object after the other and notes what is wrong.
pub(super) struct Loader<'d, 'a> {
    pub(super) document: &'d mut Document<'a>,
    /// The rule that is being read.
    rule: Option<String>,
    pub(super) peers: Option<Peers>,
}

/// A text with its place.
#[derive(Clone)]
pub(super) struct Placed<'a> {
    pub text: String,
    pub raw: &'a RawValue,
}

impl<'a> Loader<'_, 'a> {
    fn set(&mut self, json: &str) -> Option<RuleSet> {
        let Members(members) = self.document.members()?;
        self.check_members(&members, &DOCUMENT_MEMBERS, "a rule set");
        let version = self.text(&members, "version", 0);
        if let Some(version) = &version {
            self.check_version(version);
        }
        let lines = self.lines(&members);
        let description = member(&members, "description")
            .and_then(|_| self.text(&members, "description", 0))
            .map_or_else(String::new, |description| description.text);
        let Some(raw) = member(&members, "rules") else {
            self.note(0, "a rule set needs rules".to_owned());
            return None;
        };
        let Ok(raws) = serde_json::from_str::<Vec<&'a RawValue>>(raw.get()) else {
            let at = self.document.offset(raw);
            self.note(at, "rules must be a list".to_owned());
            return None;
        };
        self.peers = member(&members, "peers").and_then(|raw| self.peers(raw));
        let env = Arc::new(Env::stdlib());
        let mut rules: Vec<Rule> = Vec::with_capacity(raws.len());
        let mut ids: BTreeMap<String, usize> = BTreeMap::new();
        for raw in raws {
            self.rule = None;
            if let Some(rule) = self.rule(raw, &env, &mut ids) {
                rules.push(rule);
            }
        }
        self.rule = None;
        let hash = hex::encode(Sha256::digest(json));
        let version = format!("{}@{}", version?.text, &hash[..16]);
        Some(RuleSet { rules, lines: lines?, peers: self.peers.take(), version, description })
    }

    fn lines(&mut self, members: &[(String, &'a RawValue)]) -> Option<Lines> {
        let Some(raw) = member(members, "lines") else {
            self.note(0, "a rule set needs lines, `alert` and `review`".to_owned());
            return None;
        };
        let at = self.document.offset(raw);
        let Ok(Members(inner)) = serde_json::from_str::<Members<'a>>(raw.get()) else {
            self.note(at, "lines are an object with `alert` and `review`".to_owned());
            return None;
        };
        self.check_members(&inner, &LINES_MEMBERS, "lines");
        let (alert, review) =
            (self.number(&inner, "alert", at)?, self.number(&inner, "review", at)?);
        let lines = Lines::new(alert, review);
        if lines.is_none() {
            self.note(at, "lines rise from 0: `review`, then `alert`, at most 1".to_owned());
        }
        lines
    }

    fn rule(
        &mut self,
        raw: &'a RawValue,
        env: &Arc<Env>,
        ids: &mut BTreeMap<String, usize>,
    ) -> Option<Rule> {
        let at = self.document.offset(raw);
        let Ok(Members(members)) = serde_json::from_str::<Members<'a>>(raw.get()) else {
            self.note(at, "a rule is a JSON object".to_owned());
            return None;
        };
        let id = self.text(&members, "id", at);
        self.rule = id.as_ref().map(|id| id.text.clone());
        self.check_members(&members, &RULE_MEMBERS, "a rule");
        if let Some(id) = &id {
            self.check_code(id, '-', "an id");
            let line = self.document.offset(id.raw);
            if ids.insert(id.text.clone(), line).is_some() {
                self.note(line, format!("two rules have the id {}", id.text));
            }
        }
        let typology = self.text(&members, "typology", at);
        if let Some(typology) = &typology {
            self.check_code(typology, '_', "a typology");
        }
        let effect = self.choice(&members, "effect", at, &Effect::ALL.map(|e| (e.code(), e)));
        let account = match member(&members, "account") {
            Some(_) => self.choice(&members, "account", at, &Account::ALL.map(|a| (a.code(), a))),
            None => Some(Account::Sender),
        };
        let evidence = match member(&members, "evidence") {
            Some(_) => {
                let evidence = self.text(&members, "evidence", at);
                if let Some(evidence) = &evidence {
                    self.check_code(evidence, '_', "a kind of evidence");
                }
                evidence
            }
            None => typology.clone(),
        };
        let points = self.number(&members, "points", at);
        if points.is_some_and(|points| points < 0.0) {
            let at = member(&members, "points").map_or(at, |raw| self.document.offset(raw));
            self.note(at, "points must not be negative".to_owned());
        }
        let source = self.text(&members, "source", at);
        let params = self.params(&members, account.unwrap_or_default());
        let when = self.text(&members, "when", at);
        let sentence = self.text(&members, "sentence", at);
        let known: Vec<String> =
            known_names().chain(params.iter().map(|(name, ..)| name.clone())).collect();
        let when = when?;
        let mut fits = Vec::new();
        let mut used = BTreeSet::new();
        for numbers in self.numbers(&params) {
            let sentence = sentence.as_ref().and_then(|s| self.sentence(s, &numbers, &known));
            let checked = self.conditions(&when, &numbers, &known, env)?;
            used = checked.used;
            let conditions = checked.conditions;
            fits.extend(sentence.map(|sentence| Fit { conditions, sentence }));
        }
        for (name, _, raw) in &params {
            if !used.contains(name) {
                let at = self.document.name_offset(name, raw);
                self.note(at, format!("the parameter {name} is never used"));
            }
        }
        Some(Rule {
            id: id?.text,
            typology: typology?.text,
            effect: effect?,
            evidence: evidence?.text,
            points: points?,
            account: account?,
            source: source?.text,
            when: when.text,
            params: params.into_iter().map(|(name, param, _)| (name, param)).collect(),
            fits: if fits.is_empty() { return None } else { fits },
        })
    }

    /// The expression with its parameters as numbers.
    fn conditions(
        &mut self,
        when: &Placed<'a>,
        numbers: &BTreeMap<String, f64>,
        known: &[String],
        env: &Arc<Env>,
    ) -> Option<Conditions> {
        let checked = check::conditions(self, env, when, numbers, known)?;
        let conditions = &checked.conditions;
        if !conditions.is_empty() && conditions.iter().all(|condition| condition.graph) {
            let message = "needs a condition without the graph: every transaction would wait for \
                           the graph"
                .to_owned();
            self.note_inside(when, 0, message);
        }
        Some(checked)
    }

    fn sentence(
        &mut self,
        placed: &Placed<'a>,
        params: &BTreeMap<String, f64>,
        known: &[String],
    ) -> Option<Sentence> {
        let sentence = match Sentence::parse(&placed.text, params) {
            Ok(sentence) => sentence,
            Err(open) => {
                self.note_inside(placed, open, "this brace is never closed".to_owned());
                return None;
            }
        };
        for (at, name) in sentence.unknown_names() {
            self.note_inside(placed, at, unknown("the sentence", name, known));
        }
        Some(sentence)
    }

    /// Unknown and repeated members.
    pub(super) fn check_members(
        &mut self,
        members: &[(String, &RawValue)],
        known: &[&str],
        what: &str,
    ) {
        let names: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        for (at, (name, raw)) in members.iter().enumerate() {
            let offset = self.document.name_offset(name, raw);
            if !known.contains(&name.as_str()) {
                let hint = did_you_mean(name, &names);
                self.note(offset, format!("{what} has no member {name}{hint}"));
            } else if members[..at].iter().any(|(other, _)| other == name) {
                self.note(offset, format!("{name} is given twice"));
            }
        }
    }

    /// A text that must be there and must not be empty; `at` is where its absence is noted.
    pub(super) fn text(
        &mut self,
        members: &[(String, &'a RawValue)],
        name: &str,
        at: usize,
    ) -> Option<Placed<'a>> {
        let raw = self.needed(members, name, at)?;
        let place = self.document.offset(raw);
        match serde_json::from_str::<String>(raw.get()) {
            Ok(text) if text.trim().is_empty() => {
                self.note(place, format!("{name} must not be empty"));
                None
            }
            Ok(text) => Some(Placed { text, raw }),
            Err(_) => {
                self.note(place, format!("{name} must be a text"));
                None
            }
        }
    }

    pub(super) fn number(
        &mut self,
        members: &[(String, &RawValue)],
        name: &str,
        at: usize,
    ) -> Option<f64> {
        let raw = self.needed(members, name, at)?;
        let number = serde_json::from_str::<f64>(raw.get()).ok().filter(|n| n.is_finite());
        if number.is_none() {
            let place = self.document.offset(raw);
            self.note(place, format!("{name} must be a finite number"));
        }
        number
    }

    fn choice<T: Copy>(
        &mut self,
        members: &[(String, &'a RawValue)],
        name: &str,
        at: usize,
        among: &[(&str, T)],
    ) -> Option<T> {
        let given = self.text(members, name, at)?;
        let found = among.iter().find(|(code, _)| *code == given.text);
        if found.is_none() {
            let codes: Vec<&str> = among.iter().map(|(code, _)| *code).collect();
            let place = self.document.offset(given.raw);
            self.note(place, format!("{name} must be one of {}", codes.join(", ")));
        }
        found.map(|(_, choice)| *choice)
    }

    fn needed<'m>(
        &mut self,
        members: &[(String, &'m RawValue)],
        name: &str,
        at: usize,
    ) -> Option<&'m RawValue> {
        let found = member(members, name);
        if found.is_none() {
            self.note(at, format!("{name} is missing"));
        }
        found
    }

    fn check_code(&mut self, placed: &Placed<'a>, joint: char, what: &str) {
        let word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if !placed.text.split(joint).all(word) {
            let at = self.document.offset(placed.raw);
            self.note(at, format!("{what} is lower-case words joined by '{joint}'"));
        }
    }

    /// A version becomes part of keys and addresses.
    fn check_version(&mut self, placed: &Placed<'a>) {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if placed.text.len() > 64 || !placed.text.chars().all(fits) {
            let at = self.document.offset(placed.raw);
            self.note(at, "a version is 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'".to_owned());
        }
    }

    /// Notes a problem at a byte of the document.
    pub(super) fn note(&mut self, at: usize, message: String) {
        self.document.problem(at, self.rule.as_deref(), message);
    }

    /// Notes a problem at a byte of a text.
    pub(super) fn note_inside(&mut self, placed: &Placed<'a>, byte: usize, message: String) {
        let at = self.document.inside(placed.raw, byte);
        self.note(at, message);
    }
}

pub(super) fn member<'a>(members: &[(String, &'a RawValue)], name: &str) -> Option<&'a RawValue> {
    members.iter().find(|(known, _)| known == name).map(|(_, raw)| *raw)
}

/// What to say about a name nobody knows.
pub(super) fn unknown(place: &str, name: &str, known: &[String]) -> String {
    let hint = did_you_mean(name, known);
    format!("{place} names {name}, which is neither a value nor a parameter{hint}")
}

pub(super) fn did_you_mean(wrong: &str, known: &[String]) -> String {
    nearest(wrong, known).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}
