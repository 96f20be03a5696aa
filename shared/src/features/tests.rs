//! What features show, and that they can be kept.

use super::*;
use crate::memory::Memory;

fn facts(from: &str, to: &str, day: f64, amount: f64) -> Facts {
    Facts::between(from, to, 1.7e9 + day * 86_400.0, amount)
}

fn look(memory: &Memory, facts: &Facts, name: &str) -> f32 {
    Features::extract(facts, &memory.neighbourhood(facts)).get(name).unwrap()
}

#[test]
fn strangers_have_no_history() {
    let memory = Memory::default();
    let now = facts("a", "b", 0.0, 100.0);
    assert_eq!(look(&memory, &now, "sender_age_days"), -1.0);
    assert_eq!(look(&memory, &now, "pair_count"), 0.0);
    assert_eq!(look(&memory, &now, "sender_pass_through_1d"), -1.0);
    assert_eq!(look(&memory, &now, "sender_familiar_country"), -1.0);
}

#[test]
fn fan_in_shows_as_new_payers() {
    let mut memory = Memory::default();
    for n in 0..8 {
        memory.apply(&facts(&format!("payer{n}"), "mule", 0.1, 900.0));
    }
    let now = facts("payer9", "mule", 0.1, 900.0);
    let new = look(&memory, &now, "receiver_in_new_1d");
    assert!((new - 8.0).abs() < 1e-3, "{new}");
    assert!(look(&memory, &now, "receiver_similar_amounts") >= 3.0);
    // Known payers are not new.
    memory.apply(&facts("payer1", "mule", 0.1, 900.0));
    assert_eq!(look(&memory, &now, "receiver_in_new_1d"), new);
}

#[test]
fn pass_through_shows_what_is_sent_on() {
    let mut memory = Memory::default();
    memory.apply(&facts("source", "mule", 0.0, 10_000.0));
    let now = facts("mule", "sink", 0.0, 9_500.0);
    let share = look(&memory, &now, "sender_pass_through_1d");
    assert!((share - 0.95).abs() < 1e-6, "{share}");
}

#[test]
fn strangers_show_as_a_share_and_amounts_as_a_spread() {
    let mut memory = Memory::default();
    for n in 0..4 {
        memory.apply(&facts("shop", "supplier", 0.0, 100.0));
        memory.apply(&facts("mule", &format!("stranger{n}"), 0.0, 100.0 * 10_f64.powi(n)));
    }
    let from = |sender| facts(sender, "x", 0.0, 1.0);
    let share = |sender| look(&memory, &from(sender), "sender_out_new_share_30d");
    assert_eq!(share("unknown"), -1.0);
    assert!((share("shop") - 0.25).abs() < 1e-6);
    assert!((share("mule") - 1.0).abs() < 1e-6);
    let spread = |sender| look(&memory, &from(sender), "sender_out_spread_30d");
    assert!(spread("shop").abs() < 1e-3);
    // Of 0, 1, 2 and 3 decades: their deviation is the root of 5/4.
    assert!((spread("mule") - 10_f32.ln() * 1.25_f32.sqrt()).abs() < 0.01, "{}", spread("mule"));
    assert_eq!(look(&memory, &facts("x", "mule", 0.0, 1.0), "receiver_out_new_share_30d"), 1.0);
}

#[test]
fn a_circle_of_three_closes() {
    let mut memory = Memory::default();
    memory.apply(&facts("b", "c", 0.0, 1_000.0));
    memory.apply(&facts("c", "a", 1.0, 950.0));
    let now = facts("a", "b", 2.0, 900.0);
    assert_eq!(look(&memory, &now, "cycle_of_three_paths"), 1.0);
    assert_eq!(look(&memory, &now, "cycle_of_three_days"), 1.0);
    assert!((look(&memory, &now, "cycle_of_three_amount_ratio") - 0.947).abs() < 1e-3);
    let open = facts("a", "d", 2.0, 900.0);
    assert_eq!(look(&memory, &open, "cycle_of_three_paths"), 0.0);
}

#[test]
fn one_party_paying_from_several_accounts_shows() {
    let mut memory = Memory::default();
    let named = |from, to| Facts {
        party: Some(crate::profile::AccountId::of("party")),
        ..facts(from, to, 0.0, 500.0)
    };
    memory.apply(&named("a1", "x"));
    memory.apply(&named("a2", "y"));
    let now = named("a2", "z");
    assert_eq!(look(&memory, &now, "party_elsewhere_count_1d"), 1.0);
    assert_eq!(look(&memory, &now, "party_elsewhere_amount_1d"), 500.0);
}

#[test]
fn first_digits_that_follow_no_law_show() {
    let benford = |digits: &[u8]| {
        let mut memory = Memory::default();
        for (n, digit) in digits.iter().cycle().take(60).enumerate() {
            let payment = facts("a", &n.to_string(), 0.0, 900.0);
            memory.apply(&Facts { leading_digit: *digit, ..payment });
        }
        look(&memory, &facts("a", "b", 0.0, 900.0), "sender_benford")
    };
    assert!(benford(&[1, 1, 1, 2, 2, 3, 4, 5, 6, 8]) < 5.0);
    assert!(benford(&[9]) > 300.0);
}

#[test]
fn evidence_gives_the_same_features_back() {
    let now = facts("a", "b", 0.0, 12.5);
    let features = Features::extract(&now, &Neighbourhood::UNKNOWN);
    let kept = features.by_name();
    assert!(kept["log_amount"].to_string().len() < 11, "{kept:?}");
    assert_eq!(Features::from_names(&kept), Some(features));
}

#[test]
fn no_feature_is_ever_nan_or_infinite() {
    let mut memory = Memory::default();
    for n in 0..50_u32 {
        let to = if n % 2 == 0 { "b" } else { "c" };
        memory.apply(&facts("a", to, f64::from(n * 37 % 900), f64::from(n % 3) * 1e13));
        for (from, to) in [("a", "b"), ("b", "a"), ("c", "a")] {
            let now = facts(from, to, f64::from(n * 37 % 900), f64::from(n % 3) * 1e13);
            let features = Features::extract(&now, &memory.neighbourhood(&now));
            assert!(features.values().iter().all(|value| value.is_finite()), "{features:?}");
        }
    }
}
