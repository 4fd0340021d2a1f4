use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use livegate_core::{CallContext, DemoTenant, Operation, Result, Simulator};
use livegate_http::{Auth, Clients, EgressPolicy, Endpoint, TransportSettings};
use livegate_tenants::Config;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::adapters::ADAPTERS;
use crate::live::ROUTES;
use crate::logging;
use crate::serve::Server;
use crate::setup::Setup;

/// Where the demo listens if nobody else does, so that the README's lines work as they stand there.
const PORTS: [u16; 2] = [8080, 8081];

/// Runs every adapter's simulator and a tenant for each, all on loopback and in a directory of its own, and tries every
/// call. Serves on afterwards unless told to exit.
pub(crate) async fn run(exit_after_check: bool) -> io::Result<ExitCode> {
    let directory = tempfile::Builder::new().prefix("livegate-demo-").tempdir()?;
    let (mut simulators, mut tenants): (Vec<Simulator>, Vec<(&DemoTenant, &[Operation])>) = (Vec::new(), Vec::new());
    for kind in ADAPTERS {
        let Some(start) = kind.simulator else { continue };
        let simulator = start()?;
        for tenant in kind.demo {
            write_tenant(directory.path(), kind.name, tenant, simulator.address)?;
            tenants.push((tenant, kind.capabilities.operations));
        }
        simulators.push(simulator);
    }
    let [listen, admin_listen] = if exit_after_check { [loopback(0); 2] } else { PORTS.map(free) };
    let config = Config {
        listen,
        admin_listen,
        tenants_directory: directory.path().join("tenants"),
        egress_allow: simulators.iter().map(|simulator| simulator.address.to_string()).collect(),
        log_level: "warn".to_owned(),
        ..Config::default()
    };
    let _last_lines = logging::begin(&config);
    let mut server = Server::start(Setup::new(config, 0), None).await?;
    server.announce()?;
    let all_answered = try_all(server.live, &tenants).await?;
    if exit_after_check {
        server.drain().await?;
        return Ok(if all_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    tell_other_ports(&server)?;
    print_curl_lines(&server, &tenants)?;
    server.until_told_to_stop().await;
    server.drain().await?;
    Ok(ExitCode::SUCCESS)
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// The port, or any free one if somebody else has it.
fn free(port: u16) -> SocketAddr {
    loopback(if TcpListener::bind(loopback(port)).is_ok() { port } else { 0 })
}

fn token(tenant: &DemoTenant) -> String {
    format!("demo-{}", tenant.id)
}

/// Writes the tenant as a person would: one file, its secrets in files of their own.
fn write_tenant(directory: &Path, adapter: &str, tenant: &DemoTenant, simulator: SocketAddr) -> io::Result<()> {
    let (tenants, secrets) = (directory.join("tenants"), directory.join("secrets"));
    fs::create_dir_all(&tenants)?;
    fs::create_dir_all(&secrets)?;
    let file = |name: &str, secret: &str| -> io::Result<String> {
        let path = secrets.join(format!("{}-{name}", tenant.id));
        fs::write(&path, secret)?;
        Ok(path.display().to_string())
    };
    let mut text = format!("title = {:?}\nadapter = {adapter:?}\n", tenant.title);
    let _ = writeln!(text, "tokens = [{{ file = {:?} }}]\n\n[settings]", file("livegate-token", &token(tenant))?);
    for (name, value) in tenant.settings {
        let _ = writeln!(text, "{name} = {:?}", value.replace("{address}", &simulator.to_string()));
    }
    if !tenant.secrets.is_empty() {
        text.push_str("\n[secrets]\n");
    }
    for (name, secret) in tenant.secrets {
        let _ = writeln!(text, "{name} = {{ file = {:?} }}", file(name, secret)?);
    }
    fs::write(tenants.join(format!("{}.toml", tenant.id)), text)
}

/// The request's body for an operation; `None` where the demo has no document to ask for.
fn body(tenant: &DemoTenant, operation: Operation) -> Option<Value> {
    let mut body = json!({ "customer_code": tenant.customer_code });
    match operation {
        Operation::Order => body["order_id"] = tenant.order_id?.into(),
        Operation::Invoice => body["invoice_id"] = tenant.invoice_id?.into(),
        Operation::Account | Operation::Orders | Operation::Invoices => {}
    }
    Some(body)
}

async fn try_all(gateway: SocketAddr, tenants: &[(&DemoTenant, &[Operation])]) -> io::Result<bool> {
    let mut out = io::stdout();
    let mut all_answered = true;
    for (tenant, offered) in tenants {
        writeln!(out, "\n{} ({})", tenant.id, tenant.title)?;
        for (path, operation) in ROUTES {
            let Some(body) = body(tenant, operation).filter(|_| offered.contains(&operation)) else {
                writeln!(out, "  {path:<28} not offered by this connection")?;
                continue;
            };
            let began = Instant::now();
            match post(gateway, path, &token(tenant), &body).await {
                Ok(answer) => {
                    let took = began.elapsed().as_millis();
                    writeln!(out, "  {path:<28} 200 in {took:>3} ms  {}", summary(operation, &answer))?;
                    all_answered &= !answer.is_empty();
                }
                Err(error) => {
                    writeln!(out, "  {path:<28} failed: {error}")?;
                    all_answered = false;
                }
            }
        }
    }
    let verdict = if all_answered { "every call was answered" } else { "not every call was answered" };
    writeln!(out, "\n{verdict}")?;
    Ok(all_answered)
}

async fn post(gateway: SocketAddr, path: &str, token: &str, body: &Value) -> Result<Members> {
    let allowed = gateway.to_string().parse().map_err(|_| livegate_core::ErpError::internal("no address"))?;
    let transport = Clients::new(EgressPolicy::new(vec![allowed])).transport(&TransportSettings::default())?;
    let auth = Auth::Bearer(token.to_owned().into());
    let endpoint = Endpoint::new(&format!("http://{gateway}/"), auth, "application/json", transport)?;
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let cx = CallContext::new("demo", Duration::from_secs(15));
    let answer = endpoint.post(&segments).json(body).send(&cx).await?;
    serde_json::from_slice(&answer).map_err(|error| livegate_core::ErpError::malformed("not JSON").with_source(error))
}

/// An answer's members as they were written: an amount is shown with the digits it came with.
type Members = BTreeMap<String, Box<RawValue>>;

fn summary(operation: Operation, answer: &Members) -> String {
    let member = |name: &str| answer.get(name).map_or("unknown", |value| value.get());
    match operation {
        Operation::Account => format!("balance {}, past due {}", member("balance"), member("total_due")),
        Operation::Orders => format!("{} orders", member("total_orders")),
        Operation::Invoices => format!("{} invoices", member("total_invoices")),
        Operation::Order => format!("order {}, total {}", member("order_id"), member("total")),
        Operation::Invoice => format!("invoice {}, balance {}", member("invoice_id"), member("balance")),
    }
}

/// The README's lines name the usual ports, so whoever follows it must know that they are others this time.
fn tell_other_ports(server: &Server) -> io::Result<()> {
    let mut out = io::stdout();
    for (usual, address, purpose) in
        [(PORTS[0], server.live, "Live calls"), (PORTS[1], server.admin, "the description")]
    {
        if address.port() != usual {
            writeln!(out, "\nport {usual} is taken by another program: {purpose} on port {} instead", address.port())?;
        }
    }
    Ok(())
}

fn print_curl_lines(server: &Server, tenants: &[(&DemoTenant, &[Operation])]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\nTry it yourself:\n")?;
    for (tenant, offered) in tenants {
        for (path, operation) in ROUTES {
            let Some(body) = body(tenant, operation).filter(|_| offered.contains(&operation)) else { continue };
            writeln!(
                out,
                "curl -s http://{}{path} -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' -d '{body}'",
                server.live,
                token(tenant)
            )?;
        }
    }
    writeln!(out, "\nDescription of the calls: http://{}/docs/   Ctrl-C ends the demo.", server.admin)?;
    out.flush()
}
