//! A case's history as a plain list, and the figures that sentences name, counted from it with
//! loops: independently of the profiles, which keep sums and registers.

use std::collections::HashSet;

use sentinel::payment::transaction::{Kind, Transaction};
use sentinel::reference::Reference;
use sentinel::state::facts::Facts;

use crate::case::Case;

/// The parts of a payment that figures are counted from.
pub struct CountedPayment {
    pub at: f64,
    pub from: String,
    pub to: String,
    /// In the base currency, in whole cents.
    pub amount: f64,
    party: Option<String>,
    purpose: String,
    facts: Facts,
    /// Taken back by a reversal: it is no longer counted, but the two accounts have met.
    is_reversed: bool,
    /// The first from this sender to this receiver.
    is_first: bool,
}

/// The payments made up to the time of the judged one, oldest first, and the judged one, `this`.
pub struct Past {
    payments: Vec<CountedPayment>,
    pub this: CountedPayment,
}

/// A window of days, counted from the epoch: the first day, and the first day after it.
#[derive(Clone, Copy)]
pub struct Window {
    from: i64,
    until: i64,
}

/// Which payments are counted.
pub type Which = fn(&CountedPayment) -> bool;

impl CountedPayment {
    fn of(tx: &Transaction, reference: &Reference) -> Self {
        let facts = Facts::of(tx, reference);
        let purpose = tx.purpose.as_ref().map_or("", |purpose| purpose.text.as_str());
        Self {
            at: facts.at,
            from: tx.sender.identity().as_str().to_owned(),
            to: tx.receiver.identity().as_str().to_owned(),
            amount: (facts.amount * 100.0).round() / 100.0,
            party: tx.sender.party_id.as_ref().map(|party| party.as_str().to_owned()),
            purpose: purpose.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect(),
            facts,
            is_reversed: false,
            is_first: false,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a payment's time has few days")]
    pub fn day(&self) -> i64 {
        (self.at / 86_400.0).floor() as i64
    }

    /// Weeks begin on Monday; the epoch was a Thursday.
    fn week(&self) -> i64 {
        (self.day() + 3).div_euclid(7)
    }

    pub fn which(kind: &str) -> Option<Which> {
        Some(match kind {
            "all" => |paid| !paid.is_reversed,
            "new" => |paid| paid.is_first,
            "near_threshold" => |paid| !paid.is_reversed && paid.facts.near_threshold,
            "cash" => |paid| !paid.is_reversed && paid.facts.cash,
            "round" => |paid| !paid.is_reversed && paid.facts.round,
            "cross_border" => |paid| !paid.is_reversed && paid.facts.cross_border,
            _ => return None,
        })
    }
}

impl Past {
    pub fn of(case: &Case, reference: &Reference) -> Self {
        let this = CountedPayment::of(&case.judged, reference);
        let taken_back = |tx: &Transaction| {
            let mut reversals = case.history.iter().filter(|other| other.kind == Kind::Reversal);
            reversals.any(|reversal| reversal.original_msg_id.as_ref() == Some(&tx.msg_id))
        };
        let counted = case.history.iter().filter(|tx| tx.kind.counts());
        let paid = counted.map(|tx| CountedPayment {
            is_reversed: taken_back(tx),
            ..CountedPayment::of(tx, reference)
        });
        let mut payments: Vec<CountedPayment> = paid.filter(|paid| paid.at <= this.at).collect();
        payments.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.amount.total_cmp(&b.amount)));
        let mut met = HashSet::new();
        for paid in &mut payments {
            paid.is_first = met.insert((paid.from.clone(), paid.to.clone()));
        }
        Self { payments, this }
    }

    /// `2d` and `7d` end with the payment's own day, `2w` and `5w` with its week.
    pub fn window(&self, name: &str) -> Option<Window> {
        let count: i64 = name.get(..1)?.parse().ok()?;
        match name.get(1..)? {
            "d" => Some(Window { from: self.this.day() - count + 1, until: self.this.day() + 1 }),
            "w" => Some(self.weeks(count - 1, 0)),
            _ => None,
        }
    }

    /// From the week that is `first` weeks before the payment's own to the one `last` weeks before
    /// it.
    fn weeks(&self, first: i64, last: i64) -> Window {
        let monday = |week: i64| week * 7 - 3;
        let week = self.this.week();
        Window { from: monday(week - first), until: monday(week - last + 1) }
    }

    /// Count and sum of an account's outgoing or incoming payments in a window.
    pub fn sum(&self, account: &str, out: bool, which: Which, window: Window) -> (f64, f64) {
        let (mut count, mut sum) = (0.0, 0.0);
        for paid in &self.payments {
            let is_own = account == if out { &paid.from } else { &paid.to };
            if is_own && which(paid) && (window.from..window.until).contains(&paid.day()) {
                count += 1.0;
                sum += paid.amount;
            }
        }
        (count, sum)
    }

    /// Count and sum of the mean week among the up to four before the payment's own; `None` if the
    /// account has been known for fewer than two whole weeks.
    pub fn usual_week(&self, account: &str, out: bool, which: Which) -> Option<(f64, f64)> {
        let first = self.payments_of(account).next()?;
        let whole = (self.this.week() - first.week() - 1).min(4);
        if whole < 2 {
            return None;
        }
        let (count, sum) = self.sum(account, out, which, self.weeks(whole, 1));
        Some((count / whole as f64, sum / whole as f64))
    }

    /// An account's payments in either direction, the oldest first.
    pub fn payments_of<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a CountedPayment> {
        self.payments.iter().filter(move |paid| paid.from == account || paid.to == account)
    }

    /// The payments from one account to another that were not taken back, the oldest first.
    pub fn between<'a>(
        &'a self,
        from: &'a str,
        to: &'a str,
    ) -> impl Iterator<Item = &'a CountedPayment> {
        self.payments
            .iter()
            .filter(move |paid| paid.from == from && paid.to == to && !paid.is_reversed)
    }

    pub fn days_since(&self, paid: Option<&CountedPayment>) -> f64 {
        paid.map_or(-1.0, |paid| (self.this.at - paid.at) / 86_400.0)
    }

    /// The accounts that this one paid (`out`), or that paid it, within the last `days`; each with
    /// the newest payment.
    pub fn neighbours<'a>(
        &'a self,
        account: &'a str,
        out: bool,
        days: f64,
    ) -> Vec<(&'a str, &'a CountedPayment)> {
        let mut found: Vec<(&str, &CountedPayment)> = Vec::new();
        for paid in self.payments_of(account).filter(|paid| self.days_since(Some(paid)) <= days) {
            let (own, other) = if out { (&paid.from, &paid.to) } else { (&paid.to, &paid.from) };
            if own == account {
                found.retain(|(known, _)| *known != other.as_str());
                found.push((other, paid));
            }
        }
        found
    }

    /// The number of other counterparties whose newest payment resembles this one: a similar amount
    /// within seven days, or the same purpose within thirty.
    pub fn alike(&self, out: bool, what: &str) -> f64 {
        let account = if out { &self.this.from } else { &self.this.to };
        let (days, amounts) = if what == "similar_amounts" { (7.0, true) } else { (30.0, false) };
        let neighbours = self.neighbours(account, out, days);
        let others = neighbours
            .iter()
            .filter(|(other, _)| *other != self.this.from && *other != self.this.to);
        let same = others.filter(|(_, paid)| match amounts {
            true => (paid.amount - self.this.amount).abs() <= 0.05 * self.this.amount,
            false => !paid.purpose.is_empty() && paid.purpose == self.this.purpose,
        });
        same.count() as f64
    }

    /// Count and sum of what the sender's party paid within two days from other accounts.
    pub fn elsewhere(&self) -> (f64, f64) {
        let days = [self.this.day() - 1, self.this.day()];
        let others = self.payments.iter().filter(|paid| {
            paid.party.is_some() && paid.party == self.this.party && paid.from != self.this.from
        });
        others
            .filter(|paid| days.contains(&paid.day()))
            .fold((0.0, 0.0), |(count, sum), paid| (count + 1.0, sum + paid.amount))
    }
}
