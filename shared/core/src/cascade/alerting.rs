//! One open alert per account and typology. A hundred payments of one mule are a single piece of
//! work: the first opens an alert, later ones within the cooldown are attached to it as hits with
//! their score, and a higher severity always surfaces again. Open alerts are kept by the store in
//! production and by [`OpenAlerts`] in a backtest.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::alert_id::AlertId;
use crate::case::rules_verdict::RuleOutcome;
use crate::payment::account_id::AccountId;
use crate::payment::side::Side;
use crate::state::facts::Facts;

/// How severe an alert is. A review is low; an alert is medium, high at a risk of 0.5 or more, and
/// critical at 0.9 or more.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    pub fn of(risk: f64, alert: bool) -> Self {
        match risk {
            _ if !alert => Self::Low,
            risk if risk < 0.5 => Self::Medium,
            risk if risk < 0.9 => Self::High,
            _ => Self::Critical,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.code() == code)
    }
}

/// Where a payment waits for a person: alerts, and reviews of payments whose risk lies between the
/// lines and which no LLM could settle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Queue {
    #[default]
    Alerts,
    Reviews,
}

impl Queue {
    pub const ALL: [Self; 2] = [Self::Alerts, Self::Reviews];

    pub fn code(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Reviews => "reviews",
        }
    }

    /// Returns the kind of the queue's items in the table, whose stream passes on alerts only.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Alerts => "alert",
            Self::Reviews => "review",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.code() == code)
    }
}

/// What an alert is about: one side's account and a typology. A decision has a topic for each
/// account and typology of the rules that fired, or [`UNCLASSIFIED`] for the sender if no such rule
/// fired.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    pub account: Side,
    pub typology: String,
}

/// The typology of an alert that no rule explains.
pub const UNCLASSIFIED: &str = "unclassified";

/// Returns the topics of a decision, each once, from the rules that fired.
pub fn topics(fired: &[RuleOutcome]) -> Vec<Topic> {
    let named = fired.iter().filter(|rule| rule.typology != "none");
    let mut topics: Vec<Topic> = named
        .map(|rule| Topic { account: rule.account, typology: rule.typology.clone() })
        .collect();
    topics.sort();
    topics.dedup();
    if topics.is_empty() {
        topics.push(Topic { account: Side::Sender, typology: UNCLASSIFIED.to_owned() });
    }
    topics
}

/// The open alert of one account and typology.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenAlert {
    pub alert_id: AlertId,
    /// Event time of the payment that opened it, in seconds since the Unix epoch.
    pub opened_at: f64,
    pub severity: Severity,
}

/// A decision that surfaces, before it is placed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Event time in seconds since the Unix epoch.
    pub at: f64,
    pub severity: Severity,
}

/// Where a decision's alert goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// It opens a new alert. `raises` is the open alert that it outranks, if any.
    New { raises: Option<AlertId> },
    /// Every topic has an open alert that is at least as severe; it joins the most severe one.
    Attached { alert_id: AlertId },
}

/// Places a hit; `open` holds the open alert, if any, for each of its topics.
pub fn place(open: &[Option<OpenAlert>], hit: Hit, cooldown_s: f64) -> Placement {
    let current = |alert: &&OpenAlert| (hit.at - alert.opened_at).abs() <= cooldown_s;
    let known: Vec<Option<&OpenAlert>> =
        open.iter().map(|alert| alert.as_ref().filter(current)).collect();
    let gravest = known
        .iter()
        .flatten()
        .max_by(|a, b| a.severity.cmp(&b.severity).then_with(|| b.alert_id.cmp(&a.alert_id)));
    let covers = |alert: &Option<&OpenAlert>| alert.is_some_and(|a| a.severity >= hit.severity);
    match gravest {
        Some(alert) if known.iter().all(covers) => {
            Placement::Attached { alert_id: alert.alert_id.clone() }
        }
        Some(alert) if alert.severity < hit.severity => {
            Placement::New { raises: Some(alert.alert_id.clone()) }
        }
        _ => Placement::New { raises: None },
    }
}

/// Returns when the marks of an open alert expire, in seconds since the Unix epoch. Marks hold event
/// times, but the table deletes them by its own clock: counting from the later of the two keeps the
/// marks of past payments as long as those of current ones.
#[expect(clippy::cast_possible_truncation, reason = "seconds since the Unix epoch")]
pub fn marks_expire_at(now: Timestamp, event: Timestamp, cooldown_s: f64) -> i64 {
    // Twice the cooldown, since payments may come late.
    now.as_second().max(event.as_second()) + 2 * cooldown_s as i64
}

/// The open alerts of a backtest.
#[derive(Debug, Default)]
pub struct OpenAlerts(HashMap<(AccountId, String), OpenAlert>);

impl OpenAlerts {
    /// Places a hit and remembers what is open now. `alert_id` is the id of a new alert, if it
    /// opens one.
    pub fn place(
        &mut self,
        topics: &[Topic],
        facts: &Facts,
        hit: Hit,
        cooldown_s: f64,
        alert_id: &AlertId,
    ) -> Placement {
        let key = |topic: &Topic| {
            let account = match topic.account {
                Side::Sender => facts.sender,
                Side::Receiver => facts.receiver,
            };
            (account, topic.typology.clone())
        };
        let open: Vec<_> = topics.iter().map(|topic| self.0.get(&key(topic)).cloned()).collect();
        let placement = place(&open, hit, cooldown_s);
        if matches!(placement, Placement::New { .. }) {
            for topic in topics {
                let opened = OpenAlert {
                    alert_id: alert_id.clone(),
                    opened_at: hit.at,
                    severity: hit.severity,
                };
                self.0.insert(key(topic), opened);
            }
        }
        placement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: f64 = 86_400.0;

    fn id(of: &str) -> AlertId {
        AlertId::parse(&format!("al_{of}")).unwrap()
    }

    fn open(of: &str, at: f64, severity: Severity) -> Option<OpenAlert> {
        Some(OpenAlert { alert_id: id(of), opened_at: at, severity })
    }

    #[track_caller]
    fn check(open: &[Option<OpenAlert>], at: f64, severity: Severity, expect: Placement) {
        assert_eq!(place(open, Hit { at, severity }, DAY), expect);
    }

    fn new(raises: Option<&str>) -> Placement {
        Placement::New { raises: raises.map(id) }
    }

    fn attached(of: &str) -> Placement {
        Placement::Attached { alert_id: id(of) }
    }

    #[test]
    fn a_second_hit_joins_the_open_alert() {
        let known = [open("a", 0.0, Severity::High)];
        check(&known, 60.0, Severity::High, attached("a"));
        check(&known, 60.0, Severity::Low, attached("a"));
        // A late hit joins, too.
        check(&known, -60.0, Severity::High, attached("a"));
    }

    #[test]
    fn a_graver_hit_always_surfaces() {
        check(&[open("a", 0.0, Severity::High)], 60.0, Severity::Critical, new(Some("a")));
    }

    #[test]
    fn after_the_cooldown_an_alert_opens_anew() {
        check(&[open("a", 0.0, Severity::High)], DAY, Severity::High, attached("a"));
        check(&[open("a", 0.0, Severity::High)], DAY + 1.0, Severity::High, new(None));
    }

    #[test]
    fn a_topic_that_nobody_has_seen_surfaces() {
        check(&[open("a", 0.0, Severity::High), None], 60.0, Severity::High, new(None));
        let both = [open("a", 0.0, Severity::High), open("b", 0.0, Severity::Critical)];
        check(&both, 60.0, Severity::High, attached("b"));
        check(&[None], 0.0, Severity::Low, new(None));
    }

    #[test]
    fn a_backtest_remembers_what_is_open() {
        let mut alerts = OpenAlerts::default();
        let facts = Facts::between("a", "b", 1.7e9, 900.0);
        let mule = [Topic { account: Side::Receiver, typology: "fan_in".to_owned() }];
        let hit = |severity| Hit { at: facts.at, severity };
        let mut place = |severity, of| alerts.place(&mule, &facts, hit(severity), DAY, &id(of));
        assert_eq!(place(Severity::Medium, "1"), new(None));
        assert_eq!(place(Severity::Medium, "2"), attached("1"));
        assert_eq!(place(Severity::High, "3"), new(Some("1")));
        assert_eq!(place(Severity::Medium, "4"), attached("3"));
    }
}
