//! Reads transaction files:
//!
//! - tables, as text or Parquet: SAML-D (Oztas et al. 2023) and IBM's AMLworld (Altman et al. 2023)
//!   as published, and any other with a column map ([`ColumnMap`]);
//! - the API's own transactions, one JSON object per line, with or without labels;
//! - AMLworld's laundering attempts (`…_Patterns.txt`).
//!
//! Text is read as people have it: in any common encoding and with any line ends ([`text`]), delimited
//! by commas, semicolons, tabs or bars, with titles above its header ([`header`]), with amounts
//! ([`number`]), dates ([`calendar`]) and accounts ([`account`]) as spreadsheets write them. How a file
//! writes amounts and dates is inferred from its rows ([`conventions`]); if they do not show it, the file is
//! refused with the option to give. It may be compressed with gzip.
//!
//! Files are streamed, one row in memory at a time. A faulty row is an error with its line number and
//! does not stop the rows after it. Missing ids are made from the file's stem and the row's number
//! (`saml-d-0000001`), so the same file always gives the same transactions.
//!
//! Amounts become decimal text with the minor unit of their currency; surplus decimals (yen with
//! cents, noise of binary floats) are rounded half to even.

mod account;
mod bytes;
mod calendar;
mod column_map;
mod conventions;
mod csv_table;
mod header;
mod lines;
mod names;
mod ndjson_file;
mod number;
mod parquet_table;
mod patterns_file;
mod plan;
mod proposal;
mod row;
mod synonyms;
mod table;
mod table_file;
mod text;

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
pub use calendar::DateOrder;
pub use column_map::{ColumnMap, InvalidMap};
pub use number::Decimal;
pub use proposal::propose;
use text::{FallbackEncoding, Text};

/// What is known about files in advance; None is inferred from the file.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    pub columns: Option<ColumnMap>,
    pub decimal: Option<Decimal>,
    pub dates: Option<DateOrder>,
    /// The time zone of times without an offset; None is UTC.
    pub zone: Option<TimeZone>,
}

/// One row: a valid transaction and what the data set says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Line of a text file (the header is line 1) or row of a Parquet file, counted from 1.
    pub line: u64,
    pub transaction: Transaction,
    /// Whether the data set labels it as laundering; `None` if it has no label.
    pub label: Option<bool>,
    /// The data set's own name for the pattern, as spelt there (`Normal_Foward`).
    pub typology: Option<String>,
    /// The planted case that the payment is part of (`fan_in-03`): what one criminal does over
    /// several payments. `None` for honest payments, and if the data set does not name cases.
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
        "{path} has no column {column}; if its columns have other names, `sentinel columns` \
         proposes a map for --columns",
        path = path.display()
    )]
    MissingColumn { path: PathBuf, column: String },
}

/// A faulty row. It says where and why, and never quotes the cell.
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
    /// Each faulty field with the API's code for what is wrong with it.
    #[error("{0}")]
    Contract(String),
    #[error("the row is outside any laundering attempt")]
    OutsideAttempt,
    #[error("its msg_id repeats an earlier one")]
    Repeated,
    #[error("the row is a total, not a payment")]
    Total,
    /// The file breaks off; no row follows.
    #[error("cannot read the rest of the file: {0}")]
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
    /// Opens a file without hints.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        Self::open_with(path, &Hints::default())
    }

    /// Opens a file by its extension: `.csv`, `.tsv`, `.txt`, `.ndjson` or `.jsonl`, each also with
    /// `.gz` appended, or `.parquet`.
    pub fn open_with(path: &Path, hints: &Hints) -> Result<Self, DatasetError> {
        let (plain, gzip) = without_gz(path);
        let extension = plain.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let lines = || -> Result<Text, DatasetError> {
            Ok(Text::new(Bytes::open(path, gzip)?, FallbackEncoding::None))
        };
        let table = || -> Result<Source, DatasetError> {
            let file = table_file::TableFile::open_text(path, gzip, hints)?;
            Ok(Source::Table(Box::new(file)))
        };
        let source = match extension.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => table()?,
            "ndjson" | "jsonl" => Source::Ndjson(ndjson_file::NdjsonFile::open(path, lines()?)?),
            // AMLworld's attempts, or a table with the extension .txt.
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

    /// The prefix of generated ids; `None` if the file has ids.
    pub fn id_prefix(&self) -> Option<&str> {
        match &self.source {
            Source::Table(file) => file.id_prefix(),
            Source::Ndjson(_) => None,
            Source::Patterns(file) => file.id_prefix(),
        }
    }

    /// How many rows the file has, if it says so: Parquet does, text does not.
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

const EXPECTED: &str = "expected a file ending in .csv, .tsv, .txt, .ndjson or .jsonl, each also \
                        with .gz appended, or in .parquet";

fn unreadable(path: &Path, reason: impl Into<String>) -> DatasetError {
    DatasetError::Unreadable { path: path.to_owned(), reason: reason.into() }
}

/// A table's text.
fn open_text(path: &Path, gzip: bool) -> Result<Text, DatasetError> {
    Ok(Text::new(Bytes::open(path, gzip)?, FallbackEncoding::Windows1252))
}

/// The file's path without `.gz`, and whether it had that extension.
fn without_gz(path: &Path) -> (PathBuf, bool) {
    let gzip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    (if gzip { path.with_extension("") } else { path.to_owned() }, gzip)
}

/// The prefix of a file's generated ids: its stem, reduced to the characters of an id and short enough
/// to leave room for a number.
fn id_prefix(path: &Path) -> String {
    let (path, _) = without_gz(path);
    let stem = path.file_stem().map(|s| s.to_string_lossy()).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    stem.chars().take(40).map(plain).collect()
}
