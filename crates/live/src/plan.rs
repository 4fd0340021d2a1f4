use jiff::Timestamp;
use jiff::civil::Date;
use livegate_core::{
    AccountQuery, Answer, CallerIds, Capabilities, CustomerCode, DateRange, DocumentKey, ErpError, FilterSupport,
    InvoiceFilters, InvoiceSummary, InvoicesQuery, ListCapabilities, Listing, Operation, OrderFilters, OrderSummary,
    OrdersQuery, PageRequest, Query, Result,
};

use crate::request::{Members, RequestError};
use crate::rules::{CustomerFrom, Rules};
use crate::{dates, render};

/// One request, understood: what is to be asked of the ERP and how its answer becomes the response.
#[derive(Clone, Debug)]
pub struct Plan {
    query: Query,
    asked: CustomerCode,
    filters: Filters,
    page: PageRequest,
    rules: Rules,
}

/// The request's own filters, applied to whatever the ERP did not filter exactly.
#[derive(Clone, Debug, Default)]
struct Filters {
    id: Option<Box<str>>,
    customer_po: Option<Box<str>>,
    third_party_order_number: Option<Box<str>>,
    placed_by: Option<Box<str>>,
    dates: DateRange,
}

/// Understands a request's body for a connection that can do what `capabilities` says.
///
/// # Errors
/// [`RequestError`], before anything reaches an ERP.
pub fn plan(
    operation: Operation,
    body: &[u8],
    rules: &Rules,
    capabilities: &Capabilities,
) -> Result<Plan, RequestError> {
    let members = Members::read(body)?;
    let asked = members.customer("customer_code")?;
    let customer = match rules.customer_from {
        CustomerFrom::CustomerCode => asked.clone(),
        CustomerFrom::SellerReference => members.customer("seller_reference")?,
    };
    let ids = members.caller()?;
    let mut filters = Filters::default();
    let mut page = PageRequest { number: 1, size: 1 };
    let caller = declared(ids.clone(), capabilities);
    let query = match operation {
        Operation::Account => Query::Account(AccountQuery { customer, caller }),
        Operation::Order => Query::Order(DocumentKey { customer, caller, id: members.document("order_id")? }),
        Operation::Invoice => Query::Invoice(DocumentKey { customer, caller, id: members.document("invoice_id")? }),
        Operation::Orders => {
            let given = members.filters()?;
            filters = Filters {
                id: given.code("order_id")?,
                customer_po: given.code("customer_po")?,
                third_party_order_number: given.code("third_party_order_number")?,
                placed_by: ids.user_seller_reference.filter(|_| capabilities.attributes_orders_to_users),
                dates: given.dates(&rules.time_zone)?,
            };
            page = members.page()?;
            let (pushed, all) = filters.pushed(&capabilities.orders);
            Query::Orders(OrdersQuery {
                customer,
                caller,
                filters: OrderFilters {
                    order_id: pushed.id,
                    customer_po: pushed.customer_po,
                    third_party_order_number: pushed.third_party_order_number,
                    dates: pushed.dates,
                },
                page: (all && capabilities.orders.pages).then_some(page),
            })
        }
        Operation::Invoices => {
            let given = members.filters()?;
            filters = Filters {
                id: given.code("invoice_id")?,
                customer_po: given.code("customer_po")?,
                dates: given.dates(&rules.time_zone)?,
                ..Filters::default()
            };
            page = members.page()?;
            let (pushed, all) = filters.pushed(&capabilities.invoices);
            Query::Invoices(InvoicesQuery {
                customer,
                caller,
                filters: InvoiceFilters { invoice_id: pushed.id, customer_po: pushed.customer_po, dates: pushed.dates },
                page: (all && capabilities.invoices.pages).then_some(page),
            })
        }
    };
    Ok(Plan { query, asked, filters, page, rules: rules.clone() })
}

impl Plan {
    /// What to ask, and the cache key.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The response's JSON for the ERP's tidied answer, as of `now`: what is past due depends on the day.
    ///
    /// # Errors
    /// `malformed`, `unsupported` for a balance that would mix currencies, `internal` for an answer to another question.
    pub fn respond(&self, answer: &Answer, now: Timestamp) -> Result<Vec<u8>> {
        let (code, rules) = (self.asked.as_str(), &self.rules);
        let response = match (answer, &self.query) {
            (Answer::Account(None), Query::Account(_))
            | (Answer::Order(None), Query::Order(_))
            | (Answer::Invoice(None), Query::Invoice(_)) => b"{}".to_vec(),
            (Answer::Account(Some(account)), Query::Account(_)) => {
                render::bytes(&render::balance(rules, code, account, now)?)
            }
            (Answer::Order(Some(order)), Query::Order(_)) => render::bytes(&render::order(rules, code, order)?),
            (Answer::Invoice(Some(invoice)), Query::Invoice(_)) => {
                render::bytes(&render::invoice(rules, code, invoice)?)
            }
            (Answer::Orders(listing), Query::Orders(query)) => {
                let (items, total) = self.cut(listing, query.page.is_some(), |order| self.keeps_order(order))?;
                render::bytes(&render::orders(rules, code, &items, total))
            }
            (Answer::Invoices(listing), Query::Invoices(query)) => {
                let (items, total) = self.cut(listing, query.page.is_some(), |invoice| self.keeps_invoice(invoice))?;
                render::bytes(&render::invoices(rules, code, &items, total))
            }
            _ => return Err(ErpError::internal("the connection answered another question than it was asked")),
        };
        Ok(response)
    }

    /// The tenant's calendar day if the response is right for that day only, as a balance is.
    #[must_use]
    pub fn day(&self, now: Timestamp) -> Option<Date> {
        let depends = matches!(self.query, Query::Account(_));
        depends.then(|| self.rules.time_zone.to_datetime(now).date())
    }

    /// The page's documents and how many there are over all pages; nothing is copied.
    fn cut<'a, T>(
        &self,
        listing: &'a Listing<T>,
        page_was_asked: bool,
        keeps: impl Fn(&T) -> bool,
    ) -> Result<(Vec<&'a T>, u64)> {
        match listing {
            Listing::Page { .. } if !page_was_asked => {
                Err(ErpError::internal("the connection answered with a page where the whole list was asked"))
            }
            Listing::Page { items, total } => Ok((items.iter().collect(), *total)),
            Listing::Complete(items) => {
                let skip = usize::try_from(self.page.offset()).unwrap_or(usize::MAX);
                let (mut kept, mut total) = (Vec::new(), 0_usize);
                for item in items.iter().filter(|item| keeps(item)) {
                    if total >= skip && kept.len() < self.page.size as usize {
                        kept.push(item);
                    }
                    total += 1;
                }
                Ok((kept, total as u64))
            }
        }
    }

    fn keeps_order(&self, order: &OrderSummary) -> bool {
        let filters = &self.filters;
        matches(filters.id.as_deref(), Some(order.id.as_str()))
            && matches(filters.customer_po.as_deref(), order.customer_po.as_deref())
            && matches(filters.third_party_order_number.as_deref(), order.third_party_order_number.as_deref())
            && matches(filters.placed_by.as_deref(), order.placed_by.as_deref())
            && dates::within(&filters.dates, order.order_date.as_ref(), &self.rules.time_zone)
    }

    fn keeps_invoice(&self, invoice: &InvoiceSummary) -> bool {
        let filters = &self.filters;
        matches(filters.id.as_deref(), Some(invoice.id.as_str()))
            && matches(filters.customer_po.as_deref(), invoice.customer_po.as_deref())
            && dates::within(&filters.dates, invoice.invoice_date.as_ref(), &self.rules.time_zone)
    }
}

impl Filters {
    /// What of these filters the ERP is to apply, and whether that is all of them, exactly: only then may it cut pages.
    fn pushed(&self, list: &ListCapabilities) -> (Self, bool) {
        let mut exact = self.placed_by.is_none();
        let mut push = |support: FilterSupport, given: bool| {
            exact &= !given || support == FilterSupport::Exact;
            given && support != FilterSupport::None
        };
        let mut pushed = Self::default();
        if push(list.id, self.id.is_some()) {
            pushed.id.clone_from(&self.id);
        }
        if push(list.customer_po, self.customer_po.is_some()) {
            pushed.customer_po.clone_from(&self.customer_po);
        }
        if push(list.third_party_order_number, self.third_party_order_number.is_some()) {
            pushed.third_party_order_number.clone_from(&self.third_party_order_number);
        }
        if push(list.start_date, self.dates.start.is_some()) {
            pushed.dates.start = self.dates.start;
        }
        if push(list.end_date, self.dates.end.is_some()) {
            pushed.dates.end = self.dates.end;
        }
        (pushed, exact)
    }
}

/// Whether a text filter lets a value pass: the whole value, trimmed, without ASCII case; an unknown value matches none.
fn matches(filter: Option<&str>, value: Option<&str>) -> bool {
    filter.is_none_or(|filter| value.is_some_and(|value| value.trim().eq_ignore_ascii_case(filter)))
}

fn declared(mut ids: CallerIds, capabilities: &Capabilities) -> CallerIds {
    let used = &capabilities.caller_ids;
    ids.evo_customer_id = ids.evo_customer_id.filter(|_| used.evo_customer_id);
    ids.evo_user_id = ids.evo_user_id.filter(|_| used.evo_user_id);
    ids.seller_reference = ids.seller_reference.filter(|_| used.seller_reference);
    ids.user_seller_reference = ids.user_seller_reference.filter(|_| used.user_seller_reference);
    ids
}
