//! The payments that a column map reads out of a file of rows and columns.
//!
//! The file is opened twice: first its amounts and dates are asked how they are written, then it
//! is read.

use std::borrow::Cow;
use std::path::Path;

use super::column_map::ColumnMap;
use super::csv_table::CsvTable;
use super::header::{Layout, choose, layouts};
use super::parquet_table::ParquetSchema;
use super::plan::Plan;
use super::table::Table;
use super::{DatasetError, Fault, Hints, Row, RowError, row, settle};

/// What a row of a table begins with that sums up the others.
const TOTALS: [&str; 12] = [
    "total",
    "grand total",
    "sum",
    "summe",
    "gesamt",
    "saldo",
    "endsaldo",
    "totaal",
    "somme",
    "suma",
    "closing balance",
    "opening balance",
];

/// Payments of a table.
pub(super) struct TableFile {
    table: Table,
    plan: Plan,
    number: u64,
}

impl TableFile {
    /// Opens CSV and its like.
    pub(super) fn open_text(path: &Path, gzip: bool, hints: &Hints) -> Result<Self, DatasetError> {
        let (layout, map) = choose(path, layouts(path, gzip)?, maps(hints))?;
        let open = || CsvTable::open(path, gzip, &layout).map(|table| Table::Csv(Box::new(table)));
        Self::settled(path, &layout, &map, hints, open)
    }

    pub(super) fn open_parquet(path: &Path, hints: &Hints) -> Result<Self, DatasetError> {
        let header = ParquetSchema::open(path)?.header;
        // Its schema knows no delimiter and no titles.
        let layout = Layout { delimiter: b',', titles: 0, header };
        let (layout, map) = choose(path, vec![layout], maps(hints))?;
        let open = || {
            let rows = ParquetSchema::open(path)?.rows(path, &map)?;
            Ok(Table::Parquet(Box::new(rows)))
        };
        Self::settled(path, &layout, &map, hints, open)
    }

    fn settled(
        path: &Path,
        layout: &Layout,
        map: &ColumnMap,
        hints: &Hints,
        open: impl Fn() -> Result<Table, DatasetError>,
    ) -> Result<Self, DatasetError> {
        let table = open()?;
        let mut plan = Plan::bind(path, map, &layout.header, hints)?;
        plan.note_types(|at| table.is_typed(at));
        settle::settle(path, open()?, &mut plan)?;
        Ok(Self { table, plan, number: 0 })
    }

    /// What ids begin with, where the file has none of its own.
    pub(super) fn id_prefix(&self) -> Option<&str> {
        self.plan.id_prefix()
    }

    pub(super) fn row_count(&self) -> Option<u64> {
        match &self.table {
            Table::Csv(_) => None,
            Table::Parquet(table) => Some(table.row_count()),
        }
    }

    pub(super) fn next(&mut self) -> Option<Result<Row, RowError>> {
        let (line, whole) = self.table.next()?;
        self.number += 1;
        let cell = |at: usize| self.table.cell(at);
        let read = whole.and_then(|()| row::read(&self.plan, &cell, self.number, line));
        Some(read.map_err(|reason| RowError { line, reason: self.told(reason) }))
    }

    /// A faulty row that sums up the others is told as such.
    fn told(&self, reason: Fault) -> Fault {
        let (Table::Csv(table), false) = (&self.table, matches!(reason, Fault::BrokenFile(_)))
        else {
            return reason;
        };
        let cells = (0..self.plan.width()).filter_map(|at| table.cell(at).ok().flatten());
        let first = cells.map(str::trim).find(|cell| !cell.is_empty());
        let first = first.unwrap_or_default().trim_end_matches(':').to_lowercase();
        if TOTALS.contains(&first.as_str()) { Fault::Total } else { reason }
    }
}

/// The maps that the file may be read by.
fn maps(hints: &Hints) -> Vec<Cow<'_, ColumnMap>> {
    match &hints.columns {
        Some(map) => vec![Cow::Borrowed(map)],
        None => ColumnMap::shipped().map(Cow::Owned).collect(),
    }
}
