//! The cost of a decision in DynamoDB's capacity units: sizes of the items by the service's own
//! rules (Developer Guide, "Item sizes and formats"), after a stream of payments has gone through
//! the cascade into a table.
//!
//! ```text
//! cargo bench -p store --bench capacity
//! ```

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use model::Model;
use sentinel::cascade::{Answers, Policy};
use sentinel::case::evidence::Identification;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::payment::transaction::Transaction;
use sentinel::payment::utc_time::UtcTime;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::rules::RuleSet;
use sentinel::state::facts::Facts;
use store::NewDecision;
use world::{TABLE, World, tenant};

#[path = "../tests/world/mod.rs"]
#[allow(clippy::unwrap_used, reason = "the tests' own world")]
mod world;

type Failure = Box<dyn std::error::Error>;

const PAYMENTS: u64 = 2_000;
const ACCOUNTS: u64 = 150;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let world = World::start().await;
    let policy = Policy::new(Reference::embedded()?, RuleSet::embedded()?);
    let model = Model::embedded()?;
    for n in 0..PAYMENTS {
        decide(&world, &policy, &model, &payment(n)?).await?;
    }
    let mut sizes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut pages = world.client.scan().table_name(TABLE).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item?;
        sizes.entry(kind(&item)).or_default().push(size(&item));
    }
    report(&mut sizes);
    Ok(())
}

/// Decides a payment as `score` does, without an LLM.
async fn decide(
    world: &World,
    policy: &Policy,
    model: &Model,
    tx: &Transaction,
) -> Result<(), Failure> {
    let facts = Facts::of(tx, &policy.reference);
    let around = world.store.surroundings(&tenant(), tx, &facts).await?;
    let mut examined = policy.examine(tx, facts, &around.neighbourhood());
    if examined.wants_graph() {
        let graph = world.store.graph(&tenant(), &facts, &around).await?;
        policy.add_graph(&mut examined, graph);
    }
    let answer = model.evidence(&examined.features)?;
    let now = UtcTime::parse("2026-01-01T00:00:00Z")?;
    let queued = QueueMessage::new(tenant(), "request", now, tx.clone());
    let id = Identification::of(tx, queued.content_hash.clone());
    let answers = Answers { model: Some(answer), ..Answers::default() };
    let evidence = examined.into_evidence(id, answers, policy.versions(model.hash()));
    let new = NewDecision::of(&evidence.decide(now), &evidence, None);
    let effect = around.effect(tx, &policy.reference).ok_or("nothing has to come first")?;
    world.store.record(&queued, &around, &effect, &new).await?;
    Ok(())
}

/// Returns the n-th of a stream of payments over eight months, between accounts of IBAN length.
fn payment(n: u64) -> Result<Transaction, Failure> {
    let mix = |salt: u64| (n + 1).wrapping_mul(6_364_136_223_846_793_005 ^ (salt << 20)) >> 40;
    let (from, step) = (mix(1) % ACCOUNTS, 1 + mix(2) % (ACCOUNTS - 1));
    let at = jiff::Timestamp::from_second(1_700_000_000 + i64::try_from(n * 10_000)?)?;
    let body = format!(
        r#"{{"msg_id":"payment-{n}","timestamp":"{at}","amount":"{}.{:02}","currency":"GBP",
            "sender":{{"account":"GB29NWBK6016133{from:07}","bank_country":"GB"}},
            "receiver":{{"account":"GB29NWBK6016133{:07}","bank_country":"GB"}},
            "payment_type":"transfer"}}"#,
        1 + mix(3) % 9_000,
        mix(4) % 100,
        (from + step) % ACCOUNTS,
    );
    Transaction::parse(body.as_bytes(), jiff::Timestamp::MAX).map_err(|_| "a valid payment".into())
}

fn kind(item: &HashMap<String, AttributeValue>) -> &'static str {
    match item.get("sk").and_then(|sk| sk.as_s().ok()).map(String::as_str) {
        Some("profile") => "profile",
        Some("tx") => "transaction with decision and evidence",
        _ => "pair",
    }
}

fn size(item: &HashMap<String, AttributeValue>) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        // One byte per two significant digits, one more byte, and one for a minus sign.
        AttributeValue::N(number) => {
            let digits = number.trim_matches(['0', '.', '-']).replace('.', "").len();
            digits.div_ceil(2) + 1 + usize::from(number.starts_with('-'))
        }
        _ => 1,
    };
    item.iter().map(|(name, of)| name.len() + value(of)).sum()
}

#[expect(clippy::print_stdout, reason = "a bench reports on stdout")]
fn report(sizes: &mut BTreeMap<&str, Vec<usize>>) {
    println!("{PAYMENTS} payments among {ACCOUNTS} accounts; bytes, units of one item");
    println!("item, count, median, largest, RCU consistent, WCU transactional");
    let mut units = BTreeMap::new();
    for (kind, sizes) in sizes {
        sizes.sort_unstable();
        let (median, largest) = (sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
        let (read, write) = (median.div_ceil(4096), 2 * median.div_ceil(1024));
        println!("{kind}, {}, {median}, {largest}, {read}, {write}", sizes.len());
        units.insert(*kind, (read, write));
    }
    let of = |kind: &str| units.get(kind).copied().unwrap_or_default();
    let (profile, pair) = (of("profile"), of("pair"));
    let transaction = of("transaction with decision and evidence");
    // When it is read, the transaction's own item is only a receipt, which costs one unit.
    let read = 2 * profile.0 + 2 * pair.0 + 1;
    let write = 2 * profile.1 + pair.1 + transaction.1;
    println!("a decision: {read} RCU, {write} WCU");
}
