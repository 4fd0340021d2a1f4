use std::net::SocketAddr;
use std::sync::Arc;

use livegate_core::{AdapterKind, Connection, ErpAdapter, ErrorKind, Operation, Result, Settings, Transport};

/// One adapter and what its simulator is known to hold: all that the kit has to be told.
#[derive(Clone, Copy)]
pub struct Subject {
    /// The adapter.
    pub kind: &'static AdapterKind,
    /// The demo tenant with whose settings it is connected, by its id: an adapter with several dialects is proven once
    /// for each.
    pub tenant: &'static str,
    /// How to reach an address: `livegate_http::transport_to`. It is handed over because only `livegate-http` and adapters
    /// know how to send.
    pub transport: fn(&[&str]) -> Result<Arc<dyn Transport>>,
    /// Who is who in the simulator.
    pub cast: Cast,
    /// Where this adapter rightly answers otherwise than the table of faults, by the fault's name; `None` for all
    /// operations. A fault is put into every request of an operation but its logins. So an operation that begins with a
    /// request for one record by its key says `("status 404", Some(operation), Outcome::Absent)`.
    pub exceptions: &'static [(&'static str, Option<Operation>, Outcome)],
    /// Parts of the paths of side requests: those whose failure may cost members, such as item codes, but never a
    /// document, an amount or an id. The failure of any other request must not pass unnoticed.
    pub side_requests: &'static [&'static str],
    /// An answer of status 200 by which this ERP reports a failure, and the kind that it has; `None` where the ERP knows
    /// no such thing.
    pub error_in_success: Option<(&'static str, ErrorKind)>,
    /// Begins the path of a request that logs in, such as `/token`: faults are not put into logins, and an expired login
    /// is told by their number. `None` where there is no login.
    pub login: Option<&'static str>,
    /// How many sessions the simulator at an address holds open; `None` where the ERP knows no sessions.
    pub open_sessions: Option<fn(SocketAddr) -> usize>,
    /// The directory of the golden tests: `concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden")`; blank where there are
    /// none.
    pub golden: &'static str,
}

/// What a faulty ERP leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An error of this kind.
    Fails(ErrorKind),
    /// Nothing found.
    Absent,
    /// The same answer as without the fault.
    Answered,
}

/// Who is who in a simulator. Every simulator holds such a cast, so that the kit can ask about it; what an ERP cannot
/// express is `None` or empty, and the checks that need it are left out by name.
#[derive(Clone, Copy)]
pub struct Cast {
    /// A customer with a balance, and with at least 12 orders and 12 invoices where the adapter offers lists: several on one
    /// day, ids whose digit runs differ in length, at least one with a purchase order number.
    pub customer: &'static str,
    /// An order of [`Self::customer`] with lines.
    pub order: Option<&'static str>,
    /// An invoice of [`Self::customer`].
    pub invoice: Option<&'static str>,
    /// For each offered operation something of another customer that the ERP gives away to [`Self::customer`].
    pub twins: &'static [Twin],
    /// A customer known to the ERP who has neither documents nor debts.
    pub empty: Option<&'static str>,
    /// A code that nobody has.
    pub nobody: &'static str,
    /// A customer whose code holds characters that an address or a filter must escape, and who has a balance, orders and
    /// invoices wherever they are offered.
    pub awkward: Option<&'static str>,
    /// An id that comes twice in a list of this customer.
    pub repeated: &'static [Document],
    /// Amounts with many digits or decimals, digit for digit.
    pub money: &'static [Fact],
    /// Dates at midnight, at a daylight-saving change, with a zone, unreadable: those that leave alike whatever the tenant's
    /// time zone is, as calendar days and instants do.
    pub dates: &'static [Fact],
    /// Dates that leave otherwise in this time zone of the tenant (`America/New_York`, `Australia/Lord_Howe`): the local
    /// times of an ERP that tells no zone.
    pub zoned: &'static [(&'static str, Fact)],
    /// Members that the ERP does not tell (`json: None`), which therefore must be absent.
    pub unknown: &'static [Fact],
    /// Documents that are never shown: drafts, deleted ones, void invoices.
    pub hidden: &'static [Document],
    /// For a connection that attributes orders to users: a `user_seller_reference` that has some, not all, of the
    /// customer's orders.
    pub user: Option<&'static str>,
    /// Texts that the simulator holds where nobody may look, such as card digits, bank accounts, tax ids and cost figures:
    /// no answer holds one.
    pub withheld: &'static [&'static str],
}

impl Cast {
    /// Nobody yet; a test file names what its simulator has.
    pub const NONE: Self = Self {
        customer: "",
        order: None,
        invoice: None,
        twins: &[],
        empty: None,
        nobody: "livegate-nobody",
        awkward: None,
        repeated: &[],
        money: &[],
        dates: &[],
        zoned: &[],
        unknown: &[],
        hidden: &[],
        user: None,
        withheld: &[],
    };
}

/// Something of another customer that an ERP gives away.
#[derive(Clone, Copy, Debug)]
pub struct Twin {
    /// By which call.
    pub operation: Operation,
    /// Who asks and must not see it.
    pub asked_by: &'static str,
    /// Whose it is.
    pub owned_by: &'static str,
    /// The document's id; empty for the balance.
    pub id: &'static str,
}

/// A document of a customer.
#[derive(Clone, Copy, Debug)]
pub struct Document {
    /// The list that would hold it: [`Operation::Orders`] or [`Operation::Invoices`].
    pub list: Operation,
    /// Whose.
    pub customer: &'static str,
    /// Its id.
    pub id: &'static str,
}

/// What one member of one Live answer must be.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Which call.
    pub operation: Operation,
    /// Asked by whom.
    pub customer: &'static str,
    /// About which document: the id asked for, or the entry of the list that is looked at; empty for the balance.
    pub id: &'static str,
    /// Where in the answer (for lists: in the entry), as a JSON pointer such as `/order_lines/0/total`.
    pub member: &'static str,
    /// Its JSON text exactly as it must be, such as `1234567890123456.78` or `"2026-03-01T00:00:00"`; `None` if it must be
    /// absent.
    pub json: Option<&'static str>,
}

impl Subject {
    /// An adapter whose ERP reports failures by status and knows no login; the test file names what differs.
    #[must_use]
    pub const fn new(
        kind: &'static AdapterKind,
        tenant: &'static str,
        transport: fn(&[&str]) -> Result<Arc<dyn Transport>>,
        cast: Cast,
    ) -> Self {
        Self {
            kind,
            tenant,
            transport,
            cast,
            exceptions: &[],
            side_requests: &[],
            error_in_success: None,
            login: None,
            open_sessions: None,
            golden: "",
        }
    }

    /// Connects to an ERP at `address`, a simulator's or that of somebody who stands before it, with `cap` documents at
    /// most.
    ///
    /// # Panics
    /// When the demo tenant is none of the adapter's, or its settings make no connection: the test file is wrong then.
    #[must_use]
    pub fn connect(&self, address: SocketAddr, cap: usize) -> Arc<dyn ErpAdapter> {
        self.connect_through(address, cap, |transport| transport)
    }

    /// The same, with somebody between the adapter and the network.
    pub(crate) fn connect_through(
        &self,
        address: SocketAddr,
        cap: usize,
        between: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>,
    ) -> Arc<dyn ErpAdapter> {
        let tenant = self.kind.demo.iter().find(|tenant| tenant.id == self.tenant);
        let tenant = tenant.unwrap_or_else(|| panic!("{} has no demo tenant {:?}", self.kind.name, self.tenant));
        let address = address.to_string();
        let settings: Vec<(&str, String)> =
            tenant.settings.iter().map(|(name, text)| (*name, text.replace("{address}", &address))).collect();
        let texts = settings.iter().map(|(name, text)| (*name, text.as_str()));
        let settings = Settings::from_texts(self.kind.fields, texts.chain(tenant.secrets.iter().copied()));
        let settings = settings.unwrap_or_else(|problem| panic!("{}: {problem}", self.tenant));
        let connected = (self.transport)(&["127.0.0.1"])
            .map(between)
            .and_then(|transport| (self.kind.connect)(Connection { settings, transport, document_cap: cap }));
        connected.unwrap_or_else(|error| panic!("{} cannot be connected: {error}", self.tenant))
    }
}
