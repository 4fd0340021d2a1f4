//! The connection form: what a partner fills in, as data.

use livegate_core::{Field, FieldKind};

/// Settings and secrets in the order of the form.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "base_url",
        label: "Web API address",
        help: "Where the dealer's DockMaster Web API answers: what stands before /Help in the address of its help \
               pages. Leave out /api and what follows: that is added to every call.",
        example: "https://dockmaster.harbor.example/",
        kind: FieldKind::Url,
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "generation",
        label: "Generation of the Web API",
        help: "v2 is the API on the dealer's own host, whose help pages name addresses with /api/v2. dme is the newer \
               one on the vendor's host, with /api/v1 and a system id.",
        example: "v2",
        kind: FieldKind::Choice(&["v2", "dme"]),
        default: Some("v2"),
        ..Field::TEXT
    },
    Field {
        name: "format",
        label: "Answer format",
        help: "The format that DockMaster is asked to answer in. Both say the same; change it only if one makes \
               trouble.",
        example: "json",
        kind: FieldKind::Choice(&["json", "xml"]),
        default: Some("json"),
        when: Some(("generation", &["v2"])),
        ..Field::TEXT
    },
    Field {
        name: "auth",
        label: "Authentication",
        help: "v2 takes none (an API that only the dealer's network protects), bearer (the access token below with every \
               call) or password (a login for a token). dme takes dme (the vendor's login), or bearer with a system id.",
        example: "bearer",
        kind: FieldKind::Choice(&["none", "bearer", "password", "dme"]),
        default: Some("none"),
        ..Field::TEXT
    },
    Field {
        name: "auth_url",
        label: "Login address",
        help: "The whole address that the login is posted to. Without it: for password, token under the Web API address; \
               for dme, https://auth.dmeapi.com/token.",
        example: "https://auth.dmeapi.com/token",
        kind: FieldKind::Url,
        when: Some(("auth", &["password", "dme"])),
        ..Field::TEXT
    },
    Field {
        name: "refresh_url",
        label: "Refresh address",
        help: "The whole address that an expired token is renewed at. Without it: the login address and /refresh.",
        example: "https://auth.dmeapi.com/token/refresh",
        kind: FieldKind::Url,
        when: Some(("auth", &["dme"])),
        ..Field::TEXT
    },
    Field {
        name: "system_id",
        label: "System id",
        help: "Which of the dealer's systems is asked. Needed with bearer, and when the login names several.",
        example: "HARBOR01",
        pattern: Some("[!-~]+"),
        when: Some(("generation", &["dme"])),
        ..Field::TEXT
    },
    Field {
        name: "pending_payments",
        label: "Payments not yet posted",
        help: "What to do with payments that DockMaster has received but not posted. show leaves every balance as \
               DockMaster states it. deduct takes them off the invoices they name and off the customer's balance, \
               so that nobody pays twice. Either way the invoice says that a payment is pending.",
        example: "deduct",
        kind: FieldKind::Choice(&["show", "deduct"]),
        default: Some("show"),
        ..Field::TEXT
    },
    Field {
        name: "invoice_history",
        label: "Paid invoices",
        help: "open shows the open invoices. with_paid shows the paid ones too, as far as payments name them; it costs \
               more calls, so ask for it only if the store shows a history.",
        example: "with_paid",
        kind: FieldKind::Choice(&["open", "with_paid"]),
        default: Some("open"),
        ..Field::TEXT
    },
    Field {
        name: "token",
        label: "Access token",
        help: "The token that whoever runs the DockMaster Web API gave you, without the word Bearer.",
        example: "eyJhbGciOiJIUzI1NiJ9…",
        secret: true,
        required: true,
        when: Some(("auth", &["bearer"])),
        ..Field::TEXT
    },
    Field {
        name: "username",
        label: "User name",
        help: "The user of the Web API; one that may only read is enough.",
        example: "livegate@harbor.example",
        secret: true,
        required: true,
        when: Some(("auth", &["password", "dme"])),
        ..Field::TEXT
    },
    Field {
        name: "password",
        label: "Password",
        help: "That user's password. DockMaster locks users out, so a refused one is not tried again for a while.",
        example: "a long one",
        secret: true,
        required: true,
        when: Some(("auth", &["password", "dme"])),
        ..Field::TEXT
    },
];
