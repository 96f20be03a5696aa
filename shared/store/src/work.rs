//! The work on alerts: each step is taken in one transaction, on the condition that nobody has taken
//! one since the state was read, and kept as an item of the alert's history.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, Update};

use super::item::{self, Item, key, n, s};
use super::key::{ALERT_SORT, STEPS, alert, alerts, closed_alerts, step_sort};
use super::{Store, StoreError};
use sentinel::cascade::alerting::Queue;
use sentinel::case::alert_id::AlertId;
use sentinel::case::work::{AlertStatus, AlertWork, StepTaken};
use sentinel::json;
use sentinel::payment::tenant::Tenant;

/// A step that the core has allowed.
#[derive(Debug, Clone)]
pub struct TakenStep {
    pub taken: StepTaken,
    /// The state after it.
    pub work: AlertWork,
    /// The client's key of the step, by which a repeated request is recognised.
    pub key: Option<String>,
    pub request_id: String,
}

/// The outcome of taking a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutcome {
    Taken,
    /// Somebody took a step since the state was read.
    Moved,
}

impl Store {
    /// Takes a step, on the condition that the alert is still at the version before it.
    pub async fn take_step(
        &self,
        tenant: &Tenant,
        alert_id: &AlertId,
        queue: Queue,
        step: &TakenStep,
    ) -> Result<StepOutcome, StoreError> {
        let TakenStep { taken, work, key: client_key, request_id } = step;
        let pk = alert(tenant, alert_id);
        let partition = match work.status {
            AlertStatus::Closed => closed_alerts(tenant, queue),
            AlertStatus::Open | AlertStatus::AwaitingApproval => alerts(tenant, queue),
        };
        let mut set = "SET #status = :status, work_version = :version, gsi1pk = :gsi1pk".to_owned();
        let mut remove = Vec::new();
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(pk.clone(), ALERT_SORT)))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", s(work.status.code()))
            .expression_attribute_values(":version", n(work.version))
            .expression_attribute_values(":gsi1pk", s(partition))
            .expression_attribute_values(":kind", s(queue.kind()))
            .expression_attribute_names("#kind", "kind");
        let optional = [
            ("assignee", work.assignee.clone()),
            ("disposition", work.disposition.as_ref().map(json::write)),
        ];
        for (name, value) in optional {
            match value {
                None => remove.push(name),
                Some(value) => {
                    set.push_str(&format!(", {name} = :{name}"));
                    update = update.expression_attribute_values(format!(":{name}"), s(value));
                }
            }
        }
        if !remove.is_empty() {
            set.push_str(&format!(" REMOVE {}", remove.join(", ")));
        }
        let before = work.version - 1;
        // A review that the LLM has raised in the meantime is another queue's.
        update = if before == 0 {
            update.condition_expression(
                "attribute_exists(pk) AND attribute_not_exists(work_version) AND #kind = :kind",
            )
        } else {
            update
                .condition_expression("work_version = :before AND #kind = :kind")
                .expression_attribute_values(":before", n(before))
        };
        let mut put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key(pk, step_sort(work.version))))
            .item("kind", s("alert_step"))
            .item("tenant", s(tenant.as_str()))
            .item("alert_id", s(alert_id.as_str()))
            .item("by", s(&taken.by))
            .item("body", s(json::write(taken)))
            .item("work", s(json::write(work)))
            .item("request_id", s(request_id))
            .condition_expression("attribute_not_exists(pk)");
        if let Some(client_key) = client_key {
            put = put.item("client_key", s(client_key));
        }
        let items = vec![item::update(update.update_expression(set))?, item::put(put)?];
        Ok(if self.commit(items).await? { StepOutcome::Taken } else { StepOutcome::Moved })
    }

    /// Returns the step that led to a version, the state after it, and the key that its client gave.
    pub async fn step_at(
        &self,
        tenant: &Tenant,
        alert_id: &AlertId,
        version: u64,
    ) -> Result<Option<(StepTaken, AlertWork, Option<String>)>, StoreError> {
        let item = self.item(key(alert(tenant, alert_id), step_sort(version))).await?;
        let Some(item) = item else { return Ok(None) };
        let work = item::parsed(&item, "work", |text| json::read(text).ok())?;
        Ok(Some((read_step(&item)?, work, item::optional_text(&item, "client_key"))))
    }

    /// Reads the steps of an alert, oldest first.
    pub(super) async fn steps(
        &self,
        tenant: &Tenant,
        alert_id: &AlertId,
    ) -> Result<Vec<StepTaken>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :steps)")
            .expression_attribute_values(":pk", s(alert(tenant, alert_id)))
            .expression_attribute_values(":steps", s(STEPS))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| StoreError::service("Query", &err))?;
        output.items().iter().map(read_step).collect()
    }
}

fn read_step(item: &Item) -> Result<StepTaken, StoreError> {
    item::parsed(item, "body", |text| json::read(text).ok())
}

/// Reads the state of the work from an alert's item.
pub(super) fn read_work(item: &HashMap<String, AttributeValue>) -> Result<AlertWork, StoreError> {
    let version = item.contains_key("work_version").then(|| item::whole(item, "work_version"));
    let disposition = item.contains_key("disposition");
    let disposition = disposition
        .then(|| item::parsed(item, "disposition", |text| json::read(text).ok()))
        .transpose()?;
    Ok(AlertWork {
        status: item::parsed(item, "status", AlertStatus::parse)?,
        version: version.transpose()?.unwrap_or_default(),
        assignee: item::optional_text(item, "assignee"),
        disposition,
    })
}
