//! What the same bytes cost somebody who does less with them.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Deserialize;
use serde_json::Number;

/// Reads every event of an XML answer to its end, with the reader as it comes, and does nothing with them. Answers how
/// many there were.
pub fn scan(body: &[u8]) -> usize {
    let mut reader = Reader::from_str(std::str::from_utf8(body).expect("the answer is UTF-8"));
    let mut events = 0;
    loop {
        match reader.read_event().expect("the answer is well-formed") {
            Event::Eof => return events,
            event => drop(std::hint::black_box(event)),
        }
        events += 1;
    }
}

/// Reads a JSON answer into structures that own what they hold. Answers how many invoices there were.
pub fn parse(body: &[u8]) -> usize {
    let entries: Vec<Inquiry> = serde_json::from_slice(body).expect("the answer is as documented");
    let entries = std::hint::black_box(entries);
    entries.iter().map(|entry| entry.open_ar_invoices.len()).sum()
}

/// The members that the adapter reads, as serde's derived code reads them: names by their exact spelling, texts as they
/// stand, nothing trimmed. Amounts are serde_json's numbers, the cheapest there are: a fraction becomes a binary float,
/// which we never allow ourselves.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
struct Inquiry {
    customer_id: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    company_name: Option<String>,
    current_balance: Option<Number>,
    #[serde(rename = "OpenARInvoices")]
    open_ar_invoices: Vec<Invoice>,
    pending_payments: Vec<Payment>,
    last_payment: Option<LastPayment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
struct Invoice {
    id: Option<String>,
    customer_id: Option<String>,
    amount: Option<Number>,
    invoice_amount: Option<Number>,
    invoice_balance: Option<Number>,
    due_date: Option<String>,
    description: Option<String>,
    location_code: Option<String>,
    un_applied_payment: Option<bool>,
    installments: Vec<Instalment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
struct Instalment {
    #[serde(rename = "id")]
    id: Option<String>,
    amount: Option<Number>,
    due_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
struct Payment {
    batch_id: Option<String>,
    payment_date: Option<String>,
    total_payment_amt: Option<Number>,
    reference_num: Option<String>,
    posted_date: Option<String>,
    payment_details: Vec<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
struct Detail {
    invoice_id: Option<String>,
    total_invoice_amt: Option<Number>,
    payment_amount: Option<Number>,
    invoice_balance: Option<Number>,
    payment_action_code: Option<String>,
    payment_action_desc: Option<String>,
    deposit_doc: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
struct LastPayment {
    payment_actions: Vec<Action>,
    payment_date: Option<String>,
    payment_amount: Option<Number>,
    payment_method: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "what is measured is that they are read")]
struct Action {
    action: Option<String>,
    invoice_id: Option<String>,
    amount_applied: Option<Number>,
}
