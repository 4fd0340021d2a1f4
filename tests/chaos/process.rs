//! A gateway process and who calls it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use livegate_core::{CallContext, Transport};
use tempfile::TempDir;

pub const TOKEN: &str = "store-token-of-the-chaos-0001";

/// The gateway's binary, built as its users build it if the whole run is asked for.
static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let release = std::env::args().any(|argument| argument == "--full");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--package", "livegate", "--quiet"]).current_dir(&root);
    if release {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo can be started").success(), "the gateway builds");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    target.join(if release { "release" } else { "debug" }).join("livegate")
});

/// A gateway on loopback with its own directory, which tenants share who come and go.
pub struct Process {
    pub live: SocketAddr,
    directory: Arc<TempDir>,
    child: Child,
}

impl Process {
    /// Starts one on any free port. `config` is what `livegate.toml` says beside addresses.
    pub fn start(config: &str, tenants: &[(String, String)]) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the test");
        fs::create_dir(directory.path().join("tenants")).expect("a directory in it");
        let one = Self::again(Arc::new(directory), config, "127.0.0.1:0");
        for (id, file) in tenants {
            one.write(id, file);
        }
        // The files came after the start, so that a later one finds them; they act when they are read.
        one.signal("HUP");
        one
    }

    /// Starts one in the same directory, on this address.
    pub fn again(directory: Arc<TempDir>, config: &str, listen: &str) -> Self {
        let file = format!("livegate-{}.toml", listen.rsplit(':').next().unwrap_or_default());
        let text = format!(
            "[tenants]\ndirectory = \"tenants\"\n[egress]\nallow = [\"127.0.0.1\"]\n[log]\nlevel = \"error\"\n\
             [server]\nlisten = \"{listen}\"\nadmin_listen = \"127.0.0.1:0\"\n{config}\n"
        );
        fs::write(directory.path().join(&file), text).expect("a file in it");
        let log = fs::File::options().create(true).append(true).open(directory.path().join("log")).expect("a log");
        let mut child = Command::new(&*BINARY)
            .args(["serve", "--config", &file])
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the gateway starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
        let line = lines.next().and_then(Result::ok).unwrap_or_default();
        // The second line too: a gateway whose output nobody reads ends.
        let _ = lines.next();
        let live = line.strip_prefix("listening on http://").and_then(|address| address.parse().ok());
        let log = || fs::read_to_string(directory.path().join("log")).unwrap_or_default();
        let live = live.unwrap_or_else(|| panic!("{line:?} {}", log()));
        Self { live, directory, child }
    }

    pub fn directory(&self) -> Arc<TempDir> {
        Arc::clone(&self.directory)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    pub fn write(&self, id: &str, file: &str) {
        fs::write(self.directory.path().join("tenants").join(format!("{id}.toml")), file).expect("a tenant's file");
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill can be started").success());
    }

    /// Tells it to stop and waits until it has.
    pub async fn stop(&mut self) -> bool {
        self.signal("TERM");
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("its state can be asked") {
                return status.success();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// How many bytes it holds, and how many files it has open; `None` where the system does not tell.
    pub fn holds(&self) -> Option<(u64, usize)> {
        let process = PathBuf::from(format!("/proc/{}", self.child.id()));
        let status = fs::read_to_string(process.join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some((kibibytes * 1024, fs::read_dir(process.join("fd")).ok()?.count()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A tenant's file for the ERP at `address`, with more sections.
pub fn tenant(address: SocketAddr, token: &str, more: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest: String = Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "adapter = \"live\"\ntokens = [{{ sha256 = \"{digest}\" }}]\n[settings]\n\
         customer_balance_url = \"http://{address}/balance\"\nauth = \"bearer\"\n[secrets]\ntoken = {{ env = \"PATH\" }}\n{more}\n"
    )
}

/// What a store gets for one call, and how long it took.
#[derive(Clone, Debug)]
pub struct Told {
    /// 0 when there was no answer.
    pub status: u16,
    /// The error's code; empty for a 200.
    pub code: String,
    pub stale: bool,
    pub took: Duration,
    /// Nothing was sent: another gateway may be asked.
    pub unsent: bool,
}

/// A webstore, with as many connections as it needs.
#[derive(Clone)]
pub struct Store(Arc<dyn Transport>);

impl Store {
    pub fn new() -> Self {
        Self(livegate_http::transport_to(&["127.0.0.1"]).expect("loopback is an address"))
    }

    pub async fn balance(&self, gateway: SocketAddr, token: &str, code: &str) -> Told {
        let request = http::Request::post(format!("http://{gateway}/live/v1/customer-balance"))
            .header("authorization", format!("Bearer {token}"))
            .body(format!("{{\"customer_code\":\"{code}\"}}").into())
            .expect("a request");
        let began = Instant::now();
        let cx = CallContext::new("chaos", Duration::from_secs(60));
        let outcome = self.0.send(&cx, request).await;
        let took = began.elapsed();
        match outcome {
            Ok(answer) => {
                let cache =
                    answer.headers().get("cache-status").and_then(|value| value.to_str().ok()).unwrap_or_default();
                let stale = cache.ends_with("detail=stale");
                let problem: serde_json::Value = serde_json::from_slice(answer.body()).unwrap_or_default();
                let code = problem["code"].as_str().unwrap_or_default().to_owned();
                Told { status: answer.status().as_u16(), code, stale, took, unsent: false }
            }
            Err(error) => {
                let unsent = error.kind() == livegate_core::ErrorKind::Unreachable;
                Told { status: 0, code: error.message().to_owned(), stale: false, took, unsent }
            }
        }
    }
}
