//! Open alerts by account and typology, and the hits attached to them. They are read only if a
//! decision alerts or goes to review, and written with it in one transaction on the condition that
//! they have not changed since, so that two decisions never open two alerts for one topic.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

use super::item::{self, Item, float, key, n, s};
use super::key::{ALERT_SORT, account, alert, hit_sort, open_sort};
use super::{Store, StoreError};
use sentinel::cascade::alerting::{OpenAlert, Severity, Topic};
use sentinel::case::alert_id::AlertId;
use sentinel::payment::side::Side;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{MsgId, Transaction};
use sentinel::payment::utc_time::UtcTime;

/// The open alert, if any, of one topic of a decision, as it was read.
#[derive(Debug, Clone)]
pub struct TopicState {
    pub topic: Topic,
    pub open: Option<OpenAlert>,
    /// The alert that the topic's mark names, even if a person has closed that alert since.
    marked: Option<AlertId>,
}

/// A decision that joins an open alert.
#[derive(Debug, Clone)]
pub struct AlertHit {
    pub alert_id: AlertId,
    pub score: f64,
    /// Event time.
    pub at: UtcTime,
    pub typologies: Vec<String>,
}

/// A hit as it is listed with its alert.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredHit {
    pub msg_id: MsgId,
    pub score: f64,
    /// Event time.
    pub at: UtcTime,
    pub typologies: Vec<String>,
}

impl Store {
    /// Reads what is open for the topics of a decision; alerts that a person has closed are not.
    pub async fn open_alerts(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
        topics: &[Topic],
    ) -> Result<Vec<TopicState>, StoreError> {
        let keys: Vec<_> = topics.iter().map(|topic| topic_key(tenant, tx, topic)).collect();
        let marks = self.batch_get(&keys).await?;
        let known: Vec<_> = keys.iter().map(|key| marks.get(key).and_then(read_mark)).collect();
        let mut alerts: Vec<_> = known
            .iter()
            .flatten()
            .map(|open| (alert(tenant, &open.alert_id), ALERT_SORT.to_owned()))
            .collect();
        alerts.sort();
        alerts.dedup();
        let alerts =
            if alerts.is_empty() { Default::default() } else { self.batch_get(&alerts).await? };
        let is_open = |open: &OpenAlert| {
            let item = alerts.get(&(alert(tenant, &open.alert_id), ALERT_SORT.to_owned()));
            item.and_then(|item| item::optional_text(item, "status")).as_deref() == Some("open")
        };
        let topic = |(topic, known): (&Topic, Option<OpenAlert>)| TopicState {
            topic: topic.clone(),
            marked: known.as_ref().map(|open| open.alert_id.clone()),
            open: known.filter(is_open),
        };
        Ok(topics.iter().zip(known).map(topic).collect())
    }

    /// Returns the writes that mark the topics of a new alert, each on the condition that its mark
    /// is still as it was read. `expires_at` is in epoch seconds.
    pub(super) fn open_topics(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
        topics: &[TopicState],
        opened: &OpenAlert,
        expires_at: i64,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mark = |known: &TopicState| {
            let (pk, sk) = topic_key(tenant, tx, &known.topic);
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(key(pk, sk)))
                .item("alert_id", s(opened.alert_id.as_str()))
                .item("opened_at", float(opened.opened_at))
                .item("severity", s(opened.severity.code()))
                .item("expires_at", n(expires_at));
            let put = match &known.marked {
                None => put.condition_expression("attribute_not_exists(pk)"),
                Some(id) => put
                    .condition_expression("alert_id = :known")
                    .expression_attribute_values(":known", s(id.as_str())),
            };
            item::put(put)
        };
        topics.iter().map(mark).collect()
    }

    /// Returns the writes that attach a hit to an alert, on the condition that it is still open.
    pub(super) fn attach_hit(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
        hit: &AlertHit,
    ) -> Result<[TransactWriteItem; 2], StoreError> {
        let pk = alert(tenant, &hit.alert_id);
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key(pk.clone(), hit_sort(hit.at, &tx.msg_id))))
            .item("msg_id", s(tx.msg_id.as_str()))
            .item("score", n(hit.score))
            .item("at", s(hit.at.to_string()))
            .item("typologies", AttributeValue::L(hit.typologies.iter().map(s).collect()));
        let count = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(pk, ALERT_SORT)))
            .update_expression("ADD hits :one")
            .condition_expression("#status = :open")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":open", s("open"));
        Ok([item::put(put)?, item::update(count)?])
    }
}

fn topic_key(tenant: &Tenant, tx: &Transaction, topic: &Topic) -> (String, String) {
    let party = match topic.account {
        Side::Sender => &tx.sender,
        Side::Receiver => &tx.receiver,
    };
    (account(tenant, &party.identity()), open_sort(&topic.typology))
}

fn read_mark(item: &Item) -> Option<OpenAlert> {
    Some(OpenAlert {
        alert_id: AlertId::parse(&item::optional_text(item, "alert_id")?).ok()?,
        opened_at: item::number(item, "opened_at")?,
        severity: Severity::parse(&item::optional_text(item, "severity")?)?,
    })
}

pub(super) fn read_hit(item: &Item) -> Option<StoredHit> {
    let typologies = item.get("typologies")?.as_l().ok()?;
    Some(StoredHit {
        msg_id: MsgId::parse(&item::optional_text(item, "msg_id")?).ok()?,
        score: item::number(item, "score")?,
        at: item::time(item, "at").ok()?,
        typologies: typologies.iter().filter_map(|t| t.as_s().ok()).cloned().collect(),
    })
}
