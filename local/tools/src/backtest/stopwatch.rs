//! Where the time of the first level goes. One row in sixteen is timed, because reading the clock four
//! times per row would cost more than some of the stages.

use std::time::{Duration, Instant};

/// What is timed, in the order in which a row passes through.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    /// Finding the two profiles and the pair, and recording the payment in them.
    Profiles,
    Features,
    /// The rules, and the graph if one needs it.
    Rules,
}

const EVERY: u64 = 16;

#[derive(Debug)]
pub(super) struct Stopwatch {
    rows: u64,
    timed: bool,
    last: Instant,
    laps: [Duration; 3],
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { rows: 0, timed: false, last: Instant::now(), laps: [Duration::ZERO; 3] }
    }

    /// Begins a row.
    pub(super) fn row(&mut self) {
        self.timed = self.rows.is_multiple_of(EVERY);
        self.rows += 1;
        if self.timed {
            self.last = Instant::now();
        }
    }

    /// Ends a stage of the row.
    pub(super) fn lap(&mut self, stage: Stage) {
        if self.timed {
            let now = Instant::now();
            self.laps[stage as usize] += now - self.last;
            self.last = now;
        }
    }

    /// Seconds of each stage over all rows, from those that were timed.
    pub(super) fn seconds(&self) -> [f64; 3] {
        let timed = self.rows.div_ceil(EVERY).max(1);
        self.laps.map(|lap| lap.as_secs_f64() / per(timed) * per(self.rows))
    }
}

fn per(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
