//! What the ERP sends: answers to the A/R inquiry with every member that DockMaster's help page documents, in the order
//! and the spelling of its serializers, without white space between the members.

use std::fmt::Write as _;

use bytes::Bytes;

/// The customer whose invoices they are.
pub const CUSTOMER: &str = "HB-1042";

/// One invoice in five is paid in four instalments.
const WITH_INSTALMENTS: usize = 5;

/// One invoice in seven has no description.
const WITHOUT_DESCRIPTION: usize = 7;

/// The answer in JSON, with so many invoices.
pub fn json(invoices: usize) -> Bytes {
    let mut text = format!(
        r#"[{{"CustomerId":"{CUSTOMER}","FirstName":"Zoë","LastName":"O'Neil","CompanyName":"Brandt & Söhne GmbH","CurrentBalance":8104.805,"OpenARInvoices":["#
    );
    for number in 0..invoices {
        let Invoice { id, open, total, due, description, instalments } = Invoice::new(number);
        let description = description.map_or("null".to_owned(), |text| format!("\"{text}\""));
        let _ = write!(
            text,
            r#"{}{{"Id":"{id}","CustomerId":"{CUSTOMER}","Amount":{open},"InvoiceAmount":{total},"InvoiceBalance":{open},"DueDate":"{due}","Description":{description},"LocationCode":"1","UnAppliedPayment":{},"Installments":["#,
            if number == 0 { "" } else { "," },
            number == 1,
        );
        for (index, (part, due)) in instalments.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(text, r#"{comma}{{"id":"{}","Amount":{part},"DueDate":"{due}"}}"#, index + 1);
        }
        text.push_str("]}");
    }
    let _ = write!(
        text,
        r#"],"PendingPayments":[{{"BatchId":"B-7788","PaymentDate":"2026-03-31T00:00:00","TotalPaymentAmt":125.50,"ReferenceNum":null,"PostedDate":"","PaymentDetails":[{{"InvoiceId":"{}","TotalInvoiceAmt":283.92,"PaymentAmount":125.50,"InvoiceBalance":283.92,"PaymentActionCode":"P","PaymentActionDesc":"Payment","DepositDoc":null}}]}}],"LastPayment":{{"PaymentActions":[{{"Action":"Payment","InvoiceId":"INV-5011","AmountApplied":600.00}}],"PaymentDate":"2026-03-18T00:00:00","PaymentAmount":649.95,"PaymentMethod":"VISA","CCLastFour":"4242"}}}}]"#,
        Invoice::new(1).id
    );
    text.into()
}

/// The same answer in XML: members by name, null as `i:nil`, an empty list as an empty element.
pub fn xml(invoices: usize) -> Bytes {
    let mut text = format!(
        r#"<ArrayOfCustomerARInquiry xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.datacontract.org/2004/07/com.dockmaster.lib.models"><CustomerARInquiry><CompanyName>Brandt &amp; Söhne GmbH</CompanyName><CurrentBalance>8104.805</CurrentBalance><CustomerId>{CUSTOMER}</CustomerId><FirstName>Zoë</FirstName><LastName>O'Neil</LastName><LastPayment><CCLastFour>4242</CCLastFour><PaymentActions><PaymentAction><Action>Payment</Action><AmountApplied>600.00</AmountApplied><InvoiceId>INV-5011</InvoiceId></PaymentAction></PaymentActions><PaymentAmount>649.95</PaymentAmount><PaymentDate>2026-03-18T00:00:00</PaymentDate><PaymentMethod>VISA</PaymentMethod></LastPayment><OpenARInvoices>"#
    );
    for number in 0..invoices {
        let Invoice { id, open, total, due, description, instalments } = Invoice::new(number);
        let description = description.map_or(r#"<Description i:nil="true" />"#.to_owned(), |text| {
            format!("<Description>{}</Description>", text.replace('&', "&amp;"))
        });
        let _ = write!(
            text,
            "<Invoice><Amount>{open}</Amount><CustomerId>{CUSTOMER}</CustomerId>{description}<DueDate>{due}</DueDate><Id>{id}</Id>"
        );
        if instalments.is_empty() {
            text.push_str("<Installments />");
        } else {
            text.push_str("<Installments>");
            for (index, (part, due)) in instalments.iter().enumerate() {
                let _ = write!(
                    text,
                    "<InvoiceInstallment><Amount>{part}</Amount><DueDate>{due}</DueDate><id>{}</id></InvoiceInstallment>",
                    index + 1
                );
            }
            text.push_str("</Installments>");
        }
        let _ = write!(
            text,
            "<InvoiceAmount>{total}</InvoiceAmount><InvoiceBalance>{open}</InvoiceBalance><LocationCode>1</LocationCode><UnAppliedPayment>{}</UnAppliedPayment></Invoice>",
            number == 1
        );
    }
    let _ = write!(
        text,
        r#"</OpenARInvoices><PendingPayments><CustomerPayment><BatchId>B-7788</BatchId><PaymentDate>2026-03-31T00:00:00</PaymentDate><PaymentDetails><PaymentDetail><DepositDoc i:nil="true" /><InvoiceBalance>283.92</InvoiceBalance><InvoiceId>{}</InvoiceId><PaymentActionCode>P</PaymentActionCode><PaymentActionDesc>Payment</PaymentActionDesc><PaymentAmount>125.50</PaymentAmount><TotalInvoiceAmt>283.92</TotalInvoiceAmt></PaymentDetail></PaymentDetails><PostedDate></PostedDate><ReferenceNum i:nil="true" /><TotalPaymentAmt>125.50</TotalPaymentAmt></CustomerPayment></PendingPayments></CustomerARInquiry></ArrayOfCustomerARInquiry>"#,
        Invoice::new(1).id
    );
    text.into()
}

/// What differs from invoice to invoice; nothing of it is left to chance.
struct Invoice {
    id: String,
    open: String,
    total: String,
    due: String,
    description: Option<&'static str>,
    /// Each with its due date.
    instalments: Vec<(String, String)>,
}

impl Invoice {
    fn new(number: usize) -> Self {
        let cents = 1_000 + number * 7_919 % 500_000;
        let descriptions = ["Slip rental", "Haul-out & pressure wash", "Winter storage, paid in parts"];
        let instalment = |part: usize| (decimal(cents / 4), date(number + 30 * part));
        Self {
            // An ERP lists in its own order, which is not the one in which invoices leave.
            id: format!("INV-{}", 100_000 + number * 6_007 % 100_003),
            open: decimal(cents),
            total: decimal(cents + number % 3 * 5_000),
            due: date(number),
            description: (number % WITHOUT_DESCRIPTION != 3).then(|| descriptions[number % descriptions.len()]),
            instalments: if number % WITH_INSTALMENTS == 4 { (0..4).map(instalment).collect() } else { Vec::new() },
        }
    }
}

fn decimal(cents: usize) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// One date in nine is written as on paper.
fn date(number: usize) -> String {
    let (year, month, day) = (2025 + number % 2, 1 + number % 12, 1 + number * 5 % 28);
    match number % 9 {
        8 => format!("{month:02}/{day:02}/{year}"),
        _ => format!("{year}-{month:02}-{day:02}T00:00:00"),
    }
}
