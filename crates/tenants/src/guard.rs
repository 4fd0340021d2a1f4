use std::time::Duration;

use livegate_core::{BreakerSettings, CacheSettings, LimitSettings, RetrySettings, Settings};

/// `before`, but for what a `[cache]` section gives.
pub(crate) fn cache(before: CacheSettings, section: &Settings) -> CacheSettings {
    let span = |name, otherwise| span(section, name, otherwise);
    CacheSettings {
        ttl: span("ttl", before.ttl),
        absent_ttl: span("absent_ttl", before.absent_ttl),
        stale_while_revalidate: span("stale_while_revalidate", before.stale_while_revalidate),
        stale_if_error: span("stale_if_error", before.stale_if_error),
        stale_if_error_balance: span("stale_if_error_balance", before.stale_if_error_balance),
    }
}

/// `before`, but for what a `[retry]` section gives.
pub(crate) fn retry(before: RetrySettings, section: &Settings) -> RetrySettings {
    RetrySettings {
        attempts: number(section, "attempts").unwrap_or(before.attempts),
        first_wait: span(section, "first_wait", before.first_wait),
        longest_wait: span(section, "longest_wait", before.longest_wait),
        budget_percent: number(section, "budget_percent").unwrap_or(before.budget_percent),
        budget_reserve: number(section, "budget_reserve").unwrap_or(before.budget_reserve),
    }
}

/// `before`, but for what a `[breaker]` section gives.
pub(crate) fn breaker(before: BreakerSettings, section: &Settings) -> BreakerSettings {
    BreakerSettings {
        failures_in_a_row: number(section, "failures_in_a_row").unwrap_or(before.failures_in_a_row),
        window: span(section, "window", before.window),
        calls: number(section, "calls").unwrap_or(before.calls),
        failing_percent: number(section, "failing_percent").unwrap_or(before.failing_percent),
        different_questions: number(section, "different_questions").unwrap_or(before.different_questions),
        pause: span(section, "pause", before.pause),
        longest_pause: span(section, "longest_pause", before.longest_pause),
    }
}

/// `before`, but for what a `[limits]` section gives.
pub(crate) fn limit(before: LimitSettings, section: &Settings) -> LimitSettings {
    LimitSettings {
        concurrency: match number(section, "concurrency") {
            Some(0) => None,
            given => given.or(before.concurrency),
        },
        queue: number(section, "queue").unwrap_or(before.queue),
        connect_timeout: span(section, "connect_timeout", before.connect_timeout),
    }
}

/// What goes for all tenants, as far as an adapter's ERP bears it. Only a tenant's own file knows better, as its licence may
/// be larger.
pub(crate) fn borne_by(general: LimitSettings, stated: Option<u32>) -> LimitSettings {
    let concurrency = match (general.concurrency, stated) {
        (Some(general), Some(stated)) => Some(general.min(stated)),
        (general, stated) => general.or(stated),
    };
    LimitSettings { concurrency, ..general }
}

fn span(section: &Settings, name: &str, otherwise: Duration) -> Duration {
    section.duration(name).unwrap_or(otherwise)
}

pub(crate) fn number(section: &Settings, name: &str) -> Option<u32> {
    section.integer(name).map(|number| number.try_into().expect("the key's range is that of a small number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{CONFIG, section};

    #[test]
    fn what_goes_for_all_is_no_more_than_the_erp_bears() {
        for (general, stated, expected) in [
            (None, None, None),
            (Some(32), None, Some(32)),
            (None, Some(2), Some(2)),
            (Some(32), Some(2), Some(2)),
            (Some(1), Some(2), Some(1)),
        ] {
            let general = LimitSettings { concurrency: general, ..LimitSettings::default() };
            assert_eq!(borne_by(general, stated).concurrency, expected, "{general:?} {stated:?}");
        }
    }

    #[test]
    fn the_keys_defaults_are_those_of_the_settings() {
        let defaults = |name| {
            let fields = section(&CONFIG, name).fields;
            Settings::from_texts(fields, []).expect("defaults only")
        };
        // From settings of which every one differs from the default.
        let other = Duration::from_millis(77);
        let windows = CacheSettings {
            ttl: other,
            absent_ttl: other,
            stale_while_revalidate: other,
            stale_if_error: other,
            stale_if_error_balance: other,
        };
        assert_eq!(cache(windows, &defaults("cache")), CacheSettings::default());
        let repetition = RetrySettings {
            attempts: 77,
            first_wait: other,
            longest_wait: other,
            budget_percent: 77,
            budget_reserve: 77,
        };
        assert_eq!(retry(repetition, &defaults("retry")), RetrySettings::default());
        let pauses = BreakerSettings {
            failures_in_a_row: 77,
            window: other,
            calls: 77,
            failing_percent: 77,
            different_questions: 77,
            pause: other,
            longest_pause: other,
        };
        assert_eq!(breaker(pauses, &defaults("breaker")), BreakerSettings::default());
        let limits = LimitSettings { concurrency: None, queue: 77, connect_timeout: other };
        assert_eq!(limit(limits, &defaults("limits")), LimitSettings::default());
    }
}
