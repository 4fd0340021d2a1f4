use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use livegate_core::{CacheOutcome, CallContext, Operation, Reply, Result};
use livegate_layers::Observer;
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

/// The figures of this process. Their names and meaning are in `docs/metrics.md`.
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    call_seconds: Family<OperationLabels, Histogram, Buckets>,
    attempts: Family<CallLabels, Counter>,
    attempt_seconds: Family<OperationLabels, Histogram, Buckets>,
    cache: Family<CacheLabels, Counter>,
    rejected: Family<CodeLabels, Counter>,
    tenants: Gauge<i64, AtomicI64>,
    broken_tenants: Gauge<i64, AtomicI64>,
    connections: Gauge<i64, AtomicI64>,
    unreadable_dates: Counter<u64, AtomicU64>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CallLabels {
    tenant: String,
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OperationLabels {
    operation: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CacheLabels {
    operation: &'static str,
    outcome: &'static str,
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
            cache: Family::default(),
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

    pub(crate) fn connections(&self, open: usize) {
        self.connections.set(i64::try_from(open).unwrap_or(i64::MAX));
    }
}

/// Counts for one tenant's connection, and notes what its ERP failed to answer.
pub(crate) struct TenantObserver {
    id: TenantId,
    tenant: String,
    metrics: Arc<Metrics>,
    events: Arc<Events>,
}

impl TenantObserver {
    pub(crate) fn new(id: TenantId, metrics: Arc<Metrics>, events: Arc<Events>) -> Self {
        Self { tenant: id.to_string(), id, metrics, events }
    }
}

impl Observer for TenantObserver {
    fn request(&self, _cx: &CallContext, operation: Operation, outcome: &Result<Reply>, took: Duration) {
        let operation = operation.name();
        let (tenant, metrics) = (self.tenant.clone(), &self.metrics);
        metrics.calls.get_or_create(&CallLabels { tenant, operation, outcome: outcome_name(outcome) }).inc();
        metrics.call_seconds.get_or_create(&OperationLabels { operation }).observe(took.as_secs_f64());
        if let Ok(reply) = outcome {
            let outcome = match reply.cache {
                CacheOutcome::Unused => "unused",
                CacheOutcome::Hit { .. } => "hit",
                CacheOutcome::Stale { .. } => "stale",
                CacheOutcome::Miss { .. } => "miss",
                CacheOutcome::Collapsed { .. } => "collapsed",
                CacheOutcome::Requested { .. } => "requested",
            };
            metrics.cache.get_or_create(&CacheLabels { operation, outcome }).inc();
        }
    }

    fn attempt(&self, cx: &CallContext, operation: Operation, outcome: &Result<Reply>, took: Duration) {
        let operation = operation.name();
        if let Err(error) = outcome {
            let (kind, message) = (error.kind().code(), error.message().to_owned());
            self.events.note(&self.id, What { of: "attempt", operation, kind, message }, &cx.request_id, took);
        }
        let (tenant, metrics) = (self.tenant.clone(), &self.metrics);
        metrics.attempts.get_or_create(&CallLabels { tenant, operation, outcome: outcome_name(outcome) }).inc();
        metrics.attempt_seconds.get_or_create(&OperationLabels { operation }).observe(took.as_secs_f64());
    }
}

fn outcome_name(outcome: &Result<Reply>) -> &'static str {
    match outcome {
        Ok(_) => "ok",
        Err(error) => error.kind().code(),
    }
}
