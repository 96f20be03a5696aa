//! The cost of account state in memory: a stream of payments among many accounts, each turned into
//! features, judged by the rules and recorded. Nanoseconds per payment, single-threaded.
//!
//! ```text
//! cargo bench -p sentinel --bench profiles
//! ```

use std::hint::black_box;
use std::time::Instant;

use sentinel::cascade::Policy;
use sentinel::case::payment_details::{PaymentDetails, PaymentTerms};
use sentinel::payment::transaction::Transaction;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::rules::RuleSet;
use sentinel::state::facts::Facts;
use sentinel::state::features::Features;
use sentinel::state::memory::Memory;

type Failure = Box<dyn std::error::Error>;

const PAYMENTS: u64 = 400_000;
const ACCOUNTS: u64 = 40_000;

#[expect(clippy::print_stdout, reason = "a bench reports on stdout")]
fn main() -> Result<(), Failure> {
    let policy = Policy::new(Reference::embedded()?, RuleSet::embedded()?);
    let payments = payments(&policy.reference)?;
    println!("{PAYMENTS} payments among {ACCOUNTS} accounts; nanoseconds a payment");

    let mut memory = Memory::default();
    report("record", || payments.iter().for_each(|(facts, _)| memory.apply(facts)));
    let see = |(facts, _): &(Facts, PaymentDetails)| {
        black_box(Features::extract(facts, &memory.neighbourhood(facts)));
    };
    report("features", || payments.iter().for_each(see));
    let features: Vec<_> = payments
        .iter()
        .map(|(facts, _)| Features::extract(facts, &memory.neighbourhood(facts)))
        .collect();
    report("rules", || {
        for ((_, case), features) in payments.iter().zip(&features) {
            black_box(policy.rules.judge(case, features, None));
        }
    });
    let mut memory = Memory::default();
    report("all three, in order", || {
        for (facts, case) in &payments {
            let features = Features::extract(facts, &memory.neighbourhood(facts));
            black_box(policy.rules.judge(case, &features, None));
            memory.apply(facts);
        }
    });
    Ok(())
}

#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a bench reports on stdout")]
fn report(what: &str, run: impl FnOnce()) {
    let started = Instant::now();
    run();
    let nanoseconds = started.elapsed().as_secs_f64() * 1e9 / PAYMENTS as f64;
    println!("{what:>20} {nanoseconds:8.0}   {:9.0} a second", 1e9 / nanoseconds);
}

/// Makes the payments, half of them among a tenth of the accounts.
fn payments(reference: &Reference) -> Result<Vec<(Facts, PaymentDetails)>, Failure> {
    let mut seed = 1_u64;
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    let mut payment = |n: u64| {
        let few = if draw(2) == 0 { ACCOUNTS / 10 } else { ACCOUNTS };
        let (from, step) = (draw(few), 1 + draw(few - 1));
        let at = jiff::Timestamp::from_second(1_700_000_000 + i64::try_from(n * 20)?)?;
        let body = format!(
            r#"{{"msg_id":"{n}","timestamp":"{at}","amount":"{}.{:02}","currency":"GBP",
                "sender":{{"account":"{from}","bank_country":"GB"}},
                "receiver":{{"account":"{}","bank_country":"GB"}},"payment_type":"transfer"}}"#,
            1 + draw(30) * draw(500),
            draw(100),
            (from + step) % few,
        );
        let tx = Transaction::parse(body.as_bytes(), jiff::Timestamp::MAX)
            .map_err(|_| "the bench makes valid payments")?;
        let facts = Facts::of(&tx, reference);
        Ok((facts, PaymentDetails::new(&facts, PaymentTerms::of(&tx, &facts), None)))
    };
    (0..PAYMENTS).map(&mut payment).collect()
}
