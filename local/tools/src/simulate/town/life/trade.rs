//! Trade: shops pay wholesalers and bank their takings at tills; marketplaces pay their sellers;
//! importers and exporters deal with long-standing partners.

use sentinel::payment::transaction::PaymentType::{
    Ach, CashDeposit, CrossBorder, Instant, Transfer,
};

use super::super::account::{Id, Segment};
use super::super::ledger::{Day, Hours, Town};
use super::super::people::{Population, Shop};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    let wholesalers: Vec<Id> = (0..3 + population.shops.len() / 12)
        .map(|_| town.open_somewhere(Segment::Company))
        .collect();
    let houses: Vec<Id> = (0..4).map(|_| town.open_somewhere(Segment::Landlord)).collect();
    let people = population.people.len() as f64;
    let visits = town.habits.purchases * people * 7.0 / population.shops.len() as f64;
    for shop in &population.shops {
        let week = visits * shop.basket;
        takings(town, population, shop, week);
        supplies(town, shop, &wholesalers, week);
        let house = houses[town.draw.index(houses.len())];
        let rent = town.round(0.25 * week, 2);
        let due = i8::try_from(town.draw.whole(1, 5)).unwrap_or(1);
        for day in town.monthly(due, shop.opens) {
            let at = town.at(town.working(day), Hours::Batch);
            let purpose = Some(town.word(Word::Rent).to_owned());
            town.pay("shop_rent", (shop.account, house), at, rent, Transfer, purpose);
        }
    }
    for _ in 0..2 {
        marketplace(town, population);
    }
    sellers(town, population);
    for _ in 0..3 + population.people.len() / 120 {
        importer(town);
        exporter(town);
    }
}

/// A shop takes its cash to the till: daily if much of its trade is in cash, otherwise weekly.
fn takings(town: &mut Town, population: &Population, shop: &Shop, week: f64) {
    let till = population.tills[town.draw.index(population.tills.len())];
    let cash = week * shop.cash;
    let every: Day = if shop.cash > 0.4 { 1 } else { town.draw.weighted(&[(3, 0.4), (7, 0.6)]) };
    let mut day = shop.opens + Day::from(town.draw.whole(0, 6));
    while day < town.days {
        let amount = cash / 7.0 * every as f64 * (0.2 * town.draw.normal()).exp();
        let amount = town.round(amount, 3);
        let at = town.at(town.working(day), Hours::Office);
        if amount > town.price(20.0) {
            let pair = (till, shop.account);
            town.pay("cash_takings", pair, at, amount, CashDeposit, None);
        }
        day += every;
    }
}

fn supplies(town: &mut Town, shop: &Shop, wholesalers: &[Id], week: f64) {
    let word = town.word(Word::Invoice);
    let one = wholesalers[town.draw.index(wholesalers.len())];
    let other = wholesalers[town.draw.index(wholesalers.len())];
    let every = Day::from(town.draw.whole(1, 3)) * 7;
    let mut day = shop.opens + Day::from(town.draw.whole(0, 20));
    while day < town.days {
        let wholesaler = if town.draw.chance(0.75) { one } else { other };
        let amount = 0.55 * week / 7.0 * every as f64 * (0.2 * town.draw.normal()).exp();
        let at = town.at(town.working(day), Hours::Office);
        let purpose = Some(format!("{word} {}", town.draw.whole(10_000, 99_999)));
        let means = town.by_invoice();
        town.pay("wholesale_invoice", (shop.account, wholesaler), at, amount, means, purpose);
        day += every;
    }
}

/// Buyers pay the marketplace order by order; every week it pays its sellers.
fn marketplace(town: &mut Town, population: &Population) {
    let place = town.open_somewhere(Segment::Marketplace);
    town.name(place, "Bazaar Online".to_owned());
    let word = town.word(Word::Order);
    let sellers: Vec<Id> =
        (0..town.draw.whole(8, 30)).map(|_| town.open_somewhere(Segment::SoleTrader)).collect();
    let mut due = vec![0.0; sellers.len()];
    let weekday = Day::from(town.draw.whole(0, 4));
    let daily = population.people.len() as f64 * town.draw.between(0.01, 0.03);
    for day in 0..town.days {
        let mut expected = daily;
        while expected > 0.0 {
            expected -= 1.0;
            let buyer = &population.people[town.draw.index(population.people.len())];
            if !town.draw.chance(expected + 1.0) || buyer.from > day {
                continue;
            }
            let amount = town.around(38.0, 0.7);
            let seller = town.draw.index(sellers.len());
            due[seller] += 0.88 * amount;
            let at = town.at(day, Hours::Awake);
            let purpose = Some(format!("{word} {}", town.order_number()));
            let pair = (buyer.account, place);
            town.pay("marketplace_order", pair, at, amount, Instant, purpose);
        }
        if day % 7 == weekday {
            let run = town.at(town.working(day), Hours::Batch);
            for (seller, due) in sellers.iter().zip(&mut due) {
                let amount = std::mem::take(due);
                if amount > 0.0 {
                    let purpose = Some(format!("PAYOUT {}", town.date(day)));
                    town.pay("marketplace_payout", (place, *seller), run, amount, Ach, purpose);
                }
            }
        }
    }
}

/// Small web shops that are paid directly, with the order number as the purpose.
fn sellers(town: &mut Town, population: &Population) {
    let word = town.word(Word::Order);
    for _ in 0..2 + population.people.len() / 200 {
        let seller = town.open(Segment::SoleTrader, true);
        let opens = if town.draw.chance(0.5) { 0 } else { town.some_day(0, town.days / 2) };
        let daily = town.draw.between(0.5, 3.0);
        for day in opens..town.days {
            for _ in 0..3 {
                let buyer = &population.people[town.draw.index(population.people.len())];
                if town.draw.chance(daily / 3.0) && buyer.from <= day {
                    let amount = town.around(45.0, 0.4);
                    let at = town.at(day, Hours::Awake);
                    let purpose = Some(format!("{word} {}", town.order_number()));
                    let pair = (buyer.account, seller);
                    town.pay("marketplace_sale", pair, at, amount, Instant, purpose);
                }
            }
        }
    }
}

/// Goods from two to five partners abroad, whose invoices vary around the usual cost of a delivery.
fn importer(town: &mut Town) {
    let importer = town.open(Segment::Company, true);
    let word = town.word(Word::Invoice);
    let mut bought = 0.0;
    for _ in 0..town.draw.whole(2, 5) {
        let (partner, currency) = town.open_abroad(Segment::Company);
        let level = town.around(14_000.0, 0.8);
        let mut day = Day::from(town.draw.whole(0, 25));
        while day < town.days {
            // Now and then an order is twice the usual one.
            let order = if town.draw.chance(0.05) { 2.2 } else { 1.0 };
            let amount = order * level * (0.35 * town.draw.normal()).exp();
            bought += amount;
            let at = town.at(town.working(day), Hours::Office);
            let number = town.draw.whole(1_000, 9_999);
            let purpose = town.maybe(format!("{word} EXP-{}", number));
            let pair = (importer, partner);
            town.pay_in("import_payment", pair, at, amount, CrossBorder, (purpose, Some(currency)));
            day += Day::from(town.draw.whole(10, 35));
        }
    }
    // The goods are sold to customers at home.
    let customers: Vec<Id> =
        (0..town.draw.whole(4, 12)).map(|_| town.open_somewhere(Segment::Retailer)).collect();
    let sales = town.days / 2;
    for _ in 0..sales {
        let customer = customers[town.draw.index(customers.len())];
        let day = town.some_day(0, town.days);
        let at = town.at(town.working(day), Hours::Office);
        let amount = 1.3 * bought / sales as f64 * (0.3 * town.draw.normal()).exp();
        let number = town.draw.whole(1_000, 9_999);
        let purpose = town.maybe(format!("{word} {}", number));
        let means = town.by_invoice();
        town.pay("client_invoice", (customer, importer), at, amount, means, purpose);
    }
}

/// Deliveries abroad, paid in the customer's currency.
fn exporter(town: &mut Town) {
    let exporter = town.open(Segment::Company, true);
    let word = town.word(Word::Invoice);
    for _ in 0..town.draw.whole(2, 6) {
        let (customer, currency) = town.open_abroad(Segment::Company);
        let level = town.around(20_000.0, 0.8);
        let mut day = Day::from(town.draw.whole(0, 30));
        while day < town.days {
            let amount = level * (0.35 * town.draw.normal()).exp();
            let at = town.at(town.working(day), Hours::Office);
            let number = town.draw.whole(1_000, 9_999);
            let purpose = town.maybe(format!("{word} {}", number));
            town.receive("export_receipt", (customer, exporter), at, amount, (purpose, currency));
            day += Day::from(town.draw.whole(10, 35));
        }
    }
}
