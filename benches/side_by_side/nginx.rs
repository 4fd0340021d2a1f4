//! nginx as somebody configures it who wants it fast: no access log, connections kept, open files remembered.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::packages::place;
use crate::process::{Running, children, pause};

/// A running nginx with one worker.
pub struct Nginx {
    /// Serves the POST from its cache.
    pub cache: SocketAddr,
    /// Passes the POST on to the ERP.
    pub pass: SocketAddr,
    pub worker: u32,
    _running: Running,
    _directory: TempDir,
}

impl Nginx {
    pub fn start(stub: SocketAddr) -> Result<Self, String> {
        let directory = tempfile::tempdir().map_err(|error| format!("no temporary directory: {error}"))?;
        let (cache, pass) = (free()?, free()?);
        let path = directory.path().display().to_string();
        let config = configuration(&path, stub, cache, pass);
        let file = directory.path().join("nginx.conf");
        fs::write(&file, config).map_err(|error| format!("{}: {error}", file.display()))?;
        let log = directory.path().join("log");
        let mut command = Command::new(place("nginx"));
        let mut running = Running::start(command.arg("-p").arg(directory.path()).arg("-c").arg(&file), &log)?;
        running.guard()?;
        let until = Instant::now() + Duration::from_secs(5);
        let worker = loop {
            let up = TcpStream::connect(cache).is_ok() && TcpStream::connect(pass).is_ok();
            match children(running.id()).into_iter().find(|child| is_worker(*child)) {
                Some(worker) if up => break worker,
                _ if Instant::now() > until => {
                    return Err(format!("nginx did not start: {}", fs::read_to_string(log).unwrap_or_default()));
                }
                _ => pause(Duration::from_millis(20)),
            }
        };
        Ok(Self { cache, pass, worker, _running: running, _directory: directory })
    }
}

/// nginx has a process more while it looks after its cache.
fn is_worker(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/cmdline")).is_ok_and(|line| line.contains("worker process"))
}

/// A port that was free a moment ago: nginx cannot pick one itself.
fn free() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map_err(|error| format!("no free port: {error}"))
}

fn configuration(path: &str, stub: SocketAddr, cache: SocketAddr, pass: SocketAddr) -> String {
    // Only who starts as root may name the worker's user, and must, as nobody may not read the directory.
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let user = if root { "user root;" } else { "" };
    format!(
        r#"{user}
worker_processes 1;
daemon off;
pid {path}/pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nodelay on;
    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    client_body_buffer_size 64k;
    client_body_in_single_buffer on;
    client_body_temp_path {path}/body;
    proxy_temp_path {path}/proxy;
    fastcgi_temp_path {path}/fastcgi;
    uwsgi_temp_path {path}/uwsgi;
    scgi_temp_path {path}/scgi;
    proxy_cache_path {path}/cache levels=1:2 keys_zone=kept:10m inactive=24h use_temp_path=off;
    open_file_cache max=1000 inactive=1h;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    upstream erp {{
        server {stub};
        keepalive 64;
        keepalive_requests 1000000000;
        keepalive_timeout 1h;
    }}
    server {{
        listen {cache};
        location / {{
            proxy_pass http://erp/kept/;
            proxy_cache kept;
            proxy_cache_methods POST;
            proxy_cache_key "$request_uri|$request_body";
            proxy_cache_valid 200 24h;
        }}
    }}
    server {{
        listen {pass};
        location / {{
            proxy_pass http://erp;
        }}
    }}
}}
"#
    )
}
