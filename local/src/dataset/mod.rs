//! Reads transaction files:
//!
//! - the SAML-D schema (Oztas et al. 2023) as it is published, CSV or Parquet, with the columns in
//!   any order, currencies and countries as names ("UK pounds", "Turkey") or ISO codes, and times
//!   without a zone, which are taken as UTC;
//! - the API's own transactions, one JSON object a line, with or without labels;
//! - AMLworld of IBM (Altman et al. 2023) as it is published, its transactions (CSV) and its
//!   laundering attempts (`…_Patterns.txt`).
//!
//! Text may be compressed with gzip. Files are told apart by their names, CSV by its header.
//!
//! Reading streams: one row in memory at a time. A faulty row is an error with its line and does
//! not stop the rows after it. Where rows have no ids, these are made from the file's stem and the
//! row's number (`saml-d-0000001`), so the same file always gives the same transactions.
//!
//! Amounts become decimal text with the minor unit of their currency; surplus decimals (yen with
//! cents, the noise of binary floats) are rounded half to even.

mod amlworld;
mod bytes;
mod columns;
mod csv_file;
mod lines;
mod names;
mod ndjson_file;
mod parquet_file;
mod patterns_file;
mod row;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use sentinel::transaction::Transaction;

use bytes::Bytes;

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
    #[error("{path} has no column {column}", path = path.display())]
    MissingColumn { path: PathBuf, column: &'static str },
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
    Empty { column: &'static str },
    #[error("{column} {problem}")]
    Invalid { column: &'static str, problem: String },
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
    /// The file breaks off; no row comes after this one.
    #[error("the file cannot be read on: {0}")]
    BrokenFile(String),
}

/// An open file: an iterator over its rows.
pub struct Dataset {
    source: Source,
}

enum Source {
    Csv(Box<csv_file::CsvFile>),
    Parquet(parquet_file::ParquetFile),
    Ndjson(ndjson_file::NdjsonFile),
    Patterns(patterns_file::PatternsFile),
}

impl Dataset {
    /// Opens a file by its extension: `.csv`, `.ndjson`, `.jsonl` or `.txt`, each also with `.gz`
    /// behind it, or `.parquet`.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        let plain = without_gz(path);
        let gzip = plain.as_os_str() != path.as_os_str();
        let extension = plain.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let bytes = || Bytes::open(path, gzip);
        let source = match extension.to_ascii_lowercase().as_str() {
            "csv" => Source::Csv(Box::new(csv_file::CsvFile::open(path, bytes()?)?)),
            "ndjson" | "jsonl" => Source::Ndjson(ndjson_file::NdjsonFile::open(path, bytes()?)?),
            "txt" => Source::Patterns(patterns_file::PatternsFile::open(path, bytes()?)?),
            "parquet" | "pq" if !gzip => Source::Parquet(parquet_file::ParquetFile::open(path)?),
            _ => return Err(unreadable(path, EXPECTED)),
        };
        Ok(Self { source })
    }

    /// What the ids of a file begin with that has none of its own; they are numbered on from there.
    pub fn id_prefix(&self) -> Option<&str> {
        match &self.source {
            Source::Csv(file) => Some(file.id_prefix()),
            Source::Parquet(file) => Some(file.id_prefix()),
            Source::Ndjson(_) => None,
            Source::Patterns(file) => Some(file.id_prefix()),
        }
    }

    /// How many rows the file holds, where it says so itself: Parquet does, text does not.
    pub fn row_count(&self) -> Option<u64> {
        match &self.source {
            Source::Parquet(file) => Some(file.row_count()),
            Source::Csv(_) | Source::Ndjson(_) | Source::Patterns(_) => None,
        }
    }
}

impl Iterator for Dataset {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Csv(file) => file.next(),
            Source::Parquet(file) => file.next(),
            Source::Ndjson(file) => file.next(),
            Source::Patterns(file) => file.next(),
        }
    }
}

const EXPECTED: &str = "expected a file ending in .csv, .ndjson or .jsonl, also with .gz behind \
                        it, in .parquet, or AMLworld's patterns, ending in .txt";

fn unreadable(path: &Path, reason: impl Into<String>) -> DatasetError {
    DatasetError::Unreadable { path: path.to_owned(), reason: reason.into() }
}

/// The path that the file would have, were it not compressed.
fn without_gz(path: &Path) -> PathBuf {
    let gzip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    if gzip { path.with_extension("") } else { path.to_owned() }
}

/// What ids of a file's transactions begin with: its stem, reduced to the characters of an id and
/// short enough to leave room for a number.
fn id_prefix(path: &Path) -> String {
    let path = without_gz(path);
    let stem = path.file_stem().map(|s| s.to_string_lossy()).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    stem.chars().take(40).map(plain).collect()
}
