use super::book::{ENDLESS, LEAK, id};
use super::records::{Address, Customer, Item};
use super::{AWKWARD, AWKWARD_COMPANY};

pub(super) fn customers() -> Vec<Customer> {
    let billing = |street1, street2, city, state, zip_code| Address {
        kind: Some("Billing"),
        street1: Some(street1),
        street2,
        city: Some(city),
        state: Some(state),
        zip_code: Some(zip_code),
    };
    let broadway = billing("123 Broadway", None, "New York", "NY", "10001");
    let pier = Address { kind: Some("SHIPPING"), ..billing("Pier 86", Some("Gate 2"), "New York", "NY", "10036") };
    let sunset = Address { kind: Some("Shipping"), ..billing("456 Sunset Blvd", None, "Los Angeles", "CA", "90001") };
    let known = [
        ("96", None, "Rushin123 Shah", vec![], false),
        ("97", Some("EJCO"), "Emily Johnson", vec![broadway, pier], false),
        (LEAK, Some("JDCO"), "John Doe", vec![sunset], false),
        ("104", Some("IDLECO"), "Idle Hands", vec![], false),
        (AWKWARD, Some(AWKWARD_COMPANY), "Ropes & \"Knots\" <ü>", vec![], false),
        ("105", Some("EXACTCO"), "Exact Figures", vec![], false),
        ("106", Some("DATESCO"), "Day and Night", vec![], false),
        ("107", Some("TWICECO"), "Twice Told", vec![], false),
        ("108", Some("MIXEDCO"), "Two Currencies", vec![], false),
        ("109", Some("DOUBLECO"), "One of Two", vec![], false),
        ("109", Some("DOUBLECO"), "Two of Two", vec![], false),
        ("110", Some("BACKCO"), "Gone Before", vec![], true),
        ("110", Some("BACKCO"), "Back Again", vec![], false),
        ("111", Some("GONECO"), "Gone for Good", vec![], true),
        (ENDLESS, Some("ENDLESSCO"), "Round and Round", vec![], false),
        ("5000", Some("FLEETCO"), "Fleet of Five Thousand", vec![], false),
        ("10001", Some("ARMADACO"), "One Too Many", vec![], false),
    ];
    known
        .into_iter()
        .enumerate()
        .map(|(count, (remote_id, company_id, name, addresses, deleted))| Customer {
            id: id(0, count),
            remote_id,
            company_id,
            name,
            currency: Some("USD"),
            addresses,
            deleted,
        })
        .collect()
}

pub(super) fn items() -> Vec<Item> {
    vec![
        Item { id: id(5, 0), remote_id: "12", name: "CHAIN-10" },
        Item { id: id(5, 1), remote_id: "13", name: "Rope by the metre" },
    ]
}
