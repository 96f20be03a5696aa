//! Accounts, places and payments, with the marginals that SAML-D's authors and analysts published.

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

use super::draw::Draw;

/// A place with its currency, as SAML-D spells them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    name: &'static str,
    currency: &'static str,
}

const fn place(name: &'static str, currency: &'static str) -> Place {
    Place { name, currency }
}

/// The first is home to nine payments in ten.
const PLACES: [Place; 18] = [
    place("UK", "UK pounds"),
    place("Pakistan", "Pakistani rupee"),
    place("Austria", "Euro"),
    place("Morocco", "Moroccan dirham"),
    place("Japan", "Yen"),
    place("Germany", "Euro"),
    place("France", "Euro"),
    place("Mexico", "Mexican Peso"),
    place("Albania", "Albanian lek"),
    place("Nigeria", "Naira"),
    place("Spain", "Euro"),
    place("Netherlands", "Euro"),
    place("India", "Indian rupee"),
    place("USA", "US dollar"),
    place("Italy", "Euro"),
    place("UAE", "Dirham"),
    place("Switzerland", "Swiss franc"),
    place("Turkey", "Turkish lira"),
];

/// Payments by hour of the day, in thousands.
const HOURS: [f64; 24] = [
    121.6, 121.6, 121.6, 121.6, 121.6, 121.6, 121.6, 142.0, 540.0, 540.0, 540.0, 540.0, 540.0,
    540.0, 540.0, 540.0, 540.0, 540.0, 519.0, 519.0, 519.0, 519.0, 519.0, 519.0,
];

/// Quantiles of normal amounts in pounds; other currencies have nearly the same numbers.
pub(super) const NORMAL_AMOUNTS: [(f64, f64); 9] = [
    (0.0, 3.73),
    (0.01, 67.92),
    (0.25, 2_069.5),
    (0.5, 6_047.0),
    (0.75, 10_389.0),
    (0.95, 21_926.0),
    (0.99, 44_567.0),
    (0.999, 342_546.0),
    (1.0, 999_962.0),
];

/// Quantiles of suspicious amounts in pounds.
pub(super) const SUSPICIOUS_AMOUNTS: [(f64, f64); 9] = [
    (0.0, 15.82),
    (0.01, 46.46),
    (0.25, 2_448.7),
    (0.5, 5_091.0),
    (0.75, 9_671.0),
    (0.95, 38_619.0),
    (0.99, 421_175.0),
    (0.999, 7_253_864.0),
    (1.0, 12_618_498.0),
];

/// An account by number.
pub(super) type Account = u32;

/// How a payment is made, where its pattern says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Any,
    CashDeposit,
    CashWithdrawal,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Payment {
    /// Seconds since the beginning.
    pub(super) at: i64,
    pub(super) sender: Account,
    pub(super) receiver: Account,
    pub(super) amount: f64,
    pub(super) means: &'static str,
    pub(super) typology: &'static str,
    pub(super) suspicious: bool,
    /// Paid out in the home currency although the receiver's is another, or the reverse.
    converted: bool,
}

pub(super) struct World {
    pub(super) draw: Draw,
    pub(super) days: f64,
    /// The wanted number of payments.
    pub(super) rows: u64,
    pub(super) payments: Vec<Payment>,
    /// Each account's number on paper and its place.
    pub(super) accounts: Vec<(u64, u8)>,
}

/// Accounts per payment in SAML-D: 855,460 of 9,504,852.
const ACCOUNTS_PER_PAYMENT: f64 = 0.09;

impl World {
    pub(super) fn new(seed: u64, days: u16, rows: u64) -> Self {
        let draw = Draw::new(seed);
        Self { draw, days: f64::from(days), rows, payments: Vec::new(), accounts: Vec::new() }
    }

    /// A share of the wanted rows.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of rows, within memory"
    )]
    pub(super) fn rows_of(&self, share: f64) -> usize {
        (self.rows as f64 * share).round() as usize
    }

    pub(super) fn new_account(&mut self) -> Account {
        let abroad = self.draw.chance(0.075);
        let place = if abroad { self.draw.whole(1, 17) } else { 0 };
        // Ten digits; the factor shares no divisor with the modulus, so none comes twice.
        let number = 1_000_000_000 + self.accounts.len() as u64 * 7_368_787_649 % 9_000_000_000;
        self.accounts.push((number, u8::try_from(place).unwrap_or_default()));
        u32::try_from(self.accounts.len() - 1).unwrap_or(u32::MAX)
    }

    /// Somebody: now and then a new account, until there are as many as the data set would have.
    pub(super) fn somebody(&mut self) -> Account {
        let wanted = self.rows_of(ACCOUNTS_PER_PAYMENT);
        if self.accounts.len() < wanted.max(20) && self.draw.chance(0.6) {
            return self.new_account();
        }
        self.anybody()
    }

    /// One of the accounts there are.
    pub(super) fn anybody(&mut self) -> Account {
        let index = self.draw.index(self.accounts.len());
        u32::try_from(index).unwrap_or_default()
    }

    /// Somebody else than these.
    pub(super) fn somebody_but(&mut self, others: &[Account]) -> Account {
        for _ in 0..8 {
            let account = self.somebody();
            if !others.contains(&account) {
                return account;
            }
        }
        self.new_account()
    }

    /// A moment near a day (with its fraction), at an hour when people pay.
    #[expect(clippy::cast_possible_truncation, reason = "days of a simulation are few")]
    pub(super) fn moment(&mut self, day: f64) -> i64 {
        let day = day.clamp(0.0, self.days - 1.0).floor() as i64;
        let mut hours = [(0_i64, 0.0); 24];
        for (hour, slot) in hours.iter_mut().enumerate() {
            *slot = (hour as i64, HOURS[hour]);
        }
        let hour = self.draw.weighted(&hours);
        day * 86_400 + hour * 3_600 + i64::from(self.draw.whole(0, 3_599))
    }

    pub(super) fn pay(
        &mut self,
        (sender, receiver): (Account, Account),
        at: i64,
        amount: f64,
        means: Means,
        (typology, suspicious): (&'static str, bool),
    ) {
        let abroad = self.accounts[sender as usize].1 != self.accounts[receiver as usize].1;
        let means = match means {
            Means::CashDeposit => "Cash Deposit",
            Means::CashWithdrawal => "Cash Withdrawal",
            Means::Any if abroad => "Cross-border",
            Means::Any => ["Credit card", "Debit card", "Cheque", "ACH"][self.draw.index(4)],
        };
        let converted = self.draw.chance(0.018);
        let amount = amount.clamp(3.0, 13_000_000.0);
        self.payments.push(Payment {
            at,
            sender,
            receiver,
            amount,
            means,
            typology,
            suspicious,
            converted,
        });
    }

    /// One line of CSV.
    pub(super) fn row(&self, payment: &Payment) -> String {
        let (sender, from) = self.accounts[payment.sender as usize];
        let (receiver, to) = self.accounts[payment.receiver as usize];
        let (from, to) = (PLACES[usize::from(from)], PLACES[usize::from(to)]);
        let received = match payment.converted {
            true if from.currency == "UK pounds" => "Euro",
            true => "UK pounds",
            false => to.currency,
        };
        let at = start() + SignedDuration::from_secs(payment.at);
        format!(
            "{},{},{sender},{receiver},{:.2},{},{received},{},{},{},{},{}{}",
            at.strftime("%H:%M:%S"),
            at.strftime("%Y-%m-%d"),
            payment.amount,
            from.currency,
            from.name,
            to.name,
            payment.means,
            u8::from(payment.suspicious),
            if payment.suspicious { "" } else { "Normal_" },
            payment.typology,
        )
    }
}

/// SAML-D's first day.
fn start() -> DateTime {
    date(2022, 10, 7).at(0, 0, 0, 0)
}
