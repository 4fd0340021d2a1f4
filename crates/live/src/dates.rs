use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use livegate_core::{DateBound, DateRange, Moment};

use crate::json::Json;

/// The zone-less reading that leaves in an answer: a day as its midnight, everything else as UTC. Lists sort by it, so
/// that what a reader sees is in order.
pub(crate) fn leaving(moment: &Moment, zone: &TimeZone) -> DateTime {
    match moment {
        Moment::Day(day) => day.to_datetime(Time::midnight()),
        Moment::Instant { .. } | Moment::Local { .. } => Offset::UTC.to_datetime(moment.instant(zone)),
    }
}

/// A date as it leaves: `YYYY-MM-DDTHH:MM:SS`, with milliseconds only where the ERP gave a fraction.
#[derive(Clone, Copy, Debug)]
pub struct LiveDate {
    bytes: [u8; Self::MOST],
    length: usize,
}

impl LiveDate {
    /// The length of a text with milliseconds and the sign of a year before the first one.
    const MOST: usize = 24;

    pub(crate) fn new(moment: &Moment, zone: &TimeZone) -> Self {
        let at = leaving(moment, zone);
        let mut text = Self { bytes: [0; Self::MOST], length: 0 };
        if at.year() < 0 {
            text.put(b'-');
        }
        let year = at.year().unsigned_abs();
        text.put_digits(year, if at.year() < 0 && year < 1_000 { 3 } else { 4 });
        let two_digits =
            [(b'-', at.month()), (b'-', at.day()), (b'T', at.hour()), (b':', at.minute()), (b':', at.second())];
        for (mark, number) in two_digits {
            text.put(mark);
            text.put_digits(number.unsigned_abs().into(), 2);
        }
        if let Moment::Instant { fraction: true, .. } | Moment::Local { fraction: true, .. } = moment {
            text.put(b'.');
            text.put_digits(at.millisecond().unsigned_abs(), 3);
        }
        text
    }

    fn put(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn put_digits(&mut self, mut number: u16, places: usize) {
        for place in (self.length..self.length + places).rev() {
            self.bytes[place] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.length += places;
    }
}

impl Json for LiveDate {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(b'"');
        to.extend_from_slice(&self.bytes[..self.length]);
        to.push(b'"');
    }
}

/// Whether a document falls into the range. An undated one passes; one known by day only is compared by day.
pub(crate) fn within(range: &DateRange, moment: Option<&Moment>, zone: &TimeZone) -> bool {
    let Some(moment) = moment else { return true };
    let after = |bound: &DateBound| match moment {
        Moment::Day(day) => *day >= bound.day,
        _ => moment.instant(zone) >= bound.instant,
    };
    let before = |bound: &DateBound| match moment {
        Moment::Day(day) => *day <= bound.day,
        _ => moment.instant(zone) <= bound.instant,
    };
    range.start.as_ref().is_none_or(after) && range.end.as_ref().is_none_or(before)
}

/// Which end of a range a text stands for: an end date covers its whole day.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Start,
    End,
}

/// Reads a date filter: RFC 3339, a zone-less date-time (UTC), or a date. What lies past the end of time, such as the
/// usual 9999-12-31, is held at it.
pub(crate) fn bound(text: &str, end: End, zone: &TimeZone) -> Option<DateBound> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let day: Date = shaped(date, "9999-99-99").then(|| date.parse().ok()).flatten()?;
    let utc = |at: DateTime| Offset::UTC.to_timestamp(at).unwrap_or(Timestamp::MAX);
    let Some(time) = time else {
        let time = match end {
            End::Start => Time::midnight(),
            End::End => Time::MAX,
        };
        return Some(DateBound { instant: utc(day.to_datetime(time)), day });
    };
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (&time[..at], offset(&time[at..])?),
        None => (time, Offset::UTC),
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let whole = if shaped(whole, "99:99") { format!("{whole}:00") } else { whole.to_owned() };
    if !shaped(&whole, "99:99:99") || fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let time: Time = format!("{whole}.{}", &fraction[..fraction.len().min(9)]).parse().ok()?;
    let instant = offset.to_timestamp(day.to_datetime(time)).unwrap_or(Timestamp::MAX);
    // A moment that had to be held at the end keeps the day as it was written.
    let day = if instant == Timestamp::MAX { day } else { zone.to_datetime(instant).date() };
    Some(DateBound { instant, day })
}

/// `Z`, or hours and minutes as RFC 3339 writes them.
fn offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    if !shaped(&text[1..], "99:99") {
        return None;
    }
    let (hours, minutes): (i32, i32) = (text[1..3].parse().ok()?, text[4..].parse().ok()?);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    (hours < 24 && minutes < 60).then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok())?
}

/// Whether a text has digits where the pattern has 9, and otherwise the pattern's characters.
fn shaped(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(own, p)| if p == b'9' { own.is_ascii_digit() } else { own == p })
}
