use std::net::SocketAddr;

/// A running stand-in for an ERP on loopback. Dropping it stops it.
pub struct Simulator {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<Box<dyn FnOnce() + Send>>,
}

impl Simulator {
    /// A simulator at `address` that `stop` ends.
    #[must_use]
    pub fn new(address: SocketAddr, stop: impl FnOnce() + Send + 'static) -> Self {
        Self { address, stop: Some(Box::new(stop)) }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop();
        }
    }
}

/// A tenant of the demo, connected to the adapter's simulator.
#[derive(Clone, Copy, Debug)]
pub struct DemoTenant {
    /// The tenant's id.
    pub id: &'static str,
    /// The tenant's name.
    pub title: &'static str,
    /// Settings by name; `{address}` stands for the simulator's `IP:port`.
    pub settings: &'static [(&'static str, &'static str)],
    /// Secrets by name, as the simulator knows them.
    pub secrets: &'static [(&'static str, &'static str)],
    /// A customer who owes something.
    pub customer_code: &'static str,
    /// An order of that customer, where the adapter offers orders.
    pub order_id: Option<&'static str>,
    /// An invoice of that customer.
    pub invoice_id: Option<&'static str>,
}
