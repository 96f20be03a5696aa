//! Reference sets load or list everything that is wrong with them, and know their age.

use super::*;
use crate::register::VersionedSet as _;
use crate::register::parts::ages;

/// A small set, laid out over several lines so that positions can be checked.
const SET: &str = r#"{
  "version": "1", "description": "A test's.",
  "rates": {
    "date": "2026-09-29", "base": "USD", "source": "a test",
    "rates": { "USD": 1, "EUR": 1.1, "KWD": 3.2 }
  },
  "high_risk_countries": { "source": "a test", "date": "2026-06-19", "countries": ["IR", "KP"] },
  "monitored_countries": { "source": "a test", "date": "2026-06-19", "countries": [] },
  "offshore_countries": { "source": "a test", "date": "2026-02-17", "countries": ["PA"] },
  "reporting_threshold": {
    "date": "2026-11-25", "band_from": 0.9, "base": { "amount": 10000, "source": "a test" },
    "by_currency": { "EUR": { "amount": 9000, "source": "a test" } }
  }
}"#;

/// Replaces a part of the set and returns the faults; none if it loads.
fn faults(from: &str, to: &str) -> Vec<String> {
    assert!(SET.contains(from), "{from}");
    let read = Reference::load(&SET.replacen(from, to, 1));
    let problems = read.err().map(|error| error.problems).unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    let found = faults(from, to);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn what_is_sound_loads_and_is_versioned_by_its_text() {
    let set = Reference::load(SET).unwrap();
    assert_eq!((set.description(), set.entries()), ("A test's.", 8));
    let (version, hash) = set.version().split_once('@').unwrap();
    assert_eq!((version, hash.len()), ("1", 16));
    let other = Reference::load(&SET.replace("1.1", "1.2")).unwrap();
    assert_ne!(set.version(), other.version());
    check("\"description\": \"A test's.\",", "", &[]);
    check("\"base\": \"USD\"", "\"base\" : \"USD\"", &[]);
}

#[test]
fn a_rate_is_dollars_for_one_unit_of_a_currency_of_the_standard() {
    check("1.1", "0", &["line 5, column 33: the rate of EUR must be a finite number above 0"]);
    check("1.1", "-1", &["line 5, column 33: the rate of EUR must be a finite"]);
    check("1.1", "1e999", &["line 5, column 33: the rate of EUR must be a finite"]);
    check("1.1", "\"1.1\"", &["line 5, column 33: the rate of EUR must be a finite"]);
    check("1.1", "110.3", &["line 5, column 33: no unit of EUR is worth that: a rate is in USD"]);
    check("1.1", "1e-30", &["no unit of EUR is worth that"]);
    check("\"USD\": 1,", "\"USD\": 1.01,", &["line 5, column 23: the rate of USD is 1"]);
    check("\"USD\": 1,", "", &["line 5, column 14: USD is missing: it is the base"]);
    check("\"EUR\": 1.1", "\"EUU\": 1.1", &["line 5, column 26: a currency must be an ISO 4217"]);
    check("\"KWD\": 3.2", "\"BTC\": 3.2", &["line 5, column 38: a currency is a crypto-asset"]);
    check("\"KWD\": 3.2", "\"EUR\": 1.2", &["line 5, column 38: EUR is given twice"]);
    check(
        "\"base\": \"USD\"",
        "\"base\": \"EUR\"",
        &["line 4, column 35: base must be USD: profiles hold sums in it"],
    );
}

#[test]
fn a_list_holds_countries_once_each() {
    check("\"KP\"", "\"UK\"", &["line 7, column 90: a country is no code of ISO 3166-1; use GB"]);
    check("\"KP\"", "\"ZZ\"", &["line 7, column 90: a country must be an ISO 3166-1"]);
    check("\"KP\"", "7", &["line 7, column 90: a country must be an ISO 3166-1"]);
    check("\"KP\"", "\"IR\"", &["line 7, column 90: IR is listed twice"]);
    check("[\"IR\", \"KP\"]", "\"IR\"", &["line 7, column 83: countries must be a list"]);
}

#[test]
fn thresholds_are_above_nothing_and_their_band_below_them() {
    check("9000", "0", &["line 12, column 41: a threshold must be above 0"]);
    check("10000", "-1", &["a threshold must be above 0"]);
    check("9000", "\"9000\"", &["amount must be a finite number"]);
    check("\"EUR\": { \"am", "\"XXX\": { \"am", &["line 12, column 22: a currency is a code of"]);
    for share in ["0", "1", "1.1", "-0.1"] {
        check("0.9", share, &["line 11, column 40: band_from must be a share"]);
    }
    let source = "{ \"amount\": 9000, \"source\": \" \" }";
    check("{ \"amount\": 9000, \"source\": \"a test\" }", source, &["source must not be empty"]);
    check(
        "{ \"amount\": 9000, \"source\": \"a test\" }",
        "9000",
        &["line 12, column 29: a threshold must be an object"],
    );
}

#[test]
fn every_part_has_a_source_and_a_day_of_the_calendar() {
    check("\"source\": \"a test\",\n", "\"source\": \"\",\n", &["line 4, column 52: source must"]);
    for day in ["2026-02-30", "19 June 2026", "2026-6-9", "2026-06-19T00:00:00", ""] {
        let found = faults("2026-02-17", day);
        assert!(found.len() == 1 && found[0].starts_with("line 9, column 55: date"), "{found:?}");
    }
    check("\"date\": \"2026-09-29\", ", "", &["line 3, column 12: date is missing"]);
}

#[test]
fn everything_that_is_missing_unknown_or_given_twice_is_listed_at_once() {
    let json = "{\n\"version\": \"a b\", \"rates\": { \"rates\": {} }, \"ratse\": 1,\n\
                \"version\": \"2\", \"offshore_countries\": [] }";
    let error = Reference::load(json).err().unwrap();
    let found: Vec<_> = error.problems.iter().map(ToString::to_string).collect();
    let expected = [
        "line 1, column 1: high_risk_countries is missing",
        "line 1, column 1: monitored_countries is missing",
        "line 1, column 1: reporting_threshold is missing",
        "line 2, column 12: a version is 1 to 64 of",
        "line 2, column 28: date is missing",
        "line 2, column 28: source is missing",
        "line 2, column 28: base is missing",
        "line 2, column 39: USD is missing",
        "line 2, column 45: a reference set has no member ratse; did you mean rates?",
        "line 3, column 1: version is given twice",
        "line 3, column 39: offshore_countries must be an object",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
    let of = |json: &str| Reference::load(json).err().unwrap().to_string();
    assert!(of("[]").contains("a reference set is a JSON object"));
    assert!(of("{\"version\": 1,,}").contains("this is not JSON"));
}

/// Only drafting checks dates; a set that is already registered loads on any day.
#[test]
fn a_draft_knows_nothing_of_days_to_come() {
    let on = |day: Date| Reference::draft(SET, day).err().map(|error| error.to_string());
    assert_eq!(on(jiff::civil::date(2026, 11, 25)), None);
    assert_eq!(on(jiff::civil::date(2026, 11, 24)), None);
    let early = on(jiff::civil::date(2026, 11, 23)).unwrap();
    assert!(early.starts_with("line 11, column 13: date lies in the future"), "{early}");
}

#[test]
fn currencies_without_a_rate_are_told_beside_another_set() {
    let (small, whole) = (Reference::load(SET).unwrap(), Reference::embedded().unwrap());
    let missing: Vec<&str> = small.unrated_beside(&whole).collect();
    assert!(missing.contains(&"GBP") && !missing.contains(&"KWD"), "{missing:?}");
    assert_eq!(missing.len() + 3, whole.rates.currencies().count());
    assert_eq!(whole.unrated_beside(&whole).count(), 0);
}

#[test]
fn every_part_knows_its_age() {
    let dates = Reference::load(SET).unwrap().dates();
    let ages = |now: &str, most: i32| -> Vec<(&'static str, i32, bool)> {
        let ages = ages(&dates, now.parse().unwrap(), most);
        ages.iter().map(|age| (age.part.code(), age.age_days, age.too_old)).collect()
    };
    let expected = [
        ("rates", 57, false),
        ("high_risk_countries", 159, false),
        ("monitored_countries", 159, false),
        ("offshore_countries", 281, true),
        ("reporting_threshold", 0, false),
    ];
    assert_eq!(ages("2026-11-25T23:00:00Z", 280), expected);
    assert!(ages("2026-11-25T23:00:00Z", 281).iter().all(|(.., too_old)| !too_old));
    for part in Part::ALL {
        assert_eq!(Part::parse(part.code()), Some(part));
    }
}
