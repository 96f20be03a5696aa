//! Reads payments from a table with a column map.
//!
//! The file is opened twice: first to find out how it writes amounts and dates, then to read it.

use std::borrow::Cow;
use std::path::Path;

use super::column_map::ColumnMap;
use super::csv_table::CsvTable;
use super::header::{Layout, choose, layouts};
use super::parquet_table::ParquetSchema;
use super::plan::Plan;
use super::table::Table;
use super::{DatasetError, Fault, Hints, Row, RowError, conventions, row};

/// The first words of rows that are totals.
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

/// The payments of a table.
pub(super) struct TableFile {
    table: Table,
    plan: Plan,
    number: u64,
}

impl TableFile {
    /// Opens a delimited text file.
    pub(super) fn open_text(path: &Path, gzip: bool, hints: &Hints) -> Result<Self, DatasetError> {
        let (layout, map) = choose(path, layouts(path, gzip)?, maps(hints))?;
        let open = || CsvTable::open(path, gzip, &layout).map(|table| Table::Csv(Box::new(table)));
        Self::open_with(path, &layout, &map, hints, open)
    }

    pub(super) fn open_parquet(path: &Path, hints: &Hints) -> Result<Self, DatasetError> {
        let header = ParquetSchema::open(path)?.header;
        // Parquet has neither delimiter nor titles.
        let layout = Layout { delimiter: b',', titles: 0, header };
        let (layout, map) = choose(path, vec![layout], maps(hints))?;
        let open = || {
            let rows = ParquetSchema::open(path)?.rows(path, &map)?;
            Ok(Table::Parquet(Box::new(rows)))
        };
        Self::open_with(path, &layout, &map, hints, open)
    }

    fn open_with(
        path: &Path,
        layout: &Layout,
        map: &ColumnMap,
        hints: &Hints,
        open: impl Fn() -> Result<Table, DatasetError>,
    ) -> Result<Self, DatasetError> {
        let table = open()?;
        let mut plan = Plan::bind(path, map, &layout.header, hints)?;
        plan.note_types(|at| table.is_typed(at));
        conventions::detect(path, open()?, &mut plan)?;
        Ok(Self { table, plan, number: 0 })
    }

    /// The prefix of generated ids; `None` if the file has ids.
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
        Some(read.map_err(|reason| RowError { line, reason: self.total_or(reason) }))
    }

    /// Reports a faulty row as a total if it is one.
    fn total_or(&self, reason: Fault) -> Fault {
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

/// The maps that may fit the file.
fn maps(hints: &Hints) -> Vec<Cow<'_, ColumnMap>> {
    match &hints.columns {
        Some(map) => vec![Cow::Borrowed(map)],
        None => ColumnMap::shipped().map(Cow::Owned).collect(),
    }
}
