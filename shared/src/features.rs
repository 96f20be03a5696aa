//! The features of one transaction: numbers from its facts and from the bounded state of its two
//! accounts and their pair, as they were before it. One list, in one place, gives each feature its
//! name, its words and its formula; training, backtest and production all run this code.
//!
//! Amounts are in the base currency. Times are in days; -1 stands for "never". Nothing is NaN.

mod sight;
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::facts::Facts;
use crate::late;
use crate::profile::Direction::{In, Out};
use crate::profile::HalfLife::{Day, Hour, Month, Week};
use crate::profile::Measure::{
    Amount, Cash, Count, CrossBorder, HighRiskCountry, NearThreshold, NewCounterparty, Round,
};
use crate::profile::{Pair, Profile};
use crate::transaction::PaymentType;
use sight::{
    Cycle, MONTH_DAYS, Sight, benford, burst, flag, jump, new_share, ratio, share, spread, z_score,
};

/// The state a transaction is judged against: one read round-trip.
#[derive(Debug, Clone, Copy)]
pub struct Neighbourhood<'a> {
    pub sender: &'a Profile,
    pub receiver: &'a Profile,
    /// Sender to receiver.
    pub pair: Option<Pair>,
    /// Receiver to sender.
    pub reverse: Option<Pair>,
    /// The named sender over all its accounts.
    pub party: Option<&'a Profile>,
}

impl Neighbourhood<'_> {
    /// Of two accounts never seen.
    pub const UNKNOWN: Self = Self {
        sender: &Profile::UNKNOWN,
        receiver: &Profile::UNKNOWN,
        pair: None,
        reverse: None,
        party: None,
    };
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
    monitored_country, "touches a country under increased monitoring" =
        flag(s.facts.monitored_country);
    offshore_country, "goes to a listed tax haven" = flag(s.facts.offshore);

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
        ratio(s.facts.amount, s.sender.newest(In).map(|newest| f64::from(newest.amount)));
    sender_days_since_in, "days since the sender last received money" = s.sender.days_since(In);
    sender_days_since_out, "days since the sender last sent money" = s.sender.days_since(Out);
    sender_age_days, "days since the sender's account was first seen" = s.sender.age_days();
    sender_out_spread_7d, "spread of the amounts sent in the week (logarithm)" =
        spread(s.sender, Out, Week);
    sender_out_spread_30d, "spread of the amounts sent in the month (logarithm)" =
        spread(s.sender, Out, Month);
    sender_in_spread_30d, "spread of the amounts the sender received in the month (logarithm)" =
        spread(s.sender, In, Month);
    sender_out_new_share_30d, "share of the month's payments that went to new receivers" =
        new_share(s.sender, Out);
    sender_in_new_share_30d, "share of the sender's receipts that came from new payers" =
        new_share(s.sender, In);
    sender_similar_amounts, "recent receivers that were sent much the same amount" =
        s.similar_amounts(s.sender, Out);
    sender_same_purpose, "recent receivers that were given the same purpose" =
        s.same_purpose(s.sender, Out);
    sender_familiar_country, "share of recent receivers in this receiver's country" =
        s.familiar_country();
    sender_volume_jump, "the week's money out beside the month's" =
        jump(s.facts.amount, s.from(Out, Amount, Week), s.from(Out, Amount, Month));
    sender_out_exceptional, "amount beside a usual day's money out" =
        share(s.facts.amount, s.from(Out, Amount, Month) / MONTH_DAYS);
    sender_benford, "deviation of first digits from Benford's law (chi-square)" = benford(s.sender);
    party_elsewhere_count_1d, "payments today by the same party from other accounts" =
        s.elsewhere(Count);
    party_elsewhere_amount_1d, "money sent today by the same party from other accounts" =
        s.elsewhere(Amount);
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
    receiver_in_spread_7d, "spread of the amounts received in the week (logarithm)" =
        spread(s.receiver, In, Week);
    receiver_in_spread_30d, "spread of the amounts received in the month (logarithm)" =
        spread(s.receiver, In, Month);
    receiver_out_spread_30d, "spread of the amounts the receiver sent in the month (logarithm)" =
        spread(s.receiver, Out, Month);
    receiver_in_new_share_30d, "share of the month's receipts that came from new payers" =
        new_share(s.receiver, In);
    receiver_out_new_share_30d, "share of the receiver's payments that went to new receivers" =
        new_share(s.receiver, Out);
    receiver_similar_amounts, "recent payers who sent the receiver much the same amount" =
        s.similar_amounts(s.receiver, In);
    receiver_same_purpose, "recent payers who gave the same purpose" =
        s.same_purpose(s.receiver, In);
    receiver_volume_jump, "the week's money in beside the month's" =
        jump(s.facts.amount, s.to(In, Amount, Week), s.to(In, Amount, Month));
    receiver_burst, "the day's receipts beside the account's month" =
        burst(s.to(In, Count, Day), s.to(In, Count, Month));

    pair_count, "earlier payments between the two" =
        s.pair.map_or(0.0, |pair| f64::from(pair.count));
    pair_amount_ratio, "amount beside the mean of earlier payments between the two" =
        ratio(s.facts.amount, s.pair.map(|pair| pair.mean_amount()));
    pair_days_since_first, "days since the first payment between the two" =
        s.days_since(s.pair.map(|pair| pair.first_seen));
    pair_days_since_last, "days since the last payment between the two" =
        s.days_since(s.pair.map(|pair| pair.last_seen));
    reverse_count, "earlier payments the other way" =
        s.reverse.map_or(0.0, |pair| f64::from(pair.count));
    reverse_amount_ratio, "amount beside the mean of payments the other way" =
        ratio(s.facts.amount, s.reverse.map(|pair| pair.mean_amount()));
    reverse_days_since_last, "days since the last payment the other way" =
        s.days_since(s.reverse.map(|pair| pair.last_seen));
    cycle_of_three_paths, "accounts the receiver paid that paid the sender, of late" =
        s.cycle.paths;
    cycle_of_three_days, "days since such an account paid the sender" = s.cycle.days;
    cycle_of_three_amount_ratio, "amount beside what such an account paid the sender" = s.cycle.amount_ratio;
}

/// The values of all features, in the order of [`NAMES`], as the model takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Features([f32; FEATURE_COUNT]);

impl Features {
    /// Computes them from the state before the transaction.
    #[expect(clippy::cast_possible_truncation, reason = "the model computes in f32")]
    pub fn extract(facts: &Facts, around: &Neighbourhood<'_>) -> Self {
        let sender = around.sender.seen_at(facts.at);
        let receiver = around.receiver.seen_at(facts.at);
        let sight = Sight {
            facts,
            sender,
            receiver,
            cycle: Cycle::of(facts, sender, receiver),
            pair: around.pair.and_then(|pair| late::pair_as_of(pair, facts.at)),
            reverse: around.reverse.and_then(|pair| late::pair_as_of(pair, facts.at)),
            party: around.party.map(|party| party.seen_at(facts.at)),
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
        NAMES.iter().map(|name| (*name).to_owned()).zip(self.0.map(shortest)).collect()
    }

    /// Back from evidence; None where a feature is missing or unknown.
    #[expect(clippy::cast_possible_truncation, reason = "evidence holds the digits of f32 values")]
    pub fn from_names(values: &BTreeMap<String, f64>) -> Option<Self> {
        let mut features = [0.0; FEATURE_COUNT];
        for (slot, name) in features.iter_mut().zip(NAMES) {
            *slot = *values.get(name)? as f32;
        }
        (values.len() == FEATURE_COUNT).then_some(Self(features))
    }
}

/// The number with the fewest digits that is this value as f32: evidence says 0.3 and not
/// 0.30000001192092896, which a person reads and the table pays for.
pub(crate) fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
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
mod tests;
