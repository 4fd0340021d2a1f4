use std::borrow::Cow;
use std::fmt;

use livegate_core::{ErpError, Result};
use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::Format;
use crate::decode::{Fields, Place, Trace, UNNAMED, find_member};
use crate::lenient;

/// How deep elements may lie in each other. Documents of the trade need a dozen levels; more only serves to exhaust the
/// stack.
const MAX_DEPTH: usize = 64;

/// Reads a whole XML answer whose root element's local name is `root`; see [`Format::decode`].
///
/// # Errors
/// `malformed`; the message names the member and what was expected there, never what was found.
pub fn xml<T: DeserializeOwned>(body: &[u8], root: &str) -> Result<T> {
    let text = Format::Xml.text(body)?;
    let trace = Trace::default();
    let mut cursor = Cursor { reader: Reader::from_str(text), depth: 0, closing: false, is_ascii: text.is_ascii() };
    cursor.document(root, &Place::root(&trace)).map_err(|fault| match fault {
        Fault::Type(_) => trace.malformed(),
        Fault::Root => ErpError::malformed(format!("the ERP's answer has another root element than {root}")),
        Fault::End => ErpError::malformed("the ERP's answer ends in the middle of its XML"),
        Fault::Syntax(what) => {
            let byte = cursor.reader.buffer_position();
            ErpError::malformed(format!("the ERP's answer is not XML that is accepted: {what} at byte {byte}"))
        }
    })
}

/// What is wrong with a document. Serde's messages, which may quote values, are kept only for [`Place::expect`].
#[derive(Debug)]
enum Fault {
    Type(String),
    Root,
    End,
    Syntax(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Type(message) => message,
            Self::Root => "another root element",
            Self::End => "the end of the document",
            Self::Syntax(what) => what,
        })
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Type(message.to_string())
    }
}

impl From<quick_xml::Error> for Fault {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Syntax(SyntaxError::InvalidBangMarkup) => Self::Syntax("an unknown declaration"),
            // All others are of markup that is not closed where the text ends.
            quick_xml::Error::Syntax(_) => Self::End,
            _ => Self::Syntax("a malformed or unmatched tag"),
        }
    }
}

/// What of a document matters here.
enum Piece<'de> {
    Open(BytesStart<'de>),
    Text(Cow<'de, str>),
    Character(char),
    Close,
    End,
}

struct Cursor<'de> {
    reader: Reader<&'de [u8]>,
    depth: usize,
    closing: bool,
    is_ascii: bool,
}

impl<'de> Cursor<'de> {
    fn document<T: DeserializeOwned>(&mut self, root: &str, place: &Place<'_>) -> Result<T, Fault> {
        let start = self.outside()?.ok_or(Fault::End)?;
        if !start.local_name().as_ref().eq_ignore_ascii_case(root) {
            return Err(Fault::Root);
        }
        let value = T::deserialize(Element { is_nil: is_nil(&start), cursor: self, place })?;
        match self.outside()? {
            None => Ok(value),
            Some(_) => Err(Fault::Syntax("a second root element")),
        }
    }

    /// The next element where nothing else but white space may be.
    fn outside(&mut self) -> Result<Option<BytesStart<'de>>, Fault> {
        loop {
            match self.next()? {
                Piece::Open(start) => return Ok(Some(start)),
                Piece::Text(text) if is_blank(&text) => {}
                Piece::End => return Ok(None),
                Piece::Text(_) | Piece::Character(_) | Piece::Close => {
                    return Err(Fault::Syntax("text outside the root element"));
                }
            }
        }
    }

    /// Passes over the rest of the element that was opened last.
    fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth - 1;
        while self.depth > outside {
            if let Piece::End = self.next()? {
                return Err(Fault::End);
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Piece<'de>, Fault> {
        if std::mem::take(&mut self.closing) {
            self.depth -= 1;
            return Ok(Piece::Close);
        }
        loop {
            return Ok(match self.reader.read_event()? {
                Event::Start(start) => self.open(start)?,
                Event::Empty(start) => {
                    self.closing = true;
                    self.open(start)?
                }
                Event::End(_) => {
                    self.depth -= 1;
                    Piece::Close
                }
                Event::Text(text) => Piece::Text(text.into_inner()),
                Event::CData(text) => Piece::Text(text.into_inner()),
                Event::GeneralRef(reference) => Piece::Character(character(&reference)?),
                Event::Decl(declaration) => {
                    self.check_encoding(&declaration)?;
                    continue;
                }
                Event::Comment(_) | Event::PI(_) => continue,
                Event::DocType(_) => return Err(Fault::Syntax("a document type declaration")),
                Event::Eof => Piece::End,
            });
        }
    }

    fn open(&mut self, start: BytesStart<'de>) -> Result<Piece<'de>, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::Syntax("elements nested too deeply"));
        }
        Ok(Piece::Open(start))
    }

    /// Text that is plain ASCII reads the same in every encoding that reaches this point. UTF-16 is declared by programs
    /// that wrote a string first and encoded it as UTF-8 later; what is UTF-16 is no valid UTF-8 document.
    fn check_encoding(&self, declaration: &BytesDecl<'_>) -> Result<(), Fault> {
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name))
                if self.is_ascii
                    || ["utf-8", "utf8", "utf-16"].iter().any(|known| name.eq_ignore_ascii_case(known)) =>
            {
                Ok(())
            }
            Some(_) => Err(Fault::Syntax("an encoding other than UTF-8")),
        }
    }
}

fn character(reference: &BytesRef<'_>) -> Result<char, Fault> {
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => reference.resolve_char_ref().ok().flatten().ok_or(Fault::Syntax("an unknown entity")),
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

/// `i:nil="true"`, `xsi:nil="1"`: the XMLSchema-instance attribute, by whatever prefix.
fn is_nil(start: &BytesStart<'_>) -> bool {
    let attributes = start.attributes_raw();
    !attributes.is_empty()
        && attributes.contains("nil")
        && start.attributes().with_checks(false).flatten().any(|attribute| {
            attribute.key.prefix().is_some_and(|prefix| !prefix.is_xmlns())
                && attribute.key.local_name().as_ref() == "nil"
                && matches!(attribute.value.trim(), "true" | "1")
        })
}

/// An element whose start was read, as a value.
struct Element<'c, 'de, 'p> {
    cursor: &'c mut Cursor<'de>,
    is_nil: bool,
    place: &'p Place<'p>,
}

impl<'de> Element<'_, 'de, '_> {
    /// The text of an element that holds nothing else; `None` for nil.
    fn text(self) -> Result<Option<Cow<'de, str>>, Fault> {
        if self.is_nil {
            self.cursor.skip()?;
            return Ok(None);
        }
        let mut text = Cow::Borrowed("");
        loop {
            match self.cursor.next()? {
                Piece::Text(more) if text.is_empty() => text = more,
                Piece::Text(more) => text.to_mut().push_str(&more),
                Piece::Character(character) => text.to_mut().push(character),
                Piece::Close => return Ok(Some(text)),
                Piece::Open(_) => return Err(Fault::Type("elements".into())),
                Piece::End => return Err(Fault::End),
            }
        }
    }

    fn visit_text<V: Visitor<'de>>(self, what: &str, visitor: V) -> Result<V::Value, Fault> {
        let place = self.place;
        let visited = self.text().and_then(|text| match text {
            None => visitor.visit_unit(),
            Some(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Some(Cow::Owned(text)) => visitor.visit_string(text),
        });
        place.expect(what, visited)
    }

    fn visit_members<V: Visitor<'de>>(self, fields: Fields, visitor: V) -> Result<V::Value, Fault> {
        let Self { cursor, is_nil, place } = self;
        let visited = if is_nil {
            Err(Fault::Type("nil".into()))
        } else {
            visitor.visit_map(Members { cursor, fields, next: 0, name: UNNAMED, is_nil, place })
        };
        place.expect("an object", visited)
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $what:literal),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let place = self.place;
            let text = self.text();
            place.expect($what, text.and_then(|text| {
                let value = text.unwrap_or_default().trim().parse().map_err(|_| Fault::Type($what.into()))?;
                visitor.$visit(value)
            }))
        })*
    };
}

impl<'de> Deserializer<'de> for Element<'_, 'de, '_> {
    type Error = Fault;

    parsed! {
        deserialize_bool visit_bool "true or false",
        deserialize_i8 visit_i8 "a whole number", deserialize_i16 visit_i16 "a whole number",
        deserialize_i32 visit_i32 "a whole number", deserialize_i64 visit_i64 "a whole number",
        deserialize_u8 visit_u8 "a whole number", deserialize_u16 visit_u16 "a whole number",
        deserialize_u32 visit_u32 "a whole number", deserialize_u64 visit_u64 "a whole number",
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit_text("a text", visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_nil {
            self.cursor.skip()?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        if lenient::is_leaf(name) { self.visit_text(name, visitor) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.visit_members(Some(fields), visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit_members(None, visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self { cursor, is_nil, place } = self;
        let visited =
            if is_nil { Err(Fault::Type("nil".into())) } else { visitor.visit_seq(Items { cursor, index: 0, place }) };
        place.expect("a list", visited)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.cursor.skip()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct enum identifier
    }
}

struct Members<'c, 'de, 'p> {
    cursor: &'c mut Cursor<'de>,
    fields: Fields,
    next: usize,
    name: &'static str,
    is_nil: bool,
    place: &'p Place<'p>,
}

impl<'de> MapAccess<'de> for Members<'_, 'de, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        while let Some(start) = child(self.cursor)? {
            let name = start.local_name();
            let Some(fields) = self.fields else {
                self.is_nil = is_nil(&start);
                return seed.deserialize(StrDeserializer::new(name.as_ref())).map(Some);
            };
            if let Some(name) = find_member(fields, name.as_ref(), &mut self.next) {
                (self.name, self.is_nil) = (name, is_nil(&start));
                return seed.deserialize(StrDeserializer::new(name)).map(Some);
            }
            self.cursor.skip()?;
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let place = self.place.member(self.name);
        seed.deserialize(Element { cursor: self.cursor, is_nil: self.is_nil, place: &place })
    }
}

struct Items<'c, 'de, 'p> {
    cursor: &'c mut Cursor<'de>,
    index: usize,
    place: &'p Place<'p>,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de, '_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(start) = child(self.cursor)? else { return Ok(None) };
        let place = self.place.item(self.index);
        self.index += 1;
        seed.deserialize(Element { cursor: self.cursor, is_nil: is_nil(&start), place: &place }).map(Some)
    }
}

/// The next child of an element that holds only elements.
fn child<'de>(cursor: &mut Cursor<'de>) -> Result<Option<BytesStart<'de>>, Fault> {
    loop {
        match cursor.next()? {
            Piece::Open(start) => return Ok(Some(start)),
            Piece::Close => return Ok(None),
            Piece::Text(text) if is_blank(&text) => {}
            Piece::Text(_) | Piece::Character(_) => return Err(Fault::Type("text".into())),
            Piece::End => return Err(Fault::End),
        }
    }
}
