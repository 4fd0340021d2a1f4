//! See [`FaultProxy`].

mod answer;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

pub use self::answer::{Framing, ProxiedAnswer};
use crate::lying_erp::{Asked, read_request};

/// Stands between an adapter and its simulator, on real sockets. It relays whole exchanges, each over a connection of its
/// own to the simulator, and does harm to those that its rule names. Dropping it stops it.
///
/// It listens on the runtime that starts it.
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What is done to an exchange.
#[derive(Clone, Copy, Debug)]
pub enum Harm {
    /// The connection is reset as soon as it is made; such a request is never read, so that it may be a login.
    ResetAtOnce,
    /// The request is read, then the connection is reset.
    ResetAfterRequest,
    /// The request is read, then the connection is closed.
    Close,
    /// Nothing follows the request, for ever.
    HangBeforeHead,
    /// Nothing follows the status line, for ever.
    HangInHead,
    /// Nothing follows half of the body, for ever.
    HangInBody,
    /// The body comes by the byte, with a pause after each, and does not end.
    Drip,
    /// These bytes come in place of an answer, then the connection is closed.
    Bytes(&'static [u8]),
    /// The simulator's answer is changed and relayed, whatever it is.
    Change(fn(&mut ProxiedAnswer)),
    /// The same, but only a success is changed: what is wrong with the body of a refusal does not matter.
    Spoil(fn(&mut ProxiedAnswer)),
    /// An answer of status 200 in the simulator's place, of its media type and with this body.
    Body(&'static str),
}

/// Which requests are harmed. Logins are not counted and never harmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Every one.
    All,
    /// Only this one, counted from 1 since the rule was given.
    Nth(usize),
    /// This one, counted from 1 since the rule was given, and all that follow.
    From(usize),
}

/// A request as the proxy saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Method and target; empty where the connection was reset before the request was read.
    pub line: String,
    /// Whether it logs in.
    pub login: bool,
    /// Whether harm was done to it.
    pub harmed: bool,
}

/// Between the bytes of [`Harm::Drip`].
const DRIP: Duration = Duration::from_millis(20);

struct Shared {
    simulator: SocketAddr,
    login: Option<&'static str>,
    state: Mutex<State>,
    /// Connections that wait for a next request, and the word that ends them.
    idle: AtomicUsize,
    close_idle: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    rule: Option<(Harm, When)>,
    counted: usize,
    keep_alive: bool,
    passed: Vec<Passed>,
    bodies: Vec<Vec<u8>>,
}

impl FaultProxy {
    /// Starts on a free loopback port before `simulator`. The path of a request that logs in begins with `login`.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(simulator: SocketAddr, login: Option<&'static str>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (idle, close_idle) = (AtomicUsize::new(0), watch::Sender::new(()));
        let shared = Arc::new(Shared { simulator, login, state: Mutex::default(), idle, close_idle });
        let accepting = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            // Connections end with the set.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&accepting)));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, shared, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does `harm` from now on to the requests that `when` names.
    pub fn inject(&self, harm: Harm, when: When) {
        let mut state = self.shared.state();
        state.rule = Some((harm, when));
        state.counted = 0;
    }

    /// Relays everything from now on.
    pub fn heal(&self) {
        self.shared.state().rule = None;
    }

    /// From now on connections stay open after an answer that came through unharmed; otherwise each answer ends its own.
    pub fn keep_alive(&self) {
        self.shared.state().keep_alive = true;
    }

    /// Closes the connections that wait for a next request, and answers how many there were.
    pub async fn close_idle(&self) -> usize {
        let waiting = self.shared.idle.load(Ordering::SeqCst);
        self.shared.close_idle.send_replace(());
        while self.shared.idle.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
        waiting
    }

    /// The requests so far, in the order in which they were read.
    #[must_use]
    pub fn passed(&self) -> Vec<Passed> {
        self.shared.state().passed.clone()
    }

    /// The bodies that the simulator sent so far, before any harm.
    #[must_use]
    pub fn bodies(&self) -> Vec<Vec<u8>> {
        self.shared.state().bodies.clone()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a request, and answers its place in the notes and what is to be done to it.
    fn meet(&self, line: &str) -> Option<(usize, Harm)> {
        let path = line.split(' ').nth(1).unwrap_or_default();
        let login = self.login.is_some_and(|login| path.starts_with(login));
        let mut state = self.state();
        state.counted += usize::from(!login);
        let counted = state.counted;
        let harm = state.rule.filter(|(_, when)| {
            !login
                && match when {
                    When::All => true,
                    When::Nth(number) => counted == *number,
                    When::From(number) => counted >= *number,
                }
        });
        state.passed.push(Passed { line: line.to_owned(), login, harmed: harm.is_some() });
        harm.map(|(harm, _)| (state.passed.len() - 1, harm))
    }

    async fn forward(&self, asked: &Asked) -> io::Result<ProxiedAnswer> {
        let mut simulator = TcpStream::connect(self.simulator).await?;
        let mut request = format!("{} HTTP/1.1\r\nConnection: close\r\n", asked.line).into_bytes();
        // The answer is wanted as it is, so that it can be harmed.
        let kept = asked.headers.iter().filter(|(name, _)| {
            !["connection", "accept-encoding"].iter().any(|dropped| name.eq_ignore_ascii_case(dropped))
        });
        for (name, value) in kept {
            request.extend(format!("{name}: {value}\r\n").bytes());
        }
        request.extend(b"\r\n");
        request.extend(&asked.body);
        simulator.write_all(&request).await?;
        let mut bytes = Vec::new();
        // Not every simulator closes when it is told to.
        while !answer::is_whole(&bytes) && simulator.read_buf(&mut bytes).await? > 0 {}
        let answer = ProxiedAnswer::read(&bytes)?;
        self.state().bodies.push(answer.body.clone());
        Ok(answer)
    }
}

/// Serves one connection. One that breaks is the fault's own doing.
async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    if let Some((Harm::ResetAtOnce, When::All)) = { shared.state().rule } {
        shared.state().passed.push(Passed { line: String::new(), login: false, harmed: true });
        drop(stream.set_zero_linger());
        return;
    }
    let mut buffer = Vec::new();
    while let Ok(Some(asked)) = next_request(&mut stream, &mut buffer, &shared).await {
        let stays_open = match shared.meet(&asked.line) {
            Some((noted, harm)) => {
                drop(harmed(&mut stream, &shared, &asked, (noted, harm)).await);
                false
            }
            None => relayed(&mut stream, &shared, &asked).await.unwrap_or(false),
        };
        if !stays_open {
            return;
        }
    }
}

/// The next request; `None` if the connection ends or is to be closed instead.
async fn next_request(stream: &mut TcpStream, buffer: &mut Vec<u8>, shared: &Shared) -> io::Result<Option<Asked>> {
    let mut word = shared.close_idle.subscribe();
    shared.idle.fetch_add(1, Ordering::SeqCst);
    let read = tokio::select! {
        read = read_request(stream, buffer) => read,
        _ = word.changed() => Ok(None),
    };
    shared.idle.fetch_sub(1, Ordering::SeqCst);
    read
}

async fn relayed(stream: &mut TcpStream, shared: &Shared, asked: &Asked) -> io::Result<bool> {
    let answer = shared.forward(asked).await?;
    let keep_alive = shared.state().keep_alive;
    stream.write_all(&answer.bytes(keep_alive)).await?;
    Ok(keep_alive)
}

async fn harmed(
    stream: &mut TcpStream,
    shared: &Shared,
    asked: &Asked,
    (noted, harm): (usize, Harm),
) -> io::Result<()> {
    match harm {
        Harm::ResetAtOnce | Harm::ResetAfterRequest => return stream.set_zero_linger(),
        Harm::Close => return Ok(()),
        Harm::HangBeforeHead => std::future::pending().await,
        Harm::Bytes(bytes) => {
            stream.write_all(bytes).await?;
            return stream.shutdown().await;
        }
        Harm::HangInHead | Harm::HangInBody | Harm::Drip | Harm::Change(_) | Harm::Spoil(_) | Harm::Body(_) => {}
    }
    let mut answer = shared.forward(asked).await?;
    match harm {
        Harm::HangInHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            std::future::pending().await
        }
        Harm::HangInBody => {
            // Even an empty body has a second half.
            answer.body.extend(b"  ");
            let bytes = answer.bytes(false);
            stream.write_all(&bytes[..bytes.len() - answer.body.len().div_ceil(2)]).await?;
            std::future::pending().await
        }
        Harm::Drip => {
            answer.body.resize(answer.body.len() + 1_000_000, b' ');
            let bytes = answer.bytes(false);
            let (head, body) = bytes.split_at(bytes.len() - answer.body.len());
            stream.write_all(head).await?;
            for byte in body {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(DRIP).await;
            }
        }
        Harm::Spoil(_) if !(200..300).contains(&answer.status) => {
            shared.state().passed[noted].harmed = false;
            stream.write_all(&answer.bytes(false)).await?;
        }
        Harm::Change(change) | Harm::Spoil(change) => {
            change(&mut answer);
            stream.write_all(&answer.bytes(false)).await?;
        }
        Harm::Body(body) => {
            (answer.status, answer.body) = (200, body.into());
            stream.write_all(&answer.bytes(false)).await?;
        }
        _ => {}
    }
    stream.shutdown().await
}
