//! The processes that livegate is measured beside and in front of: this program, started again with a role.

use std::collections::HashMap;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::web::{Bytes, Data, Path, Query, ServiceConfig, get, post, put};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

use crate::erp;

/// Plays the role that the first argument names, until the one who started it is gone.
///
/// # Errors
/// The role is not known, or no socket was to be had.
pub fn play(role: &str, argument: &str) -> Result<(), String> {
    // A bench that was killed cannot end what it started, but its end of the pipe is closed for it.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let argument = argument.to_owned();
    let outcome = match role {
        "stub" => serve({
            let erp = Data::new(Erp::new());
            move |config| stub(config, &erp)
        }),
        "fixed" => {
            let answer = std::fs::read(&argument).map_err(|error| format!("{argument}: {error}"))?;
            let answer = Bytes::from(answer);
            serve(move |config| {
                let answer = answer.clone();
                config.default_service(post().to(move |_: Bytes| {
                    let answer = answer.clone();
                    async move { json(answer) }
                }));
            })
        }
        "forward" => serve(move |config| forward(config, &argument)),
        _ => return Err(format!("no such role: {role}")),
    };
    outcome.map_err(|error| error.to_string())
}

#[expect(clippy::print_stdout, reason = "the one who started it waits for the address")]
fn serve(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> std::io::Result<()> {
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || App::new().configure(configure.clone())).workers(1);
        let server = server.disable_signals().bind(("127.0.0.1", 0))?;
        println!("listening on http://{}", server.addrs()[0]);
        server.run().await
    })
}

fn json(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body)
}

/// What the ERP answers is rendered before it is asked: nothing but sockets is to take its time.
struct Erp {
    inquiries: HashMap<String, Bytes>,
    records: HashMap<String, Bytes>,
    kept: RwLock<Bytes>,
    asked: AtomicU64,
}

impl Erp {
    fn new() -> Self {
        let customers = erp::customers();
        let all = |render: fn(&str) -> String| {
            customers.iter().map(|customer| (customer.clone(), Bytes::from(render(customer)))).collect()
        };
        Self { inquiries: all(erp::inquiry), records: all(erp::record), kept: RwLock::default(), asked: 0.into() }
    }

    fn count(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }
}

/// Under `/records` is a dealer's system with customer records, under `/plain` one that does not offer them. A POST of the
/// Live call itself gets the ERP's JSON, for who only passes it on; `/kept` gives what livegate made of it.
fn stub(config: &mut ServiceConfig, erp: &Data<Erp>) {
    config
        .app_data(erp.clone())
        .route("/{system}/api/v2/AR/CustomerARInquiry", get().to(inquiry))
        .route("/records/api/v2/Customers/RetrieveCustomer/{customer}", get().to(record))
        .route("/live/v1/invoices", post().to(first_inquiry))
        .route("/kept/live/v1/invoices", post().to(kept))
        .route("/kept", put().to(keep))
        .route("/asked", get().to(|erp: Data<Erp>| async move { erp.asked.load(Ordering::Relaxed).to_string() }));
}

async fn inquiry(erp: Data<Erp>, query: Query<HashMap<String, String>>) -> HttpResponse {
    erp.count();
    let customer = query.get("CustomerId").map_or("", String::as_str);
    json(erp.inquiries.get(customer).cloned().unwrap_or_else(|| erp::inquiry(customer).into()))
}

async fn record(erp: Data<Erp>, customer: Path<String>) -> HttpResponse {
    erp.count();
    json(erp.records.get(&*customer).cloned().unwrap_or_else(|| erp::record(&customer).into()))
}

async fn first_inquiry(erp: Data<Erp>, _: Bytes) -> HttpResponse {
    erp.count();
    json(erp.inquiries[erp::CUSTOMER].clone())
}

async fn kept(erp: Data<Erp>, _: Bytes) -> HttpResponse {
    erp.count();
    json(erp.kept.read().expect("nobody panics with it").clone())
}

async fn keep(erp: Data<Erp>, body: Bytes) -> HttpResponse {
    *erp.kept.write().expect("nobody panics with it") = body;
    HttpResponse::NoContent().finish()
}

/// Passes a POST on with what it needs to be understood, on the thread that took it, by one pooled client.
fn forward(config: &mut ServiceConfig, to: &str) {
    let client = client();
    let to: Arc<str> = to.into();
    config.default_service(post().to(move |request: HttpRequest, body: Bytes| {
        let (client, to) = (client.clone(), Arc::clone(&to));
        async move { pass_on(&client, &to, &request, body).await }
    }));
}

#[expect(clippy::disallowed_methods, reason = "this is what livegate is compared with, and no part of it")]
async fn pass_on(client: &reqwest::Client, to: &str, request: &HttpRequest, body: Bytes) -> HttpResponse {
    let mut onward = client.post(format!("{to}{}", request.path()));
    for name in [AUTHORIZATION, CONTENT_TYPE] {
        if let Some(value) = request.headers().get(&name) {
            onward = onward.header(name.as_str(), value.as_bytes());
        }
    }
    let answer = match onward.body(body).send().await {
        Ok(answer) => answer,
        Err(error) => return HttpResponse::BadGateway().body(error.to_string()),
    };
    let status = actix_web::http::StatusCode::from_u16(answer.status().as_u16()).unwrap_or_default();
    match answer.bytes().await {
        Ok(body) => HttpResponse::build(status).content_type("application/json").body(body),
        Err(error) => HttpResponse::BadGateway().body(error.to_string()),
    }
}

/// A client for plain HTTP that asks for nothing to be compressed.
#[expect(clippy::disallowed_methods, reason = "this is what livegate is compared with, and no part of it")]
pub fn client() -> reqwest::Client {
    // It may have been installed by an earlier call, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_gzip().no_deflate().no_proxy().build().expect("nothing of it can fail")
}
