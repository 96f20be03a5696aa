//! The invariants of profiles: order, duplicates and the passing of years leave no trace.

use proptest::prelude::*;

use super::*;
use crate::facts::Facts;
use crate::memory::Memory;
use crate::transaction::PaymentType;

fn facts(at: f64, amount: f64) -> Facts {
    Facts {
        at,
        amount,
        log_amount: amount.ln_1p(),
        near_threshold: amount > 9_000.0,
        round: false,
        cross_border: amount < 100.0,
        currency_change: false,
        cash: false,
        high_risk_country: false,
        payment_type: PaymentType::Transfer,
    }
}

/// An event among five accounts, within twelve years.
#[derive(Debug, Clone, Copy)]
struct Event {
    id: u32,
    sender: usize,
    receiver: usize,
    at: f64,
    amount: f64,
}

const ACCOUNTS: [&str; 5] = ["a", "b", "c", "d", "e"];

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (0_usize..5, 1_usize..5, 1_400_000_000_u32..1_780_000_000, 1_u32..2_000_000);
    prop::collection::vec(event, 1..60).prop_map(|raw| {
        let event = |(id, (sender, step, at, amount)): (usize, (usize, usize, u32, u32))| Event {
            id: u32::try_from(id).unwrap_or_default(),
            sender,
            receiver: (sender + step) % 5,
            at: f64::from(at),
            amount: f64::from(amount) / 100.0,
        };
        raw.into_iter().enumerate().map(event).collect()
    })
}

fn final_state(events: &[Event]) -> Memory {
    let mut memory = Memory::default();
    for event in events {
        let id = event.id.to_string();
        let facts = facts(event.at, event.amount);
        memory.record(&id, ACCOUNTS[event.sender], ACCOUNTS[event.receiver], &facts);
    }
    memory
}

/// Equal to 1e-9 of the larger, or both below what a billionth of one event leaves.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

fn assert_same(a: &Memory, b: &Memory) {
    // At the newest event and long after it.
    for now in [1_780_000_000.0, 1_800_000_000.0] {
        for account in ACCOUNTS {
            let (a, b) = (a.profile(account), b.profile(account));
            assert_eq!(a.first_seen, b.first_seen);
            assert_eq!((a.newest_in, a.newest_out), (b.newest_in, b.newest_out));
            for (slot, half_life, name) in Slot::all() {
                let left = a.slots[slot.index()].value(half_life, now);
                let right = b.slots[slot.index()].value(half_life, now);
                assert!(close(left, right), "{name:?}: {left} and {right}");
            }
        }
    }
    for from in ACCOUNTS {
        for to in ACCOUNTS {
            match (a.pair(from, to), b.pair(from, to)) {
                (Some(a), Some(b)) => {
                    assert_eq!(
                        (a.count, a.first_seen, a.last_seen),
                        (b.count, b.first_seen, b.last_seen)
                    );
                    assert!(close(a.amount, b.amount));
                }
                (a, b) => assert_eq!(a, b),
            }
        }
    }
}

proptest! {
    #[test]
    fn any_order_and_any_duplicates_end_in_the_same_profiles(
        (events, shuffled, again) in events().prop_flat_map(|events| {
            let shuffled = Just(events.clone()).prop_shuffle();
            let again = prop::collection::vec(0..events.len(), 0..10);
            (Just(events), shuffled, again)
        })
    ) {
        let mut delivered = shuffled.clone();
        delivered.extend(again.iter().map(|at| shuffled[*at]));
        assert_same(&final_state(&events), &final_state(&delivered));
    }
}

#[test]
fn a_decayed_count_halves_with_each_half_life() {
    for half_life in HalfLife::ALL {
        // Near the end of an epoch, so that the value crosses into the next one.
        let start = half_life.seconds() * (32.0 * 1_000.0 - 0.5);
        let mut sum = Decayed::default();
        sum.add(half_life.epoch(start), half_life.weight(start));
        for (after, expect) in [(0.0, 1.0), (1.0, 0.5), (2.0, 0.25), (10.0, 1.0 / 1024.0)] {
            let now = start + after * half_life.seconds();
            // A new event elsewhere moves the epoch on; this one's rest must stay.
            let mut later = sum;
            later.add(half_life.epoch(now), 0.0);
            let value = later.value(half_life, now);
            assert!((value - expect).abs() < 1e-9, "{half_life:?} after {after}: {value}");
        }
    }
}

#[test]
fn every_kept_sum_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = Slot::all().map(|(.., name)| name).collect();
    assert_eq!(names.len(), SLOT_COUNT);
}

#[test]
fn the_largest_payments_stay_within_dynamodbs_digits() {
    let largest = 1e13;
    for half_life in HalfLife::ALL {
        for at in [0.0, 1.7e9, 4.0e9] {
            let weight = half_life.weight(at);
            assert!((1.0..=2_f64.powi(32)).contains(&weight), "{half_life:?} at {at}: {weight}");
            // 26 digits before the point and 12 behind it.
            assert!(largest * weight * 1_000.0 < 1e26);
        }
    }
}
