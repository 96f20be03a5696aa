//! Sentences taken apart: what stands where a template has a name is compared with the history.

use sentinel::features::NAMES;
use sentinel::narrative::Question;
use sentinel::reasons::Teller;

use crate::case::{Bench, Judged};
use crate::past::Past;
use crate::recount;

/// Compares every number that the decision tells, and every one that a feature would have told. How many
/// were compared.
pub fn check(bench: &Bench, judged: &Judged<'_>, mut fault: impl FnMut(String)) -> u32 {
    let past = Past::of(judged.case, &bench.policy.reference);
    let scale = Scale::of(judged);
    let mut count = 0;
    let mut compare = |templates: &[&str], text: &str| {
        let Some(holes) = templates.iter().find_map(|template| holes(template, text)) else {
            return fault(format!("nothing counts again: {text}"));
        };
        for (name, shown) in holes {
            let Some(value) = value(&past, name) else { continue };
            count += 1;
            if !scale.tells(name, shown, value) {
                fault(format!("{name} is {value}, told as \"{shown}\": {text}"));
            }
        }
    };
    for fired in &judged.evidence.rules {
        let rule = bench.policy.rules.rule(&fired.id).unwrap();
        compare(&[rule.sentence()], &fired.text);
    }
    let teller = Teller::of(&judged.evidence.facts, &judged.evidence.features);
    let patterns = patterns();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let mut texts: Vec<String> =
        NAMES.iter().filter_map(|name| Some(teller.sentence(name)?.text)).collect();
    texts.sort();
    texts.dedup();
    let who = judged.explanation().sentences.into_iter().filter(|s| s.answers == Question::Who);
    texts.extend(who.map(|sentence| sentence.text));
    for text in &texts {
        compare(&patterns, text);
    }
    count
}

/// A name's value; `name+` is with this payment.
fn value(past: &Past, name: &str) -> Option<f64> {
    let name = name.split(':').next().unwrap_or(name);
    match name.strip_suffix('+') {
        Some(name) if name.contains("_amount") => Some(recount::value(past, name)? + past.this.amount),
        Some(name) => Some(recount::value(past, name)? + 1.0),
        None => recount::value(past, name),
    }
}

/// The names of a template with what stands in their place; None for a sentence of another one.
fn holes<'a>(template: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut parts = template.split(['{', '}']);
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut holes = Vec::new();
    while let (Some(name), Some(words)) = (parts.next(), parts.next()) {
        let is_last = words == template.rsplit('}').next()?;
        let end = if is_last { rest.strip_suffix(words)?.len() } else { rest.find(words)? };
        holes.push((name, &rest[..end]));
        rest = &rest[end + words.len()..];
    }
    rest.is_empty().then_some(holes)
}

/// How the case's values are told.
struct Scale {
    /// Units of the payment's currency for one of the base.
    rate: Option<f64>,
    currency: String,
    is_approximate: bool,
}

impl Scale {
    fn of(judged: &Judged<'_>) -> Self {
        let facts = &judged.evidence.facts;
        let differs = facts.currency != "USD" && facts.base_amount > 0.0;
        let units: f64 = facts.amount.parse().unwrap();
        Self {
            rate: differs.then(|| units / facts.base_amount),
            currency: facts.currency.clone(),
            is_approximate: facts.late.is_some_and(|late| late.approximate),
        }
    }

    fn tells(&self, name: &str, shown: &str, value: f64) -> bool {
        let last = name.trim_end_matches('+').split(':').next().unwrap_or_default();
        let windowed = ["_2d", "_7d", "_2w", "_5w"].iter().any(|window| last.ends_with(window));
        if self.is_approximate && windowed {
            return shown.starts_with("about ") || shown == "nothing";
        }
        if shown == "-" || shown.is_empty() {
            return false;
        }
        if let Some(least) = shown.strip_prefix("at least ") {
            return number(least).is_some_and(|least| value >= least);
        }
        let bare = shown.strip_prefix("about ").unwrap_or(shown);
        let is_amount = name.contains("_amount") && !name.contains("similar") && !name.contains("ratio")
            || name == "amount" || name.contains("_mean") || name.contains("usual_cash");
        match bare {
            _ if is_amount => self.tells_amount(shown, value),
            "once" => value == 1.0,
            "twice" => value == 2.0,
            "all" => value >= 1.0,
            "less than an hour" => (0.0..1.0 / 24.0).contains(&value),
            _ if bare.ends_with(" %") => {
                number(bare).is_some_and(|told| (told - value * 100.0).abs() <= 1.0)
            }
            _ if bare.contains("hour") => number(bare) == Some((value * 24.0 + 1e-4).floor()),
            _ if bare.contains(" day") => number(bare) == Some((value + 1e-5).floor()),
            // Of similar ones registers know the newest; a template says "at least" beside it.
            _ if last.contains("similar") || last.contains("same") || last.ends_with("paths") => {
                number(bare).is_some_and(|least| value >= least)
            }
            _ => number(bare).is_some_and(|told| (told - value).abs() <= 0.051_f64.max(value * 1e-3)),
        }
    }

    /// "5,000 USD", "about 5,000 EUR (5,680 USD)" or "nothing".
    fn tells_amount(&self, shown: &str, value: f64) -> bool {
        let near = |told: Option<f64>, value: f64, share: f64| {
            told.is_some_and(|told| (told - value).abs() <= 0.51_f64.max(value * share))
        };
        match (self.rate, shown.split_once(" (")) {
            _ if shown == "nothing" => value < 0.005,
            (Some(rate), Some((own, base))) => {
                own.contains(&self.currency)
                    && base.ends_with("USD)")
                    && near(number(base), value, 1e-6)
                    && near(number(own.trim_start_matches("about ")), value * rate, 1e-4)
            }
            (None, None) => shown.ends_with("USD") && near(number(shown.trim_start_matches("about ")), value, 1e-6),
            _ => false,
        }
    }
}

/// The number that a text begins with.
fn number(text: &str) -> Option<f64> {
    let digits: String = text.replace(',', "").chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().ok()
}

/// The model's sentences and those of who paid whom, with the names of what stands in them.
fn patterns() -> Vec<String> {
    let mut patterns: Vec<String> = [
        "The payment is {pair_amount_ratio} times what the {pair_count} before it between the two usually were.",
        "The last payment the other way was {reverse_days_since_last} ago; this one is {reverse_amount_ratio} of what usually came.",
        "Within a month the receiver paid an account that paid the sender {cycle_of_three_days} ago: this payment closes the circle.",
        "The same party made {party_elsewhere_count_2d} from other accounts within two days, {party_elsewhere_amount_2d} together.",
        "The same party made {party_elsewhere_count_2d} from other accounts within two days, {party_elsewhere_amount_2d}.",
        "None of the sender's recent receivers banks in this receiver's country.",
        "The sender sent much the same amount to {sender_similar_amounts} other receivers within a week.",
        "The sender gave {sender_same_purpose} other receivers the same purpose within a month.",
        "The sender's account had been silent for {} before this payment.",
        "The receiver's account had been silent for {} before this payment.",
        "The sender had never paid the receiver before.",
        "The sender had never paid the receiver before, and the receiver had paid the sender {reverse_count}.",
        "The sender had paid the receiver {pair_count} before.",
        "The sender had paid the receiver {pair_count} before, and the receiver had paid the sender {reverse_count}.",
        "The {}'s account number has the form of an IBAN, but is not a valid one.",
        "The sender is {}, not seen before; the receiver is {}, not seen before.",
        "The sender is {}, first seen {sender_age_days} before; the receiver is {}, not seen before.",
        "The sender is {}, not seen before; the receiver is {}, first seen {receiver_age_days} before.",
        "The sender is {}, first seen {sender_age_days} before; the receiver is {}, first seen {receiver_age_days} before.",
    ].map(str::to_owned).to_vec();
    for text in [
        "{receiver_similar_amounts} other payers sent the receiver much the same amount within a week.",
        "{receiver_same_purpose} other payers of the receiver gave the same purpose within a month.",
    ] {
        patterns.push(format!("At least {text}"));
    }
    for (who, other, way, moved, usually, met) in [
        ("sender", "receiver", "out", "the sender made", "sends", "the sender paid {sender_out_new_W} receivers for the first time"),
        ("receiver", "sender", "in", "the receiver got", "receives", "{receiver_in_new_W} accounts paid the receiver for the first time"),
    ] {
        let own = |text: &str| {
            text.replace("WHO", who).replace("OTHER", other).replace("WAY", way).replace("MOVED", moved)
                .replace("USUALLY", usually)
        };
        for (window, days) in [("2d", "two days"), ("7d", "seven days")] {
            for usual in [
                "in a usual week it is {WHO_WAY_usual_count:p/p}, {WHO_WAY_usual_amount} together",
                "in a usual week it is {WHO_WAY_usual_count:p/p}",
                "in a usual week there is none",
            ] {
                let text = "With this payment MOVED {WHO_WAY_count_W+} within DAYS, {WHO_WAY_amount_W+} together; ";
                let unrated = "With this payment MOVED {WHO_WAY_count_W+} within DAYS; ";
                let before = "Before this payment MOVED {WHO_WAY_count_W} within DAYS, {WHO_WAY_amount_W} together; ";
                for text in [text, unrated, before] {
                    patterns.push(own(&format!("{text}{usual}.")).replace("_W", &format!("_{window}")).replace("DAYS", days));
                }
            }
            for usual in [
                "in a usual week it is {WHO_WAY_usual_new}",
                "in a usual week there is none",
                "the WHO's account is too new to have a usual week",
            ] {
                for sum in [", {WHO_WAY_new_amount_W} together", ""] {
                    let text = format!("Before this payment {met} within {days}{sum}; {usual}.");
                    patterns.push(own(&text).replace("_W", &format!("_{window}")));
                }
            }
            for usual in ["in a usual week {sender_in_usual_amount} comes in", "the account is too new to have a usual week"] {
                patterns.push(format!("With this payment {{sender_pass_through_{window}}} of what came in within {days}, \
                    {{sender_in_amount_{window}}}, has left the sender's account; {usual}."));
            }
        }
        for (opening, with) in [("With this payment", "+"), ("Before this payment", "")] {
            patterns.push(own(&format!("{opening} MOVED {{WHO_WAY_cash_7d{with}}} cash payments within seven days, \
                {{WHO_WAY_cash_amount_7d{with}}} together; in a usual week it is {{WHO_WAY_usual_cash}}.")));
        }
        let near = own("MOVED {WHO_WAY_near_threshold_7d} just below a reporting threshold within seven days before this one");
        let near = near.replacen('t', "T", 1);
        for sum in [", {WHO_WAY_near_threshold_amount_7d} together", ", {WHO_WAY_near_threshold_amount_7d}", ""] {
            for end in ["; this one lies there, too.", "."] {
                patterns.push(own(&format!("{near}{sum}{end}")));
            }
        }
        for text in [
            "The amount is {WHO_WAY_exceptional} times what the WHO USUALLY in a usual week, which is {WHO_WAY_usual_amount}.",
            "The amount is {} times the mean of what the WHO USUALLY at a time in usual weeks, which is {WHO_WAY_usual_mean}.",
            "The WHO's account was first seen {WHO_age_days} ago, the OTHER's {OTHER_age_days} ago.",
        ] {
            patterns.push(own(text));
        }
    }
    // The longer tell more: a shorter one may match with a sum among a count's words.
    patterns.sort_by_key(|pattern| (!pattern.contains("cash payments"), std::cmp::Reverse(pattern.len())));
    patterns
}
