//! Payments that DockMaster has received but not posted: until then neither an invoice nor the balance shows them.

use std::collections::BTreeSet;

use livegate_core::{Amount, AmountError, CustomerCode, ErpError, Result};

use crate::wire::{ArInvoice, CustomerArInquiry, CustomerPayment, missing};

/// Takes the pending payments off the invoices they name and, by the same sum, off the balance of `customer`, whose entry
/// it is.
pub(crate) fn deduct(entry: &mut CustomerArInquiry, customer: &CustomerCode) -> Result<()> {
    let payments = entry.pending_payments.as_deref().unwrap_or_default();
    let (mut counted, mut total) = (BTreeSet::new(), Amount::ZERO);
    for invoice in entry.open_ar_invoices.iter_mut().flatten() {
        let deducted = deduct_from(invoice, payments)?;
        // The balance holds a repeated invoice once, and another customer's not at all.
        if invoice.belongs_to(customer) && counted.insert(invoice.id.clone()) {
            total = total.plus(deducted).map_err(inexact)?;
        }
    }
    if let Some(balance) = &mut entry.current_balance {
        *balance = balance.minus(total).map_err(inexact)?;
    }
    Ok(())
}

/// Takes off what `payments` give to this invoice, if it says that some are not posted; answers how much that was. An
/// invoice never falls below zero, and one that owes nothing stays as it is.
pub(crate) fn deduct_from(invoice: &mut ArInvoice, payments: &[CustomerPayment]) -> Result<Amount> {
    let Some(open) = invoice.balance().filter(|open| *open > Amount::ZERO && invoice.has_pending_payment()) else {
        return Ok(Amount::ZERO);
    };
    let details = payments.iter().flat_map(|payment| payment.payment_details.iter().flatten());
    let mut paid = Amount::ZERO;
    for detail in details.filter(|detail| detail.invoice_id.is_some() && detail.invoice_id == invoice.id) {
        let amount = detail.payment_amount.ok_or_else(|| missing("a pending payment", "its PaymentAmount"))?;
        paid = paid.plus(amount).map_err(inexact)?;
    }
    let deducted = paid.clamp(Amount::ZERO, open);
    invoice.invoice_balance = Some(open.minus(deducted).map_err(inexact)?);
    Ok(deducted)
}

fn inexact(error: AmountError) -> ErpError {
    ErpError::malformed(format!("DockMaster's pending payments add up to an amount of {error}"))
}
