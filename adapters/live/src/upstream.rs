//! The upstream's addresses, how a request proves itself there, and what an address that is given offers.

use std::sync::Arc;

use http::HeaderName;
use http::header::{ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use livegate_core::{CallContext, Connection, ErpError, Operation, Result};
use livegate_http::{Auth, ClientCredentials, Endpoint, TokenSource, login_address};
use secrecy::{ExposeSecret, SecretString};

use crate::answer::{Success, Told, read};
use crate::question::Question;

/// The setting that holds each operation's address, in the order of [`Operation::ALL`].
const ADDRESSES: [&str; 5] = ["customer_balance_url", "orders_url", "order_url", "invoices_url", "invoice_url"];

/// Headers that every request has already.
const TAKEN: [HeaderName; 6] = [ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING];

/// The operations of every choice of addresses: row `n` begins with those whose bits are set in `n`.
static OFFERED: [[Operation; 5]; 32] = {
    let mut rows = [Operation::ALL; 32];
    let mut row = 0;
    while row < rows.len() {
        let (mut at, mut count) = (0, 0);
        while at < Operation::ALL.len() {
            if row >> at & 1 == 1 {
                rows[row][count] = Operation::ALL[at];
                count += 1;
            }
            at += 1;
        }
        row += 1;
    }
    rows
};

/// Where and how one upstream is asked.
pub(crate) struct Upstream {
    endpoints: [Option<Endpoint>; 5],
    success: Success,
}

impl Upstream {
    pub(crate) fn new(connection: &Connection) -> Result<Self> {
        let settings = &connection.settings;
        let auth = authenticate(connection)?;
        let mut endpoints = [const { None }; 5];
        for (endpoint, setting) in endpoints.iter_mut().zip(ADDRESSES) {
            let Some(url) = settings.text(setting) else { continue };
            let transport = Arc::clone(&connection.transport);
            *endpoint = Some(Endpoint::whole(setting, url, auth.clone(), "application/json", transport)?);
        }
        if endpoints.iter().all(Option::is_none) {
            return Err(ErpError::misconfigured(format!("no address is given: set {}", ADDRESSES.join(" or "))));
        }
        let success = if settings.text("success") == Some("body") { Success::Body } else { Success::Status };
        Ok(Self { endpoints, success })
    }

    /// The operations whose address is given.
    pub(crate) fn offered(&self) -> &'static [Operation] {
        let given = Operation::ALL.into_iter().filter(|operation| self.endpoint(*operation).is_some());
        let row = given.fold(0, |row, operation| row | 1 << operation as usize);
        &OFFERED[row][..row.count_ones() as usize]
    }

    /// Asks, and reads what is told; `None` where nothing is found.
    pub(crate) async fn ask<T: Told>(
        &self,
        cx: &CallContext,
        operation: Operation,
        question: &Question<'_>,
    ) -> Result<Option<T>> {
        let endpoint = self.endpoint(operation).ok_or_else(|| ErpError::unsupported(operation.title()))?;
        let body = endpoint.post(&[]).json(question).send(cx).await?;
        read(&body, self.success)
    }

    fn endpoint(&self, operation: Operation) -> Option<&Endpoint> {
        self.endpoints[operation as usize].as_ref()
    }
}

fn authenticate(connection: &Connection) -> Result<Auth> {
    let settings = &connection.settings;
    let missing = |name: &str| ErpError::misconfigured(format!("{name} is missing"));
    let secret = |name: &str| settings.secret(name).cloned().ok_or_else(|| missing(name));
    let exposed = |name: &str| secret(name).map(|secret: SecretString| secret.expose_secret().to_owned());
    Ok(match settings.text("auth") {
        Some("bearer") => Auth::Bearer(secret("token")?),
        Some("basic") => Auth::Basic { username: exposed("username")?, password: secret("password")? },
        Some("oauth2") => {
            let login = ClientCredentials {
                url: login_address("token_url", settings.text("token_url").ok_or_else(|| missing("token_url"))?)?,
                client_id: exposed("client_id")?,
                client_secret: secret("client_secret")?,
                scope: settings.text("scope").map(str::to_owned),
            };
            Auth::Tokens(TokenSource::new(Arc::new(login), Arc::clone(&connection.transport)))
        }
        _ => {
            let name = settings.text("header_name").unwrap_or("Authorization").trim();
            let name: HeaderName =
                name.parse().map_err(|_| ErpError::misconfigured("header_name is no header's name"))?;
            if TAKEN.contains(&name) {
                let message = format!("header_name cannot be {name}: requests use that header for something else");
                return Err(ErpError::misconfigured(message));
            }
            Auth::Header { name, value: secret("header_value")? }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_of_addresses_offers_its_operations() {
        for (row, operations) in OFFERED.iter().enumerate() {
            let offered = &operations[..row.count_ones() as usize];
            for (bit, operation) in Operation::ALL.into_iter().enumerate() {
                assert_eq!(operation as usize, bit);
                assert_eq!(offered.contains(&operation), row >> bit & 1 == 1, "{row}: {operation}");
            }
        }
    }
}
