//! What a newcomer stumbles over: each time the message says what is wrong and what to do about it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::commands::{livegate, text};
use crate::gateway::{BINARY, Gateway, TOKEN, root, sha256, simulator, tenant};

/// A directory with this `config/livegate.toml`.
fn directory(config: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("config")).unwrap();
    fs::write(directory.path().join("config/livegate.toml"), config).unwrap();
    directory
}

/// What `serve` has logged by the time it says that it is ready.
fn log_at_the_start(directory: &Path) -> String {
    let mut serving = Command::new(&*BINARY)
        .arg("serve")
        .current_dir(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let announced = BufReader::new(serving.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(announced.take(2).any(|line| line.starts_with("admin on http://")));
    serving.kill().unwrap();
    let mut log = String::new();
    serving.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    serving.wait().unwrap();
    log
}

const ANY_PORT: &str = "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n";

#[test]
fn serving_nobody_is_told_with_the_whole_path_and_what_to_do() {
    let directory = directory(ANY_PORT);
    let tenants = directory.path().canonicalize().unwrap().join("config/tenants");
    let begins = format!("serving no tenant from {}: ", tenants.display());
    let warned = |remedy: &str| {
        let log = log_at_the_start(directory.path());
        let line = log.lines().find(|line| line.contains(&begins)).unwrap_or_else(|| panic!("{log}")).to_owned();
        assert!(line.contains("WARN") && line.contains(remedy), "{line}");
    };
    warned("create it, or correct directory under [tenants] in livegate.toml");
    fs::create_dir(&tenants).unwrap();
    fs::write(tenants.join("README.md"), "no tenant").unwrap();
    warned("there is no tenant file; write one, <tenant>.toml, or correct directory");
    fs::write(tenants.join("broken.toml"), "[").unwrap();
    warned("every tenant file has mistakes; correct what `livegate check` tells");
}

#[tokio::test]
async fn whom_it_serves_is_told_and_readyz_says_why_it_is_nobody() {
    let erp = simulator();
    let gateway = Gateway::start("", &[("harbor", &tenant(erp.address(), ""))], &[]).await;
    let tenants = gateway.directory.path().canonicalize().unwrap().join("tenants");
    let told = format!("serving 1 tenant from {}", tenants.display());
    assert!(gateway.log().lines().any(|line| line.contains("INFO") && line.ends_with(&told)), "{}", gateway.log());
    let ready = gateway.admin("/readyz").await.json();
    assert_eq!((ready["tenants"].as_u64(), ready.get("no_tenant_because")), (Some(1), None));

    let gateway = Gateway::start("", &[], &[]).await;
    let answer = gateway.admin("/readyz").await;
    let ready = answer.json();
    assert_eq!((answer.status, ready["tenants"].as_u64(), &ready["status"]), (200, Some(0), &"ready".into()));
    let reason = ready["no_tenant_because"].as_str().unwrap();
    assert!(reason.contains("there is no tenant file") && reason.starts_with('/'), "{reason}");
}

#[test]
fn the_configuration_may_be_named_before_the_command_or_after_it() {
    let directory = directory("");
    fs::write(directory.path().join("own.toml"), "[tenants]\ndirectory = \"own-tenants\"\n").unwrap();
    fs::create_dir(directory.path().join("own-tenants")).unwrap();
    for arguments in [["--config", "own.toml", "check"], ["check", "--config", "own.toml"]] {
        let output = livegate(directory.path(), &arguments);
        assert!(output.status.success() && text(&output).contains("own-tenants yet"), "{}", text(&output));
    }
    for arguments in [["--config", "own.toml", "token"], ["adapters", "--config", "own.toml"]] {
        let output = livegate(directory.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "an option without effect is a mistake: {}", text(&output));
        assert!(text(&output).contains("--config is for serve and check"), "{}", text(&output));
    }
}

#[test]
fn an_address_that_is_taken_is_told_with_its_key_and_file() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap();
    for (key, config) in [
        ("listen", format!("[server]\nlisten = \"{taken}\"\nadmin_listen = \"127.0.0.1:0\"\n")),
        ("admin_listen", format!("[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"{taken}\"\n")),
    ] {
        let output = livegate(directory(&config).path(), &["serve"]);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output);
        let remedy = format!("write another address as [server] {key} in config/livegate.toml");
        assert!(told.contains(&format!("cannot listen on {taken}")) && told.contains(&remedy), "{told}");
    }
}

#[test]
fn the_demo_says_which_ports_it_took_in_place_of_taken_ones() {
    let usual: [u16; 2] = [8080, 8081];
    // Another program may have a port and give it back meanwhile, so that only the ports that are ours are sure to be taken.
    let held = usual.map(|port| TcpListener::bind(("127.0.0.1", port)));
    let mut demo = Command::new(&*BINARY).arg("demo").stdout(Stdio::piped()).spawn().unwrap();
    let mut printed = Vec::new();
    for line in BufReader::new(demo.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let last = line.starts_with("Description of the calls");
        printed.push(line);
        if last {
            break;
        }
    }
    demo.kill().unwrap();
    demo.wait().unwrap();
    for (at, begins) in ["listening on http://", "admin on http://"].into_iter().enumerate() {
        let own: u16 = printed[at].strip_prefix(begins).unwrap().rsplit_once(':').unwrap().1.parse().unwrap();
        let told = printed.iter().find(|line| line.starts_with(&format!("port {} is taken", usual[at])));
        match told {
            Some(told) => assert!(told.ends_with(&format!("on port {own} instead")), "{told}"),
            None => assert!(own == usual[at] && held[at].is_err(), "{printed:?}"),
        }
    }
}

#[tokio::test]
async fn a_digest_given_to_the_store_in_place_of_the_token_is_told_in_the_log_and_to_no_caller() {
    let erp = simulator();
    let gateway = Gateway::start("", &[("harbor", &tenant(erp.address(), ""))], &[]).await;
    let digest = sha256(TOKEN);
    let refused = async |token: &str| {
        let headers = [("authorization", &*format!("Bearer {token}")), ("x-request-id", "same")];
        gateway.send("POST", gateway.live, "/live/v1/orders", &headers, "{}").await
    };
    let (wrong, shown) = (refused("wrong").await, refused(&digest).await);
    assert_eq!((wrong.status, &wrong.body), (401, &shown.body));
    let log = gateway.log();
    let told: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert!(told.len() == 1 && told[0].contains("harbor.toml:3: tokens[0]: a caller showed as a token"), "{log}");
    assert!(!log.contains(&digest), "{log}");
}

#[test]
fn the_readmes_five_steps_make_a_tenant_and_are_the_only_ones() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let steps = readme.split_once("## A first real tenant, in five steps").unwrap().1.split("\n## ").next().unwrap();
    let directory = directory("");
    fs::create_dir(directory.path().join("config/tenants")).unwrap();
    let (mut exported, mut made, mut sha256) = (Vec::new(), false, String::new());
    // Odd parts stand between the fences.
    for block in steps.split("```").skip(1).step_by(2) {
        if let Some(file) = block.strip_prefix("toml") {
            let named = file.split("env = \"").skip(1).map(|rest| rest.split('"').next().unwrap());
            assert!(named.eq(exported.iter().copied()), "what a step uses comes in a step before it: {exported:?}");
            let file = file.replace("the SHA-256 from step 2", &sha256);
            fs::write(directory.path().join("config/tenants/harbor.toml"), file).unwrap();
            continue;
        }
        for line in block.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(variable) = line.strip_prefix("export ") {
                exported.push(variable.split('=').next().unwrap());
                continue;
            }
            let arguments: Vec<_> = line.strip_prefix("target/release/livegate ").unwrap().split(' ').collect();
            if arguments == ["token"] {
                let told = text(&livegate(directory.path(), &arguments));
                sha256 = told.lines().find_map(|line| line.strip_prefix("sha256: ")).unwrap().to_owned();
            } else if arguments == ["check"] {
                let mut check = Command::new(&*BINARY);
                check.args(&arguments).current_dir(directory.path());
                let output = check.envs(exported.iter().map(|name| (name, "value"))).output().unwrap();
                assert!(
                    output.status.success() && text(&output).contains("tenants in config/tenants: 1"),
                    "{}",
                    text(&output)
                );
                made = true;
            }
        }
    }
    assert!(made && steps.contains("\n5. ") && !steps.contains("\n6. "), "{steps}");
    let reference = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    assert!(reference.contains("../README.md#a-first-real-tenant-in-five-steps"));
    assert!(!reference.contains("\n1. "), "the steps stand in one place");
}

#[test]
fn a_documented_code_is_raised_or_marked_as_not_raised_yet() {
    let table = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let mut source = String::new();
    let crates = ["crates", "adapters"].map(|rooms| fs::read_dir(root().join(rooms)).unwrap()).into_iter().flatten();
    for room in crates.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("testkit")) {
        add_source(&room.join("src"), &mut source);
    }
    let mut codes = 0;
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let code = line.split('`').nth(1).unwrap();
        let variant: String =
            code.split('_').map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect();
        let ways = [format!("\"{code}\""), format!("ErrorKind::{variant}"), format!("ErpError::{code}(")];
        let raised = ways.iter().any(|way| source.contains(way));
        assert_ne!(raised, line.contains("(not raised yet)"), "{line}");
        codes += 1;
    }
    assert_eq!(codes, 21);
}

/// The program text under `directory`, without tests and without the two files that define every code.
fn add_source(directory: &Path, source: &mut String) {
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        let defines = path.ends_with("core/src/error.rs") || path.ends_with("gateway/src/problem.rs");
        if path.is_dir() {
            add_source(&path, source);
        } else if !defines && path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            source.push_str(text.split("#[cfg(test)]").next().unwrap());
        }
    }
}
