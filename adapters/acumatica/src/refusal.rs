//! What an answer means that is none. Acumatica tells most of its failures with status 500, an `exceptionType` and an
//! `exceptionMessage`; nothing of their texts is passed on.

use bytes::Bytes;
use http::header::LOCATION;
use http::{Response, StatusCode};
use livegate_core::{ErpError, ErrorKind};
use livegate_http::{classify, json, lenient};
use serde::Deserialize;

/// What came of a request for records.
pub(crate) enum Came {
    /// What was asked for.
    Body(Bytes),
    /// There is no such record.
    Nothing,
    /// The entity cannot be asked for these parts, or not in a list.
    TooMuch(ErpError),
    /// Something else that is wrong.
    Failed(ErpError),
}

/// How a failure is told.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Failure {
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    exception_message: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    exception_type: Option<String>,
}

impl Failure {
    /// What the body of an answer that failed tells; nothing where it is no such document.
    fn of(answer: &Response<Bytes>) -> Self {
        json(answer.body()).unwrap_or_default()
    }

    fn begins(&self, words: &str) -> bool {
        [&self.message, &self.exception_message].into_iter().flatten().any(|text| text.starts_with(words))
    }

    /// Whether one of its texts speaks of something, in whatever case.
    fn speaks_of(&self, something: &str) -> bool {
        let texts = [&self.message, &self.exception_message, &self.exception_type];
        texts.into_iter().flatten().any(|text| text.to_lowercase().contains(something))
    }

    /// Whether one of its texts says one of these phrases, and not because the database stumbled: what it tells then has
    /// the names of columns and locks in it.
    fn says(&self, phrases: &[&str]) -> bool {
        let kind = self.exception_type.as_deref().unwrap_or_default().to_lowercase();
        let is_database = ["sql", "database", "deadlock", "timeout"].iter().any(|word| kind.contains(word));
        !is_database && phrases.iter().any(|phrase| self.speaks_of(phrase))
    }

    fn is(&self, exception: &str) -> bool {
        self.exception_type.as_deref().is_some_and(|own| own.ends_with(exception))
    }
}

/// Judges the answer to a request for records. `place` names the endpoint that was asked and its branch, `form` the entity
/// and the form to which it belongs.
pub(crate) fn judge(answer: Response<Bytes>, place: &Place, form: &str) -> Came {
    let Some(usual) = classify(answer.status(), answer.headers()) else { return Came::Body(answer.into_body()) };
    if let Some(error) = over_limit(&answer) {
        return Came::Failed(error);
    }
    let failure = Failure::of(&answer);
    if failure.begins("No entity satisfies the condition") {
        return Came::Nothing;
    }
    let Place { endpoint, version, branch } = place;
    // A branch that a login has proved is not what is wrong.
    let told = ["access the branch", "access to the branch", "rights to the branch", "rights for the branch"];
    if let Some(branch) = branch.as_ref().filter(|_| answer.status().is_server_error() && failure.says(&told)) {
        return Came::Failed(no_branch(branch));
    }
    let is_forbidden = answer.status().is_server_error() && failure.is("PXNotEnoughRightsException");
    match answer.status() {
        StatusCode::NOT_FOUND => Came::Failed(ErpError::misconfigured(format!(
            "Acumatica does not know what was asked for: check base_url, and that the endpoint {endpoint} is published in \
             version {version} with the entity {form} (Web Service Endpoints, SM207060)"
        ))),
        status if status == StatusCode::FORBIDDEN || is_forbidden => Came::Failed(ErpError::new(
            ErrorKind::PermissionDenied,
            format!("the Acumatica user has no right to {form}: grant View Only to one of its roles"),
        )),
        status if !status.is_server_error() => Came::Failed(usual),
        _ if failure.is("CannotOptimizeException") || failure.begins("Optimization cannot be performed") => {
            Came::TooMuch(ErpError::misconfigured(format!(
                "Acumatica cannot list {form} of the endpoint {endpoint}: some of its fields are computed one by one; \
                 set endpoint and version to one without them, such as Default"
            )))
        }
        _ if failure.is("KeyNotFoundException") => Came::TooMuch(ErpError::misconfigured(format!(
            "the endpoint {endpoint} lacks in version {version} a field of {form} that is asked for: set version to a \
             newer one that the instance has, or extend the endpoint"
        ))),
        _ => Came::Failed(usual),
    }
}

/// Where the records are asked for.
pub(crate) struct Place {
    pub endpoint: String,
    pub version: String,
    /// The branch that goes along with the requests, where no login says it.
    pub branch: Option<String>,
}

/// What the answer to a login means that opens no session.
pub(crate) fn judge_login(answer: &Response<Bytes>, tenant: Option<&str>, branch: Option<&String>) -> Option<ErpError> {
    let usual = classify(answer.status(), answer.headers())?;
    let failure = Failure::of(answer);
    Some(if let Some(error) = over_limit(answer) {
        error
    } else if failure.says(&["credentials", "password", "locked out", "is locked", "been locked"]) {
        ErpError::new(ErrorKind::CredentialsRejected, "Acumatica refused the user name or the password")
    } else if failure.is("PXUndefinedCompanyException") || failure.says(&["tenant", "proper company"]) {
        ErpError::misconfigured(match tenant {
            Some(tenant) => {
                format!("Acumatica has no tenant {tenant:?}: set tenant to its Login Name (Tenants, SM203520)")
            }
            None => "Acumatica has several tenants: set tenant to one's Login Name (Tenants, SM203520)".to_owned(),
        })
    } else if let Some(branch) = branch.filter(|_| failure.says(&["branch"])) {
        no_branch(branch)
    } else if matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        ErpError::new(ErrorKind::CredentialsRejected, "Acumatica refused the login").with_source(usual)
    } else if answer.status() == StatusCode::NOT_FOUND {
        ErpError::misconfigured("there is no Acumatica at base_url: it must be the instance's root, without entity/…")
    } else {
        usual
    })
}

/// Whether the answer sends to the page where one signs in: the session is over.
pub(crate) fn is_signed_out(answer: &Response<Bytes>) -> bool {
    answer.status() == StatusCode::UNAUTHORIZED || redirects_to(answer, "login.aspx")
}

/// All sessions that the licence, or the user's own limit, allows are in use. It is told in several ways: as status 429, in
/// a message, and by a redirect to a page whose address says it.
fn over_limit(answer: &Response<Bytes>) -> Option<ErpError> {
    let usual = classify(answer.status(), answer.headers())?;
    let failure = Failure::of(answer);
    let told = ["api login limit", "concurrent api login", "checkapiuserslimits"];
    let is_full = told.iter().any(|words| failure.speaks_of(words) || redirects_to(answer, &words.replace(' ', "+")))
        || redirects_to(answer, "concurrent%20api%20login");
    is_full.then(|| {
        let error = ErpError::new(
            ErrorKind::RateLimited,
            "all API sessions that Acumatica's licence or its user allows are in use: see License Monitoring Console \
             (SM604000), and Users (SM201010) for the user's own limit",
        );
        match usual.retry_after() {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    })
}

fn redirects_to(answer: &Response<Bytes>, place: &str) -> bool {
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    answer.status().is_redirection() && location.is_some_and(|location| location.to_lowercase().contains(place))
}

fn no_branch(branch: &String) -> ErpError {
    ErpError::new(
        ErrorKind::PermissionDenied,
        format!("the Acumatica user has no access to the branch {branch:?}, or there is none: see Branches (CS102000)"),
    )
}
