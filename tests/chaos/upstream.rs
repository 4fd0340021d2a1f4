//! An ERP that does as it is told, and counts.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How the ERP is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    Well,
    /// Answers with status 500.
    Failing,
    /// Takes requests and never answers.
    Hanging,
}

/// A server that answers every balance, on as many connections as come. Dropping it ends it.
pub struct Upstream {
    pub address: SocketAddr,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct State {
    mood: AtomicU8,
    delay_ms: AtomicU64,
    asked: AtomicUsize,
    busy: AtomicUsize,
    most: AtomicUsize,
}

impl Upstream {
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, state) = (listener.local_addr()?, Arc::new(State::default()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                // A connection that breaks is the gateway's end or ours.
                tokio::spawn(async move { drop(serve(stream, &state).await) });
            }
        });
        Ok(Self { address, state, task })
    }

    pub fn is(&self, mood: Mood, delay: Duration) {
        self.state.delay_ms.store(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
        self.state.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// How many requests came so far.
    pub fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }

    /// How many were under way at once at the most since this was asked last.
    pub fn most_at_once(&self) -> usize {
        self.state.most.swap(0, Ordering::SeqCst)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request under way, until its answer is written or its connection gone.
struct Busy<'a>(&'a State);

impl<'a> Busy<'a> {
    fn with(state: &'a State) -> Self {
        state.asked.fetch_add(1, Ordering::SeqCst);
        let busy = state.busy.fetch_add(1, Ordering::SeqCst) + 1;
        state.most.fetch_max(busy, Ordering::SeqCst);
        Self(state)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn serve(mut stream: TcpStream, state: &State) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(body) = read_request(&mut stream, &mut buffer).await? {
        let busy = Busy::with(state);
        tokio::time::sleep(Duration::from_millis(state.delay_ms.load(Ordering::SeqCst))).await;
        let mood = state.mood.load(Ordering::SeqCst);
        if mood == Mood::Hanging as u8 {
            // Until the gateway gives up and closes.
            while stream.read_buf(&mut buffer).await? > 0 {}
            return Ok(());
        }
        let (status, body) = if mood == Mood::Failing as u8 {
            (500, "{}".to_owned())
        } else {
            let asked: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            (200, format!("{{\"customer_code\":{},\"balance\":12.50}}", asked["customer_code"]))
        };
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).await?;
        drop(busy);
    }
    Ok(())
}

/// The body of the next request; `None` when the gateway has closed the connection.
async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
    let length = head.split("content-length:").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
    let whole = end + length.unwrap_or(0_usize);
    while buffer.len() < whole {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let rest = buffer.split_off(whole);
    let request = std::mem::replace(buffer, rest);
    Ok(Some(request[end..].to_vec()))
}
