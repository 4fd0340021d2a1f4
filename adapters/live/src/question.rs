//! What an upstream is asked, member by member as the contract's samples are.

use livegate_core::{CallerIds, CustomerCode};
use serde::Serialize;

/// Documents per page, of which an upstream may send fewer.
pub(crate) const PER_PAGE: usize = 100;

/// The body of a request.
#[derive(Serialize)]
pub(crate) struct Question<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    evo_customer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evo_user_id: Option<&'a str>,
    customer_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller_reference: Option<&'a str>,
    /// Null where it is not known, which tells the orders list that the user may see everybody's. The balance knows no
    /// such member, so there it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_seller_reference: Option<Option<&'a str>>,
    #[serde(flatten)]
    about: About<'a>,
}

/// What it is about.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub(crate) enum About<'a> {
    Balance {},
    Order {
        order_id: &'a str,
    },
    Invoice {
        invoice_id: &'a str,
    },
    Orders {
        filters: NoOrderFilters,
        #[serde(flatten)]
        page: Page<'a>,
    },
    Invoices {
        filters: NoInvoiceFilters,
        #[serde(flatten)]
        page: Page<'a>,
    },
}

/// One page of all; the contract's samples write both numbers as texts.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Page<'a> {
    pub current_page: &'a str,
    pub per_page: &'a str,
}

/// All filters of the orders list, blank as a store sends them that filters by none.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct NoOrderFilters {
    order_id: &'static str,
    customer_po: &'static str,
    third_party_order_number: &'static str,
    start_date: &'static str,
    end_date: &'static str,
}

/// The same of the invoices list.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct NoInvoiceFilters {
    invoice_id: &'static str,
    customer_po: &'static str,
    start_date: &'static str,
    end_date: &'static str,
}

impl<'a> Question<'a> {
    pub(crate) fn new(customer: &'a CustomerCode, caller: &'a CallerIds, about: About<'a>) -> Self {
        let user = caller.user_seller_reference.as_deref();
        Self {
            evo_customer_id: caller.evo_customer_id.as_deref(),
            evo_user_id: caller.evo_user_id.as_deref(),
            customer_code: customer.as_str(),
            seller_reference: caller.seller_reference.as_deref(),
            user_seller_reference: if matches!(about, About::Balance {}) { user.map(Some) } else { Some(user) },
            about,
        }
    }
}

impl About<'_> {
    pub(crate) fn orders<'p>(current_page: &'p str, per_page: &'p str) -> About<'p> {
        About::Orders { filters: NoOrderFilters::default(), page: Page { current_page, per_page } }
    }

    pub(crate) fn invoices<'p>(current_page: &'p str, per_page: &'p str) -> About<'p> {
        About::Invoices { filters: NoInvoiceFilters::default(), page: Page { current_page, per_page } }
    }
}
