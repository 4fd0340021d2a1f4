use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use livegate_core::{BreakerSettings, CacheSettings, LimitSettings, RetrySettings};

use crate::{Config, Mistake, Tenant};

impl Config {
    /// What is allowed and yet makes little sense. It is told, and the gateway serves with it.
    #[must_use]
    pub fn doubts(&self) -> Vec<Mistake> {
        Guards::of(self).doubts(&self.file, &BTreeMap::new())
    }
}

impl Tenant {
    /// What makes little sense in the tenant's own file, given the configuration it adds to.
    #[must_use]
    pub fn doubts(&self, config: &Config) -> Vec<Mistake> {
        let Self { cache, retry, breaker, limit, .. } = *self;
        let own = Guards { cache, retry, breaker, limit, deadline: config.deadline };
        let general = config.doubts();
        let mut doubts = own.doubts(&self.file, &self.guard_lines);
        doubts.retain(|doubt| general.iter().all(|other| other.message != doubt.message));
        doubts
    }
}

/// All that decides what happens to a connection's calls while the ERP fails.
struct Guards {
    cache: CacheSettings,
    retry: RetrySettings,
    breaker: BreakerSettings,
    limit: LimitSettings,
    deadline: Duration,
}

impl Guards {
    fn of(config: &Config) -> Self {
        let Config { cache, retry, breaker, limit, deadline, .. } = *config;
        Self { cache, retry, breaker, limit, deadline }
    }

    fn doubts(&self, file: &Path, lines: &BTreeMap<String, usize>) -> Vec<Mistake> {
        let Self { cache, retry, breaker, limit, deadline } = self;
        let mut doubts = Vec::new();
        // Of the two settings that do not go together, the one that the file gives is pointed at.
        let mut doubt = |applies: bool, keys: [&str; 2], message: String, remedy: &str| {
            if applies {
                let key = keys.into_iter().find(|key| lines.contains_key(*key)).unwrap_or(keys[0]);
                let (file, line) = (file.to_owned(), lines.get(key).copied());
                doubts.push(Mistake { file, line, key: Some(key.to_owned()), message, remedy: remedy.to_owned() });
            }
        };
        for (window, key, what) in [
            (cache.stale_if_error_balance, "cache.stale_if_error_balance", "balances and invoices"),
            (cache.stale_if_error, "cache.stale_if_error", "orders"),
        ] {
            doubt(
                // A window of zero asks for errors instead of older answers.
                !window.is_zero() && breaker.pause > window,
                ["breaker.pause", key],
                format!("calls are paused for longer ([breaker] pause) than older {what} are served instead"),
                "shorten the pause or lengthen that window, or callers get errors although the ERP may be back",
            );
        }
        doubt(
            breaker.pause > breaker.longest_pause,
            ["breaker.pause", "breaker.longest_pause"],
            "the first pause is longer than longest_pause, which then has no effect".to_owned(),
            "give longest_pause at least the pause",
        );
        doubt(
            breaker.different_questions > breaker.failures_in_a_row,
            ["breaker.different_questions", "breaker.failures_in_a_row"],
            "so many different questions are more than failures_in_a_row, which is then not enough".to_owned(),
            "give failures_in_a_row at least as many",
        );
        doubt(
            retry.attempts > 1 && retry.first_wait >= *deadline,
            ["retry.first_wait", "retry.attempts"],
            "no call can be repeated: the wait is as long as [server] deadline or longer".to_owned(),
            "shorten the wait, or set attempts = 1",
        );
        doubt(
            retry.first_wait > retry.longest_wait,
            ["retry.first_wait", "retry.longest_wait"],
            "the first wait is longer than longest_wait, which is then what is waited".to_owned(),
            "give longest_wait at least the first wait",
        );
        doubt(
            retry.attempts > 1 && (retry.budget_percent, retry.budget_reserve) == (0, 0),
            ["retry.budget_percent", "retry.budget_reserve"],
            "no call is ever repeated: neither budget_percent nor budget_reserve allows it".to_owned(),
            "write at least 1 for one of them, or set attempts = 1",
        );
        doubt(
            limit.connect_timeout >= *deadline,
            ["limits.connect_timeout", "limits.connect_timeout"],
            "a call is over before an ERP that cannot be reached is given up ([server] deadline)".to_owned(),
            "shorten connect_timeout below the deadline",
        );
        doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every doubt with the change of the defaults that raises it and nothing else.
    #[test]
    fn every_doubt_is_raised_by_its_own_setting_and_none_by_the_defaults() {
        let told = |change: &dyn Fn(&mut Config)| {
            let mut config = Config { file: "livegate.toml".into(), ..Config::default() };
            change(&mut config);
            let doubts = config.doubts();
            doubts.into_iter().map(|doubt| (doubt.key.unwrap_or_default(), doubt.message)).collect::<Vec<_>>()
        };
        assert_eq!(told(&|_| ()), []);
        let second = Duration::from_secs(1);
        let one = |change: &dyn Fn(&mut Config), key: &str, part: &str| {
            let doubts = told(change);
            assert!(doubts.len() == 1 && doubts[0].0 == key && doubts[0].1.contains(part), "{key} {part}: {doubts:?}");
        };
        let balances = |config: &mut Config| config.cache.stale_if_error_balance = 4 * second;
        one(&balances, "breaker.pause", "balances");
        one(&|config| config.cache.stale_if_error = 4 * second, "breaker.pause", "orders");
        assert_eq!(told(&|config| config.cache.stale_if_error = 5 * second), []);
        assert_eq!(told(&|config| config.cache.stale_if_error = Duration::ZERO), []);
        one(&|config| config.breaker.longest_pause = 4 * second, "breaker.pause", "longest_pause");
        let questions = |config: &mut Config| config.breaker.different_questions = 6;
        one(&questions, "breaker.different_questions", "failures_in_a_row");
        let (long, short) = (
            |config: &mut Config| (config.retry.first_wait, config.retry.longest_wait) = (10 * second, 10 * second),
            |config: &mut Config| config.retry.longest_wait = Duration::from_millis(99),
        );
        one(&long, "retry.first_wait", "deadline");
        one(&short, "retry.first_wait", "longest_wait");
        let budget = |config: &mut Config| (config.retry.budget_percent, config.retry.budget_reserve) = (0, 0);
        one(&budget, "retry.budget_percent", "ever repeated");
        one(&|config| config.limit.connect_timeout = config.deadline, "limits.connect_timeout", "deadline");
    }
}
