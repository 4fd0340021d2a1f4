use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server as ActixServer, ServerHandle, Service};
use actix_web::http::ConnectionType;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use tokio::net::{TcpSocket, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::gateway::{Gateway, Source};
use crate::setup::Setup;
use crate::{admin, live};

/// How long the gateway goes on accepting while its answers already ask callers to open a new connection elsewhere.
const FAREWELL: Duration = Duration::from_millis(300);

/// How long the web server gets to pass accepted connections on to its workers, and to let go of the port.
const HANDOVER: Duration = Duration::from_millis(50);

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// What draining may take beyond the time that the last calls have.
const DRAIN_MARGIN: Duration = Duration::from_secs(5);

/// When the web server cuts calls by itself: never before we do.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a caller may take to send a request's head. Its body has the deadline of a call.
const HEAD_TIME: Duration = Duration::from_secs(5);

/// How long an idle connection of a caller is kept open.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// File handles that the process needs before anybody calls.
const OWN_HANDLES: u64 = 64;

/// The most callers of one worker, however many file handles there are.
const MOST_CALLERS: usize = 25_000;

/// A gateway that is listening.
pub(crate) struct Server {
    pub(crate) live: SocketAddr,
    pub(crate) admin: SocketAddr,
    gateway: Arc<Gateway>,
    signals: Signals,
    /// A second hold on the live port: connections that arrive while the web server lets go of it are not reset.
    twin: TcpListener,
    listeners: [(ServerHandle, JoinHandle<io::Result<()>>); 2],
    keepers: [JoinHandle<()>; 2],
}

/// What the process is told from outside. They are listened to before the gateway says that it is ready.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Server {
    /// Reads the tenants, listens, and is ready when it returns. The configuration is read again from `source`.
    pub(crate) async fn start(setup: Setup, source: Option<Source>) -> io::Result<Self> {
        let (live_at, admin_at, file) = (setup.config.listen, setup.config.admin_listen, setup.config.file.clone());
        let taken = |key, address, error| taken(&file, key, address, &error);
        let workers = match setup.config.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            workers => workers,
        };
        let signals = Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        };
        let gateway = Arc::new(Gateway::begin(setup, source, tokio::runtime::Handle::current()));
        let (live, twin, live_server) =
            front(&gateway, live_at, workers).map_err(|error| taken("listen", live_at, error))?;
        let (admin, admin_server) = back(&gateway, admin_at).map_err(|error| taken("admin_listen", admin_at, error))?;
        let listeners = [live_server, admin_server].map(|server| (server.handle(), tokio::spawn(server)));
        let keepers = [tokio::spawn(Arc::clone(&gateway).keep()), tokio::spawn(Arc::clone(&gateway).watch_memory())];
        Ok(Self { live, admin, gateway, signals, twin, listeners, keepers })
    }

    /// Tells on standard output where it listens; whoever waits for the gateway waits for these lines.
    pub(crate) fn announce(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "listening on http://{}", self.live)?;
        writeln!(out, "admin on http://{}", self.admin)?;
        out.flush()
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP reads the files again.
    pub(crate) async fn until_told_to_stop(&mut self) {
        loop {
            tokio::select! {
                _ = self.signals.terminate.recv() => return,
                _ = self.signals.interrupt.recv() => return,
                _ = self.signals.hang_up.recv() => {
                    let gateway = Arc::clone(&self.gateway);
                    // A panic in there has been logged, and the last good files go on.
                    let _ = tokio::task::spawn_blocking(move || gateway.reload(true)).await;
                }
            }
        }
    }

    /// Answers every call that has begun, then ends. Whoever tells it to stop once more ends it at once.
    ///
    /// # Errors
    /// When the ports cannot be let go of, and when the calls under way were cut.
    pub(crate) async fn drain(self) -> io::Result<()> {
        let Self { live: _, admin: _, gateway, signals, twin, listeners, keepers } = self;
        let Signals { mut terminate, mut interrupt, .. } = signals;
        let again = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        tokio::select! {
            drained = finish(gateway, twin, listeners, keepers) => drained,
            () = again => {
                tracing::warn!("told to stop twice: calls under way are cut");
                // Leaving the runtime would wait for what is to be cut.
                std::process::exit(1)
            }
        }
    }
}

/// Answers every call that has begun.
///
/// The web server drops what its workers have not yet taken up, and a port that is closed resets who waits at it. So
/// it is paused first, the port is held by its twin until the web server has let go, and whoever waits there at last is
/// carried over to a spare server.
async fn finish(
    gateway: Arc<Gateway>,
    twin: TcpListener,
    listeners: [(ServerHandle, JoinHandle<io::Result<()>>); 2],
    keepers: [JoinHandle<()>; 2],
) -> io::Result<()> {
    tracing::info!("draining: calls that have begun are answered, then the gateway ends");
    gateway.drain();
    tokio::time::sleep(FAREWELL).await;
    let [(live, live_task), (admin, admin_task)] = listeners;
    let last_calls = async {
        // Without a port for it, as when all file handles are taken, those who wait at last are reset.
        let spare = front(&gateway, (Ipv4Addr::LOCALHOST, 0).into(), 1);
        live.pause().await;
        tokio::time::sleep(HANDOVER).await;
        let stopped = tokio::spawn(live.stop(true));
        tokio::time::sleep(HANDOVER).await;
        match spare {
            Ok((spare, spare_twin, server)) => {
                drop(spare_twin);
                carry_over(twin, spare, server).await;
            }
            Err(error) => tracing::warn!(%error, "who waits at the port is not answered any more"),
        }
        let _ = stopped.await;
        let _ = live_task.await;
    };
    // A body may take as long as a call.
    let patience = gateway.longest_deadline() * 2 + DRAIN_MARGIN;
    if tokio::time::timeout(patience, last_calls).await.is_err() {
        tracing::warn!("calls that did not end in time are cut");
    }
    for keeper in keepers {
        keeper.abort();
    }
    gateway.connections.close().await;
    admin.stop(false).await;
    let _ = admin_task.await;
    Ok(())
}

/// Lets a spare server answer everyone who waits at the port, which nobody else listens at any more.
async fn carry_over(port: TcpListener, spare: SocketAddr, server: ActixServer) {
    let (handle, task) = (server.handle(), tokio::spawn(server));
    let callers = last_callers(port).unwrap_or_default().into_iter().map(|caller| carry(caller, spare));
    let mut carried = tokio::spawn(futures::future::join_all(callers));
    // Who has a question has asked it by then. The spare server answers what was asked and lets go of the others.
    let _ = tokio::time::timeout(FAREWELL, &mut carried).await;
    handle.stop(true).await;
    let _ = task.await;
    carried.abort();
}

/// Everyone who waits at the port, which is closed without a pause after the last of them.
fn last_callers(port: TcpListener) -> io::Result<Vec<TcpStream>> {
    let mut waiting = Vec::new();
    while let Ok((caller, _)) = port.accept() {
        waiting.push(caller);
    }
    drop(port);
    waiting.into_iter().map(|caller| caller.set_nonblocking(true).and_then(|()| TcpStream::from_std(caller))).collect()
}

async fn carry(mut caller: TcpStream, spare: SocketAddr) {
    if let Ok(mut server) = TcpStream::connect(spare).await {
        // Whichever side ends first ends it; a caller that breaks off is none of ours.
        let _ = tokio::io::copy_bidirectional(&mut caller, &mut server).await;
    }
}

/// The live listener, a twin that holds its port, and the server.
fn front(
    gateway: &Arc<Gateway>,
    address: SocketAddr,
    workers: usize,
) -> io::Result<(SocketAddr, TcpListener, ActixServer)> {
    let data = Data::from(Arc::clone(gateway));
    let listener = listen(address)?;
    let (bound, twin) = (listener.local_addr()?, listener.try_clone()?);
    let server = HttpServer::new(move || {
        let gateway = Arc::clone(&data);
        App::new().app_data(data.clone()).configure(live::routes).default_service(web::to(live::not_found)).wrap_fn(
            move |request, service| {
                let (gateway, answer) = (Arc::clone(&gateway), service.call(request));
                async move {
                    let mut response = answer.await?;
                    if gateway.is_draining() {
                        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
                    }
                    Ok(response)
                }
            },
        )
    })
    .workers(workers)
    .disable_signals()
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(HEAD_TIME)
    .max_connections(most_callers(workers))
    .shutdown_timeout(NEVER.as_secs())
    .listen(listener)?;
    Ok((bound, twin, server.run()))
}

/// How many callers one worker lets in; more of them wait at the port. Of the file handles that the process may have, a
/// quarter stays for ERPs and files, and what it needs for itself.
fn most_callers(workers: usize) -> usize {
    let handles = rlimit::Resource::NOFILE.get_soft().unwrap_or(u64::MAX);
    let callers = (handles / 4 * 3).min(handles.saturating_sub(OWN_HANDLES));
    usize::try_from(callers).unwrap_or(usize::MAX).checked_div(workers).unwrap_or(0).clamp(8, MOST_CALLERS)
}

fn back(gateway: &Arc<Gateway>, address: SocketAddr) -> io::Result<(SocketAddr, ActixServer)> {
    let data = Data::from(Arc::clone(gateway));
    let listener = listen(address)?;
    let bound = listener.local_addr()?;
    let server = HttpServer::new(move || {
        App::new().app_data(data.clone()).configure(admin::routes).default_service(web::to(admin::not_found))
    })
    .workers(1)
    .disable_signals()
    .keep_alive(KEEP_ALIVE)
    .listen(listener)?;
    Ok((bound, server.run()))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

fn taken(file: &Path, key: &str, address: SocketAddr, error: &io::Error) -> io::Error {
    let remedy = match error.kind() {
        io::ErrorKind::AddrInUse => "end the program that listens there, or write another address",
        _ => "write an address of this machine with a port that it may listen on",
    };
    let file = file.display();
    io::Error::new(error.kind(), format!("cannot listen on {address}: {error}; {remedy} as [server] {key} in {file}"))
}
