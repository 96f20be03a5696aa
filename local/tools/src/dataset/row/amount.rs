//! The amount of a row: the number in its cell, its sign or direction, and the resulting money.

use sentinel::payment::money::{Currency, InvalidAmount, Money};

use super::super::Fault;
use super::super::column_map::Field;
use super::super::number::Number;
use super::Cells;

impl Cells<'_, '_> {
    /// The amount, and whether a statement's own account paid it.
    pub(super) fn amount(&self, currency: Currency) -> Result<(Money, bool), Fault> {
        if self.plan.source(Field::Amount).is_none() {
            return self.debit_or_credit(currency);
        }
        let required = || Fault::Empty { column: self.name(Field::Amount) };
        let number = self.number(Field::Amount, currency)?.ok_or_else(required)?;
        let money = self.money(Field::Amount, &number, currency)?;
        let negative = number.negative && !self.plan.sign_is_ignored;
        if self.plan.source(Field::Direction).is_some() {
            let unknown = "is neither debit nor credit";
            let is_debit = self.known(Field::Direction, |text| direction(text).ok_or(unknown))?;
            if negative && !is_debit {
                let problem = "is negative although the direction is credit";
                return Err(self.invalid(Field::Amount, problem));
            }
            return Ok((money, is_debit));
        }
        if negative && !self.plan.is_statement {
            let problem =
                "is negative: only a statement's sign shows who pays (see sentinel columns)";
            return Err(self.invalid(Field::Amount, problem));
        }
        Ok((money, negative))
    }

    /// Reads separate columns for debit and credit, one of which holds an amount.
    fn debit_or_credit(&self, currency: Currency) -> Result<(Money, bool), Fault> {
        let of = |field| -> Result<Option<Number>, Fault> {
            Ok(self.number(field, currency)?.filter(|number| !number.is_zero()))
        };
        match (of(Field::Debit)?, of(Field::Credit)?) {
            // A debit with a minus is still a debit.
            (Some(debit), None) => Ok((self.money(Field::Debit, &debit, currency)?, true)),
            (None, Some(credit)) if credit.negative && !self.plan.sign_is_ignored => {
                Err(self.invalid(Field::Credit, "is negative"))
            }
            (None, Some(credit)) => Ok((self.money(Field::Credit, &credit, currency)?, false)),
            (Some(_), Some(_)) => {
                Err(self.invalid(Field::Debit, "and its credit both hold an amount"))
            }
            (None, None) => Err(Fault::Empty { column: self.name(Field::Debit) }),
        }
    }

    fn number(&self, field: Field, currency: Currency) -> Result<Option<Number>, Fault> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let number = Number::read(&text, self.plan.decimal(field))
            .map_err(|problem| self.invalid(field, problem))?;
        match number.currency {
            Some(own) if own != currency => {
                Err(self.invalid(field, "is not in the currency of the row"))
            }
            _ => Ok(Some(number)),
        }
    }

    /// Rounds surplus decimals; an amount that would become zero is a fault.
    fn money(&self, field: Field, number: &Number, currency: Currency) -> Result<Money, Fault> {
        let rounded = round_half_even(&number.digits, currency.minor_digits() as usize);
        let digits = rounded.as_deref().unwrap_or(&number.digits);
        Money::parse(digits, currency).map_err(|problem| match problem {
            InvalidAmount::NotPositive if !number.is_zero() => {
                self.invalid(field, "is less than the smallest unit of its currency")
            }
            problem => self.invalid(field, problem),
        })
    }
}

/// Whether a word means debit (the statement's account paid) or credit.
fn direction(text: &str) -> Option<bool> {
    const DEBITS: [&str; 15] = [
        "d",
        "dr",
        "dbit",
        "debit",
        "debet",
        "s",
        "soll",
        "af",
        "-",
        "out",
        "débit",
        "cargo",
        "debe",
        "lastschrift",
        "outgoing",
    ];
    const CREDITS: [&str; 15] = [
        "c",
        "cr",
        "crdt",
        "credit",
        "k",
        "h",
        "haben",
        "bij",
        "+",
        "in",
        "crédit",
        "abono",
        "haber",
        "gutschrift",
        "incoming",
    ];
    let word = text.to_lowercase();
    let is = |words: &[&str]| words.contains(&word.as_str());
    match (is(&DEBITS), is(&CREDITS)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Decimal text rounded half to even to `digits` decimals. `None` if the text is not a plain decimal, or
/// has no surplus decimals.
fn round_half_even(text: &str, digits: usize) -> Option<String> {
    let (whole, decimals) = text.split_once('.')?;
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // A u128 holds 38 digits, more than any amount has.
    if !plain(whole) || !plain(decimals) || decimals.len() <= digits || whole.len() > 30 {
        return None;
    }
    let (kept, rest) = decimals.split_at(digits);
    let mut minor: u128 = format!("{whole}{kept}").parse().ok()?;
    let beyond_half = rest[1..].bytes().any(|b| b != b'0');
    let up = match rest.as_bytes()[0] {
        b'5' => beyond_half || minor % 2 == 1,
        digit => digit > b'5',
    };
    minor += u128::from(up);
    if digits == 0 {
        return Some(minor.to_string());
    }
    let padded = format!("{minor:0width$}", width = digits + 1);
    let (whole, kept) = padded.split_at(padded.len() - digits);
    Some(format!("{whole}.{kept}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surplus_decimals_round_half_to_even() {
        for (text, digits, expect) in [
            ("8822.50", 0, Some("8822")),
            ("8823.5", 0, Some("8824")),
            ("8822.51", 0, Some("8823")),
            ("0.4", 0, Some("0")),
            ("999.9", 0, Some("1000")),
            ("436.70000000000005", 2, Some("436.70")),
            ("0.005", 2, Some("0.00")),
            ("0.015", 2, Some("0.02")),
            ("99.999", 2, Some("100.00")),
            ("12.34", 2, None),
            ("12", 2, None),
            ("1e3", 2, None),
            ("-1.234", 2, None),
        ] {
            assert_eq!(round_half_even(text, digits).as_deref(), expect, "{text} {digits}");
        }
    }
}
