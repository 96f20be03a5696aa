//! Formats amounts: in the payment's own currency, with the base currency in parentheses.

use crate::case::notes::Note;
use crate::case::payment_details::PaymentDetails;
use crate::reference::BASE_CURRENCY;

/// Formats amounts in the payment's own currency, with the base currency in parentheses where it is
/// a different one.
#[derive(Debug, Clone, Copy)]
pub struct MoneyFormatter<'a>(&'a PaymentDetails);

impl<'a> MoneyFormatter<'a> {
    pub fn of(details: &'a PaymentDetails) -> Self {
        Self(details)
    }

    /// Returns the units of the payment's currency for one unit of the base currency; `None` if
    /// they are the same or there is no rate. Computed only when a sentence is written, because
    /// most payments need none.
    fn rate(&self) -> Option<f64> {
        let differs = self.currency() != BASE_CURRENCY && self.0.base_amount > 0.0;
        differs.then(|| self.0.amount.units() / self.0.base_amount)
    }

    fn currency(&self) -> &'static str {
        self.0.amount.currency().code()
    }

    /// Returns the payment's amount in the base currency.
    pub(crate) fn base(&self) -> f64 {
        self.0.base_amount
    }

    /// Whether the payment has an amount in the base currency.
    pub(crate) fn is_rated(&self) -> bool {
        !self.0.notes.contains(Note::CurrencyWithoutRate)
    }

    /// Whether counts and sums over windows include later payments or lack earlier ones.
    pub(crate) fn is_approximate(&self) -> bool {
        self.0.late.is_some_and(|late| late.approximate)
    }

    /// Formats the payment's own amount.
    pub fn of_payment(&self) -> String {
        let own = format!("{} {}", grouped_text(&self.0.amount.to_string()), self.currency());
        match self.rate() {
            Some(_) => format!("{own} ({})", base(self.base())),
            None => own,
        }
    }

    /// Formats a sum over payments, given in the base currency. In the payment's own currency it is
    /// not exact, because the account may have used others too.
    pub fn of_sum(&self, sum: f64) -> String {
        let is_all_known = sum < EXACT && !self.is_approximate();
        match self.rate() {
            _ if sum < 0.0 => "an unknown sum".to_owned(),
            _ if sum < 0.005 => "nothing".to_owned(),
            Some(rate) => {
                format!("about {} {} ({})", roughly(sum * rate), self.currency(), base(sum))
            }
            None if is_all_known => base_exact(sum),
            None => format!("about {}", base(sum)),
        }
    }

    /// Formats the sum of `count` payments as a clause: ", 5,000 USD together". It is empty if the
    /// payment's currency has no rate, because the account's sums then say little.
    pub(crate) fn together(&self, count: f64, sum: f64) -> String {
        match (self.is_rated(), count > 1.0) {
            (false, _) => String::new(),
            (true, true) => format!(", {} together", self.of_sum(sum)),
            (true, false) => format!(", {}", self.of_sum(sum)),
        }
    }
}

/// Sums are kept in single precision, which is exact to whole units below this.
const EXACT: f64 = 16_777_216.0;
/// Below this, single precision is exact to cents.
const CENTS: f64 = 100_000.0;

fn base(amount: f64) -> String {
    match amount < 0.005 {
        true => format!("less than 0.01 {BASE_CURRENCY}"),
        false => format!("{} {BASE_CURRENCY}", rounded(amount)),
    }
}

fn base_exact(sum: f64) -> String {
    match sum < CENTS {
        true => format!("{} {BASE_CURRENCY}", grouped_text(&format!("{sum:.2}"))),
        false => base(sum),
    }
}

/// Formats whole units with thousands separators, at most to seven significant digits if they
/// exceed [`EXACT`]; below 100, with two decimals.
fn rounded(amount: f64) -> String {
    match amount {
        small if small < 100.0 => grouped_text(&format!("{small:.2}")),
        large if large >= EXACT => to_digits(large, 7),
        _ => grouped_text(&format!("{amount:.0}")),
    }
}

/// Formats an amount to five significant digits, to which a converted sum is still right.
fn roughly(amount: f64) -> String {
    if amount < 100.0 { rounded(amount) } else { to_digits(amount, 5) }
}

/// Rounds to this many significant digits, but not below whole units.
fn to_digits(amount: f64, digits: i32) -> String {
    let whole = f64::from(1 - digits) + libm::floor(libm::log10(amount.max(1.0)));
    let step = libm::exp10(whole.max(0.0));
    grouped_text(&format!("{:.0}", libm::round(amount / step) * step))
}

/// Adds thousands separators to a decimal and drops a fraction that is zero.
pub(crate) fn grouped_text(decimal: &str) -> String {
    let (whole, cents) = decimal.split_once('.').unwrap_or((decimal, ""));
    let mut text = String::with_capacity(decimal.len() + 6);
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    if cents.bytes().any(|digit| digit != b'0') {
        text.push('.');
        text.push_str(cents);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::side::Side;
    use crate::state::late::Lateness;

    fn payment(amount: &str, currency: &str, base_amount: f64) -> PaymentDetails {
        PaymentDetails { base_amount, ..PaymentDetails::example(amount, currency) }
    }

    #[track_caller]
    fn check(details: &PaymentDetails, sum: f64, payment: &str, expect: &str) {
        let money = MoneyFormatter::of(details);
        assert_eq!((money.of_payment().as_str(), money.of_sum(sum).as_str()), (payment, expect));
    }

    #[test]
    fn a_sum_says_about_where_it_is_not_exact() {
        let dollars = payment("9600.00", "USD", 9_600.0);
        check(&dollars, 19_200.5, "9,600 USD", "19,200.50 USD");
        check(&dollars, 0.0, "9,600 USD", "nothing");
        check(&dollars, 0.3, "9,600 USD", "0.30 USD");
        check(&dollars, 12_345_678_901.0, "9,600 USD", "about 12,345,680,000 USD");
        let late = Lateness { account: Side::Sender, by_seconds: 7_200, approximate: true };
        let late = PaymentDetails { late: Some(late), ..dollars };
        check(&late, 19_200.5, "9,600 USD", "about 19,200 USD");
    }

    #[test]
    fn the_payments_own_currency_comes_first() {
        let pesos = payment("7900000", "CLP", 8_163.386);
        check(&pesos, 10_746.74, "7,900,000 CLP (8,163 USD)", "about 10,400,000 CLP (10,747 USD)");
        let yen = payment("1", "JPY", 0.0064);
        check(&yen, 0.01, "1 JPY (0.01 USD)", "about 1.56 JPY (0.01 USD)");
        let units = payment("210.0000", "CLF", 0.0);
        check(&units, 500.0, "210 CLF", "500 USD");
    }
}
