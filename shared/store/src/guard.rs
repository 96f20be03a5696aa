//! One round of the budget guard: charge abandoned reservations, look at the day, move the gate.
//! Notifying people is up to the caller.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Store;
use super::ledger::{ChargeOutcome, LedgerError};
use sentinel::spend::budget::{BudgetDay, DayLedger, Gate};
use sentinel::spend::guard::{self, GateChange, GuardMemory, Limits};

/// Age in seconds above which a reservation belongs to a worker that crashed: a function runs for
/// at most 15 minutes, and a call has a deadline of seconds.
pub const STALE_AFTER_SECONDS: i64 = 900;

/// The result of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    pub day: BudgetDay,
    /// The day's ledger after the round.
    pub ledger: DayLedger,
    /// Mean latency of the calls since the last round; `None` if there were none.
    pub mean_latency_ms: Option<u64>,
    /// Number of reservations charged in full because nobody settled them.
    pub reconciled: u64,
    /// The state of the gate of which people were last notified.
    pub announced: Gate,
}

impl Round {
    /// Returns whether the gate has changed since people were last notified: closed, opened, or
    /// opened by a new day.
    pub fn is_news(&self) -> bool {
        self.announced != self.ledger.gate
    }

    /// Returns what to remember once people have been notified; if that failed, remembering nothing
    /// lets the next round try again.
    pub fn memory(&self) -> GuardMemory {
        GuardMemory {
            day: self.day,
            calls: self.ledger.calls,
            latency_ms_sum: self.ledger.latency_ms_sum,
            gate: self.ledger.gate,
        }
    }
}

impl Store {
    /// Makes a round.
    pub async fn guard_round(
        &self,
        limits: &Limits,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Round, LedgerError> {
        let day = BudgetDay::of(now, zone);
        let memory = self.guard_memory().await?;
        let mut reconciled = 0;
        for past in guard::days_to_reconcile(memory.as_ref(), day) {
            let before = now.as_second() - STALE_AFTER_SECONDS;
            for stale in self.stale_reservations(past, before).await? {
                reconciled += u64::from(self.reconcile(stale).await? == ChargeOutcome::Now);
            }
        }
        let mut ledger = self.budget_state(day).await?;
        let mean_latency_ms = guard::mean_latency_ms(&ledger, memory.as_ref(), day);
        let to = match guard::decide(&ledger, limits, mean_latency_ms, now.as_second()) {
            GateChange::Keep => ledger.gate,
            GateChange::Close(reason) => Gate::Closed(reason),
            GateChange::Open => Gate::Open,
        };
        if to != ledger.gate {
            let from = ledger.gate;
            ledger = if self.change_gate(day, (from, to), now).await? {
                DayLedger { gate: to, gate_since: now.as_second(), ..ledger }
            } else {
                self.budget_state(day).await?
            };
        }
        let announced = memory.map_or(Gate::Open, |last| last.gate);
        Ok(Round { day, ledger, mean_latency_ms, reconciled, announced })
    }
}
