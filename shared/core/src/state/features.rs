//! The features of one transaction: numbers computed from its facts and from the bounded state of
//! its two accounts and their pair, as they were before it. A single list gives each feature its
//! name, words, unit and formula; training, backtest and production all run this code.
//!
//! Names end with their window: `_1h`, `_1d` and `_30d` are decayed over an hour, a day and a
//! month, `_2d` and `_7d` are exact over two and seven UTC days, `_2w` and `_5w` over two and five
//! weeks that begin on Monday, the payment's own day or week included. `usual` is the mean of up to
//! four whole weeks before this one.
//!
//! Amounts are in the base currency. Times are in days; -1 stands for "never" or "too early to
//! tell". No value is NaN.

mod inputs;
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::payment::transaction::PaymentType;
use crate::state::facts::Facts;
use crate::state::neighbourhood::Neighbourhood;
use crate::state::profile::Direction::{In, Out};
use crate::state::profile::HalfLife::{Day, Hour, Month};
use crate::state::profile::Kind::{All, Cash, CrossBorder, NearThreshold, New, Round};
use crate::state::profile::Measure::{Amount, Count, HighRiskCountry, NewCounterparty};
use crate::state::unit::Unit;
use inputs::{
    Cycle, FeatureInputs, benford, days, flag, mean, new_share, ratio, share, spread, weeks,
    z_score,
};

macro_rules! features {
    ($inputs:ident: $($name:ident, $words:literal, $unit:ident $(($most:expr))? = $formula:expr;)*) => {
        /// Every feature's name, in the order of the values.
        pub const NAMES: [&str; FEATURE_COUNT] = [$(stringify!($name)),*];
        /// Each feature in an analyst's words.
        pub const WORDS: [&str; FEATURE_COUNT] = [$($words),*];
        /// Each feature's unit.
        pub const UNITS: [Unit; FEATURE_COUNT] = [$(Unit::$unit $(($most))?),*];
        /// Number of features.
        pub const FEATURE_COUNT: usize = [$($words),*].len();

        fn formulas($inputs: &FeatureInputs<'_>) -> [f64; FEATURE_COUNT] {
            [$($formula),*]
        }
    };
}

features! { s:
    log_amount, "size of the payment (logarithm)", LogAmount = s.facts.log_amount;
    near_threshold, "just below a reporting threshold", YesNo = flag(s.facts.near_threshold);
    round_amount, "round amount", YesNo = flag(s.facts.round);
    cross_border, "crosses a border", YesNo = flag(s.facts.cross_border);
    currency_change, "changes currency", YesNo = flag(s.facts.currency_change);
    high_risk_country, "touches a high-risk country", YesNo = flag(s.facts.high_risk_country);
    cash_deposit, "is a cash deposit", YesNo = flag(s.facts.payment_type == PaymentType::CashDeposit);
    cash_withdrawal, "is a cash withdrawal", YesNo =
        flag(s.facts.payment_type == PaymentType::CashWithdrawal);
    card_payment, "is a card payment", YesNo = flag(s.facts.is_everyday() && !s.facts.cash);
    monitored_country, "touches a country under increased monitoring", YesNo =
        flag(s.facts.monitored_country);
    offshore_country, "goes to a listed tax haven", YesNo = flag(s.facts.offshore);

    sender_out_count_1h, "payments sent, decayed over an hour", Count = s.sender.sum(Out, Count, Hour);
    sender_out_count_1d, "payments sent, decayed over a day", Count = s.sender.sum(Out, Count, Day);
    sender_out_amount_1d, "money sent, decayed over a day", Amount = s.sender.sum(Out, Amount, Day);
    sender_out_new_1d, "new receivers, decayed over a day", Count =
        s.sender.sum(Out, NewCounterparty, Day);
    sender_out_count_2d, "payments sent, two days", Count = s.from(Out, All, days(2)).number();
    sender_out_count_7d, "payments sent, seven days", Count = s.from(Out, All, days(7)).number();
    sender_out_count_5w, "payments sent, five weeks", Count = s.from(Out, All, weeks(5)).number();
    sender_out_amount_2d, "money sent, two days", Amount = s.from(Out, All, days(2)).amount();
    sender_out_amount_7d, "money sent, seven days", Amount = s.from(Out, All, days(7)).amount();
    sender_out_amount_5w, "money sent, five weeks", Amount = s.from(Out, All, weeks(5)).amount();
    sender_out_new_2d, "new receivers, two days", Count = s.from(Out, New, days(2)).number();
    sender_out_new_7d, "new receivers, seven days", Count = s.from(Out, New, days(7)).number();
    sender_out_new_5w, "new receivers, five weeks", Count = s.from(Out, New, weeks(5)).number();
    sender_out_new_amount_2d, "money of first payments sent, two days", Amount =
        s.from(Out, New, days(2)).amount();
    sender_out_new_amount_7d, "money of first payments sent, seven days", Amount =
        s.from(Out, New, days(7)).amount();
    sender_out_new_amount_5w, "money of first payments sent, five weeks", Amount =
        s.from(Out, New, weeks(5)).amount();
    sender_out_new_mean_7d, "mean amount of first payments sent, seven days", Amount =
        mean(s.from(Out, New, days(7)));
    sender_out_near_threshold_7d, "payments sent just below a reporting threshold, seven days", Count =
        s.from(Out, NearThreshold, days(7)).number();
    sender_out_near_threshold_amount_7d, "money sent just below a reporting threshold, seven days", Amount =
        s.from(Out, NearThreshold, days(7)).amount();
    sender_out_round_7d, "round amounts sent, seven days", Count = s.from(Out, Round, days(7)).number();
    sender_out_cross_border_7d, "payments sent across a border, seven days", Count =
        s.from(Out, CrossBorder, days(7)).number();
    sender_out_cash_7d, "cash payments sent, seven days", Count = s.from(Out, Cash, days(7)).number();
    sender_out_cash_amount_7d, "cash sent, seven days", Amount = s.from(Out, Cash, days(7)).amount();
    sender_out_usual_count, "payments sent in a usual week", Count = s.usual_count(s.sender, Out, All);
    sender_out_usual_amount, "money sent in a usual week", Amount = s.usual_amount(s.sender, Out, All);
    sender_out_usual_new, "new receivers in a usual week", Count = s.usual_count(s.sender, Out, New);
    sender_out_usual_cash, "cash sent in a usual week", Amount = s.usual_amount(s.sender, Out, Cash);
    sender_out_high_risk_30d, "payments to or from high-risk countries, decayed over a month", Count =
        s.sender.sum(Out, HighRiskCountry, Month);
    sender_out_z, "how unusual the amount is for what the sender sends", Score =
        z_score(s.sender, Out, s.facts);
    sender_in_count_1d, "payments received by the sender, decayed over a day", Count =
        s.sender.sum(In, Count, Day);
    sender_in_amount_1d, "money received by the sender, decayed over a day", Amount =
        s.sender.sum(In, Amount, Day);
    sender_in_count_2d, "payments received by the sender, two days", Count =
        s.from(In, All, days(2)).number();
    sender_in_count_7d, "payments received by the sender, seven days", Count =
        s.from(In, All, days(7)).number();
    sender_in_count_5w, "payments received by the sender, five weeks", Count =
        s.from(In, All, weeks(5)).number();
    sender_in_amount_2d, "money received by the sender, two days", Amount =
        s.from(In, All, days(2)).amount();
    sender_in_amount_7d, "money received by the sender, seven days", Amount =
        s.from(In, All, days(7)).amount();
    sender_in_amount_5w, "money received by the sender, five weeks", Amount =
        s.from(In, All, weeks(5)).amount();
    sender_in_new_7d, "new payers of the sender, seven days", Count = s.from(In, New, days(7)).number();
    sender_in_new_5w, "new payers of the sender, five weeks", Count = s.from(In, New, weeks(5)).number();
    sender_in_new_amount_7d, "money of first payments received by the sender, seven days", Amount =
        s.from(In, New, days(7)).amount();
    sender_in_cash_amount_7d, "cash received by the sender, seven days", Amount =
        s.from(In, Cash, days(7)).amount();
    sender_in_usual_amount, "money received by the sender in a usual week", Amount =
        s.usual_amount(s.sender, In, All);
    sender_in_near_threshold_7d, "payments received by the sender just below a reporting \
        threshold, seven days", Count =
        s.from(In, NearThreshold, days(7)).number();
    sender_in_z, "how unusual the amount is beside what the sender receives", Score =
        z_score(s.sender, In, s.facts);
    sender_pass_through_1d, "money out, with this payment, as a share of money in, decayed over a \
        day", PassedOn =
        share(s.facts.amount + s.sender.sum(Out, Amount, Day), s.sender.sum(In, Amount, Day));
    sender_pass_through_2d, "money out, with this payment, as a share of money in, two days", PassedOn =
        s.passed_on(days(2));
    sender_pass_through_7d, "money out, with this payment, as a share of money in, seven days", PassedOn =
        s.passed_on(days(7));
    sender_pass_through_2w, "money out, with this payment, as a share of money in, two weeks", PassedOn =
        s.passed_on(weeks(2));
    sender_pass_through_5w, "money out, with this payment, as a share of money in, five weeks", PassedOn =
        s.passed_on(weeks(5));
    sender_last_in_ratio, "amount beside the last payment the sender received", TimesUpTo(100) =
        ratio(s.facts.amount, s.sender.newest(In).map(|newest| f64::from(newest.amount)));
    sender_days_since_in, "days since the sender last received money", Days = s.sender.days_since(In);
    sender_days_since_out, "days since the sender last sent money", Days = s.sender.days_since(Out);
    sender_age_days, "days since the sender's account was first seen", Days = s.sender.age_days();
    sender_out_spread_30d, "spread of the transfers sent in the month (logarithm)", Score =
        spread(s.sender, Out);
    sender_in_spread_30d, "spread of the transfers received by the sender in the month \
        (logarithm)", Score =
        spread(s.sender, In);
    sender_out_new_share_5w, "share of the payments sent in five weeks that were the first to \
        their receiver", Share =
        new_share(s.sender, Out);
    sender_in_new_share_5w, "share of the payments received by the sender in five weeks that were \
        the first of their payer", Share =
        new_share(s.sender, In);
    sender_similar_amounts, "recent receivers that were sent much the same amount", Count =
        s.similar_amounts(s.sender, Out);
    sender_same_purpose, "recent receivers that were given the same purpose", Count =
        s.same_purpose(s.sender, Out);
    sender_familiar_country, "share of recent receivers in this receiver's country", Share =
        s.familiar_country();
    sender_volume_jump, "money sent in seven days, with this payment, beside a usual week", TimesUpTo(1_000) =
        s.jump(s.sender, Out);
    sender_new_jump, "new receivers in seven days beside a usual week", Times = s.new_jump(s.sender, Out);
    sender_burst, "payments sent in two days beside a usual week", Times = s.burst(s.sender, Out);
    sender_out_exceptional, "amount beside the money sent in a usual week", TimesUpTo(1_000) =
        s.exceptional(s.sender, Out);
    sender_benford, "deviation of first digits from Benford's law (chi-square)", Score = benford(s.sender);
    party_elsewhere_count_2d, "payments of two days by the same party from other accounts", Count =
        s.elsewhere().0;
    party_elsewhere_amount_2d, "money sent in two days by the same party from other accounts", Amount =
        s.elsewhere().1;

    receiver_in_count_1h, "payments received, decayed over an hour", Count =
        s.receiver.sum(In, Count, Hour);
    receiver_in_count_1d, "payments received, decayed over a day", Count = s.receiver.sum(In, Count, Day);
    receiver_in_amount_1d, "money received, decayed over a day", Amount = s.receiver.sum(In, Amount, Day);
    receiver_in_new_1d, "new payers, decayed over a day", Count =
        s.receiver.sum(In, NewCounterparty, Day);
    receiver_in_count_2d, "payments received, two days", Count = s.to(In, All, days(2)).number();
    receiver_in_count_7d, "payments received, seven days", Count = s.to(In, All, days(7)).number();
    receiver_in_count_5w, "payments received, five weeks", Count = s.to(In, All, weeks(5)).number();
    receiver_in_amount_2d, "money received, two days", Amount = s.to(In, All, days(2)).amount();
    receiver_in_amount_7d, "money received, seven days", Amount = s.to(In, All, days(7)).amount();
    receiver_in_amount_5w, "money received, five weeks", Amount = s.to(In, All, weeks(5)).amount();
    receiver_in_new_2d, "new payers, two days", Count = s.to(In, New, days(2)).number();
    receiver_in_new_7d, "new payers, seven days", Count = s.to(In, New, days(7)).number();
    receiver_in_new_5w, "new payers, five weeks", Count = s.to(In, New, weeks(5)).number();
    receiver_in_new_amount_2d, "money of first payments received, two days", Amount =
        s.to(In, New, days(2)).amount();
    receiver_in_new_amount_7d, "money of first payments received, seven days", Amount =
        s.to(In, New, days(7)).amount();
    receiver_in_new_amount_5w, "money of first payments received, five weeks", Amount =
        s.to(In, New, weeks(5)).amount();
    receiver_in_new_mean_7d, "mean amount of first payments received, seven days", Amount =
        mean(s.to(In, New, days(7)));
    receiver_in_near_threshold_7d, "payments received just below a reporting threshold, seven \
        days", Count =
        s.to(In, NearThreshold, days(7)).number();
    receiver_in_near_threshold_amount_7d, "money received just below a reporting threshold, seven \
        days", Amount =
        s.to(In, NearThreshold, days(7)).amount();
    receiver_in_round_7d, "round amounts received, seven days", Count = s.to(In, Round, days(7)).number();
    receiver_in_cross_border_7d, "payments received across a border, seven days", Count =
        s.to(In, CrossBorder, days(7)).number();
    receiver_in_cash_7d, "cash payments received, seven days", Count = s.to(In, Cash, days(7)).number();
    receiver_in_cash_amount_7d, "cash received, seven days", Amount = s.to(In, Cash, days(7)).amount();
    receiver_in_usual_count, "payments received in a usual week", Count =
        s.usual_count(s.receiver, In, All);
    receiver_in_usual_amount, "money received in a usual week", Amount =
        s.usual_amount(s.receiver, In, All);
    receiver_in_usual_new, "new payers in a usual week", Count = s.usual_count(s.receiver, In, New);
    receiver_in_usual_cash, "cash received in a usual week", Amount = s.usual_amount(s.receiver, In, Cash);
    receiver_in_z, "how unusual the amount is for what the receiver receives", Score =
        z_score(s.receiver, In, s.facts);
    receiver_out_count_1d, "payments sent by the receiver, decayed over a day", Count =
        s.receiver.sum(Out, Count, Day);
    receiver_out_amount_1d, "money sent by the receiver, decayed over a day", Amount =
        s.receiver.sum(Out, Amount, Day);
    receiver_out_count_2d, "payments sent by the receiver, two days", Count =
        s.to(Out, All, days(2)).number();
    receiver_out_count_7d, "payments sent by the receiver, seven days", Count =
        s.to(Out, All, days(7)).number();
    receiver_out_count_5w, "payments sent by the receiver, five weeks", Count =
        s.to(Out, All, weeks(5)).number();
    receiver_out_amount_2d, "money sent by the receiver, two days", Amount =
        s.to(Out, All, days(2)).amount();
    receiver_out_amount_7d, "money sent by the receiver, seven days", Amount =
        s.to(Out, All, days(7)).amount();
    receiver_out_amount_5w, "money sent by the receiver, five weeks", Amount =
        s.to(Out, All, weeks(5)).amount();
    receiver_out_new_7d, "new receivers of the receiver, seven days", Count =
        s.to(Out, New, days(7)).number();
    receiver_out_new_5w, "new receivers of the receiver, five weeks", Count =
        s.to(Out, New, weeks(5)).number();
    receiver_out_new_amount_7d, "money of first payments sent by the receiver, seven days", Amount =
        s.to(Out, New, days(7)).amount();
    receiver_out_cash_amount_7d, "cash sent by the receiver, seven days", Amount =
        s.to(Out, Cash, days(7)).amount();
    receiver_out_usual_amount, "money sent by the receiver in a usual week", Amount =
        s.usual_amount(s.receiver, Out, All);
    receiver_pass_through_7d, "what the receiver sent as a share of what it received, seven days", PassedOn =
        share(s.to(Out, All, days(7)).amount(), s.to(In, All, days(7)).amount());
    receiver_pass_through_5w, "what the receiver sent as a share of what it received, five weeks", PassedOn =
        share(s.to(Out, All, weeks(5)).amount(), s.to(In, All, weeks(5)).amount());
    receiver_days_since_in, "days since the receiver last received money", Days =
        s.receiver.days_since(In);
    receiver_days_since_out, "days since the receiver last sent money", Days = s.receiver.days_since(Out);
    receiver_age_days, "days since the receiver's account was first seen", Days = s.receiver.age_days();
    receiver_out_spread_30d, "spread of the transfers sent by the receiver in the month \
        (logarithm)", Score =
        spread(s.receiver, Out);
    receiver_in_spread_30d, "spread of the transfers received in the month (logarithm)", Score =
        spread(s.receiver, In);
    receiver_out_new_share_5w, "share of the payments sent by the receiver in five weeks that \
        were the first to their receiver", Share =
        new_share(s.receiver, Out);
    receiver_in_new_share_5w, "share of the payments received in five weeks that were the first \
        of their payer", Share =
        new_share(s.receiver, In);
    receiver_similar_amounts, "recent payers who sent the receiver much the same amount", Count =
        s.similar_amounts(s.receiver, In);
    receiver_same_purpose, "recent payers who gave the same purpose", Count =
        s.same_purpose(s.receiver, In);
    receiver_volume_jump, "money received in seven days, with this payment, beside a usual week",
        TimesUpTo(1_000) =
        s.jump(s.receiver, In);
    receiver_new_jump, "new payers in seven days beside a usual week", Times = s.new_jump(s.receiver, In);
    receiver_burst, "payments received in two days beside a usual week", Times = s.burst(s.receiver, In);
    receiver_in_exceptional, "amount beside the money received in a usual week", TimesUpTo(1_000) =
        s.exceptional(s.receiver, In);

    pair_count, "earlier payments between the two", Count =
        s.pair.map_or(0.0, |pair| f64::from(pair.count));
    pair_amount_ratio, "amount beside the usual payment between the two", TimesUpTo(100) =
        ratio(s.facts.amount, s.pair.map(|pair| pair.usual_amount()));
    pair_z, "how unusual the amount is between the two", Score = s.pair_z();
    pair_days_since_first, "days since the first payment between the two", Days =
        s.days_since(s.pair.map(|pair| pair.first_seen));
    pair_days_since_last, "days since the last payment between the two", Days =
        s.days_since(s.pair.map(|pair| pair.last_seen));
    reverse_count, "earlier payments the other way", Count =
        s.reverse.map_or(0.0, |pair| f64::from(pair.count));
    reverse_amount_ratio, "amount beside the usual payment the other way", TimesUpTo(100) =
        ratio(s.facts.amount, s.reverse.map(|pair| pair.usual_amount()));
    reverse_days_since_last, "days since the last payment the other way", Days =
        s.days_since(s.reverse.map(|pair| pair.last_seen));
    cycle_of_three_paths, "accounts the receiver paid that paid the sender, of late", Count =
        s.cycle.paths;
    cycle_of_three_days, "days since such an account paid the sender", Days = s.cycle.days;
    cycle_of_three_amount_ratio, "amount beside what such an account paid the sender", TimesUpTo(100) =
        s.cycle.amount_ratio;
}

/// The values of all features, in the order of [`NAMES`], as the model takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Features([f32; FEATURE_COUNT]);

impl Features {
    /// Computes the features from the state before the transaction.
    #[expect(clippy::cast_possible_truncation, reason = "the model computes in f32")]
    pub fn extract(facts: &Facts, around: &Neighbourhood<'_>) -> Self {
        let sender = around.sender.seen_at(facts.at);
        let receiver = around.receiver.seen_at(facts.at);
        let inputs = FeatureInputs {
            facts,
            sender,
            receiver,
            cycle: Cycle::of(facts, sender, receiver),
            pair: around.pair.and_then(|pair| pair.as_of(facts.at)),
            reverse: around.reverse.and_then(|pair| pair.as_of(facts.at)),
            party: around.party.map(|party| party.seen_at(facts.at)),
        };
        Self(formulas(&inputs).map(|value| value as f32))
    }

    pub fn values(&self) -> &[f32] {
        &self.0
    }

    pub fn get(&self, name: &str) -> Option<f32> {
        NAMES.iter().position(|known| *known == name).map(|at| self.0[at])
    }

    /// Returns the values by name, as evidence stores them.
    pub fn by_name(&self) -> BTreeMap<String, f64> {
        NAMES.iter().map(|name| (*name).to_owned()).zip(self.0.map(shortest)).collect()
    }

    /// Reads the values back from evidence; `None` if a feature is missing or unknown.
    #[expect(clippy::cast_possible_truncation, reason = "evidence holds the digits of f32 values")]
    pub fn from_names(values: &BTreeMap<String, f64>) -> Option<Self> {
        let mut features = [0.0; FEATURE_COUNT];
        for (slot, name) in features.iter_mut().zip(NAMES) {
            *slot = *values.get(name)? as f32;
        }
        (values.len() == FEATURE_COUNT).then_some(Self(features))
    }
}

/// Returns the number with the fewest digits that is this value as f32: evidence says 0.3 rather
/// than 0.30000001192092896, which is easier to read and cheaper to store.
pub fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

/// Returns the SHA-256 of the names joined by newlines, in hex. It identifies the list in evidence
/// and in training tables.
pub fn list_hash() -> String {
    hex::encode(Sha256::digest(NAMES.join("\n")))
}

/// Returns an analyst's words for a feature; for an unknown name, the name.
pub fn words(name: &str) -> &str {
    place(name).map_or(name, |at| WORDS[at])
}

/// Returns a feature's unit; `None` for an unknown name.
pub fn unit(name: &str) -> Option<Unit> {
    place(name).map(|at| UNITS[at])
}

fn place(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
}

#[cfg(test)]
mod tests;
