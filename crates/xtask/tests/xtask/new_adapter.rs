//! What `new-adapter` refuses, and what it changes in the files that name every adapter.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{copy_into, root, text, xtask};

/// Every file below a directory with what it holds.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(contents(&path))
        } else {
            drop(files.insert(path.clone(), fs::read(path).unwrap()))
        }
    }
    files
}

fn workspace() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy_into(directory.path());
    directory
}

#[test]
fn a_bad_name_is_refused_with_cause_and_remedy() {
    let directory = workspace();
    let before = contents(directory.path());
    let long = "a".repeat(41);
    for name in ["", "Sap", "1c", "sap_b1", "sap--b1", "sap-", "-sap", "sap b1", "../sap", "süd", "sap.b1", &long] {
        let output = xtask(directory.path(), &["new-adapter", "--", name]);
        let told = text(&output);
        assert_eq!(output.status.code(), Some(1), "{name:?}: {told}");
        assert!(told.contains("cannot be an adapter's name") && told.contains("such as my-erp"), "{name:?}: {told}");
    }
    assert!(contents(directory.path()) == before, "nothing is written for a name that is refused");
}

#[test]
fn a_taken_name_is_refused_and_nothing_overwritten() {
    let directory = workspace();
    for adapter in fs::read_dir(root().join("adapters")).unwrap() {
        let name = adapter.unwrap().file_name().into_string().unwrap();
        let output = xtask(directory.path(), &["new-adapter", &name]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains(&format!("{name} is taken")), "{}", text(&output));
    }
    let own = directory.path().join("adapters/mine");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("notes.txt"), "weeks of work").unwrap();
    let before = contents(directory.path());
    let output = xtask(directory.path(), &["new-adapter", "mine"]);
    assert!(text(&output).contains("mine is taken"), "{}", text(&output));
    assert!(contents(directory.path()) == before);
}

#[test]
fn a_registry_that_is_not_understood_is_told_before_anything_is_written() {
    for file in ["Cargo.toml", "crates/gateway/Cargo.toml", "crates/gateway/src/adapters.rs"] {
        let directory = workspace();
        let text_now = fs::read_to_string(directory.path().join(file)).unwrap();
        fs::write(directory.path().join(file), text_now.replace("livegate-adapter", "x").replace("ADAPTERS", "X"))
            .unwrap();
        let before = contents(directory.path());
        let output = xtask(directory.path(), &["new-adapter", "mine"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains(&format!("{file} does not list the adapters as expected")), "{}", text(&output));
        assert!(contents(directory.path()) == before, "{file}");
    }
}

#[test]
fn each_list_gets_one_entry_in_its_place() {
    let directory = workspace();
    let read = |file: &str| fs::read_to_string(directory.path().join(file)).unwrap();
    let files = ["Cargo.toml", "crates/gateway/Cargo.toml", "crates/gateway/src/adapters.rs"];
    let before = files.map(read);
    for name in ["zeppelin", "a1", "mid-way"] {
        let output = xtask(directory.path(), &["new-adapter", name]);
        assert!(output.status.success(), "{}", text(&output));
    }
    let after = files.map(read);
    for (before, after) in before.iter().zip(&after) {
        let entries = |text: &str| -> Vec<String> {
            let words = text.split([',', '[', ']', '\n']).map(str::trim);
            words
                .filter(|word| word.trim_start_matches(['"', '&']).starts_with("livegate"))
                .map(str::to_owned)
                .collect()
        };
        let (old, new) = (entries(before), entries(after));
        let added: Vec<&String> = new.iter().filter(|entry| !old.contains(entry)).collect();
        assert!(added[0].contains("a1") && added[1].contains("mid") && added[2].contains("zeppelin"), "{added:?}");
        let kept: Vec<&String> = new.iter().filter(|entry| old.contains(entry)).collect();
        assert_eq!(kept, old.iter().collect::<Vec<_>>(), "what was there is there, in its order");
        // Lines may break elsewhere.
        let words = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.starts_with("livegate-adapter-"));
            let words = lines.flat_map(|line| line.split([' ', ',', '[', ']']).filter(|word| !word.is_empty()));
            words.filter(|word| !word.contains("adapter")).map(str::to_owned).collect()
        };
        assert_eq!(words(before), words(after));
    }
    // Cargo reads them: every adapter is a member, and a dependency of the gateway and of its demo.
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(directory.path().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap();
    let gateway = metadata.packages.iter().find(|package| package.name.starts_with("livegate-with")).unwrap();
    for name in ["zeppelin", "a1", "mid-way"] {
        let name = format!("livegate-adapter-{name}");
        assert!(metadata.packages.iter().any(|package| package.name == name), "{name}");
        assert!(gateway.dependencies.iter().any(|dependency| dependency.name == name), "{name}");
        assert!(gateway.features["demo"].contains(&format!("{name}/simulator")), "{name}");
    }
}
