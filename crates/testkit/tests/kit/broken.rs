//! The reference adapter with one thing wrong.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, AdapterKind, Amount, Answer, CallContext, Capabilities, CustomerCode, DocumentKey,
    ErpAdapter, ErpError, Invoice, InvoiceSummary, InvoicesQuery, Listing, Moment, Order, OrderSummary, OrdersQuery,
    Query, Result, Standing,
};

/// What is wrong.
#[derive(Clone, Copy)]
pub enum Fault {
    /// Another question is asked than was put.
    Question(fn(&mut Query)),
    /// The answer is told wrongly.
    Answer(fn(&Query, &mut Answer)),
    /// Success and failure are mixed up.
    Outcome(fn(&Query, Result<Answer>) -> Result<Answer>),
    /// It says something of itself that is not so.
    Says(fn(&mut Capabilities)),
    /// Something else is wrong with how it behaves.
    Behaves(Behaviour),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// A call that is given up leaves the connection busy.
    StaysBusy,
    /// A call that is given up leaves the others waiting for ever.
    Hangs,
    /// Two calls at the same time share where the customer is kept.
    MixesUp,
    /// Whoever asks gets the first customer's, as if it were theirs.
    FirstCustomer,
    /// Every answer is another one.
    Counts,
    /// Ping asks nobody.
    PingsNobody,
    /// Close waits for an answer that never comes.
    NeverCloses,
}

pub struct Broken {
    pub sound: Arc<dyn ErpAdapter>,
    pub fault: Fault,
    pub capabilities: Capabilities,
    busy: AtomicBool,
    calls: AtomicU32,
    customer: Mutex<Option<CustomerCode>>,
}

impl Broken {
    pub fn new(sound: Arc<dyn ErpAdapter>, fault: Fault) -> Self {
        let mut capabilities = sound.capabilities().clone();
        if let Fault::Says(says) = fault {
            says(&mut capabilities);
        }
        let (busy, calls, customer) = (AtomicBool::new(false), AtomicU32::new(0), Mutex::default());
        Self { sound, fault, capabilities, busy, calls, customer }
    }

    async fn ask(&self, cx: &CallContext, mut query: Query) -> Result<Answer> {
        let asked = query.clone();
        match self.fault {
            Fault::Question(change) => change(&mut query),
            Fault::Behaves(behaviour) => self.behave(behaviour, &mut query).await?,
            _ => {}
        }
        let outcome = self.sound.call(cx, &query).await.map(|reply| Arc::unwrap_or_clone(reply.answer));
        self.busy.store(false, Ordering::SeqCst);
        match self.fault {
            Fault::Answer(change) => outcome.map(|mut answer| {
                change(&asked, &mut answer);
                answer
            }),
            Fault::Outcome(change) => change(&asked, outcome),
            Fault::Behaves(Behaviour::FirstCustomer) => outcome.map(|mut answer| {
                owned_by(&mut answer, asked.customer());
                answer
            }),
            Fault::Behaves(Behaviour::Counts) => {
                let call = i64::from(self.calls.fetch_add(1, Ordering::SeqCst));
                let amount = Amount::parse(&call.to_string()).expect("a number is an amount");
                outcome.map(|mut answer| {
                    amounts(&mut answer, &mut |own| *own = own.map(|_| amount));
                    answer
                })
            }
            _ => outcome,
        }
    }

    async fn behave(&self, behaviour: Behaviour, query: &mut Query) -> Result<()> {
        match behaviour {
            Behaviour::StaysBusy | Behaviour::Hangs => {
                if self.busy.swap(true, Ordering::SeqCst) {
                    if behaviour == Behaviour::Hangs {
                        pending::<()>().await;
                    }
                    return Err(ErpError::internal("the connection is still busy with a call that nobody waits for"));
                }
            }
            Behaviour::MixesUp => {
                *self.customer.lock().unwrap() = Some(query.customer().clone());
                tokio::task::yield_now().await;
                let customer = self.customer.lock().unwrap().clone();
                *customer_of(query) = customer.expect("somebody has put one there");
            }
            Behaviour::FirstCustomer => *customer_of(query) = CustomerCode::new("NORTH-1").expect("a code"),
            Behaviour::Counts | Behaviour::PingsNobody | Behaviour::NeverCloses => {}
        }
        Ok(())
    }
}

#[async_trait]
impl ErpAdapter for Broken {
    fn kind(&self) -> &'static AdapterKind {
        self.sound.kind()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        match self.fault {
            Fault::Behaves(Behaviour::PingsNobody) => Ok(()),
            _ => self.sound.ping(cx).await,
        }
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        match self.ask(cx, Query::Account(query.clone())).await? {
            Answer::Account(account) => Ok(account),
            _ => Err(another()),
        }
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        match self.ask(cx, Query::Orders(query.clone())).await? {
            Answer::Orders(orders) => Ok(orders),
            _ => Err(another()),
        }
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Order>> {
        match self.ask(cx, Query::Order(key.clone())).await? {
            Answer::Order(order) => Ok(order),
            _ => Err(another()),
        }
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        match self.ask(cx, Query::Invoices(query.clone())).await? {
            Answer::Invoices(invoices) => Ok(invoices),
            _ => Err(another()),
        }
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        match self.ask(cx, Query::Invoice(key.clone())).await? {
            Answer::Invoice(invoice) => Ok(invoice),
            _ => Err(another()),
        }
    }

    async fn close(&self, cx: &CallContext) {
        if let Fault::Behaves(Behaviour::NeverCloses) = self.fault {
            pending::<()>().await;
        }
        self.sound.close(cx).await;
    }
}

fn another() -> ErpError {
    ErpError::internal("an answer to another question")
}

pub fn customer_of(query: &mut Query) -> &mut CustomerCode {
    match query {
        Query::Account(query) => &mut query.customer,
        Query::Orders(query) => &mut query.customer,
        Query::Invoices(query) => &mut query.customer,
        Query::Order(key) | Query::Invoice(key) => &mut key.customer,
    }
}

/// Nothing, in the shape in which this question is answered.
pub fn nothing(query: &Query) -> Answer {
    match query {
        Query::Account(_) => Answer::Account(None),
        Query::Orders(_) => Answer::Orders(Listing::Complete(Vec::new())),
        Query::Order(_) => Answer::Order(None),
        Query::Invoices(_) => Answer::Invoices(Listing::Complete(Vec::new())),
        Query::Invoice(_) => Answer::Invoice(None),
    }
}

/// The headers of all orders in an answer.
pub fn order_headers(answer: &mut Answer) -> Vec<&mut OrderSummary> {
    match answer {
        Answer::Orders(listing) => listing.items_mut().iter_mut().collect(),
        Answer::Order(order) => order.as_mut().map(|order| &mut order.summary).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The headers of all invoices in an answer.
pub fn invoice_headers(answer: &mut Answer) -> Vec<&mut InvoiceSummary> {
    match answer {
        Answer::Invoices(listing) => listing.items_mut().iter_mut().collect(),
        Answer::Invoice(invoice) => invoice.as_mut().map(|invoice| &mut invoice.summary).into_iter().collect(),
        _ => Vec::new(),
    }
}

pub fn owned_by(answer: &mut Answer, owner: &CustomerCode) {
    if let Answer::Account(Some(account)) = answer {
        account.owner = Some(owner.clone());
    }
    order_headers(answer).into_iter().for_each(|order| order.owner = Some(owner.clone()));
    invoice_headers(answer).into_iter().for_each(|invoice| invoice.owner = Some(owner.clone()));
}

pub fn all_issued(answer: &mut Answer) {
    order_headers(answer).into_iter().for_each(|order| order.standing = Standing::Issued);
    invoice_headers(answer).into_iter().for_each(|invoice| invoice.standing = Standing::Issued);
}

/// Every amount in an answer, unknown ones too.
pub fn amounts(answer: &mut Answer, change: &mut dyn FnMut(&mut Option<Amount>)) {
    if let Answer::Account(Some(account)) = answer {
        if let Some(stated) = &mut account.balance {
            let mut balance = Some(stated.amount);
            change(&mut balance);
            stated.amount = balance.unwrap_or_default();
        }
        change(&mut account.last_payment_amount);
        change(&mut account.credit_limit);
    }
    for order in order_headers(answer) {
        for amount in [&mut order.discount_total, &mut order.sub_total, &mut order.tax_total, &mut order.total] {
            change(amount);
        }
    }
    for invoice in invoice_headers(answer) {
        let InvoiceSummary { discount_total, sub_total, tax_total, total, balance, .. } = invoice;
        [discount_total, sub_total, tax_total, total, balance].into_iter().for_each(&mut *change);
    }
}

/// Every date in an answer, unknown ones too.
pub fn dates(answer: &mut Answer, change: &dyn Fn(&mut Option<Moment>)) {
    if let Answer::Account(Some(account)) = answer {
        change(&mut account.last_charge_date);
        change(&mut account.last_sale_date);
        change(&mut account.last_payment_date);
    }
    for order in order_headers(answer) {
        change(&mut order.order_date);
        change(&mut order.ship_date);
    }
    for invoice in invoice_headers(answer) {
        change(&mut invoice.invoice_date);
        change(&mut invoice.due_date);
    }
}
