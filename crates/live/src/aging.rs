use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use livegate_core::{Account, Amount, AmountError, Currency, ErpError, ErrorKind, OpenItem, Result, Stated};

use crate::rules::Rules;

/// What a balance response says in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// What the customer owes, less open credits.
    pub balance: Amount,
    /// What is past due, by age; `None` unless every open item's age is known.
    pub buckets: Option<Buckets>,
    /// Open credits, positive; `None` unless the open items are known.
    pub open_credits: Option<Amount>,
    /// The credit limit less the balance; `None` without a known limit.
    pub credit_available: Option<Amount>,
    /// What the customer paid last, where that is in our currency.
    pub last_payment_amount: Option<Amount>,
}

/// What is past due, by days past due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// 1 to 30 days.
    pub due_30: Amount,
    /// 31 to 60 days.
    pub due_60: Amount,
    /// 61 to 90 days.
    pub due_90: Amount,
    /// 91 to 120 days.
    pub due_120: Amount,
    /// More than 120 days.
    pub due_over_120: Amount,
}

impl Buckets {
    /// The sum of all, which is `total_due`.
    ///
    /// # Errors
    /// [`AmountError::TooManyDigits`].
    pub fn total(&self) -> Result<Amount, AmountError> {
        Amount::sum([self.due_30, self.due_60, self.due_90, self.due_120, self.due_over_120])
    }

    fn add(&mut self, days_past_due: i32, amount: Amount) -> Result<(), AmountError> {
        let bucket = match days_past_due {
            ..=0 => return Ok(()),
            1..=30 => &mut self.due_30,
            31..=60 => &mut self.due_60,
            61..=90 => &mut self.due_90,
            91..=120 => &mut self.due_120,
            _ => &mut self.due_over_120,
        };
        *bucket = bucket.plus(amount)?;
        Ok(())
    }
}

/// The figures of an account as of `now`. The ERP's own figures win; the others follow from the open items.
///
/// # Errors
/// `unsupported` where a balance would have to add different currencies, `malformed` where it is neither stated nor
/// computable or where a sum has more than 28 digits.
pub fn figures(rules: &Rules, account: &Account, now: Timestamp) -> Result<Figures> {
    let customers = account.currency.as_ref();
    let ours = rules.currency.as_ref().or(customers);
    let ledger = account.open_items.as_deref().and_then(|items| Ledger::read(items, ours, customers));
    let balance = match account.balance.as_ref().and_then(|stated| in_ours(stated, ours, customers)) {
        Some(balance) => balance,
        None => match &ledger {
            Some(ledger) => ledger.balance().map_err(too_many_digits)?,
            None => return Err(no_balance(account, ours)),
        },
    };
    let own_currency = ours.is_none() || customers.is_none() || ours == customers;
    let today = rules.time_zone.to_datetime(now).date();
    let stated = account.aging.as_ref().filter(|_| own_currency).map(|aging| Buckets {
        due_30: aging.days_1_to_30,
        due_60: aging.days_31_to_60,
        due_90: aging.days_61_to_90,
        due_120: aging.days_91_to_120,
        due_over_120: aging.over_120_days,
    });
    let buckets = match (stated, &ledger) {
        (Some(stated), _) => Some(stated),
        (None, Some(ledger)) => ledger.buckets(today, &rules.time_zone).map_err(too_many_digits)?,
        (None, None) => None,
    };
    let open_credits = match (account.open_credits.filter(|_| own_currency), &ledger) {
        (Some(stated), _) => Some(stated),
        (None, Some(ledger)) => Some(ledger.credits().map_err(too_many_digits)?),
        (None, None) => None,
    };
    let credit_available = match (account.credit_available, account.credit_limit) {
        _ if !own_currency => None,
        (Some(stated), _) => Some(stated),
        (None, Some(limit)) => Some(limit.minus(balance).map_err(too_many_digits)?),
        (None, None) => None,
    };
    let last_payment_amount = account.last_payment_amount.filter(|_| own_currency);
    Ok(Figures { balance, buckets, open_credits, credit_available, last_payment_amount })
}

/// The open items, all in one currency.
struct Ledger<'a> {
    items: Vec<(&'a OpenItem, Amount)>,
    /// The customer's own currency is not that of the answer, so instalments cannot be counted as they stand.
    foreign: bool,
}

impl<'a> Ledger<'a> {
    /// `None` where an item is not stated in our currency, or where it is not known which one that is.
    fn read(items: &'a [OpenItem], ours: Option<&Currency>, customers: Option<&Currency>) -> Option<Self> {
        // Without any currency of ours, an item that names none may be in any.
        let single = || {
            let mut named = items.iter().map(|item| item.balance.currency.as_ref());
            let first = named.next().flatten();
            named.all(|other| other == first).then_some(first)
        };
        let ours = match ours {
            Some(ours) => Some(ours),
            None => single()?,
        };
        let counted = items.iter().map(|item| Some((item, in_ours(&item.balance, ours, customers)?)));
        let foreign = items.iter().any(|item| {
            !item.instalments.is_empty()
                && item.balance.currency.as_ref().or(customers).is_some_and(|own| Some(own) != ours)
        });
        Some(Self { items: counted.collect::<Option<_>>()?, foreign })
    }

    fn balance(&self) -> Result<Amount, AmountError> {
        Amount::sum(self.items.iter().map(|(_, balance)| *balance))
    }

    fn credits(&self) -> Result<Amount, AmountError> {
        Amount::sum(self.items.iter().filter(|(_, balance)| balance.is_negative()).map(|(_, balance)| balance.abs()))
    }

    /// `None` where an open item, or an open part of one, has no readable date.
    fn buckets(&self, today: Date, zone: &TimeZone) -> Result<Option<Buckets>, AmountError> {
        let mut buckets = Buckets::default();
        if self.foreign {
            return Ok(None);
        }
        for (item, balance) in &self.items {
            for (due, amount) in parts(item, *balance, zone)? {
                // What is settled is not open, so its date does not matter.
                if amount.is_zero() {
                    continue;
                }
                let Some(due) = due else { return Ok(None) };
                if !amount.is_negative() {
                    buckets.add((today - due).get_days(), amount)?;
                }
            }
        }
        Ok(Some(buckets))
    }
}

/// What of an item is due when. The parts sum to the item's balance: payments settle the oldest instalment first, and
/// what the instalments do not cover is due with the invoice itself.
fn parts(item: &OpenItem, balance: Amount, zone: &TimeZone) -> Result<Vec<(Option<Date>, Amount)>, AmountError> {
    let own = item.due_date.or(item.document_date).map(|date| date.day(zone));
    if balance.is_negative() {
        return Ok(vec![(own, balance)]);
    }
    let mut parts: Vec<_> = item
        .instalments
        .iter()
        .filter(|instalment| !instalment.open().is_negative())
        .map(|instalment| (instalment.due_date.map(|date| date.day(zone)), instalment.open()))
        .collect();
    // The sort is stable: instalments due on one day, or without a day, stay in the ERP's order.
    parts.sort_by_key(|(due, _)| (due.is_none(), *due));
    let mut paid = Amount::sum(parts.iter().map(|(_, amount)| *amount))?.minus(balance)?;
    if paid.is_negative() {
        parts.push((own, paid.abs()));
        return Ok(parts);
    }
    for (_, amount) in &mut parts {
        let settled = paid.min(*amount);
        *amount = amount.minus(settled)?;
        paid = paid.minus(settled)?;
    }
    Ok(parts)
}

fn in_ours(stated: &Stated, ours: Option<&Currency>, customers: Option<&Currency>) -> Option<Amount> {
    match ours {
        Some(ours) => stated.in_currency(ours, customers),
        None => Some(stated.amount),
    }
}

fn no_balance(account: &Account, ours: Option<&Currency>) -> ErpError {
    let items = account.open_items.iter().flatten().map(|item| &item.balance);
    let mut named: BTreeSet<&str> = items
        .chain(account.balance.as_ref())
        .filter_map(|stated| stated.currency.as_ref().or(account.currency.as_ref()))
        .map(Currency::as_str)
        .collect();
    named.extend(ours.map(Currency::as_str));
    if account.open_items.is_some() || named.len() > 1 {
        let named = named.into_iter().collect::<Vec<_>>().join(", ");
        return ErpError::new(
            ErrorKind::Unsupported,
            format!("this customer's balance would have to add amounts of different or unknown currencies ({named})"),
        );
    }
    ErpError::malformed("the ERP's answer has neither a balance nor the open items to compute it from")
}

fn too_many_digits(error: AmountError) -> ErpError {
    ErpError::malformed(format!("a sum of the ERP's amounts has {error}"))
}
