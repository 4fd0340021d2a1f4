//! The binary: one HTTP front door that answers the Live contract for many tenants, each from its own ERP.

mod adapters;
mod admin;
mod catalogue;
mod check;
mod connections;
mod credentials;
#[cfg(feature = "demo")]
mod demo;
mod events;
mod farewell;
mod gateway;
mod inbound;
mod live;
mod logging;
mod memory;
mod metrics;
mod openapi;
mod operator;
mod problem;
mod rendered;
mod serve;
mod setup;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::gateway::Source;
use crate::serve::Server;
use crate::setup::Setup;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Answers the EvolutionX Live contract for many tenants, each live from its own ERP.
#[derive(Parser)]
#[command(name = "livegate", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The configuration, for serve and check; config/livegate.toml if it exists, else the defaults.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until SIGTERM or Ctrl-C; reads changed files by itself, and all of them on SIGHUP.
    Serve,
    /// Shows it all on this machine alone: a simulator and a tenant for every adapter.
    #[cfg(feature = "demo")]
    Demo {
        /// Tries every call and exits with 0 if all were answered, else 1.
        #[arg(long)]
        exit_after_check: bool,
    },
    /// Tells every mistake in the configuration and the tenant files at once; exits with 1 if there is one.
    Check {
        /// Asks every tenant's ERP too whether address and credentials are right.
        #[arg(long)]
        connect: bool,
    },
    /// Lists the ERPs that this binary speaks to, with their settings.
    Adapters {
        /// As JSON, with help and examples for every setting.
        #[arg(long)]
        json: bool,
    },
    /// Prints a new token for a webstore and the SHA-256 that goes into the tenant's file.
    Token,
}

fn main() -> ExitCode {
    run(Arguments::parse()).unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "livegate: {error}");
        ExitCode::FAILURE
    })
}

fn run(Arguments { command, config }: Arguments) -> io::Result<ExitCode> {
    if config.is_some() && !matches!(command, Command::Serve | Command::Check { .. }) {
        let told = "--config is for serve and check: the other commands read no configuration";
        Arguments::command().error(ErrorKind::ArgumentConflict, told).exit();
    }
    match command {
        Command::Serve => serve(config.as_deref()),
        #[cfg(feature = "demo")]
        Command::Demo { exit_after_check } => runtime(0)?.block_on(demo::run(exit_after_check)),
        Command::Check { connect } => runtime(0)?.block_on(check::check(config.as_deref(), connect)),
        Command::Adapters { json } => catalogue::print(json).map(|()| ExitCode::SUCCESS),
        Command::Token => {
            let (token, sha256) = livegate_tenants::new_token();
            writeln!(
                io::stdout(),
                "token:  {token}\nsha256: {sha256}\n\nGive the token to the webstore; it is shown only now. \
                 In the tenant's file: tokens = [{{ sha256 = \"{sha256}\" }}]"
            )?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn serve(path: Option<&Path>) -> io::Result<ExitCode> {
    let setup = match Setup::load(path, 0) {
        Ok(setup) => setup,
        Err(mistakes) => {
            for mistake in mistakes {
                writeln!(io::stderr(), "{mistake}")?;
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    let _last_lines = logging::begin(&setup.config);
    // Each caller and each ERP takes one; what a shell allows is often too few. Where more is forbidden, it stays.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    runtime(setup.config.workers)?.block_on(async {
        let mut server = Server::start(setup, Some(Source(path.map(Path::to_owned)))).await?;
        server.announce()?;
        server.until_told_to_stop().await;
        server.drain().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Where ERPs are asked, by so many threads (0: one per core): those that take calls have runtimes of their own.
fn runtime(threads: usize) -> io::Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if threads > 0 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build()
}
