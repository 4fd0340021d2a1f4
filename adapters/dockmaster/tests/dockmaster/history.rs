//! Paid invoices, as far as payments name them.

use livegate_adapter_dockmaster::simulator::{Endpoint, Options};

use crate::answers::start;
use crate::{Dealer, FORMATS};

#[tokio::test]
async fn with_paid_brings_the_paid_ones_that_payments_name_and_nobody_elses() {
    let running = start(Options::default());
    for format in FORMATS {
        let open = Dealer::of(running.address(), &[("format", format)]).invoices("MARINA01").await.unwrap();
        let settings = [("format", format), ("invoice_history", "with_paid")];
        let dealer = Dealer::of(running.address(), &settings);
        let all = dealer.invoices("MARINA01").await.unwrap();
        assert_eq!(&all[..open.len()], &open[..], "the open ones stay as they are");
        let mut paid: Vec<(&str, String)> = all[open.len()..]
            .iter()
            .map(|invoice| (invoice.id.as_str(), invoice.balance.unwrap().shortest()))
            .collect();
        paid.sort();
        assert_eq!(paid, [("099120", "0".to_owned()), ("099500", "0".to_owned())]);
        assert_eq!(dealer.covers_invoices(), Some("open invoices, and paid ones that payments name"));
        assert_eq!(dealer.invoices("NOBODY").await.unwrap(), []);
    }
}

#[tokio::test]
async fn four_hundred_paid_invoices_cost_as_many_calls_as_the_readme_says() {
    let running = start(Options::default());
    let dealer = Dealer::of(running.address(), &[("invoice_history", "with_paid")]);
    assert_eq!(dealer.invoices("HISTORY09").await.unwrap().len(), 402);
    // 1 inquiry, 1 record, 1 payment history, 400 invoices in batches of 50.
    let calls =
        [Endpoint::CustomerArInquiry, Endpoint::RetrieveCustomer, Endpoint::PaymentHistory, Endpoint::RetrieveInvoices]
            .map(|endpoint| running.calls(endpoint));
    assert_eq!(calls, [1, 1, 1, 8]);
}

#[tokio::test]
async fn the_history_counts_towards_the_document_cap() {
    let running = start(Options::default());
    let base_url = format!("http://{}/", running.address());
    let settings = [("invoice_history", "with_paid")];
    for (cap, whole) in [(402, true), (401, false)] {
        let dealer = Dealer::through(crate::loopback(), &base_url, &settings, cap).unwrap();
        assert_eq!(dealer.invoices("HISTORY09").await.is_ok(), whole, "{cap}");
    }
}
