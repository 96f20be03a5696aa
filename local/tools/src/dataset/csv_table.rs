//! The rows of a text table, read one at a time.

use std::path::Path;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Terminator};

use super::header::Layout;
use super::text::Text;
use super::{DatasetError, Fault, open_text, unreadable};

pub(super) struct CsvTable {
    reader: Reader<Text>,
    record: ByteRecord,
    width: usize,
    broken: bool,
}

impl CsvTable {
    /// Opens the table below its header.
    pub(super) fn open(path: &Path, gzip: bool, layout: &Layout) -> Result<Self, DatasetError> {
        let mut reader = ReaderBuilder::new()
            .delimiter(layout.delimiter)
            .terminator(Terminator::Any(b'\n'))
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 18)
            .from_reader(open_text(path, gzip)?);
        let mut record = ByteRecord::new();
        for _ in 0..=layout.titles {
            reader.read_byte_record(&mut record).map_err(|err| match err.into_kind() {
                ErrorKind::Io(source) => DatasetError::Io { path: path.to_owned(), source },
                kind => unreadable(path, fault(&kind).to_string()),
            })?;
        }
        Ok(Self { reader, record, width: layout.header.width(), broken: false })
    }

    /// Moves to the next non-blank row; returns its line, and a fault of the row as a whole. Nothing
    /// follows a [`Fault::BrokenFile`].
    pub(super) fn next(&mut self) -> Option<(u64, Result<(), Fault>)> {
        if self.broken {
            return None;
        }
        let outcome = loop {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return None,
                // Spreadsheets leave lines that consist of delimiters only.
                Ok(true) if self.is_blank() => {}
                Ok(true) => break self.check(),
                Err(err) => break Err(fault(err.kind())),
            }
        };
        self.broken = matches!(outcome, Err(Fault::BrokenFile(_)));
        // If the file breaks off, its last line has not ended.
        Some((self.line() + u64::from(self.broken), outcome))
    }

    pub(super) fn cell(&self, at: usize) -> Result<Option<&str>, Fault> {
        let bytes = self.record.get(at);
        bytes.map(|bytes| str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)).transpose()
    }

    fn is_blank(&self) -> bool {
        self.record.as_slice().iter().all(u8::is_ascii_whitespace)
    }

    /// Checks for as many cells as the header has; further ones must be empty.
    fn check(&self) -> Result<(), Fault> {
        let beyond = (self.width..self.record.len())
            .rev()
            .find(|at| !self.record[*at].iter().all(u8::is_ascii_whitespace));
        let found = beyond.map_or(self.record.len().min(self.width), |last| last + 1);
        if found == self.width {
            return Ok(());
        }
        Err(Fault::CellCount { found: found as u64, expected: self.width as u64 })
    }

    /// The line on which the record begins. The record's own position is the end of the previous
    /// record, with blank lines in between.
    fn line(&self) -> u64 {
        let inside = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        self.reader.position().line().saturating_sub(1 + inside)
    }
}

fn fault(kind: &ErrorKind) -> Fault {
    match kind {
        ErrorKind::Io(err) => Fault::BrokenFile(err.to_string()),
        _ => Fault::BrokenFile("it is not CSV".to_owned()),
    }
}
