//! Checks what the LLM writes, sentence by sentence, against what it was told. A sentence with a
//! number, date, party or name that was not in our part of the document is dropped, and so is one
//! with a word that is neither there nor in a list of plain banking words: a short narrative is
//! better than an invented one. What other people wrote into the payment counts for nothing here,
//! and the list has no words for clearing, approving or ordering anything, so that an LLM that obeys
//! a purpose text cannot make its author's sentences ours. Nor has it words for denying anything, and
//! each sentence has to name a figure, a time or a placeholder of the case.
//!
//! The check is deliberately strict, and the instructions ask for sentences that pass it. It cannot
//! detect a false relation between true numbers. What it lets through is a claim about facts of the
//! case, which are shown next to it.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::prompt::Prompt;
use super::redact::Placeholder;
use crate::json::{self, Value};

/// The words that a sentence may use without their being in the document.
static PLAIN_WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("claims/plain_words.txt").split_whitespace().collect());

/// Longest sentence kept, in bytes.
const SENTENCE_BYTES: usize = 400;
/// Longest narrative shown, in bytes; later sentences are dropped.
const NARRATIVE_BYTES: usize = 1_200;

/// Words that may open a sentence, where a capital does not mark a name, without being in the
/// document.
const OPENINGS: &str = "a additionally after again all also although an and another any as at \
    because before both but by combined compared consequently despite during each earlier either \
    even every few finally first for from funds further furthermore given hence here high however \
    if in incoming indeed instead it its just large last later low many money more moreover most \
    much multiple near nearly neither no none nor not nothing on once one only or other otherwise \
    outgoing over overall possible rapid recent repeated second several short since single small \
    so some still such taken that the their them then there therefore these they this those \
    though through thus to together two typical under unlike until unusual usually very we what \
    when where whereas which while with within without yet";

/// Words in capitals that are not names. Amounts in features are in US dollars.
const ABBREVIATIONS: [&str; 6] = ["AML", "KYC", "FATF", "UTC", "USD", "I"];

/// Number words, which claim as much as digits do. Larger numbers are never spelt out in a
/// document.
const NUMBER_WORDS: [(&str, f64); 12] = [
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("twice", 2.0),
];
const LARGE_NUMBER_WORDS: [&str; 24] = [
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "dozen",
    "dozens",
];

/// Everything that a narrative may refer to.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    numbers: Vec<f64>,
    /// Words in lower case.
    words: HashSet<String>,
    /// The placeholders of the case.
    placeholders: HashSet<String>,
    /// Timestamps in UTC, whole and as their date, time, and hours with minutes.
    stamps: HashSet<String>,
}

/// A narrative after checking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedNarrative {
    /// The sentences that are kept.
    pub sentences: Vec<String>,
    /// Number of sentences that were dropped.
    pub dropped: u32,
}

impl Vocabulary {
    /// Collects the vocabulary of a prompt's document.
    pub fn of(prompt: &Prompt) -> Self {
        let placeholders = prompt.redactor.placeholders().iter().map(Placeholder::name);
        let mut vocabulary = Self { placeholders: placeholders.collect(), ..Self::default() };
        let mut document: Value = json::read(&prompt.ours).unwrap_or_default();
        if let Some(fields) = document.as_object_mut() {
            fields.remove("placeholders");
        }
        vocabulary.learn(&document);
        vocabulary
    }

    fn learn(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.numbers.extend(number.as_f64()),
            Value::String(text) => self.learn_text(text),
            Value::Array(values) => values.iter().for_each(|value| self.learn(value)),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                self.learn_text(name);
                self.learn(value);
            }),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn learn_text(&mut self, text: &str) {
        for word in text.split(|c: char| !c.is_alphanumeric() && !".,:+-_".contains(c)) {
            if self.placeholders.contains(word) {
                continue;
            }
            if let Ok(at) = word.parse::<jiff::Timestamp>() {
                let text = format!("{at:.0}");
                let (date, time) = text.split_once('T').unwrap_or((&text, ""));
                let time = time.trim_end_matches('Z');
                let short = time.get(..5).unwrap_or(time);
                self.stamps.extend([&text, date, time, short].map(str::to_owned));
                continue;
            }
            let word = word.trim_end_matches(['.', ',', ':']);
            if let Some(number) = plain_number(word) {
                self.numbers.push(number);
                continue;
            }
            for part in word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
                let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                self.numbers.extend(digits.parse::<u32>().ok().map(f64::from));
                self.words.insert(part.to_lowercase());
            }
        }
    }

    /// Keeps the sentences that claim nothing beyond the document.
    pub fn check(&self, narrative: &str) -> CheckedNarrative {
        let mut checked = CheckedNarrative { sentences: Vec::new(), dropped: 0 };
        let mut bytes = 0;
        for sentence in sentences(narrative) {
            if bytes + sentence.len() < NARRATIVE_BYTES && self.supports(sentence) {
                bytes += sentence.len() + 1;
                checked.sentences.push(sentence.to_owned());
            } else {
                checked.dropped += 1;
            }
        }
        checked
    }

    fn supports(&self, sentence: &str) -> bool {
        if sentence.len() > SENTENCE_BYTES || !sentence.chars().all(is_plain) {
            return false;
        }
        let words: Vec<&str> = sentence.split_whitespace().map(bare).collect();
        let supported = words.iter().enumerate().all(|(at, word)| {
            let percent = words.get(at + 1).is_some_and(|next| matches!(*next, "%" | "percent"));
            self.supports_word(word, at == 0, percent)
        });
        supported && words.iter().any(|word| is_anchor(word))
    }

    fn supports_word(&self, word: &str, opens: bool, percent: bool) -> bool {
        if word.is_empty() || matches!(word, "%" | "-" | "–" | "—") {
            return true;
        }
        if self.placeholders.contains(word.trim_end_matches("'s").trim_end_matches("’s")) {
            return true;
        }
        if self.stamps.contains(word) || self.words.contains(&word.to_lowercase()) {
            return true;
        }
        if let Some(number) = plain_number(word.trim_end_matches('%')) {
            return self.has_number(number, percent || word.ends_with('%'));
        }
        let mut parts = word.split(['-', '–', '—', '/', '_']).filter(|part| !part.is_empty());
        if word.contains(['-', '–', '—', '/', '_']) {
            return parts.all(|part| self.supports_word(part, opens, percent));
        }
        if word.contains(|c: char| c.is_ascii_digit()) {
            return self.supports_measure(word);
        }
        self.supports_plain_word(word, opens)
    }

    /// Checks a number with its unit, such as `24h`, `7d` or `9500USD`.
    fn supports_measure(&self, word: &str) -> bool {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c));
        let number = plain_number(&word[..word.len() - unit.len()]);
        let known = matches!(unit, "h" | "d") || self.words.contains(&unit.to_lowercase());
        known && number.is_some_and(|number| self.has_number(number, false))
    }

    fn supports_plain_word(&self, word: &str, opens: bool) -> bool {
        if !word.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '\'' | '’')) {
            return false;
        }
        let lower = word.to_lowercase();
        if let Some((_, number)) = NUMBER_WORDS.iter().find(|(name, _)| *name == lower) {
            return self.has_number(*number, false);
        }
        if LARGE_NUMBER_WORDS.contains(&lower.as_str()) {
            return false;
        }
        let stem = lower.trim_end_matches("'s").trim_end_matches("’s");
        let plain = !word.starts_with(char::is_uppercase)
            && [lower.as_str(), stem].iter().any(|form| PLAIN_WORDS.contains(form));
        let known = plain || self.words.contains(stem) || ABBREVIATIONS.contains(&word);
        known || opens && OPENINGS.split_whitespace().any(|opening| opening == stem)
    }

    /// Whether a number is known, with either sign. A percentage may also stand for a known share.
    fn has_number(&self, number: f64, percent: bool) -> bool {
        let same = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
        self.numbers.iter().any(|known| {
            same(number, *known) || same(number, -known) || percent && same(number, known * 100.0)
        })
    }
}

/// Whether a word ties a sentence to the case: a number, a time or a placeholder. A sentence
/// without any could be about every payment, and be anybody's.
fn is_anchor(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit())
}

/// Whether a character is an ASCII letter or digit or punctuation of prose. This excludes markup
/// and look-alikes.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || " .,:;!?'\"()%-/_+$€£–—’‘“”".contains(c)
}

/// Strips the punctuation around a word.
fn bare(word: &str) -> &str {
    word.trim_start_matches(['(', '"', '\'', '“', '‘', '$', '€', '£', '+'])
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'', '”', '’', '€', '£', '$'])
}

/// Parses numbers such as `9500`, `9,500.00` and `-0.4`, but not `1e3`, `9,5` or `1.2.3`.
fn plain_number(word: &str) -> Option<f64> {
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = whole.contains(',');
    let well_formed = digits(first)
        && (!grouped || first.len() <= 3)
        && groups.all(|group| group.len() == 3 && digits(group))
        && digits(fraction);
    if well_formed { word.replace(',', "").parse().ok() } else { None }
}

/// Splits a text into sentences, which end at `.`, `!` or `?` before white space, or at a line end.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return None;
            }
            let mut ends = rest.char_indices().filter(|(at, c)| {
                let next = rest[at + c.len_utf8()..].chars().next();
                *c == '\n' || matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace)
            });
            let end = ends.next().map_or(rest.len(), |(at, c)| at + c.len_utf8());
            let (sentence, after) = rest.split_at(end);
            rest = after;
            let sentence = sentence.trim();
            if !sentence.is_empty() {
                return Some(sentence);
            }
        }
    })
}

#[cfg(test)]
mod tests;
