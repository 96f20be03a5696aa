//! The functions' latest log lines, so that tests can look at them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

const MAX_LINES: usize = 10_000;

/// Pairs of function and line, oldest first.
#[derive(Debug, Default)]
pub struct Logs(Mutex<VecDeque<(String, String)>>);

impl Logs {
    pub(super) fn push(&self, function: &str, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == MAX_LINES {
            lines.pop_front();
        }
        lines.push_back((function.to_owned(), line));
    }

    pub fn lines(&self) -> Vec<(String, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
