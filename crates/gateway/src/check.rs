use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use livegate_core::{CallContext, ErpError, ErrorKind, Transport};
use livegate_tenants::{Roster, TenantFiles};

use crate::farewell::{LAST_LOGOUT, log_out};
use crate::gateway::doubts;
use crate::setup::Setup;

/// How long one ERP may take to prove its address and credentials.
const PING: Duration = Duration::from_secs(10);

/// Tells every mistake in the configuration and the tenant files at once, and with `connect` also whether each ERP
/// answers.
pub(crate) async fn check(path: Option<&Path>, connect: bool) -> io::Result<ExitCode> {
    let mut out = io::stdout();
    let (setup, mut mistakes) = match Setup::load(path, 0) {
        Ok(setup) => (setup, Vec::new()),
        Err(mistakes) => (Setup::in_place_of(path), mistakes),
    };
    let mut files = TenantFiles::new(&setup.config.tenants_directory);
    // Where the tenants are is not known for sure in a broken configuration, so that nobody is told of a missing default.
    if mistakes.is_empty() || setup.config.tenants_directory.is_dir() {
        let (roster, more) = Roster::begin(setup.read_tenants(&mut files));
        if mistakes.is_empty() && more.is_empty() {
            return sum_up(&mut out, &setup, &roster, connect).await;
        }
        if mistakes.is_empty() && connect {
            ping_all(&mut out, &roster, &setup).await?;
        }
        mistakes.extend(more);
    }
    for mistake in &mistakes {
        writeln!(out, "{mistake}")?;
    }
    writeln!(out, "mistakes: {}", mistakes.len())?;
    Ok(ExitCode::FAILURE)
}

async fn sum_up(out: &mut impl Write, setup: &Setup, roster: &Roster, connect: bool) -> io::Result<ExitCode> {
    for doubt in doubts(&setup.config, roster) {
        writeln!(out, "warning: {doubt}")?;
    }
    let refused = if connect { ping_all(out, roster, setup).await? } else { 0 };
    let tenants = roster.tenants().len();
    let directory = setup.config.tenants_directory.display();
    match (tenants, refused) {
        (0, _) => {
            writeln!(out, "no mistakes, but there is no tenant in {} yet", setup.tenants_directory().display())?;
        }
        (_, 0) => writeln!(out, "no mistakes; tenants in {directory}: {tenants}")?,
        _ => writeln!(out, "ERPs that did not answer as they should: {refused} of {tenants}")?,
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn ping_all(out: &mut impl Write, roster: &Roster, setup: &Setup) -> io::Result<usize> {
    let mut refused = 0;
    for tenant in roster.tenants() {
        write!(out, "{} ({}): ", tenant.id, tenant.adapter.title)?;
        out.flush()?;
        let began = Instant::now();
        let asked = Asked::default();
        let outcome = match setup.connect_through(tenant, |transport| asked.noting(transport)) {
            Ok(adapter) => {
                let cx = CallContext::new("check", PING);
                let outcome = adapter.ping(&cx).await;
                log_out(&*adapter, "check", LAST_LOGOUT).await;
                outcome
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => writeln!(out, "answers, {} ms", began.elapsed().as_millis())?,
            Err(error) => {
                refused += 1;
                write!(out, "{}", setup.with_file(&error.to_string()))?;
                match asked.last().filter(|_| is_about_the_address(error.kind())) {
                    Some(address) => writeln!(out, "; asked was {}", tenant.address_in_its_terms(&address))?,
                    None => writeln!(out)?,
                }
            }
        }
    }
    Ok(refused)
}

/// Whether the remedy may be another address; a refusal of credentials came from the right one.
fn is_about_the_address(kind: ErrorKind) -> bool {
    !matches!(kind, ErrorKind::CredentialsRejected | ErrorKind::PermissionDenied | ErrorKind::RateLimited)
}

/// Where the last request of a connection went.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Option<String>>>);

/// Notes where requests go, and sends them.
struct Noting {
    asked: Asked,
    transport: Arc<dyn Transport>,
}

impl Asked {
    fn noting(&self, transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Noting { asked: self.clone(), transport })
    }

    fn last(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Transport for Noting {
    async fn send(&self, cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, ErpError> {
        *self.asked.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(request.uri().to_string());
        self.transport.send(cx, request).await
    }
}
