use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use livegate_core::CustomerCode;
use livegate_tenants::{Config, Effect, Fingerprint, Mistake, Roster, TenantFiles, TenantId, TokenDigest};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::connections::Connections;
use crate::events::Events;
use crate::inbound::Inbound;
use crate::memory::{self, Memory};
use crate::metrics::Metrics;
use crate::rendered::Rendered;
use crate::setup::Setup;

/// How long until the files are looked at again, so that a change acts within 2 seconds. Looking is the one way that works
/// on every file system.
const LOOK: Duration = Duration::from_millis(500);

/// The same where looking takes long because there are many files: it shall take little of the machine …
const LONGEST_LOOK: Duration = Duration::from_millis(700);

/// … at most one part in so many, as far as that time allows.
const LOOKING_PART: u32 = 100;

/// How often idle connections are closed.
const SWEEP: Duration = Duration::from_secs(60);

/// All that the workers share.
pub(crate) struct Gateway {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) events: Arc<Events>,
    pub(crate) inbound: Inbound,
    pub(crate) memory: Memory,
    pub(crate) connections: Connections,
    pub(crate) rendered: Rendered,
    setup: RwLock<Arc<Setup>>,
    roster: RwLock<Arc<Roster>>,
    files: Mutex<Files>,
    draining: AtomicBool,
    longest_deadline: Mutex<Duration>,
}

/// Where the configuration is read again from.
pub(crate) struct Source(pub(crate) Option<PathBuf>);

/// The files, and the state in which they were last read.
struct Files {
    source: Option<Source>,
    config: ConfigFiles,
    tenants: TenantFiles,
    tenants_read: Fingerprint,
    /// What the last look saw. Only what two looks in a row see alike is read: a file may be half written.
    looked: Option<Look>,
}

#[derive(PartialEq)]
struct Look {
    config: ConfigFiles,
    tenants: Fingerprint,
}

/// What `livegate.toml` holds, and the file that it names for the operator's token.
#[derive(Clone, PartialEq)]
struct ConfigFiles {
    config: Option<Vec<u8>>,
    operators_token: Option<TokenDigest>,
}

impl ConfigFiles {
    fn read(config: &Config) -> Self {
        let token = config.admin_token_file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        Self { config: std::fs::read(&config.file).ok(), operators_token: token.map(|token| TokenDigest::of(&token)) }
    }
}

impl Gateway {
    /// Reads the tenants and begins; a broken tenant file is told and left out. Without a `source` the configuration
    /// stays as it is.
    pub(crate) fn begin(setup: Setup, source: Option<Source>, runtime: Handle) -> Self {
        let read = ConfigFiles::read(&setup.config);
        let metrics = Arc::new(Metrics::new());
        let events = Arc::new(Events::default());
        let [for_answers, for_responses] = memory::for_what_is_kept(setup.config.memory);
        let connections = Connections::new(for_answers, Arc::clone(&metrics), Arc::clone(&events), runtime);
        let mut tenants = TenantFiles::new(&setup.config.tenants_directory);
        let reading = setup.read_tenants(&mut tenants);
        let tenants_read = reading.fingerprint.clone();
        let (roster, mistakes) = Roster::begin(reading);
        let longest_deadline = Mutex::new(setup.config.deadline);
        let gateway = Self {
            metrics,
            events,
            inbound: Inbound::default(),
            memory: Memory::default(),
            connections,
            rendered: Rendered::new(for_responses),
            setup: RwLock::new(Arc::new(setup)),
            roster: RwLock::new(Arc::new(roster)),
            files: Mutex::new(Files { source, config: read, tenants, tenants_read, looked: None }),
            draining: AtomicBool::new(false),
            longest_deadline,
        };
        gateway.tell(&mistakes);
        if gateway.no_tenant().is_none() {
            let (roster, directory) = (gateway.roster(), gateway.setup().tenants_directory());
            let tenants = if roster.tenants().len() == 1 { "tenant" } else { "tenants" };
            tracing::info!("serving {} {tenants} from {}", roster.tenants().len(), directory.display());
        }
        gateway
    }

    /// What is configured just now.
    pub(crate) fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who may call just now.
    pub(crate) fn roster(&self) -> Arc<Roster> {
        Arc::clone(&self.roster.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why nobody can call, and what to do about it; `None` while there is a tenant.
    pub(crate) fn no_tenant(&self) -> Option<String> {
        let (roster, setup) = (self.roster(), self.setup());
        if roster.tenants().len() > 0 {
            return None;
        }
        let reason = match roster.broken().iter().find(|broken| broken.effect == Effect::AllKept) {
            Some(unreadable) => unreadable.mistakes.iter().map(Mistake::advice).collect::<Vec<_>>().join(", "),
            None if roster.broken().is_empty() => {
                "there is no tenant file; write one, <tenant>.toml, or correct directory under [tenants] in livegate.toml"
                    .to_owned()
            }
            None => "every tenant file has mistakes; correct what `livegate check` tells".to_owned(),
        };
        Some(format!("{}: {reason}", setup.tenants_directory().display()))
    }

    /// Reads configuration and tenants again if anything changed, or anyway if `forced`. Tells whether something seems to
    /// change just now, so that it is to be looked at once more.
    pub(crate) fn reload(&self, forced: bool) -> bool {
        // The lock is held over the whole reading, so that two of them cannot overtake each other.
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let look = Look { config: ConfigFiles::read(&self.setup().config), tenants: files.tenants.fingerprint() };
        let settled = forced || files.looked.as_ref() == Some(&look);
        let config_changed = forced || look.config != files.config;
        let tenants_changed = forced || look.tenants != files.tenants_read;
        files.looked = Some(look);
        if !settled || !(config_changed || tenants_changed) {
            return !settled;
        }
        let configured = config_changed && self.reload_config(&mut files);
        if !configured && !tenants_changed {
            return false;
        }
        let reading = self.setup().read_tenants(&mut files.tenants);
        files.tenants_read = reading.fingerprint.clone();
        let (roster, mistakes) = self.roster().next(reading);
        *self.roster.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(roster);
        drop(files);
        let tenants = self.roster().tenants().len();
        tracing::info!(tenants, mistakes = mistakes.len(), "the tenants were read again");
        self.tell(&mistakes);
        self.sweep();
        false
    }

    /// Looks after files and connections until the process ends.
    pub(crate) async fn keep(self: Arc<Self>) {
        let (mut until_look, mut swept) = (LOOK, Instant::now());
        loop {
            tokio::time::sleep(until_look).await;
            let (gateway, began) = (Arc::clone(&self), Instant::now());
            let looked = tokio::task::spawn_blocking(move || gateway.reload(false)).await;
            until_look = match looked {
                Ok(true) => LOOK,
                Ok(false) => (began.elapsed() * LOOKING_PART).clamp(LOOK, LONGEST_LOOK),
                Err(_) => {
                    tracing::error!("reading the files again panicked; what was last good goes on");
                    LOOK
                }
            };
            if swept.elapsed() >= SWEEP {
                self.sweep();
                swept = Instant::now();
            }
        }
    }

    /// Refuses calls while memory is short, until the process ends.
    pub(crate) async fn watch_memory(self: Arc<Self>) {
        loop {
            tokio::time::sleep(memory::LOOK).await;
            if self.memory.look(self.setup().config.memory) {
                tracing::error!(
                    "memory is short: only a few calls at once are let in until some is free; see [process] memory_mb"
                );
            }
            if self.memory.is_short() {
                self.connections.forget_answers();
                self.rendered.clear();
            }
        }
    }

    /// Forgets the tenant's kept answers, one customer's or all, and tells how many there were.
    pub(crate) fn purge(&self, tenant: &TenantId, customer: Option<&CustomerCode>) -> usize {
        let Some((purged, connection)) = self.connections.purge(tenant, customer) else { return 0 };
        // Which customer a response is of is not looked at: rendering another one's again costs little.
        self.rendered.forget(connection);
        purged
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// The longest deadline that calls under way may have.
    pub(crate) fn longest_deadline(&self) -> Duration {
        *self.longest_deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether callers should take their next call elsewhere.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether a new configuration is in force now.
    fn reload_config(&self, files: &mut Files) -> bool {
        let Some(Source(path)) = &files.source else { return false };
        let before = self.setup();
        let vanished = files.config.config.is_some() && !before.config.file.exists();
        if let Some(look) = &files.looked {
            files.config = look.config.clone();
        }
        let loaded =
            if vanished { Err(vec![gone(&before.config)]) } else { Setup::load(path.as_deref(), before.number + 1) };
        let (next, good) = match loaded {
            // Nothing that matters has changed: the connections stay.
            Ok(next) if next.config == before.config && before.mistakes.is_empty() => return false,
            Ok(mut next) => {
                if !needs_new_connections(&before.config, &next.config) {
                    next.number = before.number;
                }
                (next, true)
            }
            Err(mistakes) => (before.with_mistakes(mistakes), false),
        };
        if good {
            if next.config.tenants_directory != before.config.tenants_directory {
                files.tenants = TenantFiles::new(&next.config.tenants_directory);
            }
            tracing::info!(file = %next.config.file.display(), "the configuration was read again");
            let mut longest = self.longest_deadline.lock().unwrap_or_else(PoisonError::into_inner);
            *longest = next.config.deadline.max(*longest);
            if needs_restart(&before.config, &next.config) {
                tracing::warn!("addresses, workers and log of the configuration take effect at the next start");
            }
        }
        for mistake in &next.mistakes {
            tracing::error!("{mistake}; the last good configuration goes on");
        }
        *self.setup.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        good
    }

    fn sweep(&self) {
        let (roster, setup) = (self.roster(), self.setup());
        self.connections.sweep(|id, digest, number| {
            number == setup.number && roster.tenant(id.as_str()).is_some_and(|tenant| tenant.digest == *digest)
        });
        let is_tenant = |id: &TenantId| roster.tenant(id.as_str()).is_some();
        self.events.retain(is_tenant);
        self.inbound.retain(is_tenant);
        self.rendered.sweep();
    }

    fn tell(&self, mistakes: &[Mistake]) {
        let roster = self.roster();
        self.metrics.roster(roster.tenants().len(), roster.broken().len());
        for mistake in mistakes {
            tracing::error!("{mistake}");
        }
        for doubt in doubts(&self.setup().config, &roster) {
            tracing::warn!("{doubt}");
        }
        if let Some(reason) = self.no_tenant() {
            tracing::warn!("serving no tenant from {reason}");
        }
    }
}

/// What makes little sense in a configuration and its tenants.
pub(crate) fn doubts(config: &Config, roster: &Roster) -> Vec<Mistake> {
    let tenants = roster.tenants().flat_map(|tenant| tenant.doubts(config));
    config.doubts().into_iter().chain(tenants).collect()
}

/// Whether a new configuration changes what every connection is made with. What a tenant takes from it is part of the
/// tenant's own digest; anything else leaves connections and their kept answers as they are.
fn needs_new_connections(before: &Config, after: &Config) -> bool {
    (&before.egress_allow, before.deadline) != (&after.egress_allow, after.deadline)
}

/// Whether a new configuration changes what is set up once per process.
fn needs_restart(before: &Config, after: &Config) -> bool {
    (before.listen, before.admin_listen, before.workers) != (after.listen, after.admin_listen, after.workers)
        || (before.log_format, &before.log_level) != (after.log_format, &after.log_level)
}

/// A configuration that was there and is not any more is a mistake, not a wish for the defaults.
fn gone(config: &Config) -> Mistake {
    Mistake {
        file: config.file.clone(),
        line: None,
        key: None,
        message: "the file has gone".to_owned(),
        remedy: "put it back, or restart livegate to run on the defaults".to_owned(),
    }
}
