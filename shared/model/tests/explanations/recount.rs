//! Recounts, from the history, the values of the names that sentences use.

use crate::past::{CountedPayment, Past};

/// `None` for what is not recounted: decayed sums (digits, spread) and what is not a number.
pub fn value(past: &Past, name: &str) -> Option<f64> {
    let (from, to) = (past.this.from.as_str(), past.this.to.as_str());
    let pair = || past.between(from, to);
    Some(match name {
        "amount" => past.this.amount,
        "pair_count" => pair().count() as f64,
        "pair_amount_ratio" => {
            let logs: Vec<f64> = pair().map(|paid| paid.amount.ln_1p()).collect();
            past.this.amount / (logs.iter().sum::<f64>() / logs.len() as f64).exp_m1()
        }
        "reverse_count" => past.between(to, from).count() as f64,
        "reverse_days_since_last" => past.days_since(past.between(to, from).last()),
        "reverse_amount_ratio" => {
            let logs: Vec<f64> = past.between(to, from).map(|paid| paid.amount.ln_1p()).collect();
            past.this.amount / (logs.iter().sum::<f64>() / logs.len() as f64).exp_m1()
        }
        "party_elsewhere_count_2d" => past.elsewhere().0,
        "party_elsewhere_amount_2d" => past.elsewhere().1,
        "cycle_of_three_days" => cycle_days(past),
        "scatter_gather_paths" => scatter_gather(past),
        "upstream_out_new_7d" => most_new(past, &past.neighbours(from, false, 30.0), true),
        "downstream_in_new_7d" => most_new(past, &past.neighbours(to, true, 30.0), false),
        _ => return of_account(past, name),
    })
}

fn of_account(past: &Past, name: &str) -> Option<f64> {
    let (who, rest) = name.split_once('_')?;
    let (account, own_way) = match who {
        "sender" => (&past.this.from, true),
        "receiver" => (&past.this.to, false),
        _ => return None,
    };
    let ways = |out: bool| {
        move |paid: &&CountedPayment| account == if out { &paid.from } else { &paid.to }
    };
    match rest {
        "age_days" => return Some(past.days_since(past.payments_of(account).next())),
        "days_since_in" => {
            return Some(past.days_since(past.payments_of(account).filter(ways(false)).last()));
        }
        "days_since_out" => {
            return Some(past.days_since(past.payments_of(account).filter(ways(true)).last()));
        }
        "similar_amounts" | "same_purpose" => return Some(past.alike(own_way, rest)),
        _ => {}
    }
    let all = CountedPayment::which("all")?;
    let usual = |out| past.usual_week(account, out, all).map_or(-1.0, |(_, sum)| sum);
    if rest == "volume_jump" {
        let (_, sum) = past.sum(account, own_way, all, past.window("7d")?);
        return Some((sum + past.this.amount) / usual(own_way).max(1.0));
    }
    if let Some(window) = rest.strip_prefix("pass_through_") {
        let window = past.window(window)?;
        let this = if own_way { past.this.amount } else { 0.0 };
        let (out, income) =
            (past.sum(account, true, all, window), past.sum(account, false, all, window));
        return Some((out.1 + this) / income.1);
    }
    let (way, rest) = rest.split_once('_')?;
    let out = way == "out";
    if rest == "exceptional" {
        return Some(past.this.amount / usual(out).max(1.0));
    }
    if let Some(what) = rest.strip_prefix("usual_") {
        let (which, is_sum) = match what {
            "count" => ("all", false),
            "amount" => ("all", true),
            "mean" => {
                let (count, sum) = past.usual_week(account, out, all)?;
                return Some(sum / count);
            }
            "new" => ("new", false),
            _ => ("cash", true),
        };
        let week = past.usual_week(account, out, CountedPayment::which(which)?);
        return Some(week.map_or(-1.0, |(count, sum)| if is_sum { sum } else { count }));
    }
    let (what, window) = rest.rsplit_once('_')?;
    let (what, is_sum) = match what {
        "count" => ("all", false),
        "amount" => ("all", true),
        _ => what.strip_suffix("_amount").map_or((what, false), |what| (what, true)),
    };
    let (count, sum) = past.sum(account, out, CountedPayment::which(what)?, past.window(window)?);
    Some(if is_sum { sum } else { count })
}

/// Days since the newest payment to the sender from an account that the receiver has paid within a
/// month; -1 without one.
fn cycle_days(past: &Past) -> f64 {
    let to_sender = past.neighbours(&past.this.from, false, 30.0);
    let from_receiver = past.neighbours(&past.this.to, true, 30.0);
    let both =
        to_sender.iter().filter(|(account, _)| from_receiver.iter().any(|(c, _)| c == account));
    let newest = both.map(|(_, paid)| past.days_since(Some(paid))).reduce(f64::min);
    newest.unwrap_or(-1.0)
}

/// The most new counterparties that one of these accounts had within seven days.
fn most_new(past: &Past, accounts: &[(&str, &CountedPayment)], out: bool) -> f64 {
    let (Some(which), Some(window)) = (CountedPayment::which("new"), past.window("7d")) else {
        return -1.0;
    };
    let counts = accounts.iter().map(|(account, _)| past.sum(account, out, which, window).0);
    counts.fold(0.0, f64::max)
}

/// The most accounts that one payer of the sender has paid and that pay the receiver, counting the
/// sender.
fn scatter_gather(past: &Past) -> f64 {
    let payers = past.neighbours(&past.this.to, false, 30.0);
    let sources = past.neighbours(&past.this.from, false, 30.0);
    let paths = sources.iter().map(|(source, _)| {
        let paid = past.neighbours(source, true, 30.0);
        let both =
            paid.iter().filter(|(account, _)| payers.iter().any(|(payer, _)| payer == account));
        1.0 + both.filter(|(account, _)| *account != past.this.from).count() as f64
    });
    paths.fold(0.0, f64::max)
}
