//! The requests: where each generation of the Web API keeps what the adapter asks for.

use http::{HeaderName, HeaderValue};
use livegate_core::{CallContext, CustomerCode, DateBound, DocumentId, Result};
use livegate_http::lenient::List;
use livegate_http::{Endpoint, Format, Request, is_one_segment};

use crate::wire::{ArInvoice, Customer, CustomerArInquiry, CustomerPayment, missing};
use crate::work_order::{ListedWorkOrder, WorkOrder};

/// The header by which a request says which of the dealer's systems it asks.
pub(crate) const SYSTEM_HEADER: HeaderName = HeaderName::from_static("x-dm_system_id");

/// The most ids that one request names. Nothing is documented; a request stays small and an answer well under the cap.
const BATCH: usize = 50;

/// One dealer's Web API.
pub(crate) struct Api {
    pub(crate) endpoint: Endpoint,
    pub(crate) generation: Generation,
    pub(crate) format: Format,
    /// Which of the dealer's systems is asked, where no login names it.
    pub(crate) system_id: Option<HeaderValue>,
}

/// The two generations of the Web API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    /// The dealer's own host: `api/v2/…`.
    V2,
    /// The vendor's host: `api/v1/…` in camelCase JSON.
    Dme,
}

/// What becomes of asking for a customer's record.
pub(crate) enum Found<T> {
    /// There is one, and it is theirs.
    Theirs(T),
    /// There is one that does not say whose it is.
    Nobodys,
    /// 404.
    Nothing,
}

impl Api {
    /// The entries of the A/R inquiry; `since` narrows the open invoices.
    pub(crate) async fn inquiry(
        &self,
        cx: &CallContext,
        customer: &str,
        since: Option<DateBound>,
    ) -> Result<Vec<CustomerArInquiry>> {
        let mut request = self.get(&["AR", "CustomerARInquiry"]).query("CustomerId", customer);
        if let Some(since) = since {
            request = request.query("InvoiceDate", &since.day.to_string());
        }
        self.list(cx, request, "ArrayOfCustomerARInquiry").await
    }

    /// Whether a request can name the customer's record at all.
    pub(crate) fn can_name(&self, customer: &CustomerCode) -> bool {
        self.generation == Generation::Dme || is_one_segment(customer.as_str())
    }

    /// The customer's record.
    pub(crate) async fn record(&self, cx: &CallContext, customer: &CustomerCode) -> Result<Found<Customer>> {
        let request = match self.generation {
            Generation::V2 => self.get(&["Customers", "RetrieveCustomer", customer.as_str()]),
            Generation::Dme => self.get(&["Customers", "RetrieveCustomer"]).query("CustomerId", customer.as_str()),
        };
        let Some(body) = request.send_for_record(cx).await? else { return Ok(Found::Nothing) };
        let record = self.format.decode::<Customer>(&body, "Customer")?.of(customer)?;
        Ok(record.map_or(Found::Nobodys, Found::Theirs))
    }

    /// The invoices of these numbers, whoever's they are.
    pub(crate) async fn invoices(&self, cx: &CallContext, ids: &[&str]) -> Result<Vec<ArInvoice>> {
        let mut invoices = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let request = self.post(&["AR", "RetrieveInvoices"]).json(&batch);
            invoices.append(&mut self.list(cx, request, "ArrayOfInvoice").await?);
        }
        Ok(invoices)
    }

    /// All payments of the customer, posted or not.
    pub(crate) async fn payments(&self, cx: &CallContext, customer: &CustomerCode) -> Result<Vec<CustomerPayment>> {
        let request = self.get(&["AR", "CustomerPaymentHistory"]).query("CustomerId", customer.as_str());
        self.list(cx, request, "ArrayOfCustomerPayment").await
    }

    /// The customer's work orders in one status (`O` open, `C` closed), by number only.
    pub(crate) async fn listed_work_orders(
        &self,
        cx: &CallContext,
        customer: &CustomerCode,
        status: &str,
    ) -> Result<Vec<ListedWorkOrder>> {
        let request = self.get(&["Service", "WorkOrders", "ListForCustomer"]);
        let request = request.query("CustId", customer.as_str()).query("Status", status);
        self.list(cx, request, "ArrayOfWorkOrderListItem").await
    }

    /// The work orders of these numbers, whoever's they are.
    pub(crate) async fn work_orders(&self, cx: &CallContext, ids: &[&str]) -> Result<Vec<WorkOrder>> {
        let mut work_orders = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let question = serde_json::json!({ "woIds": batch, "detail": true });
            let request = self.post(&["Service", "WorkOrders", "RetrieveList"]).json(&question);
            work_orders.append(&mut self.list(cx, request, "ArrayOfWorkOrder").await?);
        }
        Ok(work_orders)
    }

    /// One work order, whoever's it is.
    pub(crate) async fn work_order(&self, cx: &CallContext, id: &DocumentId) -> Result<Option<WorkOrder>> {
        let request = self.get(&["Service", "WorkOrders", "Retrieve"]);
        let request = request.query("Id", id.as_str()).query("Detail", "true");
        let Some(body) = request.send_for_record(cx).await? else { return Ok(None) };
        match self.format.decode(&body, "WorkOrder")? {
            nothing if nothing == WorkOrder::default() => Err(missing("a work order", "any known member")),
            work_order => Ok(Some(work_order)),
        }
    }

    async fn list<T: serde::de::DeserializeOwned>(
        &self,
        cx: &CallContext,
        request: Request<'_>,
        root: &str,
    ) -> Result<Vec<T>> {
        self.format.decode::<List<T>>(&request.send(cx).await?, root).map(|List(items)| items)
    }

    fn get(&self, path: &[&str]) -> Request<'_> {
        self.addressed(self.endpoint.get(&self.path(path)))
    }

    fn post(&self, path: &[&str]) -> Request<'_> {
        self.addressed(self.endpoint.post(&self.path(path)))
    }

    fn path<'a>(&self, path: &[&'a str]) -> Vec<&'a str> {
        let version = match self.generation {
            Generation::V2 => "v2",
            Generation::Dme => "v1",
        };
        ["api", version].iter().chain(path).copied().collect()
    }

    fn addressed<'a>(&self, request: Request<'a>) -> Request<'a> {
        match &self.system_id {
            Some(system_id) => request.header(SYSTEM_HEADER, system_id.clone()),
            None => request,
        }
    }
}
