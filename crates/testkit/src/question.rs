use std::fmt;

use livegate_core::Operation;
use serde_json::{Map, Value};

use crate::Cast;

/// A webstore's request, put together step by step.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) operation: Operation,
    members: Map<String, Value>,
}

impl Question {
    /// Asks for a customer's balance or list.
    pub(crate) fn new(operation: Operation, customer: &str) -> Self {
        let members = Map::from_iter([("customer_code".to_owned(), customer.into())]);
        Self { operation, members }
    }

    /// Asks as the cast's customer, about the cast's document for a call by id.
    pub(crate) fn of(cast: &Cast, operation: Operation) -> Self {
        let id = match operation {
            Operation::Order => cast.order.unwrap_or("1"),
            Operation::Invoice => cast.invoice.unwrap_or("1"),
            Operation::Account | Operation::Orders | Operation::Invoices => "",
        };
        Self::new(operation, cast.customer).about(id)
    }

    /// About this document; a balance or a list is asked as a whole.
    pub(crate) fn about(self, id: &str) -> Self {
        match self.operation {
            Operation::Order => self.with("order_id", id),
            Operation::Invoice => self.with("invoice_id", id),
            Operation::Account | Operation::Orders | Operation::Invoices => self,
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn page(self, number: usize, size: usize) -> Self {
        self.with("current_page", number.to_string()).with("per_page", size.to_string())
    }

    /// Adds a filter.
    pub(crate) fn filtered(mut self, name: &str, value: impl Into<Value>) -> Self {
        let filters = self.members.entry("filters").or_insert_with(|| Map::new().into());
        if let Value::Object(filters) = filters {
            filters.insert(name.to_owned(), value.into());
        }
        self
    }

    /// What is asked by this member, if it is a text.
    pub(crate) fn asked(&self, name: &str) -> Option<String> {
        self.members.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        Value::Object(self.members.clone()).to_string().into_bytes()
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, members } = self;
        write!(f, "{operation} {}", Value::Object(members.clone()))
    }
}
