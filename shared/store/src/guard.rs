//! One round of the budget guard for one tenant: charge what was abandoned, look at the day, move
//! the gate. Telling people is the caller's part.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Store;
use super::ledger::{ChargeOutcome, LedgerError};
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{BudgetDay, DayLedger, Gate};
use sentinel::spend::guard::{self, GateChange, Limits, Memory};

/// A reservation older than this belongs to a worker that crashed: a function lives 15 minutes at
/// most, and a call has a deadline of seconds.
pub const STALE_AFTER_SECONDS: i64 = 900;

/// What a round found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    pub day: BudgetDay,
    /// The day after the round.
    pub ledger: DayLedger,
    /// Mean latency of the calls since the last round; `None` if there were none.
    pub mean_latency_ms: Option<u64>,
    /// Reservations charged in full since nobody settled them.
    pub reconciled: u64,
    /// The gate when people were last told.
    pub told: Gate,
}

impl Round {
    /// Whether the gate is not as people were last told: shut, opened, or opened by the new day.
    pub fn is_news(&self) -> bool {
        self.told != self.ledger.gate
    }

    /// To be kept once people have been told, so that a failed message is sent by the next round.
    pub fn memory(&self) -> Memory {
        Memory {
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
        tenant: &Tenant,
        limits: &Limits,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Round, LedgerError> {
        let day = BudgetDay::of(now, zone);
        let memory = self.guard_memory(tenant).await?;
        let mut reconciled = 0;
        for past in guard::days_to_reconcile(memory.as_ref(), day) {
            let before = now.as_second() - STALE_AFTER_SECONDS;
            for stale in self.stale_reservations(tenant, past, before).await? {
                reconciled += u64::from(self.reconcile(stale).await? == ChargeOutcome::Now);
            }
        }
        let mut ledger = self.budget_state(tenant, day).await?;
        let mean_latency_ms = guard::mean_latency_ms(&ledger, memory.as_ref(), day);
        let to = match guard::decide(&ledger, limits, mean_latency_ms, now.as_second()) {
            GateChange::Keep => ledger.gate,
            GateChange::Close(reason) => Gate::Closed(reason),
            GateChange::Open => Gate::Open,
        };
        if to != ledger.gate {
            let from = ledger.gate;
            ledger = if self.change_gate(tenant, day, (from, to), now).await? {
                DayLedger { gate: to, gate_since: now.as_second(), ..ledger }
            } else {
                self.budget_state(tenant, day).await?
            };
        }
        let told = memory.map_or(Gate::Open, |last| last.gate);
        Ok(Round { day, ledger, mean_latency_ms, reconciled, told })
    }
}
