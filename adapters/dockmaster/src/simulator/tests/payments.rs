use super::*;

#[test]
fn the_history_names_what_was_paid_and_more() {
    let running = running();
    let history = |query: &str| ask(running.address(), &format!("{HISTORY}?{query}"), &[], "");
    let body = history("CustomerId=MARINA01&PendingOnly=False").body;
    let named = ["099500", "099500", "099120", "099120", "0099500", "SD-4410", "100250"];
    assert_eq!(all(&body, "InvoiceId").into_iter().flatten().collect::<Vec<_>>(), named);
    assert_eq!(all(&body, "DepositDoc").into_iter().flatten().collect::<Vec<_>>(), ["WOD-501003", "SD-4410"]);
    assert_eq!(texts(&body, "TotalPaymentAmt"), ["99.99", "1550.00", "55.55", "380.00", "600.00"]);
    assert!(all(&body, "PostedDate").iter().all(Option::is_some));
    let invoices = ask(running.address(), INVOICES, &[JSON], &serde_json::to_string(&named).unwrap()).body;
    assert_eq!(texts(&invoices, "CustomerId"), ["MARINA01", "MARINA01", "MARINA01", "MARINA10"]);
    assert_eq!(texts(&invoices, "InvoiceBalance"), ["2400.00", "0.00", "0.00", "0.00"]);

    assert_eq!(history("CustomerId=MARINA01&PendingOnly=true").body, "[]");
    let pending = history("CustomerId=PENDING02&PendingOnly=true").body;
    assert_eq!(pending, history("CustomerId=PENDING02").body);
    assert_eq!(all(&pending, "PostedDate"), [None, None]);
    assert_eq!(history("CustomerId=nobody").body, "[]");
    for query in ["", "CustomerId=+", "CustomerId=MARINA01&PendingOnly=perhaps"] {
        assert_eq!(history(query).status, 400, "{query}");
    }
    assert_eq!(running.calls(Endpoint::PaymentHistory), 8);
}

#[test]
fn four_hundred_paid_invoices_come_by_hundreds() {
    let running = running();
    let body = ask(running.address(), &format!("{HISTORY}?CustomerId=HISTORY09"), &[], "").body;
    let ids = texts(&body, "InvoiceId");
    assert_eq!(ids.len(), 400);
    for batch in ids.chunks(INVOICES_PER_CALL) {
        let body = ask(running.address(), INVOICES, &[JSON], &serde_json::to_string(batch).unwrap()).body;
        assert_eq!(texts(&body, "Id"), batch);
        assert!(texts(&body, "InvoiceBalance").iter().all(|balance| balance == "0.00"));
        assert!(texts(&body, "CustomerId").iter().all(|owner| owner == "HISTORY09"));
    }
    for (line, headers) in [(INVOICES, &[JSON][..]), ("POST /api/v1/AR/RetrieveInvoices", &[JSON, SYSTEM])] {
        let answer = ask(running.address(), line, headers, &serde_json::to_string(&ids[..101]).unwrap());
        assert_eq!(answer.status, 400);
    }
    let open = ask(running.address(), &format!("{INQUIRY}?CustomerId=HISTORY09"), &[], "").body;
    assert_eq!(texts(&open, "Id"), ["900401", "900402"]);
}
