//! The table of faults is proven: an adapter that is right passes it, and broken ones turn each fault red, by name.

mod breakages;

use livegate_adapter_dockmaster::KIND;
use livegate_core::{ErrorKind, Operation};
use livegate_testkit::{Cast, Outcome, Subject, fault_names, judge_fault};

use self::breakages::{
    AsksForEver, Believes, CallsEverythingUnavailable, CutsLists, DoesWithoutRecords, Follows, Keeps, MakesUp, Naive,
    Remembers, Repeats, RepeatsBodies, Swallows, TellsSecrets, broken,
};

/// What came of each fault, by its name.
type Findings = Vec<(&'static str, Result<(), String>)>;

/// Faults that a healthy connection does not even notice.
const ANSWERED: [&str; 6] = [
    "connection closed between two calls",
    "gzip",
    "chunks",
    "body until the connection ends",
    "an interim answer first",
    "byte order mark",
];

const EXPIRED: &str = "login that has expired";

#[test]
fn an_adapter_that_is_right_passes_every_fault() {
    for (subject, stacked) in [(json(), false), (newer(), true)] {
        for (name, outcome) in findings(&subject, stacked, fault_names(&subject)) {
            assert_eq!(outcome, Ok(()), "{}, stacked: {stacked}, {name}", subject.tenant);
        }
    }
}

#[test]
fn an_adapter_that_takes_an_error_for_nothing_is_caught_by_every_fault_that_fails() {
    let subject = broken::<Swallows>(json());
    for (name, outcome) in findings(&subject, false, fault_names(&subject)) {
        assert_eq!(is_red(&outcome), !ANSWERED.contains(&name), "{name}: {outcome:?}");
    }
}

#[test]
fn an_adapter_that_answers_from_memory_is_caught_by_every_fault_that_fails() {
    let subject = broken::<Remembers>(json());
    // The law looks at calls that are their connection's first.
    let names = fault_names(&subject).into_iter().filter(|name| !name.ends_with("in one request only"));
    for (name, outcome) in findings(&subject, true, names.collect()) {
        // One that never had an answer remembers none, and what is late the layers answer.
        let late = name.starts_with("hang") || name == "slow drip";
        let green = ANSWERED.contains(&name) || name == "connection refused" || late;
        assert_eq!(is_red(&outcome), !green, "{name}: {outcome:?}");
    }
}

#[test]
fn an_adapter_that_calls_everything_unavailable_is_caught_by_every_other_kind() {
    let subject = broken::<CallsEverythingUnavailable>(json());
    let red = names_of_red(&findings(&subject, false, fault_names(&subject)));
    for name in [
        "connection refused",
        "hang within the body",
        "gzip bomb",
        "HTML page",
        "redirect 302",
        "status 401",
        "status 503 for 30 seconds",
    ] {
        assert!(red.contains(&name), "{name}");
    }
    for name in ["reset after the request", "status 502", "status 503"] {
        assert!(!red.contains(&name), "{name}");
    }
}

#[test]
fn an_adapter_that_asks_for_ever_is_caught() {
    let subject = broken::<AsksForEver>(json());
    let names = vec!["status 503", "status 429", "reset after the request", "HTML page"];
    for (name, outcome) in findings(&subject, false, names) {
        assert!(outcome.clone().unwrap_err().contains("it asks again and again"), "{name}: {outcome:?}");
    }
}

#[test]
fn an_adapter_that_cuts_a_list_at_a_failing_page_is_caught_by_the_law() {
    let names = fault_names(&newer()).into_iter().filter(|name| name.ends_with("in one request only"));
    let names: Vec<_> = names.collect();
    assert_eq!(names.len(), 4);
    for (name, outcome) in findings(&broken::<CutsLists>(newer()), false, names) {
        let complaint = outcome.unwrap_err();
        assert!(complaint.contains("invoices: request"), "{name}: {complaint}");
        assert!(complaint.contains("failed, and the answer is another one instead of an error"), "{name}: {complaint}");
    }
}

#[test]
fn a_side_request_may_cost_members_but_not_an_order() {
    let law = vec!["status 503 in one request only"];
    // Without a customer's record, addresses are missing and nothing else.
    let record = Subject { side_requests: &["/RetrieveCustomer"], ..broken::<DoesWithoutRecords>(json()) };
    let (_, outcome) = findings(&record, false, law.clone()).remove(0);
    let complaint = outcome.unwrap_err();
    assert!(complaint.contains("account: request"), "credit comes with the record: {complaint}");
    assert!(!complaint.contains("\ninvoice") && !complaint.contains("\norder"), "{complaint}");
    let undeclared = Subject { side_requests: &[], ..record };
    let (_, outcome) = findings(&undeclared, false, law).remove(0);
    let complaint = outcome.unwrap_err();
    assert!(complaint.contains("\norder: request") && complaint.contains("\ninvoice: request"), "{complaint}");
}

#[test]
fn a_transport_that_knows_little_of_http_is_caught_by_what_is_answered() {
    let red = names_of_red(&findings(&broken::<Naive>(json()), false, ANSWERED.to_vec()));
    assert_eq!(red, ANSWERED);
}

#[test]
fn an_adapter_that_repeats_what_the_erp_says_is_caught() {
    let names = vec!["status 400", "status 502", "status 429 for a day", EXPIRED];
    let told = findings(&broken::<Repeats>(newer()), false, names);
    for (name, outcome) in &told[..3] {
        assert!(outcome.clone().unwrap_err().contains("the error repeats what the ERP sent"), "{name}: {outcome:?}");
    }
    assert!(is_red(&told[3].1), "nobody logs in again: {told:?}");
}

#[test]
fn an_adapter_that_repeats_what_it_cannot_read_is_caught() {
    let names = vec!["whole transfer that ends in mid-document"];
    for (name, outcome) in findings(&broken::<RepeatsBodies>(json()), false, names) {
        let complaint = outcome.unwrap_err();
        assert!(complaint.contains("the error repeats a value that the ERP sent, of "), "{name}: {complaint}");
    }
}

#[test]
fn an_adapter_that_tells_a_secret_is_caught() {
    let bearer = Subject { tenant: "dockmaster-xml", ..broken::<TellsSecrets>(json()) };
    for (name, outcome) in findings(&bearer, false, vec!["status 403"]) {
        assert!(outcome.clone().unwrap_err().contains("the error tells the secret token"), "{name}: {outcome:?}");
    }
}

#[test]
fn an_adapter_that_follows_redirects_is_caught() {
    for (name, outcome) in findings(&broken::<Follows>(json()), false, vec!["redirect 301", "redirect 308"]) {
        assert!(outcome.clone().unwrap_err().contains("a redirect was followed"), "{name}: {outcome:?}");
    }
}

#[test]
fn a_fault_that_was_not_met_proves_nothing() {
    let names = vec!["status 503", "chunks"];
    for (name, outcome) in findings(&broken::<Keeps>(json()), true, names) {
        let complaint = outcome.unwrap_err();
        assert!(complaint.contains("sent nothing that the fault could be put into"), "{name}: {complaint}");
    }
    let nobody = Subject { cast: Cast { customer: "NOBODY", ..json().cast }, ..json() };
    let complaint = judge_fault(&nobody, false, "status 503").unwrap_err();
    assert!(complaint.contains("account: without any fault nothing is found: the cast is wrong"), "{complaint}");
}

#[test]
fn an_adapter_that_believes_every_wait_is_caught() {
    for (name, outcome) in findings(&broken::<Believes>(json()), false, vec!["status 429 for a day"]) {
        assert!(outcome.clone().unwrap_err().contains("retry_after is Some(86400s)"), "{name}: {outcome:?}");
    }
}

#[test]
fn an_adapter_that_makes_up_a_wait_is_caught() {
    for (name, outcome) in findings(&broken::<MakesUp>(json()), false, vec!["status 429", "status 429 until tomorrow"])
    {
        assert!(
            outcome.clone().unwrap_err().contains("retry_after is Some(5s), which must be Unsaid"),
            "{name}: {outcome:?}"
        );
    }
}

#[test]
fn an_exception_for_no_fault_is_told() {
    let misspelt = Subject { exceptions: &[("status 4O4", None, Outcome::Absent)], ..json() };
    let complaint = judge_fault(&misspelt, false, "status 404").unwrap_err();
    assert_eq!(complaint, "an exception is for \"status 4O4\", and no fault has that name");
    assert_eq!(judge_fault(&json(), false, "no such fault").unwrap_err(), "there is no fault \"no such fault\"");
}

#[test]
fn an_exception_holds_for_its_operation_only() {
    let without = Subject { exceptions: &[], ..json() };
    let complaint = judge_fault(&without, false, "status 404").unwrap_err();
    assert_eq!(complaint, "order: expected the error misconfigured, but got nothing found");
}

#[test]
fn an_error_inside_a_200_has_the_kind_that_the_subject_says() {
    const SAYS: &str = r#"{"error":{"code":"-5002","message":"canary-4111111111111111"}}"#;
    let subject = Subject { error_in_success: Some((SAYS, ErrorKind::Malformed)), ..json() };
    assert_eq!(judge_fault(&subject, false, "error inside a 200"), Ok(()));
    let other = Subject { error_in_success: Some((SAYS, ErrorKind::Unavailable)), ..json() };
    assert!(judge_fault(&other, false, "error inside a 200").unwrap_err().contains("but got malformed"));
    assert!(!fault_names(&json()).contains(&"error inside a 200"), "not where the ERP knows no such thing");
}

/// A dialect with several requests in a call, and without a login.
fn json() -> Subject {
    let cast = Cast { customer: "MARINA01", order: Some("501002"), invoice: Some("100250"), ..Cast::NONE };
    let subject = Subject::new(&KIND, "dockmaster-json", livegate_http::transport_to, cast);
    // A work order is asked for by its key.
    Subject { exceptions: &[("status 404", Some(Operation::Order), Outcome::Absent)], ..subject }
}

/// With a login, and lists in several batches.
fn newer() -> Subject {
    let cast = Cast { customer: "HISTORY09", order: Some("590004"), invoice: Some("900401"), ..json().cast };
    Subject { tenant: "dockmaster-dme", login: Some("/auth"), cast, ..json() }
}

/// Several at a time, as most of them only wait.
fn findings(subject: &Subject, stacked: bool, names: Vec<&'static str>) -> Findings {
    let judge = |name| (name, judge_fault(subject, stacked, name));
    std::thread::scope(|scope| {
        let threads = names
            .chunks(names.len().div_ceil(4))
            .map(|names| scope.spawn(move || names.iter().map(|name| judge(*name)).collect::<Vec<_>>()));
        let threads: Vec<_> = threads.collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Red, and not because the subject is wrong.
fn is_red(outcome: &Result<(), String>) -> bool {
    outcome.as_ref().is_err_and(|complaint| !complaint.contains("without any fault"))
}

fn names_of_red(findings: &Findings) -> Vec<&'static str> {
    findings.iter().filter(|(_, outcome)| is_red(outcome)).map(|(name, _)| *name).collect()
}
