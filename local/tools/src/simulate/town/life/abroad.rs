//! Ties abroad: small monthly sums to a family, holidays, and rent for a flat by the sea.

use sentinel::payment::transaction::PaymentType::{CreditCard, CrossBorder};

use super::super::account::Segment;
use super::super::country::FAMILIES;
use super::super::ledger::{Day, Hours, Town};
use super::super::people::{Livelihood, Population};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    let hotels: Vec<_> = (0..8).map(|_| town.open_abroad(Segment::Company)).collect();
    for person in &population.people {
        if matches!(person.livelihood, Livelihood::Worker | Livelihood::GigWorker)
            && town.draw.chance(0.1)
        {
            remittance(town, population, person.from, person.account, person.income);
        }
        if town.draw.chance(0.25) {
            let mut day = town.some_day(person.from, town.days);
            for _ in 0..town.draw.whole(2, 9) {
                let (hotel, currency) = hotels[town.draw.index(hotels.len())];
                let at = town.at(day, Hours::Awake);
                let amount = town.around(70.0, 0.9);
                let more = (None, Some(currency));
                let pair = (person.account, hotel);
                town.pay_in("holiday_card_payment", pair, at, amount, CreditCard, more);
                day += Day::from(town.draw.whole(0, 2));
            }
        }
    }
}

/// Every month or fortnight to one or two relatives.
fn remittance(town: &mut Town, population: &Population, from: Day, sender: usize, income: f64) {
    let (country, currency) = FAMILIES[town.draw.index(FAMILIES.len())];
    if country == town.country.code || population.people.is_empty() {
        return;
    }
    let relatives: Vec<_> = (0..town.draw.whole(1, 2))
        .map(|_| town.open_in(country, Segment::Private, false))
        .collect();
    let word = town.word(Word::Family);
    let every: Day = if town.draw.chance(0.7) { 30 } else { 14 };
    let part = town.draw.between(0.05, 0.2);
    let amount = town.round(income * every as f64 / 30.0 * part, 2);
    let mut day = from + Day::from(town.draw.whole(0, 25));
    while day < town.days {
        let relative = relatives[town.draw.index(relatives.len())];
        let part = town.draw.between(0.9, 1.2);
        let varied = town.round(amount * part, 2);
        let at = town.at(day, Hours::Awake);
        let more = (town.maybe(word), Some(currency));
        town.pay_in("remittance", (sender, relative), at, varied, CrossBorder, more);
        day += every + Day::from(town.draw.whole(0, 4));
    }
}
