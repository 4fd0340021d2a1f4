use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use livegate_core::{BreakerSettings, CacheSettings, LimitSettings, RetrySettings, Settings, Value};

use crate::document::{Report, Table, read_toml};
use crate::form::Answers;
use crate::guard;
use crate::keys::{CONFIG, RESERVED_HEADERS, Section, section};
use crate::secret::Vault;
use crate::{Mistake, TokenDigest};

/// What `livegate.toml` says, every default filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file that was read, or would have been.
    pub file: PathBuf,
    /// Where Live calls are taken.
    pub listen: SocketAddr,
    /// Where operators ask for health, metrics and documentation.
    pub admin_listen: SocketAddr,
    /// How long one Live call may take, all attempts included.
    pub deadline: Duration,
    /// Threads that take calls; 0 means one per core.
    pub workers: usize,
    /// Header names beside `Authorization` that may carry the token.
    pub token_headers: Vec<String>,
    /// The operator's token; without one there is no operator's API.
    pub admin_token: Option<TokenDigest>,
    /// The file that the operator's token comes from, if it comes from one.
    pub admin_token_file: Option<PathBuf>,
    /// Where the tenant files are.
    pub tenants_directory: PathBuf,
    /// How long answers are of use, unless a tenant says otherwise.
    pub cache: CacheSettings,
    /// How often failed calls are repeated, unless a tenant says otherwise.
    pub retry: RetrySettings,
    /// When calls are paused because an ERP fails, unless a tenant says otherwise.
    pub breaker: BreakerSettings,
    /// How many calls an ERP gets at once, unless a tenant says otherwise.
    pub limit: LimitSettings,
    /// How many Live calls one tenant may make in a minute, unless it says otherwise; 0 for any number.
    pub calls_per_minute: u32,
    /// How many bytes the process may hold; 0 for what the system gives it.
    pub memory: u64,
    /// What connections may reach beside public addresses, as written.
    pub egress_allow: Vec<String>,
    /// The most documents that a fetch-all may bring, unless a tenant says otherwise.
    pub documents: usize,
    /// How a log line looks.
    pub log_format: LogFormat,
    /// The least level that is logged: `error`, `warn`, `info`, `debug` or `trace`.
    pub log_level: String,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl Config {
    /// Where the configuration is unless the command line says otherwise, relative to the working directory.
    pub const DEFAULT_PATH: &str = "config/livegate.toml";

    /// Reads the file at `path`. Without a path it is [`Self::DEFAULT_PATH`], and if that does not exist, every default.
    /// `check_allow` says what is wrong with an entry of `[egress] allow`, and what is accepted;
    /// `environment` gives its variables by name.
    ///
    /// # Errors
    /// Every mistake in the file, or that it cannot be read.
    pub fn load(
        path: Option<&Path>,
        check_allow: &dyn Fn(&str) -> Result<(), String>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<Mistake>> {
        let default_path = Path::new(Self::DEFAULT_PATH);
        match path {
            None if matches!(default_path.try_exists(), Ok(false)) => Ok(Self::default()),
            path => {
                let path = path.unwrap_or(default_path);
                Self::parse(path, &read_toml(path)?, check_allow, environment)
            }
        }
    }

    /// Where the tenants are according to a file that [`Self::load`] refuses, as far as it can be read.
    #[must_use]
    pub fn tenants_directory_of(path: Option<&Path>) -> PathBuf {
        let text = std::fs::read_to_string(path.unwrap_or(Path::new(Self::DEFAULT_PATH))).unwrap_or_default();
        let directory = toml::from_str::<toml::Table>(&text)
            .ok()
            .and_then(|file| file.get("tenants")?.get("directory")?.as_str().map(PathBuf::from));
        directory.unwrap_or_else(|| Self::default().tenants_directory)
    }

    fn parse(
        file: &Path,
        text: &str,
        check_allow: &dyn Fn(&str) -> Result<(), String>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut report = Report::new(file, text);
        let Some(root) = report.parse(text) else { return Err(report.into_mistakes()) };
        let layout = CONFIG.each_ref().map(Section::form);
        let top = Table { entries: &root, line: 1 };
        layout[0].settings(&mut report, &layout, Some(top), &|_| Ok(()));
        let read = |report: &mut Report, name: &str| {
            let form = section(&CONFIG, name).form();
            let table = report.section(&root, name);
            form.settings(report, &layout, table, &|_| Ok(()))
        };
        let (server, server_answers) = read(&mut report, "server");
        let (auth, _) = read(&mut report, "auth");
        let (tenants, _) = read(&mut report, "tenants");
        let (cache, _) = read(&mut report, "cache");
        let (egress, _) = read(&mut report, "egress");
        let (limits, _) = read(&mut report, "limits");
        let (process, _) = read(&mut report, "process");
        let (retry, _) = read(&mut report, "retry");
        let (breaker, _) = read(&mut report, "breaker");
        let (log, _) = read(&mut report, "log");

        let admin_form = section(&CONFIG, "admin").form();
        let admin_table = report.section(&root, "admin");
        let (mut admin_token, mut admin_token_file) = (None, None);
        let mut vault = Vault { environment, watch: &mut |path| admin_token_file = Some(path.to_owned()) };
        admin_form.read::<Value>(&mut report, &layout, admin_table, &mut |report, _, key, value| {
            let line = report.line_of(value);
            admin_token = vault.token(report, key, line, value);
            None
        });

        let listen = address(&mut report, &server, &server_answers, "listen");
        let admin_listen = address(&mut report, &server, &server_answers, "admin_listen");
        if let (Some(listen), Some(admin)) = (listen, admin_listen)
            && listen.port() == admin.port()
            && listen.port() != 0
        {
            let line = line_of(&server_answers, "admin_listen").or(line_of(&server_answers, "listen"));
            report.add(line, "server.admin_listen", "has the port of server.listen", "give the two different ports");
        }
        let header_lines = report.entry_lines(&root, "auth", "token_headers");
        let headers = auth.list("token_headers").unwrap_or_default();
        for (at, (name, line)) in headers.iter().zip(header_lines).enumerate() {
            if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                report.add(
                    line,
                    &format!("auth.token_headers[{at}]"),
                    "is a header with a meaning of its own",
                    "remove it (Authorization always counts), or name another one, such as \"X-Api-Key\"",
                );
            }
        }
        let egress_lines = report.entry_lines(&root, "egress", "allow");
        let allowed = egress.list("allow").unwrap_or_default();
        for (at, (entry, line)) in allowed.iter().zip(&egress_lines).enumerate() {
            if let Err(accepted) = check_allow(entry) {
                report.add(*line, &format!("egress.allow[{at}]"), "is no address, network or host", accepted);
            }
        }
        if !report.is_clean() {
            return Err(report.into_mistakes());
        }

        let number = |settings: &Settings, name| {
            settings.integer(name).and_then(|number| usize::try_from(number).ok()).expect("a number in its range")
        };
        let text = |settings: &Settings, name| settings.text(name).expect("a text with a default").to_owned();
        Ok(Self {
            file: file.to_owned(),
            listen: listen.expect("an address with a default"),
            admin_listen: admin_listen.expect("an address with a default"),
            deadline: server.duration("deadline").expect("a time span with a default"),
            workers: number(&server, "workers"),
            token_headers: auth.list("token_headers").unwrap_or_default().to_vec(),
            admin_token,
            admin_token_file,
            tenants_directory: text(&tenants, "directory").into(),
            cache: guard::cache(CacheSettings::default(), &cache),
            retry: guard::retry(RetrySettings::default(), &retry),
            breaker: guard::breaker(BreakerSettings::default(), &breaker),
            limit: guard::limit(LimitSettings::default(), &limits),
            calls_per_minute: guard::number(&limits, "calls_per_minute").expect("a number with a default"),
            memory: u64::from(guard::number(&process, "memory_mb").expect("a number with a default")) * 1_000_000,
            egress_allow: allowed.to_vec(),
            documents: number(&limits, "documents"),
            log_format: if log.text("format") == Some("json") { LogFormat::Json } else { LogFormat::Text },
            log_level: text(&log, "level"),
        })
    }
}

impl Default for Config {
    /// What an empty file says.
    fn default() -> Self {
        Self::parse(Path::new(Self::DEFAULT_PATH), "", &|_| Ok(()), &|_| None)
            .expect("the table of keys has valid defaults")
    }
}

fn line_of(answers: &Answers<Value>, name: &str) -> Option<usize> {
    answers.given.get(name).map(|given| given.line)
}

fn address(report: &mut Report, server: &Settings, answers: &Answers<Value>, name: &'static str) -> Option<SocketAddr> {
    let address = server.text(name)?.parse().ok();
    if address.is_none() {
        report.add(
            line_of(answers, name),
            &format!("server.{name}"),
            "is no IP address with a port",
            "write it as in \"127.0.0.1:8080\"; \"0.0.0.0:8080\" listens on every network",
        );
    }
    address
}
