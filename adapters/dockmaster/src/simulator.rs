//! A stand-in for a DockMaster dealer system: the documented v2 endpoints, in JSON and in XML, over a lively marina.
//!
//! It is a program by itself. It shares neither types nor mapping with the adapter, so that a misreading of the
//! documents cannot hide on both sides. Like the real system it guards nothing: a blank `CustomerId` answers every
//! customer, and `RetrieveInvoices` answers an invoice to whoever knows its id.
//!
//! Due dates keep their distance from the day on which the simulator starts (UTC), so that every aging bucket stays
//! populated. Ids of customers are compared without regard to case and answered as they are stored.
//!
//! | Customer | What it shows |
//! |---|---|
//! | `MARINA01` | Invoices 10, 45, 75, 100 and 200 days past due and 14 days ahead, one in four instalments (`100250`), a paid one (`099500`), a card payment, a credit limit |
//! | `MARINA10` | Its namesake, whose invoices `0100231`, `100231A` and `1002310` look like `100231` of `MARINA01` |
//! | `PENDING02` | Payments not yet posted: a part, more than is open, towards instalments, for an invoice that does not say so, and a deposit that names no invoice |
//! | `CREDIT03` | An open invoice with a negative balance, and a credit limit of zero |
//! | `EMPTY04` | Nothing owed, most members null |
//! | `DATES06` | Due dates that nobody can read: a phrase, null, the year 1, beside a good one |
//! | `EXACT07` | 0.10, 283.92, 1234567890123456.78 and -0.005 |
//! | `FLEET08` | 40 open invoices, due from 15 days ahead to 180 days ago in steps of five |
//! | `DOCK 7/B` | An id with space and slash; names and texts with quotes, ampersand, umlauts and angle brackets |
//! | `R&D+50%` | An id that a query string must escape |
//!
//! Every customer has a tax id beginning with `TAXID-`, and the card digits are `4242`: neither may ever leave the adapter.

mod data;
mod endpoints;
mod rendering;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use actix_web::{App, HttpServer, rt, web};
use livegate_core::Simulator;

use self::data::Customer;

/// The bearer token that the simulator knows.
pub const TOKEN: &str = "dm-demo-token";

/// Starts the simulator on a free loopback port. A request without an `Authorization` header is answered, and so is
/// one that bears [`TOKEN`]; any other is refused.
///
/// # Errors
///
/// When no port can be bound or no thread started.
pub fn start() -> std::io::Result<Simulator> {
    start_with(Options { anonymous: true, ..Options::default() }).map(|running| running.simulator)
}

/// Starts the simulator on a free loopback port, as `options` tell.
///
/// # Errors
///
/// When no port can be bound or no thread started.
pub fn start_with(options: Options) -> std::io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let state = Arc::new(State {
        options,
        customers: data::customers(data::today()),
        calls: Default::default(),
        failures: Mutex::default(),
    });
    let shared = web::Data::from(Arc::clone(&state));
    let (report, started) = mpsc::channel();
    let thread = std::thread::Builder::new().name("dockmaster-simulator".to_owned()).spawn(move || {
        rt::System::new().block_on(async move {
            let app = move || App::new().app_data(shared.clone()).configure(endpoints::routes);
            match HttpServer::new(app).workers(1).disable_signals().listen(listener) {
                Ok(server) => {
                    let server = server.run();
                    // Whoever started it may be gone already; then the server ends with its last handle.
                    let _ = report.send(Ok(server.handle()));
                    server.await
                }
                Err(error) => {
                    let _ = report.send(Err(error));
                    Ok(())
                }
            }
        })
    })?;
    let handle =
        started.recv().map_err(|_| std::io::Error::other("the simulator's thread ended before it listened"))??;
    let simulator = Simulator::new(address, move || {
        drop(handle.stop(false));
        // Once dropped, the port refuses: a test may go on at once.
        let _ = thread.join();
    });
    Ok(Running { simulator, state })
}

/// How a simulator behaves. The default is the documented system behind a token.
#[derive(Clone, Copy)]
pub struct Options {
    /// The bearer token to ask for; `None` admits everybody, whatever they send.
    pub token: Option<&'static str>,
    /// Whether a request without any `Authorization` header is admitted although there is a token.
    pub anonymous: bool,
    /// Whether `RetrieveCustomer` is missing, as on systems that do not offer it: 404 as ASP.NET writes it.
    pub no_customer_records: bool,
    /// Whether the inquiry answers every customer, whatever `CustomerId` says.
    pub everybody: bool,
    /// Whether the inquiry and the customer record answer the customer after the one asked for.
    pub foreign: bool,
    /// How long each answer takes.
    pub delay: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: Some(TOKEN),
            anonymous: false,
            no_customer_records: false,
            everybody: false,
            foreign: false,
            delay: Duration::ZERO,
        }
    }
}

/// A running simulator and what it was asked. Dropping it stops it.
pub struct Running {
    simulator: Simulator,
    state: Arc<State>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.simulator.address
    }

    /// How many requests reached `endpoint`, refused and failed ones included.
    #[must_use]
    pub fn calls(&self, endpoint: Endpoint) -> usize {
        self.state.calls[endpoint as usize].load(Ordering::SeqCst)
    }

    /// Answers the next `count` requests, whichever endpoint they reach, with `status`.
    pub fn fail_next(&self, count: usize, status: u16) {
        self.state.fail(None, count, status);
    }

    /// Answers the next `count` requests that reach `endpoint` with `status`.
    pub fn fail_next_of(&self, endpoint: Endpoint, count: usize, status: u16) {
        self.state.fail(Some(endpoint), count, status);
    }
}

/// One of the endpoints that the simulator plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `GET api/v2/AR/CustomerARInquiry`
    CustomerArInquiry,
    /// `GET api/v2/Customers/RetrieveCustomer/{id}`
    RetrieveCustomer,
    /// `POST api/v2/AR/RetrieveInvoices`
    RetrieveInvoices,
}

struct State {
    options: Options,
    customers: Vec<Customer>,
    calls: [AtomicUsize; 3],
    failures: Mutex<Vec<Failure>>,
}

/// A fault that waits for its requests.
struct Failure {
    endpoint: Option<Endpoint>,
    left: usize,
    status: u16,
}

impl State {
    fn count(&self, endpoint: Endpoint) {
        self.calls[endpoint as usize].fetch_add(1, Ordering::SeqCst);
    }

    fn fail(&self, endpoint: Option<Endpoint>, left: usize, status: u16) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.push(Failure { endpoint, left, status });
    }

    /// The status with which this request to `endpoint` must fail, if it must.
    fn failure(&self, endpoint: Endpoint) -> Option<u16> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let due = failures.iter_mut().find(|f| f.left > 0 && f.endpoint.is_none_or(|of| of == endpoint))?;
        due.left -= 1;
        Some(due.status)
    }
}

#[cfg(test)]
mod tests;
