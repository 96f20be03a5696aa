//! Rows of a Parquet file. Only the schema's columns are read.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row as ParquetRow, reader::RowIter};
use parquet::schema::types::Type;

use super::columns::{Cells, Column, locate};
use super::{DatasetError, Fault, Row, RowError, id_prefix, row, unreadable};

pub(super) struct ParquetFile {
    rows: RowIter<'static>,
    row_count: u64,
    /// The schema's column of each column read.
    columns: Vec<Column>,
    id_prefix: String,
    number: u64,
    broken: bool,
}

impl ParquetFile {
    pub(super) fn open(path: &Path) -> Result<Self, DatasetError> {
        let file = File::open(path)
            .map_err(|source| DatasetError::Io { path: path.to_owned(), source })?;
        let unreadable = |err: ParquetError| unreadable(path, err.to_string());
        let reader = SerializedFileReader::new(file).map_err(unreadable)?;
        let metadata = reader.metadata().file_metadata();
        let row_count = u64::try_from(metadata.num_rows()).unwrap_or_default();
        let fields = metadata.schema_descr().root_schema().get_fields().to_vec();
        locate(path, fields.iter().map(|field| field.name()))?;
        let (columns, fields): (Vec<_>, Vec<_>) = fields
            .into_iter()
            .filter_map(|field| Some((Column::named(field.name())?, field)))
            .unzip();
        let projection = Type::group_type_builder("schema").with_fields(fields).build();
        let rows = RowIter::from_file_into(Box::new(reader))
            .project(Some(projection.map_err(unreadable)?))
            .map_err(unreadable)?;
        let id_prefix = id_prefix(path);
        Ok(Self { rows, row_count, columns, id_prefix, number: 0, broken: false })
    }

    pub(super) fn row_count(&self) -> u64 {
        self.row_count
    }

    pub(super) fn id_prefix(&self) -> &str {
        &self.id_prefix
    }

    pub(super) fn next(&mut self) -> Option<Result<Row, RowError>> {
        if self.broken {
            return None;
        }
        let row = self.rows.next()?;
        self.number += 1;
        let line = self.number;
        let read = match row {
            Ok(row) => self.read(&row),
            Err(err) => Err(Fault::BrokenFile(err.to_string())),
        };
        self.broken = matches!(read, Err(Fault::BrokenFile(_)));
        Some(read.map_err(|reason| RowError { line, reason }))
    }

    fn read(&self, row: &ParquetRow) -> Result<Row, Fault> {
        let mut cells = Cells::default();
        for ((_, field), column) in row.get_column_iter().zip(&self.columns) {
            cells.0[*column as usize] = text(field, *column)?;
        }
        row::read(&cells, &self.id_prefix, self.number, self.number)
    }
}

/// A typed cell as the text that the CSV form would hold.
fn text(field: &Field, column: Column) -> Result<Option<Cow<'_, str>>, Fault> {
    let owned = match field {
        Field::Null => return Ok(None),
        Field::Str(text) => return Ok(Some(Cow::Borrowed(text))),
        Field::Bytes(bytes) => {
            let text = str::from_utf8(bytes.data()).map_err(|_| Fault::NotUtf8)?;
            return Ok(Some(Cow::Borrowed(text)));
        }
        Field::Bool(value) => u8::from(*value).to_string(),
        // The shortest text that reads back as the same float, never with an exponent.
        Field::Double(value) => value.to_string(),
        Field::Float(value) => value.to_string(),
        Field::Date(days) => {
            moment(SignedDuration::from_hours(i64::from(*days) * 24), Column::Date)?
        }
        Field::TimeMillis(millis) => {
            moment(SignedDuration::from_millis(i64::from(*millis)), Column::Time)?
        }
        Field::TimeMicros(micros) => moment(SignedDuration::from_micros(*micros), Column::Time)?,
        Field::TimestampMillis(millis) => moment(SignedDuration::from_millis(*millis), column)?,
        Field::TimestampMicros(micros) => moment(SignedDuration::from_micros(*micros), column)?,
        // Integers, and whatever else prints as one.
        other => other.to_string(),
    };
    Ok(Some(Cow::Owned(owned)))
}

/// The date or the time of day of a moment since the Unix epoch.
fn moment(since_epoch: SignedDuration, column: Column) -> Result<String, Fault> {
    let out_of_range =
        || Fault::Invalid { column: column.name(), problem: "is out of the calendar".to_owned() };
    let at = Timestamp::from_duration(since_epoch).map_err(|_| out_of_range())?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    Ok(if column == Column::Time { at.time().to_string() } else { at.date().to_string() })
}
