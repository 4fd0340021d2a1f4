use livegate_core::{Field, FieldKind};

use crate::form::Form;

/// A section of a file: what stands under one `[name]`, or above the first one.
pub(crate) struct Section {
    pub name: &'static str,
    /// What it is about.
    pub help: &'static str,
    pub fields: &'static [Field],
}

impl Section {
    pub const fn form(&self) -> Form {
        Form { section: self.name, fields: self.fields, secret: false }
    }
}

/// The section `name` of a file.
///
/// # Panics
/// If the table has no such section.
pub(crate) fn section(sections: &'static [Section], name: &str) -> &'static Section {
    sections.iter().find(|section| section.name == name).expect("the table of keys has this section")
}

/// Header names that have a meaning of their own in a call to the gateway, or that pass through logs, so that a token
/// cannot travel in them.
pub(crate) const RESERVED_HEADERS: [&str; 20] = [
    "accept",
    "accept-encoding",
    "age",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-request-id",
];

const DURATION: Field = Field { kind: FieldKind::Duration, range: Some(("0s", "24h")), example: "45s", ..Field::TEXT };

const CACHE: [Field; 5] = [
    Field {
        name: "ttl",
        label: "Fresh for",
        help: "How long an answer is fresh. Longer spares the ERP, shorter shows a payment sooner.",
        default: Some("30s"),
        ..DURATION
    },
    Field {
        name: "absent_ttl",
        label: "Nothing found is fresh for",
        help: "The same for \"nothing found\". Short, so that a new customer or order appears soon.",
        default: Some("5s"),
        ..DURATION
    },
    Field {
        name: "stale_while_revalidate",
        label: "Stale while it is refreshed, for",
        help: "After that, how long it is still served while one refresh runs. Raise it where the ERP is slow.",
        default: Some("30s"),
        ..DURATION
    },
    Field {
        name: "stale_if_error",
        label: "Stale if the ERP fails, for",
        help: "After that, how long orders are still served, but only if the ERP fails. Raise it for an ERP with nightly \
               maintenance.",
        default: Some("10m"),
        ..DURATION
    },
    Field {
        name: "stale_if_error_balance",
        label: "Stale balances and invoices if the ERP fails, for",
        help: "The same for balances and invoices, which a shopper pays by: keep it short.",
        default: Some("2m"),
        ..DURATION
    },
];

const NUMBER: Field = Field { kind: FieldKind::Integer, example: "8", ..Field::TEXT };

const LIMITS: [Field; 5] = [
    Field {
        name: "documents",
        label: "Most documents",
        help: "The most documents that one list may bring from an ERP that does not cut pages itself; past it the call \
               answers `too_large`. Raise it for a customer with more, lower it to protect a small ERP.",
        example: "20000",
        default: Some("10000"),
        range: Some(("1", "1000000")),
        ..NUMBER
    },
    Field {
        name: "concurrency",
        label: "Calls at once",
        help: "How many calls the ERP of one tenant gets at once; 0 means as many as its adapter states, or 16. Lower it for \
               a small ERP or a licence with fewer sessions, raise it for one that idles while callers wait.",
        default: Some("0"),
        range: Some(("0", "10000")),
        ..NUMBER
    },
    Field {
        name: "queue",
        label: "Calls that wait",
        help: "How many more calls of one tenant may wait for their turn, each until its own deadline; past it they are \
               `overloaded`. Lower it to refuse sooner, raise it for short bursts.",
        example: "64",
        default: Some("256"),
        range: Some(("0", "100000")),
        ..NUMBER
    },
    Field {
        name: "connect_timeout",
        label: "Time to reach the ERP",
        help: "How long making a connection may take before the ERP counts as unreachable. Raise it for an ERP behind a slow \
               line.",
        example: "5s",
        default: Some("3s"),
        range: Some(("100ms", "1m")),
        ..DURATION
    },
    Field {
        name: "calls_per_minute",
        label: "Live calls a minute",
        help: "How many Live calls one tenant may make in a minute, also all at once; beyond them they are answered 429. 0 means \
               any number. Set it where one tenant's store must not take the others' share.",
        example: "600",
        default: Some("0"),
        range: Some(("0", "100000000")),
        ..NUMBER
    },
];

const RETRY: [Field; 5] = [
    Field {
        name: "attempts",
        label: "Attempts",
        help: "How often the ERP is asked for one call at the most; 1 never repeats. Lower it for an ERP that suffers under load.",
        example: "1",
        default: Some("3"),
        range: Some(("1", "10")),
        ..NUMBER
    },
    Field {
        name: "first_wait",
        label: "First wait",
        help: "The wait before the first repetition; each further one is twice as long, and up to as much again by chance. Raise \
               it where failures last for seconds.",
        example: "250ms",
        default: Some("100ms"),
        range: Some(("1ms", "1m")),
        ..DURATION
    },
    Field {
        name: "longest_wait",
        label: "Longest wait",
        help: "The longest of these waits, chance left aside. A wait that the ERP names itself comes first. Raise it together \
               with `attempts`.",
        example: "5s",
        default: Some("2s"),
        range: Some(("1ms", "5m")),
        ..DURATION
    },
    Field {
        name: "budget_percent",
        label: "Repetitions for a hundred calls",
        help: "How many repetitions a hundred calls allow, so that a dead ERP is not asked a multiple of what callers ask. Lower \
               it where even that is too much.",
        example: "5",
        default: Some("10"),
        range: Some(("0", "100")),
        ..NUMBER
    },
    Field {
        name: "budget_reserve",
        label: "Repetitions in hand",
        help: "How many repetitions are in hand at the start, and at the most. Raise it for a tenant whose few calls all matter.",
        example: "20",
        default: Some("10"),
        range: Some(("0", "10000")),
        ..NUMBER
    },
];

const BREAKER: [Field; 7] = [
    Field {
        name: "failures_in_a_row",
        label: "Failures in a row",
        help: "So many failures in a row pause the ERP's calls. Raise it for an ERP that often stumbles and recovers.",
        default: Some("5"),
        range: Some(("1", "100000")),
        ..NUMBER
    },
    Field {
        name: "window",
        label: "Span of the share",
        help: "Over this span the share of failing calls is looked at. Lengthen it for a tenant with few calls.",
        example: "30s",
        default: Some("10s"),
        range: Some(("1s", "10m")),
        ..DURATION
    },
    Field {
        name: "calls",
        label: "Calls in that span",
        help: "The share counts only with at least so many calls in the span. Lower it for a tenant with few calls.",
        example: "10",
        default: Some("20"),
        range: Some(("1", "1000000")),
        ..NUMBER
    },
    Field {
        name: "failing_percent",
        label: "Failing share",
        help: "The share of them, in percent, that must fail to pause the ERP's calls. Raise it for an ERP that fails often and \
               still is of use.",
        example: "75",
        default: Some("50"),
        range: Some(("1", "100")),
        ..NUMBER
    },
    Field {
        name: "different_questions",
        label: "Different questions",
        help: "The failures must be of at least so many different questions, as one document may be at fault alone. Set it to 1 \
               for an ERP that is asked for one customer only.",
        example: "1",
        default: Some("3"),
        range: Some(("1", "100")),
        ..NUMBER
    },
    Field {
        name: "pause",
        label: "Pause",
        help: "How long calls are paused before one may try. Shorten it for an ERP that restarts quickly.",
        example: "2s",
        default: Some("5s"),
        range: Some(("100ms", "1h")),
        ..DURATION
    },
    Field {
        name: "longest_pause",
        label: "Longest pause",
        help: "The pause doubles with every try that fails, up to this. Raise it for an ERP that is down for hours, lower it where \
               its return must be noticed at once.",
        example: "1m",
        default: Some("30s"),
        range: Some(("100ms", "1h")),
        ..DURATION
    },
];

/// The same keys in a tenant file, where what is not given comes from `livegate.toml`.
const fn inherited<const N: usize>(mut fields: [Field; N]) -> [Field; N] {
    let mut at = 0;
    while at < N {
        fields[at].default = None;
        at += 1;
    }
    fields
}

/// Every key of `livegate.toml`.
pub(crate) static CONFIG: [Section; 12] = [
    // Nothing stands above the first section; being in the list, it says so.
    Section { name: "", help: "", fields: &[] },
    Section {
        name: "server",
        help: "Where livegate listens, and how long a call may take.",
        fields: &[
            Field {
                name: "listen",
                label: "Address for Live calls",
                help: "IP address and port for Live calls. `0.0.0.0:8080` listens on every network; port 0 picks a free \
                       one.",
                example: "0.0.0.0:8080",
                default: Some("127.0.0.1:8080"),
                ..Field::TEXT
            },
            Field {
                name: "admin_listen",
                label: "Address for operators",
                help: "IP address and port for health, metrics and documentation. They need no token: keep it off the \
                       internet.",
                example: "10.0.0.5:8081",
                default: Some("127.0.0.1:8081"),
                ..Field::TEXT
            },
            Field {
                name: "deadline",
                label: "Time for one Live call",
                help: "How long one Live call may take, all attempts included. Set it below the webstore's own timeout.",
                example: "10s",
                kind: FieldKind::Duration,
                default: Some("10s"),
                range: Some(("100ms", "5m")),
                ..Field::TEXT
            },
            Field {
                name: "workers",
                label: "Worker threads",
                help: "How many threads take calls, and how many ask ERPs; 0 means one per core each. Set it where livegate \
                       shares a machine.",
                example: "4",
                kind: FieldKind::Integer,
                default: Some("0"),
                range: Some(("0", "1024")),
                ..Field::TEXT
            },
        ],
    },
    Section {
        name: "auth",
        help: "How a webstore may show its token, beside `Authorization`.",
        fields: &[Field {
            name: "token_headers",
            label: "Header name",
            help: "Other headers that may carry the token. Add the name that the store sends; `[]` for `Authorization` \
                   alone.",
            example: "X-Api-Key",
            pattern: Some("[A-Za-z0-9!#$%&'*+.^_`|~-]+"),
            kind: FieldKind::List,
            default: Some("X-Api-Key"),
            ..Field::TEXT
        }],
    },
    Section {
        name: "admin",
        help: "Who may use the operator's API under `/admin/v1/`.",
        fields: &[Field {
            name: "token",
            label: "The operator's token",
            help: "One of `{ env = \"NAME\" }`, `{ file = \"path\" }`, `{ sha256 = \"…\" }`; `livegate token` makes one. Without it \
                   there is no operator's API. Set it to purge caches and to read what went wrong lately.",
            example: "env = \"LIVEGATE_ADMIN_TOKEN\"",
            kind: FieldKind::Map,
            ..Field::TEXT
        }],
    },
    Section {
        name: "tenants",
        help: "Where the tenants are.",
        fields: &[Field {
            name: "directory",
            label: "Directory of the tenant files",
            help: "Holds one `<tenant>.toml` per tenant. Name another one to keep tenants apart from the program.",
            example: "/etc/livegate/tenants",
            default: Some("config/tenants"),
            ..Field::TEXT
        }],
    },
    Section {
        name: "cache",
        help: "How long an answer is of use. Each window begins where the one before it ends, none bounds another, and \
               `\"0s\"` leaves one out.",
        fields: &CACHE,
    },
    Section {
        name: "egress",
        help: "Where livegate may connect to. Public addresses by https need no entry.",
        fields: &[Field {
            name: "allow",
            label: "IP address, network or host",
            help: "Private addresses and plain `http://` targets that tenants may use: an IP address, a network or a \
                   host, each with an optional port. Add an ERP that stands in your own network.",
            example: "127.0.0.1:9101,10.20.0.0/16,erp.internal",
            kind: FieldKind::List,
            default: Some(""),
            ..Field::TEXT
        }],
    },
    Section { name: "limits", help: "What protects livegate and the ERPs.", fields: &LIMITS },
    Section {
        name: "process",
        help: "What protects the process itself.",
        fields: &[Field {
            name: "memory_mb",
            label: "Memory in MB",
            help: "From 85 % of so many megabytes on, until it is down to 75 %, kept answers go and only four calls at once are \
                   let in. What is kept takes a quarter of it at the most, which a start decides. 0 means what the system gives \
                   the process: the limit of its control group, else the machine's memory. Set it where other programs need a \
                   part of that.",
            example: "512",
            default: Some("0"),
            range: Some(("0", "100000000")),
            ..NUMBER
        }],
    },
    Section {
        name: "retry",
        help: "When a call is repeated that the ERP did not answer: only if it failed in a way that may pass, and only within \
               the deadline.",
        fields: &RETRY,
    },
    Section {
        name: "breaker",
        help: "When the calls to an ERP that keeps failing are paused. Meanwhile answers that are kept are served, as far as \
               `[cache]` allows.",
        fields: &BREAKER,
    },
    Section {
        name: "log",
        help: "The log goes to standard error. Lines below warn may come up to 10 ms late, and are lost if the process is killed.",
        fields: &[
            Field {
                name: "format",
                label: "Form of a log line",
                help: "`text` for people, `json` (one object per line) for a log collector.",
                example: "json",
                kind: FieldKind::Choice(&["text", "json"]),
                default: Some("text"),
                ..Field::TEXT
            },
            Field {
                name: "level",
                label: "Least level that is logged",
                help: "`debug` and `trace` tell more while you look for a fault; no level logs a secret.",
                example: "debug",
                kind: FieldKind::Choice(&["error", "warn", "info", "debug", "trace"]),
                default: Some("info"),
                ..Field::TEXT
            },
        ],
    },
];

/// Every key of a tenant file but those of `[settings]` and `[secrets]`, which its adapter describes.
pub(crate) static TENANT: [Section; 6] = [
    Section {
        name: "",
        help: "Above the first section: who the tenant is.",
        fields: &[
            Field {
                name: "title",
                label: "Name for people",
                help: "The tenant's name in logs and status pages.",
                example: "Harbor Marine",
                ..Field::TEXT
            },
            Field {
                name: "adapter",
                label: "ERP adapter",
                help: "Which ERP the tenant has; `livegate adapters` lists the names.",
                example: "NAME",
                required: true,
                ..Field::TEXT
            },
            Field {
                name: "tokens",
                label: "Tokens of the webstore",
                help: "One or more of `{ sha256 = \"…\" }`, `{ env = \"NAME\" }`, `{ file = \"path\" }`. `livegate token` makes \
                       one. Two at a time let you change it without a gap.",
                example: "{ sha256 = \"…\" }",
                kind: FieldKind::List,
                required: true,
                ..Field::TEXT
            },
            Field {
                name: "time_zone",
                label: "Time zone",
                help: "The IANA zone of the ERP's dates: it decides on which day an invoice is past due.",
                example: "America/New_York",
                default: Some("UTC"),
                ..Field::TEXT
            },
            Field {
                name: "currency",
                label: "currency code of three letters",
                help: "The currency of balances, by its ISO 4217 code; not given, each customer's own. Set it where the ERP \
                       names none.",
                example: "USD",
                pattern: Some("[A-Za-z]{3}"),
                ..Field::TEXT
            },
            Field {
                name: "customer_from",
                label: "Which id names the customer",
                help: "`seller_reference` where the store keeps the ERP's customer number there and not in \
                       `customer_code`.",
                example: "seller_reference",
                kind: FieldKind::Choice(&["customer_code", "seller_reference"]),
                ..Field::TEXT
            },
        ],
    },
    Section {
        name: "cache",
        help: "Overrides `[cache]` of `livegate.toml` for this tenant, key by key.",
        fields: &inherited(CACHE),
    },
    Section {
        name: "limits",
        help: "Overrides `[limits]` of `livegate.toml` for this tenant.",
        fields: &inherited(LIMITS),
    },
    Section {
        name: "retry",
        help: "Overrides `[retry]` of `livegate.toml` for this tenant, key by key.",
        fields: &inherited(RETRY),
    },
    Section {
        name: "breaker",
        help: "Overrides `[breaker]` of `livegate.toml` for this tenant, key by key.",
        fields: &inherited(BREAKER),
    },
    Section {
        name: "tls",
        help: "How the ERP proves who it is.",
        fields: &[Field {
            name: "ca",
            label: "Certificate authority",
            help: "A PEM file with the certificates to trust for this ERP. Needed where its certificate comes from the \
                   company's own authority.",
            example: "config/harbor-ca.pem",
            ..Field::TEXT
        }],
    },
];

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::form::literal;
    use crate::snapshot;

    /// The reference tables of `docs/configuration.md`.
    fn tables(sections: &[Section]) -> String {
        let mut text = String::new();
        for section in sections.iter().filter(|section| !section.fields.is_empty()) {
            if !section.name.is_empty() {
                write!(text, "### `[{}]`\n\n", section.name).unwrap();
            }
            write!(text, "{}\n\n| Key | Default | Meaning, and when to change it |\n|---|---|---|\n", section.help)
                .unwrap();
            for field in section.fields {
                let standard = match (field.default, field.default_value()) {
                    (Some(text), _) => format!("`{}`", literal(field.kind, text)),
                    (None, Some(livegate_core::Value::Text(text))) => format!("`\"{text}\"`"),
                    _ if field.required => "required".to_owned(),
                    _ if matches!(section.name, "cache" | "limits" | "retry" | "breaker") => {
                        "as in `livegate.toml`".to_owned()
                    }
                    _ => "none".to_owned(),
                };
                let mut help = field.help.to_owned();
                if let FieldKind::Choice(choices) = field.kind {
                    let choices: Vec<_> = choices.iter().map(|choice| format!("`\"{choice}\"`")).collect();
                    write!(help, " One of {}.", choices.join(", ")).unwrap();
                }
                if let Some((least, most)) = field.range {
                    write!(help, " From {least} to {most}.").unwrap();
                }
                assert!(!help.contains('|'), "{} would break the table", field.name);
                writeln!(text, "| `{}` | {standard} | {help} |", field.name).unwrap();
            }
            text.push('\n');
        }
        text
    }

    #[test]
    fn the_reference_tables_are_those_of_the_keys() {
        let path = snapshot::repository("docs/configuration.md");
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (name, sections) in [("tenant", &TENANT[..]), ("config", &CONFIG[..])] {
            let opening = format!("<!-- keys: {name} -->\n");
            let begin = text.find(&opening).unwrap() + opening.len();
            let end = begin + text[begin..].find("<!-- end -->").unwrap();
            text.replace_range(begin..end, &format!("\n{}", tables(sections)));
        }
        snapshot::check(&path, &text);
    }

    #[test]
    fn every_key_is_described_and_its_default_is_a_value() {
        for field in CONFIG.iter().chain(&TENANT).flat_map(|section| section.fields) {
            assert!(!field.label.is_empty() && !field.help.is_empty(), "{}", field.name);
            assert!(
                field.default.is_none() || field.default_value().is_some(),
                "the default of {} is no value",
                field.name
            );
            assert!(!field.secret, "{}", field.name);
        }
        // A secret has none: where it comes from is the operator's to say.
        for field in CONFIG.iter().filter(|section| section.name != "admin").flat_map(|section| section.fields) {
            assert!(field.default.is_some(), "{} of livegate.toml has no default", field.name);
        }
    }
}
