//! A tenant's registers of rule sets and reference sets, each with a head that says which of its
//! sets are in force. The same code serves both, in separate partitions.
//!
//! A set is two items: its document, which is large and never changes, and its entry, which is
//! small and does, so that a move or a listing does not pay for hundreds of kilobytes. Every move
//! is one transaction of the head, on the condition of its revision, the sets' states, and a change
//! for the history.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{AttributeValue, Put, Update};
use jiff::civil::Date;

use super::item::{self, Item, key, n, s};
use super::key::{CHANGES, HEAD_SORT, change_sort, document_sort, register_key, set_sort};
use super::{Store, StoreError};
use sentinel::payment::tenant::Tenant;
use sentinel::payment::utc_time::UtcTime;
use sentinel::register::parts::Part;
use sentinel::register::{Head, Move, Register, RegisteredSet, SetChange, SetState};

/// Maximum size of a document: an item may have 400 KB, including keys and names.
pub const MAX_DOCUMENT_BYTES: usize = 350 * 1024;
/// Maximum number of pages read per listing.
const MAX_PAGES: usize = 10;

/// The outcome of registering a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterOutcome {
    New,
    /// The same document is registered already.
    Known,
}

/// One register of one tenant.
pub struct TenantRegister<'s> {
    store: &'s Store,
    pk: String,
}

impl Store {
    pub fn register(&self, tenant: &Tenant, register: Register) -> TenantRegister<'_> {
        TenantRegister { store: self, pk: register_key(tenant, register) }
    }
}

impl TenantRegister<'_> {
    /// Reads which sets are in force; the deployment's own if none was ever put live.
    pub async fn head(&self) -> Result<Head, StoreError> {
        let item = self.item(HEAD_SORT).await?;
        item.as_ref().map_or_else(|| Ok(Head::default()), read_head)
    }

    /// Reads a registered set.
    pub async fn set(&self, version: &str) -> Result<Option<RegisteredSet>, StoreError> {
        let item = self.item(&set_sort(version)).await?;
        item.as_ref().map(read_set).transpose()
    }

    /// Reads a set's document, byte for byte as it was drafted.
    pub async fn document(&self, version: &str) -> Result<Option<String>, StoreError> {
        let item = self.item(&document_sort(version)).await?;
        item.as_ref().map(|item| item::text(item, "document")).transpose()
    }

    /// Reads all registered sets, ordered by version.
    pub async fn sets(&self) -> Result<Vec<RegisteredSet>, StoreError> {
        let items = self.items(&set_sort(""), true, usize::MAX).await?;
        // An unreadable item, such as one put there by hand, must not hide the others.
        Ok(items.iter().filter_map(|item| read_set(item).ok()).collect())
    }

    /// Reads the newest changes, newest first.
    pub async fn changes(&self, most: usize) -> Result<Vec<SetChange>, StoreError> {
        let items = self.items(CHANGES, false, most).await?;
        items.iter().map(read_change).collect()
    }

    /// Registers a new set: its document, its entry and a change, in one transaction.
    pub async fn add(
        &self,
        set: &RegisteredSet,
        document: &str,
    ) -> Result<RegisterOutcome, StoreError> {
        if document.len() > MAX_DOCUMENT_BYTES {
            let (bytes, most) = (document.len(), MAX_DOCUMENT_BYTES);
            return Err(StoreError::TooLarge { bytes, most });
        }
        let new = |sort: String| {
            Put::builder()
                .table_name(&self.store.table)
                .set_item(Some(key(self.pk.clone(), sort)))
                .condition_expression("attribute_not_exists(pk)")
        };
        let change = SetChange {
            at: set.created_at,
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
            .item("entries", n(set.entries))
            .item("author", s(&set.author))
            .item("created_at", s(set.created_at.to_string()))
            .item("changed_at", s(set.changed_at.to_string()))
            .item("note", s(&set.note))
            .item("dates", dates(&set.dates));
        let puts = [
            new(document_sort(&set.version)).item("document", s(document)),
            registered,
            self.change_put(&change),
        ];
        let items = puts.into_iter().map(item::put).collect::<Result<Vec<_>, _>>()?;
        Ok(if self.store.commit(items).await? {
            RegisterOutcome::New
        } else {
            RegisterOutcome::Known
        })
    }

    /// Makes a move. `false`, with nothing written, if head or set have changed since they were
    /// read.
    pub async fn make(&self, made: &Move, change: &SetChange) -> Result<bool, StoreError> {
        let mut items = vec![item::put(self.head_put(made))?];
        if let Some((version, from)) = &made.moved {
            let mut update = self
                .state_update(version, made.to, change.at)
                .expression_attribute_values(":note", s(&change.note));
            let mut expression = "SET #state = :to, changed_at = :at, note = :note".to_owned();
            if made.to == SetState::Live && !change.rollback {
                expression.push_str(", approver = :by");
                update = update.expression_attribute_values(":by", s(&change.by));
            }
            if !change.rollback {
                // A rollback has to work in whatever state the sets are, so it has no condition.
                update = update
                    .condition_expression("#state = :from")
                    .expression_attribute_values(":from", s(from.code()));
            }
            items.push(item::update(update.update_expression(expression))?);
        }
        if let Some((version, to)) = &made.displaced {
            let update = self.state_update(version, *to, change.at);
            items.push(item::update(
                update.update_expression("SET #state = :to, changed_at = :at"),
            )?);
        }
        items.push(item::put(self.change_put(change))?);
        self.store.commit(items).await
    }

    fn head_put(&self, made: &Move) -> PutBuilder {
        let head = &made.head;
        let mut put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(key(self.pk.clone(), HEAD_SORT)))
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

    fn state_update(&self, version: &str, to: SetState, at: UtcTime) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.store.table)
            .set_key(Some(key(self.pk.clone(), set_sort(version))))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":to", s(to.code()))
            .expression_attribute_values(":at", s(at.to_string()))
    }

    fn change_put(&self, change: &SetChange) -> PutBuilder {
        let mut put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(key(self.pk.clone(), change_sort(change.at, &change.version))))
            .item("at", s(change.at.to_string()))
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

    async fn item(&self, sort: &str) -> Result<Option<Item>, StoreError> {
        self.store.item(key(self.pk.clone(), sort)).await
    }

    async fn items(
        &self,
        prefix: &str,
        forward: bool,
        most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        for _ in 0..MAX_PAGES {
            let output = self
                .store
                .client
                .query()
                .table_name(&self.store.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", s(self.pk.clone()))
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

fn read_head(item: &Item) -> Result<Head, StoreError> {
    Ok(Head {
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
        entries: item::whole(item, "entries")?,
        author: item::text(item, "author")?,
        approver: item::optional_text(item, "approver"),
        created_at: item::time(item, "created_at")?,
        changed_at: item::time(item, "changed_at")?,
        note: item::text(item, "note")?,
        dates: read_dates(item)?,
    })
}

/// Writes the dates of a reference set's parts; a rule set has none.
fn dates(dates: &BTreeMap<Part, Date>) -> AttributeValue {
    let dates = dates.iter().map(|(part, date)| (part.code().to_owned(), s(date.to_string())));
    AttributeValue::M(dates.collect())
}

fn read_dates(item: &Item) -> Result<BTreeMap<Part, Date>, StoreError> {
    let unusable = || StoreError::Item("dates");
    let stored = item.get("dates").and_then(|value| value.as_m().ok()).ok_or_else(unusable)?;
    let read = |(part, date): (&String, &AttributeValue)| {
        Some((Part::parse(part)?, date.as_s().ok()?.parse().ok()?))
    };
    stored.iter().map(|one| read(one).ok_or_else(unusable)).collect()
}

fn read_change(item: &Item) -> Result<SetChange, StoreError> {
    Ok(SetChange {
        at: item::time(item, "at")?,
        by: item::text(item, "by")?,
        version: item::text(item, "version")?,
        from: state(item, "from")?,
        to: state(item, "to")?.ok_or(StoreError::Item("to"))?,
        displaced: item::optional_text(item, "displaced"),
        rollback: item.get("rollback").and_then(|value| value.as_bool().ok()) == Some(&true),
        note: item::text(item, "note")?,
    })
}

fn state(item: &Item, name: &'static str) -> Result<Option<SetState>, StoreError> {
    let code = item::optional_text(item, name);
    code.map(|code| SetState::parse(&code).ok_or(StoreError::Item(name))).transpose()
}
