//! The requests that the adapter sends, and Alloy's two ways of paging.

use livegate_core::{CallContext, CustomerCode, ErpError, Result};
use livegate_http::{Endpoint, NextPage, Page, PageCall, Request, fingerprint, is_one_segment, json, read_pages};
use serde::de::DeserializeOwned;

use crate::customer::CustomerKey;
use crate::wire::{Customer, CustomerAnswer, Invoice, Item, ItemAnswer, ListAnswer, PageInfo, Payment, SalesOrder};

/// The most rows that a page may have, and how many it has where nobody says how many it should have (both documented).
const PAGE_SIZE: usize = 100;
const USUAL_PAGE_SIZE: usize = 50;

/// One tenant's Unified API.
pub(crate) struct Api {
    pub endpoint: Endpoint,
    pub version: Version,
    pub credential_parameter: &'static str,
    pub credential_id: String,
    pub document_cap: usize,
}

/// The versions of the Unified API that differ for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Counts its pages.
    V2024_03,
    /// Leads from page to page with a cursor.
    V2023_12,
}

impl Version {
    pub(crate) fn from_setting(text: Option<&str>) -> Self {
        if text == Some("2023-12") { Self::V2023_12 } else { Self::V2024_03 }
    }

    fn segment(self) -> &'static str {
        match self {
            Self::V2024_03 => "2024-03",
            Self::V2023_12 => "2023-12",
        }
    }
}

/// A resource that Alloy lists.
pub(crate) trait Row: DeserializeOwned {
    /// Its place in the address.
    const PATH: &'static str;
    /// What many of them are called in messages.
    const WHAT: &'static str;

    /// Alloy's own id of it.
    fn id(&self) -> Option<&str>;

    /// The rows of its list.
    fn listed(answer: ListAnswer<Self>) -> Option<Vec<Self>>;
}

macro_rules! rows {
    ($($row:ident: $path:literal, $what:literal, $list:ident;)*) => {
        $(impl Row for $row {
            const PATH: &'static str = $path;
            const WHAT: &'static str = $what;

            fn id(&self) -> Option<&str> {
                self.id.as_deref()
            }

            fn listed(answer: ListAnswer<Self>) -> Option<Vec<Self>> {
                answer.$list.or(answer.data)
            }
        })*
    };
}

rows! {
    Customer: "customers", "customers", customers;
    Invoice: "invoices", "invoices", invoices;
    Payment: "payments", "payments", payments;
    SalesOrder: "sales-orders", "sales orders", sales_orders;
}

impl Api {
    /// Every row that these filters let through, and more where Alloy does not know one of them.
    pub(crate) async fn list<T: Row>(&self, cx: &CallContext, filters: &[(&str, &str)]) -> Result<Vec<T>> {
        self.read(cx, T::WHAT, filters, |_| false).await
    }

    /// The same for filters that leave just about one row, `is_asked`.
    pub(crate) async fn narrowed<T: Row>(
        &self,
        cx: &CallContext,
        filters: &[(&str, &str)],
        is_asked: impl Fn(&T) -> bool + Sync,
    ) -> Result<Vec<T>> {
        self.read(cx, T::WHAT, filters, is_asked).await
    }

    /// The customers whose member `key` is this code, and perhaps all others: that customers can be filtered is not
    /// documented.
    pub(crate) async fn customers(
        &self,
        cx: &CallContext,
        key: CustomerKey,
        code: &CustomerCode,
    ) -> Result<Vec<Customer>> {
        let what = "entries in Alloy's list of customers, which it does not filter by customer_key";
        let is_asked = |customer: &Customer| key.of(customer) == Some(code.as_str());
        self.read(cx, what, &[(key.name(), code.as_str())], is_asked).await
    }

    /// Reads all pages. Where all rows that come on a counted page are asked for, the filter is known, and few of them
    /// are all: nobody needs to ask for the empty page after them.
    async fn read<T: Row>(
        &self,
        cx: &CallContext,
        what: &str,
        filters: &[(&str, &str)],
        is_asked: impl Fn(&T) -> bool + Sync,
    ) -> Result<Vec<T>> {
        let is_asked = &is_asked;
        let fetch = |call| async move {
            let mut page: Page<T> = self.page(cx, filters, call, PAGE_SIZE).await?;
            let are_few = page.rows.len() < USUAL_PAGE_SIZE;
            if page.next == NextPage::ByCount && are_few && page.rows.iter().all(is_asked) {
                page.next = NextPage::ByToken(None);
            }
            Ok(page)
        };
        read_pages(cx, what, self.document_cap, fetch).await
    }

    /// One page of `size` rows at most.
    pub(crate) async fn page<T: Row>(
        &self,
        cx: &CallContext,
        filters: &[(&str, &str)],
        call: PageCall,
        size: usize,
    ) -> Result<Page<T>> {
        let mut request = self.get(&[T::PATH]);
        for (name, value) in filters {
            request = request.query(name, value);
        }
        match (self.version, &call.token) {
            (Version::V2024_03, _) => request = request.query("pageNumber", &call.number.to_string()),
            (Version::V2023_12, Some(cursor)) => request = request.query("cursor", cursor),
            (Version::V2023_12, None) => {}
        }
        let body = request.query("pageSize", &size.to_string()).send(cx).await?;
        let mut answer: ListAnswer<T> = json(&body)?;
        let page_info = answer.page_info.take();
        let rows = T::listed(answer)
            .ok_or_else(|| ErpError::malformed(format!("Alloy's answer has no list of {}", T::WHAT)))?;
        let next = match self.version {
            // Neither a total nor a word about more is said beside a counted page, and a system may cut shorter pages
            // than it is asked for.
            Version::V2024_03 => NextPage::ByCount,
            Version::V2023_12 => after_cursor(rows.len(), page_info, T::WHAT)?,
        };
        Ok(Page { fingerprint: fingerprint_of(&rows, &body), rows, total: None, next })
    }

    /// The customer of this id of Alloy's.
    pub(crate) async fn customer(&self, cx: &CallContext, id: &CustomerCode) -> Result<Option<Customer>> {
        let answer: Option<CustomerAnswer> = self.record(cx, "customers", id.as_str()).await?;
        Ok(answer.map(|answer| answer.customer))
    }

    /// The item of this id of Alloy's, if the answer is about that one.
    pub(crate) async fn item(&self, cx: &CallContext, id: &str) -> Result<Option<Item>> {
        let answer: Option<ItemAnswer> = self.record(cx, "items", id).await?;
        Ok(answer.map(|answer| answer.item).filter(|item| item.id.as_deref() == Some(id)))
    }

    async fn record<T: DeserializeOwned>(&self, cx: &CallContext, path: &str, id: &str) -> Result<Option<T>> {
        if !is_one_segment(id) {
            return Ok(None);
        }
        let body = self.get(&[path, id]).send_for_record(cx).await?;
        body.map(|body| json(&body)).transpose()
    }

    /// The credential goes along with every call.
    fn get(&self, resource: &[&str]) -> Request<'_> {
        let path: Vec<&str> = [self.version.segment(), "one", "accounting"].iter().chain(resource).copied().collect();
        self.endpoint.get(&path).query(self.credential_parameter, &self.credential_id)
    }
}

fn after_cursor(rows: usize, info: Option<PageInfo>, what: &str) -> Result<NextPage> {
    let unsaid = || ErpError::malformed(format!("Alloy's answer does not say how to go on in its list of {what}"));
    match info {
        None if rows < USUAL_PAGE_SIZE => Ok(NextPage::ByToken(None)),
        None => Err(unsaid()),
        Some(PageInfo { has_next: Some(false), .. }) => Ok(NextPage::ByToken(None)),
        Some(PageInfo { has_next: Some(true), next_cursor: None }) => Err(unsaid()),
        Some(PageInfo { next_cursor, .. }) => Ok(NextPage::ByToken(next_cursor)),
    }
}

/// A page is known again by its rows: what stands beside them, such as `syncInfo`, may differ from answer to answer.
fn fingerprint_of<T: Row>(rows: &[T], body: &[u8]) -> u64 {
    let ids: Option<Vec<&str>> = rows.iter().map(Row::id).collect();
    ids.map_or_else(|| fingerprint(body), |ids| fingerprint(ids.join("\n").as_bytes()))
}
