//! The people of a town: their livelihoods, families and friends, and where they shop. Nine in ten
//! are there from the first day; the others arrive later.

use super::account::{Id, Segment};
use super::ledger::{Day, Town};

/// What a person lives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Livelihood {
    Worker,
    Student,
    Pensioner,
    Freelancer,
    GigWorker,
    Jobless,
}

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) account: Id,
    pub(super) savings: Option<Id>,
    /// A couple's joint account; both partners hold it.
    pub(super) shared: Option<Id>,
    pub(super) livelihood: Livelihood,
    /// Monthly income after tax, in the town's currency.
    pub(super) income: f64,
    /// The day the person moves to town.
    pub(super) from: Day,
    pub(super) partner: Option<usize>,
    pub(super) friends: Vec<usize>,
    /// Indices into the town's list of shops.
    pub(super) favourite_shops: Vec<usize>,
    /// Purchases relative to the town's usual number.
    pub(super) purchase_factor: f64,
}

/// A shop or café that people go to.
#[derive(Debug, Clone)]
pub(super) struct Shop {
    pub(super) account: Id,
    pub(super) trade: Trade,
    /// The size of a usual purchase, in the town's currency.
    pub(super) basket: f64,
    /// The share of its takings in cash, which it banks at a till.
    pub(super) cash: f64,
    /// The day it opens; nearly all are open from the first day.
    pub(super) opens: Day,
    /// The index of the payment provider that takes its card payments.
    pub(super) provider: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trade {
    Grocer,
    Cafe,
    Clothes,
    Fuel,
    Pharmacy,
    Electronics,
    Market,
}

/// The people and places of a town.
#[derive(Debug, Default)]
pub(super) struct Population {
    pub(super) people: Vec<Person>,
    pub(super) shops: Vec<Shop>,
    pub(super) providers: Vec<Id>,
    /// Branch tills and cash machines.
    pub(super) tills: Vec<Id>,
    pub(super) machines: Vec<Id>,
    pub(super) tax_office: Id,
    pub(super) mortgage_bank: Id,
}

impl Population {
    /// Customers who are there from the first day.
    pub(super) fn early_customers(&self, town: &Town) -> Vec<usize> {
        let people = self.people.iter().enumerate();
        let customers = people.filter(|(_, p)| p.from == 0 && town.accounts[p.account].observed);
        customers.map(|(at, _)| at).collect()
    }

    /// A random sample of the people, without repeats.
    pub(super) fn sample(&self, town: &mut Town, wanted: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.people.len()).collect();
        let wanted = wanted.min(all.len());
        for at in 0..wanted {
            let other = at + town.draw.index(all.len() - at);
            all.swap(at, other);
        }
        all.truncate(wanted);
        all
    }
}

/// Creates the town's places and people. `customers` are at the monitoring bank; for every three of
/// them another person banks elsewhere.
pub(super) fn populate(town: &mut Town, customers: u32) -> Population {
    town.begin("places");
    let mut population = Population::default();
    places(town, &mut population, customers);
    town.begin("people");
    let others = customers / 3;
    for at in 0..customers + others {
        let person = person(town, &population, at < customers);
        population.people.push(person);
    }
    families(town, &mut population);
    population
}

fn places(town: &mut Town, population: &mut Population, customers: u32) {
    population.tax_office = town.open_somewhere(Segment::PublicBody);
    town.name(population.tax_office, "Revenue Office".to_owned());
    population.mortgage_bank = town.open_somewhere(Segment::Financial);
    for _ in 0..2 + customers / 300 {
        let till = town.open(Segment::CashPoint, true);
        population.tills.push(till);
    }
    for _ in 0..3 + customers / 120 {
        let machine = town.open(Segment::CashPoint, true);
        population.machines.push(machine);
    }
    for _ in 0..2 {
        let provider = town.open(Segment::PaymentProvider, true);
        population.providers.push(provider);
    }
    let trades = [
        (Trade::Grocer, 0.25),
        (Trade::Cafe, 0.3),
        (Trade::Clothes, 0.12),
        (Trade::Fuel, 0.08),
        (Trade::Pharmacy, 0.1),
        (Trade::Electronics, 0.05),
        (Trade::Market, 0.1),
    ];
    for _ in 0..10 + customers / 10 {
        let trade = town.draw.weighted(&trades);
        let account = town.open_somewhere(Segment::Retailer);
        let dollars = match trade {
            Trade::Grocer => 38.0,
            Trade::Cafe => 9.0,
            Trade::Clothes => 65.0,
            Trade::Fuel => 48.0,
            Trade::Pharmacy => 18.0,
            Trade::Electronics => 190.0,
            Trade::Market => 22.0,
        };
        let basket = town.around(dollars, 0.2);
        let cash = (town.habits.cash * town.draw.between(0.5, 1.6)).min(0.9);
        let small = matches!(trade, Trade::Cafe | Trade::Market | Trade::Pharmacy);
        let provider = (small && town.draw.chance(0.4)).then(|| town.draw.index(2));
        let family = town.family_name();
        town.name(account, format!("{family} {trade:?}"));
        let new = town.draw.chance(0.1);
        let opens = if new { town.some_day(1, town.days / 2) } else { 0 };
        population.shops.push(Shop { account, trade, basket, cash, opens, provider });
    }
}

fn person(town: &mut Town, population: &Population, observed: bool) -> Person {
    let livelihood = town.draw.weighted(&[
        (Livelihood::Worker, 0.58),
        (Livelihood::Pensioner, 0.16),
        (Livelihood::Student, 0.1),
        (Livelihood::Freelancer, 0.06),
        (Livelihood::GigWorker, 0.06),
        (Livelihood::Jobless, 0.04),
    ]);
    let (dollars, spread) = match livelihood {
        Livelihood::Worker => (3_600.0, 0.45),
        Livelihood::Pensioner => (2_000.0, 0.3),
        Livelihood::Student => (1_000.0, 0.25),
        Livelihood::Freelancer => (4_000.0, 0.6),
        Livelihood::GigWorker => (1_800.0, 0.3),
        Livelihood::Jobless => (1_300.0, 0.15),
    };
    let segment = match livelihood {
        Livelihood::Student => Segment::Student,
        Livelihood::Pensioner => Segment::Pensioner,
        Livelihood::Freelancer => Segment::SoleTrader,
        _ => Segment::Private,
    };
    let account = town.open(segment, observed);
    let name = town.person_name();
    town.name(account, name);
    let income = town.around(dollars, spread);
    let savings = town.draw.chance(0.5).then(|| {
        let at_same_bank = town.draw.chance(0.6);
        town.open(segment, observed && at_same_bank)
    });
    let from = if town.draw.chance(0.9) { 0 } else { town.some_day(1, town.days * 4 / 5) };
    let favourite_shops =
        (0..town.draw.whole(4, 8)).map(|_| town.draw.index(population.shops.len())).collect();
    let purchase_factor = (0.45 * town.draw.normal()).exp()
        * if livelihood == Livelihood::Pensioner { 0.7 } else { 1.0 };
    Person {
        account,
        savings,
        shared: None,
        livelihood,
        income,
        from,
        partner: None,
        friends: Vec::new(),
        favourite_shops,
        purchase_factor: purchase_factor.clamp(0.2, 3.0),
    }
}

/// Makes couples of a third of the people, and friendships.
fn families(town: &mut Town, population: &mut Population) {
    let everybody = population.sample(town, population.people.len());
    for pair in everybody.chunks_exact(2).take(everybody.len() / 6) {
        let (one, other) = (pair[0], pair[1]);
        population.people[one].partner = Some(other);
        population.people[other].partner = Some(one);
        if town.draw.chance(0.6) {
            let shared =
                town.open(Segment::Private, town.accounts[population.people[one].account].observed);
            population.people[one].shared = Some(shared);
            population.people[other].shared = Some(shared);
        }
    }
    let count = population.people.len();
    for at in 0..count {
        for _ in 0..town.draw.whole(2, 5) {
            let friend = town.draw.index(count);
            if friend != at {
                population.people[at].friends.push(friend);
                population.people[friend].friends.push(at);
            }
        }
    }
}
