//! A versioned JSON document and its reader. The position of every value is known, so that a fault
//! is reported with line and column, even inside a string. Reading checks every member and notes
//! every fault; a document with faults is not loaded at all.

use sha2::{Digest as _, Sha256};

use crate::json::{self, Fault, RawValue, Unreadable};
use crate::register::members::Members;

/// A fault in a document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct DocumentProblem {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// Id of the rule that contains the fault, in a rule set.
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

/// Every fault in a document, in the order in which they appear there.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", listed(.problems))]
pub struct DocumentError {
    pub problems: Vec<DocumentProblem>,
}

fn listed(problems: &[DocumentProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The most faults that are listed. It bounds the time spent on a document full of them.
const MOST_PROBLEMS: usize = 500;

/// The document and the faults found in it so far.
pub(crate) struct Document<'a> {
    json: &'a str,
    /// What the document should be, as in "a rule set".
    what: &'static str,
    problems: Vec<DocumentProblem>,
}

impl<'a> Document<'a> {
    /// Begins a document. `what` is what it should be, as in "a rule set".
    pub(crate) fn new(json: &'a str, what: &'static str) -> Self {
        Self { json, what, problems: Vec::new() }
    }

    /// Returns what was read, or the faults if there are any.
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

    /// Appends the document's hash to its stated version, so that a different document always has a
    /// different version.
    pub(crate) fn hashed(&self, version: &str) -> String {
        let hash = hex::encode(Sha256::digest(self.json));
        format!("{version}@{}", &hash[..16])
    }

    /// Returns the members of the document; notes a fault if it is not a JSON object.
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

    /// Notes a fault at a byte offset in the document.
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

    /// Returns the byte offset at which a value begins.
    pub(crate) fn offset(&self, raw: &RawValue) -> usize {
        // Members borrow from the document, so both pointers lie in the same string.
        (raw.get().as_ptr() as usize).saturating_sub(self.json.as_ptr() as usize)
    }

    /// Returns the byte offset at which the name of a member begins.
    pub(crate) fn name_offset(&self, name: &str, raw: &RawValue) -> usize {
        let value = self.offset(raw);
        self.json[..value].rfind(&format!("\"{name}\"")).unwrap_or(value)
    }

    /// Returns the byte offset in the document for a byte offset in a decoded string value.
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

/// Reads the objects of a document and notes what is wrong with them.
pub(crate) struct Reader<'d, 'a> {
    pub document: &'d mut Document<'a>,
    /// The rule that is being read, in a rule set.
    pub rule: Option<String>,
}

/// A decoded string value with its source, which gives its position.
#[derive(Clone)]
pub(crate) struct PlacedText<'a> {
    pub text: String,
    pub raw: &'a RawValue,
}

impl<'a> Reader<'_, 'a> {
    /// Notes unknown and repeated members.
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

    /// Reads a required text that must not be empty; `at` is where its absence is noted.
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

    /// Checks the characters and length of a version, which becomes part of keys and URLs.
    pub(crate) fn check_version(&mut self, placed: &PlacedText<'a>) {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if placed.text.len() > 64 || !placed.text.chars().all(fits) {
            let at = self.document.offset(placed.raw);
            self.note(at, "a version is 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'".to_owned());
        }
    }

    /// Notes a fault at a byte offset in the document.
    pub(crate) fn note(&mut self, at: usize, message: String) {
        self.document.problem(at, self.rule.as_deref(), message);
    }

    /// Notes a fault at a byte offset in a text.
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

/// Returns the known name closest to a misspelt one, if any is close enough.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a String>,
) -> Option<&'a str> {
    let most = (wrong.chars().count() / 3).max(2);
    let scored = known.into_iter().map(|name| (distance(wrong, name), name));
    let (changes, name) = scored.min_by_key(|(changes, _)| *changes)?;
    (changes <= most).then_some(name.as_str())
}

/// Counts the edits between two words: insertions, deletions, substitutions and, because people
/// swap letters, transpositions of neighbours (the restricted Damerau-Levenshtein distance).
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

/// Returns the number of bytes that a `\u` escape takes and the number that its character takes in
/// UTF-8.
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
