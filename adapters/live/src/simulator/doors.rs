use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{CLIENT, HEADER, TOKEN, USER};

/// Who is let in, and the tokens that were given out.
#[derive(Default)]
pub(super) struct Doors(Mutex<Issued>);

#[derive(Default)]
struct Issued {
    good: Vec<String>,
    given: usize,
}

impl Doors {
    pub(super) fn admits(&self, request: &HttpRequest) -> bool {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        if header(HEADER.0) == Some(HEADER.1) {
            return true;
        }
        let Some(proof) = header(AUTHORIZATION.as_str()) else { return false };
        match proof.split_once(' ') {
            None => proof == HEADER.1,
            Some(("Bearer", token)) => token == TOKEN || self.issued().good.iter().any(|good| good == token),
            Some(("Basic", pair)) => pair == BASE64_STANDARD.encode(format!("{}:{}", USER.0, USER.1)),
            Some(_) => false,
        }
    }

    /// A token for the client whose credentials the form holds (RFC 6749, 4.4 and 2.3.1).
    pub(super) fn token(&self, form: &HashMap<String, String>) -> Result<String, &'static str> {
        let said = |name| form.get(name).map(String::as_str);
        if said("grant_type") != Some("client_credentials") {
            return Err("unsupported_grant_type");
        }
        if (said("client_id"), said("client_secret")) != (Some(CLIENT.0), Some(CLIENT.1)) {
            return Err("invalid_client");
        }
        let mut issued = self.issued();
        issued.given += 1;
        let token = format!("live-issued-{}", issued.given);
        issued.good.push(token.clone());
        Ok(token)
    }

    pub(super) fn expire(&self) {
        self.issued().good.clear();
    }

    pub(super) fn given(&self) -> usize {
        self.issued().given
    }

    fn issued(&self) -> MutexGuard<'_, Issued> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
