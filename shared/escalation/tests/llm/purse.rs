//! What the budget and its gate let through.

use std::sync::Arc;
use std::time::Duration;

use escalation::{Escalation, SecretCache, Subject};
use jiff::Timestamp;
use sentinel::case::verdict::ReviewReason;
use sentinel::llm::prompt::PurposeHistory;
use sentinel::spend::budget::{Gate, GateReason, MicroUsd};

use crate::llm_world::*;
use crate::world::tenant;

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_workers_with_budget_for_one_call_exactly_one_calls() {
    let world = LlmWorld::start(|config| config.budget = MicroUsd(1_000), |_, _, _| good()).await;
    let world = Arc::new(world);
    let workers: Vec<_> = (0..30)
        .map(|n| {
            let world = world.clone();
            // Different cases, so that the cache answers none of them.
            tokio::spawn(async move { world.assess(&case(&format!("{}.00", 9_500 + n))).await })
        })
        .collect();
    let mut exhausted = 0;
    for worker in workers {
        exhausted +=
            usize::from(worker.await.unwrap().unavailable == Some(ReviewReason::BudgetExhausted));
    }
    let (committed, spent) = world.ledger().await;
    assert_eq!(exhausted, 30 - world.calls());
    assert!(committed <= 1_000 && committed == spent && spent == GOOD_COST * world.calls() as u64);
}

#[tokio::test]
async fn a_shut_gate_and_a_missing_llm_are_said_so() {
    let world = LlmWorld::start(|_| (), |_, _, _| good()).await;
    let now = Timestamp::from_second(NOW).unwrap();
    let shut = (Gate::Open, Gate::Closed(GateReason::Operator));
    assert!(world.world.store.change_gate(day_of(NOW), shut, now).await.unwrap());
    let told = world.assess(&case("9500.00")).await;
    assert_eq!((told.unavailable, world.calls()), (Some(ReviewReason::GateClosed), 0));

    let secrets = Arc::new(SecretCache::new(secrets_manager(Arc::default()).await, "s"));
    let absent = Escalation::new(None, world.world.store.clone(), secrets).unwrap();
    let (evidence, history) = (&case("1"), &PurposeHistory::default());
    let subject = Subject { evidence, tx: &transaction(evidence), history };
    let told = absent.assess(&tenant(), subject, now).await;
    assert_eq!(told.unavailable, Some(ReviewReason::LlmNotConfigured));
}

#[tokio::test]
async fn a_call_that_midnight_passes_is_paid_by_the_day_that_reserved_it() {
    let midnight = NOW - NOW.rem_euclid(86_400) + 86_400;
    let world = LlmWorld::start(
        |_| (),
        |_, _, _| {
            std::thread::sleep(Duration::from_millis(1_500));
            good()
        },
    )
    .await;
    // Reserved one second before midnight and answered half a second after it.
    assert!(world.assess_at(&case("9500.00"), midnight - 1).await.assessment.is_some());
    assert_eq!(world.ledger().await, (GOOD_COST, GOOD_COST));
    let next = world.world.store.budget_state(day_of(midnight)).await.unwrap();
    assert_eq!(next, Default::default());
}

/// Refusals are remembered: a case that is told of a shut gate while it is open in the table has not
/// asked the table.
#[tokio::test]
async fn a_shut_gate_is_remembered_and_costs_no_request_to_the_ledger() {
    let world = LlmWorld::start(|_| (), |_, _, _| good()).await;
    let now = Timestamp::from_second(NOW).unwrap();
    let gate = async |from, to| {
        assert!(world.world.store.change_gate(day_of(NOW), (from, to), now).await.unwrap());
    };
    let shut = Gate::Closed(GateReason::Operator);
    gate(Gate::Open, shut).await;
    let told = world.assess(&case("9500.00")).await;
    assert_eq!(told.unavailable, Some(ReviewReason::GateClosed));

    gate(shut, Gate::Open).await;
    for n in 0..20 {
        let told = world.assess(&case(&format!("{}.00", 9_600 + n))).await;
        assert_eq!(told.unavailable, Some(ReviewReason::GateClosed));
    }
    assert_eq!((world.calls(), world.ledger().await), (0, (0, 0)));
}

#[tokio::test]
async fn a_spent_day_is_remembered_and_costs_no_request_to_the_ledger() {
    let world = LlmWorld::start(|_| (), |_, _, _| good()).await;
    // One dollar, which is the budget.
    world.commit(1_000_000).await;
    let told = world.assess(&case("9500.00")).await;
    assert_eq!(told.unavailable, Some(ReviewReason::BudgetExhausted));

    world.commit(0).await;
    for n in 0..20 {
        let told = world.assess(&case(&format!("{}.00", 9_600 + n))).await;
        assert_eq!(told.unavailable, Some(ReviewReason::BudgetExhausted));
    }
    assert_eq!((world.calls(), world.ledger().await), (0, (0, 0)));
}
