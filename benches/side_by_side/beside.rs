//! livegate beside its peers: who is started for it, and under which loads.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::web::Bytes;

use crate::livegate::{Livegate, Tenant};
use crate::load::Load;
use crate::nginx::Nginx;
use crate::process::{Running, Times};
use crate::stub::Stub;
use crate::subjects::{Failures, Key, Subject};
use crate::{erp, say};

/// Everything that runs while livegate is measured beside its peers.
pub struct Beside {
    pub subjects: Vec<Subject>,
    /// Who of them could not be started.
    pub failures: Failures,
    _gateways: [Result<Livegate, String>; 2],
    _peers: [Peer; 2],
    _nginx: Option<Result<Nginx, String>>,
}

type Peer = Result<(Running, SocketAddr), String>;

/// Where it is, whose CPU time counts, and its log; or why it is nowhere.
type Server<'a> = Result<(SocketAddr, u32, Option<&'a PathBuf>), &'a str>;

/// How many connections wrk keeps busy. Misses have as many as an adapter's calls may be under way by default, so that
/// nobody queues.
const HIT_CONNECTIONS: usize = 32;
const MISS_CONNECTIONS: usize = 16;

impl Beside {
    /// Starts all of them, nginx if it is there, and keeps the subjects that are asked for.
    ///
    /// # Errors
    /// There is no livegate whose answers the others could give.
    pub async fn start(stub: &Stub, wanted: &[Key], nginx: bool) -> Result<Self, String> {
        say("starting livegate, actix-web and nginx");
        // A dealer's system without customer records costs one call for a list, as a peer that passes a call on has one.
        let (harbor, quay) = (Tenant::new("harbor", "records"), Tenant::new("quay", "plain"));
        let tenants = [harbor, quay];
        let gateways = [1, 2].map(|workers| Livegate::start(workers, stub.address, &tenants));
        let [one, two] = gateways;
        let one = one?;
        let [harbor, quay] = tenants;
        let hit = Load { calls: vec![(harbor.token.clone(), erp::CUSTOMER.into())], ..load(false, HIT_CONNECTIONS) };
        let (miss, miss_with_record) = (misses(&quay), misses(&harbor));
        // The first call of a tenant finds out that there are no records.
        stub.post(one.live, &quay.token, erp::CUSTOMER, false).await?;
        let two = match two {
            Ok(two) => stub.post(two.live, &quay.token, erp::CUSTOMER, false).await.map(|_| two),
            failed => failed,
        };
        let answer = stub.post(one.live, &harbor.token, erp::CUSTOMER, false).await?.body;
        let plain = stub.post(one.live, &quay.token, erp::CUSTOMER, false).await?.body;
        let erp_answer = Bytes::from(erp::inquiry(erp::CUSTOMER));
        say(&format!("an answer of livegate has {} bytes, one of the ERP {}", answer.len(), erp_answer.len()));
        let kept = stub.keep(&answer).await?;
        let peers = [
            stub.role("fixed", &kept.display().to_string()),
            stub.role("forward", &format!("http://{}", stub.address)),
        ];
        let nginx = nginx.then(|| Nginx::start(stub.address));

        let gateways = [Ok(one), two];
        let [first, second] = gateways.each_ref().map(|gateway| {
            let running = gateway.as_ref().map_err(String::as_str)?;
            Ok((running.live, running.running.id(), Some(&running.log)))
        });
        let [fixed, forward] = peers.each_ref().map(|peer| {
            let (running, address) = peer.as_ref().map_err(String::as_str)?;
            Ok((*address, running.id(), None))
        });
        let mut all: Vec<(Key, Server<'_>, &Load, u64, &Bytes)> = vec![
            (Key::Hit, first, &hit, 0, &answer),
            (Key::Actix, fixed, &hit, 0, &answer),
            (Key::Miss, first, &miss, 1, &plain),
            (Key::MissWithRecord, first, &miss_with_record, 2, &answer),
            (Key::Forward, forward, &miss, 1, &erp_answer),
            (Key::HitByTwo, second, &hit, 0, &answer),
            (Key::MissByTwo, second, &miss, 1, &plain),
        ];
        if let Some(nginx) = &nginx {
            let nginx = nginx.as_ref().map_err(String::as_str);
            all.push((Key::NginxCache, nginx.map(|nginx| (nginx.cache, nginx.worker, None)), &hit, 0, &answer));
            all.push((Key::NginxPass, nginx.map(|nginx| (nginx.pass, nginx.worker, None)), &miss, 1, &erp_answer));
        }
        let (mut subjects, mut failures) = (Vec::new(), Failures::new());
        for (key, server, load, erp_calls, answer) in all.into_iter().filter(|(key, ..)| wanted.contains(key)) {
            let (to, process, log) = match server {
                Ok(server) => server,
                Err(error) => {
                    failures.insert(key, error.to_owned());
                    continue;
                }
            };
            let cache_status = match key {
                Key::Hit | Key::HitByTwo => "livegate; hit",
                Key::Miss | Key::MissByTwo | Key::MissWithRecord => "fwd=request",
                _ => "",
            };
            let (log, load, answer) = (log.cloned(), load.clone(), answer.clone());
            subjects.push(Subject { key, to, process, log, load, erp_calls, answer, cache_status });
        }
        subjects.sort_by_key(|subject| subject.key);
        Ok(Self { subjects, failures, _gateways: gateways, _peers: peers, _nginx: nginx })
    }
}

/// Ten thousand tenants with one customer each, beside one with ten thousand: both keep as many answers, and each is called
/// in turn.
pub struct ManyTenants {
    pub subjects: Vec<Subject>,
    /// Milliseconds of CPU time that each takes in a second in which nobody calls: tenants' files are looked at.
    pub at_rest: [f64; 2],
    _gateways: [Livegate; 2],
}

impl ManyTenants {
    pub async fn start(stub: &Stub) -> Result<Self, String> {
        const TENANTS: usize = 10_000;
        say("starting livegate with 10,000 tenants");
        let many: Vec<Tenant> = (0..TENANTS).map(|number| Tenant::new(format!("t{number:05}"), "plain")).collect();
        let one = [Tenant::new("harbor", "plain")];
        let gateways = [Livegate::start(1, stub.address, &many)?, Livegate::start(1, stub.address, &one)?];
        let small = |number: usize| format!("{}{number:05}", erp::SMALL);
        let numbers = || 0..TENANTS;
        let calls = [
            numbers().map(|number| (many[number].token.clone(), small(0))).collect::<Vec<_>>(),
            numbers().map(|number| (one[0].token.clone(), small(number))).collect(),
        ];
        let mut subjects = Vec::new();
        for ((key, gateway), calls) in [Key::ManyTenants, Key::OneTenant].into_iter().zip(&gateways).zip(calls) {
            let answer = stub.post(gateway.live, &calls[0].0, &calls[0].1, false).await?.body;
            subjects.push(Subject {
                key,
                to: gateway.live,
                process: gateway.running.id(),
                log: Some(gateway.log.clone()),
                load: Load { calls, ..load(false, HIT_CONNECTIONS) },
                erp_calls: 0,
                answer,
                cache_status: "livegate; hit",
            });
        }
        let [many, one] = [&gateways[0], &gateways[1]].map(async |gateway| at_rest(gateway.running.id()).await);
        let at_rest = [many.await?, one.await?];
        Ok(Self { subjects, at_rest, _gateways: gateways })
    }
}

async fn at_rest(process: u32) -> Result<f64, String> {
    const SECONDS: u64 = 3;
    let before = Times::of(process)?;
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    let nanoseconds = Times::of(process)?.since(&before);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    Ok(nanoseconds as f64 / 1e6 / SECONDS as f64)
}

fn load(no_cache: bool, connections: usize) -> Load {
    Load { calls: Vec::new(), no_cache, connections }
}

/// Misses of many customers, as calls for one at the same time would share what the first of them gets.
fn misses(tenant: &Tenant) -> Load {
    let calls = erp::customers().into_iter().map(|customer| (tenant.token.clone(), customer)).collect();
    Load { calls, ..load(true, MISS_CONNECTIONS) }
}
