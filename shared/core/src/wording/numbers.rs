//! Formats numbers and durations.

use crate::payment::transaction::PaymentType;
use crate::wording::money::grouped_text;

pub(crate) fn percent(share: f64) -> String {
    number((share * 100.0).round())
}

/// Formats a share: "all" if it is 1 or more, else as in "98 %", at most 99 %.
pub(crate) fn part_of_all(share: f64) -> String {
    if share >= 1.0 { "all".to_owned() } else { format!("{} %", percent(share.min(0.99))) }
}

/// Formats a count; `most` is where the feature stops counting.
pub(crate) fn times_up_to(times: f64, most: f64) -> String {
    if times >= most { format!("at least {}", number(most)) } else { number(times) }
}

/// Formats a count that is an average; `most` is where the feature stops counting.
pub(crate) fn about_times(times: f64, most: f64) -> String {
    if times >= most { times_up_to(times, most) } else { format!("about {}", number(times)) }
}

/// Returns the name of a payment type as used in a sentence.
pub(crate) fn payment_words(code: &str) -> String {
    PaymentType::parse(code)
        .map_or_else(|| code.replace(['_', '-'], " "), |kind| kind.words().to_owned())
}

/// Formats a duration in hours below two days, and in days above. Half a minute is added before
/// rounding down: a feature has seven significant digits, so that 23 hours could otherwise become
/// 22.
pub(crate) fn days_of(days: f64) -> String {
    let hours = days * 24.0 + 0.008;
    match hours {
        hours if hours < 1.0 => "less than an hour".to_owned(),
        hours if hours < 48.0 => counted(hours.floor(), "hour", "hours"),
        hours => counted((hours / 24.0).floor(), "day", "days"),
    }
}

pub(crate) fn counted(count: f64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1.0 { one } else { many })
}

pub(crate) fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// Formats a number with at most two decimals, with none from 100 on, and with thousands
/// separators.
pub(crate) fn number(value: f64) -> String {
    if value.abs() >= 1_000.0 {
        return grouped_text(&format!("{value:.0}"));
    }
    let text = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    if text == "-0" { "0".to_owned() } else { text }
}

/// Formats a probability in percent; never as 0 or 100 %, because none is certain.
pub(crate) fn in_percent(risk: f64) -> String {
    match risk * 100.0 {
        low if low < 0.01 => "less than 0.01 %".to_owned(),
        high if high > 99.99 => "more than 99.99 %".to_owned(),
        percent => format!("{} %", number(percent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_hour_is_one_in_single_precision() {
        for hours in 1..48_u8 {
            let days = f64::from(f32::from(hours) / 24.0);
            assert!(days_of(days).starts_with(&hours.to_string()), "{hours}: {}", days_of(days));
        }
        assert_eq!([0.04, 2.0, 2.9].map(days_of), ["less than an hour", "2 days", "2 days"]);
    }

    #[test]
    fn nobody_is_sure() {
        let told = [0.0, 0.123_456, 0.5, 0.999_999].map(in_percent);
        assert_eq!(told, ["less than 0.01 %", "12.35 %", "50 %", "more than 99.99 %"]);
    }
}
