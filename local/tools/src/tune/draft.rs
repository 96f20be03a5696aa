//! The drafted document: only the version, the lines and the peer figures are replaced, and every other
//! byte stays, so that a reviewer's diff shows only what was tuned.

use std::ops::Range;

use anyhow::Context as _;
use sentinel::register::members::Members;
use sentinel::state::peers::Peers;

use super::lines::Cuts;

/// The longest version that the rule set's loader accepts.
const VERSION_CHARS: usize = 64;
const MARK: &str = "-tuned.";

/// A rule set's document with the next version, and with new lines and peer figures if given.
pub(super) fn draft(
    document: &str,
    peers: Option<&Peers>,
    cuts: Option<Cuts>,
) -> anyhow::Result<String> {
    let no_set = "the document is not a rule set";
    let version = place(document, "version").context(no_set)?;
    let lines = place(document, "lines").context(no_set)?;
    let told: String = serde_json::from_str(&document[version.clone()])?;
    let mut edits = vec![(version, serde_json::to_string(&next_version(&told))?)];
    if let Some(cuts) = cuts {
        let new = cuts.lines();
        for (name, line) in [("alert", new.alert), ("review", new.review)] {
            let inner = place(&document[lines.clone()], name).context(no_set)?;
            let inner = lines.start + inner.start..lines.start + inner.end;
            edits.push((inner, line.to_string()));
        }
    }
    if let Some(peers) = peers {
        let figures = serde_json::to_string_pretty(peers)?.replace('\n', "\n  ");
        edits.push(match place(document, "peers") {
            Some(old) => (old, figures),
            None => (lines.end..lines.end, format!(",\n  \"peers\": {figures}")),
        });
    }
    // From the last to the first, so that earlier positions stay valid.
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut drafted = document.to_owned();
    for (place, text) in edits {
        drafted.replace_range(place, &text);
    }
    Ok(drafted)
}

/// The range of a member's value in an object.
fn place(json: &str, name: &str) -> Option<Range<usize>> {
    let Members(members) = serde_json::from_str(json).ok()?;
    let raw = members.iter().find(|(known, _)| known == name)?.1.get();
    // Members borrow from the text, so both pointers are into the same text.
    let from = (raw.as_ptr() as usize).checked_sub(json.as_ptr() as usize)?;
    Some(from..from + raw.len())
}

/// The next version: `2026-11-25.1-tuned.1`, after that `2026-11-25.1-tuned.2`.
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
    fn versions_are_incremented() {
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
    fn everything_else_stays_byte_for_byte() {
        let document = "{ \"lines\" :{\"review\":6e-2,  \"alert\": 0.10 },\n\t\"rules\": [ ],\
                        \"description\": \"\\u0061lert\", \"version\":\"x\" }\n";
        let cuts = Cuts { alert: 250_000, review: 12 };
        let expect = document
            .replace("6e-2", "0.000012")
            .replace("0.10", "0.25")
            .replace("\"x\"", "\"x-tuned.1\"");
        assert_eq!(draft(document, None, Some(cuts)).unwrap(), expect);
    }

    #[test]
    fn peer_figures_are_inserted_after_the_lines_or_replaced() {
        let document = "{\n  \"version\": \"x\",\n  \"lines\": {},\n  \"rules\": []\n}";
        let day = jiff::civil::date(2026, 8, 1);
        let peers = Peers { from: day, until: day, segments: std::collections::BTreeMap::new() };
        let once = draft(document, Some(&peers), None).unwrap();
        let expect = "{\n  \"version\": \"x-tuned.1\",\n  \"lines\": {},\n  \"peers\": {\n    \
                      \"from\": \"2026-08-01\",\n    \"until\": \"2026-08-01\",\n    \"segments\": \
                      {}\n  },\n  \"rules\": []\n}";
        assert_eq!(once, expect);
        let again = draft(&once, Some(&peers), None).unwrap();
        assert_eq!(again, once.replace("tuned.1", "tuned.2"));
    }
}
