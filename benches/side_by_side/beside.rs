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
use crate::subjects::{Key, Subject};
use crate::{erp, say};

/// Everything that runs while livegate is measured beside its peers.
pub struct Beside {
    pub subjects: Vec<Subject>,
    _gateways: [Livegate; 2],
    _peers: [Running; 2],
    _nginx: Option<Nginx>,
}

/// Where it is, whose CPU time counts, and its log.
type Server<'a> = (SocketAddr, u32, Option<&'a PathBuf>);

/// How many connections wrk keeps busy. Misses have as many as an adapter's calls may be under way by default, so that
/// nobody queues.
const HIT_CONNECTIONS: usize = 32;
const MISS_CONNECTIONS: usize = 16;

impl Beside {
    /// Starts all of them, nginx if it is there, and keeps the subjects that are asked for.
    pub async fn start(stub: &Stub, wanted: &[Key], nginx: bool) -> Result<Self, String> {
        say("starting livegate, actix-web and nginx");
        // A dealer's system without customer records costs one call for a list, as a peer that passes a call on has one.
        let (harbor, quay) = (Tenant::new("harbor", "records"), Tenant::new("quay", "plain"));
        let tenants = [harbor, quay];
        let gateways = [1, 2].map(|workers| Livegate::start(workers, stub.address, &tenants));
        let [one, two] = gateways;
        let (one, two) = (one?, two?);
        let [harbor, quay] = tenants;
        let hit = Load { calls: vec![(harbor.token.clone(), erp::CUSTOMER.into())], ..load(false, HIT_CONNECTIONS) };
        let (miss, miss_with_record) = (misses(&quay), misses(&harbor));
        // The first call of a tenant finds out that there are no records.
        for gateway in [&one, &two] {
            stub.post(gateway.live, &quay.token, erp::CUSTOMER, false).await?;
        }
        let answer = stub.post(one.live, &harbor.token, erp::CUSTOMER, false).await?.body;
        let plain = stub.post(one.live, &quay.token, erp::CUSTOMER, false).await?.body;
        let erp_answer = Bytes::from(erp::inquiry(erp::CUSTOMER));
        say(&format!("an answer of livegate has {} bytes, one of the ERP {}", answer.len(), erp_answer.len()));
        let kept = stub.keep(&answer).await?;
        let (fixed, fixed_at) = stub.role("fixed", &kept.display().to_string())?;
        let (forward, forward_at) = stub.role("forward", &format!("http://{}", stub.address))?;
        let nginx = if nginx { Some(Nginx::start(stub.address)?) } else { None };

        let subject = |key, (to, process, log): Server<'_>, load: &Load, erp_calls, answer: &Bytes| Subject {
            key,
            to,
            process,
            log: log.cloned(),
            load: load.clone(),
            erp_calls,
            answer: answer.clone(),
            cache_status: match key {
                Key::Hit | Key::HitByTwo => "livegate; hit",
                Key::Miss | Key::MissByTwo | Key::MissWithRecord => "fwd=request",
                _ => "",
            },
        };
        let [first, second]: [Server<'_>; 2] =
            [&one, &two].map(|gateway| (gateway.live, gateway.running.id(), Some(&gateway.log)));
        let mut subjects = vec![
            subject(Key::Hit, first, &hit, 0, &answer),
            subject(Key::Actix, (fixed_at, fixed.id(), None), &hit, 0, &answer),
            subject(Key::Miss, first, &miss, 1, &plain),
            subject(Key::MissWithRecord, first, &miss_with_record, 2, &answer),
            subject(Key::Forward, (forward_at, forward.id(), None), &miss, 1, &erp_answer),
            subject(Key::HitByTwo, second, &hit, 0, &answer),
            subject(Key::MissByTwo, second, &miss, 1, &plain),
        ];
        if let Some(nginx) = &nginx {
            subjects.push(subject(Key::NginxCache, (nginx.cache, nginx.worker, None), &hit, 0, &answer));
            subjects.push(subject(Key::NginxPass, (nginx.pass, nginx.worker, None), &miss, 1, &erp_answer));
        }
        subjects.retain(|subject| wanted.contains(&subject.key));
        subjects.sort_by_key(|subject| subject.key);
        Ok(Self { subjects, _gateways: [one, two], _peers: [fixed, forward], _nginx: nginx })
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
