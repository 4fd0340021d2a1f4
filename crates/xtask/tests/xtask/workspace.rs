//! A workspace beside the real one, in which adapters are written that nobody keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use cargo_metadata::MetadataCommand;

/// The name of the gateway's copy, so that it does not take the place of the gateway itself in the target directory.
pub(crate) const GATEWAY: &str = "livegate-with-generated";

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Runs this repository's commands on `directory`.
pub(crate) fn xtask(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--root").arg(directory).args(arguments).output().unwrap()
}

pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The files that name every adapter, copied from the real workspace into an empty directory. The crates remain where
/// they are.
pub(crate) fn copy_into(directory: &Path) {
    let real = root().canonicalize().unwrap();
    let manifest = fs::read_to_string(real.join("Cargo.toml")).unwrap();
    let manifest = manifest.replace("path = \"", &format!("path = \"{}/", real.display()));
    let members = "members = [\"crates/*\", \"adapters/*\", \"tests\", \"benches\", \"benches/instructions\"]\ndefault-members = [\"crates/gateway\"]\n";
    assert!(manifest.contains(members), "the members of the workspace are stated otherwise");
    let manifest = manifest.replace(members, "members = [\"crates/*\", \"adapters/*\"]\n");
    fs::write(directory.join("Cargo.toml"), manifest).unwrap();
    for file in ["Cargo.lock", "rustfmt.toml", "clippy.toml"] {
        fs::copy(real.join(file), directory.join(file)).unwrap();
    }
    copy_directory(&real.join("crates/gateway"), &directory.join("crates/gateway"));
    let gateway = directory.join("crates/gateway/Cargo.toml");
    let text = fs::read_to_string(&gateway).unwrap();
    fs::write(&gateway, text.replacen("name = \"livegate\"", &format!("name = \"{GATEWAY}\""), 1)).unwrap();
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_directory(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// A workspace in the target directory that lasts from run to run, so that what did not change is not built again.
pub(crate) struct Workspace(PathBuf);

impl Workspace {
    /// What `write` puts beside the copied files.
    pub(crate) fn new(name: &str, write: impl FnOnce(&Path)) -> Self {
        let fresh = tempfile::tempdir().unwrap();
        copy_into(fresh.path());
        write(fresh.path());
        let third_parties = fresh.path().join("crates/third-parties");
        fs::create_dir_all(third_parties.join("src")).unwrap();
        fs::write(third_parties.join("Cargo.toml"), third_party_manifest()).unwrap();
        fs::write(third_parties.join("src/lib.rs"), "//! Nothing but dependencies.\n").unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let written = take_over(fresh.path(), &directory);
        remove_all_but(&directory, &written);
        Self(directory)
    }

    /// Runs cargo in it and tells how long that took.
    #[track_caller]
    #[expect(clippy::print_stderr, reason = "it takes long enough to be told what is done")]
    pub(crate) fn cargo(&self, arguments: &[&str]) -> String {
        let began = Instant::now();
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_NET_OFFLINE", "true")
            .current_dir(&self.0)
            .output()
            .unwrap();
        let told = text(&output);
        eprintln!("{} s  cargo {}", began.elapsed().as_secs(), arguments.join(" "));
        assert!(output.status.success(), "cargo {}\n{told}", arguments.join(" "));
        told
    }

    /// Builds the gateway with the adapters that were written. Answers how it is run.
    #[track_caller]
    pub(crate) fn gateway(&self) -> impl Fn(&[&str]) -> Command {
        self.cargo(&["build", "--workspace", "--bin", GATEWAY]);
        |arguments| {
            let mut command = Command::new(target().join("debug").join(GATEWAY));
            command.args(arguments).current_dir(&self.0);
            command
        }
    }
}

/// The real target directory, where third-party crates are built already.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// A crate that uses every third-party crate just as the real workspace does all in all: so cargo gives each the same
/// features, and takes it as it was built there.
fn third_party_manifest() -> String {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let mut used: BTreeMap<&str, (String, bool, BTreeSet<&str>)> = BTreeMap::new();
    for dependency in metadata.packages.iter().flat_map(|package| &package.dependencies) {
        if dependency.path.is_none() {
            let entry = used.entry(&dependency.name);
            let (_, defaults, features) = entry.or_insert_with(|| (dependency.req.to_string(), false, BTreeSet::new()));
            *defaults |= dependency.uses_default_features;
            features.extend(dependency.features.iter().map(String::as_str));
        }
    }
    let mut manifest = "[package]\nname = \"third-parties\"\nedition = \"2024\"\n\n[dependencies]\n".to_owned();
    for (name, (version, defaults, features)) in used {
        let features: Vec<_> = features.into_iter().collect();
        let rest = format!("default-features = {defaults}, features = {features:?}");
        let _ = writeln!(manifest, "{name} = {{ version = {version:?}, {rest} }}");
    }
    manifest
}

/// Copies what differs and leaves alone what does not. Answers what there is now.
fn take_over(from: &Path, to: &Path) -> BTreeSet<PathBuf> {
    let mut written = BTreeSet::new();
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            written.extend(take_over(&from, &to));
        } else if fs::read(&from).unwrap() != fs::read(&to).unwrap_or_default() {
            fs::copy(&from, &to).unwrap();
        }
        written.insert(to);
    }
    written
}

fn remove_all_but(directory: &Path, kept: &BTreeSet<PathBuf>) {
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        match (kept.contains(&path), path.is_dir()) {
            (true, true) => remove_all_but(&path, kept),
            (true, false) => {}
            (false, true) => fs::remove_dir_all(path).unwrap(),
            (false, false) => fs::remove_file(path).unwrap(),
        }
    }
}
