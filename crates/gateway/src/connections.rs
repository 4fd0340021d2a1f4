use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use livegate_core::{CallContext, Capabilities, CustomerCode, Erp, ErpAdapter, LimitSettings, Result};
use livegate_http::{Rate, paced};
use livegate_layers::{AnswerStore, KeptAnswers, Observer, StackSettings, Stacked, stack};
use livegate_live::{CustomerFrom, Rules, tidy};
use livegate_tenants::{self as tenants, Tenant, TenantId};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::events::Events;
use crate::metrics::{Metrics, TenantObserver};
use crate::setup::Setup;

/// A connection that nobody used for so long is closed; the next call opens it again.
pub(crate) const IDLE: Duration = Duration::from_secs(30 * 60);

/// How long the last calls of a replaced connection may take before it is closed under them.
const LAST_CALLS: Duration = Duration::from_secs(60);

/// How long logging out may take.
const LOGOUT: Duration = Duration::from_secs(5);

/// The open connections, one per tenant, each with its own layers.
pub(crate) struct Connections {
    store: AnswerStore,
    metrics: Arc<Metrics>,
    events: Arc<Events>,
    runtime: Handle,
    open: Mutex<HashMap<TenantId, Open>>,
    /// The rates of those ERPs that state one. They outlive connections: an ERP goes on counting.
    rates: Mutex<HashMap<(TenantId, &'static str), Arc<Rate>>>,
}

/// One tenant's connection as a call uses it.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) erp: Arc<dyn Erp>,
    kept: KeptAnswers,
    pub(crate) capabilities: Arc<Capabilities>,
}

struct Open {
    line: Line,
    adapter: Arc<dyn ErpAdapter>,
    digest: [u8; 32],
    setup: u64,
    used: Instant,
}

impl Connections {
    /// Connections whose flights run on `runtime`, the process's own: a web worker's runtime is single-threaded.
    pub(crate) fn new(metrics: Arc<Metrics>, events: Arc<Events>, runtime: Handle) -> Self {
        Self {
            store: AnswerStore::default(),
            metrics,
            events,
            runtime,
            open: Mutex::default(),
            rates: Mutex::default(),
        }
    }

    /// The tenant's connection, made now if it is the first call or if tenant or setup changed. Nothing is sent by that.
    ///
    /// # Errors
    /// What the adapter or the transport says about the settings.
    pub(crate) fn line(&self, setup: &Setup, tenant: &Tenant) -> Result<Line> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let current = |found: &&mut Open| found.digest == tenant.digest && found.setup == setup.number;
        if let Some(found) = open.get_mut(&tenant.id).filter(current) {
            found.used = Instant::now();
            return Ok(found.line.clone());
        }
        let rate = self.rate(tenant);
        let adapter = setup.connect_through(tenant, |transport| match rate {
            Some(rate) => paced(transport, rate),
            None => transport,
        })?;
        let line = self.layered(setup, tenant, &adapter);
        let made =
            Open { line: line.clone(), adapter, digest: tenant.digest, setup: setup.number, used: Instant::now() };
        if let Some(replaced) = open.insert(tenant.id.clone(), made) {
            self.retire(replaced);
        }
        self.metrics.connections(open.len());
        Ok(line)
    }

    /// Closes the connections that nobody used for [`IDLE`], and those that `wanted` no longer knows.
    pub(crate) fn sweep(&self, wanted: impl Fn(&TenantId, &[u8; 32], u64) -> bool) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<TenantId> = open
            .iter()
            .filter(|(id, found)| found.used.elapsed() >= IDLE || !wanted(id, &found.digest, found.setup))
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            if let Some(found) = open.remove(&id) {
                self.retire(found);
            }
        }
        self.metrics.connections(open.len());
    }

    /// Forgets the tenant's kept answers, one customer's or all, and tells how many there were.
    pub(crate) fn purge(&self, tenant: &TenantId, customer: Option<&CustomerCode>) -> usize {
        let line = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.get(tenant).map(|found| found.line.clone())
        };
        let Some(Line { kept, capabilities, .. }) = line else { return 0 };
        kept.purge(|query| {
            customer.is_none_or(|code| query.customer().is_same_customer(code, capabilities.case_sensitive_codes))
        })
    }

    /// Logs out everywhere; at the end of the process.
    pub(crate) async fn close(&self) {
        let open: Vec<Open> = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.drain().map(|(_, found)| found).collect()
        };
        let logouts = open.into_iter().map(|found| async move {
            let cx = CallContext::new("shutdown", LOGOUT);
            let _ = tokio::time::timeout(LOGOUT, found.adapter.close(&cx)).await;
        });
        futures::future::join_all(logouts).await;
    }

    /// Logs out as soon as the last call that still uses the connection has ended.
    fn retire(&self, Open { line, adapter, .. }: Open) {
        self.runtime.spawn(async move {
            // Calls hold the layers, and flights that outlive their callers hold the adapter through them.
            drop(line);
            let limit = Instant::now() + LAST_CALLS;
            while Arc::strong_count(&adapter) > 1 && Instant::now() < limit {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let cx = CallContext::new("retired", LOGOUT);
            let _ = tokio::time::timeout(LOGOUT, adapter.close(&cx)).await;
        });
    }

    fn rate(&self, tenant: &Tenant) -> Option<Arc<Rate>> {
        let stated = tenant.adapter.capabilities.limits.requests_per_minute?;
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(
            rates.entry((tenant.id.clone(), tenant.adapter.name)).or_insert_with(|| Arc::new(Rate::new(stated))),
        ))
    }

    fn layered(&self, setup: &Setup, tenant: &Tenant, adapter: &Arc<dyn ErpAdapter>) -> Line {
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
        let Stacked { erp, kept } = stack(erp, &capabilities, tidy, &self.store, &settings, observer);
        Line { erp, kept, capabilities }
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
