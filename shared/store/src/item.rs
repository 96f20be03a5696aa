//! Reads and writes attributes, and builds the writes of a transaction.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use sentinel::payment::utc_time::UtcTime;

use super::StoreError;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Writes a float in the shortest form that reads back unchanged; DynamoDB keeps up to 38 digits.
pub(crate) fn float(number: f64) -> AttributeValue {
    AttributeValue::N(format!("{number:e}"))
}

pub(crate) fn key(pk: String, sk: impl Into<String>) -> Item {
    HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

pub(crate) fn text(item: &Item, name: &'static str) -> Result<String, StoreError> {
    optional_text(item, name).ok_or(StoreError::Item(name))
}

/// Reads a text attribute into its own type.
pub(crate) fn parsed<T>(
    item: &Item,
    name: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let text = item.get(name).and_then(|value| value.as_s().ok());
    text.and_then(|text| parse(text)).ok_or(StoreError::Item(name))
}

pub(crate) fn time(item: &Item, name: &'static str) -> Result<UtcTime, StoreError> {
    parsed(item, name, |text| UtcTime::parse(text).ok())
}

pub(crate) fn optional_time(
    item: &Item,
    name: &'static str,
) -> Result<Option<UtcTime>, StoreError> {
    item.contains_key(name).then(|| time(item, name)).transpose()
}

pub(crate) fn optional_text(item: &Item, name: &str) -> Option<String> {
    item.get(name).and_then(|value| value.as_s().ok()).cloned()
}

/// Returns whether a flag is set; an absent one is not.
pub(crate) fn flag(item: &Item, name: &str) -> bool {
    item.get(name).and_then(|value| value.as_bool().ok()).copied().unwrap_or_default()
}

pub(crate) fn number(item: &Item, name: &str) -> Option<f64> {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok())
}

pub(crate) fn whole(item: &Item, name: &'static str) -> Result<u64, StoreError> {
    let number = item.get(name).and_then(|value| value.as_n().ok());
    number.and_then(|text| text.parse().ok()).ok_or(StoreError::Item(name))
}

pub(crate) fn put(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(|_| StoreError::Item("item"))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

pub(crate) fn update(update: UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|_| StoreError::Item("key"))?;
    Ok(TransactWriteItem::builder().update(update).build())
}
