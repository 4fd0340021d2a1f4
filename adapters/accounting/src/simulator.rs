//! A stand-in for the platform with one organisation's books in the accounting template, under `/elements/api-v2`.
//!
//! It is a program by itself. It shares neither types nor mapping with the adapter, so that a misreading of the documents
//! cannot hide on both sides. Like the platform it guards nothing: whoever knows an id gets the document, and a list that is
//! filtered by customer may hold a row of somebody else's.
//!
//! Whoever asks shows either the header of three parts (in the documented order) or the bearer token. A list is cut by
//! `page` and `pageSize` where `page` is given, by `nextPage` and `pageSize` where only that is, and else not at all. `where`
//! takes equalities of the fields `id`, `externalId` and `customer.id` joined by AND; it knows no escape and answers 400 to
//! whatever else it is given.
//!
//! Ids are numbers in some rows and texts in others, and so are amounts. Due dates keep their distance from the day on which
//! the simulator starts (UTC), so that every aging bucket stays populated.
//!
//! | id | externalId | What it shows |
//! |---|---|---|
//! | `1001` | `HARBOR01` | Twelve product invoices `9990` to `10001` (`INV-1` to `INV-12`), two expense invoices `10002` and `10003`, fourteen orders `991` to `1004` (`SO-1` to `SO-14`), payments by card, cheque and transfer; `9994` comes twice; drafts, deleted and void ones |
//! | `1002` | `HARBOR02` | Its namesake, one invoice (`9777`, `INV-777`) and one order (`777`, `SO-777`) of which also stand in the filtered lists of `1001` |
//! | `1003` | `EMPTY03` | Nothing owed, no documents |
//! | `4' & Söhne/7%` | `O'Brien "& Söhne"/7%` | Numbers that addresses and filters must escape |
//! | `1005` | `EXACT05` | 0.10, 283.92, 1234567890123456.78 and -0.005 |
//! | `1006` | `DATES06` | Dates with and without time and offset, at a daylight-saving change, unreadable, the year 1 |
//! | `1007` | `BARE07` | Documents of which nothing is known but their numbers and what is due |
//! | `1008` | `BULK08` | 120 invoices and 60 orders |
//! | `1009` | `EURO09` | A customer in dollars with an invoice in euros |
//! | `1010`, `1011` | `DOUBLE10` | Two customers with one reference |
//! | `1012` | | No such customer: the record of `1001` is answered |
//!
//! An expense invoice that names `1001` by name only belongs to nobody. Every cost is 777.77; tax ids, bank accounts, cheques
//! and cards hold the word `PLANTED` or the digits `4111111111111111`: none of them may ever leave the adapter.

mod books;
mod endpoints;
mod filter;
mod rendering;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use actix_web::{App, HttpServer, rt, web};
use livegate_core::Simulator;

use self::books::Books;

/// The user secret that the simulator knows.
pub const USER: &str = "kXdemo8user+/=";
/// The organisation secret that the simulator knows.
pub const ORGANIZATION: &str = "5b1demoorganization";
/// The element token that the simulator knows.
pub const ELEMENT: &str = "q/Tdemo+element=";
/// The bearer token that the simulator knows.
pub const BEARER: &str = "accounting-demo-bearer";
/// The most rows of one page, whatever is asked for: connectors have limits of their own.
pub const PAGE_LIMIT: usize = 50;

/// Starts the simulator on a free loopback port.
///
/// # Errors
///
/// When no port can be bound or no thread started.
pub fn start() -> std::io::Result<Simulator> {
    start_with(Options::default()).map(|running| running.simulator)
}

/// Starts the simulator on a free loopback port, as `options` tell.
///
/// # Errors
///
/// When no port can be bound or no thread started.
pub fn start_with(options: Options) -> std::io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let state = Arc::new(State { options, books: books::books(), asked: Mutex::default() });
    let shared = web::Data::from(Arc::clone(&state));
    let (report, started) = mpsc::channel();
    let thread = std::thread::Builder::new().name("accounting-simulator".to_owned()).spawn(move || {
        rt::System::new().block_on(async move {
            let app = move || App::new().app_data(shared.clone()).default_service(web::to(endpoints::serve));
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

/// How a simulator behaves. The default is the documented platform.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether every `where` is refused (400), as by a connector that cannot filter.
    pub refuse_filters: bool,
    /// Whether every `where` is ignored, so that a list holds everybody.
    pub ignore_filters: bool,
    /// Resources that the organisation does not have (404).
    pub without: &'static [&'static str],
    /// What the organisation calls `product-invoices`, if not that.
    pub invoices: Option<&'static str>,
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

    /// The requests since the last time, sorted: path and query as they came.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.state.asked.lock().unwrap_or_else(PoisonError::into_inner));
        asked.sort();
        asked
    }
}

struct State {
    options: Options,
    books: Books,
    asked: Mutex<Vec<String>>,
}

#[cfg(test)]
mod tests;
