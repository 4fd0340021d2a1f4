use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use livegate_tenants::Credential;

/// What a request brings to say who it is. It is compared and dropped; it is never logged.
pub(crate) enum Presented {
    Token(String),
    TenantToken { tenant: String, token: String },
}

impl Presented {
    /// Reads the credential: `Authorization` wins, then the operator's own headers in their order. `None` where nothing
    /// usable is there.
    pub(crate) fn read(headers: &HeaderMap, token_headers: &[String]) -> Option<Self> {
        let mut authorizations = headers.get_all(AUTHORIZATION);
        if let Some(value) = authorizations.next() {
            // Two of them: nobody can say which one was meant.
            return if authorizations.next().is_some() { None } else { Self::authorization(value.to_str().ok()?) };
        }
        // A header that is there but blank is none, so the next one counts.
        token_headers.iter().find_map(|name| Self::token(headers.get(name.as_str())?.to_str().ok()?))
    }

    pub(crate) fn credential(&self) -> Credential<'_> {
        match self {
            Self::Token(token) => Credential::Token(token),
            Self::TenantToken { tenant, token } => Credential::TenantToken { tenant, token },
        }
    }

    fn authorization(value: &str) -> Option<Self> {
        let value = value.trim();
        let Some((scheme, rest)) = value.split_once(' ') else { return Self::token(value) };
        if scheme.eq_ignore_ascii_case("bearer") {
            Self::token(rest)
        } else if scheme.eq_ignore_ascii_case("basic") {
            let decoded = String::from_utf8(BASE64_STANDARD.decode(rest.trim()).ok()?).ok()?;
            let (tenant, token) = decoded.split_once(':')?;
            Some(Self::TenantToken { tenant: tenant.to_owned(), token: token.to_owned() })
        } else {
            None
        }
    }

    fn token(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self::Token(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn read(headers: &[(&'static str, &'static str)]) -> Option<(Option<String>, String)> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let names = ["X-Api-Key".to_owned(), "x-shop".to_owned()];
        Presented::read(&map, &names).map(|presented| match presented {
            Presented::Token(token) => (None, token),
            Presented::TenantToken { tenant, token } => (Some(tenant), token),
        })
    }

    #[test]
    fn every_way_to_present_a_token_is_read() {
        let token = Some((None, "t1".to_owned()));
        for value in ["Bearer t1", "bearer t1", "BEARER   t1", "t1", " t1 "] {
            assert_eq!(read(&[("authorization", value)]), token, "{value}");
        }
        assert_eq!(
            read(&[("authorization", "Basic aGFyYm9yOnQ6MQ==")]),
            Some((Some("harbor".to_owned()), "t:1".to_owned()))
        );
        assert_eq!(
            read(&[("authorization", "bAsIc aGFyYm9yOnQ6MQ==")]),
            Some((Some("harbor".to_owned()), "t:1".to_owned()))
        );
        assert_eq!(read(&[("x-api-key", "t1")]), token);
        assert_eq!(read(&[("x-shop", "t1")]), token);
        assert_eq!(read(&[("x-api-key", " "), ("x-shop", "t1")]), token);
    }

    #[test]
    fn authorization_wins_and_what_cannot_be_read_is_nothing() {
        assert_eq!(read(&[("authorization", "Bearer t1"), ("x-api-key", "t2")]), Some((None, "t1".to_owned())));
        assert_eq!(read(&[("authorization", "Digest t1"), ("x-api-key", "t2")]), None);
        for value in ["", "Basic !!!", "Basic bm9jb2xvbg==", "Digest a b"] {
            assert_eq!(read(&[("authorization", value)]), None, "{value}");
        }
        assert_eq!(read(&[("authorization", "Bearer t1"), ("authorization", "Bearer t2")]), None);
        assert_eq!(read(&[("x-other", "t1")]), None);
        assert_eq!(read(&[]), None);
    }
}
