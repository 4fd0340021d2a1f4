//! The closed-loop load: wrk with a script that posts what it is told.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::packages::place;

/// The path of every request.
pub const PATH: &str = "/live/v1/invoices";

/// What is posted, in turn.
#[derive(Clone)]
pub struct Load {
    /// The token and the customer of each request.
    pub calls: Vec<(String, String)>,
    /// A miss asks for the ERP's present answer.
    pub no_cache: bool,
    pub connections: usize,
}

/// What wrk counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub requests: u64,
    pub per_second: f64,
    /// In microseconds.
    pub p50: f64,
    /// In microseconds.
    pub p99: f64,
}

/// The body of a request for a customer's invoices.
pub fn body(customer: &str) -> String {
    format!("{{\"customer_code\":\"{customer}\"}}")
}

impl Load {
    /// Sends it to `to` for this long.
    ///
    /// # Errors
    /// wrk could not be started, or an answer was not 200 or did not come.
    pub async fn run(&self, to: SocketAddr, span: Duration) -> Result<Counted, String> {
        let directory = tempfile::tempdir().map_err(|error| format!("no temporary directory: {error}"))?;
        let script = self.script(&directory)?;

        let seconds = span.as_secs().max(1);
        let mut wrk = tokio::process::Command::from(Command::new(place("wrk")));
        wrk.args(["-t1", &format!("-c{}", self.connections), &format!("-d{seconds}s"), "--timeout", "20s", "-s"]);
        wrk.arg(script).arg(format!("http://{to}{PATH}")).stdin(Stdio::null()).kill_on_drop(true);
        let output = wrk.output().await.map_err(|error| format!("wrk could not be started: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let told = text.lines().find_map(|line| line.strip_prefix("counted "));
        let figures: Vec<f64> = told.unwrap_or_default().split(' ').filter_map(|word| word.parse().ok()).collect();
        let &[requests, microseconds, statuses, failures, p50, p99] = figures.as_slice() else {
            return Err(format!("wrk said {text}{}", String::from_utf8_lossy(&output.stderr)));
        };
        if statuses + failures > 0.0 || requests == 0.0 {
            return Err(format!("of {requests} requests {statuses} were refused, and {failures} not answered"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "wrk counts whole requests")]
        Ok(Counted { requests: requests as u64, per_second: requests / microseconds * 1e6, p50, p99 })
    }

    fn script(&self, directory: &TempDir) -> Result<std::path::PathBuf, String> {
        let mut text = String::from("local calls = {\n");
        for (token, customer) in &self.calls {
            writeln!(text, "{{'{token}', '{}'}},", body(customer)).expect("a String takes everything");
        }
        let no_cache = if self.no_cache { "headers['Cache-Control'] = 'no-cache'" } else { "" };
        write!(
            text,
            r#"}}
local requests, turn = {{}}, 0
function init()
  for number, call in ipairs(calls) do
    local headers = {{}}
    headers['Authorization'] = 'Bearer ' .. call[1]
    headers['Content-Type'] = 'application/json'
    {no_cache}
    requests[number] = wrk.format('POST', '{PATH}', headers, call[2])
  end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function done(summary, latency)
  local failed = summary.errors
  io.write(string.format('counted %d %d %d %d %.1f %.1f\n', summary.requests, summary.duration, failed.status,
    failed.connect + failed.read + failed.write + failed.timeout, latency:percentile(50), latency:percentile(99)))
end
"#
        )
        .expect("a String takes everything");
        let path = directory.path().join("load.lua");
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }
}
