//! The budget's ledger: one item per day, which holds what is committed (spent plus reserved), and
//! one per call in progress. A call is reserved before it is made and settled afterwards, each in
//! one transaction over both items. So spent plus reserved stays within the budget for any number
//! of workers, and a reservation is charged exactly once: by its caller or, after a crash, the
//! guard.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use jiff::Timestamp;

use super::Store;
use crate::jitter;
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{
    BudgetDay, DayLedger, Gate, GateReason, MicroUsd, ReservationRefusal,
};

type Item = HashMap<String, AttributeValue>;

/// Attempts at a transaction that conflicts with others on the day's item. With the waits below
/// they take about two seconds, enough for some hundred workers at once.
const ATTEMPTS: u32 = 12;
const WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_millis(400);

/// A call that is about to be made.
#[derive(Debug, Clone)]
pub struct ReservationRequest<'a> {
    pub tenant: &'a Tenant,
    /// The day whose budget pays, even if the call ends on the next day.
    pub day: BudgetDay,
    /// Budget of the day.
    pub budget: MicroUsd,
    /// Maximum cost of the call.
    pub max: MicroUsd,
    pub now: Timestamp,
    /// What the call is for, such as `assessment`; only for people who inspect the table.
    pub purpose: &'a str,
}

/// Permission to make one call. It stays charged until it is settled, released or reconciled.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a reservation stays charged until it is settled or released"]
pub struct Reservation {
    tenant: Tenant,
    day: BudgetDay,
    id: String,
    max: MicroUsd,
    reserved_at: i64,
}

impl Reservation {
    pub fn day(&self) -> BudgetDay {
        self.day
    }

    pub fn max(&self) -> MicroUsd {
        self.max
    }

    /// Returns when it was made, in epoch seconds.
    pub fn reserved_at(&self) -> i64 {
        self.reserved_at
    }

    fn key(&self) -> Item {
        key(&self.tenant, self.day, &format!("reservation#{}", self.id))
    }
}

/// Why no reservation was made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReserveError {
    #[error("the day's budget does not cover the call")]
    Exhausted,
    #[error("LLM escalation is closed")]
    GateClosed,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why the ledger could not be read or written.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum LedgerError {
    #[error("too many workers at the day's item at once")]
    Contended,
    #[error("the table did not take the request: {0}")]
    Store(String),
}

/// Whether this request concluded the reservation or another had done so before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeOutcome {
    Now,
    Before,
}

/// How a reservation ends.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Called {
        actual: MicroUsd,
        latency_ms: u64,
    },
    NeverMade,
    /// Nobody knows whether the call was made: charged in full and left out of the statistics.
    Abandoned,
}

impl Store {
    /// Reserves the maximum cost of a call, or returns why that is not possible.
    pub async fn reserve(
        &self,
        request: &ReservationRequest<'_>,
    ) -> Result<Reservation, ReserveError> {
        let Some(room) = request.budget.checked_sub(request.max) else {
            return Err(ReserveError::Exhausted);
        };
        let reservation = Reservation {
            tenant: request.tenant.clone(),
            day: request.day,
            id: format!("{:016x}", jitter::random_u64()),
            max: request.max,
            reserved_at: request.now.as_second(),
        };
        let day = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(request.tenant, request.day, "day")))
            .update_expression("ADD committed_micros :max SET latest_max_micros = :max")
            .condition_expression(
                "(attribute_not_exists(gate) OR gate = :open) AND \
                 (attribute_not_exists(committed_micros) OR committed_micros <= :room)",
            )
            .expression_attribute_values(":max", number(request.max.0))
            .expression_attribute_values(":room", number(room.0))
            .expression_attribute_values(":open", text("open"))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let mut item = reservation.key();
        item.insert("max_micros".to_owned(), number(request.max.0));
        item.insert("reserved_at".to_owned(), number(reservation.reserved_at));
        item.insert("purpose".to_owned(), text(request.purpose));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        let writes =
            [write(|item| item.set_update(day.ok())), write(|item| item.set_put(put.ok()))];
        match self.transact(&writes).await? {
            TransactOutcome::Done => Ok(reservation),
            // Ids are unique, so an earlier attempt succeeded and its answer was lost.
            TransactOutcome::Refused(reasons) if failed(reasons.get(1)) => Ok(reservation),
            TransactOutcome::Refused(reasons) => {
                let seen = reasons.first().and_then(CancellationReason::item);
                let ledger = seen.map(day_ledger).unwrap_or_default();
                match ledger.refuses(request.budget, request.max) {
                    Some(ReservationRefusal::GateClosed) => Err(ReserveError::GateClosed),
                    _ => Err(ReserveError::Exhausted),
                }
            }
        }
    }

    /// Charges the actual cost of the call to the day that reserved it and frees the rest.
    pub async fn settle(
        &self,
        reservation: Reservation,
        actual: MicroUsd,
        latency: Duration,
    ) -> Result<ChargeOutcome, LedgerError> {
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.conclude(&reservation, Outcome::Called { actual, latency_ms }).await
    }

    /// Frees the reservation of a call that was certainly not billed.
    pub async fn release(&self, reservation: Reservation) -> Result<ChargeOutcome, LedgerError> {
        self.conclude(&reservation, Outcome::NeverMade).await
    }

    /// Charges an abandoned reservation in full, since the call may have been made.
    pub async fn reconcile(&self, reservation: Reservation) -> Result<ChargeOutcome, LedgerError> {
        self.conclude(&reservation, Outcome::Abandoned).await
    }

    /// Updates the day and deletes the reservation in one transaction, on the condition that the
    /// reservation exists, so that it is concluded once.
    async fn conclude(
        &self,
        reservation: &Reservation,
        outcome: Outcome,
    ) -> Result<ChargeOutcome, LedgerError> {
        let (committed, spent, calls, latency_ms) = match outcome {
            Outcome::Called { actual, latency_ms } => {
                (signed(actual) - signed(reservation.max), signed(actual), 1, latency_ms)
            }
            Outcome::NeverMade => (-signed(reservation.max), 0, 0, 0),
            Outcome::Abandoned => (0, signed(reservation.max), 0, 0),
        };
        let day = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(&reservation.tenant, reservation.day, "day")))
            .update_expression(
                "ADD committed_micros :committed, spent_micros :spent, \
                 calls :calls, latency_ms_sum :latency",
            )
            .expression_attribute_values(":committed", number(committed))
            .expression_attribute_values(":spent", number(spent))
            .expression_attribute_values(":calls", number(calls))
            .expression_attribute_values(":latency", number(latency_ms))
            .build();
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(reservation.key()))
            .condition_expression("attribute_exists(pk)")
            .build();
        let writes =
            [write(|item| item.set_update(day.ok())), write(|item| item.set_delete(delete.ok()))];
        match self.transact(&writes).await? {
            TransactOutcome::Done => Ok(ChargeOutcome::Now),
            TransactOutcome::Refused(_) => Ok(ChargeOutcome::Before),
        }
    }

    /// Reads the day's ledger, strongly consistently; an unused day is all zero.
    pub async fn budget_state(
        &self,
        tenant: &Tenant,
        day: BudgetDay,
    ) -> Result<DayLedger, LedgerError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(tenant, day, "day")))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| store_error(&err))?;
        Ok(answer.item().map(day_ledger).unwrap_or_default())
    }

    /// Returns the day's open reservations made before `before` (epoch seconds); their callers have
    /// most likely crashed.
    pub async fn stale_reservations(
        &self,
        tenant: &Tenant,
        day: BudgetDay,
        before: i64,
    ) -> Result<Vec<Reservation>, LedgerError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .filter_expression("reserved_at < :before")
            .expression_attribute_values(":pk", text(&partition(tenant, day)))
            .expression_attribute_values(":sk", text("reservation#"))
            .expression_attribute_values(":before", number(before))
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut stale = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|err| store_error(&err))?;
            stale.extend(page.items().iter().filter_map(|item| {
                let id = item.get("sk")?.as_s().ok()?.strip_prefix("reservation#")?.to_owned();
                Some(Reservation {
                    tenant: tenant.clone(),
                    day,
                    id,
                    max: MicroUsd(read(item, "max_micros")),
                    reserved_at: read(item, "reserved_at"),
                })
            }));
        }
        Ok(stale)
    }

    /// Writes all items or none; retries while other transactions write the same items.
    async fn transact(&self, writes: &[TransactWriteItem]) -> Result<TransactOutcome, LedgerError> {
        for attempt in 0..ATTEMPTS {
            let request = self.client.transact_write_items();
            let answer = request.set_transact_items(Some(writes.to_vec())).send().await;
            let err = match answer {
                Ok(_) => return Ok(TransactOutcome::Done),
                Err(err) => err,
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                err.as_service_error()
            else {
                return Err(store_error(&err));
            };
            let reasons = cancelled.cancellation_reasons();
            if reasons.iter().any(|reason| failed(Some(reason))) {
                return Ok(TransactOutcome::Refused(reasons.to_vec()));
            }
            tokio::time::sleep(jitter::backoff(attempt, WAIT, LONGEST_WAIT)).await;
        }
        Err(LedgerError::Contended)
    }
}

enum TransactOutcome {
    Done,
    Refused(Vec<CancellationReason>),
}

fn failed(reason: Option<&CancellationReason>) -> bool {
    reason.and_then(CancellationReason::code) == Some("ConditionalCheckFailed")
}

fn write(
    fill: impl FnOnce(
        aws_sdk_dynamodb::types::builders::TransactWriteItemBuilder,
    ) -> aws_sdk_dynamodb::types::builders::TransactWriteItemBuilder,
) -> TransactWriteItem {
    fill(TransactWriteItem::builder()).build()
}

pub(super) fn partition(tenant: &Tenant, day: BudgetDay) -> String {
    format!("{tenant}#budget#{day}")
}

pub(super) fn key(tenant: &Tenant, day: BudgetDay, sk: &str) -> Item {
    [("pk", text(&partition(tenant, day))), ("sk", text(sk))]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Reads a number of an item; 0 if it is missing or unreadable.
pub(super) fn read<N: std::str::FromStr + Default>(item: &Item, name: &str) -> N {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    value.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Reads the gate of an item: closed unless it is absent or `open`.
pub(super) fn read_gate(item: &Item) -> Gate {
    let word = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
    match word("gate") {
        None | Some("open") => Gate::Open,
        Some(_) => Gate::Closed(GateReason::from_code(word("gate_reason").unwrap_or_default())),
    }
}

fn day_ledger(item: &Item) -> DayLedger {
    DayLedger {
        committed: MicroUsd(read(item, "committed_micros")),
        spent: MicroUsd(read(item, "spent_micros")),
        calls: read(item, "calls"),
        latency_ms_sum: read(item, "latency_ms_sum"),
        latest_max: MicroUsd(read(item, "latest_max_micros")),
        gate: read_gate(item),
        gate_since: read(item, "gate_since"),
    }
}

fn signed(money: MicroUsd) -> i128 {
    i128::from(money.0)
}

/// Keeps only the error's code, since its text may quote the item.
pub(super) fn store_error<E: ProvideErrorMetadata, R>(err: &SdkError<E, R>) -> LedgerError {
    let code = err.as_service_error().and_then(ProvideErrorMetadata::code);
    LedgerError::Store(code.unwrap_or("no answer").to_owned())
}
