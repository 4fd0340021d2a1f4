use livegate_core::{InvoiceSummary, OrderSummary};
use livegate_http::json;

use super::invoice::LiveInvoice;
use super::order::LiveOrder;
use super::*;

#[test]
fn a_standing_is_read_from_the_word_alone() {
    for (status, expected) in [
        (Some("Void"), Standing::Void),
        (Some("VOIDED"), Standing::Void),
        (Some("cancelled"), Standing::Void),
        (Some("Canceled"), Standing::Void),
        (Some("Draft"), Standing::Draft),
        (Some("deleted"), Standing::Deleted),
        (Some("Not void"), Standing::Issued),
        (Some("Draft sent to customer"), Standing::Issued),
        (None, Standing::Issued),
    ] {
        assert_eq!(standing(status), expected, "{status:?}");
    }
}

#[test]
fn tax_and_discount_go_by_either_name_and_the_samples_name_wins() {
    for (members, tax, discount) in [
        (r#""tax_total":1,"sales_tax":2,"discount_total":3,"discount":4"#, Some("1"), Some("3")),
        (r#""tax_total":null,"sales_tax":2,"discount_total":"","discount":4"#, Some("2"), Some("4")),
        (r#""tax_total":0,"sales_tax":2,"discount_total":0"#, Some("0"), Some("0")),
        (r#""total":1"#, None, None),
    ] {
        let order: LiveOrder = json(format!(r#"{{"order_id":"1",{members}}}"#).as_bytes()).unwrap();
        let invoice: LiveInvoice = json(format!(r#"{{"invoice_id":"1",{members}}}"#).as_bytes()).unwrap();
        let (order, invoice) = (OrderSummary::try_from(order).unwrap(), InvoiceSummary::try_from(invoice).unwrap());
        let told = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
        for (own_tax, own_discount) in
            [(order.tax_total, order.discount_total), (invoice.tax_total, invoice.discount_total)]
        {
            assert_eq!((told(own_tax).as_deref(), told(own_discount).as_deref()), (tax, discount), "{members}");
        }
    }
}

#[test]
fn a_total_is_a_whole_number_or_unknown() {
    for (total, read) in [("200", Some(200)), ("0", Some(0)), ("-1", None), ("12.5", None), ("many", None)] {
        assert_eq!(count(Some(total)), read);
    }
    assert_eq!(count(None), None);
}
