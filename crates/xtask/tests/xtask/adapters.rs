//! Adapters that `new-adapter` writes, and the one of the tutorial, as they stand.

use std::fs;
use std::path::Path;

use crate::tutorial;
use crate::workspace::{GATEWAY, Workspace, text, xtask};

const PROTOCOLS: [&str; 2] = ["json", "xml"];
const AUTHS: [&str; 4] = ["api-key", "basic", "bearer", "oauth2"];

/// What an ERP decides, as the comments in the generated files name it.
const DECISIONS: [&str; 8] =
    ["operations", "filters", "credentials", "paths", "paging", "member names", "dates", "states"];

fn name(protocol: &str, auth: &str) -> String {
    // One of them has the longest name, so that no line has to break elsewhere for it.
    let filling = if (protocol, auth) == ("xml", "bearer") { "-".to_owned() + &"l".repeat(29) } else { String::new() };
    format!("{protocol}-{auth}{filling}")
}

fn all(mut each: impl FnMut(&str, &str)) {
    for protocol in PROTOCOLS {
        for auth in AUTHS {
            each(protocol, auth);
        }
    }
}

fn generate(directory: &Path) {
    all(|protocol, auth| {
        let arguments = ["new-adapter", &name(protocol, auth), "--protocol", protocol, "--auth", auth];
        let output = xtask(directory, &arguments);
        assert!(output.status.success(), "{}", text(&output));
        let adapter = directory.join("adapters").join(name(protocol, auth));
        let source = |file: &str| fs::read_to_string(adapter.join(file)).unwrap();
        let written = source("src/lib.rs") + &source("src/wire.rs");
        for decision in DECISIONS {
            assert!(written.contains(&format!("// TODO(erp): {decision}: ")), "{protocol} {auth}: {decision}");
        }
    });
}

#[test]
fn every_adapter_compiles_clean_and_conforms() {
    let workspace = Workspace::new("adapters", |directory| {
        generate(directory);
        tutorial::follow(directory);
    });
    workspace.cargo(&["fmt", "--check"]);
    let all_but_the_gateway = ["--workspace", "--exclude", GATEWAY];
    workspace.cargo(&[&["clippy", "--all-targets"][..], &all_but_the_gateway, &["--", "-D", "warnings"]].concat());
    // The faults wait for much: they are put before one adapter of each protocol, with and without a login.
    let mut prove =
        ["test", "--workspace", "--no-fail-fast", "--test", "conformance", "--"].map(str::to_owned).to_vec();
    all(|protocol, auth| {
        if !matches!((protocol, auth), ("json", "api-key") | ("xml", "oauth2")) {
            let name = name(protocol, auth);
            prove.extend(["bare", "stacked"].map(|way| format!("--skip={name}/{way}/fault")));
        }
    });
    tutorial::compare_proof(&workspace.cargo(&prove.iter().map(String::as_str).collect::<Vec<_>>()));
    let gateway = workspace.gateway();
    let demo = text(&gateway(&["demo", "--exit-after-check"]).output().unwrap());
    all(|protocol, auth| {
        let tenant = format!("\n{} (", name(protocol, auth));
        let calls = demo.split_once(&tenant).map(|(_, rest)| rest.split("\n\n").next().unwrap_or_default());
        assert_eq!(calls.map(|calls| calls.matches(" 200 in ").count()), Some(3), "{tenant}: {demo}");
    });
    tutorial::compare_demo(&mut gateway(&["demo"]));
}
