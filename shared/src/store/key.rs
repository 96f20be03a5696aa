//! The table's keys. `#` separates their parts and occurs in none of them (ids, accounts and
//! tenants exclude it), so that no id can reach into another's items.

use crate::alerting::Queue;
use crate::profile::AccountId;
use crate::tenant::Tenant;

pub const TRANSACTION_SORT: &str = "tx";
pub const PROFILE_SORT: &str = "profile";
pub const ALERT_SORT: &str = "alert";
pub const EXPLANATION_SORT: &str = "explanation";
pub const TICKET_SORT: &str = "ticket";
/// Which rule sets are in force.
pub const HEAD_SORT: &str = "head";

pub fn transaction(tenant: &Tenant, msg_id: &str) -> String {
    format!("{tenant}#tx#{msg_id}")
}

/// An account's items: its profile, and a pair item for each receiver.
pub fn account(tenant: &Tenant, account: &str) -> String {
    format!("{tenant}#acct#{account}")
}

pub fn pair_sort(receiver: &str) -> String {
    format!("to#{receiver}")
}

/// The open alert of an account for a typology.
pub fn open_sort(typology: &str) -> String {
    format!("open#{typology}")
}

/// A hit attached to an alert, in the order of event time.
pub fn hit_sort(at: &str, msg_id: &str) -> String {
    format!("hit#{at}#{msg_id}")
}

/// A named party over all its accounts; the key holds a hash of the name.
pub fn party(tenant: &Tenant, party: AccountId) -> String {
    format!("{tenant}#party#{:016x}", party.0)
}

pub fn alert(tenant: &Tenant, alert_id: &str) -> String {
    format!("{tenant}#alert#{alert_id}")
}

/// The index partition that lists a tenant's alerts, or what waits for review, by time.
pub fn alerts(tenant: &Tenant, queue: Queue) -> String {
    format!("{tenant}#{}", queue.code())
}

/// A tenant's rule sets: the head, the register, the documents, the history.
pub fn rules(tenant: &Tenant) -> String {
    format!("{tenant}#rules")
}

/// How decisions compare with those of a set in the shadow.
pub fn shadow(tenant: &Tenant, version: &str) -> String {
    format!("{tenant}#shadow#{version}")
}

/// Counts for drift, an item per model.
pub fn drift(tenant: &Tenant) -> String {
    format!("{tenant}#drift")
}

pub fn set_sort(version: &str) -> String {
    format!("set#{version}")
}

pub fn document_sort(version: &str) -> String {
    format!("document#{version}")
}

pub fn change_sort(at: &str, version: &str) -> String {
    match at {
        // The beginning of them all.
        "" => "change#".to_owned(),
        at => format!("change#{at}#{version}"),
    }
}

pub fn connections(tenant: &Tenant) -> String {
    format!("{tenant}#connections")
}

pub fn ticket(tenant: &Tenant, hash: &str) -> String {
    format!("{tenant}#ticket#{hash}")
}
