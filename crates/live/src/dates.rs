use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use livegate_core::{DateBound, DateRange, Moment};

/// The zone-less reading that leaves in an answer: a day as its midnight, everything else as UTC. Lists sort by it, so
/// that what a reader sees is in order.
pub(crate) fn leaving(moment: &Moment, zone: &TimeZone) -> DateTime {
    match moment {
        Moment::Day(day) => day.to_datetime(Time::midnight()),
        Moment::Instant { .. } | Moment::Local { .. } => Offset::UTC.to_datetime(moment.instant(zone)),
    }
}

/// `YYYY-MM-DDTHH:MM:SS`, with milliseconds only where the ERP gave a fraction.
pub(crate) fn text(moment: &Moment, zone: &TimeZone) -> String {
    let at = leaving(moment, zone);
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if let Moment::Instant { fraction: true, .. } | Moment::Local { fraction: true, .. } = moment {
        text.push_str(&format!(".{:03}", at.millisecond()));
    }
    text
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

/// Reads a date filter: RFC 3339, a zone-less date-time (UTC), or a date.
pub(crate) fn bound(text: &str, end: End, zone: &TimeZone) -> Option<DateBound> {
    if let Some(day) = (text.len() == 10).then(|| text.parse::<jiff::civil::Date>().ok()).flatten() {
        let time = match end {
            End::Start => Time::midnight(),
            End::End => Time::MAX,
        };
        return Some(DateBound { instant: Offset::UTC.to_timestamp(day.to_datetime(time)).ok()?, day });
    }
    if !text.contains(['T', 't', ' ']) {
        return None;
    }
    let instant = match text.parse::<Timestamp>() {
        Ok(instant) => instant,
        Err(_) => Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?,
    };
    Some(DateBound { instant, day: zone.to_datetime(instant).date() })
}
