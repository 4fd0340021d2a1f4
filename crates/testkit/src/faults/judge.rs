use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use livegate_core::{ErpAdapter, ErpError, ErrorKind, Operation, Result as Outcomes, Simulator};
use tokio::net::TcpSocket;
use tokio::time::{sleep, timeout};

use super::outcomes;
use super::table::{CANARY, ELSEWHERE, Fault, Put, Wait};
use crate::fault_proxy::{FaultProxy, When};
use crate::json::Json;
use crate::line::{Line, Refusal};
use crate::question::Question;
use crate::{Outcome, Subject};

/// The most documents of a call.
const CAP: usize = 10_000;

/// How long a call may take that the fault does not hold up. Nothing is meant to take so long.
pub(super) const GENEROUS: Duration = Duration::from_secs(30);

/// How long a call may take that the fault holds up for ever.
const SHORT: Duration = Duration::from_millis(300);

/// The longest that an error may ask to wait, whatever the ERP says.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// How often it is looked whether an adapter asks for ever.
const GLANCE: Duration = Duration::from_millis(50);

/// Puts a fault into every operation and judges what comes of it.
pub(super) fn judge(subject: &Subject, stacked: bool, fault: &Fault) -> Result<(), String> {
    on_every_operation(subject, |scene| async move { scene.with_fault(stacked, fault).await })
}

/// Judges all operations that the connection offers at the same time, each with a connection of its own, on a runtime of
/// one thread: then what a connection reports is heard before a later timer.
pub(super) fn on_every_operation<'a, Judged>(
    subject: &'a Subject,
    judge: impl Fn(Scene<'a>) -> Judged,
) -> Result<(), String>
where
    Judged: Future<Output = Result<(), String>>,
{
    let simulator = subject.kind.simulator.ok_or_else(|| format!("{} has no simulator", subject.kind.name))?;
    let simulator: Simulator = simulator().map_err(|error| format!("the simulator does not start: {error}"))?;
    let address = simulator.address;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("there is no runtime: {error}"))?;
    let operations = subject.connect(address, CAP).capabilities().operations;
    let judged = operations.iter().map(|operation| {
        let scene = Scene { subject, operation: *operation, simulator: address };
        let judged = judge(scene);
        async move { judged.await.map_err(|complaint| format!("{operation}: {complaint}")) }
    });
    let complaints: Vec<String> = runtime.block_on(join_all(judged)).into_iter().filter_map(Result::err).collect();
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

/// What a call was answered.
#[derive(PartialEq, Eq)]
pub(super) struct Told {
    pub(super) json: Json,
}

impl Told {
    /// Whether it says that nothing was found.
    pub(super) fn is_absent(&self) -> bool {
        let none = |total| self.json.member(total).is_some_and(|total| total.text() == "0");
        self.json.text() == "{}" || none("total_orders") || none("total_invoices")
    }
}

/// One operation of one subject with a simulator behind it.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) subject: &'a Subject,
    pub(super) operation: Operation,
    simulator: SocketAddr,
}

impl Scene<'_> {
    async fn with_fault(self, stacked: bool, fault: &Fault) -> Result<(), String> {
        if let Put::Nobody = fault.put {
            let closed = ClosedPort::new().map_err(|error| error.to_string())?;
            let adapter = self.subject.connect(closed.0, CAP);
            let came = self.ask(&adapter, stacked, GENEROUS).await;
            return self.weigh(fault, &[], None, &came);
        }
        let proxy = self.proxy().await?;
        if let Put::BetweenCalls = fault.put {
            proxy.keep_alive();
        }
        let adapter = self.subject.connect(proxy.address(), CAP);
        // This call logs in, where that is to be done, and tells what the answer is.
        let whole = self.whole(&adapter, stacked).await?;
        let before = proxy.passed().len();
        match fault.put {
            Put::Nobody => {}
            Put::Every(harm) => proxy.inject(harm, When::All),
            Put::Expired(harm) => proxy.inject(harm, When::Nth(1)),
            Put::BetweenCalls => {
                if proxy.close_idle().await == 0 {
                    return Err("no connection was kept open between two calls".into());
                }
                // The adapter's side hears of the end before this timer.
                sleep(Duration::from_millis(100)).await;
            }
        }
        let mut budget = if fault.put.lasts() { SHORT } else { GENEROUS };
        let came = loop {
            let came = self.watched(&adapter, stacked, budget, &proxy, before).await?;
            let reached = proxy.passed().iter().skip(before).any(|request| request.harmed);
            if reached || matches!(fault.put, Put::BetweenCalls) {
                break came;
            }
            if budget >= GENEROUS {
                return Err("the call sent nothing that the fault could be put into".into());
            }
            // The machine was too slow to send within so short a time.
            budget *= 4;
        };
        let followed = proxy.passed().iter().any(|request| request.line.contains(ELSEWHERE));
        if followed {
            return Err("a redirect was followed".into());
        }
        self.weigh(fault, &proxy.bodies(), Some(&whole), &came)
    }

    pub(super) async fn proxy(&self) -> Result<FaultProxy, String> {
        let proxy = FaultProxy::start(self.simulator, self.subject.login).await;
        proxy.map_err(|error| format!("the fault proxy does not start: {error}"))
    }

    /// The answer without any fault.
    pub(super) async fn whole(&self, adapter: &Arc<dyn ErpAdapter>, stacked: bool) -> Result<Told, String> {
        match self.ask(adapter, stacked, GENEROUS).await {
            Ok(told) if told.is_absent() => Err("without any fault nothing is found: the cast is wrong".into()),
            Ok(told) => Ok(told),
            Err(error) => Err(format!("without any fault the call fails: {error}")),
        }
    }

    async fn ask(&self, adapter: &Arc<dyn ErpAdapter>, stacked: bool, budget: Duration) -> Outcomes<Told> {
        // Layers of its own, so that nothing is kept from a call before.
        let line = Line::new(Arc::clone(adapter), "UTC", stacked).within(budget);
        let question = Question::of(&self.subject.cast, self.operation);
        let question = match self.operation {
            Operation::Orders | Operation::Invoices => question.page(1, 1000),
            Operation::Account | Operation::Order | Operation::Invoice => question,
        };
        match line.ask(self.operation, &question.body()).await {
            Ok(json) => Ok(Told { json }),
            Err(Refusal::Call(error)) => Err(error),
            Err(Refusal::Request(refusal)) => Err(ErpError::internal(format!("{}: {}", refusal.code, refusal.detail))),
        }
    }

    /// The same, but it may not ask for ever: at most twice what it asks without a fault, for each request may be repeated
    /// once after a login or a wait.
    pub(super) async fn watched(
        &self,
        adapter: &Arc<dyn ErpAdapter>,
        stacked: bool,
        budget: Duration,
        proxy: &FaultProxy,
        usual: usize,
    ) -> Result<Outcomes<Told>, String> {
        let already = proxy.passed().len();
        let most = 2 * usual + 3;
        let mut call = std::pin::pin!(self.ask(adapter, stacked, budget));
        loop {
            let came = timeout(GLANCE, &mut call).await;
            let sent = proxy.passed().len() - already;
            if sent > most {
                return Err(format!("it asks again and again: {sent} requests, where {usual} are usual"));
            }
            if let Ok(came) = came {
                return Ok(came);
            }
        }
    }

    /// Whether what came is what had to come.
    fn weigh(
        &self,
        fault: &Fault,
        bodies: &[Vec<u8>],
        whole: Option<&Told>,
        came: &Outcomes<Told>,
    ) -> Result<(), String> {
        let allowed = outcomes(self.subject, fault, self.operation);
        let outcome = match came {
            Err(error) => {
                self.keeps_silent(error, bodies)?;
                Outcome::Fails(error.kind())
            }
            Ok(told) if Some(told) == whole => Outcome::Answered,
            Ok(told) if told.is_absent() => Outcome::Absent,
            Ok(_) => return Err(format!("it answers otherwise than without the fault; {}", expected(&allowed))),
        };
        if !allowed.contains(&outcome) {
            let came = came.as_ref().map_or_else(ToString::to_string, |_| told(outcome));
            return Err(format!("{}, but got {came}", expected(&allowed)));
        }
        match (came, fault.wait) {
            (Err(error), wait) if outcome == fault.outcome => waits_right(error, wait),
            _ => Ok(()),
        }
    }

    /// No error may tell a secret of the tenant, or what the ERP sent: not to the caller and not to the log.
    pub(super) fn keeps_silent(&self, error: &ErpError, bodies: &[Vec<u8>]) -> Result<(), String> {
        let said = format!("{error}\n{error:?}\n{}", error.causes());
        let tenant = self.subject.kind.demo.iter().find(|tenant| tenant.id == self.subject.tenant);
        let secrets = tenant.map_or(&[][..], |tenant| tenant.secrets);
        if let Some((name, _)) = secrets.iter().find(|(_, secret)| secret.len() > 3 && said.contains(secret)) {
            return Err(format!("the error tells the secret {name}"));
        }
        if said.contains(CANARY) {
            return Err(format!("the error repeats what the ERP sent: {error}"));
        }
        let sent = bodies.iter().map(|body| String::from_utf8_lossy(body));
        for body in sent {
            if let Some(value) = telling(&body).find(|value| said.contains(value)) {
                return Err(format!("the error repeats a value that the ERP sent, of {} characters", value.len()));
            }
        }
        Ok(())
    }
}

/// What in a body can only be a value: words of some length with a digit, but for those that name a format.
fn telling(body: &str) -> impl Iterator<Item = &str> {
    let words = body.split(|c: char| !c.is_alphanumeric() && !"-_.".contains(c));
    words.filter(|word| {
        let format = ["utf-8", "utf-16", "127.0.0.1", "iso-8859-1"].contains(&word.to_ascii_lowercase().as_str());
        word.len() > 4 && word.bytes().any(|byte| byte.is_ascii_digit()) && !format
    })
}

fn waits_right(error: &ErpError, wait: Wait) -> Result<(), String> {
    let stated = error.retry_after();
    let right = match wait {
        Wait::Any => true,
        Wait::Unsaid => stated.is_none(),
        Wait::After(after) => stated == Some(after),
        Wait::Bounded => stated.is_none_or(|stated| stated <= LONGEST_WAIT),
    };
    if right { Ok(()) } else { Err(format!("retry_after is {stated:?}, which must be {wait:?}")) }
}

fn expected(allowed: &[Outcome]) -> String {
    let allowed: Vec<String> = allowed.iter().map(|outcome| told(*outcome)).collect();
    format!("expected {}", allowed.join(" or "))
}

fn told(outcome: Outcome) -> String {
    match outcome {
        Outcome::Fails(ErrorKind::Internal) => "the error internal, a bug".into(),
        Outcome::Fails(kind) => format!("the error {kind}"),
        Outcome::Absent => "nothing found".into(),
        Outcome::Answered => "the answer as without the fault".into(),
    }
}

/// A port that is taken, so that nobody else can listen there, and on which nobody listens.
struct ClosedPort(SocketAddr, #[expect(dead_code, reason = "it keeps the port taken")] TcpSocket);

impl ClosedPort {
    fn new() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        Ok(Self(socket.local_addr()?, socket))
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn nobody_listens_on_a_closed_port() {
        let closed = ClosedPort::new().unwrap();
        let refused = TcpStream::connect(closed.0).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn values_are_told_from_names() {
        let body = r#"<?xml version="1.0" encoding="utf-8"?><Invoice id='INV-5001' note="Bilge">1234.56</Invoice>"#;
        assert_eq!(telling(body).collect::<Vec<_>>(), ["INV-5001", "1234.56"]);
    }
}
