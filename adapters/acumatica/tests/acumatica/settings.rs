//! The connection form, and what cannot connect.

use livegate_adapter_acumatica::KIND;
use livegate_adapter_acumatica::simulator::{CLIENT_ID, Options, TENANT};
use livegate_core::{ErrorKind, FieldKind, FilterSupport, Operation};

use crate::{OAUTH, SALES, SESSION, Tenant, harbor, with};

#[test]
fn the_kind_declares_what_the_adapter_does() {
    let capabilities = &KIND.capabilities;
    assert_eq!(capabilities.operations, Operation::ALL);
    for list in [&capabilities.orders, &capabilities.invoices] {
        assert!(!list.pages && !list.scoped, "Acumatica neither counts nor sorts, and every document names its owner");
        assert_eq!(
            (list.id, list.start_date, list.customer_po),
            (FilterSupport::Partial, FilterSupport::Partial, FilterSupport::None)
        );
    }
    for field in KIND.fields {
        assert!(!field.label.is_empty() && field.help.ends_with('.') && !field.example.is_empty(), "{}", field.name);
        if let FieldKind::Choice(choices) = field.kind {
            assert_eq!(field.default, Some(choices[0]), "{}", field.name);
        }
    }
}

#[tokio::test]
async fn a_connection_says_which_invoices_it_covers() {
    for (more, covers) in
        [(None, "released documents"), (Some(SALES), "released documents that were billed from sales orders")]
    {
        let settings = with(SESSION, more.as_slice());
        let (_running, tenant) = harbor(&settings, Options::default());
        assert_eq!(tenant.0.capabilities().invoices.covers, Some(covers));
    }
}

#[test]
fn what_cannot_connect_says_why() {
    let refused = |base_url: &str, settings: &[(&str, &str)]| match Tenant::capped(base_url, settings, 10) {
        Ok(_) => panic!("it connected"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Misconfigured);
            error.message().to_owned()
        }
    };
    let root = "https://erp.example/";
    assert!(refused("erp.example", SESSION).contains("base_url"));
    assert!(refused(root, &SESSION[..2]).contains("password"));
    assert!(refused(root, &OAUTH[..4]).contains("client_secret"));
    assert!(refused(root, &with(OAUTH, &[("branch", "MA\u{7}IN")])).contains("branch"));
}

#[tokio::test]
async fn the_clients_id_names_the_tenant_whose_books_are_asked() {
    let Err(error) = Tenant::capped("https://erp.example/", &with(OAUTH, &[("tenant", "Harbor Test")]), 10) else {
        panic!("it connected to other books than were meant")
    };
    assert!(error.message().contains("\"Harbor Test\"") && !error.message().contains("88358B02"), "{error}");
    // In whatever case, and completed where it was pasted without.
    let (id, _) = CLIENT_ID.split_once('@').unwrap();
    for more in [[("tenant", "harbor supply"), ("client_id", CLIENT_ID)], [("tenant", TENANT), ("client_id", id)]] {
        let (_running, tenant) = harbor(&with(OAUTH, &more), Options::default());
        tenant.ping().await.unwrap();
    }
}
