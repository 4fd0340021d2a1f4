use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::AWKWARD;
use super::json::Json;

/// All that the system knows: documents with the customer in whose list they stand.
pub(super) struct Customers {
    balances: Vec<(&'static str, Json)>,
    pub orders: Vec<(String, Json)>,
    pub invoices: Vec<(String, Json)>,
}

impl Customers {
    pub(super) fn new() -> Self {
        let mut customers = Self { balances: balances(), orders: Vec::new(), invoices: Vec::new() };
        customers.acme();
        customers.exact();
        customers.dates();
        customers.order("SPARSE05", r#"{"order_id":"P1","customer_code":"SPARSE05","total":null,"order_lines":null}"#);
        customers
            .invoice("SPARSE05", r#"{"invoice_id":"P2","customer_code":"SPARSE05","balance":null,"customer_po":null}"#);
        for number in 1..=250 {
            let day = date(2025, 1, 1) + number.days();
            customers.order("FLEET08", &order(&format!("F{number}"), "FLEET08", day, "Open", number));
            customers.invoice("FLEET08", &invoice(&format!("G{number}"), "FLEET08", day, "Open", number));
        }
        for (number, id) in (1..).zip([r#"A/1?x=&"y""#, "A 2 é"]) {
            customers.order(AWKWARD, &order(id, AWKWARD, date(2026, 4, 1), "Open", number));
            customers.invoice(AWKWARD, &invoice(id, AWKWARD, date(2026, 4, 1), "Open", number));
        }
        customers
    }

    pub(super) fn balance(&self, customer: &str) -> Option<&Json> {
        let known = self.balances.iter().find(|(code, _)| code.eq_ignore_ascii_case(customer.trim()));
        known.map(|(_, balance)| balance)
    }

    fn order(&mut self, listed_for: &str, text: &str) {
        self.orders.push((listed_for.to_owned(), Json::read(text)));
    }

    fn invoice(&mut self, listed_for: &str, text: &str) {
        self.invoices.push((listed_for.to_owned(), Json::read(text)));
    }

    fn acme(&mut self) {
        self.order("ACME001", include_str!("../../fixtures/order.json"));
        self.invoice("ACME001", include_str!("../../fixtures/invoice.json"));
        let same_day = date(2026, 3, 1);
        for (number, id) in (1..).zip(["9", "10", "100"]) {
            self.order("ACME001", &order(&format!("S{id}"), "ACME001", same_day, "Shipped", number));
            self.invoice("ACME001", &invoice(&format!("I{id}"), "ACME001", same_day, "Paid", number));
        }
        for number in 4..=16 {
            let day = same_day + (number * 9).days();
            let status = if number == 7 { "Cancelled" } else { "Open" };
            self.order("ACME001", &order(&format!("S20{number:02}"), "ACME001", day, status, number));
            self.invoice("ACME001", &invoice(&format!("I20{number:02}"), "ACME001", day, "Open", number));
        }
        // Twice the same, and something of somebody else's.
        let (order_again, invoice_again) =
            (order("S9", "ACME001", same_day, "Shipped", 1), invoice("I9", "ACME001", same_day, "Paid", 1));
        self.order("ACME001", &order_again);
        self.invoice("ACME001", &invoice_again);
        for listed_for in ["ACME001", "ACME0010"] {
            self.order(listed_for, &order("T7001", "ACME0010", date(2026, 2, 1), "Open", 70));
            self.invoice(listed_for, &invoice("T8001", "ACME0010", date(2026, 2, 1), "Open", 80));
        }
        self.order("ACME001", &order("S7777", "ACME001", same_day, "Deleted", 77));
        self.order("ACME001", &order("S7778", "ACME001", same_day, "Draft", 78));
        self.invoice("ACME001", &invoice("I7777", "ACME001", same_day, "Void", 77));
    }

    fn exact(&mut self) {
        self.order(
            "EXACT07",
            r#"{"order_id":"X1","customer_code":"EXACT07","order_status_description":"Open","order_date":"2026-01-02T00:00:00",
                "discount_total":-0.005,"sub_total":283.92,"tax_total":0.10,"total":1234567890123456.78,
                "order_lines":[{"line_no":1,"product_id":"P-1","qty":"2.50","qty_shipped":"0","unit_price":0.125,
                                "tax":0.10,"total":12345678901234567890123456.78}]}"#,
        );
        self.invoice(
            "EXACT07",
            r#"{"invoice_id":"X2","customer_code":"EXACT07","invoice_date":"2026-01-02T00:00:00","discount":-0.005,
                "sub_total":283.92,"tax_total":0.10,"total":1234567890123456.78,"balance":0.10,
                "invoice_lines":[{"item_id":"P-1","qty":"2.50","qty_shipped":"2","unit_price":"8.125","tax":0.10,
                                  "price":"1234567890123456.70"}]}"#,
        );
    }

    fn dates(&mut self) {
        self.order(
            "DATES06",
            r#"{"order_id":"D1","customer_code":"DATES06","order_date":"2026-03-01T00:00:00","ship_date":"2026-03-08T02:30:00",
                "tracking_information":[{"tracking_number":"1","delivery_date":"2026-03-09T00:00:00+13:00",
                                         "status_time":"2026-03-08T02:30:00.250Z"}]}"#,
        );
        self.order(
            "DATES06",
            r#"{"order_id":"D2","customer_code":"DATES06","order_date":"2026-03-01T00:00:00-05:00","ship_date":"2026-11-01T01:30:00-04:00"}"#,
        );
        self.order("DATES06", r#"{"order_id":"D3","customer_code":"DATES06","order_date":"soon","ship_date":""}"#);
        self.invoice(
            "DATES06",
            r#"{"invoice_id":"D4","customer_code":"DATES06","invoice_date":"2026-03-01","duedate":"2026-02-31T00:00:00","balance":1}"#,
        );
        self.invoice(
            "DATES06",
            r#"{"invoice_id":"D5","customer_code":"DATES06","order_date":"2026-03-29T02:30:00+01:00","invoice_date":"0001-01-01T00:00:00",
                "duedate":"2026-10-25T00:00:00","balance":1}"#,
        );
    }
}

fn balances() -> Vec<(&'static str, Json)> {
    let acme = Json::read(include_str!("../../fixtures/customer-balance.json"));
    let zeros = r#""total_due":0,"due_30_days":0,"due_60_days":0,"due_90_days":0,"due_120_days":0,"due_over_120_days":0,"open_credits":0"#;
    let known = |code: &str, members: &str| Json::read(&format!(r#"{{"customer_code":{},{members}}}"#, quoted(code)));
    vec![
        ("ACME001", acme.clone()),
        ("ACME0010", known("ACME0010", &format!(r#""balance":71.10,{zeros}"#))),
        // It is asked about one customer and answers about another.
        ("GHOST13", acme),
        ("EMPTY04", known("EMPTY04", &format!(r#""balance":0,{zeros}"#))),
        ("SPARSE05", known("SPARSE05", r#""balance":10.00,"total_due":null,"last_sale_date":null,"due_30_days":null"#)),
        (
            "DATES06",
            known(
                "DATES06",
                r#""balance":2,"last_charge_date":"2026-03-08T02:30:00.163","last_sale_date":"2026-03-01T00:00:00+13:00",
                   "last_payment_date":"1900-01-01T00:00:00""#,
            ),
        ),
        (
            "EXACT07",
            known(
                "EXACT07",
                r#""balance":1234567890123456.78,"due_30_days":0.10,"due_60_days":283.92,"due_90_days":-0.005,"due_120_days":0,
                   "due_over_120_days":5.0,"open_credits":0.005,"last_payment_amount":12345678901234567890123456.78,
                   "credit_available":1.50,"tax_id":"TAXID-EXACT07","card_last_four":4242"#,
            ),
        ),
        ("FLEET08", known("FLEET08", &format!(r#""balance":250,{zeros}"#))),
        (AWKWARD, known(AWKWARD, &format!(r#""balance":12.34,{zeros}"#))),
    ]
}

/// An order of one line. What the contract does not name, such as costs, must never leave the adapter.
fn order(id: &str, customer: &str, day: Date, status: &str, number: i32) -> String {
    let (id, customer) = (quoted(id), quoted(customer));
    let user = if number % 2 == 0 { "U2" } else { "U1" };
    format!(
        r#"{{"order_id":{id},"customer_code":{customer},"user":"{user}","order_type_description":"Order",
            "order_status_description":"{status}","order_date":"{day}T00:00:00","ship_date":"{day}T15:04:05",
            "discount_total":0,"sub_total":{number}.50,"tax_total":0.25,"total":{number}.75,"unit_cost":7777.77,
            "billing_details":{{"customer_code":{customer},"name":"Bill {number}","city":"GIBSONBURG","state":"OH","postal_code":"43431"}},
            "shipping_details":{{"customer_code":{customer},"name":"Ship {number}","address1":"Pier {number}"}},
            "ordered_by":"Buyer {number}","customer_po":"PO-{number}","order_comments":null,"third_party_order_number":"EVOX{number}",
            "order_lines":[{{"line_no":1,"product_id":"100{number}","sku":"SKU-{number}","description":"Shackle","note":null,"uom":"EA",
                             "qty":"{number}","qty_shipped":"1","unit_price":1.50,"cost":7777.77,"tax":0.25,"total":{number}.75}}]}}"#
    )
}

fn invoice(id: &str, customer: &str, day: Date, status: &str, number: i32) -> String {
    let (id, customer) = (quoted(id), quoted(customer));
    let open = if status == "Open" { format!("{number}.75") } else { "0.00".to_owned() };
    format!(
        r#"{{"invoice_id":{id},"customer_code":{customer},"order_id":"S{number}","invoice_status_description":"{status}",
            "billing_details":{{"customer_id":"1795","name":"Bill {number}","address3":"Dock 3","city":"GIBSONBURG","state":"OH","postal_code":"43431"}},
            "shipping_details":{{"customer_id":"1795","name":"Ship {number}","address1":"Pier {number}"}},
            "order_date":"{day}T00:00:00","invoice_date":"{day}T00:00:00","duedate":"{due}T00:00:00","discount":0,
            "sub_total":{number}.50,"tax_total":0.25,"total":{number}.75,"balance":{open},"customer_po":"PO-{number}","note":null,
            "invoice_lines":[{{"item_id":"100{number}","sku":"SKU-{number}","qty":"{number}","qty_shipped":"1","description":"Shackle",
                               "uom":"EA","unit_price":"1.50","tax":0.25,"price":"{number}.75","note":null,"cost":7777.77}}]}}"#,
        due = day + 30.days(),
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_one() {
        let customers = Customers::new();
        let documents = customers.orders.iter().chain(&customers.invoices).map(|(_, document)| document);
        let balances = customers.balances.iter().map(|(_, balance)| balance);
        for document in documents.clone().chain(balances) {
            assert!(matches!(document, Json::Object(_)), "a document that is no JSON");
            assert!(!document.text("customer_code").is_empty());
        }
        assert!(documents.clone().count() > 500);
        let samples = ["S3085810", "S009007634"].map(|id| {
            documents
                .clone()
                .filter(|document| [document.text("order_id"), document.text("invoice_id")].contains(&id))
                .count()
        });
        // The invoice names its order.
        assert_eq!(samples, [2, 1]);
    }
}
