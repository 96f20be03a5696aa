//! The invariants of profiles: order, duplicates and the passage of years make no difference.

use super::decay::RemainingShare;
use crate::payment::account_id::AccountId;
use proptest::prelude::*;

use super::*;
use crate::state::facts::Facts;
use crate::state::memory::Memory;

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

/// Times within twelve years, or at a few hours of a few weeks, so that windows fill up, days drop
/// out of them, and accounts meet twice at the same instant.
fn times() -> impl Strategy<Value = u32> {
    let close =
        (0_u32..45, 0_u32..3).prop_map(|(day, at)| 1_700_000_000 + 86_400 * day + 30_000 * at);
    prop_oneof![1_400_000_000_u32..1_780_000_000, close.clone(), close]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    // Some events are followed by another between the same pair at the same instant.
    let event = (0_usize..5, 1_usize..5, times(), 1_u32..2_000_000, prop::option::of(1_u32..2_000));
    prop::collection::vec(event, 1..40).prop_map(|raw| {
        let mut events = Vec::new();
        for (sender, step, at, amount, twin) in raw {
            for amount in [Some(amount), twin].into_iter().flatten() {
                events.push(Event {
                    id: u32::try_from(events.len()).unwrap_or_default(),
                    sender,
                    receiver: (sender + step) % 5,
                    at: f64::from(at),
                    amount: f64::from(amount) / 100.0,
                });
            }
        }
        events
    })
}

fn facts(event: &Event) -> Facts {
    let (from, to) = (ACCOUNTS[event.sender], ACCOUNTS[event.receiver]);
    Facts {
        near_threshold: event.amount > 9_000.0,
        cross_border: event.amount < 100.0,
        cash: event.id.is_multiple_of(5),
        round: event.id.is_multiple_of(3),
        leading_digit: 1 + (event.id % 9) as u8,
        purpose: (event.id % 3) as u16,
        party: event.id.is_multiple_of(4).then(|| AccountId::of("party")),
        ..Facts::between(from, to, event.at, event.amount)
    }
}

fn final_state(events: &[Event]) -> Memory {
    let mut memory = Memory::default();
    for event in events {
        memory.record(&event.id.to_string(), &facts(event));
    }
    memory
}

/// Expects the same state to the last digit.
fn assert_same(a: &Memory, b: &Memory) {
    for account in ACCOUNTS.iter().chain(&["party"]).map(|account| AccountId::of(account)) {
        assert_eq!(a.profile(account), b.profile(account));
    }
    for from in ACCOUNTS.map(AccountId::of) {
        for to in ACCOUNTS.map(AccountId::of) {
            assert_eq!(a.pair(from, to), b.pair(from, to));
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

/// Returns count and amount of each window of an account.
fn windows(memory: &Memory, account: &str, at: f64) -> Vec<(i64, f64)> {
    let view = memory.profile(AccountId::of(account)).seen_at(at);
    let over = |direction| {
        Kind::ALL.into_iter().flat_map(move |kind| {
            [
                view.days(direction, kind, 2),
                view.days(direction, kind, 7),
                view.weeks(direction, kind, 5),
            ]
        })
    };
    let sums = over(Direction::Out).chain(over(Direction::In));
    sums.map(|sum| (sum.count, sum.amount())).collect()
}

proptest! {
    /// Windows up to the newest day agree with a count over the list of events.
    #[test]
    fn a_window_is_the_sum_of_its_days(events in events()) {
        let memory = final_state(&events);
        let newest = events.iter().map(|event| event.at).fold(0.0, f64::max);
        for (number, account) in ACCOUNTS.into_iter().enumerate() {
            let view = memory.profile(AccountId::of(account)).seen_at(newest);
            for (days, kind) in [(2, Kind::All), (7, Kind::All), (7, Kind::Round), (7, Kind::New)] {
                let last = Span::Day.number(newest);
                let within = |at: f64| (last - days + 1..=last).contains(&Span::Day.number(at));
                let first = |event: &&Event| {
                    let earlier = |other: &Event| {
                        (other.sender, other.receiver) == (event.sender, event.receiver)
                            && (other.at, other.amount, other.id) < (event.at, event.amount, event.id)
                    };
                    kind != Kind::New || !events.iter().any(earlier)
                };
                let counted = events
                    .iter()
                    .filter(|event| event.sender == number && within(event.at))
                    .filter(|event| kind != Kind::Round || facts(event).round)
                    .filter(first);
                let mut expect = Sum::default();
                counted.for_each(|event| expect += Sum::one(event.amount));
                prop_assert_eq!(view.days(Direction::Out, kind, days), expect);
            }
        }
    }
}

#[test]
fn a_first_contact_moves_with_its_amount() {
    let (early, late) = (1.7e9, 1.7e9 + 3.0 * 86_400.0);
    let mut memory = Memory::default();
    memory.apply(&Facts::between("a", "b", late, 70.0));
    let new = |memory: &Memory, at: f64| {
        memory.profile(AccountId::of("a")).seen_at(at).days(Direction::Out, Kind::New, 1)
    };
    assert_eq!(new(&memory, late), Sum { count: 1, cents: 7_000 });
    // An earlier payment turns up: now it is the first, with its own amount and time.
    memory.apply(&Facts::between("a", "b", early, 20.0));
    assert_eq!(new(&memory, late), Sum::default());
    assert_eq!(new(&memory, early), Sum { count: 1, cents: 2_000 });
}

#[test]
fn of_two_first_payments_at_one_instant_the_smaller_is_the_first_in_any_order() {
    let both = |first: f64, second: f64| {
        let mut memory = Memory::default();
        for amount in [first, second] {
            memory.apply(&Facts::between("a", "b", 1.7e9, amount));
        }
        memory
    };
    let (up, down) = (both(20.0, 70.0), both(70.0, 20.0));
    assert_same(&up, &down);
    assert_eq!(windows(&up, "b", 1.7e9), windows(&down, "b", 1.7e9));
    let pair = down.pair(AccountId::of("a"), AccountId::of("b")).unwrap();
    assert_eq!((pair.count, pair.first_amount), (2, FixedPoint::nearest(20.0)));
    let into = down.profile(AccountId::of("b")).seen_at(1.7e9);
    assert_eq!(into.weeks(Direction::In, Kind::New, 1), Sum { count: 1, cents: 2_000 });
    assert_eq!(into.weeks(Direction::In, Kind::All, 1), Sum { count: 2, cents: 9_000 });
}

/// Returns the values of every account's sums at a moment, except those of first contacts: that two
/// accounts have met is not taken back.
fn sums(memory: &Memory, at: f64) -> Vec<f64> {
    let met = |slot: Slot| {
        let first = |direction| {
            let of = |half_life| Slot::of(direction, Measure::NewCounterparty, half_life);
            HalfLife::ALL.map(of).contains(&Some(slot))
        };
        first(Direction::Out) || first(Direction::In)
    };
    let accounts = ACCOUNTS.iter().chain(&["party"]).map(|account| AccountId::of(account));
    let of = |account| {
        let profile = memory.profile(account);
        let remaining = HalfLife::ALL
            .map(|half_life| RemainingShare::at(half_life, profile.epochs[half_life as usize], at));
        let slots = Slot::all().filter(|(slot, ..)| !met(*slot));
        slots.map(move |(slot, half_life, _)| {
            profile.sums[slot.index()].value(remaining[half_life as usize])
        })
    };
    accounts.flat_map(of).collect()
}

proptest! {
    #[test]
    fn a_payment_taken_back_leaves_the_sums_as_if_it_had_never_been(
        (events, taken, when) in events().prop_flat_map(|events| {
            let taken = prop::collection::vec(any::<bool>(), events.len());
            let when = prop::collection::vec(0..=events.len(), events.len());
            (Just(events), taken, when)
        })
    ) {
        let (mut memory, mut never) = (Memory::default(), Memory::default());
        for now in 0..=events.len() {
            // A reversal comes some time after its payment, among the other events.
            let due = |(at, when): (usize, &usize)| taken[at] && now == (*when).max(at + 1);
            let due: Vec<usize> =
                when.iter().enumerate().filter(|one| due(*one)).map(|(at, _)| at).collect();
            due.iter().for_each(|at| memory.take_back(&facts(&events[*at])));
            if let Some(event) = events.get(now) {
                memory.apply(&facts(event));
                if !taken[now] {
                    never.apply(&facts(event));
                }
            }
        }
        let latest = events.iter().map(|event| event.at).fold(0.0, f64::max);
        for (kept, expect) in sums(&memory, latest).into_iter().zip(sums(&never, latest)) {
            // What has been dropped at the end of an epoch is at most a 2^32nd part.
            prop_assert!((kept - expect).abs() < 1e-3, "{kept} instead of {expect}");
        }
        for from in ACCOUNTS.map(AccountId::of) {
            for to in ACCOUNTS.map(AccountId::of) {
                let what = |memory: &Memory| {
                    memory.pair(from, to).map_or((0, FixedPoint::ZERO), |p| (p.count, p.amount))
                };
                prop_assert_eq!(what(&memory), what(&never));
            }
        }
    }
}

#[test]
fn what_moved_no_money_leaves_no_trace() {
    use crate::payment::transaction::Kind as What;
    for kind in What::ALL {
        let party = Some(AccountId::of("party"));
        let facts = Facts { kind, party, ..Facts::between("a", "b", 1.7e9, 70.0) };
        let counts = matches!(kind, What::Payment | What::Refund | What::Fee);
        assert_eq!(Increments::of(&facts, None) != Increments::nothing(), counts, "{kind:?}");
        let mut memory = Memory::default();
        memory.apply(&facts);
        assert_eq!(memory.pair(facts.sender, facts.receiver).is_some(), counts, "{kind:?}");
        if !counts {
            assert_same(&memory, &Memory::default());
        }
    }
}

#[test]
fn a_decayed_count_halves_with_each_half_life() {
    for half_life in HalfLife::ALL {
        // Near the end of an epoch, so that the value crosses into the next one.
        let start = half_life.seconds() * (32.0 * 1_000.0 - 0.5);
        // A measure that is kept for this half-life.
        let measure = match half_life {
            HalfLife::Hour | HalfLife::Day => Measure::Count,
            HalfLife::Month => Measure::Transfers,
        };
        let slot = Slot::of(Direction::Out, measure, half_life).unwrap();
        let add = |at: f64, count: f64| SlotAdd {
            slot,
            half_life,
            epoch: half_life.epoch(at),
            weighted: FixedPoint::nearest(count * half_life.weight(at)),
        };
        let mut profile = Profile::default();
        profile.add(&add(start, 1.0));
        for (after, expect) in [(0.0, 1.0), (1.0, 0.5), (2.0, 0.25), (10.0, 1.0 / 1024.0)] {
            let now = start + after * half_life.seconds();
            // Another event may move the epoch on; what remains of this one must stay.
            let mut later = profile.clone();
            later.add(&add(now, 0.0));
            let value = later.seen_at(now).sum(Direction::Out, measure, half_life);
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
            // DynamoDB has room for 26 digits before the point and 12 after it.
            assert!(largest * weight * 1_000.0 < 1e26);
        }
    }
}
