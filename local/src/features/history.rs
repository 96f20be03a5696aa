//! The rows of all files, compact and in the order of their time.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::Context as _;
use sentinel::facts::{Facts, Reference};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::dataset::{Dataset, Fault, Row};
use crate::progress::{Progress, thousands};

/// One row, waiting for its turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) facts: Facts,
    /// Counted over all files from 1, faulty rows not counted.
    pub(super) row: u32,
    pub(super) label: Option<bool>,
    typology: Option<u32>,
}

/// What a file contributed; goes into the model's card.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FileSummary {
    pub(super) name: String,
    pub(super) sha256: String,
    pub(super) rows: u64,
    pub(super) positives: u64,
    pub(super) faulty: u64,
}

#[derive(Debug, Default)]
pub(super) struct History {
    events: Vec<Event>,
    texts: Texts,
    sources: Vec<FileSummary>,
}

/// Typologies, each kept once.
#[derive(Debug, Default)]
struct Texts {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("fewer than 2^32 texts fit in memory");
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }
}

impl History {
    /// Adds a file's rows. Faulty ones are counted and told, and left out.
    pub(super) fn read(
        &mut self,
        path: &Path,
        reference: &Reference,
        limit: Option<u64>,
    ) -> anyhow::Result<()> {
        let sha256 = hash(path).with_context(|| format!("cannot read {}", path.display()))?;
        let dataset = Dataset::open(path)?;
        let limit = limit.unwrap_or(u64::MAX);
        let total = dataset.row_count().map(|rows| rows.min(limit));
        let mut progress = Progress::start("Reading", total);
        let (mut rows, mut positives) = (0, 0);
        let mut faults: BTreeMap<Fault, (u64, u64)> = BTreeMap::new();
        for row in dataset.take(usize::try_from(limit).unwrap_or(usize::MAX)) {
            match row {
                Ok(row) => {
                    rows += 1;
                    positives += u64::from(row.label == Some(true));
                    self.push(&row, reference);
                }
                Err(err) => faults.entry(err.reason).or_insert((0, err.line)).0 += 1,
            }
            progress.advance(1);
        }
        progress.finish();
        for (fault, (count, line)) in &faults {
            eprintln!("left out {} rows, first at line {line}: {fault}", thousands(*count));
        }
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let faulty = faults.values().map(|(count, _)| count).sum();
        self.sources.push(FileSummary { name, sha256, rows, positives, faulty });
        Ok(())
    }

    fn push(&mut self, row: &Row, reference: &Reference) {
        let tx = &row.transaction;
        self.events.push(Event {
            facts: Facts::of(tx, reference),
            row: u32::try_from(self.events.len() + 1).expect("fewer than 2^32 rows fit in memory"),
            label: row.label,
            typology: row.typology.as_deref().map(|text| self.texts.number(text)),
        });
    }

    /// Stable: rows of the same time stay in the order of their file.
    pub(super) fn sort_by_time(&mut self) {
        self.events.sort_by(|a, b| a.facts.at.total_cmp(&b.facts.at));
    }

    pub(super) fn len(&self) -> u64 {
        self.events.len() as u64
    }

    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }

    pub(super) fn typology(&self, event: &Event) -> Option<&str> {
        event.typology.map(|number| self.texts.text(number))
    }

    pub(super) fn sources(&self) -> &[FileSummary] {
        &self.sources
    }
}

fn hash(path: &Path) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
    Ok(hex::encode(hasher.finalize()))
}
