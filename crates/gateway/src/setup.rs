use std::sync::Arc;

use livegate_http::{AllowedTarget, Clients, EgressPolicy};
use livegate_tenants::{Config, LoadContext, Mistake, Reading, TenantFiles};

use crate::adapters::ADAPTERS;

/// What livegate.toml says, and what follows from it. A reload makes the next one.
pub(crate) struct Setup {
    pub(crate) config: Config,
    pub(crate) clients: Arc<Clients>,
    /// Tells connections that were made under an older setup.
    pub(crate) number: u64,
    /// What is wrong with the file as it stands now, while the last good one is in force.
    pub(crate) mistakes: Vec<Mistake>,
    policy: EgressPolicy,
}

impl Setup {
    /// What follows from a configuration.
    ///
    /// # Errors
    /// Every entry of `[egress] allow` that is none.
    pub(crate) fn new(config: Config, number: u64) -> Result<Self, Vec<Mistake>> {
        let (mut allowed, mut mistakes) = (Vec::new(), Vec::new());
        for (entry, line) in &config.egress_allow {
            match entry.parse::<AllowedTarget>() {
                Ok(target) => allowed.push(target),
                Err(error) => mistakes.push(Mistake {
                    file: config.file.clone(),
                    line: Some(*line),
                    key: Some("egress.allow".to_owned()),
                    message: format!("{entry:?} is no address, network or host"),
                    remedy: error.to_string(),
                }),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let policy = EgressPolicy::new(allowed);
        Ok(Self { clients: Arc::new(Clients::new(policy.clone())), policy, config, number, mistakes })
    }

    /// The defaults, where no address is refused: of a broken configuration it is not known what it would allow.
    pub(crate) fn unconfigured() -> Self {
        let everything = ["0.0.0.0/0", "::/0"].map(|network| network.parse().expect("both are networks"));
        let policy = EgressPolicy::new(everything.into());
        let clients = Arc::new(Clients::new(policy.clone()));
        Self { config: Config::default(), clients, number: 0, mistakes: Vec::new(), policy }
    }

    /// Reads every tenant file with the adapters of this binary and the process's environment.
    pub(crate) fn read_tenants(&self, files: &mut TenantFiles) -> Reading {
        let check_url = |text: &str| {
            let url = url::Url::parse(text).map_err(|error| error.to_string())?;
            self.policy.check_url(&url).map_err(|refusal| refusal.to_string())
        };
        files.read(&LoadContext {
            adapters: ADAPTERS,
            defaults: &self.config,
            check_url: &check_url,
            environment: &|name| std::env::var(name).ok(),
        })
    }

    /// The same setup, while the file as it stands now has these mistakes.
    pub(crate) fn with_mistakes(&self, mistakes: Vec<Mistake>) -> Self {
        let (config, policy) = (self.config.clone(), self.policy.clone());
        Self { config, clients: Arc::clone(&self.clients), policy, number: self.number, mistakes }
    }
}
