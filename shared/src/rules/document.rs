//! A rule set's JSON with the place of everything in it, so that a problem is reported at its line
//! and column in the document, be it in the middle of an expression.

use serde_json::value::RawValue;

use crate::members::Members;

/// A problem of a rule set's document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleProblem {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The rule it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    pub message: String,
}

impl std::fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if let Some(rule) = &self.rule {
            write!(f, "rule {rule}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// The document and the problems found in it so far.
pub(super) struct Document<'a> {
    json: &'a str,
    pub problems: Vec<RuleProblem>,
}

impl<'a> Document<'a> {
    pub(super) fn new(json: &'a str) -> Self {
        Self { json, problems: Vec::new() }
    }

    /// The document's members, or one problem: where it is not JSON, or no object.
    pub(super) fn members(&mut self) -> Option<Members<'a>> {
        match serde_json::from_str(self.json) {
            Ok(members) => Some(members),
            Err(error) => {
                // serde_json's own message may quote the input.
                let message = match error.classify() {
                    serde_json::error::Category::Eof => "the JSON ends too early",
                    serde_json::error::Category::Data => "a rule set is a JSON object",
                    _ => "this is not JSON",
                };
                let (line, column) = (error.line(), error.column());
                let message = message.to_owned();
                self.problems.push(RuleProblem { line, column, rule: None, message });
                None
            }
        }
    }

    /// Records a problem at a byte of the document.
    pub(super) fn problem(&mut self, offset: usize, rule: Option<&str>, message: String) {
        let before = &self.json[..floor(self.json, offset)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        let rule = rule.map(str::to_owned);
        let problem = RuleProblem { line, column, rule, message };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// The byte a value begins at.
    pub(super) fn offset(&self, raw: &RawValue) -> usize {
        // Members borrow from the document, so this is a difference within one text.
        (raw.get().as_ptr() as usize).saturating_sub(self.json.as_ptr() as usize)
    }

    /// The byte a member's name begins at.
    pub(super) fn name_offset(&self, name: &str, raw: &RawValue) -> usize {
        let value = self.offset(raw);
        self.json[..value].rfind(&format!("\"{name}\"")).unwrap_or(value)
    }

    /// The byte of the document that a byte of a text value comes from.
    pub(super) fn inside(&self, raw: &RawValue, decoded: usize) -> usize {
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
