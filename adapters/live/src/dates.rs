//! The contract's dates: ISO 8601, without a zone "UTC unless specified".

use jiff::civil::Time;
use jiff::tz::Offset;
use livegate_core::{DateReader, Moment, Slashes};

const READER: DateReader = DateReader::new(Slashes::Unread);

/// Reads a field that the samples write as a calendar day, as midnight. Such a day stays whatever offset it carries; an
/// upstream that does write a time of day means that time.
pub(crate) fn day(field: &'static str, text: Option<&str>) -> Option<Moment> {
    if text.is_some_and(is_midnight) { READER.day(field, text) } else { moment(field, text) }
}

/// Reads a field that is a point in time.
pub(crate) fn moment(field: &'static str, text: Option<&str>) -> Option<Moment> {
    match READER.moment(field, text)? {
        Moment::Local { at, fraction } => Some(Moment::Instant { at: Offset::UTC.to_timestamp(at).ok()?, fraction }),
        moment => Some(moment),
    }
}

/// Whether a text has a time of day that is midnight where it was written.
fn is_midnight(text: &str) -> bool {
    let Some((_, time)) = text.trim().split_once(['T', 't', ' ']) else { return false };
    let clock = time.split(['+', '-', 'Z', 'z']).next().unwrap_or_default();
    // Nearly all are written so.
    clock == "00:00:00" || clock.parse().is_ok_and(|clock: Time| clock == Time::midnight())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn instant(year: i16, month: i8, day: i8, clock: [i8; 3], millis: i32, fraction: bool) -> Moment {
        let at = date(year, month, day).at(clock[0], clock[1], clock[2], millis * 1_000_000);
        Moment::Instant { at: Offset::UTC.to_timestamp(at).unwrap(), fraction }
    }

    #[test]
    fn a_day_stays_a_day_and_everything_else_is_utc() {
        let fifth = Some(Moment::Day(date(2023, 1, 5)));
        for (text, read) in [
            ("2023-01-05T00:00:00", fifth),
            ("2023-01-05 00:00", fifth),
            ("2023-01-05", fifth),
            ("2023-01-05T00:00:00.000", fifth),
            ("2023-01-05T00:00:00Z", fifth),
            ("2023-01-05T00:00:00-05:00", fifth),
            ("2023-01-05T00:00:00+13:00", fifth),
            ("2023-01-05T05:00:00Z", Some(instant(2023, 1, 5, [5, 0, 0], 0, false))),
            ("2023-01-05T16:46:15.163", Some(instant(2023, 1, 5, [16, 46, 15], 163, true))),
            ("2023-01-05T23:30:00-05:00", Some(instant(2023, 1, 6, [4, 30, 0], 0, false))),
            ("2023-03-12T02:30:00", Some(instant(2023, 3, 12, [2, 30, 0], 0, false))),
            ("0001-01-01T00:00:00", None),
            ("9999-12-31T23:59:59", None),
            ("soon", None),
            ("01/05/2023", None),
            (" ", None),
        ] {
            assert_eq!(day("test", Some(text)), read, "{text}");
        }
        assert_eq!(day("test", None), None);
    }

    #[test]
    fn a_point_in_time_at_midnight_is_one_all_the_same() {
        let evening_before = Some(instant(2023, 1, 4, [11, 0, 0], 0, false));
        assert_eq!(moment("test", Some("2023-01-05T00:00:00+13:00")), evening_before);
        let sample = Some(instant(2023, 2, 7, [16, 46, 15], 163, true));
        assert_eq!(moment("test", Some("2023-02-07T16:46:15.163")), sample);
        assert_eq!(moment("test", Some("2023-02-07")), Some(Moment::Day(date(2023, 2, 7))));
    }
}
