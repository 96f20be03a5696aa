//! Registers and their sets as the API shows them; reference sets with the ages of their parts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::register::parts::{self, Part};
use sentinel::register::{EMBEDDED, Head, Register, RegisteredSet, SetChange};
use serde_json::{Value, json as value};

use super::Desk;

/// The deployment's own reference set, which a test holds to load.
static EMBEDDED_REFERENCE: LazyLock<Option<Reference>> =
    LazyLock::new(|| Reference::embedded().ok());

/// A register: what is in force, its sets, its history.
pub(super) fn list(
    desk: &Desk<'_>,
    head: &Head,
    sets: &[RegisteredSet],
    changes: &[SetChange],
) -> Value {
    let shown: Vec<Value> = sets.iter().map(|registered| set(desk, registered)).collect();
    let mut list = value!({ "head": head, "changes": changes });
    match desk.register {
        Register::Rules => list["rule_sets"] = shown.into(),
        Register::Reference => {
            list["reference_sets"] = shown.into();
            let live = sets.iter().find(|set| set.version == head.live);
            let own = EMBEDDED_REFERENCE.as_ref().filter(|_| head.live == EMBEDDED);
            let dates = live.map(|set| set.dates.clone()).or(own.map(Reference::dates));
            list["live_parts"] = ages(desk, &dates.unwrap_or_default());
        }
    }
    list
}

/// One set with its document.
pub(super) fn detail(desk: &Desk<'_>, registered: &RegisteredSet, document: Option<&str>) -> Value {
    let shown = read(desk, registered, document.unwrap_or_default());
    match desk.register {
        Register::Rules => value!({ "rule_set": shown, "document": document }),
        Register::Reference => value!({ "reference_set": shown, "document": document }),
    }
}

/// One set whose document has been read: it tells what it leaves out.
pub(super) fn read(desk: &Desk<'_>, registered: &RegisteredSet, document: &str) -> Value {
    let mut shown = set(desk, registered);
    if desk.register == Register::Reference
        && let (Ok(loaded), Some(own)) = (Reference::load(document), EMBEDDED_REFERENCE.as_ref())
    {
        shown["unrated_currencies"] = loaded.unrated_beside(own).collect();
    }
    shown
}

/// One set.
fn set(desk: &Desk<'_>, set: &RegisteredSet) -> Value {
    let mut shown = value!(set);
    if desk.register == Register::Reference {
        shown["parts"] = ages(desk, &set.dates);
    }
    shown
}

fn ages(desk: &Desk<'_>, dates: &BTreeMap<Part, Date>) -> Value {
    value!(parts::ages(dates, Timestamp::now(), desk.app.reference_max_age_days))
}
