use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use livegate_core::{CallContext, ErpError, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::odata::Query;
use crate::{Endpoint, NextPage, Page, Request, fingerprint, json, lenient, read_pages};

/// A list of an OData service, and how it comes in pages.
#[derive(Clone)]
pub struct ODataList<'a> {
    /// Where the service is.
    pub endpoint: &'a Endpoint,
    /// The path of the list below it.
    pub path: &'a [&'a str],
    /// What is asked for. Paging by `$skip` needs an order that does not change from page to page, where the service knows
    /// `$orderby`.
    pub query: Query<'a>,
    /// How a page is asked for.
    pub paging: ODataPaging,
}

/// How an OData service pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ODataPaging {
    /// It cuts the pages and links each to the next; a page without a link is the last. What it is asked for is the length
    /// of a page, where it heeds such a wish.
    ByLink(Option<PageSize>),
    /// It is asked for `$top` so many after `$skip`, and links to no page. A link that comes all the same is followed.
    BySkip(u32),
}

/// In which header a service is asked for pages of so many records. It may send shorter ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageSize {
    /// `Prefer: odata.maxpagesize=N` (OData 4.01 "Protocol", 8.2.8.5; the same in 3.0).
    Prefer(u32),
    /// In a header of the service's own.
    Header(HeaderName, u32),
}

impl PageSize {
    /// Adds the wish to a request; [`read_odata`] does so by itself.
    pub fn ask<'a>(&self, request: Request<'a>) -> Request<'a> {
        match self {
            Self::Prefer(size) => {
                let wish = HeaderValue::try_from(format!("odata.maxpagesize={size}"))
                    .expect("a name, a sign and digits make a header");
                request.header(HeaderName::from_static("prefer"), wish)
            }
            Self::Header(name, size) => request.header(name.clone(), HeaderValue::from(*size)),
        }
    }
}

/// One page as an OData service of any version answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ODataPage<T> {
    /// Its records.
    pub rows: Vec<T>,
    /// How many there are on all pages, where that was asked for and is told.
    pub total: Option<u64>,
    /// Where the next page is, as it was written.
    pub next_link: Option<String>,
}

impl<T: DeserializeOwned> ODataPage<T> {
    /// Reads a page: an object with the list as `value`, or the bare list of services that know neither links nor counts.
    ///
    /// # Errors
    /// `malformed` for anything else, and for a record that is no `T`.
    pub fn read(body: &[u8]) -> Result<Self> {
        let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
        if text.starts_with(b"[") {
            return Ok(Self { rows: json(body)?, total: None, next_link: None });
        }
        let envelope: Envelope<T> = json(body)?;
        let count = envelope.count_v4.or(envelope.count_v3);
        Ok(Self {
            rows: envelope.value.ok_or_else(|| ErpError::malformed("the ERP answered without a list as \"value\""))?,
            total: count.and_then(|count| count.parse().ok()),
            next_link: envelope.next_v4.or(envelope.next_v3),
        })
    }
}

/// OData 3.0 "JSON Format", 4.5 and OData 4.01 "JSON Format", 4.5: counts of version 3 are texts.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Envelope<T> {
    #[serde(default, deserialize_with = "lenient::list")]
    value: Option<Vec<T>>,
    #[serde(default, rename = "@odata.count", deserialize_with = "lenient::text")]
    count_v4: Option<String>,
    #[serde(default, rename = "odata.count", deserialize_with = "lenient::text")]
    count_v3: Option<String>,
    #[serde(default, rename = "@odata.nextLink", deserialize_with = "lenient::text")]
    next_v4: Option<String>,
    #[serde(default, rename = "odata.nextLink", deserialize_with = "lenient::text")]
    next_v3: Option<String>,
}

/// Reads a whole list, page by page, through [`read_pages`], and under its rules. `what` names the documents in messages
/// ("invoices"), `cap` is the most that may come. `send` adds to each request what the adapter wants in it, sends it and
/// judges the answer.
///
/// # Errors
/// As [`read_pages`]; `malformed` also for a link to another server or out of the service's root, which is never followed.
pub async fn read_odata<'a, T, Ask, Answer>(
    cx: &CallContext,
    what: &str,
    cap: usize,
    list: &ODataList<'a>,
    send: Ask,
) -> Result<Vec<T>>
where
    T: DeserializeOwned,
    Ask: Fn(Request<'a>) -> Answer,
    Answer: Future<Output = Result<Bytes>>,
{
    // What was read, not what was asked for: a service may cut a page shorter.
    let read = AtomicU64::new(0);
    let (send, read) = (&send, &read);
    read_pages(cx, what, cap, |call| async move {
        let first = list.endpoint.get(list.path);
        let request = match (&call.token, &list.paging) {
            (Some(link), _) => first.next(link),
            (None, ODataPaging::BySkip(size)) => {
                let page = list.query.clone().top(u64::from(*size));
                first.odata(&page.skip(read.load(Ordering::Relaxed)))
            }
            (None, ODataPaging::ByLink(_)) => first.odata(&list.query),
        };
        let request = match &list.paging {
            ODataPaging::ByLink(Some(size)) => size.ask(request),
            ODataPaging::ByLink(None) | ODataPaging::BySkip(_) => request,
        };
        let body = send(request).await?;
        let page = ODataPage::read(&body)?;
        read.fetch_add(page.rows.len() as u64, Ordering::Relaxed);
        let next = match (&list.paging, page.next_link) {
            (ODataPaging::BySkip(_), None) => NextPage::ByCount,
            (_, link) => NextPage::ByToken(link),
        };
        Ok(Page { rows: page.rows, fingerprint: fingerprint(&body), total: page.total, next })
    })
    .await
}
