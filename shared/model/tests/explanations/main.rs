//! What an analyst reads about a decision, for cases that span the pack, the currencies and the
//! kinds of payment. Each case in `cases/` is a history and the payment judged after it, and next
//! to it is the text, which a person has read. The numbers in every sentence are recounted from the
//! history (`recount`).
//!
//! After a change of wording, run with `INSTA_UPDATE=always` and read the difference.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod case;
mod past;
mod recount;
mod told;

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use case::{Bench, Case};

/// Reports all faults at once.
#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn explanations_read_as_a_person_has_read_them() {
    let bench = Bench::new();
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("cases");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let changed = Case::all().into_iter().filter(|case| {
        let text = case.judged(&bench).text();
        let compare = || settings.bind(|| insta::assert_snapshot!(case.name.as_str(), text));
        catch_unwind(std::panic::AssertUnwindSafe(compare)).is_err()
    });
    none(changed.map(|case| format!("{} reads otherwise, see above", case.name)).collect());
}

#[test]
fn every_text_has_its_case() {
    let names: BTreeSet<String> = Case::all().into_iter().map(|case| case.name).collect();
    none(case::files("snap").map(case::name).filter(|name| !names.contains(name)).collect());
}

#[test]
fn every_number_is_that_of_the_window_it_names() {
    let bench = Bench::new();
    let (mut faults, mut checked) = (Vec::new(), 0);
    for case in Case::all() {
        let judged = case.judged(&bench);
        let count =
            told::check(&bench, &judged, |fault| faults.push(format!("{}: {fault}", case.name)));
        checked += count;
    }
    none(faults);
    assert!(checked > 500, "only {checked} numbers were counted again");
}

#[test]
fn every_typology_of_the_pack_is_explained() {
    let bench = Bench::new();
    let cases = Case::all();
    assert!(cases.len() >= 55, "{} cases", cases.len());
    let told: BTreeSet<String> =
        cases.iter().flat_map(|case| case.judged(&bench).decision.typologies).collect();
    let pack = bench.policy.rules.rules().iter().map(|rule| rule.typology.clone());
    none(pack.filter(|typology| typology != "none" && !told.contains(typology)).collect());
}
