//! How far the import of a file has come: the number of rows from its start that are all dealt with,
//! saved in a small file next to it. Batches finish in any order, so a batch counts only once those
//! before it do. Payments sent twice are recognised by their ids, so a checkpoint that is too early only
//! costs time.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

const BETWEEN_WRITES: Duration = Duration::from_secs(1);

/// The checkpoint of one file.
pub(super) struct Checkpoint {
    path: PathBuf,
    saved: SavedProgress,
    /// Rows of the batches that finished before an earlier one did, by batch number.
    early: BTreeMap<u64, u64>,
    next: u64,
    written: Instant,
}

/// A checkpoint as it is saved.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SavedProgress {
    /// The system that has the rows.
    url: String,
    /// Size and time of the file, so that another one of the same name is not resumed.
    bytes: u64,
    modified: u64,
    rows: u64,
}

impl Checkpoint {
    /// The start of the file, or where the last import into the system stopped.
    pub(super) fn open(file: &Path, url: &str, resume: bool) -> anyhow::Result<Self> {
        let context = || format!("cannot read {}", file.display());
        let meta = std::fs::metadata(file).with_context(context)?;
        let modified = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let modified = modified.unwrap_or_default().as_secs();
        let mut saved = SavedProgress { url: url.to_owned(), bytes: meta.len(), modified, rows: 0 };
        let mut name = OsString::from(file);
        name.push(".import.json");
        let path = PathBuf::from(name);
        if resume {
            let context = || format!("there is no import to resume: {}", path.display());
            let text = std::fs::read_to_string(&path).with_context(context)?;
            let before: SavedProgress = serde_json::from_str(&text).with_context(context)?;
            saved.rows = before.rows;
            if saved != before {
                bail!(
                    "{} is of another file or another system; import without --resume",
                    path.display()
                );
            }
        }
        Ok(Self { path, saved, early: BTreeMap::new(), next: 0, written: Instant::now() })
    }

    pub(super) fn rows(&self) -> u64 {
        self.saved.rows
    }

    /// Notes that a batch is dealt with.
    pub(super) fn complete(&mut self, number: u64, rows: u64) {
        self.early.insert(number, rows);
        while let Some(rows) = self.early.remove(&self.next) {
            self.saved.rows += rows;
            self.next += 1;
        }
        if self.written.elapsed() > BETWEEN_WRITES {
            self.save();
        }
    }

    /// Saves the checkpoint. If that fails, the import continues, but cannot be resumed.
    pub(super) fn save(&mut self) {
        self.written = Instant::now();
        let text = serde_json::to_string(&self.saved).expect("texts and numbers serialise");
        if let Err(err) = std::fs::write(&self.path, text) {
            eprintln!("Cannot save the checkpoint {}: {err}", self.path.display());
        }
    }

    /// Removes the checkpoint of a file that is imported completely.
    pub(super) fn remove(self) {
        // It may never have been written.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Estimates the rows of a text file by its line ends, to show the time left; `None` for other files.
pub(super) fn line_count(file: &Path) -> Option<u64> {
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
    fn a_batch_counts_once_those_before_it_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.csv");
        std::fs::write(&file, "header\nrow\n").unwrap();
        let mut checkpoint = Checkpoint::open(&file, "http://here", false).unwrap();
        checkpoint.complete(1, 500);
        assert_eq!(checkpoint.rows(), 0);
        checkpoint.complete(0, 500);
        assert_eq!(checkpoint.rows(), 1_000);
        checkpoint.save();
        let again =
            |url| Checkpoint::open(&file, url, true).map(|checkpoint| checkpoint.rows()).ok();
        assert_eq!(again("http://here"), Some(1_000));
        assert_eq!(again("http://there"), None, "another system has none of the rows");
        std::fs::write(&file, "header\nrow\nrow\n").unwrap();
        assert_eq!(again("http://here"), None, "it is another file");
        checkpoint.remove();
        assert!(Checkpoint::open(&file, "http://here", true).is_err());
        assert_eq!(line_count(&file), Some(2));
    }
}
