//! Records a decision: one read before it, one conditional transaction after it. The decision, its
//! evidence, its alert and the increments of all profiles are committed together or not at all, on
//! the condition that no decision exists, so that each transaction counts once.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, KeysAndAttributes, Put,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::effect::TransactionEffect;
use super::item::{self, Item, float, key, n, s};
use super::key::{
    ALERT_SORT, PROFILE_SORT, TRANSACTION_SORT, account, alert, alerts, paid_at, pair_sort, party,
    transaction,
};
use super::named_payments::NamedPayments;
use super::open_alerts::{AlertHit, TopicState};
use super::original::{original_key, read_original};
use super::profiles::{StoredProfile, read_pair, read_profile};
use super::receipts::{PENDING, awaits_second_look};
use super::surroundings::Surroundings;
use super::{Store, StoreError, jitter};
use sentinel::cascade::alert::Alert;
use sentinel::cascade::alerting::{OpenAlert, Queue};
use sentinel::case::alert_id::AlertId;
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::json;
use sentinel::payment::account_id::AccountId;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{ContentHash, Transaction};
use sentinel::payment::utc_time::UtcTime;
use sentinel::state::facts::Facts;
use sentinel::state::graph::{Graph, Steps};
use sentinel::state::profile::Profile;

/// A decision to be written.
#[derive(Debug, Clone)]
pub struct NewDecision {
    /// The decision as JSON text, as the API returns it.
    pub decision: String,
    /// The evidence as JSON text.
    pub evidence: String,
    pub decided_at: UtcTime,
    pub level: &'static str,
    pub risk: f64,
    /// Whether the LLM is still to look at it.
    pub awaits_second_look: bool,
    pub alert: Option<AlertWrite>,
}

impl NewDecision {
    pub fn of(decision: &Decision, evidence: &Evidence, alert: Option<AlertWrite>) -> Self {
        Self {
            decision: json::write(decision),
            evidence: json::write(evidence),
            decided_at: decision.decided_at,
            level: decision.level.code(),
            risk: decision.risk_score,
            awaits_second_look: evidence.awaits_second_look(),
            alert,
        }
    }
}

/// What is written about the alert of a decision that alerts or goes to review.
#[derive(Debug, Clone)]
pub enum AlertWrite {
    Open(Box<NewAlert>),
    Attach(AlertHit),
}

impl AlertWrite {
    pub(super) fn alert_id(&self) -> &AlertId {
        match self {
            Self::Open(alert) => &alert.opened.alert_id,
            Self::Attach(hit) => &hit.alert_id,
        }
    }
}

/// The new alert of a decision.
#[derive(Debug, Clone)]
pub struct NewAlert {
    pub alert: Alert,
    pub opened: OpenAlert,
    pub queue: Queue,
    /// Its topics, as they were read.
    pub topics: Vec<TopicState>,
    /// When the marks of its topics expire, in seconds since the Unix epoch; after the cooldown.
    pub marks_expire_at: i64,
}

/// The outcome of recording a decision or history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOutcome {
    Written,
    /// The transaction was already settled; that stands.
    AlreadyDecided,
    /// The id belongs to different content by now, or was received on the other path (as history or
    /// to be judged), so that this message was never accepted.
    Superseded,
    /// Items changed between read and write: read and decide again.
    Moved,
}

/// The attributes of a transaction's item that are set however it is settled. They include the
/// values with which it was counted: a reversal takes back exactly these, whichever reference set
/// is in force by then.
pub(super) const SETTLED: &str = "SET body = if_not_exists(body, :body), \
                                  body_hash = :hash, base_amount = :base_amount, \
                                  near_threshold = :near, high_risk_country = :high, \
                                  sender_key = :sender_key, receiver_key = :receiver_key, \
                                  paid_at = :paid_at, \
                                  received_at = if_not_exists(received_at, :received_at), \
                                  request_id = if_not_exists(request_id, :request_id)";

impl Store {
    /// Reads everything a decision needs, in one consistent BatchGetItem.
    pub async fn surroundings(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
        facts: &Facts,
    ) -> Result<Surroundings, StoreError> {
        let (sender, receiver) = (&tx.sender.identity(), &tx.receiver.identity());
        let mut keys = vec![
            (account(tenant, sender), PROFILE_SORT.to_owned()),
            (account(tenant, receiver), PROFILE_SORT.to_owned()),
            (account(tenant, sender), pair_sort(receiver)),
            (account(tenant, receiver), pair_sort(sender)),
            (transaction(tenant, &tx.msg_id), TRANSACTION_SORT.to_owned()),
        ];
        let party_key = facts.party.map(|id| (party(tenant, id), PROFILE_SORT.to_owned()));
        keys.extend(party_key.clone());
        let original_key = original_key(tenant, tx);
        keys.extend(original_key.clone());
        let items = self.batch_get(&keys).await?;
        let item = |at: usize| keys.get(at).and_then(|key| items.get(key));
        let profile = |at: usize| item(at).map(read_profile).unwrap_or_default();
        let original =
            original_key.and_then(|key| items.get(&key)).map(read_original).transpose()?;
        let party = party_key.map(|key| items.get(&key).map(read_profile).unwrap_or_default());
        Ok(Surroundings {
            facts: *facts,
            decided: item(4).is_some_and(|item| item.contains_key("decided_at")),
            awaits_second_look: item(4).is_some_and(awaits_second_look),
            pair: item(2).and_then(read_pair),
            named: item(2).map(NamedPayments::read).unwrap_or_default(),
            reverse: item(3).and_then(read_pair),
            sender: profile(0),
            receiver: profile(1),
            party,
            original,
        })
    }

    /// Gathers the graph two steps away, with one more BatchGetItem of at most sixteen profiles.
    pub async fn graph(
        &self,
        tenant: &Tenant,
        facts: &Facts,
        around: &Surroundings,
    ) -> Result<Graph, StoreError> {
        let neighbourhood = around.neighbourhood();
        let steps = Steps::from(facts, &neighbourhood);
        let keys = |of: &StoredProfile, ids: &[AccountId]| -> Vec<(String, String)> {
            let accounts = ids.iter().filter_map(|id| of.account(*id));
            accounts.map(|of| (account(tenant, of), PROFILE_SORT.to_owned())).collect()
        };
        let upstream = keys(&around.sender, &steps.upstream);
        let downstream = keys(&around.receiver, &steps.downstream);
        // An account may be on both sides, but a BatchGetItem may name a key only once.
        let wanted: BTreeSet<_> = upstream.iter().chain(&downstream).cloned().collect();
        if wanted.is_empty() {
            return Ok(Graph::of(facts, &neighbourhood, &[], &[]));
        }
        let items = self.batch_get(&wanted.into_iter().collect::<Vec<_>>()).await?;
        let profiles: HashMap<_, _> =
            items.iter().map(|(key, item)| (key, read_profile(item).profile)).collect();
        let of = |keys: &[(String, String)]| -> Vec<&Profile> {
            keys.iter().filter_map(|key| profiles.get(key)).collect()
        };
        Ok(Graph::of(facts, &neighbourhood, &of(&upstream), &of(&downstream)))
    }

    pub(super) async fn batch_get(
        &self,
        keys: &[(String, String)],
    ) -> Result<HashMap<(String, String), Item>, StoreError> {
        const ATTEMPTS: u32 = 6;
        const WAIT: Duration = Duration::from_millis(10);
        const LONGEST_WAIT: Duration = Duration::from_millis(640);
        let mut found = HashMap::new();
        let keys = keys.iter().map(|(pk, sk)| key(pk.clone(), sk.clone())).collect();
        let request = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
        let request = request.build().map_err(|_| StoreError::Item("keys"))?;
        let mut pending = HashMap::from([(self.table.clone(), request)]);
        for attempt in 0..ATTEMPTS {
            let output = self
                .client
                .batch_get_item()
                .set_request_items(Some(pending))
                .send()
                .await
                .map_err(|err| StoreError::service("BatchGetItem", &err))?;
            for item in output.responses.unwrap_or_default().into_values().flatten() {
                found.insert((item::text(&item, "pk")?, item::text(&item, "sk")?), item);
            }
            pending = output.unprocessed_keys.unwrap_or_default();
            if pending.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(jitter::backoff(attempt + 1, WAIT, LONGEST_WAIT)).await;
        }
        Err(StoreError::Unprocessed)
    }

    /// Writes decision, evidence, alert and increments in one transaction.
    pub async fn record(
        &self,
        queued: &QueueMessage,
        around: &Surroundings,
        effect: &TransactionEffect,
        new: &NewDecision,
    ) -> Result<RecordOutcome, StoreError> {
        let (tenant, tx) = (&queued.tenant, &queued.transaction);
        let mut items = vec![item::update(self.decision_update(queued, around, new))?];
        items.extend(self.state_updates(tenant, tx, around, effect)?);
        match &new.alert {
            None => {}
            Some(AlertWrite::Open(alert)) => {
                items.extend(self.open_alert((tenant, tx), &queued.request_id, new, alert)?);
            }
            Some(AlertWrite::Attach(hit)) => items.extend(self.attach_hit(tenant, tx, hit)?),
        }
        self.write_once(&queued.content_hash, items).await
    }

    /// Writes all items of a transaction, the first of which has to be its own.
    pub(super) async fn write_once(
        &self,
        hash: &ContentHash,
        items: Vec<TransactWriteItem>,
    ) -> Result<RecordOutcome, StoreError> {
        let write = self.client.transact_write_items().set_transact_items(Some(items));
        match write.send().await {
            Ok(_) => Ok(RecordOutcome::Written),
            Err(err) => match err.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    canceled_because(canceled.cancellation_reasons(), hash)
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                    Ok(RecordOutcome::Moved)
                }
                _ => Err(StoreError::service("TransactWriteItems", &err)),
            },
        }
    }

    /// Adds the decision to the transaction's item. If ingest has taken the receipt back, the item
    /// is created again, so that every decision is kept.
    fn decision_update(
        &self,
        queued: &QueueMessage,
        around: &Surroundings,
        new: &NewDecision,
    ) -> UpdateBuilder {
        let mut expression = format!(
            "{SETTLED}, decision = :decision, evidence = :evidence, decided_at = :decided_at, \
             #level = :level, risk = :risk"
        );
        let mut builder = self.settled_item(queued, around);
        if new.awaits_second_look {
            expression.push_str(", second_look = :second_look");
            builder = builder.expression_attribute_values(":second_look", s(PENDING));
        }
        if let Some(alert) = &new.alert {
            expression.push_str(", alert_id = :alert_id");
            builder =
                builder.expression_attribute_values(":alert_id", s(alert.alert_id().as_str()));
        }
        builder
            .update_expression(expression)
            .condition_expression(
                "attribute_not_exists(decided_at) AND attribute_not_exists(history) AND \
                 (attribute_not_exists(body_hash) OR body_hash = :hash)",
            )
            .expression_attribute_names("#level", "level")
            .expression_attribute_values(":decision", s(&new.decision))
            .expression_attribute_values(":evidence", s(&new.evidence))
            .expression_attribute_values(":decided_at", s(new.decided_at.to_string()))
            .expression_attribute_values(":level", s(new.level))
            .expression_attribute_values(":risk", float(new.risk))
    }

    /// Returns the update of a transaction's item that is decided or counted as history: its key
    /// and the values of [`SETTLED`].
    pub(super) fn settled_item(
        &self,
        queued: &QueueMessage,
        around: &Surroundings,
    ) -> UpdateBuilder {
        let (tenant, tx) = (&queued.tenant, &queued.transaction);
        let [sender, receiver] =
            [&tx.sender, &tx.receiver].map(|party| account(tenant, &party.identity()));
        Update::builder()
            .table_name(&self.table)
            .expression_attribute_values(":sender_key", s(sender))
            .expression_attribute_values(":receiver_key", s(receiver))
            .expression_attribute_values(":paid_at", s(paid_at(tx)))
            .set_key(Some(key(transaction(tenant, &tx.msg_id), TRANSACTION_SORT)))
            .expression_attribute_values(":body", s(tx.to_canonical_json()))
            .expression_attribute_values(":hash", s(queued.content_hash.as_str()))
            .expression_attribute_values(":base_amount", float(around.facts.amount))
            .expression_attribute_values(":near", AttributeValue::Bool(around.facts.near_threshold))
            .expression_attribute_values(
                ":high",
                AttributeValue::Bool(around.facts.high_risk_country),
            )
            .expression_attribute_values(":received_at", s(queued.received_at.to_string()))
            .expression_attribute_values(":request_id", s(&queued.request_id))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    fn alert_put(
        &self,
        tenant: &Tenant,
        request_id: &str,
        new: &NewDecision,
        new_alert: &NewAlert,
    ) -> PutBuilder {
        let mut item = alert_attributes(tenant, request_id, new, new_alert);
        item.extend(key(alert(tenant, &new_alert.opened.alert_id), ALERT_SORT));
        Put::builder().table_name(&self.table).set_item(Some(item))
    }

    /// Returns the writes of a new alert and the marks of its topics.
    pub(super) fn open_alert(
        &self,
        (tenant, tx): (&Tenant, &Transaction),
        request_id: &str,
        new: &NewDecision,
        new_alert: &NewAlert,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let NewAlert { topics, opened, marks_expire_at, .. } = new_alert;
        let mut items = vec![item::put(self.alert_put(tenant, request_id, new, new_alert))?];
        items.extend(self.open_topics(tenant, tx, topics, opened, *marks_expire_at)?);
        Ok(items)
    }
}

/// Returns an alert's attributes, without its key.
pub(super) fn alert_attributes(
    tenant: &Tenant,
    request_id: &str,
    new: &NewDecision,
    new_alert: &NewAlert,
) -> Item {
    let (opened, created_at) = (&new_alert.opened, new.decided_at.to_string());
    let typologies = new_alert.alert.typologies.iter().map(s).collect();
    let payment = &new_alert.alert.payment;
    let accounts = [&payment.sender, &payment.receiver].map(|party| s(party.account_id.as_str()));
    [
        ("kind", s(new_alert.queue.kind())),
        ("tenant", s(tenant.as_str())),
        ("gsi1pk", s(alerts(tenant, new_alert.queue))),
        ("gsi1sk", s(format!("{created_at}#{}", opened.alert_id))),
        ("alert_id", s(opened.alert_id.as_str())),
        ("msg_id", s(new_alert.alert.msg_id.as_str())),
        ("status", s("open")),
        ("score", n(new_alert.alert.score)),
        ("severity", s(opened.severity.code())),
        ("level", s(new.level)),
        ("typologies", AttributeValue::L(typologies)),
        ("base_amount", float(payment.base_amount)),
        ("accounts", AttributeValue::L(accounts.into())),
        ("body", s(json::write(&new_alert.alert))),
        ("created_at", s(created_at)),
        ("request_id", s(request_id)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Interprets a cancelled write. The first reason is that of the transaction's own item; the others
/// are those of profiles, pair, alert and topics.
fn canceled_because(
    reasons: &[CancellationReason],
    hash: &ContentHash,
) -> Result<RecordOutcome, StoreError> {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    if let Some(first) = reasons.first()
        && code(first) == "ConditionalCheckFailed"
    {
        let known = |name: &str| first.item().and_then(|item| item::optional_text(item, name));
        let same = known("body_hash").is_none_or(|known| known == hash.as_str());
        let decided = same && known("decided_at").is_some();
        return Ok(if decided { RecordOutcome::AlreadyDecided } else { RecordOutcome::Superseded });
    }
    let passing = ["ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "None"];
    let strange = reasons.iter().map(code).find(|code| !passing.contains(&code.as_str()));
    match strange {
        Some(code) => Err(StoreError::Service { operation: "TransactWriteItems", code }),
        None => Ok(RecordOutcome::Moved),
    }
}
