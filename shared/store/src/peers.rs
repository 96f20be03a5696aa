//! The distributions of peer groups, by week. Every process adds its own counts from time to time;
//! they are spread over several items, so that processes seldom collide, and summed when read.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;

use super::item::{self, Item, key, n, s};
use super::key::{peers, peers_prefix, peers_sort};
use super::revised::ATTEMPTS;
use super::{Store, StoreError};
use sentinel::payment::tenant::Tenant;
use sentinel::state::peers::PeerSketches;

/// Number of items over which a group's counts of a week are spread.
pub const PEER_SHARDS: u8 = 4;
/// Time for which counts are kept: half a year.
const KEPT_SECONDS: i64 = 26 * 7 * 86_400;
/// Maximum number of pages read per request.
const MAX_PAGES: usize = 50;

impl Store {
    /// Adds counts to those of the week that begins on `monday`. After an error some of them may
    /// have been added.
    pub async fn add_peers(
        &self,
        tenant: &Tenant,
        monday: Date,
        shard: u8,
        counts: &PeerSketches,
    ) -> Result<(), StoreError> {
        for group in counts.groups() {
            self.add_group(tenant, &peers_sort(monday, group, shard), monday, group, counts)
                .await?;
        }
        Ok(())
    }

    async fn add_group(
        &self,
        tenant: &Tenant,
        sort: &str,
        monday: Date,
        group: &str,
        counts: &PeerSketches,
    ) -> Result<(), StoreError> {
        let start = monday.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        let start = start.map_err(|_| StoreError::Item("sk"))?.timestamp().as_second();
        for _ in 0..ATTEMPTS {
            let found = self.item(key(peers(tenant), sort)).await?;
            let mut sum = PeerSketches::default();
            let revision = match &found {
                None => 0,
                Some(item) => {
                    read(item, group, &mut sum)?;
                    item::whole(item, "revision")?
                }
            };
            sum.merge(counts);
            let sketches = sum.to_bytes(group).into_iter();
            let sketches: HashMap<String, AttributeValue> =
                sketches.map(|(name, bytes)| (name, AttributeValue::B(Blob::new(bytes)))).collect();
            let put = self.put_revised(key(peers(tenant), sort), revision, |put| {
                put.item("group", s(group))
                    .item("sketches", AttributeValue::M(sketches))
                    .item("expires_at", n(start + KEPT_SECONDS))
            });
            if put.await? {
                return Ok(());
            }
        }
        Err(StoreError::Contention { attempts: ATTEMPTS })
    }

    /// Returns the counts from the week that begins on `since` up to now, and the Monday of the
    /// first week that has any.
    pub async fn peers(
        &self,
        tenant: &Tenant,
        since: Date,
    ) -> Result<(PeerSketches, Option<Date>), StoreError> {
        let (mut sum, mut first) = (PeerSketches::default(), None);
        for item in self.peer_items(tenant, "sk >= :bound", since.to_string()).await? {
            first = first.or(week(&item::text(&item, "sk")?));
            read(&item, &item::text(&item, "group")?, &mut sum)?;
        }
        Ok((sum, first))
    }

    /// Returns a group's counts of one week.
    pub async fn peers_of(
        &self,
        tenant: &Tenant,
        monday: Date,
        group: &str,
    ) -> Result<PeerSketches, StoreError> {
        let mut sum = PeerSketches::default();
        let bound = peers_prefix(monday, group);
        for item in self.peer_items(tenant, "begins_with(sk, :bound)", bound).await? {
            read(&item, group, &mut sum)?;
        }
        Ok(sum)
    }

    async fn peer_items(
        &self,
        tenant: &Tenant,
        range: &str,
        bound: String,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        for _ in 0..MAX_PAGES {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("pk = :pk AND {range}"))
                .expression_attribute_values(":pk", s(peers(tenant)))
                .expression_attribute_values(":bound", s(&bound))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|err| StoreError::service("Query", &err))?;
            items.extend(output.items.unwrap_or_default());
            from = output.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(items)
    }
}

/// Returns the Monday with which a sort key begins.
fn week(sort: &str) -> Option<Date> {
    sort.split('#').next()?.parse().ok()
}

/// Adds an item's sketches to `sum`.
fn read(item: &Item, group: &str, sum: &mut PeerSketches) -> Result<(), StoreError> {
    let damaged = || StoreError::Item("sketches");
    let sketches = item.get("sketches").and_then(|value| value.as_m().ok()).ok_or_else(damaged)?;
    for (measure, sketch) in sketches {
        let bytes = sketch.as_b().map_err(|_| damaged())?;
        sum.add_bytes(group, measure, bytes.as_ref()).map_err(|_| damaged())?;
    }
    Ok(())
}
