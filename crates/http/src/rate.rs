use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use tokio::time::Instant;

/// The span in which an ERP counts.
const SPAN: Duration = Duration::from_secs(60);

/// Marks a request that goes out at once, whatever the rate, and counts: a logout. One that came too late would leave a
/// session open for as long as the ERP keeps it, which is worse than being a request over the rate.
#[derive(Clone, Copy)]
pub(crate) struct AtOnce;

/// The rate that an ERP states: so many HTTP requests in any 60 seconds, which may come all at once. It outlives a
/// connection that is replaced, because the ERP goes on counting.
pub struct Rate {
    /// When the last requests were or will be sent, oldest first; as many as the ERP allows.
    slots: Mutex<VecDeque<Instant>>,
    most: usize,
}

impl Rate {
    /// At most `requests_per_minute`, and at least one.
    #[must_use]
    pub fn new(requests_per_minute: u32) -> Self {
        let most = requests_per_minute.max(1) as usize;
        Self { slots: Mutex::new(VecDeque::new()), most }
    }

    /// Takes the next free moment for one request; one after the deadline is not taken. Who goes away while waiting leaves
    /// the moment unused: fewer requests, never more.
    fn take(&self, deadline: Instant) -> Result<Instant> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let next = match slots.front() {
            Some(oldest) if slots.len() == self.most => (*oldest + SPAN).max(now),
            _ => now,
        };
        if next >= deadline && next > now {
            return Err(self.used_up(next - now));
        }
        if slots.len() == self.most {
            slots.pop_front();
        }
        slots.push_back(next);
        Ok(next)
    }

    /// Notes a request that goes out now.
    fn note(&self) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if slots.len() == self.most {
            slots.pop_front();
        }
        // Some may have been taken for later.
        let at = slots.partition_point(|slot| *slot <= now);
        slots.insert(at, now);
    }

    fn used_up(&self, wait: Duration) -> ErpError {
        let message = format!("the ERP allows {} requests a minute, and they are used up; try again later", self.most);
        ErpError::new(ErrorKind::Overloaded, message).with_retry_after(wait)
    }
}

/// Sends through `transport` at no more than `rate`: a request past it waits within its deadline, or is `overloaded`. Only
/// logouts are sent all the same.
#[must_use]
pub fn paced(transport: Arc<dyn Transport>, rate: Arc<Rate>) -> Arc<dyn Transport> {
    Arc::new(Paced { transport, rate })
}

struct Paced {
    transport: Arc<dyn Transport>,
    rate: Arc<Rate>,
}

#[async_trait]
impl Transport for Paced {
    async fn send(&self, cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        if request.extensions().get::<AtOnce>().is_some() {
            self.rate.note();
            return self.transport.send(cx, request).await;
        }
        let came = Instant::now();
        let moment = self.rate.take(cx.deadline)?;
        tokio::time::sleep_until(moment).await;
        let (waited, left) = (came.elapsed(), cx.remaining());
        match self.transport.send(cx, request).await {
            // Most of its time went by before it was sent, so this tells nothing about the ERP.
            Err(error) if error.kind() == ErrorKind::Timeout && left < waited => Err(self.rate.used_up(waited)),
            outcome => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes when each request was sent.
    #[derive(Default)]
    struct Clock(Mutex<Vec<Instant>>);

    #[async_trait]
    impl Transport for Clock {
        async fn send(&self, _cx: &CallContext, _request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
            self.0.lock().unwrap().push(Instant::now());
            Ok(http::Response::new(Bytes::new()))
        }
    }

    fn pair(per_minute: u32) -> (Arc<Clock>, Arc<dyn Transport>) {
        let clock = Arc::new(Clock::default());
        (Arc::clone(&clock), paced(clock, Arc::new(Rate::new(per_minute))))
    }

    async fn send(transport: &dyn Transport, within: Duration) -> Result<()> {
        let request = http::Request::new(Bytes::new());
        transport.send(&CallContext::new("rate", within), request).await.map(drop)
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_as_stated_in_any_minute_and_all_of_them_at_once() {
        let (clock, transport) = pair(150);
        let began = Instant::now();
        for _ in 0..150 {
            send(&*transport, Duration::from_secs(10)).await.unwrap();
        }
        assert_eq!(began.elapsed(), Duration::ZERO, "a burst");
        let error = send(&*transport, Duration::from_secs(10)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Overloaded, Some(SPAN)));
        assert_eq!(began.elapsed(), Duration::ZERO, "nobody waits in vain");
        // Who has the time waits.
        for _ in 0..300 {
            send(&*transport, Duration::from_secs(300)).await.unwrap();
        }
        let sent = clock.0.lock().unwrap();
        assert_eq!(sent.len(), 450);
        assert!(sent.windows(151).all(|some| some[150] - some[0] >= SPAN));
        assert_eq!(*sent.last().unwrap() - began, SPAN * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_and_those_who_give_up_never_make_it_more() {
        let (clock, transport) = pair(2);
        let calls = (0_u64..20).map(|call| {
            let transport = Arc::clone(&transport);
            async move {
                let sent = send(&*transport, Duration::from_secs(1_000));
                drop(tokio::time::timeout(Duration::from_secs(call * 20), sent).await);
            }
        });
        futures::future::join_all(calls).await;
        let sent = clock.0.lock().unwrap();
        assert!(sent.len() > 2, "{}", sent.len());
        assert!(sent.windows(3).all(|some| some[2] - some[0] >= SPAN), "{sent:?}");
    }
}
