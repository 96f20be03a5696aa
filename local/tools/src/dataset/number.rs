//! Amounts as people and spreadsheets write them: `1.234,56`, `1,234.56`, `1 234,56`, `1'234.56`,
//! `(12.50)`, `12,50-`, `€ 12`, `4.367E+02`.
//!
//! Whether the decimal separator is a point or a comma is decided for a whole file, never for a cell,
//! since `1,234` can be either. [`clue`] tells which convention a cell shows; [`Number::read`] reads
//! with the one that was decided.

use sentinel::payment::money::Currency;

/// The decimal separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
}

impl Decimal {
    fn letter(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// Which convention a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clue {
    /// Not a number, or one that both conventions read alike.
    Nothing,
    Shows(Decimal),
    /// `1,234` and `1.234`: over a thousand, or a little over one.
    Ambiguous,
}

/// Why a cell is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidNumber {
    #[error("is not a number")]
    NotNumeric,
    #[error("is not written like the other numbers of its column (see --decimal)")]
    OtherConvention,
    #[error("is ambiguous: give --decimal comma or --decimal point")]
    Ambiguous,
    #[error("was cut short by a spreadsheet (scientific notation)")]
    CutShort,
}

/// A number: its sign, its digits as plain decimal text, and the currency written next to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) negative: bool,
    /// `1234.56`, without leading zeros.
    pub(super) digits: String,
    pub(super) currency: Option<Currency>,
}

impl Number {
    pub(super) fn read(text: &str, decimal: Option<Decimal>) -> Result<Self, InvalidNumber> {
        let cell = StrippedCell::of(text);
        let (mantissa, exponent) = scientific(cell.body).ok_or(InvalidNumber::NotNumeric)?;
        let decimal = match (decimal, shape(mantissa).ok_or(InvalidNumber::NotNumeric)?) {
            // With an exponent, the separator follows a single digit, so it separates decimals.
            _ if exponent.is_some() && mantissa.contains(',') => Decimal::Comma,
            _ if exponent.is_some() => Decimal::Point,
            (Some(decimal), _) => decimal,
            (None, Clue::Shows(decimal)) => decimal,
            (None, Clue::Nothing) => Decimal::Point,
            (None, Clue::Ambiguous) => return Err(InvalidNumber::Ambiguous),
        };
        let (whole, decimals) = parts(mantissa, decimal).ok_or(InvalidNumber::OtherConvention)?;
        let digits = match exponent {
            None => plain(&whole, decimals),
            Some(exponent) => shifted(&whole, decimals, exponent)?,
        };
        Ok(Self { negative: cell.negative, digits, currency: cell.currency })
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.bytes().all(|byte| matches!(byte, b'0' | b'.'))
    }
}

/// Which convention a cell shows.
pub(super) fn clue(text: &str) -> Clue {
    match scientific(StrippedCell::of(text).body) {
        Some((mantissa, None)) => shape(mantissa).unwrap_or(Clue::Nothing),
        Some((mantissa, Some(_))) => match shape(mantissa) {
            Some(Clue::Ambiguous) => Clue::Nothing,
            Some(clue) => clue,
            None => Clue::Nothing,
        },
        None => Clue::Nothing,
    }
}

/// A cell stripped of its sign and currency.
struct StrippedCell<'a> {
    body: &'a str,
    negative: bool,
    currency: Option<Currency>,
}

impl<'a> StrippedCell<'a> {
    fn of(text: &'a str) -> Self {
        let mut cell = Self { body: text.trim(), negative: false, currency: None };
        if let Some(inner) = cell.body.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            (cell.body, cell.negative) = (inner.trim(), true);
        }
        // A sign, a currency, and possibly another sign between them.
        let mut most = 3;
        while most > 0 && cell.strip() {
            most -= 1;
        }
        cell
    }

    /// Strips a sign or a currency from either end; false if there was none.
    fn strip(&mut self) -> bool {
        const MINUS: [char; 3] = ['-', '\u{2212}', '\u{2013}'];
        let body = self.body;
        let unsigned = body.strip_prefix(MINUS).or_else(|| body.strip_suffix(MINUS));
        // IDR, the code of the rupiah, also ends in DR.
        let number = |rest: &&str| !rest.ends_with(char::is_alphabetic);
        let ending = |word: [&str; 2]| word.iter().find_map(|word| body.strip_suffix(word));
        let debit = || ending(["DR", "Dr"]).filter(number);
        let credit = || ending(["CR", "Cr"]).filter(number);
        if let Some(rest) = unsigned.or_else(debit) {
            (self.body, self.negative) = (rest.trim(), !self.negative);
        } else if let Some(rest) = body.strip_prefix('+').or_else(credit) {
            self.body = rest.trim();
        } else if let Some((rest, currency)) = without_currency(body) {
            self.body = rest.trim();
            self.currency = self.currency.or(currency);
        } else {
            return false;
        }
        true
    }
}

/// Strips a currency's symbol or code from either end. The dollar sign names no currency, because
/// many use it.
fn without_currency(body: &str) -> Option<(&str, Option<Currency>)> {
    let code = |letter: char| match letter {
        '€' => Some("EUR"),
        '£' => Some("GBP"),
        '₹' => Some("INR"),
        '₺' => Some("TRY"),
        '₦' => Some("NGN"),
        _ => None,
    };
    let is_sign =
        |letter: char| matches!(letter, '$' | '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20cf}');
    let (first, last) = (body.chars().next()?, body.chars().next_back()?);
    let currency = |letter| code(letter).and_then(|code| Currency::parse(code).ok());
    if is_sign(first) {
        return Some((&body[first.len_utf8()..], currency(first)));
    }
    if is_sign(last) {
        return Some((&body[..body.len() - last.len_utf8()], currency(last)));
    }
    let (head, rest) = body.split_at_checked(3)?;
    if let Ok(currency) = Currency::parse(head) {
        return Some((rest, Some(currency)));
    }
    let (rest, tail) = body.split_at_checked(body.len() - 3)?;
    Currency::parse(tail).ok().map(|currency| (rest, Some(currency)))
}

/// The number before an exponent, and the exponent; `None` if the exponent is invalid.
fn scientific(body: &str) -> Option<(&str, Option<i32>)> {
    match body.split_once(['e', 'E']) {
        None => Some((body, None)),
        Some((mantissa, exponent)) => {
            let exponent: i32 = exponent.parse().ok()?;
            (exponent.abs() <= 30).then_some((mantissa, Some(exponent)))
        }
    }
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\'' | '\u{2019}' | '`')
}

/// Which convention digits and separators show; `None` if there is anything else, or no digit.
fn shape(body: &str) -> Option<Clue> {
    let known =
        |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',') || is_blank(letter);
    if !body.chars().all(known) || !body.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = |letter: char| body.matches(letter).count();
    let shown = |letter: char| if letter == '.' { Decimal::Point } else { Decimal::Comma };
    let last = body.rfind(['.', ',']);
    let Some(at) = last else { return Some(Clue::Nothing) };
    let letter = if body.as_bytes()[at] == b'.' { '.' } else { ',' };
    let (before, after) = (&body[..at], &body[at + 1..]);
    Some(match (count('.'), count(',')) {
        // The last of the two is the decimal separator.
        (1.., 1..) if count(letter) == 1 => Clue::Shows(shown(letter)),
        (1.., 1..) => return None,
        // A repeated one separates thousands.
        (2.., _) => Clue::Shows(Decimal::Comma),
        (_, 2..) => Clue::Shows(Decimal::Point),
        _ => {
            let thousand = (1..=3).contains(&before.len())
                && !before.starts_with('0')
                && after.len() == 3
                && before.bytes().chain(after.bytes()).all(|byte| byte.is_ascii_digit());
            if thousand { Clue::Ambiguous } else { Clue::Shows(shown(letter)) }
        }
    })
}

/// Digits before and after the decimal separator; `None` if the groups of thousands are invalid.
fn parts(body: &str, decimal: Decimal) -> Option<(String, &str)> {
    let (whole, decimals) = body.split_once(decimal.letter()).unwrap_or((body, ""));
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let separator = |letter: char| letter == decimal.other().letter() || is_blank(letter);
    let groups: Vec<&str> = whole.split(separator).collect();
    let digits = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
    // India groups by two digits above the thousand.
    let grouped = groups.len() == 1
        || (1..=3).contains(&groups[0].len())
            && groups[1..groups.len() - 1].iter().all(|group| (2..=3).contains(&group.len()))
            && groups[groups.len() - 1].len() == 3;
    (grouped && groups.iter().all(digits)).then(|| (groups.concat(), decimals))
}

fn plain(whole: &str, decimals: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") }
}

/// Applies an exponent. A spreadsheet keeps five decimals in scientific notation, so any further
/// digits of the number are lost.
fn shifted(whole: &str, decimals: &str, exponent: i32) -> Result<String, InvalidNumber> {
    const KEPT: usize = 5;
    let digits = format!("{whole}{decimals}");
    let point = i32::try_from(whole.len()).unwrap_or(i32::MAX).saturating_add(exponent);
    let Ok(point) = usize::try_from(point) else {
        let zeros = "0".repeat(usize::try_from(point.unsigned_abs()).unwrap_or_default());
        return Ok(plain("", &format!("{zeros}{digits}")));
    };
    if point <= digits.len() {
        return Ok(plain(&digits[..point], &digits[point..]));
    }
    if decimals.len() >= KEPT {
        return Err(InvalidNumber::CutShort);
    }
    Ok(plain(&format!("{digits}{}", "0".repeat(point - digits.len())), ""))
}

#[cfg(test)]
mod tests {
    use super::Decimal::{Comma, Point};
    use super::*;

    #[track_caller]
    fn check(text: &str, decimal: Option<Decimal>, expect: &str) {
        let number = Number::read(text, decimal).unwrap_or_else(|err| panic!("{text}: {err}"));
        let sign = if number.negative { "-" } else { "" };
        let currency = number.currency.map_or("", Currency::code);
        assert_eq!(format!("{sign}{}{currency}", number.digits), expect, "{text}");
    }

    #[test]
    fn numbers_are_read_in_every_notation() {
        check("1.234,56", Some(Comma), "1234.56");
        check("1,234.56", Some(Point), "1234.56");
        check("1 234,56", Some(Comma), "1234.56");
        check("1\u{a0}234,5", Some(Comma), "1234.5");
        check("1\u{202f}234\u{202f}567", Some(Comma), "1234567");
        check("1'234.56", Some(Point), "1234.56");
        check("12,34,567.80", Some(Point), "1234567.80");
        check("1,234", Some(Point), "1234");
        check("1,234", Some(Comma), "1.234");
        check("1.234.567", Some(Comma), "1234567");
        check("007,50", Some(Comma), "7.50");
        check(".5", Some(Point), "0.5");
        check("5.", Some(Point), "5");
        check("436.70000000000005", Some(Point), "436.70000000000005");
        check("1459", None, "1459");
        check("1459.15", None, "1459.15");
    }

    #[test]
    fn signs_and_currencies_are_read_on_either_side() {
        for text in ["-12.5", "12.5-", "(12.5)", "\u{2212}12.5", "- 12.5", "12.5 DR"] {
            check(text, Some(Point), "-12.5");
        }
        check("+12.5", Some(Point), "12.5");
        check("12.5 CR", Some(Point), "12.5");
        check("€ 12,5", Some(Comma), "12.5EUR");
        check("12,5 €", Some(Comma), "12.5EUR");
        check("-€12,5", Some(Comma), "-12.5EUR");
        check("£-12.5", Some(Point), "-12.5GBP");
        check("$1,234.50", Some(Point), "1234.50");
        check("EUR 1.234,50-", Some(Comma), "-1234.50EUR");
        check("(GBP 3.00)", Some(Point), "-3.00GBP");
        check("5000 IDR", Some(Point), "5000IDR");
    }

    #[test]
    fn scientific_notation_is_read_unless_digits_are_lost() {
        check("4.367E+02", Some(Point), "436.7");
        check("1,5E+05", Some(Comma), "150000");
        check("1.5e5", Some(Comma), "150000");
        check("3E-06", Some(Point), "0.000003");
        check("1.234567E+6", None, "1234567");
        assert_eq!(Number::read("1.23457E+11", None), Err(InvalidNumber::CutShort));
    }

    #[test]
    fn invalid_numbers_are_refused_with_the_reason() {
        let check = |text: &str, decimal, expect| {
            assert_eq!(Number::read(text, decimal), Err(expect), "{text}");
        };
        for text in ["", "abc", "NaN", "--", "1_000", "0x1", "1.2.3,4,5", "12a", "e5", "1e99"] {
            check(text, Some(Point), InvalidNumber::NotNumeric);
        }
        check("1.234,56", Some(Point), InvalidNumber::OtherConvention);
        check("12,34", Some(Point), InvalidNumber::OtherConvention);
        check("1234,567.8", Some(Point), InvalidNumber::OtherConvention);
        check("1,234", None, InvalidNumber::Ambiguous);
        check("1.234", None, InvalidNumber::Ambiguous);
    }

    #[test]
    fn a_cell_shows_its_convention_or_is_ambiguous() {
        for (text, expect) in [
            ("1.234,56", Clue::Shows(Comma)),
            ("1,234.56", Clue::Shows(Point)),
            ("1.234.567", Clue::Shows(Comma)),
            ("1,234,567", Clue::Shows(Point)),
            ("12,5", Clue::Shows(Comma)),
            ("1234.567", Clue::Shows(Point)),
            ("0.123", Clue::Shows(Point)),
            ("1'234.567", Clue::Shows(Point)),
            ("1 234,567", Clue::Shows(Comma)),
            ("1.234", Clue::Ambiguous),
            ("-12,345 €", Clue::Ambiguous),
            ("1234", Clue::Nothing),
            ("1 234", Clue::Nothing),
            ("1.234E+05", Clue::Nothing),
            ("4.5E+05", Clue::Shows(Point)),
            ("(null)", Clue::Nothing),
            ("", Clue::Nothing),
        ] {
            assert_eq!(clue(text), expect, "{text}");
        }
    }
}
