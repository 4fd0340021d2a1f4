use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use livegate_core::{CacheOutcome, CallContext, Operation, Reply, Result};
use livegate_layers::{BreakerState, Observer};
use livegate_tenants::TenantId;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::events::{Events, What};

/// From a cache hit to an ERP that needs its whole deadline.
const SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How many tenants have series of their own: the first that call. All others are counted together.
const NAMED_TENANTS: usize = 250;

/// The name of the others; no tenant can be called so.
const OTHERS: &str = "_others";

/// The figures of this process. Their names and meaning are in `docs/metrics.md`.
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    call_seconds: Family<TenantLabels, Histogram, Buckets>,
    attempts: Family<CallLabels, Counter>,
    attempt_seconds: Family<TenantLabels, Histogram, Buckets>,
    retries: Family<TenantLabels, Counter>,
    cache: Family<CallLabels, Counter>,
    breaker: Family<ConnectionLabels, Gauge<i64, AtomicI64>>,
    running: Family<ConnectionLabels, Gauge<i64, AtomicI64>>,
    waiting: Family<ConnectionLabels, Gauge<i64, AtomicI64>>,
    /// The tenants that have series of their own.
    named: Mutex<HashSet<TenantId>>,
    rejected: Family<CodeLabels, Counter>,
    tenants: Gauge<i64, AtomicI64>,
    broken_tenants: Gauge<i64, AtomicI64>,
    connections: Gauge<i64, AtomicI64>,
    unreadable_dates: Counter<u64, AtomicU64>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CallLabels {
    tenant: Arc<str>,
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TenantLabels {
    tenant: Arc<str>,
    operation: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ConnectionLabels {
    tenant: Arc<str>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CodeLabels {
    code: &'static str,
}

#[derive(Clone)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(SECONDS)
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("livegate"),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(Buckets),
            attempts: Family::default(),
            attempt_seconds: Family::new_with_constructor(Buckets),
            retries: Family::default(),
            cache: Family::default(),
            breaker: Family::default(),
            running: Family::default(),
            waiting: Family::default(),
            named: Mutex::default(),
            rejected: Family::default(),
            tenants: Gauge::default(),
            broken_tenants: Gauge::default(),
            connections: Gauge::default(),
            unreadable_dates: Counter::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("calls", "Live calls that reached a connection, by how they ended", metrics.calls.clone());
        registry.register_with_unit(
            "call_duration",
            "How long Live calls took that reached a connection",
            Unit::Seconds,
            metrics.call_seconds.clone(),
        );
        registry.register("erp_attempts", "Times an ERP was asked, by how it ended", metrics.attempts.clone());
        registry.register_with_unit(
            "erp_attempt_duration",
            "How long ERPs took to answer",
            Unit::Seconds,
            metrics.attempt_seconds.clone(),
        );
        registry.register("retries", "Calls to an ERP that were repeated", metrics.retries.clone());
        registry.register(
            "breaker_state",
            "Whether a tenant's calls go through: 0 they do, 1 one tries, 2 none does",
            metrics.breaker.clone(),
        );
        registry.register("erp_running", "Calls to a tenant's ERP that are under way", metrics.running.clone());
        registry.register("erp_waiting", "Calls that wait for a tenant's ERP to be free", metrics.waiting.clone());
        registry.register("cache", "How the cache took part in answers", metrics.cache.clone());
        registry.register("rejected", "Requests rejected before any connection, by code", metrics.rejected.clone());
        registry.register("tenants", "Tenants that are served", metrics.tenants.clone());
        registry.register("broken_tenants", "Tenants whose file has mistakes", metrics.broken_tenants.clone());
        registry.register("connections", "ERP connections that are open", metrics.connections.clone());
        registry.register(
            "unreadable_dates",
            "Date texts of ERPs that no layout reads, taken as unknown",
            metrics.unreadable_dates.clone(),
        );
        metrics
    }

    /// The exposition text.
    pub(crate) fn text(&self) -> String {
        let read = self.unreadable_dates.get();
        self.unreadable_dates.inc_by(livegate_core::unreadable_dates().saturating_sub(read));
        let mut text = String::new();
        // Writing into a text cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    pub(crate) fn rejected(&self, code: &'static str) {
        self.rejected.get_or_create(&CodeLabels { code }).inc();
    }

    pub(crate) fn roster(&self, tenants: usize, broken: usize) {
        self.tenants.set(i64::try_from(tenants).unwrap_or(i64::MAX));
        self.broken_tenants.set(i64::try_from(broken).unwrap_or(i64::MAX));
    }

    /// Under which name a tenant is counted. Each has up to some hundred series, so only so many have a name.
    fn name(&self, tenant: &TenantId) -> Option<Arc<str>> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let is_named = named.contains(tenant) || (named.len() < NAMED_TENANTS && named.insert(tenant.clone()));
        is_named.then(|| tenant.as_str().into())
    }

    pub(crate) fn connections(&self, open: usize) {
        self.connections.set(i64::try_from(open).unwrap_or(i64::MAX));
    }
}

/// Counts for one tenant's connection, and notes what its ERP failed to answer.
pub(crate) struct TenantObserver {
    id: TenantId,
    tenant: Arc<str>,
    /// Its state, for a tenant with a name: the sum of many would tell nothing.
    gauges: Option<Gauges>,
    metrics: Arc<Metrics>,
    events: Arc<Events>,
}

struct Gauges {
    breaker: Told,
    running: Told,
    waiting: Told,
}

/// One connection's part of a gauge. A connection that is replaced tells its last calls beside those of the next one, and takes
/// its part back when it goes.
struct Told {
    gauge: Gauge<i64, AtomicI64>,
    last: AtomicI64,
}

impl TenantObserver {
    pub(crate) fn new(id: TenantId, metrics: Arc<Metrics>, events: Arc<Events>) -> Self {
        let name = metrics.name(&id);
        let gauges = name.clone().map(|tenant| {
            let labels = ConnectionLabels { tenant };
            let of = |family: &Family<_, Gauge<i64, AtomicI64>>| {
                let gauge = family.get_or_create(&labels).clone();
                Told { gauge, last: AtomicI64::new(0) }
            };
            Gauges { breaker: of(&metrics.breaker), running: of(&metrics.running), waiting: of(&metrics.waiting) }
        });
        Self { id, tenant: name.unwrap_or_else(|| OTHERS.into()), gauges, metrics, events }
    }

    fn calls(&self, operation: &'static str, outcome: &'static str) -> CallLabels {
        CallLabels { tenant: Arc::clone(&self.tenant), operation, outcome }
    }

    fn seconds(&self, operation: &'static str) -> TenantLabels {
        TenantLabels { tenant: Arc::clone(&self.tenant), operation }
    }
}

impl Observer for TenantObserver {
    fn request(&self, _cx: &CallContext, operation: Operation, outcome: &Result<Reply>, took: Duration) {
        let (operation, metrics) = (operation.name(), &self.metrics);
        metrics.calls.get_or_create(&self.calls(operation, outcome_name(outcome))).inc();
        metrics.call_seconds.get_or_create(&self.seconds(operation)).observe(took.as_secs_f64());
        if let Ok(reply) = outcome {
            let outcome = match reply.cache {
                CacheOutcome::Unused => "unused",
                CacheOutcome::Hit { .. } => "hit",
                CacheOutcome::Stale { .. } => "stale",
                CacheOutcome::Miss { .. } => "miss",
                CacheOutcome::Collapsed { .. } => "collapsed",
                CacheOutcome::Requested { .. } => "requested",
            };
            metrics.cache.get_or_create(&self.calls(operation, outcome)).inc();
        }
    }

    fn attempt(&self, cx: &CallContext, operation: Operation, outcome: &Result<Reply>, took: Duration) {
        let (operation, metrics) = (operation.name(), &self.metrics);
        if let Err(error) = outcome {
            let (kind, message) = (error.kind().code(), error.message().to_owned());
            self.events.note(&self.id, What { of: "attempt", operation, kind, message }, &cx.request_id, took);
        }
        metrics.attempts.get_or_create(&self.calls(operation, outcome_name(outcome))).inc();
        metrics.attempt_seconds.get_or_create(&self.seconds(operation)).observe(took.as_secs_f64());
    }

    fn retry(&self, operation: Operation) {
        self.metrics.retries.get_or_create(&self.seconds(operation.name())).inc();
    }

    fn breaker(&self, state: BreakerState) {
        if let Some(gauges) = &self.gauges {
            gauges.breaker.tell(match state {
                BreakerState::Closed => 0,
                BreakerState::Probing => 1,
                BreakerState::Open => 2,
            });
        }
    }

    fn load(&self, running: usize, waiting: usize) {
        if let Some(gauges) = &self.gauges {
            gauges.running.tell(i64::try_from(running).unwrap_or(i64::MAX));
            gauges.waiting.tell(i64::try_from(waiting).unwrap_or(i64::MAX));
        }
    }
}

impl Told {
    fn tell(&self, value: i64) {
        let before = self.last.swap(value, Ordering::Relaxed);
        self.gauge.inc_by(value - before);
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.tell(0);
    }
}

fn outcome_name(outcome: &Result<Reply>) -> &'static str {
    match outcome {
        Ok(_) => "ok",
        Err(error) => error.kind().code(),
    }
}

#[cfg(test)]
mod tests {
    use livegate_core::{Answer, ErpError, ErrorKind};

    use super::*;

    #[test]
    fn ten_thousand_tenants_do_not_make_ten_thousand_times_the_series() {
        let (metrics, events) = (Arc::new(Metrics::new()), Arc::new(Events::default()));
        let cx = CallContext::new("request", Duration::from_secs(1));
        let series = |tenants: std::ops::Range<usize>| {
            for number in tenants {
                let id = TenantId::new(&format!("tenant-{number}")).unwrap();
                let observer = TenantObserver::new(id, Arc::clone(&metrics), Arc::clone(&events));
                for operation in Operation::ALL {
                    let good = Ok(Reply::now(Answer::Account(None)));
                    observer.request(&cx, operation, &good, Duration::ZERO);
                    observer.attempt(&cx, operation, &good, Duration::ZERO);
                    observer.retry(operation);
                    for kind in ErrorKind::ALL {
                        let failed = Err(ErpError::new(kind, "no"));
                        observer.request(&cx, operation, &failed, Duration::ZERO);
                        observer.attempt(&cx, operation, &failed, Duration::ZERO);
                    }
                }
                observer.breaker(BreakerState::Open);
                observer.load(1, 1);
            }
            metrics.text().lines().filter(|line| !line.starts_with('#')).count()
        };
        let at_the_bound = series(0..NAMED_TENANTS + 1);
        assert_eq!(series(NAMED_TENANTS + 1..10_000), at_the_bound);
        assert!(at_the_bound < 100_000, "{at_the_bound}");
        let text = metrics.text();
        let others = "livegate_calls_total{tenant=\"_others\",operation=\"order\",outcome=\"ok\"} 9750";
        assert!(text.contains(others) && !text.contains("livegate_breaker_state{tenant=\"_others\"}"));
        assert!(text.contains("livegate_breaker_state{tenant=\"tenant-0\"} 0"));
    }

    #[test]
    fn a_connection_that_goes_takes_what_it_told_with_it_and_nothing_else() {
        let (metrics, events) = (Arc::new(Metrics::new()), Arc::new(Events::default()));
        let observer =
            || TenantObserver::new(TenantId::new("harbor").unwrap(), Arc::clone(&metrics), Arc::clone(&events));
        let told = |name: &str| {
            let line = format!("livegate_{name}{{tenant=\"harbor\"}} ");
            let text = metrics.text();
            text.lines().find_map(|told| told.strip_prefix(&line)).unwrap().parse::<i64>().unwrap()
        };
        let old = observer();
        old.breaker(BreakerState::Open);
        old.load(3, 7);
        assert_eq!((told("breaker_state"), told("erp_running"), told("erp_waiting")), (2, 3, 7));
        let new = observer();
        new.load(2, 1);
        old.load(2, 0);
        assert_eq!((told("erp_running"), told("erp_waiting")), (4, 1));
        drop(old);
        assert_eq!((told("breaker_state"), told("erp_running"), told("erp_waiting")), (0, 2, 1));
    }
}
