//! The rows of a Parquet file. Only the columns that a map names are read.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use parquet::basic::Type as Physical;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row as ParquetRow, reader::RowIter};
use parquet::schema::types::Type;

use super::column_map::ColumnMap;
use super::header::Header;
use super::{DatasetError, Fault, unreadable};

pub(super) struct ParquetTable {
    rows: RowIter<'static>,
    row: Option<ParquetRow>,
    row_count: u64,
    /// For each column of the file, its position among those read, and whether its type is not text.
    places: Vec<Option<(usize, bool)>>,
    number: u64,
    broken: bool,
}

/// A file whose columns are known but whose rows are not read yet.
pub(super) struct ParquetSchema {
    reader: SerializedFileReader<File>,
    fields: Vec<Arc<Type>>,
    pub(super) header: Header,
}

impl ParquetSchema {
    pub(super) fn open(path: &Path) -> Result<Self, DatasetError> {
        let file = File::open(path)
            .map_err(|source| DatasetError::Io { path: path.to_owned(), source })?;
        let reader =
            SerializedFileReader::new(file).map_err(|err| unreadable(path, err.to_string()))?;
        let fields = reader.metadata().file_metadata().schema_descr().root_schema().get_fields();
        let fields = fields.to_vec();
        let header = Header::new(fields.iter().map(|field| field.name()));
        Ok(Self { reader, fields, header })
    }

    pub(super) fn rows(self, path: &Path, map: &ColumnMap) -> Result<ParquetTable, DatasetError> {
        let unreadable = |err: ParquetError| unreadable(path, err.to_string());
        let rows = self.reader.metadata().file_metadata().num_rows();
        let mut wanted = vec![false; self.fields.len()];
        for at in map.columns().filter_map(|column| self.header.find(&column.name)) {
            wanted[at] = true;
        }
        let (mut places, mut read) = (Vec::new(), Vec::new());
        for (field, wanted) in self.fields.into_iter().zip(wanted) {
            places.push(wanted.then(|| (read.len(), is_typed(&field))));
            if wanted {
                read.push(field);
            }
        }
        let projection = Type::group_type_builder("schema").with_fields(read).build();
        Ok(ParquetTable {
            rows: RowIter::from_file_into(Box::new(self.reader))
                .project(Some(projection.map_err(unreadable)?))
                .map_err(unreadable)?,
            row: None,
            row_count: u64::try_from(rows).unwrap_or_default(),
            places,
            number: 0,
            broken: false,
        })
    }
}

fn is_typed(field: &Type) -> bool {
    let text = [Physical::BYTE_ARRAY, Physical::FIXED_LEN_BYTE_ARRAY];
    field.is_primitive() && !text.contains(&field.get_physical_type())
}

impl ParquetTable {
    pub(super) fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Whether a column holds typed numbers or times, which need no guessing of conventions.
    pub(super) fn is_typed(&self, at: usize) -> bool {
        self.places.get(at).copied().flatten().is_some_and(|(_, typed)| typed)
    }

    /// Moves to the next row; returns its number, and a fault of the row as a whole.
    pub(super) fn next(&mut self) -> Option<(u64, Result<(), Fault>)> {
        if self.broken {
            return None;
        }
        let row = self.rows.next()?;
        self.number += 1;
        let outcome =
            row.map(|row| self.row = Some(row)).map_err(|err| Fault::BrokenFile(err.to_string()));
        self.broken = outcome.is_err();
        Some((self.number, outcome))
    }

    pub(super) fn cell(&self, at: usize) -> Result<Option<Cow<'_, str>>, Fault> {
        let place = self.places.get(at).copied().flatten();
        let Some(((place, _), row)) = place.zip(self.row.as_ref()) else { return Ok(None) };
        row.get_column_iter().nth(place).map_or(Ok(None), |(_, field)| text(field))
    }
}

/// From here on, a double may not be exact for whole numbers.
const EXACT: f64 = 1e15;

/// A typed cell as the text it would be in CSV.
fn text(field: &Field) -> Result<Option<Cow<'_, str>>, Fault> {
    let owned = match field {
        Field::Null => return Ok(None),
        Field::Str(text) => return Ok(Some(Cow::Borrowed(text))),
        Field::Bytes(bytes) => {
            let text = str::from_utf8(bytes.data()).map_err(|_| Fault::NotUtf8)?;
            return Ok(Some(Cow::Borrowed(text)));
        }
        Field::Bool(value) => u8::from(*value).to_string(),
        // Written as a float, as in CSV, so that a rounded account is noticed.
        Field::Double(value) if *value >= EXACT => format!("{value:.1}"),
        // The shortest text that reads back as the same float, never with an exponent.
        Field::Double(value) => value.to_string(),
        Field::Float(value) => value.to_string(),
        Field::Date(days) => moment(SignedDuration::from_hours(i64::from(*days) * 24))?,
        Field::TimeMillis(millis) => clock(SignedDuration::from_millis(i64::from(*millis)))?,
        Field::TimeMicros(micros) => clock(SignedDuration::from_micros(*micros))?,
        Field::TimestampMillis(millis) => moment(SignedDuration::from_millis(*millis))?,
        Field::TimestampMicros(micros) => moment(SignedDuration::from_micros(*micros))?,
        // Integers, and anything else that prints as plain text.
        other => other.to_string(),
    };
    Ok(Some(Cow::Owned(owned)))
}

/// A moment since the Unix epoch, without a zone, because the file has none.
fn moment(since_epoch: SignedDuration) -> Result<String, Fault> {
    let at = Timestamp::from_duration(since_epoch).map_err(|_| out_of_range())?;
    Ok(at.to_zoned(jiff::tz::TimeZone::UTC).datetime().to_string())
}

fn clock(since_midnight: SignedDuration) -> Result<String, Fault> {
    let at = Timestamp::from_duration(since_midnight).map_err(|_| out_of_range())?;
    Ok(at.to_zoned(jiff::tz::TimeZone::UTC).time().to_string())
}

fn out_of_range() -> Fault {
    Fault::Invalid { column: "a time".into(), problem: "is outside the calendar".to_owned() }
}
