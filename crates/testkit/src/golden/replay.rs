use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use livegate_core::{CallContext, ErpError, Result as Outcome, Transport};

use super::exchange::Exchange;

/// A transport that answers from recorded exchanges, each once.
pub(crate) struct Replay {
    exchanges: Vec<Exchange>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    used: Vec<usize>,
    problem: Option<String>,
}

impl Replay {
    pub(crate) fn new(exchanges: Vec<Exchange>) -> Self {
        Self { exchanges, state: Mutex::default() }
    }

    /// Whether just what was recorded took place.
    ///
    /// # Errors
    /// The first request that is not recorded, or the exchanges that did not take place.
    pub(crate) fn outcome(&self) -> Result<(), String> {
        let state = self.state();
        if let Some(problem) = &state.problem {
            return Err(problem.clone());
        }
        match self.left(&state) {
            left if left.is_empty() => Ok(()),
            left => Err(format!("recorded, but not asked for:\n{left}")),
        }
    }

    fn left(&self, state: &State) -> String {
        let left = self.exchanges.iter().enumerate();
        let left = left.filter(|(at, exchange)| !state.used.contains(at) && exchange.status.is_some());
        left.map(|(at, exchange)| format!("  {}: {} {}\n", at + 1, exchange.method, exchange.address)).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Replay {
    async fn send(&self, _cx: &CallContext, request: Request<Bytes>) -> Outcome<Response<Bytes>> {
        let answer = self.answer(&request)?;
        // Requests that are sent at the same time are all sent before one of them is answered.
        tokio::task::yield_now().await;
        match answer {
            Some(answer) => Ok(answer),
            None => std::future::pending().await,
        }
    }
}

impl Replay {
    /// The recorded answer, which is then used; `None` if none came.
    fn answer(&self, request: &Request<Bytes>) -> Outcome<Option<Response<Bytes>>> {
        let mut state = self.state();
        let found = self
            .exchanges
            .iter()
            .enumerate()
            .find(|(at, exchange)| !state.used.contains(at) && exchange.is_of(request));
        let Some((at, exchange)) = found else {
            let (method, address) = (request.method(), request.uri());
            let body = String::from_utf8_lossy(request.body()).into_owned();
            let headers = request.headers().iter().map(|(name, value)| match value.is_sensitive() {
                true => format!("  {name}: a secret\n"),
                false => format!("  {name}: {}\n", String::from_utf8_lossy(value.as_bytes())),
            });
            let headers: String = headers.collect();
            let left = self.left(&state);
            let left = if left.is_empty() { "  nothing\n".into() } else { left };
            let problem =
                format!("asked, but not recorded:\n  {method} {address}\n{headers}  {body}\nleft are:\n{left}");
            state.problem.get_or_insert(problem);
            return Err(ErpError::internal("the request is not recorded"));
        };
        state.used.push(at);
        exchange.response().map_err(ErpError::internal)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn an_exchange_takes_place_once() {
        let exchange = |answer: &str| {
            Exchange::read(&format!("GET https://erp.example/a\n\n=== answer ===\n200\n\n{answer}\n")).unwrap()
        };
        let replay = Replay::new(vec![exchange("first"), exchange("second")]);
        let cx = CallContext::new("replay", Duration::from_secs(1));
        let ask = || replay.send(&cx, Request::get("https://erp.example/a").body(Bytes::new()).unwrap());
        assert!(replay.outcome().unwrap_err().contains("recorded, but not asked for:\n  1: GET"));
        assert_eq!(ask().await.unwrap().body().as_ref(), b"first");
        assert_eq!(ask().await.unwrap().body().as_ref(), b"second");
        assert_eq!(replay.outcome(), Ok(()));
        assert!(ask().await.is_err() && replay.outcome().unwrap_err().starts_with("asked, but not recorded:"));
    }
}
