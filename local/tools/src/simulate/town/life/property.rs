//! The few large payments of a life: cars, and houses that change hands through a notary, with a
//! lender and an old loan.

use sentinel::payment::transaction::PaymentType::{Instant, Transfer, Wire};

use super::super::account::Segment;
use super::super::ledger::{Day, Hours, Town};
use super::super::people::{Livelihood, Population};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    for _ in 0..2 + population.people.len() / 80 {
        house(town, population);
    }
    for _ in 0..3 + population.people.len() / 40 {
        car(town, population);
    }
}

/// Savings and a mortgage go to the notary, who pays the seller; the seller pays off a loan or buys
/// again, and saves the rest.
fn house(town: &mut Town, population: &Population) {
    let pair = population.sample(town, 2);
    let (buyer, seller) = (&population.people[pair[0]], &population.people[pair[1]]);
    if matches!(buyer.livelihood, Livelihood::Student | Livelihood::Jobless) {
        return;
    }
    let notary = town.open_somewhere(Segment::Notary);
    let family = town.family_name();
    town.name(notary, format!("{family} Notary"));
    let price = town.around(260_000.0, 0.5);
    let price = town.round(price, 2);
    let from = buyer.from.max(seller.from);
    let signed = town.some_day(from, (town.days - 20).max(from));
    let deal = format!("{} {}", town.word(Word::Deposit), town.draw.whole(100, 999));
    if let Some(savings) = buyer.savings {
        let at = town.at(signed, Hours::Awake);
        let amount = 0.21 * price;
        town.pay("savings_withdrawal", (savings, buyer.account), at, amount, Transfer, None);
    }
    let at = town.at(town.working(signed + 1), Hours::Office);
    let deposit = 0.1 * price;
    let (account, purpose) = (buyer.account, Some(deal.clone()));
    town.pay("house_deposit", (account, notary), at, deposit, Wire, purpose);
    let wait = Day::from(town.draw.whole(7, 16));
    let done = town.working(signed + wait);
    let at = town.at(done, Hours::Office);
    let purpose = Some(format!("Completion {}", town.draw.whole(1_000, 9_999)));
    let own = 0.1 * price;
    town.pay("house_deposit", (account, notary), at - 3_600, own, Wire, purpose.clone());
    let (bank, loan) = (population.mortgage_bank, 0.8 * price);
    if town.draw.chance(0.6) {
        town.pay("mortgage_payout", (bank, notary), at, loan, Wire, purpose.clone());
    } else {
        town.pay("mortgage_payout", (bank, account), at - 7_200, loan, Wire, purpose.clone());
        town.pay("house_purchase", (account, notary), at, loan, Wire, purpose.clone());
    }
    let duty = 0.02 * price;
    let next = town.at(town.working(done + 1), Hours::Office);
    town.pay("stamp_duty", (notary, population.tax_office), next, duty, Transfer, purpose.clone());
    let proceeds = 0.97 * price;
    let seller_account = seller.account;
    town.pay("house_sale", (notary, seller_account), next, proceeds, Wire, purpose);
    after_the_sale(town, population, (pair[1], town.working(done + 2)), proceeds);
}

fn after_the_sale(
    town: &mut Town,
    population: &Population,
    (seller, day): (usize, Day),
    proceeds: f64,
) {
    let seller = &population.people[seller];
    let mut rest = proceeds;
    let at = town.at(day, Hours::Office);
    if town.draw.chance(0.6) {
        let loan = proceeds * town.draw.between(0.2, 0.6);
        rest -= loan;
        let purpose = Some("Redemption".to_owned());
        let pair = (seller.account, population.mortgage_bank);
        town.pay("mortgage_redemption", pair, at, loan, Wire, purpose);
    }
    if town.draw.chance(0.4) {
        let notary = town.open_somewhere(Segment::Notary);
        let at = town.at(town.working(day + 2), Hours::Office);
        let again = 0.8 * rest;
        rest -= again;
        town.pay("house_purchase", (seller.account, notary), at, again, Wire, None);
    }
    if let Some(savings) = seller.savings {
        let at = town.at(day + 4, Hours::Awake);
        let kept = town.round(0.9 * rest, 2).min(rest);
        town.pay("savings_transfer", (seller.account, savings), at, kept, Transfer, None);
    }
}

/// A car bought from a dealer or a neighbour with savings.
fn car(town: &mut Town, population: &Population) {
    let pair = population.sample(town, 2);
    let (buyer, seller) = (&population.people[pair[0]], &population.people[pair[1]]);
    let day = town.some_day(buyer.from.max(seller.from), town.days - 1);
    let used = town.draw.chance(0.5);
    let price = town.around(if used { 6_000.0 } else { 19_000.0 }, 0.4);
    let price = town.round(price, 2);
    let word = town.word(Word::Car);
    if let Some(savings) = buyer.savings {
        let at = town.at(day, Hours::Awake);
        town.pay("savings_withdrawal", (savings, buyer.account), at, price, Transfer, None);
    }
    let at = town.at(day + 1, Hours::Shop);
    let purpose = town.maybe(word);
    if used {
        let pair = (buyer.account, seller.account);
        town.pay("used_car", pair, at, price, Instant, purpose);
    } else {
        let dealer = town.open_somewhere(Segment::Retailer);
        town.pay("car_purchase", (buyer.account, dealer), at, price, Transfer, purpose);
    }
}
