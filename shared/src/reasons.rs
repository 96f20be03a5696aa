//! What a feature says, in a sentence for an analyst, if it would convince one: its exact value for the
//! window it names, with the account's own usual week beside it ("14 new receivers in seven days, 1 in
//! a usual week"). A feature that has no sentence of this kind is no reason: that something is the
//! first of its kind, or that there is no past to compare with, convinces nobody.
//!
//! Several features tell of the same thing over other windows; each [`Said`] names its subject, by the
//! kinds of evidence that rules name, so that it is said once.

mod money;

use std::collections::BTreeMap;

use crate::evidence::CaseFacts;
use crate::peers::PeerMark;

pub use money::OwnMoney;

/// A sentence and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub subject: &'static str,
    pub text: String,
}

/// A case as its sentences read it.
pub struct Teller<'a> {
    features: &'a BTreeMap<String, f64>,
    money: OwnMoney<'a>,
    peers: &'a [PeerMark],
}

/// So many times the usual is worth telling.
const TIMES: f64 = 2.0;

impl<'a> Teller<'a> {
    pub fn of(case: &'a CaseFacts, features: &'a BTreeMap<String, f64>) -> Self {
        Self { features, money: OwnMoney::of(case), peers: &case.peers }
    }

    /// What a feature says; None where that would convince nobody.
    pub fn sentence(&self, feature: &str) -> Option<Said> {
        self.of_account(feature).or_else(|| self.of_pair(feature))
    }

    /// The value; None where it is unknown.
    fn get(&self, name: &str) -> Option<f64> {
        self.features.get(name).copied().filter(|value| *value >= 0.0)
    }

    fn of_account(&self, feature: &str) -> Option<Said> {
        let (who, rest) = feature.split_once('_')?;
        let who = match who {
            "sender" => Who::SENDER,
            "receiver" => Who::RECEIVER,
            _ => return None,
        };
        match rest {
            "out_z" | "in_z" | "out_exceptional" | "in_exceptional" | "volume_jump" => {
                self.size(&who)
            }
            "new_jump" => self.new_parties(&who, "7d"),
            "burst" => self.flow(&who, "2d"),
            "age_days" => self.age(&who),
            "days_since_in" | "days_since_out" => self.silence(&who),
            "similar_amounts" => self.alike(&who, rest, who.similar, who.similar_text),
            "same_purpose" => self.alike(&who, rest, who.purpose, who.purpose_text),
            "familiar_country" => self.place(),
            _ if rest.starts_with("pass_through") => self.passed_on(&who, rest),
            _ => {
                let (stem, window) = rest.rsplit_once('_')?;
                let what = stem.strip_prefix(who.direction)?.strip_prefix('_')?;
                match what {
                    "count" | "amount" => self.flow(&who, window),
                    "new" | "new_amount" | "new_mean" => self.new_parties(&who, window),
                    "near_threshold" | "near_threshold_amount" => self.near_threshold(&who),
                    "cash" | "cash_amount" => self.cash(&who),
                    _ => None,
                }
            }
        }
    }

    fn of_pair(&self, feature: &str) -> Option<Said> {
        let said = |subject, text| Some(Said { subject, text });
        match feature {
            "pair_amount_ratio" | "pair_z" => {
                let ratio = self.get("pair_amount_ratio").filter(|ratio| *ratio >= TIMES)?;
                let count = self.get("pair_count").filter(|count| *count >= 3.0)?;
                said(
                    "trade",
                    format!(
                        "The payment is {} times what the {count} before it between the two usually \
                         were.",
                        number(ratio)
                    ),
                )
            }
            "reverse_count" | "reverse_amount_ratio" | "reverse_days_since_last" => {
                let ratio = self.get("reverse_amount_ratio").filter(|r| (0.5..=1.5).contains(r))?;
                let days = self.get("reverse_days_since_last").filter(|days| *days <= 30.0)?;
                said(
                    "back",
                    format!(
                        "The last payment the other way was {} ago; this one is {} % of what usually \
                         came.",
                        days_of(days),
                        percent(ratio)
                    ),
                )
            }
            "cycle_of_three_paths" | "cycle_of_three_days" | "cycle_of_three_amount_ratio" => {
                self.get("cycle_of_three_paths").filter(|paths| *paths >= 1.0)?;
                let days = self.get("cycle_of_three_days")?;
                said(
                    "circle",
                    format!(
                        "The receiver paid an account that paid the sender {} ago: with this payment \
                         the money is back.",
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
                        "The same party made {} from other accounts within two days, {} together.",
                        counted(count, "payment", "payments"),
                        self.money.of_sum(amount)
                    ),
                )
            }
            _ => None,
        }
    }

    /// All payments of a window, beside a usual week.
    fn flow(&self, who: &Who, window: &str) -> Option<Said> {
        let days = in_words(window).filter(|_| window != "5w")?;
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let count = own(&format!("count_{window}"))? + 1.0;
        let amount = own(&format!("amount_{window}"))? + self.money.base();
        let beside = match (own("usual_count"), own("usual_amount")) {
            (Some(usual_count), Some(usual)) => {
                let more = amount >= TIMES * usual && amount > 0.0;
                if !more && count < TIMES * usual_count + 2.0 {
                    return None;
                }
                let usual = self.money.of_sum(usual);
                format!("in a usual week it is {} and {usual}", number(usual_count))
            }
            _ => {
                let of_peers = |what| self.of_peers(who, what, window);
                of_peers("count").or_else(|| of_peers("amount"))?
            }
        };
        Some(Said {
            subject: who.flow,
            text: format!(
                "With this payment {} {} within {days}, {} together; {beside}.",
                who.moved,
                counted(count, "payment", "payments"),
                self.money.of_sum(amount)
            ),
        })
    }

    /// What most payments of the account's peers show, where it shows more.
    fn of_peers(&self, who: &Who, what: &str, window: &str) -> Option<String> {
        let measure = format!("{}_{}_{what}_{window}", who.name, who.direction);
        let mark = self.peers.iter().find(|mark| mark.measure == measure)?;
        let accounts = mark.segment.as_deref().map_or("all".to_owned(), |s| s.replace('_', " "));
        let most = match what {
            "amount" => format!("about {} before it", self.money.of_sum(mark.p95)),
            "count" => format!("{} before it", number(mark.p95)),
            _ => number(mark.p95),
        };
        let towards = who.towards;
        Some(format!("for 95 in 100 payments {towards} {accounts} accounts it is at most {most}"))
    }

    fn new_parties(&self, who: &Who, window: &str) -> Option<Said> {
        let days = in_words(window)?;
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let count = own(&format!("new_{window}")).filter(|count| *count >= 2.0)?;
        let amount = own(&format!("new_amount_{window}"))?;
        let usual = own("usual_new").filter(|_| window != "5w");
        if usual.is_some_and(|usual| count < TIMES * usual + 1.0) {
            return None;
        }
        let usual = usual.map(|usual| format!("in a usual week it is {}", number(usual)));
        let beside: Vec<String> =
            usual.into_iter().chain(self.of_peers(who, "new", window)).collect();
        (!beside.is_empty()).then(|| Said {
            subject: who.new,
            text: format!(
                "Before this payment {} within {days}, {} together; {}.",
                who.met.replace("{}", &number(count)),
                self.money.of_sum(amount),
                beside.join("; ")
            ),
        })
    }

    fn near_threshold(&self, who: &Who) -> Option<Said> {
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let count = own("near_threshold_7d").filter(|count| *count >= 1.0)?;
        let amount = own("near_threshold_amount_7d")?;
        let payments = counted(count, "payment", "payments");
        Some(Said {
            subject: who.near,
            text: format!(
                "{} {payments} just below a reporting threshold within seven days before this one, {} \
                 together.",
                capitalised(who.moved),
                self.money.of_sum(amount)
            ),
        })
    }

    fn cash(&self, who: &Who) -> Option<Said> {
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let count = own("cash_7d").filter(|count| *count >= 1.0)?;
        let amount = own("cash_amount_7d")?;
        let usual = own("usual_cash").filter(|usual| amount >= TIMES * usual)?;
        let payments = counted(count, "cash payment", "cash payments");
        Some(Said {
            subject: who.cash,
            text: format!(
                "{} {payments} within seven days before this one, {} together; in a usual week it is \
                 {}.",
                capitalised(who.moved),
                self.money.of_sum(amount),
                self.money.of_sum(usual)
            ),
        })
    }

    fn passed_on(&self, who: &Who, rest: &str) -> Option<Said> {
        if who.name != "sender" {
            return None;
        }
        let window = rest.rsplit_once('_')?.1;
        let days = in_words(window)?;
        let share = self.get(&format!("sender_{rest}")).filter(|s| (0.5..=1.1).contains(s))?;
        let income = match window {
            // Two weeks' income is in the share alone.
            "2w" => " of what".to_owned(),
            _ => {
                let income = self.get(&format!("sender_in_amount_{window}"))?;
                format!(" of the {} that", self.money.of_sum(income))
            }
        };
        Some(Said {
            subject: "onward",
            text: format!(
                "With this payment {} %{income} came in within {days} has left the sender's \
                 account.",
                percent(share)
            ),
        })
    }

    /// How large the payment is beside what the account usually moves.
    fn size(&self, who: &Who) -> Option<Said> {
        let own = |what: &str| self.get(&format!("{}_{}_{what}", who.name, who.direction));
        let usual = own("usual_amount");
        let times = own("exceptional").filter(|times| *times >= TIMES);
        if let (Some(times), Some(usual)) = (times, usual.filter(|usual| *usual >= 1.0)) {
            return Some(Said {
                subject: who.size,
                text: format!(
                    "The amount is {} times what the {} {} in a usual week ({}).",
                    number(times),
                    who.name,
                    who.usually,
                    self.money.of_sum(usual)
                ),
            });
        }
        let z = own("z").filter(|z| *z >= TIMES)?;
        Some(Said {
            subject: who.size,
            text: format!(
                "The amount lies about {} standard deviations above what the {} usually {}.",
                number(z),
                who.name,
                who.usually
            ),
        })
    }

    /// That an account is new tells something only where the other side has been known for long.
    fn age(&self, who: &Who) -> Option<Said> {
        let days = self.get(&format!("{}_age_days", who.name)).filter(|days| *days <= 14.0)?;
        self.get(&format!("{}_age_days", who.other)).filter(|days| *days >= 60.0)?;
        Some(Said {
            subject: who.age,
            text: format!("The {}'s account was first seen {} ago.", who.name, days_of(days)),
        })
    }

    fn silence(&self, who: &Who) -> Option<Said> {
        let since = |what: &str| self.get(&format!("{}_days_since_{what}", who.name));
        let silent = match (since("in"), since("out")) {
            (Some(a), Some(b)) => a.min(b),
            (Some(days), None) | (None, Some(days)) => days,
            (None, None) => return None,
        };
        (silent >= 60.0).then(|| Said {
            subject: who.silence,
            text: format!(
                "The {}'s account had been silent for {} before this payment.",
                who.name,
                days_of(silent)
            ),
        })
    }

    fn alike(
        &self,
        who: &Who,
        what: &str,
        subject: &'static str,
        text: &'static str,
    ) -> Option<Said> {
        let count = self.get(&format!("{}_{what}", who.name)).filter(|count| *count >= 3.0)?;
        Some(Said { subject, text: text.replace("{}", &number(count)) })
    }

    fn place(&self) -> Option<Said> {
        let abroad = self.get("cross_border")? > 0.0 && self.get("sender_familiar_country")? == 0.0;
        abroad.then(|| Said {
            subject: "place",
            text: "None of the sender's recent receivers banks in this receiver's country."
                .to_owned(),
        })
    }
}

/// One side's words.
struct Who {
    name: &'static str,
    other: &'static str,
    /// The direction that the payment has, seen from here.
    direction: &'static str,
    moved: &'static str,
    towards: &'static str,
    usually: &'static str,
    met: &'static str,
    flow: &'static str,
    new: &'static str,
    near: &'static str,
    cash: &'static str,
    size: &'static str,
    age: &'static str,
    silence: &'static str,
    similar: &'static str,
    similar_text: &'static str,
    purpose: &'static str,
    purpose_text: &'static str,
}

impl Who {
    const SENDER: Self = Self {
        name: "sender",
        other: "receiver",
        direction: "out",
        moved: "the sender made",
        towards: "from",
        usually: "sends",
        met: "the sender paid {} receivers for the first time",
        flow: "distribution",
        new: "distribution",
        near: "threshold",
        cash: "cash",
        size: "size",
        age: "sender age",
        silence: "sender silence",
        similar: "distribution",
        similar_text: "The sender sent much the same amount to {} other receivers within a week.",
        purpose: "distribution",
        purpose_text: "The sender gave {} other receivers the same purpose within a month.",
    };
    const RECEIVER: Self = Self {
        name: "receiver",
        other: "sender",
        direction: "in",
        moved: "the receiver got",
        towards: "to",
        usually: "receives",
        met: "{} accounts paid the receiver for the first time",
        flow: "collection",
        new: "collection",
        near: "threshold",
        cash: "cash",
        size: "size",
        age: "receiver age",
        silence: "receiver silence",
        similar: "collection",
        similar_text: "{} other payers sent the receiver much the same amount within a week.",
        purpose: "collection",
        purpose_text: "{} other payers gave the same purpose within a month.",
    };
}

fn in_words(window: &str) -> Option<&'static str> {
    match window {
        "2d" => Some("two days"),
        "7d" => Some("seven days"),
        "2w" => Some("this and the last calendar week"),
        "5w" => Some("this and the four calendar weeks before"),
        _ => None,
    }
}

fn percent(share: f64) -> String {
    number((share * 100.0).round())
}

pub(crate) fn days_of(days: f64) -> String {
    match days {
        days if days < 1.0 / 24.0 => "less than an hour".to_owned(),
        days if days < 2.0 => counted((days * 24.0).floor(), "hour", "hours"),
        days => counted(days.floor(), "day", "days"),
    }
}

fn counted(count: f64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1.0 { one } else { many })
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// At most two digits behind the point, none from a hundred on.
pub(crate) fn number(value: f64) -> String {
    let text = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    if text == "-0" { "0".to_owned() } else { text }
}
