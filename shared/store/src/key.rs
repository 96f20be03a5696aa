//! The table's keys. `#` separates their parts and occurs in none of them: tenants exclude it, and
//! names given by clients are escaped here, so that no id can address the items of another.

use jiff::civil::Date;

use sentinel::cascade::alerting::Queue;
use sentinel::case::alert_id::AlertId;
use sentinel::investigation::CaseId;
use sentinel::payment::account_id::AccountId;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{AccountIdentity, MsgId, Transaction};
use sentinel::payment::utc_time::UtcTime;
use sentinel::register::Register;
use sentinel::spend::budget::BudgetDay;

pub const TRANSACTION_SORT: &str = "tx";
pub const PROFILE_SORT: &str = "profile";
pub const ALERT_SORT: &str = "alert";
pub const EXPLANATION_SORT: &str = "explanation";
/// Sort key of the record that a review was raised to an alert.
pub const RAISED_SORT: &str = "raised";
pub const TICKET_SORT: &str = "ticket";
/// Sort key of the item that says which sets of a register are in force.
pub const HEAD_SORT: &str = "head";

/// Escapes a client's text as a part of a key. Only these two characters are, since a sort key has
/// at most 1,024 bytes.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('#', "%23")
}

/// Returns the last part of a key as the client wrote it.
pub fn last_part(key: &str) -> String {
    let part = key.rsplit('#').next().unwrap_or_default();
    part.replace("%23", "#").replace("%25", "%")
}

pub fn transaction(tenant: &Tenant, msg_id: &MsgId) -> String {
    format!("{tenant}#tx#{}", escaped(msg_id.as_str()))
}

/// Partition of an account's items: its profile, a pair item for each receiver, and its open
/// alerts. Accounts are named by their identity, `Party::identity`.
pub fn account(tenant: &Tenant, account: &AccountIdentity) -> String {
    format!("{tenant}#acct#{}", escaped(account.as_str()))
}

pub fn pair_sort(receiver: &AccountIdentity) -> String {
    format!("to#{}", escaped(receiver.as_str()))
}

/// Place of a payment among those of an account, by its own time.
pub fn paid_at(tx: &Transaction) -> String {
    format!("{}#{}", UtcTime::from(tx.timestamp.instant()), escaped(tx.msg_id.as_str()))
}

/// Sort key of an account's open alert for a typology.
pub fn open_sort(typology: &str) -> String {
    format!("open#{typology}")
}

/// Sort key of a hit attached to an alert; hits sort by event time.
pub fn hit_sort(at: UtcTime, msg_id: &MsgId) -> String {
    format!("hit#{at}#{}", escaped(msg_id.as_str()))
}

/// Partition of a party over all its accounts; the key holds a hash of the client's id for it.
pub fn party(tenant: &Tenant, party: AccountId) -> String {
    format!("{tenant}#party#{:016x}", party.0)
}

/// Partition of a budget day, which is the deployment's: a tenant's name never contains `*`, so no
/// tenant's items lie there.
pub fn budget_day(day: BudgetDay) -> String {
    format!("*#budget#{day}")
}

/// Partition of what the guard remembers.
pub const BUDGET: &str = "*#budget";
pub const BUDGET_DAY_SORT: &str = "day";

pub fn reservation_sort(id: &str) -> String {
    format!("reservation#{id}")
}

/// Sort key of a tenant's own sums in a budget day.
pub fn tenant_sort(tenant: &Tenant) -> String {
    format!("tenant#{tenant}")
}

/// Sort key of what a tenant used of a model in a budget day.
pub fn usage_sort(tenant: &Tenant, model: &str) -> String {
    format!("{}{}", usage_sorts(tenant), escaped(model))
}

/// What the sort keys of a tenant's usage begin with.
pub fn usage_sorts(tenant: &Tenant) -> String {
    format!("use#{tenant}#")
}

pub fn alert(tenant: &Tenant, alert_id: &AlertId) -> String {
    format!("{tenant}#alert#{alert_id}")
}

/// Index partition of a tenant's alerts or reviews, which sort by time.
pub fn alerts(tenant: &Tenant, queue: Queue) -> String {
    format!("{tenant}#{}", queue.code())
}

/// Index partition of a tenant's closed alerts or reviews, which a queue of open ones does not read.
pub fn closed_alerts(tenant: &Tenant, queue: Queue) -> String {
    format!("{}#closed", alerts(tenant, queue))
}

/// Sort key of a step in the work on an alert; steps sort by version.
pub fn step_sort(version: u64) -> String {
    format!("{STEPS}{version:08}")
}

/// Partition of a case: its state and its events.
pub fn case(tenant: &Tenant, case_id: &CaseId) -> String {
    format!("{tenant}#case#{case_id}")
}

/// Index partition of a tenant's cases, open or ended, which sort by when they were opened.
pub fn cases(tenant: &Tenant, open: bool) -> String {
    format!("{tenant}#cases#{}", if open { "open" } else { "ended" })
}

/// Sort key of an event of a case; events sort by version.
pub fn event_sort(version: u64) -> String {
    format!("{EVENTS}{version:08}")
}

/// Partition of a tenant's rule sets or reference sets: head, sets, documents and changes.
pub fn register_key(tenant: &Tenant, register: Register) -> String {
    format!("{tenant}#{}", register.code())
}

/// Partition of the counts of how decisions compare with a set in the shadow.
pub fn shadow(tenant: &Tenant, version: &str) -> String {
    format!("{tenant}#shadow#{version}")
}

/// Partition of the counts for drift, one item per model.
pub fn drift(tenant: &Tenant) -> String {
    format!("{tenant}#drift")
}

/// Partition of the distributions of peer groups.
pub fn peers(tenant: &Tenant) -> String {
    format!("{tenant}#peers")
}

/// Sort key of a shard of a group's counts in a week; a segment contains no `#`.
pub fn peers_sort(monday: Date, group: &str, shard: u8) -> String {
    format!("{}{shard}", peers_prefix(monday, group))
}

/// Prefix of the sort keys of a group's counts in a week.
pub fn peers_prefix(monday: Date, group: &str) -> String {
    format!("{monday}#{group}#")
}

pub fn set_sort(version: &str) -> String {
    format!("set#{version}")
}

pub fn document_sort(version: &str) -> String {
    format!("document#{version}")
}

/// Prefix of the sort keys of the steps in the work on an alert.
pub const STEPS: &str = "step#";
/// Sort key of a case's state.
pub const CASE_SORT: &str = "case";
/// Prefix of the sort keys of a case's events.
pub const EVENTS: &str = "event#";
/// Prefix of the sort keys of a register's changes.
pub const CHANGES: &str = "change#";

pub fn change_sort(at: UtcTime, version: &str) -> String {
    format!("{CHANGES}{at}#{version}")
}

pub fn connections(tenant: &Tenant) -> String {
    format!("{tenant}#connections")
}

/// Partition of a tenant's people, by the subjects of their tokens.
pub fn people(tenant: &Tenant) -> String {
    format!("{tenant}#people")
}

pub fn ticket(tenant: &Tenant, hash: &str) -> String {
    format!("{tenant}#ticket#{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> UtcTime {
        UtcTime::parse("2026-01-01T00:00:00Z").unwrap()
    }

    #[test]
    fn no_id_reaches_into_anothers_items() {
        let tenant = Tenant::parse("main").unwrap();
        for id in ["m-1", "a#b", "../etc", "50%", "%23", "E2E 0001", "ü#", "x#tx#m-1"] {
            let msg_id = MsgId::parse(id).unwrap();
            let key = transaction(&tenant, &msg_id);
            assert_eq!(key.matches('#').count(), 2, "{key}");
            assert_eq!(last_part(&key), id);
            let identity = AccountIdentity::stored(id.to_owned());
            assert_eq!(account(&tenant, &identity).matches('#').count(), 2);
            assert_eq!(pair_sort(&identity).matches('#').count(), 1);
            assert_eq!(hit_sort(now(), &msg_id).matches('#').count(), 2);
        }
        let of = |id| transaction(&tenant, &MsgId::parse(id).unwrap());
        assert_ne!(of("a#b"), of("a%23b"));
    }

    #[test]
    fn the_longest_ids_fit_into_a_sort_key() {
        let longest = "\u{1f3e0}".repeat(128);
        let msg_id = MsgId::parse(&longest).unwrap();
        assert!(hit_sort(now(), &msg_id).len() <= 1_024);
        let fits = |account: String| pair_sort(&AccountIdentity::stored(account)).len() <= 1_024;
        assert!(fits(format!("{} {longest}", "x".repeat(35))));
        assert!(fits("#".repeat(128)));
    }
}
