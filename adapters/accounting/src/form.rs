//! The connection form: what a partner fills in, as data.

use livegate_core::{Field, FieldKind};

/// Settings and secrets in the order of the form.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "base_url",
        label: "API root",
        help: "Where the resources of the accounting template stand, without any of their names: on the vendor's own host \
               https://api.cloud-elements.com/elements/api-v2, elsewhere what your region or SAP tenant documents.",
        example: "https://api.cloud-elements.com/elements/api-v2",
        kind: FieldKind::Url,
        required: true,
        ..Field::TEXT
    },
    Field {
        name: "resources",
        label: "Resource names",
        help: "What your organisation calls the template's resources where it has renamed them. Product and expense \
               invoices may have one name: it is read once.",
        example: "product-invoices = \"invoices\"",
        pattern: Some("[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*"),
        kind: FieldKind::Map,
        ..Field::TEXT
    },
    Field {
        name: "paging",
        label: "Paging",
        help: "How the connector cuts long lists. elements: by a token in the answer's headers, as the platform's standard \
               says. page: by page numbers. none: not at all; every list comes in one answer.",
        example: "elements",
        kind: FieldKind::Choice(&["elements", "page", "none"]),
        default: Some("elements"),
        ..Field::TEXT
    },
    Field {
        name: "filter",
        label: "Filter",
        help: "Whether lists are asked for by customer. ceql: with the platform's where parameter. none: everybody's \
               documents are read and sorted out here, which only suits small books; choose it where a connector refuses \
               the filter.",
        example: "ceql",
        kind: FieldKind::Choice(&["ceql", "none"]),
        default: Some("ceql"),
        ..Field::TEXT
    },
    Field {
        name: "customer_key",
        label: "Customer key",
        help: "Which number of a customer the webstore keeps as the customer's account number.",
        example: "externalId",
        kind: FieldKind::Choice(&["id", "externalId"]),
        default: Some("id"),
        ..Field::TEXT
    },
    Field {
        name: "document_number",
        label: "Document number",
        help: "Under which of its two numbers a customer knows an order or an invoice. The template has no invoice number \
               of its own; which one equals what is printed depends on the connector.",
        example: "externalId",
        kind: FieldKind::Choice(&["id", "externalId"]),
        default: Some("id"),
        ..Field::TEXT
    },
    Field {
        name: "parent_document",
        label: "Parent document",
        help: "What an invoice's parentDocumentNumber is in your books: the customer's purchase order number or the number \
               of the sales order.",
        example: "order_id",
        kind: FieldKind::Choice(&["customer_po", "order_id"]),
        default: Some("customer_po"),
        ..Field::TEXT
    },
    Field {
        name: "balance_from",
        label: "Balance",
        help: "invoices: the sum of what is due on the customer's invoices. customer: the customer's \
               totalOutstandingAmount, which the template describes in contradictory words; compare it with your books \
               first.",
        example: "invoices",
        kind: FieldKind::Choice(&["invoices", "customer"]),
        default: Some("invoices"),
        ..Field::TEXT
    },
    Field {
        name: "user_secret",
        label: "User secret",
        help: "The first of the three parts by which the platform knows you; give all three, or the bearer token alone. In \
               the platform it is shown beside the organisation secret.",
        example: "kX8…=",
        secret: true,
        ..Field::TEXT
    },
    Field {
        name: "organization_secret",
        label: "Organisation secret",
        help: "The second of the three parts.",
        example: "5b1…",
        secret: true,
        ..Field::TEXT
    },
    Field {
        name: "element_token",
        label: "Element token",
        help: "The third of the three parts: the token of the connector instance, which says whose books are read.",
        example: "q/T…=",
        secret: true,
        ..Field::TEXT
    },
    Field {
        name: "bearer",
        label: "Bearer token",
        help: "In place of the three parts, where the platform gave you one token; without the word Bearer.",
        example: "eyJhbGciOiJIUzI1NiJ9…",
        secret: true,
        ..Field::TEXT
    },
];
