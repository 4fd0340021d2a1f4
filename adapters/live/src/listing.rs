//! A whole list, page by page, from an upstream whose paging may be whatever it is.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use livegate_core::{CallContext, CallerIds, CustomerCode, ErpError, Operation, Result};
use livegate_http::{NextPage, Page, read_pages};

use crate::answer::Told;
use crate::question::{About, PER_PAGE, Question};
use crate::upstream::Upstream;

/// A page of a list, as the contract has it.
pub(crate) trait List: Told {
    /// An order or an invoice.
    type Row: Row + Send;

    /// The page's rows, and how many the upstream says there are over all pages.
    fn into_rows(self) -> (Vec<Self::Row>, Option<u64>);
}

/// A document of a list.
pub(crate) trait Row {
    /// What tells it from another one, and with it one page from another: its number, and what makes two of one number
    /// differ.
    fn marks(&self) -> impl Hash;
}

/// Whose list is wanted, and of what.
pub(crate) struct Wanted<'a> {
    pub operation: Operation,
    /// What the list holds, for messages.
    pub what: &'static str,
    pub customer: &'a CustomerCode,
    pub caller: &'a CallerIds,
    /// Asks for the page of a number with so many documents, both written as texts.
    pub about: for<'p> fn(&'p str, &'p str) -> About<'p>,
}

/// Reads all pages, at most `cap` documents.
///
/// # Errors
/// What [`read_pages`] says, and whatever an answer is if it is none.
pub(crate) async fn read_all<L: List>(
    cx: &CallContext,
    upstream: &Upstream,
    wanted: &Wanted<'_>,
    cap: usize,
) -> Result<Vec<L::Row>> {
    let progress = Mutex::new(Progress::default());
    let per_page = PER_PAGE.to_string();
    let (progress, per_page) = (&progress, per_page.as_str());
    let Wanted { operation, what, customer, caller, about } = *wanted;
    read_pages(cx, what, cap, |call| async move {
        let number = call.number.to_string();
        let question = Question::new(customer, caller, about(&number, per_page));
        let page: Option<L> = upstream.ask(cx, operation, &question).await?;
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        match page.map(L::into_rows) {
            Some((rows, total)) => Ok(progress.page(call.number, rows, total)),
            // A body that got lost on the way looks like this too.
            None if progress.is_wanting() => Err(ErpError::malformed(format!(
                "the upstream's list of {what} ends before as many have come as it says there are"
            ))),
            None => Ok(progress.page(call.number, Vec::new(), None)),
        }
    })
    .await
}

/// What has been read of a list.
#[derive(Default)]
struct Progress {
    read: u64,
    /// What the newest page said of all.
    total: Option<u64>,
    first: First,
}

#[derive(Default)]
struct First {
    count: u64,
    total: Option<u64>,
    fingerprint: u64,
}

impl Progress {
    fn page<T: Row>(&mut self, number: u64, rows: Vec<T>, total: Option<u64>) -> Page<T> {
        let count = rows.len() as u64;
        // Of the documents alone: an upstream may date its envelope.
        let mut hasher = DefaultHasher::new();
        rows.iter().for_each(|row| row.marks().hash(&mut hasher));
        let fingerprint = hasher.finish();
        if number == 1 {
            self.first = First { count, total, fingerprint };
        }
        // It sends everything at once, whatever page is asked for, and that was as many as are asked for at once.
        if number == 2 && fingerprint == self.first.fingerprint && self.first.total == Some(self.first.count) {
            return Page { rows: Vec::new(), fingerprint, total: None, next: NextPage::ByToken(None) };
        }
        self.read += count;
        self.total = total;
        let next = self.follows(number, count, total).then(|| (number + 1).to_string());
        Page { rows, fingerprint, total: None, next: NextPage::ByToken(next) }
    }

    /// Whether the upstream has said that there is more than has come.
    fn is_wanting(&self) -> bool {
        self.total.is_some_and(|total| total > self.read)
    }

    /// Whether another page follows. A stated total decides unless what was read contradicts it: then, as without one, a
    /// page shorter than the first is the last.
    fn follows(&self, number: u64, count: u64, total: Option<u64>) -> bool {
        match total {
            _ if count == 0 => false,
            // On a full first page it may also be the number of documents on that page, so the next one tells.
            Some(total) if total == self.read => number == 1 && count == PER_PAGE as u64,
            Some(total) if total > self.read => true,
            _ => count >= self.first.count,
        }
    }
}
