use super::json::{Json, amount, text};

/// The versions, by what an address says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V2024_03,
    V2023_12,
}

#[derive(Clone, Default)]
pub(super) struct Customer {
    pub id: String,
    pub remote_id: &'static str,
    pub company_id: Option<&'static str>,
    pub name: &'static str,
    pub currency: Option<&'static str>,
    pub addresses: Vec<Address>,
    pub deleted: bool,
}

#[derive(Clone, Default)]
pub(super) struct Address {
    pub kind: Option<&'static str>,
    pub street1: Option<&'static str>,
    pub street2: Option<&'static str>,
    pub city: Option<&'static str>,
    pub state: Option<&'static str>,
    pub zip_code: Option<&'static str>,
}

#[derive(Clone, Default)]
pub(super) struct Invoice {
    pub id: String,
    pub remote_id: String,
    pub customer_id: String,
    pub number: Option<String>,
    pub issued: Option<String>,
    pub due: Option<String>,
    pub currency: Option<&'static str>,
    pub discount: Option<String>,
    pub sub_total: Option<String>,
    pub tax: Option<String>,
    pub total: Option<String>,
    pub balance: Option<String>,
    pub status: Option<&'static str>,
    pub deleted: bool,
    pub lines: Vec<Line>,
}

#[derive(Clone, Default)]
pub(super) struct SalesOrder {
    pub id: String,
    pub remote_id: String,
    pub customer_id: String,
    pub number: Option<String>,
    pub status: &'static str,
    pub issued: Option<String>,
    pub delivery: Option<String>,
    pub delivery_address: Option<Address>,
    pub tax: Option<String>,
    pub total: Option<String>,
    pub deleted: bool,
    pub lines: Vec<Line>,
}

#[derive(Clone, Default)]
pub(super) struct Line {
    pub description: Option<&'static str>,
    pub unit_price: Option<&'static str>,
    pub quantity: Option<&'static str>,
    pub tax: Option<&'static str>,
    pub total: Option<&'static str>,
    pub item: Option<String>,
}

#[derive(Clone, Default)]
pub(super) struct Payment {
    pub id: String,
    pub remote_id: String,
    pub customer_id: String,
    pub vendor_id: Option<&'static str>,
    pub date: Option<String>,
    pub entered: &'static str,
    pub currency: Option<&'static str>,
    pub total: Option<&'static str>,
    pub deleted: bool,
}

#[derive(Clone)]
pub(super) struct Item {
    pub id: String,
    pub remote_id: &'static str,
    pub name: &'static str,
}

impl Customer {
    pub(super) fn json(&self, version: Version) -> Json {
        let phone = vec![("phoneNumberType", text(Some("Primary"))), ("phoneNumber", text(Some("(212) 555-1234")))];
        let mut members = vec![
            ("id", text(Some(&self.id))),
            ("remoteId", text(Some(self.remote_id))),
            ("customerName", text(Some(self.name))),
            ("email", text(Some("accounts@customer.example"))),
            ("taxNumber", Json::Text(format!("TAXID-{}", self.remote_id))),
            ("customerStatus", text(Some("ACTIVE"))),
            ("currency", text(self.currency)),
            ("companyId", text(self.company_id)),
            ("addresses", Json::List(self.addresses.iter().map(Address::json).collect())),
            ("phoneNumbers", Json::List(vec![Json::Object(phone)])),
        ];
        members.extend(history(version, self.deleted, "2023-11-19T17:00:17.000Z"));
        Json::Object(members)
    }
}

impl Address {
    fn json(&self) -> Json {
        let mut members = vec![
            ("zipCode", text(self.zip_code)),
            ("street1", text(self.street1)),
            ("street2", text(self.street2)),
            ("state", text(self.state)),
            ("city", text(self.city)),
            ("countrySubdivision", text(self.state)),
        ];
        if self.kind.is_some() {
            members.push(("addressType", text(self.kind)));
        }
        Json::Object(members)
    }
}

impl Invoice {
    pub(super) fn json(&self, version: Version) -> Json {
        let mut members = vec![
            ("id", text(Some(&self.id))),
            ("remoteId", text(Some(&self.remote_id))),
            ("customerId", text(Some(&self.customer_id))),
            ("invoiceNumber", text(self.number.as_deref())),
            ("issueDate", text(self.issued.as_deref())),
            ("dueDate", text(self.due.as_deref())),
            ("paidOnDate", Json::Null),
            ("memo", text(Some("PRIVATE-note of the bookkeeper"))),
            ("companyId", Json::Null),
            ("currency", text(self.currency)),
            ("exchangeRate", amount(Some("1"))),
            ("totalDiscount", amount(self.discount.as_deref())),
            ("subTotal", amount(self.sub_total.as_deref())),
            ("invoiceStatus", text(self.status)),
            ("totalTaxAmount", amount(self.tax.as_deref())),
            ("totalAmount", amount(self.total.as_deref())),
            ("balance", amount(self.balance.as_deref())),
            ("trackingCategories", Json::List(vec![])),
            ("lineItems", Json::List(self.lines.iter().map(|line| line.json(false)).collect())),
            ("purchaseOrders", Json::List(vec![])),
        ];
        members.extend(history(version, self.deleted, "2023-11-19T17:00:17.000Z"));
        Json::Object(members)
    }
}

impl SalesOrder {
    pub(super) fn json(&self, version: Version) -> Json {
        let mut members = vec![
            ("id", text(Some(&self.id))),
            ("remoteId", text(Some(&self.remote_id))),
            ("salesOrderStatus", text(Some(self.status))),
            ("issueDate", text(self.issued.as_deref())),
            ("salesOrderNumber", text(self.number.as_deref())),
            ("deliveryDate", text(self.delivery.as_deref())),
            ("deliveryAddress", self.delivery_address.as_ref().map_or(Json::Object(vec![]), Address::json)),
            ("paidOnDate", Json::Null),
            ("customerId", text(Some(&self.customer_id))),
            ("accountId", Json::Null),
            ("memo", text(Some("PRIVATE-note of the bookkeeper"))),
            ("companyId", Json::Null),
            ("totalAmount", amount(self.total.as_deref())),
            ("totalTaxAmount", amount(self.tax.as_deref())),
            ("currency", text(Some("USD"))),
            ("exchangeRate", amount(Some("1"))),
            ("lineItems", Json::List(self.lines.iter().map(|line| line.json(true)).collect())),
            ("trackingCategoryIds", Json::List(vec![])),
        ];
        members.extend(history(version, self.deleted, "2023-11-19T17:00:17.000Z"));
        Json::Object(members)
    }
}

impl Line {
    /// An invoice's line has no tax.
    fn json(&self, taxed: bool) -> Json {
        let mut members = vec![
            ("id", Json::Null),
            ("remoteId", text(Some("1"))),
            ("description", text(self.description)),
            ("unitPrice", amount(self.unit_price)),
            ("quantity", amount(self.quantity)),
            ("totalAmount", amount(self.total)),
            ("currency", text(Some("USD"))),
            ("accountingItemId", text(self.item.as_deref())),
            ("trackingCategoryIds", Json::List(vec![])),
        ];
        if taxed {
            members.push(("taxAmount", amount(self.tax)));
        }
        Json::Object(members)
    }
}

impl Payment {
    pub(super) fn json(&self, version: Version) -> Json {
        let mut members = vec![
            ("id", text(Some(&self.id))),
            ("remoteId", text(Some(&self.remote_id))),
            ("transactionDate", text(self.date.as_deref())),
            ("customerId", text(Some(&self.customer_id))),
            ("vendorId", text(self.vendor_id)),
            ("accountId", text(Some("001"))),
            ("currency", text(self.currency)),
            ("exchangeRate", amount(Some("1"))),
            ("companyId", Json::Null),
            ("totalAmount", amount(self.total)),
            ("trackingCategoryIds", Json::List(vec![text(Some("001"))])),
        ];
        members.extend(history(version, self.deleted, self.entered));
        Json::Object(members)
    }
}

impl Item {
    pub(super) fn json(&self, version: Version) -> Json {
        let mut members = vec![
            ("id", text(Some(&self.id))),
            ("remoteId", text(Some(self.remote_id))),
            ("itemName", text(Some(self.name))),
            ("itemStatus", text(Some("ACTIVE"))),
            ("unitPrice", amount(Some("1"))),
            ("purchasePrice", amount(Some("0.77"))),
        ];
        members.extend(history(version, false, "2023-11-19T17:00:17.000Z"));
        Json::Object(members)
    }
}

/// What stands at the end of every record; the versions name two of its members differently.
fn history(version: Version, deleted: bool, entered: &str) -> [(&'static str, Json); 5] {
    let (created, updated) = match version {
        Version::V2024_03 => ("createdAt", "updatedAt"),
        Version::V2023_12 => ("createdTimestamp", "updatedTimestamp"),
    };
    [
        ("remoteCreatedAt", text(Some(entered))),
        ("remoteUpdatedAt", text(Some(entered))),
        ("remoteDeleted", Json::Flag(deleted)),
        (created, text(Some("2024-02-22T11:17:53.264Z"))),
        (updated, text(Some("2024-02-22T13:54:03.445Z"))),
    ]
}
