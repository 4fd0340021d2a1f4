//! The two ways to sign in. Either ends in a session that counts against the licence until it is logged out.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, Uri};
use livegate_core::{Connection, ErpError, Result, Transport};
use livegate_http::{
    Auth, Idle, Login, PasswordGrant, Session, SessionLogin, TokenSource, Tokens, bare_logout, form_login, json_login,
    login_address,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::refusal::{is_signed_out, judge_login};
use crate::seats::Seats;

/// How requests prove themselves, through which transport they go, and who logs out.
pub(crate) struct Door {
    pub auth: Auth,
    pub transport: Arc<dyn Transport>,
    /// The sessions that tokens have opened; those by cookie log out by themselves.
    pub seats: Option<Arc<Seats>>,
}

impl Door {
    /// # Errors
    /// `misconfigured` where the settings make no login.
    pub(crate) fn of(connection: &Connection, base_url: &str) -> Result<Self> {
        let settings = &connection.settings;
        let secret = |name: &str| {
            let secret = settings.secret(name).cloned();
            secret.ok_or_else(|| ErpError::misconfigured(format!("the secret {name} is missing")))
        };
        let below = |path: &str| login_address("base_url", &format!("{}/{path}", base_url.trim_end_matches('/')));
        let transport = Arc::clone(&connection.transport);
        let logout = below("entity/auth/logout")?;
        let (username, password) = (secret("username")?, secret("password")?);
        let tenant = settings.text("tenant").map(str::to_owned);
        if settings.text("auth") != Some("oauth_password") {
            let branch = settings.text("branch").map(str::to_owned);
            let login = SignIn { login: below("entity/auth/login")?, logout, username, password, tenant, branch };
            let auth = Auth::Session(Session::new(Arc::new(login), Arc::clone(&transport)));
            return Ok(Self { auth, transport, seats: None });
        }
        let url = below("identity/connect/token")?;
        let client_id = client_id(&secret("client_id")?, tenant.as_deref())?;
        let login = TokenLogin {
            client_id,
            client_secret: secret("client_secret")?,
            grant: PasswordGrant { url, username, password },
        };
        let auth = Auth::Tokens(TokenSource::new(Arc::new(login), Arc::clone(&transport)));
        let seats = Arc::new(Seats::new(transport, logout));
        Ok(Self { auth, transport: Arc::clone(&seats) as Arc<dyn Transport>, seats: Some(seats) })
    }
}

/// What follows the sign in a client's id names the tenant that the application was registered in, and so the books that
/// are asked: it must be the one that is meant.
fn client_id(given: &SecretString, tenant: Option<&str>) -> Result<SecretString> {
    match (given.expose_secret().split_once('@'), tenant) {
        (Some((_, own)), Some(tenant)) if !own.eq_ignore_ascii_case(tenant) => Err(ErpError::misconfigured(format!(
            "client_id belongs to another tenant than {tenant:?}: register the application in that one (Connected \
             Applications, SM303010), or correct tenant"
        ))),
        (None, Some(tenant)) => Ok(format!("{}@{tenant}", given.expose_secret()).into()),
        _ => Ok(given.clone()),
    }
}

/// `POST entity/auth/login`.
struct SignIn {
    login: Uri,
    logout: Uri,
    username: SecretString,
    password: SecretString,
    tenant: Option<String>,
    branch: Option<String>,
}

#[derive(Serialize)]
struct Credentials<'a> {
    name: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    /// What older versions call the tenant; newer ones pay no heed to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
    /// The language of the statuses and types that are compared with their English names, whatever the user's own is.
    locale: &'static str,
}

impl SessionLogin for SignIn {
    fn login(&self) -> Result<Request<Bytes>> {
        let tenant = self.tenant.as_deref();
        let credentials = Credentials {
            name: self.username.expose_secret(),
            password: self.password.expose_secret(),
            tenant,
            company: tenant,
            branch: self.branch.as_deref(),
            locale: "en-US",
        };
        json_login(&self.login, &credentials)
    }

    /// How long a session may be idle is set for the whole instance, so it is used until it is over.
    fn opened(&self, answer: &Response<Bytes>) -> Result<Idle> {
        judge_login(answer, self.tenant.as_deref(), self.branch.as_ref()).map_or(Ok(Idle::Kept), Err)
    }

    fn is_dead(&self, answer: &Response<Bytes>) -> bool {
        is_signed_out(answer)
    }

    /// Its length of zero is sent along: without one IIS answers 411, and nothing has ended.
    fn logout(&self) -> Result<Request<Bytes>> {
        Ok(bare_logout(&self.logout))
    }
}

/// `POST identity/connect/token`: the grant of a resource owner's password, for a connected application. The scope `api`
/// has all requests of a token in one session.
struct TokenLogin {
    client_id: SecretString,
    client_secret: SecretString,
    grant: PasswordGrant,
}

impl Login for TokenLogin {
    fn login(&self) -> Result<Request<Bytes>> {
        Ok(form_login(
            &self.grant.url,
            &[
                ("grant_type", "password"),
                ("client_id", self.client_id.expose_secret()),
                ("client_secret", self.client_secret.expose_secret()),
                ("username", self.grant.username.expose_secret()),
                ("password", self.grant.password.expose_secret()),
                ("scope", "api"),
            ],
        ))
    }

    fn read(&self, answer: &Response<Bytes>, renewed: Option<&Tokens>) -> Result<Tokens> {
        self.grant.read(answer, renewed)
    }
}
