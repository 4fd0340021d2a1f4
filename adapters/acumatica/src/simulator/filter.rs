use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use super::value::{Record, Value};

/// A `$filter` in the dialect of OData 3 that the contract-based API takes.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Compare {
        field: String,
        operator: Operator,
        literal: Literal,
    },
    Contains {
        field: String,
        part: String,
    },
    /// `substringof(…) eq true`, which the API understands and answers with nothing.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

#[derive(Clone, Debug)]
pub(super) enum Literal {
    Text(String),
    /// As the server turns it into its own clock, which is five hours behind UTC.
    Moment(DateTime),
    Number(String),
    Flag(bool),
    Null,
}

/// What a text is no filter for.
#[derive(Debug)]
pub(super) struct Unreadable;

impl Filter {
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        let mut reader = Reader { rest: text.trim() };
        let filter = reader.any()?;
        if reader.rest.is_empty() { Ok(filter) } else { Err(Unreadable) }
    }

    /// The fields that it looks at.
    pub(super) fn fields(&self) -> Vec<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::fields).collect(),
            Self::Not(part) => part.fields(),
            Self::Compare { field, .. } | Self::Contains { field, .. } => vec![field],
            Self::Nothing => Vec::new(),
        }
    }

    /// Whether some part of it asks for `field` to be just this text.
    pub(super) fn asks_for(&self, field: &str, text: &str) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.asks_for(field, text)),
            Self::Compare { field: own, operator: Operator::Equal, literal: Literal::Text(literal) } => {
                own == field && equal(literal, text)
            }
            _ => false,
        }
    }

    pub(super) fn lets_pass(&self, record: &Record) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.lets_pass(record)),
            Self::Any(parts) => parts.iter().any(|part| part.lets_pass(record)),
            Self::Not(part) => !part.lets_pass(record),
            Self::Compare { field, operator, literal } => {
                record.field(field).is_some_and(|value| compare(value, *operator, literal))
            }
            Self::Contains { field, part } => match record.field(field) {
                Some(Value::Text(text)) => text.to_lowercase().contains(&part.to_lowercase()),
                _ => false,
            },
            Self::Nothing => false,
        }
    }
}

/// Two texts as the database compares them: without regard to case, to blanks at the end, and to characters that have no
/// weight when texts are sorted.
pub(super) fn equal(one: &str, other: &str) -> bool {
    let weighed = |text: &str| -> String {
        let seen = |c: &char| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}');
        text.trim_end().chars().filter(seen).flat_map(char::to_lowercase).collect()
    };
    weighed(one) == weighed(other)
}

fn compare(value: &Value, operator: Operator, literal: &Literal) -> bool {
    use std::cmp::Ordering;
    let ordering = match (value, literal) {
        (Value::Empty, Literal::Null) => Some(Ordering::Equal),
        (Value::Text(value), Literal::Text(literal)) if equal(value, literal) => Some(Ordering::Equal),
        (Value::Text(value), Literal::Text(literal)) => Some(value.cmp(literal)),
        (Value::Date(value), Literal::Moment(literal)) => day(value).map(|at| at.cmp(literal)),
        (Value::Flag(value), Literal::Flag(literal)) => Some(value.cmp(literal)),
        (Value::Number(value), Literal::Number(literal)) => {
            let read = |text: &str| text.parse::<livegate_core::Amount>().ok();
            read(value).zip(read(literal)).map(|(value, literal)| value.cmp(&literal))
        }
        _ => None,
    };
    match (operator, ordering) {
        (Operator::NotEqual, ordering) => ordering != Some(Ordering::Equal),
        (_, None) => false,
        (Operator::Equal, Some(ordering)) => ordering.is_eq(),
        (Operator::Less, Some(ordering)) => ordering.is_lt(),
        (Operator::AtMost, Some(ordering)) => ordering.is_le(),
        (Operator::Greater, Some(ordering)) => ordering.is_gt(),
        (Operator::AtLeast, Some(ordering)) => ordering.is_ge(),
    }
}

/// A day is kept as its midnight without any zone.
fn day(text: &str) -> Option<DateTime> {
    text.get(..10)?.parse::<Date>().ok().map(|day| day.at(0, 0, 0, 0))
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn any(&mut self) -> Result<Filter, Unreadable> {
        let mut parts = vec![self.all()?];
        while self.takes_word("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    fn all(&mut self) -> Result<Filter, Unreadable> {
        let mut parts = vec![self.one()?];
        while self.takes_word("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    fn one(&mut self) -> Result<Filter, Unreadable> {
        if self.takes_word("not") {
            return self.one().map(|part| Filter::Not(Box::new(part)));
        }
        if self.takes("(") {
            let inner = self.any()?;
            return if self.takes(")") { Ok(inner) } else { Err(Unreadable) };
        }
        if self.takes("substringof(") {
            let Literal::Text(part) = self.literal()? else { return Err(Unreadable) };
            if !self.takes(",") {
                return Err(Unreadable);
            }
            let field = self.name()?.to_owned();
            if !self.takes(")") {
                return Err(Unreadable);
            }
            let compared = self.takes_word("eq") && matches!(self.literal()?, Literal::Flag(_));
            return Ok(if compared { Filter::Nothing } else { Filter::Contains { field, part } });
        }
        let field = self.name()?.to_owned();
        let operators = [
            ("eq", Operator::Equal),
            ("ne", Operator::NotEqual),
            ("lt", Operator::Less),
            ("le", Operator::AtMost),
            ("gt", Operator::Greater),
            ("ge", Operator::AtLeast),
        ];
        let (_, operator) = operators.into_iter().find(|(word, _)| self.takes_word(word)).ok_or(Unreadable)?;
        Ok(Filter::Compare { field, operator, literal: self.literal()? })
    }

    fn literal(&mut self) -> Result<Literal, Unreadable> {
        self.blanks();
        if let Some(rest) = self.rest.strip_prefix("datetimeoffset'") {
            let (text, rest) = rest.split_once('\'').ok_or(Unreadable)?;
            self.rest = rest;
            return server_clock(text).map(Literal::Moment).ok_or(Unreadable);
        }
        if self.rest.starts_with('\'') {
            return self.text().map(Literal::Text);
        }
        let word = self.name()?;
        match word {
            "true" => Ok(Literal::Flag(true)),
            "false" => Ok(Literal::Flag(false)),
            "null" => Ok(Literal::Null),
            word if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Ok(Literal::Number(word.trim_end_matches(['M', 'm']).to_owned()))
            }
            _ => Err(Unreadable),
        }
    }

    /// A quote within a text is written twice.
    fn text(&mut self) -> Result<String, Unreadable> {
        let (mut text, mut rest) = (String::new(), &self.rest[1..]);
        loop {
            let end = rest.find('\'').ok_or(Unreadable)?;
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('\'') {
                Some(after) => {
                    text.push('\'');
                    rest = after;
                }
                None => {
                    self.rest = rest;
                    return Ok(text);
                }
            }
        }
    }

    fn name(&mut self) -> Result<&'a str, Unreadable> {
        self.blanks();
        let named = |c: char| c.is_ascii_alphanumeric() || "_/.-".contains(c);
        let end = self.rest.find(|c| !named(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if name.is_empty() { Err(Unreadable) } else { Ok(name) }
    }

    fn takes(&mut self, token: &str) -> bool {
        self.blanks();
        let Some(rest) = self.rest.strip_prefix(token) else { return false };
        self.rest = rest;
        true
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.blanks();
        let Some(rest) = self.rest.strip_prefix(word) else { return false };
        if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return false;
        }
        self.rest = rest;
        true
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }
}

/// A moment by the server's own clock; without an offset it is that clock's reading.
fn server_clock(text: &str) -> Option<DateTime> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(Offset::constant(-5).to_datetime(instant));
    }
    text.parse::<DateTime>().ok().or_else(|| day(text).filter(|_| text.len() == 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: &str, day: &str) -> Record {
        let fields = vec![("OrderNbr", Value::text(number)), ("Date", Value::day(day)), ("Note", Value::Empty)];
        Record { fields, ..Record::default() }
    }

    fn passes(filter: &str, record: &Record) -> bool {
        Filter::read(filter).unwrap().lets_pass(record)
    }

    #[test]
    fn what_leaves_its_quotes_is_read_as_it_stands() {
        let order = order("x", "2026-03-08");
        assert!(passes("OrderNbr eq 'no' or OrderNbr ne ''", &order));
        assert!(!passes("OrderNbr eq 'no'' or OrderNbr ne '''", &order));
        assert!(passes("(OrderNbr eq 'X  ' and not Note ne null)", &order), "case and blanks at the end");
        assert!(Filter::read("OrderNbr eq 'x").is_err() && Filter::read("OrderNbr eq 'x' y").is_err());
    }

    #[test]
    fn a_boolean_function_compared_with_true_finds_nothing() {
        let order = order("SO-100", "2026-03-08");
        assert!(passes("substringof('o-1',OrderNbr)", &order));
        assert!(!passes("substringof('o-1',OrderNbr) eq true", &order));
    }

    #[test]
    fn moments_are_compared_by_the_servers_clock() {
        let order = order("x", "2026-03-08");
        assert!(passes("Date ge datetimeoffset'2026-03-08T04:00:00Z'", &order), "still the day before, in the evening");
        assert!(!passes("Date ge datetimeoffset'2026-03-08T06:00:00+00:00'", &order));
        assert!(passes("Date le datetimeoffset'2026-03-08'", &order));
        assert!(!passes("Date lt datetimeoffset'2026-03-08T00:00:00'", &order));
    }
}
