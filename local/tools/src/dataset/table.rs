//! Rows and columns, independent of the file format.

use std::borrow::Cow;

use super::Fault;
use super::csv_table::CsvTable;
use super::parquet_table::ParquetTable;

/// The rows of a table, one at a time.
pub(super) enum Table {
    Csv(Box<CsvTable>),
    Parquet(Box<ParquetTable>),
}

impl Table {
    /// Moves to the next row; returns its line, and a fault of the row as a whole.
    pub(super) fn next(&mut self) -> Option<(u64, Result<(), Fault>)> {
        match self {
            Self::Csv(table) => table.next(),
            Self::Parquet(table) => table.next(),
        }
    }

    /// A cell of the current row.
    pub(super) fn cell(&self, at: usize) -> Result<Option<Cow<'_, str>>, Fault> {
        match self {
            Self::Csv(table) => Ok(table.cell(at)?.map(Cow::Borrowed)),
            Self::Parquet(table) => table.cell(at),
        }
    }

    /// Whether a column holds typed numbers or times, which need no guessing of conventions.
    pub(super) fn is_typed(&self, at: usize) -> bool {
        match self {
            Self::Csv(_) => false,
            Self::Parquet(table) => table.is_typed(at),
        }
    }
}
