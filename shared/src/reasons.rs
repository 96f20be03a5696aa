//! What a feature says, in a sentence for an analyst: its value in words and, where the account has
//! a past, the account's own normal beside it ("paid 14 new receivers this week, usually 1").
//!
//! The normal is what the month's decayed sum holds beyond the shorter window, scaled to that
//! window: sums settle at (half-life / ln 2) days' worth of events, so for an account that goes on
//! as before it equals the window's own sum, and for one that has only just begun it is nothing.

use std::collections::BTreeMap;

use crate::features::words;

/// A sentence about one feature of a decision; `features` are all of them, by name.
pub fn sentence(feature: &str, value: f64, features: &BTreeMap<String, f64>) -> String {
    windowed(feature, value, features).or_else(|| special(feature, value)).unwrap_or_else(|| {
        // Below zero a feature says that there is no past to speak of.
        let value = if value < 0.0 { "no history yet".to_owned() } else { number(value) };
        format!("{}: {value}.", capitalised(words(feature)))
    })
}

/// Sums over a window: `sender_out_new_7d`.
fn windowed(feature: &str, value: f64, features: &BTreeMap<String, f64>) -> Option<String> {
    let (stem, window) = feature.rsplit_once('_')?;
    let (days, when) = match window {
        "1h" => (1.0 / 24.0, "this hour"),
        "1d" => (1.0, "today"),
        "7d" => (7.0, "this week"),
        "30d" => (30.0, "this month"),
        _ => return None,
    };
    let (who, rest) = stem.split_once('_').filter(|(who, _)| is_party(who))?;
    let (direction, what) = rest.split_once('_')?;
    let is_money = what == "amount";
    let did = match (direction, what) {
        ("out", "count") => "sent {} payments",
        ("in", "count") => "received {} payments",
        ("out", "amount") => "sent {}",
        ("in", "amount") => "received {}",
        ("out", "new") => "paid {} new receivers",
        ("in", "new") => "was paid by {} new payers",
        ("out", "near_threshold") => "sent {} payments just below a reporting threshold",
        ("in", "near_threshold") => "received {} payments just below a reporting threshold",
        ("out", "round") => "sent {} round amounts",
        ("in", "round") => "received {} round amounts",
        ("out", "cross_border") => "sent {} payments abroad",
        ("in", "cross_border") => "received {} payments from abroad",
        ("out", "cash") => "made {} cash withdrawals",
        ("in", "cash") => "received {} cash deposits",
        ("out", "high_risk") => "made {} payments that touch high-risk countries",
        _ => return None,
    };
    let show = |value: f64| if is_money { money(value) } else { number(value) };
    let nothing = number(value) == "0";
    let did = match (nothing, is_money) {
        (false, _) => did.replace("{}", &format!("about {}", show(value))),
        (true, false) => did.replace("{}", "no"),
        (true, true) => did.replace("{}", "nothing"),
    };
    let month = features.get(&format!("{stem}_30d")).filter(|_| days < 30.0);
    let usual = month.map_or_else(String::new, |month| {
        let usual = (month - value).max(0.0) * days / (30.0 - days);
        if nothing && number(usual) == "0" {
            return String::new();
        }
        format!(", usually {}", show(usual))
    });
    Some(format!("The {who} {did} {when}{usual}."))
}

fn special(feature: &str, value: f64) -> Option<String> {
    let who = feature.split('_').next().filter(|who| is_party(who));
    if let (Some(who), Some(direction)) = (who, feature.strip_suffix("_z")) {
        let what = if direction.ends_with("_out") { "sends" } else { "receives" };
        let side = if value < 0.0 { "below" } else { "above" };
        let by = number(value.abs());
        return Some(format!(
            "The amount lies {by} standard deviations {side} what the {who} usually {what}."
        ));
    }
    let never = value < 0.0;
    let text = match feature {
        "pair_count" if value == 0.0 => "The sender has never paid the receiver before.".to_owned(),
        "pair_days_since_first" | "pair_days_since_last" if never => {
            "The sender has never paid the receiver before.".to_owned()
        }
        "pair_count" => format!("The sender has paid the receiver {} times.", number(value)),
        "reverse_count" if value == 0.0 => "The receiver has never paid the sender.".to_owned(),
        "sender_age_days" if never => "The sender's account was never seen before.".to_owned(),
        "receiver_age_days" if never => "The receiver's account was never seen before.".to_owned(),
        "sender_days_since_in" if never => "The sender never received money before.".to_owned(),
        "sender_days_since_out" if never => "The sender never sent money before.".to_owned(),
        "receiver_days_since_in" if never => "The receiver never received money before.".to_owned(),
        "receiver_days_since_out" if never => "The receiver never sent money.".to_owned(),
        "sender_pass_through_1d" if !never => passed_on(value, "day"),
        "sender_pass_through_7d" if !never => passed_on(value, "week"),
        "log_amount" => format!("The payment's size is {}.", money(libm::expm1(value))),
        "cycle_of_three_paths" if value > 0.0 => {
            format!("The money returns to the sender over {} other accounts.", number(value))
        }
        _ => return None,
    };
    Some(text)
}

fn passed_on(share: f64, window: &str) -> String {
    let percent = number((share * 100.0).round());
    format!("With this payment {percent} % of the {window}'s income has left the sender's account.")
}

fn is_party(who: &str) -> bool {
    matches!(who, "sender" | "receiver")
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// At most two digits behind the point, none from a hundred on.
pub(crate) fn number(value: f64) -> String {
    let text = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    if text == "-0" { "0".to_owned() } else { text }
}

/// In the base currency, with thousands.
pub(crate) fn money(value: f64) -> String {
    let digits = format!("{value:.0}");
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    format!("{} USD", groups.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(feature: &str, value: f64, others: &[(&str, f64)], expect: &str) {
        let others = others.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        assert_eq!(sentence(feature, value, &others), expect);
    }

    #[test]
    fn the_accounts_own_normal_stands_beside_the_value() {
        check(
            "sender_out_new_7d",
            14.0,
            &[("sender_out_new_30d", 17.3)],
            "The sender paid about 14 new receivers this week, usually 1.",
        );
        check(
            "receiver_in_amount_1d",
            52_000.0,
            &[("receiver_in_amount_30d", 139_000.0)],
            "The receiver received about 52,000 USD today, usually 3,000 USD.",
        );
    }

    #[test]
    fn an_account_that_goes_on_as_before_is_as_usual() {
        let settled = |half_life: f64| 3.0 * half_life / std::f64::consts::LN_2;
        check(
            "sender_out_count_7d",
            settled(7.0),
            &[("sender_out_count_30d", settled(30.0))],
            "The sender sent about 30.3 payments this week, usually 30.3.",
        );
    }

    #[test]
    fn what_never_happened_is_said_so() {
        check("pair_count", 0.0, &[], "The sender has never paid the receiver before.");
        check("pair_days_since_first", -1.0, &[], "The sender has never paid the receiver before.");
        check("sender_out_amount_7d", 0.0, &[], "The sender sent nothing this week.");
        check("receiver_in_cash_1d", 0.0, &[], "The receiver received no cash deposits today.");
        check(
            "receiver_in_count_1h",
            0.0,
            &[("receiver_in_count_30d", 1440.0)],
            "The receiver received no payments this hour, usually 2.",
        );
        check("sender_days_since_in", -1.0, &[], "The sender never received money before.");
    }

    #[test]
    fn every_feature_has_a_sentence() {
        for name in crate::features::NAMES {
            for value in [-1.0, 0.0, 3.25] {
                let said = sentence(name, value, &BTreeMap::new());
                assert!(
                    said.ends_with('.') && !said.contains('_') && !said.contains("{}"),
                    "{said}"
                );
            }
        }
    }
}
