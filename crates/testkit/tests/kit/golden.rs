//! Golden tests are proven: what differs from the recording is told, each way in which it can differ.

use std::fs;
use std::path::Path;

use livegate_adapter_dockmaster::KIND;
use livegate_testkit::judge_golden;
use tempfile::TempDir;

const CALL: &str = r#"{
  "shows": "A balance.",
  "operation": "account",
  "request": { "customer_code": "HB-1" },
  "settings": { "base_url": "https://erp.example/" },
  "now": "2026-04-01T12:00:00Z"
}"#;

const INQUIRY: &str = r#"GET https://erp.example/api/v2/AR/CustomerARInquiry?CustomerId=HB-1
accept: application/json

=== answer ===
200
content-type: application/json

[{"CustomerId": "HB-1", "CurrentBalance": 12.50, "OpenARInvoices": [
  {"Id": "A1", "CustomerId": "HB-1", "InvoiceBalance": 12.50, "DueDate": "2026-03-01T00:00:00"}
]}]
"#;

const RECORD: &str = "GET https://erp.example/api/v2/Customers/RetrieveCustomer/HB-1\n\n=== answer ===\n200\n\n\
                      {\"id\": \"HB-1\", \"creditLimit\": 100.00, \"taxId\": \"TAX-9\"}\n";

/// A golden test that is right.
fn golden() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in [("call.json", CALL), ("1.http", INQUIRY), ("2.http", RECORD)] {
        fs::write(directory.path().join(name), text).unwrap();
    }
    judge_golden(&KIND, directory.path(), true).unwrap();
    directory
}

fn change(directory: &Path, name: &str, from: &str, to: &str) {
    let path = directory.join(name);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

fn complaint(directory: &Path) -> String {
    judge_golden(&KIND, directory, false).unwrap_err()
}

#[test]
fn what_comes_is_written_and_compared_digit_for_digit() {
    let golden = golden();
    let live = fs::read_to_string(golden.path().join("live.json")).unwrap();
    assert!(live.contains("\n  \"balance\": 12.50,\n") && live.ends_with("\n}\n"), "{live}");
    assert!(live.contains("\"due_60_days\": 12.50") && live.contains("\"credit_available\": 87.50"), "{live}");
    assert_eq!(judge_golden(&KIND, golden.path(), false), Ok(()));
    change(golden.path(), "1.http", "\"CurrentBalance\": 12.50", "\"CurrentBalance\": 12.500001");
    let complaint = complaint(golden.path());
    assert!(complaint.contains("\n-   \"balance\": 12.50,\n+   \"balance\": 12.500001,\n"), "{complaint}");
    assert!(complaint.contains("UPDATE_SNAPSHOTS=1"), "{complaint}");
}

#[test]
fn a_golden_test_without_its_answer_is_none() {
    let golden = golden();
    fs::remove_file(golden.path().join("live.json")).unwrap();
    let complaint = complaint(golden.path());
    assert!(complaint.contains("live.json cannot be read") && complaint.contains("UPDATE_SNAPSHOTS=1"), "{complaint}");
}

#[test]
fn a_request_that_is_not_recorded_is_told() {
    let golden = golden();
    change(golden.path(), "1.http", "CustomerId=HB-1", "CustomerId=HB-2");
    let complaint = complaint(golden.path());
    assert!(complaint.starts_with("asked, but not recorded:\n  GET https://erp.example/api/v2/AR/"), "{complaint}");
    assert!(
        complaint.contains("left are:\n  1: GET https://erp.example/") && complaint.contains("HB-2"),
        "{complaint}"
    );
}

#[test]
fn a_recorded_request_that_is_not_sent_is_told() {
    let golden = golden();
    fs::copy(golden.path().join("2.http"), golden.path().join("3.http")).unwrap();
    assert!(complaint(golden.path()).starts_with("recorded, but not asked for:\n  3: GET https://erp.example/"));
}

#[test]
fn an_aging_moves_with_the_moment_of_the_call() {
    let golden = golden();
    change(golden.path(), "call.json", "2026-04-01T12", "2026-03-01T12");
    assert!(complaint(golden.path()).contains("\n-   \"due_60_days\": 12.50,"));
}

#[test]
fn an_error_is_an_answer_too() {
    let golden = golden();
    change(golden.path(), "1.http", "=== answer ===\n200", "=== answer ===\n429\nretry-after: 7");
    judge_golden(&KIND, golden.path(), true).unwrap();
    let live: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(golden.path().join("live.json")).unwrap()).unwrap();
    assert_eq!((&live["error"]["kind"], &live["error"]["retry_after"]), (&"rate_limited".into(), &7.into()));
    change(golden.path(), "call.json", "\"customer_code\": \"HB-1\"", "\"customer_code\": \" \"");
    for number in ["1.http", "2.http"] {
        fs::remove_file(golden.path().join(number)).unwrap();
    }
    judge_golden(&KIND, golden.path(), true).unwrap();
    let live = fs::read_to_string(golden.path().join("live.json")).unwrap();
    assert!(live.contains("\"kind\": \"invalid_query\"") && live.contains("\"field\": \"customer_code\""), "{live}");
}

#[test]
fn what_is_withheld_must_come_and_must_not_leave() {
    let golden = golden();
    let withhold = |text: &str| {
        let call = CALL.replace("\"now\"", &format!("\"withheld\": [\"{text}\"],\n  \"now\""));
        fs::write(golden.path().join("call.json"), call).unwrap();
        judge_golden(&KIND, golden.path(), false)
    };
    assert_eq!(withhold("TAX-9"), Ok(()));
    assert!(withhold("12.50").unwrap_err().contains("the Live answer shows \"12.50\", which it must withhold"));
    assert!(withhold("TAX-8").unwrap_err().contains("which no recorded answer holds"));
}

#[test]
fn what_is_wrong_with_the_files_is_told() {
    for (name, from, to, told) in [
        ("call.json", "base_url", "base_uri", "\"base_uri\" is no setting of this adapter, which knows base_url, "),
        ("call.json", "\"account\"", "\"balance\"", "\"balance\" is no operation: it is one of account, orders"),
        ("call.json", "\"shows\"", "\"says\"", "call.json: unknown field `says`"),
        ("call.json", "\"2026-04-01T12:00:00Z\"", "\"noon\"", "now is no moment"),
        ("call.json", "\"https://erp.example/\"", "7", "the setting base_url has no value of its kind"),
        ("call.json", "\"now\"", "\"secrets\": [\"pin\"], \"now\"", "\"pin\" is no secret of this adapter"),
        ("call.json", "\"now\"", "\"time_zone\": \"Mars\", \"now\"", "\"Mars\" is no time zone"),
        ("1.http", "=== answer ===", "", "between request and answer is missing"),
    ] {
        let golden = golden();
        change(golden.path(), name, from, to);
        let complaint = complaint(golden.path());
        assert!(complaint.contains(told), "{to}: {complaint}");
    }
    let golden = golden();
    fs::write(golden.path().join("notes.txt"), "").unwrap();
    assert!(complaint(golden.path()).contains("notes.txt does not belong into a golden test"));
}
