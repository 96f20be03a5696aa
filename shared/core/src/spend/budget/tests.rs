//! Money, price bounds, days, and the ledger's invariant in any interleaving of calls.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn prices() -> PriceTable {
    let usd = |text| MicroUsd::parse_usd(text).unwrap();
    PriceTable { input_per_million: usd("0.15"), output_per_million: usd("0.60") }
}

#[test]
fn dollars_are_read_exactly_or_not_at_all() {
    for (text, micros) in
        [("0", 0), ("5", 5_000_000), ("0.15", 150_000), ("0.000001", 1), ("007.50", 7_500_000)]
    {
        assert_eq!(MicroUsd::parse_usd(text), Ok(MicroUsd(micros)), "{text}");
    }
    for text in
        ["", ".", "1.", ".5", "-1", "+1", "1e3", "1_0", " 1", "1,5", "0.0000001", "٣", "1.2.3"]
    {
        assert_eq!(MicroUsd::parse_usd(text), Err(InvalidUsd), "{text}");
    }
    assert_eq!(MicroUsd::parse_usd("9999999999999"), Err(InvalidUsd));
    assert_eq!(MicroUsd(1_500_001).to_string(), "1.500001");
}

#[test]
fn a_part_of_a_micro_dollar_is_rounded_up() {
    assert_eq!(prices().cost(1, 0), MicroUsd(1));
    assert_eq!(prices().cost(800, 200), MicroUsd(120 + 120));
    assert_eq!(prices().cost(0, 0), MicroUsd::ZERO);
    assert_eq!(prices().cost(u64::MAX, u64::MAX), MicroUsd(13_835_058_055_282_163_712));
}

#[test]
fn the_worst_case_counts_a_token_for_every_byte() {
    let max = prices().worst_case(3_000, 400);
    assert_eq!(max, prices().cost(3_064, 400));
}

#[test]
fn midnight_is_the_time_zones_own() {
    let late: Timestamp = "2026-11-23T23:30:00Z".parse().unwrap();
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(BudgetDay::of(late, &TimeZone::UTC).to_string(), "2026-11-23");
    assert_eq!(BudgetDay::of(late, &berlin).to_string(), "2026-11-24");
    assert_eq!(BudgetDay::of(late, &berlin).previous(), BudgetDay::of(late, &TimeZone::UTC));
    assert_eq!(BudgetDay::parse("2026-11-23"), Some(BudgetDay::of(late, &TimeZone::UTC)));
    assert_eq!(BudgetDay::parse("yesterday"), None);
}

#[test]
fn a_shut_gate_and_an_empty_purse_refuse_each_for_its_own_reason() {
    let day = DayLedger { committed: MicroUsd(90), ..DayLedger::default() };
    assert_eq!(day.refuses(MicroUsd(100), MicroUsd(10)), None);
    assert_eq!(day.refuses(MicroUsd(100), MicroUsd(11)), Some(ReservationRefusal::Exhausted));
    assert_eq!(day.refuses(MicroUsd(5), MicroUsd(11)), Some(ReservationRefusal::Exhausted));
    let shut = DayLedger { gate: Gate::Closed(GateReason::Latency), ..day };
    assert_eq!(shut.refuses(MicroUsd(100), MicroUsd(1)), Some(ReservationRefusal::GateClosed));
}

/// A step of any worker: reserve an amount, or settle the n-th open call at a share of its
/// reservation in per mille (1000: a crash, which the guard charges in full; 0: the call was never
/// made).
#[derive(Debug, Clone)]
enum Step {
    Reserve(u64),
    Settle(usize, u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1u64..5_000).prop_map(Step::Reserve),
        (any::<usize>(), 0u64..=1_000).prop_map(|(n, share)| Step::Settle(n, share)),
    ];
    prop::collection::vec(step, 0..200)
}

proptest! {
    #[test]
    fn spent_plus_reserved_never_exceeds_the_budget(budget in 0u64..20_000, steps in steps()) {
        let budget = MicroUsd(budget);
        let mut day = DayLedger::default();
        let mut open: Vec<MicroUsd> = Vec::new();
        for step in steps {
            match step {
                Step::Reserve(max) => if let Ok(after) = day.reserve(budget, MicroUsd(max)) {
                    day = after;
                    open.push(MicroUsd(max));
                },
                Step::Settle(n, share) => if !open.is_empty() {
                    let max = open.swap_remove(n % open.len());
                    day = day.settle(max, MicroUsd(max.0 * share / 1_000), 100);
                },
            }
            let reserved: u64 = open.iter().map(|max| max.0).sum();
            prop_assert_eq!(day.reserved(), MicroUsd(reserved));
            prop_assert!(day.spent.0 + reserved <= budget.0);
        }
    }

    #[test]
    fn a_refusal_is_never_needless(budget in 0u64..10_000, taken in 0u64..10_000, max in 0u64..10_000) {
        let day = DayLedger { committed: MicroUsd(taken), ..DayLedger::default() };
        let fits = taken + max <= budget;
        prop_assert_eq!(day.reserve(MicroUsd(budget), MicroUsd(max)).is_ok(), fits);
    }

    #[test]
    fn dollars_survive_being_written_and_read(micros in 0u64..1_000_000_000_000_000) {
        prop_assert_eq!(MicroUsd::parse_usd(&MicroUsd(micros).to_string()), Ok(MicroUsd(micros)));
    }

    #[test]
    fn no_answer_within_its_bounds_costs_more_than_was_reserved(
        bytes in 0usize..100_000, max_tokens in 0u32..10_000, input in 0u64..100_000, output in 0u64..10_000,
    ) {
        prop_assume!(input <= bytes as u64 && output <= u64::from(max_tokens));
        prop_assert!(prices().cost(input, output) <= prices().worst_case(bytes, max_tokens));
    }
}
