//! What a customer owes: the balance is the Service Layer's own, its age follows from the documents that are open.
//!
//! The company keeps its books in its local currency, and states every amount in its system currency too. A document in
//! another currency has its amounts in that as well.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use livegate_core::{
    Account, Amount, Currency, DocumentId, ErpError, Instalment, Moment, OpenItem, Result, Standing, Stated,
};

use crate::api::Set;
use crate::document::Money;
use crate::wire::{AdminInfo, Document, Part, Partner, missing};

/// The company's currencies by its own codes, and which of ISO 4217 they are.
pub(crate) struct Books<'a> {
    pub company: &'a AdminInfo,
    pub map: &'a BTreeMap<String, String>,
}

impl Books<'_> {
    fn iso(&self, code: &str) -> Option<Currency> {
        Currency::new(self.map.get(code).map_or(code, String::as_str))
    }

    /// Amounts without a currency would count as the tenant's, whichever that is.
    fn local(&self) -> Result<Currency> {
        let code = self.company.local_currency.as_deref();
        self.named(code.ok_or_else(|| missing("the company", "its LocalCurrency"))?)
    }

    /// The one other currency that all of the customer's documents are in, by the company's code.
    fn foreign<'p>(&self, partner: &'p Partner) -> Option<&'p str> {
        let local = self.company.local_currency.as_deref();
        partner.currency.as_deref().filter(|code| *code != "##" && Some(*code) != local)
    }

    fn named(&self, code: &str) -> Result<Currency> {
        self.iso(code).ok_or_else(|| {
            ErpError::misconfigured(format!(
                "the company writes a currency as {code:?}, which is no code of ISO 4217: set currency_map to say which one \
                 it is, as in \"$\" = \"USD\""
            ))
        })
    }
}

/// The account of a customer with these open documents.
///
/// # Errors
/// `malformed` where the balance is missing, or an open document does not tell what of it is open; `misconfigured` where
/// the company's own currency, or the customer's, has no known name.
pub(crate) fn account(books: &Books<'_>, partner: &Partner, documents: &[(Set, Vec<Document>)]) -> Result<Account> {
    let balance = partner.current_account_balance.ok_or_else(|| missing("a customer", "CurrentAccountBalance"))?;
    let foreign = books.foreign(partner);
    let local = books.local()?;
    let own = foreign.map_or_else(|| Ok(local.clone()), |code| books.named(code))?;
    let mut open_items: Vec<OpenItem> = Vec::new();
    let mut sum = Amount::ZERO;
    let too_long = |_| ErpError::malformed("a sum has more than 28 digits");
    for (set, documents) in documents {
        // Rows of somebody else, or that come twice, would be taken for what the balance holds beside documents.
        let mut seen = HashSet::new();
        for document in documents.iter().filter(|document| is_counted(*set, document, partner)) {
            let open = document.open(Money::Local)?.ok_or_else(|| missing("an open document", "what of it is paid"))?;
            if seen.insert(document.numbers()?) && !open.is_zero() {
                let item = open_item(books, *set, document, foreign, signed(*set, open))?;
                sum = sum.plus(signed(*set, open)).map_err(too_long)?;
                open_items.push(item);
            }
        }
    }
    let rest = balance.minus(sum).map_err(too_long)?;
    if !rest.is_zero() {
        open_items.push(beside_documents(rest, local.clone()));
    }
    Ok(Account {
        owner: partner.card_code.as_deref().and_then(livegate_core::CustomerCode::from_answer),
        currency: Some(own),
        balance: Some(Stated { amount: balance, currency: Some(local), elsewhere: Vec::new() }),
        // Nothing says how much of the rest is in a foreign currency. Without any, the documents are all.
        open_items: (foreign.is_none() || rest.is_zero()).then_some(open_items),
        // It is in local currency. Whether 0 means no limit or no credit is not documented.
        credit_limit: partner.credit_limit.filter(|limit| foreign.is_none() && !limit.is_zero()),
        ..Account::default()
    })
}

/// Whether a document is the customer's and counts in the balance.
fn is_counted(set: Set, document: &Document, partner: &Partner) -> bool {
    let is_request = set == Set::DownPayments && document.down_payment_type.as_deref() == Some("dptRequest");
    document.card_code == partner.card_code && document.standing() == Standing::Issued && !is_request
}

/// What of the balance no document tells: payments on account, manual journal entries, opening balances. What is owed of
/// it has no known age, so there are no buckets beside it.
fn beside_documents(rest: Amount, local: Currency) -> OpenItem {
    OpenItem {
        id: None,
        owner: None,
        balance: Stated { amount: rest, currency: Some(local), elsewhere: Vec::new() },
        due_date: None,
        // A credit stands in no bucket, so that any day does. Without one it would take the buckets of all others away.
        document_date: rest.is_negative().then_some(Moment::Day(Date::constant(1970, 1, 1))),
        instalments: Vec::new(),
    }
}

/// A credit note is owed to the customer.
fn signed(set: Set, open: Amount) -> Amount {
    if set == Set::CreditNotes { -open } else { open }
}

fn open_item(
    books: &Books<'_>,
    set: Set,
    document: &Document,
    foreign: Option<&str>,
    local: Amount,
) -> Result<OpenItem> {
    let in_money = |money| -> Result<Option<Amount>> { Ok(document.open(money)?.map(|open| signed(set, open))) };
    let code = document.doc_currency.as_deref();
    let mut stated = vec![(Some(books.local()?), Some(local))];
    if document.is_foreign() {
        stated.push((code.and_then(|code| books.iso(code)), in_money(Money::Foreign)?));
    }
    let system = books.company.system_currency.as_deref();
    stated.push((system.and_then(|code| books.iso(code)), in_money(Money::System)?));
    // The customer's own currency first, which instalments are in too.
    let is_in_theirs = document.is_foreign() && foreign.is_some() && foreign == code;
    if is_in_theirs {
        stated.swap(0, 1);
    }
    let mut stated = stated.into_iter();
    let (currency, amount) = stated.next().unwrap_or((None, None));
    let mut elsewhere: Vec<(Currency, Amount)> = Vec::new();
    for (other, amount) in stated.filter_map(|(other, amount)| other.zip(amount)) {
        // What is stated in the document's own currency is more exact than the same in the system's.
        if Some(&other) != currency.as_ref() && elsewhere.iter().all(|(known, _)| *known != other) {
            elsewhere.push((other, amount));
        }
    }
    let amount = amount.ok_or_else(|| missing("an open document", "what of it is paid"))?;
    let parts = document.document_installments.as_deref().filter(|parts| parts.len() > 1).unwrap_or_default();
    let entry = document.numbers()?.entry;
    Ok(OpenItem {
        // Numbers of different sets are the same.
        id: DocumentId::new(&format!("{} {entry}", set.path())).ok(),
        owner: document.owner(),
        balance: Stated { amount, currency, elsewhere },
        due_date: document.due_date(),
        document_date: document.date(),
        instalments: parts.iter().map(|part| instalment(part, is_in_theirs)).collect::<Result<_>>()?,
    })
}

fn instalment(part: &Part, in_foreign: bool) -> Result<Instalment> {
    let amount = if in_foreign { part.total_fc } else { part.total };
    Ok(Instalment {
        amount: amount.ok_or_else(|| missing("an instalment", "its amount"))?,
        balance: None,
        due_date: crate::wire::DATES.day("DueDate", part.due_date.as_deref()),
    })
}

#[cfg(test)]
mod tests {
    use livegate_http::json;

    use super::*;

    #[test]
    fn nobody_elses_documents_make_up_a_balance() {
        let partner: Partner = json(br#"{"CardCode": "C1", "CurrentAccountBalance": 5.00}"#).unwrap();
        let invoice = |card: &str, entry: i32| -> Document {
            let text = format!(
                r#"{{"CardCode": "{card}", "DocEntry": {entry}, "DocNum": 1, "DocTotal": 5.00, "PaidToDate": 0,
                    "DocDueDate": "2026-02-01"}}"#
            );
            json(text.as_bytes()).unwrap()
        };
        let documents = [(Set::Invoices, vec![invoice("C1", 1), invoice("C1", 1), invoice("c1", 2), invoice("C2", 3)])];
        let company: AdminInfo = json(br#"{"LocalCurrency": "USD", "SystemCurrency": "USD"}"#).unwrap();
        let told = account(&Books { company: &company, map: &BTreeMap::new() }, &partner, &documents).unwrap();
        let items = told.open_items.unwrap();
        assert_eq!(
            items.iter().filter_map(|item| item.id.as_ref()).map(DocumentId::as_str).collect::<Vec<_>>(),
            ["Invoices 1"]
        );
        assert_eq!(items.len(), 1, "and nothing is left of the balance beside it");
    }
}
