//! Spending: groceries, coffee and fuel by card or instant payment, through payment providers or
//! directly to the shop; refunds; cash from machines; and bills that friends split.

use std::collections::BTreeMap;

use sentinel::payment::transaction::PaymentType::{
    self, Ach, CashWithdrawal, CreditCard, DebitCard, Instant, Transfer,
};

use super::super::account::Id;
use super::super::ledger::{DAY, Day, Hours, Town};
use super::super::people::{Person, Population, Trade};
use super::super::words::Word;

/// What payment providers took for each shop on each day.
type Takings = BTreeMap<(usize, Day), f64>;

pub(super) fn live(town: &mut Town, population: &Population) {
    let mut takings = Takings::new();
    for person in &population.people {
        purchases(town, population, person, &mut takings);
        cash_machine(town, population, person);
    }
    payouts(town, population, &takings);
    for person in &population.people {
        split_bills(town, population, person);
    }
}

fn purchases(town: &mut Town, population: &Population, person: &Person, takings: &mut Takings) {
    let credit = town.draw.chance(town.habits.credit);
    for day in person.from..town.days {
        let (saturday, sunday) = match town.weekday(day) {
            jiff::civil::Weekday::Saturday => (true, false),
            jiff::civil::Weekday::Sunday => (false, true),
            _ => (false, false),
        };
        let open = if sunday && !town.habits.sunday { 0.15 } else { 1.0 };
        let busy = if saturday { town.habits.saturday } else { 1.0 };
        let mut expected = town.habits.purchases * person.purchase_factor * open * busy;
        while expected > 0.0 {
            if town.draw.chance(expected) && !town.draw.chance(town.habits.cash) {
                purchase(town, population, person, day, credit, takings);
            }
            expected -= 1.0;
        }
    }
}

fn purchase(
    town: &mut Town,
    population: &Population,
    person: &Person,
    day: Day,
    credit: bool,
    takings: &mut Takings,
) {
    let usual = town.draw.chance(0.8);
    let place = if usual {
        person.favourite_shops[town.draw.index(person.favourite_shops.len())]
    } else {
        town.draw.index(population.shops.len())
    };
    let shop = &population.shops[place];
    if day < shop.opens {
        return;
    }
    let amount = shop.basket * (0.55 * town.draw.normal()).exp();
    let at = town.at(day, Hours::Shop);
    let means = match (credit, town.draw.chance(town.habits.instant)) {
        (_, true) => Instant,
        (true, _) => CreditCard,
        _ => DebitCard,
    };
    let together = shop.trade == Trade::Grocer && town.draw.chance(0.5);
    let payer = person.shared.filter(|_| together).unwrap_or(person.account);
    let kind = match (means, shop.provider, shop.trade) {
        (Instant, ..) => "shop_instant_payment",
        (_, Some(_), _) => "provider_card_payment",
        (.., Trade::Grocer) => "groceries",
        (.., Trade::Cafe) => "cafe",
        (.., Trade::Fuel) => "fuel",
        _ => "card_payment",
    };
    // A provider takes card payments; instant payments go directly to the shop.
    let payee = match shop.provider.filter(|_| means != Instant) {
        Some(provider) => {
            *takings.entry((place, day)).or_default() += amount;
            population.providers[provider]
        }
        None => shop.account,
    };
    town.pay(kind, (payer, payee), at, amount, means, None);
    if matches!(shop.trade, Trade::Clothes | Trade::Electronics) && town.draw.chance(0.06) {
        refund(town, (payee, payer), at, amount, means);
    }
}

/// A provider pays out a merchant's takings in bulk, less its fee, every working day or once a week.
fn payouts(town: &mut Town, population: &Population, takings: &Takings) {
    for (place, shop) in population.shops.iter().enumerate() {
        let Some(provider) = shop.provider.map(|at| population.providers[at]) else { continue };
        let fee = town.draw.between(0.01, 0.03);
        let weekly = town.draw.chance(0.4);
        let weekday = Day::from(town.draw.whole(0, 6));
        let mut due = 0.0;
        for day in 0..town.days {
            due += takings.get(&(place, day)).copied().unwrap_or_default();
            let runs = if weekly { day % 7 == weekday } else { town.works(day) };
            if runs && due > town.price(5.0) {
                let at = town.at(town.working(day + 1), Hours::Batch);
                let purpose = Some(format!("SETTLEMENT {}", town.date(day)));
                let pair = (provider, shop.account);
                town.pay("provider_payout", pair, at, due * (1.0 - fee), Ach, purpose);
                due = 0.0;
            }
        }
    }
}

fn refund(town: &mut Town, pair: (Id, Id), bought: i64, amount: f64, means: PaymentType) {
    let wait = Day::from(town.draw.whole(2, 20));
    let at = town.at(bought / DAY + wait, Hours::Shop);
    let part = if town.draw.chance(0.7) { 1.0 } else { town.draw.between(0.2, 0.9) };
    let means = if means == Instant { Transfer } else { means };
    let purpose = (means == Transfer).then(|| town.word(Word::Refund).to_owned());
    town.pay("refund", pair, at, part * amount, means, purpose);
}

/// Notes from a nearby machine, in the few amounts that it offers.
fn cash_machine(town: &mut Town, population: &Population, person: &Person) {
    let machine = population.machines[town.draw.index(population.machines.len())];
    let note = town.round(town.price(20.0), 1);
    let every = 12.0 / (0.4 + 2.0 * town.habits.cash);
    let mut day = person.from + Day::from(town.draw.whole(0, 12));
    while day < town.days {
        let notes = town.draw.weighted(&[(1.0, 0.3), (2.0, 0.3), (5.0, 0.25), (10.0, 0.15)]);
        let elsewhere = town.draw.chance(0.2);
        let other = population.machines[town.draw.index(population.machines.len())];
        let machine = if elsewhere { other } else { machine };
        let at = town.at(day, Hours::Awake);
        let amount = notes * note;
        let pair = (person.account, machine);
        town.pay("cash_machine", pair, at, amount, CashWithdrawal, None);
        #[expect(clippy::cast_possible_truncation, reason = "days of weeks")]
        let wait = (every * town.draw.between(0.4, 1.8)) as Day;
        day += wait.max(1);
    }
}

/// One person pays for all; the others send their share within a day or two, often with the same
/// words.
fn split_bills(town: &mut Town, population: &Population, person: &Person) {
    if person.friends.is_empty() || !town.draw.chance(0.5) {
        return;
    }
    let mut day = person.from + Day::from(town.draw.whole(3, 60));
    while day < town.days {
        let share = town.around(22.0, 0.6);
        let share = town.round(share, 2);
        let word = town.word(Word::Dinner);
        let common = town.draw.chance(0.6).then(|| word.to_owned());
        for friend in person.friends.iter().take(town.draw.whole(2, 7) as usize) {
            let friend = &population.people[*friend];
            let later = day + Day::from(town.draw.whole(0, 2));
            if friend.from <= later {
                let at = town.at(later, Hours::Evening);
                let pair = (friend.account, person.account);
                town.pay("split_bill", pair, at, share, Instant, common.clone());
            }
        }
        day += Day::from(town.draw.whole(15, 90));
    }
}
