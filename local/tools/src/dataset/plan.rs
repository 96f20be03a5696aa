//! A column map bound to one file: where each field stands, and how the file writes amounts and
//! times.

use std::path::Path;

use jiff::tz::TimeZone;

use super::column_map::{ColumnMap, Field, Source};
use super::header::Header;
use super::number::Decimal;
use super::when::Calendar;
use super::{DatasetError, Hints, id_prefix, unreadable};

/// Where a field's values stand.
pub(super) enum Place {
    Constant(String),
    Column {
        at: usize,
        /// As the map calls it, for faults.
        name: String,
        values: Vec<(String, String)>,
        otherwise: Option<String>,
        /// Whether it holds numbers or times, and no text.
        typed: bool,
    },
}

pub(super) struct Plan {
    places: [Option<Place>; Field::COUNT],
    pub(super) is_statement: bool,
    pub(super) sign_is_ignored: bool,
    pub(super) decimal: Option<Decimal>,
    pub(super) calendar: Calendar,
    id_prefix: String,
    width: usize,
}

impl Plan {
    /// What the hints say holds, whatever the map says.
    pub(super) fn bind(
        path: &Path,
        map: &ColumnMap,
        header: &Header,
        hints: &Hints,
    ) -> Result<Self, DatasetError> {
        let mut places = [const { None::<Place> }; Field::COUNT];
        for (field, source) in &map.sources {
            places[*field as usize] = match source {
                Source::Constant(constant) => Some(Place::Constant(constant.clone())),
                Source::Column(column) => match header.find(&column.name) {
                    Some(at) => Some(Place::Column {
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
                .map_err(|_| unreadable(path, "the map's zone is none of the IANA database"))?,
        };
        Ok(Self {
            places,
            is_statement: map.is_statement(),
            sign_is_ignored: map.sign_is_ignored,
            decimal: hints.decimal.or(map.decimal),
            calendar: Calendar { order: hints.dates.or(map.dates), zone },
            id_prefix: id_prefix(path),
            width: header.width(),
        })
    }

    /// Marks the columns that hold numbers or times.
    pub(super) fn note_types(&mut self, is_typed: impl Fn(usize) -> bool) {
        for place in self.places.iter_mut().flatten() {
            if let Place::Column { at, typed, .. } = place {
                *typed = is_typed(*at);
            }
        }
    }

    pub(super) fn place(&self, field: Field) -> Option<&Place> {
        self.places[field as usize].as_ref()
    }

    /// The column of a field that people wrote.
    pub(super) fn written(&self, field: Field) -> Option<(usize, &str)> {
        match self.place(field)? {
            Place::Column { at, name, typed: false, .. } => Some((*at, name)),
            Place::Column { .. } | Place::Constant(_) => None,
        }
    }

    /// What parts decimals in a field's column.
    pub(super) fn decimal(&self, field: Field) -> Option<Decimal> {
        match self.place(field) {
            Some(Place::Column { typed: true, .. }) => Some(Decimal::Point),
            _ => self.decimal,
        }
    }

    /// What ids begin with, where the file has none of its own.
    pub(super) fn id_prefix(&self) -> Option<&str> {
        self.place(Field::MsgId).is_none().then_some(&self.id_prefix)
    }

    /// How many columns the file has.
    pub(super) fn width(&self) -> usize {
        self.width
    }
}
