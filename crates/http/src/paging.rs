use std::collections::HashSet;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use livegate_core::{CallContext, ErpError, ErrorKind, Result};

/// The wait after a page that was refused as one too many without saying for how long.
const UNSTATED_WAIT: Duration = Duration::from_secs(1);

/// An ERP that filters after it has cut its pages may send empty ones in between, but not for ever.
const EMPTY_PAGES: u32 = 3;

/// Which page is wanted: by its number, or by what the page before it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageCall {
    /// From 1.
    pub number: u64,
    /// The cursor or address that the page before it gave; `None` on the first page, and for an ERP that only counts.
    pub token: Option<String>,
}

/// One page as the ERP sent it.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its rows, none of them left out yet: how many there are tells whether it is the last page.
    pub rows: Vec<T>,
    /// A fingerprint of the whole body, by which an ERP that sends one page for ever is known; see [`fingerprint`].
    pub fingerprint: u64,
    /// How many rows all pages hold, where the ERP states it. Fewer of them are never the whole list.
    pub total: Option<u64>,
    /// What comes after it.
    pub next: NextPage,
}

/// How a page tells whether another one follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPage {
    /// Not at all: the stated total ends the list, and without one an empty page or one shorter than the first.
    ByCount,
    /// With a cursor or address for the next page; without one it is the last, however long it is.
    ByToken(Option<String>),
}

/// A page's fingerprint, from the bytes of its body.
#[must_use]
pub fn fingerprint(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

/// Reads a whole list page by page. `what` names the documents in messages ("invoices"), `cap` is the most that may come.
///
/// A page after the first that the ERP refuses as one too many is asked for again after the wait that it names (a second if
/// it names none), once in the whole list and only if the deadline leaves time for it.
///
/// # Errors
/// `too_large` past the cap, `malformed` for a page or a cursor that comes again, for many empty pages that each name
/// another, and for a list that ends before as many rows have come as it states; and whatever `fetch` answers.
pub async fn read_pages<T, F, Answer>(cx: &CallContext, what: &str, cap: usize, fetch: F) -> Result<Vec<T>>
where
    F: Fn(PageCall) -> Answer,
    Answer: Future<Output = Result<Page<T>>>,
{
    let mut rows: Vec<T> = Vec::new();
    let (mut seen_pages, mut seen_tokens) = (HashSet::new(), HashSet::new());
    let mut call = PageCall { number: 1, token: None };
    let (mut first_page, mut empty_pages, mut total) = (None, 0, None);
    let mut may_wait = true;
    loop {
        let page = match fetch(call.clone()).await {
            // On the first page nothing would be lost by starting again, which is not this helper's to decide.
            Err(error) if may_wait && call.number > 1 && error.kind() == ErrorKind::RateLimited => {
                let wait = error.retry_after().unwrap_or(UNSTATED_WAIT);
                if wait >= cx.remaining() {
                    return Err(error);
                }
                may_wait = false;
                tokio::time::sleep(wait).await;
                continue;
            }
            page => page?,
        };
        let count = page.rows.len();
        let first_page = *first_page.get_or_insert(count);
        rows.extend(page.rows);
        if rows.len() > cap {
            let message = format!("the customer has more than {cap} {what}: raise [limits] documents");
            return Err(ErpError::new(ErrorKind::TooLarge, message));
        }
        empty_pages = if count == 0 { empty_pages + 1 } else { 0 };
        let repeats = count > 0 && !seen_pages.insert(page.fingerprint);
        if repeats || empty_pages > EMPTY_PAGES {
            return Err(repeated(what));
        }
        // The newest word counts: a document may have been deleted in the meantime.
        total = page.total.or(total);
        let missing = total.map(|total| total.saturating_sub(rows.len() as u64));
        let (token, is_end) = match page.next {
            NextPage::ByToken(None) => (None, true),
            NextPage::ByToken(Some(token)) if seen_tokens.insert(token.clone()) => (Some(token), false),
            NextPage::ByToken(Some(_)) => return Err(repeated(what)),
            // What is cut shorter than the pages before it may be so for its size.
            NextPage::ByCount => (None, count == 0 || missing.map_or(count < first_page, |missing| missing == 0)),
        };
        match missing {
            Some(missing) if is_end && missing > 0 => return Err(ended(what, missing)),
            _ if is_end => return Ok(rows),
            _ => call = PageCall { number: call.number + 1, token },
        }
    }
}

fn ended(what: &str, missing: u64) -> ErpError {
    ErpError::malformed(format!("the ERP's list of {what} ends {missing} short of as many as it says there are"))
}

fn repeated(what: &str) -> ErpError {
    ErpError::malformed(format!("the ERP sends the same page of {what} again and again"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn page(rows: std::ops::Range<u64>, total: Option<u64>, next: NextPage) -> Page<u64> {
        Page { fingerprint: rows.start, rows: rows.collect(), total, next }
    }

    /// Reads with a cap of 100; `fetch` answers by the page's number.
    async fn read(fetch: impl Fn(PageCall) -> Result<Page<u64>>) -> (Result<Vec<u64>>, usize) {
        let asked = AtomicUsize::new(0);
        let cx = CallContext::new("paging", Duration::from_secs(10));
        let rows = read_pages(&cx, "invoices", 100, |call| {
            asked.fetch_add(1, Ordering::Relaxed);
            std::future::ready(fetch(call))
        });
        (rows.await, asked.into_inner())
    }

    #[tokio::test]
    async fn a_page_shorter_than_the_first_is_the_last() {
        let (rows, asked) =
            read(|call| Ok(page((call.number - 1) * 10..(call.number * 10).min(25), None, NextPage::ByCount))).await;
        assert_eq!((rows.unwrap(), asked), ((0..25).collect(), 3));
    }

    #[tokio::test]
    async fn an_empty_page_is_the_last() {
        let (rows, asked) =
            read(|call| Ok(page((call.number - 1) * 10..(call.number * 10).min(20), None, NextPage::ByCount))).await;
        assert_eq!((rows.unwrap(), asked), ((0..20).collect(), 3));
    }

    #[tokio::test]
    async fn a_stated_total_saves_the_empty_page() {
        let (rows, asked) =
            read(|call| Ok(page((call.number - 1) * 10..call.number * 10, Some(20), NextPage::ByCount))).await;
        assert_eq!((rows.unwrap(), asked), ((0..20).collect(), 2));
    }

    /// Pages of 10, then of 7: shorter ones are not the last while more are known to be there.
    #[tokio::test]
    async fn a_stated_total_is_read_to_its_end() {
        let up_to = |end: u64, total: Option<u64>| {
            move |call: PageCall| {
                let (start, length) = if call.number == 1 { (0, 10) } else { (3 + (call.number - 1) * 7, 7) };
                Ok(page(start.min(end)..(start + length).min(end), total, NextPage::ByCount))
            }
        };
        let (rows, asked) = read(up_to(25, Some(25))).await;
        assert_eq!((rows.unwrap(), asked), ((0..25).collect(), 4));
        assert_eq!(read(up_to(25, None)).await.0.unwrap().len(), 17, "nobody knows better");
        // An end before it is none.
        let (error, _) = read(up_to(25, Some(26))).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.message().contains("ends 1 short"), "{error}");
        let (error, _) = read(|_| Ok(page(0..2, Some(25), NextPage::ByToken(None)))).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Malformed);
        // Also where only the first page states it; the newest word counts.
        let (error, _) = read(|call| up_to(25, (call.number == 1).then_some(26))(call)).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Malformed);
        let (rows, _) = read(|call| up_to(25, Some(if call.number == 1 { 26 } else { 25 }))(call)).await;
        assert_eq!(rows.unwrap().len(), 25);
    }

    #[tokio::test]
    async fn a_token_leads_to_the_next_page_however_short_this_one_is() {
        let (rows, asked) = read(|call| match call.token.as_deref() {
            None => Ok(page(0..10, None, NextPage::ByToken(Some("a".into())))),
            Some("a") => Ok(page(10..10, None, NextPage::ByToken(Some("b".into())))),
            Some(_) => Ok(page(10..12, None, NextPage::ByToken(None))),
        })
        .await;
        assert_eq!((rows.unwrap(), asked), ((0..12).collect(), 3));
    }

    #[tokio::test]
    async fn more_than_the_cap_is_too_large_and_never_a_short_list() {
        let fetch = |most: u64| {
            move |call: PageCall| {
                Ok(page((call.number - 1) * 10..(call.number * 10).min(most), None, NextPage::ByCount))
            }
        };
        assert_eq!(read(fetch(100)).await.0.unwrap().len(), 100);
        let (error, asked) = read(fetch(101)).await;
        assert_eq!((error.unwrap_err().kind(), asked), (ErrorKind::TooLarge, 11));
    }

    #[tokio::test]
    async fn a_list_without_end_is_malformed_when_it_begins_to_repeat() {
        let (error, asked) = read(|_| Ok(page(0..10, None, NextPage::ByCount))).await;
        assert_eq!((error.unwrap_err().kind(), asked), (ErrorKind::Malformed, 2));
        // Even where its total makes it look whole.
        let (error, _) = read(|_| Ok(page(0..10, Some(20), NextPage::ByCount))).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Malformed);
        let (error, asked) = read(|call| {
            let start = call.number * 10;
            Ok(page(start..start + 10, None, NextPage::ByToken(Some("again".into()))))
        })
        .await;
        assert_eq!((error.unwrap_err().kind(), asked), (ErrorKind::Malformed, 2));
        let (error, _) = read(|call| Ok(page(0..0, None, NextPage::ByToken(Some(call.number.to_string()))))).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Malformed);
    }

    /// An ERP that refuses page 2 as often as `times` says, each time asking for a wait of `wait` seconds.
    async fn refusing(times: usize, wait: u64) -> Result<Vec<u64>> {
        let refused = AtomicUsize::new(0);
        let fetch = |call: PageCall| {
            if call.number == 2 && refused.fetch_add(1, Ordering::Relaxed) < times {
                let error = ErpError::new(ErrorKind::RateLimited, "slow down");
                return Err(error.with_retry_after(Duration::from_secs(wait)));
            }
            Ok(page((call.number - 1) * 10..(call.number * 10).min(15), None, NextPage::ByCount))
        };
        read(fetch).await.0
    }

    #[tokio::test(start_paused = true)]
    async fn one_wait_within_the_deadline_goes_on_where_it_was() {
        let began = tokio::time::Instant::now();
        assert_eq!(refusing(1, 4).await.unwrap().len(), 15);
        assert_eq!(began.elapsed(), Duration::from_secs(4));
        assert_eq!(refusing(2, 4).await.unwrap_err().kind(), ErrorKind::RateLimited, "once is enough");
        let began = tokio::time::Instant::now();
        assert_eq!(refusing(1, 10).await.unwrap_err().kind(), ErrorKind::RateLimited, "past the deadline");
        assert_eq!(began.elapsed(), Duration::ZERO, "and nobody slept for it");
    }
}
