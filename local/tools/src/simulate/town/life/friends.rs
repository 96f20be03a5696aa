//! Payments between people: a trip that one of them books, a shared flat, a car boot sale, help from
//! parents, cash taken to the bank, and transfers to one's own account elsewhere.

use sentinel::payment::transaction::PaymentType::{CashDeposit, Instant, Transfer};

use super::super::account::Segment;
use super::super::ledger::{Day, Hours, Town};
use super::super::people::{Livelihood, Person, Population};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    let agency = town.open_somewhere(Segment::Company);
    town.name(agency, "Sun Travel".to_owned());
    for _ in 0..2 + population.people.len() / 50 {
        trip(town, population, agency);
    }
    for _ in 0..2 + population.people.len() / 100 {
        shared_flat(town, population);
    }
    for person in &population.people {
        second_hand(town, population, person);
        own_cash(town, population, person);
        own_money(town, person);
    }
    for _ in 0..2 + population.people.len() / 80 {
        family_gift(town, population);
    }
}

/// Everybody sends their share to the person who books, who pays it all on within days.
fn trip(town: &mut Town, population: &Population, agency: usize) {
    let organiser = &population.people[town.draw.index(population.people.len())];
    let day = town.some_day(organiser.from, town.days - 1);
    let share = town.around(380.0, 0.5);
    let share = town.round(share, 2);
    let words = ["Ski trip", "Festival", "Lake house", "Lisboa"];
    let word = words[town.draw.index(words.len())];
    let mut collected = share;
    for friend in organiser.friends.iter().take(town.draw.whole(3, 9) as usize) {
        let friend = &population.people[*friend];
        let later = day + Day::from(town.draw.whole(0, 4));
        if friend.from <= later {
            collected += share;
            let at = town.at(later, Hours::Awake);
            let purpose = town.maybe(word);
            let pair = (friend.account, organiser.account);
            town.pay("group_trip_share", pair, at, share, Instant, purpose);
        }
    }
    let wait = Day::from(town.draw.whole(4, 7));
    let at = town.at(day + wait, Hours::Awake);
    let purpose = Some(format!("Booking {}", town.draw.whole(100_000, 999_999)));
    town.pay("group_trip", (organiser.account, agency), at, collected, Transfer, purpose);
}

/// Flatmates pay the tenant on the lease, who pays the landlord.
fn shared_flat(town: &mut Town, population: &Population) {
    let flatmates = population.sample(town, 4);
    let landlord = town.open_somewhere(Segment::Landlord);
    let (head, others) = (&population.people[flatmates[0]], &flatmates[1..]);
    let room = town.around(520.0, 0.2);
    let room = town.round(room, 2);
    let word = town.word(Word::Rent);
    for day in town.monthly(1, head.from) {
        for other in others {
            let other = &population.people[*other];
            let late = day + Day::from(town.draw.whole(0, 2));
            if other.from <= late {
                let at = town.at(late, Hours::Awake);
                let purpose = town.maybe(word);
                let pair = (other.account, head.account);
                town.pay("flat_share", pair, at, room, Instant, purpose);
            }
        }
        let at = town.at(town.working(day + 3), Hours::Awake);
        let rent = 4.0 * room;
        town.pay("rent", (head.account, landlord), at, rent, Transfer, Some(word.to_owned()));
    }
}

/// Payments between strangers for second-hand goods.
fn second_hand(town: &mut Town, population: &Population, seller: &Person) {
    if !town.draw.chance(0.25) {
        return;
    }
    for _ in 0..town.draw.whole(1, 4) {
        let buyer = &population.people[town.draw.index(population.people.len())];
        let day = town.some_day(seller.from.max(buyer.from), town.days);
        let price = town.around(45.0, 0.9);
        let price = town.round(price, 2);
        let things = ["Bike", "Pram", "iPhone 12", "Sofa", "Books", "Table"];
        let thing = things[town.draw.index(things.len())];
        let purpose = town.maybe(thing);
        let at = town.at(day, Hours::Awake);
        let pair = (buyer.account, seller.account);
        town.pay("second_hand_sale", pair, at, price, Instant, purpose);
    }
}

/// Tips, presents and what a neighbour paid, taken to the till as notes.
fn own_cash(town: &mut Town, population: &Population, person: &Person) {
    if !town.draw.chance(0.5 * town.habits.cash) {
        return;
    }
    let till = population.tills[town.draw.index(population.tills.len())];
    let mut day = person.from + Day::from(town.draw.whole(0, 30));
    while day < town.days {
        let amount = town.around(220.0, 0.8);
        let amount = town.round(amount, 2);
        let at = town.at(town.working(day), Hours::Office);
        let pair = (till, person.account);
        town.pay("personal_cash_deposit", pair, at, amount, CashDeposit, None);
        day += Day::from(town.draw.whole(7, 60));
    }
}

/// A person's own account at another bank: most of the wages go there, or come from there.
fn own_money(town: &mut Town, person: &Person) {
    if !town.draw.chance(0.06) || person.livelihood == Livelihood::Student {
        return;
    }
    let elsewhere = town.open(Segment::Private, !town.accounts[person.account].observed);
    town.accounts[elsewhere].name = town.accounts[person.account].name.clone();
    let amount = town.round(0.8 * person.income, 2);
    for day in town.monthly(town.habits.payday, person.from) {
        let at = town.at(day + 1, Hours::Awake);
        let pair = (person.account, elsewhere);
        town.pay("own_transfer", pair, at, amount, Transfer, None);
    }
}

/// Parents help with a house; the money goes to the notary the same week.
fn family_gift(town: &mut Town, population: &Population) {
    let pair = population.sample(town, 3);
    let child = &population.people[pair[0]];
    let notary = town.open_somewhere(Segment::Notary);
    let day = town.some_day(child.from, town.days - 1);
    let gift = town.around(18_000.0, 0.6);
    let gift = town.round(gift, 1);
    let word = town.word(Word::Gift);
    for parent in &pair[1..] {
        let at = town.at(town.working(day), Hours::Awake);
        let purpose = town.maybe(word);
        let pair = (population.people[*parent].account, child.account);
        town.pay("family_gift", pair, at, gift, Transfer, purpose);
    }
    let wait = Day::from(town.draw.whole(1, 6));
    let later = town.working(day + wait);
    let at = town.at(later, Hours::Office);
    let purpose = Some(town.word(Word::Deposit).to_owned());
    let deposit = 2.2 * gift;
    town.pay("house_deposit", (child.account, notary), at, deposit, Transfer, purpose);
}
