//! A stand-in for a system that speaks the Live contract: five calls under `/erp/`, tokens at `/token`.
//!
//! It is a program by itself. It shares neither types nor mapping with the adapter, so that a misreading of the contract
//! cannot hide on both sides. `ACME001` is the contract's own customer, with its samples to the letter. Like many systems it
//! trusts its caller: a document by id is given to whoever knows its id, and two customers see what is not theirs.
//!
//! How it speaks is its [`Dialect`]; an address with the query `dialect=sloppy` gets [`Dialect::SLOPPY`]. It admits
//! whoever proves itself by a header, a bearer token, a user and password, or a token that it gave to its client.
//!
//! | Customer | What it shows |
//! |---|---|
//! | `ACME001` | The samples; 16 more orders and invoices, several on one day, `S9` beside `S10` and `S100`; one of each comes twice, one belongs to `ACME0010`; a deleted and a draft order, a void invoice |
//! | `ACME0010` | Its namesake, whose order `T7001` and invoice `T8001` everybody gets who asks for them |
//! | `GHOST13` | Answered with the balance of `ACME001` |
//! | `EMPTY04` | Nothing owed, no documents |
//! | `SPARSE05` | Only what makes an answer one; everything else is missing |
//! | `DATES06` | Midnight with and without a zone, a time with one, a moment that a daylight-saving change skips, dates that nobody can read |
//! | `EXACT07` | 0.10, 283.92, 1234567890123456.78, -0.005 and 28 digits |
//! | `FLEET08` | 250 orders and 250 invoices |
//! | [`AWKWARD`] | A code that addresses, filters and JSON must escape |

mod answers;
mod customers;
mod doors;
mod json;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use actix_web::{App, HttpServer, rt, web};
use livegate_core::{DemoTenant, Simulator};

use self::customers::Customers;
use self::doors::Doors;

/// The header that the simulator knows, and its value.
pub const HEADER: (&str, &str) = ("X-Api-Key", "live-demo-key");
/// The bearer token that it knows.
pub const TOKEN: &str = "live-demo-token";
/// The user that it knows, and the password.
pub const USER: (&str, &str) = ("live-demo-user", "live demo:pass&word=1%");
/// The client that gets tokens, and its secret.
pub const CLIENT: (&str, &str) = ("live-demo-client", "live demo+secret&1=%");
/// A customer whose code has to be escaped wherever it goes.
pub const AWKWARD: &str = r#"Dock "7"/B & Söhne, 50% \o/"#;

/// Two tenants of the demo: one of an upstream that keeps to the contract, one of an upstream that hardly does.
pub const DEMO: &[DemoTenant] = &[
    DemoTenant {
        id: "live-upstream",
        title: "Harbor Chandlery (a system of its own that speaks Live)",
        settings: &[
            ("customer_balance_url", "http://{address}/erp/customer-balance"),
            ("orders_url", "http://{address}/erp/orders"),
            ("order_url", "http://{address}/erp/order"),
            ("invoices_url", "http://{address}/erp/invoices"),
            ("invoice_url", "http://{address}/erp/invoice"),
            ("header_name", HEADER.0),
        ],
        secrets: &[("header_value", HEADER.1)],
        customer_code: "ACME001",
        order_id: Some("S3085810"),
        invoice_id: Some("S009007634"),
    },
    DemoTenant {
        id: "live-oauth",
        title: "Lee Shore Supply (Live spoken loosely, with OAuth 2.0 and failures inside answers)",
        settings: &[
            ("customer_balance_url", "http://{address}/erp/customer-balance?dialect=sloppy"),
            ("orders_url", "http://{address}/erp/orders?dialect=sloppy"),
            ("order_url", "http://{address}/erp/order?dialect=sloppy"),
            ("invoices_url", "http://{address}/erp/invoices?dialect=sloppy"),
            ("invoice_url", "http://{address}/erp/invoice?dialect=sloppy"),
            ("auth", "oauth2"),
            ("token_url", "http://{address}/token"),
            ("scope", "live.read"),
            ("success", "body"),
        ],
        secrets: &[("client_id", CLIENT.0), ("client_secret", CLIENT.1)],
        customer_code: "ACME001",
        order_id: Some("S3085810"),
        invoice_id: Some("S009007634"),
    },
];

/// Starts the simulator on a free loopback port; it keeps to the contract unless an address asks for another dialect.
///
/// # Errors
/// When no port can be bound or no thread started.
pub fn start() -> std::io::Result<Simulator> {
    start_with(Dialect::default()).map(|running| running.simulator)
}

/// Starts the simulator on a free loopback port; it speaks `dialect` unless an address asks for another.
///
/// # Errors
/// When no port can be bound or no thread started.
pub fn start_with(dialect: Dialect) -> std::io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let state = Arc::new(State {
        dialect,
        customers: Customers::new(),
        doors: Doors::default(),
        failing: Mutex::default(),
        asked: Mutex::default(),
    });
    let shared = web::Data::from(Arc::clone(&state));
    let (report, started) = mpsc::channel();
    let thread = std::thread::Builder::new().name("live-simulator".to_owned()).spawn(move || {
        rt::System::new().block_on(async move {
            let app = move || App::new().app_data(shared.clone()).configure(answers::routes);
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

/// How an upstream speaks. The default is the contract to the letter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dialect {
    /// Numbers are written as texts, totals too.
    pub numbers_as_texts: bool,
    /// Ids that are numbers are written as numbers.
    pub ids_as_numbers: bool,
    /// What is not known is null instead of missing.
    pub nulls: bool,
    /// `sales_tax` stands where `tax_total` should.
    pub sales_tax: bool,
    /// Date filters are known as `date_from` and `date_to` alone.
    pub date_from: bool,
    /// Failures are told inside an answer of status 200.
    pub failures_in_200: bool,
    /// What "nothing found" looks like.
    pub nothing: Nothing,
    /// What becomes of `current_page` and `per_page`.
    pub paging: Paging,
    /// What `total_orders` and `total_invoices` say.
    pub totals: Totals,
}

impl Dialect {
    /// Nearly everything otherwise than in the samples.
    pub const SLOPPY: Self = Self {
        numbers_as_texts: true,
        ids_as_numbers: true,
        nulls: true,
        sales_tax: true,
        date_from: true,
        failures_in_200: true,
        nothing: Nothing::List,
        paging: Paging::Capped(7),
        totals: Totals::Right,
    };
}

/// What "nothing found" looks like: the contract says only that "the record should be empty".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nothing {
    /// An empty list with a total of 0, and `{}` for everything else.
    #[default]
    Shaped,
    /// `{}`.
    Object,
    /// `[]`.
    List,
    /// `null`.
    Null,
    /// An answer of status 200 without a body.
    Body,
}

/// What becomes of `current_page` and `per_page`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paging {
    /// They are heeded.
    #[default]
    Heeded,
    /// They are heeded, but a page never holds more than so many.
    Capped(usize),
    /// All documents come at once, whatever page is asked for.
    Ignored,
    /// The first page comes, whatever page is asked for.
    Repeated,
}

/// What a list says about how many documents there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Totals {
    /// How many there are over all pages.
    #[default]
    Right,
    /// Nothing.
    Missing,
    /// How many are on this page.
    OfThePage,
    /// Always this many.
    Always(usize),
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

    /// The path and the body of every request so far that was admitted, in order; logins are not among them.
    #[must_use]
    pub fn asked(&self) -> Vec<(String, serde_json::Value)> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many tokens were given out.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.state.doors.given()
    }

    /// Ends every token that was given out: whoever bears one gets 401.
    pub fn expire_tokens(&self) {
        self.state.doors.expire();
    }

    /// Lets the next `count` requests fail.
    pub fn fail_next(&self, count: usize) {
        *self.state.failing.lock().unwrap_or_else(PoisonError::into_inner) = count;
    }
}

struct State {
    dialect: Dialect,
    customers: Customers,
    doors: Doors,
    failing: Mutex<usize>,
    asked: Mutex<Vec<(String, serde_json::Value)>>,
}

impl State {
    /// Whether this request must fail.
    fn fails(&self) -> bool {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let fails = *failing > 0;
        *failing -= usize::from(fails);
        fails
    }
}
