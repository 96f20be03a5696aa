//! Redacts what a payment says in free text before it is shown to the LLM: names, accounts, cards,
//! contacts and other numbers that identify somebody become placeholders such as `PERSON_1`, the
//! same for the same thing within a case. Amounts, dates and ordinary words stay.
//!
//! What code cannot see stays as well: a name that the payment does not mention as its party's,
//! written in lower case or in a script without capitals. It would take somebody who knows the
//! language. The other way round, an unusual word with a capital is taken for a name.

mod claims;
mod contacts;
mod folded;
mod names;
mod numbers;

use std::fmt;

use crate::payment::transaction::{Party, Transaction};
use claims::Claims;
use folded::{Folded, fold};
use names::KnownName;

/// Longest result, in bytes: placeholders may be longer than what they stand for.
const TEXT_BYTES: usize = 2_400;

/// The kind of thing that a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Person,
    Company,
    Account,
    Card,
    Email,
    Phone,
    Url,
    Handle,
    Invoice,
    Number,
    /// A text that looks like a placeholder but is none of ours.
    Word,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Person,
        Self::Company,
        Self::Account,
        Self::Card,
        Self::Email,
        Self::Phone,
        Self::Url,
        Self::Handle,
        Self::Invoice,
        Self::Number,
        Self::Word,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Company => "COMPANY",
            Self::Account => "ACCOUNT",
            Self::Card => "CARD",
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Url => "URL",
            Self::Handle => "HANDLE",
            Self::Invoice => "INVOICE",
            Self::Number => "NUMBER",
            Self::Word => "WORD",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Person => "a name",
            Self::Company => "a company's name",
            Self::Account => "an account",
            Self::Card => "a card number",
            Self::Email => "an e-mail address",
            Self::Phone => "a phone number",
            Self::Url => "a web address",
            Self::Handle => "a name at a messenger",
            Self::Invoice => "the number of an invoice, order or contract",
            Self::Number => "a long number",
            Self::Word => "a word",
        }
    }
}

/// A placeholder and what it stands for. `Debug` does not print the latter.
#[derive(Clone, PartialEq, Eq)]
pub struct Placeholder {
    kind: Kind,
    number: usize,
    /// What all spellings have in common.
    identity: String,
    /// The spelling met first.
    original: String,
    /// What the LLM is told about it.
    pub note: String,
    /// Whether it is a document's number that does not follow the one before it in its series.
    skips: bool,
}

impl Placeholder {
    /// Whether a text is a part of the name that it stands for, such as the family name alone.
    fn is_named_by(&self, text: &str) -> bool {
        let parts = |text: &str| -> Vec<String> {
            let words = text.split(|c: char| !c.is_alphanumeric());
            words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let (name, text) = (parts(&self.identity), parts(text));
        matches!(self.kind, Kind::Person | Kind::Company)
            && !text.is_empty()
            && text.iter().all(|word| name.contains(word))
    }

    pub fn name(&self) -> String {
        format!("{}_{}", self.kind.code(), self.number)
    }
}

impl fmt::Debug for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.note)
    }
}

/// Redacts the texts of one case, and knows what its placeholders stand for.
#[derive(Debug, Clone)]
pub struct Redactor {
    names: Vec<KnownName>,
    /// Accounts and other identifiers of the parties, folded and without separators.
    accounts: Vec<String>,
    placeholders: Vec<Placeholder>,
}

impl Redactor {
    /// Starts with the parties of a payment: their accounts are `ACCOUNT_1` (the sender's) and
    /// `ACCOUNT_2` unless both are the same.
    pub fn of(tx: &Transaction) -> Self {
        let mut redactor =
            Self { names: Vec::new(), accounts: Vec::new(), placeholders: Vec::new() };
        for (party, whose) in [(&tx.sender, "the sender"), (&tx.receiver, "the receiver")] {
            redactor.learn(party, whose);
        }
        redactor
    }

    /// Learns a party, whose name and account may occur in a text; `who` says who it is.
    pub fn learn(&mut self, party: &Party, who: &str) {
        let account = party.account.as_str();
        let compact = compacted(account);
        self.placeholder(Kind::Account, &compact, account, &format!("{who}'s account"));
        let ids = party.party_id.as_ref().map(|id| compacted(id.as_str()));
        self.accounts.extend([Some(compact), ids].into_iter().flatten());
        // The longest first, since one may begin like another.
        self.accounts.sort_by_key(|account| std::cmp::Reverse(account.len()));
        self.accounts.dedup();
        if let Some(name) = &party.name {
            let known = KnownName::of(name);
            self.placeholder(known.kind, &known.identity, name, &format!("{who}'s name"));
            self.names.push(known);
        }
    }

    /// Returns the words of a known party's name that say what it does, such as `construction`.
    pub fn business_of(party: &Party) -> Vec<String> {
        party.name.as_deref().map_or_else(Vec::new, |name| KnownName::of(name).business)
    }

    /// Returns the name of a party's account.
    pub fn account_of(&self, party: &Party) -> Option<String> {
        let identity = compacted(party.account.as_str());
        let found = self.find(Kind::Account, &identity);
        found.map(Placeholder::name)
    }

    /// Returns the text with placeholders.
    pub fn redact(&mut self, text: &str) -> String {
        let folded = Folded::of(text);
        let mut claims = Claims::default();
        claim_placeholders(&folded, &mut claims);
        for account in &self.accounts {
            numbers::claim_known(&folded, account, &mut claims);
        }
        contacts::claim(&folded, &mut claims);
        for name in &self.names {
            name.claim(&folded, &mut claims);
        }
        numbers::claim_accounts(&folded, &mut claims);
        numbers::claim_documents(&folded, &mut claims);
        numbers::claim_digits(&folded, &mut claims);
        names::claim_capitalised(&folded, &mut claims);
        let mut redacted = String::with_capacity(text.len());
        let mut done = 0;
        for claim in claims.into_sorted() {
            let place = folded.original(&claim.range);
            redacted.push_str(text.get(done..place.start).unwrap_or_default());
            let original = &text[place.clone()];
            let name = self.placeholder(claim.kind, &claim.identity, original, "").name();
            redacted.push_str(&name);
            done = place.end;
        }
        redacted.push_str(text.get(done..).unwrap_or_default());
        let end = redacted.floor_char_boundary(TEXT_BYTES);
        redacted.truncate(end);
        redacted
    }

    /// Replaces only accounts, in a sentence of a rule: ours contain none, but tenants may write
    /// others.
    pub fn conceal(&self, text: &str) -> String {
        let part = |c: char| c.is_ascii_alphanumeric();
        replaced(text, part, part, |word| {
            // A very short account number may be an everyday word.
            let account = self.find(Kind::Account, &compacted(word)).filter(|_| word.len() >= 6);
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            match account {
                Some(account) => Some(account.name()),
                None => (digits >= 8).then(|| "(account)".to_owned()),
            }
        })
    }

    /// Whether two documents of one series are met whose numbers are more than one apart.
    pub fn skips_documents(&self) -> bool {
        self.placeholders.iter().any(|placeholder| placeholder.skips)
    }

    /// Returns the text with what its placeholders stand for. For an analyst's eyes only.
    pub fn reveal(&self, text: &str) -> String {
        let first = |c: char| c.is_ascii_uppercase();
        let part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        replaced(text, first, part, |word| {
            let known = self.placeholders.iter().find(|placeholder| placeholder.name() == word);
            known.map(|placeholder| placeholder.original.clone())
        })
    }

    pub fn placeholders(&self) -> &[Placeholder] {
        &self.placeholders
    }

    fn find(&self, kind: Kind, identity: &str) -> Option<&Placeholder> {
        self.placeholders.iter().find(|known| known.kind == kind && known.identity == identity)
    }

    /// Returns the placeholder of a thing, a new one if it is met for the first time.
    fn placeholder(
        &mut self,
        kind: Kind,
        identity: &str,
        original: &str,
        note: &str,
    ) -> &Placeholder {
        let known = |known: &Placeholder| {
            known.kind == kind && (known.identity == identity || known.is_named_by(identity))
        };
        if let Some(at) = self.placeholders.iter().position(known) {
            return &self.placeholders[at];
        }
        let number = 1 + self.placeholders.iter().filter(|known| known.kind == kind).count();
        let (note, skips) = match (kind, note) {
            (Kind::Invoice, "") => self.document_note(identity),
            (_, "") => (kind.words().to_owned(), false),
            (_, note) => (note.to_owned(), false),
        };
        let (identity, original) = (identity.to_owned(), original.to_owned());
        self.placeholders.push(Placeholder { kind, number, identity, original, note, skips });
        &self.placeholders[self.placeholders.len() - 1]
    }

    /// Says how a document's number relates to an earlier one of its series, and whether it skips:
    /// numbers that repeat or skip are a sign, and cannot be seen in placeholders.
    fn document_note(&self, identity: &str) -> (String, bool) {
        const NEAR: i64 = 10_000;
        let what = Kind::Invoice.words();
        let earlier = self.placeholders.iter().rev().filter(|known| known.kind == Kind::Invoice);
        let apart = |known: &Placeholder| {
            let ((series, number), (other, before)) =
                (in_series(identity)?, in_series(&known.identity)?);
            let apart = number - before;
            (series == other && apart.abs() < NEAR).then(|| (apart, known.name()))
        };
        let nearest = earlier.filter_map(apart).min_by_key(|(apart, _)| apart.abs());
        match nearest {
            None => (what.to_owned(), false),
            Some((apart, name)) => {
                let way = if apart < 0 { "below" } else { "above" };
                (format!("{what}, {} {way} {name}", apart.abs()), apart.abs() > 1)
            }
        }
    }
}

/// Replaces words of a text. A word begins with a character that is `first` and goes on with those
/// that are `part`; it stays if there is nothing to put in its place.
fn replaced(
    text: &str,
    first: impl Fn(char) -> bool,
    part: impl Fn(char) -> bool,
    with: impl Fn(&str) -> Option<String>,
) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(&first) {
        let (before, word) = rest.split_at(start);
        let end = word.find(|c| !part(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        replaced.push_str(before);
        replaced.push_str(with(word).as_deref().unwrap_or(word));
        rest = after;
    }
    replaced + rest
}

/// Splits the number of a document into what its series has in common and its place in it. A year or
/// a month after the place is no part of it: `815/06/2026`.
fn in_series(number: &str) -> Option<(String, i64)> {
    let mut parts: Vec<&str> = number.split('-').collect();
    let number_of = |part: &str| part.parse::<i64>().ok();
    let is_year = |part: &str| number_of(part).is_some_and(|n| (1990..2100).contains(&n));
    let is_month = |part: &str| part.len() == 2 && number_of(part).is_some_and(|n| n <= 12);
    if parts.len() > 1 && parts.last().is_some_and(|last| is_year(last)) {
        parts.pop();
        if parts.len() > 1 && parts.last().is_some_and(|last| is_month(last)) {
            parts.pop();
        }
    }
    let last = parts.pop()?;
    let at = last.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (prefix, place) = last.split_at(at);
    parts.push(prefix);
    Some((parts.join("-"), place.parse().ok()?))
}

/// Returns only the letters and digits of a text, folded.
fn compacted(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Claims what looks like a placeholder in the text itself, which must not pass for one of ours.
fn claim_placeholders(folded: &Folded, claims: &mut Claims) {
    for (at, word) in folded.words.iter().enumerate() {
        let text = folded.text(word.clone());
        let Some(next) = folded.words.get(at + 1) else { continue };
        let kind = Kind::ALL.iter().any(|kind| kind.code().to_lowercase() == text);
        let joined = folded.text(word.end..next.start) == "_";
        if kind && joined && next.clone().all(|at| folded.is_digit(at)) {
            let range = word.start..next.end;
            claims.add(range.clone(), Kind::Word, folded.text(range));
        }
    }
}

#[cfg(test)]
mod tests;
