//! What an LLM call took: the ledger charges it, and usage reports add it up.

use std::time::Duration;

use sentinel::spend::budget::MicroUsd;

/// What a call took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Charge {
    pub cost: MicroUsd,
    pub latency: Duration,
    pub input_tokens: u64,
    pub output_tokens: u64,
}

impl Charge {
    pub(super) fn latency_ms(&self) -> u64 {
        u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX)
    }
}
