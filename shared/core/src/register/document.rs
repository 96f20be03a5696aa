//! A versioned JSON document with the place of everything in it, so that a fault is told at its line
//! and column, be it in the middle of a text; and how such a document is read: every member looked
//! at, every fault noted, nothing half loaded.

use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::json::{self, Fault, Unreadable};
use crate::register::members::Members;

/// A fault of a document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct DocumentProblem {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The rule it is in, in a rule set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    pub message: String,
}

impl std::fmt::Display for DocumentProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if let Some(rule) = &self.rule {
            write!(f, "rule {rule}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Why a document is not what it should be: every fault, in the document's order.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", listed(.problems))]
pub struct DocumentError {
    pub problems: Vec<DocumentProblem>,
}

fn listed(problems: &[DocumentProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Faults that are listed, at most: a document of nothing else is answered in a moment, too.
const MOST_PROBLEMS: usize = 500;

/// The document and the faults found in it so far.
pub(crate) struct Document<'a> {
    json: &'a str,
    /// As in "a rule set".
    what: &'static str,
    problems: Vec<DocumentProblem>,
}

impl<'a> Document<'a> {
    /// `what` it should be, as in "a rule set".
    pub(crate) fn new(json: &'a str, what: &'static str) -> Self {
        Self { json, what, problems: Vec::new() }
    }

    /// What was read, if there was nothing to note.
    pub(crate) fn finish<T>(self, read: Option<T>) -> Result<T, DocumentError> {
        let mut problems = self.problems;
        match read {
            Some(read) if problems.is_empty() => Ok(read),
            _ => {
                problems.sort_by_key(|problem| (problem.line, problem.column));
                Err(DocumentError { problems })
            }
        }
    }

    /// A version as it is written, with the document's hash: another document is another version.
    pub(crate) fn hashed(&self, version: &str) -> String {
        let hash = hex::encode(Sha256::digest(self.json));
        format!("{version}@{}", &hash[..16])
    }

    /// The document's members, or one fault: where it is not JSON, or no object.
    pub(crate) fn members(&mut self) -> Option<Members<'a>> {
        match json::read(self.json) {
            Ok(members) => Some(members),
            Err(Unreadable { fault, line, column }) => {
                let message = match fault {
                    Fault::EndsEarly => "the JSON ends too early".to_owned(),
                    Fault::OtherForm => format!("{} is a JSON object", self.what),
                    _ => "this is not JSON".to_owned(),
                };
                self.problems.push(DocumentProblem { line, column, rule: None, message });
                None
            }
        }
    }

    /// Notes a fault at a byte of the document.
    pub(crate) fn problem(&mut self, offset: usize, rule: Option<&str>, message: String) {
        if self.problems.len() >= MOST_PROBLEMS {
            return;
        }
        let before = &self.json[..floor(self.json, offset)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        let rule = rule.map(str::to_owned);
        let problem = DocumentProblem { line, column, rule, message };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// The byte a value begins at.
    pub(crate) fn offset(&self, raw: &RawValue) -> usize {
        // Members borrow from the document, so this is a difference within one text.
        (raw.get().as_ptr() as usize).saturating_sub(self.json.as_ptr() as usize)
    }

    /// The byte a member's name begins at.
    pub(crate) fn name_offset(&self, name: &str, raw: &RawValue) -> usize {
        let value = self.offset(raw);
        self.json[..value].rfind(&format!("\"{name}\"")).unwrap_or(value)
    }

    /// The byte of the document that a byte of a text value comes from.
    pub(crate) fn inside(&self, raw: &RawValue, decoded: usize) -> usize {
        let text = raw.get().as_bytes();
        let (mut at, mut length) = (1, 0);
        while at < text.len() && length < decoded {
            let (taken, given) = match (text[at], text.get(at + 1)) {
                (b'\\', Some(b'u')) => unicode(&raw.get()[at..]),
                (b'\\', _) => (2, 1),
                _ => (1, 1),
            };
            at += taken;
            length += given;
        }
        self.offset(raw) + at
    }
}

/// Reads one object after the other and notes what is wrong.
pub(crate) struct Reader<'d, 'a> {
    pub document: &'d mut Document<'a>,
    /// The rule that is being read, in a rule set.
    pub rule: Option<String>,
}

/// A text with its place.
#[derive(Clone)]
pub(crate) struct PlacedText<'a> {
    pub text: String,
    pub raw: &'a RawValue,
}

impl<'a> Reader<'_, 'a> {
    /// Unknown and repeated members.
    pub(crate) fn check_members(
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
    pub(crate) fn text(
        &mut self,
        members: &[(String, &'a RawValue)],
        name: &str,
        at: usize,
    ) -> Option<PlacedText<'a>> {
        let raw = self.needed(members, name, at)?;
        let place = self.document.offset(raw);
        match json::read::<String>(raw.get()) {
            Ok(text) if text.trim().is_empty() => {
                self.note(place, format!("{name} must not be empty"));
                None
            }
            Ok(text) => Some(PlacedText { text, raw }),
            Err(_) => {
                self.note(place, format!("{name} must be a text"));
                None
            }
        }
    }

    pub(crate) fn number(
        &mut self,
        members: &[(String, &RawValue)],
        name: &str,
        at: usize,
    ) -> Option<f64> {
        let raw = self.needed(members, name, at)?;
        let number = json::read::<f64>(raw.get()).ok().filter(|n| n.is_finite());
        if number.is_none() {
            let place = self.document.offset(raw);
            self.note(place, format!("{name} must be a finite number"));
        }
        number
    }

    pub(crate) fn needed<'m>(
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

    /// A version becomes part of keys and addresses.
    pub(crate) fn check_version(&mut self, placed: &PlacedText<'a>) {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if placed.text.len() > 64 || !placed.text.chars().all(fits) {
            let at = self.document.offset(placed.raw);
            self.note(at, "a version is 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'".to_owned());
        }
    }

    /// Notes a fault at a byte of the document.
    pub(crate) fn note(&mut self, at: usize, message: String) {
        self.document.problem(at, self.rule.as_deref(), message);
    }

    /// Notes a fault at a byte of a text.
    pub(crate) fn note_inside(&mut self, placed: &PlacedText<'a>, byte: usize, message: String) {
        let at = self.document.inside(placed.raw, byte);
        self.note(at, message);
    }
}

pub(crate) fn member<'a>(members: &[(String, &'a RawValue)], name: &str) -> Option<&'a RawValue> {
    members.iter().find(|(known, _)| known == name).map(|(_, raw)| *raw)
}

pub(crate) fn did_you_mean(wrong: &str, known: &[String]) -> String {
    nearest(wrong, known).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

/// The known name nearest to a misspelt one, if any is near enough to be meant.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a String>,
) -> Option<&'a str> {
    let most = (wrong.chars().count() / 3).max(2);
    let scored = known.into_iter().map(|name| (distance(wrong, name), name));
    let (changes, name) = scored.min_by_key(|(changes, _)| *changes)?;
    (changes <= most).then_some(name.as_str())
}

/// Edits between two words: insertions, deletions, substitutions and swaps of neighbours (the
/// restricted Damerau-Levenshtein distance), because people swap letters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// How many bytes a `\u` escape takes, and how many its character has.
fn unicode(text: &str) -> (usize, usize) {
    let unit = |from: usize| {
        text.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    match unit(2) {
        // A surrogate is the first half of a pair.
        Some(0xd800..=0xdbff) => (12, 4),
        Some(code) => (6, char::from_u32(code).map_or(1, char::len_utf8)),
        None => (2, 1),
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_has_a_nearest_one() {
        let known = ["amount", "receiver_in_new_7d", "currency"].map(str::to_owned);
        assert_eq!(nearest("amuont", &known), Some("amount"));
        assert_eq!(nearest("reciever_in_new_7d", &known), Some("receiver_in_new_7d"));
        assert_eq!(nearest("weather", &known), None);
    }
}
