use std::sync::PoisonError;

use actix_web::http::header::AUTHORIZATION;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::books::Row;
use super::filter::{self, Equality};
use super::rendering::object;
use super::{BEARER, ELEMENT, ORGANIZATION, PAGE_LIMIT, State, USER};

const ROOT: &str = "/elements/api-v2/";

/// A refusal as the platform writes it.
struct Refusal(StatusCode, &'static str);

/// A part of a list and the token of the next one.
struct Cut<'a> {
    rows: Vec<&'a Row>,
    next: Option<String>,
}

pub(super) async fn serve(state: Data<State>, request: HttpRequest) -> HttpResponse {
    state.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.uri().to_string());
    let (mut response, body) = match answer(&state, &request) {
        Ok((body, next)) => {
            let mut response = HttpResponse::Ok();
            response.insert_header(("elements-returned-count", "1"));
            if let Some(token) = next {
                response.insert_header(("elements-next-page-token", token));
            }
            (response, body)
        }
        Err(Refusal(status, message)) => {
            let refusal = object([
                ("message", message.into()),
                ("requestId", "53dbca94e4b0f6c5ad0e1c4e".into()),
                ("providerMessage", "as told by the connected system".into()),
            ]);
            let mut body = String::new();
            refusal.write(&mut body);
            (HttpResponse::build(status), body)
        }
    };
    response.content_type("application/json;charset=UTF-8").body(body)
}

fn answer(state: &State, request: &HttpRequest) -> Result<(String, Option<String>), Refusal> {
    if !admitted(request) {
        return Err(Refusal(StatusCode::UNAUTHORIZED, "Invalid Organization or User secret, or invalid Element token"));
    }
    if request.method() != Method::GET {
        return Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, "Request method not supported"));
    }
    let not_found = Refusal(StatusCode::NOT_FOUND, "No such resource");
    let Some(path) = request.uri().path().strip_prefix(ROOT) else { return Err(not_found) };
    let parts: Option<Vec<String>> = path.split('/').map(decoded).collect();
    let parts = parts.ok_or(Refusal(StatusCode::BAD_REQUEST, "The path is not UTF-8"))?;
    let [resource, id @ ..] = parts.as_slice() else { return Err(not_found) };
    let resource = match state.options.invoices {
        Some(name) if name == resource => "product-invoices",
        Some(_) if resource == "product-invoices" => return Err(not_found),
        _ => resource,
    };
    if state.options.without.contains(&resource) {
        return Err(not_found);
    }
    let rows = state.books.rows(resource).ok_or(not_found)?;
    match id {
        [] => {
            let parameters = Parameters::of(request)?;
            let cut = list(state, rows, &parameters)?;
            let rows: Vec<&str> = cut.rows.iter().map(|row| row.text.as_str()).collect();
            Ok((format!("[{}]", rows.join(",")), cut.next))
        }
        [id] => {
            // A mix-up of the connector: somebody else's record.
            let id = if resource == "customers" && id == "1012" { "1001" } else { id };
            let row = rows.iter().find(|row| row.json.at("id") == Some(id));
            let row = row.ok_or(Refusal(StatusCode::NOT_FOUND, "No record found with the given id"))?;
            Ok((row.text.clone(), None))
        }
        _ => Err(Refusal(StatusCode::NOT_FOUND, "No such resource")),
    }
}

/// The three parts must come in the order of the documentation.
fn admitted(request: &HttpRequest) -> bool {
    let shown = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let parts = format!("User {USER}, Organization {ORGANIZATION}, Element {ELEMENT}");
    shown == Some(parts.as_str()) || shown == Some(&format!("Bearer {BEARER}"))
}

fn list<'a>(state: &State, rows: &'a [Row], parameters: &Parameters) -> Result<Cut<'a>, Refusal> {
    let condition = parameters.get("where");
    let equalities = match condition {
        Some(_) if state.options.refuse_filters => None,
        Some(text) => filter::read(text),
        None => Some(Vec::new()),
    };
    let equalities = equalities.ok_or(Refusal(StatusCode::BAD_REQUEST, "The where clause is invalid"))?;
    let matches = |row: &&Row| state.options.ignore_filters || equalities.iter().all(|equality| holds(row, equality));
    let rows: Vec<&Row> = rows.iter().filter(matches).collect();
    let size = match parameters.number("pageSize")? {
        Some(0) => return Err(Refusal(StatusCode::BAD_REQUEST, "pageSize must be positive")),
        size => size.map(|size| size.min(PAGE_LIMIT)),
    };
    if let Some(page) = parameters.number("page")? {
        let size = size.unwrap_or(PAGE_LIMIT);
        let start = page.checked_sub(1).ok_or(Refusal(StatusCode::BAD_REQUEST, "page begins at 1"))? * size;
        return Ok(Cut { rows: rows.into_iter().skip(start).take(size).collect(), next: None });
    }
    // A token is only good for the list that it came with.
    let tail = format!("-of-{}", condition.map_or(0, str::len));
    let start = match parameters.get("nextPage") {
        Some(token) => token.strip_prefix("rows-").and_then(|rest| rest.strip_suffix(tail.as_str())),
        None => Some("0"),
    };
    let start: Option<usize> = start.and_then(|digits| digits.parse().ok());
    let start = start.ok_or(Refusal(StatusCode::BAD_REQUEST, "The nextPage token is invalid"))?;
    let end = size.map_or(rows.len(), |size| (start + size).min(rows.len()));
    let next = (end < rows.len()).then(|| format!("rows-{end}{tail}"));
    Ok(Cut { rows: rows.get(start..end).unwrap_or_default().to_vec(), next })
}

fn holds(row: &Row, equality: &Equality) -> bool {
    row.json.at(equality.field) == Some(&equality.value)
        || (equality.field == "customer.id" && row.also_for == Some(&equality.value))
}

struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        let pairs = request.query_string().split('&').filter(|pair| !pair.is_empty());
        let pairs: Option<Vec<_>> = pairs
            .map(|pair| pair.split_once('=').and_then(|(name, value)| Some((decoded(name)?, decoded(value)?))))
            .collect();
        pairs.map(Self).ok_or(Refusal(StatusCode::BAD_REQUEST, "The query is malformed"))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let number = self.get(name).map(str::parse).transpose();
        number.map_err(|_| Refusal(StatusCode::BAD_REQUEST, "A number was expected"))
    }
}

/// A part of an address without its percent signs.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
