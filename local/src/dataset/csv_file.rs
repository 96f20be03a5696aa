//! Rows of a CSV file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Terminator};

use super::columns::{Cells, Column};
use super::{DatasetError, Fault, Row, RowError, id_prefix, locate, row};

pub(super) struct CsvFile {
    reader: Reader<File>,
    record: ByteRecord,
    at: [Option<usize>; Column::COUNT],
    id_prefix: String,
    rows: u64,
    /// Where the file ends, if no newline ends its last line.
    unterminated_at: Option<u64>,
    broken: bool,
}

impl CsvFile {
    pub(super) fn open(path: &Path) -> Result<Self, DatasetError> {
        let io = |source| DatasetError::Io { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(io)?;
        let unterminated_at = unterminated_at(&mut file).map_err(io)?;
        let mut reader = ReaderBuilder::new()
            // Cells are trimmed, so the CR of a CRLF is no matter, and lines count right.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(1 << 18)
            .from_reader(file);
        let header = reader.headers().map_err(|err| DatasetError::Unreadable {
            path: path.to_owned(),
            reason: fault(&err).to_string(),
        })?;
        let at = locate(path, header.iter())?;
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            at,
            id_prefix: id_prefix(path),
            rows: 0,
            unterminated_at,
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
        let line = self.line();
        let read = outcome.map_err(|err| fault(&err)).and_then(|_| self.read(line));
        self.broken = matches!(read, Err(Fault::BrokenFile(_)));
        Some(read.map_err(|reason| RowError { line, reason }))
    }

    /// The line the record begins on. The record's own position is where the one before it ended,
    /// blank lines away.
    fn line(&self) -> u64 {
        let inside = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let position = self.reader.position();
        let ended_without_newline = u64::from(self.unterminated_at == Some(position.byte()));
        (position.line() + ended_without_newline).saturating_sub(1 + inside)
    }

    fn read(&self, line: u64) -> Result<Row, Fault> {
        let mut cells = Cells::default();
        for (cell, at) in cells.0.iter_mut().zip(self.at) {
            let Some(bytes) = at.and_then(|at| self.record.get(at)) else { continue };
            *cell = Some(Cow::Borrowed(str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?));
        }
        row::read(&cells, &self.id_prefix, self.rows, line)
    }
}

fn unterminated_at(file: &mut File) -> std::io::Result<Option<u64>> {
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(None);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    file.rewind()?;
    Ok((last != *b"\n").then_some(length))
}

fn fault(err: &csv::Error) -> Fault {
    match err.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Fault::CellCount { found: *len, expected: *expected_len }
        }
        ErrorKind::Utf8 { .. } => Fault::NotUtf8,
        ErrorKind::Io(err) => Fault::BrokenFile(err.to_string()),
        _ => Fault::BrokenFile("it is not CSV".to_owned()),
    }
}
