//! Finds names: those of the payment's parties in any spelling, and capitalised words that may be
//! somebody's. What has no capitals (Arabic, Chinese, a text in lower case) is recognised only if
//! the payment names it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::Kind;
use super::claims::Claims;
use super::folded::{Folded, fold};
use super::numbers::{end_of, is_currency};

static ORDINARY: LazyLock<HashSet<String>> =
    LazyLock::new(|| words_of(include_str!("ordinary_words.txt"), |_| true));
/// German words, of which compounds are made.
static GERMAN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    words_of(include_str!("ordinary_words.txt"), |section| section.trim() == "de")
});
static BUSINESS: LazyLock<HashSet<String>> =
    LazyLock::new(|| words_of(BUSINESS_WORDS, |section| section.contains("business")));
static LEGAL_FORMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| words_of(BUSINESS_WORDS, |section| section.contains("legal forms")));
static PARTICLES: LazyLock<HashSet<String>> =
    LazyLock::new(|| words_of(BUSINESS_WORDS, |section| section.contains("particles")));

const BUSINESS_WORDS: &str = include_str!("business_words.txt");
/// Forms of address: the next word is a name, whatever its case.
const TITLES: [&str; 16] = [
    "mr", "mrs", "miss", "herr", "herrn", "frau", "sig", "sigra", "signor", "signora", "mme",
    "senor", "senora", "pani", "bay", "bayan",
];
/// Fewest letters of a part that makes a German compound of two ordinary words.
const COMPOUND_PART: usize = 5;

/// Reads the folded words of the sections of a list that are wanted.
fn words_of(list: &str, wanted: impl Fn(&str) -> bool) -> HashSet<String> {
    let mut words = HashSet::new();
    let mut reading = false;
    for line in list.lines() {
        match line.strip_prefix('#') {
            Some(section) => reading = wanted(section),
            None if reading => words.extend(line.split_whitespace().map(fold)),
            None => {}
        }
    }
    words
}

/// The name of a party, as it is looked for.
#[derive(Debug, Clone)]
pub(super) struct KnownName {
    pub kind: Kind,
    /// What all its spellings have in common.
    pub identity: String,
    /// The words that tell whose it is, folded.
    words: Vec<String>,
    /// The whole name without separators, folded.
    compact: String,
    /// Words that say what a firm does.
    pub business: Vec<String>,
}

impl KnownName {
    pub fn of(name: &str) -> Self {
        let folded = Folded::of(name);
        let all: Vec<String> = folded.words.iter().map(|w| folded.text(w.clone())).collect();
        let shouts = folded.chars.iter().filter(|c| c.c.is_alphabetic()).all(|c| c.capital);
        let is_form = |at: usize| is_legal_form(&folded, &folded.words[at], shouts);
        let is_business = |word: &String| BUSINESS.contains(word);
        let company = (0..all.len()).any(|at| is_form(at) || is_business(&all[at]));
        let told = (0..all.len()).filter(|at| {
            let word = &all[*at];
            let meaningless =
                PARTICLES.contains(word) || company && (is_form(*at) || is_business(word));
            !meaningless && word.chars().count() > 1
        });
        Self {
            kind: if company { Kind::Company } else { Kind::Person },
            identity: all.join(" "),
            words: told.map(|at| all[at].clone()).collect(),
            compact: all.concat(),
            business: all.iter().filter(|word| company && is_business(word)).cloned().collect(),
        }
    }

    /// Claims the name and its parts, in any spelling.
    pub fn claim(&self, folded: &Folded, claims: &mut Claims) {
        let mut claim = |range| claims.add(range, self.kind, self.identity.clone());
        if self.compact.chars().count() >= 4 {
            for start in folded.words.iter().map(|word| word.start) {
                if let Some(end) = end_of(folded, start, &self.compact) {
                    claim(start..end);
                }
            }
        }
        for word in &folded.words {
            let text = folded.text(word.clone());
            if self.words.iter().any(|name| contains_name(&text, name)) {
                claim(word.clone());
            } else if text.chars().any(is_unspaced) {
                for range in common_parts(&text, &self.compact) {
                    claim(word.start + range.start..word.start + range.end);
                }
            }
        }
    }
}

/// Whether a word holds a word of a name: as a whole, inflected or joined with others.
fn contains_name(word: &str, name: &str) -> bool {
    let length = name.chars().count();
    let least = if name.is_ascii() { 4 } else { 3 };
    if word == name || word.strip_suffix('s') == Some(name) {
        return true;
    }
    // Müller may be written Mueller; accents are gone by now.
    let short = |text: &str| text.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    // Names of three letters that end in a vowel change it when inflected: Ева, Еве.
    length >= least && (word.contains(name) || short(word).contains(&short(name)))
        || length >= 3 && inflected(word, name)
}

/// Whether two words differ only in an ending, as names do in Slavic languages.
fn inflected(word: &str, name: &str) -> bool {
    let stem: String = name.chars().take(name.chars().count() - 1).collect();
    let vowel = name.chars().last().is_some_and(|c| "aeiouyаеиоуыэюяйь".contains(c));
    let ending = word.strip_prefix(&stem).map(|rest| rest.chars().count());
    vowel && stem.chars().count() >= 3 && ending.is_some_and(|count| count <= 3)
}

/// Whether a word is a company's legal form. Those of two letters are words and names as well (`as`,
/// Sá), so they have to be capitals among others that are not.
fn is_legal_form(folded: &Folded, word: &Range<usize>, shouts: bool) -> bool {
    let capitals = folded.chars[word.clone()].iter().all(|c| c.capital);
    LEGAL_FORMS.contains(&folded.text(word.clone())) && (word.len() > 2 || capitals && !shouts)
}

/// Whether a script is written without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Returns the longest parts of at least two characters that a text shares with a name.
fn common_parts(text: &str, name: &str) -> Vec<Range<usize>> {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let shared = |end: usize| {
            let part: String = chars[at..end].iter().collect();
            part.chars().all(is_unspaced) && name.contains(&part)
        };
        let longest = (at + 2..=chars.len()).take_while(|end| shared(*end)).last();
        if let Some(end) = longest {
            parts.push(at..end);
        }
        at = longest.unwrap_or(at + 1);
    }
    parts
}

/// Claims capitalised words that are no ordinary ones, several in a row as one name.
pub(super) fn claim_capitalised(folded: &Folded, claims: &mut Claims) {
    let words = &folded.words;
    let may_be = |at: usize| {
        words.get(at).is_some_and(|word| !claims.covers(word.start) && may_be_name(folded, at))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if !may_be(at) {
            at += 1;
            continue;
        }
        let mut last = at;
        while let Some(next) = next_part(folded, last, &may_be) {
            last = next;
        }
        let first = with_initials(folded, at);
        let company = words.get(last + 1).is_some_and(|word| is_legal_form(folded, word, false));
        let kind = if company { Kind::Company } else { Kind::Person };
        found.push((words[first].start..words[last].end, kind));
        at = last + 1;
    }
    for (range, kind) in found {
        let identity = folded.text(range.clone());
        claims.add(range, kind, identity);
    }
}

/// Returns the next word of a name that goes on after a word, if need be over `van der`.
fn next_part(folded: &Folded, last: usize, may_be: &impl Fn(usize) -> bool) -> Option<usize> {
    const MOST_PARTICLES: usize = 3;
    for next in last + 1..=last + 1 + MOST_PARTICLES {
        if !joined(folded, next - 1) {
            return None;
        }
        if may_be(next) {
            return Some(next);
        }
        if !is_particle(folded, next) {
            return None;
        }
    }
    None
}

/// Returns the first word of a name that an initial precedes, if need be before `van der`.
fn with_initials(folded: &Folded, at: usize) -> usize {
    let mut first = at;
    let mut before = at;
    while before > 0 && joined(folded, before - 1) && is_particle(folded, before - 1) {
        before -= 1;
        if is_initial(folded, before) {
            first = before;
        }
    }
    first
}

fn may_be_name(folded: &Folded, at: usize) -> bool {
    let word = folded.words[at].clone();
    let text = folded.text(word.clone());
    if text.chars().count() < 2 || text.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    if at > 0 && TITLES.contains(&folded.text(folded.words[at - 1].clone()).as_str()) {
        return true;
    }
    let roman = text.len() <= 4 && text.bytes().all(|b| matches!(b, b'i' | b'v' | b'x'));
    folded.chars[word.start].capital && !roman && !is_ordinary(&text)
}

/// Whether a word is an ordinary one, or a compound of two.
fn is_ordinary(word: &str) -> bool {
    let known = |word: &str| {
        is_currency(word)
            || ORDINARY.contains(word)
            || BUSINESS.contains(word)
            || LEGAL_FORMS.contains(word)
            || PARTICLES.contains(word)
    };
    known(word)
        || word.char_indices().map(|(at, _)| at).any(|at| {
            let (first, second) = word.split_at(at);
            let stem = first.strip_suffix('s').filter(|stem| GERMAN.contains(*stem));
            let first = stem.unwrap_or(first);
            at >= COMPOUND_PART
                && second.len() >= COMPOUND_PART
                && GERMAN.contains(first)
                && GERMAN.contains(second)
        })
}

/// Whether a word and the next are only a space or a mark apart, as the parts of a name are.
fn joined(folded: &Folded, at: usize) -> bool {
    let (Some(word), Some(next)) = (folded.words.get(at), folded.words.get(at + 1)) else {
        return false;
    };
    let between = folded.text(word.end..next.start);
    ["", " ", "-", "'", "’", ".", ". ", ", ", ",", " & ", "&", "_"].contains(&between.as_str())
}

fn is_particle(folded: &Folded, at: usize) -> bool {
    folded.words.get(at).is_some_and(|word| {
        let text = folded.text(word.clone());
        PARTICLES.contains(&text) || is_initial(folded, at)
    })
}

fn is_initial(folded: &Folded, at: usize) -> bool {
    folded.words.get(at).is_some_and(|word| {
        word.len() == 1
            && folded.chars[word.start].capital
            && matches!(folded.at(word.end), Some('.' | ' '))
            && joined(folded, at)
    })
}
