//! The leaves of wire types, for `#[serde(default, deserialize_with = "lenient::amount")]`. Each reads a member as JSON
//! and as XML may write it; absent, null, `i:nil` and (for leaves) blank text are `None`.

use std::fmt;
use std::marker::PhantomData;

use livegate_core::Amount;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// What an amount is, in words; the name under which [`amount`] asks for the text as it was sent.
pub(crate) const AMOUNT: &str = "a number of at most 28 digits";
/// What a text is, in words; the name under which [`text`] asks for the text as it was sent.
pub(crate) const TEXT: &str = "a text or a number";
/// What a flag is, in words; the name under which [`flag`] asks for the text as it was sent.
pub(crate) const FLAG: &str = "true or false";

/// The name under which [`one_or_many`] asks for a list or for the one item that stands in its place.
pub(crate) const ONE_OR_MANY: &str = "a list, or an object in its place";

/// Whether a decoder is asked, by this name, for a leaf: the text that was sent, a truth value, or nothing.
pub(crate) fn is_leaf(name: &str) -> bool {
    [AMOUNT, TEXT, FLAG].contains(&name)
}

/// A sum of money or a quantity: a number or a text holding one, every digit kept.
///
/// # Errors
/// Anything else, and a number of more than 28 significant digits.
pub fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Amount>, D::Error> {
    leaf(deserializer, AMOUNT, |token| match token {
        Token::Text(text) => Amount::parse(text).ok(),
        Token::Bool(_) => None,
    })
}

/// A text, or a number as its digits; trimmed. `T` is what keeps it, such as `String`.
///
/// # Errors
/// A truth value, an object, a list.
pub fn text<'de, T: for<'t> From<&'t str>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    leaf(deserializer, TEXT, |token| match token {
        Token::Text(text) => Some(text.into()),
        Token::Bool(_) => None,
    })
}

/// `true` or `false`, 1 or 0, also as text and in any case.
///
/// # Errors
/// Anything else.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    leaf(deserializer, FLAG, |token| match token {
        Token::Bool(flag) => Some(flag),
        Token::Text("1") => Some(true),
        Token::Text("0") => Some(false),
        Token::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Token::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Token::Text(_) => None,
    })
}

/// A list: a JSON array, or the child elements of the member whatever their name.
///
/// # Errors
/// Anything else, and an item that is not a `T`.
pub fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    Option::deserialize(deserializer)
}

/// A list that an ERP may write as a bare object where it has just one item: that is a list of one. XML needs no such
/// difference.
///
/// # Errors
/// Anything else, and an item that is not a `T`.
pub fn one_or_many<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    deserializer.deserialize_newtype_struct(ONE_OR_MANY, OneOrMany(PhantomData))
}

/// A structure of its own.
///
/// # Errors
/// What is not a `T`.
pub fn structure<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// An answer that is a list by itself: a bare JSON array, or an `ArrayOf…` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(List)
    }
}

/// A decoder that finds one item hands it over as something present, and a list as what is wrapped.
struct OneOrMany<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ONE_OR_MANY)
    }

    fn visit_some<D: Deserializer<'de>>(self, one: D) -> Result<Self::Value, D::Error> {
        T::deserialize(one).map(|one| Some(vec![one]))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, many: D) -> Result<Self::Value, D::Error> {
        Option::deserialize(many)
    }
}

/// Nearly every text begins and ends with what is no white space.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

enum Token<'a> {
    Text(&'a str),
    Bool(bool),
}

fn leaf<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    read: fn(Token<'_>) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_newtype_struct(expected, Leaf { expected, read })
}

struct Leaf<T> {
    expected: &'static str,
    read: fn(Token<'_>) -> Option<T>,
}

impl<T> Leaf<T> {
    fn token<E: Error>(&self, token: Token<'_>) -> Result<Option<T>, E> {
        (self.read)(token).map(Some).ok_or_else(|| E::custom(format_args!("expected {}", self.expected)))
    }
}

impl<T> Visitor<'_> for Leaf<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        self.token(Token::Bool(flag))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match trimmed(text) {
            "" => Ok(None),
            text => self.token(Token::Text(text)),
        }
    }
}
