//! The requests: lists page by page and records by id, whatever the resources are called and however lists are cut.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use livegate_core::{CallContext, ErpError, ErrorKind, Result};
use livegate_http::lenient::{self, List};
use livegate_http::{Endpoint, Format, NextPage, Page, PageCall, Request, classify, fingerprint, read_pages};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ceql;
use crate::setup::Resources;
use crate::wire::{Customer, Row, missing};

/// Where a page names the next one.
const NEXT_PAGE: &str = "elements-next-page-token";
/// How many rows a list has, where the connector knows.
const TOTAL: &str = "elements-total-count";
/// What connectors are documented to bear.
const PAGE_SIZE: &str = "200";
/// A record that nobody has.
const NOBODY: &str = "livegate-ping";

/// One organisation's resources.
pub(crate) struct Api {
    pub(crate) endpoint: Endpoint,
    pub(crate) resources: Resources,
    pub(crate) paging: Paging,
    /// Whether lists are asked for with a condition.
    pub(crate) filters: bool,
    /// The most rows that one list may bring.
    pub(crate) cap: usize,
}

/// How the connector cuts lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    /// By the token that a page's header gives.
    Token,
    /// By number.
    Number,
    /// Not at all.
    Whole,
}

/// One of the template's resources that Live needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The template's name.
    pub name: &'static str,
    /// What it holds, in messages.
    pub rows: &'static str,
}

pub(crate) const CUSTOMERS: Resource = Resource { name: "customers", rows: "customers" };
pub(crate) const PRODUCT_INVOICES: Resource = Resource { name: "product-invoices", rows: "invoices" };
pub(crate) const EXPENSE_INVOICES: Resource = Resource { name: "expense-invoices", rows: "expense invoices" };
pub(crate) const SALES_ORDERS: Resource = Resource { name: "sales-orders", rows: "sales orders" };
pub(crate) const PAYMENTS: Resource = Resource { name: "ar-payments", rows: "payments" };

impl Api {
    /// Proves address and credentials.
    pub(crate) async fn ping(&self, cx: &CallContext) -> Result<()> {
        let first = self.get(CUSTOMERS, None).query("pageSize", "1");
        let first = match self.paging {
            // Without pages a list would be everybody.
            Paging::Whole => return self.record::<Customer>(cx, CUSTOMERS, NOBODY).await.map(drop),
            Paging::Number => first.query("page", "1"),
            Paging::Token => first,
        };
        self.list::<Customer>(cx, CUSTOMERS, first, false).await.map(drop)
    }

    /// The record of this id; `None` if there is none.
    ///
    /// # Errors
    /// Also `malformed` for a record that does not say which one it is.
    pub(crate) async fn record<T: Row + DeserializeOwned>(
        &self,
        cx: &CallContext,
        resource: Resource,
        id: &str,
    ) -> Result<Option<T>> {
        let answer = self.get(resource, Some(id)).exchange(cx).await?;
        if let Some(error) = classify(answer.status(), answer.headers()) {
            return match answer.status() {
                // Any other 404 is of some server on the way that does not know the path.
                StatusCode::NOT_FOUND if is_refusal(answer.body()) => Ok(None),
                StatusCode::NOT_FOUND => Err(self.unknown(resource)),
                _ => Err(error),
            };
        }
        let record: T = Format::Json.decode(answer.body(), "")?;
        match record.id() {
            Some(own) => Ok((own == id).then_some(record)),
            None => Err(missing("a record", "its id")),
        }
    }

    /// The condition by which a list is asked for just the rows whose `field` is `value`, if it can be.
    pub(crate) fn condition(&self, field: &str, value: &str) -> Option<String> {
        self.filters.then(|| ceql::is(field, value)).flatten()
    }

    /// The rows whose `field` is `value`, and possibly others: whoever asks must compare them again, as not every
    /// connection filters and a connector may filter too generously.
    ///
    /// # Errors
    /// Also `too_large` past the cap, which counts rows as they come, everybody's where the list is not filtered.
    pub(crate) async fn rows<T: DeserializeOwned>(
        &self,
        cx: &CallContext,
        resource: Resource,
        field: &str,
        value: &str,
    ) -> Result<Vec<T>> {
        let condition = self.condition(field, value);
        let read = AtomicUsize::new(0);
        let fetch = |call| self.page(cx, resource, condition.as_deref(), &read, call);
        read_pages(cx, resource.rows, self.cap, fetch).await
    }

    async fn page<T: DeserializeOwned>(
        &self,
        cx: &CallContext,
        resource: Resource,
        condition: Option<&str>,
        read: &AtomicUsize,
        call: PageCall,
    ) -> Result<Page<T>> {
        let mut request = self.get(resource, None);
        if let Some(condition) = condition {
            request = request.query("where", condition);
        }
        request = match self.paging {
            Paging::Token => {
                let request = request.query("pageSize", PAGE_SIZE);
                call.token.iter().fold(request, |request, token| request.query("nextPage", token))
            }
            Paging::Number => request.query("page", &call.number.to_string()).query("pageSize", PAGE_SIZE),
            Paging::Whole => request,
        };
        let (answer, rows) = self.list(cx, resource, request, condition.is_some()).await?;
        let so_far = read.fetch_add(rows.len(), Ordering::Relaxed) + rows.len();
        if so_far > self.cap {
            return Err(self.too_many(resource, condition.is_some()));
        }
        let next = self.next(resource, answer.headers(), so_far)?;
        Ok(Page { fingerprint: fingerprint(answer.body()), rows, total: None, next })
    }

    /// What follows the page with these headers, after `so_far` rows.
    ///
    /// # Errors
    /// `misconfigured` where the headers say that there is more, and the settings know no way to it.
    fn next(&self, resource: Resource, headers: &HeaderMap, so_far: usize) -> Result<NextPage> {
        let stated = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let token = stated(NEXT_PAGE).filter(|token| !token.is_empty());
        let (remedy, is_cut) = match (self.paging, token) {
            (Paging::Number, _) => return Ok(NextPage::ByCount),
            (Paging::Token, Some(token)) => return Ok(NextPage::ByToken(Some(token.to_owned()))),
            (Paging::Whole, Some(_)) => ("elements", true),
            (Paging::Token | Paging::Whole, None) => {
                let total = stated(TOTAL).and_then(|total| total.parse::<usize>().ok());
                ("page", total.is_some_and(|total| total > so_far))
            }
        };
        if is_cut {
            return Err(ErpError::misconfigured(format!(
                "the ERP has more {} than it sends in this way: set paging = \"{remedy}\"",
                resource.rows
            )));
        }
        Ok(NextPage::ByToken(None))
    }

    fn too_many(&self, resource: Resource, filtered: bool) -> ErpError {
        let (cap, rows) = (self.cap, resource.rows);
        let message = match (filtered, self.filters) {
            (true, _) => format!("the ERP has more than {cap} {rows} for what was asked: raise [limits] documents"),
            (false, true) => format!(
                "the customer's code or id has a character that no filter can hold, and the ERP has more than {cap} {rows} \
                 in all: raise [limits] documents"
            ),
            (false, false) => format!(
                "the ERP has more than {cap} {rows} in all, and filter = \"none\" reads everybody's: set filter = \"ceql\" \
                 if the connector can, or raise [limits] documents"
            ),
        };
        ErpError::new(ErrorKind::TooLarge, message)
    }

    async fn list<T: DeserializeOwned>(
        &self,
        cx: &CallContext,
        resource: Resource,
        request: Request<'_>,
        filtered: bool,
    ) -> Result<(http::Response<Bytes>, Vec<T>)> {
        let answer = request.exchange(cx).await?;
        if let Some(error) = classify(answer.status(), answer.headers()) {
            return Err(match answer.status() {
                StatusCode::NOT_FOUND => self.unknown(resource),
                StatusCode::BAD_REQUEST if filtered => ErpError::misconfigured(format!(
                    "the ERP answered with status 400 to a filtered list of {}: set filter = \"none\" if the connector \
                     cannot filter by this field, or map the field in the organisation's template",
                    resource.rows
                )),
                _ => error,
            });
        }
        let List(rows) = Format::Json.decode(answer.body(), "")?;
        Ok((answer, rows))
    }

    /// The error for a resource that the organisation does not have under its name.
    fn unknown(&self, resource: Resource) -> ErpError {
        let (own, name) = (resource.name, self.resources.name(resource.name));
        ErpError::misconfigured(format!(
            "the ERP answered with status 404 where {name} should be: check base_url, and name the resource in \
             settings.resources.{own}"
        ))
    }

    fn get(&self, resource: Resource, id: Option<&str>) -> Request<'_> {
        let segments: Vec<&str> = self.resources.name(resource.name).split('/').chain(id).collect();
        self.endpoint.get(&segments)
    }
}

/// Whether a body is the platform's way to refuse: `{"message": …, "requestId": …, "providerMessage": …}`. Many a server
/// on the way writes a message, too, but no request id.
fn is_refusal(body: &[u8]) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Refusal {
        #[serde(deserialize_with = "lenient::text")]
        message: Option<String>,
        #[serde(deserialize_with = "lenient::text")]
        request_id: Option<String>,
    }
    let refusal = Format::Json.decode::<Refusal>(body, "");
    refusal.is_ok_and(|refusal| refusal.message.is_some() && refusal.request_id.is_some())
}
