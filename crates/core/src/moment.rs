use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

/// A date as the ERP means it. What it becomes in an answer depends on the tenant's time zone, which is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// A calendar day.
    Day(Date),
    /// A point in time.
    Instant {
        /// The point in time.
        at: Timestamp,
        /// Whether the ERP gave a fraction of a second.
        fraction: bool,
    },
    /// A time of day in the tenant's own zone.
    Local {
        /// The clock's reading.
        at: DateTime,
        /// Whether the ERP gave a fraction of a second.
        fraction: bool,
    },
}

impl Moment {
    /// The point in time; a day begins at its midnight. Local readings are taken in `zone`.
    #[must_use]
    pub fn instant(&self, zone: &TimeZone) -> Timestamp {
        // The ends of the calendar lie past the ends of time in some zones.
        let end = |at: DateTime| if at.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
        let local = |at: DateTime| zone.to_ambiguous_timestamp(at).compatible().unwrap_or_else(|_| end(at));
        match self {
            Self::Day(day) => local(day.to_datetime(Time::midnight())),
            Self::Instant { at, .. } => *at,
            Self::Local { at, .. } => local(*at),
        }
    }

    /// The calendar day in `zone`.
    #[must_use]
    pub fn day(&self, zone: &TimeZone) -> Date {
        match self {
            Self::Day(day) => *day,
            Self::Instant { at, .. } => zone.to_datetime(*at).date(),
            Self::Local { at, .. } => at.date(),
        }
    }
}

/// How a date with slashes (`03/04/2026`) is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slashes {
    /// Such a text is unknown.
    Unread,
    /// The month comes first, as in the United States.
    MonthFirst,
    /// The day comes first.
    DayFirst,
}

/// Reads an ERP's date texts: ISO 8601 in its usual shapes, dates with slashes as configured, and `/Date(…)/`.
///
/// Sentinel nulls (0001-01-01, 1900-01-01, blank) are unknown. A text that no layout reads is unknown too; it is logged
/// by its shape only and counted in [`unreadable_dates`].
#[derive(Clone, Copy, Debug)]
pub struct DateReader {
    slashes: Slashes,
}

static UNREADABLE: AtomicU64 = AtomicU64::new(0);

/// How many date texts no layout could read since the process began.
#[must_use]
pub fn unreadable_dates() -> u64 {
    UNREADABLE.load(Ordering::Relaxed)
}

impl DateReader {
    /// A reader for an ERP that writes slashes as told.
    #[must_use]
    pub const fn new(slashes: Slashes) -> Self {
        Self { slashes }
    }

    /// Reads a field that the ERP defines as a calendar date: the day stays, whatever time or offset the text carries.
    #[must_use]
    pub fn day(&self, field: &'static str, text: Option<&str>) -> Option<Moment> {
        self.read(field, text).map(|reading| Moment::Day(reading.at.date()))
    }

    /// Reads a field that is a point in time, or a day where the text has no time of day.
    #[must_use]
    pub fn moment(&self, field: &'static str, text: Option<&str>) -> Option<Moment> {
        let Reading { at, timed, offset, fraction } = self.read(field, text)?;
        match (timed, offset) {
            (false, _) => Some(Moment::Day(at.date())),
            (true, None) => Some(Moment::Local { at, fraction }),
            (true, Some(offset)) => Some(Moment::Instant { at: offset.to_timestamp(at).ok()?, fraction }),
        }
    }

    fn read(&self, field: &'static str, text: Option<&str>) -> Option<Reading> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        let Some(reading) = usual(text.as_bytes()).or_else(|| self.layouts(text)) else {
            UNREADABLE.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(field, shape = %shape(text), "a date that no layout reads is taken as unknown");
            return None;
        };
        let sentinel = [(1, 1, 1), (1900, 1, 1)];
        let date = reading.at.date();
        (!sentinel.contains(&(date.year(), date.month(), date.day()))).then_some(reading)
    }

    fn layouts(&self, text: &str) -> Option<Reading> {
        if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
            return microsoft(inner);
        }
        let split = text.find(['T', 't', ' ']);
        let (date, time) = split.map_or((text, ""), |at| (&text[..at], text[at + 1..].trim()));
        let date = iso_date(date).or_else(|| self.slashed_date(date))?;
        if time.is_empty() {
            return Some(Reading {
                at: date.to_datetime(Time::midnight()),
                timed: false,
                offset: None,
                fraction: false,
            });
        }
        let (time, offset) = split_offset(time)?;
        let (time, fraction) = clock(time)?;
        Some(Reading { at: date.to_datetime(time), timed: true, offset, fraction })
    }

    fn slashed_date(&self, text: &str) -> Option<Date> {
        let mut parts = text.split('/');
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 {
            return None;
        }
        let (month, day) = match self.slashes {
            Slashes::Unread => return None,
            Slashes::MonthFirst => (first, second),
            Slashes::DayFirst => (second, first),
        };
        Date::new(number(year)?, number(month)?.try_into().ok()?, number(day)?.try_into().ok()?).ok()
    }
}

#[cfg_attr(test, derive(Debug, PartialEq))]
struct Reading {
    at: DateTime,
    timed: bool,
    offset: Option<Offset>,
    fraction: bool,
}

/// Reads the layout that nearly every date has: `2026-03-04` or `2026-03-04T05:06:07`. `None` leaves a text to the layouts.
fn usual(text: &[u8]) -> Option<Reading> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, time @ ..] = text else { return None };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| (byte - b'0').cast_signed());
    let pair = |tens, ones| Some(digit(tens)? * 10 + digit(ones)?);
    let year = i16::from(pair(y1, y2)?) * 100 + i16::from(pair(y3, y4)?);
    let date = Date::new(year, pair(m1, m2)?, pair(d1, d2)?).ok()?;
    let (time, timed) = match time {
        [] => (Time::midnight(), false),
        [b'T', h1, h2, b':', m1, m2, b':', s1, s2] => {
            (Time::new(pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?, 0).ok()?, true)
        }
        _ => return None,
    };
    Some(Reading { at: date.to_datetime(time), timed, offset: None, fraction: false })
}

fn number(text: &str) -> Option<i16> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn iso_date(text: &str) -> Option<Date> {
    if !text.is_ascii() {
        return None;
    }
    let (year, month, day) = match text.len() {
        8 => (&text[..4], &text[4..6], &text[6..]),
        10 if &text[4..5] == "-" && &text[7..8] == "-" => (&text[..4], &text[5..7], &text[8..]),
        _ => return None,
    };
    Date::new(number(year)?, number(month)?.try_into().ok()?, number(day)?.try_into().ok()?).ok()
}

fn split_offset(time: &str) -> Option<(&str, Option<Offset>)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, Some(Offset::UTC)));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, None)) };
    offset(&time[at..]).map(|offset| (&time[..at], Some(offset)))
}

fn offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        _ => return None,
    };
    if minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)).ok()
}

fn clock(text: &str) -> Option<(Time, bool)> {
    let upper = text.trim().to_ascii_uppercase();
    let (digits, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(digits), _) => (digits.trim(), Some(false)),
        (_, Some(digits)) => (digits.trim(), Some(true)),
        _ => (upper.as_str(), None),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut parts = whole.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let second = parts.next().map_or(Some(0), number)?;
    if parts.next().is_some() {
        return None;
    }
    let hour = match (half, hour) {
        (None, hour) => hour,
        (Some(after_noon), 1..=12) => hour % 12 + if after_noon { 12 } else { 0 },
        (Some(_), _) => return None,
    };
    let nanos = match fraction {
        None => 0,
        Some(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{:0<9}", &text[..text.len().min(9)]).parse().ok()?
        }
        Some(_) => return None,
    };
    let time = Time::new(hour.try_into().ok()?, minute.try_into().ok()?, second.try_into().ok()?, nanos).ok()?;
    Some((time, fraction.is_some()))
}

/// `1700000000000`, `1700000000000-0500`: milliseconds since 1970 and, for the day, the writer's offset.
fn microsoft(inner: &str) -> Option<Reading> {
    let sign = inner.rfind(['+', '-']).filter(|at| *at > 0);
    let (millis, offset) = match sign {
        Some(at) => (&inner[..at], offset(&inner[at..])?),
        None => (inner, Offset::UTC),
    };
    let instant = Timestamp::from_millisecond(millis.parse().ok()?).ok()?;
    let at = offset.to_datetime(instant);
    Some(Reading { at, timed: true, offset: Some(offset), fraction: at.subsec_nanosecond() != 0 })
}

/// What a text looks like without what it says: an unreadable value may hold anything, so it is not logged.
fn shape(text: &str) -> String {
    let mask = |c: char| match c {
        c if c.is_ascii_digit() => '9',
        c if c.is_alphabetic() => 'a',
        c if c.is_ascii_punctuation() || c == ' ' => c,
        _ => '?',
    };
    text.chars().take(40).map(mask).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};
    use proptest::prelude::*;

    use super::*;

    const READER: DateReader = DateReader::new(Slashes::MonthFirst);

    fn moment(text: &str) -> Option<Moment> {
        READER.moment("test", Some(text))
    }

    #[test]
    fn each_layout_is_read() {
        let day = Some(Moment::Day(date(2026, 3, 4)));
        for text in ["2026-03-04", "20260304", "3/4/2026", "03/04/2026", " 2026-03-04 "] {
            assert_eq!(moment(text), day, "{text}");
        }
        let local = |at, fraction| Some(Moment::Local { at, fraction });
        assert_eq!(moment("2026-03-04T05:06:07"), local(datetime(2026, 3, 4, 5, 6, 7, 0), false));
        assert_eq!(moment("2026-03-04 05:06"), local(datetime(2026, 3, 4, 5, 6, 0, 0), false));
        assert_eq!(moment("2026-03-04T05:06:07.163"), local(datetime(2026, 3, 4, 5, 6, 7, 163_000_000), true));
        assert_eq!(moment("3/4/2026 1:06:07 PM"), local(datetime(2026, 3, 4, 13, 6, 7, 0), false));
        assert_eq!(moment("3/4/2026 12:00:00 AM"), local(datetime(2026, 3, 4, 0, 0, 0, 0), false));
        let instant = |text: &str, fraction| Some(Moment::Instant { at: text.parse().unwrap(), fraction });
        assert_eq!(moment("2026-03-04T05:06:07Z"), instant("2026-03-04T05:06:07Z", false));
        assert_eq!(moment("2026-03-04T05:06:07.5-05:00"), instant("2026-03-04T10:06:07.5Z", true));
        assert_eq!(moment("2026-03-04T05:06:07+0530"), instant("2026-03-03T23:36:07Z", false));
        assert_eq!(moment("/Date(1700000000000)/"), instant("2023-11-14T22:13:20Z", false));
    }

    #[test]
    fn a_date_field_keeps_its_day_whatever_offset_it_carries() {
        for text in [
            "2026-03-04T23:30:00-11:00",
            "2026-03-04T00:00:00+14:00",
            "2026-03-04T00:00:00",
            "/Date(1772582400000-0500)/",
        ] {
            let expected = if text.starts_with('/') { date(2026, 3, 3) } else { date(2026, 3, 4) };
            assert_eq!(READER.day("test", Some(text)), Some(Moment::Day(expected)), "{text}");
        }
    }

    #[test]
    fn sentinels_are_unknown() {
        for text in ["", "  ", "0001-01-01", "0001-01-01T00:00:00", "1900-01-01T00:00:00Z", "1/1/1900"] {
            assert_eq!(moment(text), None, "{text}");
        }
        assert_eq!(READER.day("test", None), None);
    }

    #[test]
    fn unreadable_texts_are_unknown_and_counted() {
        let before = unreadable_dates();
        for text in [
            "03/04/2026 -5€",
            "2026-03-04T10:00:00+1é2",
            "/Date(9223372036854775807)/",
            "/Date(631107417600001)/",
            "/Date(1700000000000-5€)/",
            "soon",
            "2026-13-01",
            "2026-02-30",
            "13/40/2026",
            "2026-03-04T25:00:00",
            "03/04/26",
            "2026-03-04T10:00:00+99:99",
            "４",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
        assert!(unreadable_dates() >= before + 8);
        assert_eq!(shape("4111 1111 ab"), "9999 9999 aa");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_unknown(text in "\\PC*") {
            let _ = (moment(&text), READER.day("test", Some(&text)));
        }

        #[test]
        fn the_usual_way_reads_what_the_layouts_read(text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9])?") {
            if let Some(reading) = usual(text.as_bytes()) {
                prop_assert_eq!(Some(reading), READER.layouts(&text));
            }
        }

        #[test]
        fn what_looks_like_a_date_is_read_or_unknown(
            date in "(/Date\\()?[0-9]{1,20}([-/][0-9]{1,2}[-/][0-9]{1,4})?",
            time in "([T ][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\\.[0-9]{0,12})?)?)? ?(AM|PM|Z|[-+][0-9€é:]{0,6})?(\\)/)?",
        ) {
            let text = date + &time;
            for zone in [TimeZone::UTC, TimeZone::get("Pacific/Kiritimati").unwrap()] {
                let read = [moment(&text), READER.day("test", Some(&text))];
                for moment in read.iter().flatten() {
                    let _ = (moment.instant(&zone), moment.day(&zone));
                }
            }
        }
    }

    #[test]
    fn slashes_are_read_as_the_erp_writes_them() {
        assert_eq!(
            DateReader::new(Slashes::DayFirst).day("test", Some("3/4/2026")),
            Some(Moment::Day(date(2026, 4, 3)))
        );
        assert_eq!(DateReader::new(Slashes::Unread).day("test", Some("3/4/2026")), None);
    }
}
