//! A server of raw bytes: it answers every request with the same bytes, however broken, or with what the request calls
//! for, and then does as told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What follows the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Another request on the same connection.
    KeepAlive,
    /// The end of the connection.
    Close,
    /// A connection reset.
    Reset,
    /// Nothing, for ever.
    Hold,
    /// One more byte every second, for ever.
    Drip,
}

/// What to answer to a request.
type Respond = dyn Fn(&str) -> Vec<u8> + Send + Sync;

#[derive(Clone)]
pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(answer: impl Into<Vec<u8>>, then: Then) -> Self {
        let answer = answer.into();
        Self::responding(move |_| answer.clone(), then).await
    }

    /// The same with an answer that depends on the request.
    pub async fn responding(respond: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static, then: Then) -> Self {
        let (server, listener) = Self::bind().await;
        let (answer, own): (Arc<Respond>, _) = (Arc::new(respond), server.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                own.connections.fetch_add(1, Ordering::SeqCst);
                let (answer, own) = (answer.clone(), own.clone());
                tokio::spawn(async move { own.answer(stream, &*answer, then).await });
            }
        });
        server
    }

    /// The same with TLS; `config` holds the certificate.
    pub async fn start_tls(answer: impl Into<Vec<u8>>, config: tokio_rustls::rustls::ServerConfig) -> Self {
        let (server, listener) = Self::bind().await;
        let (answer, own) = (answer.into(), server.clone());
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                own.connections.fetch_add(1, Ordering::SeqCst);
                let (answer, own, acceptor) = (answer.clone(), own.clone(), acceptor.clone());
                tokio::spawn(async move {
                    if let Ok(mut stream) = acceptor.accept(stream).await {
                        own.exchange(&mut stream, &move |_| answer.clone()).await;
                    }
                });
            }
        });
        server
    }

    /// An address where nobody listens.
    pub async fn nobody() -> SocketAddr {
        Self::bind().await.0.address
    }

    async fn bind() -> (Self, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (Self { address, connections: Arc::default(), requests: Arc::default() }, listener)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// What was asked, headers included.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The only request that was sent.
    pub fn request(&self) -> String {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }

    async fn answer(&self, mut stream: TcpStream, answer: &Respond, then: Then) {
        while self.exchange(&mut stream, answer).await && then == Then::KeepAlive {}
        match then {
            Then::Reset => stream.set_zero_linger().unwrap(),
            Then::Hold => std::future::pending().await,
            Then::Drip => {
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Then::KeepAlive | Then::Close => {}
        }
    }

    /// Reads one request and answers it; false at the end of the connection.
    async fn exchange(&self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin), respond: &Respond) -> bool {
        let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
        while !is_complete(&request) {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return false,
                Ok(count) => request.extend_from_slice(&buffer[..count]),
            }
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        let answer = respond(&request);
        self.requests.lock().unwrap().push(request);
        stream.write_all(&answer).await.is_ok() && stream.flush().await.is_ok()
    }
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    body.len() >= length.parse().unwrap()
}

/// A well-formed answer.
pub fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}
