//! Registers and their sets as the API shows them: reference sets with the ages of their parts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use contract::bodies::registers::{
    ReferenceSet, ReferenceSetDetail, ReferenceSetList, RuleSetDetail, RuleSetList,
};
use edge::json;
use jiff::Timestamp;
use jiff::civil::Date;
use lambda_http::{Body, Response};
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::register::parts::{self, Part, PartAge};
use sentinel::register::{EMBEDDED, Head, Register, RegisteredSet, SetChange};

use super::Desk;

/// The deployment's own reference set; a test makes sure that it loads.
static EMBEDDED_REFERENCE: LazyLock<Option<Reference>> =
    LazyLock::new(|| Reference::embedded().ok());

/// Answers with a register: what is in force, its sets and its history.
pub(super) fn list(
    desk: &Desk<'_>,
    head: Head,
    sets: Vec<RegisteredSet>,
    changes: Vec<SetChange>,
) -> Response<Body> {
    match desk.register {
        Register::Rules => json(200, &RuleSetList { head, rule_sets: sets, changes }),
        Register::Reference => {
            let live = sets.iter().find(|set| set.version == head.live);
            let own = EMBEDDED_REFERENCE.as_ref().filter(|_| head.live == EMBEDDED);
            let dates = live.map(|set| set.dates.clone()).or(own.map(Reference::dates));
            let live_parts = ages(desk, &dates.unwrap_or_default());
            let reference_sets = sets.into_iter().map(|set| aged(desk, set)).collect();
            json(200, &ReferenceSetList { head, live_parts, reference_sets, changes })
        }
    }
}

/// Answers with a set and its document.
pub(super) fn detail(desk: &Desk<'_>, set: RegisteredSet, document: String) -> Response<Body> {
    match desk.register {
        Register::Rules => json(200, &RuleSetDetail { rule_set: set, document }),
        Register::Reference => {
            let reference_set = read(desk, set, &document);
            json(200, &ReferenceSetDetail { reference_set, document })
        }
    }
}

/// Answers with a set whose document is given.
pub(super) fn one(
    desk: &Desk<'_>,
    status: u16,
    set: RegisteredSet,
    document: &str,
) -> Response<Body> {
    match desk.register {
        Register::Rules => json(status, &set),
        Register::Reference => json(status, &read(desk, set, document)),
    }
}

/// Returns a reference set with the currencies that its document leaves out.
fn read(desk: &Desk<'_>, set: RegisteredSet, document: &str) -> ReferenceSet {
    let unrated_currencies = match (Reference::load(document), EMBEDDED_REFERENCE.as_ref()) {
        (Ok(loaded), Some(own)) => Some(loaded.unrated_beside(own).map(Into::into).collect()),
        _ => None,
    };
    ReferenceSet { unrated_currencies, ..aged(desk, set) }
}

fn aged(desk: &Desk<'_>, set: RegisteredSet) -> ReferenceSet {
    let parts = ages(desk, &set.dates);
    ReferenceSet { set, parts, unrated_currencies: None }
}

fn ages(desk: &Desk<'_>, dates: &BTreeMap<Part, Date>) -> Vec<PartAge> {
    parts::ages(dates, Timestamp::now(), desk.app.reference_max_age_days)
}
