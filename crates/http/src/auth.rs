use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use livegate_core::{ErpError, Result};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{Session, TokenSource};

/// How a request proves that the tenant may ask. Its `Debug` shows no secret and no user name.
#[derive(Clone)]
pub enum Auth {
    /// Not at all.
    None,
    /// With a header of the ERP's own, such as an API key.
    Header {
        /// The header's name.
        name: HeaderName,
        /// Its value.
        value: SecretString,
    },
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer(SecretString),
    /// `Authorization: Basic …` in UTF-8 (RFC 7617).
    Basic {
        /// The user, which cannot contain a colon.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// With what a login brought, which is repeated when it has expired. Those before have no login: a 401 is final.
    Tokens(Arc<TokenSource>),
    /// With the cookies of a session, which is replaced when the ERP has ended it.
    Session(Arc<Session>),
}

impl Auth {
    /// The header that it adds to every request, marked sensitive. Tokens come and go, so theirs is not among them, nor are cookies.
    ///
    /// # Errors
    /// `misconfigured` where a secret cannot be in a header, or a user name contains a colon.
    pub(crate) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>> {
        let (name, text) = match self {
            Self::None | Self::Tokens(_) | Self::Session(_) => return Ok(None),
            Self::Header { name, value } => (name.clone(), Zeroizing::new(value.expose_secret().to_owned())),
            Self::Bearer(token) => (AUTHORIZATION, Zeroizing::new(format!("Bearer {}", token.expose_secret()))),
            Self::Basic { username, .. } if username.contains(':') => {
                return Err(ErpError::misconfigured(
                    "the ERP user name contains a colon, which basic authentication cannot send",
                ));
            }
            Self::Basic { username, password } => {
                let pair = Zeroizing::new(format!("{username}:{}", password.expose_secret()));
                (AUTHORIZATION, Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes()))))
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| {
            ErpError::misconfigured(
                "the ERP token or key has a character that a header cannot carry, such as a line break: paste it again",
            )
        })?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }

    /// Adds the header to `headers`, in place of one of the same name.
    ///
    /// # Errors
    /// `misconfigured` where a secret cannot be in a header, or a user name contains a colon.
    pub fn apply(&self, headers: &mut HeaderMap) -> Result<()> {
        if let Some((name, value)) = self.header()? {
            headers.insert(name, value);
        }
        Ok(())
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Header { .. } => "Header(..)",
            Self::Bearer(_) => "Bearer(..)",
            Self::Basic { .. } => "Basic(..)",
            Self::Tokens(_) => "Tokens(..)",
            Self::Session(_) => "Session(..)",
        })
    }
}
