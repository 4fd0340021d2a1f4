use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use livegate_tenants::Effect;
use serde_json::json;
use utoipa_swagger_ui::SwaggerUi;

use crate::gateway::Gateway;
use crate::live::{method_not_allowed, request_id};
use crate::openapi;
use crate::problem::Problem;

pub(crate) fn routes(services: &mut ServiceConfig) {
    services
        .service(get("/healthz").route(web::get().to(healthz)))
        .service(get("/readyz").route(web::get().to(readyz)))
        .service(get("/metrics").route(web::get().to(metrics)))
        .service(get("/docs").route(web::get().to(docs)))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", openapi::document()));
}

pub(crate) async fn not_found(request: HttpRequest) -> HttpResponse {
    let detail = "there is nothing here; see /healthz, /readyz, /metrics, /openapi.json and /docs";
    Problem::new("not_found", detail, &request_id(&request)).respond()
}

fn get(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(|request: HttpRequest| method_not_allowed(request, "GET")))
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// 200 as long as the process can serve: a broken tenant file is told, but it is no reason to take everyone down.
async fn readyz(gateway: Data<Gateway>) -> HttpResponse {
    let roster = gateway.roster();
    let broken: Vec<_> = roster
        .broken()
        .iter()
        .map(|broken| {
            let mistakes: Vec<String> = broken.mistakes.iter().map(ToString::to_string).collect();
            let tenant = broken.tenant.as_ref().map(ToString::to_string);
            let effect = match broken.effect {
                Effect::OlderVersion => "the last good version goes on",
                Effect::LeftOut => "there is no such tenant",
                Effect::TokenRefused => "a token of the file opens nothing",
                Effect::AllKept => "all tenants go on as they were",
            };
            json!({ "file": broken.file, "tenant": tenant, "effect": effect, "mistakes": mistakes })
        })
        .collect();
    let status = if gateway.is_draining() { "draining" } else { "ready" };
    let mistakes: Vec<String> = gateway.setup().mistakes.iter().map(ToString::to_string).collect();
    HttpResponse::Ok().json(json!({
        "status": status,
        "tenants": roster.tenants().len(),
        "broken_tenants": broken,
        "configuration_mistakes": mistakes,
    }))
}

async fn metrics(gateway: Data<Gateway>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8"))
        .body(gateway.metrics.text())
}

async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}
