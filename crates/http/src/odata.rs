//! What an OData service is asked: filters of typed values, the system query options, and the keys of records, in the
//! dialect that it speaks. No value can leave its quotes, whatever it contains.
//!
//! After OData 3.0 ("URL Conventions", 2 and 4) and OData 4.01 ("URL Conventions", 4.3 and 5.1; "ABNF Construction Rules").

use std::fmt::{self, Display, Formatter};

use jiff::Timestamp;
use jiff::civil::Date;
use livegate_core::Amount;

/// How a service wants its values and options written. Start from [`Dialect::V3`] or [`Dialect::V4`]:
/// `Dialect { days: Days::Text, ..Dialect::V4 }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The version of OData.
    pub version: Version,
    /// How a calendar day is written.
    pub days: Days,
}

impl Dialect {
    /// OData 3.0 to the letter.
    pub const V3: Self = Self { version: Version::V3, days: Days::DateTime };
    /// OData 4.0 to the letter.
    pub const V4: Self = Self { version: Version::V4, days: Days::Bare };
}

/// A version of OData, as far as addresses differ: `$inlinecount=allpages` or `$count=true`, and how values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 3.0. Questions to 2.0 are written alike, but its answers have another envelope, which is not read.
    V3,
    /// 4.0 and later.
    V4,
}

/// How a calendar day is written. Services differ in it beyond their version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// `2024-12-31`, as OData 4 has it.
    Bare,
    /// `'2024-12-31'`, as a text.
    Text,
    /// `datetime'2024-12-31T00:00:00'`, as OData 3 has it, which knows no days.
    DateTime,
    /// `datetimeoffset'2024-12-31'`.
    DateTimeOffset,
}

/// A value, which is written as its type and the dialect want it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal<'a> {
    /// No value.
    Null,
    /// A text, or the name of an enumeration's member where the service takes it in quotes.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A sum of money or a quantity.
    Decimal(Amount),
    /// A truth value.
    Boolean(bool),
    /// A calendar day.
    Day(Date),
    /// A point in time, in UTC and cut to seven decimals of a second, which is all that OData 3 reads.
    Instant(Timestamp),
}

impl Literal<'_> {
    /// The value as it stands in a filter or a key, not yet percent-encoded.
    #[must_use]
    pub fn written(&self, dialect: Dialect) -> String {
        Written(*self, dialect).to_string()
    }
}

impl<'a> From<&'a str> for Literal<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Literal<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Amount> for Literal<'_> {
    fn from(amount: Amount) -> Self {
        Self::Decimal(amount)
    }
}

impl From<bool> for Literal<'_> {
    fn from(flag: bool) -> Self {
        Self::Boolean(flag)
    }
}

impl From<Date> for Literal<'_> {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl From<Timestamp> for Literal<'_> {
    fn from(instant: Timestamp) -> Self {
        Self::Instant(instant)
    }
}

struct Written<'a>(Literal<'a>, Dialect);

impl Display for Written<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(literal, Dialect { version, days }) = self;
        match (literal, version) {
            (Literal::Null, _) => f.write_str("null"),
            (Literal::Text(text), _) => write!(f, "'{}'", text.replace('\'', "''")),
            // An Int64 (OData 3.0 "ABNF", 6.2.1): without its suffix a number is an Int32.
            (Literal::Integer(number), Version::V3) if i32::try_from(*number).is_err() => write!(f, "{number}L"),
            (Literal::Integer(number), _) => write!(f, "{number}"),
            (Literal::Decimal(amount), Version::V3) => write!(f, "{amount}M"),
            (Literal::Decimal(amount), Version::V4) => write!(f, "{amount}"),
            (Literal::Boolean(flag), _) => write!(f, "{flag}"),
            (Literal::Day(day), _) => match days {
                Days::Bare => write!(f, "{day}"),
                Days::Text => write!(f, "'{day}'"),
                Days::DateTime => write!(f, "datetime'{day}T00:00:00'"),
                Days::DateTimeOffset => write!(f, "datetimeoffset'{day}'"),
            },
            (Literal::Instant(instant), Version::V3) => write!(f, "datetimeoffset'{}'", moment(*instant)),
            (Literal::Instant(instant), Version::V4) => f.write_str(&moment(*instant)),
        }
    }
}

fn moment(instant: Timestamp) -> String {
    let seconds = instant.strftime("%Y-%m-%dT%H:%M:%S");
    match instant.subsec_nanosecond().rem_euclid(1_000_000_000) / 100 {
        0 => format!("{seconds}Z"),
        ticks => format!("{seconds}.{}Z", format!("{ticks:07}").trim_end_matches('0')),
    }
}

/// A condition on the records of a list. Properties are named by the adapter's author, never by a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter<'a>(Condition<'a>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition<'a> {
    Compares(&'static str, &'static str, Literal<'a>),
    All(Vec<Condition<'a>>),
    Any(Vec<Condition<'a>>),
}

impl<'a> Filter<'a> {
    /// The property is the value.
    #[must_use]
    pub fn eq(property: &'static str, value: impl Into<Literal<'a>>) -> Self {
        Self(Condition::Compares(property, "eq", value.into()))
    }

    /// The property is not the value.
    #[must_use]
    pub fn ne(property: &'static str, value: impl Into<Literal<'a>>) -> Self {
        Self(Condition::Compares(property, "ne", value.into()))
    }

    /// The property is the value or more.
    #[must_use]
    pub fn ge(property: &'static str, value: impl Into<Literal<'a>>) -> Self {
        Self(Condition::Compares(property, "ge", value.into()))
    }

    /// The property is more than the value.
    #[must_use]
    pub fn gt(property: &'static str, value: impl Into<Literal<'a>>) -> Self {
        Self(Condition::Compares(property, "gt", value.into()))
    }

    /// The property is the value or less.
    #[must_use]
    pub fn le(property: &'static str, value: impl Into<Literal<'a>>) -> Self {
        Self(Condition::Compares(property, "le", value.into()))
    }

    /// The property is less than the value.
    #[must_use]
    pub fn lt(property: &'static str, value: impl Into<Literal<'a>>) -> Self {
        Self(Condition::Compares(property, "lt", value.into()))
    }

    /// Both hold. `None` is no condition.
    #[must_use]
    pub fn and(self, other: impl Into<Option<Filter<'a>>>) -> Self {
        let Some(Self(other)) = other.into() else { return self };
        let mut all = match self.0 {
            Condition::All(all) => all,
            one => vec![one],
        };
        match other {
            Condition::All(others) => all.extend(others),
            other => all.push(other),
        }
        Self(Condition::All(all))
    }

    /// One of them holds, or both.
    #[must_use]
    pub fn or(self, Self(other): Self) -> Self {
        let mut any = match self.0 {
            Condition::Any(any) => any,
            one => vec![one],
        };
        match other {
            Condition::Any(others) => any.extend(others),
            other => any.push(other),
        }
        Self(Condition::Any(any))
    }

    /// At least one of them holds. There is a first one because no record meets none of none, which has no way to be
    /// written; left out, it would be met by all.
    #[must_use]
    pub fn any(first: Self, others: impl IntoIterator<Item = Self>) -> Self {
        others.into_iter().fold(first, Self::or)
    }

    /// The condition as the value of `$filter`, not yet percent-encoded.
    #[must_use]
    pub fn written(&self, dialect: Dialect) -> String {
        self.0.written(dialect)
    }
}

impl Condition<'_> {
    fn written(&self, dialect: Dialect) -> String {
        let joined = |parts: &[Self], word: &str| {
            let within = |part: &Self| match part {
                Self::Compares(..) => part.written(dialect),
                // `and` binds closer than `or`; with parentheses nobody has to know.
                Self::All(_) | Self::Any(_) => format!("({})", part.written(dialect)),
            };
            parts.iter().map(within).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::Compares(property, comparison, value) => {
                format!("{property} {comparison} {}", Written(*value, dialect))
            }
            Self::All(parts) => joined(parts, " and "),
            Self::Any(parts) => joined(parts, " or "),
        }
    }
}

/// The system query options of one request; [`Request::odata`](crate::Request::odata) adds them to it.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    dialect: Dialect,
    filter: Option<Filter<'a>>,
    select: &'a [&'a str],
    expand: &'a [&'a str],
    order_by: &'a [&'a str],
    top: Option<u64>,
    skip: Option<u64>,
    count: bool,
}

impl<'a> Query<'a> {
    /// Everything, in the service's own order.
    #[must_use]
    pub const fn new(dialect: Dialect) -> Self {
        Self { dialect, filter: None, select: &[], expand: &[], order_by: &[], top: None, skip: None, count: false }
    }

    /// Only records that meet the condition; `None` is no condition.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<Option<Filter<'a>>>) -> Self {
        self.filter = filter.into();
        self
    }

    /// Only these properties, by names or paths: `["Number", "Lines/Item"]`.
    #[must_use]
    pub fn select(mut self, properties: &'a [&'a str]) -> Self {
        self.select = properties;
        self
    }

    /// With these records that belong to each.
    #[must_use]
    pub fn expand(mut self, properties: &'a [&'a str]) -> Self {
        self.expand = properties;
        self
    }

    /// In this order: `["Date desc", "Number desc"]`.
    #[must_use]
    pub fn order_by(mut self, properties: &'a [&'a str]) -> Self {
        self.order_by = properties;
        self
    }

    /// At most so many records.
    #[must_use]
    pub fn top(mut self, records: u64) -> Self {
        self.top = Some(records);
        self
    }

    /// Without so many at the beginning.
    #[must_use]
    pub fn skip(mut self, records: u64) -> Self {
        self.skip = Some(records);
        self
    }

    /// With the number of all records that meet the condition, on whatever page they are.
    #[must_use]
    pub fn count(mut self) -> Self {
        self.count = true;
        self
    }

    /// At most how many records, and how many left out before them.
    pub(crate) const fn bounds(&self) -> (Option<u64>, u64) {
        let skip = match self.skip {
            Some(skip) => skip,
            None => 0,
        };
        (self.top, skip)
    }

    /// The options by their names, not yet percent-encoded.
    #[must_use]
    pub fn options(&self) -> Vec<(&'static str, String)> {
        let list = |name, parts: &[&str]| (!parts.is_empty()).then(|| (name, parts.join(",")));
        let number = |name, number: Option<u64>| number.map(|number| (name, number.to_string()));
        let count = match self.dialect.version {
            Version::V3 => ("$inlinecount", "allpages".to_owned()),
            Version::V4 => ("$count", "true".to_owned()),
        };
        [
            self.filter.as_ref().map(|filter| ("$filter", filter.written(self.dialect))),
            list("$select", self.select),
            list("$expand", self.expand),
            list("$orderby", self.order_by),
            number("$top", self.top),
            number("$skip", self.skip),
            self.count.then_some(count),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
