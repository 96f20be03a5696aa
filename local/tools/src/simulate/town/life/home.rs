//! A household's monthly payments: rent, mortgages, direct debits (some of them returned),
//! subscriptions, savings, and contributions to joint accounts.

use sentinel::payment::transaction::PaymentType::{Ach, CreditCard, Transfer};

use super::super::account::{Id, Segment};
use super::super::ledger::{Day, Hours, Town};
use super::super::people::{Livelihood, Person, Population};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    homes(town, population);
    let utilities: Vec<Id> = (0..4).map(|_| town.open_somewhere(Segment::Utility)).collect();
    let phones: Vec<Id> = (0..3).map(|_| town.open_somewhere(Segment::Utility)).collect();
    let insurers: Vec<Id> = (0..3).map(|_| town.open_somewhere(Segment::Insurer)).collect();
    let streams: Vec<Id> = ["NL", "US", "IE", "SE"]
        .map(|country| town.open_in(country, Segment::Company, false))
        .to_vec();
    for (id, name) in utilities.iter().zip(["City Power", "Water Works", "Gas & Heat", "Net"]) {
        town.name(*id, name.to_owned());
    }
    let bank = town.open(Segment::Financial, true);
    let fee = town.price(4.0);
    let fee = town.round(fee, 2);
    for person in &population.people {
        if town.draw.chance(0.4) {
            account_fee(town, person, (bank, fee));
        }
        let power = town.word(Word::Power);
        let bill = town.around(65.0, 0.4);
        if person.livelihood != Livelihood::Student {
            let utility = utilities[town.draw.index(4)];
            direct_debit(town, person, "utility_bill", utility, (bill, 0.0), power);
        }
        let (phone, bill) = (phones[town.draw.index(3)], town.around(28.0, 0.4));
        let word = town.word(Word::Phone);
        direct_debit(town, person, "phone_bill", phone, (bill, 0.08), word);
        if town.draw.chance(0.6) {
            let (insurer, premium) = (insurers[town.draw.index(3)], town.around(75.0, 0.5));
            let word = town.word(Word::Insurance);
            direct_debit(town, person, "insurance_premium", insurer, (premium, 0.0), word);
            if town.draw.chance(0.05) {
                let (day, claim) = (town.some_day(10, town.days), town.around(1_500.0, 1.0));
                let at = town.at(town.working(day), Hours::Batch);
                let reference = format!("CLM-{}", town.draw.whole(100_000, 999_999));
                let pair = (insurer, person.account);
                town.pay("insurance_claim", pair, at, claim, Transfer, Some(reference));
            }
        }
        for stream in &streams {
            if town.draw.chance(0.3) {
                let fee = (town.price(13.0)).max(town.unit());
                let fee = town.round(fee, 2);
                subscription(town, person, *stream, fee);
            }
        }
        savings(town, person);
        couple(town, population, person);
    }
}

fn day_of_month(town: &mut Town, until: u32) -> i8 {
    i8::try_from(town.draw.whole(1, until)).unwrap_or(1)
}

/// A bill that is debited every month on its day. One in 150 is returned for lack of funds and
/// debited again a week later.
fn direct_debit(
    town: &mut Town,
    person: &Person,
    kind: &'static str,
    company: Id,
    (amount, spread): (f64, f64),
    word: &str,
) {
    let contract = town.draw.whole(1_000_000, 9_999_999);
    let payer = person.shared.unwrap_or(person.account);
    let due = day_of_month(town, 28);
    for day in town.monthly(due, person.from) {
        let at = town.at(town.working(day), Hours::Batch);
        let bill = amount * (spread * town.draw.normal()).exp();
        let purpose = Some(town.reference(word, contract));
        town.pay(kind, (payer, company), at, bill, Ach, purpose.clone());
        if town.draw.chance(1.0 / 150.0) {
            let back = town.at(town.working(day + 3), Hours::Batch);
            let purpose_back = Some(format!("RETURNED {contract}"));
            town.pay("direct_debit_return", (company, payer), back, bill, Ach, purpose_back);
            let again = town.at(town.working(day + 10), Hours::Batch);
            town.pay(kind, (payer, company), again, bill, Ach, purpose);
        }
    }
}

/// The bank's account fees, charged to everybody on one day.
fn account_fee(town: &mut Town, person: &Person, (bank, fee): (Id, f64)) {
    if !town.accounts[person.account].observed {
        return;
    }
    for day in town.monthly(31, person.from) {
        let at = town.at(day, Hours::Batch);
        town.pay("account_fee", (person.account, bank), at, fee, Ach, None);
    }
}

fn subscription(town: &mut Town, person: &Person, stream: Id, fee: f64) {
    let due = day_of_month(town, 28);
    for day in town.monthly(due, person.from) {
        let at = town.at(day, Hours::Batch);
        town.pay("subscription", (person.account, stream), at, fee, CreditCard, None);
    }
}

/// Landlords with their tenants, and people who pay off their own home.
fn homes(town: &mut Town, population: &Population) {
    let mut tenants: Vec<&Person> = Vec::new();
    for person in &population.people {
        let draw = town.draw.unit();
        if draw < 0.5 {
            tenants.push(person);
        } else if draw < 0.72 && person.livelihood != Livelihood::Student {
            let rate = town.round(0.27 * person.income, 3);
            mortgage(town, person, population.mortgage_bank, rate);
        }
    }
    let mut rest = tenants.as_slice();
    while !rest.is_empty() {
        let wanted = town.draw.whole(3, 20) as usize;
        let (mine, others) = rest.split_at(wanted.min(rest.len()));
        rest = others;
        let landlord = town.open_somewhere(Segment::Landlord);
        let name = town.person_name();
        town.name(landlord, name);
        let mut rents = 0.0;
        for tenant in mine {
            let rent = town.round((0.3 * tenant.income).max(town.price(380.0)), 2);
            rents += rent;
            rented(town, tenant, landlord, rent);
        }
        // The landlord pays the mortgage and the caretaker from the rent.
        for day in town.monthly(10, 0) {
            let at = town.at(town.working(day), Hours::Batch);
            let rate = town.round(0.55 * rents, 3);
            town.pay("mortgage", (landlord, population.mortgage_bank), at, rate, Ach, None);
        }
    }
}

fn rented(town: &mut Town, tenant: &Person, landlord: Id, rent: f64) {
    let payer = tenant.shared.unwrap_or(tenant.account);
    let due = day_of_month(town, 5);
    let flat = town.draw.whole(1, 40);
    let word = town.word(Word::Rent);
    let purpose = town.maybe(format!("{word} {flat}"));
    if tenant.from > 0 {
        let at = town.at(town.working(tenant.from), Hours::Office);
        let bond = 2.0 * rent;
        town.pay("rent_deposit", (tenant.account, landlord), at, bond, Transfer, purpose.clone());
    }
    for day in town.monthly(due, tenant.from) {
        let at = town.at(town.working(day), Hours::Batch);
        town.pay("rent", (payer, landlord), at, rent, Transfer, purpose.clone());
    }
}

fn mortgage(town: &mut Town, person: &Person, bank: Id, rate: f64) {
    let payer = person.shared.unwrap_or(person.account);
    let due = day_of_month(town, 28);
    let purpose = Some(format!("{} {}", town.word(Word::Loan), town.draw.whole(10_000, 99_999)));
    for day in town.monthly(due, person.from) {
        let at = town.at(town.working(day), Hours::Batch);
        town.pay("mortgage", (payer, bank), at, rate, Ach, purpose.clone());
    }
}

/// Savings every month, now and then withdrawn.
fn savings(town: &mut Town, person: &Person) {
    let Some(savings) = person.savings else { return };
    let part = town.draw.between(0.03, 0.2);
    let amount = town.round(person.income * part, 1);
    let purpose = town.maybe(town.word(Word::Savings));
    let due = day_of_month(town, 28);
    for day in town.monthly(due, person.from) {
        let at = town.at(day, Hours::Batch);
        let pair = (person.account, savings);
        town.pay("savings_transfer", pair, at, amount, Transfer, purpose.clone());
    }
    if town.draw.chance(0.3) {
        let day = town.some_day(person.from.max(20), town.days);
        let at = town.at(day, Hours::Awake);
        let part = town.draw.between(1.0, 6.0);
        let back = town.round(amount * part, 2);
        town.pay("savings_withdrawal", (savings, person.account), at, back, Transfer, None);
    }
}

/// Both partners pay into the joint account after payday; couples without one settle up.
fn couple(town: &mut Town, population: &Population, person: &Person) {
    let Some(partner) = person.partner.map(|at| &population.people[at]) else { return };
    let due = town.habits.payday;
    if let Some(shared) = person.shared {
        let amount = town.round(0.6 * person.income, 2);
        for day in town.monthly(due, person.from) {
            let at = town.at(town.working(day + 1), Hours::Batch);
            let pair = (person.account, shared);
            town.pay("household_transfer", pair, at, amount, Transfer, None);
        }
        return;
    }
    let mut day: Day = person.from.max(partner.from) + Day::from(town.draw.whole(1, 20));
    while day < town.days {
        let (at, amount) = (town.at(day, Hours::Awake), town.around(70.0, 0.9));
        let amount = town.round(amount, 2);
        let pair = (person.account, partner.account);
        town.pay("partner_transfer", pair, at, amount, Transfer, None);
        day += Day::from(town.draw.whole(6, 40));
    }
}
