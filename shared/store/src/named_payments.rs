//! The newest payments of a pair that have a purpose, by id, on the pair's item.

use aws_sdk_dynamodb::types::AttributeValue;
use sentinel::llm::prompt::EARLIER_BETWEEN;
use sentinel::payment::transaction::{MsgId, Transaction};
use sentinel::payment::utc_time::UtcTime;

use super::item::{self, Item};

/// Most payments that a pair names.
const NAMED: usize = EARLIER_BETWEEN;

/// A payment that a pair names; the order is that of event time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NamedPayment {
    pub at: UtcTime,
    pub msg_id: MsgId,
}

/// The newest payments of a pair that have a purpose, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NamedPayments(pub Vec<NamedPayment>);

impl NamedPayments {
    pub fn read(item: &Item) -> Self {
        let texts = item.get("purposes").and_then(|value| value.as_l().ok());
        let named = texts.into_iter().flatten().filter_map(|value| {
            let (at, id) = value.as_s().ok()?.split_once('#')?;
            Some(NamedPayment { at: UtcTime::parse(at).ok()?, msg_id: MsgId::parse(id).ok()? })
        });
        Self(named.collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn value(&self) -> AttributeValue {
        let text =
            |named: &NamedPayment| item::s(format!("{}#{}", named.at, named.msg_id.as_str()));
        AttributeValue::L(self.0.iter().map(text).collect())
    }

    /// Returns the payments with another one; `None` if that changes nothing.
    pub fn with(&self, tx: &Transaction) -> Option<Self> {
        tx.purpose.as_ref()?;
        let named = NamedPayment { at: tx.timestamp.instant().into(), msg_id: tx.msg_id.clone() };
        let mut all = self.0.clone();
        all.push(named);
        all.sort_by(|a, b| b.cmp(a));
        all.dedup();
        all.truncate(NAMED);
        (all != self.0).then_some(Self(all))
    }
}
