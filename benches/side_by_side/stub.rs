//! The ERP's process and who asks: single calls beside the loads.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use actix_web::web::Bytes;
use tempfile::TempDir;

use crate::load::{PATH, body};
use crate::process::Running;
use crate::roles;

/// The ERP, and a client that asks it and others.
pub struct Stub {
    pub address: SocketAddr,
    client: reqwest::Client,
    _running: Running,
    directory: TempDir,
}

/// What one call was answered.
pub struct Told {
    pub body: Bytes,
    pub cache_status: String,
}

impl Stub {
    pub fn start() -> Result<Self, String> {
        let directory = tempfile::tempdir().map_err(|error| format!("no temporary directory: {error}"))?;
        let (_running, address) = role("stub", "", &directory.path().join("log"))?;
        Ok(Self { address, client: roles::client(), _running, directory })
    }

    /// Another role beside it.
    pub fn role(&self, name: &str, argument: &str) -> Result<(Running, SocketAddr), String> {
        role(name, argument, &self.directory.path().join("log"))
    }

    /// How many requests it has had.
    #[expect(clippy::disallowed_methods, reason = "the bench asks the ERP that it has made up")]
    pub async fn asked(&self) -> Result<u64, String> {
        let answer = self.client.get(format!("http://{}/asked", self.address)).send().await;
        let text = answer.map_err(told)?.text().await.map_err(told)?;
        text.parse().map_err(|_| format!("the ERP says {text:?}"))
    }

    /// The same, once no call is under way any more: livegate ends a call that it has begun, though its caller be gone.
    pub async fn settled(&self) -> Result<u64, String> {
        let mut asked = self.asked().await?;
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let later = self.asked().await?;
            if later == asked {
                return Ok(asked);
            }
            asked = later;
        }
    }

    /// Lets it answer this under `/kept`, and gives the file that holds it.
    #[expect(clippy::disallowed_methods, reason = "the bench asks the ERP that it has made up")]
    pub async fn keep(&self, answer: &Bytes) -> Result<PathBuf, String> {
        let path = self.directory.path().join("answer.json");
        std::fs::write(&path, answer).map_err(|error| format!("{}: {error}", path.display()))?;
        self.client.put(format!("http://{}/kept", self.address)).body(answer.clone()).send().await.map_err(told)?;
        Ok(path)
    }

    /// Asks one of the servers for a customer's invoices, as the loads do.
    ///
    /// # Errors
    /// There was no answer, or it was no 200.
    #[expect(clippy::disallowed_methods, reason = "the bench asks the servers that it compares")]
    pub async fn post(&self, to: SocketAddr, token: &str, customer: &str, no_cache: bool) -> Result<Told, String> {
        let request = self.client.post(format!("http://{to}{PATH}")).bearer_auth(token);
        let request = if no_cache { request.header("cache-control", "no-cache") } else { request };
        let answer = request.header("content-type", "application/json").body(body(customer)).send().await;
        let answer = answer.map_err(told)?;
        let status = answer.status();
        let cache_status = answer.headers().get("cache-status").and_then(|value| value.to_str().ok());
        let cache_status = cache_status.unwrap_or_default().to_owned();
        let body = answer.bytes().await.map_err(told)?;
        if status != 200 {
            return Err(format!("it answered {status}: {}", String::from_utf8_lossy(&body)));
        }
        Ok(Told { body, cache_status })
    }
}

fn told(error: reqwest::Error) -> String {
    let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}

/// This program once more, with a role.
fn role(name: &str, argument: &str, log: &std::path::Path) -> Result<(Running, SocketAddr), String> {
    let own = std::env::current_exe().map_err(|error| format!("the bench does not find itself: {error}"))?;
    let mut running = Running::start(Command::new(own).args(["--role", name, argument]), log)?;
    let [address] = running.addresses(["listening on "], log)?;
    Ok((running, address))
}
