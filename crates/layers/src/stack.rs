use std::sync::Arc;
use std::time::Duration;

use livegate_core::{BreakerSettings, CacheSettings, Capabilities, Erp, LimitSettings, RetrySettings};
use tokio::runtime::Handle;

use crate::breaker::Breaker;
use crate::cache::{Cache, KeptAnswers};
use crate::limit::Limit;
use crate::observe::Observe;
use crate::retry::Retry;
use crate::support::CheckSupport;
use crate::tidy::TidyUp;
use crate::timeout::Timeout;
use crate::{AnswerStore, Observer, Tidy};

/// What one connection's layers are told.
#[derive(Clone, Debug)]
pub struct StackSettings {
    /// How long answers are of use.
    pub cache: CacheSettings,
    /// How often a failed call is repeated.
    pub retry: RetrySettings,
    /// When calls are paused because the ERP fails.
    pub breaker: BreakerSettings,
    /// How many calls the ERP gets at once.
    pub limit: LimitSettings,
    /// The time that one flight to the ERP may take, all attempts included, whoever waits for it.
    pub deadline: Duration,
    /// Where flights run. A flight outlives the caller that began it, so this is the process's own runtime, not that
    /// of a web worker.
    pub runtime: Handle,
}

/// One connection with its layers.
#[derive(Clone)]
pub struct Stacked {
    /// The outermost layer.
    pub erp: Arc<dyn Erp>,
    /// What the cache keeps.
    pub kept: KeptAnswers,
}

/// Puts the layers around one tenant's connection. Nothing is kept or shared between two stacks, and the answers that
/// the store keeps for this one are freed with it.
#[must_use]
pub fn stack(
    erp: Arc<dyn Erp>,
    capabilities: &Capabilities,
    tidy: Tidy,
    store: &AnswerStore,
    settings: &StackSettings,
    observer: Arc<dyn Observer>,
) -> Stacked {
    // From the ERP outwards; docs/layers.md gives the reason for each position.
    let erp = Arc::new(Observe::attempts(erp, Arc::clone(&observer)));
    let erp = Arc::new(Timeout::new(erp));
    let erp = Arc::new(Limit::new(erp, &settings.limit, Arc::clone(&observer)));
    let erp = Arc::new(Breaker::new(erp, &settings.breaker, Arc::clone(&observer)));
    let erp = Arc::new(Retry::new(erp, &settings.retry, Arc::clone(&observer)));
    let erp = Arc::new(TidyUp::new(erp, tidy));
    let cache = Arc::new(Cache::new(erp, store, settings));
    let kept = cache.kept();
    let erp = Arc::new(CheckSupport::new(cache, capabilities));
    Stacked { erp: Arc::new(Observe::requests(erp, observer)), kept }
}
