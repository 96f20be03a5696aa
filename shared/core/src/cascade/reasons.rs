//! Features as sentences that would convince an analyst: the exact value for the window they name,
//! beside the account's own usual week ("14 new receivers in seven days, 1 in a usual week"). A
//! feature without such a sentence gives no reason: nobody is convinced by a payment that is the
//! first of its kind, or by a lack of history.
//!
//! Several features cover the same subject over different windows; each [`ReasonText`] names its
//! subject, in terms of the kinds of evidence of rules, so that it is mentioned once.

mod who;

use std::collections::BTreeMap;

use crate::case::evidence::CaseFacts;
use crate::case::payment_details::PaymentDetails;
use crate::payment::transaction::Kind;
use crate::state::peers::PeerMark;

use crate::wording::money::MoneyFormatter;
use crate::wording::numbers::{
    about_times, capitalised, counted, days_of, number, part_of_all, percent, times_up_to,
};
use who::{AccountWords, window_of};

/// A sentence and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonText {
    pub subject: &'static str,
    pub text: String,
}

/// Writes the sentences of one case.
pub struct ReasonWriter<'a> {
    details: &'a PaymentDetails,
    features: &'a BTreeMap<String, f64>,
    money: MoneyFormatter<'a>,
    peers: &'a [PeerMark],
}

/// A value this many times the usual is worth mentioning.
const TIMES: f64 = 2.0;

impl<'a> ReasonWriter<'a> {
    pub fn of(case: &'a CaseFacts, features: &'a BTreeMap<String, f64>) -> Self {
        let details = &case.details;
        Self { details, features, money: MoneyFormatter::of(details), peers: &case.peers }
    }

    /// Returns the sentence for a feature; `None` if it would convince nobody.
    pub fn sentence(&self, feature: &str) -> Option<ReasonText> {
        self.of_account(feature).or_else(|| self.of_pair(feature))
    }

    /// Returns a feature's value; `None` if it is unknown.
    fn get(&self, name: &str) -> Option<f64> {
        self.features.get(name).copied().filter(|value| *value >= 0.0)
    }

    fn of_account(&self, feature: &str) -> Option<ReasonText> {
        let (who, rest) = feature.split_once('_')?;
        let who = match who {
            "sender" => AccountWords::SENDER,
            "receiver" => AccountWords::RECEIVER,
            _ => return None,
        };
        match rest {
            "out_z" | "in_z" | "out_exceptional" | "in_exceptional" | "volume_jump" => {
                self.size(&who)
            }
            "new_jump" => self.new_parties(&who, "7d"),
            "burst" => self.flow(&who, "2d").or_else(|| self.size(&who)),
            "age_days" => self.age(&who),
            "days_since_in" | "days_since_out" => self.silence(&who),
            // Without a rate, all amounts look the same to the features.
            "similar_amounts" if self.money.is_rated() => {
                self.alike(&who, rest, who.similar, who.similar_text)
            }
            "same_purpose" => self.alike(&who, rest, who.purpose, who.purpose_text),
            "familiar_country" => self.place(),
            _ if rest.starts_with("pass_through") => {
                self.passed_on(&who, rest.strip_prefix("pass_through_")?)
            }
            _ => {
                let (stem, window) = rest.rsplit_once('_')?;
                let what = stem.strip_prefix(who.direction)?.strip_prefix('_')?;
                match what {
                    "count" | "amount" => self.flow(&who, window).or_else(|| self.size(&who)),
                    "new" | "new_amount" | "new_mean" => self.new_parties(&who, window),
                    "near_threshold" | "near_threshold_amount" => self.near_threshold(&who),
                    "cash" | "cash_amount" => self.cash(&who),
                    _ => None,
                }
            }
        }
    }

    fn of_pair(&self, feature: &str) -> Option<ReasonText> {
        let said = |subject, text| Some(ReasonText { subject, text });
        match feature {
            "pair_amount_ratio" | "pair_z" => {
                let ratio = self.get("pair_amount_ratio").filter(|ratio| *ratio >= TIMES)?;
                let count = self.get("pair_count").filter(|count| *count >= 3.0)?;
                said(
                    "trade",
                    format!(
                        "The payment is {} times what the {} before it between the two usually were.",
                        about_times(ratio, 100.0),
                        self.about(&number(count))
                    ),
                )
            }
            "reverse_count" | "reverse_amount_ratio" | "reverse_days_since_last" => {
                let gives_back = matches!(self.kind(), Kind::Refund | Kind::Reversal);
                let ratio = self.get("reverse_amount_ratio").filter(|r| (0.5..=1.5).contains(r))?;
                let days = self.get("reverse_days_since_last").filter(|days| *days <= 30.0)?;
                let text = format!(
                    "The last payment the other way was {} ago; this one is about {} % of what \
                     usually came.",
                    days_of(days),
                    percent(ratio)
                );
                if gives_back { None } else { said("circle", text) }
            }
            "cycle_of_three_paths" | "cycle_of_three_days" | "cycle_of_three_amount_ratio" => {
                self.get("cycle_of_three_paths").filter(|paths| *paths >= 1.0)?;
                let days = self.get("cycle_of_three_days")?;
                said(
                    "circle",
                    format!(
                        "Within a month the receiver paid an account that paid the sender {} ago: this \
                         payment closes the circle.",
                        days_of(days)
                    ),
                )
            }
            "party_elsewhere_count_2d" | "party_elsewhere_amount_2d" => {
                let count = self.get("party_elsewhere_count_2d").filter(|count| *count >= 1.0)?;
                let amount = self.get("party_elsewhere_amount_2d")?;
                said(
                    "party",
                    format!(
                        "The same party made {} from other accounts within two days{}.",
                        self.about(&counted(count, "payment", "payments")),
                        self.money.together(count, amount)
                    ),
                )
            }
            _ => None,
        }
    }

    fn kind(&self) -> Kind {
        self.details.kind
    }

    /// Returns how to open a sentence and the payments to add to its counts: "With this payment"
    /// and one, or "Before this payment" and none if no money moved.
    fn with_this(&self) -> (&'static str, f64) {
        match self.kind().counts() {
            true => ("With this payment", 1.0),
            false => ("Before this payment", 0.0),
        }
    }

    /// Puts "about" before words on a window if the payment came late, since they are not exact
    /// then.
    fn about(&self, words: &str) -> String {
        let about = if self.money.is_approximate() { "about " } else { "" };
        format!("{about}{words}")
    }

    /// Compares all payments in a window with a usual week. Amounts are left out if this payment
    /// alone is far more than a usual week, which is the subject of [`Self::size`].
    fn flow(&self, who: &AccountWords, window: &str) -> Option<ReasonText> {
        let (window, days) = window_of(window)?;
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let (opening, one) = self.with_this();
        let count = own(&format!("count_{window}"))? + one;
        let amount = own(&format!("amount_{window}"))? + one * self.money.base();
        let beside = match (own("usual_count"), own("usual_amount")) {
            (Some(usual_count), Some(usual)) => {
                let is_by_size = usual >= 1.0 && self.money.base() >= TIMES * usual;
                let is_more = self.money.is_rated() && amount >= TIMES * usual && amount > 0.0;
                let more = is_more && !is_by_size;
                if !more && count < TIMES * usual_count + 2.0 {
                    return None;
                }
                let usual_sum = match is_by_size {
                    true => String::new(),
                    false => self.money.together(2.0, usual),
                };
                let usual = match usual_count > 0.0 {
                    true => {
                        format!("it is {}{usual_sum}", counted(usual_count, "payment", "payments"))
                    }
                    false => "there is none".to_owned(),
                };
                format!("in a usual week {usual}")
            }
            _ => {
                let of_peers = |what| self.of_peers(who, what, window);
                of_peers("count").or_else(|| of_peers("amount"))?
            }
        };
        // If all of it is cash, a rule on cash covers the same subject.
        let is_cash = own("cash_7d").filter(|cash| *cash > 0.0) >= own("count_7d");
        (count >= 2.0).then(|| ReasonText {
            subject: if is_cash { who.cash } else { who.flow },
            text: format!(
                "{opening} {} {} within {days}{}; {beside}.",
                who.moved,
                self.about(&counted(count, "payment", "payments")),
                self.money.together(count, amount)
            ),
        })
    }

    /// Compares a measure with the account's peers, if it exceeds most of them.
    fn of_peers(&self, who: &AccountWords, what: &str, window: &str) -> Option<String> {
        let measure = format!("{}_{}_{what}_{window}", who.name, who.direction);
        let mark = self.peers.iter().find(|mark| mark.measure == measure)?;
        let accounts = mark.segment.replace('_', " ");
        let most = match what {
            "amount" => format!("about {} before it", self.money.of_sum(mark.p95)),
            "count" => format!("{} before it", number(mark.p95)),
            _ => number(mark.p95),
        };
        let towards = who.towards;
        Some(format!("for 95 in 100 payments {towards} {accounts} accounts it is at most {most}"))
    }

    fn new_parties(&self, who: &AccountWords, window: &str) -> Option<ReasonText> {
        let (window, days) = window_of(window)?;
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let count = own(&format!("new_{window}")).filter(|count| *count >= 2.0)?;
        let amount = own(&format!("new_amount_{window}"))?;
        let of_peers = self.of_peers(who, "new", window);
        let usual = match own("usual_new") {
            Some(usual) if count < TIMES * usual + 1.0 => return None,
            None if count < 3.0 && of_peers.is_none() => return None,
            Some(usual) if usual > 0.0 => format!("in a usual week it is {}", number(usual)),
            Some(_) => "in a usual week there is none".to_owned(),
            None => format!("the {}'s account is too new to have a usual week", who.name),
        };
        let peers = of_peers.map_or_else(String::new, |peers| format!("; {peers}"));
        // If all of it is cash, a rule on cash covers the same subject.
        let is_cash = own("new_amount_7d").filter(|new| *new > 0.0) == own("cash_amount_7d");
        Some(ReasonText {
            subject: if is_cash { who.cash } else { who.new },
            text: format!(
                "Before this payment {} within {days}{}; {usual}{peers}.",
                who.met.replace("{}", &self.about(&number(count))),
                self.money.together(count, amount)
            ),
        })
    }

    /// A single such payment is not a pattern, unless this payment is the second.
    fn near_threshold(&self, who: &AccountWords) -> Option<ReasonText> {
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let count = own("near_threshold_7d").filter(|count| *count >= 1.0)?;
        let amount = own("near_threshold_amount_7d")?;
        let this = self.get("near_threshold").is_some_and(|near| near > 0.0);
        (this || count >= 2.0).then(|| ReasonText {
            subject: who.near,
            text: format!(
                "{} {} just below a reporting threshold within seven days before this one{}{}.",
                capitalised(who.moved),
                self.about(&counted(count, "payment", "payments")),
                self.money.together(count, amount),
                if this { "; this one lies there, too" } else { "" }
            ),
        })
    }

    fn cash(&self, who: &AccountWords) -> Option<ReasonText> {
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let is_cash = self.details.payment_type.is_cash();
        let (opening, one) = match is_cash {
            true => self.with_this(),
            false => ("Before this payment", 0.0),
        };
        let count = own("cash_7d").map(|count| count + one).filter(|count| *count >= 2.0)?;
        let amount = own("cash_amount_7d")? + one * self.money.base();
        let usual = own("usual_cash").filter(|usual| amount >= TIMES * usual)?;
        if !self.money.is_rated() {
            return None;
        }
        Some(ReasonText {
            subject: who.cash,
            text: format!(
                "{opening} {} {} within seven days{}; in a usual week it is {}.",
                who.moved,
                self.about(&counted(count, "cash payment", "cash payments")),
                self.money.together(count, amount),
                self.money.of_sum(usual)
            ),
        })
    }

    /// Income that is spent is no reason. It is one if far more than usual came in and has left, or
    /// if nearly all has left an account that is too new to have a usual week.
    fn passed_on(&self, who: &AccountWords, window: &str) -> Option<ReasonText> {
        let is_told_of = who.name == "sender" && self.kind() == Kind::Payment;
        let is_told_of = is_told_of && self.money.is_rated();
        let (window, days) = window_of(window).filter(|_| is_told_of)?;
        let share = self.get(&format!("sender_pass_through_{window}"))?;
        let income = self.get(&format!("sender_in_amount_{window}"))?;
        let usual = self.get("sender_in_usual_amount");
        let is_told = match usual {
            Some(usual) => share >= 0.5 && income >= TIMES * usual,
            None => share >= 0.8,
        };
        let usual = match usual {
            Some(usual) => format!("in a usual week {} comes in", self.money.of_sum(usual)),
            None => "the account is too new to have a usual week".to_owned(),
        };
        (is_told && share <= 1.1).then(|| ReasonText {
            subject: "onward",
            text: format!(
                "With this payment {} of what came in within {days}, {}, has left the sender's \
                 account; {usual}.",
                self.about(&part_of_all(share)),
                self.money.of_sum(income)
            ),
        })
    }

    /// Compares the payment with what the account usually moves in a week, or at a time.
    fn size(&self, who: &AccountWords) -> Option<ReasonText> {
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let usual = own("usual_amount").filter(|usual| *usual >= 1.0)?;
        if let Some(times) = own("exceptional").filter(|times| *times >= TIMES) {
            return Some(ReasonText {
                subject: who.size,
                text: format!(
                    "The amount is {} times what the {} {} in a usual week, which is {}.",
                    times_up_to(times, 1_000.0),
                    who.name,
                    who.usually,
                    self.money.of_sum(usual)
                ),
            });
        }
        own("z").filter(|z| *z >= TIMES)?;
        let mean = own("usual_count").filter(|count| *count > 0.0).map(|count| usual / count)?;
        let times = self.money.base() / mean;
        (times >= TIMES).then(|| ReasonText {
            subject: who.size,
            text: format!(
                "The amount is {} times the mean of what the {} {} at a time in usual weeks, which is \
                 {}.",
                number(times),
                who.name,
                who.usually,
                self.money.of_sum(mean)
            ),
        })
    }

    /// A new account is a reason only if the other side has been known for long.
    fn age(&self, who: &AccountWords) -> Option<ReasonText> {
        let days = self.get(&format!("{}_age_days", who.name)).filter(|days| *days <= 14.0)?;
        let other = self.get(&format!("{}_age_days", who.other)).filter(|days| *days >= 60.0)?;
        Some(ReasonText {
            subject: "account",
            text: format!(
                "The {}'s account was first seen {} ago, the {}'s {} ago.",
                who.name,
                days_of(days),
                who.other,
                days_of(other)
            ),
        })
    }

    fn silence(&self, who: &AccountWords) -> Option<ReasonText> {
        let since = |what: &str| self.get(&format!("{}_days_since_{what}", who.name));
        let silent = match (since("in"), since("out")) {
            (Some(a), Some(b)) => a.min(b),
            (Some(days), None) | (None, Some(days)) => days,
            (None, None) => return None,
        };
        (silent >= 60.0).then(|| ReasonText {
            subject: "dormant",
            text: format!(
                "The {}'s account had been silent for {} before this payment.",
                who.name,
                days_of(silent)
            ),
        })
    }

    /// Says "at least", because accounts remember only some of their newest counterparties.
    fn alike(
        &self,
        who: &AccountWords,
        what: &str,
        subject: &'static str,
        text: &'static str,
    ) -> Option<ReasonText> {
        let count = self.get(&format!("{}_{what}", who.name)).filter(|count| *count >= 3.0)?;
        Some(ReasonText { subject, text: text.replace("{}", &number(count)) })
    }

    fn place(&self) -> Option<ReasonText> {
        let abroad = self.get("cross_border")? > 0.0 && self.get("sender_familiar_country")? == 0.0;
        abroad.then(|| ReasonText {
            subject: "place",
            text: "None of the sender's recent receivers banks in this receiver's country."
                .to_owned(),
        })
    }
}
