//! Amounts as people and spreadsheets write them: `1.234,56`, `1,234.56`, `1 234,56`, `1'234.56`,
//! `(12.50)`, `12,50-`, `€ 12`, `4.367E+02`.
//!
//! Whether a point or a comma parts the decimals is settled for a file, never for a cell: `1,234`
//! alone can be either. [`mark`] says what a cell shows of it, [`Number::read`] reads by what was
//! settled.

use sentinel::payment::money::Currency;

/// What parts the decimals.
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

/// What a cell shows of the convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// No number, or one that both conventions read alike.
    Nothing,
    Shows(Decimal),
    /// `1,234` and `1.234`: a thousand and more, or one and a bit.
    Either,
}

/// Why a cell is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotANumber {
    #[error("is not a number")]
    Letters,
    #[error("is not written as the column's other numbers: see --decimal")]
    OtherConvention,
    #[error("is a thousand and more, or one and a bit: say --decimal comma or --decimal point")]
    Either,
    #[error("was cut short by a spreadsheet (scientific notation)")]
    CutShort,
}

/// A number: its sign, its digits as plain decimal text, and the currency that stood beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) negative: bool,
    /// `1234.56`, without leading zeros.
    pub(super) digits: String,
    pub(super) currency: Option<Currency>,
}

impl Number {
    pub(super) fn read(text: &str, decimal: Option<Decimal>) -> Result<Self, NotANumber> {
        let bare = Bare::of(text);
        let (mantissa, exponent) = scientific(bare.body).ok_or(NotANumber::Letters)?;
        let decimal = match (decimal, shape(mantissa).ok_or(NotANumber::Letters)?) {
            // One digit stands before the separator: no thousand is written so.
            _ if exponent.is_some() && mantissa.contains(',') => Decimal::Comma,
            _ if exponent.is_some() => Decimal::Point,
            (Some(decimal), _) => decimal,
            (None, Mark::Shows(decimal)) => decimal,
            (None, Mark::Nothing) => Decimal::Point,
            (None, Mark::Either) => return Err(NotANumber::Either),
        };
        let (whole, decimals) = parts(mantissa, decimal).ok_or(NotANumber::OtherConvention)?;
        let digits = match exponent {
            None => plain(&whole, decimals),
            Some(exponent) => shifted(&whole, decimals, exponent)?,
        };
        Ok(Self { negative: bare.negative, digits, currency: bare.currency })
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.bytes().all(|byte| matches!(byte, b'0' | b'.'))
    }
}

/// What a cell shows of the convention of its column.
pub(super) fn mark(text: &str) -> Mark {
    match scientific(Bare::of(text).body) {
        Some((mantissa, None)) => shape(mantissa).unwrap_or(Mark::Nothing),
        Some((mantissa, Some(_))) => match shape(mantissa) {
            Some(Mark::Either) => Mark::Nothing,
            Some(mark) => mark,
            None => Mark::Nothing,
        },
        None => Mark::Nothing,
    }
}

/// A cell without sign and currency.
struct Bare<'a> {
    body: &'a str,
    negative: bool,
    currency: Option<Currency>,
}

impl<'a> Bare<'a> {
    fn of(text: &'a str) -> Self {
        let mut bare = Self { body: text.trim(), negative: false, currency: None };
        if let Some(inner) = bare.body.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            (bare.body, bare.negative) = (inner.trim(), true);
        }
        // A sign, a currency, and what stands before the one that is in front.
        let mut most = 3;
        while most > 0 && bare.strip() {
            most -= 1;
        }
        bare
    }

    /// Takes a sign or a currency from either end; whether there was one.
    fn strip(&mut self) -> bool {
        const MINUS: [char; 3] = ['-', '\u{2212}', '\u{2013}'];
        let body = self.body;
        let unsigned = body.strip_prefix(MINUS).or_else(|| body.strip_suffix(MINUS));
        // The rupiah's IDR ends so, too.
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

/// Takes a currency's sign or code from either end. The dollar's sign is that of many currencies.
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

/// The number before an exponent, and the exponent. None where it cannot be one.
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

/// What digits and separators show; None where there is anything else, or no digit.
fn shape(body: &str) -> Option<Mark> {
    let known =
        |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',') || is_blank(letter);
    if !body.chars().all(known) || !body.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = |letter: char| body.matches(letter).count();
    let shown = |letter: char| if letter == '.' { Decimal::Point } else { Decimal::Comma };
    let last = body.rfind(['.', ',']);
    let Some(at) = last else { return Some(Mark::Nothing) };
    let letter = if body.as_bytes()[at] == b'.' { '.' } else { ',' };
    let (before, after) = (&body[..at], &body[at + 1..]);
    Some(match (count('.'), count(',')) {
        // The last of the two parts the decimals.
        (1.., 1..) if count(letter) == 1 => Mark::Shows(shown(letter)),
        (1.., 1..) => return None,
        // One that comes twice parts thousands.
        (2.., _) => Mark::Shows(Decimal::Comma),
        (_, 2..) => Mark::Shows(Decimal::Point),
        _ => {
            let thousand = (1..=3).contains(&before.len())
                && !before.starts_with('0')
                && after.len() == 3
                && before.bytes().chain(after.bytes()).all(|byte| byte.is_ascii_digit());
            if thousand { Mark::Either } else { Mark::Shows(shown(letter)) }
        }
    })
}

/// Digits before and after the decimals' separator; None where the groups of thousands are none.
fn parts(body: &str, decimal: Decimal) -> Option<(String, &str)> {
    let (whole, decimals) = body.split_once(decimal.letter()).unwrap_or((body, ""));
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let separator = |letter: char| letter == decimal.other().letter() || is_blank(letter);
    let groups: Vec<&str> = whole.split(separator).collect();
    let digits = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
    // India's lakhs are groups of two, its thousands of three.
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

/// Moves the point. A spreadsheet that writes an amount so keeps five decimals: where the number
/// had more digits than those, they are gone.
fn shifted(whole: &str, decimals: &str, exponent: i32) -> Result<String, NotANumber> {
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
        return Err(NotANumber::CutShort);
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
    fn numbers_are_read_as_they_are_written() {
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
    fn signs_and_currencies_stand_on_either_side() {
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
    fn scientific_notation_is_read_where_no_digit_is_lost() {
        check("4.367E+02", Some(Point), "436.7");
        check("1,5E+05", Some(Comma), "150000");
        check("1.5e5", Some(Comma), "150000");
        check("3E-06", Some(Point), "0.000003");
        check("1.234567E+6", None, "1234567");
        assert_eq!(Number::read("1.23457E+11", None), Err(NotANumber::CutShort));
    }

    #[test]
    fn what_is_no_number_says_why() {
        let check = |text: &str, decimal, expect| {
            assert_eq!(Number::read(text, decimal), Err(expect), "{text}");
        };
        for text in ["", "abc", "NaN", "--", "1_000", "0x1", "1.2.3,4,5", "12a", "e5", "1e99"] {
            check(text, Some(Point), NotANumber::Letters);
        }
        check("1.234,56", Some(Point), NotANumber::OtherConvention);
        check("12,34", Some(Point), NotANumber::OtherConvention);
        check("1234,567.8", Some(Point), NotANumber::OtherConvention);
        check("1,234", None, NotANumber::Either);
        check("1.234", None, NotANumber::Either);
    }

    #[test]
    fn a_cell_shows_its_convention_or_that_it_could_be_either() {
        for (text, expect) in [
            ("1.234,56", Mark::Shows(Comma)),
            ("1,234.56", Mark::Shows(Point)),
            ("1.234.567", Mark::Shows(Comma)),
            ("1,234,567", Mark::Shows(Point)),
            ("12,5", Mark::Shows(Comma)),
            ("1234.567", Mark::Shows(Point)),
            ("0.123", Mark::Shows(Point)),
            ("1'234.567", Mark::Shows(Point)),
            ("1 234,567", Mark::Shows(Comma)),
            ("1.234", Mark::Either),
            ("-12,345 €", Mark::Either),
            ("1234", Mark::Nothing),
            ("1 234", Mark::Nothing),
            ("1.234E+05", Mark::Nothing),
            ("4.5E+05", Mark::Shows(Point)),
            ("(null)", Mark::Nothing),
            ("", Mark::Nothing),
        ] {
            assert_eq!(mark(text), expect, "{text}");
        }
    }
}
