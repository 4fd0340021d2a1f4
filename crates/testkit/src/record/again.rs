use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use livegate_core::{CallContext, ErpError, Result as Outcome, Transport};

use super::bodies::{self, decoded};
use super::leaf;
use super::recorder::{Recorded, media_type};
use super::stand_ins::StandIns;
use crate::golden::exchange::{Exchange, SECRET};
use crate::json_text::{Token, tokens};

/// A transport for the same call with stand-ins. It answers a request with the replaced answer to the recorded one that
/// says the same, and keeps the request: what the adapter sends now cannot hold anything of the original.
pub(super) struct Again {
    state: Mutex<State>,
}

struct State {
    stand_ins: StandIns,
    recorded: Vec<Recorded>,
    answers: Vec<Exchange>,
    asked: Vec<bool>,
    problem: Option<String>,
}

impl Again {
    pub(super) fn new(mut stand_ins: StandIns, recorded: Vec<Recorded>) -> Result<Self, String> {
        let answers: Vec<Exchange> =
            recorded.iter().map(|recorded| answer(&mut stand_ins, recorded)).collect::<Result<_, String>>()?;
        let asked = vec![false; answers.len()];
        Ok(Self { state: Mutex::new(State { stand_ins, recorded, answers, asked, problem: None }) })
    }

    /// The exchanges as they are to be written.
    ///
    /// # Errors
    /// A request that says something else than all that were recorded, or one that was not asked again.
    pub(super) fn files(self) -> Result<(StandIns, Vec<Exchange>), String> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(problem) = state.problem {
            return Err(problem);
        }
        let missing = |at: &usize| !state.asked[*at] && state.recorded[*at].response.is_some();
        match (0..state.asked.len()).find(missing) {
            None => {
                let asked =
                    state.answers.into_iter().zip(state.asked).filter_map(|(answer, asked)| asked.then_some(answer));
                Ok((state.stand_ins, asked.collect()))
            }
            Some(at) => {
                let request = &state.recorded[at].request;
                let (method, at) = (request.method(), at + 1);
                Err(format!("with stand-ins, request {at} ({method}) of {} was not sent", state.asked.len()))
            }
        }
    }
}

#[async_trait]
impl Transport for Again {
    async fn send(&self, _cx: &CallContext, request: Request<Bytes>) -> Outcome<Response<Bytes>> {
        let answer = self.answer(&request)?;
        // As in a replay.
        tokio::task::yield_now().await;
        match answer {
            Some(answer) => Ok(answer),
            None => std::future::pending().await,
        }
    }
}

impl Again {
    /// The replaced answer, if one came; the request is kept in place of the recorded one.
    fn answer(&self, request: &Request<Bytes>) -> Outcome<Option<Response<Bytes>>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { stand_ins, recorded, answers, asked, problem } = &mut *state;
        let same =
            (0..recorded.len()).find(|at| !asked[*at] && says_the_same(stand_ins, &recorded[*at].request, request));
        let Some(at) = same else {
            // The path holds stand-ins only.
            let (method, path) = (request.method(), request.uri().path());
            problem.get_or_insert(format!(
                "with stand-ins, the adapter sends what it did not send before: {method} {path}"
            ));
            return Err(ErpError::internal("the request is not recorded"));
        };
        asked[at] = true;
        let answer = &mut answers[at];
        answer.method = request.method().to_string();
        answer.address = request.uri().to_string();
        answer.headers = request
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                let name = name.as_str();
                let value = if value.is_sensitive() || is_secret(name) { SECRET } else { value.to_str().ok()? };
                Some((name.to_owned(), value.to_owned()))
            })
            .collect();
        answer.body = String::from_utf8_lossy(request.body()).into_owned();
        answer.response().map_err(ErpError::internal)
    }
}

/// Whether a header proves who asks, by its name.
fn is_secret(name: &str) -> bool {
    ["auth", "cookie", "key", "token", "secret", "session", "password", "signature"]
        .iter()
        .any(|part| name.contains(part))
}

/// The recorded answer, replaced; its request is filled in when it is asked again.
fn answer(stand_ins: &mut StandIns, recorded: &Recorded) -> Result<Exchange, String> {
    let body = match recorded.answer()? {
        Some(answer) => bodies::body(answer, recorded.media_type(), &mut leaf(stand_ins)),
        None => String::new(),
    };
    let response = recorded.response.as_ref();
    Ok(Exchange {
        method: String::new(),
        address: String::new(),
        headers: Vec::new(),
        body: String::new(),
        status: response.map(|response| response.status().as_u16()),
        answer_headers: response.map_or_else(Vec::new, |response| headers(stand_ins, response.headers())),
        answer: body,
    })
}

/// Those that an adapter may read; what else a server says is its own business.
fn headers(stand_ins: &mut StandIns, headers: &HeaderMap) -> Vec<(String, String)> {
    let mut kept = Vec::new();
    for (name, value) in headers {
        let (name, Ok(value)) = (name.as_str(), value.to_str()) else { continue };
        let paging = ["page", "next", "cursor", "total", "count", "token"].iter().any(|part| name.contains(part));
        let value = match name {
            "content-type" | "date" | "retry-after" => value.to_owned(),
            // What the cookie is called, and another value. Without its path, which may tell whose it is, it would be sent
            // back only to where the login is.
            "set-cookie" => {
                let (cookie, value) = value.split(';').next().unwrap_or_default().split_once('=').unwrap_or(("", ""));
                format!("{cookie}={}; path=/", stand_ins.replaced(value))
            }
            "link" | "location" => stand_ins.replaced(value),
            _ if paging => leaf(stand_ins)(name.trim_start_matches("x-"), value),
            _ => continue,
        };
        kept.push((name.to_owned(), value));
    }
    kept
}

/// Whether `new` is `old` with stand-ins in it.
fn says_the_same(stand_ins: &mut StandIns, old: &Request<Bytes>, new: &Request<Bytes>) -> bool {
    let (old_uri, new_uri) = (old.uri(), new.uri());
    let authority = |uri: &Uri| uri.authority().map(ToString::to_string).unwrap_or_default();
    old.method() == new.method()
        && stand_ins.agrees(&authority(old_uri), &authority(new_uri))
        && path_agrees(stand_ins, old_uri.path(), new_uri.path())
        && pairs_agree(stand_ins, old_uri.query().unwrap_or_default(), new_uri.query().unwrap_or_default())
        && body_agrees(stand_ins, old, new)
}

fn path_agrees(stand_ins: &mut StandIns, old: &str, new: &str) -> bool {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('/').collect(), new.split('/').collect());
    old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| stand_ins.agrees(&decoded(old), &decoded(new)))
}

fn pairs_agree(stand_ins: &mut StandIns, old: &str, new: &str) -> bool {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('&').collect(), new.split('&').collect());
    old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| stand_ins.agrees(&decoded(old), &decoded(new)))
}

fn body_agrees(stand_ins: &mut StandIns, old: &Request<Bytes>, new: &Request<Bytes>) -> bool {
    let (Ok(old_body), Ok(new_body)) = (std::str::from_utf8(old.body()), std::str::from_utf8(new.body())) else {
        return old.body() == new.body();
    };
    if media_type(old.headers()).starts_with("application/x-www-form-urlencoded") {
        return pairs_agree(stand_ins, old_body, new_body);
    }
    let (Some(old), Some(new)) = (tokens(old_body), tokens(new_body)) else {
        return stand_ins.agrees(old_body, new_body);
    };
    let said = |text: &str| serde_json::from_str::<String>(text).unwrap_or_default();
    // Entries that are sorted by what was replaced come in another order: what they hold must be the same all in all.
    let mut left: Vec<Token<'_>> = new;
    let in_order = old.len() == left.len();
    in_order
        && old.iter().all(|old| {
            let found = left.iter().position(|new| match (*old, *new) {
                (Token::Text(old), Token::Text(new)) => stand_ins.agrees(&said(old), &said(new)),
                (Token::Number(old), Token::Number(new)) => stand_ins.agrees(old, new),
                (old, new) => old == new,
            });
            found.map(|at| left.remove(at)).is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_cookie_goes_wherever_the_real_one_went() {
        let mut answered = HeaderMap::new();
        for cookie in ["SID=f00d-4711; path=/harbor; HttpOnly", "ROUTEID=.node1"] {
            answered.append(http::header::SET_COOKIE, cookie.parse().unwrap());
        }
        let kept = headers(&mut StandIns::new(&[]), &answered);
        assert!(kept.iter().all(|(name, value)| name == "set-cookie" && value.ends_with("; path=/")), "{kept:?}");
        let told: String = kept.iter().map(|(_, value)| value.as_str()).collect();
        assert!(told.contains("SID=") && told.contains("ROUTEID="), "{told}");
        assert!(!told.contains("4711") && !told.contains("harbor"), "{told}");
    }
}
