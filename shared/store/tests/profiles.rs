//! Table and memory hold the same state to the last digit: a backtest sees what production sees.

#![allow(clippy::unwrap_used, reason = "a test's panic is its report")]

mod world;

use sentinel::payment::queue_message::QueueMessage;
use sentinel::payment::transaction::Transaction;
use sentinel::payment::utc_time::UtcTime;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::state::facts::Facts;
use sentinel::state::memory::Memory;
use store::{NewDecision, RecordOutcome};
use world::{World, tenant};

/// Returns payments of over two years among six accounts, some of them late, abroad, in cash, or
/// with a purpose and a party.
fn payments() -> Vec<Transaction> {
    let mut seed = 7_u64;
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    let mut at = 1_400_000_000;
    let mut payment = |n: u64| {
        at += draw(20) * draw(60_000);
        let (sender, step) = (draw(6), 1 + draw(5));
        let late = if draw(5) == 0 { draw(40_000_000) } else { 0 };
        let time = jiff::Timestamp::from_second(i64::try_from(at - late).unwrap()).unwrap();
        let mut body = serde_json::json!({
            "msg_id": format!("p{n}"), "timestamp": time.to_string(),
            "sender": {
                "account": format!("account-{sender}"), "bank_country": "GB", "bank": "000042"
            },
            "receiver": {
                "account": format!("account-{}", (sender + step) % 6),
                "bank_country": if draw(4) == 0 { "IR" } else { "GB" },
                // With a bank, the account is the same in either country.
                "bank": "000042"
            },
            "amount": format!("{}.{:02}", 1 + draw(10) * draw(5_000), draw(100)),
            "currency": if draw(3) == 0 { "EUR" } else { "GBP" },
            "payment_type": if draw(5) == 0 { "cash_deposit" } else { "transfer" },
        });
        if draw(2) == 0 {
            body["purpose"] = format!("invoice {}", draw(9)).into();
            body["sender"]["party_id"] = format!("Party {}", draw(2)).into();
        }
        Transaction::parse(body.to_string().as_bytes(), jiff::Timestamp::MAX).unwrap()
    };
    (0..150).map(&mut payment).collect()
}

#[tokio::test]
async fn the_table_and_the_memory_agree_to_the_last_digit() {
    let world = World::start().await;
    let reference = Reference::embedded().unwrap();
    let mut memory = Memory::default();
    let now = UtcTime::parse("2026-01-01T00:00:00Z").unwrap();
    let mut steps = 0;
    for tx in payments() {
        let facts = Facts::of(&tx, &reference);
        let around = world.store.surroundings(&tenant(), &tx, &facts).await.unwrap();
        let (stored, known) = (around.neighbourhood(), memory.neighbourhood(&facts));
        assert_eq!(stored.sender, known.sender);
        assert_eq!(stored.receiver, known.receiver);
        assert_eq!((stored.pair, stored.reverse), (known.pair, known.reverse));
        assert_eq!(stored.party, known.party);
        let graph = world.store.graph(&tenant(), &facts, &around).await.unwrap();
        assert_eq!(graph, memory.graph(&facts, &known));
        steps += usize::from(graph.values().iter().any(|value| *value > 1.0));

        let effect = around.effect(&tx, &reference).unwrap();
        let decision = NewDecision {
            risk: 0.0,
            awaits_second_look: false,
            decision: "{}".to_owned(),
            evidence: "{}".to_owned(),
            decided_at: now,
            level: "rules",
            alert: None,
        };
        let queued = QueueMessage::new(tenant(), "r", now, tx.clone());
        let recorded = world.store.record(&queued, &around, &effect, &decision).await;
        assert_eq!(recorded.unwrap(), RecordOutcome::Written);
        memory.record(tx.msg_id.as_str(), &facts);
    }
    assert!(steps > 5, "the graph was put to the test {steps} times");
}
