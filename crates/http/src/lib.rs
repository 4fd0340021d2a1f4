//! What adapters are built on: the one transport with its egress policy, authentication, requests that cannot leave their
//! path segment, and lenient decoding of JSON and XML. It knows reqwest, so that nobody else has to; it knows no ERP.

mod auth;
mod cookies;
mod decode;
mod egress;
mod endpoint;
mod flight;
mod json;
pub mod lenient;
mod login;
pub mod odata;
mod odata_pages;
mod open_session;
mod paging;
mod pause;
mod rate;
mod session;
mod session_login;
mod token;
mod transport;
mod xml;

pub use auth::Auth;
pub use decode::Format;
pub use egress::{AllowedTarget, EgressPolicy, EgressRefusal, InvalidTarget};
pub use endpoint::{Endpoint, Request, classify, is_one_segment};
pub use json::json;
pub use login::{
    ClientCredentials, Login, PasswordGrant, Tokens, bare_logout, form_login, json_login, lifetime_until, login_address,
};
pub use odata_pages::{ODataList, ODataPage, ODataPaging, PageSize, read_odata};
pub use paging::{NextPage, Page, PageCall, fingerprint, read_pages};
pub use rate::{Rate, paced};
pub use session::{CLOSING_TIME, Session};
pub use session_login::{Idle, SessionLogin};
pub use token::TokenSource;
pub use transport::{Clients, MAX_BODY, TransportSettings, transport_to};
pub use xml::xml;
