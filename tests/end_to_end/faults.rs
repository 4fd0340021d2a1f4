//! An ERP that lies: the kind that the table of kinds gives it, never a partial 200, never a panic.

use std::io::Write;

use livegate_testkit::{Asked, Lie, LyingErp};

use crate::gateway::{Answer, Gateway, held_port, tenant};

const CUSTOMER: &str = r#"{"id":"ACME","creditLimit":1000.0}"#;

/// Every call is one attempt, and none is refused because others failed: these tests are about what one failure is.
const ONE_ATTEMPT: &str = "[retry]\nattempts = 1\n[breaker]\nfailures_in_a_row = 100000\ncalls = 1000000";

/// What the gateway answers when the inquiry is answered with `lie`; the customer record is in order.
async fn answers(format: &str, lie: Lie) -> Vec<Answer> {
    let erp = LyingErp::start(move |asked: &Asked| {
        if asked.line.contains("RetrieveCustomer") { Lie::ok("application/json", CUSTOMER) } else { lie.clone() }
    });
    let erp = erp.await.unwrap();
    let settings = format!("format = \"{format}\"");
    let config = format!("server.deadline = \"2s\"\n{ONE_ATTEMPT}");
    let gateway = Gateway::start(&config, &[("harbor", &tenant(erp.address(), &settings))], &[]).await;
    let answers = vec![
        gateway.balance("ACME").await,
        gateway.call("invoices", r#"{"customer_code":"ACME"}"#).await,
        gateway.call("invoices/by-id", r#"{"customer_code":"ACME","invoice_id":"7"}"#).await,
    ];
    assert!(!gateway.log().contains("panicked"), "{}", gateway.log());
    answers
}

#[track_caller]
fn assert_all(answers: &[Answer], status: u16, code: &str, what: &str) {
    for answer in answers {
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}: {answer:?}");
    }
}

fn gzipped(length: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"[").unwrap();
    encoder.write_all(&vec![b' '; length]).unwrap();
    encoder.write_all(b"]").unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn what_is_not_the_documented_answer_is_malformed() {
    let invoice = |members: &str| {
        format!(
            r#"[{{"CustomerId":"ACME","Id":"7","CurrentBalance":1,"OpenARInvoices":[{{"Id":"7","CustomerId":"ACME",{members}}}],{members}}}]"#
        )
    };
    for body in [
        "<!DOCTYPE html><html><body>Sign in</body></html>".to_owned(),
        String::new(),
        "[".to_owned(),
        r#"[{"CustomerId":"ACME","CurrentBalance":5.0"#.to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        r#"{"Message":"An error has occurred."}"#.to_owned(),
        "[] []".to_owned(),
        invoice(r#""InvoiceBalance":true"#),
        invoice(r#""InvoiceBalance":"a lot""#),
        invoice(r#""InvoiceBalance":{"x":1}"#),
        invoice(r#""InvoiceBalance":12345678901234567890123456789"#),
        invoice(r#""InvoiceBalance":0.12345678901234567890123456789"#),
        invoice(r#""Installments":5"#),
        "\u{feff}".to_owned(),
    ] {
        let given = answers("json", Lie::ok("application/json", body.clone())).await;
        assert_all(&given, 502, "malformed", &body);
    }
    let given = answers("json", Lie::ok("application/json", b"[\"\xff\xfe\"]".to_vec())).await;
    assert_all(&given, 502, "malformed", "not UTF-8");
    for body in [
        "<html><body/></html>",
        "<Error><Message>An error has occurred.</Message></Error>",
        "<Error/>",
        "<ArrayOfCustomerARInquiry><CustomerARInquiry>",
        "[]",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><ArrayOfCustomerARInquiry>&x;</ArrayOfCustomerARInquiry>",
    ] {
        assert_all(&answers("xml", Lie::ok("application/xml", body)).await, 502, "malformed", body);
    }
    assert_all(&answers("json", Lie::status(204)).await, 502, "malformed", "204");
}

#[tokio::test]
async fn a_status_has_its_kind() {
    for (status, expected, code) in [
        (401, 502, "credentials_rejected"),
        (403, 502, "permission_denied"),
        (404, 502, "misconfigured"),
        (400, 502, "misconfigured"),
        (409, 502, "misconfigured"),
        (302, 502, "misconfigured"),
        (429, 503, "rate_limited"),
        (500, 502, "unavailable"),
        (502, 502, "unavailable"),
        (503, 502, "unavailable"),
    ] {
        let lie = Lie::Answer {
            status,
            headers: vec![("Location", "/elsewhere".to_owned()), ("Retry-After", "7".to_owned())],
            body: br#"{"Message":"secret detail 4111111111111111"}"#.to_vec(),
        };
        let given = answers("json", lie).await;
        assert_all(&given, expected, code, &status.to_string());
        for answer in given {
            assert_eq!(answer.header("retry-after"), if status == 429 { "7" } else { "" }, "{answer:?}");
            assert!(!answer.body.contains("4111111111111111"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn transfers_that_break_and_answers_that_are_too_large() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let cut = Lie::Raw(format!("{head}Content-Length: 100\r\n\r\n[{{").into_bytes());
    assert_all(&answers("json", cut).await, 502, "unavailable", "cut before the stated length");
    let cut = Lie::Raw(format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n").into_bytes());
    assert_all(&answers("json", cut).await, 502, "unavailable", "cut before the last chunk");
    assert_all(&answers("json", Lie::Close).await, 502, "unavailable", "closed without an answer");
    assert_all(&answers("json", Lie::Hang).await, 504, "timeout", "no answer");
    let large = Lie::ok("application/json", format!("[{}]", " ".repeat(20 * 1024 * 1024)));
    assert_all(&answers("json", large).await, 502, "too_large", "20 MB");
    let bomb = Lie::Answer {
        status: 200,
        headers: vec![("Content-Type", "application/json".to_owned()), ("Content-Encoding", "gzip".to_owned())],
        body: gzipped(64 * 1024 * 1024),
    };
    assert_all(&answers("json", bomb).await, 502, "too_large", "a gzip bomb");
}

#[tokio::test]
async fn an_erp_that_is_not_there_is_unreachable() {
    let held = held_port();
    let gateway = Gateway::with_tenant(&tenant(held.local_addr().unwrap(), "")).await;
    let answer = gateway.balance("ACME").await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "unreachable"));
}

#[tokio::test]
async fn a_failing_customer_record_fails_the_call_for_a_known_customer_only_and_a_404_is_remembered() {
    for (status, known, asked_for_record) in [(500, (502, "unavailable"), 3), (404, (200, ""), 1)] {
        let erp = LyingErp::start(move |asked: &Asked| match &asked.line {
            line if line.contains("RetrieveCustomer") => Lie::status(status),
            line if line.contains("NOBODY") => Lie::ok("application/json", "[]"),
            _ => Lie::ok("application/json", r#"[{"CustomerId":"ACME","CurrentBalance":5.00,"OpenARInvoices":[]}]"#),
        });
        let erp = erp.await.unwrap();
        let gateway = Gateway::start(ONE_ATTEMPT, &[("harbor", &tenant(erp.address(), ""))], &[]).await;
        assert_eq!(gateway.balance("NOBODY").await.body, "{}");
        let answer = gateway.balance("ACME").await;
        assert_eq!(answer.status, known.0);
        if known.0 == 200 {
            assert!(
                answer.body.contains("\"balance\":5.00") && !answer.body.contains("credit_available"),
                "{answer:?}"
            );
        } else {
            assert_eq!(answer.code(), known.1);
        }
        gateway.call("invoices", r#"{"customer_code":"ACME"}"#).await;
        let records = erp.asked().iter().filter(|asked| asked.line.contains("RetrieveCustomer/ACME")).count();
        assert!(records <= asked_for_record, "{records} for {status}");
    }
}
