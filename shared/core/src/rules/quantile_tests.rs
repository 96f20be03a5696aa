//! Parameters that are quantiles among peers: their values, and the messages for faulty ones.

use super::*;
use crate::case::payment_details::PaymentDetails;
use crate::payment::transaction::Segment;
use crate::register::VersionedSet as _;
use crate::state::facts::Facts;
use crate::state::features::Features;
use crate::state::memory::Memory;

/// A set with one rule, which fires from `param` new payers of the receiver within seven days.
fn set(param: &str, peers: &str) -> String {
    format!(
        r#"{{ "version": "1", "lines": {{ "alert": 0.5, "review": 0.4 }}, {peers}
"rules": [{{ "id": "r", "typology": "t", "effect": "flag", "points": 1, "source": "s",
"account": "receiver", "when": "receiver_in_new_7d >= many", "params": {{ "many": {param} }},
"sentence": "{{many}} or more" }}] }}"#
    )
}

const QUANTILE: &str =
    r#"{ "quantile": "p99", "of": "receiver_in_new_7d", "floor": 3, "ceiling": 20 }"#;

fn peers(figures: &[(&str, u32)]) -> String {
    let segments = figures.iter().map(|(segment, p99)| {
        format!(
            r#""{segment}": {{ "receiver_in_new_7d": {{ "payments": 5000,
               "percentiles": {{ "p99": {p99} }} }} }}"#
        )
    });
    let segments: Vec<String> = segments.collect();
    let days = r#""from": "2026-08-01", "until": "2026-10-30""#;
    format!(r#""peers": {{ {days}, "segments": {{ {} }} }},"#, segments.join(", "))
}

/// Returns the number of new payers from which the rule fires for an account of a segment.
fn threshold(document: &str, segment: Option<&str>) -> f64 {
    let set = RuleSet::load(document).unwrap();
    let mut memory = Memory::default();
    let payment = |n: usize| Facts::between(&format!("payer {n}"), "shop", 1.7e9, 10.0);
    let case = PaymentDetails {
        receiver_segment: segment.map(|segment| Segment::parse(segment).unwrap()),
        // A rule about the receiver ignores the sender's segment.
        sender_segment: Some(Segment::parse("business").unwrap()),
        ..PaymentDetails::example("10.00", "USD")
    };
    for n in 0..40 {
        let facts = payment(n);
        let features = Features::extract(&facts, &memory.neighbourhood(&facts));
        let verdict = set.judge(&case, &features, None);
        if let Some(fired) = verdict.fired.first() {
            assert_eq!(fired.text, format!("{n} or more"));
            let trace = set.explain(&case, &features, None).remove(0);
            assert_eq!(trace.conditions[0].threshold, Some(TraceValue::Number(n as f64)));
            return n as f64;
        }
        memory.apply(&facts);
    }
    f64::INFINITY
}

#[test]
fn a_quantile_is_that_of_the_accounts_segment_between_floor_and_ceiling() {
    let set = |figures: &[(&str, u32)]| set(QUANTILE, &peers(figures));
    let figures = [("person", 1), ("business", 12), ("marketplace", 300)];
    for (segment, expected) in [
        (None, 3.0),
        (Some("person"), 3.0),
        (Some("business"), 12.0),
        (Some("marketplace"), 20.0),
        (Some("charity"), 3.0),
    ] {
        assert_eq!(threshold(&set(&figures), segment), expected, "{segment:?}");
    }
}

#[test]
fn without_figures_of_peers_a_quantile_is_its_floor() {
    assert_eq!(threshold(&set(QUANTILE, ""), Some("business")), 3.0);
    assert_eq!(threshold(&set("5", &peers(&[("business", 9)])), Some("business")), 5.0);
}

#[test]
fn a_set_says_which_quantiles_it_asks_for() {
    let quantiles = RuleSet::load(&set(QUANTILE, "")).unwrap().quantiles();
    let asked: Vec<String> = quantiles.iter().map(|(of, p)| format!("{p} of {of}")).collect();
    assert_eq!(asked, ["p99 of receiver_in_new_7d"]);
}

#[test]
fn another_figure_of_peers_is_a_change_that_an_approver_reads() {
    let set = |p99| RuleSet::load(&set(QUANTILE, &peers(&[("business", p99)]))).unwrap();
    let changes = RuleSetChanges::between(&set(9), &set(12));
    let change = &changes.changed["(set)"][0];
    assert_eq!(change.field, "peers.business.receiver_in_new_7d.p99");
    assert_eq!((change.old.as_deref(), change.new.as_deref()), (Some("9"), Some("12")));
}

#[track_caller]
fn check(document: &str, problem: &str) {
    let error = RuleSet::load(document).err().expect("an error").to_string();
    assert!(error.contains(problem), "{error}\nlacks\n{problem}");
}

#[test]
fn what_is_wrong_with_a_quantile_is_told_at_its_place() {
    let quantile = |of: &str, with: &str| {
        set(
            &QUANTILE
                .replace(r#""quantile": "p99", "of": "receiver_in_new_7d""#, of)
                .replace(r#""floor": 3, "ceiling": 20"#, with),
            "",
        )
    };
    let (of, bounds) =
        (r#""quantile": "p99", "of": "receiver_in_new_7d""#, r#""floor": 3, "ceiling": 20"#);
    check(
        &quantile(r#""quantile": "p100", "of": "risk""#, bounds),
        "column 97: rule r: a percentile",
    );
    check(
        &quantile(r#""quantile": "p99", "of": "receiver_in_new_d7""#, bounds),
        "is not counted among peers; did you mean receiver_in_new_7d?",
    );
    check(
        &quantile(r#""quantile": "p99", "of": "sender_out_new_7d""#, bounds),
        "the rule is about the receiver, whose peers are no measure for sender_out_new_7d",
    );
    check(&quantile(of, r#""floor": 30, "ceiling": 20"#), "floor must not be above its ceiling");
    check(&quantile(of, r#""floor": 3"#), "ceiling is missing");
    check(&quantile(of, r#""floor": 3, "ceiling": 4, "cieling": 5"#), "did you mean ceiling?");
}

#[test]
fn figures_of_peers_are_checked() {
    let with = |peers: &str| set(QUANTILE, &format!("\"peers\": {peers},"));
    let peers = |days: &str, group: &str, measure: &str, p99: &str| {
        with(&format!(
            r#"{{ {days}, "segments": {{ "{group}": {{ "{measure}": {{ "payments": 5000,
               "percentiles": {{ "p99": {p99} }} }} }} }} }}"#
        ))
    };
    let days = r#""from": "2026-08-01", "until": "2026-10-30""#;
    assert!(RuleSet::load(&peers(days, "person", "risk", "0.5")).is_ok());
    check(&with("[]"), "line 1, column 70: peers are an object with");
    check(
        &peers(r#""from": "2026-08-01", "until": "2026-07-01""#, "person", "risk", "1"),
        "peers' days",
    );
    check(&peers(days, "A segment", "risk", "1"), "by segment (small letters");
    check(&peers(days, "person", "riks", "1"), "riks is not counted among peers");
    check(&peers(days, "person", "risk", "-1"), "must be a number from 0 on");
    let many: Vec<String> = (0..40).map(|n| format!(r#""segment_{n}": {{}}"#)).collect();
    check(&with(&format!("{{ {days}, \"segments\": {{ {} }} }}", many.join(","))), "at most 32");
}
