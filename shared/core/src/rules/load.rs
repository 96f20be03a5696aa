//! Loads a rule set from its document, or lists everything that is wrong with it. A faulty set is
//! never partly loaded, so it cannot replace a working one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cel::Env;
use jiff::civil::Date;

use super::check::{self, Conditions};
use super::loader::{Loader, unknown};
use super::names::known_names;
use super::rule::{Effect, Fit, Rule};
use super::sentence::Sentence;
use super::set::RuleSet;
use crate::case::risk::Lines;
use crate::json::{self, RawValue};
use crate::payment::side::Side;
use crate::register::document::{Document, DocumentError, PlacedText, Reader, member};
use crate::register::members::Members;
use crate::register::{Register, SetSummary, VersionedSet};

const DOCUMENT_MEMBERS: [&str; 5] = ["version", "description", "lines", "peers", "rules"];
const LINES_MEMBERS: [&str; 2] = ["alert", "review"];
const RULE_MEMBERS: [&str; 11] = [
    "id", "typology", "effect", "evidence", "points", "account", "when", "params", "sentence",
    "source", // `comment` is for readers: why the thresholds are what they are.
    "comment",
];

impl VersionedSet for RuleSet {
    const REGISTER: Register = Register::Rules;
    const EMBEDDED_DOCUMENT: &'static str = include_str!("../../../rules/core.json");

    fn load(json: &str) -> Result<Self, DocumentError> {
        let mut document = Document::new(json, "a rule set");
        let reader = Reader { document: &mut document, rule: None };
        let set = Loader { reader, peers: None }.set();
        document.finish(set)
    }

    /// Rules have no dates.
    fn draft(json: &str, _: Date) -> Result<Self, DocumentError> {
        Self::load(json)
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn summary(&self) -> SetSummary {
        SetSummary {
            version: self.version.clone(),
            description: self.description.clone(),
            entries: self.rules.len() as u64,
            dates: BTreeMap::new(),
        }
    }
}

impl<'a> Loader<'_, 'a> {
    fn set(&mut self) -> Option<RuleSet> {
        let Members(members) = self.reader.document.members()?;
        self.reader.check_members(&members, &DOCUMENT_MEMBERS, "a rule set");
        let version = self.reader.text(&members, "version", 0);
        if let Some(version) = &version {
            self.reader.check_version(version);
        }
        let lines = self.lines(&members);
        let description = member(&members, "description")
            .and_then(|_| self.reader.text(&members, "description", 0))
            .map_or_else(String::new, |description| description.text);
        let Some(raw) = member(&members, "rules") else {
            self.reader.note(0, "a rule set needs rules".to_owned());
            return None;
        };
        let Ok(raws) = json::read::<Vec<&'a RawValue>>(raw.get()) else {
            let at = self.reader.document.offset(raw);
            self.reader.note(at, "rules must be a list".to_owned());
            return None;
        };
        self.peers = member(&members, "peers").and_then(|raw| self.peers(raw));
        let env = Arc::new(Env::stdlib());
        let mut rules: Vec<Rule> = Vec::with_capacity(raws.len());
        let mut ids: BTreeMap<String, usize> = BTreeMap::new();
        for raw in raws {
            self.reader.rule = None;
            if let Some(rule) = self.rule(raw, &env, &mut ids) {
                rules.push(rule);
            }
        }
        self.reader.rule = None;
        let version = self.reader.document.hashed(&version?.text);
        Some(RuleSet { rules, lines: lines?, peers: self.peers.take(), version, description })
    }

    fn lines(&mut self, members: &[(String, &'a RawValue)]) -> Option<Lines> {
        let Some(raw) = member(members, "lines") else {
            self.reader.note(0, "a rule set needs lines, `alert` and `review`".to_owned());
            return None;
        };
        let at = self.reader.document.offset(raw);
        let Ok(Members(inner)) = json::read::<Members<'a>>(raw.get()) else {
            self.reader.note(at, "lines are an object with `alert` and `review`".to_owned());
            return None;
        };
        self.reader.check_members(&inner, &LINES_MEMBERS, "lines");
        let (alert, review) =
            (self.reader.number(&inner, "alert", at)?, self.reader.number(&inner, "review", at)?);
        let lines = Lines::new(alert, review);
        if lines.is_none() {
            self.reader.note(at, "lines rise from 0: `review`, then `alert`, at most 1".to_owned());
        }
        lines
    }

    fn rule(
        &mut self,
        raw: &'a RawValue,
        env: &Arc<Env>,
        ids: &mut BTreeMap<String, usize>,
    ) -> Option<Rule> {
        let at = self.reader.document.offset(raw);
        let Ok(Members(members)) = json::read::<Members<'a>>(raw.get()) else {
            self.reader.note(at, "a rule is a JSON object".to_owned());
            return None;
        };
        let id = self.reader.text(&members, "id", at);
        self.reader.rule = id.as_ref().map(|id| id.text.clone());
        self.reader.check_members(&members, &RULE_MEMBERS, "a rule");
        if let Some(id) = &id {
            self.check_code(id, '-', "an id");
            let line = self.reader.document.offset(id.raw);
            if ids.insert(id.text.clone(), line).is_some() {
                self.reader.note(line, format!("two rules have the id {}", id.text));
            }
        }
        let typology = self.reader.text(&members, "typology", at);
        if let Some(typology) = &typology {
            self.check_code(typology, '_', "a typology");
        }
        let effect = self.choice(&members, "effect", at, &Effect::ALL.map(|e| (e.code(), e)));
        let account = match member(&members, "account") {
            Some(_) => self.choice(&members, "account", at, &Side::ALL.map(|a| (a.code(), a))),
            None => Some(Side::Sender),
        };
        let evidence = match member(&members, "evidence") {
            Some(_) => {
                let evidence = self.reader.text(&members, "evidence", at);
                if let Some(evidence) = &evidence {
                    self.check_code(evidence, '_', "a kind of evidence");
                }
                evidence
            }
            None => typology.clone(),
        };
        let points = self.reader.number(&members, "points", at);
        if points.is_some_and(|points| points < 0.0) {
            let at = member(&members, "points").map_or(at, |raw| self.reader.document.offset(raw));
            self.reader.note(at, "points must not be negative".to_owned());
        }
        let source = self.reader.text(&members, "source", at);
        let params = self.params(&members, account.unwrap_or_default());
        let when = self.reader.text(&members, "when", at);
        let sentence = self.reader.text(&members, "sentence", at);
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
                let at = self.reader.document.name_offset(name, raw);
                self.reader.note(at, format!("the parameter {name} is never used"));
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

    /// Compiles the expression with its parameters as numbers. At least one condition has to do
    /// without the graph.
    fn conditions(
        &mut self,
        when: &PlacedText<'a>,
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
            self.reader.note_inside(when, 0, message);
        }
        Some(checked)
    }

    fn sentence(
        &mut self,
        placed: &PlacedText<'a>,
        params: &BTreeMap<String, f64>,
        known: &[String],
    ) -> Option<Sentence> {
        let sentence = match Sentence::parse(&placed.text, params) {
            Ok(sentence) => sentence,
            Err(open) => {
                self.reader.note_inside(placed, open, "this brace is never closed".to_owned());
                return None;
            }
        };
        for (at, name) in sentence.unknown_names() {
            self.reader.note_inside(placed, at, unknown("the sentence", name, known));
        }
        Some(sentence)
    }
}
