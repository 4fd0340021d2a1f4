//! What the platform is asked, word by word.

use livegate_adapter_accounting::{KIND, simulator};
use livegate_core::{ErrorKind, FieldKind, Operation};

use crate::{Organization, PLAIN, kind_of};

const ROOT: &str = "/elements/api-v2";

fn addresses(asked: &[&str]) -> Vec<String> {
    let mut addresses: Vec<_> = asked.iter().map(|asked| format!("{ROOT}/{asked}")).collect();
    addresses.sort();
    addresses
}

#[tokio::test]
async fn a_filtered_call_asks_for_the_customer_alone() {
    let platform = simulator::start_with(simulator::Options::default()).unwrap();
    let organization = Organization::at(platform.address(), &[]);
    let theirs = "?where=customer.id%3D%271001%27&pageSize=200";
    let list = |resource: &str| format!("{resource}{theirs}");
    let (product, expense, orders, payments) =
        (list("product-invoices"), list("expense-invoices"), list("sales-orders"), list("ar-payments"));

    organization.account("1001").await.unwrap();
    assert_eq!(platform.asked(), addresses(&["customers/1001", &product, &expense, &payments]));
    organization.invoices("1001").await.unwrap();
    assert_eq!(platform.asked(), addresses(&[&product, &expense]));
    organization.orders("1001").await.unwrap();
    assert_eq!(platform.asked(), addresses(&[&orders]));
    organization.invoice("1001", "9991").await.unwrap();
    assert_eq!(platform.asked(), addresses(&["product-invoices/9991", "expense-invoices/9991"]));
    organization.order("1001", "991").await.unwrap();
    assert_eq!(platform.asked(), addresses(&["sales-orders/991"]));
    organization.ping().await.unwrap();
    assert_eq!(platform.asked(), addresses(&["customers?pageSize=1"]));
    assert_eq!(organization.account("404").await.unwrap(), None);
    assert_eq!(platform.asked(), addresses(&["customers/404"]), "nothing more is asked of nobody");
}

#[tokio::test]
async fn references_are_resolved_once_in_each_answer() {
    let platform = simulator::start_with(simulator::Options::default()).unwrap();
    let keys = [("customer_key", "externalId"), ("document_number", "externalId"), ("paging", "page")];
    let organization = Organization::at(platform.address(), &keys);
    let by = |field: &str, value: &str| format!("?where={field}%3D%27{value}%27&page=1&pageSize=200");
    let customer = format!("customers{}", by("externalId", "HARBOR01"));
    let theirs = by("customer.id", "1001");

    organization.account("HARBOR01").await.unwrap();
    let lists = ["product-invoices", "expense-invoices", "ar-payments"].map(|name| format!("{name}{theirs}"));
    let second = |name: &str| format!("{name}{}", theirs.replace("page=1", "page=2"));
    // Only an empty page, or one shorter than the first, ends a list.
    let more = [second("product-invoices"), second("expense-invoices"), second("ar-payments")];
    let customers_too = customer.replace("page=1", "page=2");
    let mut expected = vec![customer.as_str(), &customers_too];
    expected.extend(lists.iter().chain(&more).map(String::as_str));
    assert_eq!(platform.asked(), addresses(&expected));

    organization.order("HARBOR01", "SO-2").await.unwrap().unwrap();
    let order = format!("sales-orders{}", by("externalId", "SO-2"));
    let order_too = order.replace("page=1", "page=2");
    assert_eq!(platform.asked(), addresses(&[&customer, &customers_too, &order, &order_too]));
    organization.ping().await.unwrap();
    assert_eq!(platform.asked(), addresses(&["customers?pageSize=1&page=1"]));
}

#[tokio::test]
async fn unfiltered_whole_lists_are_asked_for_as_they_are() {
    let platform = simulator::start_with(simulator::Options::default()).unwrap();
    let organization = Organization::at(platform.address(), &PLAIN);
    organization.account("HARBOR01").await.unwrap();
    assert_eq!(platform.asked(), addresses(&["customers", "product-invoices", "expense-invoices", "ar-payments"]));
    organization.invoice("HARBOR01", "INV-2").await.unwrap();
    assert_eq!(platform.asked(), addresses(&["customers", "product-invoices", "expense-invoices"]));
    organization.ping().await.unwrap();
    assert_eq!(platform.asked(), addresses(&["customers/livegate-ping"]));
}

#[tokio::test]
async fn what_a_filter_cannot_hold_is_never_in_one() {
    let platform = simulator::start_with(simulator::Options::default()).unwrap();
    let organization = Organization::at(platform.address(), &[("document_number", "externalId")]);
    for id in ["x' OR externalId!='", "x\\", "x\"", "x’", "x`"] {
        organization.order("1001", id).await.unwrap();
        let theirs = "sales-orders?where=customer.id%3D%271001%27&pageSize=200";
        assert_eq!(platform.asked(), addresses(&[theirs]), "{id}");
        organization.orders(id).await.unwrap();
        assert!(platform.asked().iter().all(|asked| !asked.contains("where")), "{id}");
    }
    organization.order("1001", "AND 1=1 -- %;#?&").await.unwrap();
    let value = "AND%201%3D1%20--%20%25%3B%23%3F%26";
    assert_eq!(platform.asked(), [format!("{ROOT}/sales-orders?where=externalId%3D%27{value}%27&pageSize=200")]);
}

#[tokio::test]
async fn pages_follow_their_tokens() {
    let platform = simulator::start_with(simulator::Options::default()).unwrap();
    Organization::at(platform.address(), &[]).orders("1008").await.unwrap();
    let first = "sales-orders?where=customer.id%3D%271008%27&pageSize=200";
    assert_eq!(platform.asked(), addresses(&[first, &format!("{first}&nextPage=rows-50-of-18")]));
}

#[tokio::test]
async fn a_generous_filter_gives_nothing_away() {
    let everybody = simulator::Options { ignore_filters: true, ..simulator::Options::default() };
    let platform = simulator::start_with(everybody).unwrap();
    let organization = Organization::at(platform.address(), &[("customer_key", "externalId")]);
    assert_eq!(organization.invoices("HARBOR02").await.unwrap().len(), 1);
    assert_eq!(organization.orders("HARBOR02").await.unwrap().len(), 1);
    let account = organization.account("HARBOR02").await.unwrap().unwrap();
    assert_eq!(account.open_items.unwrap().len(), 1);
    assert_eq!(account.last_payment_amount, Some("999.99".parse().unwrap()));
}

#[tokio::test]
async fn resources_may_be_renamed_and_invoices_may_be_one() {
    let renamed = simulator::Options {
        invoices: Some("hubs-finance-invoices"),
        without: &["expense-invoices"],
        ..simulator::Options::default()
    };
    let platform = simulator::start_with(renamed).unwrap();
    let bearer = [("bearer", simulator::BEARER)];
    let connect = |names: &[(&str, &str)]| Organization::connect(platform.address(), &bearer, names, 10_000).unwrap();
    let unnamed = connect(&[]);
    let error = unnamed.invoices("1001").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.message().contains("settings.resources."), "{error}");

    let own = "hubs-finance-invoices";
    let half = connect(&[("product-invoices", own)]);
    assert_eq!(kind_of(half.invoices("1001").await), ErrorKind::Misconfigured, "expense invoices are missing");
    let one = connect(&[("product-invoices", own), ("expense-invoices", own)]);
    drop(platform.asked());
    assert_eq!(one.invoices("1001").await.unwrap().len(), 14);
    assert!(one.invoice("1001", "9991").await.unwrap().is_some());
    assert_eq!(platform.asked().len(), 2);
}

#[tokio::test]
async fn a_refused_filter_names_the_remedy() {
    let refusing = simulator::Options { refuse_filters: true, ..simulator::Options::default() };
    let platform = simulator::start_with(refusing).unwrap();
    let error = Organization::at(platform.address(), &[]).invoices("1001").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.message().contains("filter = \"none\""), "{error}");
    let unfiltered = Organization::at(platform.address(), &[("filter", "none")]);
    assert_eq!(unfiltered.invoices("1001").await.unwrap().len(), 16);
}

#[test]
fn the_form_describes_every_setting() {
    let choices: Vec<_> = KIND.fields.iter().filter(|field| matches!(field.kind, FieldKind::Choice(_))).collect();
    assert_eq!(choices.len(), 6);
    for field in KIND.fields {
        assert!(!field.label.is_empty() && !field.help.is_empty() && !field.example.is_empty(), "{}", field.name);
    }
    for field in choices {
        let FieldKind::Choice(choices) = field.kind else { unreachable!() };
        assert_eq!(field.default, choices.first().copied(), "{}: the first choice is the default", field.name);
    }
    assert_eq!(KIND.capabilities.operations, Operation::ALL);
}
