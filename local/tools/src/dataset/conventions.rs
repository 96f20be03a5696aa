//! Settles how a file writes amounts and dates from what its own cells show: `1,234.56` settles every
//! `1,234` in the file, `25/12/2022` every `07/10/2022`. A file that leaves it open is refused with the
//! option to give; nothing is guessed.

use std::collections::BTreeSet;
use std::path::Path;

use super::calendar::{self, DateOrder};
use super::column_map::Field;
use super::number::{self, Decimal};
use super::plan::Plan;
use super::table::Table;
use super::{DatasetError, unreadable};

/// Rows that are always examined. If they leave something open, later rows are examined too, up to the
/// one that settles it.
const ROWS: u64 = 1_000;
/// At most one cell in this many may contradict the others; beyond that, the file mixes conventions.
const ONE_IN: u64 = 20;

/// Adds to a plan what the table shows, without changing what the plan already has.
pub(super) fn detect(path: &Path, mut table: Table, plan: &mut Plan) -> Result<(), DatasetError> {
    let amounts: Vec<(usize, &str)> = match plan.decimal {
        Some(_) => Vec::new(),
        None => [Field::Amount, Field::Debit, Field::Credit]
            .into_iter()
            .filter_map(|field| plan.text_column(field))
            .collect(),
    };
    let date = if plan.calendar.order.is_none() { plan.text_column(Field::Date) } else { None };
    let mut clues = Clues::default();
    let mut rows = 0;
    while let Some((_, whole)) = table.next() {
        if rows >= ROWS && !clues.is_open() {
            break;
        }
        rows += 1;
        if whole.is_err() {
            continue;
        }
        let cell = |at: usize| table.cell(at).ok().flatten();
        amounts.iter().filter_map(|(at, _)| cell(*at)).for_each(|cell| clues.note_amount(&cell));
        date.and_then(|(at, _)| cell(at)).iter().for_each(|cell| clues.note_date(cell));
    }
    let name = |column: Option<&(usize, &str)>| column.map_or("", |(_, name)| *name).to_owned();
    let decimal = clues.decimal().map_err(|ambiguity| {
        unreadable(path, decimals_error(&name(amounts.first()), &ambiguity))
    })?;
    let order = clues
        .order()
        .map_err(|ambiguity| unreadable(path, dates_error(&name(date.as_ref()), &ambiguity)))?;
    plan.decimal = plan.decimal.or(decimal);
    plan.calendar.order = plan.calendar.order.or(order);
    Ok(())
}

fn decimals_error(column: &str, ambiguity: &Ambiguity) -> String {
    match ambiguity {
        Ambiguity::Undetermined => format!(
            "the cells of {column} do not show whether its decimal separator is a point or a comma: \
             give --decimal point or --decimal comma"
        ),
        Ambiguity::Contradictory | Ambiguity::YearPosition => format!(
            "{column} uses both points and commas as decimal separators: give --decimal point or \
             --decimal comma, and the others are left out"
        ),
    }
}

fn dates_error(column: &str, ambiguity: &Ambiguity) -> String {
    match ambiguity {
        Ambiguity::Undetermined => format!(
            "the cells of {column} do not show whether the day or the month comes first: give \
             --dates dmy or --dates mdy"
        ),
        Ambiguity::Contradictory => format!(
            "{column} has both days first and months first: give --dates dmy or --dates mdy, and \
             impossible dates are left out"
        ),
        Ambiguity::YearPosition => format!(
            "the cells of {column} do not show whether the year comes first or last: give --dates \
             dmy, --dates mdy or --dates ymd"
        ),
    }
}

/// What the cells of a file have shown so far.
#[derive(Debug, Default)]
struct Clues {
    decimals: Tally,
    orders: Tally,
    short: ShortYears,
}

impl Clues {
    fn note_amount(&mut self, cell: &str) {
        match number::clue(cell) {
            number::Clue::Nothing => {}
            number::Clue::Shows(Decimal::Point) => self.decimals.first += 1,
            number::Clue::Shows(Decimal::Comma) => self.decimals.second += 1,
            number::Clue::Ambiguous => self.decimals.ambiguous += 1,
        }
    }

    fn note_date(&mut self, cell: &str) {
        self.short.note(cell);
        match calendar::clue(cell) {
            calendar::Clue::Nothing | calendar::Clue::Shows(DateOrder::Ymd) => {}
            calendar::Clue::Shows(DateOrder::Dmy) => self.orders.first += 1,
            calendar::Clue::Shows(DateOrder::Mdy) => self.orders.second += 1,
            calendar::Clue::Dotted => self.orders.leaning += 1,
            calendar::Clue::Ambiguous => self.orders.ambiguous += 1,
        }
    }

    /// Whether there are ambiguous cells that nothing has settled yet.
    fn is_open(&self) -> bool {
        self.decimals.is_open() || self.orders.is_open()
    }

    fn decimal(&self) -> Result<Option<Decimal>, Ambiguity> {
        let first = self.decimals.first_convention()?;
        Ok(first.map(|first| if first { Decimal::Point } else { Decimal::Comma }))
    }

    fn order(&self) -> Result<Option<DateOrder>, Ambiguity> {
        let first = self.orders.first_convention().and_then(|first| self.short.allow(first))?;
        Ok(first.map(|first| if first { DateOrder::Dmy } else { DateOrder::Mdy }))
    }
}

/// How many cells show which of two conventions.
#[derive(Debug, Default)]
struct Tally {
    first: u64,
    second: u64,
    /// Suggest the first, unless another cell shows the second.
    leaning: u64,
    ambiguous: u64,
}

/// Why the cells do not decide on a convention.
#[derive(Debug, PartialEq, Eq)]
enum Ambiguity {
    Undetermined,
    Contradictory,
    YearPosition,
}

/// The distinct numbers at each position of dates with two-digit years. `22-10-07` is in 2007 or in
/// 2022, but a file has more distinct days than years.
#[derive(Debug, Default)]
struct ShortYears([BTreeSet<u16>; 3]);

impl ShortYears {
    fn note(&mut self, cell: &str) {
        for (place, part) in self.0.iter_mut().zip(calendar::short(cell).into_iter().flatten()) {
            place.insert(part);
        }
    }

    /// The order, if its days cannot be years.
    fn allow(&self, day_first: Option<bool>) -> Result<Option<bool>, Ambiguity> {
        let [first, second, last] = &self.0;
        let days = if day_first == Some(false) { second } else { first };
        if last.is_empty() || days.len() > last.len() {
            Ok(day_first)
        } else {
            Err(Ambiguity::YearPosition)
        }
    }
}

impl Tally {
    fn is_open(&self) -> bool {
        self.first + self.second == 0 && self.ambiguous > 0 && self.leaning == 0
    }

    /// Whether it is the first convention; `None` if no cell depends on it.
    fn first_convention(&self) -> Result<Option<bool>, Ambiguity> {
        let (most, least) = (self.first.max(self.second), self.first.min(self.second));
        if least * ONE_IN > most {
            return Err(Ambiguity::Contradictory);
        }
        match (self.first, self.second) {
            (0, 0) if self.leaning > 0 => Ok(Some(true)),
            (0, 0) if self.ambiguous > 0 => Err(Ambiguity::Undetermined),
            (0, 0) => Ok(None),
            (first, second) => Ok(Some(first > second)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_cells_settle_the_ambiguous_ones() {
        let check = |first, second, leaning, ambiguous, expect| {
            assert_eq!(Tally { first, second, leaning, ambiguous }.first_convention(), expect);
        };
        check(0, 0, 0, 0, Ok(None));
        check(0, 0, 0, 7, Err(Ambiguity::Undetermined));
        check(1, 0, 0, 7, Ok(Some(true)));
        check(0, 1, 0, 7, Ok(Some(false)));
        check(0, 1, 7, 0, Ok(Some(false)));
        check(0, 0, 7, 0, Ok(Some(true)));
        check(40, 2, 0, 0, Ok(Some(true)));
        check(40, 3, 0, 0, Err(Ambiguity::Contradictory));
    }

    #[test]
    fn two_digit_years_must_be_distinguishable_from_days() {
        let check = |cells: &[&str], day_first, expect| {
            let mut short = ShortYears::default();
            cells.iter().for_each(|cell| short.note(cell));
            assert_eq!(short.allow(day_first), expect, "{cells:?}");
        };
        check(&["22-10-07"], Some(true), Err(Ambiguity::YearPosition));
        check(&["22-10-07", "22-10-08"], Some(true), Err(Ambiguity::YearPosition));
        check(&["25-10-22", "26-10-22"], Some(true), Ok(Some(true)));
        check(&["10/25/22", "10/26/22"], Some(false), Ok(Some(false)));
        check(&["25-10-2022"], Some(true), Ok(Some(true)));
    }
}
