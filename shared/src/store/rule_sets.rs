//! Rule sets: a tenant's register of them, and the head that says which are in force.
//!
//! A set is two items. The document is large and never changes; the register's item beside it is
//! small and does, so that a move or a listing does not pay for hundreds of kilobytes. Every change
//! is one transaction: the head on the condition of its revision, the sets' states, and a line of
//! the history.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

use super::item::{self, Item, key, n, s};
use super::key::{HEAD_SORT, change_sort, document_sort, rules, set_sort};
use super::{Store, StoreError};
use crate::rules::{Move, RegisteredSet, RuleSetChange, RuleSetState, RulesHead};
use crate::tenant::Tenant;

/// What an item can hold, with room for its keys.
pub const MAX_DOCUMENT_BYTES: usize = 350 * 1024;
/// No listing reads more pages than this.
const MAX_PAGES: usize = 10;

/// What became of a new set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    New,
    /// The same document is there already.
    Known,
}

impl Store {
    /// Which sets are in force; the deployment's own where none was ever put live.
    pub async fn rules_head(&self, tenant: &Tenant) -> Result<RulesHead, StoreError> {
        let item = self.rules_item(tenant, HEAD_SORT).await?;
        item.as_ref().map_or_else(|| Ok(RulesHead::default()), read_head)
    }

    /// A registered set.
    pub async fn rule_set(
        &self,
        tenant: &Tenant,
        version: &str,
    ) -> Result<Option<RegisteredSet>, StoreError> {
        let item = self.rules_item(tenant, &set_sort(version)).await?;
        item.as_ref().map(read_set).transpose()
    }

    /// A set's document, byte for byte.
    pub async fn rule_document(
        &self,
        tenant: &Tenant,
        version: &str,
    ) -> Result<Option<String>, StoreError> {
        let item = self.rules_item(tenant, &document_sort(version)).await?;
        item.as_ref().map(|item| item::text(item, "document")).transpose()
    }

    /// Every registered set, in the order of versions.
    pub async fn rule_sets(&self, tenant: &Tenant) -> Result<Vec<RegisteredSet>, StoreError> {
        let items = self.rules_items(tenant, &set_sort(""), true, usize::MAX).await?;
        // An item that somebody put there by hand does not hide the others.
        Ok(items.iter().filter_map(|item| read_set(item).ok()).collect())
    }

    /// The newest lines of the history.
    pub async fn rule_changes(
        &self,
        tenant: &Tenant,
        most: usize,
    ) -> Result<Vec<RuleSetChange>, StoreError> {
        let items = self.rules_items(tenant, &change_sort("", ""), false, most).await?;
        items.iter().map(read_change).collect()
    }

    /// Registers a new set: document, register and history in one transaction.
    pub async fn register_rule_set(
        &self,
        tenant: &Tenant,
        set: &RegisteredSet,
        document: &str,
    ) -> Result<Registered, StoreError> {
        if document.len() > MAX_DOCUMENT_BYTES {
            let (bytes, most) = (document.len(), MAX_DOCUMENT_BYTES);
            return Err(StoreError::TooLarge { bytes, most });
        }
        let new = |sort: String| {
            Put::builder()
                .table_name(&self.table)
                .set_item(Some(key(rules(tenant), sort)))
                .condition_expression("attribute_not_exists(pk)")
        };
        let change = RuleSetChange {
            at: set.created_at.clone(),
            by: set.author.clone(),
            version: set.version.clone(),
            from: None,
            to: set.state,
            displaced: None,
            rollback: false,
            note: set.note.clone(),
        };
        let registered = new(set_sort(&set.version))
            .item("version", s(&set.version))
            .item("state", s(set.state.code()))
            .item("description", s(&set.description))
            .item("rules", n(set.rules))
            .item("author", s(&set.author))
            .item("created_at", s(&set.created_at))
            .item("changed_at", s(&set.changed_at))
            .item("note", s(&set.note));
        let puts = [
            new(document_sort(&set.version)).item("document", s(document)),
            registered,
            self.change_put(tenant, &change),
        ];
        let items = puts.into_iter().map(item::put).collect::<Result<Vec<_>, _>>()?;
        Ok(if self.commit(items).await? { Registered::New } else { Registered::Known })
    }

    /// Makes a move. False where the head or the set has moved meanwhile: nothing was changed.
    pub async fn move_rule_set(
        &self,
        tenant: &Tenant,
        made: &Move,
        change: &RuleSetChange,
    ) -> Result<bool, StoreError> {
        let mut items = vec![item::put(self.head_put(tenant, made))?];
        if let Some((version, from)) = &made.moved {
            let mut update = self
                .state_update(tenant, version, made.to, &change.at)
                .expression_attribute_values(":note", s(&change.note));
            let mut expression = "SET #state = :to, changed_at = :at, note = :note".to_owned();
            if made.to == RuleSetState::Live && !change.rollback {
                expression.push_str(", approver = :by");
                update = update.expression_attribute_values(":by", s(&change.by));
            }
            if !change.rollback {
                // A rollback has to work whatever somebody did to the register.
                update = update
                    .condition_expression("#state = :from")
                    .expression_attribute_values(":from", s(from.code()));
            }
            items.push(item::update(update.update_expression(expression))?);
        }
        if let Some((version, to)) = &made.displaced {
            let update = self.state_update(tenant, version, *to, &change.at);
            items.push(item::update(
                update.update_expression("SET #state = :to, changed_at = :at"),
            )?);
        }
        items.push(item::put(self.change_put(tenant, change))?);
        self.commit(items).await
    }

    fn head_put(&self, tenant: &Tenant, made: &Move) -> PutBuilder {
        let head = &made.head;
        let mut put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key(rules(tenant), HEAD_SORT)))
            .item("live", s(&head.live))
            .item("revision", n(head.revision));
        if let Some(shadow) = &head.shadow {
            put = put.item("shadow", s(shadow));
        }
        if let Some(previous) = &head.previous {
            put = put.item("previous", s(previous));
        }
        if head.revision == 1 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("revision = :before")
                .expression_attribute_values(":before", n(head.revision - 1))
        }
    }

    fn state_update(
        &self,
        tenant: &Tenant,
        version: &str,
        to: RuleSetState,
        at: &str,
    ) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(rules(tenant), set_sort(version))))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":to", s(to.code()))
            .expression_attribute_values(":at", s(at))
    }

    fn change_put(&self, tenant: &Tenant, change: &RuleSetChange) -> PutBuilder {
        let mut put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key(rules(tenant), change_sort(&change.at, &change.version))))
            .item("at", s(&change.at))
            .item("by", s(&change.by))
            .item("version", s(&change.version))
            .item("to", s(change.to.code()))
            .item("rollback", AttributeValue::Bool(change.rollback))
            .item("note", s(&change.note))
            .condition_expression("attribute_not_exists(pk)");
        if let Some(from) = change.from {
            put = put.item("from", s(from.code()));
        }
        if let Some(displaced) = &change.displaced {
            put = put.item("displaced", s(displaced));
        }
        put
    }

    /// False where a condition does not hold, or another transaction is at the same items.
    async fn commit(&self, items: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
        let write = self.client.transact_write_items().set_transact_items(Some(items));
        let Err(err) = write.send().await else { return Ok(true) };
        let canceled = match err.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled,
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => return Ok(false),
            _ => return Err(StoreError::service("TransactWriteItems", &err)),
        };
        let faster = ["ConditionalCheckFailed", "TransactionConflict", "None"];
        let codes = canceled.cancellation_reasons().iter().filter_map(|reason| reason.code());
        match codes.into_iter().find(|code| !faster.contains(code)) {
            Some(code) => {
                Err(StoreError::Service { operation: "TransactWriteItems", code: code.to_owned() })
            }
            None => Ok(false),
        }
    }

    async fn rules_item(&self, tenant: &Tenant, sort: &str) -> Result<Option<Item>, StoreError> {
        self.item(key(rules(tenant), sort)).await
    }

    async fn rules_items(
        &self,
        tenant: &Tenant,
        prefix: &str,
        forward: bool,
        most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        for _ in 0..MAX_PAGES {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", s(rules(tenant)))
                .expression_attribute_values(":prefix", s(prefix))
                .scan_index_forward(forward)
                .set_limit(i32::try_from(most).ok())
                .set_exclusive_start_key(from)
                .consistent_read(true)
                .send()
                .await
                .map_err(|err| StoreError::service("Query", &err))?;
            items.extend(output.items.unwrap_or_default());
            from = output.last_evaluated_key;
            if from.is_none() || items.len() >= most {
                break;
            }
        }
        Ok(items)
    }
}

fn read_head(item: &Item) -> Result<RulesHead, StoreError> {
    Ok(RulesHead {
        live: item::text(item, "live")?,
        shadow: item::optional_text(item, "shadow"),
        previous: item::optional_text(item, "previous"),
        revision: item::whole(item, "revision")?,
    })
}

fn read_set(item: &Item) -> Result<RegisteredSet, StoreError> {
    Ok(RegisteredSet {
        version: item::text(item, "version")?,
        state: state(item, "state")?.ok_or(StoreError::Item("state"))?,
        description: item::text(item, "description")?,
        rules: item::whole(item, "rules")?,
        author: item::text(item, "author")?,
        approver: item::optional_text(item, "approver"),
        created_at: item::text(item, "created_at")?,
        changed_at: item::text(item, "changed_at")?,
        note: item::text(item, "note")?,
    })
}

fn read_change(item: &Item) -> Result<RuleSetChange, StoreError> {
    Ok(RuleSetChange {
        at: item::text(item, "at")?,
        by: item::text(item, "by")?,
        version: item::text(item, "version")?,
        from: state(item, "from")?,
        to: state(item, "to")?.ok_or(StoreError::Item("to"))?,
        displaced: item::optional_text(item, "displaced"),
        rollback: item.get("rollback").and_then(|value| value.as_bool().ok()) == Some(&true),
        note: item::text(item, "note")?,
    })
}

fn state(item: &Item, name: &'static str) -> Result<Option<RuleSetState>, StoreError> {
    let code = item::optional_text(item, name);
    code.map(|code| RuleSetState::parse(&code).ok_or(StoreError::Item(name))).transpose()
}
