//! The other commands of the binary.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use livegate_core::CallContext;
use livegate_http::{Clients, EgressPolicy, TransportSettings};

use crate::gateway::{BINARY, root, sha256, simulator, tenant};

pub(crate) fn livegate(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(&*BINARY).args(arguments).current_dir(directory).output().unwrap()
}

pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn check_tells_every_mistake_at_once_and_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("config/tenants")).unwrap();
    let write = |path: &str, text: &str| fs::write(directory.path().join("config").join(path), text).unwrap();
    write("livegate.toml", "[server]\nlisten = \"127.0.0.1:0\"\n");
    let good =
        tenant("93.184.216.34:80".parse().unwrap(), "").replace("http://93.184.216.34:80/", "https://erp.example.com/");
    write("tenants/good.toml", &good);
    let output = livegate(directory.path(), &["check"]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("no mistakes"));

    write(
        "tenants/broken.toml",
        "adaptor = \"dockmaster\"\ntokens = [\"literal-token-value\"]\n[settings]\nbase_url = \"http://10.0.0.1/\"\n",
    );
    write("tenants/refused.toml", &good.replace("https://erp.example.com/", "https://127.0.0.1/"));
    write("tenants/twin.toml", &good);
    let output = livegate(directory.path(), &["check"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in [
        "broken.toml:1",
        "adapter",
        "broken.toml:2",
        "refused.toml:6",
        "add \"127.0.0.1:443\" to [egress] allow in config/livegate.toml",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("literal-token-value"), "{told}");
    assert!(told.contains("claim the same token"), "{told}");

    write("livegate.toml", "[sevrer]\nlisten = 5\n[cache]\nttl = \"soon\"\n[egress]\nallow = [\"10.0.0.0/99\"]\n");
    let output = livegate(directory.path(), &["check"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("livegate.toml:1") && told.contains("server"), "{told}");
    assert!(told.contains("livegate.toml:4"), "{told}");
    assert!(told.contains("broken.toml:1"), "the tenants are looked at too: {told}");
    write(
        "livegate.toml",
        "[egress]\nallow = [\"http://admin:hunter2@10.0.0.5\"]\n[tenants]\ndirectory = \"elsewhere\"\n",
    );
    fs::create_dir(directory.path().join("elsewhere")).unwrap();
    fs::write(directory.path().join("elsewhere/query.toml"), good.replace("example.com/", "example.com/?x=1")).unwrap();
    fs::write(directory.path().join("ca.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    fs::write(directory.path().join("elsewhere/ca.toml"), format!("{good}\n[tls]\nca = \"ca.pem\"\n")).unwrap();
    let told = text(&livegate(directory.path(), &["check"]));
    for part in [
        "egress.allow[0]",
        "query.toml:6: settings.base_url: must end with its path",
        "ca.toml",
        "connection cannot be made",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
    let output = livegate(directory.path(), &["check", "--config", "nothing.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("nothing.toml"));
    let output = livegate(directory.path(), &["serve"]);
    assert_eq!(output.status.code(), Some(1), "serve does not start on a broken configuration");
}

#[test]
fn a_login_that_does_not_go_with_the_generation_is_told() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("config/tenants")).unwrap();
    let good =
        tenant("93.184.216.34:80".parse().unwrap(), "").replace("http://93.184.216.34:80/", "https://erp.example.com/");
    for (place, settings, part) in [
        (
            "a.toml:8: settings.auth",
            "auth = \"dme\"\n[secrets]\nusername = { env = \"U\" }\npassword = { env = \"U\" }",
            "it takes none, bearer or password",
        ),
        ("b.toml:8: settings.generation", "generation = \"dme\"", "it takes dme, or bearer with system_id"),
        (
            "c.toml:9: settings.generation",
            "auth = \"bearer\"\ngeneration = \"dme\"\n[secrets]\ntoken = { env = \"U\" }",
            "needs system_id",
        ),
        ("d.toml", "generation = \"dme\"\nformat = \"xml\"", "settings.format"),
        ("e.toml", "system_id = \"7\"", "settings.system_id"),
        ("f.toml", "auth_url = \"https://erp.example.com/token\"", "settings.auth_url"),
        ("g.toml", "[secrets]\npassword = { env = \"U\" }", "secrets.password"),
    ] {
        let file = place.split(':').next().unwrap();
        fs::write(directory.path().join("config/tenants").join(file), format!("{good}{settings}\n")).unwrap();
        let output =
            Command::new(&*BINARY).arg("check").current_dir(directory.path()).env("U", "value").output().unwrap();
        let told = text(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.lines().any(|line| line.contains(place) && line.contains(part)), "{place}: {told}");
    }
}

#[test]
fn the_committed_examples_have_no_mistake() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("config/tenants")).unwrap();
    fs::copy(root().join("config/livegate.toml"), directory.path().join("config/livegate.toml")).unwrap();
    let mut variables = Vec::new();
    for example in fs::read_dir(root().join("config/examples")).unwrap().map(Result::unwrap) {
        let text = fs::read_to_string(example.path()).unwrap();
        let named = text.split("env = \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        variables.extend(named.map(|name| (name.clone(), format!("a value of {name}"))));
        fs::write(directory.path().join("config/tenants").join(example.file_name()), text).unwrap();
    }
    let output = Command::new(&*BINARY).arg("check").current_dir(directory.path()).envs(variables).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn check_connect_asks_every_erp() {
    let erp = simulator();
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("config/tenants")).unwrap();
    let write = |path: &str, text: &str| fs::write(directory.path().join("config").join(path), text).unwrap();
    write("livegate.toml", "[egress]\nallow = [\"127.0.0.1\"]\n");
    write("tenants/harbor.toml", &tenant(erp.address(), ""));
    let output = livegate(directory.path(), &["check", "--connect"]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("harbor (DockMaster): answers"), "{}", text(&output));
    erp.fail_next(1, 401);
    let output = livegate(directory.path(), &["check", "--connect"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("credentials_rejected") && !text(&output).contains("asked was"),
        "{}",
        text(&output)
    );
    erp.fail_next(1, 404);
    let told = text(&livegate(directory.path(), &["check", "--connect"]));
    let asked = "asked was settings.base_url in config/tenants/harbor.toml:6, then /api/v2/AR/CustomerARInquiry";
    assert!(told.contains("misconfigured") && told.lines().any(|line| line.ends_with(asked)), "{told}");
}

#[test]
fn the_demo_tries_every_call_and_ends_well() {
    let directory = tempfile::tempdir().unwrap();
    let output = livegate(directory.path(), &["demo", "--exit-after-check"]);
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("listening on http://127.0.0.1:"), "{told}");
    assert!(told.matches(" 200 in ").count() >= 14, "three tenants, up to five calls each: {told}");
    assert!(told.contains("every call was answered"), "{told}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "the demo writes nothing where it is started");
}

#[tokio::test]
async fn the_readmes_lines_answer_as_the_readme_shows() {
    let directory = tempfile::tempdir().unwrap();
    let mut demo = Command::new(&*BINARY).arg("demo").current_dir(&directory).stdout(Stdio::piped()).spawn().unwrap();
    let mut printed = Vec::new();
    for line in BufReader::new(demo.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let last = line.starts_with("Description of the calls");
        printed.push(line);
        if last {
            break;
        }
    }
    let address: SocketAddr = printed[0].strip_prefix("listening on http://").unwrap().parse().unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut blocks = readme.split("```").filter(|block| block.starts_with("sh\ncurl") || block.starts_with("json\n{"));
    let mut shown = 0;
    while let (Some(line), Some(answer)) = (blocks.next(), blocks.next()) {
        let line = line.trim_start_matches("sh\n").trim();
        let asked = line.replace("127.0.0.1:8080", &address.to_string());
        assert!(printed.contains(&asked), "the demo does not print {asked}\n{printed:#?}");
        // As a shell takes the line apart: quoted parts are one word each.
        let words: Vec<&str> = asked.split('\'').collect();
        let path = words[0].split_once(&address.to_string()).unwrap().1.trim_end_matches(" -H ");
        let token = words[1].strip_prefix("Authorization: ").unwrap();
        let given = post(address, path, token, words[5]).await;
        assert_eq!(without_days(&given), without_days(answer.trim_start_matches("json\n").trim()));
        shown += 1;
    }
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert_eq!(shown, 2);
}

/// The simulator counts its dates from today.
fn without_days(text: &str) -> String {
    text.split("T00:00:00").map(|part| &part[..part.len().saturating_sub(10)]).collect::<Vec<_>>().join("DAY")
}

async fn post(address: SocketAddr, path: &str, authorization: &str, body: &str) -> String {
    let policy = EgressPolicy::new(vec!["127.0.0.1".parse().unwrap()]);
    let transport = Clients::new(policy).transport(&TransportSettings::default()).unwrap();
    let request = http::Request::post(format!("http://{address}{path}"))
        .header("authorization", authorization)
        .header("content-type", "application/json")
        .body(body.to_owned().into())
        .unwrap();
    let response = transport.send(&CallContext::new("test", Duration::from_secs(10)), request).await.unwrap();
    String::from_utf8(response.into_body().to_vec()).unwrap()
}

#[test]
fn adapters_and_token_are_printed() {
    let directory = tempfile::tempdir().unwrap();
    let output = livegate(directory.path(), &["adapters", "--json"]);
    let kinds: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let dockmaster = kinds.as_array().unwrap().iter().find(|kind| kind["name"] == "dockmaster").unwrap();
    let fields: Vec<&str> =
        dockmaster["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    for field in ["base_url", "generation", "auth", "invoice_history", "token", "username", "password"] {
        assert!(fields.contains(&field), "{fields:?}");
    }
    assert!(text(&livegate(directory.path(), &["adapters"])).contains("dockmaster"));
    let told = text(&livegate(directory.path(), &["token"]));
    let field = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!(sha256(&field("token:")), field("sha256:"));
    assert_ne!(told, text(&livegate(directory.path(), &["token"])));
    assert_eq!(livegate(directory.path(), &["nonsense"]).status.code(), Some(2));
    let help = text(&livegate(directory.path(), &["--help"]));
    for command in ["serve", "demo", "check", "adapters", "token"] {
        assert!(help.contains(command), "{help}");
    }
}
