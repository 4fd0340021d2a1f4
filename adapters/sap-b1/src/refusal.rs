//! What a question that is refused was refused for.

use bytes::Bytes;
use http::{Response, StatusCode};
use livegate_core::{CallContext, ErpError, ErrorKind, Result};
use livegate_http::{Request, classify};

use crate::session::error_code;

/// Sends a question for what is at `path`, and answers the body.
///
/// # Errors
/// What the transport answers, and [`refused`].
pub(crate) async fn ask(cx: &CallContext, path: &str, request: Request<'_>) -> Result<Bytes> {
    let answer = request.exchange(cx).await?;
    match refused(path, &answer) {
        None => Ok(answer.into_body()),
        Some(error) => Err(error),
    }
}

/// Why the answer to a question for `path` is none; `None` for one that is.
pub(crate) fn refused(path: &str, answer: &Response<Bytes>) -> Option<ErpError> {
    let error = classify(answer.status(), answer.headers())?;
    if lacks_a_right(answer) {
        let right = authorization(path);
        return Some(ErpError::new(
            ErrorKind::PermissionDenied,
            format!(
                "the connection's user may not read {path}: allow {right} in the Authorizations of SAP Business One, where \
                 Read Only is enough"
            ),
        ));
    }
    let property = Some(answer).filter(|answer| answer.status() == StatusCode::BAD_REQUEST).and_then(unknown_property);
    Some(match property {
        Some(property) => ErpError::misconfigured(format!(
            "this Service Layer knows no property {property} of {path}: it is of a version that livegate cannot read"
        )),
        None => error,
    })
}

/// Whether a right is missing. The codes of the product's own interface for that come with one status or another.
pub(crate) fn lacks_a_right(answer: &Response<Bytes>) -> bool {
    answer.status() == StatusCode::FORBIDDEN || matches!(error_code(answer.body()), Some(-3000 | -3001))
}

/// The authorization, as the product's window names it, of what the README says that it is for.
fn authorization(path: &str) -> &'static str {
    match path {
        "BusinessPartners" => "Business Partner Master Data",
        "Orders" => "Sales Order",
        "DeliveryNotes" => "Delivery",
        "Invoices" => "A/R Invoice",
        "CreditNotes" => "A/R Credit Memo",
        "DownPayments" => "A/R Down Payment Invoice",
        _ => "Company Details and General Settings",
    }
}

/// The property, among those that we ask for, that an error quotes. Whatever else it says stays inside.
fn unknown_property(answer: &Response<Bytes>) -> Option<&'static str> {
    error_code(answer.body())?;
    let text = String::from_utf8_lossy(answer.body());
    crate::api::PROPERTIES
        .iter()
        .flat_map(|names| names.iter())
        .find(|name| text.contains(&format!("'{name}'")))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Option<ErpError> {
        refused("Invoices", &Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap())
    }

    #[test]
    fn an_unknown_property_is_named_if_it_is_one_that_was_asked_for() {
        for message in [
            r#"{"error": {"code": 201, "message": {"value": "Property 'PaidToDateSys' of 'Document' is invalid"}}}"#,
            r#"{"error": {"code": "-1000", "message": "Property 'PaidToDateSys' of 'Document' is invalid"}}"#,
        ] {
            let error = told(400, message).unwrap();
            assert_eq!(error.kind(), ErrorKind::Misconfigured);
            assert!(error.message().contains("PaidToDateSys of Invoices"), "{error}");
        }
        for (status, message) in [
            (400, r#"{"error": {"code": 201, "message": "No 'Secret' of customer 'C20000'"}}"#),
            (400, "<html>'PaidToDateSys'</html>"),
            (500, r#"{"error": {"code": 201, "message": "'PaidToDateSys'"}}"#),
        ] {
            let error = told(status, message).unwrap();
            assert!(
                !["Secret", "C20000", "PaidToDateSys"].iter().any(|word| error.message().contains(word)),
                "{error}"
            );
        }
        assert!(told(200, r#"{"error": {"code": -3000}}"#).is_none(), "what is no refusal is read by others");
    }
}
