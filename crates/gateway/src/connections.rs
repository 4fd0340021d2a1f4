use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use livegate_core::{Capabilities, CustomerCode, Erp, ErpAdapter, ErpError, ErrorKind, LimitSettings, Result};
use livegate_http::{Rate, paced};
use livegate_layers::{AnswerStore, KeptAnswers, Observer, StackSettings, Stacked, stack};
use livegate_live::{CustomerFrom, Rules, tidy};
use livegate_tenants::{self as tenants, Tenant, TenantId};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::events::Events;
use crate::farewell::{Farewells, Gone, LAST_LOGOUT, Successor, log_out};
use crate::metrics::{Metrics, TenantObserver};
use crate::setup::Setup;

/// A connection that nobody used for so long is closed; the next call opens it again.
pub(crate) const IDLE: Duration = Duration::from_secs(30 * 60);

/// The part of all kept answers' room that one connection may fill.
const SHARE: usize = 4;

/// The open connections, one per tenant, each with its own layers.
pub(crate) struct Connections {
    store: AnswerStore,
    metrics: Arc<Metrics>,
    events: Arc<Events>,
    runtime: Handle,
    desk: Mutex<Desk>,
    farewells: Farewells,
    /// The rates of those ERPs that state one. They outlive connections: an ERP goes on counting.
    rates: Mutex<HashMap<(TenantId, &'static str), Arc<Rate>>>,
    made: AtomicU64,
}

/// One tenant's connection as a call uses it.
pub(crate) struct Line {
    pub(crate) erp: Arc<dyn Erp>,
    kept: KeptAnswers,
    /// No other connection of this process has had it.
    pub(crate) number: u64,
    pub(crate) capabilities: Arc<Capabilities>,
}

#[derive(Default)]
struct Desk {
    open: HashMap<TenantId, Open>,
    /// The process ends: nobody would close another one.
    closed: bool,
    /// Connections on their way out that a next one of their tenant waits for.
    leaving: HashMap<TenantId, Gone>,
}

struct Open {
    line: Arc<Line>,
    adapter: Arc<dyn ErpAdapter>,
    digest: [u8; 32],
    setup: u64,
    used: Instant,
    /// The connection in whose place it came, until that has logged out.
    before: Option<Gone>,
}

impl Connections {
    /// Connections whose kept answers take at most `kept_bytes`, and whose flights run on `runtime`, the process's own: a web worker's runtime is single-threaded.
    pub(crate) fn new(kept_bytes: usize, metrics: Arc<Metrics>, events: Arc<Events>, runtime: Handle) -> Self {
        Self {
            store: AnswerStore::new(kept_bytes, kept_bytes / SHARE),
            metrics,
            events,
            farewells: Farewells::new(runtime.clone()),
            runtime,
            desk: Mutex::default(),
            rates: Mutex::default(),
            made: AtomicU64::default(),
        }
    }

    /// The tenant's connection, made now if it is the first call or if tenant or setup changed. Nothing is sent by that.
    ///
    /// # Errors
    /// What the adapter or the transport says about the settings.
    pub(crate) fn line(&self, setup: &Setup, tenant: &Tenant) -> Result<Arc<Line>> {
        let mut desk = self.desk();
        let current = |found: &&mut Open| found.digest == tenant.digest && found.setup == setup.number;
        if let Some(found) = desk.open.get_mut(&tenant.id).filter(current) {
            found.used = Instant::now();
            return Ok(Arc::clone(&found.line));
        }
        if desk.closed {
            return Err(ErpError::new(ErrorKind::Unavailable, "the gateway is shutting down; ask again"));
        }
        let rate = self.rate(tenant);
        let adapter = setup.connect_through(tenant, |transport| match rate {
            Some(rate) => paced(transport, rate),
            None => transport,
        })?;
        self.retire(&mut desk, &tenant.id);
        let before = desk.leaving.get(&tenant.id).cloned();
        let line = Arc::new(self.layered(setup, tenant, &adapter, before.clone()));
        let (digest, setup, used) = (tenant.digest, setup.number, Instant::now());
        let made = Open { line: Arc::clone(&line), adapter, digest, setup, used, before };
        desk.open.insert(tenant.id.clone(), made);
        self.metrics.connections(desk.open.len());
        Ok(line)
    }

    /// Closes the connections that nobody used for [`IDLE`], and those that `wanted` no longer knows.
    pub(crate) fn sweep(&self, wanted: impl Fn(&TenantId, &[u8; 32], u64) -> bool) {
        let mut desk = self.desk();
        let unwanted =
            |(id, found): &(&TenantId, &Open)| found.used.elapsed() >= IDLE || !wanted(id, &found.digest, found.setup);
        let gone: Vec<TenantId> = desk.open.iter().filter(unwanted).map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.retire(&mut desk, &id);
        }
        desk.leaving.retain(|_, leaving| !leaving.is_gone());
        self.metrics.connections(desk.open.len());
        drop(desk);
        // It frees what has outlived its windows, which happens in passing only while calls come.
        let _ = self.store.bytes();
    }

    /// Forgets every kept answer, to have memory for calls.
    pub(crate) fn forget_answers(&self) {
        self.store.clear();
    }

    /// Forgets the tenant's kept answers, one customer's or all, and tells how many there were and of which connection.
    pub(crate) fn purge(&self, tenant: &TenantId, customer: Option<&CustomerCode>) -> Option<(usize, u64)> {
        let line = self.desk().open.get(tenant).map(|found| Arc::clone(&found.line));
        let line = line?;
        let purged = line.kept.purge(|query| {
            customer.is_none_or(|code| query.customer().is_same_customer(code, line.capabilities.case_sensitive_codes))
        });
        Some((purged, line.number))
    }

    /// Logs out everywhere, replaced connections included; at the end of the process.
    pub(crate) async fn close(&self) {
        let open = {
            let mut desk = self.desk();
            desk.closed = true;
            std::mem::take(&mut desk.open)
        };
        let logouts =
            futures::future::join_all(open.values().map(|found| log_out(&*found.adapter, "shutdown", LAST_LOGOUT)));
        futures::future::join(logouts, self.farewells.end()).await;
    }

    /// Takes the tenant's connection off the desk and lets it log out after its last call.
    fn retire(&self, desk: &mut Desk, tenant: &TenantId) {
        let Some(Open { line, adapter, before, .. }) = desk.open.remove(tenant) else { return };
        let is_counted = line.capabilities.limits.counts_sessions;
        // Calls hold the layers, and flights that outlive their callers hold the adapter through them.
        drop(line);
        let gone = self.farewells.begin(adapter, before);
        if is_counted {
            desk.leaving.insert(tenant.clone(), gone);
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rate(&self, tenant: &Tenant) -> Option<Arc<Rate>> {
        let stated = tenant.adapter.capabilities.limits.requests_per_minute?;
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(
            rates.entry((tenant.id.clone(), tenant.adapter.name)).or_insert_with(|| Arc::new(Rate::new(stated))),
        ))
    }

    fn layered(&self, setup: &Setup, tenant: &Tenant, adapter: &Arc<dyn ErpAdapter>, before: Option<Gone>) -> Line {
        let capabilities = Arc::new(adapter.capabilities().clone());
        let tidy = {
            let (rules, capabilities) = (rules(tenant), Arc::clone(&capabilities));
            Arc::new(move |query: &_, answer| Ok(tidy(&rules, &capabilities, query, answer)))
        };
        let observer: Arc<dyn Observer> =
            Arc::new(TenantObserver::new(tenant.id.clone(), Arc::clone(&self.metrics), Arc::clone(&self.events)));
        let concurrency = tenant.limit.concurrency.or(capabilities.limits.concurrency);
        let settings = StackSettings {
            cache: tenant.cache,
            retry: tenant.retry,
            breaker: tenant.breaker,
            limit: LimitSettings { concurrency, ..tenant.limit },
            deadline: setup.config.deadline,
            runtime: self.runtime.clone(),
        };
        let erp: Arc<dyn Erp> = Arc::clone(adapter) as Arc<dyn Erp>;
        let Stacked { mut erp, kept } = stack(erp, &capabilities, tidy, &self.store, &settings, observer);
        if let Some(before) = before {
            erp = Arc::new(Successor { erp, before });
        }
        Line { erp, kept, number: self.made.fetch_add(1, Ordering::Relaxed), capabilities }
    }
}

/// What the tenant decides about its answers.
pub(crate) fn rules(tenant: &Tenant) -> Rules {
    Rules {
        time_zone: tenant.time_zone.clone(),
        currency: tenant.currency.clone(),
        customer_from: match tenant.customer_from {
            tenants::CustomerFrom::CustomerCode => CustomerFrom::CustomerCode,
            tenants::CustomerFrom::SellerReference => CustomerFrom::SellerReference,
        },
    }
}
