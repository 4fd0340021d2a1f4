use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use livegate_core::{CallContext, ErpError, ErrorKind, Result};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::odata::Query;
use crate::{Endpoint, NextPage, Page, Request, fingerprint, json, lenient, read_pages};

/// A list of an OData service, and how it comes in pages.
#[derive(Clone)]
pub struct ODataList<'a> {
    /// Where the service is.
    pub endpoint: &'a Endpoint,
    /// The path of the list below it.
    pub path: &'a [&'a str],
    /// What is asked for. Rows that come and go between two pages move the others by one: with `$skip` one of those is then
    /// read twice or not at all. So give it an order by something that neither changes nor is added at the front, such as
    /// the number; where the service knows no `$orderby`, or its own order is not known, ask for all in one page instead if
    /// they can be few. Its own `top` and `skip` are bounds of the whole list.
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
    /// It is asked for `$top` so many after `$skip` as were read. A link that comes all the same says that there is more, but
    /// is not followed: it may count down what is left of `$top`.
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

/// One page as an OData service of version 3.0, 4.0 or 4.01 answers it.
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
    /// `malformed` for anything else, and for a record that is no `T`. `unavailable` where there is an error beside the list
    /// or instead of it: what stands there is not all.
    pub fn read(body: &[u8]) -> Result<Self> {
        let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
        if text.starts_with(b"[") {
            return Ok(Self { rows: json(body)?, total: None, next_link: None });
        }
        let envelope: Envelope<T> = json(body)?;
        if envelope.error.is_some() {
            return Err(ErpError::new(ErrorKind::Unavailable, "the ERP broke its list off with an error"));
        }
        let count = envelope.count_v4.or(envelope.count_v3);
        Ok(Self {
            rows: envelope.value.ok_or_else(|| ErpError::malformed("the ERP answered without a list as \"value\""))?,
            total: count.and_then(|count| count.parse().ok()),
            next_link: envelope.next_v4.or(envelope.next_v3),
        })
    }
}

/// OData 3.0 "JSON Format", 4.5 and OData 4.01 "JSON Format", 4.5, by which the prefix of names may be missing (4.5.1).
/// Counts of version 3 are texts.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Envelope<T> {
    #[serde(default, deserialize_with = "lenient::list")]
    value: Option<Vec<T>>,
    error: Option<IgnoredAny>,
    #[serde(default, rename = "@odata.count", alias = "@count", deserialize_with = "lenient::text")]
    count_v4: Option<String>,
    #[serde(default, rename = "odata.count", deserialize_with = "lenient::text")]
    count_v3: Option<String>,
    #[serde(default, rename = "@odata.nextLink", alias = "@nextLink", deserialize_with = "lenient::text")]
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
    let (top, skip) = list.query.bounds();
    read_pages(cx, what, cap, |call| async move {
        let first = list.endpoint.get(list.path);
        let request = match (&call.token, &list.paging) {
            (_, ODataPaging::BySkip(size)) => {
                let read = read.load(Ordering::Relaxed);
                let left = top.map_or(u64::MAX, |top| top.saturating_sub(read));
                first.odata(&list.query.clone().top(left.min(u64::from(*size))).skip(skip + read))
            }
            (Some(link), ODataPaging::ByLink(_)) => first.next(link),
            (None, ODataPaging::ByLink(_)) => first.odata(&list.query),
        };
        let request = match &list.paging {
            ODataPaging::ByLink(Some(size)) => size.ask(request),
            ODataPaging::ByLink(None) | ODataPaging::BySkip(_) => request,
        };
        let body = send(request).await?;
        let page = ODataPage::read(&body)?;
        let count = page.rows.len() as u64;
        let read = read.fetch_add(count, Ordering::Relaxed) + count;
        // A count is of all records, whatever part of them is asked for.
        let total = page.total.filter(|_| (top, skip) == (None, 0));
        let is_whole = top.is_some_and(|top| read >= top) || total.is_some_and(|total| read >= total);
        let next = match (&list.paging, page.next_link) {
            (ODataPaging::BySkip(_), _) if is_whole => NextPage::ByToken(None),
            (ODataPaging::BySkip(_), Some(_)) if count > 0 => NextPage::ByToken(Some(read.to_string())),
            (ODataPaging::BySkip(_), _) => NextPage::ByCount,
            (ODataPaging::ByLink(_), link) => NextPage::ByToken(link),
        };
        Ok(Page { rows: page.rows, fingerprint: fingerprint(&body), total, next })
    })
    .await
}
