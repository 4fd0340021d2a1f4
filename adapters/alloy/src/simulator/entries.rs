use super::AWKWARD;
use super::book::{Book, ENDLESS, LEAK};
use super::records::{Address, Invoice, Line, Payment, SalesOrder};

/// Writes everybody's invoices, orders and payments.
pub(super) fn enter_all(book: &mut Book) {
    enter_johnson(book);
    enter_others(book);
}

fn enter_johnson(book: &mut Book) {
    // Number, days to issue and due date, total, balance.
    for (number, issued, due, total, balance) in [
        ("INV-998", -240, -210, "412", "412"),
        ("INV-999", -150, -120, "89.95", "89.95"),
        ("INV-1000", -120, -90, "640.10", "640.10"),
        ("INV-1001", -90, -60, "2500.00", "1250.00"),
        ("INV-1002", -60, -30, "283.92", "283.92"),
        ("INV-1003", -60, -1, "120", "120"),
        ("INV-1004", -60, 0, "310.00", "310.00"),
        ("INV-1005", -30, 30, "1975.50", "1975.50"),
        ("INV-1006", -30, 30, "75.00", "0"),
        ("INV-1007", -20, 10, "49.95", "0.00"),
        ("INV-1008", -10, 20, "100.00", "-150.25"),
    ] {
        let invoice = Invoice { issued: book.day(issued), due: book.day(due), ..invoice(number, total, balance) };
        book.enter("97", invoice);
    }
    let items = [book.items[0].id.clone(), book.items[1].id.clone()];
    let lines = |taxed: bool| {
        let tax = |tax| if taxed { Some(tax) } else { None };
        vec![
            Line {
                description: Some("Anchor chain, 10 mm"),
                unit_price: Some("25.00"),
                quantity: Some("2"),
                tax: tax("3.75"),
                total: Some("50.00"),
                item: Some(items[0].clone()),
            },
            Line { quantity: Some("1.50"), total: Some("7.50"), item: Some(items[1].clone()), ..Line::default() },
            Line { description: Some("Freight"), total: Some("0.00"), ..Line::default() },
            Line {
                description: Some("No longer sold"),
                quantity: Some("1"),
                item: Some("an-item-that-is-gone".to_owned()),
                ..Line::default()
            },
            Line { total: Some("57.50"), ..Line::default() },
        ]
    };
    let newest = Invoice {
        issued: book.day(-5),
        due: book.day(25),
        discount: some("2.50"),
        sub_total: some("57.50"),
        tax: some("4.50"),
        lines: lines(false),
        status: Some("OPEN"),
        ..invoice("INV-1009", "62.00", "62.00")
    };
    book.enter("97", newest);
    let unnumbered = Invoice {
        number: None,
        remote_id: "2050".to_owned(),
        issued: book.day(-45),
        due: book.day(-15),
        ..invoice("", "18.50", "18.50")
    };
    book.enter("97", unnumbered);
    for (number, status, deleted) in [
        ("INV-2001", "Draft", false),
        ("INV-2002", "VOID", false),
        ("INV-2003", "Voided", false),
        ("INV-2004", "OPEN", true),
    ] {
        let status = Some(status);
        let issued = book.day(-1);
        book.enter("97", Invoice { status, deleted, issued, ..invoice(number, "1000.00", "1000.00") });
    }
    let statuses = ["CLOSED", "BILLED", "Open", "OPEN", "AUTHORIZED"];
    for (at, number) in (998..=1009).enumerate() {
        let back = i32::try_from(at / 3).unwrap_or_default();
        let order = SalesOrder {
            number: Some(format!("SO-{number}")),
            status: statuses[at % statuses.len()],
            issued: book.day(-40 + back),
            delivery: book.day(-30 + back),
            tax: some("1.25"),
            total: Some(format!("{number}.25")),
            ..SalesOrder::default()
        };
        book.enter_order("97", order);
    }
    let newest = SalesOrder {
        number: some("SO-1010"),
        status: "Open",
        issued: book.day(-6),
        delivery: book.day(3),
        delivery_address: Some(Address {
            street1: Some("Pier 4"),
            street2: Some("Berth 12"),
            city: Some("Hoboken"),
            state: Some("NJ"),
            zip_code: Some("07030"),
            kind: None,
        }),
        tax: some("4.50"),
        total: some("62.00"),
        lines: lines(true),
        ..SalesOrder::default()
    };
    book.enter_order("97", newest);
    for (number, status, deleted) in
        [("SO-2001", "DRAFT", false), ("SO-2002", "DELETED", false), ("SO-2003", "OPEN", true)]
    {
        let (number, issued) = (some(number), book.day(-1));
        book.enter_order("97", SalesOrder { number, status, deleted, issued, ..SalesOrder::default() });
    }
    for (days, total, entered, vendor_id, deleted) in [
        (-40, Some("600.00"), "", None, false),
        (-12, Some("1250.00"), "2023-11-19T18:00:00.000Z", None, false),
        (-12, Some("10.00"), "2023-11-19T17:00:00.000Z", None, false),
        (-3, Some("99.00"), "", Some("a-vendor"), false),
        (-2, None, "", None, false),
        (-1, Some("77.00"), "", None, true),
    ] {
        let date = book.day(days);
        book.enter_payment("97", Payment { date, total, entered, vendor_id, deleted, ..Payment::default() });
    }
}

fn enter_others(book: &mut Book) {
    let issued = || some("2026-02-03");
    book.enter(LEAK, Invoice { issued: issued(), ..invoice("INV-10090", "5.00", "5.00") });
    let total = some("5.00");
    book.enter_order(
        LEAK,
        SalesOrder { number: some("SO-10100"), status: "Open", total, issued: issued(), ..SalesOrder::default() },
    );

    for (number, balance) in [("INV 7/B?1", "1.10"), ("../INV-1009", "2.20"), ("W%2F1+#&customerId=x", "3.30")] {
        let line = Line {
            description: Some("<b>Ropes & \"knots\" ü</b>"),
            quantity: Some("1"),
            total: Some("1"),
            ..Line::default()
        };
        book.enter(AWKWARD, Invoice { issued: issued(), lines: vec![line], ..invoice(number, balance, balance) });
    }
    for number in ["SO 7/B?1", "5'0\"1&<x>"] {
        let order = SalesOrder {
            number: some(number),
            status: "Open",
            total: some("9.90"),
            issued: issued(),
            ..SalesOrder::default()
        };
        book.enter_order(AWKWARD, order);
    }
    let (date, total) = (some("2026-02-01"), Some("4.00"));
    book.enter_payment(AWKWARD, Payment { date, total, ..Payment::default() });

    for (number, digits) in [
        ("EX-1", "0.10"),
        ("EX-2", "283.92"),
        ("EX-3", "1234567890123456.78"),
        ("EX-4", "-0.005"),
        ("EX-5", "\"2373.45\""),
    ] {
        let line = Line { description: Some("November Services"), total: Some("\"2373.45\""), ..Line::default() };
        book.enter("105", Invoice { issued: issued(), lines: vec![line], ..invoice(number, digits, digits) });
    }
    for (number, digits) in [("EXS-1", "1234567890123456.78"), ("EXS-2", "-0.005")] {
        let order = SalesOrder {
            number: some(number),
            status: "Open",
            total: some(digits),
            tax: some("0.10"),
            issued: issued(),
            lines: vec![Line {
                description: Some("x"),
                unit_price: Some("0.3333333"),
                total: Some("1E2"),
                ..Line::default()
            }],
            ..SalesOrder::default()
        };
        book.enter_order("105", order);
    }

    for (number, date) in [
        ("DT-1", Some("2026-03-08")),
        ("DT-2", Some("2026-03-08T00:00:00.000Z")),
        ("DT-3", Some("2026-11-01T23:30:00-11:00")),
        ("DT-4", Some("2026-11-01T00:00:00+14:00")),
        ("DT-5", Some("when it suits")),
        ("DT-6", None),
    ] {
        let date = date.map(str::to_owned);
        book.enter("106", Invoice { issued: date.clone(), due: date.clone(), ..invoice(number, "1.00", "1.00") });
        let number = number.replace("DT", "DTS");
        let order = SalesOrder {
            number: Some(number),
            status: "Open",
            issued: date.clone(),
            delivery: date,
            ..SalesOrder::default()
        };
        book.enter_order("106", order);
    }
    let (date, total) = (some("2022-09-01T00:00:00.000Z"), Some("2.00"));
    book.enter_payment("106", Payment { date, total, ..Payment::default() });

    book.enter("107", Invoice { issued: issued(), ..invoice("TW-1", "5.00", "5.00") });
    book.enter("107", Invoice { issued: issued(), ..invoice("TW-2", "10.00", "10.00") });
    book.enter("107", Invoice { issued: some("2026-02-04"), ..invoice("TW-2", "20.00", "20.00") });
    let again = book.invoices[book.invoices.len() - 3].clone();
    book.invoices.push(again);
    let order = SalesOrder { number: some("TWS-1"), status: "Open", issued: issued(), ..SalesOrder::default() };
    book.enter_order("107", order);
    let again = book.sales_orders[book.sales_orders.len() - 1].clone();
    book.sales_orders.push(again);

    book.enter("108", Invoice { issued: issued(), ..invoice("MX-1", "5.00", "5.00") });
    book.enter("108", Invoice { issued: issued(), currency: Some("EUR"), ..invoice("MX-2", "6.00", "6.00") });
    let (date, total, currency) = (some("2026-02-01"), Some("4.00"), Some("EUR"));
    book.enter_payment("108", Payment { date, total, currency, ..Payment::default() });

    book.enter("110", Invoice { issued: issued(), ..invoice("BK-1", "5.00", "5.00") });
    for number in 1..=100 {
        book.enter(ENDLESS, Invoice { issued: issued(), ..invoice(&format!("EN-{number}"), "1.00", "1.00") });
    }
}

fn invoice(number: &str, total: &str, balance: &str) -> Invoice {
    Invoice { number: some(number), total: some(total), balance: some(balance), ..Invoice::default() }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}
