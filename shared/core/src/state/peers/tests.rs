//! What is counted among peers, and the figures taken from it.

use std::collections::BTreeSet;

use jiff::civil::date;

use super::*;
use crate::payment::transaction::{Kind, PaymentType, Segment};
use crate::state::facts::Facts;
use crate::state::features::Features;
use crate::state::memory::Memory;

const DAYS: (jiff::civil::Date, jiff::civil::Date) = (date(2026, 8, 1), date(2026, 10, 30));

/// A payment from the n-th payer to an account of a segment.
fn payment(payer: usize, to: &str, segment: Option<&str>, amount: f64) -> Facts {
    Facts {
        receiver_segment: segment.map(|segment| Segment::parse(segment).unwrap()),
        ..Facts::between(&format!("payer {payer}"), to, 1.7e9, amount)
    }
}

fn count(sketches: &mut PeerSketches, memory: &Memory, facts: &Facts) {
    let features = Features::extract(facts, &memory.neighbourhood(facts));
    sketches.count(facts, &features, Some(Risk { score: 0.2, unsure: false }));
}

/// Sketches of a shop that this many payers pay, one after the other.
fn shop(payers: usize, segment: Option<&str>) -> PeerSketches {
    let (mut sketches, mut memory) = (PeerSketches::default(), Memory::default());
    for payer in 0..payers {
        let facts = payment(payer, "shop", segment, 10.0 * (payer + 1) as f64);
        count(&mut sketches, &memory, &facts);
        memory.apply(&facts);
    }
    sketches
}

#[track_caller]
fn near(found: Option<f64>, expected: f64) {
    let found = found.expect("a figure");
    assert!((found - expected).abs() <= 0.0101 * expected, "{found} is not {expected}");
}

#[test]
fn quantiles_are_within_one_percent() {
    let sketches = shop(2_000, Some("business"));
    for (share, payer) in [(0.5, 1_000.0), (0.95, 1_900.0), (0.995, 1_990.0)] {
        near(sketches.quantile(EVERYBODY, "amount_received", share), 10.0 * payer);
        near(sketches.quantile("business", "receiver_in_new_7d", share), payer - 1.0);
    }
    near(sketches.quantile(EVERYBODY, RISK, 0.5), 0.2);
    // The payers have no segment, and the shop's segment counts no senders.
    assert_eq!(sketches.payments("business", "amount_sent"), 0);
    assert_eq!(sketches.payments(EVERYBODY, "amount_sent"), 2_000);
}

/// Everything that sketches can be asked for: group, measure, payments and a quantile.
fn summary(sketches: &PeerSketches) -> Vec<(&str, &str, u64, Option<f64>)> {
    let asked = |group| {
        MEASURES.iter().flat_map(move |measure| {
            (0..=20).map(move |share| (group, measure.name, f64::from(share) / 20.0))
        })
    };
    let told = sketches.groups().flat_map(asked).map(|(group, measure, share)| {
        let quantile = sketches.quantile(group, measure, share);
        (group, measure, sketches.payments(group, measure), quantile)
    });
    told.collect()
}

#[test]
fn parts_add_up_in_any_order() {
    let facts: Vec<Facts> =
        (0..300).map(|n| payment(n, "shop", Some("business"), 7.0 * n as f64)).collect();
    let memory = Memory::default();
    let counted = |facts: &mut dyn Iterator<Item = &Facts>| {
        let mut sketches = PeerSketches::default();
        facts.for_each(|facts| count(&mut sketches, &memory, facts));
        sketches
    };
    let whole = counted(&mut facts.iter());
    let (first, second) =
        (counted(&mut facts.iter().skip(1).step_by(2)), counted(&mut facts.iter().step_by(2)));
    for (one, other) in [(&first, &second), (&second, &first)] {
        let mut sum = one.clone();
        sum.merge(other);
        assert_eq!(summary(&sum), summary(&whole));
    }
}

#[test]
fn payments_from_a_value_on_are_counted() {
    let sketches = shop(1_000, None);
    for (value, payments) in [(0.0, 1_000.0), (5_000.0, 501.0), (9_900.0, 11.0), (20_000.0, 0.0)] {
        let found = sketches.payments_from(EVERYBODY, "amount_received", value) as f64;
        // One percent of the value, where payments are ten apart.
        assert!((found - payments).abs() <= value / 1_000.0 + 1.0, "{value}: {found}");
    }
    assert_eq!(sketches.payments_from("business", "amount_received", 1.0), 0);
}

#[test]
fn the_riskiest_of_what_waits_for_review_are_a_share_of_all() {
    let (mut sketches, memory) = (PeerSketches::default(), Memory::default());
    let facts = payment(1, "shop", None, 10.0);
    let features = Features::extract(&facts, &memory.neighbourhood(&facts));
    let mut wait = |number: u32, risk: &dyn Fn(u32) -> f64| {
        for n in 0..number {
            sketches.count(&facts, &features, Some(Risk { score: risk(n), unsure: true }));
        }
    };
    // A hundred of a thousand payments wait, with risks from 0.4.
    wait(100, &|n| 0.4 + f64::from(n) / 1_000.0);
    for _ in 0..900 {
        sketches.count(&facts, &features, Some(Risk { score: 0.001, unsure: false }));
    }
    assert_eq!(sketches.riskiest(0.1), None);
    for most in [0.002, 0.01, 0.05, 0.09] {
        let from = sketches.riskiest(most).unwrap();
        let waiting = (0..100).filter(|n| 0.4 + f64::from(*n) / 1_000.0 >= from).count();
        assert!(waiting as f64 <= most * 1_000.0, "{most}: {waiting} from {from}");
        assert!(waiting as f64 >= most * 1_000.0 - 15.0, "{most}: {waiting} from {from}");
    }
    // Payments with the same risk all wait, or none does.
    let (mut alike, risk) = (PeerSketches::default(), Risk { score: 0.45, unsure: true });
    (0..100).for_each(|_| alike.count(&facts, &features, Some(risk)));
    assert!(alike.riskiest(0.5).unwrap() > 0.45);
}

#[test]
fn sketches_survive_being_stored() {
    let sketches = shop(1_000, Some("business"));
    let mut read = PeerSketches::default();
    for group in sketches.groups() {
        for (measure, bytes) in sketches.to_bytes(group) {
            assert!(bytes.len() < 2_000, "{measure} takes {} bytes", bytes.len());
            read.add_bytes(group, &measure, &bytes).unwrap();
        }
    }
    assert_eq!(summary(&read), summary(&sketches));
    assert_eq!(read.add_bytes("*", RISK, b"none"), Err(DamagedSketch));
    assert_eq!(read.add_bytes("*", "of_a_later_version", &sketches.to_bytes("*")[RISK]), Ok(()));
}

#[test]
fn segments_without_end_are_not_kept() {
    let (mut sketches, memory) = (PeerSketches::default(), Memory::default());
    for n in 0..100 {
        count(&mut sketches, &memory, &payment(n, "shop", Some(&format!("segment_{n}")), 10.0));
    }
    assert_eq!(sketches.groups().count(), MOST_GROUPS + 1);
    assert_eq!(sketches.payments(EVERYBODY, "amount_received"), 100);
}

#[test]
fn cash_cards_and_what_was_declined_are_not_taken_for_transfers() {
    let (mut sketches, memory) = (PeerSketches::default(), Memory::default());
    let ordinary = payment(1, "shop", None, 10.0);
    for facts in [
        Facts { payment_type: PaymentType::DebitCard, ..ordinary },
        Facts { cash: true, payment_type: PaymentType::CashDeposit, ..ordinary },
        Facts { kind: Kind::Declined, ..ordinary },
        Facts { rated: false, ..ordinary },
        ordinary,
    ] {
        count(&mut sketches, &memory, &facts);
    }
    let payments = |measure| sketches.payments(EVERYBODY, measure);
    assert_eq!(payments("amount_received"), 1);
    assert_eq!(payments("receiver_in_count_7d"), 2);
    assert_eq!(payments("receiver_in_cash_amount_7d"), 1);
    assert_eq!((payments(RISK), payments(UNSURE)), (4, 0));
}

#[test]
fn percentiles_are_written_in_one_way() {
    for (text, share) in
        [("p50", 0.5), ("p99.5", 0.995), ("p0.001", 0.000_01), ("p99.999", 0.999_99)]
    {
        let percentile = Percentile::parse(text).unwrap();
        assert_eq!((percentile.to_string().as_str(), percentile.share()), (text, share));
    }
    for text in ["99.5", "p", "p0", "p100", "p99.", "p99.9999", "p-1", "p1e1", "P50"] {
        assert_eq!(Percentile::parse(text), Err(InvalidPercentile), "{text}");
    }
}

#[test]
fn figures_are_taken_where_there_is_enough_to_take_them_from() {
    let mut sketches = shop(1_500, Some("business"));
    sketches.merge(&shop(600, Some("person")));
    let asked = Percentile::parse("p99.5").unwrap();
    let peers = Peers::of(&sketches, &BTreeSet::from([("receiver_in_new_7d", asked)]), DAYS);
    assert_eq!(peers.segments.keys().map(Segment::as_str).collect::<Vec<_>>(), ["business"]);
    let segment = |text| Segment::parse(text).unwrap();
    let figure = |text| peers.figure(segment(text), "receiver_in_new_7d", asked);
    near(figure("business"), 1_492.0);
    assert_eq!(figure("person"), None);
    assert_eq!(figure("business").unwrap().fract(), 0.0, "payers are whole");
    let text = serde_json::to_string(&peers).unwrap();
    assert_eq!(serde_json::from_str::<Peers>(&text).unwrap(), peers);
}

#[test]
fn what_stands_out_among_peers_is_marked() {
    let peers = Peers::of(&shop(1_000, Some("business")), &BTreeSet::new(), DAYS);
    let mark = |segment, payers: usize| {
        let mut memory = Memory::default();
        (0..payers).for_each(|n| memory.apply(&payment(n, "new shop", segment, 1.0)));
        let now = payment(payers, "new shop", segment, 1.0);
        peers.marks(&now, &Features::extract(&now, &memory.neighbourhood(&now)))
    };
    assert_eq!(mark(Some("business"), 900), []);
    let marks = mark(Some("business"), 970);
    let measures: Vec<&str> = marks.iter().map(|mark| mark.measure.as_str()).collect();
    assert_eq!(measures, ["receiver_in_count_7d", "receiver_in_new_7d"]);
    assert!(marks.iter().all(|mark| mark.segment == "business"));
    near(Some(marks[1].p95), 950.0);
    // Without a segment, or without figures for it, nothing is compared.
    assert_eq!(mark(Some("person"), 970), []);
    assert_eq!(mark(None, 970), []);
}
