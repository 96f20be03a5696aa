//! Accounts, places and payments, with the marginal distributions published for SAML-D.

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

use super::draw::Draw;

/// A place and its currency, as SAML-D spells them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    name: &'static str,
    currency: &'static str,
}

const fn place(name: &'static str, currency: &'static str) -> Place {
    Place { name, currency }
}

/// The first is home; the others occur about equally often.
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

/// Quantiles of normal amounts in pounds; the numbers are nearly the same in other currencies.
const NORMAL_AMOUNTS: [(f64, f64); 9] = [
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

/// How a payment is made, if its pattern says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Any,
    CashDeposit,
    CashWithdrawal,
}

/// Payments in a currency other than that of the account's place.
#[derive(Debug, Clone, Copy)]
enum Exchange {
    /// Another currency is paid, and the home currency arrives.
    Paid(Place),
    Received(Place),
    /// Sent abroad without conversion.
    Unconverted,
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
    exchange: Option<Exchange>,
}

pub(super) struct World {
    pub(super) draw: Draw,
    pub(super) days: f64,
    /// The target number of payments.
    pub(super) rows: u64,
    pub(super) payments: Vec<Payment>,
    /// Each account's number and place.
    pub(super) accounts: Vec<(u64, u8)>,
    at_home: Vec<Account>,
    abroad: Vec<Account>,
}

/// Accounts per payment in SAML-D: 855,460 of 9,504,852.
const ACCOUNTS_PER_PAYMENT: f64 = 0.09;
/// The share of cash among normal payments, and the share of lowest amounts it is drawn from.
const CASH: f64 = 0.0557;
const CASH_BELOW: f64 = 0.15;
/// Amounts above this share of the distribution are paid only once.
const SINGLE_ABOVE: f64 = 0.998;

impl World {
    pub(super) fn new(seed: u64, days: u16, rows: u64) -> Self {
        Self {
            draw: Draw::new(seed),
            days: f64::from(days),
            rows,
            payments: Vec::new(),
            accounts: Vec::new(),
            at_home: Vec::new(),
            abroad: Vec::new(),
        }
    }

    /// A share of the target rows.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of rows, within memory"
    )]
    pub(super) fn rows_of(&self, share: f64) -> usize {
        (self.rows as f64 * share).round() as usize
    }

    /// A new account; abroad with this probability.
    pub(super) fn new_account(&mut self, abroad: f64) -> Account {
        let abroad = self.draw.chance(abroad);
        let place = if abroad { self.draw.whole(1, 17) } else { 0 };
        // Ten digits; the factor is coprime to the modulus, so no number repeats.
        let number = 1_000_000_000 + self.accounts.len() as u64 * 7_368_787_649 % 9_000_000_000;
        let account = u32::try_from(self.accounts.len()).unwrap_or(u32::MAX);
        self.accounts.push((number, u8::try_from(place).unwrap_or_default()));
        if abroad { &mut self.abroad } else { &mut self.at_home }.push(account);
        account
    }

    /// An account at home or, with this probability, abroad. Now and then it is new, until there are
    /// as many accounts as the data set would have.
    pub(super) fn somebody(&mut self, abroad: f64) -> Account {
        let wanted = self.rows_of(ACCOUNTS_PER_PAYMENT);
        if self.accounts.len() < wanted.max(20) && self.draw.chance(0.6) {
            return self.new_account(abroad);
        }
        self.anybody(abroad)
    }

    /// One of the existing accounts.
    pub(super) fn anybody(&mut self, abroad: f64) -> Account {
        let far = self.draw.chance(abroad);
        let accounts = if far { &self.abroad } else { &self.at_home };
        if accounts.is_empty() {
            return self.new_account(f64::from(u8::from(far)));
        }
        accounts[self.draw.index(accounts.len())]
    }

    /// An account other than these.
    pub(super) fn somebody_but(&mut self, others: &[Account], abroad: f64) -> Account {
        for _ in 0..8 {
            let account = self.somebody(abroad);
            if !others.contains(&account) {
                return account;
            }
        }
        self.new_account(abroad)
    }

    /// Maps a time to the hours when people pay, by the share of the day's payments made by then.
    /// The order of times is kept.
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a simulation are few")]
    pub(super) fn daytime(&self, clock: f64) -> i64 {
        let clock = clock.clamp(0.0, self.days * 86_400.0 - 1.0);
        let day = (clock / 86_400.0).floor();
        let mut rest = (clock / 86_400.0 - day) * HOURS.iter().sum::<f64>();
        let mut time = day * 86_400.0;
        for payments in HOURS {
            time += 3_600.0 * (rest / payments).clamp(0.0, 1.0);
            rest -= payments;
        }
        time as i64
    }

    /// A moment of a day, at an hour when people pay; the fraction of `day` is ignored.
    pub(super) fn moment(&mut self, day: f64) -> i64 {
        let day = day.clamp(0.0, self.days - 1.0).floor();
        let clock = (day + self.draw.unit()) * 86_400.0;
        self.daytime(clock)
    }

    /// The usual size of an everyday payment. Cash takes from the lowest amounts, so that all
    /// payments together have the published distribution.
    pub(super) fn everyday_amount(&mut self, means: Means) -> f64 {
        if means != Means::Any {
            return self.draw.quantile(&NORMAL_AMOUNTS, 0.0, CASH_BELOW);
        }
        let low = (CASH_BELOW - CASH) / (1.0 - CASH);
        if self.draw.chance(low) {
            return self.draw.quantile(&NORMAL_AMOUNTS, 0.0, CASH_BELOW);
        }
        self.draw.quantile(&NORMAL_AMOUNTS, CASH_BELOW, SINGLE_ABOVE)
    }

    /// An amount that is paid only once.
    pub(super) fn large_amount(&mut self) -> f64 {
        self.draw.quantile(&NORMAL_AMOUNTS, SINGLE_ABOVE, 1.0)
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
        let exchange = self.exchange(abroad, suspicious);
        let amount = amount.clamp(3.0, 13_000_000.0);
        self.payments.push(Payment {
            at,
            sender,
            receiver,
            amount,
            means,
            typology,
            suspicious,
            exchange,
        });
    }

    /// In SAML-D 155,692 of 8,570,504 payments within a place are converted to another currency, and
    /// 651 of 6,828 suspicious ones; of 934,348 payments between places 4,178 are not converted.
    fn exchange(&mut self, abroad: bool, suspicious: bool) -> Option<Exchange> {
        if abroad {
            return self
                .draw
                .chance(if suspicious { 0.0128 } else { 0.0044 })
                .then_some(Exchange::Unconverted);
        }
        self.draw.chance(if suspicious { 0.095 } else { 0.018 }).then(|| {
            let place = PLACES[self.draw.index(17) + 1];
            if self.draw.chance(0.55) { Exchange::Paid(place) } else { Exchange::Received(place) }
        })
    }

    /// One line of CSV.
    pub(super) fn row(&self, payment: &Payment) -> String {
        let (sender, from) = self.accounts[payment.sender as usize];
        let (receiver, to) = self.accounts[payment.receiver as usize];
        let (from, to) = (PLACES[usize::from(from)], PLACES[usize::from(to)]);
        let (paid, received) = match payment.exchange {
            Some(Exchange::Paid(other)) => (other.currency, to.currency),
            Some(Exchange::Received(other)) => (from.currency, other.currency),
            Some(Exchange::Unconverted) => (from.currency, from.currency),
            None => (from.currency, to.currency),
        };
        let at = start() + SignedDuration::from_secs(payment.at);
        format!(
            "{},{},{sender},{receiver},{:.2},{paid},{received},{},{},{},{},{}{}",
            at.strftime("%H:%M:%S"),
            at.strftime("%Y-%m-%d"),
            payment.amount,
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
