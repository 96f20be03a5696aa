//! Rounds of the budget guard against a real DynamoDB endpoint.

#![allow(clippy::unwrap_used, reason = "a test's panic is its report")]

mod world;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sentinel::spend::budget::{BudgetDay, DailyCaps, Gate, GateReason, MicroUsd};
use sentinel::spend::guard::Limits;
use store::Charge;
use store::guard::Round;
use store::ledger::{Reservation, ReservationRequest, ReserveError};
use world::{World, tenant};

/// 2026-11-18, 11:06:40 UTC.
const NOON: i64 = 1_795_000_000;
const MINUTE: i64 = 60;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// Makes a round and remembers it, as if people had been notified.
async fn round(world: &World, now: i64) -> Round {
    let limits = Limits { budget: MicroUsd(1_000), latency_threshold_ms: 2_000 };
    let round = world.store.guard_round(&limits, &TimeZone::UTC, at(now)).await.unwrap();
    world.store.remember_guard(&round.memory()).await.unwrap();
    round
}

async fn reserve(world: &World, max: u64, now: i64) -> Result<Reservation, ReserveError> {
    let request = ReservationRequest {
        tenant: &tenant(),
        day: BudgetDay::of(at(now), &TimeZone::UTC),
        model: "mini",
        caps: DailyCaps { deployment: MicroUsd(1_000), tenant: None },
        max: MicroUsd(max),
        now: at(now),
        purpose: "assessment",
    };
    world.store.reserve(&request).await
}

async fn call(world: &World, max: u64, cost: u64, latency_ms: u64, now: i64) {
    let held = reserve(world, max, now).await.unwrap();
    let latency = Duration::from_millis(latency_ms);
    let charge = Charge { cost: MicroUsd(cost), latency, ..Charge::default() };
    world.store.settle(held, charge).await.unwrap();
}

#[tokio::test]
async fn an_idle_day_is_no_news() {
    let world = World::start().await;
    for now in [NOON, NOON + 5 * MINUTE] {
        let round = round(&world, now).await;
        assert!(!round.is_news() && round.reconciled == 0 && round.mean_latency_ms.is_none());
        assert_eq!(round.ledger.gate, Gate::Open);
    }
}

#[tokio::test]
async fn a_spent_budget_shuts_the_gate_once_and_midnight_opens_it() {
    let world = World::start().await;
    call(&world, 500, 500, 100, NOON).await;
    call(&world, 400, 400, 100, NOON).await;
    let shut = Gate::Closed(GateReason::Budget);
    let first = round(&world, NOON).await;
    assert!(first.is_news() && first.ledger.gate == shut);
    assert_eq!(reserve(&world, 10, NOON).await, Err(ReserveError::GateClosed));
    assert!(!round(&world, NOON + 5 * MINUTE).await.is_news(), "said already");

    let midnight = NOON - NOON.rem_euclid(86_400) + 86_400;
    let next = round(&world, midnight).await;
    assert!(next.is_news() && next.ledger.gate == Gate::Open);
    assert!(reserve(&world, 10, midnight).await.is_ok());
    assert_eq!(reserve(&world, 10, midnight - 1).await, Err(ReserveError::GateClosed));
}

#[tokio::test]
async fn abandoned_reservations_are_charged_also_those_of_the_day_before() {
    let world = World::start().await;
    let midnight = NOON - NOON.rem_euclid(86_400) + 86_400;
    drop(reserve(&world, 300, midnight - MINUTE).await.unwrap());
    drop(reserve(&world, 200, midnight + MINUTE).await.unwrap());
    assert_eq!(round(&world, midnight + 5 * MINUTE).await.reconciled, 0, "too young");
    assert_eq!(round(&world, midnight + 15 * MINUTE).await.reconciled, 1);
    let later = round(&world, midnight + 20 * MINUTE).await;
    assert_eq!((later.reconciled, later.ledger.spent), (1, MicroUsd(200)));
    let yesterday = BudgetDay::of(at(midnight - 1), &TimeZone::UTC);
    let ledger = world.store.budget_state(yesterday).await.unwrap();
    assert_eq!((ledger.spent, ledger.committed, ledger.calls), (MicroUsd(300), MicroUsd(300), 0));
    assert!(world.keys().await.iter().all(|key| !key.contains("reservation")));
}

#[tokio::test]
async fn a_slow_llm_is_shut_out_rested_and_tried_again() {
    let world = World::start().await;
    call(&world, 10, 10, 500, NOON).await;
    assert_eq!(round(&world, NOON).await.mean_latency_ms, Some(500));
    call(&world, 10, 10, 4_000, NOON).await;
    let shut = round(&world, NOON + 5 * MINUTE).await;
    assert_eq!(shut.mean_latency_ms, Some(4_000), "of the call since the last round alone");
    assert!(shut.is_news() && shut.ledger.gate == Gate::Closed(GateReason::Latency));
    assert!(!round(&world, NOON + 10 * MINUTE).await.is_news());
    let open = round(&world, NOON + 20 * MINUTE).await;
    assert!(open.is_news() && open.ledger.gate == Gate::Open);
    call(&world, 10, 10, 4_000, NOON + 21 * MINUTE).await;
    assert!(round(&world, NOON + 25 * MINUTE).await.is_news(), "still slow");
}

#[tokio::test]
async fn a_message_that_failed_is_sent_by_the_next_round() {
    let world = World::start().await;
    call(&world, 1_000, 1_000, 1, NOON).await;
    let limits = Limits { budget: MicroUsd(1_000), latency_threshold_ms: 2_000 };
    let unheard = world.store.guard_round(&limits, &TimeZone::UTC, at(NOON)).await;
    assert!(unheard.unwrap().is_news());
    // Nobody was notified, so nothing was remembered.
    assert!(round(&world, NOON + 5 * MINUTE).await.is_news());
    assert!(!round(&world, NOON + 10 * MINUTE).await.is_news());
}
