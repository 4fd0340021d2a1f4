//! The connection form: what a partner fills in, as data.

use livegate_core::{Field, FieldKind};

/// Settings and secrets in the order of the form.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "base_url",
        label: "Unified API address",
        help: "Where Alloy's Unified API answers: https://embedded.runalloy.com/, or https://eu-embedded.runalloy.com/ \
               for accounts in the EU. Leave out the version and what follows: that is added to every call.",
        example: "https://embedded.runalloy.com/",
        kind: FieldKind::Url,
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "version",
        label: "Version of the Unified API",
        help: "Which version is spoken. 2024-03 counts its pages, 2023-12 leads from page to page with a cursor.",
        example: "2024-03",
        kind: FieldKind::Choice(&["2024-03", "2023-12"]),
        default: Some("2024-03"),
        ..Field::TEXT
    },
    Field {
        name: "credential_id",
        label: "Credential or connection id",
        help: "Alloy's id of this tenant's connection to its accounting system, as the Alloy dashboard shows it.",
        example: "6424a9e2c7d3f8001f5b1c20",
        pattern: Some("[!-~]+"),
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "credential_parameter",
        label: "Name of that id in calls",
        help: "Under which name the id goes along with every call. Alloy's documents of 2024-03 say credentialId, those \
               of 2023-12 connectionId.",
        example: "credentialId",
        kind: FieldKind::Choice(&["credentialId", "connectionId"]),
        default: Some("credentialId"),
        ..Field::TEXT
    },
    Field {
        name: "customer_key",
        label: "What the store's customer code is",
        help: "Which member of an Alloy customer holds the store's customer code: remoteId (the customer's id in the \
               accounting system), id (Alloy's own) or companyId.",
        example: "remoteId",
        kind: FieldKind::Choice(&["remoteId", "id", "companyId"]),
        default: Some("remoteId"),
        ..Field::TEXT
    },
    Field {
        name: "document_number",
        label: "What names an invoice or order",
        help: "number shows the invoice's or order's number, and its id in the accounting system where it has none. \
               remoteId always shows that id: choose it if numbers are not unique per customer.",
        example: "number",
        kind: FieldKind::Choice(&["number", "remoteId"]),
        default: Some("number"),
        ..Field::TEXT
    },
    Field {
        name: "api_key",
        label: "API key",
        help: "The key of the Alloy account, from the settings of the Alloy dashboard, without the word Bearer.",
        example: "k2xLbe4…",
        secret: true,
        required: true,
        ..Field::TEXT
    },
];
