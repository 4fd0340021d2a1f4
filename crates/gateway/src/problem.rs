use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use livegate_core::{ErpError, ErrorKind};
use livegate_live::RequestError;
use serde::Serialize;
use utoipa::ToSchema;

/// What a caller is told to wait where the ERP does not say.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(5);

/// An error as the caller gets it (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `urn:livegate:error:` and the code.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "urn:livegate:error:invalid_query")]
    problem_type: Box<str>,
    /// The code in words.
    #[schema(example = "The request has an invalid value")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What went wrong this time, and what to do about it.
    #[schema(value_type = String, example = "customer_code is required and must not be blank")]
    detail: Box<str>,
    /// What went wrong, for programs.
    #[schema(example = "invalid_query")]
    code: &'static str,
    /// Ties this answer to the log.
    #[schema(value_type = String)]
    request_id: Box<str>,
    /// The member of the request that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "customer_code")]
    field: Option<&'static str>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, detail: impl Into<String>, request_id: &str) -> Self {
        let (status, title) = meaning(code);
        Self {
            problem_type: format!("urn:livegate:error:{code}").into(),
            title,
            status,
            detail: detail.into().into(),
            code,
            request_id: request_id.into(),
            field: None,
            retry_after: None,
        }
    }

    pub(crate) fn rejected(error: &RequestError, request_id: &str) -> Self {
        Self { field: error.field, ..Self::new(error.code, error.detail.clone(), request_id) }
    }

    pub(crate) fn failed(error: &ErpError, request_id: &str) -> Self {
        let told = error.retry_after().filter(|_| error.kind().status() == 503);
        let retry_after = told.or((error.kind().status() == 503).then_some(DEFAULT_RETRY_AFTER));
        Self { field: error.field(), retry_after, ..Self::new(error.kind().code(), error.message(), request_id) }
    }

    pub(crate) fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn respond(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header(("x-request-id", &*self.request_id));
        if status == StatusCode::UNAUTHORIZED {
            response.append_header((header::WWW_AUTHENTICATE, r#"Bearer realm="livegate""#));
            response.append_header((header::WWW_AUTHENTICATE, r#"Basic realm="livegate", charset="UTF-8""#));
        }
        if let Some(wait) = self.retry_after {
            // Rounded up: who waits for 1.2 s must not come after one.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds.max(1)));
        }
        response.body(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Status and title of every code that an answer may carry.
fn meaning(code: &str) -> (u16, &'static str) {
    match code {
        "bad_request" => (400, "The request is not a JSON object"),
        "unauthorized" => (401, "The token is missing or unknown"),
        "insufficient_scope" => (403, "The token does not allow this"),
        "not_found" => (404, "There is nothing at this address"),
        "method_not_allowed" => (405, "This address does not take this method"),
        "payload_too_large" => (413, "The request is too large"),
        "too_many_requests" => (429, "Too many requests"),
        code => match ErrorKind::ALL.into_iter().find(|kind| kind.code() == code) {
            Some(kind) => (kind.status(), title(kind)),
            None => (500, "Something went wrong in the gateway"),
        },
    }
}

fn title(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unsupported => "This ERP connection does not offer that",
        ErrorKind::InvalidQuery => "The request has an invalid value",
        ErrorKind::CredentialsRejected => "The ERP refused the tenant's credentials",
        ErrorKind::PermissionDenied => "The ERP user lacks a right",
        ErrorKind::Misconfigured => "The ERP connection is not set up right",
        ErrorKind::RateLimited => "The ERP asks to slow down",
        ErrorKind::Unreachable => "The ERP cannot be reached",
        ErrorKind::Timeout => "The ERP did not answer in time",
        ErrorKind::Unavailable => "The ERP failed",
        ErrorKind::Malformed => "The ERP's answer cannot be understood",
        ErrorKind::TooLarge => "The ERP's answer is too large",
        ErrorKind::Overloaded => "Too many calls wait for this ERP",
        ErrorKind::CircuitOpen => "The ERP is given a pause after failures",
        ErrorKind::Internal => "Something went wrong in the gateway",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_answered_with_its_own_status_and_only_503_tells_when_to_come_back() {
        for kind in ErrorKind::ALL {
            let error = ErpError::new(kind, "why").with_retry_after(Duration::from_millis(7_100));
            let response = Problem::failed(&error, "r1").respond();
            assert_eq!(response.status().as_u16(), kind.status(), "{kind}");
            let wait = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(wait.as_deref(), (kind.status() == 503).then_some("8"), "{kind}");
        }
    }

    #[test]
    fn a_problem_names_its_code_its_field_and_its_request() {
        let error = RequestError { code: "invalid_query", field: Some("per_page"), detail: "too many".to_owned() };
        let problem = serde_json::to_value(Problem::rejected(&error, "r1")).unwrap();
        assert_eq!(
            problem,
            serde_json::json!({"type": "urn:livegate:error:invalid_query", "title": "The request has an invalid value",
                "status": 400, "detail": "too many", "code": "invalid_query", "request_id": "r1", "field": "per_page"})
        );
    }
}
