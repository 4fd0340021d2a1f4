//! The reference adapter: everything that an adapter can do, done rightly.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use jiff::ToSpan as _;
use livegate_core::{
    Account, AccountQuery, AdapterKind, Address, Amount, CallContext, CallerIdUse, Capabilities, Connection,
    CustomerCode, DateReader, DocumentId, DocumentKey, ErpAdapter, ErpError, FilterSupport, Invoice, InvoiceLine,
    InvoiceSummary, InvoicesQuery, Limits, ListCapabilities, Listing, OpenItem, Operation, Order, OrderLine,
    OrderSummary, OrdersQuery, PageRequest, Result, Slashes, Standing, Stated,
};
use livegate_http::{Auth, Endpoint, NextPage, Page, Request, fingerprint, is_one_segment, json, lenient, read_pages};
use serde::Deserialize;
use tokio::sync::Mutex;

const DATES: DateReader = DateReader::new(Slashes::Unread);

/// How many invoices a page has where no page was asked for.
const PAGE: u32 = 5;

pub const CAPABILITIES: Capabilities = Capabilities {
    operations: &Operation::ALL,
    orders: ListCapabilities {
        id: FilterSupport::Exact,
        customer_po: FilterSupport::Exact,
        third_party_order_number: FilterSupport::Exact,
        start_date: FilterSupport::Partial,
        end_date: FilterSupport::Partial,
        ..ListCapabilities::NONE
    },
    invoices: ListCapabilities {
        id: FilterSupport::Exact,
        customer_po: FilterSupport::Exact,
        start_date: FilterSupport::Exact,
        end_date: FilterSupport::Exact,
        pages: true,
        ..ListCapabilities::NONE
    },
    limits: Limits { counts_sessions: true, ..Capabilities::NONE.limits },
    caller_ids: CallerIdUse { evo_user_id: true, user_seller_reference: true, ..CallerIdUse::NONE },
    attributes_orders_to_users: true,
    ..Capabilities::NONE
};

/// Where the adapter asks less carefully than it should: the reference itself never does.
#[derive(Clone, Copy, Default)]
pub struct Carelessness {
    /// Takes the last account that comes, whosever it is.
    pub accounts: bool,
    /// Asks for invoices of codes that begin so.
    pub invoices: bool,
    /// Asks for drafts and void invoices too.
    pub states: bool,
    /// Asks for one row for each line.
    pub rows: bool,
    /// Never logs out.
    pub sessions: bool,
}

pub struct Reference {
    kind: &'static AdapterKind,
    endpoint: Endpoint,
    session: Mutex<Option<HeaderValue>>,
    document_cap: usize,
    careless: Carelessness,
}

impl Reference {
    pub fn new(kind: &'static AdapterKind, connection: Connection, careless: Carelessness) -> Result<Self> {
        let base_url = connection.settings.text("base_url").unwrap_or_default();
        let endpoint = Endpoint::new(base_url, Auth::None, "application/json", connection.transport)?;
        Ok(Self { kind, endpoint, session: Mutex::default(), document_cap: connection.document_cap, careless })
    }

    async fn session(&self, cx: &CallContext) -> Result<HeaderValue> {
        let mut session = self.session.lock().await;
        if let Some(session) = session.as_ref() {
            return Ok(session.clone());
        }
        let opened: WireSession = json(&self.endpoint.post(&["login"]).send(cx).await?)?;
        let opened = opened.session.and_then(|text| HeaderValue::from_str(&text).ok());
        let opened = opened.ok_or_else(|| ErpError::malformed("the login names no session"))?;
        Ok(session.insert(opened).clone())
    }

    async fn get(&self, cx: &CallContext, request: Request<'_>) -> Result<Bytes> {
        let session = self.session(cx).await?;
        request.header(HeaderName::from_static("x-session"), session).send(cx).await
    }

    async fn record(&self, cx: &CallContext, book: &str, id: &DocumentId) -> Result<Option<WireDocument>> {
        if !is_one_segment(id.as_str()) {
            return Ok(None);
        }
        let session = self.session(cx).await?;
        let request = self.endpoint.get(&[book, id.as_str()]);
        let found = request.header(HeaderName::from_static("x-session"), session).send_for_record(cx).await?;
        found.map(|body| json(&body)).transpose()
    }

    async fn invoice_page(
        &self,
        cx: &CallContext,
        query: &InvoicesQuery,
        page: PageRequest,
    ) -> Result<(WireList, u64)> {
        let mut request = self.endpoint.get(&["invoices"]).query("customer", query.customer.as_str());
        if !self.careless.invoices {
            request = request.query("match", "exact");
        }
        if !self.careless.states {
            request = request.query("state", "issued");
        }
        if !self.careless.rows {
            request = request.query("view", "headers");
        }
        if let Some(id) = &query.filters.invoice_id {
            request = request.query("id", id);
        }
        if let Some(po) = &query.filters.customer_po {
            request = request.query("po", po);
        }
        let dates = query.filters.dates;
        for (name, bound) in [("from", dates.start), ("to", dates.end)] {
            let Some(bound) = bound else { continue };
            request = request.query(&format!("{name}_day"), &bound.day.to_string());
            request = request.query(&format!("{name}_at"), &bound.instant.to_string());
        }
        let request = request.query("page", &page.number.to_string()).query("size", &page.size.to_string());
        let body = self.get(cx, request).await?;
        Ok((json(&body)?, fingerprint(&body)))
    }
}

#[async_trait]
impl ErpAdapter for Reference {
    fn kind(&self) -> &'static AdapterKind {
        self.kind
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        self.get(cx, self.endpoint.get(&["ping"])).await.map(drop)
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let request = self.endpoint.get(&["accounts"]).query("customer", query.customer.as_str());
        let found: WireAccounts = json(&self.get(cx, request).await?)?;
        let theirs = |account: &WireAccount| {
            let owner = account.customer.as_deref().and_then(CustomerCode::from_answer);
            owner.is_some_and(|owner| owner.is_same_customer(&query.customer, false))
        };
        let entries = found.entries.ok_or_else(|| ErpError::malformed("the answer holds no entries"))?;
        let mut entries = entries.into_iter().filter(|entry| self.careless.accounts || theirs(entry));
        let entry = if self.careless.accounts { entries.last() } else { entries.next() };
        entry.map(Account::try_from).transpose()
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        let mut request = self.endpoint.get(&["orders"]).query("customer", query.customer.as_str());
        let filters = &query.filters;
        let texts =
            [("id", &filters.order_id), ("po", &filters.customer_po), ("web", &filters.third_party_order_number)];
        for (name, text) in texts {
            if let Some(text) = text {
                request = request.query(name, text);
            }
        }
        // The ERP compares the day that it has written, whatever its zone: two days more are enough in any.
        if let Some(start) = filters.dates.start {
            request = request.query("from", &start.day.saturating_sub(2.days()).to_string());
        }
        if let Some(end) = filters.dates.end {
            request = request.query("to", &end.day.saturating_add(2.days()).to_string());
        }
        let found: WireList = json(&self.get(cx, request).await?)?;
        let rows = found.rows.ok_or_else(|| ErpError::malformed("the answer holds no rows"))?;
        if rows.len() > self.document_cap {
            return Err(ErpError::new(livegate_core::ErrorKind::TooLarge, "more orders than are allowed"));
        }
        rows.iter().map(OrderSummary::try_from).collect::<Result<_>>().map(Listing::Complete)
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Order>> {
        let Some(found) = self.record(cx, "orders", &key.id).await? else { return Ok(None) };
        let summary = OrderSummary::try_from(&found)?;
        let address = Some(Arc::new(Address { name: found.name.clone(), ..Address::default() }));
        let lines = found.lines.map(|lines| lines.into_iter().map(OrderLine::from).collect());
        let (bill_to, ship_to) = (address.clone(), address);
        Ok(Some(Order { summary, bill_to, ship_to, ordered_by: found.user, lines, tracking: None }))
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        if let Some(page) = query.page {
            let (found, _) = self.invoice_page(cx, query, page).await?;
            let (rows, total) =
                found.rows.zip(found.total).ok_or_else(|| ErpError::malformed("a page is not whole"))?;
            let items = rows.iter().map(InvoiceSummary::try_from).collect::<Result<_>>()?;
            return Ok(Listing::Page { items, total });
        }
        let rows = read_pages(cx, "invoices", self.document_cap, async |call| {
            let page = PageRequest { number: call.number, size: PAGE };
            let (found, fingerprint) = self.invoice_page(cx, query, page).await?;
            let rows = found.rows.ok_or_else(|| ErpError::malformed("a page holds no rows"))?;
            Ok(Page { rows, fingerprint, total: found.total, next: NextPage::ByCount })
        });
        rows.await?.iter().map(InvoiceSummary::try_from).collect::<Result<_>>().map(Listing::Complete)
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        let Some(found) = self.record(cx, "invoices", &key.id).await? else { return Ok(None) };
        let summary = InvoiceSummary::try_from(&found)?;
        let lines = found.lines.map(|lines| lines.into_iter().map(InvoiceLine::from).collect());
        Ok(Some(Invoice { summary, order_date: None, note: found.remark, lines }))
    }

    async fn close(&self, cx: &CallContext) {
        let session = self.session.lock().await.take();
        let Some(session) = session.filter(|_| !self.careless.sessions) else { return };
        let farewell = self.endpoint.post(&["logout"]).header(HeaderName::from_static("x-session"), session);
        // Who cannot log out has nobody left to tell it to.
        drop(farewell.send(cx).await);
    }
}

#[derive(Deserialize)]
struct WireSession {
    #[serde(default, deserialize_with = "lenient::text")]
    session: Option<String>,
}

#[derive(Deserialize)]
struct WireAccounts {
    #[serde(default, deserialize_with = "lenient::list")]
    entries: Option<Vec<WireAccount>>,
}

#[derive(Deserialize)]
struct WireAccount {
    #[serde(default, deserialize_with = "lenient::text")]
    customer: Option<String>,
    #[serde(default, deserialize_with = "lenient::amount")]
    balance: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::list")]
    open: Option<Vec<WireOpenItem>>,
    #[serde(default, deserialize_with = "lenient::structure")]
    paid: Option<WirePayment>,
    #[serde(default, deserialize_with = "lenient::text")]
    sold: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    charged: Option<String>,
}

#[derive(Deserialize)]
struct WireOpenItem {
    #[serde(default, deserialize_with = "lenient::text")]
    number: Option<String>,
    #[serde(default, deserialize_with = "lenient::amount")]
    left: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::text")]
    due: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    date: Option<String>,
}

#[derive(Deserialize)]
struct WirePayment {
    #[serde(default, deserialize_with = "lenient::text")]
    date: Option<String>,
    #[serde(default, deserialize_with = "lenient::amount")]
    amount: Option<Amount>,
}

#[derive(Deserialize)]
struct WireList {
    #[serde(default, deserialize_with = "lenient::list")]
    rows: Option<Vec<WireDocument>>,
    #[serde(default)]
    total: Option<u64>,
}

#[derive(Deserialize)]
struct WireDocument {
    #[serde(default, deserialize_with = "lenient::text")]
    number: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    customer: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    state: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    date: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    due: Option<String>,
    #[serde(default, deserialize_with = "lenient::amount")]
    net: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::amount")]
    tax: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::amount")]
    total: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::amount")]
    open: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::text")]
    po: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    web: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    order: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    user: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    remark: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    lines: Option<Vec<WireLine>>,
}

#[derive(Deserialize)]
struct WireLine {
    #[serde(default, deserialize_with = "lenient::text")]
    item: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    text: Option<String>,
    #[serde(default, deserialize_with = "lenient::amount")]
    ordered: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::amount")]
    shipped: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::amount")]
    price: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::amount")]
    tax: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::amount")]
    sum: Option<Amount>,
}

impl TryFrom<WireAccount> for Account {
    type Error = ErpError;

    fn try_from(wire: WireAccount) -> Result<Self> {
        let balance = wire.balance.ok_or_else(|| ErpError::malformed("an account has no balance"))?;
        let open = wire.open.map(|items| items.into_iter().map(OpenItem::try_from).collect::<Result<_>>());
        let paid = wire.paid.as_ref();
        Ok(Self {
            owner: wire.customer.as_deref().and_then(CustomerCode::from_answer),
            balance: Some(Stated::plain(balance)),
            open_items: open.transpose()?,
            last_charge_date: DATES.moment("charged", wire.charged.as_deref()),
            last_sale_date: DATES.moment("sold", wire.sold.as_deref()),
            last_payment_date: DATES.day("paid.date", paid.and_then(|paid| paid.date.as_deref())),
            last_payment_amount: paid.and_then(|paid| paid.amount),
            ..Self::default()
        })
    }
}

impl TryFrom<WireOpenItem> for OpenItem {
    type Error = ErpError;

    fn try_from(wire: WireOpenItem) -> Result<Self> {
        Ok(Self {
            id: wire.number.and_then(|number| DocumentId::new(&number).ok()),
            owner: None,
            balance: Stated::plain(wire.left.ok_or_else(|| ErpError::malformed("an open item has no balance"))?),
            due_date: DATES.day("due", wire.due.as_deref()),
            document_date: DATES.day("date", wire.date.as_deref()),
            instalments: Vec::new(),
        })
    }
}

impl WireDocument {
    fn id(&self) -> Result<DocumentId> {
        let id = self.number.as_deref().and_then(|number| DocumentId::new(number).ok());
        id.ok_or_else(|| ErpError::malformed("a document has no number"))
    }

    fn standing(&self) -> Standing {
        match self.state.as_deref() {
            Some("draft") => Standing::Draft,
            Some("void") => Standing::Void,
            _ => Standing::Issued,
        }
    }
}

impl TryFrom<&WireDocument> for OrderSummary {
    type Error = ErpError;

    fn try_from(wire: &WireDocument) -> Result<Self> {
        Ok(Self {
            owner: wire.customer.as_deref().and_then(CustomerCode::from_answer),
            standing: wire.standing(),
            placed_by: wire.user.clone(),
            status: wire.state.clone(),
            order_date: DATES.moment("date", wire.date.as_deref()),
            ship_date: DATES.moment("due", wire.due.as_deref()),
            sub_total: wire.net,
            tax_total: wire.tax,
            total: wire.total,
            customer_po: wire.po.clone(),
            comments: wire.remark.clone(),
            third_party_order_number: wire.web.clone(),
            ..Self::new(wire.id()?)
        })
    }
}

impl TryFrom<&WireDocument> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(wire: &WireDocument) -> Result<Self> {
        let address = Some(Arc::new(Address { name: wire.name.clone(), ..Address::default() }));
        Ok(Self {
            owner: wire.customer.as_deref().and_then(CustomerCode::from_answer),
            standing: wire.standing(),
            bill_to: address.clone(),
            ship_to: address,
            order_id: wire.order.clone(),
            invoice_date: DATES.moment("date", wire.date.as_deref()),
            due_date: DATES.moment("due", wire.due.as_deref()),
            sub_total: wire.net,
            tax_total: wire.tax,
            total: wire.total,
            balance: wire.open,
            customer_po: wire.po.clone(),
            ..Self::new(wire.id()?)
        })
    }
}

impl From<WireLine> for OrderLine {
    fn from(wire: WireLine) -> Self {
        Self {
            product_id: wire.item,
            description: wire.text,
            quantity: wire.ordered,
            quantity_shipped: wire.shipped,
            unit_price: wire.price,
            tax: wire.tax,
            total: wire.sum,
            ..Self::default()
        }
    }
}

impl From<WireLine> for InvoiceLine {
    fn from(wire: WireLine) -> Self {
        Self {
            item_id: wire.item,
            description: wire.text,
            quantity: wire.ordered,
            quantity_shipped: wire.shipped,
            unit_price: wire.price,
            tax: wire.tax,
            total: wire.sum,
            ..Self::default()
        }
    }
}
