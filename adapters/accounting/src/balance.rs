//! What a customer owes, from the customer's record, invoices and payments.

use livegate_core::{Account, Amount, Moment, OpenItem, Result, Standing, Stated};

use crate::invoice::Invoice;
use crate::wire::{Customer, DATES, Document, Key, Payment, Told, currency, missing};

/// Which figure is the balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BalanceFrom {
    /// The sum of what is due on the invoices.
    Invoices,
    /// The customer's `totalOutstandingAmount`.
    Customer,
}

/// All that the books say of one customer's account.
pub(crate) struct Books<'a> {
    pub record: &'a Customer,
    /// Which of the record's numbers is the customer's code.
    pub key: Key,
    pub from: BalanceFrom,
    pub invoices: Vec<Told<'a, Invoice>>,
    pub payments: &'a [Payment],
}

impl TryFrom<Books<'_>> for Account {
    type Error = livegate_core::ErpError;

    fn try_from(books: Books<'_>) -> Result<Self> {
        let Books { record, key, from, invoices, payments } = books;
        let account = record.account(key);
        let issued: Vec<_> = invoices.iter().filter(|invoice| invoice.row.standing() == Standing::Issued).collect();
        let open_items = issued.iter().map(|invoice| OpenItem::try_from(*invoice)).collect::<Result<Vec<_>>>();
        let (balance, open_items) = match from {
            BalanceFrom::Invoices => (None, Some(open_items?)),
            BalanceFrom::Customer => {
                let remedy = "its totalOutstandingAmount: map it, or set balance_from = \"invoices\"";
                let owed = record.total_outstanding_amount.ok_or_else(|| missing("a customer", remedy))?;
                // The age of what is owed is only known if all of it is.
                (Some(Stated::plain(owed)), open_items.ok())
            }
        };
        let newest_sale = newest_sale(&issued);
        let payment = newest(payments);
        let amount = payment.filter(|(_, payment)| {
            let stated = currency(payment.currency.as_deref());
            stated.is_none() || stated == account.currency
        });
        Ok(Self {
            balance,
            open_items,
            last_charge_date: newest_sale,
            last_sale_date: newest_sale,
            last_payment_date: payment.map(|(day, _)| day),
            last_payment_amount: amount.and_then(|(_, payment)| payment.amount),
            ..account
        })
    }
}

/// The date of the newest invoice that is no credit.
fn newest_sale(issued: &[&Told<'_, Invoice>]) -> Option<Moment> {
    let charges = issued.iter().filter(|invoice| !invoice.row.amount.is_some_and(Amount::is_negative));
    charges.filter_map(|invoice| invoice.row.dated()).max()
}

/// The newest payment and its day. A refund is none, and one of unknown date may be older than any other.
fn newest(payments: &[Payment]) -> Option<(Moment, &Payment)> {
    let received = payments.iter().filter(|payment| payment.amount.is_none_or(|amount| amount > Amount::ZERO));
    let dated =
        received.filter_map(|payment| Some((DATES.day("paymentDate", payment.payment_date.as_deref())?, payment)));
    dated.max_by_key(|(day, _)| *day)
}
