//! Cases: a step is written in one transaction, with its event, on the condition that nobody has taken
//! one since the case was read. A case and its alerts name each other; an alert belongs to one case.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};

use super::item::{self, Item, key, n, s};
use super::key::{ALERT_SORT, CASE_SORT, EVENTS, alert, case, cases, event_sort};
use super::{Store, StoreError};
use sentinel::case::alert_id::AlertId;
use sentinel::investigation::{Case, CaseEvent, CaseId};
use sentinel::json;
use sentinel::payment::tenant::Tenant;

/// What is written of one case.
#[derive(Debug, Clone)]
pub struct CaseWrite {
    /// The case after the step.
    pub case: Case,
    pub event: CaseEvent,
    /// Alerts that join it with this step.
    pub joining: Vec<AlertId>,
    /// The case that these alerts belonged to, if it is merged into this one.
    pub from: Option<CaseId>,
    /// The client's key of the step, by which a repeated request is recognised.
    pub key: Option<String>,
}

/// Which cases to list.
#[derive(Debug, Clone, Default)]
pub struct CaseQuery {
    /// Whether cases that people still work on are listed, or those that have ended.
    pub ended: bool,
    /// Subject of the person whose cases are listed.
    pub assignee: Option<String>,
    /// Place after which to continue an earlier listing.
    pub cursor: Option<String>,
    pub limit: i32,
}

/// A page of cases, newest first.
#[derive(Debug, Clone, Default)]
pub struct CasePage {
    pub cases: Vec<Case>,
    pub cursor: Option<String>,
}

impl Store {
    pub async fn case(&self, tenant: &Tenant, id: &CaseId) -> Result<Option<Case>, StoreError> {
        let item = self.item(key(case(tenant, id), CASE_SORT)).await?;
        item.as_ref().map(read).transpose()
    }

    /// Reads the events of a case, oldest first.
    pub async fn case_events(
        &self,
        tenant: &Tenant,
        id: &CaseId,
    ) -> Result<Vec<CaseEvent>, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :events)")
            .expression_attribute_values(":pk", s(case(tenant, id)))
            .expression_attribute_values(":events", s(EVENTS))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut events = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|err| StoreError::service("Query", &err))?;
            events.push(item::parsed(&item, "body", |text| json::read(text).ok())?);
        }
        Ok(events)
    }

    /// Returns the event that led to a version, with the key that its client gave.
    pub async fn case_event_at(
        &self,
        tenant: &Tenant,
        id: &CaseId,
        version: u64,
    ) -> Result<Option<(CaseEvent, Option<String>)>, StoreError> {
        let item = self.item(key(case(tenant, id), event_sort(version))).await?;
        let Some(item) = item else { return Ok(None) };
        let event = item::parsed(&item, "body", |text| json::read(text).ok())?;
        Ok(Some((event, item::optional_text(&item, "client_key"))))
    }

    /// Lists cases, newest first.
    pub async fn list_cases(
        &self,
        tenant: &Tenant,
        query: &CaseQuery,
    ) -> Result<CasePage, StoreError> {
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("gsi1")
            .expression_attribute_values(":pk", s(cases(tenant, !query.ended)))
            .scan_index_forward(false)
            .limit(query.limit);
        request = match &query.cursor {
            None => request.key_condition_expression("gsi1pk = :pk"),
            Some(cursor) => request
                .key_condition_expression("gsi1pk = :pk AND gsi1sk < :behind")
                .expression_attribute_values(":behind", s(cursor)),
        };
        if let Some(assignee) = &query.assignee {
            request = request
                .filter_expression("assignee = :assignee")
                .expression_attribute_values(":assignee", s(assignee));
        }
        let output = request.send().await.map_err(|err| StoreError::service("Query", &err))?;
        let last = output.last_evaluated_key();
        Ok(CasePage {
            cases: output.items().iter().map(read).collect::<Result<_, _>>()?,
            cursor: last.and_then(|key| item::optional_text(key, "gsi1sk")),
        })
    }

    /// Writes a step of one case, or one that changes two. `false`, with nothing written, if a case
    /// has changed since it was read, or an alert belongs to another.
    pub async fn write_cases(
        &self,
        tenant: &Tenant,
        writes: &[CaseWrite],
    ) -> Result<bool, StoreError> {
        let mut items = Vec::new();
        for write in writes {
            items.push(item::put(self.case_put(tenant, write))?);
            items.push(item::put(self.event_put(tenant, write))?);
            for alert_id in &write.joining {
                items.push(self.joins(tenant, write, alert_id)?);
            }
        }
        self.commit(items).await
    }

    fn case_put(
        &self,
        tenant: &Tenant,
        CaseWrite { case: after, .. }: &CaseWrite,
    ) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        let mut put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key(case(tenant, &after.case_id), CASE_SORT)))
            .item("body", s(json::write(after)))
            .item("version", n(after.version))
            .item("status", s(after.status.code()))
            .item("gsi1pk", s(cases(tenant, after.status.is_open())))
            .item("gsi1sk", s(format!("{}#{}", after.opened_at, after.case_id)));
        if let Some(assignee) = &after.assignee {
            put = put.item("assignee", s(assignee));
        }
        if after.version == 1 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("version = :before")
                .expression_attribute_values(":before", n(after.version - 1))
        }
    }

    fn event_put(
        &self,
        tenant: &Tenant,
        write: &CaseWrite,
    ) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        let CaseWrite { case: after, event, key: client_key, .. } = write;
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key(case(tenant, &after.case_id), event_sort(event.version))))
            .item("body", s(json::write(event)))
            .condition_expression("attribute_not_exists(pk)");
        match client_key {
            Some(client_key) => put.item("client_key", s(client_key)),
            None => put,
        }
    }

    fn joins(
        &self,
        tenant: &Tenant,
        write: &CaseWrite,
        alert_id: &AlertId,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(alert(tenant, alert_id), ALERT_SORT)))
            .update_expression("SET case_id = :case")
            .expression_attribute_values(":case", s(write.case.case_id.as_str()));
        item::update(match &write.from {
            None => update
                .condition_expression("attribute_exists(pk) AND attribute_not_exists(case_id)"),
            Some(from) => update
                .condition_expression("case_id = :from")
                .expression_attribute_values(":from", s(from.as_str())),
        })
    }
}

fn read(item: &Item) -> Result<Case, StoreError> {
    item::parsed(item, "body", |text| json::read(text).ok())
}
