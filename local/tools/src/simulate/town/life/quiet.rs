//! Dormant accounts that are reactivated honestly: a pensioner's old account, a seasonal business.

use sentinel::payment::transaction::PaymentType::{Ach, DebitCard, Instant, Transfer};

use super::super::account::Segment;
use super::super::ledger::{Day, Hours, Town};
use super::super::people::Population;
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    for _ in 0..2 + population.people.len() / 150 {
        old_account(town, population);
    }
    for _ in 0..1 + population.people.len() / 250 {
        season(town, population);
    }
}

/// Used in the first days, then dormant for months, until a deposit matures and is spent on something
/// long wanted.
fn old_account(town: &mut Town, population: &Population) {
    let account = town.open(Segment::Pensioner, true);
    let name = town.person_name();
    town.name(account, name);
    for _ in 0..4 {
        let shop = &population.shops[town.draw.index(population.shops.len())];
        let (day, amount) = (town.some_day(0, 6), town.around(30.0, 0.4));
        let at = town.at(day, Hours::Shop);
        town.pay("card_payment", (account, shop.account), at, amount, DebitCard, None);
    }
    let day = town.some_day(town.days * 4 / 5, town.days - 4);
    let insurer = town.open_somewhere(Segment::Insurer);
    let amount = town.around(8_000.0, 0.5);
    let at = town.at(town.working(day), Hours::Batch);
    let purpose = Some(format!("{} 20{}", town.word(Word::Insurance), town.draw.whole(10, 26)));
    town.pay("life_insurance_payout", (insurer, account), at, amount, Ach, purpose);
    let roofer = town.open_somewhere(Segment::SoleTrader);
    let at = town.at(town.working(day + 4), Hours::Office);
    let spent = amount * town.draw.between(0.4, 0.9);
    let purpose = town.maybe(town.word(Word::Invoice));
    town.pay("home_repair", (account, roofer), at, spent, Transfer, purpose);
}

/// Dormant until its season begins, then busy every day.
fn season(town: &mut Town, population: &Population) {
    let business = town.open(Segment::SoleTrader, true);
    let supplier = town.open_somewhere(Segment::Company);
    let opens = town.some_day(town.days / 2, town.days * 3 / 4);
    for _ in 0..3 {
        let (day, amount) = (town.some_day(0, 5), town.around(15.0, 0.4));
        let visitor = &population.people[town.draw.index(population.people.len())];
        let at = town.at(day, Hours::Shop);
        town.pay("seasonal_sale", (visitor.account, business), at, amount, DebitCard, None);
    }
    for day in opens..town.days {
        for _ in 0..town.draw.whole(2, 9) {
            let visitor = &population.people[town.draw.index(population.people.len())];
            if visitor.from <= day {
                let amount = town.around(15.0, 0.6);
                let at = town.at(day, Hours::Shop);
                let means = if town.draw.chance(0.3) { Instant } else { DebitCard };
                let pair = (visitor.account, business);
                town.pay("seasonal_sale", pair, at, amount, means, None);
            }
        }
        if day % 7 == 3 as Day {
            let (at, amount) = (town.at(day, Hours::Office), town.around(200.0, 0.3));
            town.pay("supplier_invoice", (business, supplier), at, amount, Transfer, None);
        }
    }
}
