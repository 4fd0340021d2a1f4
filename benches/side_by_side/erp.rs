//! What the ERP of the bench answers: DockMaster's A/R inquiry and customer record, byte for byte the same at every call.

use std::fmt::Write;

/// The customer of nearly every request, who has 15 open invoices.
pub const CUSTOMER: &str = "HB-1042";
/// A customer whose inquiry is 15 MB.
pub const WHALE: &str = "WHALE";
/// Customers with this prefix have one open invoice each, so that ten thousand answers fit into the cache of one tenant.
pub const SMALL: &str = "S";
/// How many customers the misses are spread over: calls for one customer at the same time would share a flight.
pub const CUSTOMERS: usize = 64;

const MEGABYTE: usize = 1_000_000;

/// The customers that the misses are spread over.
pub fn customers() -> Vec<String> {
    (0..CUSTOMERS).map(|number| format!("HB-{}", 1042 + number)).collect()
}

/// What `AR/CustomerARInquiry` answers for this customer.
pub fn inquiry(customer: &str) -> String {
    if customer == WHALE {
        return entry(customer, |written, _| written >= 15 * MEGABYTE);
    }
    let invoices = if customer.starts_with(SMALL) { 1 } else { 15 };
    entry(customer, |_, number| number == invoices)
}

/// What `Customers/RetrieveCustomer` answers for this customer.
pub fn record(customer: &str) -> String {
    format!(
        r#"{{"id":"{customer}","name":"Brandt & Söhne \"Yachten\" GmbH","firstName":"Zoë","lastName":"O'Neil","companyName":"Brandt & Söhne \"Yachten\" GmbH","address1":"12 Harbor Road","address2":"Slip 7 & 8","address3":"","city":"Annapolis","state":"MD","zip":"21401","country":"USA","phone":"410-555-0142","workPhone":null,"cellPhone":null,"email":"zoe@brandt.example","useAltAddress":false,"creditLimit":15000.00,"balance":8104.80,"priceColumn":"1","discount":0.0,"taxFlag":true,"taxSchema":"STD","poRequired":false,"paymentTermsCode":"N30","paymentTermsDescription":"Net 30 days","inactive":false,"allowTransactions":true,"categoryCodes":["SLIP","FUEL"]}}"#
    )
}

fn entry(customer: &str, full: impl Fn(usize, usize) -> bool) -> String {
    let mut text = format!(
        r#"[{{"CustomerId":"{customer}","FirstName":"Zoë","LastName":"O'Neil","CompanyName":"Brandt & Söhne \"Yachten\" GmbH","CurrentBalance":8104.80,"OpenARInvoices":["#
    );
    let mut number = 0;
    while !full(text.len(), number) {
        if number > 0 {
            text.push(',');
        }
        invoice(&mut text, customer, number);
        number += 1;
    }
    text.push_str(
        r#"],"PendingPayments":[{"BatchId":"B-7781","PaymentDate":"2026-03-30T00:00:00","TotalPaymentAmt":400.00,"ReferenceNum":"CHK 1187","PostedDate":null,"PaymentDetails":[{"InvoiceId":"100011","TotalInvoiceAmt":3000.00,"PaymentAmount":400.00,"InvoiceBalance":2400.00,"PaymentActionCode":"P","PaymentActionDesc":"Payment","DepositDoc":null}]}],"LastPayment":{"PaymentActions":[{"Action":"Payment","InvoiceId":"100004","AmountApplied":600.00}],"PaymentDate":"2026-03-18T00:00:00","PaymentAmount":649.95,"PaymentMethod":"VISA","CCLastFour":"4242"}}]"#,
    );
    text
}

fn invoice(text: &mut String, customer: &str, number: usize) {
    const DESCRIPTIONS: [&str; 5] = [
        "Slip rental",
        "Haul-out & pressure wash <42 ft>",
        "Käpt'n's \\\"Süßwasser\\\" tank, fittings",
        "Rounding of a fuel ticket",
        "Winter storage, four instalments",
    ];
    let (cents, day, month) = (number * 7919 % 250_000 + 1, number % 28 + 1, number % 12 + 1);
    let (whole, rest) = (cents / 100, cents % 100);
    let pending = number % 15 == 11;
    let description = DESCRIPTIONS[number % DESCRIPTIONS.len()];
    let id = 100_000 + number;
    write!(
        text,
        r#"{{"Id":"{id}","CustomerId":"{customer}","Amount":{whole}.{rest:02},"InvoiceAmount":{}.{rest:02},"InvoiceBalance":{whole}.{rest:02},"DueDate":"2026-{month:02}-{day:02}T00:00:00","Description":"{description}","LocationCode":"1","UnAppliedPayment":{pending},"Installments":["#,
        whole * 2,
    )
    .expect("a String takes everything");
    if number % 15 == 4 {
        for part in 1..=4 {
            let comma = if part == 1 { "" } else { "," };
            write!(text, r#"{comma}{{"id":"{part}","Amount":75.00,"DueDate":"2026-0{part}-15T00:00:00"}}"#)
                .expect("a String takes everything");
        }
    }
    text.push_str("]}");
}
