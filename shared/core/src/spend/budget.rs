//! The arithmetic of the LLM's budget: money in whole micro-dollars, the most that a call can cost,
//! the calendar day that pays for it, and the ledger of that day. The store does the same
//! arithmetic in conditional writes (`store::ledger`), so that it also holds under concurrency.
//!
//! Every call is reserved before and settled after: `committed` is what is spent plus what is
//! reserved, and no reservation may take it over the budget. Polling the spending could not
//! guarantee that.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::payment::tenant::Tenant;

/// US dollars in whole millionths, which is precise enough for prices per million tokens.
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

/// The text is not a valid amount of US dollars.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("an amount of US dollars has the form 12 or 12.345678, with at most six decimals")]
pub struct InvalidUsd;

impl MicroUsd {
    pub const ZERO: Self = Self(0);

    /// Parses decimal US dollars: digits, at most six decimals, no sign, exponent or separators.
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

/// A provider's prices per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceTable {
    pub input_per_million: MicroUsd,
    pub output_per_million: MicroUsd,
}

/// Upper bound on the tokens that a chat template adds to the request: begin, end and role markers
/// of two messages, and the opening of the answer. Templates in use add fewer than 20.
const TEMPLATE_TOKENS: u64 = 64;

impl PriceTable {
    /// Returns the price of these tokens; input and output are each rounded up to a whole
    /// micro-dollar.
    pub fn cost(&self, input_tokens: u64, output_tokens: u64) -> MicroUsd {
        let side = |tokens: u64, price: MicroUsd| {
            let micros = (u128::from(tokens) * u128::from(price.0)).div_ceil(1_000_000);
            MicroUsd(u64::try_from(micros).unwrap_or(u64::MAX))
        };
        side(input_tokens, self.input_per_million)
            .saturating_add(side(output_tokens, self.output_per_million))
    }

    /// Returns the most that one call can cost. A token of a byte-level vocabulary (BPE, or
    /// SentencePiece with byte fallback) stands for at least one byte, so the request has at most
    /// as many tokens as bytes. The whole request body is counted, because the answer's schema may
    /// become part of the prompt. English text has about four bytes per token, so the bound is
    /// about four times the real cost; the rest is released at settlement.
    pub fn worst_case(&self, request_bytes: usize, max_tokens: u32) -> MicroUsd {
        self.cost(worst_case_input_tokens(request_bytes), u64::from(max_tokens))
    }
}

/// Returns an upper bound on the input tokens of a request of this size.
pub fn worst_case_input_tokens(request_bytes: usize) -> u64 {
    u64::try_from(request_bytes).unwrap_or(u64::MAX).saturating_add(TEMPLATE_TOKENS)
}

/// A calendar day in the budget's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetDay(Date);

impl BudgetDay {
    /// Returns the day that pays for a call made at `now`.
    pub fn of(now: Timestamp, zone: &TimeZone) -> Self {
        Self(now.to_zoned(zone.clone()).date())
    }

    /// Parses `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Returns this day and those after it up to another, or nothing if that is earlier.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        let next = |day: &Self| day.0.tomorrow().ok().map(Self);
        std::iter::successors(Some(self), next).take_while(move |day| *day <= last)
    }

    /// Returns the day before. The first day of the calendar returns itself.
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

impl Gate {
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed(_) => "closed",
        }
    }

    /// Returns why it is closed; `None` if it is open.
    pub fn reason(self) -> Option<GateReason> {
        match self {
            Self::Open => None,
            Self::Closed(reason) => Some(reason),
        }
    }
}

/// What may be spent on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyCaps {
    /// By all tenants together.
    pub deployment: MicroUsd,
    /// By the tenant of a call, if it has a cap of its own.
    pub tenant: Option<MicroUsd>,
}

/// The caps of tenants that have one of their own.
pub type TenantCaps = BTreeMap<Tenant, MicroUsd>;

/// Reads caps of tenants such as `bank-a=2.50,bank-b=1`; `None` if the text has another form.
pub fn parse_tenant_caps(text: &str) -> Option<TenantCaps> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let read = |entry: &str| {
        let (tenant, usd) = entry.split_once('=')?;
        Some((Tenant::parse(tenant.trim()).ok()?, MicroUsd::parse_usd(usd.trim()).ok()?))
    };
    entries.map(read).collect()
}

/// Why the gate is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateReason {
    /// What is left of the day's budget does not cover another call.
    Budget,
    /// The LLM has become too slow.
    Latency,
    /// A person closed it. It stays closed until a person opens it or the next day begins.
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

    /// Returns the reason with that code. An unknown code counts as an operator's, so that the gate
    /// stays closed.
    pub fn from_code(code: &str) -> Self {
        match code {
            "budget" => Self::Budget,
            "latency" => Self::Latency,
            _ => Self::Operator,
        }
    }
}

/// One day of the ledger. Invariant: `spent <= committed <= budget`, provided that no call costs
/// more than was reserved for it, which [`PriceTable::worst_case`] ensures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayLedger {
    /// Spent plus reserved.
    pub committed: MicroUsd,
    pub spent: MicroUsd,
    /// Number of settled calls.
    pub calls: u64,
    /// Sum of their latencies.
    pub latency_ms_sum: u64,
    /// Size of the latest reservation, as an estimate of the next.
    pub latest_max: MicroUsd,
    pub gate: Gate,
    /// Time of the gate's latest change in seconds since the Unix epoch; 0 if it never changed.
    pub gate_since: i64,
}

/// Why a reservation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReservationRefusal {
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

    /// Returns why `max` cannot be reserved, or `None` if it can.
    pub fn refuses(&self, budget: MicroUsd, max: MicroUsd) -> Option<ReservationRefusal> {
        if self.gate != Gate::Open {
            return Some(ReservationRefusal::GateClosed);
        }
        let room = budget.checked_sub(max);
        if room.is_none_or(|room| self.committed > room) {
            Some(ReservationRefusal::Exhausted)
        } else {
            None
        }
    }

    /// Reserves `max` and returns the new state of the day. The store makes the same change under
    /// the same condition.
    pub fn reserve(self, budget: MicroUsd, max: MicroUsd) -> Result<Self, ReservationRefusal> {
        match self.refuses(budget, max) {
            Some(refused) => Err(refused),
            None => {
                let committed = self.committed.saturating_add(max);
                Ok(Self { committed, latest_max: max, ..self })
            }
        }
    }

    /// Settles a call for which `max` was reserved and which cost `actual`, and returns the new
    /// state of the day.
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
