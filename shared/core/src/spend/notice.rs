//! What people are told when the gate moves: what happened, since when, what it means and what to do.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::budget::{BudgetDay, DayLedger, Gate, GateReason, MicroUsd};

/// A notice about the gate, for machines and, in `text`, for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateNotice {
    r#type: &'static str,
    day: String,
    /// `open` or `closed`.
    gate: &'static str,
    reason: Option<GateReason>,
    since: String,
    budget_micro_usd: u64,
    spent_micro_usd: u64,
    reserved_micro_usd: u64,
    /// Of the calls since the guard's last round.
    mean_latency_ms: Option<u64>,
    latency_threshold_ms: u64,
    pub text: String,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy)]
pub struct GateNews<'a> {
    pub day: BudgetDay,
    pub ledger: &'a DayLedger,
    /// The state of which people were last told.
    pub before: Gate,
    pub budget: MicroUsd,
    pub mean_latency_ms: Option<u64>,
    pub latency_threshold_ms: u64,
    pub now: Timestamp,
    pub zone: &'a TimeZone,
}

impl GateNotice {
    pub fn of(news: &GateNews<'_>) -> Self {
        Self {
            r#type: "budget_gate",
            day: news.day.to_string(),
            gate: news.ledger.gate.code(),
            reason: news.ledger.gate.reason(),
            since: news.since().to_string(),
            budget_micro_usd: news.budget.0,
            spent_micro_usd: news.ledger.spent.0,
            reserved_micro_usd: news.ledger.reserved().0,
            mean_latency_ms: news.mean_latency_ms,
            latency_threshold_ms: news.latency_threshold_ms,
            text: news.text(),
        }
    }

    /// Returns the line under which the notice is sent.
    pub fn subject(&self) -> String {
        format!("FinCrime Sentinel: LLM escalation is {}", self.gate)
    }
}

/// What a closed gate means, whatever closed it.
const MEANING: &str = "Rules and model decide as before, and every alert of theirs still reaches the \
                       desk. Payments of which they are unsure wait in the review queue without an \
                       LLM's opinion.";

impl GateNews<'_> {
    fn since(&self) -> Timestamp {
        let since = Timestamp::from_second(self.ledger.gate_since).ok();
        since.filter(|_| self.ledger.gate_since > 0).unwrap_or(self.now)
    }

    fn text(&self) -> String {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        let at = self.since().to_zoned(self.zone.clone()).strftime("%H:%M").to_string();
        let at = format!("at {at} ({zone}) on {}", self.day);
        let dollars = |amount: MicroUsd| {
            let cents = amount.0.div_ceil(10_000);
            format!("${}.{:02}", cents / 100, cents % 100)
        };
        let spent = format!(
            "{} of {} spent, {} reserved for calls in progress",
            dollars(self.ledger.spent),
            dollars(self.budget),
            dollars(self.ledger.reserved()),
        );
        let slow = match self.mean_latency_ms {
            Some(mean) => format!(
                "the LLM took {mean} ms a call on average, more than the {} ms allowed",
                self.latency_threshold_ms
            ),
            None => {
                format!("the LLM took longer than the {} ms allowed", self.latency_threshold_ms)
            }
        };
        match (self.ledger.gate, self.before) {
            (Gate::Closed(GateReason::Budget), _) => format!(
                "LLM escalation closed {at}, because what is left of the day's budget does not cover \
                 another call: {spent}. {MEANING} It opens again at midnight. To open it today, raise \
                 DailyBudgetUsd."
            ),
            (Gate::Closed(GateReason::Latency), _) => format!(
                "LLM escalation closed {at}, because {slow}. {MEANING} It is tried again within \
                 fifteen minutes. If it stays slow, look at the provider's status, or raise \
                 LatencyThresholdMs."
            ),
            (Gate::Closed(GateReason::Operator), _) => format!(
                "LLM escalation was closed by an operator {at}. {MEANING} It stays closed until an \
                 operator opens it or the next day begins."
            ),
            (Gate::Open, Gate::Closed(GateReason::Latency)) => format!(
                "LLM escalation opened again {at}: the LLM answers fast enough, or is given another \
                 try. Unsure payments get its look again; those that waited stay in the review queue. \
                 There is nothing to do."
            ),
            (Gate::Open, _) => format!(
                "LLM escalation opened again {at}: {spent}. Unsure payments get the LLM's look again; \
                 those that waited stay in the review queue. There is nothing to do."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(gate: Gate, before: Gate) -> GateNotice {
        let ledger = DayLedger {
            committed: MicroUsd(4_990_000),
            spent: MicroUsd(4_971_234),
            gate,
            gate_since: 1_795_000_000,
            ..DayLedger::default()
        };
        GateNotice::of(&GateNews {
            day: BudgetDay::parse("2026-11-18").unwrap(),
            ledger: &ledger,
            before,
            budget: MicroUsd(5_000_000),
            mean_latency_ms: Some(7_200),
            latency_threshold_ms: 6_000,
            now: "2026-11-18T11:07:00Z".parse().unwrap(),
            zone: &TimeZone::get("Europe/Berlin").unwrap(),
        })
    }

    #[track_caller]
    fn check(gate: Gate, before: Gate, expect: &[&str]) {
        let text = notice(gate, before).text;
        for part in expect {
            assert!(text.contains(part), "{part} in: {text}");
        }
    }

    #[test]
    fn a_notice_says_what_happened_since_when_what_it_means_and_what_to_do() {
        let closed = Gate::Closed;
        check(
            closed(GateReason::Budget),
            Gate::Open,
            &[
                "closed at 12:06 (Europe/Berlin) on 2026-11-18",
                "$4.98 of $5.00 spent, $0.02 reserved",
                "wait in the review queue",
                "raise DailyBudgetUsd",
            ],
        );
        check(
            closed(GateReason::Latency),
            Gate::Open,
            &[
                "7200 ms a call on average, more than the 6000 ms",
                "tried again",
                "LatencyThresholdMs",
            ],
        );
        check(closed(GateReason::Operator), Gate::Open, &["by an operator", "until an operator"]);
        check(Gate::Open, closed(GateReason::Latency), &["fast enough", "nothing to do"]);
        check(Gate::Open, closed(GateReason::Budget), &["opened again", "$4.98 of $5.00"]);
    }

    #[test]
    fn machines_read_it_too() {
        let text = crate::json::write(&notice(Gate::Closed(GateReason::Budget), Gate::Open));
        assert!(text.contains(r#""gate":"closed","reason":"budget""#), "{text}");
        assert!(text.contains(r#""spent_micro_usd":4971234"#), "{text}");
    }
}
