//! Counts of what a set in the shadow would have changed. They are written after the decisions and
//! separately, so that counting can neither fail nor delay one. Counts may be lost with a process,
//! but the evidence of every decision holds the result of its shadow sets.
//!
//! One `ADD` counts a whole batch in one of eight items, picked by hash: at a thousand transactions
//! per second each item sees a dozen writes. The same write stores decisions that differ in the
//! item's eight slots, also picked by hash, so that the newest is always kept and nothing grows.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest as _, Sha256};

use super::item::{self, Item, key, n, s};
use super::key::shadow;
use super::{Store, StoreError};
use sentinel::case::shadow::{Agreement, ShadowDifference, ShadowReport};
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::MsgId;

const SHARDS: u8 = 8;
const SLOTS: u8 = 8;
/// Maximum number of rules that a difference names in either direction.
const RULES_NAMED: usize = 20;

impl Store {
    /// Counts a batch's decisions that were compared with a set in the shadow.
    pub async fn count_shadow(
        &self,
        tenant: &Tenant,
        version: &str,
        decided: &[ShadowDifference],
    ) -> Result<(), StoreError> {
        let Some(first) = decided.first() else { return Ok(()) };
        let shard = hash(&first.msg_id)[0] % SHARDS;
        let of = |agreement| decided.iter().filter(|seen| seen.agreement == agreement).count();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(shadow(tenant, version), format!("counts#{shard}"))))
            .expression_attribute_values(":same", n(of(Agreement::Same)))
            .expression_attribute_values(":gained", n(of(Agreement::Gained)))
            .expression_attribute_values(":lost", n(of(Agreement::Lost)));
        let slots: HashMap<u8, &ShadowDifference> = decided
            .iter()
            .filter(|seen| seen.agreement != Agreement::Same)
            .map(|seen| (hash(&seen.msg_id)[1] % SLOTS, seen))
            .collect();
        let mut kept = Vec::with_capacity(slots.len());
        for (slot, seen) in slots {
            kept.push(format!("slot_{slot} = :slot_{slot}"));
            update = update.expression_attribute_values(format!(":slot_{slot}"), difference(seen));
        }
        let mut expression =
            "ADD same_count :same, gained_count :gained, lost_count :lost".to_owned();
        if !kept.is_empty() {
            expression = format!("{expression} SET {}", kept.join(", "));
        }
        let sent = update.update_expression(expression).send().await;
        sent.map(|_| ()).map_err(|err| StoreError::service("UpdateItem", &err))
    }

    /// Returns the sum of all items' counts, with the newest differences first.
    pub async fn shadow_report(
        &self,
        tenant: &Tenant,
        version: &str,
    ) -> Result<ShadowReport, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(shadow(tenant, version)))
            .send()
            .await
            .map_err(|err| StoreError::service("Query", &err))?;
        let mut report = ShadowReport { version: version.to_owned(), ..ShadowReport::default() };
        for item in output.items() {
            report.same += count(item, "same_count");
            report.gained += count(item, "gained_count");
            report.lost += count(item, "lost_count");
            let slots = (0..SLOTS).filter_map(|slot| item.get(&format!("slot_{slot}")));
            report.newest.extend(slots.filter_map(|slot| read(slot.as_m().ok()?)));
        }
        report.decided = report.same + report.gained + report.lost;
        report.newest.sort_by_key(|difference| std::cmp::Reverse(difference.decided_at));
        Ok(report)
    }
}

fn hash(msg_id: &MsgId) -> [u8; 32] {
    Sha256::digest(msg_id.as_str()).into()
}

fn count(item: &Item, name: &str) -> u64 {
    let number = item.get(name).and_then(|value| value.as_n().ok());
    number.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn difference(seen: &ShadowDifference) -> AttributeValue {
    let rules = |ids: &[String]| AttributeValue::L(ids.iter().take(RULES_NAMED).map(s).collect());
    AttributeValue::M(HashMap::from([
        ("msg_id".to_owned(), s(seen.msg_id.as_str())),
        ("decided_at".to_owned(), s(seen.decided_at.to_string())),
        ("agreement".to_owned(), s(seen.agreement.code())),
        ("gained".to_owned(), rules(&seen.gained)),
        ("lost".to_owned(), rules(&seen.lost)),
    ]))
}

fn read(slot: &Item) -> Option<ShadowDifference> {
    let rules = |name: &str| -> Option<Vec<String>> {
        slot.get(name)?.as_l().ok()?.iter().map(|id| id.as_s().ok().cloned()).collect()
    };
    let agreement = match item::optional_text(slot, "agreement")?.as_str() {
        "gained" => Agreement::Gained,
        "lost" => Agreement::Lost,
        _ => return None,
    };
    Some(ShadowDifference {
        msg_id: MsgId::parse(&item::optional_text(slot, "msg_id")?).ok()?,
        decided_at: item::time(slot, "decided_at").ok()?,
        agreement,
        gained: rules("gained")?,
        lost: rules("lost")?,
    })
}
