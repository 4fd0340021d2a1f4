use livegate_tenants::{Config, LogFormat};
use tracing_subscriber::EnvFilter;

/// Logs to standard error. Libraries are heard from `warn` on whatever the level: what they write at `trace` may hold
/// whole requests, and with them tokens.
pub(crate) fn begin(config: &Config) {
    keep_panics_quiet();
    let filter = EnvFilter::new(format!("warn,{}", own_crates(&config.log_level)));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => builder.with_ansi(false).init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// Tells where a panic happened but not what it says: its text may hold whatever was being handled.
fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = std::backtrace::Backtrace::force_capture();
        tracing::error!(place, %backtrace, "a panic: this is a bug of livegate");
    }));
}

fn own_crates(level: &str) -> String {
    // A filter by prefix reaches livegate and every livegate_… crate.
    format!("livegate={level}")
}
