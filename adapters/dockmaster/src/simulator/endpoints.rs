use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use actix_web::web::{Bytes, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, rt, web};
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};
use serde_json::{Map, Value as Json, json};

use super::data::{self, Customer};
use super::refusals::Refusal;
use super::rendering::{Document, Format, Value, render};
use super::work_orders::WorkOrder;
use super::{Endpoint, Generation, INVOICES_PER_CALL, State, WORK_ORDERS_PER_CALL};

/// The data contract namespace of the help page's XML samples.
const MODELS: &str = "http://schemas.datacontract.org/2004/07/com.dockmaster.lib.models";
/// The namespace in which DataContractSerializer reads an array of strings.
const ARRAYS: &str = "http://schemas.microsoft.com/2003/10/Serialization/Arrays";

/// What a proxy shows that wants somebody to sign in.
const LOGIN_PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method=\"post\">\
     <input name=\"user\"><input name=\"password\" type=\"password\"></form></body></html>";

/// What an endpoint has to say, before it is written in some format.
pub(super) enum Answer {
    Document(Document),
    /// The logins know one format only.
    Json(Json),
    Text(String),
    Page(&'static str),
}

/// Leaves the choice of endpoint to [`serve`], as ASP.NET knows paths without regard to case.
pub(super) fn routes(config: &mut ServiceConfig) {
    let paths = ["/{a}", "/{a}/{b}", "/{a}/{b}/{c}", "/{a}/{b}/{c}/{d}", "/{a}/{b}/{c}/{d}/{e}"];
    config.service(web::resource(paths).to(serve)).default_service(web::to(serve));
}

async fn serve(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let newer = request.path().to_ascii_lowercase().starts_with("/api/v1/");
    let (mut format, media_type) = if newer { (Format::Json, "application/json") } else { wanted(&request) };
    let (mut response, answer) = match answer(&state, &request, &body).await {
        Ok(answer) => {
            // An error is a dictionary, whose keys stay as they are.
            if newer {
                format = Format::CamelJson;
            }
            (HttpResponse::Ok(), answer)
        }
        Err(refusal) => {
            let mut response = HttpResponse::build(refusal.status);
            if let Some(header) = refusal.header {
                response.insert_header(header);
            }
            (response, refusal.answer)
        }
    };
    let (media_type, body) = match answer {
        Answer::Document(document) => (media_type, render(&document, format)),
        Answer::Json(json) => ("application/json", json.to_string()),
        Answer::Text(text) => ("text/plain", text),
        Answer::Page(page) => ("text/html", page.to_owned()),
    };
    response.content_type(format!("{media_type}; charset=utf-8")).body(body)
}

async fn answer(state: &State, request: &HttpRequest, body: &Bytes) -> Result<Answer, Refusal> {
    let path: Vec<String> = request.match_info().load().map_err(|_| Refusal::invalid())?;
    let (generation, endpoint, id) = route(&path).ok_or_else(|| Refusal::no_resource(request, &path))?;
    state.count(endpoint);
    if !state.options.delay.is_zero() {
        rt::time::sleep(state.options.delay).await;
    }
    if let Some(status) = state.failure(endpoint) {
        return Err(Refusal::failed(status));
    }
    if state.options.html_login {
        return Ok(Answer::Page(LOGIN_PAGE));
    }
    let (method, allow) = match endpoint {
        Endpoint::RetrieveInvoices | Endpoint::WorkOrderRetrieveList | Endpoint::Login | Endpoint::Refresh => {
            (Method::POST, "POST")
        }
        _ => (Method::GET, "GET"),
    };
    if request.method() != method {
        return Err(Refusal::method(request.method(), allow));
    }
    match endpoint {
        Endpoint::Login if generation == Generation::V2 => form_login(state, request, body),
        Endpoint::Login => json_login(state, body),
        Endpoint::Refresh => refresh(state, body),
        _ if !admitted(state, generation, request) => Err(Refusal::unauthorized()),
        _ => {
            if generation == Generation::Dme {
                connected(state, request)?;
            }
            let parameters = Parameters::of(request)?;
            Ok(Answer::Document(match endpoint {
                Endpoint::RetrieveCustomer if state.options.no_customer_records => {
                    return Err(Refusal::no_resource(request, &path));
                }
                Endpoint::RetrieveCustomer => record(state, id.unwrap_or_else(|| parameters.get("CustomerId")))?,
                Endpoint::RetrieveInvoices => invoices(state, generation, request, body)?,
                Endpoint::PaymentHistory => payment_history(state, &parameters)?,
                Endpoint::WorkOrderList => work_order_list(state, &parameters)?,
                Endpoint::WorkOrderRetrieve => work_order(state, &parameters)?,
                Endpoint::WorkOrderRetrieveList => work_orders(state, request, body)?,
                _ => inquiry(state, generation, &parameters)?,
            }))
        }
    }
}

/// The v2 pages name a customer's record by its path, the newer API by a parameter.
fn route(path: &[String]) -> Option<(Generation, Endpoint, Option<&str>)> {
    const FOUND: [(&str, Endpoint); 6] = [
        ("ar/customerarinquiry", Endpoint::CustomerArInquiry),
        ("ar/retrieveinvoices", Endpoint::RetrieveInvoices),
        ("ar/customerpaymenthistory", Endpoint::PaymentHistory),
        ("service/workorders/listforcustomer", Endpoint::WorkOrderList),
        ("service/workorders/retrieve", Endpoint::WorkOrderRetrieve),
        ("service/workorders/retrievelist", Endpoint::WorkOrderRetrieveList),
    ];
    // A slash within a part is no end of it.
    let parts = path.iter().map(|part| part.to_ascii_lowercase().replace('/', "%2f"));
    let lowered = parts.collect::<Vec<_>>().join("/");
    let (generation, rest) = match lowered.as_str() {
        "token" => return Some((Generation::V2, Endpoint::Login, None)),
        "auth/token" => return Some((Generation::Dme, Endpoint::Login, None)),
        "auth/token/refresh" => return Some((Generation::Dme, Endpoint::Refresh, None)),
        path => match path.strip_prefix("api/v2/") {
            Some(rest) => (Generation::V2, rest),
            None => (Generation::Dme, path.strip_prefix("api/v1/")?),
        },
    };
    match (generation, rest, path) {
        (Generation::V2, _, [_, _, _, _, id]) if rest.starts_with("customers/retrievecustomer/") => {
            Some((generation, Endpoint::RetrieveCustomer, Some(id)))
        }
        (Generation::Dme, "customers/retrievecustomer", _) => Some((generation, Endpoint::RetrieveCustomer, None)),
        _ => FOUND.into_iter().find(|(path, _)| *path == rest).map(|(_, endpoint)| (generation, endpoint, None)),
    }
}

fn admitted(state: &State, generation: Generation, request: &HttpRequest) -> bool {
    let options = &state.options;
    let token = match options.token {
        _ if options.logins_only => None,
        None => return true,
        token => token,
    };
    let Some(given) = request.headers().get(AUTHORIZATION) else { return options.anonymous && !options.logins_only };
    let bearer = given.to_str().ok().and_then(|given| given.split_once(' '));
    bearer.is_some_and(|(scheme, given)| {
        scheme.eq_ignore_ascii_case("bearer") && (token == Some(given) || state.logins.admits(generation, given))
    })
}

/// The newer API wants to know which of the user's systems is meant, with every call.
fn connected(state: &State, request: &HttpRequest) -> Result<(), Refusal> {
    let given = request.headers().get("X-DM_SYSTEM_ID").and_then(|given| given.to_str().ok()).map(str::trim);
    let given = given.filter(|given| !given.is_empty()).ok_or_else(Refusal::no_system)?;
    let (_, id) = state.options.systems.iter().find(|(_, id)| *id == given).ok_or_else(Refusal::unknown_system)?;
    state.reached(id);
    Ok(())
}

fn form_login(state: &State, request: &HttpRequest, body: &Bytes) -> Result<Answer, Refusal> {
    let media_type = content_type(request);
    if !media_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Err(Refusal::oauth("unsupported_grant_type", None));
    }
    let fields = Parameters::read(body)?;
    if fields.get("grant_type") != "password" {
        return Err(Refusal::oauth("unsupported_grant_type", None));
    }
    let pass = state
        .logins
        .login(Generation::V2, fields.exact("username"), fields.exact("password"))
        .map_err(|refused| Refusal::oauth("invalid_grant", Some(refused.words())))?;
    Ok(Answer::Json(json!({
        "access_token": pass.token,
        "token_type": "bearer",
        "expires_in": pass.lifetime.as_secs(),
    })))
}

fn json_login(state: &State, body: &Bytes) -> Result<Answer, Refusal> {
    let body = object(body)?;
    let pass = state
        .logins
        .login(Generation::Dme, text(&body, "UserName"), text(&body, "Password"))
        .map_err(|refused| Refusal::login(refused.words()))?;
    let systems = state.options.systems.iter().enumerate();
    let connections = systems.map(|(at, (name, id))| json!({"name": name, "systemId": id, "isDefault": at == 0}));
    Ok(Answer::Json(json!({
        "authToken": pass.token,
        "refreshToken": pass.refresh_token,
        "authExpiration": pass.expiration(),
        "availableConnections": connections.collect::<Json>(),
    })))
}

fn refresh(state: &State, body: &Bytes) -> Result<Answer, Refusal> {
    let body = object(body)?;
    let pass = state.logins.refresh(text(&body, "ExpiredAuthToken"), text(&body, "RefreshToken"));
    let pass = pass.ok_or_else(|| Refusal::login("The tokens are not valid for a refresh."))?;
    Ok(Answer::Json(json!({
        "authToken": pass.token,
        "refreshToken": pass.refresh_token,
        "authExpiration": pass.expiration(),
    })))
}

fn inquiry(state: &State, generation: Generation, parameters: &Parameters) -> Result<Document, Refusal> {
    let since = match parameters.get("InvoiceDate") {
        "" => None,
        text => Some(data::date(text).ok_or_else(Refusal::invalid)?),
    };
    let customers = asked_for(state, parameters.get("CustomerId")).into_iter();
    let entries = customers.map(|customer| customer.inquiry(since, generation, state.today)).collect();
    Ok(model("ArrayOfCustomerARInquiry", Value::List("CustomerARInquiry", entries)))
}

fn record(state: &State, id: &str) -> Result<Document, Refusal> {
    let customer = find(state, id.trim()).ok_or_else(|| Refusal::unknown("Customer", id))?;
    Ok(model("Customer", customer.record()))
}

/// The documented endpoint takes bare ids: it does not ask whose they are.
fn invoices(state: &State, generation: Generation, request: &HttpRequest, body: &Bytes) -> Result<Document, Refusal> {
    let media_type = content_type(request);
    let ids = match media(media_type).map(|(format, _)| format) {
        Some(Format::Xml) if generation == Generation::V2 => std::str::from_utf8(body).ok().and_then(strings),
        Some(Format::Json | Format::CamelJson) => serde_json::from_slice::<Vec<String>>(body).ok(),
        _ => return Err(Refusal::unsupported_media(media_type)),
    };
    let ids = ids.filter(|ids| ids.len() <= INVOICES_PER_CALL).ok_or_else(Refusal::invalid)?;
    let owned = state.customers.iter().flat_map(|owner| owner.invoices.iter().map(move |invoice| (owner, invoice)));
    let found = owned.filter(|(_, invoice)| ids.contains(&invoice.id));
    let found = found.map(|(owner, invoice)| invoice.value(owner, generation));
    Ok(model("ArrayOfInvoice", Value::List("Invoice", found.collect())))
}

fn payment_history(state: &State, parameters: &Parameters) -> Result<Document, Refusal> {
    let id = parameters.get("CustomerId");
    let pending_only = match parameters.get("PendingOnly") {
        "" => false,
        text => text.to_ascii_lowercase().parse().map_err(|_| Refusal::invalid())?,
    };
    if id.is_empty() {
        return Err(Refusal::invalid());
    }
    let payments = find(state, id).map_or(Value::List("CustomerPayment", vec![]), |of| of.payments(pending_only));
    Ok(model("ArrayOfCustomerPayment", payments))
}

fn work_order_list(state: &State, parameters: &Parameters) -> Result<Document, Refusal> {
    let status = parameters.get("Status").to_ascii_uppercase();
    if !matches!(status.as_str(), "" | "O" | "C") || (state.options.refuse_closed_work_orders && status != "O") {
        return Err(Refusal::invalid());
    }
    let locations: Vec<&str> = parameters.get("LocationCodeList").split(',').map(str::trim).collect();
    let customers = asked_for(state, parameters.get("CustId")).into_iter();
    let entries = customers
        .flat_map(|owner| owner.work_orders.iter().map(move |order| (owner, order)))
        .filter(|(_, order)| status.is_empty() || order.status == status)
        .filter(|(_, order)| locations == [""] || locations.contains(&order.location))
        .flat_map(|(owner, order)| std::iter::repeat_n((owner, order), owner.times_listed(&order.id)))
        .map(|(owner, order)| order.entry(owner));
    Ok(model("ArrayOfWorkOrderListItem", Value::List("WorkOrderListItem", entries.collect())))
}

/// Whoever knows the id is answered, as with invoices.
fn work_order(state: &State, parameters: &Parameters) -> Result<Document, Refusal> {
    let (id, detail) = (parameters.get("Id"), parameters.get("Detail").to_ascii_lowercase());
    let detail = detail.parse().map_err(|_| Refusal::invalid())?;
    let (owner, order) =
        all_work_orders(state).find(|(_, order)| order.id == id).ok_or_else(|| Refusal::unknown("Work order", id))?;
    Ok(model("WorkOrder", order.value(owner, detail)))
}

fn work_orders(state: &State, request: &HttpRequest, body: &Bytes) -> Result<Document, Refusal> {
    let media_type = content_type(request);
    if !matches!(media(media_type), Some((Format::Json, _))) {
        return Err(Refusal::unsupported_media(media_type));
    }
    let body = object(body)?;
    let ids = member(&body, "WoIds").and_then(|ids| serde_json::from_value::<Vec<String>>(ids.clone()).ok());
    let ids = ids.filter(|ids| ids.len() <= WORK_ORDERS_PER_CALL).ok_or_else(Refusal::invalid)?;
    let detail = member(&body, "Detail").and_then(Json::as_bool).unwrap_or_default();
    let found = all_work_orders(state);
    let found = found.filter(|(_, order)| ids.contains(&order.id)).map(|(owner, order)| order.value(owner, detail));
    Ok(model("ArrayOfWorkOrder", Value::List("WorkOrder", found.collect())))
}

fn all_work_orders(state: &State) -> impl Iterator<Item = (&Customer, &WorkOrder)> {
    state.customers.iter().flat_map(|owner| owner.work_orders.iter().map(move |order| (owner, order)))
}

/// Everybody for a blank id, and where that is the fault to play; of merged customers both.
fn asked_for<'a>(state: &'a State, id: &str) -> Vec<&'a Customer> {
    if id.is_empty() || state.options.everybody {
        return state.customers.iter().collect();
    }
    let asked = find(state, id);
    let merged = asked.and_then(|customer| customer.merged_with).and_then(|other| find(state, other));
    asked.into_iter().chain(merged).collect()
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

/// Names and values of a query or a form; ASP.NET knows the names without regard to case.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        Self::read(request.query_string().as_bytes())
    }

    fn read(text: &[u8]) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(text).map_err(|_| Refusal::invalid())?;
        Query::from_query(text).map(|Query(pairs)| Self(pairs)).map_err(|_| Refusal::invalid())
    }

    fn get(&self, name: &str) -> &str {
        self.exact(name).trim()
    }

    fn exact(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

fn object(body: &[u8]) -> Result<Map<String, Json>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::invalid())
}

/// A member by its name without regard to case, as Json.NET finds it.
fn member<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    object.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text<'a>(object: &'a Map<String, Json>, name: &str) -> &'a str {
    member(object, name).and_then(Json::as_str).unwrap_or_default()
}

fn content_type(request: &HttpRequest) -> &str {
    request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
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
