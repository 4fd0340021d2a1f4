//! The proof of the checks: a reference adapter that does everything rightly passes every check, each of its broken brothers is
//! caught by name, and there is no check that catches nobody.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};

use livegate_core::{AdapterKind, Connection, DemoTenant, ErpAdapter, Field, FieldKind, Operation, Result};
use livegate_http::transport_to;
use livegate_testkit::{Cast, Document, Fact, Subject, Suite, Twin};

use crate::adapter::{CAPABILITIES, Carelessness, Reference};
use crate::broken::{Broken, Fault};
use crate::erp;
use crate::table::{Row, TABLE, Wrong};

/// The tenant whose adapter is not broken.
const SOUND: &str = "sound";

static KIND: LazyLock<AdapterKind> = LazyLock::new(|| {
    let tenants = [SOUND].into_iter().chain(TABLE.iter().map(|row| row.name)).map(|name| DemoTenant {
        id: name,
        title: name,
        settings: Box::leak(Box::new([("base_url", "http://{address}/"), ("wrong", name)])),
        secrets: &[],
        customer_code: "NORTH-1",
        order_id: Some("SO-501"),
        invoice_id: Some("INV-200"),
    });
    AdapterKind {
        name: "reference",
        title: "The reference ERP",
        capabilities: CAPABILITIES,
        fields: &[
            Field {
                name: "base_url",
                label: "Address",
                help: "Where the ERP is.",
                example: "https://erp.example/",
                kind: FieldKind::Url,
                required: true,
                ..Field::TEXT
            },
            Field {
                name: "wrong",
                label: "What is wrong",
                help: "Which part of the adapter is broken.",
                example: SOUND,
                default: Some(SOUND),
                ..Field::TEXT
            },
        ],
        connect,
        simulator: Some(erp::start),
        demo: tenants.collect::<Vec<_>>().leak(),
    }
});

fn connect(connection: Connection) -> Result<Arc<dyn ErpAdapter>> {
    let name = connection.settings.text("wrong").unwrap_or(SOUND);
    let (mut careless, mut fault) = (Carelessness::default(), None::<Fault>);
    match TABLE.iter().find(|row| row.name == name).map(|row| &row.wrong) {
        Some(Wrong::Adapter(own)) => fault = Some(*own),
        Some(Wrong::Careless(own, and)) => (careless, fault) = (*own, *and),
        Some(Wrong::Gateway(_) | Wrong::Kind(_)) | None => {}
    }
    let reference: Arc<dyn ErpAdapter> = Arc::new(Reference::new(&KIND, connection, careless)?);
    Ok(match fault {
        Some(fault) => Arc::new(Broken::new(reference, fault)),
        None => reference,
    })
}

const fn fact(operation: Operation, id: &'static str, member: &'static str, json: Option<&'static str>) -> Fact {
    Fact { operation, customer: "NORTH-1", id, member, json }
}

const CAST: Cast = Cast {
    customer: "NORTH-1",
    order: Some("SO-501"),
    invoice: Some("INV-200"),
    twins: &[
        Twin { operation: Operation::Account, asked_by: "NORTH-1", owned_by: "NORTH-10", id: "" },
        Twin { operation: Operation::Orders, asked_by: "NORTH-1", owned_by: "NORTH-10", id: "SO-9001" },
        Twin { operation: Operation::Order, asked_by: "NORTH-1", owned_by: "NORTH-10", id: "SO-9001" },
        Twin { operation: Operation::Invoices, asked_by: "NORTH-1", owned_by: "NORTH-10", id: "INV-5001" },
        Twin { operation: Operation::Invoice, asked_by: "NORTH-1", owned_by: "NORTH-10", id: "INV-5001" },
    ],
    empty: Some("EMPTY-4"),
    nobody: "NOBODY-9",
    awkward: Some("O'Hara & Söhne/7?"),
    repeated: &[
        Document { list: Operation::Orders, customer: "NORTH-1", id: "SO-506" },
        Document { list: Operation::Invoices, customer: "NORTH-1", id: "INV-99" },
    ],
    money: &[
        fact(Operation::Account, "", "/balance", Some("1234567890123456.78")),
        fact(Operation::Account, "", "/open_credits", Some("0.005")),
        fact(Operation::Orders, "SO-501", "/total", Some("1234567890123456.78")),
        fact(Operation::Orders, "SO-501", "/tax_total", Some("0.08")),
        fact(Operation::Order, "SO-501", "/total", Some("1234567890123456.78")),
        fact(Operation::Order, "SO-501", "/order_lines/1/unit_price", Some("0.3333")),
        fact(Operation::Order, "SO-501", "/order_lines/0/qty", Some("\"2\"")),
        fact(Operation::Invoices, "INV-9", "/balance", Some("-0.005")),
        fact(Operation::Invoices, "INV-100", "/balance", Some("120.00")),
        fact(Operation::Invoice, "INV-9", "/balance", Some("-0.005")),
        fact(Operation::Invoice, "INV-200", "/invoice_lines/0/unit_price", Some("\"60.00\"")),
        fact(Operation::Invoice, "INV-200", "/invoice_lines/1/price", Some("\"0.93325\"")),
    ],
    dates: &[
        fact(Operation::Account, "", "/last_payment_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Operation::Account, "", "/last_sale_date", Some("\"2026-03-08T07:00:00\"")),
        fact(Operation::Orders, "SO-501", "/order_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Operation::Orders, "SO-505", "/order_date", Some("\"2026-01-01T04:30:00\"")),
        fact(Operation::Order, "SO-501", "/order_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Operation::Order, "SO-503", "/order_date", Some("\"2026-03-08T07:00:00\"")),
        fact(Operation::Invoices, "INV-200", "/invoice_date", Some("\"2026-04-05T00:00:00\"")),
        fact(Operation::Invoices, "INV-201", "/invoice_date", Some("\"2026-04-05T12:30:00.250\"")),
        fact(Operation::Invoice, "INV-200", "/invoice_date", Some("\"2026-04-05T00:00:00\"")),
        fact(Operation::Invoice, "INV-95", "/invoice_date", Some("\"2025-12-31T23:30:00\"")),
    ],
    zoned: &[
        ("UTC", fact(Operation::Account, "", "/last_charge_date", Some("\"2026-03-08T01:30:00\""))),
        ("America/New_York", fact(Operation::Account, "", "/last_charge_date", Some("\"2026-03-08T06:30:00\""))),
        ("Australia/Lord_Howe", fact(Operation::Account, "", "/last_charge_date", Some("\"2026-03-07T14:30:00\""))),
        ("America/New_York", fact(Operation::Orders, "SO-502", "/order_date", Some("\"2026-03-08T07:30:00\""))),
        ("Australia/Lord_Howe", fact(Operation::Orders, "SO-504", "/order_date", Some("\"2026-03-07T12:30:00.125\""))),
        ("America/New_York", fact(Operation::Order, "SO-501", "/ship_date", Some("\"2026-03-29T06:30:00\""))),
        ("Australia/Lord_Howe", fact(Operation::Invoices, "INV-200", "/duedate", Some("\"2026-04-04T15:45:00\""))),
        ("America/New_York", fact(Operation::Invoice, "INV-200", "/duedate", Some("\"2026-04-05T06:15:00\""))),
    ],
    unknown: &[
        fact(Operation::Account, "", "/credit_available", None),
        fact(Operation::Orders, "SO-501", "/discount_total", None),
        fact(Operation::Order, "SO-501", "/discount_total", None),
        fact(Operation::Order, "SO-501", "/order_comments", None),
        fact(Operation::Invoices, "INV-200", "/discount_total", None),
        fact(Operation::Invoice, "INV-200", "/discount", None),
        fact(Operation::Invoice, "INV-200", "/note", None),
    ],
    hidden: &[
        Document { list: Operation::Orders, customer: "NORTH-1", id: "SO-510" },
        Document { list: Operation::Invoices, customer: "NORTH-1", id: "INV-77" },
        Document { list: Operation::Invoices, customer: "NORTH-1", id: "INV-78" },
    ],
    user: Some("u-7"),
    withheld: &["7770.77", "4111111111111111", "TAX-99", "XX00"],
};

fn subject(tenant: &'static str) -> Subject {
    let subject = Subject::new(&KIND, tenant, transport_to, CAST);
    Subject { login: Some("/login"), open_sessions: Some(erp::open_sessions), ..subject }
}

/// Does the work of many on two threads, which is what the checks have elsewhere too.
fn in_two<T: Sync>(work: &[T], each: impl Fn(&T) + Sync) {
    let next = Mutex::new(work.iter());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(one) = next.lock().unwrap().next() else { return };
                    each(one);
                }
            });
        }
    });
}

#[test]
fn the_reference_adapter_passes_every_check_and_none_is_left_out() {
    let erp = erp::start().unwrap();
    let suite = Suite::new(&subject(SOUND), erp.address);
    assert_eq!(suite.left_out(), [], "the reference can be asked everything");
    let red = Mutex::new(Vec::new());
    in_two(&suite.names(), |name| {
        let findings = suite.run(|own| own == *name);
        assert_eq!(findings.len(), 2, "{name} is asked bare and stacked");
        for finding in findings {
            if let Err(text) = finding.outcome {
                let way = if finding.stacked { "stacked" } else { "bare" };
                red.lock().unwrap().push(format!("{way}: {name}: {text}"));
            }
        }
    });
    let red = red.into_inner().unwrap();
    assert!(red.is_empty(), "{} red:\n{}", red.len(), red.join("\n\n"));
}

/// The names that a row claims to turn red.
fn claims(row: &Row) -> Vec<String> {
    let each = |name: &&str| -> Vec<String> {
        if name.contains("{}") {
            row.over.iter().map(|one| name.replace("{}", one)).collect()
        } else {
            vec![(*name).to_owned()]
        }
    };
    row.red.iter().flat_map(each).collect()
}

#[test]
fn every_broken_adapter_is_caught_by_name() {
    let missed = Mutex::new(Vec::new());
    in_two(TABLE, |row| {
        let erp = erp::start().unwrap();
        let mut subject = subject(row.name);
        if let Wrong::Kind(change) = row.wrong {
            let mut kind = AdapterKind { capabilities: KIND.capabilities.clone(), ..*KIND };
            change(&mut kind);
            subject.kind = Box::leak(Box::new(kind));
            subject.tenant = SOUND;
        }
        let suite = Suite::new(&subject, erp.address);
        let suite = if let Wrong::Gateway(spoil) = row.wrong { suite.spoiled(spoil) } else { suite };
        for claim in claims(row) {
            let findings = suite.run(|name| name == claim);
            if findings.is_empty() {
                missed.lock().unwrap().push(format!("{:?}: {claim:?} is no check for it", row.name));
                continue;
            }
            let red: Vec<String> = findings.into_iter().filter_map(|finding| finding.outcome.err()).collect();
            if red.is_empty() {
                missed.lock().unwrap().push(format!("{:?}: {claim:?} stays green", row.name));
            }
            // Red for a reason that a person can read, not because something broke down.
            let told = |text: &String| ["expected ", "\n  but got ", "\n  by "].iter().all(|part| text.contains(part));
            for text in red.iter().filter(|text| !told(text)) {
                missed.lock().unwrap().push(format!("{:?}: {claim:?} is red without a reason: {text}", row.name));
            }
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn there_is_no_check_that_catches_nobody() {
    let erp = erp::start().unwrap();
    let suite = Suite::new(&subject(SOUND), erp.address);
    let caught: BTreeSet<String> = TABLE.iter().flat_map(claims).collect();
    let idle: Vec<&str> = suite.names().into_iter().filter(|name| !caught.contains(*name)).collect();
    assert!(idle.is_empty(), "nobody turns these red:\n{}", idle.join("\n"));
    let names: BTreeSet<&str> = suite.names().into_iter().collect();
    assert_eq!(names.len(), suite.names().len(), "two checks have one name");
    assert!(names.len() >= 60, "{} checks", names.len());
}
