//! Counts of peer groups in the table: processes add at the same time, and nothing is lost.

#![allow(clippy::unwrap_used, reason = "a test's panic is its report")]

mod world;

use jiff::civil::date;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::state::facts::Facts;
use sentinel::state::features::Features;
use sentinel::state::memory::Memory;
use sentinel::state::peers::{EVERYBODY, PeerSketches, Risk};
use world::{World, tenant};

/// Returns the counts of payments of 10, 20, 30, … to a charity.
fn counted(payments: u32) -> PeerSketches {
    let reference = Reference::embedded().unwrap();
    let (mut sketches, memory) = (PeerSketches::default(), Memory::default());
    for n in 1..=payments {
        let tx = serde_json::json!({
            "msg_id": format!("m-{n}"), "timestamp": "2026-03-02T13:10:00Z",
            "sender": {"account": "A", "bank_country": "GB"},
            "receiver": {"account": "B", "bank_country": "GB", "segment": "charity"},
            "amount": format!("{}.00", 10 * n), "currency": "USD", "payment_type": "transfer",
        });
        let facts = Facts::of(&serde_json::from_value(tx).unwrap(), &reference);
        let features = Features::extract(&facts, &memory.neighbourhood(&facts));
        sketches.count(&facts, &features, Some(Risk { score: 0.01, unsure: false }));
    }
    sketches
}

#[tokio::test]
async fn what_processes_add_at_once_is_found_as_one() {
    let world = World::start().await;
    let tenant = tenant();
    let (monday, next) = (date(2026, 11, 16), date(2026, 11, 23));
    let (few, many) = (counted(100), counted(200));
    let add = |shard, counts| world.store.add_peers(&tenant, monday, shard, counts);
    let added = tokio::join!(add(0, &few), add(0, &many), add(3, &few));
    added.0.and(added.1).and(added.2).unwrap();
    world.store.add_peers(&tenant, next, 0, &few).await.unwrap();

    let payments = async |since| {
        let (found, first) = world.store.peers(&tenant, since).await.unwrap();
        assert!(first.is_none_or(|first| first >= since));
        [EVERYBODY, "charity", "person"].map(|group| found.payments(group, "amount_received"))
    };
    assert_eq!(payments(monday).await, [500, 500, 0]);
    assert_eq!(payments(next).await, [100, 100, 0]);
    assert_eq!(payments(date(2026, 11, 30)).await, [0, 0, 0]);
    let of = async |week, group| world.store.peers_of(&tenant, week, group).await.unwrap();
    assert_eq!(of(monday, EVERYBODY).await.payments(EVERYBODY, "amount_received"), 400);
    assert_eq!(of(next, "charity").await.groups().collect::<Vec<_>>(), ["charity"]);
    let (found, first) = world.store.peers(&tenant, date(2026, 1, 1)).await.unwrap();
    assert_eq!(first, Some(monday));
    let most = found.quantile("charity", "amount_received", 1.0).unwrap();
    assert!((most - 2_000.0).abs() < 20.1, "{most}");
}
