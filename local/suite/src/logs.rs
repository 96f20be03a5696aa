//! The functions' latest log lines, for whoever wants to see what a function said.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Lines kept.
const KEPT: usize = 10_000;

/// Function and line, oldest first.
#[derive(Debug, Default)]
pub struct Logs(Mutex<VecDeque<(String, String)>>);

impl Logs {
    pub(super) fn keep(&self, function: &str, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back((function.to_owned(), line));
    }

    pub fn lines(&self) -> Vec<(String, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
