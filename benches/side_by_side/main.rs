//! livegate beside nginx and bare actix-web, on one machine and in one run.

mod erp;
mod livegate;
mod load;
mod nginx;
mod process;
mod roles;
mod rounds;

use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::livegate::{Livegate, Tenant};
use crate::load::{Load, PATH, body};
use crate::nginx::Nginx;
use crate::process::Running;
use crate::rounds::Subject;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [flag, role, rest @ ..] if flag == "--role" => roles::play(role, rest.first().map_or("", String::as_str)),
        _ => tokio::runtime::Runtime::new().expect("a runtime").block_on(first()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&problem);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is a command for a person at a terminal")]
fn say(text: &str) {
    eprintln!("bench: {text}");
}

fn role(role: &str, argument: &str, log: &std::path::Path) -> Result<(Running, std::net::SocketAddr), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut running = Running::start(Command::new(own).args(["--role", role, argument]), log)?;
    let [address] = running.addresses(["listening on "], log)?;
    Ok((running, address))
}

#[expect(clippy::disallowed_methods, reason = "the bench asks the servers it compares")]
async fn first() -> Result<(), String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let log = directory.path().join("log");
    let (_stub, stub) = role("stub", "", &log)?;
    let tenants = [Tenant::new("harbor", "records"), Tenant::new("quay", "plain")];
    let gateway = Livegate::start(1, stub, &tenants)?;
    let client = roles::client();
    let ask = async |to: std::net::SocketAddr, token: &str, no_cache: bool| {
        let mut request = client.post(format!("http://{to}{PATH}")).bearer_auth(token);
        if no_cache {
            request = request.header("cache-control", "no-cache");
        }
        let answer = request.header("content-type", "application/json").body(body(erp::CUSTOMER)).send().await;
        let answer = answer.map_err(|error| error.to_string())?;
        let status = format!("{} {:?}", answer.status(), answer.headers().get("cache-status"));
        let body = answer.bytes().await.map_err(|error| error.to_string())?;
        Ok::<_, String>((status, body))
    };
    for (tenant, no_cache) in [(0, false), (0, false), (0, true), (1, false), (1, false), (1, true)] {
        let (status, body) = ask(gateway.live, &tenants[tenant].token, no_cache).await?;
        say(&format!("{status} {} {}", body.len(), String::from_utf8_lossy(&body[..300.min(body.len())])));
    }
    let (_, answer) = ask(gateway.live, &tenants[0].token, false).await?;
    let file = directory.path().join("answer.json");
    std::fs::write(&file, &answer).map_err(|error| error.to_string())?;
    let kept = client.put(format!("http://{stub}/kept")).body(answer).send().await;
    kept.map_err(|error| error.to_string())?;
    let (fixed_running, fixed) = role("fixed", &file.display().to_string(), &log)?;
    let (forward_running, forward) = role("forward", &format!("http://{stub}"), &log)?;
    let nginx = Nginx::start(stub)?;
    let call = |tenant: usize, customer: &str| (tenants[tenant].token.clone(), customer.to_owned());
    let hit = Load { calls: vec![call(0, erp::CUSTOMER)], no_cache: false, connections: 32 };
    let miss = |tenant: usize| Load {
        calls: erp::customers().iter().map(|customer| call(tenant, customer)).collect(),
        no_cache: true,
        connections: 16,
    };
    let process = gateway.running.id();
    let subject =
        |name, to, process, load: &Load, erp_calls| Subject { name, to, process, load: load.clone(), erp_calls };
    let subjects = [
        subject("livegate hit", gateway.live, process, &hit, 0),
        subject("actix-web", fixed, fixed_running.id(), &hit, 0),
        subject("nginx cache", nginx.cache, nginx.worker, &hit, 0),
        subject("livegate miss", gateway.live, process, &miss(1), 1),
        subject("livegate miss 2", gateway.live, process, &miss(0), 2),
        subject("nginx pass", nginx.pass, nginx.worker, &miss(1), 1),
        subject("actix-web + reqwest", forward, forward_running.id(), &miss(1), 1),
    ];
    let asked = async || {
        let answer = client.get(format!("http://{stub}/asked")).send().await.map_err(|error| error.to_string())?;
        answer.text().await.map_err(|error| error.to_string())?.parse().map_err(|_| "no number".to_owned())
    };
    let measured = rounds::run(&subjects, 5, Duration::from_secs(1), asked).await?;
    for one in measured {
        let rps: Vec<String> = one.slices.iter().map(|slice| format!("{:.0}", slice.counted.per_second)).collect();
        say(&format!(
            "{}: {} requests/s, p50 {} p99 {}",
            one.name,
            rps.join(" "),
            one.slices[0].counted.p50,
            one.slices[0].counted.p99
        ));
    }
    Ok(())
}
