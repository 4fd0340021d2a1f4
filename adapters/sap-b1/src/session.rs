//! How sessions begin and end, and what a refused login means: after SAP's "Working with SAP Business One Service Layer",
//! 3.1, and answers that were recorded.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use livegate_core::{ErpError, ErrorKind, Result, Settings};
use livegate_http::{Idle, SessionLogin, bare_logout, classify, json, json_login, lenient, login_address};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::wire::missing;

/// How long a session may be idle where the login does not say: the product's own default.
const USUAL_TIME_OUT: Duration = Duration::from_secs(30 * 60);

/// So much earlier than the Service Layer ends it, an idle session is logged out of: what is sent then might come too late.
const MARGIN: Duration = Duration::from_secs(60);

/// A user of one company.
pub(crate) struct Login {
    login: Uri,
    logout: Uri,
    company_db: String,
    username: SecretString,
    password: SecretString,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials<'a> {
    #[serde(rename = "CompanyDB")]
    company_db: &'a str,
    user_name: &'a str,
    password: &'a str,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct LoginAnswer {
    #[serde(deserialize_with = "lenient::text")]
    session_id: Option<String>,
    /// In minutes.
    #[serde(deserialize_with = "lenient::text")]
    session_timeout: Option<String>,
}

/// An error as both generations write it: the code is a number in one and a text in the other, the message a text or an
/// object with the text in it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    #[serde(deserialize_with = "lenient::structure")]
    error: Option<Told>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    #[serde(deserialize_with = "lenient::text")]
    code: Option<String>,
}

/// The code of an error; `None` where it is told by somebody else, such as the web server before the Service Layer.
pub(crate) fn error_code(body: &[u8]) -> Option<i64> {
    json::<Refusal>(body).ok()?.error?.code?.parse().ok()
}

impl Login {
    /// The login of these settings at a service root.
    ///
    /// # Errors
    /// `misconfigured` where something is missing or no address.
    pub(crate) fn new(root: &str, settings: &Settings) -> Result<Self> {
        let needed = |name: &str| ErpError::misconfigured(format!("{name} is missing"));
        let secret = |name: &str| settings.secret(name).cloned().ok_or_else(|| needed(name));
        let at = |path: &str| login_address("base_url", &format!("{}/{path}", root.trim_end_matches('/')));
        Ok(Self {
            login: at("Login")?,
            logout: at("Logout")?,
            company_db: settings.text("company_db").ok_or_else(|| needed("company_db"))?.to_owned(),
            username: secret("username")?,
            password: secret("password")?,
        })
    }

    fn refused(&self, answer: &Response<Bytes>, error: ErpError) -> ErpError {
        let by_words = String::from_utf8_lossy(answer.body()).to_lowercase();
        match error_code(answer.body()) {
            Some(-304) => ErpError::new(ErrorKind::CredentialsRejected, "the Service Layer refused user and password"),
            Some(-306) => ErpError::misconfigured(format!(
                "the Service Layer knows no company {:?}: set company_db to the name of the company's database",
                self.company_db
            )),
            // No code for either is documented. A licence that nobody assigned to the user does not come by waiting.
            Some(_) if is_about_licences(&by_words) && NOT_ASSIGNED.iter().any(|words| by_words.contains(words)) => {
                ErpError::misconfigured(
                    "the Service Layer finds no licence of the connection's user: assign one that includes the Service \
                     Layer in SAP Business One's License Administration",
                )
            }
            // Asking again may help, and locks nobody out.
            Some(_) if is_about_licences(&by_words) => ErpError::new(
                ErrorKind::RateLimited,
                "the Service Layer has no licence left for another session of this user: try again later, or give the \
                 connection a user of its own",
            ),
            _ => error,
        }
    }
}

/// How a refusal says that the user has no licence at all, where others say that all of them are taken.
const NOT_ASSIGNED: [&str; 3] = ["not found", "not assigned", "does not have"];

fn is_about_licences(refusal: &str) -> bool {
    refusal.contains("license") || refusal.contains("licence")
}

impl SessionLogin for Login {
    fn login(&self) -> Result<Request<Bytes>> {
        let (user_name, password) = (self.username.expose_secret(), self.password.expose_secret());
        json_login(&self.login, &Credentials { company_db: &self.company_db, user_name, password })
    }

    fn opened(&self, answer: &Response<Bytes>) -> Result<Idle> {
        if let Some(error) = classify(answer.status(), answer.headers()) {
            return Err(self.refused(answer, error));
        }
        let told: LoginAnswer = json(answer.body())?;
        told.session_id.ok_or_else(|| missing("the answer to the login", "its SessionId"))?;
        let minutes = told.session_timeout.and_then(|text| text.parse().ok()).filter(|minutes| *minutes > 0);
        let time_out = minutes.map_or(USUAL_TIME_OUT, |minutes: u64| Duration::from_secs(minutes.saturating_mul(60)));
        Ok(Idle::LetGo(time_out.saturating_sub(MARGIN).max(time_out / 2)))
    }

    /// 401 says so with code 301. A node that is broken says 500 with code 407 to all that its sessions ask, and another
    /// session is likely to be on another node.
    fn is_dead(&self, answer: &Response<Bytes>) -> bool {
        match answer.status() {
            StatusCode::UNAUTHORIZED => true,
            StatusCode::INTERNAL_SERVER_ERROR => error_code(answer.body()) == Some(407),
            _ => false,
        }
    }

    fn logout(&self) -> Result<Request<Bytes>> {
        Ok(bare_logout(&self.logout))
    }
}

#[cfg(test)]
mod tests {
    use livegate_core::Value;

    use super::*;

    fn login() -> Login {
        let texts = [("company_db".to_owned(), Value::Text("HARBOR".to_owned()))];
        let secrets = ["username", "password"].map(|name| (name.to_owned(), "hidden".into()));
        Login::new("https://sap.example:50000/b1s/v2", &Settings::new(texts.into(), secrets.into())).unwrap()
    }

    fn answer(status: u16, body: &str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
    }

    /// A refusal in both shapes.
    fn refusals(code: i64, message: &str) -> [String; 2] {
        [
            format!(r#"{{"error": {{"code": {code}, "message": {{"lang": "en-us", "value": "{message}"}}}}}}"#),
            format!(r#"{{"error": {{"code": "{code}", "message": "{message}", "details": [{{"code": "1"}}]}}}}"#),
        ]
    }

    #[test]
    fn a_session_is_let_go_a_minute_before_it_ends() {
        let cases = [("30", 29 * 60), ("\"20\"", 19 * 60), ("1", 30), ("0", 29 * 60), ("null", 29 * 60)];
        for (minutes, seconds) in cases {
            let body = format!(r#"{{"SessionId": "ab", "SessionTimeout": {minutes}}}"#);
            let Idle::LetGo(after) = login().opened(&answer(200, &body)).unwrap() else { panic!("it is let go") };
            assert_eq!(after, Duration::from_secs(seconds), "{minutes}");
        }
    }

    #[test]
    fn codes_are_read_in_both_shapes() {
        for body in refusals(-304, "Fail") {
            assert_eq!(error_code(body.as_bytes()), Some(-304));
        }
        for body in ["<html>502 Proxy Error</html>", "", "{}", r#"{"error": "x"}"#, r#"{"error": {"code": "ODBC"}}"#] {
            assert_eq!(error_code(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_refused_login_says_what_it_was_refused_for() {
        let cases = [
            (401, -304, "Fail to NONE-SSO login", ErrorKind::CredentialsRejected),
            (401, -306, "Fail to NONE-SSO login", ErrorKind::Misconfigured),
            (500, -5, "User license not found", ErrorKind::Misconfigured),
            (401, 100_000_085, "no LICENCE for this user", ErrorKind::RateLimited),
            (500, -5, "The number of sessions exceeds the maximum number of licenses", ErrorKind::RateLimited),
            (500, -5, "User not found", ErrorKind::Unavailable),
            (500, 299, "SAML Login Failed", ErrorKind::Unavailable),
        ];
        for (status, code, message, kind) in cases {
            for body in refusals(code, message) {
                let error = login().opened(&answer(status, &body)).unwrap_err();
                assert_eq!(error.kind(), kind, "{body}");
                assert!(!error.message().contains(message), "{error}");
            }
        }
        let proxy = login().opened(&answer(502, "<html>license</html>")).unwrap_err();
        assert_eq!(proxy.kind(), ErrorKind::Unavailable, "the web server in front knows of no licences");
    }

    #[test]
    fn a_session_is_over_by_401_or_where_its_node_is_broken() {
        let [earlier, later] = refusals(407, "broken");
        assert!(login().is_dead(&answer(500, &earlier)) && login().is_dead(&answer(500, &later)));
        assert!(login().is_dead(&answer(401, "")));
        let [other, _] = refusals(299, "SAML");
        for kept in [answer(500, &other), answer(500, "407"), answer(502, &earlier), answer(403, "")] {
            assert!(!login().is_dead(&kept));
        }
    }
}
