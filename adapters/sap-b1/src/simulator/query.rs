use std::cmp::Ordering;

use super::json::Json;

/// Why a query is refused: the text of error 201.
pub(super) type Refused = String;

/// A condition, as `$filter` writes it.
#[derive(Debug)]
pub(super) enum Condition {
    Compare(Operand, Comparison, Operand),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

#[derive(Debug)]
pub(super) enum Operand {
    Property(String),
    Text(String),
    Number(i64),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Comparison {
    Eq,
    Ne,
    Ge,
    Gt,
    Le,
    Lt,
}

impl Condition {
    pub(super) fn read(filter: &str) -> Result<Self, Refused> {
        let mut tokens = tokens(filter)?.into_iter().peekable();
        let condition = either(&mut tokens)?;
        if tokens.next().is_some() { Err(invalid()) } else { Ok(condition) }
    }

    /// Whether it holds, where `property` tells the value of a name; an unknown name is refused.
    pub(super) fn holds<'a>(&self, property: &impl Fn(&str) -> Option<&'a Json>) -> Result<bool, Refused> {
        match self {
            Self::And(one, other) => Ok(one.holds(property)? && other.holds(property)?),
            Self::Or(one, other) => Ok(one.holds(property)? || other.holds(property)?),
            Self::Compare(left, comparison, right) => {
                let (left, right) = (left.value(property)?, right.value(property)?);
                let order = match (left, right) {
                    // An empty column is neither less nor more than anything, nor equal to it.
                    (Value::Nothing, _) | (_, Value::Nothing) => return Ok(false),
                    (Value::Number(left), Value::Number(right)) => Some(left.cmp(&right)),
                    (Value::Text(left), Value::Text(right)) => Some(left.cmp(&right)),
                    // A day is compared with whatever begins like one; a number in quotes is one.
                    (Value::Number(left), Value::Text(right)) => {
                        right.parse::<i64>().ok().map(|right| left.cmp(&right))
                    }
                    (Value::Text(left), Value::Number(right)) => left.parse::<i64>().ok().map(|left| left.cmp(&right)),
                };
                Ok(match (comparison, order) {
                    (_, None) => false,
                    (Comparison::Eq, Some(order)) => order.is_eq(),
                    (Comparison::Ne, Some(order)) => order.is_ne(),
                    (Comparison::Ge, Some(order)) => order.is_ge(),
                    (Comparison::Gt, Some(order)) => order.is_gt(),
                    (Comparison::Le, Some(order)) => order.is_le(),
                    (Comparison::Lt, Some(order)) => order.is_lt(),
                })
            }
        }
    }
}

enum Value {
    Nothing,
    Text(String),
    Number(i64),
}

impl Operand {
    fn value<'a>(&self, property: &impl Fn(&str) -> Option<&'a Json>) -> Result<Value, Refused> {
        Ok(match self {
            Self::Text(text) => Value::Text(text.clone()),
            Self::Number(number) => Value::Number(*number),
            Self::Property(name) => match property(name).ok_or_else(|| format!("Property '{name}' is invalid"))? {
                Json::Text(text) => Value::Text(text.strip_suffix("T00:00:00Z").unwrap_or(text).to_owned()),
                Json::Number(digits) => digits.parse().map_or(Value::Nothing, Value::Number),
                Json::Null | Json::List(_) | Json::Object(_) => Value::Nothing,
            },
        })
    }
}

#[derive(Debug)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Compare(Comparison),
    Operand(Operand),
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<Token>>;

fn either(tokens: &mut Tokens) -> Result<Condition, Refused> {
    let mut condition = both(tokens)?;
    while tokens.next_if(|token| matches!(token, Token::Or)).is_some() {
        condition = Condition::Or(Box::new(condition), Box::new(both(tokens)?));
    }
    Ok(condition)
}

fn both(tokens: &mut Tokens) -> Result<Condition, Refused> {
    let mut condition = one(tokens)?;
    while tokens.next_if(|token| matches!(token, Token::And)).is_some() {
        condition = Condition::And(Box::new(condition), Box::new(one(tokens)?));
    }
    Ok(condition)
}

fn one(tokens: &mut Tokens) -> Result<Condition, Refused> {
    match tokens.next() {
        Some(Token::Open) => {
            let condition = either(tokens)?;
            match tokens.next() {
                Some(Token::Close) => Ok(condition),
                _ => Err(invalid()),
            }
        }
        Some(Token::Operand(left)) => match (tokens.next(), tokens.next()) {
            (Some(Token::Compare(comparison)), Some(Token::Operand(right))) => {
                Ok(Condition::Compare(left, comparison, right))
            }
            _ => Err(invalid()),
        },
        _ => Err(invalid()),
    }
}

fn tokens(filter: &str) -> Result<Vec<Token>, Refused> {
    let mut tokens = Vec::new();
    let mut rest = filter.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            '\'' => {
                let (text, after) = quoted(&rest[1..])?;
                (Token::Operand(Operand::Text(text)), after)
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()'".contains(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                match (word, after.strip_prefix('\'')) {
                    ("datetime", Some(after)) => {
                        let (text, after) = quoted(after)?;
                        let day = text.split('T').next().unwrap_or_default().to_owned();
                        (Token::Operand(Operand::Text(day)), after)
                    }
                    (_, Some(_)) => return Err(invalid()),
                    (word, None) => (self::word(word)?, after),
                }
            }
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn word(word: &str) -> Result<Token, Refused> {
    let comparison = |comparison| Ok(Token::Compare(comparison));
    match word {
        "and" => Ok(Token::And),
        "or" => Ok(Token::Or),
        "eq" => comparison(Comparison::Eq),
        "ne" => comparison(Comparison::Ne),
        "ge" => comparison(Comparison::Ge),
        "gt" => comparison(Comparison::Gt),
        "le" => comparison(Comparison::Le),
        "lt" => comparison(Comparison::Lt),
        word if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
            word.parse().map(|number| Token::Operand(Operand::Number(number))).map_err(|_| invalid())
        }
        word if word.chars().all(|c| c.is_ascii_alphanumeric() || "_/".contains(c)) => {
            Ok(Token::Operand(Operand::Property(word.to_owned())))
        }
        // Functions on collections among them: `DocumentLines/any(…)` is not known.
        _ => Err("Query string error - Invalid symbol in the filter condition".to_owned()),
    }
}

/// What stands in quotes, two of which are one within, and what comes after.
fn quoted(text: &str) -> Result<(String, &str), Refused> {
    let mut inside = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('\'').ok_or_else(invalid)?;
        inside.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                inside.push('\'');
                rest = after;
            }
            None => return Ok((inside, rest)),
        }
    }
}

fn invalid() -> Refused {
    "Query string error - Invalid filter condition".to_owned()
}

/// Sorts rows by `$orderby`.
pub(super) fn sort(rows: &mut [&Json], order_by: &str) -> Result<(), Refused> {
    let mut keys = Vec::new();
    for part in order_by.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, direction) = part.split_once(' ').unwrap_or((part, "asc"));
        if rows.first().is_some_and(|row| row.get(name).is_none()) {
            return Err(format!("Property '{name}' is invalid"));
        }
        keys.push((name, direction.trim() == "desc"));
    }
    rows.sort_by(|left, right| {
        keys.iter().fold(Ordering::Equal, |order, (name, descending)| {
            order.then_with(|| {
                let order = compare(left.get(name), right.get(name));
                if *descending { order.reverse() } else { order }
            })
        })
    });
    Ok(())
}

fn compare(left: Option<&Json>, right: Option<&Json>) -> Ordering {
    match (left, right) {
        (Some(Json::Number(left)), Some(Json::Number(right))) => {
            let number = |digits: &str| digits.parse::<i64>().unwrap_or_default();
            number(left).cmp(&number(right))
        }
        (left, right) => left.map_or("", Json::said).cmp(right.map_or("", Json::said)),
    }
}

/// The members that `$select` names.
pub(super) fn select(row: &Json, names: &str) -> Result<Json, Refused> {
    let named = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let member = |name: &str| {
        let member = row.get(name).ok_or_else(|| format!("Property '{name}' of 'Document' is invalid"))?;
        Ok((name.to_owned(), member.clone()))
    };
    named.map(member).collect::<Result<_, Refused>>().map(Json::Object)
}
