use std::sync::Arc;

use livegate_core::{
    Account, AccountQuery, Address, Amount, Answer, CallerIds, Currency, CustomerCode, DocumentId, DocumentKey,
    Instalment, Invoice, InvoiceFilters, InvoiceLine, InvoiceSummary, InvoicesQuery, Listing, OpenItem, Order,
    OrderFilters, OrderLine, OrderSummary, OrdersQuery, Query, Stated, Tracking,
};

/// What the store itself needs for one answer: its tables, the shared pointers, the ledger.
const KEEPING: usize = 512;

/// How many bytes it costs to keep an answer to a question.
pub(crate) fn weight(query: &Query, answer: &Answer) -> usize {
    KEEPING + size_of::<Query>() + query.heap() + size_of::<Answer>() + answer.heap()
}

/// What a value has on the heap. Values that have nothing there (amounts, dates, flags) are not asked.
trait Heap {
    fn heap(&self) -> usize;
}

/// What an allocator takes for `bytes`: usual ones give at least 32, in steps of 16, with 8 for their own use.
fn allocation(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}

impl Heap for String {
    fn heap(&self) -> usize {
        allocation(self.capacity())
    }
}

impl Heap for Box<str> {
    fn heap(&self) -> usize {
        allocation(self.len())
    }
}

impl Heap for CustomerCode {
    fn heap(&self) -> usize {
        allocation(self.as_str().len())
    }
}

impl Heap for DocumentId {
    fn heap(&self) -> usize {
        allocation(self.as_str().len())
    }
}

impl Heap for Currency {
    fn heap(&self) -> usize {
        allocation(self.as_str().len())
    }
}

impl Heap for (Currency, Amount) {
    fn heap(&self) -> usize {
        self.0.heap()
    }
}

impl Heap for Instalment {
    fn heap(&self) -> usize {
        0
    }
}

/// What documents have in common counts once among all of them.
impl<T: Heap> Heap for Arc<T> {
    fn heap(&self) -> usize {
        (allocation(2 * size_of::<usize>() + size_of::<T>()) + (**self).heap()).div_ceil(Arc::strong_count(self))
    }
}

impl<T: Heap> Heap for Option<T> {
    fn heap(&self) -> usize {
        self.as_ref().map_or(0, Heap::heap)
    }
}

impl<T: Heap> Heap for Vec<T> {
    fn heap(&self) -> usize {
        allocation(self.capacity() * size_of::<T>()) + self.iter().map(Heap::heap).sum::<usize>()
    }
}

impl<T: Heap> Heap for Listing<T> {
    fn heap(&self) -> usize {
        match self {
            Self::Complete(items) | Self::Page { items, .. } => items.heap(),
        }
    }
}

impl Heap for Query {
    fn heap(&self) -> usize {
        match self {
            Self::Account(query) => query.heap(),
            Self::Orders(query) => query.heap(),
            Self::Invoices(query) => query.heap(),
            Self::Order(key) | Self::Invoice(key) => key.heap(),
        }
    }
}

impl Heap for Answer {
    fn heap(&self) -> usize {
        match self {
            Self::Account(account) => account.heap(),
            Self::Orders(orders) => orders.heap(),
            Self::Order(order) => order.heap(),
            Self::Invoices(invoices) => invoices.heap(),
            Self::Invoice(invoice) => invoice.heap(),
        }
    }
}

macro_rules! heap_is_in {
    ($($type:ty: $($field:ident)+;)+) => {
        $(impl Heap for $type {
            fn heap(&self) -> usize {
                0 $(+ self.$field.heap())+
            }
        })+
    };
}

heap_is_in! {
    AccountQuery: customer caller;
    OrdersQuery: customer caller filters;
    InvoicesQuery: customer caller filters;
    DocumentKey: customer caller id;
    CallerIds: evo_customer_id evo_user_id seller_reference user_seller_reference;
    OrderFilters: order_id customer_po third_party_order_number;
    InvoiceFilters: invoice_id customer_po;
    Account: owner currency balance open_items;
    Stated: currency elsewhere;
    OpenItem: id owner balance instalments;
    OrderSummary: id owner placed_by order_type status customer_po comments third_party_order_number;
    Order: summary bill_to ship_to ordered_by lines tracking;
    OrderLine: product_id sku description note uom;
    Tracking: carrier_account_number status weight note tracking_number tracking_url;
    InvoiceSummary: id owner status bill_to ship_to order_id customer_po;
    Invoice: summary note lines;
    InvoiceLine: item_id sku description uom note;
    Address: customer_id name address1 address2 address3 city state postal_code;
}

#[cfg(test)]
mod tests {
    use livegate_core::{Standing, Stated};

    use super::*;

    const LENGTH: usize = 150;

    fn text() -> Option<String> {
        Some("x".repeat(LENGTH))
    }

    fn address() -> Option<Arc<Address>> {
        let [customer_id, name, address1, address2, address3, city, state, postal_code] =
            std::array::from_fn(|_| text());
        Some(Arc::new(Address { customer_id, name, address1, address2, address3, city, state, postal_code }))
    }

    /// What an address takes beside its texts.
    fn shared_address() -> usize {
        allocation(2 * size_of::<usize>() + size_of::<Address>())
    }

    fn id() -> DocumentId {
        DocumentId::new(&"x".repeat(LENGTH)).unwrap()
    }

    fn customer() -> CustomerCode {
        CustomerCode::new(&"x".repeat(LENGTH)).unwrap()
    }

    fn caller() -> CallerIds {
        let [evo_customer_id, evo_user_id, seller_reference, user_seller_reference] =
            std::array::from_fn(|_| text().map(Into::into));
        CallerIds { evo_customer_id, evo_user_id, seller_reference, user_seller_reference }
    }

    /// Names every member, so that one that is added to the model is added here.
    fn order() -> OrderSummary {
        OrderSummary {
            id: id(),
            owner: Some(customer()),
            standing: Standing::Issued,
            placed_by: text(),
            order_type: text(),
            status: text(),
            order_date: None,
            ship_date: None,
            discount_total: None,
            sub_total: None,
            tax_total: None,
            total: None,
            customer_po: text(),
            comments: text(),
            third_party_order_number: text(),
        }
    }

    fn invoice() -> InvoiceSummary {
        InvoiceSummary {
            id: id(),
            owner: Some(customer()),
            standing: Standing::Issued,
            status: text(),
            payment_pending: false,
            bill_to: address(),
            ship_to: address(),
            order_id: text(),
            invoice_date: None,
            due_date: None,
            discount_total: None,
            sub_total: None,
            tax_total: None,
            total: None,
            balance: None,
            customer_po: text(),
        }
    }

    fn order_line() -> OrderLine {
        OrderLine {
            line_no: None,
            product_id: text(),
            sku: text(),
            description: text(),
            note: text(),
            uom: text(),
            quantity: None,
            quantity_shipped: None,
            unit_price: None,
            sub_total: None,
            tax: None,
            total: None,
        }
    }

    fn invoice_line() -> InvoiceLine {
        InvoiceLine {
            item_id: text(),
            sku: text(),
            quantity: None,
            quantity_shipped: None,
            description: text(),
            uom: text(),
            unit_price: None,
            sub_total: None,
            tax: None,
            total: None,
            note: text(),
        }
    }

    fn tracking() -> Tracking {
        Tracking {
            carrier_account_number: text(),
            delivery_charge: None,
            delivery_date: None,
            shipping_date: None,
            status: text(),
            status_time: None,
            weight: text(),
            note: text(),
            tracking_number: text(),
            tracking_url: text(),
        }
    }

    fn questions() -> [Query; 4] {
        let [order_id, customer_po, third_party_order_number, invoice_id] =
            std::array::from_fn(|_| text().map(Into::into));
        let orders = OrderFilters {
            order_id,
            customer_po: customer_po.clone(),
            third_party_order_number,
            dates: Default::default(),
        };
        let invoices = InvoiceFilters { invoice_id, customer_po, dates: Default::default() };
        [
            Query::Account(AccountQuery { customer: customer(), caller: caller() }),
            Query::Orders(OrdersQuery { customer: customer(), caller: caller(), filters: orders, page: None }),
            Query::Invoices(InvoicesQuery { customer: customer(), caller: caller(), filters: invoices, page: None }),
            Query::Order(DocumentKey { customer: customer(), caller: caller(), id: id() }),
        ]
    }

    /// One answer of each kind, and what its lists and currencies take.
    fn answers() -> [(Answer, usize); 5] {
        let stated = Stated { currency: Currency::new("USD"), ..Stated::plain(Amount::ZERO) };
        let item = OpenItem {
            id: Some(id()),
            owner: Some(customer()),
            balance: stated.clone(),
            due_date: None,
            document_date: None,
            instalments: vec![Instalment { amount: Amount::ZERO, balance: None, due_date: None }; 3],
        };
        let account = Account {
            owner: Some(customer()),
            balance: Some(stated),
            open_items: Some(vec![item]),
            ..Account::default()
        };
        let account_lists =
            allocation(size_of::<OpenItem>()) + allocation(3 * size_of::<Instalment>()) + 2 * allocation(3);
        let (lines, tracking) = (Some(vec![order_line(), order_line()]), Some(vec![tracking()]));
        let order_lists =
            allocation(2 * size_of::<OrderLine>()) + allocation(size_of::<Tracking>()) + 2 * shared_address();
        let (bill_to, ship_to, ordered_by) = (address(), address(), text());
        let by_id = Order { summary: order(), bill_to, ship_to, ordered_by, lines, tracking };
        let invoice_by_id =
            Invoice { summary: invoice(), order_date: None, note: text(), lines: Some(vec![invoice_line()]) };
        [
            (Answer::Account(Some(account)), account_lists),
            (Answer::Orders(Listing::Complete(vec![order(); 2])), allocation(2 * size_of::<OrderSummary>())),
            (Answer::Order(Some(by_id)), order_lists),
            (
                Answer::Invoices(Listing::Page { items: vec![invoice(), invoice()], total: 2 }),
                allocation(2 * size_of::<InvoiceSummary>()) + 4 * shared_address(),
            ),
            (Answer::Invoice(Some(invoice_by_id)), allocation(size_of::<InvoiceLine>()) + 2 * shared_address()),
        ]
    }

    #[test]
    fn every_text_of_a_question_and_an_answer_counts_once() {
        let texts = |debug: String| debug.matches(&"x".repeat(LENGTH)).count() * allocation(LENGTH);
        for query in questions() {
            assert_eq!(query.heap(), texts(format!("{query:?}")), "{query:?}");
        }
        for (answer, lists) in answers() {
            assert_eq!(answer.heap(), texts(format!("{answer:?}")) + lists, "{answer:?}");
        }
    }

    #[test]
    fn an_address_that_invoices_share_counts_once() {
        let one = invoice();
        let alone = InvoiceSummary { bill_to: None, ship_to: None, ..one.clone() }.heap();
        let addresses = one.heap() - alone;
        let shared = InvoiceSummary { ship_to: one.bill_to.clone(), ..one };
        let items: Vec<_> = (0..50).map(|_| shared.clone()).collect();
        drop(shared);
        let list = allocation(50 * size_of::<InvoiceSummary>()) + 50 * alone;
        // Each of the hundred parts is rounded up.
        assert!((list + addresses / 2..=list + addresses / 2 + 100).contains(&items.heap()));
    }

    #[test]
    fn a_list_counts_the_room_that_it_reserves() {
        let mut items = Vec::with_capacity(1000);
        items.push(order());
        let one = Listing::Complete(vec![order()]).heap();
        assert!(Listing::Complete(items).heap() >= one + 999 * size_of::<OrderSummary>());
    }
}
