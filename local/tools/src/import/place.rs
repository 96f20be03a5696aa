//! How far an import of a file has come: the rows from its beginning that are all dealt with, kept in
//! a small file beside it. Batches end in any order, so a batch counts once those before it have. What
//! is sent a second time is known by its id: a place that is too early costs time alone.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

const BETWEEN_WRITES: Duration = Duration::from_secs(1);

/// The place in one file.
pub(super) struct Place {
    path: PathBuf,
    kept: Kept,
    /// Batches that ended before one in front of them did, with their rows.
    ahead: BTreeMap<u64, u64>,
    next: u64,
    written: Instant,
}

/// What is written.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// The system that has the rows.
    url: String,
    /// Of the file: another one of this name is not gone on with.
    bytes: u64,
    modified: u64,
    rows: u64,
}

impl Place {
    /// The beginning of the file, or where an import into the system ended.
    pub(super) fn of(file: &Path, url: &str, resume: bool) -> anyhow::Result<Self> {
        let about = || format!("cannot read {}", file.display());
        let meta = std::fs::metadata(file).with_context(about)?;
        let modified = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let modified = modified.unwrap_or_default().as_secs();
        let mut kept = Kept { url: url.to_owned(), bytes: meta.len(), modified, rows: 0 };
        let mut name = OsString::from(file);
        name.push(".import.json");
        let path = PathBuf::from(name);
        if resume {
            let about = || format!("there is no import to go on with: {}", path.display());
            let text = std::fs::read_to_string(&path).with_context(about)?;
            let before: Kept = serde_json::from_str(&text).with_context(about)?;
            kept.rows = before.rows;
            if kept != before {
                bail!(
                    "{} is of another file or another system; import without --resume",
                    path.display()
                );
            }
        }
        Ok(Self { path, kept, ahead: BTreeMap::new(), next: 0, written: Instant::now() })
    }

    pub(super) fn rows(&self) -> u64 {
        self.kept.rows
    }

    /// A batch is dealt with.
    pub(super) fn done(&mut self, number: u64, rows: u64) {
        self.ahead.insert(number, rows);
        while let Some(rows) = self.ahead.remove(&self.next) {
            self.kept.rows += rows;
            self.next += 1;
        }
        if self.written.elapsed() > BETWEEN_WRITES {
            self.keep();
        }
    }

    /// Writes the place down. Where that cannot be done, the import goes on: without a place it is
    /// begun anew.
    pub(super) fn keep(&mut self) {
        self.written = Instant::now();
        let text = serde_json::to_string(&self.kept).expect("texts and numbers serialise");
        if let Err(err) = std::fs::write(&self.path, text) {
            eprintln!("The place in the file cannot be kept in {}: {err}", self.path.display());
        }
    }

    /// The file is imported; there is nothing to go on with.
    pub(super) fn forget(self) {
        // One that could not be written cannot be removed either.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The rows of a text file by its line ends, for the time left; `None` if that says nothing.
pub(super) fn lines(file: &Path) -> Option<u64> {
    let header = match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => 1,
        "ndjson" | "jsonl" => 0,
        _ => return None,
    };
    let mut file = std::fs::File::open(file).ok()?;
    let (mut lines, mut buffer) = (0_u64, vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(lines.saturating_sub(header)).filter(|lines| *lines > 0),
            read => lines += buffer[..read].iter().filter(|byte| **byte == b'\n').count() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_counts_once_those_before_it_have() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.csv");
        std::fs::write(&file, "header\nrow\n").unwrap();
        let mut place = Place::of(&file, "http://here", false).unwrap();
        place.done(1, 500);
        assert_eq!(place.rows(), 0);
        place.done(0, 500);
        assert_eq!(place.rows(), 1_000);
        place.keep();
        let again = |url| Place::of(&file, url, true).map(|place| place.rows()).ok();
        assert_eq!(again("http://here"), Some(1_000));
        assert_eq!(again("http://there"), None, "another system has none of it");
        std::fs::write(&file, "header\nrow\nrow\n").unwrap();
        assert_eq!(again("http://here"), None, "it is another file");
        place.forget();
        assert!(Place::of(&file, "http://here", true).is_err());
        assert_eq!(lines(&file), Some(2));
    }
}
