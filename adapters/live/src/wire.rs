//! The contract's own answers, member by member as its samples name them, and what they mean in our terms.
//!
//! Any member may be missing, null, or a text where the samples have a number. What the contract does not name is not read,
//! so cards, costs and tax ids cannot leave. `total_due` has no field either: it is the sum of the buckets.

pub(crate) mod invoice;
pub(crate) mod order;

use std::sync::Arc;

use livegate_core::{Account, Address, Aging, Amount, CustomerCode, DocumentId, ErpError, Result, Standing, Stated};
use livegate_http::lenient;
use serde::Deserialize;

use crate::answer::Told;
use crate::dates::moment;

/// The customer's A/R balance.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct LiveBalance {
    #[serde(deserialize_with = "lenient::text")]
    pub customer_code: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub balance: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub last_charge_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub last_sale_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub last_payment_date: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub last_payment_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_30_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_60_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_90_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_120_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_over_120_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub open_credits: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub credit_available: Option<Amount>,
}

/// An address. That of an order names its customer too, which nobody needs: an owner is named by the document itself.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct LiveAddress {
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub address1: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub address2: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub address3: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub state: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub postal_code: Option<String>,
}

impl Told for LiveBalance {
    const EXPECTED: &'static [&'static str] = &["customer_code", "balance"];

    fn is_told(&self) -> bool {
        self.customer_code.is_some() || self.balance.is_some()
    }

    fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

impl TryFrom<LiveBalance> for Account {
    type Error = ErpError;

    fn try_from(told: LiveBalance) -> Result<Self> {
        let balance = told.balance.ok_or_else(|| ErpError::malformed("the upstream's balance has no balance"))?;
        let aging = || {
            Some(Aging {
                days_1_to_30: told.due_30_days?,
                days_31_to_60: told.due_60_days?,
                days_61_to_90: told.due_90_days?,
                days_91_to_120: told.due_120_days?,
                over_120_days: told.due_over_120_days?,
            })
        };
        Ok(Self {
            owner: owner(told.customer_code.as_deref()),
            balance: Some(Stated::plain(balance)),
            aging: aging(),
            // Which sign they have is not documented; ours is positive.
            open_credits: told.open_credits.map(Amount::abs),
            last_charge_date: moment("last_charge_date", told.last_charge_date.as_deref()),
            last_sale_date: moment("last_sale_date", told.last_sale_date.as_deref()),
            last_payment_date: moment("last_payment_date", told.last_payment_date.as_deref()),
            last_payment_amount: told.last_payment_amount,
            credit_available: told.credit_available,
            ..Self::default()
        })
    }
}

/// An address of which nothing is told is none.
fn address(told: Option<LiveAddress>) -> Option<Arc<Address>> {
    let LiveAddress { customer_id, name, address1, address2, address3, city, state, postal_code } =
        told.filter(|told| *told != LiveAddress::default())?;
    Some(Arc::new(Address { customer_id, name, address1, address2, address3, city, state, postal_code }))
}

/// The contract has no member for it, so a status that is nothing but the word itself says it.
fn standing(status: Option<&str>) -> Standing {
    let status = status.unwrap_or_default();
    let is_one_of = |words: &[&str]| words.iter().any(|word| status.eq_ignore_ascii_case(word));
    if is_one_of(&["void", "voided", "cancelled", "canceled"]) {
        Standing::Void
    } else if is_one_of(&["draft"]) {
        Standing::Draft
    } else if is_one_of(&["deleted"]) {
        Standing::Deleted
    } else {
        Standing::Issued
    }
}

fn owner(customer_code: Option<&str>) -> Option<CustomerCode> {
    customer_code.and_then(CustomerCode::from_answer)
}

fn id(document: &str, text: Option<&str>) -> Result<DocumentId> {
    DocumentId::new(text.unwrap_or_default())
        .map_err(|_| ErpError::malformed(format!("the upstream's answer has {document} without a usable id")))
}

fn count(total: Option<&str>) -> Option<u64> {
    total.and_then(|total| total.parse().ok())
}

#[cfg(test)]
mod tests;
