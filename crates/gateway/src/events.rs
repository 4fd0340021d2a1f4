use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use livegate_tenants::TenantId;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// How many events are kept for one tenant, folded ones counting once.
const KEPT: usize = 1_000;

/// What went wrong lately, per tenant. The store hides errors from shoppers, so this is where a partner finds them.
#[derive(Default)]
pub(crate) struct Events(Mutex<HashMap<TenantId, Feed>>);

/// Something that went wrong. Equal ones are one event with a count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Event {
    /// When it happened last.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, example = "2026-03-01T12:00:00.000Z")]
    pub(crate) time: Timestamp,
    /// When it happened first, as far back as events are kept.
    #[serde(serialize_with = "instant")]
    #[schema(value_type = String, example = "2026-03-01T11:58:00.000Z")]
    pub(crate) first_time: Timestamp,
    /// How often.
    pub(crate) count: u64,
    #[serde(flatten)]
    pub(crate) what: What,
    /// How long the last one took, in milliseconds.
    pub(crate) duration_ms: u64,
    /// The last one's request id, which the log and the answer to the store have too.
    pub(crate) request_id: String,
}

/// What went wrong, whenever and however often.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
pub(crate) struct What {
    /// `request`: the store got an error. `attempt`: the ERP failed to answer; an attempt after it, or an older answer, may
    /// have hidden that from the store.
    #[schema(example = "attempt")]
    pub(crate) of: &'static str,
    /// The operation.
    #[schema(example = "account")]
    pub(crate) operation: &'static str,
    /// The error's code.
    #[schema(example = "unreachable")]
    pub(crate) kind: &'static str,
    /// What was wrong, and what to do about it.
    #[schema(example = "no connection to the ERP: check base_url, and that the ERP is running")]
    pub(crate) message: String,
}

fn instant<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

/// One tenant's events.
#[derive(Default)]
struct Feed {
    /// By the number of the last time that each happened.
    events: BTreeMap<u64, Event>,
    numbers: HashMap<What, u64>,
    last: u64,
}

impl Events {
    pub(crate) fn note(&self, tenant: &TenantId, what: What, request_id: &str, took: Duration) {
        let mut feeds = self.lock();
        let feed = match feeds.get_mut(tenant) {
            Some(feed) => feed,
            None => feeds.entry(tenant.clone()).or_default(),
        };
        feed.note(what, request_id, took);
    }

    /// The tenant's events, newest first.
    pub(crate) fn of(&self, tenant: &str) -> Vec<Event> {
        self.lock().get(tenant).map(|feed| feed.events.values().rev().cloned().collect()).unwrap_or_default()
    }

    /// Forgets tenants that are no more.
    pub(crate) fn retain(&self, wanted: impl Fn(&TenantId) -> bool) {
        self.lock().retain(|tenant, _| wanted(tenant));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Feed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Feed {
    fn note(&mut self, what: What, request_id: &str, took: Duration) {
        self.last += 1;
        let time = Timestamp::now();
        let before = self.numbers.insert(what.clone(), self.last).and_then(|number| self.events.remove(&number));
        let (first_time, count) = before.map_or((time, 1), |event| (event.first_time, event.count + 1));
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let event = Event { time, first_time, count, what, duration_ms, request_id: request_id.to_owned() };
        self.events.insert(self.last, event);
        if self.events.len() > KEPT
            && let Some((_, oldest)) = self.events.pop_first()
        {
            self.numbers.remove(&oldest.what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(message: &str) -> What {
        What { of: "attempt", operation: "account", kind: "unavailable", message: message.to_owned() }
    }

    fn note(events: &Events, tenant: &str, message: &str, request_id: &str) {
        events.note(&TenantId::new(tenant).unwrap(), what(message), request_id, Duration::from_millis(12));
    }

    #[test]
    fn repeated_ones_are_folded_and_the_newest_come_first() {
        let events = Events::default();
        for (message, request_id) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4"), ("b", "5")] {
            note(&events, "harbor", message, request_id);
        }
        let told: Vec<_> = events
            .of("harbor")
            .into_iter()
            .map(|event| (event.what.message, event.count, event.request_id, event.time >= event.first_time))
            .collect();
        assert_eq!(told, [("b".into(), 2, "5".into(), true), ("a".into(), 3, "4".into(), true)]);
        assert_eq!(events.of("quay"), [], "another tenant's events are its own");
    }

    #[test]
    fn the_last_thousand_are_kept() {
        let events = Events::default();
        for number in 0..1_500 {
            note(&events, "harbor", &number.to_string(), "r");
        }
        let told = events.of("harbor");
        assert_eq!(
            (told.len(), told[0].what.message.as_str(), told[999].what.message.as_str()),
            (1_000, "1499", "500")
        );
        // One that was forgotten begins anew.
        note(&events, "harbor", "0", "r");
        assert_eq!(events.of("harbor")[0].count, 1);
        events.retain(|tenant| tenant.as_str() != "harbor");
        assert_eq!(events.of("harbor"), []);
    }
}
