//! Fields as the contract-based API writes them: `{"value":…}`, and `{}` where nothing was entered.

use std::ops::Deref;

use livegate_core::Amount;
use livegate_http::lenient;
use serde::{Deserialize, Deserializer};

/// A text, trimmed: codes are filled up with blanks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(Option<String>);

/// An amount or a quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figure(Option<Amount>);

impl Text {
    /// Whether it is this one, in whatever case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.0.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(name))
    }

    /// The text by itself.
    pub(crate) fn text(&self) -> Option<String> {
        self.0.clone()
    }

    /// The text, or none as a blank one.
    pub(crate) fn or_blank(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl Deref for Text {
    type Target = Option<String>;

    fn deref(&self) -> &Option<String> {
        &self.0
    }
}

impl Deref for Figure {
    type Target = Option<Amount>;

    fn deref(&self) -> &Option<Amount> {
        &self.0
    }
}

#[derive(Deserialize)]
struct WrappedText {
    #[serde(default, deserialize_with = "lenient::text")]
    value: Option<String>,
}

#[derive(Deserialize)]
struct WrappedFigure {
    #[serde(default, deserialize_with = "lenient::amount")]
    value: Option<Amount>,
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::structure::<WrappedText, D>(deserializer).map(|field| Self(field.and_then(|field| field.value)))
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::structure::<WrappedFigure, D>(deserializer).map(|field| Self(field.and_then(|field| field.value)))
    }
}
