//! What a customer owes: Alloy keeps no balance, so it follows from the invoices.

use livegate_core::{Account, Amount, Currency, Moment, OpenItem, Result, Standing, Stated};

use crate::customer::Buyer;
use crate::document::Document;
use crate::wire::{DATES, Invoice, Payment, missing};

/// The account of a customer with these invoices and payments. Payments are never subtracted: what they settled is out of
/// the invoices' balances already, and none says which invoice it is for.
///
/// # Errors
/// `malformed` where an invoice that counts does not tell its balance.
pub(crate) fn account(buyer: &Buyer, invoices: &[Invoice], payments: &[Payment]) -> Result<Account> {
    let counted: Vec<&Invoice> = invoices
        .iter()
        .filter(|invoice| invoice.is_shown_to(buyer) && invoice.standing() == Standing::Issued)
        .collect();
    let mut open_items = Vec::new();
    for invoice in &counted {
        let balance = invoice.balance.ok_or_else(|| missing("an invoice", "its balance"))?;
        if !balance.is_zero() {
            open_items.push(open_item(buyer, invoice, balance)?);
        }
    }
    let newest = counted.iter().filter_map(|invoice| invoice.dates()[0]).max();
    let last_payment = payments.iter().filter_map(|payment| received(buyer, payment)).max_by_key(|(when, _)| *when);
    let currency = buyer.currency();
    Ok(Account {
        owner: Some(buyer.code.clone()),
        open_items: Some(open_items),
        last_charge_date: newest,
        last_sale_date: newest,
        last_payment_date: last_payment.map(|(when, _)| when.date),
        // An amount goes out in the customer's currency only.
        last_payment_amount: last_payment.and_then(|(_, payment)| {
            let own = payment.currency.as_deref().and_then(Currency::new);
            payment.total_amount.filter(|_| own.is_none() || own == currency)
        }),
        currency,
        ..Account::default()
    })
}

/// When a payment was made; of two on one day, the one entered later is the newer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PaidAt {
    date: Moment,
    entered: Option<Moment>,
}

/// A payment that the customer made, as far as it can be the last one: with a `vendorId` it is money that went out.
fn received<'a>(buyer: &Buyer, payment: &'a Payment) -> Option<(PaidAt, &'a Payment)> {
    let counts = payment.customer_id.as_deref() == Some(buyer.id.as_str())
        && payment.vendor_id.is_none()
        && payment.total_amount.is_some()
        && payment.remote_deleted != Some(true);
    let date = DATES.day("transactionDate", payment.transaction_date.as_deref().filter(|_| counts))?;
    let entered = DATES.moment("remoteCreatedAt", payment.remote_created_at.as_deref());
    Some((PaidAt { date, entered }, payment))
}

fn open_item(buyer: &Buyer, invoice: &Invoice, balance: Amount) -> Result<OpenItem> {
    let [document_date, due_date] = invoice.dates();
    // Two invoices may bear one number, and both are owed; a row that comes twice has one id of Alloy's.
    let id = invoice.id.as_deref().ok_or_else(|| missing("an invoice", "its id"))?;
    let id = livegate_core::DocumentId::new(id).map_err(|_| missing("an invoice", "a usable id"))?;
    let currency = invoice.currency.as_deref().and_then(Currency::new);
    Ok(OpenItem {
        id: Some(id),
        owner: Some(buyer.code.clone()),
        balance: Stated { amount: balance, currency, elsewhere: Vec::new() },
        due_date,
        document_date,
        instalments: Vec::new(),
    })
}
