//! A livegate process on loopback, configured as it comes out of the box but for what the bench needs.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::process::Running;

/// A running gateway.
pub struct Livegate {
    pub live: SocketAddr,
    /// From its start until it had said that both addresses are open.
    pub ready_after: Duration,
    pub running: Running,
    /// Where every call is told, as it is by default.
    pub log: PathBuf,
    _directory: TempDir,
}

/// One tenant of it: the token opens it, and `system` is the path of the ERP's address.
pub struct Tenant {
    pub id: String,
    pub token: String,
    pub system: &'static str,
}

impl Tenant {
    pub fn new(id: impl Into<String>, system: &'static str) -> Self {
        let id = id.into();
        Self { token: token(&id), id, system }
    }

    fn file(&self, stub: SocketAddr) -> String {
        let digest: String = Sha256::digest(&self.token).iter().map(|byte| format!("{byte:02x}")).collect();
        format!(
            "title = \"{}\"\nadapter = \"dockmaster\"\ntokens = [{{ sha256 = \"{digest}\" }}]\n[settings]\n\
             base_url = \"http://{stub}/{}/\"\nformat = \"json\"\nauth = \"bearer\"\n[secrets]\n\
             token = {{ env = \"{ERP_TOKEN}\" }}\n",
            self.id, self.system
        )
    }
}

/// The token of the tenant with this id.
pub fn token(id: &str) -> String {
    format!("store-token-of-{id}-00000000000000000000")
}

const ERP_TOKEN: &str = "LIVEGATE_BENCH_ERP_TOKEN";

impl Livegate {
    /// Starts one with everything switched on that is on by default. Answers stay fresh, so that no refresh is among what
    /// is measured, and a customer may have as many invoices as the largest answer holds.
    pub fn start(workers: usize, stub: SocketAddr, tenants: &[Tenant]) -> Result<Self, String> {
        let directory = tempfile::tempdir().map_err(|error| format!("no temporary directory: {error}"))?;
        let write = |name: &str, text: String| {
            let path = directory.path().join(name);
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
        };
        fs::create_dir(directory.path().join("tenants")).map_err(|error| format!("no directory: {error}"))?;
        for tenant in tenants {
            write(&format!("tenants/{}.toml", tenant.id), tenant.file(stub))?;
        }
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nworkers = {workers}\n\
             [tenants]\ndirectory = \"tenants\"\n[cache]\nttl = \"24h\"\n[limits]\ndocuments = 1000000\n\
             [egress]\nallow = [\"127.0.0.1\"]\n"
        );
        write("livegate.toml", config)?;
        let log = directory.path().join("log");
        let began = Instant::now();
        let mut command = Command::new(binary()?);
        command.args(["serve", "--config", "livegate.toml"]).current_dir(directory.path());
        let mut running = Running::start(command.env(ERP_TOKEN, "erp-token"), &log)?;
        let [live, _] = running.addresses(["listening on ", "admin on "], &log)?;
        let ready_after = began.elapsed();
        // Only now, as it would take part of the time until it was ready.
        running.guard()?;
        Ok(Self { live, ready_after, running, log, _directory: directory })
    }
}

/// The gateway as its users build it, which `cargo xtask bench` has built beside this program, wherever cargo was told to
/// put what it builds.
///
/// # Errors
/// It is not there.
pub fn binary() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("the bench does not find itself: {error}"))?;
    let binary = own.parent().and_then(Path::parent).unwrap_or(&own).join("livegate");
    if binary.is_file() {
        return Ok(binary);
    }
    Err(format!("{} is not there: `cargo build --release --package livegate` builds it", binary.display()))
}
