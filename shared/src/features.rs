//! The features of one transaction: numbers from its facts and from the bounded state of its two
//! accounts and their pair, as they were before it. One list, in one place, gives each feature its
//! name, its words and its formula; training, backtest and production all run this code.
//!
//! Amounts are in the base currency. Times are in days; -1 stands for "never". Nothing is NaN.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::facts::Facts;
use crate::profile::Direction::{self, In, Out};
use crate::profile::HalfLife::{self, Day, Hour, Month, Week};
use crate::profile::Measure::{
    Amount, Cash, Count, CrossBorder, HighRiskCountry, LogAmount, LogAmountSquared, NearThreshold,
    NewCounterparty, Round,
};
use crate::profile::{Measure, Pair, Profile, View};
use crate::transaction::PaymentType;

/// The state a transaction is judged against: one read round-trip.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Neighbourhood {
    pub sender: Profile,
    pub receiver: Profile,
    /// Sender to receiver.
    pub pair: Option<Pair>,
    /// Receiver to sender.
    pub reverse: Option<Pair>,
}

/// What the formulas below read.
struct Sight<'a> {
    facts: &'a Facts,
    sender: View<'a>,
    receiver: View<'a>,
    pair: Option<Pair>,
    reverse: Option<Pair>,
}

macro_rules! features {
    ($sight:ident: $($name:ident, $words:literal = $formula:expr;)*) => {
        /// Every feature's name, in the order of the values.
        pub const NAMES: [&str; FEATURE_COUNT] = [$(stringify!($name)),*];
        /// What each feature is, in an analyst's words.
        pub const WORDS: [&str; FEATURE_COUNT] = [$($words),*];
        /// How many features there are.
        pub const FEATURE_COUNT: usize = [$($words),*].len();

        fn formulas($sight: &Sight<'_>) -> [f64; FEATURE_COUNT] {
            [$($formula),*]
        }
    };
}

features! { s:
    log_amount, "size of the payment (logarithm)" = s.facts.log_amount;
    near_threshold, "just below a reporting threshold" = flag(s.facts.near_threshold);
    round_amount, "round amount" = flag(s.facts.round);
    cross_border, "crosses a border" = flag(s.facts.cross_border);
    currency_change, "changes currency" = flag(s.facts.currency_change);
    high_risk_country, "touches a high-risk country" = flag(s.facts.high_risk_country);
    cash_deposit, "is a cash deposit" =
        flag(s.facts.payment_type == PaymentType::CashDeposit);
    cash_withdrawal, "is a cash withdrawal" =
        flag(s.facts.payment_type == PaymentType::CashWithdrawal);

    sender_out_count_1h, "payments sent, decayed over an hour" = s.from(Out, Count, Hour);
    sender_out_count_1d, "payments sent, decayed over a day" = s.from(Out, Count, Day);
    sender_out_count_7d, "payments sent, decayed over a week" = s.from(Out, Count, Week);
    sender_out_count_30d, "payments sent, decayed over a month" = s.from(Out, Count, Month);
    sender_out_amount_1d, "money sent, decayed over a day" = s.from(Out, Amount, Day);
    sender_out_amount_7d, "money sent, decayed over a week" = s.from(Out, Amount, Week);
    sender_out_amount_30d, "money sent, decayed over a month" = s.from(Out, Amount, Month);
    sender_out_new_1d, "new receivers, decayed over a day" = s.from(Out, NewCounterparty, Day);
    sender_out_new_7d, "new receivers, decayed over a week" = s.from(Out, NewCounterparty, Week);
    sender_out_new_30d, "new receivers, decayed over a month" = s.from(Out, NewCounterparty, Month);
    sender_out_near_threshold_7d, "payments sent just below a reporting threshold" =
        s.from(Out, NearThreshold, Week);
    sender_out_round_7d, "round amounts sent" = s.from(Out, Round, Week);
    sender_out_cross_border_7d, "payments sent abroad" = s.from(Out, CrossBorder, Week);
    sender_out_cash_7d, "cash payments out" = s.from(Out, Cash, Week);
    sender_out_high_risk_30d, "payments to or from high-risk countries" =
        s.from(Out, HighRiskCountry, Month);
    sender_out_z, "how unusual the amount is for the sender's own payments" =
        z_score(s.sender, Out, s.facts.log_amount);
    sender_in_count_1d, "payments the sender received, decayed over a day" = s.from(In, Count, Day);
    sender_in_count_7d, "payments the sender received, decayed over a week" = s.from(In, Count, Week);
    sender_in_count_30d, "payments the sender received, decayed over a month" =
        s.from(In, Count, Month);
    sender_in_amount_1d, "money the sender received, decayed over a day" = s.from(In, Amount, Day);
    sender_in_amount_7d, "money the sender received, decayed over a week" = s.from(In, Amount, Week);
    sender_in_amount_30d, "money the sender received, decayed over a month" =
        s.from(In, Amount, Month);
    sender_in_new_7d, "new payers of the sender, decayed over a week" =
        s.from(In, NewCounterparty, Week);
    sender_in_new_30d, "new payers of the sender, decayed over a month" =
        s.from(In, NewCounterparty, Month);
    sender_in_z, "how unusual the amount is beside what the sender receives" =
        z_score(s.sender, In, s.facts.log_amount);
    sender_pass_through_1d, "share of the day's income sent on with this payment" =
        share(s.facts.amount + s.from(Out, Amount, Day), s.from(In, Amount, Day));
    sender_pass_through_7d, "share of the week's income sent on with this payment" =
        share(s.facts.amount + s.from(Out, Amount, Week), s.from(In, Amount, Week));
    sender_last_in_ratio, "amount beside the last payment the sender received" =
        ratio(s.facts.amount, s.sender.newest(In).map(|newest| newest.amount));
    sender_days_since_in, "days since the sender last received money" = s.sender.days_since(In);
    sender_days_since_out, "days since the sender last sent money" = s.sender.days_since(Out);
    sender_age_days, "days since the sender's account was first seen" = s.sender.age_days();
    sender_burst, "the day's payments beside the account's month" =
        burst(s.from(Out, Count, Day), s.from(Out, Count, Month));

    receiver_in_count_1h, "payments received, decayed over an hour" = s.to(In, Count, Hour);
    receiver_in_count_1d, "payments received, decayed over a day" = s.to(In, Count, Day);
    receiver_in_count_7d, "payments received, decayed over a week" = s.to(In, Count, Week);
    receiver_in_count_30d, "payments received, decayed over a month" = s.to(In, Count, Month);
    receiver_in_amount_1d, "money received, decayed over a day" = s.to(In, Amount, Day);
    receiver_in_amount_7d, "money received, decayed over a week" = s.to(In, Amount, Week);
    receiver_in_amount_30d, "money received, decayed over a month" = s.to(In, Amount, Month);
    receiver_in_new_1d, "new payers, decayed over a day" = s.to(In, NewCounterparty, Day);
    receiver_in_new_7d, "new payers, decayed over a week" = s.to(In, NewCounterparty, Week);
    receiver_in_new_30d, "new payers, decayed over a month" = s.to(In, NewCounterparty, Month);
    receiver_in_near_threshold_7d, "payments received just below a reporting threshold" =
        s.to(In, NearThreshold, Week);
    receiver_in_round_7d, "round amounts received" = s.to(In, Round, Week);
    receiver_in_cross_border_7d, "payments received from abroad" = s.to(In, CrossBorder, Week);
    receiver_in_cash_7d, "cash payments in" = s.to(In, Cash, Week);
    receiver_in_z, "how unusual the amount is for what the receiver gets" =
        z_score(s.receiver, In, s.facts.log_amount);
    receiver_out_count_1d, "payments the receiver sent, decayed over a day" = s.to(Out, Count, Day);
    receiver_out_count_7d, "payments the receiver sent, decayed over a week" =
        s.to(Out, Count, Week);
    receiver_out_count_30d, "payments the receiver sent, decayed over a month" =
        s.to(Out, Count, Month);
    receiver_out_amount_7d, "money the receiver sent, decayed over a week" =
        s.to(Out, Amount, Week);
    receiver_out_amount_30d, "money the receiver sent, decayed over a month" =
        s.to(Out, Amount, Month);
    receiver_out_new_7d, "new receivers of the receiver, decayed over a week" =
        s.to(Out, NewCounterparty, Week);
    receiver_days_since_in, "days since the receiver last received money" =
        s.receiver.days_since(In);
    receiver_days_since_out, "days since the receiver last sent money" =
        s.receiver.days_since(Out);
    receiver_age_days, "days since the receiver's account was first seen" = s.receiver.age_days();
    receiver_burst, "the day's receipts beside the account's month" =
        burst(s.to(In, Count, Day), s.to(In, Count, Month));

    pair_count, "earlier payments between the two" = s.pair.map_or(0.0, |pair| pair.count);
    pair_amount_ratio, "amount beside the mean of earlier payments between the two" =
        ratio(s.facts.amount, s.pair.map(|pair| pair.amount / pair.count));
    pair_days_since_first, "days since the first payment between the two" =
        s.days_since(s.pair.map(|pair| pair.first_seen));
    pair_days_since_last, "days since the last payment between the two" =
        s.days_since(s.pair.map(|pair| pair.last_seen));
    reverse_count, "earlier payments the other way" = s.reverse.map_or(0.0, |pair| pair.count);
    reverse_amount_ratio, "amount beside the mean of payments the other way" =
        ratio(s.facts.amount, s.reverse.map(|pair| pair.amount / pair.count));
    reverse_days_since_last, "days since the last payment the other way" =
        s.days_since(s.reverse.map(|pair| pair.last_seen));
}

impl Sight<'_> {
    fn from(&self, direction: Direction, measure: Measure, half_life: HalfLife) -> f64 {
        self.sender.sum(direction, measure, half_life)
    }

    fn to(&self, direction: Direction, measure: Measure, half_life: HalfLife) -> f64 {
        self.receiver.sum(direction, measure, half_life)
    }

    /// Days from an event of the pair to this transaction; 0 where this one comes late.
    fn days_since(&self, event: Option<f64>) -> f64 {
        event.map_or(-1.0, |at| ((self.facts.at - at) / 86_400.0).max(0.0))
    }
}

fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// `part` of `whole`, capped; -1 where there is no whole.
fn share(part: f64, whole: f64) -> f64 {
    if whole < 1.0 { -1.0 } else { (part / whole).min(100.0) }
}

fn ratio(amount: f64, beside: Option<f64>) -> f64 {
    beside.map_or(-1.0, |beside| share(amount, beside))
}

/// A day's count beside what the month's count says of a day. The month's decayed count settles at
/// (30 / ln 2) days' worth of events, the day's at (1 / ln 2).
fn burst(day: f64, month: f64) -> f64 {
    day * 30.0 / (month + 1.0)
}

/// Standard score of the logarithm of the amount against the account's decayed mean and deviation
/// in one direction; 0 with too little history to speak of one.
fn z_score(view: View<'_>, direction: Direction, log_amount: f64) -> f64 {
    let weight = view.sum(direction, Count, Month);
    if weight < 1.5 {
        return 0.0;
    }
    let mean = view.sum(direction, LogAmount, Month) / weight;
    let square = view.sum(direction, LogAmountSquared, Month) / weight;
    let deviation = (square - mean * mean).max(0.0).sqrt().max(0.1);
    ((log_amount - mean) / deviation).clamp(-20.0, 20.0)
}

/// The values of all features, in the order of [`NAMES`], as the model takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Features([f32; FEATURE_COUNT]);

impl Features {
    /// Computes them from the state before the transaction.
    #[expect(clippy::cast_possible_truncation, reason = "the model computes in f32")]
    pub fn extract(facts: &Facts, around: &Neighbourhood) -> Self {
        let sight = Sight {
            facts,
            sender: around.sender.seen_at(facts.at),
            receiver: around.receiver.seen_at(facts.at),
            pair: around.pair,
            reverse: around.reverse,
        };
        Self(formulas(&sight).map(|value| value as f32))
    }

    pub fn values(&self) -> &[f32] {
        &self.0
    }

    pub fn get(&self, name: &str) -> Option<f32> {
        NAMES.iter().position(|known| *known == name).map(|at| self.0[at])
    }

    /// By name, as evidence keeps them.
    pub fn by_name(&self) -> BTreeMap<String, f64> {
        NAMES.iter().map(|name| (*name).to_owned()).zip(self.0.map(f64::from)).collect()
    }

    /// Back from evidence; None where a feature is missing or unknown.
    #[expect(clippy::cast_possible_truncation, reason = "evidence holds f32 values, widened")]
    pub fn from_names(values: &BTreeMap<String, f64>) -> Option<Self> {
        let mut features = [0.0; FEATURE_COUNT];
        for (slot, name) in features.iter_mut().zip(NAMES) {
            *slot = *values.get(name)? as f32;
        }
        (values.len() == FEATURE_COUNT).then_some(Self(features))
    }
}

/// SHA-256 over the names joined by newlines, hex: a model trained on another list is refused.
pub fn list_hash() -> String {
    hex::encode(Sha256::digest(NAMES.join("\n")))
}

/// An analyst's words for a feature.
pub fn words(name: &str) -> &str {
    NAMES.iter().position(|known| *known == name).map_or(name, |at| WORDS[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    fn facts(day: f64, amount: f64) -> Facts {
        Facts {
            at: 1.7e9 + day * 86_400.0,
            amount,
            log_amount: amount.ln_1p(),
            near_threshold: false,
            round: false,
            cross_border: false,
            currency_change: false,
            cash: false,
            high_risk_country: false,
            payment_type: PaymentType::Transfer,
        }
    }

    fn look(memory: &Memory, sender: &str, receiver: &str, facts: &Facts, name: &str) -> f32 {
        let features = Features::extract(facts, &memory.neighbourhood(sender, receiver));
        features.get(name).unwrap()
    }

    #[test]
    fn strangers_have_no_history() {
        let memory = Memory::default();
        let now = facts(0.0, 100.0);
        assert_eq!(look(&memory, "a", "b", &now, "sender_age_days"), -1.0);
        assert_eq!(look(&memory, "a", "b", &now, "pair_count"), 0.0);
        assert_eq!(look(&memory, "a", "b", &now, "sender_pass_through_1d"), -1.0);
    }

    #[test]
    fn fan_in_shows_as_new_payers() {
        let mut memory = Memory::default();
        for n in 0..8 {
            memory.record(&n.to_string(), &format!("payer{n}"), "mule", &facts(0.1, 900.0));
        }
        let now = facts(0.1, 900.0);
        let new = look(&memory, "payer9", "mule", &now, "receiver_in_new_1d");
        assert!((new - 8.0).abs() < 1e-3, "{new}");
        // Known payers are not new.
        memory.record("again", "payer1", "mule", &now);
        assert_eq!(look(&memory, "payer9", "mule", &now, "receiver_in_new_1d"), new);
    }

    #[test]
    fn pass_through_shows_what_is_sent_on() {
        let mut memory = Memory::default();
        memory.record("in", "source", "mule", &facts(0.0, 10_000.0));
        let share = look(&memory, "mule", "sink", &facts(0.0, 9_500.0), "sender_pass_through_1d");
        assert!((share - 0.95).abs() < 1e-6, "{share}");
    }

    #[test]
    fn evidence_gives_the_same_features_back() {
        let features = Features::extract(&facts(0.0, 12.5), &Neighbourhood::default());
        assert_eq!(Features::from_names(&features.by_name()), Some(features));
    }

    #[test]
    fn no_feature_is_ever_nan_or_infinite() {
        let mut memory = Memory::default();
        for n in 0..50_u32 {
            let odd = facts(f64::from(n * 37 % 900), f64::from(n % 3) * 1e13);
            memory.record(&n.to_string(), "a", if n % 2 == 0 { "b" } else { "c" }, &odd);
            for (from, to) in [("a", "b"), ("b", "a"), ("c", "a")] {
                let features = Features::extract(&odd, &memory.neighbourhood(from, to));
                assert!(features.values().iter().all(|value| value.is_finite()), "{features:?}");
            }
        }
    }
}
