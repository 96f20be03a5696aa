//! The summary of a replay, as a table and as JSON.

use std::collections::BTreeMap;
use std::io::Write as _;

use sentinel::case::verdict::{Decision, Level};
use serde::Serialize;

use crate::dataset::RowError;
use crate::progress::thousands;

/// Counts of one replay.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Rows read from the file.
    pub rows: u64,
    /// Rows that are not valid transactions, by reason; they were not sent.
    pub faulty: BTreeMap<String, FaultCount>,
    /// New to the system.
    pub accepted: u64,
    /// Already known to it.
    pub replayed: u64,
    /// Refused by the system, by status and reason.
    pub rejected: BTreeMap<String, u64>,
    pub decided: u64,
    /// Known to the system as history, and so never decided.
    pub history: u64,
    pub undecided: u64,
    pub alerted: u64,
    /// Decisions that wait for review, by reason.
    pub reviews: BTreeMap<String, u64>,
    /// Decisions by the level that settled them.
    pub levels: BTreeMap<String, u64>,
    /// Decided transactions labelled as laundering, and how many of them alerted.
    pub laundering: u64,
    pub laundering_alerted: u64,
    /// Time spent sending, waiting, and in total.
    pub sent_seconds: f64,
    pub waited_seconds: f64,
    pub elapsed_seconds: f64,
}

/// Rows that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultCount {
    pub rows: u64,
    pub first_line: u64,
}

impl Summary {
    pub(super) fn count_faulty(&mut self, err: &RowError) {
        let empty = || FaultCount { rows: 0, first_line: err.line };
        self.faulty.entry(err.reason.to_string()).or_insert_with(empty).rows += 1;
    }

    pub(super) fn count_decision(&mut self, decision: &Decision, label: Option<bool>) {
        self.decided += 1;
        self.alerted += u64::from(decision.alert);
        *self.levels.entry(level(decision.level).to_owned()).or_default() += 1;
        if let Some(reason) = decision.review {
            *self.reviews.entry(reason.code().to_owned()).or_default() += 1;
        }
        if label == Some(true) {
            self.laundering += 1;
            self.laundering_alerted += u64::from(decision.alert);
        }
    }

    /// Transactions per second, from the first sent to the last decided.
    pub fn per_second(&self) -> f64 {
        rate(self.decided, self.elapsed_seconds)
    }

    /// The summary as text.
    pub fn table(&self) -> String {
        let mut table = Table::default();
        table.count("rows read", self.rows);
        let row = |(reason, fault): (&String, &FaultCount)| {
            (format!("{reason}, first at line {}", fault.first_line), fault.rows)
        };
        table.reasons("left out (faulty)", &self.faulty.iter().map(row).collect());
        table.count("accepted", self.accepted);
        table.count("already known", self.replayed);
        table.reasons("rejected", &self.rejected);
        table.count("decided", self.decided);
        table.reasons("by level", &self.levels);
        if self.history > 0 {
            table.count("known as history", self.history);
        }
        if self.undecided > 0 {
            table.count("not decided in time", self.undecided);
        }
        table.share("alerted", self.alerted, self.decided);
        if self.laundering > 0 {
            table.share("laundering, alerted", self.laundering_alerted, self.laundering);
        }
        table.reasons("waiting for review", &self.reviews);
        let sent = self.accepted + self.replayed + self.rejected.values().sum::<u64>();
        table.time("sent in", self.sent_seconds, sent);
        table.time("decided in", self.elapsed_seconds, self.decided);
        table.text
    }
}

/// Writes a result to standard output.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{}", text.trim_end())
}

/// A table of two columns, names and figures.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) text: String,
}

impl Table {
    fn line(&mut self, name: &str, figure: &str) {
        self.text += &format!("{name:<22} {figure:>12}\n");
    }

    pub(crate) fn count(&mut self, name: &str, count: u64) {
        self.line(name, &thousands(count));
    }

    fn share(&mut self, name: &str, part: u64, of: u64) {
        self.line(name, &thousands(part));
        if of > 0 {
            let percent = 100.0 * rate(part, 1.0) / rate(of, 1.0);
            self.text.pop();
            self.text += &format!("  {percent:.2} % of {}\n", thousands(of));
        }
    }

    /// A total with an indented breakdown by reason; nothing if there are none.
    pub(crate) fn reasons(&mut self, name: &str, by_reason: &BTreeMap<String, u64>) {
        if by_reason.is_empty() {
            return;
        }
        self.count(name, by_reason.values().sum());
        for (reason, count) in by_reason {
            self.text += &format!("  {:>12}  {reason}\n", thousands(*count));
        }
    }

    pub(crate) fn time(&mut self, name: &str, seconds: f64, count: u64) {
        self.line(name, &format!("{seconds:.2} s"));
        self.text.pop();
        self.text += &format!("  {:.0} transactions/s\n", rate(count, seconds));
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a replay stay far below 2^52")]
fn rate(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Rules => "rules",
        Level::Model => "model",
        Level::Llm => "llm",
    }
}
