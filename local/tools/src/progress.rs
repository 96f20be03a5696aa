//! Progress of long work: a bar with rate and time left on a terminal, otherwise a plain line every few
//! seconds. Always on standard error, to keep standard output clean.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// The progress of one piece of work.
pub struct Progress {
    what: &'static str,
    total: Option<u64>,
    done: u64,
    started: Instant,
    next_line: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `what` names the work: "Reading", "Sending". Without a total, no time left is shown.
    pub fn start(what: &'static str, total: Option<u64>) -> Self {
        let now = Instant::now();
        let bar = std::io::stderr().is_terminal().then(|| bar(what, total));
        Self { what, total, done: 0, started: now, next_line: now + BETWEEN_LINES, bar }
    }

    pub fn advance(&mut self, rows: u64) {
        self.done += rows;
        if let Some(bar) = &self.bar {
            bar.inc(rows);
        } else if self.next_line <= Instant::now() {
            self.next_line = Instant::now() + BETWEEN_LINES;
            eprintln!("{}{}", self.line(), self.left());
        }
    }

    /// Prints a line without garbling the bar.
    pub fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }

    pub fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        eprintln!("{}", self.line());
    }

    /// The time left at the rate so far, if the total is known.
    fn left(&self) -> String {
        let total = self.total.filter(|total| *total > self.done && self.done > 0);
        let left = |total| left(self.done, total, self.started.elapsed());
        total.map_or(String::new(), |total| format!(", about {} left", left(total)))
    }

    fn line(&self) -> String {
        let of = self.total.map_or(String::new(), |total| format!(" of {}", thousands(total)));
        let elapsed = self.started.elapsed();
        let (rate, seconds) = (per_second(self.done, elapsed), elapsed.as_secs_f64());
        let done = thousands(self.done);
        format!("{}: {done}{of} rows in {seconds:.1} s, {rate} rows/s", self.what)
    }
}

fn left(done: u64, total: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs() * total.saturating_sub(done) / done.max(1);
    match (seconds / 3_600, seconds / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {} min", minutes % 60),
    }
}

fn bar(what: &'static str, total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{msg} {bar:30} {human_pos} of {human_len} rows, {per_sec}, {eta} left",
        None => "{msg} {spinner} {human_pos} rows, {per_sec}, {elapsed}",
    };
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(style).with_message(what)
}

/// Rows per second, with thousands separators.
pub fn per_second(rows: u64, elapsed: Duration) -> String {
    let millis = elapsed.as_millis().max(1);
    thousands(u64::try_from(u128::from(rows) * 1000 / millis).unwrap_or(u64::MAX))
}

/// `1234567` as `1,234,567`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (9_504_852, "9,504,852")] {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn the_time_left_follows_from_the_rate_so_far() {
        let after_a_minute = |done, total| left(done, total, Duration::from_secs(60));
        assert_eq!(after_a_minute(100, 150), "30 s");
        assert_eq!(after_a_minute(100, 450), "3 min");
        assert_eq!(after_a_minute(100, 20_000), "3 h 19 min");
    }

    #[test]
    fn a_rate_over_no_time_is_still_a_number() {
        assert_eq!(per_second(2_000, Duration::from_secs(2)), "1,000");
        assert_eq!(per_second(5, Duration::ZERO), "5,000");
    }
}
