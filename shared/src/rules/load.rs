//! From a document to a rule set, or to the list of everything that is wrong with it. A broken set
//! is never half loaded, so it cannot replace a working one.

use std::collections::BTreeMap;
use std::sync::Arc;

use cel::Env;
use serde_json::value::RawValue;

use super::check;
use super::condition::Condition;
use super::names::known_names;
use super::sentence::Sentence;
use super::{Account, Effect, Rule, RuleSet};
use crate::document::{Document, DocumentError, member};
pub(super) use crate::document::{Placed, Reader as Loader, did_you_mean};
use crate::members::Members;
use crate::risk::Lines;

const DOCUMENT_MEMBERS: [&str; 4] = ["version", "description", "lines", "rules"];
const LINES_MEMBERS: [&str; 2] = ["alert", "review"];
const RULE_MEMBERS: [&str; 11] = [
    "id", "typology", "effect", "evidence", "points", "account", "when", "params", "sentence",
    "source", // For people: why the thresholds are what they are.
    "comment",
];

impl RuleSet {
    /// Compiles and checks a rule set.
    pub fn load(json: &str) -> Result<Self, DocumentError> {
        let mut document = Document::new(json, "a rule set");
        let set = Loader { document: &mut document, rule: None }.set();
        document.finish(set)
    }

    /// The set that comes with this version.
    pub fn embedded() -> Result<Self, DocumentError> {
        Self::load(Self::embedded_document())
    }

    /// Its document.
    pub fn embedded_document() -> &'static str {
        include_str!("../../rules/core.json")
    }
}

impl<'a> Loader<'_, 'a> {
    fn set(&mut self) -> Option<RuleSet> {
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
        let version = self.document.hashed(&version?.text);
        Some(RuleSet { rules, lines: lines?, version, description })
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
        let params = self.params(&members);
        let when = self.text(&members, "when", at);
        let sentence = self.text(&members, "sentence", at);
        let known: Vec<String> =
            known_names().chain(params.iter().map(|(name, ..)| name.clone())).collect();
        let folded: BTreeMap<String, f64> =
            params.iter().map(|(name, number, _)| (name.clone(), *number)).collect();
        let sentence = sentence.and_then(|placed| self.sentence(&placed, &folded, &known));
        let when = when?;
        let conditions = check::conditions(self, env, &when, &folded, &known)?;
        let on_graph = |conditions: &[Condition]| conditions.iter().all(|c| c.graph);
        if !conditions.conditions.is_empty() && on_graph(&conditions.conditions) {
            let message = "needs a condition without the graph: every transaction would wait for \
                           the graph"
                .to_owned();
            self.note_inside(&when, 0, message);
        }
        for (name, _, raw) in &params {
            if !conditions.used.contains(name) {
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
            params: folded,
            conditions: conditions.conditions,
            sentence: sentence?,
        })
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

    /// The parameters: name, value, place.
    fn params(&mut self, members: &[(String, &'a RawValue)]) -> Vec<(String, f64, &'a RawValue)> {
        let Some(raw) = member(members, "params") else { return Vec::new() };
        let Ok(Members(given)) = serde_json::from_str::<Members<'a>>(raw.get()) else {
            let at = self.document.offset(raw);
            self.note(at, "params must be an object of numbers".to_owned());
            return Vec::new();
        };
        let mut params: Vec<(String, f64, &RawValue)> = Vec::with_capacity(given.len());
        for (name, raw) in given {
            let at = self.document.name_offset(&name, raw);
            if known_names().any(|known| known == name) {
                self.note(at, format!("the parameter {name} has the name of a value"));
            } else if params.iter().any(|(other, ..)| *other == name) {
                self.note(at, format!("the parameter {name} is given twice"));
            }
            match serde_json::from_str::<f64>(raw.get()) {
                Ok(number) if number.is_finite() => params.push((name, number, raw)),
                _ => {
                    let at = self.document.offset(raw);
                    self.note(at, format!("the parameter {name} must be a finite number"));
                }
            }
        }
        params
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

    fn check_code(&mut self, placed: &Placed<'a>, joint: char, what: &str) {
        let word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if !placed.text.split(joint).all(word) {
            let at = self.document.offset(placed.raw);
            self.note(at, format!("{what} is lower-case words joined by '{joint}'"));
        }
    }
}

/// What to say about a name nobody knows.
pub(super) fn unknown(place: &str, name: &str, known: &[String]) -> String {
    let hint = did_you_mean(name, known);
    format!("{place} names {name}, which is neither a value nor a parameter{hint}")
}
