//! Tables of how dates and times are read.

use super::DateOrder::{Dmy, Mdy, Ymd};
use super::*;

fn calendar(order: Option<DateOrder>) -> Calendar {
    Calendar { order, zone: TimeZone::UTC }
}

#[track_caller]
fn check(order: Option<DateOrder>, date: &str, time: Option<&str>, expect: &str) {
    let read = calendar(order).read(date, time);
    let read = read.map_or_else(|err| err.to_string(), |time| time.as_str().to_owned());
    assert_eq!(read, expect, "{date} {time:?}");
}

#[test]
fn dates_are_read_in_the_given_order() {
    for (order, date) in [
        (None, "2022-10-07"),
        (None, "2022/10/07"),
        (None, "2022.10.7"),
        (None, "20221007"),
        (None, "44841"),
        (None, "7 Oct 2022"),
        (None, "07-Oct-22"),
        (None, "7. Oktober 2022"),
        (None, "Oct 7, 2022"),
        (None, "7 octobre 2022"),
        (None, "07.10.2022"),
        (Some(Dmy), "07/10/2022"),
        (Some(Dmy), "7-10-22"),
        (Some(Mdy), "10/07/2022"),
        (Some(Mdy), "10/7/22"),
        (Some(Ymd), "22-10-07"),
        (Some(Dmy), "2022-10-07"),
    ] {
        check(order, date, None, "2022-10-07T00:00:00Z");
    }
    check(None, "25/12/2022", None, "2022-12-25T00:00:00Z");
    check(None, "12/25/2022", None, "2022-12-25T00:00:00Z");
}

#[test]
fn the_time_of_day_is_in_the_dates_cell_or_a_separate_one() {
    for (date, time) in [
        ("2022-10-07", Some("10:35:19")),
        ("2022-10-07 10:35:19", None),
        ("2022-10-07T10:35:19", None),
        ("2022-10-07T10:35:19Z", None),
        ("2022-10-07T12:35:19+02:00", None),
        ("07/10/2022, 10:35:19", None),
        ("7 Oct 2022 10:35:19 AM", None),
        ("2022-10-07 00:00:00", Some("10:35:19")),
        ("2022-10-07", Some("1899-12-30 10:35:19")),
        ("44841", Some("0.4411921")),
        ("44841.4411921296", None),
        ("44841,4411921296", None),
    ] {
        let read = calendar(Some(Dmy)).read(date, time).unwrap();
        assert_eq!(read.instant().to_string(), "2022-10-07T10:35:19Z", "{date} {time:?}");
    }
    check(None, "2022-10-07", Some("10:35"), "2022-10-07T10:35:00Z");
    check(None, "2022-10-07", Some("10:35:19.250"), "2022-10-07T10:35:19.25Z");
    check(None, "2022-10-07", Some("12:05 am"), "2022-10-07T00:05:00Z");
    check(None, "2022-10-07", Some("12:05 PM"), "2022-10-07T12:05:00Z");
    check(None, "2022-10-07", Some("11:59:59 p.m."), "2022-10-07T23:59:59Z");
    check(None, "2022-10-07 10:35:19 -0330", None, "2022-10-07T10:35:19-03:30");
    check(None, "44841.999999", None, "2022-10-08T00:00:00Z");
}

#[test]
fn a_time_zone_gives_the_offset_of_the_day() {
    let berlin = Calendar { order: None, zone: TimeZone::get("Europe/Berlin").unwrap() };
    let check = |text: &str, expect: &str| {
        let read = berlin.read(text, None);
        let read = read.map_or_else(|err| err.to_string(), |time| time.as_str().to_owned());
        assert_eq!(read, expect, "{text}");
    };
    check("2022-01-07 10:00", "2022-01-07T10:00:00+01:00");
    check("2022-07-07 10:00", "2022-07-07T10:00:00+02:00");
    check("2022-07-07T10:00:00Z", "2022-07-07T10:00:00Z");
    // The repeated hour, and the skipped one.
    check("2022-10-30 02:30", "2022-10-30T02:30:00+02:00");
    check("2022-03-27 02:30", "did not exist: the clocks of the time zone skipped it");
}

#[test]
fn invalid_times_are_refused_with_the_reason() {
    check(None, "soon", None, "is not a date we can read");
    check(None, "1/2", None, "is not a date we can read");
    check(None, "2022-02-30", None, "is not in the calendar (see --dates)");
    check(None, "2022-13-01", None, "is not in the calendar (see --dates)");
    check(Some(Dmy), "12/25/2022", None, "is not in the calendar (see --dates)");
    check(None, "07/10/2022", None, "is ambiguous: give --dates dmy or --dates mdy");
    for clock in
        ["25:00:00", "10:60", "10:35:60", "24:00", "10", "noon", "13:00 PM", "10:35 +24:00"]
    {
        check(None, "2022-10-07", Some(clock), "is not a time of day we can read");
    }
    for date in ["1970-01-01", "9999-12-31", "1900-01-01"] {
        let placeholder = "is before 1971 or after 2199: a placeholder, not a time";
        check(None, date, None, placeholder);
    }
}

#[test]
fn a_cell_shows_its_order_or_is_ambiguous() {
    for (text, expect) in [
        ("25/12/2022", Clue::Shows(Dmy)),
        ("12/25/2022 10:00", Clue::Shows(Mdy)),
        ("25.12.22", Clue::Shows(Dmy)),
        ("07/10/2022", Clue::Ambiguous),
        ("07.10.2022", Clue::Dotted),
        ("10/10/2022", Clue::Nothing),
        ("2022/10/07", Clue::Nothing),
        ("44841", Clue::Nothing),
        ("31/31/2022", Clue::Nothing),
        ("7 Oct 2022", Clue::Nothing),
        ("", Clue::Nothing),
    ] {
        assert_eq!(clue(text), expect, "{text}");
    }
}
