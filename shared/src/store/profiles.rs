//! Profiles and pairs as items. A decayed sum lives in one attribute per epoch, named by its slot
//! and the epoch (`ocd12`: outgoing, count, day, epoch 12), so that `ADD` alone updates it. Names
//! are none of DynamoDB's reserved words, so that expressions need no placeholders.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_sdk_dynamodb::types::{AttributeValue, Update};

use super::item::{self, Item, addend, float};
use super::{Store, StoreError};
use crate::profile::{Direction, Newest, Pair, PairChange, Profile, ProfileChange, Slot};

/// A profile as stored, with what an update has to clean up.
#[derive(Debug, Clone, Default)]
pub(super) struct StoredProfile {
    pub profile: Profile,
    /// Attributes of epochs that have decayed to nothing.
    stale: BTreeSet<String>,
}

pub(super) fn read_profile(item: &Item) -> StoredProfile {
    let mut stored = StoredProfile::default();
    for (slot, _, letters) in Slot::all() {
        let prefix: String = letters.iter().collect();
        let mut epochs: Vec<(i64, &String)> = item
            .keys()
            .filter_map(|name| Some((name.strip_prefix(&prefix)?.parse().ok()?, name)))
            .collect();
        epochs.sort_unstable();
        let newest = epochs.last().map_or(0, |(epoch, _)| *epoch);
        for (epoch, name) in epochs {
            if epoch < newest - 1 {
                stored.stale.insert(name.clone());
            } else if let Some(sum) = item::number(item, name) {
                stored.profile.slots[slot.index()].add(epoch, sum);
            }
        }
    }
    stored.profile.first_seen = item::number(item, "first_at");
    stored.profile.newest_out = newest(item, "out_at", "out_amount");
    stored.profile.newest_in = newest(item, "in_at", "in_amount");
    stored
}

fn newest(item: &Item, at: &str, amount: &str) -> Option<Newest> {
    Some(Newest { at: item::number(item, at)?, amount: item::number(item, amount)? })
}

pub(super) fn read_pair(item: &Item) -> Option<Pair> {
    Some(Pair {
        count: item::number(item, "payments")?,
        amount: item::number(item, "amount")?,
        first_seen: item::number(item, "first_at")?,
        last_seen: item::number(item, "last_at")?,
    })
}

/// An update expression in the making.
#[derive(Default)]
struct Expression {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    condition: Vec<String>,
    values: Item,
}

impl Expression {
    fn value(&mut self, number: f64) -> String {
        self.named(float(number))
    }

    fn named(&mut self, value: AttributeValue) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.insert(name.clone(), value);
        name
    }

    fn set(&mut self, name: &str, number: f64) {
        let value = self.value(number);
        self.set.push(format!("{name} = {value}"));
    }

    fn add(&mut self, name: &str, number: f64) {
        let value = self.named(addend(number));
        self.add.push(format!("{name} {value}"));
    }

    fn into_update(self, store: &Store, key: Item) -> Result<Update, StoreError> {
        let mut text = String::new();
        let clauses = [("SET", self.set), ("ADD", self.add), ("REMOVE", self.remove)];
        for (word, parts) in clauses.iter().filter(|(_, parts)| !parts.is_empty()) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{word} {} ", parts.join(", "));
        }
        let condition = self.condition.join(" AND ");
        Update::builder()
            .table_name(&store.table)
            .set_key(Some(key))
            .update_expression(text.trim_end())
            .set_expression_attribute_values(Some(self.values))
            .set_condition_expression((!condition.is_empty()).then_some(condition))
            .build()
            .map_err(|_| StoreError::Item("key"))
    }
}

/// Adds to the sums unconditionally. The extremes are set only where this event moves them, on the
/// condition that it still does: if another decision got there first, the writer reads again.
pub(super) fn profile_update(
    store: &Store,
    key: Item,
    known: &StoredProfile,
    change: &ProfileChange,
) -> Result<Update, StoreError> {
    let mut expression = Expression::default();
    let letters: Vec<_> = Slot::all().map(|(_, _, letters)| letters).collect();
    for add in &change.adds {
        let name: String = letters[add.slot.index()].iter().collect();
        expression.add(&format!("{name}{}", add.epoch), add.weighted);
    }
    let (newest, prefix) = match change.direction {
        Direction::Out => (known.profile.newest_out, "out"),
        Direction::In => (known.profile.newest_in, "in"),
    };
    if newest.is_none_or(|newest| newest < change.event) {
        expression.set(&format!("{prefix}_at"), change.event.at);
        expression.set(&format!("{prefix}_amount"), change.event.amount);
        let at = expression.value(change.event.at);
        let amount = expression.value(change.event.amount);
        expression.condition.push(format!(
            "(attribute_not_exists({prefix}_at) OR {prefix}_at < {at} \
             OR ({prefix}_at = {at} AND {prefix}_amount < {amount}))"
        ));
    }
    if known.profile.first_seen.is_none_or(|first| change.event.at < first) {
        expression.set("first_at", change.event.at);
        let at = expression.value(change.event.at);
        expression.condition.push(format!("(attribute_not_exists(first_at) OR first_at > {at})"));
    }
    let touched: BTreeSet<&str> =
        expression.add.iter().filter_map(|add| add.split(' ').next()).collect();
    expression.remove =
        known.stale.iter().filter(|name| !touched.contains(name.as_str())).cloned().collect();
    expression.into_update(store, key)
}

/// The pair's first contact moves counts of new counterparties, so the write depends on what the
/// pair was believed to be.
pub(super) fn pair_update(
    store: &Store,
    key: Item,
    change: &PairChange,
) -> Result<Update, StoreError> {
    let mut expression = Expression::default();
    expression.values.insert(":one".to_owned(), item::n(1));
    expression.add.push("payments :one".to_owned());
    expression.add("amount", change.event.amount);
    let after = change.applied();
    match change.known {
        None => {
            expression.set("first_at", after.first_seen);
            expression.set("last_at", after.last_seen);
            expression.condition.push("attribute_not_exists(pk)".to_owned());
        }
        Some(known) => {
            let first = expression.value(known.first_seen);
            let last = expression.value(known.last_seen);
            expression.condition.push(format!("first_at = {first} AND last_at = {last}"));
            expression.set("first_at", after.first_seen);
            expression.set("last_at", after.last_seen);
        }
    }
    expression.into_update(store, key)
}
