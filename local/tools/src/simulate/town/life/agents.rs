//! Businesses that handle other people's money: letting agents, payroll bureaus and ticket sellers.
//! Also craftsmen, whose customers are new every time.

use sentinel::payment::transaction::PaymentType::{Ach, DebitCard, Instant, Transfer};

use super::super::account::{Id, Segment};
use super::super::ledger::{Day, Hours, Town};
use super::super::people::Population;
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    for _ in 0..1 + population.people.len() / 400 {
        letting_agent(town, population);
        payroll_bureau(town);
    }
    for _ in 0..2 + population.people.len() / 300 {
        tickets(town, population);
    }
    for _ in 0..2 + population.people.len() / 60 {
        craftsman(town, population);
    }
}

/// Rents from many houses arrive in the first days of a month; owners get them less a commission.
fn letting_agent(town: &mut Town, population: &Population) {
    let agent = town.open(Segment::Company, true);
    let family = town.family_name();
    town.name(agent, format!("{family} Lettings"));
    let commission = town.draw.between(0.05, 0.1);
    let wanted = town.draw.whole(15, 40) as usize;
    let tenants = population.sample(town, wanted);
    let owners: Vec<Id> =
        (0..town.draw.whole(3, 8)).map(|_| town.open_somewhere(Segment::Landlord)).collect();
    let rents: Vec<f64> = tenants
        .iter()
        .map(|_| {
            let rent = town.around(850.0, 0.3);
            town.round(rent, 2)
        })
        .collect();
    let word = town.word(Word::Rent);
    for day in town.monthly(1, 0) {
        let mut due = vec![0.0; owners.len()];
        for (at, (tenant, rent)) in tenants.iter().zip(&rents).enumerate() {
            let tenant = &population.people[*tenant];
            let late = day + Day::from(town.draw.whole(0, 4));
            if tenant.from <= late {
                due[at % owners.len()] += rent;
                let time = town.at(town.working(late), Hours::Batch);
                let purpose = Some(format!("{word} {}", at + 101));
                town.pay("agency_rent", (tenant.account, agent), time, *rent, Transfer, purpose);
            }
        }
        let run = town.at(town.working(day + 7), Hours::Office);
        for (owner, due) in owners.iter().zip(due) {
            let purpose = Some(format!("{word} {}", town.date(day).strftime("%m/%Y")));
            let net = due * (1.0 - commission);
            town.pay("agency_payout", (agent, *owner), run, net, Transfer, purpose);
        }
    }
}

/// Small employers send one sum, from which the bureau pays their staff the same day.
fn payroll_bureau(town: &mut Town) {
    let bureau = town.open(Segment::Company, true);
    town.name(bureau, "Payroll Bureau".to_owned());
    let word = town.word(Word::Salary);
    for _ in 0..town.draw.whole(3, 7) {
        let client = town.open_somewhere(Segment::Company);
        let staff: Vec<(Id, f64)> = (0..town.draw.whole(3, 9))
            .map(|_| (town.open_somewhere(Segment::Private), town.around(3_000.0, 0.4)))
            .collect();
        let wages: f64 = staff.iter().map(|(_, wage)| wage).sum();
        for day in town.monthly(town.habits.payday, 0) {
            let day = town.working_before(day);
            let funded = town.at(day, Hours::Batch);
            let purpose = Some(format!("PAYROLL {}", town.date(day).strftime("%m/%Y")));
            let sum = 1.01 * wages;
            town.pay("payroll_funding", (client, bureau), funded, sum, Transfer, purpose);
            let run = town.at(day, Hours::Office);
            for (member, wage) in &staff {
                let purpose = Some(word.to_owned());
                town.pay("bureau_salary", (bureau, *member), run, *wage, Ach, purpose);
            }
        }
    }
}

/// The sale opens at ten, and half of the tickets are sold within the hour; the proceeds pay the
/// artist and the hall.
fn tickets(town: &mut Town, population: &Population) {
    let promoter = town.open(Segment::Company, true);
    let price = town.around(48.0, 0.4);
    let price = town.round(price, 2);
    let opens = town.some_day(0, (town.days - 20).max(1));
    let wanted = town.draw.whole(60, 180) as usize;
    let mut sold = 0.0;
    for buyer in population.sample(town, wanted) {
        let buyer = &population.people[buyer];
        if buyer.from > opens {
            continue;
        }
        let at = if town.draw.chance(0.5) {
            opens * 86_400 + 36_000 + i64::from(town.draw.whole(0, 3_600))
        } else {
            let later = opens + Day::from(town.draw.whole(0, 9));
            town.at(later, Hours::Awake)
        };
        let paid = price * f64::from(town.draw.whole(1, 4));
        sold += paid;
        let means = if town.draw.chance(town.habits.instant) { Instant } else { DebitCard };
        let purpose = (means == Instant).then(|| format!("TICKETS {}", town.order_number()));
        town.pay("ticket_sale", (buyer.account, promoter), at, paid, means, purpose);
    }
    for part in [0.6, 0.25] {
        let payee = town.open_somewhere(Segment::Company);
        let at = town.at(town.working(opens + 12), Hours::Office);
        let purpose = town.maybe(town.word(Word::Invoice));
        town.pay("event_cost", (promoter, payee), at, part * sold, Transfer, purpose);
    }
}

/// A job for a new customer every few days: an advance, material from the wholesaler, the balance
/// when it is done, and on Fridays the owner's own pay.
fn craftsman(town: &mut Town, population: &Population) {
    let business = town.open_somewhere(Segment::SoleTrader);
    let family = town.family_name();
    town.name(business, format!("{family} Plumbing"));
    let (owner, wholesaler) =
        (town.open_somewhere(Segment::Private), town.open_somewhere(Segment::Company));
    let word = town.word(Word::Invoice);
    let mut day = Day::from(town.draw.whole(0, 6));
    while day < town.days {
        let customer = &population.people[town.draw.index(population.people.len())];
        let job = town.around(900.0, 0.9);
        let number = town.draw.whole(100, 9_999);
        if customer.from <= day {
            let advance = if job > town.price(1_500.0) { 0.4 * job } else { 0.0 };
            if advance > 0.0 {
                let at = town.at(day, Hours::Awake);
                let purpose = town.maybe(format!("{word} {number}A"));
                let pair = (customer.account, business);
                town.pay("craftsman_invoice", pair, at, advance, Transfer, purpose);
            }
            let bought = town.working(day + 1);
            let at = town.at(bought, Hours::Office);
            let material = 0.35 * job;
            town.pay("material", (business, wholesaler), at, material, Transfer, None);
            let done = day + Day::from(town.draw.whole(3, 15));
            let at = town.at(done, Hours::Awake);
            let purpose = town.maybe(format!("{word} {number}"));
            let pair = (customer.account, business);
            let rest = job - advance;
            town.pay("craftsman_invoice", pair, at, rest, Transfer, purpose);
        }
        day += Day::from(town.draw.whole(1, 5));
    }
    let draws = town.around(650.0, 0.2);
    let draws = town.round(draws, 1);
    let friday = |day: &Day| town.weekday(*day) == jiff::civil::Weekday::Friday;
    for day in (0..town.days).filter(friday).collect::<Vec<_>>() {
        let at = town.at(day, Hours::Office);
        town.pay("owners_draw", (business, owner), at, draws, Transfer, None);
    }
}
