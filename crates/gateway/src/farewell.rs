use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::Shared;
use livegate_core::{CallContext, Erp, ErpAdapter, ErpError, ErrorKind, Query, Reply, Result};
use livegate_http::CLOSING_TIME;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long the last calls of a replaced connection may take before it is closed under them.
const LAST_CALLS: Duration = Duration::from_secs(60);

/// How often it is looked whether a connection has had its last call.
const LOOK: Duration = Duration::from_millis(100);

/// How long logging out may take at the end of the process, whose operator waits for it.
pub(crate) const LAST_LOGOUT: Duration = Duration::from_secs(15);

/// The connections that were replaced or are not wanted any more, until they have logged out.
pub(crate) struct Farewells {
    runtime: Handle,
    under_way: Mutex<JoinSet<()>>,
    /// Told when the process ends: nobody waits for last calls any more.
    ending: watch::Sender<bool>,
}

/// Becomes ready when a connection has logged out.
#[derive(Clone)]
pub(crate) struct Gone(Shared<oneshot::Receiver<()>>);

impl Gone {
    pub(crate) fn is_gone(&self) -> bool {
        self.0.clone().now_or_never().is_some()
    }
}

impl Farewells {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self { runtime, under_way: Mutex::default(), ending: watch::Sender::new(false) }
    }

    /// Logs out as soon as the last call that still uses the connection has ended, and the connection `before` it has
    /// logged out too. Whoever holds the connection is taken for a call, so the caller lets go of it.
    pub(crate) fn begin(&self, adapter: Arc<dyn ErpAdapter>, before: Option<Gone>) -> Gone {
        let (gone, is_gone) = oneshot::channel();
        let mut ending = self.ending.subscribe();
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        while under_way.try_join_next().is_some() {}
        let farewell = async move {
            let limit = Instant::now() + LAST_CALLS;
            while Arc::strong_count(&adapter) > 1 && Instant::now() < limit && !*ending.borrow() {
                // Looking again is all that comes after either.
                let _ = tokio::time::timeout(LOOK, ending.changed()).await;
            }
            // Whoever comes after it waits for no more than that, however hesitant the ERP.
            log_out(&*adapter, "retired", CLOSING_TIME).await;
            if let Some(Gone(before)) = before {
                let _ = before.await;
            }
            // Nobody may wait for it.
            let _ = gone.send(());
        };
        under_way.spawn_on(farewell, &self.runtime);
        Gone(is_gone.shared())
    }

    /// Ends them all, at the end of the process.
    pub(crate) async fn end(&self) {
        self.ending.send_replace(true);
        let mut under_way = std::mem::take(&mut *self.under_way.lock().unwrap_or_else(PoisonError::into_inner));
        // One that panicked has been logged, and the others still log out.
        while under_way.join_next().await.is_some() {}
    }
}

/// Logs out, for as long as one may wait for that.
pub(crate) async fn log_out(adapter: &dyn ErpAdapter, why: &str, limit: Duration) {
    let cx = CallContext::new(why, limit);
    let closing = AssertUnwindSafe(adapter.close(&cx)).catch_unwind();
    let adapter = adapter.kind().name;
    match tokio::time::timeout(limit, closing).await {
        Ok(Ok(())) => {}
        Ok(Err(_panic)) => tracing::error!(adapter, "logging out panicked: this is a defect of the adapter"),
        Err(_) => tracing::warn!(adapter, "an ERP did not let livegate log out in time"),
    }
}

/// A connection that takes the place of another one: its calls begin when that one has logged out, because an ERP that counts
/// its sessions would otherwise count this one twice. It stands before all layers, for none of which it is the ERP's time.
pub(crate) struct Successor {
    pub(crate) erp: Arc<dyn Erp>,
    pub(crate) before: Gone,
}

#[async_trait]
impl Erp for Successor {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        if tokio::time::timeout_at(cx.deadline, self.before.0.clone()).await.is_err() {
            let message = "the settings have changed, and calls under the old ones are still under way; try again";
            return Err(ErpError::new(ErrorKind::Overloaded, message).with_retry_after(Duration::from_secs(1)));
        }
        self.erp.call(cx, query).await
    }
}

#[cfg(test)]
mod tests {
    use livegate_core::{AccountQuery, AdapterKind, CallerIds, Capabilities, CustomerCode};

    use super::*;

    static KIND: AdapterKind = AdapterKind {
        name: "ledger",
        title: "Ledger",
        capabilities: Capabilities::NONE,
        fields: &[],
        connect: |_| Err(ErpError::internal("connections are made by hand here")),
        simulator: None,
        demo: &[],
    };

    /// Notes what happens to it, in the order in which it happens.
    struct Ledger {
        name: &'static str,
        notes: Arc<Mutex<Vec<String>>>,
    }

    #[async_trait]
    impl ErpAdapter for Ledger {
        fn kind(&self) -> &'static AdapterKind {
            &KIND
        }

        async fn ping(&self, _cx: &CallContext) -> Result<()> {
            Ok(())
        }

        async fn account(&self, _cx: &CallContext, _query: &AccountQuery) -> Result<Option<livegate_core::Account>> {
            self.notes.lock().unwrap().push(format!("{} called", self.name));
            Ok(None)
        }

        async fn close(&self, _cx: &CallContext) {
            self.notes.lock().unwrap().push(format!("{} closed", self.name));
        }
    }

    type Notes = Arc<Mutex<Vec<String>>>;

    fn ledger(name: &'static str, notes: &Notes) -> Arc<dyn ErpAdapter> {
        Arc::new(Ledger { name, notes: Arc::clone(notes) })
    }

    fn told(notes: &Notes) -> Vec<String> {
        notes.lock().unwrap().clone()
    }

    fn question() -> Query {
        Query::Account(AccountQuery { customer: CustomerCode::new("A").unwrap(), caller: CallerIds::default() })
    }

    #[tokio::test(start_paused = true)]
    async fn it_logs_out_after_the_last_call_and_under_a_call_that_does_not_end() {
        let notes = Notes::default();
        let farewells = Farewells::new(Handle::current());
        let adapter = ledger("old", &notes);
        let call = Arc::clone(&adapter);
        let gone = farewells.begin(adapter, None);
        tokio::time::sleep(LAST_CALLS / 2).await;
        assert!(told(&notes).is_empty() && !gone.is_gone());
        drop(call);
        tokio::time::sleep(LOOK * 2).await;
        assert!(gone.is_gone());
        assert_eq!(told(&notes), ["old closed"]);

        let stuck = ledger("stuck", &notes);
        let _call = Arc::clone(&stuck);
        farewells.begin(stuck, None);
        tokio::time::sleep(LAST_CALLS + LOOK * 2).await;
        assert_eq!(told(&notes), ["old closed", "stuck closed"]);
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_end_nobody_waits_for_calls_and_everybody_has_logged_out() {
        let notes = Notes::default();
        let farewells = Farewells::new(Handle::current());
        let adapter = ledger("old", &notes);
        let _call = Arc::clone(&adapter);
        farewells.begin(adapter, None);
        tokio::task::yield_now().await;
        let began = Instant::now();
        farewells.end().await;
        assert_eq!(told(&notes), ["old closed"]);
        assert!(began.elapsed() < LOOK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_successor_calls_when_all_before_it_have_logged_out() {
        let notes = Notes::default();
        let farewells = Farewells::new(Handle::current());
        let (first, second) = (ledger("first", &notes), ledger("second", &notes));
        let call = Arc::clone(&first);
        let gone = farewells.begin(first, None);
        // Never called, so that it has nothing to wait for but the one before it.
        let gone = farewells.begin(second, Some(gone));
        let third: Arc<dyn Erp> = ledger("third", &notes);
        let successor = Arc::new(Successor { erp: third, before: gone });
        let cx = CallContext::new("test", Duration::from_secs(10));
        let early = Arc::clone(&successor);
        let early = tokio::spawn(async move { early.call(&cx, &question()).await });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(told(&notes), ["second closed"]);
        drop(call);
        assert!(early.await.unwrap().is_ok());
        assert_eq!(told(&notes), ["second closed", "first closed", "third called"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_successor_that_waits_too_long_is_overloaded() {
        let notes = Notes::default();
        let farewells = Farewells::new(Handle::current());
        let adapter = ledger("old", &notes);
        let _call = Arc::clone(&adapter);
        let before = farewells.begin(adapter, None);
        let successor = Successor { erp: ledger("new", &notes), before };
        let cx = CallContext::new("test", Duration::from_secs(10));
        let error = successor.call(&cx, &question()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Overloaded);
        assert!(told(&notes).is_empty());
    }
}
