//! Public bodies and associations: taxes and their refunds, council tax and fines, school fees, club
//! dues, and the lottery.

use sentinel::payment::transaction::PaymentType::{Ach, DebitCard, Instant, Transfer};

use super::super::account::{Id, Segment};
use super::super::ledger::{Day, Hours, Town};
use super::super::people::{Livelihood, Population};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    taxes(town, population);
    council(town, population);
    for _ in 0..2 {
        school(town, population);
    }
    for _ in 0..2 + population.people.len() / 150 {
        club(town, population);
    }
    lottery(town, population);
}

/// Most refunds come within a few weeks of a season; some people have to pay instead.
fn taxes(town: &mut Town, population: &Population) {
    let (word, office) = (town.word(Word::Tax), population.tax_office);
    let season = town.some_day(0, (town.days - 20).max(1));
    for person in population.people.iter().filter(|person| person.livelihood != Livelihood::Student)
    {
        if !town.draw.chance(0.55) {
            continue;
        }
        let day = season.max(person.from) + Day::from(town.draw.whole(0, 40));
        let day = town.working(day);
        let amount = 0.25 * person.income * (0.8 * town.draw.normal()).exp();
        let purpose = Some(format!("{word} {}", town.draw.whole(10_000_000, 99_999_999)));
        if town.draw.chance(0.75) {
            let at = town.at(day, Hours::Batch);
            town.pay("tax_refund", (office, person.account), at, amount, Ach, purpose);
        } else {
            let at = town.at(day, Hours::Office);
            town.pay("income_tax", (person.account, office), at, amount, Transfer, purpose);
        }
    }
    // Shops pay sales tax every quarter.
    for (place, shop) in population.shops.iter().enumerate() {
        for day in town.monthly(20, 0) {
            if (town.date(day).month() + 1) % 3 == 0 {
                let at = town.at(town.working(day), Hours::Office);
                let amount = shop.basket * town.draw.between(30.0, 90.0);
                let purpose = Some(format!("VAT {place:05}"));
                town.pay("sales_tax", (shop.account, office), at, amount, Transfer, purpose);
            }
        }
    }
}

fn council(town: &mut Town, population: &Population) {
    let council = town.open_somewhere(Segment::PublicBody);
    town.name(council, "City Treasury".to_owned());
    for (place, person) in population.people.iter().enumerate() {
        if person.livelihood != Livelihood::Student && place % 2 == 0 {
            let amount = town.around(110.0, 0.3);
            let reference = town.draw.whole(1_000_000, 9_999_999);
            let due = i8::try_from(town.draw.whole(1, 28)).unwrap_or(1);
            for day in town.monthly(due, person.from) {
                let at = town.at(town.working(day), Hours::Batch);
                let purpose = Some(format!("CT {reference}"));
                town.pay("council_tax", (person.account, council), at, amount, Ach, purpose);
            }
        }
        if town.draw.chance(0.12) {
            let day = town.some_day(person.from, town.days);
            let (at, fine) = (town.at(day, Hours::Awake), town.price(45.0));
            let fine = town.round(fine, 2);
            let purpose = Some(format!("PCN {}", town.draw.whole(100_000, 999_999)));
            town.pay("parking_fine", (person.account, council), at, fine, DebitCard, purpose);
        }
    }
}

/// Fees of a private school or nursery: all parents pay the same amounts on the same days.
fn school(town: &mut Town, population: &Population) {
    let school = town.open_somewhere(Segment::Association);
    let fee = town.around(260.0, 0.4);
    let fee = town.round(fee, 2);
    let parents = population.sample(town, population.people.len() / 12);
    let word = town.word(Word::Fees);
    for day in town.monthly(1, 0) {
        for parent in &parents {
            let parent = &population.people[*parent];
            if parent.from <= day && parent.livelihood != Livelihood::Student {
                let at = town.at(town.working(day), Hours::Batch);
                let purpose = Some(format!("{word} {}", town.date(day).strftime("%B")));
                town.pay("school_fees", (parent.account, school), at, fee, Transfer, purpose);
            }
        }
    }
}

/// A club collects its dues: most members pay within weeks of the letter.
fn club(town: &mut Town, population: &Population) {
    let club: Id = town.open(Segment::Association, true);
    let dues = town.around(60.0, 0.6);
    let dues = town.round(dues, 1);
    let wanted = town.draw.whole(20, 80) as usize;
    let members = population.sample(town, wanted);
    let letter = town.some_day(0, (town.days - 10).max(1));
    let word = town.word(Word::Fees);
    let mut collected = 0.0;
    for member in members {
        let member = &population.people[member];
        // Half pay in the first week, the rest after a reminder.
        let wait = (town.draw.unit() * town.draw.unit() * 28.0).floor();
        #[expect(clippy::cast_possible_truncation, reason = "days of weeks")]
        let day = letter + wait as Day;
        if member.from <= day {
            let at = town.at(day, Hours::Awake);
            let purpose = town.maybe(format!("{word} {}", town.date(day).year()));
            town.pay("club_dues", (member.account, club), at, dues, Transfer, purpose);
            collected += dues;
        }
    }
    let hall = town.open_somewhere(Segment::Company);
    let day = town.working(letter + 35);
    let at = town.at(day, Hours::Office);
    let rent = town.round(0.7 * collected, 3);
    let purpose = town.maybe(town.word(Word::Rent));
    town.pay("club_expense", (club, hall), at, rent, Transfer, purpose);
}

/// Many small stakes, some small wins, and one large win.
fn lottery(town: &mut Town, population: &Population) {
    let lottery = town.open_somewhere(Segment::Company);
    town.name(lottery, "State Lottery".to_owned());
    let stake = town.price(8.0);
    let stake = town.round(stake, 1);
    let players = population.sample(town, population.people.len() / 10);
    for player in &players {
        let player = &population.people[*player];
        let mut day = player.from + Day::from(town.draw.whole(0, 13));
        while day < town.days {
            let at = town.at(day, Hours::Evening);
            town.pay("lottery_stake", (player.account, lottery), at, stake, DebitCard, None);
            if town.draw.chance(0.08) {
                let win = stake * f64::from(town.draw.whole(1, 12));
                let at = town.at(day + 2, Hours::Batch);
                town.pay("lottery_win", (lottery, player.account), at, win, Instant, None);
            }
            day += Day::from(town.draw.whole(5, 21));
        }
    }
    if let Some(lucky) = players.first().map(|at| &population.people[*at]) {
        let day = town.some_day(lucky.from.max(town.days / 3), town.days - 1);
        let at = town.at(town.working(day), Hours::Office);
        let prize = town.around(60_000.0, 0.8);
        let prize = town.round(prize, 1);
        let purpose = Some("Lottery prize".to_owned());
        town.pay("lottery_win", (lottery, lucky.account), at, prize, Transfer, purpose);
    }
}
