//! The connection form: what a partner fills in, as data.

use livegate_core::{Field, FieldKind};

/// Settings and secrets in the order of the form.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "base_url",
        label: "Address of the instance",
        help: "The root of the Acumatica instance, with its site if it has one: what stands before /Main or /Frames in the \
               browser. Leave out entity and what follows: that is added to every call.",
        example: "https://harbor.acumatica.com/",
        kind: FieldKind::Url,
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "auth",
        label: "How to sign in",
        help: "session signs in as a user and keeps cookies. oauth_password does it for an application that was registered \
               with the flow Resource Owner Password Credentials (Connected Applications, SM303010).",
        example: "session",
        kind: FieldKind::Choice(&["session", "oauth_password"]),
        default: Some("session"),
        ..Field::TEXT
    },
    Field {
        name: "tenant",
        label: "Tenant",
        help: "The Login Name of the tenant (Tenants, SM203520), where the instance has several. With oauth_password the \
               client id names it, and this is compared with it.",
        example: "Harbor Supply",
        ..Field::TEXT
    },
    Field {
        name: "branch",
        label: "Branch",
        help: "The Branch ID to work in (Branches, CS102000). Without it, it is the user's own.",
        example: "MAIN",
        ..Field::TEXT
    },
    Field {
        name: "endpoint",
        label: "Endpoint",
        help: "The name of the web service endpoint (Web Service Endpoints, SM207060). One that extends Default does as well.",
        example: "Default",
        pattern: Some("[A-Za-z0-9_-]+"),
        default: Some("Default"),
        ..Field::TEXT
    },
    Field {
        name: "version",
        label: "Version of the endpoint",
        help: "The endpoint's version, just as the same form shows it.",
        example: "24.200.001",
        pattern: Some("[0-9]+([.][0-9]+)*"),
        default: Some("24.200.001"),
        ..Field::TEXT
    },
    Field {
        name: "order_type",
        label: "Usual order type",
        help: "The type of orders that are shown by their number alone; others are shown as TYPE|NUMBER.",
        example: "SO",
        pattern: Some("[A-Za-z0-9]{1,4}"),
        default: Some("SO"),
        ..Field::TEXT
    },
    Field {
        name: "invoice_entity",
        label: "Where invoices are read",
        help: "Invoice reads every document of receivables (AR301000). SalesInvoice reads those that were billed from sales \
               orders (SO303000), with addresses, subtotals, discounts and their orders. The balance counts all in either case.",
        example: "Invoice",
        kind: FieldKind::Choice(&["Invoice", "SalesInvoice"]),
        default: Some("Invoice"),
        ..Field::TEXT
    },
    Field {
        name: "base_currency",
        label: "Base currency",
        help: "The base currency of the company (Companies, CS101500), in which Acumatica keeps credit limits. Customers of \
               this currency are told what is left of theirs; without it nobody is.",
        example: "USD",
        pattern: Some("[A-Za-z]{3}"),
        ..Field::TEXT
    },
    Field {
        name: "username",
        label: "User name",
        help: "The login of a user for this connection alone, with the rights that the adapter's documentation lists.",
        example: "livegate-api",
        secret: true,
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "password",
        label: "Password",
        help: "The password of that user.",
        example: "…",
        secret: true,
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "client_id",
        label: "Client id",
        help: "The id of the connected application, with the tenant after the sign.",
        example: "88358B02-A48D-A50E-F710-39C1636C30F6@Harbor Supply",
        secret: true,
        required: true,
        when: Some(("auth", &["oauth_password"])),
        ..Field::TEXT
    },
    Field {
        name: "client_secret",
        label: "Client secret",
        help: "The secret of the connected application, which Acumatica shows only once.",
        example: "…",
        secret: true,
        required: true,
        when: Some(("auth", &["oauth_password"])),
        ..Field::TEXT
    },
];
