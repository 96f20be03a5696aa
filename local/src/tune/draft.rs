//! The drafted document: the lines and the version are written anew, and every other byte stays, so
//! that a reviewer's diff shows what was tuned and nothing else.

use std::ops::Range;

use anyhow::Context as _;
use sentinel::members::Members;

use super::lines::Cuts;

/// What a version may have at most, see the rule set's loader.
const VERSION_CHARS: usize = 64;
const MARK: &str = "-tuned.";

/// A rule set's document with other lines and the next version.
pub(super) fn with_lines(document: &str, cuts: Cuts) -> anyhow::Result<String> {
    let (version, alert, review) = places(document).context("the rules are no rule set")?;
    let lines = cuts.lines();
    let told: String = serde_json::from_str(&document[version.clone()])?;
    let mut edits = [
        (version, serde_json::to_string(&next_version(&told))?),
        (alert, lines.alert.to_string()),
        (review, lines.review.to_string()),
    ];
    // From the last to the first, so that places stay what they are.
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut drafted = document.to_owned();
    for (place, text) in edits {
        drafted.replace_range(place, &text);
    }
    Ok(drafted)
}

/// Where the version and the two lines stand.
fn places(document: &str) -> Option<(Range<usize>, Range<usize>, Range<usize>)> {
    let place = |json: &str, name: &str| -> Option<Range<usize>> {
        let Members(members) = serde_json::from_str(json).ok()?;
        let raw = members.iter().find(|(known, _)| known == name)?.1.get();
        // Members borrow from the text, so this is a difference within one.
        let from = (raw.as_ptr() as usize).checked_sub(json.as_ptr() as usize)?;
        Some(from..from + raw.len())
    };
    let lines = place(document, "lines")?;
    let inner = |name: &str| {
        let place = place(&document[lines.clone()], name)?;
        Some(lines.start + place.start..lines.start + place.end)
    };
    Some((place(document, "version")?, inner("alert")?, inner("review")?))
}

/// `2026-11-25.1-tuned.1`, and after it `2026-11-25.1-tuned.2`.
fn next_version(version: &str) -> String {
    let counted = version.rsplit_once(MARK).and_then(|(base, number)| {
        let number: u32 = number.parse().ok()?;
        Some((base, number.checked_add(1)?))
    });
    let (base, number) = counted.unwrap_or((version, 1));
    let suffix = format!("{MARK}{number}");
    let base: String = base.chars().take(VERSION_CHARS - suffix.len()).collect();
    base + &suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_counted_on() {
        let long = "v".repeat(64);
        for (version, expect) in [
            ("2026-11-25.1", "2026-11-25.1-tuned.1".to_owned()),
            ("2026-11-25.1-tuned.1", "2026-11-25.1-tuned.2".to_owned()),
            ("a-tuned.b", "a-tuned.b-tuned.1".to_owned()),
            (&long, format!("{}-tuned.1", "v".repeat(56))),
        ] {
            assert_eq!(next_version(version), expect, "{version}");
        }
    }

    #[test]
    fn all_else_stays_byte_for_byte() {
        let document = "{ \"lines\" :{\"review\":6e-2,  \"alert\": 0.10 },\n\t\"rules\": [ ],\
                        \"description\": \"\\u0061lert\", \"version\":\"x\" }\n";
        let cuts = Cuts { alert: 250_000, review: 12 };
        let expect = document
            .replace("6e-2", "0.000012")
            .replace("0.10", "0.25")
            .replace("\"x\"", "\"x-tuned.1\"");
        assert_eq!(with_lines(document, cuts).unwrap(), expect);
    }
}
