//! What becomes of the settings and secrets when a connection is made.

use std::collections::BTreeMap;

use http::header::AUTHORIZATION;
use livegate_core::{ErpError, Result, Settings};
use livegate_http::{Auth, is_one_segment};
use secrecy::{ExposeSecret, SecretString};

use crate::wire::Key;

/// The template's eleven resources by their own names.
const TEMPLATE: [&str; 11] = [
    "customers",
    "vendors",
    "product-bills",
    "expense-bills",
    "product-invoices",
    "expense-invoices",
    "product-purchase-orders",
    "expense-purchase-orders",
    "sales-orders",
    "ar-payments",
    "ledger-accounts",
];

/// What the tenant's organisation calls the resources that it has renamed.
#[derive(Debug, Default)]
pub(crate) struct Resources(BTreeMap<String, String>);

impl Resources {
    /// # Errors
    /// `misconfigured` for a key that is none of the template's resources, and for a name that is no path.
    pub(crate) fn read(settings: &Settings) -> Result<Self> {
        let given = settings.map("resources").cloned().unwrap_or_default();
        for (own, name) in &given {
            if !TEMPLATE.contains(&own.as_str()) {
                let known = TEMPLATE.join(", ");
                return Err(ErpError::misconfigured(format!(
                    "settings.resources has {own:?}, which is no resource of the template: those are {known}"
                )));
            }
            if !name.split('/').all(is_one_segment) {
                return Err(ErpError::misconfigured(format!(
                    "settings.resources.{own} is no path: write the resource's name, such as {own} = \"{own}\""
                )));
            }
        }
        Ok(Self(given))
    }

    /// The name under which a resource of the template is asked for.
    pub(crate) fn name<'a>(&'a self, resource: &'a str) -> &'a str {
        self.0.get(resource).map_or(resource, String::as_str)
    }
}

/// A setting that chooses one of a document's or customer's two numbers.
pub(crate) fn key(settings: &Settings, name: &str) -> Key {
    if settings.text(name) == Some("externalId") { Key::ExternalId } else { Key::Id }
}

/// The header that proves who asks: three secrets in one, or a bearer token.
///
/// # Errors
/// `misconfigured`, naming what is missing, too many, or of no use in a header of three parts.
pub(crate) fn authenticate(settings: &Settings) -> Result<Auth> {
    let parts = [("User", "user_secret"), ("Organization", "organization_secret"), ("Element", "element_token")];
    let given = parts.iter().filter(|(_, name)| settings.secret(name).is_some()).count();
    if let Some(bearer) = settings.secret("bearer") {
        return match given {
            0 => Ok(Auth::Bearer(bearer.clone())),
            _ => Err(ErpError::misconfigured(
                "secrets has both bearer and parts of the three-part header: keep bearer alone, or user_secret, \
                 organization_secret and element_token",
            )),
        };
    }
    let missing: Vec<&str> =
        parts.iter().map(|(_, name)| *name).filter(|name| settings.secret(name).is_none()).collect();
    if !missing.is_empty() {
        let missing = missing.join(" and ");
        let instead = if given == 0 { "; or give bearer in place of all three" } else { "" };
        return Err(ErpError::misconfigured(format!("secrets has no {missing}: the header needs all three{instead}")));
    }
    let mut header = Vec::with_capacity(parts.len());
    for (word, name) in parts {
        let secret = settings.secret(name).map(ExposeSecret::expose_secret).unwrap_or_default();
        // A comma would end the part, and so might a space.
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') {
            return Err(ErpError::misconfigured(format!(
                "secrets.{name} has a comma, a space, a line break or another character that its header cannot carry: \
                 paste it again"
            )));
        }
        header.push(format!("{word} {secret}"));
    }
    Ok(Auth::Header { name: AUTHORIZATION, value: SecretString::from(header.join(", ")) })
}
