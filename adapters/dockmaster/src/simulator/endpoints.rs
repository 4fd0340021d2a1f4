use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, rt, web};
use jiff::civil::Date;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};

use super::data::Customer;
use super::rendering::{Document, Format, Value, render};
use super::{Endpoint, State};

/// The data contract namespace of the help page's XML samples.
const MODELS: &str = "http://schemas.datacontract.org/2004/07/com.dockmaster.lib.models";
/// The namespace in which DataContractSerializer reads an array of strings.
const ARRAYS: &str = "http://schemas.microsoft.com/2003/10/Serialization/Arrays";

/// Leaves the choice of endpoint to [`serve`], as ASP.NET knows paths without regard to case.
pub(super) fn routes(config: &mut ServiceConfig) {
    let paths = ["/{api}/{version}/{area}/{action}", "/{api}/{version}/{area}/{action}/{id}"];
    config.service(web::resource(paths).to(serve)).default_service(web::to(serve));
}

async fn serve(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let (format, media_type) = wanted(&request);
    let (mut response, document) = match answer(&state, &request, &body).await {
        Ok(document) => (HttpResponse::Ok(), document),
        Err(refusal) => {
            let mut response = HttpResponse::build(refusal.status);
            if let Some(header) = refusal.header {
                response.insert_header(header);
            }
            (response, refusal.document())
        }
    };
    response.content_type(format!("{media_type}; charset=utf-8")).body(render(&document, format))
}

async fn answer(state: &State, request: &HttpRequest, body: &Bytes) -> Result<Document, Refusal> {
    let path: Vec<String> = request.match_info().load().map_err(|_| Refusal::invalid())?;
    let (endpoint, id) = route(&path).ok_or_else(|| Refusal::no_resource(request, &path))?;
    state.count(endpoint);
    if !state.options.delay.is_zero() {
        rt::time::sleep(state.options.delay).await;
    }
    if let Some(status) = state.failure(endpoint) {
        return Err(Refusal::failed(status));
    }
    let (method, allow) = match endpoint {
        Endpoint::RetrieveInvoices => (Method::POST, "POST"),
        _ => (Method::GET, "GET"),
    };
    if request.method() != method {
        return Err(Refusal::method(request.method(), allow));
    }
    if !admitted(state, request) {
        return Err(Refusal::unauthorized());
    }
    match endpoint {
        Endpoint::CustomerArInquiry => inquiry(state, request),
        Endpoint::RetrieveCustomer if state.options.no_customer_records => Err(Refusal::no_resource(request, &path)),
        Endpoint::RetrieveCustomer => record(state, id),
        Endpoint::RetrieveInvoices => invoices(state, request, body),
    }
}

fn route(path: &[String]) -> Option<(Endpoint, &str)> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let is =
        |expected: [&str; 4]| path.iter().zip(expected).all(|(part, expected)| part.eq_ignore_ascii_case(expected));
    match path[..] {
        [_, _, _, _] if is(["api", "v2", "AR", "CustomerARInquiry"]) => Some((Endpoint::CustomerArInquiry, "")),
        [_, _, _, _] if is(["api", "v2", "AR", "RetrieveInvoices"]) => Some((Endpoint::RetrieveInvoices, "")),
        [_, _, _, _, id] if is(["api", "v2", "Customers", "RetrieveCustomer"]) => {
            Some((Endpoint::RetrieveCustomer, id))
        }
        _ => None,
    }
}

fn admitted(state: &State, request: &HttpRequest) -> bool {
    let Some(token) = state.options.token else { return true };
    let Some(given) = request.headers().get(AUTHORIZATION) else { return state.options.anonymous };
    let bearer = given.to_str().ok().and_then(|given| given.split_once(' '));
    bearer.is_some_and(|(scheme, given)| scheme.eq_ignore_ascii_case("bearer") && given == token)
}

fn inquiry(state: &State, request: &HttpRequest) -> Result<Document, Refusal> {
    let query = Query::<Vec<(String, String)>>::from_query(request.query_string()).map_err(|_| Refusal::invalid())?;
    let parameter = |name: &str| {
        query.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.trim())
    };
    let since = match parameter("InvoiceDate") {
        "" => None,
        text => Some(date(text).ok_or_else(Refusal::invalid)?),
    };
    let id = parameter("CustomerId");
    let customers: Vec<&Customer> = match id {
        "" => state.customers.iter().collect(),
        _ if state.options.everybody => state.customers.iter().collect(),
        _ => find(state, id).into_iter().collect(),
    };
    let entries = customers.into_iter().map(|customer| customer.inquiry(since)).collect();
    Ok(model("ArrayOfCustomerARInquiry", Value::List("CustomerARInquiry", entries)))
}

fn record(state: &State, id: &str) -> Result<Document, Refusal> {
    let customer = find(state, id.trim()).ok_or_else(|| Refusal::unknown_customer(id))?;
    Ok(model("Customer", customer.record()))
}

/// The documented endpoint takes bare ids: it does not ask whose they are.
fn invoices(state: &State, request: &HttpRequest, body: &Bytes) -> Result<Document, Refusal> {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ids = match media(media_type).map(|(format, _)| format) {
        Some(Format::Json) => serde_json::from_slice::<Vec<String>>(body).ok(),
        Some(Format::Xml) => std::str::from_utf8(body).ok().and_then(strings),
        None => return Err(Refusal::unsupported_media(media_type)),
    };
    let ids = ids.ok_or_else(Refusal::invalid)?;
    let owned = state.customers.iter().flat_map(|owner| owner.invoices.iter().map(move |invoice| (owner, invoice)));
    let found = owned.filter(|(_, invoice)| ids.contains(&invoice.id)).map(|(owner, invoice)| invoice.value(owner));
    Ok(model("ArrayOfInvoice", Value::List("Invoice", found.collect())))
}

fn find<'a>(state: &'a State, id: &str) -> Option<&'a Customer> {
    let at = state.customers.iter().position(|customer| customer.id.eq_ignore_ascii_case(id));
    if state.options.foreign {
        return state.customers.get(at.map_or(0, |at| (at + 1) % state.customers.len()));
    }
    at.map(|at| &state.customers[at])
}

fn model(root: &'static str, value: Value) -> Document {
    Document { root, namespace: Some(MODELS), value }
}

/// The one date format that the vendor documents (`yyyy-MM-dd`), with or without a time, and the American one.
fn date(text: &str) -> Option<Date> {
    text.parse().or_else(|_| Date::strptime("%m/%d/%Y", text)).ok()
}

/// Reads `<ArrayOfstring><string>…`; like the real serializer, only in its namespace.
fn strings(body: &str) -> Option<Vec<String>> {
    let mut reader = quick_xml::NsReader::from_str(body.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut strings = Vec::new();
    let mut inside = false;
    loop {
        let (namespace, event) = reader.read_resolved_event().ok()?;
        let known = namespace == ResolveResult::Bound(Namespace(ARRAYS));
        match event {
            Event::Start(start) if known && !inside && start.local_name().as_ref() == "ArrayOfstring" => inside = true,
            Event::Start(start) if known && inside && start.local_name().as_ref() == "string" => {
                let text = reader.read_text(start.name()).ok()?;
                strings.push(quick_xml::escape::unescape(&text.xml10_content()).ok()?.into_owned());
            }
            Event::Start(_) | Event::Eof => return None,
            Event::End(_) => return Some(strings),
            _ => {}
        }
    }
}

/// The format and media type by `Accept`: the first of the list that is offered; JSON when none is.
fn wanted(request: &HttpRequest) -> (Format, &'static str) {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').find_map(media).unwrap_or((Format::Json, "application/json"))
}

fn media(text: &str) -> Option<(Format, &'static str)> {
    const OFFERED: [(Format, &str); 4] = [
        (Format::Json, "application/json"),
        (Format::Json, "text/json"),
        (Format::Xml, "application/xml"),
        (Format::Xml, "text/xml"),
    ];
    let name = text.split(';').next().unwrap_or_default().trim();
    OFFERED.into_iter().find(|(_, offered)| offered.eq_ignore_ascii_case(name))
}

/// An answer that is none, in the words of ASP.NET Web API.
struct Refusal {
    status: StatusCode,
    message: String,
    detail: Option<String>,
    header: Option<(&'static str, &'static str)>,
}

impl Refusal {
    fn new(status: StatusCode, message: &str) -> Self {
        Self { status, message: message.to_owned(), detail: None, header: None }
    }

    fn document(self) -> Document {
        let mut members = vec![("Message", Value::Text(self.message))];
        members.extend(self.detail.map(|detail| ("MessageDetail", Value::Text(detail))));
        Document { root: "Error", namespace: None, value: Value::Object(members) }
    }

    fn no_resource(request: &HttpRequest, path: &[String]) -> Self {
        let info = request.connection_info();
        let uri = format!("{}://{}{}", info.scheme(), info.host(), request.uri());
        let detail = match path.get(2).map(|area| area.to_ascii_lowercase()).as_deref() {
            Some("ar") => "No action was found on the controller 'AR' that matches the request.".to_owned(),
            Some("customers") => {
                "No action was found on the controller 'Customers' that matches the request.".to_owned()
            }
            Some(area) => format!("No type was found that matches the controller named '{area}'."),
            None => "No route data was found for this request.".to_owned(),
        };
        let message = format!("No HTTP resource was found that matches the request URI '{uri}'.");
        Self { detail: Some(detail), ..Self::new(StatusCode::NOT_FOUND, &message) }
    }

    fn unknown_customer(id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, &format!("Customer '{id}' was not found."))
    }

    fn invalid() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The request is invalid.")
    }

    fn unsupported_media(media_type: &str) -> Self {
        let message = format!("The request entity's media type '{media_type}' is not supported for this resource.");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, &message)
    }

    fn method(method: &Method, allow: &'static str) -> Self {
        let message = format!("The requested resource does not support http method '{method}'.");
        Self { header: Some(("Allow", allow)), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, &message) }
    }

    fn unauthorized() -> Self {
        let message = "Authorization has been denied for this request.";
        Self { header: Some(("WWW-Authenticate", "Bearer")), ..Self::new(StatusCode::UNAUTHORIZED, message) }
    }

    /// A failure that was ordered.
    fn failed(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match status {
            StatusCode::UNAUTHORIZED => Self::unauthorized(),
            StatusCode::INTERNAL_SERVER_ERROR => Self::new(status, "An error has occurred."),
            _ => Self::new(status, status.canonical_reason().unwrap_or("An error has occurred.")),
        }
    }
}
