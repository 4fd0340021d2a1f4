//! The codes of a document's items: asked for gently, and never in the way.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use livegate_adapter_alloy::KIND;
use livegate_core::{CallContext, Connection, Invoice, Result, Settings, Transport};
use tokio::time::Instant;

use crate::key;

/// An Alloy with one invoice of 62 lines over 31 items, each of which takes its time.
struct Shop {
    takes: Option<Duration>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    asked: Mutex<Vec<String>>,
}

impl Shop {
    fn new(takes: Option<Duration>) -> Arc<Self> {
        let (under_way, most_under_way) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { takes, under_way, most_under_way, asked: Mutex::default() })
    }

    /// The invoice, asked for with ten seconds to go.
    async fn invoice(self: &Arc<Self>) -> Invoice {
        let settings = [("base_url", "https://alloy.example"), ("credential_id", "c"), ("api_key", "k")];
        let settings = Settings::from_texts(KIND.fields, settings).unwrap();
        let transport = Arc::<Self>::clone(self);
        let adapter = (KIND.connect)(Connection { settings, transport, document_cap: 10 }).unwrap();
        let cx = CallContext::new("items", Duration::from_secs(10));
        adapter.invoice(&cx, &key("A", "1")).await.unwrap().unwrap()
    }
}

#[async_trait]
impl Transport for Shop {
    async fn send(&self, _cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let path = request.uri().path();
        let body = if path.ends_with("/customers") {
            r#"{"customers":[{"id":"a","remoteId":"A"}]}"#.to_owned()
        } else if path.ends_with("/invoices") && request.uri().query().unwrap().contains("pageNumber=2") {
            r#"{"invoices":[]}"#.to_owned()
        } else if path.ends_with("/invoices") {
            let line = |n: usize| format!(r#"{{"accountingItemId":"i{:02}","quantity":1}}"#, n / 2);
            let lines = (0..62).map(line).collect::<Vec<_>>().join(",");
            format!(r#"{{"invoices":[{{"id":"1","invoiceNumber":"1","customerId":"a","lineItems":[{lines}]}}]}}"#)
        } else {
            let id = path.rsplit('/').next().unwrap().to_owned();
            let body = format!(r#"{{"item":{{"id":"{id}","remoteId":"r-{id}","itemName":"n-{id}"}}}}"#);
            self.asked.lock().unwrap().push(id);
            let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_under_way.fetch_max(under_way, Ordering::SeqCst);
            match self.takes {
                Some(takes) => tokio::time::sleep(takes).await,
                None => pending().await,
            }
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            body
        };
        Ok(http::Response::new(body.into()))
    }
}

#[tokio::test(start_paused = true)]
async fn each_item_is_asked_for_once_a_few_at_a_time_and_not_too_many() {
    let shop = Shop::new(Some(Duration::from_millis(100)));
    let lines = shop.invoice().await.lines.unwrap();
    let asked = shop.asked.lock().unwrap().clone();
    assert_eq!((asked.len(), asked.iter().collect::<BTreeSet<_>>().len()), (25, 25));
    assert_eq!(shop.most_under_way.load(Ordering::SeqCst), 5);
    assert_eq!(lines.len(), 62);
    for (n, line) in lines.iter().enumerate() {
        let code = format!("i{:02}", n / 2);
        let expected = asked.contains(&code).then(|| (format!("r-{code}"), format!("n-{code}")));
        assert_eq!(line.item_id.clone().zip(line.sku.clone()), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn items_that_nobody_tells_cost_half_of_the_time_and_their_codes() {
    let shop = Shop::new(None);
    let began = Instant::now();
    let lines = shop.invoice().await.lines.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    assert!(lines.len() == 62 && lines.iter().all(|line| line.item_id.is_none() && line.sku.is_none()));
}
