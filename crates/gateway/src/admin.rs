use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, guard, web};
use livegate_tenants::Effect;
use serde_json::json;
use utoipa_swagger_ui::Config;

use crate::gateway::Gateway;
use crate::live::{method_not_allowed, request_id};
use crate::problem::Problem;
use crate::{openapi, operator};

pub(crate) fn routes(services: &mut ServiceConfig) {
    let pages = Arc::new(Config::from("/openapi.json"));
    let document: Bytes = openapi::document().to_pretty_json().unwrap_or_default().into();
    services
        .service(get("/healthz", || async { healthz() }))
        .service(get("/readyz", readyz))
        .service(get("/metrics", metrics))
        .service(get("/openapi.json", move || {
            let document = document.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(document) }
        }))
        .service(get("/docs", {
            let pages = Arc::clone(&pages);
            move |request: HttpRequest| page(Arc::clone(&pages), request)
        }))
        .service(get("/docs/{file:.*}", move |request: HttpRequest| page(Arc::clone(&pages), request)))
        .configure(operator::routes);
}

pub(crate) async fn not_found(request: HttpRequest) -> HttpResponse {
    let detail = "there is nothing here; see /healthz, /readyz, /metrics, /openapi.json and /docs";
    Problem::new("not_found", detail, &request_id(&request)).respond()
}

/// An address that takes GET, and HEAD as load balancers ask.
fn get<H, A>(path: &str, handler: H) -> Resource
where
    H: Handler<A>,
    A: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler))
        .default_service(web::to(|request: HttpRequest| method_not_allowed(request, "GET, HEAD")))
}

fn healthz() -> HttpResponse {
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
    let mut body = json!({
        "status": status,
        "tenants": roster.tenants().len(),
        "broken_tenants": broken,
        "configuration_mistakes": mistakes,
    });
    if let Some(reason) = gateway.no_tenant() {
        body["no_tenant_because"] = reason.into();
    }
    HttpResponse::Ok().json(body)
}

async fn metrics(gateway: Data<Gateway>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8"))
        .body(gateway.metrics.text())
}

/// The page that shows the description, and what it is made of; all of it is in the binary.
async fn page(pages: Arc<Config<'static>>, request: HttpRequest) -> HttpResponse {
    let file = request.match_info().get("file").unwrap_or_default();
    match utoipa_swagger_ui::serve(if file.is_empty() { "index.html" } else { file }, pages) {
        Ok(Some(found)) if request.match_info().get("file").is_none() => {
            // At /docs itself, what the page names beside it lies one level deeper.
            let text =
                String::from_utf8_lossy(&found.bytes).replace("=\"./", "=\"docs/").replace("=\"index", "=\"docs/index");
            HttpResponse::Ok().content_type(found.content_type).body(text)
        }
        Ok(Some(found)) => HttpResponse::Ok().content_type(found.content_type).body(found.bytes.into_owned()),
        _ => not_found(request).await,
    }
}
