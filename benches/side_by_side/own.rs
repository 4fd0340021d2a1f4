//! What livegate needs by itself: a start, memory, a file.

use std::fs;

use crate::livegate::{Livegate, Tenant, binary};
use crate::process::memory;
use crate::stub::Stub;
use crate::targets::Found;
use crate::{erp, say};

/// What was found about starts with many tenants.
pub struct Starts {
    /// Milliseconds with 1,000 tenants.
    pub ready: Found,
    /// MB then.
    pub memory: Found,
    /// KB for one more tenant.
    pub idle_tenant: Found,
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
const fn figure(bytes: u64) -> f64 {
    bytes as f64
}

/// Starts it again and again, with 1,000 and with 10,000 tenants. One start before the first lets the system read the file.
pub async fn starts(stub: &Stub, rounds: usize) -> Result<Starts, String> {
    let tenants: Vec<Tenant> = (0..10_000).map(|number| Tenant::new(format!("t{number:05}"), "plain")).collect();
    let (mut ready, mut resident, mut idle) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        // Who has been told to stop stops here.
        tokio::task::yield_now().await;
        say(&format!("starting livegate with 1,000 and with 10,000 tenants, {round} of {rounds}"));
        let [few, many] = [1_000, 10_000].map(|number| {
            let gateway = Livegate::start(1, stub.address, &tenants[..number])?;
            Ok::<_, String>((gateway.ready_after.as_secs_f64() * 1e3, figure(memory(gateway.running.id(), "VmRSS")?)))
        });
        let ((few_ready, few_memory), (_, many_memory)) = (few?, many?);
        if round > 0 {
            ready.push(few_ready);
            resident.push(few_memory / 1e6);
            idle.push((many_memory - few_memory) / 9_000.0 / 1024.0);
        }
    }
    Ok(Starts { ready: Found::of(ready), memory: Found::of(resident), idle_tenant: Found::of(idle) })
}

/// MB of the file that is installed.
pub fn binary_size() -> Result<Found, String> {
    let path = binary()?;
    let size = fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?.len();
    Ok(Found { median: figure(size) / 1e6, spread: None })
}

/// How much a process that has answered a small call grows at the most by a call whose ERP answer is 15 MB, ÷ that size.
pub async fn peak(stub: &Stub, rounds: usize) -> Result<Found, String> {
    let size = figure(erp::inquiry(erp::WHALE).len() as u64);
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        say(&format!("an ERP answer of {:.1} MB, {round} of {rounds}", size / 1e6));
        let tenants = [Tenant::new("harbor", "plain")];
        let gateway = Livegate::start(1, stub.address, &tenants)?;
        let (token, process) = (&tenants[0].token, gateway.running.id());
        stub.post(gateway.live, token, erp::CUSTOMER, false).await?;
        let before = memory(process, "VmRSS")?;
        let asked = stub.asked().await?;
        stub.post(gateway.live, token, erp::WHALE, false).await?;
        if stub.asked().await? != asked + 1 {
            return Err("the large answer was not fetched once".to_owned());
        }
        ratios.push(figure(memory(process, "VmHWM")?.saturating_sub(before)) / size);
    }
    Ok(Found::of(ratios))
}
