//! A stand-in for a DockMaster dealer system: both generations of its Web API over one lively marina.
//!
//! The documented v2 endpoints stand under `/api/v2`, in JSON and in XML, their login at `/token`. The newer API, in
//! camelCase JSON and with an `X-DM_SYSTEM_ID`, stands under `/api/v1`, its login at `/auth/token` and its refresh at
//! `/auth/token/refresh`.
//!
//! It is a program by itself. It shares neither types nor mapping with the adapter, so that a misreading of the
//! documents cannot hide on both sides. Like the real system it guards nothing: a blank `CustomerId` answers every
//! customer, and an invoice or work order is answered to whoever knows its id.
//!
//! Due dates keep their distance from the day on which the simulator starts (UTC), so that every aging bucket stays
//! populated; only those of `LEDGER11` do not move. Ids of customers are compared without regard to case and answered as they are stored.
//!
//! | Customer | What it shows |
//! |---|---|
//! | `MARINA01` | Invoices 10, 45, 75, 100 and 200 days past due and 14 days ahead, one in four instalments (`100250`), a card payment, a credit limit; paid ones (`099500` in two payments, `099120`) in a history that also names an invoice of `MARINA10`, two deposits and an open invoice; work orders `501001` (open), `501002` and `501004` (closed; one bill, two bills), `501003` (an estimate), `501005` (closed, no bill), `501006` (a bill without tax), `501007` (no operations) |
//! | `MARINA10` | Its namesake, whose invoices `0100231`, `100231A` and `1002310` look like `100231` of `MARINA01`, as the paid `0099500` and the work order `0501001` look like its others |
//! | `PENDING02` | Payments not yet posted: a part, more than is open, towards instalments, for an invoice that does not say so, and a deposit that names no invoice |
//! | `CREDIT03` | An open invoice with a negative balance, and a credit limit of zero |
//! | `EMPTY04` | Nothing owed, most members null |
//! | `DATES06` | Due dates that nobody can read: a phrase, null, the year 1, beside a good one |
//! | `EXACT07` | 0.10, 283.92, 1234567890123456.78 and -0.005; a work order `700101` of 1234567890123456.78 and a tax of 0.005 |
//! | `FLEET08` | 40 open invoices, due from 15 days ahead to 180 days ago in steps of five |
//! | `DOCK 7/B` | An id with space and slash; names and texts with quotes, ampersand, umlauts and angle brackets; work orders `WO 7/B?1`, `../501001`, `5'0"1&<x>` and `W%2F1+#` |
//! | `R&D+50%` | An id that a query string must escape |
//! | `HISTORY09` | 400 paid invoices in the payment history, two open ones outside it, 120 work orders of which 30 are open |
//! | `LEDGER11` | 14 open invoices and 13 work orders with days that do not move (at midnight, with an offset, with slashes, at changes of daylight saving, unreadable), under numbers of unlike length; invoice `L-10` and work order `W-10` come twice in their lists |
//! | `MERGED12` | A customer merged into `LEDGER11`: whoever asks for its inquiry or work orders is given both, as two records |
//!
//! Every customer has a tax id beginning with `TAXID-`, the card digits are `4242`, every cost of a work order is written
//! `777n.nn` (no two of one order are the same), what technicians note begins with `TECH-ONLY`, and every token of a login
//! with `dm-issued-`: none of them may ever leave the adapter.

mod data;
mod endpoints;
mod logins;
mod payments;
mod refusals;
mod rendering;
mod work_orders;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use actix_web::{App, HttpServer, rt, web};
use jiff::civil::Date;
use livegate_core::Simulator;

use self::data::Customer;
use self::logins::Logins;

/// The bearer token that the simulator knows.
pub const TOKEN: &str = "dm-demo-token";
/// The one user who can log in, to either generation.
pub const USERNAME: &str = "dm-demo-user";
/// The password of [`USERNAME`], with characters that a form must escape.
pub const PASSWORD: &str = "dm demo+pass&word=1%";
/// The dealer system that the login of the newer API names unless [`Options::systems`] says otherwise.
pub const SYSTEM_ID: &str = "7301";
/// The most ids that one `RetrieveInvoices` takes.
pub const INVOICES_PER_CALL: usize = 100;
/// The most ids that one `WorkOrders/RetrieveList` takes.
pub const WORK_ORDERS_PER_CALL: usize = 50;

/// Starts the simulator on a free loopback port. A request without an `Authorization` header is answered, and so is
/// one that bears [`TOKEN`] or a token of a login; any other is refused.
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
    let today = data::today();
    let state = Arc::new(State {
        options,
        today,
        customers: data::customers(today),
        logins: Logins::new(address, options.token_lifetime),
        system: Mutex::default(),
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
    /// The bearer token to ask for, beside those of the logins; `None` admits everybody, whatever they send.
    pub token: Option<&'static str>,
    /// Whether a request without any `Authorization` header is admitted although there is a token.
    pub anonymous: bool,
    /// Whether only the tokens of the logins are admitted, whatever `token` and `anonymous` say.
    pub logins_only: bool,
    /// How long a token of a login is good; [`Running::expire_tokens`] ends it at once.
    pub token_lifetime: Duration,
    /// The systems that the login of the newer API names, by name and id; the first is its default.
    pub systems: &'static [(&'static str, &'static str)],
    /// Whether every request, be it a login or not, is answered with a login page in HTML and status 200, as by a proxy
    /// that wants somebody to sign in.
    pub html_login: bool,
    /// Whether the list of work orders is refused (400) unless `Status` is `O`.
    pub refuse_closed_work_orders: bool,
    /// Whether `RetrieveCustomer` is missing, as on systems that do not offer it: 404 as ASP.NET writes it.
    pub no_customer_records: bool,
    /// Whether the inquiry and the list of work orders answer every customer, whatever id they are given.
    pub everybody: bool,
    /// Whether whatever is asked for by customer answers the customer after the one asked for.
    pub foreign: bool,
    /// How long each answer takes.
    pub delay: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: Some(TOKEN),
            anonymous: false,
            logins_only: false,
            token_lifetime: Duration::from_secs(3600),
            systems: &[("Harbor Marine", SYSTEM_ID)],
            html_login: false,
            refuse_closed_work_orders: false,
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

    /// Ends every token that a login or refresh has handed out: whoever bears one gets 401. Refresh tokens stay good.
    pub fn expire_tokens(&self) {
        self.state.logins.expire();
    }

    /// Lets [`USERNAME`] log in again, who is locked out after five refused logins, even with the right password.
    pub fn unlock(&self) {
        self.state.logins.unlock();
    }

    /// The system that the newest request to the newer API named, if it was one of [`Options::systems`].
    #[must_use]
    pub fn last_system(&self) -> Option<&'static str> {
        *self.state.system.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the endpoints that the simulator plays, in whichever generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `GET api/v2/AR/CustomerARInquiry`
    CustomerArInquiry,
    /// `GET api/v2/Customers/RetrieveCustomer/{id}`, `GET api/v1/Customers/RetrieveCustomer?CustomerId=`
    RetrieveCustomer,
    /// `POST api/v2/AR/RetrieveInvoices`
    RetrieveInvoices,
    /// `GET api/v2/AR/CustomerPaymentHistory`
    PaymentHistory,
    /// `GET api/v2/Service/WorkOrders/ListForCustomer`
    WorkOrderList,
    /// `GET api/v2/Service/WorkOrders/Retrieve`
    WorkOrderRetrieve,
    /// `POST api/v2/Service/WorkOrders/RetrieveList`
    WorkOrderRetrieveList,
    /// `POST token`, `POST auth/token`
    Login,
    /// `POST auth/token/refresh`
    Refresh,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Generation {
    V2,
    /// The newer API, "DME".
    Dme,
}

struct State {
    options: Options,
    today: Date,
    customers: Vec<Customer>,
    logins: Logins,
    /// The last one that was named.
    system: Mutex<Option<&'static str>>,
    calls: [AtomicUsize; 9],
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

    fn reached(&self, system: &'static str) {
        *self.system.lock().unwrap_or_else(PoisonError::into_inner) = Some(system);
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
