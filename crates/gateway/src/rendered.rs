use std::sync::{Arc, Weak};
use std::time::Duration;

use actix_web::web::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use livegate_core::{Answer, Operation, Reply, Result};
use livegate_live::Plan;
use moka::sync::Cache;

/// How long bytes are kept that nobody asks for.
const IDLE: Duration = Duration::from_secs(60);

/// What keeping one response costs beside its bytes: its plan, the tables, and what a reference to an answer that has
/// gone holds back.
const KEEPING: usize = 512 + size_of::<Response>() + size_of::<Answer>();

/// The responses that were rendered of kept answers, so that the next equal request gets a copy. Whether an answer may be
/// served is for the layers to say: bytes go out only together with the very answer that they were rendered of.
pub(crate) struct Rendered(Cache<Request, Arc<Response>>);

/// A request as it came. The connection is part of it, so equal requests of two tenants never meet, nor those before and
/// after a change of a tenant's settings.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Request {
    pub(crate) connection: u64,
    pub(crate) operation: Operation,
    pub(crate) body: Bytes,
}

/// A request that was understood before, and the response that it got.
pub(crate) struct Response {
    pub(crate) plan: Plan,
    /// It does not keep the answer alive, whose room is counted by who keeps it.
    answer: Weak<Answer>,
    day: Option<Date>,
    bytes: Bytes,
}

impl Rendered {
    /// Keeps at most `bytes`, those that were used lately.
    pub(crate) fn new(bytes: usize) -> Self {
        let weigh = |request: &Request, response: &Arc<Response>| {
            let bytes = KEEPING + 2 * request.body.len() + response.bytes.len();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let capacity = u64::try_from(bytes).unwrap_or(u64::MAX);
        Self(
            Cache::builder()
                .max_capacity(capacity)
                .weigher(weigh)
                .time_to_idle(IDLE)
                .support_invalidation_closures()
                .build(),
        )
    }

    pub(crate) fn get(&self, request: &Request) -> Option<Arc<Response>> {
        self.0.get(request)
    }

    /// Renders, and keeps a response to a kept answer: an answer that nobody asks for again is not worth the room.
    ///
    /// # Errors
    /// As [`Plan::respond`].
    pub(crate) fn render(&self, request: &Request, plan: &Plan, reply: &Reply, now: Timestamp) -> Result<Bytes> {
        let bytes = plan.respond(&reply.answer, now)?;
        if !reply.cache.is_kept() {
            return Ok(bytes.into());
        }
        // What is kept takes no more room than it has bytes: neither that which was reserved for writing it, nor the large
        // buffer in which a request's own bytes may be.
        let bytes = Bytes::from(bytes.into_boxed_slice());
        let request = Request { body: Bytes::copy_from_slice(&request.body), ..*request };
        let (answer, day) = (Arc::downgrade(&reply.answer), plan.day(now));
        self.0.insert(request, Arc::new(Response { plan: plan.clone(), answer, day, bytes: bytes.clone() }));
        Ok(bytes)
    }

    /// Forgets those of one connection: an operator has purged answers of it.
    pub(crate) fn forget(&self, connection: u64) {
        self.0
            .invalidate_entries_if(move |request, _| request.connection == connection)
            .expect("the store was built to be asked so");
        self.0.run_pending_tasks();
    }

    /// Frees those that have been idle for too long, which happens in passing only while calls come.
    pub(crate) fn sweep(&self) {
        self.0.run_pending_tasks();
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.0.invalidate_all();
        self.0.run_pending_tasks();
    }
}

impl Response {
    /// The bytes, if they are those of this answer and of today.
    pub(crate) fn of(&self, answer: &Arc<Answer>, now: Timestamp) -> Option<Bytes> {
        // While there is a weak reference nothing else can come to lie at the address.
        let is_the_same = std::ptr::eq(self.answer.as_ptr(), Arc::as_ptr(answer));
        (is_the_same && self.day == self.plan.day(now)).then(|| self.bytes.clone())
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use livegate_core::{Account, Amount, CacheOutcome, Capabilities, Moment, OpenItem, Stated};
    use livegate_live::{Rules, plan};

    use super::*;

    const BODY: &str = r#"{"customer_code":"MARINA01"}"#;

    fn new_york() -> Rules {
        Rules { time_zone: TimeZone::get("America/New_York").unwrap(), ..Rules::default() }
    }

    fn request() -> Request {
        Request { connection: 1, operation: Operation::Account, body: Bytes::from_static(BODY.as_bytes()) }
    }

    /// What owes 100.00, due on the fifth of March.
    fn hit(cache: CacheOutcome) -> Reply {
        let item = OpenItem {
            id: None,
            owner: None,
            balance: Stated::plain(Amount::parse("100.00").unwrap()),
            due_date: Some(Moment::Day("2026-03-05".parse().unwrap())),
            document_date: None,
            instalments: Vec::new(),
        };
        let account = Account { open_items: Some(vec![item]), ..Account::default() };
        Reply { cache, ..Reply::now(Answer::Account(Some(account))) }
    }

    const HIT: CacheOutcome = CacheOutcome::Hit { age: Duration::ZERO, ttl: Duration::from_secs(1) };

    #[test]
    fn a_balance_never_outlives_the_tenants_midnight() {
        let (rendered, reply) = (Rendered::new(1 << 20), hit(HIT));
        let plan = plan(Operation::Account, BODY.as_bytes(), &new_york(), &Capabilities::NONE).unwrap();
        // In New York it is the fifth until 05:00 UTC of the sixth.
        let [evening, last, midnight] = ["2026-03-05T20:00:00Z", "2026-03-06T04:59:59.999Z", "2026-03-06T05:00:00Z"]
            .map(|now| now.parse().unwrap());
        let bytes = rendered.render(&request(), &plan, &reply, evening).unwrap();
        assert!(std::str::from_utf8(&bytes).unwrap().contains(r#""total_due":0"#), "{bytes:?}");
        let kept = rendered.get(&request()).expect("it was rendered of a kept answer");
        assert_eq!(kept.of(&reply.answer, last), Some(bytes.clone()));
        assert_eq!(kept.of(&reply.answer, midnight), None);
        let next = rendered.render(&request(), &plan, &reply, midnight).unwrap();
        assert!(std::str::from_utf8(&next).unwrap().contains(r#""total_due":100"#), "{next:?}");
        let kept = rendered.get(&request()).expect("the next day's took its place");
        assert_eq!((kept.of(&reply.answer, midnight), kept.of(&reply.answer, last)), (Some(next), None));
    }

    #[test]
    fn bytes_go_out_only_with_the_answer_that_they_were_rendered_of() {
        let (rendered, reply, now) = (Rendered::new(1 << 20), hit(HIT), Timestamp::now());
        let plan = plan(Operation::Account, BODY.as_bytes(), &new_york(), &Capabilities::NONE).unwrap();
        rendered.render(&request(), &plan, &reply, now).unwrap();
        let kept = rendered.get(&request()).unwrap();
        assert!(kept.of(&reply.answer, now).is_some());
        // The same content, fetched once more.
        assert_eq!(kept.of(&hit(HIT).answer, now), None);
        // Where the answer lay, others come to lie; none of them is it.
        drop(reply);
        assert!((0..1_000).all(|_| kept.of(&hit(HIT).answer, now).is_none()));
    }

    #[test]
    fn another_connection_operation_or_body_finds_nothing() {
        let (rendered, now) = (Rendered::new(1 << 20), Timestamp::now());
        let plan = plan(Operation::Account, BODY.as_bytes(), &new_york(), &Capabilities::NONE).unwrap();
        rendered.render(&request(), &plan, &hit(HIT), now).unwrap();
        assert!(rendered.get(&request()).is_some());
        for other in [
            Request { connection: 2, ..request() },
            Request { operation: Operation::Orders, ..request() },
            Request { body: Bytes::from_static(br#"{"customer_code":"MARINA02"}"#), ..request() },
        ] {
            assert!(rendered.get(&other).is_none());
        }
        rendered.forget(2);
        assert!(rendered.get(&request()).is_some());
        rendered.forget(1);
        assert!(rendered.get(&request()).is_none());
        rendered.render(&request(), &plan, &hit(HIT), now).unwrap();
        rendered.clear();
        assert!(rendered.get(&request()).is_none());
    }

    #[test]
    fn what_was_fetched_just_now_is_not_kept() {
        let (rendered, now) = (Rendered::new(1 << 20), Timestamp::now());
        let plan = plan(Operation::Account, BODY.as_bytes(), &new_york(), &Capabilities::NONE).unwrap();
        rendered.render(&request(), &plan, &hit(CacheOutcome::Miss { stored: true }), now).unwrap();
        assert!(rendered.get(&request()).is_none());
    }
}
