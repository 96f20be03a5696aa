//! Settles how a file writes amounts and dates, from what its own cells show: `1,234.56` settles
//! every `1,234` of the file, `25/12/2022` every `07/10/2022`. What cannot be settled is refused with
//! the option that says it; nothing is guessed.

use std::collections::BTreeSet;
use std::path::Path;

use super::column_map::Field;
use super::number::{self, Decimal};
use super::plan::Plan;
use super::table::Table;
use super::when::{self, DateOrder};
use super::{DatasetError, unreadable};

/// Rows that are looked at in any case. Where they leave something open, the rows after them are
/// looked at, too, up to the one that settles it.
const ROWS: u64 = 1_000;
/// Cells that contradict the others at most: beyond, the file is written both ways.
const ONE_IN: u64 = 20;

/// Adds to a plan what the table shows. What the plan knows already stays.
pub(super) fn settle(path: &Path, mut table: Table, plan: &mut Plan) -> Result<(), DatasetError> {
    let amounts: Vec<(usize, &str)> = match plan.decimal {
        Some(_) => Vec::new(),
        None => [Field::Amount, Field::Debit, Field::Credit]
            .into_iter()
            .filter_map(|field| plan.written(field))
            .collect(),
    };
    let date = if plan.calendar.order.is_none() { plan.written(Field::Date) } else { None };
    let mut shown = Shown::default();
    let mut rows = 0;
    while let Some((_, whole)) = table.next() {
        if rows >= ROWS && !shown.is_open() {
            break;
        }
        rows += 1;
        if whole.is_err() {
            continue;
        }
        let cell = |at: usize| table.cell(at).ok().flatten();
        amounts.iter().filter_map(|(at, _)| cell(*at)).for_each(|cell| shown.note_amount(&cell));
        date.and_then(|(at, _)| cell(at)).iter().for_each(|cell| shown.note_date(cell));
    }
    let name = |column: Option<&(usize, &str)>| column.map_or("", |(_, name)| *name).to_owned();
    let decimal = shown
        .decimal()
        .map_err(|open| unreadable(path, decimals_open(&name(amounts.first()), &open)))?;
    let order =
        shown.order().map_err(|open| unreadable(path, dates_open(&name(date.as_ref()), &open)))?;
    plan.decimal = plan.decimal.or(decimal);
    plan.calendar.order = plan.calendar.order.or(order);
    Ok(())
}

fn decimals_open(column: &str, open: &Open) -> String {
    match open {
        Open::Unsaid => format!(
            "whether a point or a comma parts the decimals of {column} cannot be told from its \
             cells: say --decimal point or --decimal comma"
        ),
        Open::Both | Open::Year => format!(
            "{column} has decimals behind points and behind commas: say --decimal point or \
             --decimal comma, and the others are left out"
        ),
    }
}

fn dates_open(column: &str, open: &Open) -> String {
    match open {
        Open::Unsaid => format!(
            "whether the day or the month comes first in {column} cannot be told from its cells: \
             say --dates dmy or --dates mdy"
        ),
        Open::Both => format!(
            "{column} has days first and months first: say --dates dmy or --dates mdy, and the \
             impossible ones are left out"
        ),
        Open::Year => format!(
            "whether the year comes first or last in {column} cannot be told from its cells: say \
             --dates dmy, --dates mdy or --dates ymd"
        ),
    }
}

/// What the cells of a file have shown so far.
#[derive(Debug, Default)]
struct Shown {
    decimals: Tally,
    orders: Tally,
    short: ShortYears,
}

impl Shown {
    fn note_amount(&mut self, cell: &str) {
        match number::mark(cell) {
            number::Mark::Nothing => {}
            number::Mark::Shows(Decimal::Point) => self.decimals.first += 1,
            number::Mark::Shows(Decimal::Comma) => self.decimals.second += 1,
            number::Mark::Either => self.decimals.either += 1,
        }
    }

    fn note_date(&mut self, cell: &str) {
        self.short.note(cell);
        match when::mark(cell) {
            when::Mark::Nothing | when::Mark::Shows(DateOrder::Ymd) => {}
            when::Mark::Shows(DateOrder::Dmy) => self.orders.first += 1,
            when::Mark::Shows(DateOrder::Mdy) => self.orders.second += 1,
            when::Mark::Dotted => self.orders.leaning += 1,
            when::Mark::Either => self.orders.either += 1,
        }
    }

    /// Whether cells wait for one that settles what they are.
    fn is_open(&self) -> bool {
        self.decimals.is_open() || self.orders.is_open()
    }

    fn decimal(&self) -> Result<Option<Decimal>, Open> {
        let first = self.decimals.settled()?;
        Ok(first.map(|first| if first { Decimal::Point } else { Decimal::Comma }))
    }

    fn order(&self) -> Result<Option<DateOrder>, Open> {
        let first = self.orders.settled().and_then(|first| self.short.allow(first))?;
        Ok(first.map(|first| if first { DateOrder::Dmy } else { DateOrder::Mdy }))
    }
}

/// What cells show of two conventions.
#[derive(Debug, Default)]
struct Tally {
    first: u64,
    second: u64,
    /// The first, unless another cell shows the second.
    leaning: u64,
    either: u64,
}

/// Why nothing is settled.
#[derive(Debug, PartialEq, Eq)]
enum Open {
    Unsaid,
    Both,
    Year,
}

/// The numbers at each place of dates that write their year with two digits. `22-10-07` is of 2007
/// or of 2022: the days of a file are more than its years.
#[derive(Debug, Default)]
struct ShortYears([BTreeSet<u16>; 3]);

impl ShortYears {
    fn note(&mut self, cell: &str) {
        for (place, part) in self.0.iter_mut().zip(when::short(cell).into_iter().flatten()) {
            place.insert(part);
        }
    }

    /// The order, where the days of it are seen to be no years.
    fn allow(&self, day_first: Option<bool>) -> Result<Option<bool>, Open> {
        let [first, second, last] = &self.0;
        let days = if day_first == Some(false) { second } else { first };
        if last.is_empty() || days.len() > last.len() { Ok(day_first) } else { Err(Open::Year) }
    }
}

impl Tally {
    fn is_open(&self) -> bool {
        self.first + self.second == 0 && self.either > 0 && self.leaning == 0
    }

    /// Whether it is the first; None where no cell needs to know.
    fn settled(&self) -> Result<Option<bool>, Open> {
        let (most, least) = (self.first.max(self.second), self.first.min(self.second));
        if least * ONE_IN > most {
            return Err(Open::Both);
        }
        match (self.first, self.second) {
            (0, 0) if self.leaning > 0 => Ok(Some(true)),
            (0, 0) if self.either > 0 => Err(Open::Unsaid),
            (0, 0) => Ok(None),
            (first, second) => Ok(Some(first > second)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cells_show_settles_the_others_or_nothing_does() {
        let check = |first, second, leaning, either, expect| {
            assert_eq!(Tally { first, second, leaning, either }.settled(), expect);
        };
        check(0, 0, 0, 0, Ok(None));
        check(0, 0, 0, 7, Err(Open::Unsaid));
        check(1, 0, 0, 7, Ok(Some(true)));
        check(0, 1, 0, 7, Ok(Some(false)));
        check(0, 1, 7, 0, Ok(Some(false)));
        check(0, 0, 7, 0, Ok(Some(true)));
        check(40, 2, 0, 0, Ok(Some(true)));
        check(40, 3, 0, 0, Err(Open::Both));
    }

    #[test]
    fn a_year_of_two_digits_is_told_from_a_day_or_nothing_is() {
        let check = |cells: &[&str], day_first, expect| {
            let mut short = ShortYears::default();
            cells.iter().for_each(|cell| short.note(cell));
            assert_eq!(short.allow(day_first), expect, "{cells:?}");
        };
        check(&["22-10-07"], Some(true), Err(Open::Year));
        check(&["22-10-07", "22-10-08"], Some(true), Err(Open::Year));
        check(&["25-10-22", "26-10-22"], Some(true), Ok(Some(true)));
        check(&["10/25/22", "10/26/22"], Some(false), Ok(Some(false)));
        check(&["25-10-2022"], Some(true), Ok(Some(true)));
    }
}
