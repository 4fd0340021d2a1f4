use livegate_live::{
    BalanceRequest, BalanceResponse, InvoiceRequest, InvoiceResponse, InvoicesRequest, InvoicesResponse, OrderRequest,
    OrderResponse, OrdersRequest, OrdersResponse,
};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::problem::Problem;

/// The description of the Live calls, made from the code that answers them.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "livegate",
        description = "The EvolutionX Live contract, answered live from each tenant's ERP. Dates leave without zone (UTC); amounts are exact decimals; what an ERP does not tell is absent.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(customer_balance, orders, order_by_id, invoices, invoice_by_id),
    components(schemas(Problem)),
    modifiers(&Credentials),
    security(("bearer" = []), ("basic" = []), ("key" = []))
)]
struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The tenant's token."));
        let basic = HttpBuilder::new()
            .scheme(HttpAuthScheme::Basic)
            .description(Some("The tenant's id as user name, its token as password."));
        let key =
            ApiKeyValue::with_description("X-Api-Key", "The tenant's token in a header that the operator allows.");
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        components.add_security_scheme("basic", SecurityScheme::Http(basic.build()));
        components.add_security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
}

macro_rules! live_call {
    ($name:ident, $path:literal, $summary:literal, $request:ty, $response:ty) => {
        #[utoipa::path(
            post,
            path = $path,
            tag = "Live",
            summary = $summary,
            request_body = $request,
            params(
                ("cache-control" = Option<String>, Header, description = "`no-cache` asks the ERP anew; `max-age=N` accepts nothing older than N seconds."),
                ("x-request-id" = Option<String>, Header, description = "An id of `[A-Za-z0-9._-]{1,128}` that comes back and is logged.")
            ),
            responses(
                (status = 200, description = "The ERP's answer; empty when nothing was found.", body = $response, headers(
                    ("x-request-id" = String, description = "The id of this request."),
                    ("cache-status" = String, description = "How the cache took part (RFC 9211)."),
                    ("age" = u64, description = "How old the answer is, in whole seconds."),
                    ("livegate-as-of" = String, description = "When the ERP said it (RFC 3339).")
                )),
                (status = 400, description = "The request is rejected: `bad_request`, `invalid_query`.", body = Problem, content_type = "application/problem+json"),
                (status = 401, description = "The token is missing or unknown: `unauthorized`.", body = Problem, content_type = "application/problem+json"),
                (status = 413, description = "More than 64 KiB: `payload_too_large`.", body = Problem, content_type = "application/problem+json"),
                (status = 500, description = "A bug of the gateway: `internal`.", body = Problem, content_type = "application/problem+json"),
                (status = 501, description = "The tenant's ERP connection does not offer this: `unsupported`.", body = Problem, content_type = "application/problem+json"),
                (status = 502, description = "The ERP failed: `credentials_rejected`, `permission_denied`, `misconfigured`, `unreachable`, `unavailable`, `malformed`, `too_large`.", body = Problem, content_type = "application/problem+json"),
                (status = 503, description = "Come back later (see `retry-after`): `rate_limited`, `overloaded`, `circuit_open`.", body = Problem, content_type = "application/problem+json"),
                (status = 504, description = "The ERP did not answer in time: `timeout`.", body = Problem, content_type = "application/problem+json")
            )
        )]
        #[expect(dead_code, reason = "utoipa describes a call by the function that its attribute stands on")]
        fn $name() {}
    };
}

live_call!(
    customer_balance,
    "/live/v1/customer-balance",
    "A customer's A/R balance with aging",
    BalanceRequest,
    BalanceResponse
);
live_call!(orders, "/live/v1/orders", "A customer's orders, newest first", OrdersRequest, OrdersResponse);
live_call!(order_by_id, "/live/v1/orders/by-id", "One order of a customer", OrderRequest, OrderResponse);
live_call!(invoices, "/live/v1/invoices", "A customer's invoices, newest first", InvoicesRequest, InvoicesResponse);
live_call!(invoice_by_id, "/live/v1/invoices/by-id", "One invoice of a customer", InvoiceRequest, InvoiceResponse);

#[cfg(test)]
mod tests {
    use super::*;

    /// `cargo xtask openapi` writes the file anew.
    #[test]
    fn the_committed_description_is_the_codes() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let made = document().to_pretty_json().unwrap() + "\n";
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == made, "docs/openapi.json is not what the code says; run `cargo xtask openapi`");
    }

    #[test]
    fn every_route_is_described() {
        let paths = document().paths.paths;
        for (path, _) in crate::live::ROUTES {
            assert!(paths.get(path).is_some_and(|item| item.post.is_some()), "{path}");
        }
        assert_eq!(paths.len(), crate::live::ROUTES.len());
    }
}
