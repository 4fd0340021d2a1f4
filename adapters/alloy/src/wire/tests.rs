use livegate_http::json;
use serde::de::DeserializeOwned;

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/", $name))
    };
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn amount(digits: &str) -> Option<Amount> {
    Some(digits.parse().unwrap())
}

fn texts(texts: &[&str]) -> Option<Vec<Text>> {
    Some(texts.iter().map(|text| Text(some(text))).collect())
}

/// One record by itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct One<T> {
    #[serde(alias = "salesOrder")]
    invoice: T,
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    json(text.as_bytes()).unwrap()
}

/// What every sample of the use case says about when it was made.
macro_rules! dated {
    ($type:ident { $($member:ident: $value:expr),* $(,)? }) => {
        $type {
            $($member: $value,)*
            remote_created_at: some("2023-11-19T17:00:17.000Z"),
            remote_updated_at: some("2023-11-19T17:00:17.000Z"),
            remote_deleted: Some(false),
            created_at: some("2024-02-22T11:17:53.264Z"),
            created_timestamp: None,
            updated_at: some("2024-02-22T13:54:03.445Z"),
            updated_timestamp: None,
        }
    };
}

/// The use case's sample, every member named. `taxNumber` is the one that is not kept.
#[test]
fn the_sample_of_customers_is_read_member_by_member() {
    let answer: ListAnswer<Customer> = json(fixture!("customers.json")).unwrap();
    assert_eq!((&answer.data, &answer.invoices, answer.page_info.is_none()), (&None, &None, true));
    let address = |zip: &str, street: &str, city: &str, state: &str, kind: &str| PostalAddress {
        address_type: some(kind),
        street1: some(street),
        street2: None,
        city: some(city),
        state: some(state),
        country_subdivision: some(state),
        zip_code: some(zip),
        country: None,
    };
    let phone = |kind: &str, number: &str| PhoneNumber { phone_number_type: some(kind), phone_number: some(number) };
    let expected = [
        dated!(Customer {
            id: some("00000000-0000-0000-0000-00000000"),
            remote_id: some("96"),
            customer_name: some("Rushin123 Shah"),
            email: None,
            customer_status: some("ACTIVE"),
            currency: some("USD"),
            company_id: None,
            addresses: Some(vec![]),
            phone_numbers: Some(vec![]),
        }),
        dated!(Customer {
            id: some("00000001-0000-0000-0000-00000001"),
            remote_id: some("97"),
            customer_name: some("Emily Johnson"),
            email: some("emily.johnson@example.com"),
            customer_status: some("ACTIVE"),
            currency: some("USD"),
            company_id: some("EJCO"),
            addresses: Some(vec![address("10001", "123 Broadway", "New York", "NY", "Billing")]),
            phone_numbers: Some(vec![phone("Primary", "(212) 555-1234")]),
        }),
        dated!(Customer {
            id: some("00000002-0000-0000-0000-00000002"),
            remote_id: some("98"),
            customer_name: some("John Doe"),
            email: some("john.doe@example.com"),
            customer_status: some("PENDING"),
            currency: some("USD"),
            company_id: some("JDCO"),
            addresses: Some(vec![address("90001", "456 Sunset Blvd", "Los Angeles", "CA", "Shipping")]),
            phone_numbers: Some(vec![phone("Mobile", "(323) 555-6789")]),
        }),
    ];
    assert_eq!(answer.customers.unwrap(), expected);
}

#[test]
fn the_sample_of_payments_is_read_member_by_member() {
    let answer: ListAnswer<Payment> = json(fixture!("payments.json")).unwrap();
    let expected = [
        dated!(Payment {
            id: some("00000000-0000-0000-0000-00000000"),
            remote_id: some("33"),
            transaction_date: some("2021-04-30"),
            customer_id: some("a9d9e59e-d553-4d91-b62b-ee7bf70772d8"),
            vendor_id: None,
            account_id: None,
            currency: some("USD"),
            exchange_rate: amount("1"),
            company_id: None,
            total_amount: None,
            tracking_category_ids: Some(vec![]),
        }),
        dated!(Payment {
            id: some("00000001-0000-0000-0000-00000001"),
            remote_id: some("34"),
            transaction_date: some("2021-05-15"),
            customer_id: some("b0d0f60f-e654-4c2d-9c3c-fa7bf81873e9"),
            vendor_id: None,
            account_id: some("001"),
            currency: some("USD"),
            exchange_rate: amount("1"),
            company_id: some("COMP01"),
            total_amount: amount("500"),
            tracking_category_ids: texts(&["001", "002"]),
        }),
        dated!(Payment {
            id: some("00000002-0000-0000-0000-00000002"),
            remote_id: some("35"),
            transaction_date: some("2021-06-01"),
            customer_id: some("c1e1g71g-f765-4f8c-9d4d-ga8cf92984fa"),
            vendor_id: None,
            account_id: some("002"),
            currency: some("USD"),
            exchange_rate: amount("1"),
            company_id: some("COMP02"),
            total_amount: amount("750"),
            tracking_category_ids: texts(&["003"]),
        }),
    ];
    assert_eq!(answer.payments.unwrap(), expected);
}

/// The bodies that the use case posts hold what answers hold, written a little differently.
#[test]
fn the_sample_bodies_are_read_member_by_member() {
    let invoice: Invoice = json(fixture!("invoice_body.json")).unwrap();
    let line = Line { description: some("November Services"), total_amount: amount("2373.45"), ..Line::default() };
    let expected = Invoice {
        customer_id: some("{customerId}"),
        line_items: Some(vec![line]),
        invoice_number: some("7452"),
        issue_date: some("2023-12-10"),
        due_date: some("2023-12-27"),
        currency: some("USD"),
        balance: amount("2373.45"),
        ..Invoice::default()
    };
    assert_eq!(invoice, expected);
    let customer: Customer = json(fixture!("customer_body.json")).unwrap();
    let address = PostalAddress {
        address_type: some("Billing"),
        street1: some("213 Example Ave"),
        city: some("New York"),
        state: some("NY"),
        country: some("US"),
        zip_code: some("10012"),
        ..PostalAddress::default()
    };
    let phone = PhoneNumber { phone_number_type: some("PRIMARY"), phone_number: some("12345678901") };
    let expected = Customer {
        addresses: Some(vec![address]),
        phone_numbers: Some(vec![phone]),
        customer_name: some("Hooli"),
        customer_status: some("ACTIVE"),
        currency: some("USD"),
        ..Customer::default()
    };
    assert_eq!(customer, expected);
}

#[test]
fn an_invoice_is_read_member_by_member() {
    let One { invoice } = json::<One<Invoice>>(fixture!("invoice.json")).unwrap();
    let line = Line {
        id: None,
        remote_id: some("1"),
        description: some("Consulting"),
        unit_price: amount("50"),
        quantity: amount("2"),
        tax_amount: None,
        total_amount: amount("100"),
        currency: some("USD"),
        exchange_rate: amount("1"),
        accounting_item_id: some("00000004-0000-0000-0000-00000004"),
        account_id: None,
        tracking_category_id: None,
        tracking_category_ids: Some(vec![]),
        company_id: None,
    };
    let subtotal = Line {
        total_amount: amount("100"),
        currency: some("USD"),
        tracking_category_ids: Some(vec![]),
        ..Line::default()
    };
    let expected = Invoice {
        id: some("00000003-0000-0000-0000-00000003"),
        remote_id: some("361"),
        customer_id: some("00000001-0000-0000-0000-00000001"),
        invoice_number: some("1117"),
        issue_date: some("2023-10-10"),
        due_date: some("2023-11-09"),
        paid_on_date: None,
        memo: some("Thank you"),
        company_id: None,
        currency: some("USD"),
        exchange_rate: amount("1"),
        total_discount: None,
        sub_total: None,
        invoice_status: None,
        total_tax_amount: None,
        total_amount: amount("100"),
        balance: amount("100"),
        line_items: Some(vec![line, subtotal]),
        remote_created_at: some("2023-11-19T17:00:17.000Z"),
        remote_updated_at: some("2023-11-19T17:00:17.000Z"),
        remote_deleted: Some(false),
        created_at: None,
        created_timestamp: some("2024-02-22T11:17:53.264Z"),
        updated_at: None,
        updated_timestamp: some("2024-02-22T13:54:03.445Z"),
    };
    assert_eq!(invoice, expected);
}

#[test]
fn a_sales_order_is_read_member_by_member() {
    let One { invoice: order } = json::<One<SalesOrder>>(fixture!("sales_order.json")).unwrap();
    let address = PostalAddress {
        address_type: None,
        street1: some("123 Broadway"),
        street2: None,
        city: some("New York"),
        state: some("NY"),
        country_subdivision: some("NY"),
        zip_code: some("10001"),
        country: some("US"),
    };
    let line = Line {
        id: some("l1"),
        remote_id: some("1"),
        description: some("MLBK U1980-O-KK"),
        unit_price: amount("60.00"),
        quantity: amount("1"),
        tax_amount: amount("2.00"),
        total_amount: amount("62.00"),
        currency: some("USD"),
        exchange_rate: None,
        accounting_item_id: some("00000004-0000-0000-0000-00000004"),
        account_id: some("9"),
        tracking_category_id: some("001"),
        tracking_category_ids: texts(&["001", "002"]),
        company_id: None,
    };
    let expected = dated!(SalesOrder {
        id: some("00000005-0000-0000-0000-00000005"),
        remote_id: some("71"),
        customer_id: some("00000001-0000-0000-0000-00000001"),
        sales_order_number: some("SO-71"),
        sales_order_status: some("Open"),
        issue_date: some("2023-10-10"),
        delivery_date: some("2023-10-20"),
        delivery_address: Some(address),
        paid_on_date: None,
        account_id: some("9"),
        memo: None,
        company_id: None,
        currency: some("USD"),
        exchange_rate: amount("1"),
        total_tax_amount: amount("2"),
        total_amount: amount("62.00"),
        line_items: Some(vec![line]),
    });
    assert_eq!(order, expected);
}

#[test]
fn an_item_is_read_without_its_cost() {
    let ItemAnswer { item } = json(fixture!("item.json")).unwrap();
    let expected =
        Item { id: some("00000004-0000-0000-0000-00000004"), remote_id: some("12"), item_name: some("CHAIN-10") };
    assert_eq!(item, expected);
}

#[test]
fn what_a_page_says_about_the_next_is_read() {
    let answer: ListAnswer<Item> = read(r#"{"data":[],"pageInfo":{"hasNext":"true","nextCursor":17}}"#);
    assert_eq!(answer.page_info.unwrap(), PageInfo { has_next: Some(true), next_cursor: some("17") });
    assert_eq!(answer.data, Some(vec![]));
    let answer: ListAnswer<Item> = read(r#"{"salesOrders":null,"pageInfo":{}}"#);
    assert_eq!((answer.sales_orders, answer.page_info.unwrap()), (None, PageInfo::default()));
}

#[test]
fn no_wire_type_can_show_what_nobody_may_see() {
    let text = r#"{"customer":{"id":"1","taxNumber":"TAXID-1"}}"#;
    assert!(!format!("{:?}", read::<CustomerAnswer>(text)).contains("TAXID"));
}
