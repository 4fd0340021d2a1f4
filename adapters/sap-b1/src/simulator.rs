//! A stand-in for the Service Layer of SAP Business One, in both of its generations, with its sessions and licences.
//!
//! It is a program by itself. It shares neither types nor mapping with the adapter, so that a misreading of the documents
//! cannot hide on both sides. Its lists are what OData makes of them: filters, orders, selections and pages are worked out,
//! and a property that a set does not have is refused. Sessions need both of their cookies, and end when they are told to.
//!
//! Due dates keep their distance from the day on which the simulator starts (UTC), so that every aging bucket stays
//! populated.
//!
//! | Customer | What it shows |
//! |---|---|
//! | `C20000` | Invoices `998` to `1009` in every aging bucket, paid, partly paid, in instalments; `1010` cancelled by `1011`; a credit note, a down payment and a request for one; orders `998` to `1010`, two of them with the number `1003`, one cancelled, one with a surcharge; `1010` gone in two parcels, a third one cancelled; a draft `9001`; a payment on account in its balance |
//! | `C30000` | In euros only: its balance is what its documents say |
//! | `C31000` | The same with a payment on account, of which no document tells how much it is in euros |
//! | `C40000` | All currencies: five open documents in two of them |
//! | `C45000` | 45 orders and 45 invoices |
//! | `C46000` | 120 orders of one day |
//! | `C47000` | An opening balance beside an overdue invoice |
//! | `C50000` | Nothing at all |
//! | `C60000` | Documents that come twice |
//! | `C70001` | No filter holds for them: they are told what `C20000` has |
//! | `C80000` | 0.10, 283.92, 1234567890123456.78, -0.005 and 2373.45 |
//! | `C81000` | Days at daylight-saving changes, unreadable, absent |
//! | `C82000` | Addresses as texts, prices in another currency, totals that are rounded or reduced, reserve invoices, numbers that repeat |
//! | [`AWKWARD`] | A code that filters must escape |
//! | `V10000`, `L10000` | A supplier and a lead, who are no customers |
//!
//! Every tax id begins with `TAXID-`, every bank account with `IBAN-`, and items cost `77.7701`: none of them may ever
//! leave the adapter.

mod book;
mod endpoints;
mod entries;
mod json;
mod people;
mod query;
mod records;
mod sessions;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::Duration;

use actix_web::{App, HttpServer, rt, web};
use livegate_core::Simulator;

use self::book::Book;
use self::sessions::Sessions;

/// The user that the simulator knows, in each of its companies.
pub const USERNAME: &str = "livegate-reader";
/// That user's password.
pub const PASSWORD: &str = "sap-b1-demo-password";
/// A customer whose code a filter must escape.
pub const AWKWARD: &str = "O'N&50%+#/ü?";
/// A company that keeps its books in a currency with a sign for a code, and has no other.
pub const DOLLARS: &str = "SBODEMOUS";
/// The same company with codes of ISO 4217, whose system currency is the euro.
pub const EUROS_TOO: &str = "HARBOR";

/// A company database.
struct Company {
    database: &'static str,
    local: &'static str,
    system: &'static str,
}

static COMPANIES: [Company; 2] = [
    Company { database: DOLLARS, local: "$", system: "$" },
    Company { database: EUROS_TOO, local: "USD", system: "EUR" },
];

impl Company {
    /// A currency's code, where blank is the company's own.
    fn code_of(&self, currency: &'static str) -> &'static str {
        if currency == records::LOCAL { self.local } else { currency }
    }
}

/// Starts the simulator on a free loopback port. It has licences without end.
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
        sessions: Sessions::new(options.licences),
        logging_in: AtomicUsize::new(0),
        calls: Default::default(),
        faults: Mutex::default(),
    });
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    running.retain(|(_, state)| state.strong_count() > 0);
    running.push((address, Arc::downgrade(&state)));
    drop(running);
    let shared = web::Data::from(Arc::clone(&state));
    let (report, started) = mpsc::channel();
    let thread = std::thread::Builder::new().name("sap-b1-simulator".to_owned()).spawn(move || {
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

/// Simulators by their addresses, for whoever has nothing else of them.
static RUNNING: Mutex<Vec<(SocketAddr, Weak<State>)>> = Mutex::new(Vec::new());

/// How many sessions the simulator at `address` holds open; none where there is no simulator.
#[must_use]
pub fn open_sessions(address: SocketAddr) -> usize {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let found = running.iter().find(|(own, _)| *own == address).and_then(|(_, state)| state.upgrade());
    found.map_or(0, |state| state.sessions.open())
}

/// How a simulator behaves. The default is the documented API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How many sessions there may be at once; `None` for any number.
    pub licences: Option<usize>,
    /// How long a login takes. Another one in that time fails, and so may the first.
    pub login_time: Duration,
    /// The most rows of a page, whatever size is asked for.
    pub largest_page: Option<usize>,
    /// Whether there is only the earlier generation of the API.
    pub without_v2: bool,
    /// Whether joins of documents with their lines are not known.
    pub without_cross_joins: bool,
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

    /// How many requests reached `resource`, refused and failed ones included.
    #[must_use]
    pub fn calls(&self, resource: Resource) -> usize {
        self.state.calls[resource as usize].load(Ordering::SeqCst)
    }

    /// How many requests were made in all, logins and logouts not among them.
    #[must_use]
    pub fn questions(&self) -> usize {
        let sessions = [Resource::Login, Resource::Logout];
        Resource::ALL.iter().filter(|resource| !sessions.contains(resource)).map(|resource| self.calls(*resource)).sum()
    }

    /// How many sessions are open.
    #[must_use]
    pub fn open_sessions(&self) -> usize {
        self.state.sessions.open()
    }

    /// How many sessions were open at once at the most.
    #[must_use]
    pub fn most_sessions(&self) -> usize {
        self.state.sessions.most()
    }

    /// How many logins were tried.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.state.sessions.logins()
    }

    /// How many of them were refused.
    #[must_use]
    pub fn refused_logins(&self) -> usize {
        self.state.sessions.refused()
    }

    /// How many sessions were ended by those who had begun them.
    #[must_use]
    pub fn logouts(&self) -> usize {
        self.state.sessions.logouts()
    }

    /// Ends every session, as the time-out does: whoever comes with one gets 401 with code 301.
    pub fn end_sessions(&self) {
        self.state.sessions.end_all();
    }

    /// Breaks the nodes that hold sessions: they answer with code 407 from now on, and logins go to another one.
    pub fn break_nodes(&self) {
        self.state.sessions.break_nodes();
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
    /// The code in the body; `None` for a page in HTML, as the web server before the service sends it.
    pub code: Option<i32>,
}

/// What the simulator answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `Login`
    Login,
    /// `Logout`
    Logout,
    /// `CompanyService_GetAdminInfo`
    AdminInfo,
    /// `BusinessPartners`
    Partners,
    /// `Orders`
    Orders,
    /// `Invoices`
    Invoices,
    /// `CreditNotes`
    CreditNotes,
    /// `DownPayments`
    DownPayments,
    /// `DeliveryNotes`
    DeliveryNotes,
    /// `Drafts`
    Drafts,
    /// `QueryService_PostQuery`
    CrossJoin,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Login,
        Self::Logout,
        Self::AdminInfo,
        Self::Partners,
        Self::Orders,
        Self::Invoices,
        Self::CreditNotes,
        Self::DownPayments,
        Self::DeliveryNotes,
        Self::Drafts,
        Self::CrossJoin,
    ];

    /// Its path below the service's root.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Login => "Login",
            Self::Logout => "Logout",
            Self::AdminInfo => "CompanyService_GetAdminInfo",
            Self::Partners => "BusinessPartners",
            Self::Orders => "Orders",
            Self::Invoices => "Invoices",
            Self::CreditNotes => "CreditNotes",
            Self::DownPayments => "DownPayments",
            Self::DeliveryNotes => "DeliveryNotes",
            Self::Drafts => "Drafts",
            Self::CrossJoin => "QueryService_PostQuery",
        }
    }
}

struct State {
    options: Options,
    book: Book,
    sessions: Sessions,
    logging_in: AtomicUsize,
    calls: [AtomicUsize; 11],
    faults: Mutex<Vec<Fault>>,
}

impl State {
    fn count(&self, resource: Resource) {
        self.calls[resource as usize].fetch_add(1, Ordering::SeqCst);
    }

    /// How this request must fail, if it must.
    fn failure(&self, resource: Resource) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        for fault in faults.iter_mut().filter(|fault| fault.resource.is_none_or(|of| of == resource)) {
            if fault.after > 0 {
                fault.after -= 1;
            } else if fault.count > 0 {
                fault.count -= 1;
                return Some(*fault);
            }
        }
        None
    }
}
