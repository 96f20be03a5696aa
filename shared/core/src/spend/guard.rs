//! What the budget guard does to the gate, as a pure function of the ledger. The hard cap is
//! enforced by the ledger; the guard makes its state visible, notifies people, and closes the gate
//! when the LLM becomes slow.
//!
//! A gate closed for budget opens when there is room for two more calls (settled reservations
//! released money, or the budget was raised), and automatically at midnight, because the new day
//! has its own ledger. A gate closed for latency opens when calls that were still in progress turn
//! out to be clearly fast enough or, if there were none, after [`PROBE_AFTER_SECONDS`]; the next run
//! of the guard then judges by the calls that followed. A gate closed by an operator is left alone.

use super::budget::{BudgetDay, DayLedger, Gate, GateReason, MicroUsd};

/// How long a gate stays closed for latency if no call shows whether the LLM has recovered: three
/// runs of the guard.
pub const PROBE_AFTER_SECONDS: i64 = 900;

/// Below this share of the threshold the LLM counts as fast again, so that a gate does not open and
/// close by turns while the latency is about the threshold.
const FAST_AGAIN: f64 = 0.8;

/// The limits that the guard enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Budget of a day.
    pub budget: MicroUsd,
    /// Mean latency above which the gate closes.
    pub latency_threshold_ms: u64,
}

/// The state of the ledger at the guard's last run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardMemory {
    pub day: BudgetDay,
    pub calls: u64,
    pub latency_ms_sum: u64,
    pub gate: Gate,
}

/// What the guard does to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateChange {
    Keep,
    Close(GateReason),
    Open,
}

/// Returns the mean latency of the calls settled on `today` since the last run; `None` if there
/// were none.
pub fn mean_latency_ms(
    ledger: &DayLedger,
    memory: Option<&GuardMemory>,
    today: BudgetDay,
) -> Option<u64> {
    let (calls, sum) = match memory {
        Some(last) if last.day == today => (last.calls, last.latency_ms_sum),
        _ => (0, 0),
    };
    let calls = ledger.calls.saturating_sub(calls);
    ledger.latency_ms_sum.saturating_sub(sum).checked_div(calls)
}

/// The most days, including today, on which the guard looks for reservations that were never
/// settled.
const DAYS_BACK: usize = 8;

/// Returns the days on which reservations may be stale, newest first: today, yesterday (midnight
/// may have passed during a call), and every day since the last run, in case the guard was down.
pub fn days_to_reconcile(memory: Option<&GuardMemory>, today: BudgetDay) -> Vec<BudgetDay> {
    let oldest = memory.map_or(today, |last| last.day).min(today.previous());
    std::iter::successors(Some(today), |day| Some(day.previous()))
        .take_while(|day| *day >= oldest)
        .take(DAYS_BACK)
        .collect()
}

/// Decides what to do with the gate at `now`, in seconds since the Unix epoch.
pub fn decide(
    ledger: &DayLedger,
    limits: &Limits,
    mean_latency_ms: Option<u64>,
    now: i64,
) -> GateChange {
    let left = ledger.left(limits.budget);
    let next = ledger.latest_max.max(MicroUsd(1));
    let short = left < next;
    let slow = mean_latency_ms.is_some_and(|mean| mean > limits.latency_threshold_ms);
    match ledger.gate {
        Gate::Open if short => GateChange::Close(GateReason::Budget),
        Gate::Open if slow => GateChange::Close(GateReason::Latency),
        Gate::Open | Gate::Closed(GateReason::Operator) => GateChange::Keep,
        // Twice the need, so that the gate does not open and close at every run.
        Gate::Closed(GateReason::Budget) if left >= next.saturating_add(next) => GateChange::Open,
        Gate::Closed(GateReason::Budget) => GateChange::Keep,
        Gate::Closed(GateReason::Latency) => {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
            let fast = mean_latency_ms.is_some_and(|mean| {
                (mean as f64) < FAST_AGAIN * limits.latency_threshold_ms as f64
            });
            let rested = now.saturating_sub(ledger.gate_since) >= PROBE_AFTER_SECONDS;
            match mean_latency_ms {
                _ if short => GateChange::Keep,
                Some(_) if fast => GateChange::Open,
                Some(_) => GateChange::Keep,
                None if rested => GateChange::Open,
                None => GateChange::Keep,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000;
    const LIMITS: Limits = Limits { budget: MicroUsd(1_000), latency_threshold_ms: 2_000 };

    fn ledger(committed: u64, gate: Gate, gate_since: i64) -> DayLedger {
        let (committed, latest_max) = (MicroUsd(committed), MicroUsd(100));
        DayLedger { committed, latest_max, gate, gate_since, ..DayLedger::default() }
    }

    fn check(committed: u64, gate: Gate, since: i64, mean: Option<u64>, expect: GateChange) {
        let ledger = ledger(committed, gate, since);
        assert_eq!(decide(&ledger, &LIMITS, mean, NOW), expect, "{ledger:?}, mean {mean:?}");
    }

    #[test]
    fn the_gate_shuts_when_the_next_call_no_longer_fits() {
        check(900, Gate::Open, 0, None, GateChange::Keep);
        check(901, Gate::Open, 0, None, GateChange::Close(GateReason::Budget));
    }

    #[test]
    fn a_budget_of_nothing_shuts_the_gate_at_once() {
        let limits = Limits { budget: MicroUsd::ZERO, ..LIMITS };
        let change = decide(&DayLedger::default(), &limits, None, NOW);
        assert_eq!(change, GateChange::Close(GateReason::Budget));
    }

    #[test]
    fn a_slow_llm_shuts_the_gate_and_a_fast_one_does_not() {
        check(0, Gate::Open, 0, Some(2_000), GateChange::Keep);
        check(0, Gate::Open, 0, Some(2_001), GateChange::Close(GateReason::Latency));
        check(0, Gate::Open, 0, None, GateChange::Keep);
    }

    #[test]
    fn a_gate_shut_for_budget_opens_when_two_calls_fit_again() {
        let shut = Gate::Closed(GateReason::Budget);
        check(801, shut, NOW, None, GateChange::Keep);
        check(800, shut, NOW, None, GateChange::Open);
    }

    #[test]
    fn a_gate_shut_for_latency_opens_by_fast_calls_or_after_a_rest() {
        let shut = Gate::Closed(GateReason::Latency);
        check(0, shut, NOW - 300, Some(1_599), GateChange::Open);
        check(0, shut, NOW - 300, Some(1_600), GateChange::Keep);
        check(0, shut, NOW - 300, Some(3_000), GateChange::Keep);
        check(0, shut, NOW - 300, None, GateChange::Keep);
        check(0, shut, NOW - 900, None, GateChange::Open);
        check(950, shut, NOW - 900, None, GateChange::Keep);
    }

    #[test]
    fn an_operators_gate_is_left_alone() {
        let shut = Gate::Closed(GateReason::Operator);
        check(0, shut, 0, Some(1), GateChange::Keep);
        check(1_000, shut, 0, Some(9_999), GateChange::Keep);
    }

    #[test]
    fn days_without_a_guard_are_looked_through_up_to_a_week_back() {
        let today = BudgetDay::parse("2026-11-23").unwrap();
        let days = |last: Option<&str>| {
            let memory = last.map(|day| GuardMemory {
                day: BudgetDay::parse(day).unwrap(),
                calls: 0,
                latency_ms_sum: 0,
                gate: Gate::Open,
            });
            days_to_reconcile(memory.as_ref(), today).len()
        };
        assert_eq!((days(None), days(Some("2026-11-23")), days(Some("2026-11-22"))), (2, 2, 2));
        assert_eq!((days(Some("2026-11-20")), days(Some("2026-01-01"))), (4, DAYS_BACK));
        // If the clock was ahead at the last run, no future day is looked at.
        assert_eq!(days(Some("2026-11-25")), 2);
    }

    #[test]
    fn the_mean_is_of_the_calls_since_the_last_run_on_the_same_day() {
        let (today, gate) = (BudgetDay::parse("2026-11-23").unwrap(), Gate::Open);
        let ledger = DayLedger { calls: 12, latency_ms_sum: 30_000, ..DayLedger::default() };
        let last = |day, calls, latency_ms_sum| GuardMemory { day, calls, latency_ms_sum, gate };
        let mean = |memory: Option<GuardMemory>| mean_latency_ms(&ledger, memory.as_ref(), today);
        assert_eq!(mean(None), Some(2_500));
        assert_eq!(mean(Some(last(today, 10, 10_000))), Some(10_000));
        assert_eq!(mean(Some(last(today, 12, 30_000))), None);
        assert_eq!(mean(Some(last(today.previous(), 10, 10_000))), Some(2_500));
    }
}
