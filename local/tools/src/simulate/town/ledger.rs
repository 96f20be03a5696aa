//! A town in the making: its country, habits and calendar, its accounts, and the payments so far.
//! Everything goes through it: opening accounts, pricing amounts, choosing hours and making payments.

use std::collections::HashSet;

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan as _, civil};
use sentinel::payment::transaction::PaymentType::{
    self, Ach, Cheque, CrossBorder, Instant, Transfer,
};

use super::super::draw::Draw;
use super::account::{self, Account, Id, Segment};
use super::country::{ABROAD, COUNTRIES, Country};
use super::payment::{Payment, digits};
use super::references;
use super::words::{Word, names, word};

/// A day of the town, counted from 0.
pub(super) type Day = i64;

pub(super) const DAY: i64 = 86_400;

/// How the people of this town handle money: each town has its own mixture.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    /// Purchases per person and day.
    pub(super) purchases: f64,
    /// The share of purchases paid in cash, which no bank sees.
    pub(super) cash: f64,
    /// The share of card payments made by credit card.
    pub(super) credit: f64,
    /// The share of electronic purchases paid by instant payment from account to account.
    pub(super) instant: f64,
    /// The share of invoices between companies paid by cheque.
    pub(super) cheques: f64,
    /// The share of payments with an optional purpose that have one.
    pub(super) purposes: f64,
    /// The share of parties that are sent with their name.
    pub(super) names: f64,
    /// The day of the month when wages are paid, and the share of employers that pay weekly.
    pub(super) payday: i8,
    pub(super) weekly_wages: f64,
    /// Opening hours of shops, and whether they open on Sundays.
    pub(super) opens: f64,
    pub(super) closes: f64,
    pub(super) sunday: bool,
    /// How much more is bought on a Saturday.
    pub(super) saturday: f64,
    /// The month of the thirteenth salary.
    pub(super) bonus_month: i8,
    /// Prices relative to the country's usual ones.
    pub(super) prices: f64,
    /// The share of accounts that are at the monitoring bank.
    pub(super) share_observed: f64,
}

impl Habits {
    fn of(draw: &mut Draw, country: &str) -> Self {
        // Few countries still use cheques.
        let most = if matches!(country, "US" | "FR" | "IN" | "AE" | "KE") { 0.3 } else { 0.0 };
        Self {
            cheques: draw.between(0.0, most),
            purchases: draw.between(0.4, 0.8),
            cash: draw.between(0.08, 0.45),
            credit: draw.between(0.05, 0.5),
            instant: draw.between(0.03, 0.3),
            purposes: draw.between(0.35, 0.8),
            names: draw.between(0.2, 0.8),
            payday: i8::try_from(draw.whole(1, 30)).unwrap_or(25),
            weekly_wages: draw.between(0.0, 0.4),
            opens: draw.between(7.0, 10.0),
            closes: draw.between(18.0, 22.0),
            sunday: draw.chance(0.5),
            saturday: draw.between(1.0, 1.8),
            bonus_month: i8::try_from(draw.whole(1, 12)).unwrap_or(12),
            prices: draw.between(0.8, 1.25),
            share_observed: draw.between(0.4, 0.6),
        }
    }
}

/// The part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hours {
    /// Batches of orders from banks and employers.
    Batch,
    Office,
    Shop,
    Evening,
    /// Any hour when people are awake.
    Awake,
}

/// An amount in the smallest units of its currency.
#[expect(clippy::cast_possible_truncation, reason = "below the contract's 10^15")]
fn minor(amount: f64, currency: &str) -> i64 {
    let scale = 10_f64.powi(digits(currency).cast_signed());
    ((amount * scale).round() as i64).clamp(1, 900_000_000_000_000)
}

pub(super) struct Town {
    pub(super) seed: u64,
    pub(super) draw: Draw,
    pub(super) country: &'static Country,
    pub(super) habits: Habits,
    pub(super) first: Date,
    pub(super) days: Day,
    pub(super) accounts: Vec<Account>,
    pub(super) payments: Vec<Payment>,
    numbers: HashSet<String>,
    orders: u32,
}

impl Town {
    pub(super) fn found(seed: u64, days: u16, currency: Option<&str>) -> Self {
        let mut draw = Draw::new(seed.wrapping_mul(0x9e37_79b9).wrapping_add(77));
        let fits = |country: &&Country| currency.is_none_or(|code| country.currency == code);
        let countries: Vec<&'static Country> = COUNTRIES.iter().filter(fits).collect();
        let country = countries[draw.index(countries.len())];
        let habits = Habits::of(&mut draw, country.code);
        let first = civil::date(2023, 9, 1).saturating_add(i64::from(draw.whole(0, 800)).days());
        let orders = draw.whole(10_000, 900_000);
        Self {
            seed,
            draw,
            country,
            habits,
            first,
            days: Day::from(days),
            accounts: Vec::new(),
            payments: Vec::new(),
            numbers: HashSet::new(),
            orders,
        }
    }

    /// The first day that puts the last day in the week before `day`.
    pub(super) fn first_before(&self, day: Date) -> Date {
        let end = self.first.saturating_add(self.days.days());
        let since = day.since(end).map_or(0, |span| i64::from(span.get_days()));
        self.first.saturating_add(since.div_euclid(7).weeks())
    }

    /// Starts a part of town life with its own stream of random numbers, so that additions to one
    /// part leave the others unchanged.
    pub(super) fn begin(&mut self, part: &str) {
        let hash = part.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ self.seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.draw = Draw::new(hash);
    }

    // Accounts.

    /// Opens an account in town, at the monitoring bank or elsewhere.
    pub(super) fn open(&mut self, segment: Segment, observed: bool) -> Id {
        self.open_in(self.country.code, segment, observed)
    }

    /// Opens an account that is at the monitoring bank as often as is usual in the town.
    pub(super) fn open_somewhere(&mut self, segment: Segment) -> Id {
        let observed = self.draw.chance(self.habits.share_observed);
        self.open(segment, observed)
    }

    pub(super) fn open_in(
        &mut self,
        country: &'static str,
        segment: Segment,
        observed: bool,
    ) -> Id {
        let number = loop {
            let number = account::number(&mut self.draw, country);
            if self.numbers.insert(number.clone()) {
                break number;
            }
        };
        self.accounts.push(Account { number, country, name: None, segment, observed });
        self.accounts.len() - 1
    }

    /// Opens a foreign partner's account; returns its currency too.
    pub(super) fn open_abroad(&mut self, segment: Segment) -> (Id, &'static str) {
        loop {
            let (country, currency, _) = ABROAD[self.draw.index(ABROAD.len())];
            if country != self.country.code {
                return (self.open_in(country, segment, false), currency);
            }
        }
    }

    /// A person's name from the country.
    pub(super) fn person_name(&mut self) -> String {
        let (first, last) = names(self.country.language);
        let (at, then) = (self.draw.index(first.len()), self.draw.index(last.len()));
        format!("{} {}", first[at], last[then])
    }

    pub(super) fn family_name(&mut self) -> &'static str {
        let (_, last) = names(self.country.language);
        last[self.draw.index(last.len())]
    }

    /// Sends the name with an account's payments, as often as is usual in the town.
    pub(super) fn name(&mut self, id: Id, name: String) {
        if self.draw.chance(self.habits.names) {
            self.accounts[id].name = Some(name);
        }
    }

    // Amounts.

    /// Converts a price in the United States to the town's price level and currency.
    pub(super) fn price(&self, dollars: f64) -> f64 {
        dollars * self.country.level * self.habits.prices * self.country.per_usd
    }

    /// A random amount around a level; `spread` is the standard deviation of its logarithm.
    pub(super) fn around(&mut self, dollars: f64, spread: f64) -> f64 {
        self.price(dollars) * (spread * self.draw.normal()).exp()
    }

    /// Rounds to a number of leading digits, as people do when they choose amounts.
    pub(super) fn round(&self, amount: f64, leading: i32) -> f64 {
        let magnitude = amount.abs().max(f64::MIN_POSITIVE).log10().floor();
        let step = 10_f64.powf(magnitude + 1.0 - f64::from(leading)).max(self.unit());
        ((amount / step).round() * step).max(step)
    }

    /// The smallest unit.
    pub(super) fn unit(&self) -> f64 {
        10_f64.powi(-digits(self.country.currency).cast_signed())
    }

    pub(super) fn minor(&self, amount: f64) -> i64 {
        minor(amount, self.country.currency)
    }

    // Days and hours.

    pub(super) fn date(&self, day: Day) -> Date {
        self.first.saturating_add(day.days())
    }

    pub(super) fn weekday(&self, day: Day) -> Weekday {
        self.date(day).weekday()
    }

    /// Whether banks work: Monday to Friday, in Kuwait Sunday to Thursday.
    pub(super) fn works(&self, day: Day) -> bool {
        let rest = match self.country.code {
            "KW" => [Weekday::Friday, Weekday::Saturday],
            _ => [Weekday::Saturday, Weekday::Sunday],
        };
        !rest.contains(&self.weekday(day))
    }

    /// The day itself or the next working day.
    pub(super) fn working(&self, day: Day) -> Day {
        (day..day + 4).find(|day| self.works(*day)).unwrap_or(day)
    }

    /// The day itself or the last working day before it.
    pub(super) fn working_before(&self, day: Day) -> Day {
        (day - 4..=day).rev().find(|day| self.works(*day)).unwrap_or(day)
    }

    /// All days from `from` on that fall on this day of the month, or on the last day of shorter
    /// months.
    pub(super) fn monthly(&self, day_of_month: i8, from: Day) -> Vec<Day> {
        let is_day = |day: &Day| {
            let date = self.date(*day);
            let wanted = day_of_month.min(date.days_in_month());
            date.day() == wanted
        };
        (from.max(0)..self.days).filter(is_day).collect()
    }

    /// A moment of a day, in seconds since the town's first midnight.
    #[expect(clippy::cast_possible_truncation, reason = "seconds of one day")]
    pub(super) fn at(&mut self, day: Day, hours: Hours) -> i64 {
        let (from, until) = match hours {
            Hours::Batch => (1.0, 6.5),
            Hours::Office => (8.5, 17.5),
            Hours::Shop => (self.habits.opens, self.habits.closes),
            Hours::Evening => (18.0, 23.0),
            Hours::Awake => (7.0, 23.2),
        };
        // The mean of two draws makes the middle of the span busier than its ends.
        let part = 0.5 * (self.draw.unit() + self.draw.unit());
        day * DAY + ((from + (until - from) * part) * 3_600.0) as i64
    }

    /// A random day of a span.
    pub(super) fn some_day(&mut self, from: Day, until: Day) -> Day {
        let span = u32::try_from((until - from).max(0)).unwrap_or_default();
        from + Day::from(self.draw.whole(0, span))
    }

    // Purposes.

    pub(super) fn word(&self, of: Word) -> &'static str {
        word(self.country.language, of)
    }

    /// A purpose that people may omit.
    pub(super) fn maybe(&mut self, purpose: impl Into<String>) -> Option<String> {
        self.draw.chance(self.habits.purposes).then(|| purpose.into())
    }

    /// A bill's purpose: a word and a number, or the country's structured reference.
    pub(super) fn reference(&self, word: &str, contract: u32) -> String {
        references::of(self.country.code, contract).unwrap_or_else(|| format!("{word} {contract}"))
    }

    /// The next order number of the town's web shops, which rises over time.
    pub(super) fn order_number(&mut self) -> u32 {
        self.orders += self.draw.whole(1, 9);
        self.orders
    }

    // Payments.

    /// How one company pays another.
    pub(super) fn by_invoice(&mut self) -> PaymentType {
        if self.draw.chance(self.habits.cheques) {
            return Cheque;
        }
        self.draw.weighted(&[(Ach, 0.5), (Transfer, 0.4), (Instant, 0.1)])
    }

    /// Makes an honest payment in the town's currency. It is dropped if it is outside the town's days
    /// or if neither side is at the monitoring bank.
    pub(super) fn pay(
        &mut self,
        kind: &'static str,
        (sender, receiver): (Id, Id),
        at: i64,
        amount: f64,
        means: PaymentType,
        purpose: Option<String>,
    ) {
        self.pay_in(kind, (sender, receiver), at, amount, means, (purpose, None));
    }

    /// The same, received in another currency.
    pub(super) fn pay_in(
        &mut self,
        kind: &'static str,
        (sender, receiver): (Id, Id),
        at: i64,
        amount: f64,
        means: PaymentType,
        (purpose, received): (Option<String>, Option<&'static str>),
    ) {
        let payment = Payment {
            at,
            sender,
            receiver,
            minor: self.minor(amount),
            currency: self.country.currency,
            received_currency: received.filter(|other| *other != self.country.currency),
            means,
            purpose,
            kind,
            story: None,
        };
        self.record(payment);
    }

    /// A foreign party's payment in its own currency, worth this amount in the town's currency.
    pub(super) fn receive(
        &mut self,
        kind: &'static str,
        (sender, receiver): (Id, Id),
        at: i64,
        amount: f64,
        (purpose, currency): (Option<String>, &'static str),
    ) {
        let rate = ABROAD.iter().find(|(_, code, _)| *code == currency).map(|(_, _, rate)| *rate);
        let Some(rate) = rate.filter(|_| currency != self.country.currency) else {
            return self.pay(kind, (sender, receiver), at, amount, CrossBorder, purpose);
        };
        let foreign = amount / self.country.per_usd * rate;
        let payment = Payment {
            at,
            sender,
            receiver,
            minor: minor(foreign, currency),
            currency,
            received_currency: Some(self.country.currency),
            means: CrossBorder,
            purpose,
            kind,
            story: None,
        };
        self.record(payment);
    }

    pub(super) fn record(&mut self, payment: Payment) {
        let seen = |id: Id| self.accounts[id].observed;
        let in_time = (0..self.days * DAY).contains(&payment.at);
        let pair = payment.sender != payment.receiver;
        if pair && in_time && (seen(payment.sender) || seen(payment.receiver)) {
            self.payments.push(payment);
        }
    }
}
