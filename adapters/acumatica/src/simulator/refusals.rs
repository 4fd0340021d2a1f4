use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use serde_json::{Value as Json, json};

use super::LimitTold;
use super::sessions::Refused;

/// An answer that is none.
pub(super) struct Refusal {
    status: StatusCode,
    media_type: &'static str,
    location: Option<&'static str>,
    body: String,
}

impl Refusal {
    pub(super) fn json(status: StatusCode, body: &Json) -> Self {
        Self { status, media_type: "application/json; charset=utf-8", location: None, body: body.to_string() }
    }

    /// What the web server says by itself.
    pub(super) fn page(status: StatusCode, text: &str) -> Self {
        Self { status, media_type: "text/html", location: None, body: format!("<html><body>{text}</body></html>") }
    }

    pub(super) fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        response.content_type(self.media_type).body(self.body)
    }

    /// Why nobody is let in.
    pub(super) fn at_the_door(refused: Refused, limit_told: LimitTold) -> Self {
        let told = |kind, message: &str| Self::exception(StatusCode::INTERNAL_SERVER_ERROR, kind, message);
        match (refused, limit_told) {
            (Refused::Limit, LimitTold::Exception) => told("PX.Data.PXException", "Error: API Login Limit"),
            (Refused::Limit, LimitTold::Status) => Self::page(StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            (Refused::Limit, LimitTold::Redirect) => Self {
                location: Some(
                    "/Frames/Error.aspx?typeID=error&message=The+number+of+concurrent+API+logins+has+been+reached.",
                ),
                ..Self::page(StatusCode::FOUND, "Object moved")
            },
            (Refused::Locked, _) => {
                told("PX.Data.PXException", "Error: Your account is locked out. Contact your administrator.")
            }
            (Refused::Tenant, _) => {
                told("PX.Data.PXUndefinedCompanyException", "A proper company ID cannot be determined for the request.")
            }
            (Refused::Branch, _) => {
                told("PX.Data.PXException", "Error: You have insufficient rights to access the branch.")
            }
            _ => told("PX.Data.PXException", "Error: Invalid credentials. Please try again."),
        }
    }

    pub(super) fn exception(status: StatusCode, kind: &str, message: &str) -> Self {
        let told = json!({
            "message": "An error has occurred.",
            "exceptionMessage": message,
            "exceptionType": kind,
            "stackTrace": "   at PX.Api.ContractBased.Soap.SoapFacadeBase.GetListImpl(Entity entity)\r\n",
        });
        Self::json(status, &told)
    }

    pub(super) fn no_entity(status: u16) -> Self {
        let message = "No entity satisfies the condition.";
        match status {
            404 => Self::json(StatusCode::NOT_FOUND, &json!({ "message": message })),
            _ => Self::exception(
                StatusCode::INTERNAL_SERVER_ERROR,
                "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException",
                message,
            ),
        }
    }

    /// A field or part that the entity does not have.
    pub(super) fn no_key() -> Self {
        Self::exception(
            StatusCode::INTERNAL_SERVER_ERROR,
            "System.Collections.Generic.KeyNotFoundException",
            "The given key was not present in the dictionary.",
        )
    }

    pub(super) fn no_resource() -> Self {
        let message = "No HTTP resource was found that matches the request URI.";
        Self::json(StatusCode::NOT_FOUND, &json!({ "message": message }))
    }

    pub(super) fn bad_request() -> Self {
        Self::json(StatusCode::BAD_REQUEST, &json!({ "message": "The request is invalid.", "modelState": {} }))
    }

    /// What the web server says of a path before Acumatica is asked.
    pub(super) fn dangerous() -> Self {
        Self::page(StatusCode::BAD_REQUEST, "A potentially dangerous Request.Path value was detected")
    }
}
