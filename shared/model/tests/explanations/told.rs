//! Takes sentences apart and compares the values in the places of a template's names with the
//! history.

use sentinel::cascade::narrative::Question;
use sentinel::cascade::reasons::ReasonWriter;
use sentinel::state::features::NAMES;

use crate::case::{Bench, JudgedCase};
use crate::past::Past;
use crate::recount;

/// Compares every number in the decision's texts, and in the sentence that each feature would have
/// given. Returns how many were compared.
pub fn check(bench: &Bench, judged: &JudgedCase<'_>, mut fault: impl FnMut(String)) -> u32 {
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
    let teller = ReasonWriter::of(&judged.evidence.facts, &judged.evidence.features);
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

/// A name's value; `name+` includes the judged payment.
fn value(past: &Past, name: &str) -> Option<f64> {
    let name = name.split(':').next().unwrap_or(name);
    match name.strip_suffix('+') {
        Some(name) if name.contains("_amount") => {
            Some(recount::value(past, name)? + past.this.amount)
        }
        Some(name) => Some(recount::value(past, name)? + 1.0),
        None => recount::value(past, name),
    }
}

/// The names in a template with the words in their places; `None` if the text is not of this
/// template.
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

/// How the case's values are worded.
struct Scale {
    /// Units of the payment's currency per unit of the base currency; `None` if they are the same.
    rate: Option<f64>,
    currency: String,
    is_approximate: bool,
}

impl Scale {
    fn of(judged: &JudgedCase<'_>) -> Self {
        let details = judged.evidence.facts.details;
        let currency = details.amount.currency().code();
        let differs = currency != "USD" && details.base_amount > 0.0;
        Self {
            rate: differs.then(|| details.amount.units() / details.base_amount),
            currency: currency.to_owned(),
            is_approximate: details.late.is_some_and(|late| late.approximate),
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
        if let Some(least) = shown.to_lowercase().strip_prefix("at least ") {
            let least = if least == "once" { Some(1.0) } else { number(least) };
            return least.is_some_and(|least| value >= least);
        }
        let bare = shown.strip_prefix("about ").unwrap_or(shown);
        let is_amount =
            name.contains("_amount") && !name.contains("similar") && !name.contains("ratio")
                || name == "amount"
                || name.contains("_mean")
                || name.contains("usual_cash");
        match bare {
            _ if is_amount => self.tells_amount(shown, value),
            "once" => value == 1.0,
            "twice" => value == 2.0,
            "all" => value >= 1.0 - 1e-6,
            "less than an hour" => (0.0..1.0 / 24.0).contains(&value),
            _ if bare.ends_with(" %") => {
                number(bare).is_some_and(|told| (told - value * 100.0).abs() <= 1.0)
            }
            _ if bare.contains("hour") => number(bare) == Some((value * 24.0 + 0.008).floor()),
            _ if bare.contains(" day") => number(bare) == Some((value + 0.000_35).floor()),
            // Registers know only the newest accounts; the templates say "at least" or "an
            // account".
            _ if ["similar", "same", "paths", "stream"].iter().any(|word| last.contains(word)) => {
                number(bare).is_some_and(|least| value >= least)
            }
            _ => number(bare)
                .is_some_and(|told| (told - value).abs() <= 0.051_f64.max(value * 0.005)),
        }
    }

    /// Whether the text gives this amount: "5,000 USD", "about 5,000 EUR (5,680 USD)" or "nothing".
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
            (None, None) => {
                shown.ends_with("USD")
                    && near(number(shown.trim_start_matches("about ")), value, 1e-6)
            }
            _ => false,
        }
    }
}

/// The number that a text begins with.
fn number(text: &str) -> Option<f64> {
    let digits: String =
        text.replace(',', "").chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().ok()
}

/// The templates of `sentences.txt` in all their forms. As the first that fits is compared, those
/// about cash come first, then those with the most names.
fn patterns() -> Vec<String> {
    let lines = include_str!("sentences.txt").lines();
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let sided = told.flat_map(|line| match line.contains("WHO") || line.contains("MET") {
        true => SIDES.iter().map(|words| in_words(line, words)).collect(),
        false => vec![line.to_owned()],
    });
    let dated = sided.flat_map(|line| match line.contains("DAYS") {
        true => [("_2d", "two days"), ("_7d", "seven days")]
            .map(|(window, days)| line.replace("_W", window).replace("DAYS", days))
            .to_vec(),
        false => vec![line],
    });
    let mut patterns: Vec<String> = dated.flat_map(|line| forms(&line)).collect();
    let words =
        |pattern: &String| pattern.split('{').map(|part| part.split('}').count()).sum::<usize>();
    patterns.sort_by_key(|pattern| {
        let is_cash = pattern.contains("cash payments");
        std::cmp::Reverse((is_cash, words(pattern), pattern.len()))
    });
    patterns
}

/// The words of each side.
const SIDES: [[(&str, &str); 7]; 2] = [
    [
        ("MET", "the sender paid {WHO_WAY_new_W} receivers"),
        ("WHO", "sender"),
        ("OTHER", "receiver"),
        ("WAY", "out"),
        ("MOVED", "the sender made"),
        ("PAID", "made"),
        ("USUALLY", "sends"),
    ],
    [
        ("MET", "{WHO_WAY_new_W} accounts paid the receiver"),
        ("WHO", "receiver"),
        ("OTHER", "sender"),
        ("WAY", "in"),
        ("MOVED", "the receiver got"),
        ("PAID", "got"),
        ("USUALLY", "receives"),
    ],
];

fn in_words(line: &str, words: &[(&str, &str)]) -> String {
    words.iter().fold(line.to_owned(), |line, (word, by)| line.replace(word, by))
}

/// The line with and without the parts in brackets.
fn forms(line: &str) -> Vec<String> {
    let Some((before, rest)) = line.split_once('[') else { return vec![line.to_owned()] };
    let (inner, after) = rest.split_once(']').unwrap_or((rest, ""));
    [forms(&format!("{before}{inner}{after}")), forms(&format!("{before}{after}"))].concat()
}
