//! What a customer owes: Acumatica keeps neither a balance nor an aging in its contract, so both follow from what is open.

use livegate_core::{Account, Amount, Currency, CustomerCode, ErpError, OpenItem, Result, Stated};

use crate::keys::shown_id;
use crate::wire::{CREDIT_MEMO, Customer, Document, PREPAYMENT_INVOICE, Payment, code, day, is_open, missing};
use crate::wrapped::Text;

/// All that makes a balance.
pub(crate) struct Ledger<'a> {
    pub customer: &'a Customer,
    /// That of the company, in which credit limits are; where it is known.
    pub base_currency: Option<&'a Currency>,
    pub documents: &'a [Document],
    pub payments: &'a [Payment],
}

impl TryFrom<Ledger<'_>> for Account {
    type Error = ErpError;

    fn try_from(ledger: Ledger<'_>) -> Result<Self> {
        let Ledger { customer, base_currency, documents, payments } = ledger;
        let documents = documents.iter().filter(|document| is_open(&document.status)).map(OpenItem::try_from);
        let payments = payments.iter().filter(|payment| payment.counts()).map(OpenItem::try_from);
        let currency = currency(&customer.currency_id);
        // A limit in one currency less a balance in another would be nobody's money.
        let is_limits = currency.is_some() && currency.as_ref() == base_currency;
        Ok(Self {
            owner: Some(owner(code(&customer.customer_id), "a customer")?),
            currency,
            open_items: Some(documents.chain(payments).collect::<Result<_>>()?),
            credit_limit: customer.credit_limit().filter(|_| is_limits),
            ..Self::default()
        })
    }
}

impl Customer {
    /// A limit that nobody verifies may be whatever was once typed, and zero is what nobody typed.
    fn credit_limit(&self) -> Option<Amount> {
        let rules = self.credit_verification_rules.as_ref()?;
        let is_verified = rules.credit_verification.as_ref().is_none_or(|text| text.to_lowercase().contains("limit"));
        rules.credit_limit.filter(|limit| is_verified && !limit.is_zero())
    }
}

impl Payment {
    /// Whether it is among what is open. The form of payments shows some that are among the documents already.
    fn counts(&self) -> bool {
        let is_document = [CREDIT_MEMO, PREPAYMENT_INVOICE].iter().any(|kind| self.payment_type.is(kind));
        is_open(&self.status) && !is_document
    }

    /// Whether it was received; `None` for a type of which that is not known.
    fn is_credit(&self) -> Option<bool> {
        match self.payment_type.or_blank() {
            "Payment" | "Prepayment" => Some(true),
            "Refund" | "Customer Refund" => Some(false),
            _ => None,
        }
    }
}

impl TryFrom<&Document> for OpenItem {
    type Error = ErpError;

    fn try_from(document: &Document) -> Result<Self> {
        let what = "an open document";
        let custom = &document.custom.document;
        Ok(Self {
            id: Some(document.shown_id()?),
            owner: Some(owner(document.owner(), what)?),
            balance: signed(what, document.is_credit(), *document.balance, currency(&custom.cury_id))?,
            due_date: day("DueDate", &document.due_date),
            document_date: day("Date", &document.date),
            instalments: Vec::new(),
        })
    }
}

impl TryFrom<&Payment> for OpenItem {
    type Error = ErpError;

    fn try_from(payment: &Payment) -> Result<Self> {
        let what = "an open payment";
        let open = *payment.custom.document.cury_doc_bal;
        Ok(Self {
            // Never the number alone, which an invoice may have too.
            id: Some(shown_id(&payment.payment_type, &payment.reference_nbr, "", what)?),
            owner: Some(owner(code(&payment.customer_id), what)?),
            balance: signed(what, payment.is_credit(), open, currency(&payment.currency_id))?,
            due_date: None,
            document_date: day("DocDate", &payment.custom.document.doc_date),
            instalments: Vec::new(),
        })
    }
}

/// What is open in its own currency, credits negative. Nothing of it is guessed: a balance is money.
fn signed(what: &str, is_credit: Option<bool>, open: Option<Amount>, currency: Option<Currency>) -> Result<Stated> {
    let is_credit = is_credit.ok_or_else(|| missing(what, "a type that says whether it is owed or a credit"))?;
    let open = open.ok_or_else(|| missing(what, "its balance"))?;
    let currency = currency.ok_or_else(|| missing(what, "its currency"))?;
    Ok(Stated { amount: if is_credit { -open } else { open }, currency: Some(currency), elsewhere: Vec::new() })
}

fn owner(code: Option<CustomerCode>, what: &str) -> Result<CustomerCode> {
    code.ok_or_else(|| missing(what, "its customer"))
}

fn currency(text: &Text) -> Option<Currency> {
    text.as_deref().and_then(Currency::new)
}
