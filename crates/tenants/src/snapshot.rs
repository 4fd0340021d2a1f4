use std::path::{Path, PathBuf};

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Compares a committed file with what the code generates; `UPDATE_SNAPSHOTS=1` writes it instead.
pub(crate) fn check(path: &Path, generated: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == generated,
        "{} is out of date: UPDATE_SNAPSHOTS=1 cargo test -p livegate-tenants writes it",
        path.display()
    );
}
