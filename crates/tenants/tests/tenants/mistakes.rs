use proptest::prelude::*;

use crate::quay::{Bench, HARBOR, PLANTED, edit};

struct Case {
    what: &'static str,
    from: &'static str,
    to: &'static str,
    /// What `check` prints, all of it.
    told: &'static [&'static str],
}

#[test]
fn every_mistake_names_file_line_key_and_remedy_and_shows_no_secret() {
    let mut wrong = Vec::new();
    for case in CASES {
        let mut bench = Bench::new();
        bench.write("empty", " \n");
        bench.write("binary", [0xff, 0xfe, 0x00]);
        let text = edit(HARBOR, case.from, case.to).replace("BENCH", &bench.root.path().display().to_string());
        bench.write("tenants/harbor.toml", text);
        let (roster, told) = bench.begin();
        assert_eq!(roster.tenants().len(), 0, "{}", case.what);
        assert!(!case.told.is_empty(), "{}", case.what);
        assert!(told.iter().all(|line| !line.contains(PLANTED)), "{}: {told:?}", case.what);
        if told != case.told {
            wrong.push((case.what, told));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const CASES: &[Case] = &[
    Case {
        what: "an unknown key, with the nearest",
        from: r#"user = "web""#,
        to: r#"user = "web"
companyy = "ACME""#,
        told: &[r#"tenants/harbor.toml:9: settings.companyy: unknown key; did you mean "company"?"#],
    },
    Case {
        what: "an unknown key unlike any",
        from: r#"user = "web""#,
        to: r#"user = "web"
zzz = 1"#,
        told: &[
            r#"tenants/harbor.toml:9: settings.zzz: unknown key; known here: "archived", "base_url", "company", "grant", "headers", "mode", "page_size", "pause", "realm", "report_url", "scope", "sites", "user""#,
        ],
    },
    Case {
        what: "an unknown key above the sections",
        from: "title =",
        to: "titel =",
        told: &[r#"tenants/harbor.toml:1: titel: unknown key; did you mean "title"?"#],
    },
    Case {
        what: "an unknown section",
        from: "[cache]",
        to: "[cahce]",
        told: &[r#"tenants/harbor.toml:11: cahce: unknown section; did you mean "cache"?"#],
    },
    Case {
        what: "a section of later work",
        from: "[cache]",
        to: "[shared]",
        told: &[
            r#"tenants/harbor.toml:11: shared: unknown section; known here: "breaker", "cache", "limits", "retry", "secrets", "settings", "tls""#,
        ],
    },
    Case {
        what: "a section of livegate.toml",
        from: "[cache]",
        to: "[egress]\nallow = [\"10.0.0.5\"]\n[server]\ndeadline = \"5s\"\n[cache]",
        told: &[
            "tenants/harbor.toml:11: egress: stands in the wrong file; it belongs in livegate.toml, as [egress] for all tenants",
            "tenants/harbor.toml:13: server: stands in the wrong file; it belongs in livegate.toml, as [server] for all tenants",
        ],
    },
    Case {
        what: "a section of livegate.toml as a key",
        from: "title =",
        to: "egress = [\"10.0.0.5\"]\ntitle =",
        told: &[
            "tenants/harbor.toml:1: egress: stands in the wrong file; it belongs in livegate.toml, as [egress] for all tenants",
        ],
    },
    Case {
        what: "a key under the wrong section",
        from: "[cache]",
        to: r#"[cache]
customer_from = "customer_code""#,
        told: &[
            "tenants/harbor.toml:12: cache.customer_from: stands in the wrong section; it belongs above the first [section]",
        ],
    },
    Case {
        what: "a setting above the sections",
        from: "title =",
        to: r#"base_url = "https://x.example"
title ="#,
        told: &["tenants/harbor.toml:1: base_url: stands in the wrong section; it belongs under [settings]"],
    },
    Case {
        what: "a key that is not of a tenant's tls",
        from: "[cache]",
        to: r#"[tls]
pin = "x"
[cache]"#,
        told: &[r#"tenants/harbor.toml:12: tls.pin: unknown key; known here: "ca""#],
    },
    Case {
        what: "a key given twice",
        from: r#"user = "web""#,
        to: r#"user = "web"
user = "web""#,
        told: &["tenants/harbor.toml:9: user: is given twice; remove one of the two"],
    },
    Case {
        what: "a section given twice",
        from: "[cache]",
        to: "[settings]\n[cache]",
        told: &["tenants/harbor.toml:11: settings: is given twice; remove one of the two"],
    },
    Case {
        what: "a quote that is missing",
        from: r#"user = "web""#,
        to: r#"user = "web"#,
        told: &[
            r#"tenants/harbor.toml:8: is not valid TOML: invalid basic string, expected `"`; write one `key = value` per line, with text in "quotes""#,
        ],
    },
    Case {
        what: "curly quotes around a text",
        from: r#"user = "web""#,
        to: "user = “web”",
        told: &[
            r#"tenants/harbor.toml:8: is not valid TOML: string values must be quoted, expected literal string; write straight quotes (") in place of the curly ones"#,
        ],
    },
    Case {
        what: "a curly quote at the end of a text, and one before a key",
        from: r#"user = "web""#,
        to: "user = \"web”\n‘sites’ = [\"north\"]",
        told: &[
            r#"tenants/harbor.toml:8: is not valid TOML: invalid basic string, expected `"`; write straight quotes (") in place of the curly ones"#,
            r#"tenants/harbor.toml:9: is not valid TOML: invalid unquoted key, expected letters, numbers, `-`, `_`; write straight quotes (") in place of the curly ones"#,
        ],
    },
    Case {
        what: "a curly quote within a text has no part in a missing straight one",
        from: r#"title = "Harbor Marine""#,
        to: r#"title = "Harbor’s Marine"#,
        told: &[
            r#"tenants/harbor.toml:1: is not valid TOML: invalid basic string, expected `"`; write one `key = value` per line, with text in "quotes""#,
        ],
    },
    Case {
        what: "text without quotes",
        from: r#"user = "web""#,
        to: "user = pl4nted-Secret",
        told: &[
            r#"tenants/harbor.toml:8: is not valid TOML: string values must be quoted, expected literal string; write one `key = value` per line, with text in "quotes""#,
        ],
    },
    Case {
        what: "a key without a value",
        from: r#"user = "web""#,
        to: "user",
        told: &[
            r#"tenants/harbor.toml:8: is not valid TOML: key with no value, expected `=`; write one `key = value` per line, with text in "quotes""#,
        ],
    },
    Case {
        what: "a section that is a value",
        from: r#"title = "Harbor Marine""#,
        to: "limits = 5",
        told: &[
            "tenants/harbor.toml:1: limits: must be a section; write [limits] on a line of its own and its keys below it",
        ],
    },
    Case {
        what: "a list of sections",
        from: "[cache]",
        to: "[[cache]]",
        told: &[
            "tenants/harbor.toml:11: cache: must be a section; write [cache] on a line of its own and its keys below it",
        ],
    },
    Case {
        what: "no adapter",
        from: r#"adapter = "quay"
"#,
        to: "",
        told: &[
            r#"tenants/harbor.toml:1: adapter: is missing: ERP adapter; write adapter = "NAME" above the first [section]"#,
        ],
    },
    Case {
        what: "an unknown adapter",
        from: r#"adapter = "quay""#,
        to: r#"adapter = "quai""#,
        told: &[
            r#"tenants/harbor.toml:2: adapter: is no known adapter; the known ones, nearest first, are "quay", "jetty""#,
        ],
    },
    Case {
        what: "an adapter of the wrong type",
        from: r#"adapter = "quay""#,
        to: "adapter = 5",
        told: &[r#"tenants/harbor.toml:2: adapter: must be text in quotes; write it as in adapter = "NAME""#],
    },
    Case {
        what: "no tokens",
        from: r#"tokens = [{ env = "HARBOR_STORE_TOKEN" }]
"#,
        to: "",
        told: &[
            r#"tenants/harbor.toml:1: tokens: is missing: Tokens of the webstore; write tokens = [{ sha256 = "…" }] above the first [section]"#,
        ],
    },
    Case {
        what: "no token in the list",
        from: r#"[{ env = "HARBOR_STORE_TOKEN" }]"#,
        to: "[]",
        told: &[
            r#"tenants/harbor.toml:3: tokens: must hold at least one token; write tokens = [{ sha256 = "…" }] with what `livegate token` prints, or { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a literal token",
        from: r#"[{ env = "HARBOR_STORE_TOKEN" }]"#,
        to: r#""pl4nted-Secret""#,
        told: &[
            r#"tenants/harbor.toml:3: tokens: must be a list, and a token must not stand in it as it is; write tokens = [{ sha256 = "…" }] with what `livegate token` prints, or { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a literal token in the list",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ env = "HARBOR_STORE_TOKEN" },
  "pl4nted-Secret""#,
        told: &[
            r#"tenants/harbor.toml:4: tokens[1]: must not stand in the file as it is; write { sha256 = "…" }, { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a token by an unknown source",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ value = "pl4nted-Secret" }"#,
        told: &[
            r#"tenants/harbor.toml:3: tokens[0]: must name exactly one known source; write { sha256 = "…" }, { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a token by a key that is the token",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: "{ pl4nted-Secret = true }",
        told: &[
            r#"tenants/harbor.toml:3: tokens[0]: must name exactly one known source; write { sha256 = "…" }, { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a token by two sources",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ env = "pl4nted-Secret", file = "pl4nted-Secret" }"#,
        told: &[
            r#"tenants/harbor.toml:3: tokens[0]: must name exactly one known source; write { sha256 = "…" }, { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a token as its own digest",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ sha256 = "pl4nted-Secret" }"#,
        told: &[
            "tenants/harbor.toml:3: tokens[0]: is no SHA-256: 64 hexadecimal digits; `livegate token` prints a token and its SHA-256",
        ],
    },
    Case {
        what: "a token source of the wrong type",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: "{ env = 5 }",
        told: &[
            r#"tenants/harbor.toml:3: tokens[0]: must name its source as text in quotes; write { sha256 = "…" }, { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a token source without a name",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ env = "" }"#,
        told: &[
            r#"tenants/harbor.toml:3: tokens[0]: names nothing; write { sha256 = "…" }, { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a token of the wrong type",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: "17",
        told: &[
            r#"tenants/harbor.toml:3: tokens[0]: must name its source; write { sha256 = "…" }, { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a token of several lines",
        from: "HARBOR_STORE_TOKEN",
        to: "TWO_LINES",
        told: &[
            "tenants/harbor.toml:3: tokens[0]: names a source that holds more than one line or a control character; the source must hold the token alone",
        ],
    },
    Case {
        what: "a secret that was pasted with its scheme",
        from: "HARBOR_ERP_PASSWORD",
        to: "WITH_SCHEME",
        told: &[
            "tenants/harbor.toml:10: secrets.password: names a source that begins with the word Bearer, which the adapter adds by itself; remove Bearer and the space behind it from what the source holds",
        ],
    },
    Case {
        what: "a secret that is a whole header",
        from: "HARBOR_ERP_PASSWORD",
        to: "WITH_PAIR",
        told: &[
            "tenants/harbor.toml:10: secrets.password: names a source that begins with the word Basic, which the adapter adds by itself; remove Basic and the space behind it from what the source holds",
        ],
    },
    Case {
        what: "an unset variable",
        from: "HARBOR_STORE_TOKEN",
        to: "NO_SUCH_VARIABLE",
        told: &[
            "tenants/harbor.toml:3: tokens[0]: the environment variable NO_SUCH_VARIABLE is not set; set it for the process that runs livegate, or correct its name",
        ],
    },
    Case {
        what: "a token in place of its variable",
        from: "HARBOR_STORE_TOKEN",
        to: "pl4nted-Secret",
        told: &[
            "tenants/harbor.toml:3: tokens[0]: the environment variable named here is not set; set it for the process that runs livegate, or correct its name",
        ],
    },
    Case {
        what: "an empty variable",
        from: "HARBOR_STORE_TOKEN",
        to: "EMPTY_VARIABLE",
        told: &[
            "tenants/harbor.toml:3: tokens[0]: the environment variable EMPTY_VARIABLE is empty; set it for the process that runs livegate, or correct its name",
        ],
    },
    Case {
        what: "a file that is not there",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ file = "/no/such/pl4nted-Secret" }"#,
        told: &[
            "tenants/harbor.toml:3: tokens[0]: the file named here does not exist; correct the path (relative ones begin at the working directory) or the file",
        ],
    },
    Case {
        what: "an empty file",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ file = "BENCH/empty" }"#,
        told: &[
            "tenants/harbor.toml:3: tokens[0]: the file named here is empty; correct the path (relative ones begin at the working directory) or the file",
        ],
    },
    Case {
        what: "a file that is a directory",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ file = "BENCH/tenants" }"#,
        told: &[
            "tenants/harbor.toml:3: tokens[0]: the file named here is not a regular file; correct the path (relative ones begin at the working directory) or the file",
        ],
    },
    Case {
        what: "a file that is no text",
        from: r#"{ env = "HARBOR_STORE_TOKEN" }"#,
        to: r#"{ file = "BENCH/binary" }"#,
        told: &[
            "tenants/harbor.toml:3: tokens[0]: the file named here is not UTF-8 text; correct the path (relative ones begin at the working directory) or the file",
        ],
    },
    Case {
        what: "a time zone unlike any",
        from: "America/New_York",
        to: "Mars/Olympus_Mons_Base",
        told: &[
            r#"tenants/harbor.toml:4: time_zone: is no IANA time zone; write a name such as "America/New_York" or "UTC""#,
        ],
    },
    Case {
        what: "a misspelt time zone",
        from: "America/New_York",
        to: "America/New York",
        told: &[r#"tenants/harbor.toml:4: time_zone: is no IANA time zone; did you mean "America/New_York"?"#],
    },
    Case {
        what: "a currency that is none",
        from: r#"title = "Harbor Marine""#,
        to: r#"currency = "dollars""#,
        told: &[
            r#"tenants/harbor.toml:1: currency: does not have the form of "currency code of three letters"; write it as in currency = "USD""#,
        ],
    },
    Case {
        what: "an unknown customer id",
        from: r#"title = "Harbor Marine""#,
        to: r#"customer_from = "seller-reference""#,
        told: &[
            r#"tenants/harbor.toml:1: customer_from: is none of the choices; did you mean "seller_reference"? The choices are "customer_code", "seller_reference""#,
        ],
    },
    Case {
        what: "a blank title",
        from: "Harbor Marine",
        to: "  ",
        told: &[r#"tenants/harbor.toml:1: title: must not be blank; write it as in title = "Harbor Marine""#],
    },
    Case {
        what: "a missing setting",
        from: r#"base_url = "https://erp.example/api"
"#,
        to: "",
        told: &[
            r#"tenants/harbor.toml:5: settings.base_url: is missing: Address; write base_url = "https://erp.example/" under [settings]"#,
        ],
    },
    Case {
        what: "a section of settings that is missing",
        from: r#"[settings]
base_url = "https://erp.example/api"
mode = "basic"
user = "web"
[secrets]
password = { env = "HARBOR_ERP_PASSWORD" }
"#,
        to: "",
        told: &[
            r#"tenants/harbor.toml: settings.base_url: is missing: Address; write base_url = "https://erp.example/" under [settings]"#,
        ],
    },
    Case {
        what: "a setting that the mode requires",
        from: r#"user = "web"
"#,
        to: "",
        told: &[r#"tenants/harbor.toml:5: settings.user: is missing: User; write user = "webstore" under [settings]"#],
    },
    Case {
        what: "settings that the mode does not use",
        from: r#"mode = "basic""#,
        to: r#"mode = "none""#,
        told: &[
            r#"tenants/harbor.toml:8: settings.user: is used only with mode = "basic"; remove it, or write mode = "basic" under [settings]"#,
            r#"tenants/harbor.toml:10: secrets.password: is used only with mode = "basic"; remove it, or write mode = "basic" under [settings]"#,
        ],
    },
    Case {
        what: "a setting that depends on a default",
        from: r#"mode = "basic"
user = "web"
[secrets]
password = { env = "HARBOR_ERP_PASSWORD" }"#,
        to: r#"mode = "oauth"
realm = "main""#,
        told: &[
            r#"tenants/harbor.toml:8: settings.realm: is used only with grant = "password"; remove it, or write grant = "password" under [settings]"#,
        ],
    },
    Case {
        what: "settings that depend on one that the mode does not use",
        from: r#"user = "web""#,
        to: "user = \"web\"\ngrant = \"password\"\nrealm = \"main\"",
        told: &[
            r#"tenants/harbor.toml:9: settings.grant: is used only with mode = "oauth"; remove it, or write mode = "oauth" under [settings]"#,
        ],
    },
    Case {
        what: "a setting that depends on one that may not be given",
        from: r#"user = "web""#,
        to: "user = \"web\"\nrealm = \"main\"",
        told: &[
            r#"tenants/harbor.toml:9: settings.realm: is used only with grant = "password"; remove it, or write grant = "password" under [settings]"#,
        ],
    },
    Case {
        what: "a setting that depends on the default of one that may not be given",
        from: r#"user = "web""#,
        to: "user = \"web\"\nscope = \"read\"",
        told: &[
            r#"tenants/harbor.toml:9: settings.scope: is used only with grant = "client"; remove it, or write grant = "client" under [settings]"#,
        ],
    },
    Case {
        what: "two errors in one line",
        from: r#"user = "web""#,
        to: "user = = = [,,",
        told: &[
            r#"tenants/harbor.toml:8: is not valid TOML: extra `=`, expected nothing; write one `key = value` per line, with text in "quotes""#,
        ],
    },
    Case {
        what: "a choice that is none",
        from: r#"mode = "basic""#,
        to: r#"mode = "Basic""#,
        told: &[
            r#"tenants/harbor.toml:7: settings.mode: is none of the choices; did you mean "basic"? The choices are "none", "basic", "oauth""#,
        ],
    },
    Case {
        what: "a choice unlike any",
        from: r#"mode = "basic""#,
        to: r#"mode = "pl4nted-Secret""#,
        told: &[
            r#"tenants/harbor.toml:7: settings.mode: is none of the choices; the choices are "none", "basic", "oauth""#,
        ],
    },
    Case {
        what: "a choice of the wrong type",
        from: r#"mode = "basic""#,
        to: "mode = true",
        told: &[
            r#"tenants/harbor.toml:7: settings.mode: must be text in quotes; write one of "none", "basic", "oauth""#,
        ],
    },
    Case {
        what: "text that does not fit its pattern",
        from: r#"user = "web""#,
        to: r#"user = "web"
company = "pl4nted-Secret""#,
        told: &[
            r#"tenants/harbor.toml:9: settings.company: does not have the form of "Company code"; write it as in company = "ACME""#,
        ],
    },
    Case {
        what: "a number in quotes",
        from: r#"user = "web""#,
        to: r#"user = "web"
page_size = "100""#,
        told: &[
            "tenants/harbor.toml:9: settings.page_size: must be a whole number without quotes; write it as in page_size = 200",
        ],
    },
    Case {
        what: "a number out of range",
        from: r#"user = "web""#,
        to: r#"user = "web"
page_size = 501"#,
        told: &[
            "tenants/harbor.toml:9: settings.page_size: must be at least 1 and at most 500; write it as in page_size = 200",
        ],
    },
    Case {
        what: "a number that no machine holds",
        from: r#"user = "web""#,
        to: r#"user = "web"
page_size = 99999999999999999999"#,
        told: &[
            "tenants/harbor.toml:9: settings.page_size: must be at least 1 and at most 500; write it as in page_size = 200",
        ],
    },
    Case {
        what: "a flag in quotes",
        from: r#"user = "web""#,
        to: r#"user = "web"
archived = "yes""#,
        told: &["tenants/harbor.toml:9: settings.archived: must be true or false, without quotes; write true or false"],
    },
    Case {
        what: "a time span without unit",
        from: r#"user = "web""#,
        to: r#"user = "web"
pause = "30""#,
        told: &[
            r#"tenants/harbor.toml:9: settings.pause: is no time span; write a whole number with ms, s, m or h behind it, such as "250ms""#,
        ],
    },
    Case {
        what: "a time span that is a number",
        from: r#"user = "web""#,
        to: r#"user = "web"
pause = 30"#,
        told: &[r#"tenants/harbor.toml:9: settings.pause: must be text in quotes; write it as in pause = "250ms""#],
    },
    Case {
        what: "a list that is text",
        from: r#"user = "web""#,
        to: r#"user = "web"
sites = "north""#,
        told: &[
            r#"tenants/harbor.toml:9: settings.sites: must be a list of texts; write it as in sites = ["north", "south"]"#,
        ],
    },
    Case {
        what: "a list with a number",
        from: r#"user = "web""#,
        to: r#"user = "web"
sites = ["north",
 5]"#,
        told: &[
            r#"tenants/harbor.toml:10: settings.sites[1]: must be text in quotes; write it as in sites = ["north", "south"]"#,
        ],
    },
    Case {
        what: "a table that is text",
        from: r#"user = "web""#,
        to: r#"user = "web"
headers = "pl4nted-Secret""#,
        told: &[
            r#"tenants/harbor.toml:9: settings.headers: must be a table of texts; write it as in headers = { X-Site = "north" }"#,
        ],
    },
    Case {
        what: "a table with a number",
        from: r#"user = "web""#,
        to: r#"user = "web"
headers = { X-Site = 5 }"#,
        told: &[
            r#"tenants/harbor.toml:9: settings.headers.X-Site: must be text in quotes; write it as in headers = { X-Site = "north" }"#,
        ],
    },
    Case {
        what: "an address without scheme",
        from: "https://erp.example/api",
        to: "erp.example/api",
        told: &[
            r#"tenants/harbor.toml:6: settings.base_url: is no absolute https:// or http:// address; write it as in base_url = "https://erp.example/""#,
        ],
    },
    Case {
        what: "an address of another scheme",
        from: "https://erp.example/api",
        to: "ftp://erp.example/api",
        told: &[
            r#"tenants/harbor.toml:6: settings.base_url: is no absolute https:// or http:// address; write it as in base_url = "https://erp.example/""#,
        ],
    },
    Case {
        what: "an address with a password",
        from: "https://erp.example/api",
        to: "https://web:pl4nted-Secret@erp.example/api",
        told: &[
            "tenants/harbor.toml:6: settings.base_url: must not hold a user name or password; remove what stands before the @, and give it under [secrets]",
        ],
    },
    Case {
        what: "an address that is no base because of its query",
        from: "https://erp.example/api",
        to: "https://erp.example/api?x=1",
        told: &["tenants/harbor.toml:6: settings.base_url: must end with its path; remove the ? or # and what follows"],
    },
    Case {
        what: "a whole address with a fragment",
        from: "user = \"web\"",
        to: "user = \"web\"\nreport_url = \"https://erp.example/report?id=7#top\"",
        told: &["tenants/harbor.toml:9: settings.report_url: must not hold a #; remove the # and what follows"],
    },
    Case {
        what: "an address that may not be reached",
        from: "https://erp.example/api",
        to: "https://10.0.0.8/api",
        told: &[
            "tenants/harbor.toml:6: settings.base_url: is refused: 10.0.0.8 is a private address; or correct the address",
        ],
    },
    Case {
        what: "a secret under settings",
        from: r#"user = "web""#,
        to: r#"user = "web"
api_key = "pl4nted-Secret""#,
        told: &[
            r#"tenants/harbor.toml:9: settings.api_key: stands in the wrong section; it belongs under [secrets], as { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a setting under secrets",
        from: "[secrets]",
        to: r#"[secrets]
company = "ACME""#,
        told: &["tenants/harbor.toml:10: secrets.company: stands in the wrong section; it belongs under [settings]"],
    },
    Case {
        what: "an unknown secret",
        from: "[secrets]",
        to: r#"[secrets]
passwort = "pl4nted-Secret""#,
        told: &[r#"tenants/harbor.toml:10: secrets.passwort: unknown key; did you mean "password"?"#],
    },
    Case {
        what: "a missing secret",
        from: r#"password = { env = "HARBOR_ERP_PASSWORD" }
"#,
        to: "",
        told: &[
            r#"tenants/harbor.toml:9: secrets.password: is missing: Password; write password = { env = "NAME" } under [secrets]"#,
        ],
    },
    Case {
        what: "a literal secret",
        from: r#"{ env = "HARBOR_ERP_PASSWORD" }"#,
        to: r#""pl4nted-Secret""#,
        told: &[
            r#"tenants/harbor.toml:10: secrets.password: must not stand in the file as it is; write { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a secret by its digest",
        from: r#"{ env = "HARBOR_ERP_PASSWORD" }"#,
        to: r#"{ sha256 = "pl4nted-Secret" }"#,
        told: &[
            r#"tenants/harbor.toml:10: secrets.password: must name exactly one known source; write { env = "NAME" } or { file = "path" }"#,
        ],
    },
    Case {
        what: "a secret whose variable is unset",
        from: "HARBOR_ERP_PASSWORD",
        to: "HARBOR_ERP_PASWORD",
        told: &[
            "tenants/harbor.toml:10: secrets.password: the environment variable HARBOR_ERP_PASWORD is not set; set it for the process that runs livegate, or correct its name",
        ],
    },
    Case {
        what: "a secret that does not fit",
        from: "[secrets]",
        to: r#"[secrets]
api_key = { env = "HARBOR_ERP_PASSWORD" }"#,
        told: &[
            r#"tenants/harbor.toml:10: secrets.api_key: does not have the form of "API key"; look at what the source named here holds"#,
        ],
    },
    Case {
        what: "a secret that the mode does not use",
        from: "[secrets]",
        to: r#"[secrets]
client_secret = { env = "HARBOR_ERP_PASSWORD" }"#,
        told: &[
            r#"tenants/harbor.toml:10: secrets.client_secret: is used only with mode = "oauth"; remove it, or write mode = "oauth" under [settings]"#,
        ],
    },
    Case {
        what: "a negative window",
        from: r#""60s""#,
        to: r#""-60s""#,
        told: &[
            r#"tenants/harbor.toml:12: cache.ttl: is no time span; write a whole number with ms, s, m or h behind it, such as "45s""#,
        ],
    },
    Case {
        what: "a window of more than a day",
        from: r#""60s""#,
        to: r#""25h""#,
        told: &[
            r#"tenants/harbor.toml:12: cache.ttl: must be at least 0s and at most 24h; write it as in ttl = "45s""#,
        ],
    },
    Case {
        what: "a window that is a number",
        from: r#""60s""#,
        to: "0",
        told: &[r#"tenants/harbor.toml:12: cache.ttl: must be text in quotes; write it as in ttl = "45s""#],
    },
    Case {
        what: "a limit of nothing",
        from: "[cache]",
        to: "[limits]\ndocuments = 0\n[cache]",
        told: &[
            "tenants/harbor.toml:12: limits.documents: must be at least 1 and at most 1000000; write it as in documents = 20000",
        ],
    },
    Case {
        what: "a certificate file that is not there",
        from: "[cache]",
        to: r#"[tls]
ca = "/no/such/ca.pem"
[cache]"#,
        told: &[
            "tenants/harbor.toml:12: tls.ca: the file named here does not exist; name a PEM file with at least one certificate (-----BEGIN CERTIFICATE-----)",
        ],
    },
    Case {
        what: "a certificate file without certificate",
        from: "[cache]",
        to: r#"[tls]
ca = "BENCH/empty"
[cache]"#,
        told: &[
            "tenants/harbor.toml:12: tls.ca: the file named here holds no certificate; name a PEM file with at least one certificate (-----BEGIN CERTIFICATE-----)",
        ],
    },
];

/// Keys of every section, where somebody may write a secret.
const KEYS: [(&str, &str); 22] = [
    ("", "title"),
    ("", "adapter"),
    ("", "tokens"),
    ("", "time_zone"),
    ("", "currency"),
    ("", "customer_from"),
    ("", "unknown"),
    ("[settings]", "base_url"),
    ("[settings]", "mode"),
    ("[settings]", "user"),
    ("[settings]", "company"),
    ("[settings]", "page_size"),
    ("[settings]", "archived"),
    ("[settings]", "pause"),
    ("[settings]", "sites"),
    ("[settings]", "headers"),
    ("[settings]", "password"),
    ("[secrets]", "password"),
    ("[secrets]", "passwort"),
    ("[secrets]", "company"),
    ("[cache]", "ttl"),
    ("[tls]", "ca"),
];

/// Ways to write it.
const SHAPES: [&str; 18] = [
    r#""@""#,
    "'@'",
    "@",
    "\"@",
    r#"""\"@""\""#,
    r#"["@"]"#,
    r#"[["@"]]"#,
    r#"{ env = "@" }"#,
    r#"{ file = "@" }"#,
    r#"{ sha256 = "@" }"#,
    r#"{ value = "@" }"#,
    r#"[{ env = "@" }]"#,
    r#"[{ file = "@" }]"#,
    r#"[{ sha256 = "@" }]"#,
    r#"[{ token = "@" }]"#,
    r#"{ "@" = true }"#,
    r#""https://user:@@erp.example/""#,
    r#""https://10.0.0.8/?key=@""#,
];

proptest! {
    // Each case is some 400 files.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(8) })]

    #[test]
    fn no_mistake_repeats_a_secret_wherever_and_however_it_is_written(secret in "[a-z0-9]{4}[A-Za-z0-9+/!.-]{12,24}") {
        let mut bench = Bench::new();
        for (at, (section, key)) in KEYS.into_iter().enumerate() {
            for (shape_at, shape) in SHAPES.into_iter().enumerate() {
                if key == "headers" && shape.contains("= true") {
                    // The names in a table of texts are names, not secrets, and are told.
                    continue;
                }
                let value = shape.replace('@', &secret).replacen(&format!("{secret}{secret}"), &format!("{secret}@"), 1);
                let line = format!("{key} = {value}\n");
                let kept = HARBOR.lines().filter(|kept| !kept.starts_with(&format!("{key} =")));
                let kept = kept.map(|kept| format!("{kept}\n")).collect::<String>();
                let text = match section {
                    "" => line + &kept,
                    _ if kept.contains(section) => edit(&kept, section, &format!("{section}\n{line}")),
                    _ => format!("{kept}{section}\n{line}"),
                };
                bench.write(&format!("tenants/t{at}-{shape_at}.toml"), text);
            }
        }
        let reading = bench.read();
        let mistakes: Vec<_> = reading.mistakes().collect();
        prop_assert!(mistakes.len() > 300, "only {} mistakes", mistakes.len());
        for mistake in mistakes {
            let told = format!("{mistake} {mistake:?}");
            prop_assert!(!told.contains(&secret), "{told}");
        }
        let debug = format!("{reading:?}");
        prop_assert!(!debug.contains(&secret), "{}", debug);
    }
}
