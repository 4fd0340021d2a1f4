use std::fmt;

/// The most characters a code or id may have.
pub const MAX_CODE_LENGTH: usize = 200;

/// Why a text is no code or id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("must not be blank")]
    Blank,
    /// Longer than [`MAX_CODE_LENGTH`] characters.
    #[error("must be at most 200 characters long")]
    TooLong,
    /// A line break, a tab or another control character.
    #[error("must not contain control characters")]
    ControlCharacter,
}

fn checked(text: &str) -> Result<Box<str>, InvalidText> {
    // Nearly every code is of visible ASCII characters, in which there is nothing to look for.
    if (1..=MAX_CODE_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.into());
    }
    let text = text.trim();
    if text.chars().all(is_unseen) {
        Err(InvalidText::Blank)
    } else if text.chars().any(char::is_control) {
        Err(InvalidText::ControlCharacter)
    } else if text.chars().count() > MAX_CODE_LENGTH {
        Err(InvalidText::TooLong)
    } else {
        Ok(text.into())
    }
}

/// Characters that nobody sees. An ERP that strips them would be asked for a blank code.
fn is_unseen(c: char) -> bool {
    let format = ['\u{ad}', '\u{61c}', '\u{180e}', '\u{feff}'];
    c.is_whitespace()
        || format.contains(&c)
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// A customer's account number in the ERP: trimmed, never blank, at most 200 characters, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerCode(Box<str>);

impl CustomerCode {
    /// Takes a caller's code, trimmed.
    ///
    /// # Errors
    /// [`InvalidText`], which a caller may be shown.
    pub fn new(text: &str) -> Result<Self, InvalidText> {
        checked(text).map(Self)
    }

    /// Takes the code that an ERP's answer names; a blank or unusable one is unknown.
    #[must_use]
    pub fn from_answer(text: &str) -> Option<Self> {
        checked(text).ok().map(Self)
    }

    /// The code as asked, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both name one customer; case counts only where the ERP says so.
    #[must_use]
    pub fn is_same_customer(&self, other: &Self, case_sensitive: bool) -> bool {
        if case_sensitive { self.0 == other.0 } else { self.0.eq_ignore_ascii_case(&other.0) }
    }
}

/// The number under which a customer knows an order or an invoice. The same limits as [`CustomerCode`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(Box<str>);

impl DocumentId {
    /// Takes a caller's id, trimmed.
    ///
    /// # Errors
    /// [`InvalidText`], which a caller may be shown.
    pub fn new(text: &str) -> Result<Self, InvalidText> {
        checked(text).map(Self)
    }

    /// The id as asked, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A currency by its ISO 4217 code, in upper case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(Box<str>);

impl Currency {
    /// Three ASCII letters; `None` for anything else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic()))
            .then(|| Self(text.to_ascii_uppercase().into()))
    }

    /// The code, such as `USD`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CustomerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_trimmed_and_checked() {
        assert_eq!(CustomerCode::new("  ACME 001 ").unwrap().as_str(), "ACME 001");
        assert_eq!(CustomerCode::new(" \u{a0} "), Err(InvalidText::Blank));
        for unseen in ["\u{200b}", " \u{feff}\u{202e} ", "\u{ad}"] {
            assert_eq!(CustomerCode::new(unseen), Err(InvalidText::Blank), "{unseen:?}");
        }
        assert_eq!(CustomerCode::new("A\r\nB"), Err(InvalidText::ControlCharacter));
        assert_eq!(CustomerCode::new(&"ü".repeat(200)).unwrap().as_str().chars().count(), 200);
        assert_eq!(CustomerCode::new(&"x".repeat(201)), Err(InvalidText::TooLong));
    }

    #[test]
    fn owners_compare_without_ascii_case_unless_the_erp_distinguishes_it() {
        let (upper, lower) = (CustomerCode::new("ACME").unwrap(), CustomerCode::new("acme").unwrap());
        assert!(upper.is_same_customer(&lower, false));
        assert!(!upper.is_same_customer(&lower, true));
        assert!(!CustomerCode::new("É").unwrap().is_same_customer(&CustomerCode::new("é").unwrap(), false));
    }

    #[test]
    fn currencies_are_three_letters() {
        assert_eq!(Currency::new(" usd ").unwrap().as_str(), "USD");
        assert_eq!(Currency::new("$"), None);
    }
}
