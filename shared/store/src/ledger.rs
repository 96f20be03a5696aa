//! The budget's ledger: one item per day of the deployment, which holds what is committed (spent plus
//! reserved), one per tenant with a cap of its own, and one per call in progress. A call is reserved
//! before it is made and settled afterwards, each in one transaction over these items. So spent plus
//! reserved stays within every cap for any number of workers, and a reservation is charged exactly
//! once: by its caller or, after a crash, the guard. What people read is counted in the same
//! transaction, per tenant and model (`usage.rs`).

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
use super::charge::Charge;
use super::key::{BUDGET_DAY_SORT, budget_day, reservation_sort, tenant_sort};
use crate::jitter;
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{
    BudgetDay, DailyCaps, DayLedger, Gate, GateReason, MicroUsd, ReservationRefusal,
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
    pub model: &'a str,
    /// The day whose budget pays, even if the call ends on the next day.
    pub day: BudgetDay,
    pub caps: DailyCaps,
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
    pub(super) tenant: Tenant,
    pub(super) model: String,
    pub(super) day: BudgetDay,
    id: String,
    max: MicroUsd,
    /// Whether the tenant has a cap of its own, whose item was charged as well.
    capped: bool,
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
        key(self.day, &reservation_sort(&self.id))
    }
}

/// Why no reservation was made.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
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
    #[error("an item of the ledger has no usable attribute {0}")]
    Unreadable(&'static str),
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
    Called(Charge),
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
        let room = |cap: MicroUsd| cap.checked_sub(request.max).ok_or(ReserveError::Exhausted);
        let room_of_day = room(request.caps.deployment)?;
        let room_of_tenant = request.caps.tenant.map(room).transpose()?;
        let reservation = Reservation {
            tenant: request.tenant.clone(),
            model: request.model.to_owned(),
            day: request.day,
            id: format!("{:016x}", jitter::random_u64()),
            max: request.max,
            capped: request.caps.tenant.is_some(),
            reserved_at: request.now.as_second(),
        };
        let day = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(request.day, BUDGET_DAY_SORT)))
            .update_expression("ADD committed_micros :max SET latest_max_micros = :max")
            .condition_expression(
                "(attribute_not_exists(gate) OR gate = :open) AND \
                 (attribute_not_exists(committed_micros) OR committed_micros <= :room)",
            )
            .expression_attribute_values(":max", number(request.max.0))
            .expression_attribute_values(":room", number(room_of_day.0))
            .expression_attribute_values(":open", text("open"))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let mut item = reservation.key();
        item.insert("max_micros".to_owned(), number(request.max.0));
        item.insert("reserved_at".to_owned(), number(reservation.reserved_at));
        item.insert("purpose".to_owned(), text(request.purpose));
        item.insert("tenant".to_owned(), text(request.tenant.as_str()));
        item.insert("model".to_owned(), text(request.model));
        item.insert("capped".to_owned(), AttributeValue::Bool(reservation.capped));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        let mut writes =
            vec![write(|item| item.set_update(day.ok())), write(|item| item.set_put(put.ok()))];
        if let Some(room) = room_of_tenant {
            let tenant = self
                .tenant_update(&reservation, signed(request.max), 0)
                .condition_expression(
                    "attribute_not_exists(committed_micros) OR committed_micros <= :room",
                )
                .expression_attribute_values(":room", number(room.0))
                .build();
            writes.push(write(|item| item.set_update(tenant.ok())));
        }
        match self.transact(&writes).await? {
            TransactOutcome::Done => Ok(reservation),
            // Ids are unique, so an earlier attempt succeeded and its answer was lost.
            TransactOutcome::Refused(reasons) if failed(reasons.get(1)) => Ok(reservation),
            TransactOutcome::Refused(reasons) if failed(reasons.first()) => {
                let seen = reasons.first().and_then(CancellationReason::item);
                let ledger = seen.map(day_ledger).transpose()?.unwrap_or_default();
                match ledger.refuses(request.caps.deployment, request.max) {
                    Some(ReservationRefusal::GateClosed) => Err(ReserveError::GateClosed),
                    _ => Err(ReserveError::Exhausted),
                }
            }
            TransactOutcome::Refused(_) => Err(ReserveError::Exhausted),
        }
    }

    /// Returns the update of a tenant's own sums, which a tenant with a cap has.
    fn tenant_update(
        &self,
        of: &Reservation,
        committed: i128,
        spent: i128,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(of.day, &tenant_sort(&of.tenant))))
            .update_expression("ADD committed_micros :committed, spent_micros :spent")
            .expression_attribute_values(":committed", number(committed))
            .expression_attribute_values(":spent", number(spent))
    }

    /// Charges what the call took to the day that reserved it and frees the rest.
    pub async fn settle(
        &self,
        reservation: Reservation,
        charge: Charge,
    ) -> Result<ChargeOutcome, LedgerError> {
        self.conclude(&reservation, Outcome::Called(charge)).await
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
        let max = signed(reservation.max);
        let (committed, spent, calls, charge) = match outcome {
            Outcome::Called(charge) => (signed(charge.cost) - max, signed(charge.cost), 1, charge),
            Outcome::NeverMade => (-max, 0, 0, Charge::default()),
            Outcome::Abandoned => {
                (0, max, 0, Charge { cost: reservation.max, ..Charge::default() })
            }
        };
        let day = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(reservation.day, BUDGET_DAY_SORT)))
            .update_expression(
                "ADD committed_micros :committed, spent_micros :spent, \
                 calls :calls, latency_ms_sum :latency",
            )
            .expression_attribute_values(":committed", number(committed))
            .expression_attribute_values(":spent", number(spent))
            .expression_attribute_values(":calls", number(calls))
            .expression_attribute_values(":latency", number(charge.latency_ms()))
            .build();
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(reservation.key()))
            .condition_expression("attribute_exists(pk)")
            .build();
        let mut writes = vec![
            write(|item| item.set_update(day.ok())),
            write(|item| item.set_delete(delete.ok())),
        ];
        if reservation.capped {
            let tenant = self.tenant_update(reservation, committed, spent).build();
            writes.push(write(|item| item.set_update(tenant.ok())));
        }
        if !matches!(outcome, Outcome::NeverMade) {
            let usage = self.usage_update(reservation, calls, &charge).build();
            writes.push(write(|item| item.set_update(usage.ok())));
        }
        match self.transact(&writes).await? {
            TransactOutcome::Done => Ok(ChargeOutcome::Now),
            TransactOutcome::Refused(_) => Ok(ChargeOutcome::Before),
        }
    }

    /// Reads the deployment's day, strongly consistently; an unused day is all zero.
    pub async fn budget_state(&self, day: BudgetDay) -> Result<DayLedger, LedgerError> {
        let item = self.ledger_item(key(day, BUDGET_DAY_SORT)).await?;
        item.as_ref().map_or_else(|| Ok(DayLedger::default()), day_ledger)
    }

    /// Reads what is committed and spent of a tenant's own cap.
    pub async fn tenant_budget_state(
        &self,
        tenant: &Tenant,
        day: BudgetDay,
    ) -> Result<(MicroUsd, MicroUsd), LedgerError> {
        let item = self.ledger_item(key(day, &tenant_sort(tenant))).await?.unwrap_or_default();
        Ok((MicroUsd(count(&item, "committed_micros")?), MicroUsd(count(&item, "spent_micros")?)))
    }

    pub(super) async fn ledger_item(&self, key: Item) -> Result<Option<Item>, LedgerError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key));
        let answer = get.consistent_read(true).send().await;
        Ok(answer.map_err(|err| store_error(&err))?.item)
    }

    /// Returns the day's open reservations made before `before` (epoch seconds); their callers have
    /// most likely crashed.
    pub async fn stale_reservations(
        &self,
        day: BudgetDay,
        before: i64,
    ) -> Result<Vec<Reservation>, LedgerError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .filter_expression("reserved_at < :before")
            .expression_attribute_values(":pk", text(&budget_day(day)))
            .expression_attribute_values(":sk", text(&reservation_sort("")))
            .expression_attribute_values(":before", number(before))
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut stale = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|err| store_error(&err))?;
            for item in page.items() {
                stale.push(read_reservation(item, day)?);
            }
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

pub(super) fn key(day: BudgetDay, sk: &str) -> Item {
    [("pk", text(&budget_day(day))), ("sk", text(sk))]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Reads a number of an item; 0 if it was never counted.
pub(super) fn count<N: std::str::FromStr + Default>(
    item: &Item,
    name: &'static str,
) -> Result<N, LedgerError> {
    let Some(value) = item.get(name) else { return Ok(N::default()) };
    let number = value.as_n().ok().and_then(|text| text.parse().ok());
    number.ok_or(LedgerError::Unreadable(name))
}

/// Reads the gate of an item: closed unless it is absent or `open`.
pub(super) fn read_gate(item: &Item) -> Gate {
    let word = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
    match word("gate") {
        None | Some("open") => Gate::Open,
        Some(_) => Gate::Closed(GateReason::from_code(word("gate_reason").unwrap_or_default())),
    }
}

fn day_ledger(item: &Item) -> Result<DayLedger, LedgerError> {
    Ok(DayLedger {
        committed: MicroUsd(count(item, "committed_micros")?),
        spent: MicroUsd(count(item, "spent_micros")?),
        calls: count(item, "calls")?,
        latency_ms_sum: count(item, "latency_ms_sum")?,
        latest_max: MicroUsd(count(item, "latest_max_micros")?),
        gate: read_gate(item),
        gate_since: count(item, "gate_since")?,
    })
}

fn read_reservation(item: &Item, day: BudgetDay) -> Result<Reservation, LedgerError> {
    let read = |name: &'static str| {
        let value = item.get(name).and_then(|value| value.as_s().ok());
        value.ok_or(LedgerError::Unreadable(name))
    };
    let unreadable = LedgerError::Unreadable;
    Ok(Reservation {
        tenant: Tenant::parse(read("tenant")?).map_err(|_| unreadable("tenant"))?,
        model: read("model")?.clone(),
        day,
        id: read("sk")?.strip_prefix(&reservation_sort("")).ok_or(unreadable("sk"))?.to_owned(),
        max: MicroUsd(count(item, "max_micros")?),
        capped: item.get("capped").and_then(|value| value.as_bool().ok()) == Some(&true),
        reserved_at: count(item, "reserved_at")?,
    })
}

fn signed(money: MicroUsd) -> i128 {
    i128::from(money.0)
}

/// Keeps only the error's code, since its text may quote the item.
pub(super) fn store_error<E: ProvideErrorMetadata, R>(err: &SdkError<E, R>) -> LedgerError {
    let code = err.as_service_error().and_then(ProvideErrorMetadata::code);
    LedgerError::Store(code.unwrap_or("no answer").to_owned())
}
