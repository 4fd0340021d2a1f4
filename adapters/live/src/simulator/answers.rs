use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::web::{self, Bytes, Data, Form, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::json::Json;
use super::{Dialect, Nothing, Paging, State, Totals};

/// The members of an order in a list, as the sample has them.
const ORDER_ROW: [&str; 13] = [
    "order_id",
    "customer_code",
    "order_type_description",
    "order_status_description",
    "order_date",
    "ship_date",
    "discount_total",
    "sub_total",
    "tax_total",
    "total",
    "customer_po",
    "order_comments",
    "third_party_order_number",
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/erp/{call}", web::post().to(serve))
        .route("/token", web::post().to(token))
        .default_service(web::to(|| async { refusal(StatusCode::NOT_FOUND, "there is nothing here") }));
}

async fn token(state: Data<State>, form: Form<HashMap<String, String>>) -> HttpResponse {
    match state.doors.token(&form) {
        Ok(token) => {
            HttpResponse::Ok().json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 }))
        }
        Err(error) => HttpResponse::BadRequest().json(json!({ "error": error })),
    }
}

async fn serve(
    state: Data<State>,
    request: HttpRequest,
    call: web::Path<String>,
    query: Query<HashMap<String, String>>,
    body: Bytes,
) -> HttpResponse {
    let sloppy = query.get("dialect").is_some_and(|dialect| dialect == "sloppy");
    let dialect = if sloppy { Dialect::SLOPPY } else { state.dialect };
    if !state.doors.admits(&request) {
        let mut answer = refusal(StatusCode::UNAUTHORIZED, "who are you?");
        answer.headers_mut().insert(WWW_AUTHENTICATE, actix_web::http::header::HeaderValue::from_static("Bearer"));
        return answer;
    }
    let question: Value = serde_json::from_slice(&body).unwrap_or_default();
    state.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((call.clone(), question.clone()));
    if state.fails() {
        return failed(dialect, StatusCode::INTERNAL_SERVER_ERROR, "the ledger is closed");
    }
    let Some(customer) = question["customer_code"].as_str().filter(|code| !code.trim().is_empty()) else {
        return failed(dialect, StatusCode::BAD_REQUEST, "customer_code is missing");
    };
    let customers = &state.customers;
    let document = |id: &str, documents: &[(String, Json)]| {
        let asked = question[id].as_str().unwrap_or_default();
        documents.iter().map(|(_, document)| document).find(|document| document.text(id) == asked).cloned()
    };
    let found = match call.as_str() {
        "customer-balance" => customers.balance(customer).cloned(),
        "order" => document("order_id", &customers.orders),
        "invoice" => document("invoice_id", &customers.invoices),
        "orders" => {
            let filtered = customers.orders.iter().filter(|(listed_for, order)| {
                is_same(listed_for, customer) && keeps(&question, order, "order_id", "order_date", dialect)
            });
            let rows = filtered.map(|(_, order)| order.only(&ORDER_ROW)).collect();
            page(&question, rows, ("orders", "total_orders", "order_date"), dialect)
        }
        "invoices" => {
            let filtered = customers.invoices.iter().filter(|(listed_for, invoice)| {
                is_same(listed_for, customer) && keeps(&question, invoice, "invoice_id", "invoice_date", dialect)
            });
            let rows = filtered.map(|(_, invoice)| invoice_row(invoice)).collect();
            page(&question, rows, ("invoices", "total_invoices", "invoice_date"), dialect)
        }
        _ => return refusal(StatusCode::NOT_FOUND, "there is nothing here"),
    };
    let mut text = String::new();
    match (found, dialect.nothing, call.as_str()) {
        (Some(found), ..) => found.write(dialect, &mut text),
        (None, Nothing::Shaped, "orders") => text.push_str(r#"{"orders":[],"total_orders":0}"#),
        (None, Nothing::Shaped, "invoices") => text.push_str(r#"{"invoices":[],"total_invoices":0}"#),
        (None, Nothing::Shaped | Nothing::Object, _) => text.push_str("{}"),
        (None, Nothing::List, _) => text.push_str("[]"),
        (None, Nothing::Null, _) => text.push_str("null"),
        (None, Nothing::Body, _) => {}
    }
    HttpResponse::Ok().content_type("application/json").body(text)
}

fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right.trim())
}

/// Whether a document passes the filters and may be seen by the user who asks.
fn keeps(question: &Value, document: &Json, id: &str, date: &str, dialect: Dialect) -> bool {
    let filters = &question["filters"];
    let text = |name: &str| filters[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let (from, to) = if dialect.date_from { ("date_from", "date_to") } else { ("start_date", "end_date") };
    let passes = |name: &str| text(name).is_none_or(|wanted| document.text(name).eq_ignore_ascii_case(wanted));
    // Dates compare as their texts do; a whole day ends with its last second.
    let dated = document.text(date);
    let user = question["user_seller_reference"].as_str().filter(|user| !user.trim().is_empty());
    let theirs = id != "order_id" || user.is_none_or(|user| document.text("user") == user);
    let numbers = [id, "customer_po", "third_party_order_number"];
    numbers.into_iter().all(passes)
        && text(from).is_none_or(|from| dated >= from)
        && text(to).is_none_or(|to| dated.get(..to.len().min(19)).unwrap_or(dated) <= to)
        && theirs
}

/// One page, newest first; `None` where there is nothing at all.
fn page(
    question: &Value,
    mut rows: Vec<Json>,
    (list, total, date): (&str, &str, &str),
    dialect: Dialect,
) -> Option<Json> {
    if rows.is_empty() {
        return None;
    }
    rows.sort_by(|left, right| right.text(date).cmp(left.text(date)));
    let all = rows.len();
    let number = |name: &str, default: usize| match &question[name] {
        Value::String(text) => text.parse().unwrap_or(default),
        Value::Number(number) => number.as_u64().and_then(|number| number.try_into().ok()).unwrap_or(default),
        _ => default,
    };
    let (current, per_page) = (number("current_page", 1).max(1), number("per_page", 15).max(1));
    let (current, per_page) = match dialect.paging {
        Paging::Heeded => (current, per_page),
        Paging::Capped(most) => (current, per_page.min(most)),
        Paging::Ignored => (1, all),
        Paging::Repeated => (1, per_page),
    };
    let rows: Vec<Json> = rows.into_iter().skip((current - 1).saturating_mul(per_page)).take(per_page).collect();
    let stated = match dialect.totals {
        Totals::Right => Json::Number(all.to_string()),
        Totals::Missing => Json::Null,
        Totals::OfThePage => Json::Number(rows.len().to_string()),
        Totals::Always(total) => Json::Number(total.to_string()),
    };
    Some(Json::Object([(list.to_owned(), Json::List(rows)), (total.to_owned(), stated)].into()))
}

/// An invoice as a list has it: without third address lines, the discount under another name.
fn invoice_row(invoice: &Json) -> Json {
    let Json::Object(members) = invoice else { return Json::Null };
    let mut row = members.clone();
    for name in ["order_date", "note", "invoice_lines"] {
        row.remove(name);
    }
    if let Some(discount) = row.remove("discount") {
        row.insert("discount_total".to_owned(), discount);
    }
    for name in ["billing_details", "shipping_details"] {
        if let Some(Json::Object(address)) = row.get_mut(name) {
            address.remove("address3");
        }
    }
    Json::Object(row)
}

fn failed(dialect: Dialect, status: StatusCode, words: &str) -> HttpResponse {
    refusal(if dialect.failures_in_200 { StatusCode::OK } else { status }, words)
}

fn refusal(status: StatusCode, words: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "error": words }))
}
