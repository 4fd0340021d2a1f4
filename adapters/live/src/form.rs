//! The connection form: what a partner fills in, as data.

use livegate_core::{Field, FieldKind};

/// Settings and secrets in the order of the form.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "customer_balance_url",
        label: "Customer balance address",
        help: "Where the upstream answers a customer's A/R balance: the whole address, with its query if it has one. \
               Without it this connection offers no balances.",
        example: "https://erp.harbor.example/live/customer-balance",
        ..ADDRESS
    },
    Field {
        name: "orders_url",
        label: "Orders address",
        help: "Where the upstream lists orders. Without it this connection offers no lists of orders.",
        example: "https://erp.harbor.example/live/orders",
        ..ADDRESS
    },
    Field {
        name: "order_url",
        label: "Order by id address",
        help: "Where the upstream answers one order. Without it this connection offers no orders by id.",
        example: "https://erp.harbor.example/live/order",
        ..ADDRESS
    },
    Field {
        name: "invoices_url",
        label: "Invoices address",
        help: "Where the upstream lists invoices. Without it this connection offers no lists of invoices.",
        example: "https://erp.harbor.example/live/invoices",
        ..ADDRESS
    },
    Field {
        name: "invoice_url",
        label: "Invoice by id address",
        help: "Where the upstream answers one invoice. Without it this connection offers no invoices by id.",
        example: "https://erp.harbor.example/restlet.nl?script=12&deploy=1",
        ..ADDRESS
    },
    Field {
        name: "auth",
        label: "Authentication",
        help: "header sends one header with a value of your own. bearer sends the access token below. basic sends a user \
               name and a password. oauth2 gets a token with a client's id and secret, and a new one when it expires.",
        example: "bearer",
        kind: FieldKind::Choice(&["header", "bearer", "basic", "oauth2"]),
        default: Some("header"),
        ..Field::TEXT
    },
    Field {
        name: "header_name",
        label: "Header",
        help: "The name of the header, which the store calls the Key.",
        example: "X-Api-Key",
        pattern: Some("[A-Za-z0-9!#$%&'*+.^_|~-]+"),
        default: Some("Authorization"),
        when: Some(("auth", &["header"])),
        ..Field::TEXT
    },
    Field {
        name: "token_url",
        label: "Token address",
        help: "The whole address at which tokens are asked for (OAuth 2.0 client credentials).",
        example: "https://login.harbor.example/oauth2/token",
        required: true,
        when: Some(("auth", &["oauth2"])),
        ..ADDRESS
    },
    Field {
        name: "scope",
        label: "Scope",
        help: "What the token is asked for, if the upstream wants that said; several are separated by spaces.",
        example: "live.read",
        when: Some(("auth", &["oauth2"])),
        ..Field::TEXT
    },
    Field {
        name: "success",
        label: "How failures are told",
        help: "status: by the HTTP status, as the web does. body: also inside an answer of status 200, as an object \
               without the member that was asked for, or with error, errors or success = false.",
        example: "body",
        kind: FieldKind::Choice(&["status", "body"]),
        default: Some("status"),
        ..Field::TEXT
    },
    Field {
        name: "header_value",
        label: "Header's value",
        help: "The whole value of the header, which the store calls the Token; if the upstream wants a word such as \
               Bearer before it, write that too.",
        example: "Bearer 0c5d…",
        when: Some(("auth", &["header"])),
        ..SECRET
    },
    Field {
        name: "token",
        label: "Access token",
        help: "The upstream's token, without the word Bearer.",
        example: "eyJhbGciOiJIUzI1NiJ9…",
        when: Some(("auth", &["bearer"])),
        ..SECRET
    },
    Field {
        name: "username",
        label: "User name",
        help: "The upstream's user; one that may only read is enough.",
        example: "livegate",
        when: Some(("auth", &["basic"])),
        ..SECRET
    },
    Field {
        name: "password",
        label: "Password",
        help: "That user's password.",
        example: "a long one",
        when: Some(("auth", &["basic"])),
        ..SECRET
    },
    Field {
        name: "client_id",
        label: "Client id",
        help: "The client that the upstream's administrator registered.",
        example: "livegate-harbor",
        when: Some(("auth", &["oauth2"])),
        ..SECRET
    },
    Field {
        name: "client_secret",
        label: "Client secret",
        help: "That client's secret. A refused one is not tried again for a while; corrected settings act at once.",
        example: "a long one",
        when: Some(("auth", &["oauth2"])),
        ..SECRET
    },
];

const ADDRESS: Field = Field { kind: FieldKind::Address, ..Field::TEXT };

/// Each is needed wherever it is used.
const SECRET: Field = Field { secret: true, required: true, ..Field::TEXT };
