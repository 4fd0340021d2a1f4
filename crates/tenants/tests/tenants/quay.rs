use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use livegate_core::{AdapterKind, Capabilities, ErpError, Field, FieldKind};
use livegate_tenants::{Config, LoadContext, Mistake, Reading, Roster, TenantFiles};
use tempfile::TempDir;

/// What no mistake and no `Debug` may show.
pub const PLANTED: &str = "pl4nted-Secret";

/// A tenant file in which nothing is wrong.
pub const HARBOR: &str = r#"title = "Harbor Marine"
adapter = "quay"
tokens = [{ env = "HARBOR_STORE_TOKEN" }]
time_zone = "America/New_York"
[settings]
base_url = "https://erp.example/api"
mode = "basic"
user = "web"
[secrets]
password = { env = "HARBOR_ERP_PASSWORD" }
[cache]
ttl = "60s"
"#;

/// An adapter whose form has a field of every kind, and fields that depend on others.
pub static QUAY: AdapterKind = AdapterKind {
    name: "quay",
    title: "Quay",
    capabilities: Capabilities::NONE,
    fields: &[
        Field {
            name: "base_url",
            label: "Address",
            help: "Where the ERP is.",
            example: "https://erp.example/",
            kind: FieldKind::Url,
            required: true,
            ..Field::TEXT
        },
        Field {
            name: "mode",
            label: "Log in",
            help: "How to log in.",
            kind: FieldKind::Choice(&["none", "basic", "oauth"]),
            ..Field::TEXT
        },
        Field {
            name: "user",
            label: "User",
            help: "Whom to log in as.",
            example: "webstore",
            required: true,
            when: Some(("mode", &["basic"])),
            ..Field::TEXT
        },
        Field {
            name: "grant",
            label: "Grant",
            help: "What the token endpoint is asked with.",
            kind: FieldKind::Choice(&["client", "password"]),
            when: Some(("mode", &["oauth"])),
            ..Field::TEXT
        },
        Field {
            name: "realm",
            label: "Realm",
            help: "Whose users.",
            example: "main",
            when: Some(("grant", &["password"])),
            ..Field::TEXT
        },
        Field {
            name: "scope",
            label: "Scope",
            help: "What the app may do.",
            example: "read",
            when: Some(("grant", &["client"])),
            ..Field::TEXT
        },
        Field {
            name: "company",
            label: "Company code",
            help: "Which company.",
            example: "ACME",
            pattern: Some("[A-Z]{2,8}"),
            ..Field::TEXT
        },
        Field {
            name: "page_size",
            label: "Page size",
            help: "Rows per request.",
            example: "200",
            kind: FieldKind::Integer,
            default: Some("100"),
            range: Some(("1", "500")),
            ..Field::TEXT
        },
        Field {
            name: "archived",
            label: "Archived too",
            help: "Whether to ask the archive.",
            kind: FieldKind::Boolean,
            default: Some("false"),
            ..Field::TEXT
        },
        Field {
            name: "pause",
            label: "Pause",
            help: "Between pages.",
            example: "250ms",
            kind: FieldKind::Duration,
            ..Field::TEXT
        },
        Field {
            name: "sites",
            label: "Sites",
            help: "Which sites.",
            example: "north,south",
            kind: FieldKind::List,
            ..Field::TEXT
        },
        Field {
            name: "report_url",
            label: "Report address",
            help: "Where reports are posted to.",
            example: "https://erp.example/report?id=7",
            kind: FieldKind::Address,
            ..Field::TEXT
        },
        Field {
            name: "headers",
            label: "Headers",
            help: "What to send along.",
            example: "X-Site = \"north\"",
            kind: FieldKind::Map,
            ..Field::TEXT
        },
        Field {
            name: "password",
            label: "Password",
            help: "The user's.",
            secret: true,
            required: true,
            when: Some(("mode", &["basic"])),
            ..Field::TEXT
        },
        Field {
            name: "client_secret",
            label: "Client secret",
            help: "Of the app.",
            secret: true,
            when: Some(("mode", &["oauth"])),
            ..Field::TEXT
        },
        Field {
            name: "api_key",
            label: "API key",
            help: "The key.",
            pattern: Some("key-[a-z]+"),
            secret: true,
            ..Field::TEXT
        },
        Field {
            name: "pass",
            label: "Pass",
            help: "The whole header.",
            example: "Bearer 7f…",
            secret: true,
            ..Field::TEXT
        },
    ],
    connect: |_| Err(ErpError::unsupported("connecting")),
    simulator: None,
    demo: &[],
};

static JETTY: AdapterKind = AdapterKind {
    name: "jetty",
    title: "Jetty",
    capabilities: Capabilities::NONE,
    fields: &[],
    connect: |_| Err(ErpError::unsupported("connecting")),
    simulator: None,
    demo: &[],
};

/// A directory of tenant files and an environment of its own.
pub struct Bench {
    pub root: TempDir,
    pub environment: BTreeMap<String, String>,
    pub defaults: Config,
    pub files: TenantFiles,
}

impl Bench {
    pub fn new() -> Self {
        let root = TempDir::new().unwrap();
        fs::create_dir(root.path().join("tenants")).unwrap();
        let environment = [
            ("HARBOR_STORE_TOKEN", "harbor-token"),
            ("HARBOR_ERP_PASSWORD", PLANTED),
            ("COVE_STORE_TOKEN", "cove-token"),
            ("EMPTY_VARIABLE", " "),
            ("WITH_SCHEME", "Bearer pl4nted-Secret"),
            ("WITH_PAIR", "Basic dXNlcjpwbDRudGVkLVNlY3JldA=="),
            ("TWO_LINES", "pl4nted-Secret\nand more"),
        ];
        let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let files = TenantFiles::new(root.path().join("tenants"));
        Self { root, environment, defaults: Config::default(), files }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    pub fn read(&mut self) -> Reading {
        let environment = &self.environment;
        self.files.read(&LoadContext {
            adapters: &[&QUAY, &JETTY],
            defaults: &self.defaults,
            check_url: &|url| {
                if url.contains("10.0.0.8") { Err("10.0.0.8 is a private address".into()) } else { Ok(()) }
            },
            environment: &|name| environment.get(name).cloned(),
        })
    }

    pub fn begin(&mut self) -> (Roster, Vec<String>) {
        let (roster, mistakes) = Roster::begin(self.read());
        (roster, self.lines(&mistakes))
    }

    pub fn next(&mut self, roster: &Roster) -> (Roster, Vec<String>) {
        let (roster, mistakes) = roster.next(self.read());
        (roster, self.lines(&mistakes))
    }

    /// The mistakes as they are printed, without the bench's own directory.
    pub fn lines(&self, mistakes: &[Mistake]) -> Vec<String> {
        let own = format!("{}/", self.root.path().display());
        mistakes.iter().map(|mistake| mistake.to_string().replace(&own, "")).collect()
    }
}

/// `text` with one part of it replaced; it must be there.
pub fn edit(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the file");
    text.replacen(from, to, 1)
}

pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
