//! The arithmetic of the LLM's budget: money in whole micro-dollars, what a call can cost at worst,
//! which calendar day pays for it, and what the day's item of the ledger says. Pure; the store does
//! the same arithmetic under conditions (`store::ledger`), so that it also holds under concurrency.
//!
//! The scheme is reserve before, settle after: `committed` is what is spent plus what is reserved,
//! and no reservation may take it over the budget. A poller alone could not promise that.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// US dollars in whole millionths: the smallest unit a price per million tokens needs.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct MicroUsd(pub u64);

/// The text is not an amount of US dollars.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("an amount of US dollars has the form 12 or 12.345678, with at most six decimals")]
pub struct InvalidUsd;

impl MicroUsd {
    pub const ZERO: Self = Self(0);

    /// Takes decimal US dollars: digits, at most six decimals, no sign, exponent or separators.
    pub fn parse_usd(text: &str) -> Result<Self, InvalidUsd> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > 12 || fraction.len() > 6 {
            return Err(InvalidUsd);
        }
        let whole: u64 = whole.parse().map_err(|_| InvalidUsd)?;
        let micros: u64 = format!("{fraction:0<6}").parse().map_err(|_| InvalidUsd)?;
        Ok(Self(whole * 1_000_000 + micros))
    }

    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// What a provider charges, per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceTable {
    pub input_per_million: MicroUsd,
    pub output_per_million: MicroUsd,
}

/// Tokens that a chat template may add to those of the request: begin, end and role marks of two
/// messages, and the opening of the answer. Templates in use take under 20.
const TEMPLATE_TOKENS: u64 = 64;

impl PriceTable {
    /// The price of so many tokens, each side rounded up to the next micro-dollar.
    pub fn cost(&self, input_tokens: u64, output_tokens: u64) -> MicroUsd {
        let side = |tokens: u64, price: MicroUsd| {
            let micros = (u128::from(tokens) * u128::from(price.0)).div_ceil(1_000_000);
            MicroUsd(u64::try_from(micros).unwrap_or(u64::MAX))
        };
        side(input_tokens, self.input_per_million)
            .saturating_add(side(output_tokens, self.output_per_million))
    }

    /// The most that one call can cost. A token of a byte-level vocabulary (BPE, or SentencePiece
    /// with byte fallback) stands for at least one byte, so the request's bytes bound its tokens;
    /// the whole request body is counted, since the answer's schema may enter the prompt as well.
    /// English text has some four bytes a token: the bound is about four times the real cost, and
    /// what is not used returns at settlement.
    pub fn worst_case(&self, request_bytes: usize, max_tokens: u32) -> MicroUsd {
        self.cost(worst_case_input_tokens(request_bytes), u64::from(max_tokens))
    }
}

/// Upper bound on the input tokens of a request of so many bytes.
pub fn worst_case_input_tokens(request_bytes: usize) -> u64 {
    u64::try_from(request_bytes).unwrap_or(u64::MAX).saturating_add(TEMPLATE_TOKENS)
}

/// A calendar day of the budget's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetDay(Date);

impl BudgetDay {
    /// The day that pays for a call made at `now`.
    pub fn of(now: Timestamp, zone: &TimeZone) -> Self {
        Self(now.to_zoned(zone.clone()).date())
    }

    /// Takes `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The day before; the first day of the calendar is its own.
    pub fn previous(self) -> Self {
        Self(self.0.yesterday().unwrap_or(self.0))
    }
}

impl fmt::Display for BudgetDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether calls may be reserved at all.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case", tag = "state", content = "reason")]
pub enum Gate {
    #[default]
    Open,
    Closed(GateReason),
}

/// Why the gate is shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateReason {
    /// What is left of the day's budget does not cover another call.
    Budget,
    /// The LLM has become too slow.
    Latency,
    /// A person shut it; only a person opens it again, or the next day.
    Operator,
}

impl GateReason {
    pub fn code(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::Latency => "latency",
            Self::Operator => "operator",
        }
    }

    /// The reason with that code. An unknown one counts as a person's: the gate stays shut.
    pub fn from_code(code: &str) -> Self {
        match code {
            "budget" => Self::Budget,
            "latency" => Self::Latency,
            _ => Self::Operator,
        }
    }
}

/// One day of the ledger. Invariant: `spent <= committed <= budget` as long as no call costs more
/// than was reserved for it, which the price table's bound sees to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayLedger {
    /// Spent plus reserved.
    pub committed: MicroUsd,
    pub spent: MicroUsd,
    /// Settled calls and the sum of their latencies.
    pub calls: u64,
    pub latency_ms_sum: u64,
    /// The size of the latest reservation: what another call is likely to need.
    pub latest_max: MicroUsd,
    pub gate: Gate,
    /// Epoch seconds of the gate's latest change; 0 where it never changed.
    pub gate_since: i64,
}

/// Why a reservation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Exhausted,
    GateClosed,
}

impl DayLedger {
    pub fn reserved(&self) -> MicroUsd {
        self.committed.saturating_sub(self.spent)
    }

    pub fn left(&self, budget: MicroUsd) -> MicroUsd {
        budget.saturating_sub(self.committed)
    }

    /// Why `max` cannot be reserved, if it cannot.
    pub fn refuses(&self, budget: MicroUsd, max: MicroUsd) -> Option<Refusal> {
        if self.gate != Gate::Open {
            return Some(Refusal::GateClosed);
        }
        let room = budget.checked_sub(max);
        if room.is_none_or(|room| self.committed > room) { Some(Refusal::Exhausted) } else { None }
    }

    /// The day after reserving `max`; the store writes the same under the same condition.
    pub fn reserve(self, budget: MicroUsd, max: MicroUsd) -> Result<Self, Refusal> {
        match self.refuses(budget, max) {
            Some(refused) => Err(refused),
            None => {
                let committed = self.committed.saturating_add(max);
                Ok(Self { committed, latest_max: max, ..self })
            }
        }
    }

    /// The day after a call for which `max` was reserved came to `actual`.
    pub fn settle(self, max: MicroUsd, actual: MicroUsd, latency_ms: u64) -> Self {
        Self {
            committed: self.committed.saturating_sub(max).saturating_add(actual),
            spent: self.spent.saturating_add(actual),
            calls: self.calls.saturating_add(1),
            latency_ms_sum: self.latency_ms_sum.saturating_add(latency_ms),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
