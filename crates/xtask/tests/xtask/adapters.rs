//! Adapters that `new-adapter` writes, and the one of the tutorial, as they stand.

use std::fs;
use std::path::Path;

use crate::tutorial;
use crate::workspace::{GATEWAY, Workspace, text, xtask};

const PROTOCOLS: [&str; 3] = ["json", "xml", "odata"];
const AUTHS: [&str; 5] = ["api-key", "basic", "bearer", "oauth2", "session"];

/// Those that are compiled, which takes long: each protocol and each way to prove oneself, those with most parts of their
/// own together. What a protocol and an `auth` write is independent of each other but for the imports.
const COMPILED: [(&str, &str); 7] = [
    ("json", "api-key"),
    ("json", "basic"),
    ("xml", "bearer"),
    ("xml", "oauth2"),
    ("xml", "session"),
    ("odata", "oauth2"),
    ("odata", "session"),
];

/// What an ERP decides, as the comments in the generated files name it.
const DECISIONS: [&str; 8] =
    ["operations", "filters", "credentials", "paths", "paging", "member names", "dates", "states"];

fn name(protocol: &str, auth: &str) -> String {
    // One of them has the longest name, so that no line has to break elsewhere for it.
    let filling = if (protocol, auth) == ("xml", "bearer") { "-".to_owned() + &"l".repeat(29) } else { String::new() };
    format!("{protocol}-{auth}{filling}")
}

fn generate(directory: &Path, adapters: impl IntoIterator<Item = (&'static str, &'static str)>) {
    for (protocol, auth) in adapters {
        let arguments = ["new-adapter", &name(protocol, auth), "--protocol", protocol, "--auth", auth];
        let output = xtask(directory, &arguments);
        assert!(output.status.success(), "{}", text(&output));
        let adapter = directory.join("adapters").join(name(protocol, auth));
        let source = |file: &str| fs::read_to_string(adapter.join(file)).unwrap();
        let written = source("src/lib.rs") + &source("src/wire.rs");
        for decision in DECISIONS {
            assert!(written.contains(&format!("// TODO(erp): {decision}: ")), "{protocol} {auth}: {decision}");
        }
        for file in ["Cargo.toml", "README.md", "src/lib.rs", "src/wire.rs", "src/simulator.rs", "tests/conformance.rs"]
        {
            assert!(!source(file).contains("{{"), "{protocol} {auth}: {file} has a placeholder left");
        }
    }
}

#[test]
fn every_adapter_is_written_as_rustfmt_would_have_it() {
    let every = PROTOCOLS.into_iter().flat_map(|protocol| AUTHS.map(|auth| (protocol, auth)));
    Workspace::new("formatted", |directory| generate(directory, every)).cargo(&["fmt", "--check"]);
}

#[test]
fn adapters_compile_clean_and_conform() {
    let workspace = Workspace::new("adapters", |directory| {
        generate(directory, COMPILED);
        tutorial::follow(directory);
    });
    workspace.cargo(&["fmt", "--check"]);
    let all_but_the_gateway = ["--workspace", "--exclude", GATEWAY];
    workspace.cargo(&[&["clippy", "--all-targets"][..], &all_but_the_gateway, &["--", "-D", "warnings"]].concat());
    // The faults wait for much: they are put before one adapter of each protocol, with and without a login.
    let mut prove =
        ["test", "--workspace", "--no-fail-fast", "--test", "conformance", "--"].map(str::to_owned).to_vec();
    for (protocol, auth) in COMPILED {
        if !matches!((protocol, auth), ("json", "api-key") | ("xml", "oauth2") | ("odata", "session")) {
            let name = name(protocol, auth);
            prove.extend(["bare", "stacked"].map(|way| format!("--skip={name}/{way}/fault")));
        }
    }
    tutorial::compare_proof(&workspace.cargo(&prove.iter().map(String::as_str).collect::<Vec<_>>()));
    let gateway = workspace.gateway();
    let demo = text(&gateway(&["demo", "--exit-after-check"]).output().unwrap());
    for (protocol, auth) in COMPILED {
        let tenant = format!("\n{} (", name(protocol, auth));
        let calls = demo.split_once(&tenant).map(|(_, rest)| rest.split("\n\n").next().unwrap_or_default());
        assert_eq!(calls.map(|calls| calls.matches(" 200 in ").count()), Some(3), "{tenant}: {demo}");
    }
    tutorial::compare_demo(&mut gateway(&["demo"]));
}
