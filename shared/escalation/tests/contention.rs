//! The ledger when the table misbehaves: conflicting transactions, and answers that get lost after
//! the table did what was asked.

#![allow(clippy::unwrap_used, reason = "a test's panic is its report")]

#[path = "../../store/tests/world/mod.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use sentinel::spend::budget::{BudgetDay, DailyCaps, MicroUsd};
use store::Charge;
use store::Store;
use store::ledger::{ChargeOutcome, LedgerError, Reservation, ReservationRequest, ReserveError};
use world::{World, dynamodb, tenant};

/// What happens to transactions on their way to the table and back.
#[derive(Debug, Clone, Copy)]
enum Disturbance {
    /// Refused, since another transaction is writing the same item.
    Conflict,
    /// Carried out, but the answer is a 500.
    LostAnswer,
}

/// A proxy between SDK and table that disturbs the next `left` transactions.
struct Proxy {
    table: String,
    http: reqwest::Client,
    trouble: Disturbance,
    left: AtomicUsize,
    seen: AtomicUsize,
}

const CONFLICT: &str = r#"{
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "message": "Transaction cancelled, please refer cancellation reasons",
    "CancellationReasons": [{ "Code": "TransactionConflict" }, { "Code": "None" }]
}"#;

async fn pass(State(proxy): State<Arc<Proxy>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap();
    let take = |left: usize| left.checked_sub(1);
    let troubled = target.ends_with("TransactWriteItems") && {
        proxy.seen.fetch_add(1, Ordering::SeqCst);
        proxy.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok()
    };
    if troubled && matches!(proxy.trouble, Disturbance::Conflict) {
        return (StatusCode::BAD_REQUEST, CONFLICT).into_response();
    }
    let mut onward = proxy.http.post(&proxy.table).body(body);
    for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
        onward = onward.header(name, &headers[name]);
    }
    let answer = onward.send().await.unwrap();
    let (status, body) = (answer.status(), answer.bytes().await.unwrap());
    if troubled {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    } else {
        (status, body).into_response()
    }
}

async fn world(trouble: Disturbance, count: usize) -> (World, Arc<Proxy>) {
    let proxy = Arc::new(Proxy {
        table: dynamodb().await,
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        trouble,
        left: AtomicUsize::new(count),
        seen: AtomicUsize::new(0),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(pass).with_state(proxy.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (World::at(endpoint).await, proxy)
}

fn day() -> BudgetDay {
    BudgetDay::parse("2026-11-18").unwrap()
}

fn cost(micro_usd: u64) -> Charge {
    let latency = Duration::from_millis(5);
    Charge { cost: MicroUsd(micro_usd), latency, ..Charge::default() }
}

async fn reserve(store: &Store) -> Result<Reservation, ReserveError> {
    let request = ReservationRequest {
        tenant: &tenant(),
        day: day(),
        model: "mini",
        caps: DailyCaps { deployment: MicroUsd(1_000), tenant: None },
        max: MicroUsd(600),
        now: Timestamp::from_second(1_795_000_000).unwrap(),
        purpose: "assessment",
    };
    store.reserve(&request).await
}

#[tokio::test]
async fn a_storm_of_conflicts_is_waited_out() {
    let (world, proxy) = world(Disturbance::Conflict, 6).await;
    let held = reserve(&world.store).await.unwrap();
    assert_eq!(proxy.seen.load(Ordering::SeqCst), 7);
    assert_eq!(world.store.settle(held, cost(10)).await, Ok(ChargeOutcome::Now));
}

#[tokio::test]
async fn conflicts_without_end_are_given_up_and_nothing_is_reserved() {
    let (world, proxy) = world(Disturbance::Conflict, usize::MAX).await;
    let started = Instant::now();
    let refused = reserve(&world.store).await;
    assert_eq!(refused, Err(ReserveError::Ledger(LedgerError::Contended)));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(proxy.seen.load(Ordering::SeqCst), 12);
    assert!(world.keys().await.is_empty());
}

#[tokio::test]
async fn an_answer_lost_on_its_way_back_reserves_and_charges_once() {
    let (world, proxy) = world(Disturbance::LostAnswer, 1).await;
    let held = reserve(&world.store).await.unwrap();
    let state = || async { world.store.budget_state(day()).await.unwrap() };
    assert_eq!(state().await.committed, MicroUsd(600));

    proxy.left.store(1, Ordering::SeqCst);
    world.store.settle(held, cost(150)).await.unwrap();
    let ledger = state().await;
    assert_eq!((ledger.committed, ledger.spent, ledger.calls), (MicroUsd(150), MicroUsd(150), 1));
    assert_eq!(proxy.seen.load(Ordering::SeqCst), 4, "each was sent twice");
}
