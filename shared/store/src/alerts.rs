//! Alerts: listed by time through the index, or read one at a time with their explanation and hits.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{self, Item, key, n, s};
use super::key::{ALERT_SORT, EXPLANATION_SORT, alert, alerts, closed_alerts};
use super::open_alerts::{StoredHit, read_hit};
use super::work::read_work;
use super::{Store, StoreError};
use sentinel::cascade::alert::Alert;
use sentinel::cascade::alerting::{Queue, Severity};
use sentinel::case::alert_id::AlertId;
use sentinel::case::verdict::Level;
use sentinel::case::work::{AlertStatus, AlertWork, StepTaken};
use sentinel::investigation::CaseId;
use sentinel::payment::tenant::Tenant;

/// An alert as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAlert {
    pub alert: Alert,
    pub work: AlertWork,
    /// `{created_at}#{alert_id}`: orders a tenant's alerts; a listing resumes after it.
    pub sequence: String,
    /// Number of later payments attached to it.
    pub hits: u32,
    /// The case that it belongs to.
    pub case_id: Option<CaseId>,
}

/// An alert with its explanation and hits.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertWithHits {
    pub alert: StoredAlert,
    /// The explanation as JSON text, if there is one.
    pub explanation: Option<String>,
    /// The steps in the work on it, oldest first.
    pub steps: Vec<StepTaken>,
    /// The newest hits by event time, at most [`SHOWN_HITS`].
    pub hits: Vec<StoredHit>,
}

/// Maximum number of hits shown with an alert.
pub const SHOWN_HITS: i32 = 50;

/// Which alerts to list.
#[derive(Debug, Clone, Default)]
pub struct AlertQuery {
    pub queue: Queue,
    /// `None` lists all that are not closed.
    pub status: Option<AlertStatus>,
    pub min_score: Option<f64>,
    /// Lowest amount in the base currency.
    pub min_amount: Option<f64>,
    pub typology: Option<String>,
    pub severity: Option<Severity>,
    pub level: Option<Level>,
    /// Subject of the person whose alerts are listed.
    pub assignee: Option<String>,
    /// Identity of an account of the payment.
    pub account: Option<String>,
    /// Lists only alerts after this sequence, oldest first, to fill a gap in the stream.
    pub after: Option<String>,
    /// Sequence after which to continue an earlier listing.
    pub cursor: Option<String>,
    pub limit: usize,
}

/// A page of alerts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlertPage {
    pub alerts: Vec<StoredAlert>,
    /// Number of alerts left out because their items cannot be read.
    pub unreadable: u32,
    /// Sequence after which the next page begins; `None` if there is none.
    pub cursor: Option<String>,
}

/// Maximum number of items read at once; a page also ends at 1 MB.
const PAGE: i32 = 500;
/// Maximum number of pages read per request, since a filter may skip all items of a page.
const MAX_PAGES: usize = 20;

impl Store {
    /// Lists alerts newest first, or oldest first after a sequence.
    pub async fn list_alerts(
        &self,
        tenant: &Tenant,
        query: &AlertQuery,
    ) -> Result<AlertPage, StoreError> {
        let forward = query.after.is_some();
        let mut page = AlertPage::default();
        let mut behind = query.cursor.clone().or_else(|| query.after.clone());
        for _ in 0..MAX_PAGES {
            let output = self.alert_query(tenant, query, behind.as_deref(), forward).await?;
            for item in output.items() {
                // One broken item must not hide all the others.
                let Ok(alert) = read(item) else {
                    page.unreadable += 1;
                    continue;
                };
                page.alerts.push(alert);
                if page.alerts.len() == query.limit {
                    page.cursor = page.alerts.last().map(|alert| alert.sequence.clone());
                    return Ok(page);
                }
            }
            behind = output.last_evaluated_key().and_then(|k| item::optional_text(k, "gsi1sk"));
            if behind.is_none() {
                return Ok(page);
            }
        }
        page.cursor = behind;
        Ok(page)
    }

    async fn alert_query(
        &self,
        tenant: &Tenant,
        query: &AlertQuery,
        behind: Option<&str>,
        forward: bool,
    ) -> Result<aws_sdk_dynamodb::operation::query::QueryOutput, StoreError> {
        let partition = match query.status {
            Some(AlertStatus::Closed) => closed_alerts(tenant, query.queue),
            _ => alerts(tenant, query.queue),
        };
        let mut values = vec![(":pk", s(partition))];
        let (filters, filter_values) = filters(query);
        values.extend(filter_values);
        let range = match (behind, forward) {
            (None, _) => "gsi1pk = :pk",
            (Some(_), true) => "gsi1pk = :pk AND gsi1sk > :behind",
            (Some(_), false) => "gsi1pk = :pk AND gsi1sk < :behind",
        };
        if let Some(behind) = behind {
            values.push((":behind", s(behind)));
        }
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("gsi1")
            .key_condition_expression(range)
            .scan_index_forward(forward)
            .limit(PAGE);
        for (name, value) in values {
            request = request.expression_attribute_values(name, value);
        }
        if !filters.is_empty() {
            request = request.filter_expression(filters.join(" AND "));
        }
        if query.status.is_some() {
            request = request.expression_attribute_names("#status", "status");
        }
        if query.level.is_some() {
            request = request.expression_attribute_names("#level", "level");
        }
        request.send().await.map_err(|err| StoreError::service("Query", &err))
    }

    /// Reads an alert with its explanation and newest hits. `alert` and `explanation` sort before
    /// `hit#`, so two bounded queries find everything.
    pub async fn alert(
        &self,
        tenant: &Tenant,
        alert_id: &AlertId,
    ) -> Result<Option<AlertWithHits>, StoreError> {
        let query = |range: &str, forward: bool| {
            self.client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("pk = :pk AND {range}"))
                .expression_attribute_values(":pk", s(alert(tenant, alert_id)))
                .expression_attribute_values(":hit", s("hit#"))
                .scan_index_forward(forward)
                .limit(SHOWN_HITS)
                .consistent_read(true)
                .send()
        };
        let head =
            query("sk < :hit", true).await.map_err(|err| StoreError::service("Query", &err))?;
        let find = |sort: &str| {
            let sort = AttributeValue::S(sort.to_owned());
            head.items().iter().find(|item| item.get("sk") == Some(&sort))
        };
        let Some(item) = find(ALERT_SORT) else { return Ok(None) };
        let alert = read(item)?;
        let steps =
            if alert.work.version > 0 { self.steps(tenant, alert_id).await? } else { Vec::new() };
        let explanation = find(EXPLANATION_SORT).and_then(|i| item::optional_text(i, "body"));
        let mut hits = Vec::new();
        if alert.hits > 0 {
            let newest = query("begins_with(sk, :hit)", false).await;
            let newest = newest.map_err(|err| StoreError::service("Query", &err))?;
            hits.extend(newest.items().iter().filter_map(read_hit));
        }
        Ok(Some(AlertWithHits { alert, explanation, steps, hits }))
    }

    /// Reads an alert or review without its history.
    pub async fn alert_head(
        &self,
        tenant: &Tenant,
        alert_id: &AlertId,
    ) -> Result<Option<(StoredAlert, Queue)>, StoreError> {
        let Some(item) = self.item(key(alert(tenant, alert_id), ALERT_SORT)).await? else {
            return Ok(None);
        };
        let kind = item::text(&item, "kind")?;
        let queue = Queue::ALL.into_iter().find(|queue| queue.kind() == kind);
        Ok(Some((read(&item)?, queue.ok_or(StoreError::Item("kind"))?)))
    }

    /// Reads up to a hundred alerts or reviews without their histories, in the order of their ids; those
    /// that are unknown are left out.
    pub async fn alerts_by_id(
        &self,
        tenant: &Tenant,
        ids: &[AlertId],
    ) -> Result<Vec<StoredAlert>, StoreError> {
        let keys: Vec<_> =
            ids.iter().map(|id| (alert(tenant, id), ALERT_SORT.to_owned())).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.batch_get(&keys).await?;
        keys.iter().filter_map(|key| found.get(key)).map(read).collect()
    }

    /// Stores an explanation unless there is one already, so that all analysts read the same.
    /// Returns the one that is stored.
    pub async fn keep_explanation(
        &self,
        tenant: &Tenant,
        alert_id: &AlertId,
        body: &str,
    ) -> Result<String, StoreError> {
        use aws_sdk_dynamodb::operation::put_item::PutItemError;
        use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key(alert(tenant, alert_id), EXPLANATION_SORT)))
            .item("body", s(body))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(AllOld);
        match put.send().await {
            Ok(_) => Ok(body.to_owned()),
            Err(err) => match err.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let known = failed.item().and_then(|item| item::optional_text(item, "body"));
                    known.ok_or(StoreError::Item("body"))
                }
                _ => Err(StoreError::service("PutItem", &err)),
            },
        }
    }
}

/// Returns the conditions that listed alerts meet, and their values.
fn filters(query: &AlertQuery) -> (Vec<&'static str>, Vec<(&'static str, AttributeValue)>) {
    let AlertQuery { status, min_score, min_amount, typology, severity, .. } = query;
    let conditions = [
        ("#status = :status", ":status", status.map(|status| s(status.code()))),
        ("score >= :score", ":score", min_score.map(n)),
        ("base_amount >= :amount", ":amount", min_amount.map(n)),
        ("contains(typologies, :typology)", ":typology", typology.as_ref().map(s)),
        ("severity = :severity", ":severity", severity.map(|severity| s(severity.code()))),
        ("#level = :level", ":level", query.level.map(|level| s(level.code()))),
        ("assignee = :assignee", ":assignee", query.assignee.as_ref().map(s)),
        ("contains(accounts, :account)", ":account", query.account.as_ref().map(s)),
    ];
    let asked = conditions.into_iter();
    asked.filter_map(|(filter, name, value)| Some((filter, (name, value?)))).unzip()
}

fn read(item: &Item) -> Result<StoredAlert, StoreError> {
    Ok(StoredAlert {
        alert: item::parsed(item, "body", |text| sentinel::json::read(text).ok())?,
        work: read_work(item)?,
        sequence: item::text(item, "gsi1sk")?,
        hits: item.get("hits").and_then(|v| v.as_n().ok()?.parse().ok()).unwrap_or(0),
        case_id: item::optional_text(item, "case_id").and_then(|id| CaseId::parse(&id).ok()),
    })
}
