//! Counts for drift in the table: many processes fill one window, and exactly one of them gets it.

#![allow(clippy::unwrap_used, reason = "a test's panic is its report")]

mod world;

use std::collections::BTreeMap;

use sentinel::cascade::drift::{Bins, DriftBins, DriftCounts, DriftReference, WINDOW};
use world::{World, tenant};

fn bins() -> DriftBins {
    let score = Bins { edges: vec![0.5], shares: vec![0.9, 0.1] };
    DriftBins::new(&DriftReference { score, features: BTreeMap::new() }, &[])
}

fn rows(rows: u32, probability: f64) -> DriftCounts {
    let mut counts = DriftCounts::default();
    (0..rows).for_each(|_| bins().count(&mut counts, &[], probability));
    counts
}

#[tokio::test]
async fn many_processes_fill_one_window_and_one_gets_it() {
    let world = World::start().await;
    let tenant = tenant();
    let part = WINDOW / 4;
    let low = rows(part, 0.1);
    let add = || world.store.add_drift(&tenant, "model", &low);
    let added = tokio::join!(add(), add(), add(), add());
    let added = [added.0, added.1, added.2, added.3];
    let full: Vec<_> = added.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(full.len(), 1);
    let mut expect = DriftCounts::default();
    (0..4).for_each(|_| assert!(expect.add(&low)));
    assert_eq!(full[0], expect);
    // The next window begins empty, and another model has a separate one.
    let high = rows(WINDOW - 1, 0.9);
    assert_eq!(world.store.add_drift(&tenant, "model", &high).await.unwrap(), None);
    assert_eq!(world.store.add_drift(&tenant, "other", &rows(1, 0.9)).await.unwrap(), None);
    let full = world.store.add_drift(&tenant, "model", &rows(1, 0.9)).await.unwrap();
    assert_eq!(full, Some(rows(WINDOW, 0.9)));
}
