use std::collections::BTreeMap;

use actix_web::http::header::{AUTHORIZATION, CONTENT_LENGTH, SET_COOKIE, TRANSFER_ENCODING};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, rt, web};
use serde_json::{Value as Json, json};

use super::book::Entity;
use super::filter::{Filter, equal};
use super::refusals::Refusal;
use super::sessions::{Cookies, Refused};
use super::value::{Record, Shape, Value, written};
use super::{BRANCHES, LEAK, State, TENANT};

/// The endpoints that are published.
const VERSIONS: [&str; 2] = ["20.200.001", "24.200.001"];

/// What the web server lets through before it looks at anything.
const LONGEST_QUERY: usize = 2048;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.default_service(web::to(serve));
}

async fn serve(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if !state.options.delay.is_zero() {
        rt::time::sleep(state.options.delay).await;
    }
    answer(&state, &request, &body).unwrap_or_else(|refusal| refusal.response())
}

fn answer(state: &State, request: &HttpRequest, body: &Bytes) -> Result<HttpResponse, Refusal> {
    let path = decoded_path(request)?;
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let at = parts.iter().position(|part| ["entity", "identity"].contains(part)).ok_or_else(Refusal::no_resource)?;
    match (request.method(), &parts[at..]) {
        (&Method::POST, ["entity", "auth", "login"]) => login(state, body),
        (&Method::POST, ["entity", "auth", "logout"]) => logout(state, request),
        (&Method::POST, ["identity", "connect", "token"]) => token(state, body),
        (&Method::GET, ["entity", endpoint, version, entity, keys @ ..]) if *endpoint != "auth" => {
            let key = enter(state, request)?;
            let told =
                entity_answer(state, request, (endpoint, version, entity), keys, state.sessions.is_english(&key));
            state.sessions.leave(&key);
            told.map(|body| {
                let mut response = HttpResponse::Ok();
                renewed(&mut response);
                response.content_type("application/json; charset=utf-8").body(body)
            })
        }
        _ => Err(Refusal::no_resource()),
    }
}

/// The parts of the path as the web server hands them on; some it refuses.
fn decoded_path(request: &HttpRequest) -> Result<Vec<String>, Refusal> {
    let text = percent_decoded(request.uri().path()).ok_or_else(Refusal::dangerous)?;
    if text.contains(['<', '>', '*', '%', '&', ':', '\\', '?', '+']) || text.chars().any(char::is_control) {
        return Err(Refusal::dangerous());
    }
    if request.query_string().len() > LONGEST_QUERY {
        return Err(Refusal::page(StatusCode::NOT_FOUND, "404.15: the query string is too long"));
    }
    Ok(text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn login(state: &State, body: &Bytes) -> Result<HttpResponse, Refusal> {
    let given: Json = serde_json::from_slice(body).map_err(|_| Refusal::bad_request())?;
    let text = |name: &str| given[name].as_str().unwrap_or_default();
    let tenant = if text("tenant").is_empty() { text("company") } else { text("tenant") };
    let locale = if text("locale").is_empty() { state.options.locale } else { text("locale") };
    let (name, password, branch) = (text("name"), text("password"), text("branch"));
    let opened = state.sessions.login(name, password, tenant, branch, locale, state.options.licences);
    let Cookies { auth, session } =
        opened.map_err(|refused| Refusal::at_the_door(refused, state.options.limit_told))?;
    let branch = BRANCHES.iter().position(|own| *own == branch).unwrap_or(0) + 1;
    let mut response = HttpResponse::NoContent();
    // As recorded, every cookie comes twice; the first one is of the session that the visitor had before.
    for (auth, session) in [("STALE=&", "stale"), (auth.as_str(), session.as_str())] {
        response.append_header((SET_COOKIE, format!(".ASPXAUTH={auth}; path=/; HttpOnly")));
        response.append_header((SET_COOKIE, format!("ASP.NET_SessionId={session}; path=/; HttpOnly; SameSite=Lax")));
        response.append_header((SET_COOKIE, format!("CompanyID={TENANT}; path=/")));
        response.append_header((SET_COOKIE, format!("UserBranch={branch}; path=/")));
        response.append_header((SET_COOKIE, "Locale=Culture=en-US&TimeZone=GMTM0500A; path=/"));
    }
    renewed(&mut response);
    Ok(response.finish())
}

/// Cookies that every answer sets anew.
fn renewed(response: &mut HttpResponseBuilder) {
    response.append_header((SET_COOKIE, "requestid=5A1FE06D0FD9D6A911EA6B4B2B2B6A4E; path=/"));
    response.append_header((SET_COOKIE, "requeststat=+st:163+sc:~/entity+start:637204+tg:; path=/"));
}

fn logout(state: &State, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let stated = request.headers().contains_key(CONTENT_LENGTH) || request.headers().contains_key(TRANSFER_ENCODING);
    if !stated {
        return Err(Refusal::page(StatusCode::LENGTH_REQUIRED, "Length Required"));
    }
    let (auth, session) = proof(request);
    state.sessions.logout(&auth, &session, &bearer(request).unwrap_or_default());
    Ok(HttpResponse::NoContent().finish())
}

fn token(state: &State, body: &Bytes) -> Result<HttpResponse, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::bad_request())?;
    let form = Query::<BTreeMap<String, String>>::from_query(text).map_err(|_| Refusal::bad_request())?.into_inner();
    let scopes = form.get("scope").cloned().unwrap_or_default();
    let token = state.sessions.token(&form, &scopes).map_err(|refused| {
        let error = match refused {
            Refused::Client => "invalid_client",
            Refused::Grant => "unsupported_grant_type",
            _ => "invalid_grant",
        };
        Refusal::json(StatusCode::BAD_REQUEST, &json!({ "error": error }))
    })?;
    Ok(HttpResponse::Ok().json(json!({
        "access_token": token, "expires_in": 3600, "token_type": "Bearer", "scope": scopes,
    })))
}

/// The session that a request is in.
fn enter(state: &State, request: &HttpRequest) -> Result<String, Refusal> {
    let key = match bearer(request) {
        Some(token) => state
            .sessions
            .enter_bearing(&token, state.options.locale, state.options.licences)
            .map_err(|refused| Refusal::at_the_door(refused, state.options.limit_told))?,
        None => {
            let (auth, session) = proof(request);
            state.sessions.enter(&auth, &session)
        }
    };
    let message = "You are not currently logged in.";
    key.ok_or_else(|| Refusal::json(StatusCode::UNAUTHORIZED, &json!({ "message": message })))
}

fn bearer(request: &HttpRequest) -> Option<String> {
    let given = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    given.strip_prefix("Bearer ").map(str::to_owned)
}

/// The two cookies that prove a session.
fn proof(request: &HttpRequest) -> (String, String) {
    let given = request.headers().get("cookie").and_then(|given| given.to_str().ok()).unwrap_or_default();
    let cookie = |name: &str| {
        let found = given.split("; ").filter_map(|pair| pair.split_once('=')).find(|(own, _)| *own == name);
        found.map_or_else(String::new, |(_, value)| value.to_owned())
    };
    (cookie(".ASPXAUTH"), cookie("ASP.NET_SessionId"))
}

fn entity_answer(
    state: &State,
    request: &HttpRequest,
    (endpoint, version, name): (&str, &str, &str),
    keys: &[&str],
    is_english: bool,
) -> Result<String, Refusal> {
    if endpoint != "Default" || !VERSIONS.contains(&version) {
        return Err(Refusal::no_resource());
    }
    let options = Query::<BTreeMap<String, String>>::from_query(request.query_string());
    let options = options.map_err(|_| Refusal::bad_request())?.into_inner();
    let path: Vec<&str> = [name].into_iter().chain(keys.iter().copied()).collect();
    let told: Vec<String> = options.iter().map(|(name, value)| format!("{name}={value}")).collect();
    state.note(if told.is_empty() { path.join("/") } else { format!("{}?{}", path.join("/"), told.join("&")) });
    let entity = state.book.entity(name).ok_or_else(Refusal::no_resource)?;
    let branch = request.headers().get("PX-CbApiBranch").and_then(|branch| branch.to_str().ok());
    if branch.is_some_and(|branch| !BRANCHES.contains(&branch)) {
        return Err(Refusal::at_the_door(Refused::Branch, state.options.limit_told));
    }
    if state.options.forbidden.contains(&name) {
        let message = format!("You have insufficient rights to access the {name} ({}) form.", entity.form);
        return Err(Refusal::json(StatusCode::FORBIDDEN, &json!({ "message": message })));
    }
    if let Some(fault) = state.failure(name) {
        let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return Err(Refusal::exception(status, fault.exception.0, fault.exception.1));
    }
    let names = |option: &str| -> Vec<String> {
        let given = options.get(option).map_or("", String::as_str);
        given.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let shape = Shape {
        select: names("$select"),
        expand: names("$expand"),
        custom: names("$custom"),
        is_list: keys.is_empty(),
    };
    known(state, entity, &shape)?;
    let filters_by_status = options.get("$filter").is_some_and(|filter| filter.contains("Status"));
    match keys {
        // A status has another name in another language, and no row has the English one.
        [] if filters_by_status && !is_english => Ok("[]".to_owned()),
        [] => list(state, entity, &shape, &options),
        keys => one(state, entity, &shape, keys),
    }
}

/// Whether the entity has everything that is asked for.
fn known(state: &State, entity: &Entity, shape: &Shape) -> Result<(), Refusal> {
    let Some(sample) = entity.records.first() else { return Ok(()) };
    let lacks = |name: &str| state.options.lacks.contains(&format!("{}/{name}", entity.name).as_str());
    for name in &shape.select {
        let (part, inner) = name.split_once('/').map_or((name.as_str(), None), |(part, inner)| (part, Some(inner)));
        let is_there = match inner {
            None => sample.field(part).is_some() || sample.has_part(part),
            Some(inner) => has_inner(&entity.records, part, inner),
        };
        if !is_there || lacks(name) {
            return Err(Refusal::no_key());
        }
    }
    if shape.expand.iter().any(|part| !sample.has_part(part) || lacks(part)) {
        return Err(Refusal::no_key());
    }
    // A custom field outside of every view is one that nobody can read.
    let on_form = |name: &String| entity.records.iter().any(|record| has_custom(record, name));
    if !shape.custom.iter().all(on_form) { Err(Refusal::no_key()) } else { Ok(()) }
}

fn has_custom(record: &Record, name: &str) -> bool {
    record.custom.iter().any(|(view, field, _)| *name == format!("{view}.{field}"))
}

fn has_inner(records: &[Record], part: &str, inner: &str) -> bool {
    records.iter().any(|record| {
        let linked = record.linked.iter().filter(|(name, _)| *name == part).map(|(_, linked)| linked);
        let rows = record.details.iter().filter(|(name, _)| *name == part).flat_map(|(_, rows)| rows);
        linked.chain(rows).any(|record| record.field(inner).is_some())
    })
}

fn list(state: &State, entity: &Entity, shape: &Shape, options: &BTreeMap<String, String>) -> Result<String, Refusal> {
    let is_refused = |part: &&String| {
        let never = entity.records.first().is_some_and(|sample| sample.never_listed.contains(&part.as_str()));
        never || state.options.not_in_lists.contains(&format!("{}/{part}", entity.name).as_str())
    };
    if let Some(part) = shape.expand.iter().chain(&shape.select).find(is_refused) {
        let message = format!(
            "Optimization cannot be performed.The following fields cause the error:\r\n{part}: View {part} has BQL delegate\r\n"
        );
        return Err(Refusal::exception(
            StatusCode::INTERNAL_SERVER_ERROR,
            "PX.Api.ContractBased.OptimizedExport.CannotOptimizeException",
            &message,
        ));
    }
    let filter = match options.get("$filter") {
        None => None,
        Some(text) => Some(Filter::read(text).map_err(|_| {
            Refusal::exception(StatusCode::INTERNAL_SERVER_ERROR, "Microsoft.Data.OData.ODataException", "Syntax error")
        })?),
    };
    if let Some(filter) = &filter {
        let fields = filter.fields();
        let there = |field: &&str| entity.records.first().is_none_or(|sample| sample.field(field).is_some());
        if !fields.iter().all(there) {
            return Err(Refusal::no_key());
        }
        // Shipments cannot be filtered but by their number, and nobody says so.
        if entity.name == "Shipment" && fields.iter().any(|field| *field != "ShipmentNbr") {
            return Ok("[]".to_owned());
        }
    }
    let number = |name: &str| match options.get(name) {
        None => Ok(None),
        Some(text) => text.parse::<usize>().map(Some).map_err(|_| Refusal::bad_request()),
    };
    let (skip, top) = (number("$skip")?.unwrap_or(0), number("$top")?.unwrap_or(usize::MAX));
    let given_away = filter.as_ref().is_some_and(|filter| filter.asks_for(entity.customer, LEAK));
    let passes = |record: &&Record| {
        filter.as_ref().is_none_or(|filter| filter.lets_pass(record))
            || (given_away && is_of(record, entity, "HARBOR01"))
    };
    let rows = entity.records.iter().filter(passes).skip(skip).take(top);
    let rows: Vec<String> = (1..).zip(rows).map(|(row, record)| written(record, row, shape)).collect();
    Ok(format!("[{}]", rows.join(",")))
}

fn is_of(record: &Record, entity: &Entity, code: &str) -> bool {
    matches!(record.field(entity.customer), Some(Value::Text(text)) if text.trim_end() == code)
}

/// One record by its key, or by its id.
fn one(state: &State, entity: &Entity, shape: &Shape, keys: &[&str]) -> Result<String, Refusal> {
    let is_asked =
        |record: &Record| entity.is_keyed(record, keys) || matches!(keys, [id] if record.id.eq_ignore_ascii_case(id));
    // The customer that was merged is answered with the one that it became.
    let is_merged = entity.name == "Customer" && matches!(keys, [code] if equal(code, LEAK));
    let found = entity
        .records
        .iter()
        .find(|record| if is_merged { is_of(record, entity, "HARBOR01") } else { is_asked(record) });
    found.map(|record| written(record, 1, shape)).ok_or_else(|| Refusal::no_entity(state.options.not_found))
}
