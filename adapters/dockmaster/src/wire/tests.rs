use livegate_core::{ErrorKind, Moment};
use livegate_http::Format;
use livegate_http::lenient::List;

use super::*;

const FORMATS: [Format; 2] = [Format::Json, Format::Xml];

fn amount(digits: &str) -> Amount {
    digits.parse().unwrap()
}

fn some_amount(digits: &str) -> Option<Amount> {
    Some(amount(digits))
}

fn sample<T: From<String>>(number: u8) -> Option<T> {
    Some(format!("sample string {number}").into())
}

fn inquiry(format: Format, text: &str) -> Result<Vec<CustomerArInquiry>> {
    format.decode(text.as_bytes(), "ArrayOfCustomerARInquiry").map(|List(entries)| entries)
}

/// One open invoice in both formats, its amount as given.
fn invoice(format: Format, amount: &str) -> Result<Vec<ArInvoice>> {
    let text = match format {
        Format::Json => format!(r#"[{{"Id":"1","InvoiceBalance":{amount}}}]"#),
        Format::Xml => format!(
            "<ArrayOfInvoice><Invoice><Id>1</Id><InvoiceBalance>{amount}</InvoiceBalance></Invoice></ArrayOfInvoice>"
        ),
    };
    format.decode(text.as_bytes(), "ArrayOfInvoice").map(|List(invoices)| invoices)
}

/// The help page's sample, every member named. `CCLastFour` is the one that is not kept.
fn help_page() -> Vec<CustomerArInquiry> {
    let installment = || InvoiceInstallment { id: sample(1), amount: some_amount("1"), due_date: sample(2) };
    let invoice = || ArInvoice {
        id: sample(1),
        customer_id: sample(2),
        amount: some_amount("1"),
        invoice_amount: some_amount("1"),
        invoice_balance: some_amount("1"),
        due_date: sample(3),
        description: sample(4),
        un_applied_payment: Some(true),
        installments: Some(vec![installment(), installment()]),
    };
    let detail = || PaymentDetail {
        invoice_id: sample(1),
        total_invoice_amt: some_amount("1"),
        payment_amount: some_amount("2"),
        invoice_balance: some_amount("1"),
        payment_action_code: sample(3),
        payment_action_desc: sample(4),
        deposit_doc: sample(5),
    };
    let payment = || CustomerPayment {
        batch_id: sample(1),
        payment_date: sample(2),
        total_payment_amt: some_amount("3"),
        reference_num: sample(4),
        posted_date: sample(5),
        payment_details: Some(vec![detail(), detail()]),
    };
    let action = || PaymentAction { action: sample(1), invoice_id: sample(2), amount_applied: some_amount("3") };
    let entry = || CustomerArInquiry {
        customer_id: sample(1),
        first_name: sample(2),
        last_name: sample(3),
        company_name: sample(4),
        current_balance: some_amount("5"),
        open_ar_invoices: Some(vec![invoice(), invoice()]),
        pending_payments: Some(vec![payment(), payment()]),
        last_payment: Some(LastPayment {
            payment_actions: Some(vec![action(), action()]),
            payment_date: sample(1),
            payment_amount: some_amount("2"),
            payment_method: sample(3),
        }),
    };
    vec![entry(), entry()]
}

#[test]
fn the_help_pages_samples_decode_to_equal_values() {
    let json = inquiry(Format::Json, include_str!("../../tests/dockmaster/help_page.json")).unwrap();
    let xml = inquiry(Format::Xml, include_str!("../../tests/dockmaster/help_page.xml")).unwrap();
    assert_eq!(json, help_page());
    assert_eq!(xml, help_page());
}

#[test]
fn the_marina_decodes_to_equal_values_without_card_digits() {
    let json_text = include_str!("../../fixtures/marina.json");
    let json = inquiry(Format::Json, json_text).unwrap();
    assert_eq!(json, inquiry(Format::Xml, include_str!("../../fixtures/marina.xml")).unwrap());
    assert_eq!(json[0].open_ar_invoices.as_ref().map(Vec::len), Some(16));
    assert!(json_text.contains(r#""CCLastFour": "4242""#));
    assert!(!format!("{json:?}").contains("4242"));

    let record = |format: Format, text: &str| format.decode::<Customer>(text.as_bytes(), "Customer").unwrap();
    let json = record(Format::Json, include_str!("../../fixtures/customer.json"));
    assert_eq!(json, record(Format::Xml, include_str!("../../fixtures/customer.xml")));
    assert_eq!(
        json,
        Customer {
            id: Some("HB-1042".to_owned()),
            customer_id: None,
            name: Some("Brandt & Söhne \"Yachten\" GmbH".to_owned()),
            company_name: Some("Brandt & Söhne \"Yachten\" GmbH".to_owned()),
            address1: Some("12 Harbor Road".to_owned()),
            address2: Some("Slip <7> & 8".to_owned()),
            address3: None,
            city: Some("Annapolis".to_owned()),
            state: Some("MD".to_owned()),
            zip: Some("21401".to_owned()),
            credit_limit: some_amount("15000.00"),
        }
    );

    let invoices =
        |format: Format, text: &str| format.decode::<List<ArInvoice>>(text.as_bytes(), "ArrayOfInvoice").unwrap().0;
    let json = invoices(Format::Json, include_str!("../../fixtures/invoices.json"));
    assert_eq!(json, invoices(Format::Xml, include_str!("../../fixtures/invoices.xml")));
    assert_eq!(json.len(), 9);
}

#[test]
fn member_names_know_no_case() {
    let text = r#"[{"customerID":"A","currentbalance":5,"openArInvoices":[{"ID":7,"unappliedPayment":true,
        "aging30":1,"installments":[{"Id":1,"amount":2.50,"balance":1}]}]}]"#;
    let entries = inquiry(Format::Json, text).unwrap();
    let expected = CustomerArInquiry {
        customer_id: Some("A".into()),
        current_balance: some_amount("5"),
        open_ar_invoices: Some(vec![ArInvoice {
            id: Some("7".into()),
            un_applied_payment: Some(true),
            installments: Some(vec![InvoiceInstallment {
                id: Some("1".into()),
                amount: some_amount("2.50"),
                due_date: None,
            }]),
            ..ArInvoice::default()
        }]),
        ..CustomerArInquiry::default()
    };
    assert_eq!(entries, [expected]);
}

#[test]
fn a_missing_list_is_not_an_empty_one() {
    let lists = |format, text: &str| inquiry(format, text).unwrap().remove(0).open_ar_invoices.map(|list| list.len());
    assert_eq!(lists(Format::Json, r#"[{"CustomerId":"A"}]"#), None);
    assert_eq!(lists(Format::Json, r#"[{"OpenARInvoices":null}]"#), None);
    assert_eq!(lists(Format::Json, r#"[{"OpenARInvoices":[]}]"#), Some(0));
    let xml = |entry: &str| {
        let text = format!(
            r#"<ArrayOfCustomerARInquiry xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
            <CustomerARInquiry>{entry}</CustomerARInquiry></ArrayOfCustomerARInquiry>"#
        );
        lists(Format::Xml, &text)
    };
    assert_eq!(xml("<CustomerId>A</CustomerId>"), None);
    assert_eq!(xml(r#"<OpenARInvoices i:nil="true" />"#), None);
    assert_eq!(xml("<OpenARInvoices />"), Some(0));
}

#[test]
fn amounts_keep_their_digits_in_both_formats() {
    for format in FORMATS {
        for digits in ["0.10", "283.92", "1234567890123456.78", "-0.005", "1234567890123456789012345678"] {
            let invoice = invoice(format, digits).unwrap().remove(0);
            let item = OpenItem::try_from(&invoice).unwrap();
            assert_eq!(item.balance.amount.to_string(), digits, "{format:?}");
            assert_eq!(InvoiceSummary::try_from(&invoice).unwrap().balance.unwrap().to_string(), digits, "{format:?}");
        }
        for wrong in ["12345678901234567890123456789", "true", "\"much\""] {
            assert_eq!(invoice(format, wrong).unwrap_err().kind(), ErrorKind::Malformed, "{format:?} {wrong}");
        }
    }
}

#[test]
fn the_balance_is_the_invoices_balance_or_the_amount_that_is_documented_as_the_same() {
    let full = ArInvoice { amount: some_amount("3"), invoice_balance: some_amount("2"), ..ArInvoice::default() };
    assert_eq!(full.balance(), some_amount("2"));
    assert_eq!(ArInvoice { invoice_balance: None, ..full }.balance(), some_amount("3"));
}

#[test]
fn dates_keep_their_day_and_unreadable_ones_are_unknown() {
    for (text, day) in [
        ("2026-03-04T23:59:00-11:00", Some("2026-03-04")),
        ("2026-03-04", Some("2026-03-04")),
        ("3/4/2026 12:00:00 AM", Some("2026-03-04")),
        ("0001-01-01T00:00:00", None),
        ("upon delivery", None),
    ] {
        let due_date = Some(text.into());
        let expected = day.map(|day| Moment::Day(day.parse().unwrap()));
        let invoice = ArInvoice {
            id: Some("1".into()),
            amount: some_amount("1"),
            installments: Some(vec![InvoiceInstallment {
                amount: some_amount("1"),
                due_date: due_date.clone(),
                ..InvoiceInstallment::default()
            }]),
            due_date: due_date.clone(),
            ..ArInvoice::default()
        };
        let item = OpenItem::try_from(&invoice).unwrap();
        assert_eq!((item.due_date, item.instalments[0].due_date), (expected, expected), "{text}");
        assert_eq!(InvoiceSummary::try_from(&invoice).unwrap().due_date, expected, "{text}");
        let last_payment = Some(LastPayment { payment_date: due_date, ..LastPayment::default() });
        let entry = CustomerArInquiry { last_payment, ..CustomerArInquiry::default() };
        assert_eq!(Account::try_from(entry).unwrap().last_payment_date, expected, "{text}");
    }
}

#[test]
fn an_addressee_without_a_name_goes_by_the_companys() {
    let name = |name: Option<&str>, company: Option<&str>| {
        let customer =
            Customer { name: name.map(str::to_owned), company_name: company.map(str::to_owned), ..Customer::default() };
        Address::from(&customer).name
    };
    assert_eq!(name(Some("Ana Moreira"), Some("Moreira Ltd")).as_deref(), Some("Ana Moreira"));
    assert_eq!(name(None, Some("Moreira Ltd")).as_deref(), Some("Moreira Ltd"));
    assert_eq!(name(None, None), None);
}
