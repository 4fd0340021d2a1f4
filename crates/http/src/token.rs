use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use tokio::time::Instant;

use crate::flight::Flight;
use crate::pause::{FIRST_PAUSE, Pause};
use crate::{Login, Tokens, classify};

/// How long getting new tokens may take, whatever time those have who wait for them.
pub(crate) const LOGIN_TIME: Duration = Duration::from_secs(30);

/// Tokens are renewed when a tenth of their lifetime is left, and no earlier than this.
const LONGEST_MARGIN: Duration = Duration::from_secs(60);

/// How long the next attempt waits when tokens that are still good could not be renewed.
const NEXT_EARLY_RENEWAL: Duration = Duration::from_secs(5);

/// The tokens of one connection. They are fetched when first needed and renewed before they expire, by whatever
/// [`Login`] the adapter describes, once for all who need them. After a refused login none is tried for a while, because
/// ERPs lock users out. Other settings make another connection, which has a source of its own.
pub struct TokenSource {
    login: Arc<dyn Login>,
    transport: Arc<dyn Transport>,
    desk: Mutex<Desk>,
}

/// What callers and fetches look at and change in one step.
#[derive(Default)]
struct Desk {
    held: Option<Held>,
    fetch: Option<Fetch>,
    pause: Pause,
}

type Fetch = Flight<Result<Arc<Tokens>>>;

struct Held {
    tokens: Arc<Tokens>,
    obtained: Instant,
    /// When to renew them; `None` if not for their age.
    due: Option<Instant>,
    expiry: Option<Instant>,
    /// A request that carried them was answered 401.
    refused: bool,
    /// So was one that was repeated because of them.
    refused_when_new: bool,
    /// A refresh has not failed for good.
    refreshable: bool,
}

/// What a fetch found out. New tokens for old ones are got without a login, which therefore has a result of its own.
enum Fetched {
    Tokens(Held),
    LoginRefused,
    /// Nothing is known about the credentials; `refresh_failed` says that the refresh need not be tried again.
    Failed {
        error: ErpError,
        refresh_failed: bool,
    },
}

impl TokenSource {
    /// A source that logs in as `login` describes, through `transport`, when tokens are first needed.
    #[must_use]
    pub fn new(login: Arc<dyn Login>, transport: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self { login, transport, desk: Mutex::default() })
    }

    /// Sends `request` with valid tokens. If it is refused with 401, the tokens are renewed and it is repeated, both once.
    pub(crate) async fn send(
        self: &Arc<Self>,
        cx: &CallContext,
        transport: &dyn Transport,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>> {
        let tokens = self.tokens(cx).await?;
        let answer = transport.send(cx, self.signed(&tokens, request.clone())?).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !self.may_replace(&tokens) {
            return Ok(answer);
        }
        let tokens = self.tokens(cx).await?;
        let answer = transport.send(cx, self.signed(&tokens, request)?).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.note_refused_when_new(&tokens);
        }
        Ok(answer)
    }

    fn signed(&self, tokens: &Tokens, mut request: Request<Bytes>) -> Result<Request<Bytes>> {
        self.login.sign(tokens, request.headers_mut())?;
        Ok(request)
    }

    /// Valid tokens, as far as is known. Waits for a fetch only if there are none.
    async fn tokens(self: &Arc<Self>, cx: &CallContext) -> Result<Arc<Tokens>> {
        let fetch = {
            let mut desk = self.desk();
            let now = Instant::now();
            let paused = desk.pause.refusal(now);
            let usable = desk.held.as_ref().filter(|held| held.is_usable(now));
            match (usable.map(|held| (Arc::clone(&held.tokens), held.due)), paused) {
                (Some((tokens, due)), paused) => {
                    if paused.is_none() && due.is_some_and(|due| due <= now) {
                        self.fetch(&mut desk, cx);
                    }
                    return Ok(tokens);
                }
                (None, Some(error)) => return Err(error),
                (None, None) => self.fetch(&mut desk, cx),
            }
        };
        fetch.landed(cx).await?
    }

    /// Joins the fetch under way, or begins one, with a budget of its own.
    fn fetch(self: &Arc<Self>, desk: &mut Desk, cx: &CallContext) -> Fetch {
        if let Some(fetch) = desk.fetch.as_ref().filter(|fetch| fetch.is_under_way()) {
            return fetch.clone();
        }
        let cx = CallContext::new(Arc::clone(&cx.request_id), LOGIN_TIME);
        let renewed = desk.held.as_ref().filter(|held| held.refreshable).map(|held| Arc::clone(&held.tokens));
        let source = Arc::clone(self);
        let fetch = Flight::begin(async move {
            let fetched = source.ask(&cx, renewed.as_deref()).await;
            source.desk().land(fetched)
        });
        desk.fetch.insert(fetch).clone()
    }

    /// A refresh, if that is possible, or else a login. A refresh that cannot succeed later either, be it refused or
    /// its address wrong, gives way to a login.
    async fn ask(&self, cx: &CallContext, renewed: Option<&Tokens>) -> Fetched {
        let mut refresh_failed = false;
        if let Some(renewed) = renewed
            && let Some(request) = self.login.refresh(renewed)
        {
            match self.obtain(cx, request, Some(renewed)).await {
                Ok(held) => return Fetched::Tokens(held),
                Err(error) if error.kind().is_transient() => {
                    return Fetched::Failed { error: named("refresh", &error), refresh_failed };
                }
                Err(error) => {
                    tracing::info!(kind = %error.kind(), reason = error.message(), "tokens cannot be refreshed: a login follows");
                }
            }
            refresh_failed = true;
        }
        match self.obtain(cx, self.login.login(), None).await {
            Ok(held) => Fetched::Tokens(held),
            Err(error) if error.kind() == ErrorKind::CredentialsRejected => Fetched::LoginRefused,
            Err(error) => Fetched::Failed { error: named("login", &error), refresh_failed },
        }
    }

    /// Sends one request for tokens. A refusal of the credentials, and nothing else, is `credentials_rejected`.
    async fn obtain(
        &self,
        cx: &CallContext,
        request: Result<Request<Bytes>>,
        renewed: Option<&Tokens>,
    ) -> Result<Held> {
        // The lifetime may count from the moment at which the ERP reads the request.
        let begun = Instant::now();
        let answer = self.transport.send(cx, request?).await?;
        if let Some(error) = classify(answer.status(), answer.headers()) {
            return Err(match self.login.refuses(&answer) {
                true => ErpError::new(ErrorKind::CredentialsRejected, "the ERP refused the credentials"),
                false => error,
            });
        }
        let mut tokens = self.login.read(&answer, renewed)?;
        if let Some(renewed) = renewed {
            tokens = tokens.completed_by(renewed);
        }
        // What cannot be sent is not kept.
        self.login.sign(&tokens, &mut http::HeaderMap::new())?;
        Ok(Held::new(tokens, begun))
    }

    /// Takes note that a request with these tokens was refused. Whether others are to be had: those that are here
    /// already, or new ones. Not if these were refused when they were new: then renewing them for every request that
    /// the ERP refuses for a reason of its own would only make logins.
    fn may_replace(&self, tokens: &Arc<Tokens>) -> bool {
        match &mut self.desk().held {
            Some(held) if Arc::ptr_eq(&held.tokens, tokens) => {
                let futile = held.refused_when_new && held.obtained.elapsed() < FIRST_PAUSE;
                held.refused |= !futile;
                !futile
            }
            _ => true,
        }
    }

    fn note_refused_when_new(&self, tokens: &Arc<Tokens>) {
        if let Some(held) = &mut self.desk().held
            && Arc::ptr_eq(&held.tokens, tokens)
        {
            held.refused_when_new = true;
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn land(&mut self, fetched: Fetched) -> Result<Arc<Tokens>> {
        let now = Instant::now();
        self.fetch = None;
        let (error, refresh_failed) = match fetched {
            Fetched::Tokens(held) => {
                self.pause.end();
                return Ok(Arc::clone(&self.held.insert(held).tokens));
            }
            Fetched::LoginRefused => (self.pause.begin(now), true),
            Fetched::Failed { error, refresh_failed } => (error, refresh_failed),
        };
        if let Some(held) = &mut self.held {
            held.refreshable &= !refresh_failed;
            held.due = held.due.map(|_| now + NEXT_EARLY_RENEWAL);
            if !held.refreshable && !held.is_usable(now) {
                self.held = None;
            }
        }
        Err(error)
    }
}

impl Held {
    fn new(tokens: Tokens, obtained: Instant) -> Self {
        let lifetime = tokens.lifetime;
        let margin = |lifetime: Duration| (lifetime / 10).min(LONGEST_MARGIN);
        Self {
            tokens: Arc::new(tokens),
            obtained,
            // A lifetime past the end of time has no end.
            due: lifetime.and_then(|lifetime| obtained.checked_add(lifetime - margin(lifetime))),
            expiry: lifetime.and_then(|lifetime| obtained.checked_add(lifetime)),
            refused: false,
            refused_when_new: false,
            refreshable: true,
        }
    }

    fn is_usable(&self, now: Instant) -> bool {
        !self.refused && self.expiry.is_none_or(|expiry| now < expiry)
    }
}

/// The same failure, saying that it is not a question of ours that failed.
pub(crate) fn named(what: &str, error: &ErpError) -> ErpError {
    let told = ErpError::new(error.kind(), format!("at the {what}: {}", error.message())).with_source(error.clone());
    match error.retry_after() {
        Some(wait) => told.with_retry_after(wait),
        None => told,
    }
}
