use std::sync::atomic::Ordering;

use actix_web::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, rt, web};

use super::book::Book;
use super::json::{Json, text, whole};
use super::query::{self, Condition};
use super::records::Version;
use super::sessions::{Refusal, Session};
use super::{Resource, State};

/// The rows of a page unless somebody wishes for another number.
const USUAL_PAGE: usize = 20;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(1 << 20))
        .service(web::resource("/b1s/{version}/{resource}").to(serve))
        .default_service(web::to(|| async { page("404 Not Found", StatusCode::NOT_FOUND) }));
}

async fn serve(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let (version, path): (String, String) = match request.match_info().load() {
        Ok(path) => path,
        Err(_) => return page("404 Not Found", StatusCode::NOT_FOUND),
    };
    let version = match version.as_str() {
        "v1" => Version::V1,
        "v2" if !state.options.without_v2 => Version::V2,
        _ => return page("404 Not Found", StatusCode::NOT_FOUND),
    };
    let Some(resource) = Resource::ALL.into_iter().find(|resource| resource.path() == path) else {
        return error(version, StatusCode::BAD_REQUEST, -1000, "Unrecognized resource path.");
    };
    state.count(resource);
    if let Some(fault) = state.failure(resource) {
        return match fault.code {
            Some(code) => error(version, status(fault.status), code, "Something went wrong in there"),
            None => page("Proxy Error", status(fault.status)),
        };
    }
    let answer = match resource {
        Resource::Login => return log_in(&state, version, &request, &body).await,
        _ => match session(&state, &request) {
            Ok(session) => answer(&state, version, resource, &session, &request, &body).await,
            Err(refusal) => Err(refusal),
        },
    };
    answer.unwrap_or_else(|Failed { status, code, message }| error(version, status, code, &message))
}

struct Failed {
    status: StatusCode,
    code: i32,
    message: String,
}

fn failed(status: StatusCode, code: i32, message: impl Into<String>) -> Failed {
    Failed { status, code, message: message.into() }
}

fn refused(message: String) -> Failed {
    failed(StatusCode::BAD_REQUEST, 201, message)
}

/// The session of a request, if it has one, on a node that works.
fn session(state: &State, request: &HttpRequest) -> Result<Session, Failed> {
    let header = request.headers().get(COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
    let cookie = |name: &str| {
        let mut pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(own, _)| *own == name).map_or("", |(_, value)| value)
    };
    let session = state.sessions.find(cookie("B1SESSION"), cookie("ROUTEID"));
    let invalid = || failed(StatusCode::UNAUTHORIZED, 301, "Invalid session or session already timeout.");
    session.ok_or_else(invalid)
}

async fn log_in(state: &State, version: Version, request: &HttpRequest, body: &[u8]) -> HttpResponse {
    if request.method() != Method::POST {
        return page("405 Method Not Allowed", StatusCode::METHOD_NOT_ALLOWED);
    }
    // Two logins at the same time disturb each other.
    let others = state.logging_in.fetch_add(1, Ordering::SeqCst);
    if !state.options.login_time.is_zero() {
        rt::time::sleep(state.options.login_time).await;
    }
    state.logging_in.fetch_sub(1, Ordering::SeqCst);
    if others > 0 && !state.options.login_time.is_zero() {
        return error(version, StatusCode::INTERNAL_SERVER_ERROR, 299, "SAML Login Failed");
    }
    let said: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let member = |name: &str| said[name].as_str().unwrap_or_default();
    match state.sessions.log_in(member("CompanyDB"), member("UserName"), member("Password")) {
        Ok(Session { id, node, .. }) => {
            let kind = if version == Version::V1 { "@Element" } else { "$entity" };
            let told = [
                (metadata(version), Json::Text(format!("https://localhost:50000/b1s/$metadata#B1Sessions/{kind}"))),
                ("SessionId", text(&id)),
                ("Version", text("1000280")),
                ("SessionTimeout", whole(30)),
            ];
            let mut response = HttpResponse::Ok();
            // The load balancer first says where it would have sent us, then where it did.
            response.append_header((SET_COOKIE, "ROUTEID=.node0; path=/b1s"));
            response.append_header((SET_COOKIE, format!("B1SESSION={id};HttpOnly;;SameSite=None")));
            response.append_header((SET_COOKIE, format!("ROUTEID=.node{node}; path=/b1s;SameSite=None")));
            response.content_type("application/json;odata=minimalmetadata").body(Json::object(told).written())
        }
        // Which of them it was, only the code tells.
        Err(Refusal::WrongPassword) => {
            error(version, StatusCode::UNAUTHORIZED, -304, "Fail to NONE-SSO login from SLD.")
        }
        Err(Refusal::UnknownCompany) => {
            error(version, StatusCode::UNAUTHORIZED, -306, "Fail to NONE-SSO login from SLD.")
        }
        Err(Refusal::NoLicence) => error(
            version,
            StatusCode::INTERNAL_SERVER_ERROR,
            100_000_085,
            "The number of sessions exceeds the maximum number of licenses",
        ),
    }
}

async fn answer(
    state: &State,
    version: Version,
    resource: Resource,
    session: &Session,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Failed> {
    if !state.options.delay.is_zero() {
        rt::time::sleep(state.options.delay).await;
    }
    if resource == Resource::Logout {
        state.sessions.log_out(session);
        return Ok(HttpResponse::NoContent().finish());
    }
    if state.sessions.is_broken(session.node) {
        return Err(failed(StatusCode::INTERNAL_SERVER_ERROR, 407, "Invalid table '@ZZVF_T'"));
    }
    // Actions are posted in either generation; what only tells something is a function in the later one.
    let wanted = match (resource, version) {
        (Resource::CrossJoin, _) | (Resource::AdminInfo, Version::V1) => Method::POST,
        _ => Method::GET,
    };
    if request.method() != wanted {
        return Ok(page("405 Method Not Allowed", StatusCode::METHOD_NOT_ALLOWED));
    }
    match resource {
        Resource::AdminInfo => {
            let company = session.company;
            let told = [
                (metadata(version), text("https://localhost:50000/b1s/$metadata#SAPB1.AdminInfo")),
                ("CompanyName", text(company.database)),
                ("FederalTaxID", text("TAXID-OWN")),
                ("LocalCurrency", text(company.local)),
                ("SystemCurrency", text(company.system)),
            ];
            Ok(HttpResponse::Ok().content_type("application/json").body(Json::object(told).written()))
        }
        Resource::CrossJoin => cross_join(state, version, session, body),
        _ => list(state, version, resource, session, request),
    }
}

fn list(
    state: &State,
    version: Version,
    resource: Resource,
    session: &Session,
    request: &HttpRequest,
) -> Result<HttpResponse, Failed> {
    let parameters: Vec<(String, String)> = web::Query::from_query(request.query_string())
        .map(web::Query::into_inner)
        .map_err(|_| refused("Query string error".to_owned()))?;
    let parameter = |name: &str| parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let number = |name: &str| parameter(name).map(str::parse::<usize>).transpose();
    let invalid = |_| refused("Query string error - Invalid number".to_owned());
    let (top, skip) = (number("$top").map_err(invalid)?, number("$skip").map_err(invalid)?.unwrap_or(0));

    // Lines and addresses are properties of a document, not entities that it leads to.
    if let Some(expanded) = parameter("$expand") {
        return Err(refused(format!(
            "Cannot expand invalid navigation property '{expanded}' for entity type 'Document'"
        )));
    }
    let all = state.book.rows(resource, session.company, version);
    let mut rows: Vec<&Json> = Vec::new();
    if let Some(filter) = parameter("$filter") {
        let condition = Condition::read(filter).map_err(refused)?;
        for row in all.iter() {
            if condition.holds(&|name| row.get(name)).map_err(refused)? || Book::leaks(filter, row) {
                rows.push(row);
            }
        }
    } else {
        rows.extend(all.iter());
    }
    query::sort(&mut rows, parameter("$orderby").unwrap_or_default()).map_err(refused)?;

    let total = rows.len();
    let wished = page_size(request);
    let size = match wished.unwrap_or(USUAL_PAGE) {
        0 => usize::MAX,
        size => size.min(state.options.largest_page.unwrap_or(usize::MAX)),
    };
    let wanted = total.saturating_sub(skip).min(top.unwrap_or(usize::MAX));
    let cut = rows.into_iter().skip(skip).take(wanted.min(size));
    let mut told = Vec::new();
    for row in cut {
        let mut row = match parameter("$select") {
            Some(names) => query::select(row, names).map_err(refused)?,
            None => row.clone(),
        };
        if let Json::Object(members) = &mut row {
            let name = if version == Version::V1 { "odata.etag" } else { "@odata.etag" };
            members.insert(0, (name.to_owned(), text("W/\"DA4B9237BACCCDF19C0760CAB7AEC4A8359010B0\"")));
        }
        told.push(row);
    }
    let mut members = vec![(
        metadata(version).to_owned(),
        Json::Text(format!("https://localhost:50000/b1s/$metadata#{}", resource.path())),
    )];
    let count = parameter("$count") == Some("true") || parameter("$inlinecount") == Some("allpages");
    if count {
        members.push(match version {
            Version::V1 => ("odata.count".to_owned(), Json::Text(total.to_string())),
            Version::V2 => ("@odata.count".to_owned(), Json::Number(total.to_string())),
        });
    }
    let more = wanted > size;
    members.push(("value".to_owned(), Json::List(told)));
    if more {
        // Whatever was asked for comes again as it was sent, but for what is left of it.
        let kept = request.query_string().split('&').filter(|part| {
            !["$skip=", "$top=", "%24skip=", "%24top="].iter().any(|name| part.starts_with(name)) && !part.is_empty()
        });
        let mut link = format!("{}?{}", resource.path(), kept.collect::<Vec<_>>().join("&"));
        if let Some(top) = top {
            link = format!("{link}&$top={}", top - size);
        }
        link = format!("{link}&$skip={}", skip + size);
        members.push(match version {
            Version::V1 => ("odata.nextLink".to_owned(), Json::Text(format!("/b1s/v1/{link}"))),
            Version::V2 => ("@odata.nextLink".to_owned(), Json::Text(link)),
        });
    }
    Ok(HttpResponse::Ok()
        .content_type("application/json;odata=minimalmetadata;charset=utf-8")
        .body(Json::Object(members).written()))
}

fn page_size(request: &HttpRequest) -> Option<usize> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let own = header("B1S-PageSize").and_then(|size| size.trim().parse().ok());
    let preferred = header("Prefer").and_then(|wish| wish.split("odata.maxpagesize=").nth(1)?.trim().parse().ok());
    own.or(preferred)
}

/// Documents joined with their lines: each line that meets the condition, with what was selected of both.
fn cross_join(state: &State, version: Version, session: &Session, body: &[u8]) -> Result<HttpResponse, Failed> {
    let unknown = || failed(StatusCode::INTERNAL_SERVER_ERROR, -1000, "invalid $crossjoin query");
    if state.options.without_cross_joins {
        return Err(unknown());
    }
    let said: serde_json::Value = serde_json::from_slice(body).map_err(|_| unknown())?;
    let (path, option) = (said["QueryPath"].as_str(), said["QueryOption"].as_str());
    let (Some(path), Some(option)) = (path, option) else { return Err(unknown()) };
    let sets = path.strip_prefix("$crossjoin(").and_then(|sets| sets.strip_suffix(')')).ok_or_else(unknown)?;
    let (set, lines) = sets.split_once(',').ok_or_else(unknown)?;
    let resource = Resource::ALL.into_iter().find(|resource| resource.path() == set).ok_or_else(unknown)?;
    if lines != format!("{set}/DocumentLines") {
        return Err(unknown());
    }
    let part = |name: &str| option.split('&').find_map(|part| part.strip_prefix(name));
    let condition = Condition::read(part("$filter=").ok_or_else(unknown)?).map_err(refused)?;
    let selected = |of: &str| -> Option<&str> {
        let start = part("$expand=")?;
        let after = start.split_once(&format!("{of}($select="))?.1;
        after.split_once(')').map(|(names, _)| names)
    };
    let (of_set, of_lines) = (selected(set).ok_or_else(unknown)?, selected(lines).ok_or_else(unknown)?);
    let all = state.book.rows(resource, session.company, version);
    let mut found = Vec::new();
    for row in all.iter() {
        for line in row.get("DocumentLines").map(Json::items).unwrap_or_default() {
            let property = |name: &str| match name.strip_prefix(lines).and_then(|rest| rest.strip_prefix('/')) {
                Some(name) => line.get(name),
                None => name.strip_prefix(set).and_then(|rest| rest.strip_prefix('/')).and_then(|name| row.get(name)),
            };
            if condition.holds(&property).map_err(refused)? {
                found.push(Json::object([
                    (set, query::select(row, of_set).map_err(refused)?),
                    (lines, query::select(line, of_lines).map_err(refused)?),
                ]));
            }
        }
    }
    let told = Json::object([
        (metadata(version), text("$metadata#Collection(Edm.ComplexType)")),
        ("value", Json::List(found)),
    ]);
    // It is declared to answer a text, and says so.
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain")).body(told.written()))
}

fn metadata(version: Version) -> &'static str {
    match version {
        Version::V1 => "odata.metadata",
        Version::V2 => "@odata.context",
    }
}

fn error(version: Version, status: StatusCode, code: i32, message: &str) -> HttpResponse {
    let members = match version {
        Version::V1 => vec![
            ("code", Json::Number(code.to_string())),
            ("message", Json::object([("lang", text("en-us")), ("value", text(message))])),
        ],
        Version::V2 => vec![
            ("code", Json::Text(code.to_string())),
            ("details", Json::List(vec![Json::object([("code", text("")), ("message", text(""))])])),
            ("message", text(message)),
        ],
    };
    let body = Json::object([("error", Json::object(members))]);
    HttpResponse::build(status).content_type("application/json;odata=minimalmetadata").body(body.written())
}

/// What the web server before the service says by itself.
fn page(title: &str, status: StatusCode) -> HttpResponse {
    let body = format!("<!DOCTYPE HTML><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    HttpResponse::build(status).content_type("text/html; charset=iso-8859-1").body(body)
}

fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
