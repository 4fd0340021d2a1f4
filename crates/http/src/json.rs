use std::fmt;

use livegate_core::{ErpError, Result};
use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::Format;
use crate::decode::{Fields, Place, Trace, UNNAMED, find_member};
use crate::lenient;

/// Reads a whole JSON answer; see [`Format::decode`].
///
/// # Errors
/// `malformed`; the message names the member and what was expected there, never what was found.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let text = Format::Json.text(body)?;
    let trace = Trace::default();
    let mut parser = serde_json::Deserializer::from_str(text);
    T::deserialize(Lenient { inner: &mut parser, place: &Place::root(&trace) })
        .and_then(|value| parser.end().map(|()| value))
        .map_err(|error| match error.classify() {
            Category::Data => trace.malformed(),
            Category::Eof => ErpError::malformed("the ERP's answer ends in the middle of its JSON"),
            Category::Syntax | Category::Io => {
                let (line, column) = (error.line(), error.column());
                ErpError::malformed(format!("the ERP's answer is not JSON at line {line}, column {column}"))
            }
        })
}

/// Serde's deserializer for JSON with three differences: a structure's members are found without regard to case, leaves
/// get the text that was sent, and the place of a failure is remembered.
struct Lenient<'p, D> {
    inner: D,
    place: &'p Place<'p>,
}

macro_rules! passed_on {
    ($($method:ident => $what:literal),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.place.expect($what, self.inner.$method(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Lenient<'_, D> {
    type Error = D::Error;

    passed_on! {
        deserialize_any => "of the documented type",
        deserialize_bool => "true or false",
        deserialize_i8 => "a whole number", deserialize_i16 => "a whole number", deserialize_i32 => "a whole number",
        deserialize_i64 => "a whole number", deserialize_i128 => "a whole number", deserialize_u8 => "a whole number",
        deserialize_u16 => "a whole number", deserialize_u32 => "a whole number", deserialize_u64 => "a whole number",
        deserialize_u128 => "a whole number", deserialize_f32 => "a number", deserialize_f64 => "a number",
        deserialize_char => "a character", deserialize_str => "a text", deserialize_string => "a text",
        deserialize_bytes => "bytes", deserialize_byte_buf => "bytes", deserialize_unit => "null",
        deserialize_identifier => "a text", deserialize_ignored_any => "a value",
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let members = Members { visitor, fields: Some(fields), place: self.place };
        self.place.expect("an object", self.inner.deserialize_map(members))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let members = Members { visitor, fields: None, place: self.place };
        self.place.expect("an object", self.inner.deserialize_map(members))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.place.expect("a list", self.inner.deserialize_seq(Items { visitor, place: self.place }))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_option(Optional { visitor, place: self.place })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        if lenient::is_leaf(name) {
            let token = <&RawValue>::deserialize(self.inner);
            self.place.expect(name, token.and_then(|token| visit_token(token.get(), visitor)))
        } else if name == lenient::ONE_OR_MANY {
            let token = <&RawValue>::deserialize(self.inner);
            self.place.expect(name, token.and_then(|token| visit_one_or_many(token.get(), self.place, visitor)))
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.place.expect("one of the documented values", self.inner.deserialize_enum(name, variants, visitor))
    }
}

/// Hands a leaf the text of a number or string, whichever was sent, so that no digit passes through a float.
fn visit_token<'de, V: Visitor<'de>, E: Error>(token: &'de str, visitor: V) -> Result<V::Value, E> {
    match token.as_bytes() {
        b"null" => visitor.visit_unit(),
        b"true" => visitor.visit_bool(true),
        b"false" => visitor.visit_bool(false),
        [b'"', text @ .., b'"'] if !text.contains(&b'\\') => visitor.visit_borrowed_str(&token[1..token.len() - 1]),
        [b'"', ..] => {
            let text: String = serde_json::from_str(token).map_err(|_| E::custom("not a text"))?;
            visitor.visit_string(text)
        }
        [b'-' | b'0'..=b'9', ..] => visitor.visit_borrowed_str(token),
        _ => Err(E::custom("an object or a list")),
    }
}

/// Reads an object as the one item of a list, and everything else as the list.
fn visit_one_or_many<'de, V: Visitor<'de>, E: Error>(
    token: &'de str,
    place: &Place<'_>,
    visitor: V,
) -> Result<V::Value, E> {
    let mut parser = serde_json::Deserializer::from_str(token);
    let inner = Lenient { inner: &mut parser, place };
    let read = if token.starts_with('{') { visitor.visit_some(inner) } else { visitor.visit_newtype_struct(inner) };
    read.map_err(E::custom)
}

struct Members<'p, V> {
    visitor: V,
    fields: Fields,
    place: &'p Place<'p>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Members<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let Self { visitor, fields, place } = self;
        visitor.visit_map(MemberAccess { access, fields, next: 0, name: UNNAMED, place })
    }
}

struct MemberAccess<'p, A> {
    access: A,
    fields: Fields,
    next: usize,
    name: &'static str,
    place: &'p Place<'p>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for MemberAccess<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(fields) = self.fields else { return self.access.next_key_seed(seed) };
        while let Some(found) = self.access.next_key_seed(Key { fields, next: &mut self.next })? {
            if let Some(name) = found {
                self.name = name;
                return seed.deserialize(StrDeserializer::new(name)).map(Some);
            }
            self.access.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.access.next_value_seed(Seed { seed, place: &self.place.member(self.name) })
    }
}

struct Key<'a> {
    fields: &'static [&'static str],
    next: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(find_member(self.fields, name, self.next))
    }
}

struct Items<'p, V> {
    visitor: V,
    place: &'p Place<'p>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Items<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(ItemAccess { access, index: 0, place: self.place })
    }
}

struct ItemAccess<'p, A> {
    access: A,
    index: usize,
    place: &'p Place<'p>,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for ItemAccess<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let place = self.place.item(self.index);
        self.index += 1;
        self.access.next_element_seed(Seed { seed, place: &place })
    }
}

struct Optional<'p, V> {
    visitor: V,
    place: &'p Place<'p>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Optional<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Lenient { inner, place: self.place })
    }
}

struct Seed<'p, S> {
    seed: S,
    place: &'p Place<'p>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Lenient { inner, place: self.place })
    }
}
