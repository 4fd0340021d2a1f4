use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, Uri};

use crate::json_text::{canonical, laid_out};

/// Stands between a request and its answer.
const SEPARATOR: &str = "=== answer ===";

/// In place of an answer that the adapter did not wait for, because another one had decided.
const GIVEN_UP: &str = "given up";

/// In place of the value of a header that is a secret: the header must be there, whatever it says.
pub(crate) const SECRET: &str = "(secret)";

/// A request and its answer, as a file that a person can read; [`judge_golden`](crate::judge_golden) shows one. The line
/// break that ends a body belongs to the file, and JSON may be laid out as it reads best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// The whole address.
    pub(crate) address: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// `None` where the request was given up before its answer came.
    pub(crate) status: Option<u16>,
    pub(crate) answer_headers: Vec<(String, String)>,
    pub(crate) answer: String,
}

impl Exchange {
    /// Reads a file's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let text = text.replace("\r\n", "\n");
        let (request, answer) = text
            .split_once(&format!("{SEPARATOR}\n"))
            .ok_or_else(|| format!("the line {SEPARATOR:?} between request and answer is missing"))?;
        let (line, headers, body) = parts(request)?;
        let (method, address) = line.split_once(' ').ok_or("the first line is not a method and an address")?;
        let (status, answer_headers, answer) = parts(answer)?;
        let status = match status.trim() {
            GIVEN_UP => None,
            status => Some(status.parse().map_err(|_| "the answer does not begin with its status, such as 200")?),
        };
        let (method, address) = (method.to_owned(), address.trim().to_owned());
        if !address.parse::<Uri>().is_ok_and(|uri| uri.authority().is_some()) {
            return Err(format!("{address:?} is not a whole address"));
        }
        Ok(Self { method, address, headers, body, status, answer_headers, answer })
    }

    /// The file's text, JSON bodies laid out.
    pub(crate) fn write(&self) -> String {
        let request = part(&format!("{} {}", self.method, self.address), &self.headers, &self.body);
        let status = self.status.map_or_else(|| GIVEN_UP.to_owned(), |status| status.to_string());
        let answer = part(&status, &self.answer_headers, &self.answer);
        format!("{request}\n{SEPARATOR}\n{answer}")
    }

    /// Whether `request` is the one that was recorded: method and address with the parameters in any order, the body as a
    /// value if it is JSON or a form, and the recorded headers.
    pub(crate) fn is_of(&self, request: &Request<Bytes>) -> bool {
        let Ok(own) = self.address.parse::<Uri>() else { return false };
        let (asked, path) = (request.uri(), |uri: &Uri| uri.path().to_owned());
        let sorted = |uri: &Uri| sorted_pairs(uri.query().unwrap_or_default());
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let agrees =
            |(name, value): &(String, String)| header(name).is_some_and(|sent| value == SECRET || sent == value);
        self.method == request.method().as_str()
            && (own.scheme(), own.authority()) == (asked.scheme(), asked.authority())
            && path(&own) == path(asked)
            && sorted(&own) == sorted(asked)
            && self.headers.iter().all(agrees)
            && same_body(&self.body, request.body(), header("content-type").unwrap_or_default())
    }

    /// The answer as a transport gives it; `None` if none came.
    ///
    /// # Errors
    /// What cannot be an answer.
    pub(crate) fn response(&self) -> Result<Option<Response<Bytes>>, String> {
        let Some(status) = self.status else { return Ok(None) };
        let mut response = Response::new(Bytes::from(self.answer.clone()));
        *response.status_mut() = status.try_into().map_err(|_| format!("{status} is no status"))?;
        for (name, value) in &self.answer_headers {
            let name: HeaderName = name.parse().map_err(|_| format!("{name:?} cannot name a header"))?;
            let value: HeaderValue = value.parse().map_err(|_| format!("the header {name} cannot have that value"))?;
            response.headers_mut().append(name, value);
        }
        Ok(Some(response))
    }
}

fn part(first: &str, headers: &[(String, String)], body: &str) -> String {
    let mut text = format!("{first}\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if !body.is_empty() {
        let laid_out = laid_out(body);
        text.push_str(&format!("\n{}\n", laid_out.as_deref().unwrap_or(body)));
    }
    text
}

/// First line, headers and body.
type Parts<'t> = (&'t str, Vec<(String, String)>, String);

fn parts(text: &str) -> Result<Parts<'_>, String> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().ok_or("a request or an answer is empty")?;
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').ok_or_else(|| format!("{line:?} is no header"))?;
        Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
    });
    Ok((first, headers.collect::<Result<_, String>>()?, body.trim_end_matches('\n').to_owned()))
}

/// The parameters of a query or form, decoded, in an order of their own.
fn sorted_pairs(text: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
    pairs.sort();
    pairs
}

fn same_body(recorded: &str, sent: &[u8], media_type: &str) -> bool {
    let Ok(sent) = std::str::from_utf8(sent) else { return false };
    if media_type.starts_with("application/x-www-form-urlencoded") {
        return sorted_pairs(recorded) == sorted_pairs(sent);
    }
    match (canonical(recorded), canonical(sent)) {
        (Some(recorded), Some(sent)) => recorded == sent,
        _ => recorded == sent.trim_end_matches('\n'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "POST https://erp.example/api/search?b=2&a=1%202\naccept: application/json\nx-key: (secret)\n\n\
                        {\n  \"ids\": [\n    1.0,\n    \"A\"\n  ]\n}\n\n=== answer ===\n200\ncontent-type: application/json\n\
                        x-next: 2\n\n{\n  \"total\": 12.50\n}\n";

    fn request(method: &str, address: &str, body: &str) -> Request<Bytes> {
        let request = Request::builder().method(method).uri(address);
        let request = request.header("Accept", "application/json").header("X-Key", "something");
        request.body(Bytes::from(body.to_owned())).unwrap()
    }

    #[test]
    fn a_file_is_written_as_it_was_read() {
        let exchange = Exchange::read(FILE).unwrap();
        assert_eq!(exchange.write(), FILE);
        let response = exchange.response().unwrap().unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["x-next"].as_bytes()), (200, b"2".as_slice()));
        assert_eq!(response.body().as_ref(), b"{\n  \"total\": 12.50\n}");
        let given_up = "GET https://erp.example/\n\n=== answer ===\ngiven up\n";
        let exchange = Exchange::read(given_up).unwrap();
        assert_eq!((exchange.write().as_str(), exchange.response().unwrap().is_none()), (given_up, true));
        let bare = "GET https://erp.example/\n\n=== answer ===\n204\n";
        let exchange = Exchange::read(bare).unwrap();
        assert_eq!((exchange.write().as_str(), exchange.body.as_str(), exchange.answer.as_str()), (bare, "", ""));
    }

    #[test]
    fn a_request_matches_by_its_meaning() {
        let exchange = Exchange::read(FILE).unwrap();
        let address = "https://erp.example/api/search?a=1+2&b=2";
        assert!(exchange.is_of(&request("POST", address, r#"{"ids":[1.0,"A"]}"#)));
        for (method, address, body) in [
            ("GET", address, r#"{"ids":[1.0,"A"]}"#),
            ("POST", "https://erp.example/api/search?a=1%202", r#"{"ids":[1.0,"A"]}"#),
            ("POST", "https://erp.example/api/search?a=1%202&b=2&b=2", r#"{"ids":[1.0,"A"]}"#),
            ("POST", "https://other.example/api/search?a=1%202&b=2", r#"{"ids":[1.0,"A"]}"#),
            ("POST", "http://erp.example/api/search?a=1%202&b=2", r#"{"ids":[1.0,"A"]}"#),
            ("POST", address, r#"{"ids":[1,"A"]}"#),
            ("POST", address, ""),
        ] {
            assert!(!exchange.is_of(&request(method, address, body)), "{method} {address} {body}");
        }
        let mut unsigned = request("POST", address, r#"{"ids":[1.0,"A"]}"#);
        unsigned.headers_mut().remove("x-key");
        assert!(!exchange.is_of(&unsigned), "a secret header must be there");
        let mut other = request("POST", address, r#"{"ids":[1.0,"A"]}"#);
        other.headers_mut().insert("accept", HeaderValue::from_static("text/plain"));
        assert!(!exchange.is_of(&other));
    }

    #[test]
    fn forms_match_in_any_order_and_other_texts_as_they_are() {
        let form = "application/x-www-form-urlencoded";
        assert!(same_body("a=1&b=x%20y", b"b=x+y&a=1", form));
        assert!(!same_body("a=1", b"a=2", form));
        assert!(same_body("<a/>", b"<a/>", "application/xml") && !same_body("<a/>", b"<b/>", "application/xml"));
        assert!(!same_body("<a/>", b"\xFF", "application/xml"));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told() {
        for (text, problem) in [
            ("GET https://erp.example/\n\n200\n", "between request and answer is missing"),
            ("GET /api\n\n=== answer ===\n200\n", "is not a whole address"),
            ("GET\n\n=== answer ===\n200\n", "not a method and an address"),
            ("GET https://erp.example/\n\n=== answer ===\nok\n", "does not begin with its status"),
            ("GET https://erp.example/\nnonsense\n\n=== answer ===\n200\n", "is no header"),
            ("GET https://erp.example/\n\n=== answer ===\n", "is empty"),
        ] {
            let told = Exchange::read(text).unwrap_err();
            assert!(told.contains(problem), "{text}: {told}");
        }
    }
}
