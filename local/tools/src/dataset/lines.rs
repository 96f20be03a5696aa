//! The numbered lines of a text file, read one at a time and bounded in length.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::text::Text;
use super::{DatasetError, Fault};

/// Longer than any transaction that the contract allows.
pub(super) const MAX_BYTES: usize = 64 * 1024;

pub(super) struct Lines {
    reader: BufReader<Text>,
    line: Vec<u8>,
    number: u64,
    ended: bool,
}

impl Lines {
    pub(super) fn open(path: &Path, text: Text) -> Result<Self, DatasetError> {
        let mut reader = BufReader::with_capacity(1 << 18, text);
        // Fails at once if this is not gzip, or is a folder.
        reader.fill_buf().map_err(|source| DatasetError::Io { path: path.to_owned(), source })?;
        Ok(Self { reader, line: Vec::new(), number: 0, ended: false })
    }

    /// The next non-blank line, trimmed, with its number from 1. Nothing follows a
    /// [`Fault::BrokenFile`].
    pub(super) fn next(&mut self) -> Option<(u64, Result<&str, Fault>)> {
        loop {
            if self.ended {
                return None;
            }
            self.number += 1;
            match self.read_line() {
                Ok(true) if self.trimmed().is_empty() => {}
                Ok(true) => break,
                Ok(false) => self.ended = true,
                Err(fault) => {
                    self.ended = matches!(fault, Fault::BrokenFile(_));
                    return Some((self.number, Err(fault)));
                }
            }
        }
        Some((self.number, str::from_utf8(self.trimmed()).map_err(|_| Fault::NotUtf8)))
    }

    /// Reads a line; false if there was none.
    fn read_line(&mut self) -> Result<bool, Fault> {
        let broken = |err: io::Error| Fault::BrokenFile(err.to_string());
        self.line.clear();
        let mut bounded = (&mut self.reader).take(MAX_BYTES as u64 + 1);
        bounded.read_until(b'\n', &mut self.line).map_err(broken)?;
        if self.line.len() > MAX_BYTES && self.line.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n').map_err(broken)?;
            return Err(Fault::TooLong);
        }
        Ok(!self.line.is_empty())
    }

    fn trimmed(&self) -> &[u8] {
        self.line.trim_ascii()
    }
}
