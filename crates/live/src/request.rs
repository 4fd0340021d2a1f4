use std::borrow::Cow;
use std::fmt;

use jiff::tz::TimeZone;
use livegate_core::{CallerIds, CustomerCode, DateBound, DateRange, DocumentId, MAX_CODE_LENGTH, PageRequest};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::dates::{self, End};

/// The deepest nesting of objects and arrays that a request may have.
pub const MAX_NESTING: usize = 32;

const DEFAULT_PAGE_SIZE: u32 = 15;
const MAX_PAGE_SIZE: u64 = 1_000;

/// Why a request is rejected before anything reaches an ERP. Always the caller's to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// `bad_request` where the body is no JSON object, `invalid_query` where a member is to blame.
    pub code: &'static str,
    /// The member that is to blame.
    pub field: Option<&'static str>,
    /// What is wrong and what is accepted.
    pub detail: String,
}

impl RequestError {
    fn body(detail: &str) -> Self {
        Self { code: "bad_request", field: None, detail: detail.to_owned() }
    }

    fn field(field: &'static str, detail: &str) -> Self {
        Self { code: "invalid_query", field: Some(field), detail: format!("{field} {detail}") }
    }
}

/// The members of a request's object, each still as it was written, so that no number is read as a float.
#[derive(Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// The few members of a request are found faster than they are hashed.
impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::with_capacity(8);
        while let Some((Name(name), value)) = access.next_entry()? {
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

/// A member's name, copied only where it has escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Members<'a> {
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, RequestError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        if deeper_than(body, MAX_NESTING) {
            return Err(RequestError::body("the body is nested deeper than 32 levels"));
        }
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(RequestError::body("the body must be a JSON object"));
        }
        serde_json::from_slice(body)
            .map_err(|_| RequestError::body("the body is not well-formed JSON; send one JSON object in UTF-8"))
    }

    /// The account number that the ERP knows; required in every request.
    pub(crate) fn customer(&self, name: &'static str) -> Result<CustomerCode, RequestError> {
        let text = self.text(name)?.ok_or_else(|| RequestError::field(name, "is required and must not be blank"))?;
        CustomerCode::new(&text).map_err(|error| RequestError::field(name, &error.to_string()))
    }

    pub(crate) fn document(&self, name: &'static str) -> Result<DocumentId, RequestError> {
        let text = self.text(name)?.ok_or_else(|| RequestError::field(name, "is required and must not be blank"))?;
        DocumentId::new(&text).map_err(|error| RequestError::field(name, &error.to_string()))
    }

    pub(crate) fn caller(&self) -> Result<CallerIds, RequestError> {
        Ok(CallerIds {
            evo_customer_id: self.code("evo_customer_id")?,
            evo_user_id: self.code("evo_user_id")?,
            seller_reference: self.code("seller_reference")?,
            user_seller_reference: self.code("user_seller_reference")?,
        })
    }

    /// An optional code, id or text filter: trimmed, `None` when blank, null or absent.
    pub(crate) fn code(&self, name: &'static str) -> Result<Option<Box<str>>, RequestError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if text.chars().any(char::is_control) {
            return Err(RequestError::field(name, "must not contain control characters"));
        }
        if text.chars().count() > MAX_CODE_LENGTH {
            return Err(RequestError::field(name, "must be at most 200 characters long"));
        }
        Ok(Some(text.into()))
    }

    pub(crate) fn page(&self) -> Result<PageRequest, RequestError> {
        let number = self.counting_number("current_page")?.unwrap_or(1);
        let size = match self.counting_number("per_page")? {
            None => DEFAULT_PAGE_SIZE,
            Some(size) if size > MAX_PAGE_SIZE => {
                return Err(RequestError::field("per_page", "must be at most 1000"));
            }
            Some(size) => u32::try_from(size).map_err(|_| RequestError::field("per_page", "must be at most 1000"))?,
        };
        Ok(PageRequest { number, size })
    }

    /// The members of `filters`; none where it is absent, null, blank or PHP's empty object `[]`.
    pub(crate) fn filters(&self) -> Result<Self, RequestError> {
        let raw = self.member("filters").unwrap_or("null");
        match raw.as_bytes().first() {
            Some(b'{') => serde_json::from_str(raw).map_err(|_| unreadable("filters")),
            Some(b'[') if raw[1..raw.len() - 1].trim().is_empty() => Ok(Self::default()),
            _ if raw == "null" || raw == "\"\"" => Ok(Self::default()),
            _ => Err(RequestError::field("filters", "must be an object")),
        }
    }

    /// The range between `start_date` and `end_date`, or their aliases.
    pub(crate) fn dates(&self, zone: &TimeZone) -> Result<DateRange, RequestError> {
        let (start_name, start) = self.date(["start_date", "date_from"], End::Start, zone)?;
        let (_, end) = self.date(["end_date", "date_to"], End::End, zone)?;
        match (&start, &end) {
            (Some(from), Some(to)) if from.instant > to.instant => {
                Err(RequestError::field(start_name, "must not be after the end date"))
            }
            _ => Ok(DateRange { start, end }),
        }
    }

    fn date(
        &self,
        names: [&'static str; 2],
        end: End,
        zone: &TimeZone,
    ) -> Result<(&'static str, Option<DateBound>), RequestError> {
        for name in names {
            let Some(text) = self.text(name)? else { continue };
            return match dates::bound(&text, end, zone) {
                Some(bound) => Ok((name, Some(bound))),
                None => Err(RequestError::field(
                    name,
                    "must be a date such as 2026-01-31 or a time such as 2026-01-31T10:00:00Z",
                )),
            };
        }
        Ok((names[0], None))
    }

    /// A member as it was written; of equal ones the last.
    fn member(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rfind(|(own, _)| own == name).map(|(_, raw)| raw.get())
    }

    /// A text, or a whole number as its digits; `None` when blank, null or absent.
    fn text(&self, name: &'static str) -> Result<Option<String>, RequestError> {
        let Some(raw) = self.member(name) else { return Ok(None) };
        let text = match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(raw).map_err(|_| unreadable(name))?,
            Some(b'n') => return Ok(None),
            Some(b'-' | b'0'..=b'9') if !raw.contains(['.', 'e', 'E']) => raw.to_owned(),
            _ => return Err(RequestError::field(name, "must be a text or a whole number")),
        };
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// A whole number from 1, as a number or as text; what no u64 holds lies past every last page.
    fn counting_number(&self, name: &'static str) -> Result<Option<u64>, RequestError> {
        let wrong = || RequestError::field(name, "must be a whole number from 1");
        let Some(text) = self.text(name).map_err(|_| wrong())? else { return Ok(None) };
        if !text.bytes().all(|b| b.is_ascii_digit()) || text.bytes().all(|b| b == b'0') {
            return Err(wrong());
        }
        Ok(Some(text.parse().unwrap_or(u64::MAX)))
    }
}

fn unreadable(field: &'static str) -> RequestError {
    RequestError::field(field, "is not well-formed JSON text")
}

/// Looks at brackets outside of strings only: what is not JSON otherwise is for the parser to say.
fn deeper_than(body: &[u8], levels: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > levels {
                    return true;
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

macro_rules! documented_request {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, ToSchema)]
        pub struct $name {
            /// The customer's account number in the ERP. A whole number is accepted too.
            #[schema(example = "ACME001", max_length = 200)]
            pub customer_code: String,
            /// The store's id of the customer.
            #[schema(example = "277504")]
            pub evo_customer_id: Option<String>,
            /// The store's id of the user.
            #[schema(example = "27504")]
            pub evo_user_id: Option<String>,
            /// The ERP's record id of the customer; stands for `customer_code` where the tenant is configured so.
            #[schema(example = "01")]
            pub seller_reference: Option<String>,
            /// The ERP's record id of the user; restricts the orders list where the ERP can tell who ordered.
            #[schema(example = "01")]
            pub user_seller_reference: Option<String>,
            $($(#[$field_meta])* pub $field: $type,)*
        }
    };
}

documented_request! {
    /// Asks for a customer's A/R balance.
    BalanceRequest {}
}

documented_request! {
    /// Asks for a customer's orders.
    OrdersRequest {
        /// Which orders; all filters must match. Blank, null or absent means no filter.
        filters: Option<OrderFiltersRequest>,
        /// The page, from 1. A text is accepted too.
        #[schema(example = "1")]
        current_page: Option<String>,
        /// Orders per page, 1 to 1,000, 15 unless told. A text is accepted too.
        #[schema(example = "15")]
        per_page: Option<String>,
    }
}

documented_request! {
    /// Asks for one order.
    OrderRequest {
        /// The order's number.
        #[schema(example = "S3085810", max_length = 200)]
        order_id: String,
    }
}

documented_request! {
    /// Asks for a customer's invoices.
    InvoicesRequest {
        /// Which invoices; all filters must match. Blank, null or absent means no filter.
        filters: Option<InvoiceFiltersRequest>,
        /// The page, from 1. A text is accepted too.
        #[schema(example = "1")]
        current_page: Option<String>,
        /// Invoices per page, 1 to 1,000, 15 unless told. A text is accepted too.
        #[schema(example = "15")]
        per_page: Option<String>,
    }
}

documented_request! {
    /// Asks for one invoice.
    InvoiceRequest {
        /// The invoice's number.
        #[schema(example = "S009007634", max_length = 200)]
        invoice_id: String,
    }
}

/// Which orders. Texts match the whole value, without regard to ASCII case.
#[derive(Debug, ToSchema)]
pub struct OrderFiltersRequest {
    /// By the order's number.
    pub order_id: Option<String>,
    /// By the customer's purchase order number.
    pub customer_po: Option<String>,
    /// By the store's own number.
    pub third_party_order_number: Option<String>,
    /// From this order date on: RFC 3339, a date-time without zone (UTC), or a date. `date_from` is accepted too.
    #[schema(example = "2022-09-01T10:00:19Z")]
    pub start_date: Option<String>,
    /// Up to this order date; a date covers its whole day. `date_to` is accepted too.
    #[schema(example = "2023-03-31T11:56:19Z")]
    pub end_date: Option<String>,
}

/// Which invoices. Texts match the whole value, without regard to ASCII case.
#[derive(Debug, ToSchema)]
pub struct InvoiceFiltersRequest {
    /// By the invoice's number.
    pub invoice_id: Option<String>,
    /// By the customer's purchase order number.
    pub customer_po: Option<String>,
    /// From this invoice date on: RFC 3339, a date-time without zone (UTC), or a date. `date_from` is accepted too.
    #[schema(example = "2022-09-01T10:00:19Z")]
    pub start_date: Option<String>,
    /// Up to this invoice date; a date covers its whole day. `date_to` is accepted too.
    #[schema(example = "2023-03-31T11:56:19Z")]
    pub end_date: Option<String>,
}
