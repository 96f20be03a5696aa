//! Laundering planted in a town: a few stories of every typology, each with its own size, speed and
//! disguise. Money comes in before it goes out: an account sends at most what the story brought to
//! it.

mod abroad;
mod cash;
mod change;
mod flows;
mod words;

use std::collections::HashMap;

use sentinel::payment::transaction::PaymentType::{self, Ach, Instant, Transfer, Wire};

use super::account::{Id, Segment};
use super::ledger::{DAY, Day, Hours, Town};
use super::payment::Payment;
use super::people::{Livelihood, Population};
use super::words::Word;

/// How a story is disguised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Disguise {
    /// Fresh accounts, exact amounts, everything sent on.
    Plain,
    /// Among ordinary payments of the same accounts; amounts vary and a commission is kept.
    Mixed,
    /// Through accounts of people in the town with an ordinary life; commissions vary.
    Aged,
}

type Plot = fn(&mut Story);

/// How many typologies there are.
pub(super) const TYPOLOGIES: usize = 35;

/// Every typology with the plot of its stories.
const PLOTS: [(&str, Plot); TYPOLOGIES] = [
    ("new_account", change::new_account),
    ("dormant_account", change::dormant_account),
    ("multiple_accounts", change::multiple_accounts),
    ("fan_in", flows::fan_in),
    ("fan_out", flows::fan_out),
    ("scatter_gather", flows::scatter_gather),
    ("gather_scatter", flows::gather_scatter),
    ("layered_fan_in", flows::layered_fan_in),
    ("layered_fan_out", flows::layered_fan_out),
    ("bipartite", flows::bipartite),
    ("stacked_bipartite", flows::stacked_bipartite),
    ("cycle", flows::cycle),
    ("pass_through", flows::pass_through),
    ("upstream_divergence", flows::upstream_divergence),
    ("structuring", cash::structuring),
    ("smurfing", cash::smurfing),
    ("deposit_send", cash::deposit_send),
    ("cash_withdrawal", cash::cash_withdrawal),
    ("similar_amounts", change::similar_amounts),
    ("similar_purposes", words::similar_purposes),
    ("round_amounts", change::round_amounts),
    ("volume_jump", change::volume_jump),
    ("unusual_amount", change::unusual_amount),
    ("exceptional_outflow", change::exceptional_outflow),
    ("benford", change::benford),
    ("behavioural_change", change::behavioural_change),
    ("burst", change::burst),
    ("single_large", change::single_large),
    ("over_invoicing", abroad::over_invoicing),
    ("high_risk_jurisdiction", abroad::high_risk_jurisdiction),
    ("offshore", abroad::offshore),
    ("currency_change", abroad::currency_change),
    ("layering_language", words::layering_language),
    ("type_mismatch", words::type_mismatch),
    ("injection", words::injection),
];

/// Durations of stories in seconds: an hour, a day, three days, one week, two weeks.
const SPANS: [i64; 5] = [3_600, DAY, 3 * DAY, 7 * DAY, 14 * DAY];

/// Plants `each` stories of every typology, none of which begins before the day `honest`.
pub(super) fn plant(town: &mut Town, population: &Population, each: u32, honest: Day) {
    let mut recruits = recruits(town, population);
    for (place, (typology, plot)) in PLOTS.iter().enumerate() {
        town.begin(typology);
        let turn = town.draw.index(15);
        for number in 0..each as usize {
            let disguise =
                [Disguise::Plain, Disguise::Mixed, Disguise::Aged][(place + turn + number) % 3];
            let span = SPANS[(turn + 2 * number) % SPANS.len()].min(town.days * DAY / 5);
            let days = span / DAY + 1;
            let usual = if town.days >= 40 { 14 } else { town.days / 5 };
            let earliest = usual.max(honest);
            let start = town.some_day(earliest, (town.days - days - 2).max(earliest));
            // The sizes of a typology's stories are spread over the possible range.
            let part = ((number + turn) % each as usize) as f64;
            let share = (part + town.draw.unit()) / f64::from(each);
            let commission = match disguise {
                Disguise::Plain => 0.0,
                _ => town.draw.between(0.02, 0.09),
            };
            let clock = town.at(start, Hours::Awake);
            let mut story = Story {
                population,
                recruits: &mut recruits,
                typology,
                id: format!("{typology}-{:02}", number + 1),
                number,
                disguise,
                share,
                size: 0.0,
                commission,
                span,
                pace: span / 4,
                clock,
                held: HashMap::new(),
                purpose: None,
                town,
            };
            story.bounded(3_000.0, 500_000.0);
            plot(&mut story);
        }
    }
}

/// People of the town who can be talked into lending their account, in random order.
fn recruits(town: &mut Town, population: &Population) -> Vec<Id> {
    town.begin("recruits");
    let mut customers = population.early_customers(town);
    customers.retain(|at| population.people[*at].livelihood != Livelihood::Freelancer);
    for at in (1..customers.len()).rev() {
        let other = town.draw.index(at + 1);
        customers.swap(at, other);
    }
    customers.into_iter().map(|at| population.people[at].account).collect()
}

/// A story in the making.
struct Story<'a> {
    town: &'a mut Town,
    population: &'a Population,
    recruits: &'a mut Vec<Id>,
    typology: &'static str,
    id: String,
    /// Its number within its typology, from 0.
    number: usize,
    disguise: Disguise,
    /// Its position between the smallest (0) and the largest (1) story of its typology.
    share: f64,
    /// What is laundered, in the town's currency.
    size: f64,
    commission: f64,
    /// Its duration in seconds.
    span: i64,
    /// The time between payments in seconds.
    pace: i64,
    clock: i64,
    /// The balance of the story's money in its accounts, in the smallest unit.
    held: HashMap<Id, i64>,
    /// The purpose of its next payments.
    purpose: Option<String>,
}

impl Story<'_> {
    /// The stories of a typology alternate between its variants.
    fn first_variant(&self) -> bool {
        self.number.is_multiple_of(2)
    }

    // Time.

    /// Spreads this many payments over the story's span.
    fn steps(&mut self, steps: usize) {
        self.pace = self.span / i64::try_from(steps.max(1)).unwrap_or(1);
    }

    /// Lets time pass until the next payment. Stories that take days skip the nights.
    #[expect(clippy::cast_possible_truncation, reason = "seconds of two weeks")]
    fn tick(&mut self) {
        let part = self.town.draw.between(0.4, 1.5);
        self.clock += ((self.pace as f64 * part) as i64).max(20);
        let hour = self.clock % DAY / 3_600;
        if self.span > DAY && hour < 7 {
            self.clock += (7 - hour) * 3_600;
        }
    }

    /// Delays the story so that it does not begin before this day, if the town is long enough.
    fn not_before(&mut self, day: Day) {
        let latest = self.town.days - self.span / DAY - 2;
        let day = day.min(latest).max(self.clock / DAY);
        if day > self.clock / DAY {
            let day = self.town.some_day(day, latest);
            self.clock = self.town.at(day, Hours::Awake);
        }
    }

    fn day(&self) -> Day {
        self.clock / DAY
    }

    // Accounts.

    /// A person outside the bank: a victim, a controller, a beneficiary.
    fn stranger(&mut self) -> Id {
        let segment = if self.town.draw.chance(0.7) { Segment::Private } else { Segment::Company };
        let id = self.town.open(segment, false);
        let family = self.town.family_name();
        let name = match segment {
            Segment::Company => format!("{family} Services"),
            _ => self.town.person_name(),
        };
        self.town.name(id, name);
        id
    }

    fn strangers(&mut self, count: u32) -> Vec<Id> {
        (0..count).map(|_| self.stranger()).collect()
    }

    /// A customer whose account the money goes through.
    fn mule(&mut self) -> Id {
        if self.disguise == Disguise::Aged {
            // When no recruits are left, a past is made up.
            return self.recruits.pop().unwrap_or_else(|| self.with_a_past());
        }
        let id = self.town.open(Segment::Private, true);
        let name = self.town.person_name();
        self.town.name(id, name);
        if self.disguise != Disguise::Plain {
            let (from, until) = (self.day() - 24, self.day() + self.span / DAY + 6);
            self.everyday(id, from.max(0), until, 2.0);
        }
        id
    }

    fn mules(&mut self, count: u32) -> Vec<Id> {
        (0..count).map(|_| self.mule()).collect()
    }

    /// A customer with a past of months, regardless of the disguise.
    fn old_hand(&mut self) -> Id {
        if self.disguise == Disguise::Aged { self.mule() } else { self.with_a_past() }
    }

    fn with_a_past(&mut self) -> Id {
        let id = self.town.open(Segment::Private, true);
        let until = self.day() + self.span / DAY + 3;
        self.everyday(id, 0, until, 2.5);
        id
    }

    /// Ordinary, honest payments of an account: wages and shopping, `weekly` times a week.
    fn everyday(&mut self, id: Id, from: Day, until: Day, weekly: f64) {
        use PaymentType::DebitCard;
        let town = &mut *self.town;
        let employer = town.open(Segment::Company, false);
        let wage = town.around(2_600.0, 0.3);
        let word = town.word(Word::Salary);
        for day in town.monthly(town.habits.payday, from) {
            if day < until {
                let at = town.at(town.working_before(day), Hours::Batch);
                town.pay("salary", (employer, id), at, wage, Ach, Some(word.to_owned()));
            }
        }
        for day in from..until {
            if town.draw.chance(weekly / 7.0) {
                let shop = &self.population.shops[town.draw.index(self.population.shops.len())];
                let amount = shop.basket * (0.5 * town.draw.normal()).exp();
                let at = town.at(day, Hours::Shop);
                town.pay("card_payment", (id, shop.account), at, amount, DebitCard, None);
            }
        }
    }

    // Money.

    fn total(&self) -> i64 {
        self.town.minor(self.size)
    }

    /// Sets the story's size, between the bounds of its typology in US dollars. Most people choose a
    /// round sum.
    fn bounded(&mut self, low: f64, high: f64) {
        let dollars = low * (high / low).powf(self.share);
        self.size = dollars * self.town.country.per_usd;
        if self.town.draw.chance(0.6) {
            self.size = self.town.round(self.size, 2);
        }
    }

    /// A sum in parts: equal ones where nothing is disguised.
    #[expect(clippy::cast_possible_truncation, reason = "parts of a sum that is an i64")]
    fn parts(&mut self, total: i64, count: u32) -> Vec<i64> {
        let spread = match self.disguise {
            Disguise::Plain => 0.0,
            Disguise::Mixed => 0.1,
            Disguise::Aged => 0.35,
        };
        let weights: Vec<f64> =
            (0..count).map(|_| self.town.draw.between(1.0 - spread, 1.0 + spread)).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| ((total as f64 * weight / sum) as i64).max(1)).collect()
    }

    /// What is left to send on after the mule's commission.
    #[expect(clippy::cast_possible_truncation, reason = "a part of an i64")]
    fn less_commission(&mut self, held: i64) -> i64 {
        let share = match self.disguise {
            Disguise::Plain => 0.0,
            Disguise::Mixed => self.commission,
            Disguise::Aged => self.commission * self.town.draw.between(0.4, 1.6),
        };
        (held as f64 * (1.0 - share)) as i64
    }

    fn means(&mut self) -> PaymentType {
        self.town.draw.weighted(&[(Instant, 0.45), (Transfer, 0.35), (Wire, 0.1), (Ach, 0.1)])
    }

    /// A harmless purpose, as often as other people write one.
    fn cover(&mut self) -> Option<String> {
        if self.purpose.is_some() {
            return self.purpose.clone();
        }
        let words = [Word::Invoice, Word::Gift, Word::Loan, Word::Rent, Word::Car, Word::Family];
        let pick = self.town.draw.index(words.len());
        let word = self.town.word(words[pick]);
        self.town.draw.chance(0.4).then(|| word.to_owned())
    }

    /// Brings money from outside to an account.
    fn place(&mut self, from: Id, to: Id, minor: i64) {
        let means = self.means();
        self.place_by(means, from, to, minor);
    }

    fn place_by(&mut self, means: PaymentType, from: Id, to: Id, minor: i64) {
        let minor = if means.is_cash() { self.in_notes(minor) } else { minor };
        self.tick();
        self.tell((from, to), minor, means, None);
    }

    /// Rounds a sum down to what can be paid in notes.
    fn in_notes(&self, minor: i64) -> i64 {
        let note = self.town.minor(self.town.round(self.town.price(10.0), 1));
        (minor / note).max(1) * note
    }

    /// Sends what an account holds, up to this amount; sends nothing if it holds nothing.
    fn send(&mut self, from: Id, to: Id, minor: i64) {
        let means = self.means();
        self.send_by(means, (from, to), minor, None);
    }

    fn send_by(
        &mut self,
        means: PaymentType,
        (from, to): (Id, Id),
        minor: i64,
        received: Option<&'static str>,
    ) {
        let minor = if means.is_cash() { self.in_notes(minor) } else { minor };
        let held = self.held.entry(from).or_default();
        let minor = minor.min(*held);
        if minor < 1 {
            return;
        }
        *held -= minor;
        self.tick();
        self.tell((from, to), minor, means, received);
    }

    /// The story's money in an account.
    fn holds(&self, id: Id) -> i64 {
        self.held.get(&id).copied().unwrap_or_default()
    }

    fn tell(
        &mut self,
        (sender, receiver): (Id, Id),
        minor: i64,
        means: PaymentType,
        received: Option<&'static str>,
    ) {
        *self.held.entry(receiver).or_default() += minor;
        let purpose = if means.is_cash() { self.purpose.clone() } else { self.cover() };
        let payment = Payment {
            at: self.clock.min(self.town.days * DAY - 1),
            sender,
            receiver,
            minor,
            currency: self.town.country.currency,
            received_currency: received.filter(|other| *other != self.town.country.currency),
            means,
            purpose,
            kind: self.typology,
            story: Some(self.id.clone()),
        };
        self.town.record(payment);
    }
}
