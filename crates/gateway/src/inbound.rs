use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use livegate_tenants::{Tenant, TenantId};

type Meter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// Keeps tenants to the number of calls a minute that their operator allows them, if any.
#[derive(Default)]
pub(crate) struct Inbound(Mutex<HashMap<TenantId, (NonZeroU32, Arc<Meter>)>>);

impl Inbound {
    /// Whether the tenant may make one more call now, or for how long not.
    pub(crate) fn admit(&self, tenant: &Tenant) -> Result<(), Duration> {
        let Some(allowed) = NonZeroU32::new(tenant.calls_per_minute) else { return Ok(()) };
        let meter = self.meter(&tenant.id, allowed);
        meter.check().map_err(|until| until.wait_time_from(MonotonicClock.now()))
    }

    /// Forgets tenants that are no more.
    pub(crate) fn retain(&self, wanted: impl Fn(&TenantId) -> bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|tenant, _| wanted(tenant));
    }

    fn meter(&self, tenant: &TenantId, allowed: NonZeroU32) -> Arc<Meter> {
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match meters.get(tenant) {
            Some((before, meter)) if *before == allowed => Arc::clone(meter),
            _ => {
                let meter = Arc::new(RateLimiter::direct_with_clock(Quota::per_minute(allowed), MonotonicClock));
                meters.insert(tenant.clone(), (allowed, Arc::clone(&meter)));
                meter
            }
        }
    }
}
