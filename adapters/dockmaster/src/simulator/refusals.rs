use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::endpoints::Answer;
use super::rendering::{Document, Value};

/// An answer that is none, mostly in the words of ASP.NET Web API.
pub(super) struct Refusal {
    pub status: StatusCode,
    pub answer: Answer,
    pub header: Option<(&'static str, &'static str)>,
}

impl Refusal {
    fn new(status: StatusCode, message: &str) -> Self {
        Self::error(status, vec![("Message", message.into())])
    }

    fn error(status: StatusCode, members: Vec<(&'static str, Value)>) -> Self {
        let document = Document { root: "Error", namespace: None, value: Value::Object(members) };
        Self { status, answer: Answer::Document(document), header: None }
    }

    pub(super) fn no_resource(request: &HttpRequest, path: &[String]) -> Self {
        let info = request.connection_info();
        let uri = format!("{}://{}{}", info.scheme(), info.host(), request.uri());
        let detail = match path.get(2).map(|area| area.to_ascii_lowercase()).as_deref() {
            Some("ar") => "No action was found on the controller 'AR' that matches the request.".to_owned(),
            Some("customers") => {
                "No action was found on the controller 'Customers' that matches the request.".to_owned()
            }
            Some("service") => {
                "No action was found on the controller 'WorkOrders' that matches the request.".to_owned()
            }
            Some(area) => format!("No type was found that matches the controller named '{area}'."),
            None => "No route data was found for this request.".to_owned(),
        };
        let message = format!("No HTTP resource was found that matches the request URI '{uri}'.");
        let members = vec![("Message", Value::Text(message)), ("MessageDetail", Value::Text(detail))];
        Self::error(StatusCode::NOT_FOUND, members)
    }

    pub(super) fn unknown(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, &format!("{what} '{id}' was not found."))
    }

    /// The refusal of a v2 login, as OAuth writes it.
    pub(super) fn oauth(error: &str, description: Option<&str>) -> Self {
        let mut body = json!({ "error": error });
        if let Some(description) = description {
            body["error_description"] = description.into();
        }
        Self { status: StatusCode::BAD_REQUEST, answer: Answer::Json(body), header: None }
    }

    /// The newer API refuses in plain text.
    pub(super) fn login(words: &str) -> Self {
        Self::text(StatusCode::UNAUTHORIZED, words)
    }

    pub(super) fn no_system() -> Self {
        Self::text(StatusCode::BAD_REQUEST, "The X-DM_SYSTEM_ID header is required.")
    }

    pub(super) fn unknown_system() -> Self {
        Self::text(StatusCode::FORBIDDEN, "The user has no access to this system.")
    }

    fn text(status: StatusCode, words: &str) -> Self {
        Self { status, answer: Answer::Text(words.to_owned()), header: None }
    }

    pub(super) fn invalid() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The request is invalid.")
    }

    pub(super) fn unsupported_media(media_type: &str) -> Self {
        let message = format!("The request entity's media type '{media_type}' is not supported for this resource.");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, &message)
    }

    pub(super) fn method(method: &Method, allow: &'static str) -> Self {
        let message = format!("The requested resource does not support http method '{method}'.");
        Self { header: Some(("Allow", allow)), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, &message) }
    }

    pub(super) fn unauthorized() -> Self {
        let message = "Authorization has been denied for this request.";
        Self { header: Some(("WWW-Authenticate", "Bearer")), ..Self::new(StatusCode::UNAUTHORIZED, message) }
    }

    /// A failure that was ordered.
    pub(super) fn failed(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match status {
            StatusCode::UNAUTHORIZED => Self::unauthorized(),
            StatusCode::INTERNAL_SERVER_ERROR => Self::new(status, "An error has occurred."),
            _ => Self::new(status, status.canonical_reason().unwrap_or("An error has occurred.")),
        }
    }
}
