use super::data::{Calendar, Invoice, decimal, digits, thousandths};
use super::rendering::Value;

/// `CustomerPayment`: pending as long as it is not posted.
pub(super) struct Payment {
    pub batch: String,
    pub date: String,
    pub posted: Option<String>,
    pub total: String,
    pub reference: Option<&'static str>,
    pub details: Vec<Detail>,
}

/// What of a payment goes to an invoice, or to a deposit on a document of its own.
pub(super) struct Detail {
    invoice: Option<String>,
    deposit: Option<&'static str>,
    total: String,
    amount: String,
    balance: String,
}

impl Detail {
    pub(super) fn towards(invoice: &str, total: &str, amount: &str, balance: &str) -> Self {
        let [total, amount, balance] = [total, amount, balance].map(str::to_owned);
        Self { invoice: Some(invoice.to_owned()), deposit: None, total, amount, balance }
    }

    pub(super) fn deposit(document: &'static str, amount: &str) -> Self {
        let [total, amount, balance] = ["0.00", amount, "0.00"].map(str::to_owned);
        Self { invoice: None, deposit: Some(document), total, amount, balance }
    }

    fn value(&self) -> Value {
        let (code, what) = if self.deposit.is_some() { ("D", "Deposit") } else { ("P", "Payment") };
        Value::Object(vec![
            ("InvoiceId", self.invoice.as_deref().into()),
            ("TotalInvoiceAmt", decimal(&self.total)),
            ("PaymentAmount", decimal(&self.amount)),
            ("InvoiceBalance", decimal(&self.balance)),
            ("PaymentActionCode", code.into()),
            ("PaymentActionDesc", what.into()),
            ("DepositDoc", self.deposit.into()),
        ])
    }
}

impl Payment {
    pub(super) fn value(&self) -> Value {
        Value::Object(vec![
            ("BatchId", self.batch.as_str().into()),
            ("PaymentDate", self.date.as_str().into()),
            ("TotalPaymentAmt", decimal(&self.total)),
            ("ReferenceNum", self.reference.into()),
            ("PostedDate", self.posted.as_deref().into()),
            ("PaymentDetails", Value::List("PaymentDetail", self.details.iter().map(Detail::value).collect())),
        ])
    }

    fn posted(calendar: &Calendar, batch: &str, day: i32, details: Vec<Detail>) -> Self {
        Self {
            batch: batch.to_owned(),
            date: calendar.iso(day),
            posted: Some(calendar.iso(day + 1)),
            total: digits(details.iter().map(|detail| thousandths(&detail.amount)).sum()),
            reference: None,
            details,
        }
    }
}

/// One invoice paid in two parts, another at once, one still open; besides them what is no paid invoice of the payer.
pub(super) fn of_marina(calendar: &Calendar) -> Vec<Payment> {
    let posted = |batch, day, details| Payment::posted(calendar, batch, day, details);
    vec![
        posted("B-6001", -240, vec![Detail::towards("099500", "199.99", "99.99", "100.00")]),
        posted(
            "B-6002",
            -228,
            vec![
                Detail::towards("099500", "199.99", "100.00", "0.00"),
                Detail::towards("099120", "1450.00", "1450.00", "0.00"),
                Detail::towards("099120", "1450.00", "0.00", "0.00"),
            ],
        ),
        // Paid for the namesake.
        posted("B-6003", -150, vec![Detail::towards("0099500", "55.55", "55.55", "0.00")]),
        // A deposit names its document, here or as if it were an invoice.
        posted(
            "B-6004",
            -60,
            vec![
                Detail::deposit("WOD-501003", "300.00"),
                Detail { deposit: Some("SD-4410"), ..Detail::towards("SD-4410", "0.00", "80.00", "0.00") },
            ],
        ),
        posted("B-6005", -12, vec![Detail::towards("100250", "3000.00", "600.00", "2400.00")]),
    ]
}

/// Eighty payments, newest last, of five invoices each, and these 400 invoices, every one paid.
pub(super) fn of_history(calendar: &Calendar) -> (Vec<Payment>, Vec<Invoice>) {
    let invoices: Vec<Invoice> =
        (1..=400).map(|n| calendar.paid(&format!("{}", 900_000 + n), n - 430, &format!("{}.25", 100 + n))).collect();
    let payment = |(index, paid): (i32, &[Invoice])| {
        let details = paid.iter().map(|invoice| {
            let total = &invoice.original;
            Detail::towards(&invoice.id, total, total, "0.00")
        });
        Payment::posted(calendar, &format!("B-{}", 9000 + index), 5 * index - 425, details.collect())
    };
    ((0..).zip(invoices.chunks(5)).map(payment).collect(), invoices)
}
