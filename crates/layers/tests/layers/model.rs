//! Any windows, any sequence of questions and failures, against the rules written down plainly.

use std::time::Duration;

use livegate_core::{CacheOutcome, CacheSettings, ErrorKind, Freshness};

use proptest::prelude::*;

use crate::script::{End, Rig, Told, absent, pass, secs, settle};

#[derive(Clone, Copy, Debug)]
enum Step {
    Pass(u64),
    Ask(Freshness, Erp),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Erp {
    Found,
    Absent,
    Fails(ErrorKind),
}

/// What is kept: the second in which it was given, the call that brought it, whether it says "nothing found".
#[derive(Clone, Copy)]
struct Kept {
    at: u64,
    call: usize,
    absent: bool,
}

struct Model {
    ttl: u64,
    absent_ttl: u64,
    revalidate: u64,
    if_error: u64,
    now: u64,
    calls: usize,
    kept: Option<Kept>,
}

impl Model {
    fn fetch(&mut self, erp: Erp) -> Result<(bool, usize), ErrorKind> {
        self.calls += 1;
        if let Erp::Fails(kind) = erp {
            return Err(kind);
        }
        let absent = erp == Erp::Absent;
        let kept = Kept { at: self.now, call: if absent { 0 } else { self.calls }, absent };
        let fresh = if absent { self.absent_ttl } else { self.ttl };
        let stored = fresh + self.revalidate + self.if_error > 0;
        self.kept = stored.then_some(kept);
        Ok((stored, kept.call))
    }

    fn ask(&mut self, freshness: Freshness, erp: Erp) -> Told {
        let usable = self.kept.and_then(|kept| {
            let fresh = if kept.absent { self.absent_ttl } else { self.ttl };
            let age = self.now - kept.at;
            let wanted = match freshness {
                Freshness::Any => true,
                Freshness::MaxAge(most) => secs(age) <= most,
                Freshness::NoCache => false,
            };
            (wanted && age < fresh + self.revalidate + self.if_error).then_some((kept, age, fresh))
        });
        if let Some((kept, age, fresh)) = usable
            && age < fresh + self.revalidate
        {
            if age >= fresh {
                let _ = self.fetch(erp);
            }
            return Ok((CacheOutcome::Hit { age: secs(age), ttl: secs(fresh.saturating_sub(age)) }, kept.call));
        }
        match (self.fetch(erp), usable) {
            (Ok((stored, call)), _) if freshness == Freshness::NoCache => {
                Ok((CacheOutcome::Requested { stored }, call))
            }
            (Ok((stored, call)), _) => Ok((CacheOutcome::Miss { stored }, call)),
            (Err(ErrorKind::Unavailable), Some((kept, age, _))) => {
                Ok((CacheOutcome::Stale { age: secs(age) }, kept.call))
            }
            (Err(kind), _) => Err(kind),
        }
    }
}

fn window() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1), 0..6_u64]
}

fn step() -> impl Strategy<Value = Step> {
    let freshness = prop_oneof![
        3 => Just(Freshness::Any),
        2 => (0..8_u64).prop_map(|age| Freshness::MaxAge(secs(age))),
        1 => Just(Freshness::NoCache),
    ];
    let erp = prop_oneof![
        3 => Just(Erp::Found),
        2 => Just(Erp::Absent),
        3 => Just(Erp::Fails(ErrorKind::Unavailable)),
        1 => Just(Erp::Fails(ErrorKind::Malformed)),
    ];
    prop_oneof![2 => (0..4_u64).prop_map(Step::Pass), 3 => (freshness, erp).prop_map(|(f, e)| Step::Ask(f, e))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_windows_and_questions_follow_the_rules(
        (ttl, absent_ttl, revalidate, if_error) in (window(), window(), window(), window()),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let rig = Rig::new(CacheSettings {
                ttl: secs(ttl),
                absent_ttl: secs(absent_ttl),
                stale_while_revalidate: secs(revalidate),
                stale_if_error: secs(99),
                stale_if_error_balance: secs(if_error),
            });
            let mut model = Model { ttl, absent_ttl, revalidate, if_error, now: 0, calls: 0, kept: None };
            for step in steps {
                match step {
                    Step::Pass(time) => {
                        pass(secs(time)).await;
                        model.now += time;
                    }
                    Step::Ask(freshness, erp) => {
                        let expected = model.ask(freshness, erp);
                        rig.script.next(Duration::ZERO, match erp {
                            Erp::Found => End::Count,
                            Erp::Absent => End::Says(Box::new(absent())),
                            Erp::Fails(kind) => End::Fails(kind),
                        });
                        prop_assert_eq!(rig.ask(freshness).await, expected);
                        settle().await;
                        prop_assert_eq!(rig.script.count(), model.calls);
                    }
                }
            }
            Ok(())
        })?;
    }
}
