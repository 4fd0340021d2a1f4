//! The template's entities, as far as Live needs them, and what they become.
//!
//! Every member is optional, because an organisation may leave out or rename any of them, and every id may be a number. The
//! slips of the template (`isubsidiary`, `glPostDater`, `adpdress`, a `line1` without type) stand in members that nobody
//! needs. Cost, tax ids, bank accounts, cheques and cards have no field: what is not read cannot leave.

use livegate_core::{
    Account, Address, Amount, Currency, CustomerCode, DateReader, DocumentId, ErpError, Result, Slashes, Standing,
};
use livegate_http::lenient;
use serde::Deserialize;

/// The template says "date" and no layout; the platform's samples write ISO 8601. Slashes may mean either order.
pub(crate) const DATES: DateReader = DateReader::new(Slashes::Unread);

/// One of the two numbers that the template gives to whatever it describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// "Identifier …, unique to the company in the accounting platform."
    Id,
    /// "Friendly reference …/reference … from an external system."
    ExternalId,
}

impl Key {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::ExternalId => "externalId",
        }
    }

    pub(crate) fn of(self, row: &impl Row) -> Option<&str> {
        match self {
            Self::Id => row.id(),
            Self::ExternalId => row.external_id(),
        }
    }
}

/// What the tenant's settings say about the meaning of a document's members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conventions {
    /// Under which number the customer knows a document.
    pub document_number: Key,
    /// Whether an invoice's `parentDocumentNumber` is the sales order's number, and not the customer's purchase order.
    pub parent_is_order: bool,
}

/// A document with what it takes to understand it.
pub(crate) struct Told<'a, T> {
    pub row: &'a T,
    pub conventions: Conventions,
    /// The customer whom the row's `customer.id` stands for.
    pub owner: Option<CustomerCode>,
}

impl<T: Row> Told<'_, T> {
    /// # Errors
    /// `malformed` for a document without the number that the settings choose.
    pub(crate) fn number(&self, what: &str) -> Result<DocumentId> {
        let key = self.conventions.document_number;
        let remedy = match key {
            Key::Id => "",
            Key::ExternalId => ": map it, or set document_number = \"id\"",
        };
        DocumentId::new(key.of(self.row).unwrap_or_default())
            .map_err(|_| missing(what, &format!("a usable {}{remedy}", key.name())))
    }
}

/// Whatever the template describes has two numbers.
pub(crate) trait Row {
    fn id(&self) -> Option<&str>;
    fn external_id(&self) -> Option<&str>;
}

/// An order, an invoice or a payment.
pub(crate) trait Document: Row {
    fn customer(&self) -> Option<&CustomerReference>;
    fn status(&self) -> Option<&str>;

    /// The ERP's id of the customer; without one a document belongs to nobody, whatever name it bears.
    fn customer_id(&self) -> Option<&str> {
        self.customer().and_then(|customer| customer.id.as_deref())
    }

    /// How far it has come, by what its status says.
    fn standing(&self) -> Standing {
        let words = self.status().unwrap_or_default();
        // NetSuite, for one, writes `_voided`.
        match words.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase().as_str() {
            "draft" => Standing::Draft,
            "deleted" => Standing::Deleted,
            "void" | "voided" | "cancelled" | "canceled" => Standing::Void,
            _ => Standing::Issued,
        }
    }

    /// Whether it is, or was, meant for the customer. What is not may lack anything, even its number.
    fn is_issued(&self) -> bool {
        matches!(self.standing(), Standing::Issued | Standing::Void)
    }
}

macro_rules! rows {
    ($($row:ident)*) => {$(
        impl Row for $row {
            fn id(&self) -> Option<&str> {
                self.id.as_deref()
            }

            fn external_id(&self) -> Option<&str> {
                self.external_id.as_deref()
            }
        }
    )*};
}
pub(crate) use rows;

rows!(Customer Payment);

/// A customer.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Customer {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub external_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub credit_limit: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_outstanding_amount: Option<Amount>,
}

/// A payment received.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Payment {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub external_id: Option<String>,
    #[serde(deserialize_with = "lenient::structure")]
    pub customer: Option<CustomerReference>,
    /// "Amount of the payment in the payment currency."
    #[serde(deserialize_with = "lenient::amount")]
    pub amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub payment_date: Option<String>,
}

/// The customer as a document names them.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CustomerReference {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// Where goods or an invoice go.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PostalAddress {
    #[serde(deserialize_with = "lenient::text")]
    pub line1: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub line2: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub province: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub postal_code: Option<String>,
    #[serde(deserialize_with = "lenient::structure")]
    pub contact: Option<Contact>,
}

/// A person at an address.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Contact {
    #[serde(deserialize_with = "lenient::text")]
    pub first_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub last_name: Option<String>,
}

impl Document for Payment {
    fn customer(&self) -> Option<&CustomerReference> {
        self.customer.as_ref()
    }

    fn status(&self) -> Option<&str> {
        None
    }
}

impl PostalAddress {
    /// The address of a document of `customer`; `None` where nothing of it is told. Without a contact it is `addressee`'s.
    pub(crate) fn told(&self, customer: Option<&CustomerReference>, addressee: Option<&str>) -> Option<Address> {
        if *self == Self::default() {
            return None;
        }
        let names = self.contact.iter().flat_map(|contact| [&contact.first_name, &contact.last_name]);
        let person = names.flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        Some(Address {
            customer_id: customer.and_then(|customer| customer.id.clone()),
            name: if person.is_empty() { addressee.map(str::to_owned) } else { Some(person) },
            address1: self.line1.clone(),
            address2: self.line2.clone(),
            address3: None,
            city: self.city.clone(),
            state: self.province.clone(),
            postal_code: self.postal_code.clone(),
        })
    }
}

impl Customer {
    /// The ERP's id, by which documents name the customer.
    ///
    /// # Errors
    /// `malformed` for a customer without one.
    pub(crate) fn known_id(&self) -> Result<&str> {
        self.id.as_deref().ok_or_else(|| missing("a customer", "its id"))
    }

    /// What the record by itself says of the account; whose it is, under `key`.
    pub(crate) fn account(&self, key: Key) -> Account {
        Account {
            owner: key.of(self).and_then(CustomerCode::from_answer),
            currency: currency(self.currency.as_deref()),
            // Whether a limit of zero means none or no credit is not documented.
            credit_limit: self.credit_limit.filter(|limit| !limit.is_zero()),
            ..Account::default()
        }
    }
}

pub(crate) fn currency(text: Option<&str>) -> Option<Currency> {
    text.and_then(Currency::new)
}

pub(crate) fn missing(where_from: &str, what: &str) -> ErpError {
    ErpError::malformed(format!("the ERP's answer has {where_from} without {what}"))
}

#[cfg(test)]
mod tests;
