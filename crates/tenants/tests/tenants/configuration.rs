use std::path::Path;

use livegate_core::{AdapterKind, Capabilities, ErpError, Field, FieldKind};
use livegate_tenants::{Config, LoadContext, LogFormat, TenantFiles, config_schema};
use tempfile::TempDir;

use crate::quay::seconds;

/// The one variable that is set.
fn environment(name: &str) -> Option<String> {
    (name == "OPERATOR").then(|| "the operator's token".to_owned())
}

fn load(text: &str) -> Result<Config, Vec<String>> {
    let root = TempDir::new().unwrap();
    let path = root.path().join("livegate.toml");
    std::fs::write(&path, text).unwrap();
    let own = format!("{}/", root.path().display());
    Config::load(Some(&path), &|_| Ok(()), &environment)
        .map_err(|told| told.iter().map(|line| line.to_string().replace(&own, "")).collect())
}

fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[test]
fn an_empty_file_and_no_file_mean_the_defaults() {
    let config = Config::load(None, &|_| Ok(()), &environment).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.file, Path::new(Config::DEFAULT_PATH));
    let empty = load("").unwrap();
    assert_eq!(empty, Config { file: empty.file.clone(), ..Config::default() });
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.admin_listen, "127.0.0.1:8081".parse().unwrap());
    assert_eq!((config.deadline, config.workers), (seconds(10), 0));
    assert_eq!(config.token_headers, ["X-Api-Key"]);
    assert_eq!(config.tenants_directory, Path::new("config/tenants"));
    let cache = config.cache;
    assert_eq!((cache.ttl, cache.absent_ttl, cache.stale_while_revalidate), (seconds(30), seconds(5), seconds(30)));
    assert_eq!((cache.stale_if_error, cache.stale_if_error_balance), (seconds(600), seconds(120)));
    assert_eq!((config.egress_allow.len(), config.documents), (0, 10_000));
    assert_eq!((config.log_format, config.log_level.as_str()), (LogFormat::Text, "info"));
}

#[test]
fn every_key_may_be_given() {
    let config = load(
        r#"[server]
listen = "[::]:80"
admin_listen = "10.0.0.5:0"
deadline = "100ms"
workers = 0x10
[auth]
token_headers = ["X-Key", "X-Token"]
[tenants]
directory = "/etc/livegate/tenants"
[cache]
ttl = "0s"
absent_ttl = "1h"
[egress]
allow = [
    "127.0.0.1:9101",

    "10.20.0.0/16",
]
[limits]
documents = 1
[log]
format = "json"
level = "trace"
"#,
    )
    .unwrap();
    assert_eq!(config.listen, "[::]:80".parse().unwrap());
    assert_eq!(config.admin_listen, "10.0.0.5:0".parse().unwrap());
    assert_eq!((config.deadline.as_millis(), config.workers, config.documents), (100, 16, 1));
    assert_eq!(config.token_headers, ["X-Key", "X-Token"]);
    assert_eq!(config.tenants_directory, Path::new("/etc/livegate/tenants"));
    assert_eq!((config.cache.ttl, config.cache.absent_ttl), (seconds(0), seconds(3600)));
    assert_eq!(config.egress_allow, ["127.0.0.1:9101", "10.20.0.0/16"]);
    assert_eq!((config.log_format, config.log_level.as_str()), (LogFormat::Json, "trace"));
}

#[test]
fn port_0_may_be_given_twice() {
    assert!(load("[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"").is_ok());
}

#[test]
fn every_mistake_names_line_key_and_remedy() {
    let such_as = "write it as in \"127.0.0.1:8080\"; \"0.0.0.0:8080\" listens on every network";
    let address = "is no IP address with a port";
    let own = "is a header with a meaning of its own; remove it (Authorization always counts), or name another one, such as \
               \"X-Api-Key\"";
    let cases: [(&str, &[&str]); 22] = [
        ("[server]\nlisten = \"localhost:8080\"", &[&format!("2: server.listen: {address}; {such_as}")]),
        ("[server]\nadmin_listen = \"8081\"", &[&format!("2: server.admin_listen: {address}; {such_as}")]),
        (
            "[server]\nlisten = 8080",
            &["2: server.listen: must be text in quotes; write it as in listen = \"0.0.0.0:8080\""],
        ),
        (
            "[server]\nlisten = \"127.0.0.1:8081\"",
            &["2: server.admin_listen: has the port of server.listen; give the two different ports"],
        ),
        (
            "[server]\nlisten = \"0.0.0.0:80\"\nadmin_listen = \"10.0.0.1:80\"",
            &["3: server.admin_listen: has the port of server.listen; give the two different ports"],
        ),
        ("[server]\ndeadline = 10", &["2: server.deadline: must be text in quotes; write it as in deadline = \"10s\""]),
        (
            "[server]\ndeadline = \"99ms\"",
            &["2: server.deadline: must be at least 100ms and at most 5m; write it as in deadline = \"10s\""],
        ),
        (
            "[server]\ndeadline = \"1m30s\"",
            &[
                "2: server.deadline: is no time span; write a whole number with ms, s, m or h behind it, such as \"10s\"",
            ],
        ),
        (
            "[server]\nworkers = -1",
            &["2: server.workers: must be at least 0 and at most 1024; write it as in workers = 4"],
        ),
        (
            "[server]\nworkers = 1.5",
            &["2: server.workers: must be a whole number without quotes; write it as in workers = 4"],
        ),
        ("[server]\nlissten = \"\"", &["2: server.lissten: unknown key; did you mean \"listen\"?"]),
        ("[auth]\ntoken_headers = [\"X-Key\",\n\"COOKIE\"]", &[&format!("3: auth.token_headers[1]: {own}")]),
        (
            "[auth]\ntoken_headers = [\"X Key\"]",
            &["2: auth.token_headers[0]: does not have the form of \"Header name\"; write it as in token_headers = \
               [\"X-Api-Key\"]"],
        ),
        ("[tenants]\ndatabase = \"x\"", &["2: tenants.database: unknown key; known here: \"directory\""]),
        (
            "[tenants]\ndirectory = \"\"",
            &["2: tenants.directory: must not be blank; write it as in directory = \"/etc/livegate/tenants\""],
        ),
        (
            "[log]\nlevel = \"warning\"",
            &[
                "2: log.level: is none of the choices; the choices are \"error\", \"warn\", \"info\", \"debug\", \"trace\"",
            ],
        ),
        (
            "[egress]\nallow = \"erp\"",
            &["2: egress.allow: must be a list of texts; write it as in allow = \
                                        [\"127.0.0.1:9101\", \"10.20.0.0/16\", \"erp.internal\"]"],
        ),
        ("[limits]\nttl = \"5s\"", &["2: limits.ttl: stands in the wrong section; it belongs under [cache]"]),
        ("listen = \"127.0.0.1:80\"", &["1: listen: stands in the wrong section; it belongs under [server]"]),
        ("nonsense = 1", &["1: nonsense: unknown key; no key may stand here; remove it"]),
        (
            "[admin]\ntoken = \"pl4nted\"\n[shared]\n[secrets]",
            &[
                "2: admin.token: must not stand in the file as it is; write { sha256 = \"…\" }, { env = \"NAME\" } or { file = \"path\" }",
                "3: shared: unknown section; known here: \"admin\", \"auth\", \"breaker\", \"cache\", \"egress\", \"limits\", \"log\", \
                 \"process\", \"retry\", \"server\", \"tenants\"",
                "4: secrets: unknown section; known here: \"admin\", \"auth\", \"breaker\", \"cache\", \"egress\", \"limits\", \"log\", \
                 \"process\", \"retry\", \"server\", \"tenants\"",
            ],
        ),
        (
            "[server]\nlisten = ",
            &[
                "2: is not valid TOML: string values must be quoted, expected literal string; write one `key = value` per line, with text in \
               \"quotes\"",
            ],
        ),
    ];
    for (text, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|line| format!("livegate.toml:{line}")).collect();
        assert_eq!(load(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn the_operators_token_comes_from_outside_the_file() {
    for text in ["[admin]", "", "[server]\nworkers = 2"] {
        assert_eq!(load(text).unwrap().admin_token, None, "{text}");
    }
    let config = load("[admin]\ntoken = { env = \"OPERATOR\" }").unwrap();
    assert_eq!(config.admin_token, Some(livegate_tenants::TokenDigest::of("the operator's token")));
    assert!(!format!("{config:?}").contains("operator's"));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let told = Config::load(Some(Path::new("/no/such/livegate.toml")), &|_| Ok(()), &environment).unwrap_err();
    assert_eq!(
        told.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["/no/such/livegate.toml: does not exist; the file must be a readable TOML file in UTF-8"]
    );
}

#[test]
fn the_committed_file_holds_every_key_with_its_default() {
    let path = repository("config/livegate.toml");
    assert_eq!(
        Config::load(Some(&path), &|_| Ok(()), &environment).unwrap(),
        Config { file: path.clone(), ..Config::default() }
    );
    let text = std::fs::read_to_string(path).unwrap();
    let given: toml::Table = text.parse().unwrap();
    let schema: serde_json::Value = serde_json::from_str(&config_schema()).unwrap();
    for (section, keys) in schema["properties"].as_object().unwrap() {
        for (key, described) in keys["properties"].as_object().unwrap() {
            if section == "admin" {
                assert!(text.contains("# token = { env = \"LIVEGATE_ADMIN_TOKEN\" }"), "shown, as it has no default");
                continue;
            }
            let value = &given[section.as_str()][key.as_str()];
            assert_eq!(serde_json::to_value(value).unwrap(), described["default"], "{section}.{key}");
        }
    }
}

#[test]
fn the_example_of_a_tenant_is_one() {
    static FORM: AdapterKind = AdapterKind {
        name: "dockmaster",
        title: "DockMaster",
        capabilities: Capabilities::NONE,
        fields: &[
            Field { name: "base_url", kind: FieldKind::Url, required: true, ..Field::TEXT },
            Field { name: "format", kind: FieldKind::Choice(&["json", "xml"]), ..Field::TEXT },
            Field { name: "auth", kind: FieldKind::Choice(&["none", "bearer"]), ..Field::TEXT },
            Field { name: "pending_payments", kind: FieldKind::Choice(&["show", "deduct"]), ..Field::TEXT },
            Field { name: "token", secret: true, required: true, when: Some(("auth", &["bearer"])), ..Field::TEXT },
        ],
        connect: |_| Err(ErpError::unsupported("connecting")),
        simulator: None,
        demo: &[],
    };
    // The other examples are for adapters that are not played here; the end-to-end tests check them all.
    let examples = TempDir::new().unwrap();
    std::fs::copy(repository("config/examples/harbor.toml"), examples.path().join("harbor.toml")).unwrap();
    let reading = TenantFiles::new(examples.path()).read(&LoadContext {
        adapters: &[&FORM],
        defaults: &Config::default(),
        check_url: &|_| Ok(()),
        environment: &|name| Some(format!("value of {name}")),
    });
    assert_eq!(reading.mistakes().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(reading.tenants.len(), 1);
    let reading = TenantFiles::new(repository("config/tenants")).read(&LoadContext {
        adapters: &[&FORM],
        defaults: &Config::default(),
        check_url: &|_| Ok(()),
        environment: &|_| None,
    });
    assert_eq!((reading.tenants.len(), reading.mistakes().count()), (0, 0), "a fresh clone starts without a mistake");
}
