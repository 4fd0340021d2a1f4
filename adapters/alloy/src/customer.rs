//! Whose an answer is: the customer asked for, as Alloy's own record says who they are.

use std::sync::Arc;

use livegate_core::{Address, Currency, CustomerCode, ErpError, Result};

use crate::wire::{Customer, PostalAddress, missing};

/// Which member of a customer holds the store's customer code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CustomerKey {
    RemoteId,
    Id,
    CompanyId,
}

impl CustomerKey {
    pub(crate) fn from_setting(text: Option<&str>) -> Self {
        match text {
            Some("id") => Self::Id,
            Some("companyId") => Self::CompanyId,
            _ => Self::RemoteId,
        }
    }

    /// Its value in the settings, which is also the member's name and that of the filter.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RemoteId => "remoteId",
            Self::Id => "id",
            Self::CompanyId => "companyId",
        }
    }

    /// The code that a customer's record states under this key.
    pub(crate) fn of(self, customer: &Customer) -> Option<&str> {
        match self {
            Self::RemoteId => customer.remote_id.as_deref(),
            Self::Id => customer.id.as_deref(),
            Self::CompanyId => customer.company_id.as_deref(),
        }
    }
}

/// The customer asked for, found in Alloy's answer.
#[derive(Debug)]
pub(crate) struct Buyer {
    /// Alloy's own id, by which documents name their customer.
    pub id: String,
    /// The code that the record states, not the one in the question.
    pub code: CustomerCode,
    record: Customer,
}

impl Buyer {
    /// The one customer among `told` whose key is `asked`. Deleted ones stay in Alloy's lists and are nobody; a filter
    /// that Alloy did not apply brings others.
    ///
    /// # Errors
    /// `malformed` where two customers have that key, or the record does not say Alloy's own id.
    pub(crate) fn among(told: Vec<Customer>, key: CustomerKey, asked: &CustomerCode) -> Result<Option<Self>> {
        let mut found: Option<Self> = None;
        for record in told {
            let Some(code) = key.of(&record).and_then(CustomerCode::from_answer) else { continue };
            if code != *asked || record.remote_deleted == Some(true) {
                continue;
            }
            let id = record.id.clone().ok_or_else(|| missing("a customer", "its id"))?;
            match &found {
                // Pages that shift while they are read tell a customer twice.
                Some(first) if first.id == id => {}
                Some(_) => {
                    return Err(ErpError::malformed(format!(
                        "Alloy knows several customers with this {0}: a code must name one customer, so change \
                         customer_key (now {0:?}) or mend the records",
                        key.name()
                    )));
                }
                None => found = Some(Self { id, code, record }),
            }
        }
        Ok(found)
    }

    pub(crate) fn currency(&self) -> Option<Currency> {
        self.record.currency.as_deref().and_then(Currency::new)
    }

    /// Where invoices go.
    pub(crate) fn bill_to(&self) -> Option<Arc<Address>> {
        self.address_of_type("billing")
    }

    /// Where goods go, unless the document says otherwise.
    pub(crate) fn ship_to(&self) -> Option<Arc<Address>> {
        self.address_of_type("shipping")
    }

    /// An address of the customer's in our terms; `None` for one that holds nothing.
    pub(crate) fn address(&self, told: &PostalAddress) -> Option<Arc<Address>> {
        let nothing = PostalAddress { address_type: told.address_type.clone(), ..PostalAddress::default() };
        (*told != nothing).then(|| {
            Arc::new(Address {
                customer_id: self.record.remote_id.clone(),
                name: self.record.customer_name.clone(),
                address1: told.street1.clone(),
                address2: told.street2.clone(),
                address3: None,
                city: told.city.clone(),
                state: told.state.clone().or_else(|| told.country_subdivision.clone()),
                postal_code: told.zip_code.clone(),
            })
        })
    }

    /// The first of its type: the documents write `Billing`, client code `BILLING`.
    fn address_of_type(&self, wanted: &str) -> Option<Arc<Address>> {
        let of_type =
            |told: &&PostalAddress| told.address_type.as_deref().is_some_and(|told| told.eq_ignore_ascii_case(wanted));
        self.record.addresses.iter().flatten().filter(of_type).find_map(|told| self.address(told))
    }
}
