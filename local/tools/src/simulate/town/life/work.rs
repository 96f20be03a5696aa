//! Incomes: wages from employers, whose clients pay invoices; bonuses and expenses; riders paid by
//! their platform; freelancers paid by clients abroad; pensions, benefits, and allowances of students.

use sentinel::payment::transaction::PaymentType::{Ach, CrossBorder, Instant, Transfer};

use super::super::account::{Id, Segment};
use super::super::ledger::{DAY, Day, Hours, Town};
use super::super::people::{Livelihood, Person, Population};
use super::super::words::Word;

pub(super) fn live(town: &mut Town, population: &Population) {
    employers(town, population);
    platforms(town, population);
    state(town, population);
    for person in &population.people {
        match person.livelihood {
            Livelihood::Freelancer => freelancer(town, person),
            Livelihood::Student => student(town, population, person),
            _ => {}
        }
    }
}

/// Employers with five to four hundred staff, until every worker has one. The remaining staff live
/// elsewhere.
fn employers(town: &mut Town, population: &Population) {
    let workers: Vec<&Person> =
        population.people.iter().filter(|p| p.livelihood == Livelihood::Worker).collect();
    let mut rest = workers.as_slice();
    let largest = (workers.len() as f64).clamp(20.0, 400.0);
    while !rest.is_empty() {
        let size = 5.0 * (largest / 5.0).powf(town.draw.unit() * town.draw.unit().sqrt());
        let part = town.draw.between(0.4, 1.0);
        #[expect(clippy::cast_possible_truncation, reason = "5 to 400")]
        let (size, own) = (size as usize, (size * part).ceil() as usize);
        let own = own.min(rest.len());
        let (mine, others) = rest.split_at(own);
        rest = others;
        let mut staff: Vec<(Id, f64, Day)> =
            mine.iter().map(|p| (p.account, p.income, p.from)).collect();
        while staff.len() < size {
            let account = town.open_somewhere(Segment::Private);
            staff.push((account, town.around(3_600.0, 0.45), 0));
        }
        employer(town, population, &staff);
    }
}

fn employer(town: &mut Town, population: &Population, staff: &[(Id, f64, Day)]) {
    let account = town.open_somewhere(Segment::Company);
    let family = town.family_name();
    let trade = ["Logistics", "Bau", "Foods", "Systems", "Textiles", "Care"][town.draw.index(6)];
    town.name(account, format!("{family} {trade}"));
    let weekly = town.draw.chance(town.habits.weekly_wages);
    let part = town.draw.between(1.5, 2.4);
    let wages: f64 = staff.iter().map(|(_, income, _)| income).sum();
    revenue(town, account, wages * part);
    payroll(town, account, staff, weekly);
    for day in town.monthly(15, 0) {
        let at = town.at(town.working(day), Hours::Batch);
        let tax = 0.28 * wages;
        let purpose = Some(format!("PAYE {}", town.date(day).strftime("%Y-%m")));
        town.pay("payroll_tax", (account, population.tax_office), at, tax, Ach, purpose);
    }
    for (member, income, from) in staff {
        if town.draw.chance(0.12) {
            let day = town.some_day(*from, town.days);
            let at = town.at(day, Hours::Office);
            let at = town.working(at / DAY) * DAY + at % DAY;
            let amount = 0.06 * income * (0.6 * town.draw.normal()).exp();
            let purpose = town.maybe("Expenses");
            town.pay("expense_claim", (account, *member), at, amount, Transfer, purpose);
        }
    }
}

/// All wages of a run are sent within minutes, before the weekend if payday falls on one.
fn payroll(town: &mut Town, employer: Id, staff: &[(Id, f64, Day)], weekly: bool) {
    let word = town.word(Word::Salary);
    let paydays: Vec<Day> = if weekly {
        let friday = |day: &Day| town.weekday(*day) == jiff::civil::Weekday::Friday;
        (0..town.days).filter(friday).map(|day| town.working_before(day)).collect()
    } else {
        let days = town.monthly(town.habits.payday, 0);
        days.into_iter().map(|day| town.working_before(day)).collect()
    };
    let (kind, share) = if weekly { ("wage", 12.0 / 52.0) } else { ("salary", 1.0) };
    let rises: Vec<f64> = staff.iter().map(|_| town.draw.between(0.0, 0.04)).collect();
    for day in paydays {
        let run = town.at(day, Hours::Batch);
        let thirteenth = !weekly && town.date(day).month() == town.habits.bonus_month;
        let purpose = format!("{word} {}", town.date(day).strftime("%m/%Y"));
        for (at, (member, income, from)) in staff.iter().enumerate() {
            // With weekly wages, hours vary a little.
            let varies = if weekly { 0.12 } else { rises[at] };
            if *from <= day {
                let pay = share * income * (1.0 + varies * town.draw.between(-1.0, 1.0));
                let at = run + i64::try_from(at / 3).unwrap_or_default();
                let purpose = Some(purpose.clone());
                town.pay(kind, (employer, *member), at, pay, Ach, purpose);
                if thirteenth {
                    let kind = if rises[0] > 0.02 { "bonus" } else { "thirteenth_salary" };
                    let purpose = Some(town.word(Word::Bonus).to_owned());
                    town.pay(kind, (employer, *member), at + 600, 0.9 * income, Ach, purpose);
                }
            }
        }
    }
}

/// Clients' invoices in a month, and the suppliers' invoices paid from them.
fn revenue(town: &mut Town, company: Id, monthly: f64) {
    let clients: Vec<Id> =
        (0..town.draw.whole(3, 25)).map(|_| town.open_somewhere(Segment::Company)).collect();
    let suppliers: Vec<Id> =
        (0..town.draw.whole(2, 8)).map(|_| town.open_somewhere(Segment::Company)).collect();
    let word = town.word(Word::Invoice);
    let shares: Vec<f64> = clients.iter().map(|_| (0.7 * town.draw.normal()).exp()).collect();
    let all: f64 = shares.iter().sum();
    let mut number = town.draw.whole(100, 4_000);
    for month in 0..town.days / 30 + 1 {
        for (client, share) in clients.iter().zip(&shares) {
            if town.draw.chance(0.85) {
                number += 1;
                let wait = Day::from(town.draw.whole(0, 29));
                let day = town.working(30 * month + wait);
                let at = town.at(day, Hours::Office);
                let amount = monthly * share / all * (0.25 * town.draw.normal()).exp();
                let purpose = town.maybe(format!("{word} {number}"));
                let means = town.by_invoice();
                town.pay("client_invoice", (*client, company), at, amount, means, purpose);
            }
        }
        for supplier in &suppliers {
            let wait = Day::from(town.draw.whole(0, 29));
            let day = town.working(30 * month + wait);
            let at = town.at(day, Hours::Office);
            let part = monthly * 0.25 / suppliers.len() as f64;
            let amount = part * (0.4 * town.draw.normal()).exp();
            let number = town.draw.whole(1_000, 99_999);
            let purpose = town.maybe(format!("{word} {}", number));
            let means = town.by_invoice();
            town.pay("supplier_invoice", (company, *supplier), at, amount, means, purpose);
        }
    }
}

/// A platform pays its riders and drivers every week, nearly all at once.
fn platforms(town: &mut Town, population: &Population) {
    let platform = town.open(Segment::Marketplace, true);
    town.name(platform, "Rider App".to_owned());
    let mut riders: Vec<(Id, f64, Day)> = population
        .people
        .iter()
        .filter(|person| person.livelihood == Livelihood::GigWorker)
        .map(|person| (person.account, person.income, person.from))
        .collect();
    for _ in 0..town.draw.whole(8, 30) {
        let account = town.open(Segment::Private, false);
        let (income, from) = (town.around(1_800.0, 0.3), town.some_day(0, town.days / 2));
        riders.push((account, income, from));
    }
    let weekday = Day::from(town.draw.whole(0, 4));
    for day in (0..town.days).filter(|day| day % 7 == weekday) {
        let run = town.at(town.working(day), Hours::Batch);
        for (at, (rider, income, from)) in riders.iter().enumerate() {
            if *from <= day && town.draw.chance(0.93) {
                let pay = 12.0 / 52.0 * income * (0.3 * town.draw.normal()).exp();
                let purpose = Some(format!("PAYOUT W{}", day / 7 + 1));
                let at = run + i64::try_from(at).unwrap_or_default();
                town.pay("gig_payout", (platform, *rider), at, pay, Instant, purpose);
            }
        }
    }
}

/// The pension office and the municipality pay on fixed days of the month.
fn state(town: &mut Town, population: &Population) {
    let observed = town.draw.chance(0.5);
    let office = town.open(Segment::PublicBody, observed);
    let city = town.open(Segment::PublicBody, true);
    town.name(office, "Pension Office".to_owned());
    let mut pensioners: Vec<(Id, f64, Day)> = population
        .people
        .iter()
        .filter(|person| person.livelihood == Livelihood::Pensioner)
        .map(|person| (person.account, person.income, person.from))
        .collect();
    if observed {
        for _ in 0..population.people.len() / 5 {
            let account = town.open(Segment::Pensioner, false);
            pensioners.push((account, town.around(2_000.0, 0.3), 0));
        }
    }
    let (due, word) = (i8::try_from(town.draw.whole(1, 28)).unwrap_or(1), town.word(Word::Pension));
    for day in town.monthly(due, 0) {
        let run = town.at(town.working_before(day), Hours::Batch);
        for (at, (pensioner, pension, from)) in pensioners.iter().enumerate() {
            if *from <= day {
                let at = run + i64::try_from(at / 5).unwrap_or_default();
                town.pay("pension", (office, *pensioner), at, *pension, Ach, Some(word.into()));
            }
        }
    }
    let child = town.price(230.0);
    let child = town.round(child, 2);
    for person in &population.people {
        let (kind, amount, word) = match person.livelihood {
            Livelihood::Jobless => ("unemployment_benefit", person.income, "Benefit"),
            Livelihood::Worker if town.draw.chance(0.25) => {
                let children = f64::from(town.draw.whole(1, 3));
                ("child_benefit", children * child, town.word(Word::Benefit))
            }
            _ => continue,
        };
        for day in town.monthly(7, person.from) {
            let at = town.at(town.working(day), Hours::Batch);
            town.pay(kind, (city, person.account), at, amount, Ach, Some(word.to_owned()));
        }
    }
}

/// Two or three clients, one or two of them abroad, who pay irregularly.
fn freelancer(town: &mut Town, person: &Person) {
    let word = town.word(Word::Invoice);
    let clients = town.draw.whole(2, 4);
    for at in 0..clients {
        let abroad = at == 0 || town.draw.chance(0.4);
        let home = town.open_somewhere(Segment::Company);
        let foreign = town.open_abroad(Segment::Company);
        let mut day = person.from + Day::from(town.draw.whole(0, 40));
        while day < town.days {
            let amount = person.income / f64::from(clients) * (0.4 * town.draw.normal()).exp();
            let number = town.draw.whole(10, 400);
            let purpose = town.maybe(format!("{word} {number}"));
            let time = town.at(town.working(day), Hours::Office);
            if abroad {
                let pair = (foreign.0, person.account);
                town.receive("freelance_invoice", pair, time, amount, (purpose, foreign.1));
            } else {
                let pair = (home, person.account);
                town.pay("freelance_invoice", pair, time, amount, Transfer, purpose);
            }
            day += Day::from(town.draw.whole(20, 45));
        }
    }
}

/// Parents send an allowance, from here or from abroad; most students work some hours.
fn student(town: &mut Town, population: &Population, person: &Person) {
    let word = town.word(Word::Family);
    let allowance = town.round(0.6 * person.income, 2);
    let abroad = town.draw.chance(0.3);
    let foreign = town.open_abroad(Segment::Private);
    let parent = population.people[town.draw.index(population.people.len())].account;
    let home = if town.draw.chance(0.5) { parent } else { town.open(Segment::Private, false) };
    let due = i8::try_from(town.draw.whole(1, 28)).unwrap_or(1);
    for day in town.monthly(due, person.from) {
        let at = town.at(day, Hours::Awake);
        let purpose = town.maybe(word);
        if abroad {
            let pair = (foreign.0, person.account);
            town.receive("student_allowance", pair, at, allowance, (purpose, foreign.1));
        } else {
            let pair = (home, person.account);
            town.pay("student_allowance", pair, at, allowance, Transfer, purpose);
        }
    }
    if town.draw.chance(0.6) {
        let cafe = population.shops[town.draw.index(population.shops.len())].account;
        for day in town.monthly(town.habits.payday, person.from) {
            let at = town.at(town.working_before(day), Hours::Batch);
            let wage = 0.45 * person.income * (0.15 * town.draw.normal()).exp();
            let purpose = Some(town.word(Word::Salary).to_owned());
            town.pay("part_time_wage", (cafe, person.account), at, wage, Ach, purpose);
        }
    }
    if town.draw.chance(0.35) {
        let university = town.open_abroad(Segment::Company);
        let day = town.some_day(person.from, town.days);
        let at = town.at(town.working(day), Hours::Office);
        let fee = town.around(4_000.0, 0.4);
        let purpose = Some(format!("Tuition {}", town.draw.whole(100_000, 999_999)));
        let pair = (home, university.0);
        town.pay_in("tuition_abroad", pair, at, fee, CrossBorder, (purpose, Some(university.1)));
    }
}
