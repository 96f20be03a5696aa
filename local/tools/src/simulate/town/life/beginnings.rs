//! Honest events without precedent: a young firm collects invoices for weeks and then pays everybody's
//! wages at once; a club or cooperative distributes its money; a firm pays several craftsmen or settles
//! a batch of invoices; two or three firms pay for a project in one afternoon.

use sentinel::payment::transaction::PaymentType::{Ach, Transfer, Wire};

use super::super::account::{Id, Segment};
use super::super::ledger::{DAY, Day, Hours, Town};
use super::super::people::Population;
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    for _ in 0..3 + population.people.len() / 60 {
        young_firm(town);
    }
    for _ in 0..2 + population.people.len() / 120 {
        payout(town, population);
    }
    for _ in 0..3 + population.people.len() / 80 {
        settlement(town);
    }
    for _ in 0..4 + population.people.len() / 50 {
        project(town);
    }
}

/// Two to six clients pay for weeks before the first payroll; from then on there is one every month.
fn young_firm(town: &mut Town) {
    let firm = town.open_somewhere(Segment::Company);
    let begins = town.some_day(0, (town.days - 50).max(1));
    let staff: Vec<(Id, f64)> = (0..town.draw.whole(4, 45))
        .map(|_| (town.open_somewhere(Segment::Private), town.around(3_400.0, 0.35)))
        .collect();
    let wages: f64 = staff.iter().map(|(_, wage)| wage).sum();
    let clients: Vec<Id> =
        (0..town.draw.whole(2, 6)).map(|_| town.open_somewhere(Segment::Company)).collect();
    let waits = Day::from(town.draw.whole(14, 55));
    let part = town.draw.between(1.1, 2.6) / clients.len() as f64;
    let mut day = begins;
    while day < town.days {
        for client in &clients {
            let wait = Day::from(town.draw.whole(0, 9));
            let due = town.working(day + wait);
            let at = town.at(due, Hours::Office);
            let amount = part * wages / 2.5 * (0.3 * town.draw.normal()).exp();
            let purpose = town.maybe(town.word(Word::Invoice));
            town.pay("client_invoice", (*client, firm), at, amount, Ach, purpose);
        }
        day += 10;
    }
    let purpose = town.maybe(town.word(Word::Salary));
    let mut payday = begins + waits;
    while payday < town.days {
        let run = town.at(town.working_before(payday), Hours::Batch);
        for (at, (member, wage)) in staff.iter().enumerate() {
            let at = run + i64::try_from(at).unwrap_or_default();
            town.pay("first_payroll", (firm, *member), at, *wage, Ach, purpose.clone());
        }
        payday += 30;
    }
}

/// A club or cooperative refunds its members or shares out its earnings.
fn payout(town: &mut Town, population: &Population) {
    let club = town.open(Segment::Charity, true);
    let funder = town.open_somewhere(Segment::PublicBody);
    let members = town.draw.whole(6, 40) as usize;
    let share = town.around(700.0, 0.8);
    let day = town.some_day(10, (town.days - 5).max(11));
    let day = town.working(day);
    let before = Day::from(town.draw.whole(1, 9));
    let funded = town.working_before(day - before);
    let at = town.at(funded, Hours::Office);
    let total = 1.02 * share * members as f64;
    town.pay("club_funding", (funder, club), at, total, Wire, None);
    let run = town.at(day, Hours::Office);
    let purpose = town.maybe("Payout to members");
    for (at, member) in population.sample(town, members).into_iter().enumerate() {
        let member = &population.people[member];
        if member.from <= day {
            let amount = share * (0.15 * town.draw.normal()).exp();
            let at = run + 40 * i64::try_from(at).unwrap_or_default();
            let pair = (club, member.account);
            town.pay("member_payout", pair, at, amount, Transfer, purpose.clone());
        }
    }
}

/// A firm settles many suppliers' invoices in one run, after a client or its bank has paid.
fn settlement(town: &mut Town) {
    let firm = town.open_somewhere(Segment::Company);
    let payer = town.open_somewhere(Segment::Company);
    let day = town.some_day(5, (town.days - 5).max(6));
    let day = town.working(day);
    let amounts: Vec<f64> =
        (0..town.draw.whole(3, 18)).map(|_| town.around(2_400.0, 0.9)).collect();
    let wait = Day::from(town.draw.whole(0, 6));
    let before = town.working_before(day - wait);
    let at = town.at(before, Hours::Office).min(day * DAY + 8 * 3_600);
    let income = amounts.iter().sum::<f64>() * town.draw.between(0.9, 1.8);
    let means = town.by_invoice();
    town.pay("client_invoice", (payer, firm), at, income, means, None);
    let run = town.at(day, Hours::Office).max(at + 600);
    for (at, amount) in amounts.into_iter().enumerate() {
        let supplier = town.open_somewhere(Segment::Company);
        let number = town.draw.whole(100, 99_999);
        let purpose = town.maybe(format!("{} {number}", town.word(Word::Invoice)));
        let at = run + 20 * i64::try_from(at).unwrap_or_default();
        town.pay("invoice_run", (firm, supplier), at, amount, Ach, purpose);
    }
}

/// Two or three firms pay another the same sum within hours, and nothing follows for a long time.
fn project(town: &mut Town) {
    let firm = town.open_somewhere(Segment::Company);
    let day = town.some_day(0, town.days);
    let day = town.working(day);
    let share = town.around(4_000.0, 0.8);
    let share = town.round(share, 2);
    let mut at = town.at(day, Hours::Office);
    let purpose = town.maybe("Project");
    for _ in 0..town.draw.whole(2, 3) {
        let partner = town.open_somewhere(Segment::Company);
        town.pay("project_share", (partner, firm), at, share, Transfer, purpose.clone());
        at += i64::from(town.draw.whole(300, 9_000));
    }
    let wait = Day::from(town.draw.whole(8, 40));
    let later = town.working(day + wait);
    let supplier = town.open_somewhere(Segment::Company);
    let at = town.at(later, Hours::Office);
    town.pay("supplier_invoice", (firm, supplier), at, 1.3 * share, Transfer, None);
}
