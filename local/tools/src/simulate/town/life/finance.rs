//! Finance: cash pooling every evening, brokers with settlement on the next day, loans paid out and
//! repaid, and foreign notes over the counter.

use sentinel::payment::transaction::PaymentType::{
    Ach, CashDeposit, CashWithdrawal, DebitCard, Instant, Transfer, Wire,
};

use super::super::account::{Id, Segment};
use super::super::ledger::{Day, Hours, Town};
use super::super::people::{Livelihood, Population};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    for _ in 0..1 + population.people.len() / 400 {
        sweep(town);
    }
    for _ in 0..2 {
        broker(town, population);
    }
    lender(town, population);
    for _ in 0..1 + population.people.len() / 400 {
        exchange(town, population);
    }
}

/// Branch accounts are swept to the main account every evening and funded again in the morning.
fn sweep(town: &mut Town) {
    let main = town.open(Segment::Company, true);
    let family = town.family_name();
    town.name(main, format!("{family} Group"));
    let customers: Vec<Id> = (0..12).map(|_| town.open_somewhere(Segment::Company)).collect();
    for _ in 0..town.draw.whole(3, 6) {
        let branch = town.open(Segment::Company, true);
        let daily = town.around(9_000.0, 0.8);
        let float = town.round(0.3 * daily, 1);
        for day in (0..town.days).filter(|day| town.works(*day)).collect::<Vec<_>>() {
            let morning = day * 86_400 + 7 * 3_600;
            town.pay("treasury_funding", (main, branch), morning, float, Transfer, None);
            let mut held = float;
            for _ in 0..town.draw.whole(0, 2) {
                let customer = customers[town.draw.index(customers.len())];
                let (at, amount) = (town.at(day, Hours::Office), daily);
                let amount = amount * (0.4 * town.draw.normal()).exp();
                held += amount;
                let number = town.draw.whole(100, 9_999);
                let purpose = town.maybe(format!("INV {}", number));
                town.pay("client_invoice", (customer, branch), at, amount, Ach, purpose);
            }
            let evening = day * 86_400 + 19 * 3_600 + i64::from(town.draw.whole(0, 600));
            let purpose = Some("ZBA SWEEP".to_owned());
            town.pay("treasury_sweep", (branch, main), evening, held, Transfer, purpose);
        }
    }
}

/// Clients deposit; the broker settles with the clearing house on the next working day and pays out.
fn broker(town: &mut Town, population: &Population) {
    let broker = town.open(Segment::Financial, true);
    let clearing = town.open(Segment::Financial, false);
    town.name(broker, "Trade Direct".to_owned());
    let mut customers = vec![0.0; usize::try_from(town.days + 8).unwrap_or_default()];
    for client in population.sample(town, population.people.len() / 15) {
        let client = &population.people[client];
        if matches!(client.livelihood, Livelihood::Student | Livelihood::Jobless) {
            continue;
        }
        let reference = format!("TD{}", town.draw.whole(100_000, 999_999));
        let part = town.draw.between(0.3, 3.0);
        let amount = town.round(0.15 * client.income * part, 1);
        let mut day = client.from + Day::from(town.draw.whole(0, 40));
        while day < town.days {
            let means = if town.draw.chance(0.5) { Instant } else { Transfer };
            let at = town.at(day, Hours::Awake);
            let purpose = Some(reference.clone());
            town.pay("broker_deposit", (client.account, broker), at, amount, means, purpose);
            let next = town.working(day + 1);
            if let Some(sum) = customers.get_mut(usize::try_from(next).unwrap_or_default()) {
                *sum += amount;
            }
            if town.draw.chance(0.15) {
                let wait = Day::from(town.draw.whole(5, 30));
                let day = town.working(day + wait);
                let at = town.at(day, Hours::Office);
                let back = amount * town.draw.between(0.8, 3.5);
                let purpose = Some(format!("{reference} WD"));
                let pair = (broker, client.account);
                town.pay("broker_withdrawal", pair, at, back, Transfer, purpose);
            }
            day += Day::from(town.draw.whole(14, 45));
        }
    }
    for (day, sum) in (0..).zip(customers) {
        if sum > 0.0 {
            let at = town.at(day, Hours::Office);
            let purpose = Some(format!("T+1 {}", town.date(day)));
            town.pay("broker_settlement", (broker, clearing), at, 0.98 * sum, Wire, purpose);
        }
    }
}

/// Consumer loans: paid out at once and repaid monthly.
fn lender(town: &mut Town, population: &Population) {
    let lender = town.open_somewhere(Segment::Financial);
    let word = town.word(Word::Loan);
    for borrower in population.sample(town, population.people.len() / 8) {
        let borrower = &population.people[borrower];
        if matches!(borrower.livelihood, Livelihood::Student | Livelihood::Jobless) {
            continue;
        }
        let part = town.draw.between(1.0, 6.0);
        let loan = town.round(borrower.income * part, 1);
        let contract = format!("{word} {}", town.draw.whole(100_000, 999_999));
        // Two in three began before the town's first day.
        let from = if town.draw.chance(0.66) {
            borrower.from
        } else {
            let day = town.some_day(borrower.from, town.days - 1);
            let at = town.at(town.working(day), Hours::Office);
            let purpose = Some(contract.clone());
            town.pay("loan_payout", (lender, borrower.account), at, loan, Transfer, purpose);
            if town.draw.chance(0.5) {
                let mechanic = town.open_somewhere(Segment::SoleTrader);
                let at = town.at(town.working(day + 2), Hours::Awake);
                let spent = town.round(0.8 * loan, 2);
                let pair = (borrower.account, mechanic);
                town.pay("home_repair", pair, at, spent, Transfer, None);
            }
            day + 20
        };
        let rate = loan / 30.0;
        let due = i8::try_from(town.draw.whole(1, 28)).unwrap_or(1);
        for day in town.monthly(due, from) {
            let at = town.at(town.working(day), Hours::Batch);
            let purpose = Some(contract.clone());
            town.pay("loan_repayment", (borrower.account, lender), at, rate, Ach, purpose);
        }
    }
}

/// Travellers buy foreign notes and return what is left; the office banks its notes at a till.
fn exchange(town: &mut Town, population: &Population) {
    let office = town.open(Segment::ExchangeOffice, true);
    town.name(office, "City Exchange".to_owned());
    let till = population.tills[0];
    let currency = if town.country.currency == "USD" { "EUR" } else { "USD" };
    for day in 0..town.days {
        for _ in 0..town.draw.whole(0, 3) {
            let traveller = &population.people[town.draw.index(population.people.len())];
            if traveller.from > day {
                continue;
            }
            let amount = town.around(300.0, 0.7);
            let amount = town.round(amount, 2);
            let at = town.at(day, Hours::Shop);
            let pair = (traveller.account, office);
            if town.draw.chance(0.7) {
                let more = (None, Some(currency));
                town.pay_in("currency_exchange", pair, at, amount, CashWithdrawal, more);
            } else {
                town.pay("currency_exchange", pair, at, amount, DebitCard, None);
            }
        }
        if town.works(day) && day % 3 == 0 {
            let (at, amount) = (town.at(day, Hours::Office), town.around(4_000.0, 0.5));
            let amount = town.round(amount, 2);
            town.pay("exchange_office_cash", (till, office), at, amount, CashDeposit, None);
            let (at, amount) = (town.at(day + 1, Hours::Office), 0.9 * amount);
            town.pay("exchange_office_cash", (office, till), at, amount, CashWithdrawal, None);
        }
    }
}
