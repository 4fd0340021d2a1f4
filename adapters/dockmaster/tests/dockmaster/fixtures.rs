//! The marina of `fixtures/`, sent by a server as it stands, up to the figures of a Live answer.

use jiff::civil::date;
use jiff::tz::TimeZone;
use livegate_core::{Account, Amount};
use livegate_live::{Buckets, Figures, Rules, figures};
use wiremock::MockServer;

use crate::{Dealer, FORMATS, INQUIRY, INVOICES, RECORD, code, day, ok, server};

const MARINA: &str = "HB-1042";

/// A server that answers with the fixtures of `format`, whatever is asked.
pub async fn marina(format: &str) -> MockServer {
    let [inquiry, record, invoices] = match format {
        "json" => [
            include_str!("../../fixtures/marina.json"),
            include_str!("../../fixtures/customer.json"),
            include_str!("../../fixtures/invoices.json"),
        ],
        _ => [
            include_str!("../../fixtures/marina.xml"),
            include_str!("../../fixtures/customer.xml"),
            include_str!("../../fixtures/invoices.xml"),
        ],
    };
    server([("GET", INQUIRY, ok(inquiry)), ("GET", RECORD, ok(record)), ("POST", INVOICES, ok(invoices))]).await
}

fn amount(digits: &str) -> Amount {
    digits.parse().unwrap()
}

/// The figures on the day for which the fixtures were made.
fn on_the_day(account: &Account) -> Figures {
    let rules = Rules::default();
    let now = date(2026, 4, 1).at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    figures(&rules, account, now).unwrap()
}

#[tokio::test]
async fn both_formats_give_the_same_answers() {
    let mut answers = Vec::new();
    for format in FORMATS {
        let server = marina(format).await;
        let dealer = Dealer::connect(&server.uri(), &[("format", format)]);
        let account = dealer.account(MARINA).await.unwrap().unwrap();
        let invoices = dealer.invoices(MARINA).await.unwrap();
        let mut by_id = Vec::new();
        for id in ["INV-5011", "INV-5004", "INV-4100", "INV-9001", "INV-6001", "INV-6003", "INV-6004", "INV-6005"] {
            by_id.push(dealer.invoice(MARINA, id).await.unwrap().unwrap());
        }
        answers.push((account, invoices, by_id));
    }
    let (account, invoices, by_id) = &answers[0];
    assert_eq!(answers[0], answers[1]);
    assert_eq!((account.open_items.as_ref().unwrap().len(), invoices.len()), (16, 16));
    assert_eq!(account.last_payment_date, day("2026-03-18"));
    assert_eq!(invoices[2].due_date, day("2026-03-02"));
    assert_eq!(invoices[2].bill_to.as_ref().unwrap().address2.as_deref(), Some("Slip <7> & 8"));
    assert!(invoices[10].payment_pending && !invoices[1].payment_pending);
    assert_eq!(by_id[0].note.as_deref(), Some("Winter storage, four instalments"));
    assert_eq!((by_id[3].summary.owner.clone(), by_id[3].summary.bill_to.clone()), (Some(code("HB-1043")), None));
    let digits: Vec<_> = by_id[4..7].iter().map(|invoice| invoice.summary.balance.unwrap().to_string()).collect();
    assert_eq!(digits, ["0.10", "1234567890123456.78", "-0.005"]);
    assert_eq!((by_id[7].note.as_ref(), by_id[7].summary.due_date), (None, None));
}

#[tokio::test]
async fn what_is_due_follows_from_open_invoices_and_instalments() {
    for format in FORMATS {
        let server = marina(format).await;
        let shown = Dealer::connect(&server.uri(), &[("format", format)]);
        let figures = on_the_day(&shown.account(MARINA).await.unwrap().unwrap());
        assert_eq!(
            figures,
            Figures {
                balance: amount("8104.805"),
                buckets: Some(Buckets {
                    due_30: amount("1234.02"),
                    due_60: amount("2399.99"),
                    due_90: amount("865.10"),
                    due_120: amount("430.50"),
                    due_over_120: amount("89.95"),
                }),
                open_credits: Some(amount("150.255")),
                credit_available: Some(amount("6895.195")),
                last_payment_amount: Some(amount("649.95")),
            }
        );
        // 400.00 towards the instalments settles what is left of the first and a part of the second.
        let deducted = Dealer::connect(&server.uri(), &[("format", format), ("pending_payments", "deduct")]);
        let figures = on_the_day(&deducted.account(MARINA).await.unwrap().unwrap());
        assert_eq!(
            figures,
            Figures {
                balance: amount("7579.305"),
                buckets: Some(Buckets {
                    due_30: amount("1108.52"),
                    due_60: amount("2149.99"),
                    due_90: amount("715.10"),
                    due_120: amount("430.50"),
                    due_over_120: amount("89.95"),
                }),
                open_credits: Some(amount("150.255")),
                credit_available: Some(amount("7420.695")),
                last_payment_amount: Some(amount("649.95")),
            }
        );
    }
}
