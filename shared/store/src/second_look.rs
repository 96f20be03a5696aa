//! The second step of an unsure decision: the LLM's look is recorded once, on the condition that it
//! is still waited for. What it found replaces decision and evidence; if it raises the payment, the
//! review becomes an alert in the same transaction. Profiles are not touched: the payment was
//! counted with the first step.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::json;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{ContentHash, MsgId, Transaction};

use super::item::{self, float, key, n, s};
use super::key::{ALERT_SORT, RAISED_SORT, TRANSACTION_SORT, alert, transaction};
use super::receipts::{PENDING, awaits_second_look};
use super::record::{AlertWrite, NewAlert, NewDecision, RecordOutcome, alert_attributes};
use super::{Store, StoreError};

/// What `second_look` holds afterwards.
const DONE: &str = "done";
/// How long the record that an alert was raised is kept for the stream, in seconds.
const RAISED_KEPT_S: i64 = 7 * 86_400;

/// A decision that waits for the LLM's look.
#[derive(Debug, Clone)]
pub struct PendingLook {
    pub tenant: Tenant,
    pub tx: Transaction,
    pub decision: Decision,
    pub evidence: Evidence,
    /// Id of the request that submitted the transaction.
    pub request_id: String,
    content_hash: ContentHash,
}

/// What is written about the alert of a payment that the look raises.
#[derive(Debug, Clone)]
pub enum RaisedAlert {
    /// The review that the payment opened becomes an alert.
    OwnReview(Box<NewAlert>),
    /// The payment had joined another's review or alert, which it outranks or leaves.
    Elsewhere(AlertWrite),
    /// It had joined an alert that is at least as severe, and stays there.
    Same,
}

impl Store {
    /// Returns a decision if it waits for the LLM's look.
    pub async fn pending_look(
        &self,
        tenant: &Tenant,
        msg_id: &MsgId,
    ) -> Result<Option<PendingLook>, StoreError> {
        let item = self.item(key(transaction(tenant, msg_id), TRANSACTION_SORT)).await?;
        let Some(item) = item.filter(awaits_second_look) else { return Ok(None) };
        Ok(Some(PendingLook {
            tenant: tenant.clone(),
            tx: item::parsed(&item, "body", |text| json::read(text).ok())?,
            decision: item::parsed(&item, "decision", |text| json::read(text).ok())?,
            evidence: item::parsed(&item, "evidence", |text| json::read(text).ok())?,
            request_id: item::text(&item, "request_id")?,
            content_hash: ContentHash::stored(item::text(&item, "body_hash")?),
        }))
    }

    /// Records what the look found. `raised` is `None` if the payment is not raised.
    pub async fn record_look(
        &self,
        pending: &PendingLook,
        new: &NewDecision,
        raised: Option<&RaisedAlert>,
    ) -> Result<RecordOutcome, StoreError> {
        let (tenant, tx) = (&pending.tenant, &pending.tx);
        let mut items = vec![item::update(self.look_update(pending, new))?];
        match raised {
            None | Some(RaisedAlert::Same) => {}
            Some(RaisedAlert::OwnReview(alert)) => {
                let review = self.alert_head(tenant, &alert.opened.alert_id).await?;
                let version = review.map_or(0, |(review, _)| review.work.version);
                items.extend(self.review_to_alert(pending, new, (alert, version))?);
            }
            Some(RaisedAlert::Elsewhere(AlertWrite::Open(alert))) => {
                items.extend(self.open_alert((tenant, tx), &pending.request_id, new, alert)?);
            }
            Some(RaisedAlert::Elsewhere(AlertWrite::Attach(hit))) => {
                items.extend(self.attach_hit(tenant, tx, hit)?);
            }
        }
        self.write_once(&pending.content_hash, items).await
    }

    fn look_update(&self, pending: &PendingLook, new: &NewDecision) -> UpdateBuilder {
        let mut expression =
            "SET decision = :decision, evidence = :evidence, #level = :level, risk = :risk, \
             second_look = :done"
                .to_owned();
        let mut builder = Update::builder();
        if let Some(alert) = &new.alert {
            expression.push_str(", alert_id = :alert_id");
            builder =
                builder.expression_attribute_values(":alert_id", s(alert.alert_id().as_str()));
        }
        builder
            .table_name(&self.table)
            .set_key(Some(key(transaction(&pending.tenant, &pending.tx.msg_id), TRANSACTION_SORT)))
            .update_expression(expression)
            .condition_expression("second_look = :pending")
            .expression_attribute_names("#level", "level")
            .expression_attribute_values(":decision", s(&new.decision))
            .expression_attribute_values(":evidence", s(&new.evidence))
            .expression_attribute_values(":level", s(new.level))
            .expression_attribute_values(":risk", float(new.risk))
            .expression_attribute_values(":done", s(DONE))
            .expression_attribute_values(":pending", s(PENDING))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// Returns the writes that turn a review into an alert, which keeps its id and the hits that have
    /// joined it, and that announce it: the stream passes on new items only, because an alert's item
    /// changes with every hit.
    fn review_to_alert(
        &self,
        pending: &PendingLook,
        new: &NewDecision,
        (new_alert, version): (&NewAlert, u64),
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let (tenant, tx) = (&pending.tenant, &pending.tx);
        let NewAlert { topics, opened, marks_expire_at, .. } = new_alert;
        let mut attributes = alert_attributes(tenant, &pending.request_id, new, new_alert);
        // Whoever works on the review is told that it has changed.
        attributes.insert("work_version".to_owned(), n(version + 1));
        let pk = alert(tenant, &opened.alert_id);
        let mut change = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(pk.clone(), ALERT_SORT)))
            .condition_expression(match version {
                0 => "attribute_exists(pk) AND attribute_not_exists(work_version)",
                _ => "attribute_exists(pk) AND work_version = :before",
            });
        if version > 0 {
            change = change.expression_attribute_values(":before", n(version));
        }
        let mut set = Vec::with_capacity(attributes.len());
        for (name, value) in &attributes {
            set.push(format!("#{name} = :{name}"));
            change = change
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), value.clone());
        }
        // A conclusion about the review is not one about the alert.
        change = change.update_expression(format!("SET {} REMOVE disposition", set.join(", ")));
        // Without its place in the index it is listed nowhere.
        attributes.remove("gsi1pk");
        attributes.extend(key(pk, RAISED_SORT));
        let expires_at = new.decided_at.timestamp().as_second() + RAISED_KEPT_S;
        let announcement = Put::builder()
            .table_name(&self.table)
            .set_item(Some(attributes))
            .item("expires_at", n(expires_at));
        let mut items = vec![item::update(change)?, item::put(announcement)?];
        items.extend(self.open_topics(tenant, tx, topics, opened, *marks_expire_at)?);
        Ok(items)
    }
}
