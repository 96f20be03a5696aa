//! The loader of a rule set's document: it keeps the peer figures that quantile parameters need and
//! notes each fault at its place.

use crate::json::RawValue;
use crate::register::document::{PlacedText, Reader, did_you_mean};
use crate::state::peers::Peers;

/// Reads a document's rules one by one and notes their faults.
pub(super) struct Loader<'d, 'a> {
    pub(super) reader: Reader<'d, 'a>,
    /// The document's peer figures; `None` if it has none, or faulty ones.
    pub(super) peers: Option<Peers>,
}

impl<'a> Loader<'_, 'a> {
    /// Reads a member that must hold one of the given codes.
    pub(super) fn choice<T: Copy>(
        &mut self,
        members: &[(String, &'a RawValue)],
        name: &str,
        at: usize,
        among: &[(&str, T)],
    ) -> Option<T> {
        let given = self.reader.text(members, name, at)?;
        let found = among.iter().find(|(code, _)| *code == given.text);
        if found.is_none() {
            let codes: Vec<&str> = among.iter().map(|(code, _)| *code).collect();
            let place = self.reader.document.offset(given.raw);
            self.reader.note(place, format!("{name} must be one of {}", codes.join(", ")));
        }
        found.map(|(_, choice)| *choice)
    }

    pub(super) fn check_code(&mut self, placed: &PlacedText<'a>, joint: char, what: &str) {
        let word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if !placed.text.split(joint).all(word) {
            let at = self.reader.document.offset(placed.raw);
            self.reader.note(at, format!("{what} is lower-case words joined by '{joint}'"));
        }
    }
}

/// Returns the message for an unknown name.
pub(super) fn unknown(place: &str, name: &str, known: &[String]) -> String {
    let hint = did_you_mean(name, known);
    format!("{place} names {name}, which is neither a value nor a parameter{hint}")
}
