//! What a connection is made from, and what a tenant file may say.

use std::fs;

use jiff::tz::TimeZone;
use livegate_adapter_accounting::{KIND, simulator};
use livegate_core::{Connection, ErrorKind};
use livegate_http::transport_to;
use livegate_tenants::{Config, LoadContext, Roster, TenantFiles};

use crate::Organization;

const NOWHERE: &str = "127.0.0.1:9";

fn refused(texts: &[(&str, &str)], resources: &[(&str, &str)]) -> String {
    let error = Organization::connect(NOWHERE.parse().unwrap(), texts, resources, 10).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
    format!("{error} {error:?}")
}

const THREE: [(&str, &str); 3] = [
    ("user_secret", simulator::USER),
    ("organization_secret", simulator::ORGANIZATION),
    ("element_token", simulator::ELEMENT),
];

#[tokio::test]
async fn three_secrets_or_one_open_the_platform() {
    let platform = simulator::start_with(simulator::Options::default()).unwrap();
    let connect = |texts: &[(&str, &str)]| Organization::connect(platform.address(), texts, &[], 10_000).unwrap();
    connect(&THREE).ping().await.unwrap();
    connect(&[("bearer", simulator::BEARER)]).ping().await.unwrap();
    for wrong in [
        &[("bearer", "other")][..],
        &[THREE[0], THREE[1], ("element_token", "other")],
        &[("user_secret", THREE[1].1), ("organization_secret", THREE[0].1), THREE[2]],
    ] {
        let error = connect(wrong).ping().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialsRejected);
    }
}

#[test]
fn secrets_that_are_missing_or_too_many_are_named() {
    let none = refused(&[], &[]);
    for name in ["user_secret", "organization_secret", "element_token", "bearer"] {
        assert!(none.contains(name), "{none}");
    }
    let one = refused(&THREE[..2], &[]);
    assert!(one.contains("no element_token") && !one.contains("no user_secret"), "{one}");
    let both = refused(&[THREE[0], ("bearer", "b")], &[]);
    assert!(both.contains("bearer") && both.contains("user_secret"), "{both}");
}

#[test]
fn a_part_that_would_leave_its_place_in_the_header_is_refused() {
    for (name, _) in THREE {
        for bad in ["x, Element y", "x\r\nX-Evil: 1", "x y", "x\u{e9}", "x\u{0}", "", ","] {
            let texts = THREE.map(|(other, secret)| (other, if other == name { bad } else { secret }));
            let told = refused(&texts, &[]);
            assert!(told.contains(name), "{told}");
            assert!(!told.contains("Evil") && !told.contains(simulator::USER), "{told}");
        }
    }
}

#[test]
fn a_resource_that_the_template_does_not_have_is_told_with_those_it_has() {
    let told = refused(&THREE, &[("invoices", "invoices")]);
    assert!(told.contains("\"invoices\"") && told.contains("product-invoices") && told.contains("ledger-accounts"));
    for path in ["", "/", "a//b", "..", "a/../b", "a/"] {
        let told = refused(&THREE, &[("customers", path)]);
        assert!(told.contains("settings.resources.customers"), "{told}");
    }
    for known in ["vendors", "ledger-accounts", "expense-purchase-orders"] {
        assert!(Organization::connect(NOWHERE.parse().unwrap(), &THREE, &[(known, "hubs/finance/x")], 10).is_ok());
    }
}

/// Reads a tenant file with these lines under `[settings]` and what follows.
fn tenant(settings: &str) -> (Roster, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let text = format!(
        "adapter = \"accounting\"\ntokens = [{{ env = \"STORE\" }}]\n[settings]\nbase_url = \
         \"https://api.example/elements/api-v2\"\n{settings}\n[secrets]\nbearer = {{ env = \"ERP\" }}\n"
    );
    fs::write(directory.path().join("books.toml"), text).unwrap();
    let context = LoadContext {
        adapters: &[&KIND],
        defaults: &Config::default(),
        check_url: &|_| Ok(()),
        environment: &|name| Some(format!("a-long-enough-secret-of-{name}")),
    };
    let (roster, mistakes) = Roster::begin(TenantFiles::new(directory.path()).read(&context));
    (roster, mistakes.iter().map(ToString::to_string).collect())
}

#[test]
fn a_tenant_file_renames_resources_in_a_table_of_their_own() {
    for settings in [
        "paging = \"page\"\n[settings.resources]\nproduct-invoices = \"hubs/finance/invoices\"\nar-payments = \"receipts\"",
        "paging = \"page\"\nresources = { product-invoices = \"hubs/finance/invoices\", ar-payments = \"receipts\" }",
    ] {
        let (roster, mistakes) = tenant(settings);
        assert_eq!(mistakes, [""; 0]);
        let tenant = roster.tenant("books").unwrap();
        assert_eq!((tenant.adapter.name, &tenant.time_zone), ("accounting", &TimeZone::UTC));
        let resources = tenant.settings.map("resources").unwrap();
        assert_eq!(resources["product-invoices"], "hubs/finance/invoices");
        assert_eq!((resources.len(), tenant.settings.text("filter")), (2, Some("ceql")));
        let transport = transport_to(&["127.0.0.1"]).unwrap();
        let connection = Connection { settings: tenant.settings.clone(), transport, document_cap: 10 };
        assert!((KIND.connect)(connection).is_ok());
    }
    let (_, mistakes) = tenant("[settings.resources]\ncustomers = \"a?b\"");
    assert!(mistakes.iter().any(|told| told.contains("settings.resources.customers")), "{mistakes:?}");
}
