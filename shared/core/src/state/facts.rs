//! What a transaction says about itself, without any history: its amount in the base currency and
//! the yes-or-no observations that profiles count and rules read.

use crate::payment::account_id::AccountId;
use crate::payment::transaction::{Country, Kind, PartyId, PaymentType, Segment, Transaction};
use crate::reference::{CountryList, Reference};

/// The observations of one transaction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Seconds since the Unix epoch.
    pub at: f64,
    pub sender: AccountId,
    pub receiver: AccountId,
    /// The sender's party, where the client names it: one party may use several accounts.
    pub party: Option<AccountId>,
    pub sender_segment: Option<Segment>,
    pub receiver_segment: Option<Segment>,
    pub kind: Kind,
    /// Countries of the two banks.
    pub sender_country: Country,
    pub receiver_country: Country,
    /// The amount in the base currency; 0 if the payment's currency has no rate.
    pub amount: f64,
    /// Whether the currency has a rate; without one, nothing is known about the amount.
    pub rated: bool,
    /// Natural logarithm of 1 + amount.
    pub log_amount: f64,
    /// First digit of the amount in its own currency, 1 to 9.
    pub leading_digit: u8,
    /// Whether the amount is just below a reporting threshold.
    pub near_threshold: bool,
    /// Whether the amount is a multiple of 500 units of its currency.
    pub round: bool,
    pub cross_border: bool,
    pub currency_change: bool,
    pub cash: bool,
    /// Whether either bank is in a country on the FATF's call for action.
    pub high_risk_country: bool,
    /// Whether either bank is in a country under the FATF's increased monitoring.
    pub monitored_country: bool,
    /// Whether the receiver's bank is in a listed tax haven.
    pub offshore: bool,
    /// Fingerprint of the purpose's letters, without digits; 0 if it has none.
    pub purpose: u16,
    pub payment_type: PaymentType,
}

impl Facts {
    pub fn of(tx: &Transaction, reference: &Reference) -> Self {
        let base_amount = reference.rates.to_base(tx.amount);
        let amount = base_amount.unwrap_or_default();
        let either = |list: &CountryList| {
            [&tx.sender, &tx.receiver].iter().any(|p| list.holds(p.bank_country))
        };
        let round_step = 500 * 10_u64.pow(tx.amount.currency().minor_digits());
        Self {
            at: tx.timestamp.seconds(),
            sender: AccountId::of(tx.sender.identity().as_str()),
            receiver: AccountId::of(tx.receiver.identity().as_str()),
            party: tx.sender.party_id.as_ref().map(party),
            sender_segment: tx.sender.segment,
            receiver_segment: tx.receiver.segment,
            kind: tx.kind,
            sender_country: tx.sender.bank_country,
            receiver_country: tx.receiver.bank_country,
            amount,
            rated: base_amount.is_some(),
            log_amount: libm::log1p(amount),
            leading_digit: leading_digit(tx.amount.minor()),
            near_threshold: reference.is_near_threshold(tx.amount, base_amount),
            round: tx.amount.minor().is_multiple_of(round_step),
            cross_border: tx.is_cross_border(),
            currency_change: tx.changes_currency(),
            cash: tx.payment_type.is_cash(),
            high_risk_country: either(&reference.high_risk_countries),
            monitored_country: either(&reference.monitored_countries),
            offshore: reference.offshore_countries.holds(tx.receiver.bank_country),
            purpose: tx.purpose.as_ref().map_or(0, |purpose| fingerprint(&purpose.text)),
            payment_type: tx.payment_type,
        }
    }

    /// Returns whether it is a payment by card or in cash. Their amounts differ from those of
    /// transfers, so they have a separate baseline.
    pub fn is_everyday(&self) -> bool {
        use PaymentType::{CreditCard, DebitCard};
        self.cash || matches!(self.payment_type, CreditCard | DebitCard)
    }

    /// Returns the amount as registers keep it, in the base currency.
    #[expect(clippy::cast_possible_truncation, reason = "registers keep seven digits")]
    pub fn amount_f32(&self) -> f32 {
        self.amount as f32
    }
}

/// Returns the id under which the table keeps a party. No account's identity begins with a
/// lower-case word, so a party never collides with an account.
fn party(id: &PartyId) -> AccountId {
    AccountId::of(&format!("party {}", id.as_str()))
}

#[expect(clippy::cast_possible_truncation, reason = "a digit")]
fn leading_digit(mut minor: u64) -> u8 {
    while minor >= 10 {
        minor /= 10;
    }
    minor as u8
}

/// Returns sixteen bits of the hash of a text's letters, or 0 if it has none: enough to recognise
/// the same purpose again, too few to reconstruct it.
fn fingerprint(text: &str) -> u16 {
    let letters = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase);
    let letters: String = letters.collect();
    if letters.is_empty() {
        return 0;
    }
    let hash = AccountId::of(&letters).0.to_be_bytes();
    u16::from_be_bytes([hash[0], hash[1]]).max(1)
}

#[cfg(test)]
impl Facts {
    /// An ordinary transfer between two accounts, for tests.
    pub(crate) fn between(sender: &str, receiver: &str, at: f64, amount: f64) -> Self {
        Self {
            at,
            sender: AccountId::of(sender),
            receiver: AccountId::of(receiver),
            party: None,
            sender_segment: None,
            receiver_segment: None,
            kind: Kind::Payment,
            sender_country: Country::parse("GB").unwrap(),
            receiver_country: Country::parse("GB").unwrap(),
            amount,
            rated: true,
            log_amount: libm::log1p(amount),
            leading_digit: 1,
            near_threshold: false,
            round: false,
            cross_border: false,
            currency_change: false,
            cash: false,
            high_risk_country: false,
            monitored_country: false,
            offshore: false,
            purpose: 0,
            payment_type: PaymentType::Transfer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::VersionedSet as _;

    fn facts(amount: &str, currency: &str) -> Facts {
        let tx = serde_json::json!({
            "msg_id": "m-1", "timestamp": "2026-03-02T13:10:00-03:00",
            "sender": {"account": "A", "bank_country": "CL"},
            "receiver": {"account": "B", "bank_country": "CL"},
            "amount": amount, "currency": currency, "payment_type": "debit_card",
        });
        Facts::of(&serde_json::from_value(tx).unwrap(), &Reference::embedded().unwrap())
    }

    #[track_caller]
    fn check(amount: &str, currency: &str, near: bool) {
        assert_eq!(facts(amount, currency).near_threshold, near, "{amount} {currency}");
    }

    #[test]
    fn a_threshold_is_that_of_the_currency_or_else_that_of_the_base() {
        check("9500.00", "USD", true);
        check("54000.00", "AED", true);
        check("9500.00", "AED", false);
        check("9500", "CLP", false);
        check("9500.00", "KES", false);
        check("9200000", "CLP", true);
        check("9500.000", "OMR", false);
    }

    #[test]
    fn without_a_rate_nothing_is_said_of_the_amount() {
        let facts = facts("9500.0000", "CLF");
        let said = (facts.rated, facts.amount, facts.log_amount, facts.near_threshold);
        assert_eq!(said, (false, 0.0, 0.0, false));
    }
}
