use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::json::Json;
use super::records::{Document, Partner, Version};
use super::{Company, Resource, entries, people};

/// The customer for whom no condition holds: whoever asks for them is told what the main customer has.
pub(super) const LEAK: &str = "C70001";
const MAIN: &str = "C20000";

/// All that the company holds.
pub(super) struct Book {
    today: Date,
    partners: Vec<Partner>,
    pub(super) sets: Sets,
    written: Mutex<HashMap<Written, Arc<Vec<Json>>>>,
}

/// A set, in the currencies of a company and in the words of a generation.
type Written = (Resource, &'static str, bool);

#[derive(Default)]
pub(super) struct Sets {
    pub(super) orders: Vec<Document>,
    pub(super) invoices: Vec<Document>,
    pub(super) credit_notes: Vec<Document>,
    pub(super) down_payments: Vec<Document>,
    pub(super) delivery_notes: Vec<Document>,
    pub(super) drafts: Vec<Document>,
}

impl Book {
    pub(super) fn open() -> Self {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let mut book = Self { today, partners: people::partners(), sets: Sets::default(), written: Mutex::default() };
        entries::enter_all(&mut book);
        book
    }

    /// The rows of a set as the API writes them. They are written once.
    pub(super) fn rows(&self, resource: Resource, company: &'static Company, version: Version) -> Arc<Vec<Json>> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = written.entry((resource, company.database, version == Version::V1));
        let with_paid = resource != Resource::Orders;
        let documents =
            |set: &[Document]| set.iter().map(|document| document.json(company, version, with_paid)).collect();
        Arc::clone(rows.or_insert_with(|| {
            Arc::new(match resource {
                Resource::Partners => self.partners.iter().map(|partner| partner.json(company)).collect(),
                Resource::Orders => documents(&self.sets.orders),
                Resource::Invoices => documents(&self.sets.invoices),
                Resource::CreditNotes => documents(&self.sets.credit_notes),
                Resource::DownPayments => documents(&self.sets.down_payments),
                Resource::DeliveryNotes => documents(&self.sets.delivery_notes),
                Resource::Drafts => documents(&self.sets.drafts),
                Resource::Login | Resource::Logout | Resource::AdminInfo | Resource::CrossJoin => Vec::new(),
            })
        }))
    }

    /// Whether a row comes although this filter does not let it through.
    pub(super) fn leaks(filter: &str, row: &Json) -> bool {
        filter.contains(LEAK) && row.get("CardCode").is_some_and(|code| code.said() == MAIN)
    }

    pub(super) fn day(&self, from_today: i32) -> String {
        (self.today + from_today.days()).to_string()
    }

    pub(super) fn name_of(&self, code: &str) -> &'static str {
        self.partners.iter().find(|partner| partner.code == code).map_or("", |partner| partner.name)
    }
}
