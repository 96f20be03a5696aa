//! A column map bound to one file: where each field is, and how the file writes amounts and times.

use std::path::Path;

use jiff::tz::TimeZone;

use super::calendar::Calendar;
use super::column_map::{ColumnMap, Field, Source};
use super::header::Header;
use super::number::Decimal;
use super::{DatasetError, Hints, id_prefix, unreadable};

/// Where a field's values come from.
pub(super) enum BoundSource {
    Constant(String),
    Column {
        at: usize,
        /// Its name in the map, for faults.
        name: String,
        values: Vec<(String, String)>,
        otherwise: Option<String>,
        /// Whether it holds typed numbers or times rather than text.
        typed: bool,
    },
}

pub(super) struct Plan {
    sources: [Option<BoundSource>; Field::COUNT],
    pub(super) is_statement: bool,
    pub(super) sign_is_ignored: bool,
    pub(super) decimal: Option<Decimal>,
    pub(super) calendar: Calendar,
    id_prefix: String,
    width: usize,
}

impl Plan {
    /// Binds a map to a file; hints take precedence over the map.
    pub(super) fn bind(
        path: &Path,
        map: &ColumnMap,
        header: &Header,
        hints: &Hints,
    ) -> Result<Self, DatasetError> {
        let mut sources = [const { None::<BoundSource> }; Field::COUNT];
        for (field, source) in &map.sources {
            sources[*field as usize] = match source {
                Source::Constant(constant) => Some(BoundSource::Constant(constant.clone())),
                Source::Column(column) => match header.find(&column.name) {
                    Some(at) => Some(BoundSource::Column {
                        at,
                        name: column.name.clone(),
                        values: column.values.clone(),
                        otherwise: column.otherwise.clone(),
                        typed: false,
                    }),
                    None if column.optional => None,
                    None => {
                        let column = column.name.clone();
                        return Err(DatasetError::MissingColumn { path: path.to_owned(), column });
                    }
                },
            };
        }
        let zone = match (&hints.zone, &map.zone) {
            (Some(zone), _) => zone.clone(),
            (None, None) => TimeZone::UTC,
            (None, Some(name)) => TimeZone::get(name)
                .map_err(|_| unreadable(path, "the map's zone is not in the IANA database"))?,
        };
        Ok(Self {
            sources,
            is_statement: map.is_statement(),
            sign_is_ignored: map.sign_is_ignored,
            decimal: hints.decimal.or(map.decimal),
            calendar: Calendar { order: hints.dates.or(map.dates), zone },
            id_prefix: id_prefix(path),
            width: header.width(),
        })
    }

    /// Marks the columns that hold typed numbers or times.
    pub(super) fn note_types(&mut self, is_typed: impl Fn(usize) -> bool) {
        for source in self.sources.iter_mut().flatten() {
            if let BoundSource::Column { at, typed, .. } = source {
                *typed = is_typed(*at);
            }
        }
    }

    pub(super) fn source(&self, field: Field) -> Option<&BoundSource> {
        self.sources[field as usize].as_ref()
    }

    /// The column of a field if it holds text, whose conventions are to be inferred.
    pub(super) fn text_column(&self, field: Field) -> Option<(usize, &str)> {
        match self.source(field)? {
            BoundSource::Column { at, name, typed: false, .. } => Some((*at, name)),
            BoundSource::Column { .. } | BoundSource::Constant(_) => None,
        }
    }

    /// The decimal separator in a field's column.
    pub(super) fn decimal(&self, field: Field) -> Option<Decimal> {
        match self.source(field) {
            Some(BoundSource::Column { typed: true, .. }) => Some(Decimal::Point),
            _ => self.decimal,
        }
    }

    /// The prefix of generated ids; `None` if the file has ids.
    pub(super) fn id_prefix(&self) -> Option<&str> {
        self.source(Field::MsgId).is_none().then_some(&self.id_prefix)
    }

    /// How many columns the file has.
    pub(super) fn width(&self) -> usize {
        self.width
    }
}
