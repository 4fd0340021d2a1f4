use std::path::{Path, PathBuf};
use std::sync::Arc;

use livegate_core::{Connection, ErpAdapter, ErpError, Transport};
use livegate_http::{AllowedTarget, Clients, EgressPolicy, TransportSettings};
use livegate_tenants::{Config, LoadContext, Mistake, Reading, Tenant, TenantFiles};

use crate::adapters::ADAPTERS;

/// What livegate.toml says, and what follows from it. A reload makes the next one.
pub(crate) struct Setup {
    pub(crate) config: Config,
    clients: Arc<Clients>,
    /// Held so that tenants without certificates of their own share one transport from the start.
    shared: Option<Arc<dyn Transport>>,
    /// Tells connections that were made under an older setup.
    pub(crate) number: u64,
    /// What is wrong with the file as it stands now, while the last good one is in force.
    pub(crate) mistakes: Vec<Mistake>,
    policy: EgressPolicy,
}

impl Setup {
    /// Reads the configuration at `path`.
    ///
    /// # Errors
    /// Every mistake in it.
    pub(crate) fn load(path: Option<&Path>, number: u64) -> Result<Self, Vec<Mistake>> {
        let check_allow = |entry: &str| entry.parse::<AllowedTarget>().map(drop).map_err(|error| error.to_string());
        Config::load(path, &check_allow, &|name| std::env::var(name).ok()).map(|config| Self::new(config, number))
    }

    /// What follows from a configuration whose entries of `[egress] allow` have been checked.
    pub(crate) fn new(config: Config, number: u64) -> Self {
        let policy = EgressPolicy::new(config.egress_allow.iter().filter_map(|entry| entry.parse().ok()).collect());
        let clients = Arc::new(Clients::new(policy.clone()));
        let connect_timeout = config.limit.connect_timeout;
        let shared = clients.transport(&TransportSettings { connect_timeout, ..TransportSettings::default() }).ok();
        Self { clients, shared, policy, config, number, mistakes: Vec::new() }
    }

    /// The defaults in place of a broken configuration. No address is refused: it is not known what it would allow.
    pub(crate) fn in_place_of(path: Option<&Path>) -> Self {
        let everything = ["0.0.0.0/0", "::/0"].map(|network| network.parse().expect("both are networks"));
        let policy = EgressPolicy::new(everything.into());
        let clients = Arc::new(Clients::new(policy.clone()));
        let config = Config { tenants_directory: Config::tenants_directory_of(path), ..Config::default() };
        Self { config, clients, shared: None, number: 0, mistakes: Vec::new(), policy }
    }

    /// Where the tenant files are, from the root on: who started livegate elsewhere than they thought sees it.
    pub(crate) fn tenants_directory(&self) -> PathBuf {
        let directory = &self.config.tenants_directory;
        std::path::absolute(directory).unwrap_or_else(|_| directory.clone())
    }

    /// Reads every tenant file with the adapters of this binary and the process's environment.
    pub(crate) fn read_tenants(&self, files: &mut TenantFiles) -> Reading {
        let check_url = |text: &str| {
            let url = url::Url::parse(text).map_err(|error| error.to_string())?;
            self.policy.check_url(&url).map_err(|refusal| self.with_file(&refusal.to_string()))
        };
        let mut reading = files.read(&LoadContext {
            adapters: ADAPTERS,
            defaults: &self.config,
            check_url: &check_url,
            environment: &|name| std::env::var(name).ok(),
        });
        // Making a connection sends nothing, and tells what only adapter and transport can know.
        for outcome in reading.tenants.values_mut() {
            if let Ok(tenant) = outcome
                && let Err(error) = self.connect(tenant)
            {
                let message = format!("the connection cannot be made: {}", error.message());
                *outcome = Err(vec![tenant.mistake(message, "correct what this names")]);
            }
        }
        reading
    }

    /// The adapter's bare connection, without layers. Nothing is sent yet.
    ///
    /// # Errors
    /// What the adapter or the transport says about the settings.
    pub(crate) fn connect(&self, tenant: &Tenant) -> Result<Arc<dyn ErpAdapter>, ErpError> {
        self.connect_through(tenant, |transport| transport)
    }

    /// The same, sending through what `wrap` makes of the transport.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub(crate) fn connect_through(
        &self,
        tenant: &Tenant,
        wrap: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>,
    ) -> Result<Arc<dyn ErpAdapter>, ErpError> {
        let settings = TransportSettings { ca: tenant.ca.clone(), connect_timeout: tenant.limit.connect_timeout };
        let transport = wrap(self.clients.transport(&settings)?);
        let connection = Connection { settings: tenant.settings.clone(), transport, document_cap: tenant.documents };
        (tenant.adapter.connect)(connection)
    }

    /// A message for the operator: where it names the key that refuses an address, with the file of that key.
    pub(crate) fn with_file(&self, message: &str) -> String {
        let key = "[egress] allow";
        message.replace(key, &format!("{key} in {}", self.config.file.display()))
    }

    /// The same setup, while the file as it stands now has these mistakes.
    pub(crate) fn with_mistakes(&self, mistakes: Vec<Mistake>) -> Self {
        let (config, policy) = (self.config.clone(), self.policy.clone());
        let (clients, shared) = (Arc::clone(&self.clients), self.shared.clone());
        Self { config, clients, shared, policy, number: self.number, mistakes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_address_is_told_with_entry_key_and_file() {
        let config = Config { file: "own/livegate.toml".into(), ..Config::default() };
        let setup = Setup::new(config, 0);
        let refusal = setup.policy.check_url(&"https://10.0.0.5/api".parse().unwrap()).unwrap_err();
        let told = setup.with_file(&refusal.to_string());
        assert!(told.ends_with("add \"10.0.0.5:443\" to [egress] allow in own/livegate.toml"), "{told}");
    }
}
