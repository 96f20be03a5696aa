//! Rule sets load, or list everything that is wrong with them; rules are judged and explained from
//! evidence alone. What the core rules fire on is tested in `tests/pack.rs`.

use super::*;
use crate::case::payment_details::{PaymentDetails, PaymentTerms};
use crate::payment::side::Side;
use crate::payment::transaction::Transaction;
use crate::reference::Reference;
use crate::register::VersionedSet as _;
use crate::state::facts::Facts;
use crate::state::features::Features;
use crate::state::graph::Graph;
use crate::state::memory::Memory;
use crate::state::neighbourhood::Neighbourhood;

/// A set with one rule, laid out so that tests can state places: its members begin on line 5.
fn set(members: &str) -> String {
    let lines = "{ \"alert\": 0.1, \"review\": 0.05 }";
    format!("{{\n\"version\": \"1\",\n\"lines\": {lines},\n\"rules\": [{{\n{members}\n}}]}}")
}

fn rule(when: &str, params: &str, sentence: &str) -> String {
    set(&format!(
        "\"id\": \"r\", \"typology\": \"t\", \"effect\": \"flag\", \"points\": 1, \"source\": \"s\",\n\
         \"when\": \"{when}\",\n\"params\": {params},\n\"sentence\": \"{sentence}\""
    ))
}

/// Expects exactly these problems, in this order.
#[track_caller]
fn check(json: &str, problems: &[&str]) {
    let error = RuleSet::load(json).err().expect("an error");
    let found: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), problems.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(problems) {
        assert!(found.contains(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn problems_of_an_expression_are_told_at_their_place() {
    // `"when": "` is nine characters.
    check(
        &rule("amount >", "{}", "s"),
        &["line 6, column 18: rule r: the expression does not parse"],
    );
    check(
        &rule("amuont > 1.0", "{}", "s"),
        &[
            "line 6, column 10: rule r: the expression names amuont, which is neither a value nor a \
           parameter; did you mean amount?",
        ],
    );
    check(
        &rule("amount > 1.0 && pair_count + 1 > 2.0", "{}", "s"),
        &[
            "line 6, column 37: rule r: this calculates with a decimal and a whole number: write 1.0",
        ],
    );
    check(
        &rule("amount > 1.0 && currency == 1.0", "{}", "s"),
        &["line 6, column 35: rule r: this compares a text with a number"],
    );
    check(
        &rule("amount", "{}", "s"),
        &["line 6, column 10: rule r: this is a number, not a condition"],
    );
    check(&rule("siz(currency) > 1", "{}", "s"), &["there is no function siz; did you mean size?"]);
    check(
        &rule("size(amount) > 1", "{}", "s"),
        &["line 6, column 10: rule r: this cannot be evaluated"],
    );
    check(&rule("currency in ['GB', 1.0]", "{}", "s"), &["this looks for a text among a number"]);
    check(&rule("amount % 2.0 == 0.0", "{}", "s"), &["decimals have no remainder"]);
    check(
        &rule("upstream_out_new_7d > 1.0", "{}", "s"),
        &["every transaction would wait for the graph"],
    );
}

#[test]
fn an_expression_that_costs_too_much_is_refused() {
    let deep = format!("{}amount > 1.0{}", "(".repeat(900), ")".repeat(900));
    check(&rule(&deep, "{}", "s"), &["the expression does not parse: it nests too deep"]);
    let signs = format!("{}purpose_url", "!(".repeat(900));
    let error = RuleSet::load(&rule(&signs, "{}", "s")).err().unwrap().to_string();
    assert!(error.contains("it nests too deep"), "{error}");
    // Long rather than deep: must not overflow the stack when evaluated or dropped.
    let long = format!("purpose_url == {}purpose_url", "!".repeat(1_900));
    let _ = RuleSet::load(&rule(&long, "{}", "s"));
    let sum = format!("amount{} > 1.0", " + 1.0".repeat(320));
    assert!(RuleSet::load(&rule(&sum, "{}", "s")).is_ok());
    check(&rule(&"amount > 1.0 && ".repeat(200), "{}", "s"), &["the expression is longer"]);
    let loops = "[1, 2].all(a, [1, 2].all(b, a < b))";
    check(&rule(loops, "{}", "s"), &["loops within loops"]);
}

#[test]
fn places_are_right_behind_escapes() {
    // Escaped quotes and letters come before the fault, which begins with a letter of two bytes.
    let when = r#"currency != \"\u00e9\u0041\" && ámount > 1.0"#;
    let json = rule(when, "{}", "s");
    check(&json, &["line 6, column"]);
    let error = RuleSet::load(&rule(r#"currency != \"\u00e9A\" && amuont > 1.0"#, "{}", "s"));
    let problem = error.err().unwrap().problems.remove(0);
    assert_eq!((problem.line, problem.column), (6, 10 + r#"currency != \"\u00e9A\" && "#.len()));
}

#[test]
fn every_problem_is_listed_at_once() {
    let json =
        set("\"id\": \"Not Kebab\", \"typology\": \"T\", \"effect\": \"alrt\", \"points\": -1,\n\
         \"when\": \"amuont > limit && curency == 'GBP'\",\n\
         \"params\": { \"limit\": 1, \"unused\": 2, \"amount\": 3 },\n\
         \"sentence\": \"{amuont} {\", \"source\": \" \", \"thresold\": 1");
    check(
        &json,
        &[
            "line 5, column 7: rule Not Kebab: an id is lower-case words",
            "line 5, column 32: rule Not Kebab: a typology is lower-case words",
            "line 5, column 47: rule Not Kebab: effect must be one of clear, flag, alert",
            "line 5, column 65: rule Not Kebab: points must not be negative",
            "line 6, column 10: rule Not Kebab: the expression names amuont",
            "line 6, column 28: rule Not Kebab: the expression names curency",
            "line 7, column 25: rule Not Kebab: the parameter unused is never used",
            "line 7, column 38: rule Not Kebab: the parameter amount has the name of a value",
            "line 7, column 38: rule Not Kebab: the parameter amount is never used",
            "line 8, column 23: rule Not Kebab: this brace is never closed",
            "line 8, column 37: rule Not Kebab: source must not be empty",
            "line 8, column 42: rule Not Kebab: a rule has no member thresold",
        ],
    );
}

#[test]
fn documents_that_are_no_rule_sets_are_refused() {
    check("{\n  \"version\": 1,,\n}", &["line 2, column 16: this is not JSON"]);
    check("[]", &["a rule set is a JSON object"]);
    check("{\"version\": \"1\"", &["the JSON ends too early"]);
    check("{}", &["version is missing", "needs lines, `alert` and", "a rule set needs rules"]);
    let with_lines =
        |lines: &str| format!("{{\"version\": \"1\", \"lines\": {lines}, \"rules\": [1]}}");
    let no_rule = "a rule is a JSON object";
    check(&with_lines("0.1"), &["lines are an object with `alert` and `review`", no_rule]);
    check(&with_lines("{\"alert\": 1e999, \"review\": 0}"), &["alert must be a finite", no_rule]);
    check(&with_lines("{\"alert\": 0.1}"), &["review is missing", no_rule]);
    for crossed in ["{\"alert\": 0.1, \"review\": 0.2}", "{\"alert\": 1.5, \"review\": 0.2}"] {
        check(&with_lines(crossed), &["lines rise from 0: `review`, then `alert`", no_rule]);
    }
    check(
        &with_lines("{\"alert\": 0.1, \"review\": 0, \"revue\": 0}"),
        &["did you mean review?", no_rule],
    );
    check(
        &with_lines("{\"alert\": 0.1, \"review\": 0}")
            .replace("\"rules\"", "\"rulez\": [], \"rules\""),
        &["did you mean rules?", no_rule],
    );
    let missing = set("\"id\": \"r\"");
    check(&missing, &["typology is missing", "effect", "points", "source", "when", "sentence"]);
    let twice = rule("amount > 1.0", "{}", "s").replace("}]}", "}, {\"id\": \"r\"}]}");
    let error = RuleSet::load(&twice).err().unwrap().to_string();
    assert!(error.contains("two rules have the id r"), "{error}");
}

/// A whole number needs no decimal point where it is only compared.
#[test]
fn what_is_sound_loads() {
    for when in [
        "amount > 1",
        "amount in [1.0, 2]",
        "currency != received_currency",
        "(purpose_url || purpose_markup) && amount > 1.0",
        "(cash_deposit == 1.0 ? amount : pair_count) > 1.0",
        "size(currency) == 3",
        "currency.startsWith('G')",
        "['IR', 'KP'].exists(c, c == receiver_country)",
        "-amount < -1.0 && !(sender_country in ['IR'])",
    ] {
        let set =
            RuleSet::load(&rule(when, "{}", "s")).unwrap_or_else(|error| panic!("{when}: {error}"));
        assert_eq!(set.rules()[0].account, Side::Sender);
    }
    let receiver =
        rule("amount > 1.0", "{}", "s").replace("\"id\"", "\"account\": \"receiver\", \"id\"");
    assert_eq!(RuleSet::load(&receiver).unwrap().rules()[0].account, Side::Receiver);
}

fn transaction(amount: &str, purpose: &str) -> Transaction {
    let body = serde_json::json!({
        "msg_id": "1", "timestamp": "2026-03-01T12:00:00Z",
        "sender": {"account": "a", "bank_country": "GB"},
        "receiver": {"account": "b", "bank_country": "FR"},
        "amount": amount, "currency": "USD", "payment_type": "transfer", "purpose": purpose,
    });
    Transaction::parse(body.to_string().as_bytes(), jiff::Timestamp::MAX).unwrap()
}

/// A payment without history: its details, features and graph.
fn case(amount: &str, purpose: &str) -> (PaymentDetails, Features, Graph) {
    let tx = transaction(amount, purpose);
    let facts = Facts::of(&tx, &Reference::embedded().unwrap());
    let graph = Memory::default().graph(&facts, &Neighbourhood::UNKNOWN);
    let features = Features::extract(&facts, &Neighbourhood::UNKNOWN);
    (PaymentDetails::new(&facts, PaymentTerms::of(&tx, &facts), None), features, graph)
}

#[track_caller]
fn fires(when: &str, expect: bool) {
    let (case, features, _) = case("100.00", "see http://127.0.0.1/x");
    let set = RuleSet::load(&rule(when, "{}", "s")).unwrap();
    assert_eq!(!set.judge(&case, &features, None).fired.is_empty(), expect, "{when}");
}

#[test]
fn facts_have_names() {
    fires("amount == 100.0 && payment_type == 'transfer' && currency == 'USD'", true);
    fires("received_currency == 'USD' && sender_country == 'GB'", true);
    fires("receiver_country in ['IT', 'FR'] && cross_border == 1.0", true);
    fires("purpose_url", true);
    fires("purpose_instruction || purpose_formula", false);
    // Evaluated by the `cel` crate.
    fires("receiver_country.startsWith('F') && purpose_url", true);
    fires("receiver_country.startsWith('G')", false);
    // An operand that fails to evaluate does not hold, unless the other one settles the condition.
    fires("0.0 / (amount - 100.0) > 1.0", false);
    fires("0.0 / (amount - 100.0) > 1.0 || purpose_url", true);
}

#[test]
fn a_rule_on_the_graph_waits_for_it() {
    let when = "amount >= 50.0 && upstream_out_new_7d >= 0.0";
    let set = RuleSet::load(&rule(when, "{}", "s")).unwrap();
    let (facts, features, graph) = case("100.00", "x");
    let verdict = set.judge(&facts, &features, None);
    assert!(verdict.waits_for_graph && verdict.fired.is_empty());
    let why = set.explain(&facts, &features, None)[0].why_not.clone().unwrap();
    assert_eq!(why.kind, WhyNotKind::GraphNotGathered);
    let verdict = set.judge(&facts, &features, Some(&graph));
    assert!(!verdict.waits_for_graph && verdict.fired.len() == 1);
    // It does not wait for the graph if another condition already fails.
    let (facts, features, _) = case("10.00", "x");
    assert!(!set.judge(&facts, &features, None).waits_for_graph);
}

#[test]
fn nothing_is_cleared_while_a_rule_waits() {
    let clear = rule("amount >= 50.0", "{}", "s").replace("flag", "clear");
    let graph = "{\"id\": \"g\", \"typology\": \"t\", \"effect\": \"flag\", \"points\": 1, \"source\": \"s\",
        \"when\": \"amount >= 50.0 && upstream_out_new_7d >= 1.0\", \"sentence\": \"s\"}";
    let set = RuleSet::load(&clear.replace("\n}]", &format!("\n}}, {graph}]"))).unwrap();
    let (case, features, graph) = case("100.00", "x");
    assert!(!set.judge(&case, &features, None).clear);
    assert!(set.judge(&case, &features, Some(&graph)).clear);
}

#[track_caller]
fn rests(when: &str, params: &str, kind: WhyNotKind, text: &str) {
    let (case, features, graph) = case("100.00", "x");
    let set = RuleSet::load(&rule(when, params, "s")).unwrap();
    let trace = set.explain(&case, &features, Some(&graph)).remove(0);
    let why = trace.why_not.expect("it does not fire");
    assert_eq!((why.kind, why.text.as_str()), (kind, text));
}

#[test]
fn a_rule_that_rests_says_why_in_one_sentence() {
    use WhyNotKind::{Amount, Count, Fact, NoHistory, Ratio};
    rests(
        "amount >= min_amount && pair_count == 0.0",
        "{\"min_amount\": 5000}",
        Amount,
        "Needs at least 5,000 USD: amount of the payment; here it is 100 USD.",
    );
    rests(
        "receiver_in_new_7d >= min_new",
        "{\"min_new\": 5}",
        Count,
        "Needs at least 5 new payers, seven days; there were 0.",
    );
    rests(
        "sender_days_since_in >= 0.0 && sender_days_since_in <= 2.0",
        "{}",
        NoHistory,
        "There is no history to speak of: days since the sender last received money.",
    );
    rests(
        "log_amount >= 9.0",
        "{}",
        Amount,
        "Needs at least 9: size of the payment (logarithm); here it is 4.62.",
    );
    rests("cash_deposit == 1.0", "{}", Fact, "Not so here: is a cash deposit.");
    rests("cross_border == 0.0", "{}", Fact, "It must not be so, and is: crosses a border.");
    rests("purpose_url", "{}", Fact, "Not so here: purpose text: url.");
    rests(
        "currency in ['GBP', 'EUR']",
        "{}",
        Fact,
        "Needs one of GBP, EUR: currency; here it is USD.",
    );
    rests(
        "sender_out_z > 2.0",
        "{}",
        Ratio,
        "Needs more than 2: how unusual the amount is for what the sender sends; here it is 0.",
    );
}

#[test]
fn a_trace_shows_both_sides_with_parameters_resolved() {
    let when = "sender_out_amount_7d + amount >= share * limit && 5.0 > pair_count";
    let set = RuleSet::load(&rule(when, "{\"share\": 0.5, \"limit\": 300}", "{amount}")).unwrap();
    let (case, features, _) = case("100.00", "x");
    let trace = set.explain(&case, &features, None).remove(0);
    let expected = serde_json::json!({
        "id": "r", "typology": "t", "effect": "flag", "account": "sender", "fired": false,
        "points": 1.0,
        "conditions": [
            {
                "expression": "sender_out_amount_7d + amount >= share * limit",
                "words": "money sent, seven days plus amount of the payment",
                "value": 100.0, "operator": ">=", "threshold": 150.0, "holds": false
            },
            {
                "expression": "5.0 > pair_count", "words": "earlier payments between the two",
                "value": 0.0, "operator": "<", "threshold": 5.0, "holds": true
            }
        ],
        "why_not": {
            "kind": "amount",
            "text": "Needs at least 150 USD: money sent, seven days plus amount of the \
                     payment; here it is 100 USD."
        }
    });
    assert_eq!(serde_json::to_value(&trace).unwrap(), expected);
    let back: RuleTrace = serde_json::from_value(expected).unwrap();
    assert_eq!(back, trace);
}

#[test]
fn judging_and_explaining_agree_and_need_nothing_but_evidence() {
    let set = RuleSet::embedded().unwrap();
    let mut total = 0;
    for (amount, purpose) in
        [("2000.00", "see https://x.example"), ("500.00", "keep your commission"), ("9", "=cmd()")]
    {
        let (case, features, graph) = case(amount, purpose);
        // The case as stored.
        let case = serde_json::to_string(&case).unwrap();
        let case: PaymentDetails = serde_json::from_str(&case).unwrap();
        let features = Features::from_names(&features.by_name()).unwrap();
        let verdict = set.judge(&case, &features, Some(&graph));
        let traces = set.explain(&case, &features, Some(&graph));
        let fired: Vec<_> = traces.iter().filter(|t| t.fired).map(|t| (&t.id, &t.text)).collect();
        let judged: Vec<_> = verdict.fired.iter().map(|rule| (&rule.id, &rule.text)).collect();
        assert_eq!(fired, judged);
        total += fired.len();
        assert!(traces.iter().all(|trace| trace.fired == trace.why_not.is_none()));
    }
    assert!(total > 0, "no rule fired");
}

/// A rule that only adds points; `kind` is its JSON member `evidence`, if it has one.
fn flag(id: &str, kind: &str, points: u32) -> String {
    format!(
        "{{\"id\": \"{id}\", \"typology\": \"t\", \"effect\": \"flag\", {kind} \"points\": {points}, \
         \"source\": \"s\", \"when\": \"amount > 1.0\", \"sentence\": \"s\"}}"
    )
}

#[test]
fn rules_that_rest_on_the_same_evidence_count_once() {
    let (case, features, _) = case("100.00", "x");
    let points = |rules: &[String]| {
        let json = set("").replace("{\n\n}", &rules.join(", "));
        RuleSet::load(&json).unwrap().judge(&case, &features, None).points
    };
    let onward = "\"evidence\": \"onward\",";
    let (strong, weak) = (flag("strong", onward, 20), flag("weak", onward, 12));
    assert!((points(&[strong.clone(), weak]) - 20.0).abs() < 1e-9);
    // Another kind counts by half; a rule that names no kind has its typology as its kind.
    assert!((points(&[strong, flag("other", "", 6)]) - 23.0).abs() < 1e-9);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config {
        failure_persistence: None, ..proptest::test_runner::Config::with_cases(64)
    })]
    /// However a document is damaged, it loads or is refused.
    #[test]
    fn a_damaged_document_never_panics(at in 0..30_000_usize, with in ".{0,3}", cut: bool) {
        let mut json = include_str!("../../../rules/core.json").to_owned();
        let mut at = at % json.len();
        while !json.is_char_boundary(at) {
            at -= 1;
        }
        json.insert_str(at, &with);
        if cut {
            json.truncate(at);
        }
        let _ = RuleSet::load(&json);
    }
}
