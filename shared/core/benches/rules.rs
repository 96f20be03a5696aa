//! The cost of the rules: nanoseconds per transaction for the whole rule set, in the compact form
//! and, for comparison, by the `cel` crate alone. Fails unless both fire the same number of rules.
//! Medians over batches, single-threaded.
//!
//! ```text
//! cargo bench -p sentinel --bench rules
//! ```

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cel::common::types::{CelBool, CelDouble, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use sentinel::case::payment_details::{PaymentDetails, PaymentTerms};
use sentinel::payment::transaction::Transaction;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::rules::{Param, RuleSet};
use sentinel::state::facts::Facts;
use sentinel::state::features::Features;
use sentinel::state::graph::Graph;
use sentinel::state::memory::Memory;

type Failure = Box<dyn std::error::Error>;

/// Least time to measure each figure.
const TIME: Duration = Duration::from_millis(1500);
/// Transactions in the synthetic stream.
const STREAM: u32 = 100_000;
/// How many of the last ones are judged.
const JUDGED: u32 = 8_000;
const ACCOUNTS: u32 = 5_000;

struct Case {
    details: PaymentDetails,
    features: Features,
    graph: Graph,
}

#[expect(clippy::print_stdout, reason = "a bench reports on stdout")]
fn main() -> Result<(), Failure> {
    let rules = RuleSet::embedded()?;
    let cases = cases()?;
    let count = f64::from(JUDGED);
    let per_transaction = |seconds: f64| seconds * 1e9 / count;

    let fired = |graph: bool| -> usize {
        let judged = cases.iter().map(|case| {
            rules.judge(&case.details, &case.features, graph.then_some(&case.graph)).fired.len()
        });
        judged.sum()
    };
    let programs = Programs::of(&rules)?;
    let compact = fired(true);
    let once = |case: &&Case| !rules.judge(&case.details, &case.features, None).fired.is_empty();
    let touched = cases.iter().filter(once).count();
    let by_cel: usize = cases.iter().map(|case| programs.fired(case)).sum();
    println!(
        "{} rules, {} transactions, {touched} with a rule that fired; {compact} rules fired in the \
         compact form, {by_cel} by cel",
        rules.rules().len(),
        cases.len(),
    );
    if compact != by_cel {
        return Err("the compact form and cel disagree".into());
    }
    println!("what, ns per transaction");
    let judged = median(|| fired(false));
    println!("compact, without the graph, {:.0}", per_transaction(judged));
    let judged = median(|| fired(true));
    println!("compact, with the graph, {:.0}", per_transaction(judged));
    let slow = median(|| cases.iter().map(|case| programs.fired(case)).sum());
    println!("cel, with the graph, {:.0}", per_transaction(slow));
    println!("compact is {:.0} times as fast", slow / judged);
    let explain =
        |case: &Case| rules.explain(&case.details, &case.features, Some(&case.graph)).len();
    let explained = median(|| cases.iter().map(explain).sum());
    println!("explaining every rule, {:.0}", per_transaction(explained));
    Ok(())
}

/// Returns the median duration of a call in seconds.
fn median(mut call: impl FnMut() -> usize) -> f64 {
    let mut times = Vec::new();
    let end = Instant::now() + TIME;
    while Instant::now() < end || times.len() < 5 {
        let start = Instant::now();
        black_box(call());
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Makes a month of payments among accounts that mostly pay their own four partners much the same
/// amounts, and one time in fifty a stranger. Returns the last payments with the state they meet.
fn cases() -> Result<Vec<Case>, Failure> {
    let reference = Reference::embedded()?;
    let mut memory = Memory::default();
    let mut cases = Vec::new();
    let mut draw = draws();
    for n in 0..STREAM {
        let tx = transaction(n, &mut draw)?;
        let facts = Facts::of(&tx, &reference);
        if n >= STREAM - JUDGED {
            let around = memory.neighbourhood(&facts);
            cases.push(Case {
                details: PaymentDetails::new(&facts, PaymentTerms::of(&tx, &facts), None),
                features: Features::extract(&facts, &around),
                graph: memory.graph(&facts, &around),
            });
        }
        memory.apply(&facts);
    }
    Ok(cases)
}

fn transaction(n: u32, draw: &mut impl FnMut(u32) -> u32) -> Result<Transaction, Failure> {
    let from = draw(ACCOUNTS);
    let stranger = draw(50) == 0;
    let step = if stranger { 1 + draw(ACCOUNTS - 1) } else { 1 + (from * 7 + draw(4) * 131) % 997 };
    let to = (from + step) % ACCOUNTS;
    let abroad = if to.is_multiple_of(20) { "AE" } else { "GB" };
    let types = ["transfer", "wire", "ach", "instant", "debit_card", "cash_withdrawal"];
    let minutes = u64::from(n) * 43_000 / u64::from(STREAM);
    let (day, hour, minute) = (1 + minutes / 1440, minutes / 60 % 24, minutes % 60);
    let usual = 20 + from * 37 % 1_500;
    let amount = if stranger { usual * (1 + draw(12)) } else { usual + draw(usual) / 4 };
    let body = serde_json::json!({
        "msg_id": n.to_string(),
        "timestamp": format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z"),
        "sender": {"account": format!("a{from}"), "bank_country": "GB"},
        "receiver": {"account": format!("a{to}"), "bank_country": abroad},
        "amount": amount.to_string(), "currency": "GBP",
        "payment_type": types[(from % 6) as usize],
    });
    Ok(Transaction::parse(body.to_string().as_bytes(), jiff::Timestamp::MAX)
        .map_err(|_| "the stream holds a payment that is none")?)
}

/// Draws numbers below a bound from a linear congruential generator (Numerical Recipes).
fn draws() -> impl FnMut(u32) -> u32 {
    let mut state = 20_261_123_u32;
    move |below| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    }
}

/// The rule set as the `cel` crate runs it.
struct Programs {
    env: Arc<cel::Env>,
    programs: Vec<(cel::Program, BTreeMap<String, f64>)>,
}

impl Programs {
    fn of(rules: &RuleSet) -> Result<Self, Failure> {
        let env = Arc::new(cel::Env::stdlib());
        let compile = |rule: &sentinel::rules::Rule| {
            let number = |(name, param): (&String, &Param)| (name.clone(), param.value(None, None));
            let params = rule.params.iter().map(number).collect();
            Ok::<_, Failure>((env.compile(&rule.when)?, params))
        };
        let programs = rules.rules().iter().map(compile).collect::<Result<_, _>>()?;
        Ok(Self { env, programs })
    }

    fn fired(&self, case: &Case) -> usize {
        let fires = |(program, params): &&(cel::Program, BTreeMap<String, f64>)| {
            let scope = Scope { params, case };
            let mut context = cel::Context::with_env(self.env.clone());
            context.set_variable_resolver(&scope);
            matches!(program.execute(&context), Ok(cel::Value::Bool(true)))
        };
        self.programs.iter().filter(fires).count()
    }
}

struct Scope<'a> {
    params: &'a BTreeMap<String, f64>,
    case: &'a Case,
}

impl VariableResolver for Scope<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let details = &self.case.details;
        if let Some(code) = name.strip_prefix("purpose_") {
            let seen = details.purpose_flags.codes().any(|flag| flag == code);
            return Some(CowVal::Owned(Box::new(CelBool::from(seen))));
        }
        let currency = details.amount.currency();
        let text = match name {
            "payment_type" => Some(details.payment_type.code()),
            "currency" => Some(currency.code()),
            "received_currency" => Some(details.received_currency.unwrap_or(currency).code()),
            "sender_country" => Some(details.sender_country.code()),
            "receiver_country" => Some(details.receiver_country.code()),
            _ => None,
        };
        if let Some(text) = text {
            return Some(CowVal::Owned(Box::new(CelString::from(text))));
        }
        let number = match name {
            "amount" => Some(details.base_amount),
            _ => self.params.get(name).copied(),
        };
        let value = || self.case.features.get(name).or_else(|| self.case.graph.get(name));
        let number = number.or_else(|| value().map(f64::from))?;
        Some(CowVal::Owned(Box::new(CelDouble::from(number))))
    }
}
