//! Normalises account numbers so that one account is never read as two: what a spreadsheet did to a
//! number is undone if that is certain, and refused if digits were lost.

use std::borrow::Cow;

/// Why a cell is not an account number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Damage {
    #[error("was cut short by a spreadsheet (scientific notation)")]
    Scientific,
    #[error("was cut short by a spreadsheet (a number of more than 15 digits)")]
    Rounded,
}

/// The account number in a cell: `8724731955.0` is `8724731955`, an IBAN becomes upper-case without
/// spaces, and the marks that make a spreadsheet treat a number as text (`'007`, `="007"`) are
/// removed. Leading zeros are kept.
pub(super) fn normalise(cell: &str) -> Result<Cow<'_, str>, Damage> {
    let text = unmarked(cell);
    if is_scientific(text) {
        return Err(Damage::Scientific);
    }
    if let Some((whole, zeros)) = text.split_once(['.', ','])
        && is_digits(whole)
        && is_digits(zeros)
        && zeros.bytes().all(|byte| byte == b'0')
    {
        // A double is exact up to fifteen digits.
        let kept = whole.trim_start_matches('0').len() <= 15;
        return if kept { Ok(Cow::Borrowed(whole)) } else { Err(Damage::Rounded) };
    }
    Ok(iban(text).map_or(Cow::Borrowed(text), Cow::Owned))
}

/// An IBAN in upper case without spaces; `None` if the text is not one. Wrong check digits are accepted
/// if it is written in groups, which nothing else is.
pub(super) fn iban(text: &str) -> Option<String> {
    // A cheap test that rules out most other accounts.
    let letters = text.as_bytes().first_chunk::<2>()?.iter().all(u8::is_ascii_alphabetic);
    if !letters || text.len() < 15 {
        return None;
    }
    let grouped = text.contains([' ', '\u{a0}']);
    let compact: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect::<String>()
        .to_ascii_uppercase();
    let bytes = compact.as_bytes();
    let shaped = (15..=34).contains(&bytes.len())
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric);
    (shaped && (grouped || has_check_digits(bytes))).then_some(compact)
}

/// ISO 7064 mod 97-10 over the IBAN with its first four characters moved to the end.
fn has_check_digits(iban: &[u8]) -> bool {
    let rest = iban[4..].iter().chain(&iban[..4]).fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    rest == 1
}

fn unmarked(cell: &str) -> &str {
    let text = cell.trim();
    let formula = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"'));
    formula.unwrap_or_else(|| text.strip_prefix('\'').unwrap_or(text)).trim()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// True for `8.72473E+09` and `9e+15`; not for `8000E1230`, which is an account in AMLworld.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let whole = mantissa.split_once(['.', ',']).map_or(mantissa, |(whole, _)| whole);
    let number = mantissa.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    number && whole.len() == 1 && exponent.strip_prefix('+').is_some_and(is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, expect: &str) {
        let account = normalise(cell);
        assert_eq!(account.map_or_else(|err| err.to_string(), Cow::into_owned), expect, "{cell}");
    }

    #[test]
    fn one_account_has_one_spelling() {
        for cell in ["8724731955", "8724731955.0", "8724731955.00", " 8724731955,0", "'8724731955"]
        {
            check(cell, "8724731955");
        }
        for cell in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "de89 3704 0044 0532 0130 00",
            "DE89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00",
        ] {
            check(cell, "DE89370400440532013000");
        }
    }

    #[test]
    fn parts_of_an_account_number_are_kept() {
        for cell in ["007", "0012-8000F5AD0", "8000E1230", "1.5", "a.b", "de-89", "ABC 123", "1e9"]
        {
            check(cell, cell);
        }
        check("=\"007\"", "007");
        check("'007", "007");
        // Its check digits are wrong, so it may not be an IBAN.
        check("de88370400440532013000", "de88370400440532013000");
        check("DE88 3704 0044 0532 0130 00", "DE88370400440532013000");
    }

    #[test]
    fn a_number_with_lost_digits_is_refused() {
        let scientific = "was cut short by a spreadsheet (scientific notation)";
        for cell in ["8.72473E+09", "8,72473E+09", "8.724731955e+09", "9E+15"] {
            check(cell, scientific);
        }
        let rounded = "was cut short by a spreadsheet (a number of more than 15 digits)";
        check("1234567890123456800.0", rounded);
    }
}
