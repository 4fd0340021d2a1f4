//! The Service Layer's own types, property by property as its metadata names them, and what they mean in our terms.
//!
//! Any property may be missing. What a shopper must not see has no field: costs, tax ids, bank accounts, cards.

use jiff::civil::Date;
use livegate_core::{Amount, CustomerCode, DateReader, ErpError, Moment, Result, Slashes, Standing};
use livegate_http::lenient;
use serde::Deserialize;

use crate::number::{Numbers, whole};

/// Days come by themselves from the earlier generation and with a midnight in UTC from the later one.
pub(crate) const DATES: DateReader = DateReader::new(Slashes::Unread);

/// A business partner: a customer, a supplier or a lead.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Partner {
    #[serde(deserialize_with = "lenient::text")]
    pub card_code: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub card_type: Option<String>,
    /// In which all documents and entries are; `##` for any.
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// In the company's own currency.
    #[serde(deserialize_with = "lenient::amount")]
    pub current_account_balance: Option<Amount>,
    /// In the company's own currency.
    #[serde(deserialize_with = "lenient::amount")]
    pub credit_limit: Option<Amount>,
}

/// The company's own currencies, by its own codes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AdminInfo {
    #[serde(deserialize_with = "lenient::text")]
    pub local_currency: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub system_currency: Option<String>,
}

/// A document of any set. Amounts are in the company's own currency; those that end in `Fc` are in the document's, if that
/// is a foreign one, and 0 otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Document {
    #[serde(deserialize_with = "lenient::text")]
    pub doc_entry: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub doc_num: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub card_code: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub card_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub doc_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub doc_due_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub num_at_card: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub comments: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub doc_currency: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub doc_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub doc_total_fc: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub doc_total_sys: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub vat_sum: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub vat_sum_fc: Option<Amount>,
    /// Below zero for a surcharge.
    #[serde(deserialize_with = "lenient::amount")]
    pub total_discount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_discount_fc: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub paid_to_date: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub paid_to_date_fc: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub paid_to_date_sys: Option<Amount>,
    #[serde(rename = "WTAmount", deserialize_with = "lenient::amount")]
    pub withholding: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub down_payment_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub rounding_diff_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub document_status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub cancelled: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub cancel_status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub down_payment_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub reserve_invoice: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub tracking_number: Option<String>,
    /// The bill-to address as one text of several lines.
    #[serde(deserialize_with = "lenient::text")]
    pub address: Option<String>,
    /// The same of the ship-to address.
    #[serde(rename = "Address2", deserialize_with = "lenient::text")]
    pub ship_to_text: Option<String>,
    #[serde(deserialize_with = "lenient::structure")]
    pub address_extension: Option<AddressExtension>,
    #[serde(deserialize_with = "lenient::list")]
    pub document_lines: Option<Vec<Line>>,
    #[serde(deserialize_with = "lenient::list")]
    pub document_additional_expenses: Option<Vec<Expense>>,
    #[serde(deserialize_with = "lenient::list")]
    pub document_installments: Option<Vec<Part>>,
}

/// A line of a document.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Line {
    #[serde(deserialize_with = "lenient::text")]
    pub line_num: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub item_code: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub item_description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub free_text: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub quantity: Option<Amount>,
    /// What of it has not been delivered yet.
    #[serde(deserialize_with = "lenient::amount")]
    pub remaining_open_quantity: Option<Amount>,
    /// `Manual` where the unit is a text of its own.
    #[serde(rename = "UoMCode", deserialize_with = "lenient::text")]
    pub uom_code: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub measure_unit: Option<String>,
    /// After the line's discount, in the line's currency.
    #[serde(deserialize_with = "lenient::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// Without tax.
    #[serde(deserialize_with = "lenient::amount")]
    pub line_total: Option<Amount>,
    #[serde(rename = "RowTotalFC", deserialize_with = "lenient::amount")]
    pub line_total_fc: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_total: Option<Amount>,
    #[serde(rename = "NetTaxAmountFC", deserialize_with = "lenient::amount")]
    pub tax_total_fc: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub gross_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub gross_total_fc: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub base_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub base_entry: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub base_line: Option<String>,
}

/// Freight and its like, beside the lines.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Expense {
    #[serde(deserialize_with = "lenient::text")]
    pub remarks: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub line_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub line_total_fc: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_sum: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_sum_fc: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub line_gross: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub line_gross_fc: Option<Amount>,
}

/// An instalment. What of it was paid is not told.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Part {
    #[serde(deserialize_with = "lenient::text")]
    pub due_date: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_fc: Option<Amount>,
}

macro_rules! places {
    ($($property:ident)*) => {
        /// Where goods and invoice go, part by part.
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, rename_all = "PascalCase")]
        pub(crate) struct AddressExtension {
            $(#[serde(deserialize_with = "lenient::text")]
            pub $property: Option<String>,)*
        }
    };
}

places! {
    ship_to_street ship_to_street_no ship_to_block ship_to_building ship_to_address2 ship_to_address3
    ship_to_city ship_to_zip_code ship_to_state
    bill_to_street bill_to_street_no bill_to_block bill_to_building bill_to_address2 bill_to_address3
    bill_to_city bill_to_zip_code bill_to_state
}

/// A delivery note joined with one of its lines.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Joined {
    #[serde(rename = "DeliveryNotes", deserialize_with = "lenient::structure")]
    note: Option<Document>,
    #[serde(rename = "DeliveryNotes/DocumentLines", deserialize_with = "lenient::structure")]
    line: Option<Line>,
}

/// A line of a delivery note that is based on an order.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    pub note: Document,
    pub line: Line,
}

impl From<Joined> for Delivered {
    fn from(joined: Joined) -> Self {
        Self { note: joined.note.unwrap_or_default(), line: joined.line.unwrap_or_default() }
    }
}

impl Delivered {
    /// The lines of a delivery note that are based on the document of this type and key.
    pub(crate) fn of(mut note: Document, base_type: i64, base_entry: i64) -> Vec<Self> {
        let mut lines = note.document_lines.take().unwrap_or_default();
        let is = |text: &Option<String>, number| text.as_deref().and_then(whole) == Some(number);
        lines.retain(|line| is(&line.base_type, base_type) && is(&line.base_entry, base_entry));
        let header = || Document {
            doc_entry: note.doc_entry.clone(),
            doc_date: note.doc_date.clone(),
            tracking_number: note.tracking_number.clone(),
            cancelled: note.cancelled.clone(),
            cancel_status: note.cancel_status.clone(),
            ..Document::default()
        };
        lines.into_iter().map(|line| Self { note: header(), line }).collect()
    }
}

impl Document {
    pub(crate) fn numbers(&self) -> Result<Numbers> {
        self.try_into()
    }

    pub(crate) fn owner(&self) -> Option<CustomerCode> {
        self.card_code.as_deref().and_then(CustomerCode::from_answer)
    }

    pub(crate) fn belongs_to(&self, customer: &CustomerCode) -> bool {
        self.owner().as_ref() == Some(customer)
    }

    /// Neither cancelled nor one that cancels another: one column of the database, which two properties tell.
    pub(crate) fn standing(&self) -> Standing {
        match (self.cancel_status.as_deref(), self.cancelled.as_deref()) {
            (Some("csCancellation" | "C"), _) => Standing::Deleted,
            (Some("csYes" | "Y"), _) | (_, Some("tYES" | "Y")) => Standing::Void,
            _ => Standing::Issued,
        }
    }

    /// Whether its own currency is another than the company's: then its amounts are stated in it too.
    pub(crate) fn is_foreign(&self) -> bool {
        let stated = [self.doc_total_fc, self.vat_sum_fc, self.total_discount_fc, self.paid_to_date_fc];
        stated.into_iter().flatten().any(|amount| !amount.is_zero())
    }

    /// Of two amounts the one that is in the document's own currency.
    pub(crate) fn own(&self, local: Option<Amount>, foreign: Option<Amount>) -> Option<Amount> {
        if self.is_foreign() { foreign } else { local }
    }

    pub(crate) fn date(&self) -> Option<Moment> {
        DATES.day("DocDate", self.doc_date.as_deref())
    }

    pub(crate) fn due_date(&self) -> Option<Moment> {
        DATES.day("DocDueDate", self.doc_due_date.as_deref())
    }

    pub(crate) fn day(&self) -> Option<Date> {
        match self.date()? {
            Moment::Day(day) => Some(day),
            Moment::Instant { .. } | Moment::Local { .. } => None,
        }
    }
}

impl Line {
    /// The unit of measure.
    pub(crate) fn unit(&self) -> Option<String> {
        let code = self.uom_code.as_ref().filter(|code| !code.eq_ignore_ascii_case("manual"));
        code.or(self.measure_unit.as_ref()).cloned()
    }
}

pub(crate) fn missing(where_from: &str, what: &str) -> ErpError {
    ErpError::malformed(format!("the Service Layer's answer has {where_from} without {what}"))
}

#[cfg(test)]
mod tests;
