use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use livegate_core::CustomerCode;
use livegate_tenants::{Credential, Tenant, TokenDigest};
use serde_json::{Value, json};

use crate::credentials::Presented;
use crate::gateway::Gateway;
use crate::live::{method_not_allowed, request_id};
use crate::problem::Problem;

/// Where the operator's API is.
pub(crate) const ROOT: &str = "/admin/v1";

/// The most that a request's body may have, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// What an operator may ask and do. Without an operator's token there is no such address.
pub(crate) fn routes(services: &mut ServiceConfig) {
    services
        .service(
            web::resource("/admin/v1/tenants/{id}/events")
                .route(web::get().to(events))
                .default_service(web::to(|gateway, request| refuse_method(gateway, request, "GET"))),
        )
        .service(
            web::resource("/admin/v1/tenants/{id}/cache/purge")
                .route(web::post().to(purge))
                .default_service(web::to(|gateway, request| refuse_method(gateway, request, "POST"))),
        )
        .service(web::resource("/admin/v1/{other:.*}").default_service(web::to(elsewhere)));
}

async fn events(gateway: Data<Gateway>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    let id = match tenant(&gateway, &request, &id) {
        Ok(tenant) => tenant.id.clone(),
        Err(problem) => return problem.respond(),
    };
    HttpResponse::Ok().json(json!({ "tenant": id.as_str(), "events": gateway.events.of(id.as_str()) }))
}

async fn purge(gateway: Data<Gateway>, request: HttpRequest, id: Path<String>, payload: Payload) -> HttpResponse {
    let tenant = match tenant(&gateway, &request, &id) {
        Ok(tenant) => tenant,
        Err(problem) => return problem.respond(),
    };
    let Ok(Ok(body)) = payload.to_bytes_limited(MAX_BODY).await else {
        let detail = format!("the body did not arrive whole, or has more than {MAX_BODY} bytes");
        return Problem::new("bad_request", detail, &request_id(&request)).respond();
    };
    let customer = match customer(&body) {
        Ok(customer) => customer,
        Err(detail) => {
            let code = if detail.starts_with("customer_code") { "invalid_query" } else { "bad_request" };
            return Problem::new(code, detail, &request_id(&request)).respond();
        }
    };
    let purged = gateway.purge(&tenant.id, customer.as_ref());
    tracing::info!(tenant = %tenant.id, purged, "the operator purged kept answers");
    HttpResponse::Ok().json(json!({ "tenant": tenant.id.as_str(), "purged": purged }))
}

/// Which customer's answers are to go; `None` for everyone's. A member that is not known may be a slip of the pen, and would
/// otherwise purge everything.
fn customer(body: &[u8]) -> Result<Option<CustomerCode>, String> {
    if body.trim_ascii().is_empty() {
        return Ok(None);
    }
    let shape = "the body must be empty, {} or {\"customer_code\": \"…\"}";
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return Err(shape.to_owned()) };
    if members.keys().any(|name| name != "customer_code") {
        return Err(shape.to_owned());
    }
    let code = match members.get("customer_code") {
        None => return Ok(None),
        Some(Value::String(code)) => code.clone(),
        Some(Value::Number(code)) if code.is_u64() => code.to_string(),
        Some(_) => return Err("customer_code must be a text".to_owned()),
    };
    CustomerCode::new(&code).map(Some).map_err(|problem| format!("customer_code {problem}"))
}

async fn refuse_method(gateway: Data<Gateway>, request: HttpRequest, allowed: &'static str) -> HttpResponse {
    match admitted(&gateway, &request) {
        Ok(()) => method_not_allowed(request, allowed).await,
        Err(problem) => problem.respond(),
    }
}

async fn elsewhere(gateway: Data<Gateway>, request: HttpRequest) -> HttpResponse {
    let problem = admitted(&gateway, &request).err().unwrap_or_else(|| {
        let detail =
            "there is nothing here; see POST /admin/v1/tenants/{id}/cache/purge and GET /admin/v1/tenants/{id}/events";
        Problem::new("not_found", detail, &request_id(&request))
    });
    problem.respond()
}

fn tenant(gateway: &Gateway, request: &HttpRequest, id: &str) -> Result<Arc<Tenant>, Problem> {
    admitted(gateway, request)?;
    let detail = "there is no tenant of that id; /readyz tells whether its file is broken";
    gateway.roster().tenant(id).cloned().ok_or_else(|| Problem::new("not_found", detail, &request_id(request)))
}

/// Lets in who shows the operator's token.
fn admitted(gateway: &Gateway, request: &HttpRequest) -> Result<(), Problem> {
    let Some(expected) = gateway.setup().config.admin_token else {
        let detail = "there is no operator's API: set [admin] token in livegate.toml";
        return Err(Problem::new("not_found", detail, &request_id(request)));
    };
    let presented = Presented::read(request.headers(), &[]);
    let is_operator = presented.is_some_and(|presented| match presented.credential() {
        Credential::Token(token) => TokenDigest::of(token).is(&expected),
        Credential::TenantToken { .. } => false,
    });
    if is_operator {
        return Ok(());
    }
    let detail = format!("{ROOT} needs the operator's token as `{}: Bearer <token>`", header::AUTHORIZATION);
    Err(Problem::new("unauthorized", detail, &request_id(request)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purge_names_one_customer_or_nobody() {
        let code = |body: &str| customer(body.as_bytes()).map(|found| found.map(|code| code.as_str().to_owned()));
        for body in ["", " ", "{}"] {
            assert_eq!(code(body), Ok(None), "{body}");
        }
        assert_eq!(code(r#"{"customer_code": " ACME "}"#), Ok(Some("ACME".to_owned())));
        assert_eq!(code(r#"{"customer_code": 4711}"#), Ok(Some("4711".to_owned())));
        for body in ["[]", "null", "\"ACME\"", "{", r#"{"customer": "ACME"}"#, r#"{"customer_code": "A", "all": true}"#]
        {
            assert!(code(body).unwrap_err().starts_with("the body must"), "{body}");
        }
        for body in [r#"{"customer_code": null}"#, r#"{"customer_code": " "}"#, r#"{"customer_code": ["A"]}"#] {
            assert!(code(body).unwrap_err().starts_with("customer_code"), "{body}");
        }
    }
}
