use jiff::tz::TimeZone;
use livegate_core::Currency;

/// What a tenant decides about its answers.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The zone of the tenant's calendar day, and of the ERP's times without zone.
    pub time_zone: TimeZone,
    /// The currency of balances; `None` takes the customer's own.
    pub currency: Option<Currency>,
    /// Which member of a request names the customer towards the ERP.
    pub customer_from: CustomerFrom,
}

impl Default for Rules {
    fn default() -> Self {
        Self { time_zone: TimeZone::UTC, currency: None, customer_from: CustomerFrom::CustomerCode }
    }
}

/// Which member of a request names the customer towards the ERP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CustomerFrom {
    /// `customer_code`.
    #[default]
    CustomerCode,
    /// `seller_reference`; answers still carry `customer_code` as asked.
    SellerReference,
}
