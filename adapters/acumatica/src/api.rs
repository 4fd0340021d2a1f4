//! The requests: which entities of the endpoint are asked, for which of their fields, and what becomes of an instance that
//! has less.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{HeaderName, HeaderValue};
use livegate_core::{CallContext, CustomerCode, DateRange, ErpError, Result, Transport};
use livegate_http::odata::{Days, Dialect, Filter, Literal, Query};
use livegate_http::{Auth, Endpoint, ODataList, ODataPage, ODataPaging, Request, json, read_odata};
use serde::de::DeserializeOwned;

use crate::refusal::{Came, Place, judge};
use crate::wire::OPEN;

/// OData 3, with days that the contract-based API takes.
const DIALECT: Dialect = Dialect { days: Days::DateTimeOffset, ..Dialect::V3 };

/// Rows of a page; pages of so many were seen to work.
const PAGE: u32 = 500;

/// Longer than any code or number of Acumatica's: customers have 30 characters, documents 15.
const LONGEST_KEY: usize = 60;

/// The branch whose documents are meant, where no login said it.
const BRANCH: HeaderName = HeaderName::from_static("px-cbapibranch");

/// An entity of the endpoint, as far as it is asked for.
pub(crate) struct Entity {
    name: &'static str,
    /// The entity and its form in a message.
    form: &'static str,
    /// What its records are called in a message.
    what: &'static str,
    /// The fields that name one record.
    keys: &'static [&'static str],
    /// The field that names the customer.
    pub customer: &'static str,
    /// The fields of a list.
    fields: &'static [&'static str],
    /// The parts of a list, and their fields; they are done without where the endpoint cannot list them.
    parts: &'static [&'static str],
    part_fields: &'static [&'static str],
    /// What is asked for beyond the contract.
    custom: &'static str,
    /// The parts of one record, and those without which it is nothing.
    own_parts: &'static [&'static str],
    least_parts: &'static [&'static str],
}

impl Entity {
    const NONE: Self = Self {
        name: "",
        form: "",
        what: "",
        keys: &["Type", "ReferenceNbr"],
        customer: "CustomerID",
        fields: &[],
        parts: &[],
        part_fields: &[],
        custom: "",
        own_parts: &[],
        least_parts: &[],
    };
}

pub(crate) static CUSTOMER: Entity = Entity {
    name: "Customer",
    form: "Customer (AR303000)",
    what: "customers",
    keys: &["CustomerID"],
    fields: &["CustomerID", "CurrencyID"],
    parts: &["CreditVerificationRules"],
    part_fields: &["CreditVerificationRules/CreditLimit", "CreditVerificationRules/CreditVerification"],
    own_parts: &["CreditVerificationRules"],
    ..Entity::NONE
};

pub(crate) static SALES_ORDER: Entity = Entity {
    name: "SalesOrder",
    form: "SalesOrder (SO301000)",
    what: "orders",
    keys: &["OrderType", "OrderNbr"],
    fields: &[
        "OrderType",
        "OrderNbr",
        "CustomerID",
        "CustomerOrder",
        "ExternalRef",
        "Description",
        "Status",
        "Date",
        "OrderTotal",
        "TaxTotal",
    ],
    parts: &["Totals", "ShippingSettings"],
    part_fields: &[
        "Totals/DiscountTotal",
        "Totals/LineTotalAmount",
        "Totals/MiscTotalAmount",
        "ShippingSettings/ScheduledShipmentDate",
    ],
    own_parts: &[
        "Details",
        "Totals",
        "ShippingSettings",
        "BillToAddress",
        "BillToContact",
        "ShipToAddress",
        "ShipToContact",
        "Shipments",
    ],
    least_parts: &["Details"],
    ..Entity::NONE
};

pub(crate) static SHIPMENT: Entity = Entity {
    name: "Shipment",
    form: "Shipment (SO302000)",
    what: "shipments",
    keys: &["ShipmentNbr"],
    own_parts: &["Packages"],
    least_parts: &["Packages"],
    ..Entity::NONE
};

/// Every document of receivables; its contract has neither currency nor addresses.
pub(crate) static INVOICE: Entity = Entity {
    name: "Invoice",
    form: "Invoice (AR301000)",
    what: "invoices",
    customer: "Customer",
    fields: &[
        "Type",
        "ReferenceNbr",
        "Customer",
        "CustomerOrder",
        "Description",
        "Status",
        "Date",
        "DueDate",
        "Amount",
        "Balance",
        "TaxTotal",
    ],
    own_parts: &["Details"],
    least_parts: &["Details"],
    ..Entity::NONE
};

/// The same documents as far as they are open, with their currency.
pub(crate) static OPEN_DOCUMENT: Entity = Entity {
    name: "Invoice",
    form: "Invoice (AR301000)",
    what: "open documents",
    customer: "Customer",
    fields: &["Type", "ReferenceNbr", "Customer", "Status", "Date", "DueDate", "Balance"],
    custom: "Document.CuryID",
    ..Entity::NONE
};

/// The documents that were billed from sales orders, and more of them.
pub(crate) static SALES_INVOICE: Entity = Entity {
    name: "SalesInvoice",
    form: "SalesInvoice (SO303000)",
    what: "invoices",
    fields: &[
        "Type",
        "ReferenceNbr",
        "CustomerID",
        "CustomerOrder",
        "Description",
        "Status",
        "Date",
        "DueDate",
        "Amount",
        "Balance",
        "TaxTotal",
        "DiscountTotal",
        "DetailTotal",
    ],
    parts: &["BillToAddress", "BillToContact", "ShipToAddress", "ShipToContact", "Details"],
    part_fields: &[
        "BillToAddress",
        "BillToContact",
        "ShipToAddress",
        "ShipToContact",
        "Details/OrderType",
        "Details/OrderNbr",
    ],
    own_parts: &["Details", "BillToAddress", "BillToContact", "ShipToAddress", "ShipToContact"],
    least_parts: &["Details"],
    ..Entity::NONE
};

pub(crate) static PAYMENT: Entity = Entity {
    name: "Payment",
    form: "Payment (AR302000)",
    what: "payments",
    fields: &["Type", "ReferenceNbr", "CustomerID", "CurrencyID", "Status"],
    custom: "Document.CuryDocBal,Document.DocDate",
    ..Entity::NONE
};

/// One tenant's endpoint.
pub(crate) struct Api {
    endpoint: Endpoint,
    place: Place,
    /// The branch that goes along with every request, where no login said it.
    branch: Option<HeaderValue>,
    document_cap: usize,
    /// What this instance was seen not to give in full: an entity's list, or one of its records.
    reduced: Mutex<BTreeSet<(&'static str, bool)>>,
}

impl Api {
    pub(crate) fn new(
        base_url: &str,
        auth: Auth,
        transport: Arc<dyn Transport>,
        place: Place,
        document_cap: usize,
    ) -> Result<Self> {
        let branch = match (&auth, &place.branch) {
            (Auth::Tokens(_), Some(branch)) => Some(HeaderValue::from_str(branch).map_err(|_| {
                ErpError::misconfigured("branch has characters that no header may have: set it to the Branch ID")
            })?),
            _ => None,
        };
        let place = Place { branch: place.branch.filter(|_| branch.is_some()), ..place };
        let endpoint = Endpoint::new(base_url, auth, "application/json", transport)?;
        Ok(Self { endpoint, place, branch, document_cap, reduced: Mutex::default() })
    }

    pub(crate) async fn close(&self, cx: &CallContext) {
        self.endpoint.close(cx).await;
    }

    /// Proves address, endpoint and credentials.
    pub(crate) async fn ping(&self, cx: &CallContext) -> Result<()> {
        let query = Query::new(DIALECT).select(CUSTOMER.keys).top(1);
        match self.send(cx, &CUSTOMER, self.get(&CUSTOMER, &[]).odata(&query)).await {
            Came::Body(body) => ODataPage::<serde::de::IgnoredAny>::read(&body).map(drop),
            Came::Nothing => Ok(()),
            Came::TooMuch(error) | Came::Failed(error) => Err(error),
        }
    }

    /// Every record that meets the filter.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        cx: &CallContext,
        entity: &'static Entity,
        filter: Filter<'_>,
    ) -> Result<Vec<T>> {
        let path = self.path(entity, &[]);
        let (path, paging) = (path.as_slice(), ODataPaging::BySkip(PAGE));
        let read = async |in_full: bool| {
            let mut select = entity.fields.to_vec();
            select.extend(entity.part_fields.iter().filter(|_| in_full));
            let expand = if in_full { entity.parts } else { &[] };
            let query = Query::new(DIALECT).filter(filter.clone()).select(&select).expand(expand);
            let list = ODataList { endpoint: &self.endpoint, path, query, paging: paging.clone() };
            let too_much = AtomicBool::new(false);
            let rows = read_odata(cx, entity.what, self.document_cap, &list, |request| async {
                match self.send(cx, entity, self.addressed(entity, request)).await {
                    Came::Body(body) => Ok(body),
                    Came::Nothing => Ok("[]".into()),
                    Came::TooMuch(error) => {
                        too_much.store(true, Ordering::Relaxed);
                        Err(error)
                    }
                    Came::Failed(error) => Err(error),
                }
            });
            let rows = rows.await;
            (rows, too_much.into_inner())
        };
        let mut in_full = !entity.parts.is_empty() && !self.is_reduced(entity, false);
        loop {
            match read(in_full).await {
                (Err(_), true) if in_full => self.reduce(entity, false),
                (rows, _) => return rows,
            }
            in_full = false;
        }
    }

    /// The record of this key. By its path where no server on the way can take offence at it, else by a filter.
    pub(crate) async fn record<T: DeserializeOwned>(
        &self,
        cx: &CallContext,
        entity: &'static Entity,
        key: &[&str],
    ) -> Result<Option<T>> {
        if !key.iter().all(|part| can_be(part)) {
            return Ok(None);
        }
        let by_path = key.iter().all(|part| is_plain(part));
        let mut in_full = entity.own_parts != entity.least_parts && !self.is_reduced(entity, true);
        loop {
            let query = Query::new(DIALECT).expand(if in_full { entity.own_parts } else { entity.least_parts });
            let request = if by_path {
                self.get(entity, key).odata(&query)
            } else {
                let parts = entity.keys.iter().zip(key).map(|(field, part)| Filter::eq(field, *part));
                self.get(entity, &[]).odata(&query.filter(parts.reduce(Filter::and)).top(1))
            };
            match self.send(cx, entity, request).await {
                Came::Body(body) if by_path => return json(&body).map(Some),
                Came::Body(body) => return Ok(ODataPage::read(&body)?.rows.into_iter().next()),
                Came::Nothing => return Ok(None),
                Came::TooMuch(_) if in_full => self.reduce(entity, true),
                Came::TooMuch(error) | Came::Failed(error) => return Err(error),
            }
            in_full = false;
        }
    }

    async fn send(&self, cx: &CallContext, entity: &Entity, request: Request<'_>) -> Came {
        match request.exchange(cx).await {
            Ok(answer) => judge(answer, &self.place, entity.form),
            Err(error) => Came::Failed(error),
        }
    }

    fn get<'a>(&'a self, entity: &'static Entity, key: &[&'a str]) -> Request<'a> {
        self.addressed(&Entity::NONE, self.endpoint.get(&self.path(entity, key)))
    }

    fn addressed<'a>(&self, entity: &Entity, request: Request<'a>) -> Request<'a> {
        let request = match &self.branch {
            Some(branch) => request.header(BRANCH, branch.clone()),
            None => request,
        };
        if entity.custom.is_empty() { request } else { request.query("$custom", entity.custom) }
    }

    fn path<'a>(&'a self, entity: &'static Entity, key: &[&'a str]) -> Vec<&'a str> {
        let Place { endpoint, version, .. } = &self.place;
        ["entity", endpoint, version, entity.name].into_iter().chain(key.iter().copied()).collect()
    }

    fn is_reduced(&self, entity: &Entity, one: bool) -> bool {
        self.reduced.lock().unwrap_or_else(PoisonError::into_inner).contains(&(entity.name, one))
    }

    fn reduce(&self, entity: &Entity, one: bool) {
        let mut reduced = self.reduced.lock().unwrap_or_else(PoisonError::into_inner);
        if reduced.insert((entity.name, one)) {
            let (entity, endpoint) = (entity.name, &self.place.endpoint);
            tracing::warn!(entity, %endpoint, "Acumatica does not give all parts that are asked for: answers hold less");
        }
    }
}

/// The customer's documents, narrowed to one key and to days; `None` where there can be none. The server takes a day by its
/// own clock, so each end of the range is a day wider.
pub(crate) fn narrowed<'a>(
    entity: &Entity,
    customer: &'a CustomerCode,
    key: Option<[&'a str; 2]>,
    dates: &DateRange,
) -> Option<Filter<'a>> {
    let [kind, number] = key.map_or([None, None], |[kind, number]| [Some(kind), Some(number)]);
    let start = dates.start.and_then(|start| start.day.yesterday().ok()).map(Literal::Day);
    let end = dates.end.and_then(|end| end.day.tomorrow().ok()).map(Literal::Day);
    let possible = [Some(customer.as_str()), kind, number].into_iter().flatten().all(can_be);
    possible.then(|| {
        Filter::eq(entity.customer, customer.as_str())
            .and(kind.map(|kind| Filter::eq(entity.keys[0], kind)))
            .and(number.map(|number| Filter::eq(entity.keys[1], number)))
            .and(start.map(|day| Filter::ge("Date", day)))
            .and(end.map(|day| Filter::le("Date", day)))
    })
}

/// What is open of the customer's.
pub(crate) fn open<'a>(entity: &Entity, customer: &'a str) -> Filter<'a> {
    let statuses = OPEN.map(|status| Filter::eq("Status", status)).into_iter().reduce(|one, other| one.or(other));
    Filter::eq(entity.customer, customer).and(statuses)
}

/// Whether there can be such a code or number. Beyond some length IIS refuses the address in which one stands.
pub(crate) fn can_be(part: &str) -> bool {
    !part.is_empty() && part.chars().count() <= LONGEST_KEY
}

/// IIS refuses some characters in a path before Acumatica is asked, and takes an encoded slash for a slash.
fn is_plain(part: &str) -> bool {
    part.chars().all(|c| c.is_ascii_alphanumeric() || "-_ ".contains(c))
}
