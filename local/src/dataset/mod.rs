//! Reads transaction files of the SAML-D schema (Oztas et al. 2023), as they are published: CSV or
//! Parquet, with the columns in any order, currencies and countries as names ("UK pounds",
//! "Turkey") or ISO codes, and times without a zone, which are taken as UTC.
//!
//! Reading streams: one row in memory at a time. A faulty row is an error with its line and does
//! not stop the rows after it. Ids are made from the file's stem and the row's number
//! (`saml-d-0000001`), so the same file always gives the same transactions.
//!
//! Amounts become decimal text with the minor unit of their currency; surplus decimals (yen with
//! cents, the noise of binary floats) are rounded half to even.

mod columns;
mod csv_file;
mod names;
mod parquet_file;
mod row;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use sentinel::transaction::Transaction;

use columns::Column;

/// One row: a valid transaction and what the data set says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Line of a CSV file (the header is line 1), row of a Parquet file, counted from 1.
    pub line: u64,
    pub transaction: Transaction,
    /// Whether the data set calls it laundering; None where it does not say.
    pub label: Option<bool>,
    /// The data set's own word for the pattern, as spelt there (`Normal_Foward`).
    pub typology: Option<String>,
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
    #[error("the line is not a JSON object")]
    NotJson,
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
}

impl Dataset {
    /// Opens a file by its extension: `.csv` or `.parquet`.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let source = match extension.to_ascii_lowercase().as_str() {
            "csv" => Source::Csv(Box::new(csv_file::CsvFile::open(path)?)),
            "parquet" | "pq" => Source::Parquet(parquet_file::ParquetFile::open(path)?),
            _ => {
                return Err(DatasetError::Unreadable {
                    path: path.to_owned(),
                    reason: "expected a file ending in .csv or .parquet".to_owned(),
                });
            }
        };
        Ok(Self { source })
    }

    /// What the ids of a file begin with that has none of its own; they are numbered on from there.
    pub fn id_prefix(&self) -> Option<&str> {
        match &self.source {
            Source::Csv(file) => Some(file.id_prefix()),
            Source::Parquet(file) => Some(file.id_prefix()),
        }
    }

    /// How many rows the file holds, where it says so itself (Parquet); bytes say it for CSV.
    pub fn row_count(&self) -> Option<u64> {
        match &self.source {
            Source::Csv(_) => None,
            Source::Parquet(file) => Some(file.row_count()),
        }
    }
}

impl Iterator for Dataset {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Csv(file) => file.next(),
            Source::Parquet(file) => file.next(),
        }
    }
}

/// What ids of a file's transactions begin with: its stem, reduced to the characters of an id and
/// short enough to leave room for a number.
fn id_prefix(path: &Path) -> String {
    let stem = path.file_stem().map(|s| s.to_string_lossy()).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    stem.chars().take(40).map(plain).collect()
}

/// Where each column of the schema is found, and that none is missing.
fn locate(
    path: &Path,
    header: impl Iterator<Item = impl AsRef<str>>,
) -> Result<[Option<usize>; Column::COUNT], DatasetError> {
    let mut at = [None; Column::COUNT];
    for (index, name) in header.enumerate() {
        if let Some(column) = Column::named(name.as_ref()) {
            at[column as usize].get_or_insert(index);
        }
    }
    match Column::ALL.into_iter().find(|c| c.is_required() && at[*c as usize].is_none()) {
        Some(missing) => {
            Err(DatasetError::MissingColumn { path: path.to_owned(), column: missing.name() })
        }
        None => Ok(at),
    }
}
