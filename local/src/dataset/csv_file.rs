//! Rows of a CSV file, of the SAML-D schema or of AMLworld's: the header tells.

use std::borrow::Cow;
use std::path::Path;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Terminator};

use super::bytes::{Bytes, Terminated};
use super::columns::{Cells, Column, locate};
use super::{DatasetError, Fault, Row, RowError, amlworld, id_prefix, row, unreadable};

pub(super) struct CsvFile {
    reader: Reader<Terminated<Bytes>>,
    record: ByteRecord,
    schema: Schema,
    id_prefix: String,
    rows: u64,
    broken: bool,
}

/// Where each column is found.
enum Schema {
    SamlD([Option<usize>; Column::COUNT]),
    AmlWorld(amlworld::Places),
}

impl CsvFile {
    pub(super) fn open(path: &Path, bytes: Bytes) -> Result<Self, DatasetError> {
        let mut reader = ReaderBuilder::new()
            // Cells are trimmed, so the CR of a CRLF is no matter, and lines count right.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(1 << 18)
            .from_reader(Terminated::new(bytes));
        let header = reader.headers().map_err(|err| match err.into_kind() {
            ErrorKind::Io(source) => DatasetError::Io { path: path.to_owned(), source },
            kind => unreadable(path, fault(&kind).to_string()),
        })?;
        let schema = match amlworld::locate(path, header.iter())? {
            Some(places) => Schema::AmlWorld(places),
            None => Schema::SamlD(locate(path, header.iter())?),
        };
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            schema,
            id_prefix: id_prefix(path),
            rows: 0,
            broken: false,
        })
    }

    pub(super) fn id_prefix(&self) -> &str {
        &self.id_prefix
    }

    pub(super) fn next(&mut self) -> Option<Result<Row, RowError>> {
        if self.broken {
            return None;
        }
        let outcome = loop {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return None,
                // A blank line of a file with CRLF.
                _ if self.record.as_slice() == b"\r" => {}
                outcome => break outcome,
            }
        };
        self.rows += 1;
        let outcome = outcome.map_err(|err| fault(err.kind()));
        self.broken = matches!(outcome, Err(Fault::BrokenFile(_)));
        // Where the file breaks off, the line has not ended.
        let line = self.line() + u64::from(self.broken);
        let read = outcome.and_then(|_| self.read(line));
        Some(read.map_err(|reason| RowError { line, reason }))
    }

    /// The line the record begins on. The record's own position is where the one before it ended,
    /// blank lines away.
    fn line(&self) -> u64 {
        let inside = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        self.reader.position().line().saturating_sub(1 + inside)
    }

    fn read(&self, line: u64) -> Result<Row, Fault> {
        match &self.schema {
            Schema::SamlD(at) => {
                let mut cells = Cells::default();
                for (cell, at) in cells.0.iter_mut().zip(at) {
                    *cell = self.cell(*at)?.map(Cow::Borrowed);
                }
                row::read(&cells, &self.id_prefix, self.rows, line)
            }
            Schema::AmlWorld(at) => {
                let mut cells = amlworld::Cells::default();
                for (cell, at) in cells.0.iter_mut().zip(at) {
                    *cell = self.cell(*at)?;
                }
                amlworld::read(&cells, &self.id_prefix, self.rows, line)
            }
        }
    }

    fn cell(&self, at: Option<usize>) -> Result<Option<&str>, Fault> {
        let bytes = at.and_then(|at| self.record.get(at));
        bytes.map(|bytes| str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)).transpose()
    }
}

fn fault(kind: &ErrorKind) -> Fault {
    match kind {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Fault::CellCount { found: *len, expected: *expected_len }
        }
        ErrorKind::Utf8 { .. } => Fault::NotUtf8,
        ErrorKind::Io(err) => Fault::BrokenFile(err.to_string()),
        _ => Fault::BrokenFile("it is not CSV".to_owned()),
    }
}
