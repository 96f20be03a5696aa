//! The ledger against a real DynamoDB endpoint: its guarantees hold under concurrency, across
//! midnight and after crashes.

#![allow(clippy::unwrap_used, reason = "a test's panic is its report")]

mod world;

use std::time::Duration;

use jiff::Timestamp;
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{BudgetDay, DailyCaps, Gate, GateReason, MicroUsd};
use sentinel::spend::guard::GuardMemory;
use store::Charge;
use store::Store;
use store::ledger::{ChargeOutcome, Reservation, ReservationRequest, ReserveError};
use store::usage::{Usage, UsageEvent};
use world::{World, tenant};

const NOW: i64 = 1_795_000_000;

fn day() -> BudgetDay {
    BudgetDay::parse("2026-11-18").unwrap()
}

async fn reserve_at(
    store: &Store,
    budget: u64,
    max: u64,
    now: i64,
) -> Result<Reservation, ReserveError> {
    let caps = DailyCaps { deployment: MicroUsd(budget), tenant: None };
    reserve_for(store, &tenant(), caps, max, now).await
}

async fn reserve_for(
    store: &Store,
    tenant: &Tenant,
    caps: DailyCaps,
    max: u64,
    now: i64,
) -> Result<Reservation, ReserveError> {
    let request = ReservationRequest {
        tenant,
        model: "mini",
        day: day(),
        caps,
        max: MicroUsd(max),
        now: Timestamp::from_second(now).unwrap(),
        purpose: "assessment",
    };
    store.reserve(&request).await
}

fn cost(micro_usd: u64, latency_ms: u64) -> Charge {
    Charge {
        cost: MicroUsd(micro_usd),
        latency: Duration::from_millis(latency_ms),
        input_tokens: 70,
        output_tokens: 8,
    }
}

async fn reserve(store: &Store, budget: u64, max: u64) -> Result<Reservation, ReserveError> {
    reserve_at(store, budget, max, NOW).await
}

/// Returns what is committed and spent, in micro-dollars.
async fn state(store: &Store) -> (u64, u64) {
    let ledger = store.budget_state(day()).await.unwrap();
    (ledger.committed.0, ledger.spent.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_workers_with_budget_for_one_call_exactly_one_gets_it() {
    let world = World::start().await;
    let workers: Vec<_> = (0..100)
        .map(|_| {
            let store = world.store.clone();
            tokio::spawn(async move { reserve(&store, 199, 100).await })
        })
        .collect();
    let mut reserved = 0;
    for worker in workers {
        match worker.await.unwrap() {
            Ok(_) => reserved += 1,
            Err(err) => assert_eq!(err, ReserveError::Exhausted),
        }
    }
    assert_eq!(reserved, 1);
    assert_eq!(state(&world.store).await, (100, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_workers_reserving_and_settling_never_pass_the_budget() {
    let world = World::start().await;
    let workers: Vec<_> = (0..40u64)
        .map(|n| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let mut spent = 0;
                for call in 0..5 {
                    let Ok(reservation) = reserve(&store, 5_000, 400).await else { continue };
                    assert!(state(&store).await.0 <= 5_000);
                    let actual = (n * 37 + call * 11) % 400;
                    store.settle(reservation, cost(actual, 10)).await.unwrap();
                    spent += actual;
                }
                spent
            })
        })
        .collect();
    let mut spent = 0;
    for worker in workers {
        spent += worker.await.unwrap();
    }
    assert!(spent > 0);
    assert_eq!(state(&world.store).await, (spent, spent));
}

#[tokio::test]
async fn what_a_call_did_not_cost_comes_back() {
    let world = World::start().await;
    let reservation = reserve(&world.store, 1_000, 600).await.unwrap();
    assert_eq!(reserve(&world.store, 1_000, 600).await, Err(ReserveError::Exhausted));
    let charged = world.store.settle(reservation, cost(150, 800)).await;
    assert_eq!(charged, Ok(ChargeOutcome::Now));
    let ledger = world.store.budget_state(day()).await.unwrap();
    assert_eq!((ledger.committed, ledger.spent), (MicroUsd(150), MicroUsd(150)));
    assert_eq!((ledger.calls, ledger.latency_ms_sum), (1, 800));
    assert_eq!(ledger.latest_max, MicroUsd(600));
    assert!(reserve(&world.store, 1_000, 600).await.is_ok());
}

#[tokio::test]
async fn a_call_never_made_costs_nothing_and_leaves_no_trace() {
    let world = World::start().await;
    let reservation = reserve(&world.store, 1_000, 600).await.unwrap();
    assert_eq!(world.store.release(reservation).await, Ok(ChargeOutcome::Now));
    assert_eq!(state(&world.store).await, (0, 0));
    assert_eq!(world.keys().await, ["*#budget#2026-11-18/day"]);
}

#[tokio::test]
async fn a_call_dearer_than_the_whole_budget_is_never_reserved() {
    let world = World::start().await;
    assert_eq!(reserve(&world.store, 99, 100).await, Err(ReserveError::Exhausted));
    assert!(world.keys().await.is_empty());
}

#[tokio::test]
async fn a_call_that_ends_after_midnight_is_settled_on_the_day_that_reserved_it() {
    let world = World::start().await;
    let reservation = reserve(&world.store, 1_000, 600).await.unwrap();
    // The clock does not matter: settling uses the day of the reservation.
    assert_eq!(reservation.day(), day());
    world.store.settle(reservation, cost(200, 1_000)).await.unwrap();
    assert_eq!(state(&world.store).await, (200, 200));
    assert_eq!(
        world.keys().await,
        ["*#budget#2026-11-18/day", "*#budget#2026-11-18/use#main#mini"]
    );
}

#[tokio::test]
async fn a_crashed_workers_reservation_stays_charged_and_is_charged_in_full_once() {
    let world = World::start().await;
    drop(reserve(&world.store, 1_000, 600).await.unwrap());
    let young = reserve_at(&world.store, 1_000, 300, NOW + 800).await.unwrap();
    assert_eq!(state(&world.store).await, (900, 0));

    let stale = || world.store.stale_reservations(day(), NOW + 1);
    let (first, second) = (stale().await.unwrap(), stale().await.unwrap());
    assert_eq!(first.len(), 1);
    for (found, charged) in [(first, ChargeOutcome::Now), (second, ChargeOutcome::Before)] {
        for reservation in found {
            assert_eq!(world.store.reconcile(reservation).await, Ok(charged));
        }
    }
    assert_eq!(state(&world.store).await, (900, 600));
    assert!(stale().await.unwrap().is_empty());

    world.store.release(young).await.unwrap();
    assert_eq!(state(&world.store).await, (600, 600));
}

#[tokio::test]
async fn a_worker_slower_than_the_guard_does_not_charge_twice() {
    let world = World::start().await;
    let slow = reserve(&world.store, 1_000, 600).await.unwrap();
    for found in world.store.stale_reservations(day(), NOW + 1).await.unwrap() {
        world.store.reconcile(found).await.unwrap();
    }
    let charged = world.store.settle(slow, cost(150, 1_000)).await;
    assert_eq!(charged, Ok(ChargeOutcome::Before));
    assert_eq!(state(&world.store).await, (600, 600));
}

#[tokio::test]
async fn a_shut_gate_refuses_and_an_open_one_lets_through() {
    let world = World::start().await;
    let shut = Gate::Closed(GateReason::Latency);
    let now = Timestamp::from_second(NOW).unwrap();
    let change = |from, to| {
        let store = world.store.clone();
        async move { store.change_gate(day(), (from, to), now).await.unwrap() }
    };
    assert!(change(Gate::Open, shut).await);
    assert_eq!(reserve(&world.store, 1_000, 100).await, Err(ReserveError::GateClosed));
    let ledger = world.store.budget_state(day()).await.unwrap();
    assert_eq!((ledger.gate, ledger.gate_since), (shut, NOW));

    assert!(!change(Gate::Open, shut).await, "the second guard finds it shut");
    let budget = Gate::Closed(GateReason::Budget);
    assert!(!change(budget, Gate::Open).await, "shut for another reason");
    assert!(change(shut, Gate::Open).await);
    assert!(reserve(&world.store, 1_000, 100).await.is_ok());
}

/// Spawns workers of two tenants that each try to reserve 100; returns how many of each could.
async fn rush(world: &World, caps: [DailyCaps; 2]) -> [usize; 2] {
    let workers: Vec<_> = (0..100)
        .map(|n| {
            let (store, side) = (world.store.clone(), n % 2);
            let caps = caps[side];
            let tenant = Tenant::parse(["main", "bank-7"][side]).unwrap();
            tokio::spawn(async move {
                let reserved = reserve_for(&store, &tenant, caps, 100, NOW).await;
                (side, reserved.map(drop))
            })
        })
        .collect();
    let mut reserved = [0, 0];
    for worker in workers {
        let (side, outcome) = worker.await.unwrap();
        match outcome {
            Ok(()) => reserved[side] += 1,
            Err(err) => assert_eq!(err, ReserveError::Exhausted),
        }
    }
    reserved
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_workers_of_two_tenants_share_one_purse() {
    let world = World::start().await;
    let caps = DailyCaps { deployment: MicroUsd(199), tenant: None };
    let reserved = rush(&world, [caps, caps]).await;
    assert_eq!(reserved.iter().sum::<usize>(), 1);
    assert_eq!(state(&world.store).await, (100, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_own_cap_holds_while_the_other_goes_on() {
    let world = World::start().await;
    let deployment = MicroUsd(1_000);
    let capped = DailyCaps { deployment, tenant: Some(MicroUsd(200)) };
    let reserved = rush(&world, [capped, DailyCaps { deployment, tenant: None }]).await;
    assert_eq!(reserved.iter().sum::<usize>(), 10, "the deployment's cap is used up");
    assert!(reserved[0] <= 2, "{reserved:?}");
    assert_eq!(state(&world.store).await, (1_000, 0));
    let of_main = world.store.tenant_budget_state(&tenant(), day()).await.unwrap();
    assert_eq!(of_main, (MicroUsd(100 * reserved[0] as u64), MicroUsd(0)));
}

#[tokio::test]
async fn a_capped_tenant_gets_back_what_a_call_did_not_cost() {
    let world = World::start().await;
    let caps = DailyCaps { deployment: MicroUsd(1_000), tenant: Some(MicroUsd(600)) };
    let tenant = tenant();
    let reserve = || reserve_for(&world.store, &tenant, caps, 400, NOW);
    let held = reserve().await.unwrap();
    assert_eq!(reserve().await, Err(ReserveError::Exhausted));
    world.store.settle(held, cost(150, 10)).await.unwrap();
    let held = reserve().await.unwrap();
    world.store.release(held).await.unwrap();
    let of_main = world.store.tenant_budget_state(&tenant, day()).await.unwrap();
    assert_eq!(of_main, (MicroUsd(150), MicroUsd(150)));
    assert_eq!(state(&world.store).await, (150, 150));
}

#[tokio::test]
async fn what_was_used_is_counted_by_tenant_and_model() {
    let world = World::start().await;
    for micro_usd in [150, 250] {
        let held = reserve(&world.store, 1_000, 400).await.unwrap();
        world.store.settle(held, cost(micro_usd, 300)).await.unwrap();
    }
    let of = (&tenant(), "mini", day());
    for event in [UsageEvent::CacheHit, UsageEvent::AlertFound, UsageEvent::CacheHit] {
        world.store.count_usage(of, event).await.unwrap();
    }
    let usage = world.store.usage(day(), Some(&tenant())).await.unwrap();
    let expect = Usage {
        day: day(),
        tenant: tenant(),
        model: "mini".to_owned(),
        calls: 2,
        input_tokens: 140,
        output_tokens: 16,
        spent: MicroUsd(400),
        latency_ms_sum: 600,
        cache_hits: 2,
        alerts: 1,
    };
    assert_eq!(usage, [expect]);
    let other = Tenant::parse("mai").unwrap();
    assert!(world.store.usage(day(), Some(&other)).await.unwrap().is_empty());
    assert_eq!(world.store.usage(day(), None).await.unwrap(), usage);
}

#[tokio::test]
async fn the_guard_remembers_its_last_run() {
    let world = World::start().await;
    assert_eq!(world.store.guard_memory().await, Ok(None));
    for gate in [Gate::Closed(GateReason::Budget), Gate::Open] {
        let memory = GuardMemory { day: day(), calls: 3, latency_ms_sum: 900, gate };
        world.store.remember_guard(&memory).await.unwrap();
        assert_eq!(world.store.guard_memory().await, Ok(Some(memory)));
    }
}
