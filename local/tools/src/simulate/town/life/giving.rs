//! Gifts: to charities every month and at appeals, which then fund projects at home and abroad; at
//! weddings; for a colleague's present; and inheritances.

use sentinel::payment::transaction::PaymentType::{Ach, CrossBorder, Instant, Transfer, Wire};

use super::super::account::{Id, Segment};
use super::super::country::FAMILIES;
use super::super::ledger::{Day, Hours, Town};
use super::super::people::{Livelihood, Population};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    for _ in 0..2 + population.people.len() / 250 {
        charity(town, population);
    }
    for _ in 0..2 + population.people.len() / 120 {
        wedding(town, population);
    }
    for _ in 0..2 + population.people.len() / 50 {
        collection(town, population);
    }
    for _ in 0..1 + population.people.len() / 150 {
        inheritance(town, population);
    }
}

/// Regular donors and an appeal: many small sums within days, then a large one to where it is
/// needed.
fn charity(town: &mut Town, population: &Population) {
    let charity = town.open(Segment::Charity, true);
    town.name(charity, "Relief Fund".to_owned());
    let word = town.word(Word::Donation);
    let usual = [10.0, 15.0, 20.0, 25.0, 25.0, 50.0, 100.0];
    for donor in population.sample(town, population.people.len() / 12) {
        let donor = &population.people[donor];
        let pick = town.draw.index(usual.len());
        let gift = town.price(usual[pick]);
        let gift = town.round(gift, 1);
        let due = i8::try_from(town.draw.whole(1, 28)).unwrap_or(1);
        for day in town.monthly(due, donor.from) {
            let at = town.at(town.working(day), Hours::Batch);
            let purpose = town.maybe(word);
            town.pay("charity_donation", (donor.account, charity), at, gift, Ach, purpose);
        }
    }
    let appeal = town.some_day(0, (town.days - 15).max(1));
    let wanted = town.draw.whole(40, 150) as usize;
    let donors = population.sample(town, wanted);
    let mut collected = 0.0;
    for donor in donors {
        let donor = &population.people[donor];
        let day = appeal + Day::from(town.draw.whole(0, 4));
        if donor.from <= day {
            let pick = town.draw.index(usual.len());
            let gift = town.price(usual[pick]);
            let gift = town.round(gift, 1);
            collected += gift;
            let at = town.at(day, Hours::Awake);
            let purpose = town.draw.chance(0.8).then(|| word.to_owned());
            town.pay("charity_donation", (donor.account, charity), at, gift, Instant, purpose);
        }
    }
    let wait = Day::from(town.draw.whole(5, 12));
    let day = town.working(appeal + wait);
    let at = town.at(day, Hours::Office);
    let grant = town.round(0.85 * collected, 3);
    let purpose = Some("Emergency aid".to_owned());
    if town.draw.chance(0.5) {
        let (country, currency) = FAMILIES[town.draw.index(FAMILIES.len())];
        let partner = town.open_in(country, Segment::Charity, false);
        let more = (purpose, Some(currency));
        town.pay_in("charity_grant", (charity, partner), at, grant, CrossBorder, more);
    } else {
        let partner = town.open_somewhere(Segment::Charity);
        town.pay("charity_grant", (charity, partner), at, grant, Transfer, purpose);
    }
}

/// Guests give similar round sums within days; then the caterer, the band and the hall are paid.
fn wedding(town: &mut Town, population: &Population) {
    let bride = &population.people[town.draw.index(population.people.len())];
    let couple = bride.shared.unwrap_or(bride.account);
    let day = town.some_day(bride.from, (town.days - 8).max(bride.from));
    let word = town.word(Word::Wedding);
    let usual = town.price(60.0);
    let usual = town.round(usual, 1);
    let wanted = town.draw.whole(20, 60) as usize;
    let guests = population.sample(town, wanted);
    let mut gifts = 0.0;
    for guest in guests {
        let guest = &population.people[guest];
        let day = day + Day::from(town.draw.whole(0, 6)) - 2;
        let gift = usual * town.draw.weighted(&[(1.0, 0.45), (2.0, 0.35), (3.0, 0.1), (5.0, 0.1)]);
        if guest.from <= day && day >= 0 {
            gifts += gift;
            let at = town.at(day, Hours::Awake);
            let purpose = town.maybe(word);
            town.pay("wedding_gift", (guest.account, couple), at, gift, Instant, purpose);
        }
    }
    let parts: [(f64, &str); 3] = [(0.55, "Catering"), (0.25, "Hall"), (0.12, "Band")];
    for (part, what) in parts {
        let payee = town.open_somewhere(Segment::SoleTrader);
        let wait = Day::from(town.draw.whole(2, 9));
        let day = town.working(day + wait);
        let at = town.at(day, Hours::Awake);
        let amount = town.round(part * gifts, 2);
        let purpose = town.maybe(what);
        town.pay("wedding_expense", (couple, payee), at, amount, Transfer, purpose);
    }
}

/// Colleagues contribute to a present that one of them buys.
fn collection(town: &mut Town, population: &Population) {
    let organiser = &population.people[town.draw.index(population.people.len())];
    let day = town.some_day(organiser.from, town.days - 1);
    let word = town.word(Word::Gift);
    let name = town.person_name();
    let share = town.price(10.0);
    let share = town.round(share, 1);
    let mut collected = 0.0;
    let wanted = town.draw.whole(6, 25) as usize;
    for giver in population.sample(town, wanted) {
        let giver = &population.people[giver];
        let later = day + Day::from(town.draw.whole(0, 3));
        if giver.from <= later {
            collected += share;
            let at = town.at(later, Hours::Awake);
            let purpose = town.maybe(format!("{word} {name}"));
            let pair = (giver.account, organiser.account);
            town.pay("gift_collection", pair, at, share, Instant, purpose);
        }
    }
    let shop = &population.shops[town.draw.index(population.shops.len())];
    let at = town.at(day + 4, Hours::Shop);
    let pair = (organiser.account, shop.account);
    let means = sentinel::payment::transaction::PaymentType::DebitCard;
    town.pay("card_payment", pair, at, collected.max(share), means, None);
}

/// A notary pays out an estate, and the heir saves most of it.
fn inheritance(town: &mut Town, population: &Population) {
    let notary: Id = town.open(Segment::Notary, true);
    let wanted = town.draw.whole(1, 4) as usize;
    let heirs = population.sample(town, wanted);
    let (share, day) = (town.around(35_000.0, 0.9), town.some_day(5, town.days - 5));
    let day = town.working(day);
    for heir in heirs {
        let heir = &population.people[heir];
        if heir.livelihood == Livelihood::Student || heir.from > day {
            continue;
        }
        let at = town.at(day, Hours::Office);
        let purpose = Some(format!("Estate {}", town.draw.whole(100, 999)));
        town.pay("inheritance", (notary, heir.account), at, share, Wire, purpose);
        if let Some(savings) = heir.savings {
            let wait = Day::from(town.draw.whole(1, 12));
            let at = town.at(day + wait, Hours::Awake);
            let part = town.draw.between(0.5, 0.9);
            let part = town.round(part * share, 1);
            let pair = (heir.account, savings);
            town.pay("savings_transfer", pair, at, part.min(share), Transfer, None);
        }
    }
}
