use std::time::Duration;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{Bytes, BytesMut, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use futures::StreamExt;
use jiff::Timestamp;
use livegate_core::{CacheOutcome, CallContext, ErpError, ErrorKind, Freshness, Operation, Reply};
use livegate_live::plan;
use livegate_tenants::Tenant;
use tracing::Instrument;

use crate::connections::rules;
use crate::credentials::Presented;
use crate::events::What;
use crate::gateway::Gateway;
use crate::memory::UnderWay;
use crate::problem::Problem;
use crate::rendered::Request;
use crate::setup::Setup;

/// The most bytes that a request may have.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// How much of a request that is too large is read and thrown away, so that its sender gets to read the answer instead
/// of a reset connection.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;

/// How long a sender of too much may pause before it is answered.
const LINGER: Duration = Duration::from_millis(250);

const JSON: HeaderValue = HeaderValue::from_static("application/json");

// Names that the web server does not know are read anew for each answer unless they are constants.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
const AS_OF: HeaderName = HeaderName::from_static("livegate-as-of");

/// Where each operation is asked for.
pub(crate) const ROUTES: [(&str, Operation); 5] = [
    ("/live/v1/customer-balance", Operation::Account),
    ("/live/v1/orders", Operation::Orders),
    ("/live/v1/orders/by-id", Operation::Order),
    ("/live/v1/invoices", Operation::Invoices),
    ("/live/v1/invoices/by-id", Operation::Invoice),
];

pub(crate) fn routes(services: &mut ServiceConfig) {
    for (path, operation) in ROUTES {
        let handler = move |gateway, request, payload| answer(gateway, operation, request, payload);
        services.service(
            web::resource(path)
                .route(web::post().to(handler))
                .default_service(web::to(|request: HttpRequest| method_not_allowed(request, "POST"))),
        );
    }
}

pub(crate) async fn not_found(request: HttpRequest) -> HttpResponse {
    let paths = ROUTES.map(|(path, _)| path).join(", ");
    Problem::new("not_found", format!("there is nothing here; Live calls go to {paths}"), &request_id(&request))
        .respond()
}

pub(crate) async fn method_not_allowed(request: HttpRequest, allowed: &'static str) -> HttpResponse {
    let detail = format!("this address takes {allowed} only");
    let mut response = Problem::new("method_not_allowed", detail, &request_id(&request)).respond();
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(allowed));
    response
}

/// The caller's id of the request, if it is one, else a new one.
pub(crate) fn request_id(request: &HttpRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let usable = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    given.filter(usable).map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
}

async fn answer(gateway: Data<Gateway>, operation: Operation, request: HttpRequest, payload: Payload) -> HttpResponse {
    let request_id = request_id(&request);
    let began = tokio::time::Instant::now();
    let setup = gateway.setup();
    let (roster, presented) = (gateway.roster(), Presented::read(request.headers(), &setup.config.token_headers));
    let tenant = presented.as_ref().and_then(|presented| roster.authenticate(&presented.credential()).cloned());
    let tenant_id = tenant.as_ref().map(|tenant| tracing::field::display(&tenant.id));
    let span = tracing::info_span!("call", %request_id, %operation, tenant = tenant_id);
    async {
        // The body is read before anything is refused: a body left unread costs the caller its connection.
        let body = read(payload, &request, setup.config.deadline).await;
        let Some(tenant) = tenant else {
            if let Some(mistake) = presented.and_then(|presented| roster.shown_digest(&presented.credential())) {
                tracing::warn!("{mistake}");
            }
            let detail = "send the tenant's token as `Authorization: Bearer <token>`";
            return refuse(&gateway, &Problem::new("unauthorized", detail, &request_id));
        };
        let refused = |problem: Problem| {
            let (kind, message) = (problem.code(), problem.detail().to_owned());
            let what = What { of: "request", operation: operation.name(), kind, message };
            gateway.events.note(&tenant.id, what, &request_id, began.elapsed());
            refuse(&gateway, &problem)
        };
        let body = match body {
            Ok(body) => body,
            Err(Unread::TooLarge) => {
                let detail = format!("a request has at most {MAX_BODY} bytes");
                return refused(Problem::new("payload_too_large", detail, &request_id));
            }
            Err(Unread::Broken) => {
                let detail = "the body did not arrive whole and in time";
                return refused(Problem::new("bad_request", detail, &request_id));
            }
        };
        let _under_way = match admitted(&gateway, &tenant, &request_id) {
            Ok(under_way) => under_way,
            Err(problem) => return refused(problem),
        };
        let response = call(&gateway, &setup, &tenant, operation, &request, &request_id, &body).await;
        let status = response.status().as_u16();
        tracing::info!(status, duration_ms = began.elapsed().as_millis(), "answered");
        response
    }
    .instrument(span)
    .await
}

/// Whether there is room for one more call: the tenant's share of calls, and memory.
fn admitted<'a>(gateway: &'a Gateway, tenant: &Tenant, request_id: &str) -> Result<UnderWay<'a>, Problem> {
    let under_way = gateway.memory.admit().ok_or_else(|| {
        let error = ErpError::new(ErrorKind::Overloaded, "the gateway has no memory left for more calls; try again");
        Problem::failed(&error.with_retry_after(Duration::from_secs(1)), request_id)
    })?;
    gateway.inbound.admit(tenant).map_err(|wait| {
        let allowed = tenant.calls_per_minute;
        let detail = format!("this tenant may make {allowed} calls a minute ([limits] calls_per_minute)");
        Problem::new("too_many_requests", detail, request_id).with_retry_after(wait)
    })?;
    Ok(under_way)
}

async fn call(
    gateway: &Gateway,
    setup: &Setup,
    tenant: &Tenant,
    operation: Operation,
    request: &HttpRequest,
    request_id: &str,
    body: &Bytes,
) -> HttpResponse {
    let began = tokio::time::Instant::now();
    let note = |problem: &Problem| {
        let (kind, message) = (problem.code(), problem.detail().to_owned());
        let what = What { of: "request", operation: operation.name(), kind, message };
        gateway.events.note(&tenant.id, what, request_id, began.elapsed());
    };
    let failed = |error| {
        let problem = Problem::failed(&error, request_id);
        note(&problem);
        tracing::warn!(kind = error.kind().code(), causes = error.causes(), "{}", error.message());
        problem.respond()
    };
    let rejected = |error| {
        let problem = Problem::rejected(&error, request_id);
        note(&problem);
        refuse(gateway, &problem)
    };
    let line = match gateway.connections.line(setup, tenant) {
        Ok(line) => line,
        Err(error) => {
            // A caller's mistake is the caller's, also where the connection cannot be made.
            let understood = plan(operation, body, &rules(tenant), &tenant.adapter.capabilities);
            return understood.map_or_else(rejected, |_| failed(error));
        }
    };
    let asked = Request { connection: line.number, operation, body: body.clone() };
    let known = gateway.rendered.get(&asked);
    let understood;
    let plan = match &known {
        Some(response) => &response.plan,
        None => {
            understood = match plan(operation, body, &rules(tenant), &line.capabilities) {
                Ok(plan) => plan,
                Err(error) => return rejected(error),
            };
            &understood
        }
    };
    let mut cx = CallContext::new(request_id, setup.config.deadline);
    cx.freshness = freshness(request.headers());
    let reply = match line.erp.call(&cx, plan.query()).await {
        Ok(reply) => reply,
        Err(error) => return failed(error),
    };
    let now = Timestamp::now();
    let body = match known.as_ref().and_then(|response| response.of(&reply.answer, now)) {
        Some(body) => body,
        None => match gateway.rendered.render(&asked, plan, &reply, now) {
            Ok(body) => body,
            Err(error) => return failed(error),
        },
    };
    let (status, age) = cache_status(&reply);
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, JSON))
        .insert_header((REQUEST_ID, request_id))
        .insert_header((CACHE_STATUS, status))
        .insert_header((header::AGE, age.as_secs()))
        .insert_header((AS_OF, format!("{:.3}", reply.as_of)))
        .body(body)
}

fn refuse(gateway: &Gateway, problem: &Problem) -> HttpResponse {
    gateway.metrics.rejected(problem.code());
    tracing::info!(code = problem.code(), "refused");
    problem.respond()
}

enum Unread {
    TooLarge,
    Broken,
}

/// Reads a body of at most [`MAX_BODY`]. Of a larger one some more is read and thrown away, but not waited for.
async fn read(mut payload: Payload, request: &HttpRequest, limit: Duration) -> Result<Bytes, Unread> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let (mut body, mut discarded) = (BytesMut::new(), 0);
    let mut too_large = declared.is_some_and(|length: u64| length > MAX_BODY as u64);
    let waits = request.headers().contains_key(header::EXPECT);
    if too_large && waits {
        return Err(Unread::TooLarge);
    }
    let until = tokio::time::Instant::now() + limit;
    loop {
        let patience = if too_large { until.min(tokio::time::Instant::now() + LINGER) } else { until };
        let chunk = match tokio::time::timeout_at(patience, payload.next()).await {
            Ok(Some(Ok(chunk))) => chunk,
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) if !too_large => return Err(Unread::Broken),
            Ok(Some(Err(_))) | Err(_) => break,
        };
        too_large |= body.len() + chunk.len() > MAX_BODY;
        if too_large {
            discarded += chunk.len();
            if discarded > MAX_DISCARDED {
                break;
            }
        } else {
            body.extend_from_slice(&chunk);
        }
    }
    if too_large { Err(Unread::TooLarge) } else { Ok(body.freeze()) }
}

/// What the caller's `cache-control` asks for; the strictest directive counts, unreadable ones do not.
fn freshness(headers: &HeaderMap) -> Freshness {
    let mut freshness = Freshness::Any;
    for value in headers.get_all(header::CACHE_CONTROL).filter_map(|value| value.to_str().ok()) {
        for directive in value.split(',').map(str::trim) {
            if directive.eq_ignore_ascii_case("no-cache") {
                return Freshness::NoCache;
            }
            let Some((name, seconds)) = directive.split_once('=') else { continue };
            let Ok(seconds) = seconds.trim().trim_matches('"').parse() else { continue };
            if name.trim().eq_ignore_ascii_case("max-age") {
                let asked = Duration::from_secs(seconds);
                freshness = match freshness {
                    Freshness::MaxAge(other) => Freshness::MaxAge(other.min(asked)),
                    _ => Freshness::MaxAge(asked),
                };
            }
        }
    }
    freshness
}

/// The answer's `cache-status` (RFC 9211) and age.
fn cache_status(reply: &Reply) -> (String, Duration) {
    let kept = |stored| if stored { "; stored" } else { "" };
    match reply.cache {
        CacheOutcome::Unused => ("livegate; fwd=bypass".to_owned(), Duration::ZERO),
        // Past its freshness, while a refresh runs.
        CacheOutcome::Hit { age, ttl } if ttl.is_zero() => ("livegate; hit; detail=stale".to_owned(), age),
        CacheOutcome::Hit { age, ttl } => (format!("livegate; hit; ttl={}", ttl.as_secs()), age),
        CacheOutcome::Stale { age } => ("livegate; hit; detail=stale".to_owned(), age),
        CacheOutcome::Miss { stored } => (format!("livegate; fwd=miss{}", kept(stored)), Duration::ZERO),
        CacheOutcome::Collapsed { age } => ("livegate; fwd=miss; collapsed".to_owned(), age),
        CacheOutcome::Requested { stored } => (format!("livegate; fwd=request{}", kept(stored)), Duration::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use livegate_core::Answer;

    use super::*;

    #[test]
    fn the_strictest_readable_directive_counts() {
        for (value, expected) in [
            ("", Freshness::Any),
            ("no-cache", Freshness::NoCache),
            ("No-Cache", Freshness::NoCache),
            ("max-age=5", Freshness::MaxAge(Duration::from_secs(5))),
            ("max-age=\"5\", max-age=3", Freshness::MaxAge(Duration::from_secs(3))),
            ("MAX-AGE = 7", Freshness::MaxAge(Duration::from_secs(7))),
            ("max-age=5, no-cache", Freshness::NoCache),
            ("max-age=-1", Freshness::Any),
            ("max-age=soon, private", Freshness::Any),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("cache-control"), HeaderValue::from_static(value));
            assert_eq!(freshness(&headers), expected, "{value}");
        }
    }

    #[test]
    fn cache_status_is_told_as_documented() {
        let second = Duration::from_millis(1_900);
        for (cache, expected, age) in [
            (CacheOutcome::Hit { age: second, ttl: Duration::from_millis(12_900) }, "livegate; hit; ttl=12", 1),
            (CacheOutcome::Hit { age: second, ttl: Duration::from_millis(900) }, "livegate; hit; ttl=0", 1),
            (CacheOutcome::Hit { age: second, ttl: Duration::ZERO }, "livegate; hit; detail=stale", 1),
            (CacheOutcome::Stale { age: second }, "livegate; hit; detail=stale", 1),
            (CacheOutcome::Miss { stored: true }, "livegate; fwd=miss; stored", 0),
            (CacheOutcome::Miss { stored: false }, "livegate; fwd=miss", 0),
            (CacheOutcome::Collapsed { age: Duration::ZERO }, "livegate; fwd=miss; collapsed", 0),
            (CacheOutcome::Requested { stored: true }, "livegate; fwd=request; stored", 0),
        ] {
            let reply = Reply { cache, ..Reply::now(Answer::Account(None)) };
            let (status, told) = cache_status(&reply);
            assert_eq!((status.as_str(), told.as_secs()), (expected, age));
        }
    }
}
