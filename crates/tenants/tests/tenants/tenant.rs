use std::collections::BTreeMap;
use std::fs;

use livegate_core::Currency;
use livegate_tenants::{CustomerFrom, TenantId};
use secrecy::ExposeSecret;

use crate::quay::{Bench, HARBOR, PLANTED, edit, seconds};

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

#[test]
fn a_tenant_has_what_its_file_says_and_the_defaults_of_all_else() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", HARBOR);
    let (roster, told) = bench.begin();
    assert_eq!(told, [""; 0]);
    let tenant = roster.tenant("harbor").unwrap();
    assert_eq!((tenant.id.as_str(), tenant.title.as_deref()), ("harbor", Some("Harbor Marine")));
    assert_eq!((tenant.adapter.name, tenant.tokens.len()), ("quay", 1));
    assert_eq!(tenant.time_zone.iana_name(), Some("America/New_York"));
    assert_eq!((&tenant.currency, tenant.customer_from, &tenant.ca), (&None, CustomerFrom::CustomerCode, &None));
    assert_eq!(tenant.cache.ttl, seconds(60));
    assert_eq!(tenant.cache.absent_ttl, seconds(5));
    assert_eq!(tenant.documents, 10_000);
    let settings = &tenant.settings;
    assert_eq!(settings.text("base_url"), Some("https://erp.example/api"));
    assert_eq!((settings.text("mode"), settings.text("user")), (Some("basic"), Some("web")));
    assert_eq!((settings.integer("page_size"), settings.boolean("archived")), (Some(100), Some(false)));
    assert_eq!((settings.text("company"), settings.duration("pause"), settings.list("sites")), (None, None, None));
    assert_eq!(settings.text("grant"), None, "a default of a mode that is not chosen");
    assert_eq!(settings.secret("password").unwrap().expose_secret(), PLANTED);
    assert!(!format!("{roster:?} {tenant:?} {settings:?}").contains(PLANTED));
}

#[test]
fn a_tenant_may_say_everything_itself() {
    let mut bench = Bench::new();
    let secret_file = bench.path("password");
    bench.write("password", format!(" \n{PLANTED}\r\n"));
    bench.write("ca.pem", CERTIFICATE);
    let text = format!(
        r#"adapter = "quay"
tokens = [
    {{ sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" }},
    {{ env = "HARBOR_STORE_TOKEN" }},
]
currency = "usd"
customer_from = "seller_reference"
[settings]
base_url = "http://erp.internal:9000/"
mode = "oauth"
grant = "password"
realm = "main"
company = "ACME"
page_size = 500
archived = true
pause = "250ms"
sites = ["north", "south"]
report_url = "https://erp.example/report?id=7"
headers = {{ X-Site = "north" }}
[secrets]
client_secret = {{ file = "{}" }}
[cache]
ttl = "0s"
stale_if_error_balance = "24h"
[limits]
documents = 1_000_000
[tls]
ca = "{}"
"#,
        secret_file.display(),
        bench.path("ca.pem").display()
    );
    bench.write("tenants/Cove-2.toml", text);
    let (roster, told) = bench.begin();
    assert_eq!(told, [""; 0]);
    let tenant = roster.tenant("Cove-2").unwrap();
    assert_eq!((tenant.title.as_deref(), tenant.tokens.len()), (None, 2));
    assert_eq!(tenant.time_zone.iana_name(), Some("UTC"));
    assert_eq!(tenant.currency, Currency::new("USD"));
    assert_eq!(tenant.customer_from, CustomerFrom::SellerReference);
    let settings = &tenant.settings;
    assert_eq!((settings.text("grant"), settings.text("realm")), (Some("password"), Some("main")));
    assert_eq!((settings.integer("page_size"), settings.boolean("archived")), (Some(500), Some(true)));
    assert_eq!(settings.duration("pause").unwrap().as_millis(), 250);
    assert_eq!(settings.text("report_url"), Some("https://erp.example/report?id=7"));
    assert_eq!(settings.list("sites").unwrap(), ["north", "south"]);
    assert_eq!(settings.map("headers"), Some(&BTreeMap::from([("X-Site".to_owned(), "north".to_owned())])));
    assert_eq!(settings.secret("client_secret").unwrap().expose_secret(), PLANTED);
    assert_eq!((tenant.cache.ttl, tenant.cache.stale_if_error_balance), (seconds(0), seconds(24 * 3600)));
    assert_eq!(tenant.cache.stale_if_error, seconds(600));
    assert_eq!(tenant.documents, 1_000_000);
    assert_eq!(tenant.ca.as_deref(), Some(CERTIFICATE.as_bytes()));
}

#[test]
fn only_toml_files_that_are_not_hidden_are_tenants() {
    let mut bench = Bench::new();
    for name in [".harbor.toml", "README.md", "harbor.toml.example", "harbor.toml~", "toml"] {
        bench.write(&format!("tenants/{name}"), "nonsense");
    }
    let (roster, told) = bench.begin();
    assert_eq!((roster.tenants().len(), told.len()), (0, 0), "{told:?}");
}

#[test]
fn a_file_that_cannot_be_a_tenant_is_told() {
    let mut bench = Bench::new();
    bench.write("tenants/har bor.toml", HARBOR);
    bench.write("tenants/binary.toml", [0xff, 0xfe]);
    fs::create_dir(bench.path("tenants/directory.toml")).unwrap();
    let (roster, told) = bench.begin();
    assert_eq!(roster.tenants().len(), 0);
    let remedy = "the file must be a readable TOML file in UTF-8";
    assert_eq!(
        told,
        [
            &format!("tenants/binary.toml: is not UTF-8 text; {remedy}"),
            &format!("tenants/directory.toml: is not a regular file; {remedy}"),
            "tenants/har bor.toml: the file's name is no tenant id; name it with at most 64 letters, digits, dots, hyphens \
             and underscores, a letter or digit first",
        ]
    );
}

#[test]
fn every_mistake_of_every_file_is_told_at_once() {
    let mut bench = Bench::new();
    bench.write("tenants/a.toml", edit(&edit(HARBOR, "\"basic\"", "\"basc\""), "\"60s\"", "60"));
    bench.write("tenants/b.toml", edit(HARBOR, "quay", "key"));
    bench.write("tenants/c.toml", "title = \n[\n");
    let (_, told) = bench.begin();
    let places: Vec<_> = told.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places[..3], ["tenants/a.toml:7", "tenants/a.toml:12", "tenants/b.toml:2"], "{told:#?}");
    assert!(places[3..].iter().all(|place| place.starts_with("tenants/c.toml:")) && places.len() > 4, "{told:#?}");
}

#[test]
fn without_a_known_adapter_a_literal_secret_is_still_told() {
    let mut bench = Bench::new();
    let text = edit(HARBOR, "quay", "ERP");
    bench.write("tenants/harbor.toml", edit(&text, "{ env = \"HARBOR_ERP_PASSWORD\" }", &format!("\"{PLANTED}\"")));
    let (_, told) = bench.begin();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[1].starts_with("tenants/harbor.toml:10: secrets.password: must not stand in the file"), "{told:#?}");
}

#[test]
fn an_id_is_short_and_plain() {
    for good in ["harbor", "H", "0", "a.b_c-D", &"x".repeat(64)] {
        assert_eq!(TenantId::new(good).unwrap().as_str(), good);
    }
    for bad in ["", ".a", "-a", "_a", "a:b", "a b", "é", "a/b", &"x".repeat(65)] {
        assert_eq!(TenantId::new(bad), None, "{bad}");
    }
}

#[test]
fn the_digest_tells_whether_the_connection_changed() {
    let mut bench = Bench::new();
    bench.write("ca.pem", CERTIFICATE);
    let ca = format!("[tls]\nca = \"{}\"\n", bench.path("ca.pem").display());
    let text = format!("{HARBOR}{ca}");
    let digest = |bench: &mut Bench, text: &str| {
        bench.write("tenants/harbor.toml", text);
        let (roster, told) = bench.begin();
        assert_eq!(told, [""; 0]);
        roster.tenant("harbor").unwrap().digest
    };
    let first = digest(&mut bench, &text);
    assert_eq!(digest(&mut bench, &text), first);
    for same in [
        edit(&text, "Harbor Marine", "Harbour"),
        edit(&text, "HARBOR_STORE", "COVE_STORE"),
        edit(&text, "user = \"web\"", "user = \"web\" # the same\npage_size = 100"),
    ] {
        assert_eq!(digest(&mut bench, &same), first, "{same}");
    }
    for other in [
        edit(&text, "\"web\"", "\"shop\""),
        edit(&text, "/api", "/api/"),
        edit(&text, "New_York", "Chicago"),
        edit(&text, "60s", "61s"),
        edit(&text, "title", "currency = \"EUR\"\ntitle"),
        edit(&text, "title", "customer_from = \"seller_reference\"\ntitle"),
        edit(&text, "[tls]", "[limits]\ndocuments = 5\n[tls]"),
        edit(&text, &ca, ""),
        edit(&text, "HARBOR_ERP_PASSWORD", "HARBOR_STORE_TOKEN"),
    ] {
        assert_ne!(digest(&mut bench, &other), first, "{other}");
    }
    bench.environment.insert("HARBOR_ERP_PASSWORD".into(), "changed".into());
    assert_ne!(digest(&mut bench, &text), first, "a secret's value");
    bench.environment.insert("HARBOR_ERP_PASSWORD".into(), PLANTED.into());
    bench.write("ca.pem", CERTIFICATE.repeat(2));
    assert_ne!(digest(&mut bench, &text), first, "the certificates");
}

#[test]
fn a_mistake_that_shows_later_points_at_the_key_that_it_names_first() {
    let mut bench = Bench::new();
    bench.write("ca.pem", CERTIFICATE);
    let tls = format!("[tls]\nca = \"{}\"\n[cache]", bench.path("ca.pem").display());
    bench.write("tenants/harbor.toml", edit(HARBOR, "[cache]", &tls));
    let (roster, _) = bench.begin();
    let tenant = roster.tenant("harbor").unwrap();
    for (message, place) in [
        ("mode = \"basic\" does not go with user", ":7: settings.mode"),
        ("a user needs mode = \"basic\"", ":8: settings.user"),
        ("the username has a colon", ""),
        ("company and pause do not go together", ""),
        ("company does not go with this base_url", ":6: settings.base_url"),
        ("the password is too long", ":10: secrets.password"),
        ("[tls] ca cannot be used", ":12: tls.ca"),
        ("it cannot be", ""),
    ] {
        let told = bench.lines(&[tenant.mistake(message.to_owned(), "correct it")]);
        assert_eq!(told, [format!("tenants/harbor.toml{place}: {message}; correct it")]);
    }
}

#[test]
fn an_address_is_told_by_the_setting_it_comes_from_and_shows_no_secret() {
    let mut bench = Bench::new();
    let report = "user = \"web\"\nreport_url = \"https://erp.example/api/reports?key=pl4nted-Secret\"";
    bench.write("tenants/harbor.toml", edit(HARBOR, "user = \"web\"", report));
    let (roster, told) = bench.begin();
    assert_eq!(told, [""; 0]);
    let tenant = roster.tenant("harbor").unwrap();
    let own = format!("{}/", bench.root.path().display());
    for (address, told) in [
        ("https://erp.example/api", "settings.base_url in tenants/harbor.toml:6"),
        ("https://erp.example/api/", "settings.base_url in tenants/harbor.toml:6"),
        (
            "https://erp.example/api/v2/Inquiry?CustomerId=X",
            "settings.base_url in tenants/harbor.toml:6, then /v2/Inquiry",
        ),
        ("https://erp.example/api/reports?key=pl4nted-Secret&page=2", "settings.report_url in tenants/harbor.toml:9"),
        ("https://erp.example/apiary", "https://erp.example/apiary, the adapter's own default"),
        ("https://login.example/token?x=1", "https://login.example/token, the adapter's own default"),
        (
            "https://erp.example/api/pl4nted%2DSecret/x",
            "settings.base_url in tenants/harbor.toml:6, then a path that is not shown",
        ),
    ] {
        assert_eq!(tenant.address_in_its_terms(address).replace(&own, ""), told, "{address}");
    }
}

#[test]
fn a_secret_keeps_its_scheme_where_the_fields_example_has_one() {
    let mut bench = Bench::new();
    bench.write("tenants/harbor.toml", edit(HARBOR, "[secrets]", "[secrets]\npass = { env = \"WITH_SCHEME\" }"));
    let (roster, told) = bench.begin();
    assert_eq!(told, [""; 0]);
    let pass = roster.tenant("harbor").unwrap().settings.secret("pass").unwrap().expose_secret().to_owned();
    assert_eq!(pass, format!("Bearer {PLANTED}"));
}
