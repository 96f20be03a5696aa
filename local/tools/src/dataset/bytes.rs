//! A file's bytes, decompressed if they are gzip.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::DatasetError;

/// Unbuffered, because its readers have a buffer.
pub(super) enum Bytes {
    Plain(File),
    Gzip(Box<MultiGzDecoder<File>>),
}

impl Bytes {
    pub(super) fn open(path: &Path, gzip: bool) -> Result<Self, DatasetError> {
        let file = File::open(path)
            .map_err(|source| DatasetError::Io { path: path.to_owned(), source })?;
        Ok(if gzip { Self::Gzip(Box::new(MultiGzDecoder::new(file))) } else { Self::Plain(file) })
    }
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
        }
    }
}
