use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use livegate_core::{
    AdapterKind, BreakerSettings, CacheSettings, Currency, Field, LimitSettings, RetrySettings, Settings,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::document::{Report, Table, read_file, read_toml};
use crate::form::{Answers, Form};
use crate::keys::{Section, TENANT, section};
use crate::mistake::{nearest, quoted, visible};
use crate::secret::Vault;
use crate::{Config, Mistake, TokenDigest, guard};

/// Who calls, and with which ERP: what one tenant file says, its secrets resolved. `Debug` shows no secret.
#[derive(Clone)]
pub struct Tenant {
    /// The stem of the file's name.
    pub id: TenantId,
    /// The tenant's name for people.
    pub title: Option<String>,
    /// The tenant's kind of ERP.
    pub adapter: &'static AdapterKind,
    /// What the tenant's webstore shows: at least one.
    pub tokens: Vec<TokenDigest>,
    /// The zone of the ERP's dates; UTC unless the file says otherwise.
    pub time_zone: TimeZone,
    /// The currency of balances; `None` for each customer's own.
    pub currency: Option<Currency>,
    /// Which of the caller's ids names the customer.
    pub customer_from: CustomerFrom,
    /// What the adapter connects with, validated against its fields.
    pub settings: Settings,
    /// The tenant's windows, merged with those of the process.
    pub cache: CacheSettings,
    /// How often failed calls are repeated.
    pub retry: RetrySettings,
    /// When calls are paused because the ERP fails.
    pub breaker: BreakerSettings,
    /// How many calls the ERP gets at once.
    pub limit: LimitSettings,
    /// How many Live calls it may make in a minute; 0 for any number.
    pub calls_per_minute: u32,
    /// The most documents that a fetch-all may bring.
    pub documents: usize,
    /// The certificates to trust for this ERP, as PEM text.
    pub ca: Option<Arc<[u8]>>,
    /// Of everything that the connection and its kept answers depend on, secrets and certificates included, but not of
    /// title and tokens: a reload that leaves it the same leaves the connection standing.
    pub digest: [u8; 32],
    pub(crate) file: PathBuf,
    pub(crate) token_lines: Vec<usize>,
    /// Where the keys stand that a connection is made from.
    pub(crate) key_lines: BTreeMap<String, usize>,
    /// The same for those that decide what happens while the ERP fails.
    pub(crate) guard_lines: BTreeMap<String, usize>,
}

/// A tenant's id: the stem of its file's name, `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`. Case counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Box<str>);

/// Which of the caller's ids names the customer towards the ERP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CustomerFrom {
    /// `customer_code`.
    #[default]
    CustomerCode,
    /// `seller_reference`.
    SellerReference,
}

/// What tenant files are read against.
#[derive(Clone, Copy)]
pub struct LoadContext<'a> {
    /// The known adapters.
    pub adapters: &'a [&'static AdapterKind],
    /// What a tenant file leaves out.
    pub defaults: &'a Config,
    /// Whether the egress policy lets an address through, or why not.
    pub check_url: &'a dyn Fn(&str) -> Result<(), String>,
    /// The environment's variables by name.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

impl TenantId {
    /// Takes an id; `None` if it has not the form of one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let fits = text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(rest);
        fits.then(|| Self(text.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for TenantId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant").field("id", &self.id).field("adapter", &self.adapter.name).finish_non_exhaustive()
    }
}

impl Tenant {
    /// A mistake in the tenant's file that shows only when a connection is made or tried. It points at the key that the
    /// message names first, of those that the file gives.
    #[must_use]
    pub fn mistake(&self, message: String, remedy: impl Into<String>) -> Mistake {
        let named = self.key_lines.iter().filter_map(|(key, line)| {
            let name = key.rsplit_once('.').map_or(key.as_str(), |(_, name)| name);
            Some((word_in(&message, name)?, key, *line))
        });
        let (line, key) = named.min().map(|(_, key, line)| (line, key.clone())).unzip();
        Mistake { file: self.file.clone(), line, key, message, remedy: remedy.into() }
    }

    /// Reads a tenant's file. `watch` is told every other file before it is read.
    pub(crate) fn read(
        file: &Path,
        id: TenantId,
        cx: &LoadContext<'_>,
        watch: &mut dyn FnMut(&Path),
    ) -> Result<Self, Vec<Mistake>> {
        let text = read_toml(file)?;
        let mut report = Report::new(file, &text);
        let Some(root) = report.parse(&text) else { return Err(report.into_mistakes()) };
        let named = root.get("adapter").and_then(|value| value.get_ref().as_str());
        let adapter = cx.adapters.iter().copied().find(|kind| Some(kind.name) == named);
        let fields = adapter.map_or(&[][..], |kind| kind.fields);
        let settings_form = Form { section: "settings", fields, secret: false };
        let secrets_form = Form { section: "secrets", fields, secret: true };
        let mut layout = TENANT.each_ref().map(Section::form).to_vec();
        layout.extend([settings_form, secrets_form]);

        let mut tokens = Vec::new();
        let mut vault = Vault { environment: cx.environment, watch };
        let top = Table { entries: &root, line: 1 };
        let top_form = section(&TENANT, "").form();
        let answers = top_form.read(&mut report, &layout, Some(top), &mut |report, field, key, value| {
            if field.name == "tokens" {
                tokens = vault.tokens(report, key, value);
                return None;
            }
            crate::form::value_of(report, field, key, value, cx.check_url)
        });
        top_form.settle(&mut report, &answers, &answers);
        let who = Settings::new(top_form.with_defaults(&answers), BTreeMap::new());
        let line = |name: &str| answers.given.get(name).map(|given| given.line);
        if let (Some(name), None) = (who.text("adapter"), adapter) {
            report.add(line("adapter"), "adapter", "is no known adapter", known_adapters(cx.adapters, name));
        }
        let time_zone = who.text("time_zone").and_then(|name| {
            let zone = TimeZone::get(name).ok();
            if zone.is_none() {
                report.add(line("time_zone"), "time_zone", "is no IANA time zone", known_zones(name));
            }
            zone
        });

        let plain = |report: &mut Report, name: &str| {
            let table = report.section(&root, name);
            section(&TENANT, name).form().settings(report, &layout, table, cx.check_url)
        };
        let (cache, cache_answers) = plain(&mut report, "cache");
        let (limits, limits_answers) = plain(&mut report, "limits");
        let (retry, retry_answers) = plain(&mut report, "retry");
        let (breaker, breaker_answers) = plain(&mut report, "breaker");
        let (tls, tls_answers) = plain(&mut report, "tls");
        let tls_form = section(&TENANT, "tls").form();
        let ca = tls.text("ca").and_then(|path| {
            (vault.watch)(Path::new(path));
            let bytes = certificates(Path::new(path));
            if let Err(reason) = &bytes {
                report.add(
                    tls_answers.given.get("ca").map(|given| given.line),
                    "tls.ca",
                    format!("the file named here {reason}"),
                    "name a PEM file with at least one certificate (-----BEGIN CERTIFICATE-----)",
                );
            }
            bytes.ok()
        });

        let mut key_lines: BTreeMap<_, _> = lines_of(&tls_form, &tls_answers).collect();
        let table = report.section(&root, "settings");
        let secrets_table = report.section(&root, "secrets");
        let (mut values, mut secrets) = (BTreeMap::new(), BTreeMap::new());
        if adapter.is_some() {
            let (_, given) = settings_form.settings(&mut report, &layout, table, cx.check_url);
            values = settings_form.with_defaults(&given);
            let answers = secrets_form.read(&mut report, &layout, secrets_table, &mut |report, field, key, value| {
                vault.secret(report, field, key, value)
            });
            secrets_form.settle(&mut report, &given, &answers);
            key_lines.extend(lines_of(&settings_form, &given));
            key_lines.extend(lines_of(&secrets_form, &answers));
            secrets =
                answers.given.into_iter().filter_map(|(name, given)| Some((name.to_owned(), given.value?))).collect();
        } else if let Some(table) = secrets_table {
            // Without the adapter's fields it is still plain what must not stand here.
            for (name, value) in table.entries {
                vault.secret(&mut report, &Field::TEXT, &visible(&secrets_form.key(name.get_ref())), value);
            }
        }
        if !report.is_clean() {
            return Err(report.into_mistakes());
        }

        let guards = [
            ("cache", cache_answers),
            ("limits", limits_answers),
            ("retry", retry_answers),
            ("breaker", breaker_answers),
        ];
        let guard_lines = guards.iter().flat_map(|(name, answers)| {
            let form = section(&TENANT, name).form();
            lines_of(&form, answers).collect::<Vec<_>>()
        });
        let guard_lines = guard_lines.collect();
        let adapter = adapter.expect("an unknown adapter is a mistake");
        let (tokens, token_lines) = tokens.into_iter().unzip();
        let mut tenant = Self {
            id,
            title: who.text("title").map(str::to_owned),
            adapter,
            tokens,
            time_zone: time_zone.expect("an unknown time zone is a mistake"),
            currency: who.text("currency").and_then(Currency::new),
            customer_from: match who.text("customer_from") {
                Some("seller_reference") => CustomerFrom::SellerReference,
                _ => CustomerFrom::CustomerCode,
            },
            settings: Settings::default(),
            cache: guard::cache(cx.defaults.cache, &cache),
            retry: guard::retry(cx.defaults.retry, &retry),
            breaker: guard::breaker(cx.defaults.breaker, &breaker),
            limit: guard::limit(guard::borne_by(cx.defaults.limit, adapter.capabilities.limits.concurrency), &limits),
            calls_per_minute: guard::number(&limits, "calls_per_minute").unwrap_or(cx.defaults.calls_per_minute),
            documents: limits
                .integer("documents")
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(cx.defaults.documents),
            ca,
            digest: [0; 32],
            file: file.to_owned(),
            token_lines,
            key_lines,
            guard_lines,
        };
        tenant.digest = tenant.connection_digest(&format!("{values:?}"), &secrets);
        tenant.settings = Settings::new(values, secrets);
        Ok(tenant)
    }

    fn connection_digest(&self, settings: &str, secrets: &BTreeMap<String, SecretString>) -> [u8; 32] {
        let mut digest = Sha256::new();
        // Each part goes with its length, so that no two lists of parts read the same.
        let mut part = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        part(self.adapter.name.as_bytes());
        part(settings.as_bytes());
        let zone = self.time_zone.iana_name();
        part(format!("{:?}", (zone, &self.currency, self.customer_from, self.documents)).as_bytes());
        part(format!("{:?}", (self.cache, self.retry, self.breaker, self.limit)).as_bytes());
        part(self.ca.as_deref().unwrap_or_default());
        for (name, secret) in secrets {
            part(name.as_bytes());
            part(secret.expose_secret().as_bytes());
        }
        digest.finalize().into()
    }
}

fn lines_of<'a, T>(form: &'a Form, answers: &'a Answers<T>) -> impl Iterator<Item = (String, usize)> + use<'a, T> {
    answers.given.iter().map(|(name, given)| (form.key(name), given.line))
}

/// Where `name` stands in the text as a word of its own.
fn word_in(text: &str, name: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| !text[..*at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

fn known_adapters(adapters: &[&'static AdapterKind], name: &str) -> String {
    let mut names: Vec<&str> = adapters.iter().map(|kind| kind.name).collect();
    names.sort_by_key(|known| (strsim::damerau_levenshtein(name, known), *known));
    format!("the known ones, nearest first, are {}", quoted(names))
}

fn known_zones(name: &str) -> String {
    let zones: Vec<String> = jiff::tz::db().available().map(|zone| zone.as_str().to_owned()).collect();
    match nearest(name, zones.iter().map(String::as_str)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "write a name such as \"America/New_York\" or \"UTC\"".to_owned(),
    }
}

fn certificates(path: &Path) -> Result<Arc<[u8]>, String> {
    let bytes = read_file(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let begins = text.contains("-----BEGIN CERTIFICATE-----") && text.contains("-----END CERTIFICATE-----");
    if begins { Ok(bytes.into()) } else { Err("holds no certificate".to_owned()) }
}
