//! Starts the binary as an operator would and talks to it as a webstore would.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use livegate_adapter_dockmaster::simulator::{self, Options, Running};
use livegate_core::{CallContext, Transport};
use livegate_http::{Clients, EgressPolicy, TransportSettings};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "store-token-of-the-harbor-0001";

/// The binary, built once by the cargo that runs the tests.
pub(crate) static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "livegate"])
        .current_dir(root())
        .status()
        .unwrap();
    assert!(built.success(), "the binary does not build");
    let tests = std::env::current_exe().unwrap();
    tests.ancestors().nth(2).unwrap().join("livegate")
});

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A directory with a configuration and tenant files, and the gateway that runs on it.
pub(crate) struct Gateway {
    pub(crate) live: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) directory: TempDir,
    child: Child,
    transport: Arc<dyn Transport>,
}

/// An answer as a webstore reads it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self:?}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{self:?}");
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(problem["type"], format!("urn:livegate:error:{code}"));
        code
    }
}

/// A DockMaster tenant's file.
pub(crate) fn tenant(erp: SocketAddr, settings: &str) -> String {
    let digest = sha256(TOKEN);
    format!(
        "title = \"Harbor\"\nadapter = \"dockmaster\"\ntokens = [{{ sha256 = \"{digest}\" }}]\n\n\
         [settings]\nbase_url = \"http://{erp}/\"\n{settings}\n"
    )
}

/// The file of a tenant whose ERP is asked for balances with one request each.
pub(crate) fn one_request_tenant(erp: SocketAddr, more: &str) -> String {
    let digest = sha256(TOKEN);
    format!(
        "adapter = \"live\"\ntokens = [{{ sha256 = \"{digest}\" }}]\n\n[settings]\n\
         customer_balance_url = \"http://{erp}/\"\nauth = \"bearer\"\n[secrets]\ntoken = {{ env = \"PATH\" }}\n{more}\n"
    )
}

pub(crate) fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A port that refuses connections and that nobody else can get meanwhile: it is bound, and nobody listens.
pub(crate) fn held_port() -> tokio::net::TcpSocket {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket
}

/// A simulator that admits everyone.
pub(crate) fn simulator() -> Running {
    simulator::start_with(Options { token: None, ..Options::default() }).unwrap()
}

impl Gateway {
    /// A gateway with one tenant `harbor` of this file.
    pub(crate) async fn with_tenant(file: &str) -> Self {
        Self::start("", &[("harbor", file)], &[]).await
    }

    /// The same, where the system lets it have so many files and sockets.
    pub(crate) async fn with_tenant_and_files(file: &str, files: u32) -> Self {
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]).arg(&*BINARY);
        Self::start_as(limited, "", &[("harbor", file)], &[])
    }

    pub(crate) async fn start(config: &str, tenants: &[(&str, &str)], environment: &[(&str, &str)]) -> Self {
        Self::start_as(Command::new(&*BINARY), config, tenants, environment)
    }

    fn start_as(mut command: Command, config: &str, tenants: &[(&str, &str)], environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("tenants")).unwrap();
        for (id, file) in tenants {
            fs::write(directory.path().join("tenants").join(format!("{id}.toml")), file).unwrap();
        }
        let mut text = String::new();
        for (section, lines) in [
            ("server", "listen = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n"),
            ("tenants", "directory = \"tenants\"\n"),
            ("egress", "allow = [\"127.0.0.1\"]\n"),
        ] {
            text.push_str(&format!("[{section}]\n{lines}"));
            // A test's own keys of these sections come as `section.key = value` lines.
            for line in config.lines().filter_map(|line| line.strip_prefix(&format!("{section}."))) {
                text.push_str(line);
                text.push('\n');
            }
        }
        let own = config.lines().filter(|line| !["server.", "tenants.", "egress."].iter().any(|s| line.starts_with(s)));
        text.push_str(&own.collect::<Vec<_>>().join("\n"));
        fs::write(directory.path().join("livegate.toml"), text).unwrap();
        let log = fs::File::create(directory.path().join("log")).unwrap();
        let mut child = command
            .args(["serve", "--config", "livegate.toml"])
            .current_dir(directory.path())
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = |prefix: &str| -> SocketAddr {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            let log = || fs::read_to_string(directory.path().join("log")).unwrap_or_default();
            line.strip_prefix(prefix).unwrap_or_else(|| panic!("{line:?} {}", log())).parse().unwrap()
        };
        let (live, admin) = (address("listening on http://"), address("admin on http://"));
        let policy = EgressPolicy::new(vec!["127.0.0.1".parse().unwrap()]);
        let transport = Clients::new(policy).transport(&TransportSettings::default()).unwrap();
        Self { live, admin, directory, child, transport }
    }

    pub(crate) fn write_tenant(&self, id: &str, file: &str) {
        fs::write(self.directory.path().join("tenants").join(format!("{id}.toml")), file).unwrap();
    }

    pub(crate) fn remove_tenant(&self, id: &str) {
        fs::remove_file(self.directory.path().join("tenants").join(format!("{id}.toml"))).unwrap();
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    /// Sends a request with these header lines.
    pub(crate) async fn send(
        &self,
        method: &str,
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        self.try_send(method, address, path, headers, body).await.unwrap()
    }

    pub(crate) async fn try_send(
        &self,
        method: &str,
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> livegate_core::Result<Answer> {
        let mut request = http::Request::builder().method(method).uri(format!("http://{address}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cx = CallContext::new("test", Duration::from_secs(60));
        let response = self.transport.send(&cx, request.body(body.into()).unwrap()).await?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: String::from_utf8(response.body().to_vec()).unwrap(),
        })
    }

    /// A Live call of the harbor's webstore.
    pub(crate) async fn call(&self, path: &str, body: &str) -> Answer {
        self.call_with(path, body, &[]).await
    }

    pub(crate) async fn call_with(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let bearer = format!("Bearer {TOKEN}");
        let mut all = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send("POST", self.live, &format!("/live/v1/{path}"), &all, body.to_owned()).await
    }

    pub(crate) async fn balance(&self, code: &str) -> Answer {
        self.call("customer-balance", &format!("{{\"customer_code\":{code:?}}}")).await
    }

    pub(crate) async fn admin(&self, path: &str) -> Answer {
        self.send("GET", self.admin, path, &[], "").await
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// How the process ended; it must do so within `limit`.
    pub(crate) async fn ended(&mut self, limit: Duration) -> ExitStatus {
        let until = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "the gateway did not end; {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `done` says so; DESIGN gives a changed tenant file two seconds.
pub(crate) async fn within(limit: Duration, what: &str, mut done: impl AsyncFnMut() -> bool) {
    let until = Instant::now() + limit;
    while !done().await {
        assert!(Instant::now() < until, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
