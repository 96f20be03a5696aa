//! The Parquet file of features: a row per transaction, a column per feature, and metadata on what it
//! was made from.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use sentinel::state::features::{FEATURE_COUNT, Features, NAMES, list_hash};

use crate::history::{Event, FileSummary};

const ROWS_PER_GROUP: usize = 1 << 16;

/// The columns before the features.
const LEADING: [(&str, Physical, Repetition); 5] = [
    // 0 for the pass with all history, 1 for the one that forgets.
    ("pass", Physical::INT32, Repetition::REQUIRED),
    ("row", Physical::INT64, Repetition::REQUIRED),
    ("timestamp", Physical::DOUBLE, Repetition::REQUIRED),
    ("label", Physical::BOOLEAN, Repetition::OPTIONAL),
    ("typology", Physical::BYTE_ARRAY, Repetition::OPTIONAL),
];

/// A feature file being written.
pub(super) struct FeatureTable {
    writer: SerializedFileWriter<File>,
    group: Group,
}

/// Rows not yet written, column by column.
#[derive(Default)]
struct Group {
    passes: Vec<i32>,
    rows: Vec<i64>,
    timestamps: Vec<f64>,
    labels: Vec<bool>,
    labels_present: Vec<i16>,
    typologies: Vec<ByteArray>,
    typologies_present: Vec<i16>,
    features: Vec<Vec<f32>>,
}

impl FeatureTable {
    pub(super) fn create(path: &Path, sources: &[FileSummary]) -> anyhow::Result<Self> {
        let metadata = [
            ("sentinel.files", serde_json::to_string(sources)?),
            ("sentinel.features_sha256", list_hash()),
            ("sentinel.core", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        let metadata = metadata.map(|(key, value)| KeyValue::new(key.to_owned(), value));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_key_value_metadata(Some(metadata.to_vec()))
            .build();
        let file = File::create(path)?;
        let writer = SerializedFileWriter::new(file, Arc::new(schema()?), Arc::new(properties))?;
        Ok(Self { writer, group: Group::new() })
    }

    pub(super) fn push(
        &mut self,
        pass: i32,
        event: &Event,
        typology: Option<&str>,
        features: &Features,
    ) -> Result<()> {
        let group = &mut self.group;
        group.passes.push(pass);
        group.rows.push(i64::from(event.row));
        group.timestamps.push(event.facts.at);
        group.labels.extend(event.label);
        group.labels_present.push(i16::from(event.label.is_some()));
        group.typologies.extend(typology.map(ByteArray::from));
        group.typologies_present.push(i16::from(typology.is_some()));
        for (column, value) in group.features.iter_mut().zip(features.values()) {
            column.push(*value);
        }
        if group.rows.len() == ROWS_PER_GROUP { self.write_group() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<()> {
        if !self.group.rows.is_empty() {
            self.write_group()?;
        }
        self.writer.close().map(drop)
    }

    fn write_group(&mut self) -> Result<()> {
        let group = std::mem::replace(&mut self.group, Group::new());
        let mut writer = self.writer.next_row_group()?;
        let mut index = 0;
        while let Some(mut column) = writer.next_column()? {
            group.write_column(index, column.untyped())?;
            column.close()?;
            index += 1;
        }
        writer.close().map(drop)
    }
}

impl Group {
    fn new() -> Self {
        Self { features: vec![Vec::new(); FEATURE_COUNT], ..Self::default() }
    }

    fn write_column(&self, index: usize, column: &mut ColumnWriter<'_>) -> Result<()> {
        let labels = Some(self.labels_present.as_slice());
        let typologies = Some(self.typologies_present.as_slice());
        match (index, column) {
            (0, ColumnWriter::Int32ColumnWriter(to)) => to.write_batch(&self.passes, None, None),
            (1, ColumnWriter::Int64ColumnWriter(to)) => to.write_batch(&self.rows, None, None),
            (2, ColumnWriter::DoubleColumnWriter(to)) => {
                to.write_batch(&self.timestamps, None, None)
            }
            (3, ColumnWriter::BoolColumnWriter(to)) => to.write_batch(&self.labels, labels, None),
            (4, ColumnWriter::ByteArrayColumnWriter(to)) => {
                to.write_batch(&self.typologies, typologies, None)
            }
            (_, ColumnWriter::FloatColumnWriter(to)) => {
                to.write_batch(&self.features[index - LEADING.len()], None, None)
            }
            _ => Err(ParquetError::General("the schema and its columns disagree".to_owned())),
        }
        .map(drop)
    }
}

fn schema() -> Result<Type> {
    let leading = LEADING.map(|(name, physical, repetition)| {
        let text = (physical == Physical::BYTE_ARRAY).then_some(LogicalType::String);
        Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(text)
            .build()
    });
    let features = NAMES.iter().map(|name| {
        Type::primitive_type_builder(name, Physical::FLOAT)
            .with_repetition(Repetition::REQUIRED)
            .build()
    });
    let fields = leading.into_iter().chain(features).map(|field| field.map(Arc::new));
    Type::group_type_builder("features").with_fields(fields.collect::<Result<_>>()?).build()
}
