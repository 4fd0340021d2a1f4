use std::sync::atomic::Ordering;

use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, rt, web};

use super::book::Rows;
use super::json::{Json, text};
use super::records::Version;
use super::{API_KEY, CREDENTIAL_ID, Resource, State};

/// The most rows of a page, and how many it has where nobody says how many it should have.
const MOST_ROWS: usize = 100;
const USUAL_ROWS: usize = 50;

/// What a cursor says is none of the client's business.
const CURSOR_MASK: usize = 0x5eed_5eed;

pub(super) fn routes(config: &mut ServiceConfig) {
    let paths = ["/{version}/one/accounting/{resource}", "/{version}/one/accounting/{resource}/{id}"];
    config.service(web::resource(paths).to(serve)).default_service(web::to(|| async { no_route().response() }));
}

async fn serve(state: Data<State>, request: HttpRequest) -> HttpResponse {
    match answer(&state, &request).await {
        Ok(json) => HttpResponse::Ok().content_type("application/json").body(json.written()),
        Err(refusal) => refusal.response(),
    }
}

async fn answer(state: &State, request: &HttpRequest) -> Result<Json, Refusal> {
    let path: Vec<String> = request.match_info().load().map_err(|_| no_route())?;
    let version = match path[0].as_str() {
        "2024-03" => Version::V2024_03,
        "2023-12" => Version::V2023_12,
        _ => return Err(no_route()),
    };
    let resource = match path[1].as_str() {
        "customers" => Resource::Customers,
        "invoices" => Resource::Invoices,
        "payments" => Resource::Payments,
        "sales-orders" => Resource::SalesOrders,
        "items" => Resource::Items,
        _ => return Err(no_route()),
    };
    state.count(resource);
    if !state.options.delay.is_zero() {
        rt::time::sleep(state.options.delay).await;
    }
    if let Some((status, retry_after)) = state.failure(resource) {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return Err(Refusal { retry_after, ..refusal(status, "Something went wrong") });
    }
    if request.method() != Method::GET {
        return Err(refusal(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"));
    }
    let parameters = Parameters::of(request)?;
    admit(request, &parameters)?;
    let mut members = match path.get(2) {
        Some(id) => one(state, version, resource, id)?,
        None => many(state, version, resource, &parameters)?,
    };
    // Its shape is not documented; what matters is that it is there and differs.
    let number = state.answers.fetch_add(1, Ordering::SeqCst).to_string();
    members.push(("syncInfo", Json::Object(vec![("reference", Json::Text(number))])));
    Ok(Json::Object(members))
}

fn admit(request: &HttpRequest, parameters: &Parameters) -> Result<(), Refusal> {
    let given = request.headers().get(AUTHORIZATION).and_then(|given| given.to_str().ok()?.split_once(' '));
    if !given.is_some_and(|(scheme, key)| scheme.eq_ignore_ascii_case("bearer") && key == API_KEY) {
        return Err(refusal(StatusCode::UNAUTHORIZED, "Invalid API key"));
    }
    match parameters.get("credentialId").or(parameters.get("connectionId")) {
        Some(CREDENTIAL_ID) => Ok(()),
        Some(_) => Err(refusal(StatusCode::BAD_REQUEST, "The credential does not exist")),
        None => Err(refusal(StatusCode::BAD_REQUEST, "credentialId is required")),
    }
}

type Members = Vec<(&'static str, Json)>;

fn one(state: &State, version: Version, resource: Resource, id: &str) -> Result<Members, Refusal> {
    let (name, found) = match resource {
        Resource::Customers => ("customer", state.book.customer(id).map(|found| found.json(version))),
        Resource::Invoices => ("invoice", state.book.invoice(id).map(|found| found.json(version))),
        Resource::SalesOrders => ("salesOrder", state.book.sales_order(id).map(|found| found.json(version))),
        Resource::Items => ("item", state.book.item(id).map(|found| found.json(version))),
        Resource::Payments => ("payment", None),
    };
    found.map(|found| vec![(name, found)]).ok_or_else(|| refusal(StatusCode::NOT_FOUND, "Not found"))
}

fn many(state: &State, version: Version, resource: Resource, parameters: &Parameters) -> Result<Members, Refusal> {
    let filters = if state.options.ignore_filters { Parameters::default() } else { parameters.clone() };
    let customer = filters.get("customerId");
    let (name, rows) = match resource {
        Resource::Customers => ("customers", state.book.customers(filters.get("remoteId"))),
        Resource::Invoices => {
            ("invoices", state.book.invoices(customer, filters.get("invoiceNumber"), filters.get("remoteId")))
        }
        Resource::SalesOrders => {
            ("salesOrders", state.book.sales_orders(customer, filters.get("salesOrderNumber"), filters.get("remoteId")))
        }
        Resource::Payments => ("payments", state.book.payments(customer)),
        Resource::Items => ("items", state.book.items()),
    };
    let size = parameters.number("pageSize")?.unwrap_or(USUAL_ROWS);
    let size = size.min(MOST_ROWS).min(state.options.page_size.unwrap_or(MOST_ROWS));
    let start = match version {
        Version::V2024_03 => (parameters.number("pageNumber")?.unwrap_or(1) - 1) * size,
        Version::V2023_12 => match parameters.get("cursor") {
            None => 0,
            Some(cursor) => {
                let start = usize::from_str_radix(cursor, 16).map(|masked| masked ^ CURSOR_MASK);
                start.map_err(|_| refusal(StatusCode::BAD_REQUEST, "The cursor is not valid"))?
            }
        },
    };
    let name = if state.options.lists_under_data { "data" } else { name };
    let mut members = vec![(name, Json::List(page(state, version, &rows, start, size)))];
    if version == Version::V2023_12 {
        let has_next = rows.never_end() || start + size < rows.count();
        let next = has_next.then(|| format!("{:x}", (start + size) ^ CURSOR_MASK));
        let info = vec![("hasNext", Json::Flag(has_next)), ("nextCursor", text(next.as_deref()))];
        members.push(("pageInfo", Json::Object(info)));
    }
    Ok(members)
}

fn page(state: &State, version: Version, rows: &Rows, start: usize, size: usize) -> Vec<Json> {
    let start = if rows.never_end() { 0 } else { start.min(rows.count()) };
    (start..(start + size).min(rows.count())).map(|at| state.book.row(rows, at, version)).collect()
}

#[derive(Clone, Default)]
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        let pairs = Query::from_query(request.query_string());
        pairs.map(|Query(pairs)| Self(pairs)).map_err(|_| refusal(StatusCode::BAD_REQUEST, "The query is not valid"))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A whole number from 1.
    fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let number = self.get(name).map(|text| text.parse().ok().filter(|number| *number > 0));
        number.map(|number| number.ok_or_else(|| refusal(StatusCode::BAD_REQUEST, "Not a valid page"))).transpose()
    }
}

/// An answer that is none.
struct Refusal {
    status: StatusCode,
    message: &'static str,
    retry_after: Option<u32>,
}

fn refusal(status: StatusCode, message: &'static str) -> Refusal {
    Refusal { status, message, retry_after: None }
}

fn no_route() -> Refusal {
    refusal(StatusCode::NOT_FOUND, "Cannot find this route")
}

impl Refusal {
    fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        let body = Json::Object(vec![("message", text(Some(self.message)))]);
        response.content_type("application/json").body(body.written())
    }
}
