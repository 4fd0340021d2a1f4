//! A stand-in for Alloy's Unified API in front of one lively accounting system, in the versions 2024-03 and 2023-12.
//!
//! It is a program by itself. It shares neither types nor mapping with the adapter, so that a misreading of the
//! documents cannot hide on both sides. It guards nothing but its API key and its credential id, which it takes under
//! either of its names. Filters that it does not know are ignored, `companyId` of customers among them; deleted records
//! stay in its lists. Ids are opaque, and as in the documents' samples none is a valid UUID. Beside every answer stands a
//! `syncInfo` that differs from answer to answer.
//!
//! Due dates keep their distance from the day on which the simulator starts (UTC), so that every aging bucket stays
//! populated.
//!
//! | `remoteId`, `companyId` | What it shows |
//! |---|---|
//! | `97`, `EJCO` | Invoices `INV-998` to `INV-1009` in every aging bucket, paid, partly paid, overpaid; several on one day; one without a number (`2050`); a draft, two void and a deleted one; `INV-1009` with a line that is only a subtotal and an item that is missing; sales orders `SO-998` to `SO-1010`, a draft and a deleted one; payments, one of them to a vendor, one without an amount, one deleted |
//! | `98`, `JDCO` | A namesake for whom every filter is ignored: whoever asks for them is told everybody's customers, invoices, payments and sales orders |
//! | `96`, none | The first of the documents' sample customers: no addresses, nothing owed |
//! | `104`, `IDLECO` | Known, and neither documents nor debts |
//! | [`AWKWARD`], [`AWKWARD_COMPANY`] | Codes, numbers and texts that an address must escape |
//! | `105`, `EXACTCO` | 0.10, 283.92, 1234567890123456.78, -0.005 and "2373.45" as a text |
//! | `106`, `DATESCO` | Days at midnight in UTC, at daylight-saving changes, with an offset, unreadable, absent |
//! | `107`, `TWICECO` | An invoice and an order that come twice, and two invoices of one number |
//! | `108`, `MIXEDCO` | Invoices in US dollars and in euros |
//! | `109`, `DOUBLECO` | Two customers with one remoteId and one companyId |
//! | `110`, `BACKCO` | A deleted customer and a present one with the same ids |
//! | `111`, `GONECO` | A deleted customer |
//! | `112`, `ENDLESSCO` | An invoices list whose first page comes again and again |
//! | `5000`, `FLEETCO` | 5,000 invoices, which only who asks for this customer's is told |
//! | `10001`, `ARMADACO` | 10,001 invoices, likewise |
//!
//! Every `taxNumber` begins with `TAXID-` and every memo with `PRIVATE-`: none of them may ever leave the adapter.

mod book;
mod endpoints;
mod entries;
mod json;
mod people;
mod records;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer, rt, web};
use livegate_core::Simulator;

use self::book::Book;

/// The API key that the simulator knows.
pub const API_KEY: &str = "alloy-demo-key";
/// The one credential that it knows.
pub const CREDENTIAL_ID: &str = "6424a9e2c7d3f8001f5b1c20";
/// A `remoteId` that an address must escape.
pub const AWKWARD: &str = "R&D 50%+#/ü?";
/// The `companyId` of the same customer.
pub const AWKWARD_COMPANY: &str = "Q&A <1>/2 'x' \"y\"";

/// Starts the simulator on a free loopback port.
///
/// # Errors
/// When no port can be bound or no thread started.
pub fn start() -> std::io::Result<Simulator> {
    start_with(Options::default()).map(|running| running.simulator)
}

/// Starts the simulator on a free loopback port, as `options` tell.
///
/// # Errors
/// When no port can be bound or no thread started.
pub fn start_with(options: Options) -> std::io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let state = Arc::new(State {
        options,
        book: Book::open(),
        calls: Default::default(),
        answers: AtomicUsize::new(0),
        faults: Mutex::default(),
        recent: Mutex::default(),
    });
    let shared = web::Data::from(Arc::clone(&state));
    let (report, started) = mpsc::channel();
    let thread = std::thread::Builder::new().name("alloy-simulator".to_owned()).spawn(move || {
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

/// How a simulator behaves. The default is the documented API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether no filter is known.
    pub ignore_filters: bool,
    /// Whether lists stand under `data`, as in the general sample of the cursor pages.
    pub lists_under_data: bool,
    /// The most rows of a page, whatever size is asked for.
    pub page_size: Option<usize>,
    /// The requests that any 60 seconds may bring; further ones get 429 with `Retry-After`.
    pub requests_per_minute: Option<usize>,
    /// How long each answer takes.
    pub delay: Duration,
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

    /// How many requests reached `resource`, be it the list or one record, refused and failed ones included.
    #[must_use]
    pub fn calls(&self, resource: Resource) -> usize {
        self.state.calls[resource as usize].load(Ordering::SeqCst)
    }

    /// How many requests reached any resource.
    #[must_use]
    pub fn all_calls(&self) -> usize {
        self.state.calls.iter().map(|calls| calls.load(Ordering::SeqCst)).sum()
    }

    /// Orders a fault.
    pub fn fail(&self, fault: Fault) {
        self.state.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }
}

/// Requests that fail instead of being answered.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Of this resource; `None` for whichever.
    pub resource: Option<Resource>,
    /// How many requests are answered first.
    pub after: usize,
    /// How many fail then.
    pub count: usize,
    /// The status they get.
    pub status: u16,
    /// What `Retry-After` says, in seconds.
    pub retry_after: Option<u32>,
}

/// What the simulator keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `customers`
    Customers,
    /// `invoices`
    Invoices,
    /// `payments`
    Payments,
    /// `sales-orders`
    SalesOrders,
    /// `items`
    Items,
}

struct State {
    options: Options,
    book: Book,
    calls: [AtomicUsize; 5],
    answers: AtomicUsize,
    faults: Mutex<Vec<Fault>>,
    recent: Mutex<VecDeque<Instant>>,
}

impl State {
    fn count(&self, resource: Resource) {
        self.calls[resource as usize].fetch_add(1, Ordering::SeqCst);
    }

    /// How this request must fail, if it must: status and `Retry-After`.
    fn failure(&self, resource: Resource) -> Option<(u16, Option<u32>)> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        for fault in faults.iter_mut().filter(|fault| fault.resource.is_none_or(|of| of == resource)) {
            if fault.after > 0 {
                fault.after -= 1;
            } else if fault.count > 0 {
                fault.count -= 1;
                return Some((fault.status, fault.retry_after));
            }
        }
        drop(faults);
        self.is_over_limit().then_some((429, Some(1)))
    }

    fn is_over_limit(&self) -> bool {
        let Some(most) = self.options.requests_per_minute else { return false };
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while recent.front().is_some_and(|first| now.duration_since(*first) >= Duration::from_secs(60)) {
            recent.pop_front();
        }
        let over = recent.len() >= most;
        if !over {
            recent.push_back(now);
        }
        over
    }
}
