//! Reads transaction files:
//!
//! - tables, as text or Parquet: SAML-D (Oztas et al. 2023) and AMLworld of IBM (Altman et al. 2023)
//!   as they are published, and any other by a column map ([`ColumnMap`]);
//! - the API's own transactions, one JSON object a line, with or without labels;
//! - AMLworld's laundering attempts (`…_Patterns.txt`).
//!
//! Text is read as people have it: in whatever encoding and with whatever line ends ([`text`]),
//! parted by commas, semicolons, tabs or bars, with titles above its header ([`header`]), with
//! amounts ([`number`]), dates ([`when`]) and accounts ([`account`]) as spreadsheets write them. How
//! a file writes amounts and dates is settled over its rows ([`settle`]) or refused with the option
//! that says it. It may be compressed with gzip.
//!
//! Reading streams: one row in memory at a time. A faulty row is an error with its line and does
//! not stop the rows after it. Where rows have no ids, these are made from the file's stem and the
//! row's number (`saml-d-0000001`), so the same file always gives the same transactions.
//!
//! Amounts become decimal text with the minor unit of their currency; surplus decimals (yen with
//! cents, the noise of binary floats) are rounded half to even.

mod account;
mod bytes;
mod column_map;
mod csv_table;
mod header;
mod lines;
mod names;
mod ndjson_file;
mod number;
mod parquet_table;
mod patterns_file;
mod plan;
mod propose;
mod row;
mod settle;
mod synonyms;
mod table;
mod table_file;
mod text;
mod when;

#[cfg(test)]
mod dialect_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use sentinel::payment::transaction::Transaction;

use bytes::Bytes;
pub use column_map::{ColumnMap, InvalidMap};
pub use number::Decimal;
pub use propose::propose;
use text::{Otherwise, Text};
pub use when::DateOrder;

/// What is known of files beyond themselves; what is None they tell.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    pub columns: Option<ColumnMap>,
    pub decimal: Option<Decimal>,
    pub dates: Option<DateOrder>,
    /// Where times without an offset of their own are from; None is UTC.
    pub zone: Option<TimeZone>,
}

/// One row: a valid transaction and what the data set says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Line of a text file (a header is line 1), row of a Parquet file, counted from 1.
    pub line: u64,
    pub transaction: Transaction,
    /// Whether the data set calls it laundering; None where it does not say.
    pub label: Option<bool>,
    /// The data set's own word for the pattern, as spelt there (`Normal_Foward`).
    pub typology: Option<String>,
    /// The planted case that the payment is part of (`fan_in-03`): what one criminal does, over
    /// several payments. None of honest payments, and where the data set tells no cases apart.
    pub story: Option<String>,
}

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: {reason}", path = path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error(
        "{path} has no column {column}; where a file calls its columns otherwise, \
         `sentinel columns` proposes a map of them for --columns",
        path = path.display()
    )]
    MissingColumn { path: PathBuf, column: String },
}

/// A faulty row. Says where and why, and never quotes the cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct RowError {
    pub line: u64,
    pub reason: Fault,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    #[error("{column} is empty")]
    Empty { column: Cow<'static, str> },
    #[error("{column} {problem}")]
    Invalid { column: Cow<'static, str>, problem: String },
    #[error("sender and receiver are the same account")]
    SameAccount,
    #[error("the row has {found} cells, the header {expected}")]
    CellCount { found: u64, expected: u64 },
    #[error("the row is not UTF-8")]
    NotUtf8,
    #[error("the line is longer than {} bytes", lines::MAX_BYTES)]
    TooLong,
    #[error("the line is not JSON: {0}")]
    NotJson(&'static str),
    /// Each faulty field and the code of the API for what is wrong with it.
    #[error("{0}")]
    Contract(String),
    #[error("the row stands in no laundering attempt")]
    OutsideAttempt,
    #[error("its msg_id came before")]
    Repeated,
    #[error("the row is a total, no payment")]
    Total,
    /// The file breaks off; no row comes after this one.
    #[error("the file cannot be read on: {0}")]
    BrokenFile(String),
}

/// An open file: an iterator over its rows.
pub struct Dataset {
    source: Source,
}

enum Source {
    Table(Box<table_file::TableFile>),
    Ndjson(ndjson_file::NdjsonFile),
    Patterns(Box<patterns_file::PatternsFile>),
}

impl Dataset {
    /// Opens a file that tells everything about itself.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        Self::open_with(path, &Hints::default())
    }

    /// Opens a file by its extension: `.csv`, `.tsv`, `.txt`, `.ndjson` or `.jsonl`, each also with
    /// `.gz` behind it, or `.parquet`.
    pub fn open_with(path: &Path, hints: &Hints) -> Result<Self, DatasetError> {
        let (plain, gzip) = without_gz(path);
        let extension = plain.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let lines = || -> Result<Text, DatasetError> {
            Ok(Text::new(Bytes::open(path, gzip)?, Otherwise::Fault))
        };
        let table = || -> Result<Source, DatasetError> {
            let file = table_file::TableFile::open_text(path, gzip, hints)?;
            Ok(Source::Table(Box::new(file)))
        };
        let source = match extension.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => table()?,
            "ndjson" | "jsonl" => Source::Ndjson(ndjson_file::NdjsonFile::open(path, lines()?)?),
            // AMLworld's attempts, or a table that somebody called text.
            "txt" => match patterns_file::PatternsFile::open(path, lines()?)? {
                Some(file) => Source::Patterns(Box::new(file)),
                None => table()?,
            },
            "parquet" | "pq" if !gzip => {
                Source::Table(Box::new(table_file::TableFile::open_parquet(path, hints)?))
            }
            _ => return Err(unreadable(path, EXPECTED)),
        };
        Ok(Self { source })
    }

    /// What the ids of a file begin with that has none of its own; they are numbered on from there.
    pub fn id_prefix(&self) -> Option<&str> {
        match &self.source {
            Source::Table(file) => file.id_prefix(),
            Source::Ndjson(_) => None,
            Source::Patterns(file) => file.id_prefix(),
        }
    }

    /// How many rows the file holds, where it says so itself: Parquet does, text does not.
    pub fn row_count(&self) -> Option<u64> {
        match &self.source {
            Source::Table(file) => file.row_count(),
            Source::Ndjson(_) | Source::Patterns(_) => None,
        }
    }
}

impl Iterator for Dataset {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Table(file) => file.next(),
            Source::Ndjson(file) => file.next(),
            Source::Patterns(file) => file.next(),
        }
    }
}

const EXPECTED: &str = "expected a file ending in .csv, .tsv, .txt, .ndjson or .jsonl, also with \
                        .gz behind it, or in .parquet";

fn unreadable(path: &Path, reason: impl Into<String>) -> DatasetError {
    DatasetError::Unreadable { path: path.to_owned(), reason: reason.into() }
}

/// A table's text.
fn open_text(path: &Path, gzip: bool) -> Result<Text, DatasetError> {
    Ok(Text::new(Bytes::open(path, gzip)?, Otherwise::Windows1252))
}

/// The path that the file would have, were it not compressed, and whether it is.
fn without_gz(path: &Path) -> (PathBuf, bool) {
    let gzip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    (if gzip { path.with_extension("") } else { path.to_owned() }, gzip)
}

/// What ids of a file's transactions begin with: its stem, reduced to the characters of an id and
/// short enough to leave room for a number.
fn id_prefix(path: &Path) -> String {
    let (path, _) = without_gz(path);
    let stem = path.file_stem().map(|s| s.to_string_lossy()).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    stem.chars().take(40).map(plain).collect()
}
