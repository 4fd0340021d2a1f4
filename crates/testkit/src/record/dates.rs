/// How many bytes of a date `text` begins with: `2026-04-01`, with a time of day and a zone or without, `04/01/2026`, or
/// `/Date(1711929600000)/`. Dates name nobody, and what is made of them depends on them.
pub(super) fn date_length(text: &str) -> Option<usize> {
    let length = microsoft(text).or_else(|| slashes(text)).or_else(|| iso(text))?;
    // A longer run of letters and digits is something else.
    let follows = text[length..].chars().next();
    (!follows.is_some_and(char::is_alphanumeric)).then_some(length)
}

fn microsoft(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("/Date(")?;
    let end = inner.find(|c: char| !c.is_ascii_digit() && !"+-".contains(c))?;
    inner[end..].starts_with(")/").then_some("/Date(".len() + end + ")/".len())
}

fn slashes(text: &str) -> Option<usize> {
    let mut at = 0;
    let (first, second) = (digits(text, &mut at, 1, 2)?, {
        skip(text, &mut at, "/")?;
        digits(text, &mut at, 1, 2)?
    });
    skip(text, &mut at, "/")?;
    digits(text, &mut at, 4, 4)?;
    ((1..=31).contains(&first) && (1..=31).contains(&second)).then_some(at)
}

fn iso(text: &str) -> Option<usize> {
    let mut at = 0;
    digits(text, &mut at, 4, 4)?;
    skip(text, &mut at, "-")?;
    let month = digits(text, &mut at, 2, 2)?;
    skip(text, &mut at, "-")?;
    let day = digits(text, &mut at, 2, 2)?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some(time(text, at).unwrap_or(at))
}

/// Where a time of day ends that begins at `at`.
fn time(text: &str, mut at: usize) -> Option<usize> {
    skip(text, &mut at, "T").or_else(|| skip(text, &mut at, " "))?;
    digits(text, &mut at, 2, 2)?;
    skip(text, &mut at, ":")?;
    digits(text, &mut at, 2, 2)?;
    if skip(text, &mut at, ":").is_some() {
        digits(text, &mut at, 2, 2)?;
        if skip(text, &mut at, ".").is_some() {
            digits(text, &mut at, 1, 9)?;
        }
    }
    let zone = skip(text, &mut at, "+").or_else(|| skip(text, &mut at, "-"));
    if zone.is_some() {
        digits(text, &mut at, 2, 2)?;
        let _ = skip(text, &mut at, ":");
        digits(text, &mut at, 2, 2)?;
    } else {
        let _ = skip(text, &mut at, "Z");
    }
    Some(at)
}

fn digits(text: &str, at: &mut usize, least: usize, most: usize) -> Option<u32> {
    let rest = text.get(*at..)?;
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let number = rest[..count].parse().ok()?;
    *at += count;
    (count >= least).then_some(number)
}

fn skip(text: &str, at: &mut usize, mark: &str) -> Option<()> {
    text.get(*at..)?.starts_with(mark).then(|| *at += mark.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_codes() {
        for date in [
            "2026-04-01",
            "2026-04-01T12:30",
            "2026-04-01T12:30:45.123Z",
            "2026-04-01 12:30:45",
            "2026-04-01T12:30:45+02:00",
            "2026-04-01T12:30:45-0500",
            "04/01/2026",
            "4/1/2026",
            "/Date(1711929600000)/",
            "/Date(1711929600000+0100)/",
        ] {
            assert_eq!(date_length(date), Some(date.len()), "{date}");
        }
        assert_eq!(date_length("2026-04-01, noon"), Some(10));
        for other in ["2026-13-01", "2026-04-011", "2026-04", "20260401", "555-12-3456", "A2026-04-01", "1/2/26", ""] {
            assert_eq!(date_length(other), None, "{other}");
        }
    }
}
