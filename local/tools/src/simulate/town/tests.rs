//! What holds for every town: it depends only on its seed, its payments are valid and in order of
//! time, and a story's money comes in before it goes out.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use sentinel::payment::money::Currency;
use sentinel::payment::transaction::Transaction;
use serde_json::Value;

use super::payment::digits;
use super::*;

fn options(seed: u64) -> Options {
    Options {
        seed,
        days: 90,
        people: 120,
        stories: 1,
        currency: None,
        segments: false,
        honest_days: 0,
        before: None,
    }
}

fn text(options: &Options) -> String {
    let mut out = Vec::new();
    write(options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_same_seed_makes_the_same_town() {
    assert!(text(&options(1)) == text(&options(1)));
    assert!(text(&options(1)) != text(&options(2)));
}

#[test]
fn every_line_is_a_transaction_of_the_contract_in_the_order_of_time() {
    for seed in 1..4 {
        let (mut last, mut ids) = (None, HashSet::new());
        for line in text(&options(seed)).lines() {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let members = line.as_object_mut().unwrap();
            let suspicious = members.remove("is_laundering").unwrap().as_bool().unwrap();
            assert!(members.remove("laundering_type").unwrap().is_string());
            assert_eq!(members.remove("story").is_some(), suspicious);
            let transaction =
                Transaction::parse(line.to_string().as_bytes(), Timestamp::MAX).unwrap();
            let at = transaction.timestamp.instant();
            assert!(last.is_none_or(|last| last <= at));
            last = Some(at);
            assert!(ids.insert(transaction.msg_id));
        }
        assert!(ids.len() > 5_000, "{}", ids.len());
    }
}

#[test]
fn a_town_moves_by_whole_weeks_to_just_before_a_day() {
    let stays = live(&options(1)).first;
    for day in ["2026-11-25", "2026-11-26", "2028-03-01"] {
        let day: Date = day.parse().unwrap();
        let moved = text(&Options { before: Some(day), ..options(1) });
        let date = |line: &str| -> Date {
            let line: Value = serde_json::from_str(line).unwrap();
            line["timestamp"].as_str().unwrap()[..10].parse().unwrap()
        };
        let (first, last) = (moved.lines().next().unwrap(), moved.lines().last().unwrap());
        assert!(first.contains(&format!("-{}-000000", date(first))), "{first}");
        assert_eq!(date(first).weekday(), stays.weekday());
        let ago = day.since(date(last)).unwrap().get_days();
        assert!((1..=7).contains(&ago), "{day}: {ago}");
    }
}

#[test]
fn nobody_launders_in_the_honest_days() {
    let town = live(&Options { honest_days: 60, ..options(1) });
    let stories = town.payments.iter().filter(|payment| payment.story.is_some());
    let stories: Vec<_> = stories.map(|payment| payment.at / ledger::DAY).collect();
    assert!(stories.len() > 200 && stories.iter().all(|day| *day >= 60), "{stories:?}");
}

#[test]
fn segments_are_written_on_request() {
    assert!(!text(&options(1)).contains("\"segment\""));
    for line in text(&Options { segments: true, ..options(1) }).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["sender"]["segment"].is_string() && line["receiver"]["segment"].is_string());
    }
}

#[test]
fn each_currency_may_be_chosen_and_has_its_decimals() {
    for code in currencies() {
        assert_eq!(digits(code), Currency::parse(code).unwrap().minor_digits(), "{code}");
        let options = Options { currency: Some(code.to_owned()), ..options(5) };
        let town = Town::found(options.seed, options.days, options.currency.as_deref());
        assert_eq!(town.country.currency, code);
    }
    for (_, code, _) in country::ABROAD {
        assert_eq!(digits(code), Currency::parse(code).unwrap().minor_digits(), "{code}");
    }
}

#[test]
fn stories_do_not_change_the_payments_of_others() {
    let row = |payment: &payment::Payment| {
        (payment.at, payment.sender, payment.receiver, payment.minor, payment.kind)
    };
    let with: HashSet<_> = live(&options(3)).payments.iter().map(row).collect();
    let without = live(&Options { stories: 0, ..options(3) });
    assert!(without.payments.iter().all(|payment| payment.story.is_none()));
    assert!(without.payments.iter().all(|payment| with.contains(&row(payment))));
}

#[test]
fn a_storys_money_comes_in_before_it_goes_out() {
    for seed in 1..6 {
        let town = live(&Options { stories: 3, ..options(seed) });
        let mut held: HashMap<(&str, account::Id), i64> = HashMap::new();
        for payment in &town.payments {
            let Some(story) = payment.story.as_deref() else { continue };
            if let Some(held) = held.get_mut(&(story, payment.sender)) {
                *held -= payment.minor;
                assert!(*held >= 0, "{story} of town {seed} sends what it does not have");
            }
            // Tills and outside sources have unlimited money.
            if town.accounts[payment.receiver].segment != account::Segment::CashPoint {
                *held.entry((story, payment.receiver)).or_default() += payment.minor;
            }
        }
    }
}

/// The duration of each story and the money it brings in.
fn stories(town: &Town) -> HashMap<&str, (i64, i64)> {
    let mut stories: HashMap<&str, (i64, i64, i64)> = HashMap::new();
    for payment in &town.payments {
        let Some(story) = payment.story.as_deref() else { continue };
        let entry = stories.entry(story).or_insert((payment.at, payment.at, 0));
        entry.1 = payment.at;
        entry.2 = entry.2.max(payment.minor);
    }
    stories.into_iter().map(|(id, (from, until, most))| (id, (until - from, most))).collect()
}

#[test]
fn stories_differ_in_speed_and_size() {
    let town = live(&Options { stories: 3, currency: Some("USD".to_owned()), ..options(8) });
    let stories = stories(&town);
    assert!(stories.values().any(|(span, _)| *span < 2 * 3_600));
    assert!(stories.values().any(|(span, _)| *span > 6 * 86_400));
    assert!(stories.values().any(|(_, most)| *most < 500_000));
    assert!(stories.values().any(|(_, most)| *most > 15_000_000));
}

#[test]
fn every_kind_of_honest_payment_and_every_typology_occurs() {
    let (mut kinds, mut typologies) = (HashSet::new(), HashSet::new());
    for seed in 1..9 {
        let town = live(&options(seed));
        let mut stories = HashSet::new();
        for payment in &town.payments {
            match &payment.story {
                None => kinds.insert(payment.kind),
                Some(_) => stories.insert(payment.kind),
            };
        }
        assert_eq!(stories.len(), stories::TYPOLOGIES, "town {seed}");
        typologies.extend(stories);
    }
    assert!(kinds.is_disjoint(&typologies));
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_unstable();
    assert_eq!(kinds, KINDS.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn shares_of_payments_are_plausible() {
    let town = live(&Options { people: 400, days: 120, stories: 2, ..options(4) });
    let all = town.payments.len() as f64;
    let share = |of: &dyn Fn(&payment::Payment) -> bool| {
        town.payments.iter().filter(|payment| of(payment)).count() as f64 / all
    };
    let suspicious = share(&|payment| payment.story.is_some());
    assert!((0.001..0.015).contains(&suspicious), "{suspicious}");
    let cash = share(&|payment| payment.means.is_cash());
    assert!((0.03..0.3).contains(&cash), "{cash}");
    let observed = town.accounts.iter().filter(|account| account.observed).count() as f64;
    let observed = observed / town.accounts.len() as f64;
    assert!((0.35..0.65).contains(&observed), "{observed}");
}

#[test]
fn wages_and_rents_are_paid_on_working_days() {
    for seed in 1..9 {
        let town = live(&options(seed));
        let kinds = ["salary", "wage", "pension", "rent", "client_invoice", "payroll_tax"];
        for payment in town.payments.iter().filter(|payment| kinds.contains(&payment.kind)) {
            assert!(town.works(payment.at / ledger::DAY), "{} of town {seed}", payment.kind);
        }
    }
}

#[test]
fn each_part_of_life_has_random_numbers_of_its_own() {
    let (mut one, mut other) = (Town::found(6, 30, None), Town::found(6, 30, None));
    one.draw.unit();
    one.begin("home");
    other.begin("home");
    assert_eq!(one.draw.unit().to_bits(), other.draw.unit().to_bits());
}

/// Every kind of honest payment, in alphabetical order.
const KINDS: &str = "
    account_fee agency_payout agency_rent bonus broker_deposit broker_settlement
    broker_withdrawal bureau_salary cafe car_purchase card_payment cash_machine cash_takings
    charity_donation charity_grant child_benefit client_invoice club_dues club_expense club_funding
    council_tax craftsman_invoice currency_exchange direct_debit_return event_cost
    exchange_office_cash expense_claim export_receipt family_gift first_payroll flat_share freelance_invoice
    fuel gift_collection gig_payout groceries group_trip group_trip_share holiday_card_payment
    home_repair house_deposit house_purchase house_sale household_transfer import_payment
    income_tax inheritance insurance_claim insurance_premium invoice_run life_insurance_payout loan_payout
    loan_repayment lottery_stake lottery_win marketplace_order marketplace_payout
    marketplace_sale material member_payout mortgage mortgage_payout mortgage_redemption own_transfer
    owners_draw parking_fine part_time_wage partner_transfer payroll_funding payroll_tax pension
    personal_cash_deposit phone_bill project_share provider_card_payment provider_payout refund remittance
    rent rent_deposit salary sales_tax savings_transfer savings_withdrawal school_fees
    seasonal_sale second_hand_sale shop_instant_payment shop_rent split_bill stamp_duty
    student_allowance subscription supplier_invoice tax_refund thirteenth_salary ticket_sale
    treasury_funding treasury_sweep tuition_abroad unemployment_benefit used_car utility_bill
    wage wedding_expense wedding_gift wholesale_invoice
";
