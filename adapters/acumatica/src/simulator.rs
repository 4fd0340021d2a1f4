//! A stand-in for an Acumatica instance: the contract-based REST API of its endpoint `Default` over one company's books.
//!
//! It is a program by itself. It shares neither types nor mapping with the adapter, so that a misreading of the documents
//! cannot hide on both sides. Whatever lies before `/entity` and `/identity` in an address is the site.
//!
//! What makes life hard with the real one is kept: sessions count against a licence, and every cookie comes twice, the
//! first time stale; a token opens a session of its own; a logout without `Content-Length` is refused and ends nothing;
//! failures come as status 500 with `exceptionType` and `exceptionMessage`, wrong credentials among them; parts come
//! only when they are expanded, and chosen where anything is chosen; a list says nothing of computed fields, and with some
//! fields there is none; other filters
//! of shipments than by number find nothing; `substringof(…) eq true` finds nothing; moments in filters are turned into the
//! server's clock; the form of payments shows credit memos; the entity `Invoice` has no currency; codes are filled up with
//! blanks; texts are compared without case and without characters that nobody sees; the web server refuses `<>*%&:\?+` in
//! a path and long queries before Acumatica sees them.
//!
//! Due dates of `AGING02` keep their distance from the day on which the simulator starts (UTC); no other day moves.
//!
//! | Customer | What it shows |
//! |---|---|
//! | `HARBOR01` | Orders `S-8` to `S-107`, of other types (`QT` `S-100`, `CM` `C-1`), on hold, cancelled; `S-100` with lines and shipments; invoices `9` to `108`, a credit memo, a debit memo, an overdue charge, unreleased and void ones; payments, a prepayment, a refund |
//! | `HARBOUR9` | Its namesake, with the order `S-9000` and the invoice `9000` |
//! | `MERGED12` | A customer merged into `HARBOR01`: whoever asks for it is given both |
//! | `AGING02` | An invoice in every bucket, due today and later; a credit memo; a memo without due date |
//! | `DAYS03`, `EXACT07` | A credit limit that is not verified; `DAYS03` has an invoice and a payment on hold after their release |
//! | `AHEAD10` | Prepayment invoices that are paid, on hold, settled and still to be paid, of which the form of payments has the first two as well |
//! | `EMPTY04` | Nothing, and a limit of zero |
//! | `DATES06` | Days with offsets, sentinels, a text that is no day |
//! | `EXACT07` | 0.10, 283.92, 1234567890123456.78, -0.005 |
//! | `MIXED05`, `EURO08` | Five open documents in two currencies; everything in euros |
//! | [`AWKWARD`] | A code and numbers that an address and a filter must escape, without a currency of its own |
//! | `TWICE09` | An order and invoices that come twice |
//! | `FLEET`, `FLEET45` | 1,050 orders and invoices; 45 orders |
//!
//! Tax ids begin with `TAXID-`, notes with `PRIVATE-`, accounts with `ACCT-` and `CASH-`, costs with `777.`, tokens with
//! `acu-issued-`, and the card's digits are `4242`: none of them may ever leave the adapter.

mod book;
mod endpoints;
mod entries;
mod filter;
mod records;
mod refusals;
mod sessions;
mod value;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::Duration;

use actix_web::{App, HttpServer, rt, web};
use livegate_core::{DemoTenant, Simulator};

use self::book::Book;
pub use self::sessions::Counts;
use self::sessions::Sessions;

/// The one user.
pub const USERNAME: &str = "livegate-api";
/// The password of [`USERNAME`], with characters that a form must escape.
pub const PASSWORD: &str = "acu demo+pass&word=1%";
/// The company that the user signs in to.
pub const TENANT: &str = "Harbor Supply";
/// The branches to which the user has rights.
pub const BRANCHES: [&str; 2] = ["MAIN", "WEST"];
/// The connected application; what follows the sign names the company.
pub const CLIENT_ID: &str = "88358B02-A48D-A50E-F710-39C1636C30F6@Harbor Supply";
/// The secret of [`CLIENT_ID`].
pub const CLIENT_SECRET: &str = "acu-demo-client-secret";
/// A customer whose code an address and a filter must escape.
pub const AWKWARD: &str = "O'N & S 50%/+ü?";

/// The customer for whom no list is cut to the customer.
const LEAK: &str = "MERGED12";

/// The demo's tenants, one for each way to sign in.
pub(crate) const DEMO: &[DemoTenant] = &[
    DemoTenant {
        id: "acumatica",
        title: "Harbor Supply (Acumatica)",
        settings: &[
            ("base_url", "http://{address}/harbor/"),
            ("tenant", TENANT),
            ("branch", "MAIN"),
            ("base_currency", "USD"),
        ],
        secrets: &[("username", USERNAME), ("password", PASSWORD)],
        customer_code: "HARBOR01",
        order_id: Some("S-100"),
        invoice_id: Some("9"),
    },
    DemoTenant {
        id: "acumatica-oauth",
        title: "Harbor Supply (Acumatica with a connected application, sales invoices)",
        settings: &[
            ("base_url", "http://{address}/"),
            ("auth", "oauth_password"),
            ("branch", "MAIN"),
            ("base_currency", "USD"),
            ("invoice_entity", "SalesInvoice"),
        ],
        secrets: &[
            ("username", USERNAME),
            ("password", PASSWORD),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
        ],
        customer_code: "AGING02",
        order_id: Some("A-1"),
        invoice_id: Some("A-4"),
    },
];

/// Starts the simulator on a free loopback port, with room for everybody.
///
/// # Errors
/// When no port can be bound or no thread started.
pub fn start() -> std::io::Result<Simulator> {
    start_with(Options { licences: usize::MAX, ..Options::default() }).map(|running| running.simulator)
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
        sessions: Sessions::default(),
        asked: Mutex::default(),
        faults: Mutex::default(),
    });
    running().insert(address, Arc::downgrade(&state));
    let shared = web::Data::from(Arc::clone(&state));
    let (report, started) = mpsc::channel();
    let thread = std::thread::Builder::new().name("acumatica-simulator".to_owned()).spawn(move || {
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
        running().remove(&address);
    });
    Ok(Running { simulator, state })
}

/// How many sessions the simulator at this address holds open; none where there is no simulator.
#[must_use]
pub fn open_sessions(address: SocketAddr) -> usize {
    let state = running().get(&address).and_then(Weak::upgrade);
    state.map_or(0, |state| state.sessions.open())
}

fn running() -> std::sync::MutexGuard<'static, BTreeMap<SocketAddr, Weak<State>>> {
    static RUNNING: Mutex<BTreeMap<SocketAddr, Weak<State>>> = Mutex::new(BTreeMap::new());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a simulator behaves. The default is a trial licence, which has room for two sessions.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many sessions may be open at once.
    pub licences: usize,
    /// How it is told that there is no room for another.
    pub limit_told: LimitTold,
    /// With which status it is told that no record has the key: 500 or 404.
    pub not_found: u16,
    /// Parts of entities, such as `SalesOrder/Totals`, that a list cannot be asked for.
    pub not_in_lists: &'static [&'static str],
    /// Fields, such as `SalesOrder/ExternalRef`, that this endpoint does not have.
    pub lacks: &'static [&'static str],
    /// Entities to whose form the user has no right.
    pub forbidden: &'static [&'static str],
    /// The user's own locale, for sessions that ask for none.
    pub locale: &'static str,
    /// How long each answer takes.
    pub delay: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            licences: 2,
            limit_told: LimitTold::Exception,
            not_found: 500,
            not_in_lists: &[],
            lacks: &[],
            forbidden: &[],
            locale: "en-US",
            delay: Duration::ZERO,
        }
    }
}

/// The ways in which it was seen that a licence has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitTold {
    /// Status 500 that says `API Login Limit`.
    Exception,
    /// A redirect to an error page whose address says it.
    Redirect,
    /// Status 429, as documented.
    Status,
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

    /// How many requests for this entity it was asked, refused ones included; blank for all of them.
    #[must_use]
    pub fn calls(&self, entity: &str) -> usize {
        self.asked().iter().filter(|asked| entity.is_empty() || asked.split(['/', '?']).next() == Some(entity)).count()
    }

    /// What it was asked below the endpoint, decoded, such as `Customer/A?$expand=B`.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The GUID of the record that has this key.
    #[must_use]
    pub fn id_of(&self, entity: &str, key: &[&str]) -> Option<String> {
        let entity = self.state.book.entity(entity)?;
        entity.records.iter().find(|record| entity.is_keyed(record, key)).map(|record| record.id.clone())
    }

    /// What was done at the door.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.state.sessions.counts()
    }

    /// How many sessions are open.
    #[must_use]
    pub fn open_sessions(&self) -> usize {
        self.state.sessions.open()
    }

    /// How many were open at once at the most.
    #[must_use]
    pub fn most_sessions(&self) -> usize {
        self.state.sessions.most()
    }

    /// Ends every session, as after a while in which nobody asked.
    pub fn time_out(&self) {
        self.state.sessions.time_out();
    }

    /// Ends every token.
    pub fn revoke_tokens(&self) {
        self.state.sessions.revoke_tokens();
    }

    /// Orders a fault.
    pub fn fail(&self, fault: Fault) {
        self.state.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }
}

/// Requests for an entity that fail instead of being answered.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// For this entity.
    pub entity: &'static str,
    /// How many requests are answered first.
    pub after: usize,
    /// How many fail then.
    pub count: usize,
    /// The status they get.
    pub status: u16,
    /// The type of the exception that they tell, and its message.
    pub exception: (&'static str, &'static str),
}

struct State {
    options: Options,
    book: Book,
    sessions: Sessions,
    asked: Mutex<Vec<String>>,
    faults: Mutex<Vec<Fault>>,
}

impl State {
    fn note(&self, asked: String) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }

    /// How this request must fail, if it must.
    fn failure(&self, entity: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        for fault in faults.iter_mut().filter(|fault| fault.entity == entity) {
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
