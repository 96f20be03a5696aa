//! The simulation keeps to the published statistics and to its seed.

use std::collections::HashMap;

use super::*;
use crate::dataset::Dataset;

fn simulated(rows: u64, seed: u64) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("simulated.csv");
    run(&Args { out: out.clone(), rows, seed, days: 321 }).unwrap();
    (dir, out)
}

#[test]
fn the_same_seed_makes_the_same_file() {
    let read = |seed| {
        let (_dir, out) = simulated(2_000, seed);
        std::fs::read(out).unwrap()
    };
    let first = read(1);
    assert!(first == read(1));
    assert!(first != read(2));
}

#[test]
fn every_payment_is_one_our_reader_takes() {
    let (_dir, out) = simulated(20_000, 3);
    let mut last = None;
    for row in Dataset::open(&out).unwrap() {
        let row = row.unwrap();
        let at = row.transaction.timestamp.instant();
        assert!(last.is_none_or(|last| last <= at), "line {} is out of order", row.line);
        last = Some(at);
        let named_normal = row.typology.unwrap().starts_with("Normal_");
        assert_eq!(row.label, Some(!named_normal));
    }
}

#[test]
fn shares_are_the_published_ones() {
    let (_dir, out) = simulated(100_000, 4);
    let mut counts: HashMap<String, f64> = HashMap::new();
    let mut total = 0.0;
    for row in Dataset::open(&out).unwrap().map(Result::unwrap) {
        let tx = &row.transaction;
        total += 1.0;
        let mut count = |name: &str| *counts.entry(name.to_owned()).or_default() += 1.0;
        count(tx.payment_type.code());
        count(&row.typology.unwrap());
        count(if row.label == Some(true) { "suspicious" } else { "normal" });
        if tx.sender.bank_country.code() == "GB" && tx.receiver.bank_country.code() == "GB" {
            count("domestic");
        }
    }
    for (name, low, high) in [
        // Whole groups only, so a small world holds a little more than its share.
        ("suspicious", 0.001, 0.0018),
        ("cross_border", 0.07, 0.16),
        ("domestic", 0.80, 0.93),
        ("ach", 0.18, 0.23),
        ("cash_withdrawal", 0.028, 0.037),
        ("cash_deposit", 0.02, 0.028),
        ("Normal_Small_Fan_Out", 0.35, 0.38),
        ("Normal_Foward", 0.003, 0.006),
    ] {
        let share = counts[name] / total;
        assert!((low..high).contains(&share), "{name}: {share}");
    }
    // Every suspicious typology of the data set occurs.
    let typologies = counts.keys().filter(|name| name.starts_with(char::is_uppercase));
    assert_eq!(typologies.count(), 11 + 17);
}
