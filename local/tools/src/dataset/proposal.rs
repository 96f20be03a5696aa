//! Proposes a column map from the columns' names ([`super::synonyms`]) and contents. Every guess gives
//! its reason, missing columns are named, and the first rows are shown as the map reads them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::column_map::{ColumnMap, Field, SHIPPED};
use super::csv_table::CsvTable;
use super::header::{Layout, choose, layouts};
use super::parquet_table::ParquetSchema;
use super::synonyms::{SYNONYMS, fit, fold};
use super::{
    Dataset, DatasetError, Hints, account, calendar, names, number, unreadable, without_gz,
};

/// Rows that are examined.
const SAMPLE: usize = 200;
/// Rows that are shown.
const PREVIEW_ROWS: usize = 3;
/// Words of a column that are listed for the user to translate.
const MAX_WORDS: usize = 12;
/// The payment type proposed if the file does not name a known one.
const ASSUMED_TYPE: &str = "transfer";

/// A map of a file's columns as TOML, with doubts and the first rows as comments.
pub fn propose(path: &Path) -> Result<String, DatasetError> {
    let (_, gzip) = without_gz(path);
    let is = |name: &str| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(name));
    let parquet = is("parquet") || is("pq");
    let layouts = if parquet {
        let header = ParquetSchema::open(path)?.header;
        vec![Layout { delimiter: b',', titles: 0, header }]
    } else {
        layouts(path, gzip)?
    };
    for (map, text) in ColumnMap::shipped().zip(SHIPPED) {
        if choose(path, layouts.clone(), vec![Cow::Owned(map)]).is_ok() {
            return Ok(format!(
                "# This file is also read without a map.\n{text}\n{}",
                preview(path, text)
            ));
        }
    }
    // Of equally good ones the first: with the commoner delimiter and fewer titles.
    let layout = layouts.into_iter().rev().max_by_key(names_known);
    let layout = layout.filter(|layout| names_known(layout) > 0);
    let none = "none of its first lines has column names in a language we know";
    let layout = layout.ok_or_else(|| unreadable(path, none))?;
    let samples = if parquet { Vec::new() } else { sample(path, gzip, &layout)? };
    let text = Proposal::of(&layout, &samples).text();
    Ok(format!("{text}\n{}", preview(path, &text)))
}

fn names_known(layout: &Layout) -> usize {
    let known = |name: &&String| {
        let folded = fold(name);
        SYNONYMS.iter().any(|(field, _)| fit(*field, &folded) > 0)
    };
    layout.header.names().iter().filter(|name| !name.is_empty()).filter(known).count()
}

/// The cells of the first rows, by column.
fn sample(path: &Path, gzip: bool, layout: &Layout) -> Result<Vec<Vec<String>>, DatasetError> {
    let mut table = CsvTable::open(path, gzip, layout)?;
    let mut columns = vec![Vec::new(); layout.header.width()];
    for _ in 0..SAMPLE {
        let Some((_, row)) = table.next() else { break };
        if row.is_err() {
            continue;
        }
        for (at, cells) in columns.iter_mut().enumerate() {
            if let Ok(Some(cell)) = table.cell(at)
                && !cell.trim().is_empty()
            {
                cells.push(cell.trim().to_owned());
            }
        }
    }
    Ok(columns)
}

/// Whether at least eight in ten cells satisfy `is`.
fn holds(cells: &[String], is: impl Fn(&str) -> bool) -> bool {
    let count = cells.iter().filter(|cell| is(cell)).count();
    !cells.is_empty() && count * 10 >= cells.len() * 8
}

fn is_iban(cell: &str) -> bool {
    account::iban(cell).is_some()
}

fn is_number(cell: &str) -> bool {
    number::Number::read(cell, None).is_ok() || number::clue(cell) == number::Clue::Ambiguous
}

/// The reason why a column's contents fit a field; `None` if they do not. Without any cells only the
/// column's name counts.
fn contents(field: Field, cells: &[String]) -> Option<&'static str> {
    let reason = |fits: bool, words| fits.then_some(words);
    if cells.is_empty() {
        return Some("");
    }
    match field {
        Field::Date => reason(holds(cells, calendar::is_date), ", holds dates"),
        Field::Time => reason(holds(cells, calendar::is_clock), ", holds times of day"),
        Field::Amount | Field::Debit | Field::Credit => {
            reason(holds(cells, is_number), ", holds numbers")
        }
        Field::Currency | Field::ReceivedCurrency => {
            reason(holds(cells, |cell| names::currency(cell).is_ok()), ", holds currencies")
        }
        Field::SenderCountry
        | Field::ReceiverCountry
        | Field::OwnCountry
        | Field::CounterpartyCountry => {
            reason(holds(cells, |cell| names::country(cell).is_some()), ", holds countries")
        }
        Field::SenderAccount
        | Field::ReceiverAccount
        | Field::OwnAccount
        | Field::CounterpartyAccount => {
            let ibans = holds(cells, is_iban);
            let number = |cell: &str| cell.bytes().any(|byte| byte.is_ascii_digit());
            reason(ibans, ", holds IBANs").or_else(|| reason(holds(cells, number), ""))
        }
        Field::Direction => {
            let distinct: BTreeSet<&String> = cells.iter().collect();
            reason(distinct.len() <= 2, ", holds two words")
        }
        Field::MsgId => {
            let distinct: BTreeSet<&String> = cells.iter().collect();
            reason(distinct.len() == cells.len(), ", holds no cell twice")
        }
        _ => Some(""),
    }
}

/// The columns found for fields.
struct Proposal<'a> {
    layout: &'a Layout,
    samples: &'a [Vec<String>],
    /// The column of each field, and the reason.
    found: BTreeMap<Field, (usize, String)>,
}

impl<'a> Proposal<'a> {
    fn of(layout: &'a Layout, samples: &'a [Vec<String>]) -> Self {
        let mut proposal = Self { layout, samples, found: BTreeMap::new() };
        for (field, _) in SYNONYMS {
            proposal.choose(field);
        }
        proposal.resolve_sides();
        proposal
    }

    fn cells(&self, at: usize) -> &'a [String] {
        self.samples.get(at).map(Vec::as_slice).unwrap_or_default()
    }

    /// Gives a field the best column that is still free.
    fn choose(&mut self, field: Field) {
        let taken: BTreeSet<usize> = self.found.values().map(|(at, _)| *at).collect();
        let free = self.layout.header.names().iter().enumerate();
        let free = free.filter(|(at, name)| !name.is_empty() && !taken.contains(at));
        let fits = free.filter_map(|(at, name)| {
            let fit = fit(field, &fold(name));
            let why = contents(field, self.cells(at)).filter(|_| fit > 0)?;
            Some((fit, std::cmp::Reverse(at), why))
        });
        if let Some((_, std::cmp::Reverse(at), why)) = fits.max() {
            self.found.insert(field, (at, format!("by its name{why}")));
        }
    }

    /// A file either has senders and receivers or is a statement. Columns of IBANs are used if names
    /// do not help.
    fn resolve_sides(&mut self) {
        use Field::{CounterpartyAccount, OwnAccount, ReceiverAccount, SenderAccount};
        let has = |proposal: &Self, field| proposal.found.contains_key(&field);
        let one_account = has(self, OwnAccount) && !has(self, CounterpartyAccount);
        let sided = has(self, SenderAccount) || has(self, ReceiverAccount);
        if sided {
            let missing = [SenderAccount, ReceiverAccount].into_iter().find(|one| !has(self, *one));
            if let Some(missing) = missing
                && let Some(at) = self.ibans().into_iter().next()
            {
                self.found.insert(missing, (at, "by its IBANs".to_owned()));
            }
            let of_statement = |field: &Field| {
                field.name().starts_with("own_")
                    || field.name().starts_with("counterparty_")
                    || matches!(field, Field::Debit | Field::Credit | Field::Direction)
            };
            self.found.retain(|field, _| !of_statement(field));
            if !has(self, Field::Amount) {
                self.choose(Field::Amount);
            }
            return;
        }
        if one_account {
            // A statement's only account column is the counterparty's, unless it never changes.
            let (at, why) = self.found[&OwnAccount].clone();
            let distinct: BTreeSet<&String> = self.cells(at).iter().collect();
            if distinct.len() != 1 {
                self.found.remove(&OwnAccount);
                self.found.insert(CounterpartyAccount, (at, why));
            }
        }
        if !has(self, CounterpartyAccount)
            && let Some(at) = self.ibans().into_iter().next()
        {
            self.found.insert(CounterpartyAccount, (at, "by its IBANs".to_owned()));
        }
        let renamed = [
            (Field::SenderName, Field::CounterpartyName),
            (Field::ReceiverName, Field::CounterpartyName),
        ];
        for (side, other) in renamed {
            if let Some(found) = self.found.remove(&side) {
                self.found.entry(other).or_insert(found);
            }
        }
        self.found.retain(|field, _| {
            !field.name().starts_with("sender_") && !field.name().starts_with("receiver_")
        });
        if has(self, Field::Debit) && has(self, Field::Credit) {
            self.found.remove(&Field::Amount);
        } else if has(self, Field::Amount) {
            self.found.remove(&Field::Debit);
            self.found.remove(&Field::Credit);
        }
    }

    /// Columns of IBANs not used for any field.
    fn ibans(&self) -> Vec<usize> {
        let taken: BTreeSet<usize> = self.found.values().map(|(at, _)| *at).collect();
        let columns = 0..self.layout.header.width();
        columns.filter(|at| !taken.contains(at) && holds(self.cells(*at), is_iban)).collect()
    }

    fn text(&self) -> String {
        let mut text = String::from(
            "# Proposed from the names and contents of the columns: check every line.\n",
        );
        let of =
            |field| self.found.get(&field).map_or(Default::default(), |(at, _)| self.cells(*at));
        let dates: Vec<_> = of(Field::Date).iter().map(|cell| calendar::clue(cell)).collect();
        if dates.contains(&calendar::Clue::Ambiguous)
            && !dates.iter().any(|clue| matches!(clue, calendar::Clue::Shows(_)))
        {
            text += "# dates = \"dmy\" # or \"mdy\": the first rows do not show which\n";
        }
        let amounts = [Field::Amount, Field::Debit, Field::Credit].into_iter().flat_map(of);
        let amounts: Vec<_> = amounts.map(|cell| number::clue(cell)).collect();
        if amounts.contains(&number::Clue::Ambiguous)
            && !amounts.iter().any(|clue| matches!(clue, number::Clue::Shows(_)))
        {
            text += "# decimal = \"comma\" # or \"point\": the first rows do not show which\n";
        }
        text += "# zone = \"Europe/Berlin\" # for times without an offset; by default UTC\n";
        text += "\n[columns]\n";
        for field in Field::ALL {
            if let Some((at, why)) = self.found.get(&field) {
                let name = &self.layout.header.names()[*at];
                let _ =
                    writeln!(text, "{} = {} # {why}", field.name(), self.source(field, *at, name));
            } else if let Some(line) = self.missing(field) {
                text += &line;
                text.push('\n');
            }
        }
        text
    }

    /// A column as TOML; its unknown words are listed for the user to translate.
    fn source(&self, field: Field, at: usize, name: &str) -> String {
        let name = quoted(name);
        let unknown = |cell: &&String| names::payment_type(cell).is_none();
        if field != Field::PaymentType {
            return name;
        }
        let words: BTreeSet<&String> = self.cells(at).iter().filter(unknown).collect();
        if words.is_empty() {
            return name;
        }
        let word = |word: &&String| format!("{} = \"{ASSUMED_TYPE}\"", quoted(word));
        let words: Vec<String> = words.iter().take(MAX_WORDS).map(word).collect();
        let values = words.join(", ");
        format!("{{ column = {name}, values = {{ {values} }}, otherwise = \"{ASSUMED_TYPE}\" }}")
    }

    /// The line for a field that was not found but is needed.
    fn missing(&self, field: Field) -> Option<String> {
        let has = |field| self.found.contains_key(&field);
        let sided = has(Field::SenderAccount) || has(Field::ReceiverAccount);
        let accounts_are_ibans = |field| {
            let found: Option<&(usize, String)> = self.found.get(&field);
            found.is_some_and(|(at, _)| holds(self.cells(*at), is_iban))
        };
        let by_column = has(Field::Debit) || has(Field::Credit);
        match field {
            Field::PaymentType => Some(format!(
                "payment_type = {{ constant = \"{ASSUMED_TYPE}\" }} # not found: assumed for all rows"
            )),
            Field::Currency => Some(self.currency()),
            Field::Date => Some("# date = \"…\" # not found".to_owned()),
            Field::Amount if !by_column => Some("# amount = \"…\" # not found".to_owned()),
            Field::SenderAccount | Field::ReceiverAccount if sided => {
                Some(format!("# {} = \"…\" # not found", field.name()))
            }
            Field::OwnAccount if !sided => Some(
                "own_account = { constant = \"OWN-ACCOUNT\" } # not found: the account whose \
                 statement this is"
                    .to_owned(),
            ),
            Field::CounterpartyAccount if !sided => {
                Some("# counterparty_account = \"…\" # not found".to_owned())
            }
            Field::SenderCountry if sided && !accounts_are_ibans(Field::SenderAccount) => {
                Some(country_line(field))
            }
            Field::ReceiverCountry if sided && !accounts_are_ibans(Field::ReceiverAccount) => {
                Some(country_line(field))
            }
            Field::OwnCountry if !sided && !accounts_are_ibans(Field::OwnAccount) => {
                Some(country_line(field))
            }
            Field::CounterpartyCountry
                if !sided && !accounts_are_ibans(Field::CounterpartyAccount) =>
            {
                Some(country_line(field))
            }
            _ => None,
        }
    }

    /// The currency in the name of an amount's column, as in `Betrag (EUR)`.
    fn currency(&self) -> String {
        let amounts = [Field::Amount, Field::Debit, Field::Credit];
        let headers = amounts.iter().filter_map(|field| self.found.get(field));
        let named = headers
            .flat_map(|(at, _)| {
                self.layout.header.names()[*at].split([' ', '(', ')', '[', ']', '/'])
            })
            .find_map(|word| names::currency(word).ok());
        named.map_or_else(
            || "# currency = { constant = \"EUR\" } # not found".to_owned(),
            |code| {
                format!("currency = {{ constant = \"{}\" }} # from the amount's name", code.code())
            },
        )
    }
}

fn country_line(field: Field) -> String {
    format!("# {} = {{ constant = \"DE\" }} # not found, and accounts are not IBANs", field.name())
}

/// A basic string of TOML, whose escapes are JSON's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Comments that show the first rows as the map reads them, with accounts masked.
fn preview(path: &Path, text: &str) -> String {
    let mut shown = String::from("# The first rows as read with this map:\n");
    let map = match ColumnMap::parse(text) {
        Ok(map) => map,
        Err(err) => return format!("{shown}# none: {err}\n"),
    };
    let rows = match Dataset::open_with(path, &Hints { columns: Some(map), ..Hints::default() }) {
        Ok(rows) => rows,
        Err(err) => return format!("{shown}# none: {err}\n"),
    };
    for row in rows.take(PREVIEW_ROWS) {
        let _ = match row {
            Err(err) => writeln!(shown, "# {err}"),
            Ok(row) => {
                let sent = &row.transaction;
                writeln!(
                    shown,
                    "# {}  {} {} -> {} {}  {} {}  {}",
                    sent.timestamp.as_str(),
                    masked(sent.sender.account.as_str()),
                    sent.sender.bank_country.code(),
                    masked(sent.receiver.account.as_str()),
                    sent.receiver.bank_country.code(),
                    sent.amount,
                    sent.amount.currency().code(),
                    sent.payment_type.code(),
                )
            }
        };
    }
    shown
}

/// An account number with all but its ends masked.
fn masked(account: &str) -> String {
    let letters: Vec<char> = account.chars().collect();
    match letters.as_slice() {
        [a, b, .., y, z] if letters.len() > 6 => format!("{a}{b}…{y}{z}"),
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests;
