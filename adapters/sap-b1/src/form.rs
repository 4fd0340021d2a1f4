//! The connection form: what a partner fills in, as data.

use livegate_core::{Field, FieldKind};

/// Settings and secrets in the order of the form.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "base_url",
        label: "Service Layer address",
        help: "Where the Service Layer answers, usually on port 50000. It ends with b1s/v2/ or, for systems before 10.0, \
               with b1s/v1/, which also decides how it is spoken to. Without a path, b1s/v2/ is added. Its certificate is \
               usually self-signed: then [tls] ca must name the file of that certificate.",
        example: "https://sap.harbor.example:50000/b1s/v2/",
        kind: FieldKind::Url,
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "company_db",
        label: "Company database",
        help: "The name of the company's database, as the login window of SAP Business One lists it.",
        example: "SBODEMOUS",
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "document_number",
        label: "What names an invoice or order",
        help: "DocNum shows the number that is printed on it. Where several of a customer's have it, because each series \
               counts by itself, each is shown as DocNum#DocEntry. DocEntry shows the internal number, which never \
               repeats and saves a request per page.",
        example: "DocNum",
        kind: FieldKind::Choice(&["DocNum", "DocEntry"]),
        default: Some("DocNum"),
        ..Field::TEXT
    },
    Field {
        name: "currency_map",
        label: "Currencies",
        help: "Which currency of ISO 4217 a currency code of the company stands for, where it is another one: $ for USD. \
               Without it a company whose local currency is such a code has no balances.",
        example: "\"$\" = \"USD\"",
        pattern: Some("[A-Za-z]{3}"),
        kind: FieldKind::Map,
        ..Field::TEXT
    },
    Field {
        name: "username",
        label: "User code",
        help: "A user of SAP Business One with a licence that allows the Service Layer and the rights that the adapter's \
               README lists; one that may only read is enough.",
        example: "livegate",
        secret: true,
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "password",
        label: "Password",
        help: "That user's password. SAP Business One locks users out, so a refused one is not tried again for a while.",
        example: "a long one",
        secret: true,
        required: true,
        ..Field::TEXT
    },
];
