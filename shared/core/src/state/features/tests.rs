//! Features show the patterns they are meant for, and survive being stored.

use super::*;
use crate::state::memory::Memory;

fn facts(from: &str, to: &str, day: f64, amount: f64) -> Facts {
    Facts::between(from, to, 1.7e9 + day * 86_400.0, amount)
}

fn feature(memory: &Memory, facts: &Facts, name: &str) -> f32 {
    Features::extract(facts, &memory.neighbourhood(facts)).get(name).unwrap()
}

#[test]
fn strangers_have_no_history() {
    let memory = Memory::default();
    let now = facts("a", "b", 0.0, 100.0);
    assert_eq!(feature(&memory, &now, "sender_age_days"), -1.0);
    assert_eq!(feature(&memory, &now, "pair_count"), 0.0);
    assert_eq!(feature(&memory, &now, "sender_pass_through_7d"), -1.0);
    assert_eq!(feature(&memory, &now, "sender_familiar_country"), -1.0);
    for jump in ["sender_volume_jump", "sender_new_jump", "sender_burst"] {
        assert_eq!(feature(&memory, &now, jump), -1.0, "{jump}: there is no usual week yet");
    }
}

#[test]
fn fan_in_shows_as_new_payers_and_their_money() {
    let mut memory = Memory::default();
    for n in 0..8 {
        memory.apply(&facts(&format!("payer{n}"), "mule", 0.1, 900.0));
    }
    let now = facts("payer9", "mule", 0.1, 900.0);
    let seen = |memory: &Memory, name| feature(memory, &now, name);
    assert_eq!(seen(&memory, "receiver_in_new_2d"), 8.0);
    assert_eq!(seen(&memory, "receiver_in_new_amount_2d"), 7_200.0);
    assert_eq!(seen(&memory, "receiver_in_new_mean_7d"), 900.0);
    assert!(seen(&memory, "receiver_similar_amounts") >= 3.0);
    // A known payer is not new, and its money is not money of first payments.
    memory.apply(&facts("payer1", "mule", 0.1, 50_000.0));
    assert_eq!(seen(&memory, "receiver_in_new_2d"), 8.0);
    assert_eq!(seen(&memory, "receiver_in_new_amount_7d"), 7_200.0);
    assert_eq!(seen(&memory, "receiver_in_amount_7d"), 57_200.0);
}

#[test]
fn passing_on_reads_the_same_after_three_hours_and_after_five_days() {
    // At any time of day.
    for came in [0.0, 0.3, 0.6, 0.97] {
        let mut memory = Memory::default();
        memory.apply(&facts("source", "mule", came, 10_000.0));
        for hours in [0.0, 3.0, 6.0, 12.0, 18.0, 48.0, 120.0] {
            let now = facts("mule", "sink", came + hours / 24.0, 9_800.0);
            for (window, days) in [("2d", 1.0), ("7d", 6.0), ("5w", 28.0)] {
                let share = feature(&memory, &now, &format!("sender_pass_through_{window}"));
                let expect = if hours <= days * 24.0 { 0.98 } else { continue };
                assert!((share - expect).abs() < 1e-6, "{window} after {hours} hours: {share}");
            }
        }
    }
}

#[test]
fn a_window_ends_with_the_payments_own_day() {
    let mut memory = Memory::default();
    memory.apply(&facts("source", "mule", 0.0, 10_000.0));
    let share =
        |day| feature(&memory, &facts("mule", "sink", day, 5_000.0), "sender_pass_through_7d");
    assert_eq!((share(6.0), share(7.0)), (0.5, -1.0));
    // Later money does not count for a payment that comes late.
    memory.apply(&facts("source", "mule", 3.0, 10_000.0));
    let late = facts("mule", "sink", 2.0, 5_000.0);
    assert_eq!(feature(&memory, &late, "sender_pass_through_7d"), 0.5);
}

#[test]
fn a_usual_week_is_told_from_whole_weeks_before_this_one() {
    let mut memory = Memory::default();
    // One payment of 100 in each of five weeks, of which the first is not a whole one.
    for week in 0..5 {
        memory.apply(&facts("shop", "supplier", 7.0 * f64::from(week), 100.0));
    }
    let now = |week: f64| facts("shop", "stranger", 7.0 * week, 300.0);
    assert_eq!(feature(&memory, &now(2.0), "sender_out_usual_amount"), -1.0);
    assert_eq!(feature(&memory, &now(4.0), "sender_out_usual_count"), 1.0);
    assert_eq!(feature(&memory, &now(5.0), "sender_out_usual_amount"), 100.0);
    assert_eq!(feature(&memory, &now(5.0), "sender_out_exceptional"), 3.0);
    // The 100 of a week ago are outside the seven days.
    assert_eq!(feature(&memory, &now(5.0), "sender_volume_jump"), 3.0);
}

#[test]
fn cards_and_cash_have_a_baseline_of_their_own() {
    let by = |payment_type, cash, facts| Facts { payment_type, cash, ..facts };
    let card = |facts| by(PaymentType::DebitCard, false, facts);
    let mut memory = Memory::default();
    for day in 0..20 {
        let day = f64::from(day);
        memory.apply(&card(facts("ann", &format!("shop{day}"), day, 10.0 + day)));
        memory.apply(&facts("ann", "landlord", day, 1_000.0 + 10.0 * day));
    }
    let z = |facts: Facts| feature(&memory, &facts, "sender_out_z");
    let now = |amount| facts("ann", "x", 20.0, amount);
    assert!(z(now(1_100.0)).abs() < 1.0, "a transfer like the others");
    assert!(z(card(now(20.0))).abs() < 1.0, "a purchase like the others");
    assert!(z(by(PaymentType::CashWithdrawal, true, now(20.0))).abs() < 1.0);
    assert!(z(card(now(1_100.0))) > 5.0, "a purchase the size of the rent");
    assert!(z(now(20.0)) < -5.0, "a transfer the size of a purchase");
    // The spread covers transfers only.
    assert!(feature(&memory, &now(1.0), "sender_out_spread_30d") < 0.2);
}

#[test]
fn cash_is_counted_apart() {
    let mut memory = Memory::default();
    let deposit = |facts| Facts { payment_type: PaymentType::CashDeposit, cash: true, ..facts };
    memory.apply(&deposit(facts("till", "shop", 0.0, 900.0)));
    memory.apply(&facts("customer", "shop", 0.0, 70.0));
    let now = facts("till", "shop", 1.0, 1.0);
    assert_eq!(feature(&memory, &now, "receiver_in_cash_amount_7d"), 900.0);
    assert_eq!(feature(&memory, &now, "receiver_in_cash_7d"), 1.0);
    assert_eq!(feature(&memory, &now, "receiver_in_amount_7d"), 970.0);
}

#[test]
fn strangers_show_as_a_share_and_amounts_as_a_spread() {
    let mut memory = Memory::default();
    for n in 0..4 {
        memory.apply(&facts("shop", "supplier", 0.0, 100.0));
        memory.apply(&facts("mule", &format!("stranger{n}"), 0.0, 100.0 * 10_f64.powi(n)));
    }
    let from = |sender| facts(sender, "x", 0.0, 1.0);
    let share = |sender| feature(&memory, &from(sender), "sender_out_new_share_5w");
    assert_eq!(share("unknown"), -1.0);
    assert!((share("shop") - 0.25).abs() < 1e-6);
    assert!((share("mule") - 1.0).abs() < 1e-6);
    let spread = |sender| feature(&memory, &from(sender), "sender_out_spread_30d");
    assert!(spread("shop").abs() < 1e-3);
    // The deviation of 0, 1, 2 and 3 decades is the root of 5/4.
    assert!((spread("mule") - 10_f32.ln() * 1.25_f32.sqrt()).abs() < 0.01, "{}", spread("mule"));
    assert_eq!(feature(&memory, &facts("x", "mule", 0.0, 1.0), "receiver_out_new_share_5w"), 1.0);
}

#[test]
fn a_circle_of_three_closes() {
    let mut memory = Memory::default();
    memory.apply(&facts("b", "c", 0.0, 1_000.0));
    memory.apply(&facts("c", "a", 1.0, 950.0));
    let now = facts("a", "b", 2.0, 900.0);
    assert_eq!(feature(&memory, &now, "cycle_of_three_paths"), 1.0);
    assert_eq!(feature(&memory, &now, "cycle_of_three_days"), 1.0);
    assert!((feature(&memory, &now, "cycle_of_three_amount_ratio") - 0.947).abs() < 1e-3);
    let open = facts("a", "d", 2.0, 900.0);
    assert_eq!(feature(&memory, &open, "cycle_of_three_paths"), 0.0);
}

#[test]
fn one_party_paying_from_several_accounts_shows() {
    let mut memory = Memory::default();
    let named = |from, to| Facts {
        party: Some(crate::payment::account_id::AccountId::of("party")),
        ..facts(from, to, 0.0, 500.0)
    };
    memory.apply(&named("a1", "x"));
    memory.apply(&named("a2", "y"));
    let now = named("a2", "z");
    assert_eq!(feature(&memory, &now, "party_elsewhere_count_2d"), 1.0);
    assert_eq!(feature(&memory, &now, "party_elsewhere_amount_2d"), 500.0);
}

#[test]
fn first_digits_that_follow_no_law_show() {
    let benford = |digits: &[u8]| {
        let mut memory = Memory::default();
        for (n, digit) in digits.iter().cycle().take(60).enumerate() {
            let payment = facts("a", &n.to_string(), 0.0, 900.0);
            memory.apply(&Facts { leading_digit: *digit, ..payment });
        }
        feature(&memory, &facts("a", "b", 0.0, 900.0), "sender_benford")
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
