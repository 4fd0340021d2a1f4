use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use livegate_core::{CallContext, ErpError, ErrorKind, LimitSettings, Result, Transport};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::time::Instant;

use crate::EgressPolicy;
use crate::egress::{EgressRefusal, Route};

/// The most that an answer may have after decompression, in bytes.
pub const MAX_BODY: usize = 16 * 1024 * 1024;

/// How much of the body of an answer that is no success is read, and how long it is waited for. A stack trace must have
/// room and a slow ERP time: its words may be all that tells refused credentials from a failure worth a repetition.
const MAX_EXPLANATION: usize = 1024 * 1024;
const EXPLANATION_TIME: Duration = Duration::from_secs(5);

/// Belongs to a request whose answer's headers tell something even if the rest of it never comes: the cookies of a login.
#[derive(Clone, Default)]
pub(crate) struct EarlyHeaders(Arc<Mutex<HeaderMap>>);

impl EarlyHeaders {
    /// What has come.
    pub(crate) fn heard(&self) -> HeaderMap {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, headers: &HeaderMap) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone_from(headers);
    }
}

/// What a tenant may change about how its ERP is reached. Verification of certificates cannot be switched off.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TransportSettings {
    /// Certificates of authorities to trust beside the system's, in PEM.
    pub ca: Option<Arc<[u8]>>,
    /// How long making a connection may take, name resolution and TLS included; past it the ERP is `unreachable`.
    pub connect_timeout: Duration,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self { ca: None, connect_timeout: LimitSettings::default().connect_timeout }
    }
}

/// Makes transports. Connections with equal settings share one, and with it their idle sockets.
pub struct Clients {
    policy: EgressPolicy,
    transports: Mutex<HashMap<TransportSettings, Weak<HttpTransport>>>,
}

impl Clients {
    /// Transports that connect only where `policy` lets them.
    #[must_use]
    pub fn new(policy: EgressPolicy) -> Self {
        Self { policy, transports: Mutex::default() }
    }

    /// The transport for these settings.
    ///
    /// # Errors
    /// `misconfigured` where `ca` holds no certificate or an unusable one.
    pub fn transport(&self, settings: &TransportSettings) -> Result<Arc<dyn Transport>> {
        let mut transports = self.transports.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = transports.get(settings).and_then(Weak::upgrade) {
            return Ok(transport);
        }
        let transport = Arc::new(HttpTransport {
            policy: self.policy.clone(),
            tls: client_config(settings.ca.as_deref())?,
            connect_timeout: settings.connect_timeout,
            clients: Mutex::default(),
        });
        transports.retain(|_, transport| transport.strong_count() > 0);
        transports.insert(settings.clone(), Arc::downgrade(&transport));
        Ok(transport)
    }
}

/// A transport with the system's certificates that reaches, beside public addresses, what `allowed` names in the notation
/// of `[egress] allow`. It is for tools and tests; the gateway shares its [`Clients`] among tenants.
///
/// # Errors
/// `misconfigured` for an entry that is no address, network or host.
pub fn transport_to(allowed: &[&str]) -> Result<Arc<dyn Transport>> {
    let allowed = allowed.iter().map(|entry| {
        entry
            .parse()
            .map_err(|error| ErpError::misconfigured(format!("egress to {entry:?} cannot be allowed: {error}")))
    });
    Clients::new(EgressPolicy::new(allowed.collect::<Result<_>>()?)).transport(&TransportSettings::default())
}

/// A POST without content says so (RFC 9110, 8.6), which hyper leaves out: there are servers that answer 411 without.
fn with_length(mut request: http::Request<Bytes>) -> http::Request<Bytes> {
    if request.method() == http::Method::POST && request.body().is_empty() {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    request
}

/// One reqwest client per port and scheme: a client's resolver is asked for a bare name, and whether an address is
/// permitted depends on how it is reached.
struct HttpTransport {
    policy: EgressPolicy,
    tls: ClientConfig,
    connect_timeout: Duration,
    clients: Mutex<HashMap<Route, reqwest::Client>>,
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let early = request.extensions().get::<EarlyHeaders>().cloned();
        let request = reqwest::Request::try_from(with_length(request))
            .map_err(|error| ErpError::internal("a request has no valid address").with_source(error.without_url()))?;
        let (method, url, begun) = (request.method().clone(), request.url().clone(), Instant::now());
        let result =
            tokio::time::timeout_at(cx.deadline, self.exchange(cx, request, early)).await.unwrap_or_else(|_| {
                Err(ErpError::new(ErrorKind::Timeout, "the ERP did not answer completely before the deadline"))
            });
        let (host, path, duration) = (url.host_str(), url.path(), begun.elapsed());
        match &result {
            Ok(response) => {
                let (status, bytes) = (response.status().as_u16(), response.body().len());
                tracing::debug!(%method, host, path, status, bytes, ?duration, "the ERP answered");
            }
            Err(error) => {
                tracing::debug!(%method, host, path, kind = %error.kind(), ?duration, "the ERP gave no usable answer");
            }
        }
        result
    }
}

impl HttpTransport {
    async fn exchange(
        &self,
        cx: &CallContext,
        request: reqwest::Request,
        early: Option<EarlyHeaders>,
    ) -> Result<http::Response<Bytes>> {
        self.policy.check_url(request.url())?;
        let client = self.client(Route::of(request.url())?)?;
        let mut answer = ask(&client, request).await?;
        if let Some(early) = early {
            early.note(answer.headers());
        }
        let too_large = || {
            ErpError::new(
                ErrorKind::TooLarge,
                format!("the ERP's answer is larger than {} MiB", MAX_BODY / 1024 / 1024),
            )
        };
        let stated = answer.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = BytesMut::new();
        if !answer.status().is_success() {
            // The status tells what went wrong, whatever becomes of the body; so it must be told before the deadline.
            let _ = tokio::time::timeout(EXPLANATION_TIME.min(cx.remaining() / 2), async {
                while let Ok(Some(chunk)) = answer.chunk().await {
                    if body.len() + chunk.len() > MAX_EXPLANATION {
                        break;
                    }
                    body.extend_from_slice(&chunk);
                }
            })
            .await;
        } else if stated.is_some_and(|length| length > MAX_BODY) {
            return Err(too_large());
        } else {
            // A stated length is exact; growing towards it would copy what has come again and again.
            body.reserve(stated.unwrap_or_default());
            while let Some(chunk) = answer.chunk().await.map_err(not_read)? {
                if body.len() + chunk.len() > MAX_BODY {
                    return Err(too_large());
                }
                body.extend_from_slice(&chunk);
            }
        }
        let mut response = http::Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where clients are made")]
    fn client(&self, route: Route) -> Result<reqwest::Client> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&route) {
            return Ok(client.clone());
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .dns_resolver(Arc::new(GuardedResolver { policy: self.policy.clone(), route }))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .connect_timeout(self.connect_timeout)
            .user_agent(concat!("livegate/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ErpError::internal("the HTTP client cannot be made").with_source(error))?;
        clients.insert(route, client.clone());
        Ok(client)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place from which requests go out")]
async fn ask(client: &reqwest::Client, request: reqwest::Request) -> Result<reqwest::Response> {
    client.execute(request).await.map_err(not_answered)
}

/// Asks the system's name service and lets through only what the policy permits on this route. It is asked before every
/// connection, so a name that changes its address in the meantime gains nothing.
struct GuardedResolver {
    policy: EgressPolicy,
    route: Route,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, route) = (self.policy.clone(), self.route);
        Box::pin(async move {
            let found: Vec<_> =
                tokio::net::lookup_host((name.as_str(), route.port)).await?.map(|address| address.ip()).collect();
            if found.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            let permitted = policy.permitted(name.as_str(), found, route)?;
            Ok(Box::new(permitted.into_iter().map(move |ip| SocketAddr::new(ip, route.port))) as Addrs)
        })
    }
}

fn client_config(ca: Option<&[u8]>) -> Result<ClientConfig> {
    let mut roots = SYSTEM_ROOTS.clone();
    if let Some(pem) = ca {
        let unusable = || ErpError::misconfigured("[tls] ca is not a file of certificates in PEM");
        let certificates = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unusable().with_source(error))?;
        if certificates.is_empty() {
            return Err(unusable());
        }
        for certificate in certificates {
            roots.add(certificate).map_err(|error| unusable().with_source(error))?;
        }
    }
    // The provider is named, so that it does not matter whether the process has installed another.
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ErpError::internal("TLS cannot be set up").with_source(error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// A system without certificates still reaches plain targets and those of a tenant's `ca`.
static SYSTEM_ROOTS: LazyLock<RootCertStore> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "some of the system's certificates cannot be loaded");
    }
    let mut roots = RootCertStore::empty();
    let (usable, unusable) = roots.add_parsable_certificates(found.certs);
    tracing::debug!(usable, unusable, "the system's certificates are loaded");
    roots
});

/// What it means that there is no status line and no headers.
fn not_answered(error: reqwest::Error) -> ErpError {
    let error = error.without_url();
    if let Some(refusal) = find::<EgressRefusal>(&error) {
        return refusal.clone().into();
    }
    let (kind, message) = if let Some(error) = find::<rustls::Error>(&error) {
        (ErrorKind::Misconfigured, untrusted(error))
    } else if error.is_dns() {
        (ErrorKind::Unreachable, "the ERP's host name is not known: check the address")
    } else if error.is_connect() {
        (ErrorKind::Unreachable, "no connection to the ERP: check the address, and that the ERP is running")
    } else if error.is_builder() {
        (ErrorKind::Internal, "a request cannot be sent")
    } else {
        (ErrorKind::Unavailable, "the ERP closed the connection without an answer")
    };
    ErpError::new(kind, message).with_source(error)
}

/// What it means that the body broke off. Whatever comes from the connection is hyper's; the rest is decompression.
fn not_read(error: reqwest::Error) -> ErpError {
    let error = error.without_url();
    if find::<hyper::Error>(&error).is_some() {
        ErpError::new(ErrorKind::Unavailable, "the ERP's answer was cut off").with_source(error)
    } else {
        ErpError::malformed("the ERP's answer cannot be decompressed").with_source(error)
    }
}

fn untrusted(error: &rustls::Error) -> &'static str {
    use CertificateError as Certificate;
    let rustls::Error::InvalidCertificate(reason) = error else {
        return "no TLS connection to the ERP can be agreed on: check the address and its port, and the ERP's TLS versions";
    };
    match reason {
        Certificate::Expired | Certificate::ExpiredContext { .. } => {
            "the ERP's certificate has expired: renew it there; [tls] ca cannot help"
        }
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            "the ERP's certificate is for another host name: use that name in the address; [tls] ca cannot help"
        }
        _ => {
            "the ERP's certificate is not trusted: if its authority is your own, name that authority's file as [tls] ca"
        }
    }
}

/// Looks for an error of type `E` in the chain, also inside I/O errors, whose `source` skips what they carry.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A name that resolves to an internal address passes the check before sending if it is not known to do so; here the
    /// name is `localhost` and that check is left out.
    #[tokio::test]
    async fn an_internal_address_behind_a_name_is_refused_before_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for (tls, scheme) in [(false, "http"), (true, "https")] {
            let transport = HttpTransport {
                policy: EgressPolicy::new(vec!["127.0.0.1:1".parse().unwrap()]),
                tls: client_config(None).unwrap(),
                connect_timeout: Duration::from_secs(3),
                clients: Mutex::default(),
            };
            let client = transport.client(Route { port, tls }).unwrap();
            let request = client.get(format!("{scheme}://localhost:{port}/")).build().unwrap();
            let error = ask(&client, request).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error} {}", error.causes());
            assert!(error.message().contains(&format!("add \"localhost:{port}\" to [egress] allow")), "{error}");
        }
        assert!(tokio::time::timeout(Duration::from_millis(1), listener.accept()).await.is_err());
    }

    #[tokio::test]
    async fn the_resolver_lets_through_what_is_allowed_on_its_port() {
        let resolve = async |allowed: &str, port| {
            let policy = EgressPolicy::new(vec![allowed.parse().unwrap()]);
            let resolver = GuardedResolver { policy, route: Route { port, tls: false } };
            let found = resolver.resolve("localhost".parse().unwrap()).await.map(Iterator::collect::<Vec<_>>);
            found.map_err(|error| error.is::<EgressRefusal>())
        };
        let own: SocketAddr = "127.0.0.1:9101".parse().unwrap();
        assert_eq!(resolve("127.0.0.0/8", 9101).await, Ok(vec![own]));
        assert!(resolve("localhost:9101", 9101).await.unwrap().contains(&own));
        assert_eq!(resolve("127.0.0.1:9101", 9102).await, Err(true));
        assert_eq!(resolve("localhost:9101", 9102).await, Err(true));
    }
}
