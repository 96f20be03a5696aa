//! AMLworld's laundering attempts (`HI-Small_Patterns.txt`): the rows of each attempt are between a
//! line that opens it and names its pattern, and one that closes it. They are transactions of the other
//! AMLworld file, without a header, grouped by attempt and not in chronological order. Each attempt is
//! a story, named by the file's stem and the attempt's number from 1.
//!
//! ```text
//! BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 16-degree Fan-Out
//! 2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1
//! END LAUNDERING ATTEMPT - FAN-OUT
//! ```

use std::borrow::Cow;
use std::path::Path;

use super::column_map::ColumnMap;
use super::header::Header;
use super::lines::Lines;
use super::number::Decimal;
use super::plan::Plan;
use super::text::Text;
use super::{DatasetError, Fault, Hints, Row, RowError, row};

const BEGIN: &str = "BEGIN LAUNDERING ATTEMPT";
const END: &str = "END LAUNDERING ATTEMPT";

/// The columns of the rows, which the file does not name.
const COLUMNS: [&str; 11] = [
    "Timestamp",
    "From Bank",
    "Account",
    "To Bank",
    "Account",
    "Amount Received",
    "Receiving Currency",
    "Amount Paid",
    "Payment Currency",
    "Payment Format",
    "Is Laundering",
];

pub(super) struct PatternsFile {
    lines: Lines,
    plan: Plan,
    rows: u64,
    /// The pattern of the attempt that the next row belongs to.
    pattern: Option<String>,
    /// The attempts opened so far.
    attempts: u64,
}

impl PatternsFile {
    /// `None` if the text is not such a file.
    pub(super) fn open(path: &Path, text: Text) -> Result<Option<Self>, DatasetError> {
        let mut lines = Lines::open(path, text)?;
        let pattern = match lines.next() {
            Some((_, Ok(line))) => opening(line),
            _ => None,
        };
        let Some(pattern) = pattern else { return Ok(None) };
        let hints = Hints { decimal: Some(Decimal::Point), ..Hints::default() };
        let header = Header::new(COLUMNS.iter());
        let plan = Plan::bind(path, &ColumnMap::amlworld(), &header, &hints)?;
        Ok(Some(Self { lines, plan, rows: 0, pattern: Some(pattern), attempts: 1 }))
    }

    pub(super) fn id_prefix(&self) -> Option<&str> {
        self.plan.id_prefix()
    }

    pub(super) fn next(&mut self) -> Option<Result<Row, RowError>> {
        loop {
            let (line, text) = self.lines.next()?;
            if let Ok(text) = &text {
                if let Some(pattern) = opening(text) {
                    self.pattern = Some(pattern);
                    self.attempts += 1;
                    continue;
                }
                if text.starts_with(END) {
                    self.pattern = None;
                    continue;
                }
            }
            self.rows += 1;
            let pattern = self.pattern.as_deref();
            let row = text.and_then(|text| read(text, pattern, &self.plan, self.rows, line));
            let story = format!("{}-{}", self.id_prefix().unwrap_or_default(), self.attempts);
            let row = row.map(|row| Row { story: Some(story), ..row });
            return Some(row.map_err(|reason| RowError { line, reason }));
        }
    }
}

/// The pattern of the attempt that a line opens: the words before the colon.
fn opening(line: &str) -> Option<String> {
    let rest = line.strip_prefix(BEGIN)?;
    let pattern = rest.split(':').next().unwrap_or_default();
    Some(pattern.trim_start_matches([' ', '-']).trim_end().to_owned())
}

fn read(
    text: &str,
    pattern: Option<&str>,
    plan: &Plan,
    number: u64,
    line: u64,
) -> Result<Row, Fault> {
    let pattern = pattern.ok_or(Fault::OutsideAttempt)?;
    let cells: Vec<&str> = text.split(',').collect();
    if cells.len() != COLUMNS.len() {
        let (found, expected) = (cells.len() as u64, COLUMNS.len() as u64);
        return Err(Fault::CellCount { found, expected });
    }
    let cell = |at: usize| -> Result<Option<Cow<'_, str>>, Fault> {
        Ok(cells.get(at).map(|cell| Cow::Borrowed(*cell)))
    };
    let row = row::read(plan, &cell, number, line)?;
    let typology = Some(pattern.to_owned()).filter(|pattern| !pattern.is_empty());
    // All rows of an attempt are laundering.
    Ok(Row { label: Some(true), typology, ..row })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_text, refusal};

    const TWO_ATTEMPTS: &str = "\
BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 16-degree Fan-Out
2022/09/02 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1
2022/09/01 04:33,021174,800737690,020,80020C5B0,8630.40,Euro,8630.40,Euro,ACH,1
END LAUNDERING ATTEMPT - FAN-OUT

BEGIN LAUNDERING ATTEMPT - SCATTER-GATHER\r
2022/09/01 09:14,021174,800737690,020,80006A5E0,35642.49,Yuan,35642.49,Yuan,ACH,1\r
END LAUNDERING ATTEMPT - SCATTER-GATHER\r
";

    #[test]
    fn rows_are_laundering_with_the_pattern_of_their_attempt() {
        let (rows, errors) = read_text("HI-Small_Patterns.txt", TWO_ATTEMPTS);
        assert_eq!(errors, []);
        let patterns: Vec<_> = rows
            .iter()
            .map(|row| (row.line, row.transaction.msg_id.as_str(), row.typology.as_deref()))
            .collect();
        assert_eq!(
            patterns,
            [
                (2, "HI-Small_Patterns-0000001", Some("FAN-OUT")),
                (3, "HI-Small_Patterns-0000002", Some("FAN-OUT")),
                (7, "HI-Small_Patterns-0000003", Some("SCATTER-GATHER")),
            ]
        );
        assert!(rows.iter().all(|row| row.label == Some(true)));
        let stories: Vec<_> = rows.iter().filter_map(|row| row.story.as_deref()).collect();
        let (first, second) = ("HI-Small_Patterns-1", "HI-Small_Patterns-2");
        assert_eq!(stories, [first, first, second]);
        let sent = &rows[2].transaction;
        assert_eq!(
            (sent.amount.to_string().as_str(), sent.amount.currency().code()),
            ("35642.49", "CNY")
        );
        assert_eq!(sent.timestamp.as_str(), "2022-09-01T09:14:00Z");
    }

    #[test]
    fn rows_outside_an_attempt_and_broken_ones_are_faulty() {
        let text = TWO_ATTEMPTS.replacen("END LAUNDERING ATTEMPT - FAN-OUT\n\n", "", 1);
        let stray = "2022/09/01 09:14,1,a,2,b,1,Euro,1,Euro,ACH,1\n";
        let text = format!("{text}{stray}BEGIN LAUNDERING ATTEMPT - CYCLE\n1,2,3\n{stray}");
        let (rows, errors) = read_text("t.txt", &text);
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "line 7: the row is outside any laundering attempt",
                "line 9: the row has 3 cells, the header 11",
            ]
        );
        assert_eq!(rows[2].typology.as_deref(), Some("SCATTER-GATHER"));
        assert_eq!(rows[3].typology.as_deref(), Some("CYCLE"));
        assert_eq!(rows[3].transaction.msg_id.as_str(), "t-0000006");
    }

    #[test]
    fn other_texts_are_read_as_tables() {
        for text in ["", "\n", "Dear reader,\nBEGIN LAUNDERING ATTEMPT - CYCLE\n"] {
            let refusal = refusal("t.txt", text.as_bytes());
            assert!(
                refusal.contains("has no column") || refusal.ends_with("is empty"),
                "{refusal}"
            );
        }
    }
}
