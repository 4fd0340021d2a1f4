use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server on a real socket that answers whatever the test wants, byte for byte: for faults that no simulator of a
/// decent ERP would show. Dropping it stops it.
pub struct LyingErp {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Method and target, such as `GET /api?x=1`.
    pub line: String,
    /// The header lines as they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Asked {
    /// The value of a header, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Lie {
    /// A well-formed answer with this status, these header lines and this body.
    Answer {
        /// The HTTP status.
        status: u16,
        /// More header lines; the length is added.
        headers: Vec<(&'static str, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// No answer at all; the connection stays open.
    Hang,
    /// The connection is closed without an answer.
    Close,
    /// The answer after a pause.
    After(Duration, Box<Lie>),
}

impl Lie {
    /// A 200 with a media type and a body.
    #[must_use]
    pub fn ok(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer { status: 200, headers: vec![("Content-Type", media_type.to_owned())], body: body.into() }
    }

    /// A status with an empty body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: Vec::new() }
    }
}

impl LyingErp {
    /// Starts on a free loopback port; `lie` decides every answer.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(lie: impl Fn(&Asked) -> Lie + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (asked, lie) = (Arc::new(Mutex::new(Vec::new())), Arc::new(lie));
        let log = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, lie) = (Arc::clone(&log), Arc::clone(&lie));
                // A connection that breaks is the test's own doing.
                tokio::spawn(async move { drop(serve(stream, &log, &*lie).await) });
            }
        });
        Ok(Self { address, asked, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked so far, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for LyingErp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, lie: &(dyn Fn(&Asked) -> Lie + Sync)) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(asked) = read_request(&mut stream, &mut buffer).await? {
        log.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
        let mut answer = lie(&asked);
        while let Lie::After(pause, then) = answer {
            tokio::time::sleep(pause).await;
            answer = *then;
        }
        match answer {
            Lie::Answer { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status} Lie\r\nContent-Length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                head.push_str("\r\n");
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&body).await?;
            }
            Lie::Raw(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Lie::Hang => std::future::pending().await,
            Lie::Close | Lie::After(..) => return Ok(()),
        }
    }
    Ok(())
}

/// The next request on the connection; `None` when the client has closed it.
pub(crate) async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Asked>> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    let mut asked = Asked { line, headers, body: Vec::new() };
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while buffer.len() < end + 4 + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    asked.body = buffer[end + 4..end + 4 + length].to_vec();
    buffer.drain(..end + 4 + length);
    Ok(Some(asked))
}
