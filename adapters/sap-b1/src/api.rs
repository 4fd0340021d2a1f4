//! The requests that the adapter sends.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{Response, StatusCode};
use livegate_core::{CallContext, CustomerCode, DateRange, ErpError, PageRequest, Result, Standing};
use livegate_http::odata::{Days, Dialect, Filter, Query, Version};
use livegate_http::{Endpoint, ODataList, ODataPage, ODataPaging, PageSize, Request, json, read_odata};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::number::{Asked, Numbers};
use crate::refusal::{ask, lacks_a_right, refused};
use crate::session::error_code;
use crate::wire::{AdminInfo, Delivered, Document, Joined, Partner};

/// How many rows a page of a list is asked for; the Service Layer's own idea is 20.
const PAGE_SIZE: u32 = 500;

/// How many documents with all that they hold come on a page: one has 25 kB and more.
const WHOLE_PAGE_SIZE: u32 = 20;

/// The most delivery notes that are looked through for those of one order, where they cannot be asked for by it.
const MOST_DELIVERIES: usize = 200;

/// How many numbers are asked about at once: addresses have a length that servers bear.
const NUMBERS_AT_ONCE: usize = 50;

const DELIVERIES: &str = "DeliveryNotes";

/// The type of a sales order in what is based on it.
const ORDER: i64 = 17;

/// One tenant's Service Layer.
pub(crate) struct Api {
    pub endpoint: Endpoint,
    pub dialect: Dialect,
    pub document_cap: usize,
    /// It was seen not to know joins of documents with their lines.
    pub without_cross_joins: AtomicBool,
}

/// Sets of documents, which are all of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Orders,
    Invoices,
    CreditNotes,
    DownPayments,
}

impl Set {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Orders => "Orders",
            Self::Invoices => "Invoices",
            Self::CreditNotes => "CreditNotes",
            Self::DownPayments => "DownPayments",
        }
    }

    /// What many of them are called in messages.
    fn what(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Invoices => "invoices",
            Self::CreditNotes => "credit notes",
            Self::DownPayments => "down payments",
        }
    }

    /// What a list tells of each.
    fn listed(self) -> Vec<&'static str> {
        match self {
            Self::Orders => HEADER.to_vec(),
            Self::Invoices | Self::CreditNotes | Self::DownPayments => [HEADER, ADDRESSES, PAID].concat(),
        }
    }

    /// What is asked of one by itself.
    fn whole(self) -> Vec<&'static str> {
        match self {
            Self::Orders => [HEADER, ADDRESSES, LINES, &["TrackingNumber"]].concat(),
            Self::Invoices | Self::CreditNotes | Self::DownPayments => {
                [HEADER, ADDRESSES, PAID, LINES, &["ReserveInvoice"]].concat()
            }
        }
    }
}

/// What every document says of itself; everything else stays where it is, costs among it.
const HEADER: &[&str] = &[
    "DocEntry",
    "DocNum",
    "CardCode",
    "DocDate",
    "DocDueDate",
    "NumAtCard",
    "Comments",
    "DocTotal",
    "DocTotalFc",
    "VatSum",
    "VatSumFc",
    "TotalDiscount",
    "TotalDiscountFC",
    "WTAmount",
    "DownPaymentAmount",
    "RoundingDiffAmount",
    "DocumentStatus",
    "Cancelled",
    "CancelStatus",
];
const ADDRESSES: &[&str] = &["CardName", "Address", "Address2", "AddressExtension"];
const PAID: &[&str] = &["PaidToDate", "PaidToDateFC"];
const LINES: &[&str] = &["DocCurrency", "DocumentLines", "DocumentAdditionalExpenses"];
const OPEN: &[&str] = &[
    "DocEntry",
    "DocNum",
    "CardCode",
    "DocDate",
    "DocDueDate",
    "DocCurrency",
    "DocTotal",
    "DocTotalFc",
    "DocTotalSys",
    "PaidToDate",
    "PaidToDateFC",
    "PaidToDateSys",
    "DownPaymentType",
    "Cancelled",
    "CancelStatus",
    "DocumentInstallments",
];

const PARTNER: &[&str] = &["CardCode", "CardType", "Currency", "CurrentAccountBalance", "CreditLimit"];

/// Every property that is asked for of what is refused as a whole where one of them is not known.
pub(crate) const PROPERTIES: &[&[&str]] =
    &[HEADER, ADDRESSES, PAID, LINES, OPEN, PARTNER, &["TrackingNumber", "ReserveInvoice"]];

/// Newest first, then by number: the order in which lists are shown. The key keeps pages apart where numbers repeat.
const NEWEST_FIRST: [&str; 3] = ["DocDate desc", "DocNum desc", "DocEntry desc"];

/// The same where the key is the number.
const NEWEST_KEY_FIRST: [&str; 2] = ["DocDate desc", "DocEntry desc"];

/// Which documents of a customer a list is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub set: Set,
    pub customer: &'a CustomerCode,
    pub asked: Option<Asked>,
    pub dates: DateRange,
    /// The documents that were cancelled, and those that cancel them, are left out.
    pub in_force: bool,
    pub by_key: bool,
}

impl<'a> Wanted<'a> {
    fn filter(&self) -> Filter<'a> {
        let asked = self.asked.map(|Asked { number, entry }| match (number, entry) {
            (Some(number), _) => Filter::eq("DocNum", number),
            (None, entry) => Filter::eq("DocEntry", entry.unwrap_or_default()),
        });
        Filter::eq("CardCode", self.customer.as_str())
            .and(self.in_force.then(|| Filter::eq("CancelStatus", "csNo")))
            .and(asked)
            .and(self.dates.start.map(|start| Filter::ge("DocDate", start.day)))
            .and(self.dates.end.map(|end| Filter::le("DocDate", end.day)))
    }

    /// Whether lists name this document, and so its number is taken.
    pub(crate) fn names(&self, document: &Document) -> bool {
        let is_shown = !self.in_force || document.standing() == Standing::Issued;
        document.belongs_to(self.customer) && is_shown
    }

    fn order(&self) -> &'static [&'static str] {
        if self.by_key { &NEWEST_KEY_FIRST } else { &NEWEST_FIRST }
    }
}

impl Api {
    /// How the Service Layer writes: days as texts in either generation.
    pub(crate) const fn dialect(version: Version) -> Dialect {
        Dialect { version, days: Days::Text }
    }

    /// Every document that is wanted, without its lines.
    pub(crate) async fn list(&self, cx: &CallContext, wanted: Wanted<'_>) -> Result<Vec<Document>> {
        let select = wanted.set.listed();
        let query = Query::new(self.dialect).filter(wanted.filter()).select(&select).order_by(wanted.order());
        self.read(cx, wanted.set.what(), wanted.set.path(), query, PAGE_SIZE).await
    }

    /// One page of them, as the Service Layer cuts and counts it.
    pub(crate) async fn page(
        &self,
        cx: &CallContext,
        wanted: Wanted<'_>,
        page: PageRequest,
    ) -> Result<ODataPage<Document>> {
        let select = wanted.set.listed();
        let query = Query::new(self.dialect)
            .filter(wanted.filter())
            .select(&select)
            .order_by(wanted.order())
            .top(u64::from(page.size))
            .skip(page.offset())
            .count();
        let request = self.endpoint.get(&[wanted.set.path()]).odata(&query);
        ODataPage::read(&ask(cx, wanted.set.path(), PageSize::Prefer(page.size).ask(request)).await?)
    }

    /// The numbers of those documents that bear one of these numbers.
    pub(crate) async fn bearers(
        &self,
        cx: &CallContext,
        wanted: Wanted<'_>,
        numbers: &[Numbers],
    ) -> Result<Vec<Numbers>> {
        let mut bearers = Vec::new();
        let base = Wanted { asked: None, dates: DateRange::default(), ..wanted }.filter();
        for numbers in numbers.chunks(NUMBERS_AT_ONCE) {
            let Some((first, others)) = numbers.split_first() else { continue };
            let bears = |numbers: &Numbers| Filter::eq("DocNum", numbers.number);
            let any = Filter::any(bears(first), others.iter().map(bears));
            let query =
                Query::new(self.dialect).filter(base.clone().and(any)).select(&["DocEntry", "DocNum", "CardCode"]);
            let found: Vec<Document> = self.read(cx, wanted.set.what(), wanted.set.path(), query, PAGE_SIZE).await?;
            let theirs = found.iter().filter(|document| document.belongs_to(wanted.customer));
            bearers.extend(theirs.map(Numbers::try_from).collect::<Result<Vec<_>>>()?);
        }
        Ok(bearers)
    }

    /// The documents that are wanted with all that they hold.
    pub(crate) async fn whole(&self, cx: &CallContext, wanted: Wanted<'_>) -> Result<Vec<Document>> {
        let select = wanted.set.whole();
        let query = Query::new(self.dialect).filter(wanted.filter()).select(&select);
        self.read(cx, wanted.set.what(), wanted.set.path(), query, WHOLE_PAGE_SIZE).await
    }

    /// Whatever of a set may not be settled: beside what is open, a reserve invoice whose goods went before it is paid,
    /// which is `Delivered` until then.
    pub(crate) async fn open(&self, cx: &CallContext, set: Set, customer: &CustomerCode) -> Result<Vec<Document>> {
        let filter = Filter::eq("CardCode", customer.as_str()).and(Filter::ne("DocumentStatus", "bost_Close"));
        let query = Query::new(self.dialect).filter(filter).select(OPEN).order_by(&["DocEntry"]);
        self.read(cx, set.what(), set.path(), query, PAGE_SIZE).await
    }

    /// The customer's newest invoice that is in force.
    pub(crate) async fn newest_invoice(&self, cx: &CallContext, customer: &CustomerCode) -> Result<Option<Document>> {
        let filter = Filter::eq("CardCode", customer.as_str()).and(Filter::eq("CancelStatus", "csNo"));
        let select = ["CardCode", "DocDate"];
        let query = Query::new(self.dialect).filter(filter).select(&select).order_by(&["DocDate desc"]).top(1);
        let path = Set::Invoices.path();
        let body = ask(cx, path, self.endpoint.get(&[path]).odata(&query)).await?;
        let page: ODataPage<Document> = ODataPage::read(&body)?;
        Ok(page.rows.into_iter().find(|invoice| invoice.belongs_to(customer)))
    }

    /// The partner of this code, a customer or not. It is asked for by a filter, because a key in a path loses codes with a
    /// slash on their way through the web server.
    pub(crate) async fn partner(&self, cx: &CallContext, code: &str) -> Result<Option<Partner>> {
        let query = Query::new(self.dialect).filter(Filter::eq("CardCode", code)).select(PARTNER);
        let path = "BusinessPartners";
        let body = ask(cx, path, self.endpoint.get(&[path]).odata(&query)).await?;
        let page: ODataPage<Partner> = ODataPage::read(&body)?;
        Ok(page.rows.into_iter().next())
    }

    /// The company's own currencies: an action in the earlier generation, a function in the later one.
    pub(crate) async fn admin_info(&self, cx: &CallContext) -> Result<AdminInfo> {
        let path = "CompanyService_GetAdminInfo";
        let request = match self.dialect.version {
            Version::V3 => self.endpoint.post(&[path]),
            Version::V4 => self.endpoint.get(&[path]),
        };
        json(&ask(cx, path, request).await?)
    }

    /// What was delivered of an order: each line of a delivery note that is based on it.
    pub(crate) async fn delivered(
        &self,
        cx: &CallContext,
        customer: &CustomerCode,
        order: &Document,
    ) -> Result<Vec<Delivered>> {
        let entry = order.numbers()?.entry;
        if !self.without_cross_joins.load(Ordering::Relaxed) {
            let answer = self.cross_join(entry).exchange(cx).await?;
            match refused(DELIVERIES, &answer) {
                None => return joined(answer.body()),
                Some(_) if knows_no_joins(&answer) => {
                    if !self.without_cross_joins.swap(true, Ordering::Relaxed) {
                        tracing::info!(
                            "this Service Layer joins no documents with their lines: delivery notes are read"
                        );
                    }
                }
                Some(error) => return Err(error),
            }
        }
        let since = order.day().map(|day| Filter::ge("DocDate", day));
        let filter = Filter::eq("CardCode", customer.as_str()).and(since);
        let select = ["DocEntry", "DocDate", "TrackingNumber", "Cancelled", "CancelStatus", "DocumentLines"];
        let query = Query::new(self.dialect).filter(filter).select(&select).order_by(&["DocEntry"]);
        let list = ODataList {
            endpoint: &self.endpoint,
            path: &[DELIVERIES],
            query,
            paging: ODataPaging::ByLink(Some(PageSize::Prefer(WHOLE_PAGE_SIZE))),
        };
        let notes: Vec<Document> =
            read_odata(cx, "delivery notes", MOST_DELIVERIES, &list, |request| ask(cx, DELIVERIES, request)).await?;
        Ok(notes.into_iter().flat_map(|note| Delivered::of(note, ORDER, entry)).collect())
    }

    /// Delivery notes and their lines that are based on one order (SAP's "Working with SAP Business One Service Layer",
    /// 3.7.10: on SAP HANA).
    fn cross_join(&self, entry: i64) -> Request<'_> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct CrossJoin {
            query_path: &'static str,
            query_option: String,
        }
        let based_on = Filter::eq("DeliveryNotes/DocumentLines/BaseType", ORDER)
            .and(Filter::eq("DeliveryNotes/DocumentLines/BaseEntry", entry));
        let query_option = format!(
            "$expand=DeliveryNotes($select=DocEntry,DocDate,TrackingNumber,Cancelled,CancelStatus),\
             DeliveryNotes/DocumentLines($select=BaseLine,Quantity,UoMCode,MeasureUnit)\
             &$filter=DeliveryNotes/DocEntry eq DeliveryNotes/DocumentLines/DocEntry and {}",
            based_on.written(self.dialect)
        );
        let query_path = "$crossjoin(DeliveryNotes,DeliveryNotes/DocumentLines)";
        let request = self.endpoint.post(&["QueryService_PostQuery"]);
        // 0 asks for all at once: what is joined is not said to come in pages.
        PageSize::Prefer(0).ask(request).json(&CrossJoin { query_path, query_option })
    }

    async fn read<'a, T: DeserializeOwned>(
        &'a self,
        cx: &CallContext,
        what: &str,
        path: &'a str,
        query: Query<'a>,
        size: u32,
    ) -> Result<Vec<T>> {
        let segments = [path];
        let paging = ODataPaging::ByLink(Some(PageSize::Prefer(size)));
        let list = ODataList { endpoint: &self.endpoint, path: &segments, query, paging };
        read_odata(cx, what, self.document_cap, &list, |request| ask(cx, path, request)).await
    }
}

fn joined(body: &[u8]) -> Result<Vec<Delivered>> {
    let page: ODataPage<Joined> = ODataPage::read(body)?;
    match page.next_link {
        None => Ok(page.rows.into_iter().map(Delivered::from).collect()),
        Some(_) => {
            Err(ErpError::malformed("the Service Layer tells a join in several pages, although all was asked for"))
        }
    }
}

/// Whether an answer says that joins are not known here. A node that is broken says nothing of the kind,
/// nor does a missing right.
fn knows_no_joins(answer: &Response<Bytes>) -> bool {
    let code = error_code(answer.body()).filter(|_| !lacks_a_right(answer));
    match answer.status() {
        StatusCode::BAD_REQUEST
        | StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_IMPLEMENTED => code.is_some(),
        StatusCode::INTERNAL_SERVER_ERROR => code.is_some_and(|code| code != 407),
        _ => false,
    }
}

/// The service's root and the generation that it speaks.
pub(crate) fn root(base_url: &str) -> Result<(String, Version)> {
    let address = base_url.trim().trim_end_matches('/');
    let path = address.split_once("://").map_or("", |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let mut segments = path.rsplit('/');
    match (segments.next(), segments.next()) {
        (Some("v1"), Some("b1s")) => Ok((address.to_owned(), Version::V3)),
        (Some("v2"), Some("b1s")) => Ok((address.to_owned(), Version::V4)),
        _ if path.is_empty() => Ok((format!("{address}/b1s/v2"), Version::V4)),
        _ => Err(ErpError::misconfigured(
            "base_url must end with b1s/v2/ or b1s/v1/, as in https://sap.example:50000/b1s/v2/, or have no path at all",
        )),
    }
}
