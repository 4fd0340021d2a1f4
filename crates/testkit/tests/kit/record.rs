//! The recorder is proven against a simulator: what it writes replays, and tells nothing of the original.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use livegate_adapter_dockmaster::{KIND, simulator};
use livegate_testkit::{Cast, FaultProxy, Lie, LyingErp, Subject, judge_golden, record};
use tempfile::TempDir;

/// Names and texts in the simulator's data that nobody may find in a recording, in lower case. They are long enough to be
/// in no stand-in by accident.
const TELLING: &[&str] = &[
    "marina01",
    "blue heron",
    "charters",
    "whitfield",
    "harbor",
    "annapolis",
    "blueheron",
    "boston",
    "whaler",
    "taxid-",
    "pressure wash",
    "dock office",
    "tech-only",
    "dm-demo",
    "dm demo",
    "dm-issued",
    "127.0.0.1",
];

struct Recording {
    _directory: TempDir,
    into: PathBuf,
    told: Result<String, String>,
    progress: String,
    /// What the ERP really answered.
    bodies: Vec<Vec<u8>>,
}

impl Recording {
    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.into.join(name)).unwrap()
    }

    fn files(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(&self.into).unwrap().map(|entry| entry.unwrap().path());
        let named =
            |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap());
        entries.map(named).collect()
    }

    /// Whether it replays and holds nothing of the simulator's data.
    fn is_silent(&self) {
        assert_eq!(self.told.as_ref().err(), None, "{}", self.progress);
        assert_eq!(judge_golden(&KIND, &self.into, false), Ok(()));
        for (name, text) in self.files() {
            let lower = text.to_lowercase();
            for telling in TELLING {
                assert!(!lower.contains(telling), "{name} tells {telling:?}:\n{text}");
            }
            let written = codes(&text);
            for original in &self.bodies {
                let original = codes(std::str::from_utf8(original).unwrap());
                assert_eq!(
                    original.intersection(&written).collect::<Vec<_>>(),
                    Vec::<&String>::new(),
                    "{name}:\n{text}"
                );
            }
        }
    }
}

/// The amounts, ids and codes of a text: words of at least five characters with a digit, but for times, namespaces and
/// DockMaster's names of members.
fn codes(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '.').map(str::to_lowercase);
    let time = |word: &str| (word.len() == 5 && word.as_bytes()[2] == b't') || (word.len() == 7 && word.ends_with('z'));
    words
        .filter(|word| word.len() > 4 && word.bytes().any(|byte| byte.is_ascii_digit()))
        .filter(|word| !time(word) && !["www.w3.org", "address", "aging"].iter().any(|name| word.starts_with(name)))
        .collect()
}

/// Records from the ERP at an address. `settings` are the lines of `[settings]` of a tenant file; the secrets are in files.
fn recorded(address: SocketAddr, settings: &str, secrets: &[(&str, &str)], arguments: &[&str]) -> Recording {
    let directory = tempfile::tempdir().unwrap();
    let mut tenant = format!("title = \"Blue Heron\"\nadapter = \"dockmaster\"\n[settings]\n{settings}\n[secrets]\n");
    for (name, secret) in secrets {
        let file = directory.path().join(name);
        fs::write(&file, format!("{secret}\n")).unwrap();
        tenant.push_str(&format!("{name} = {{ file = {:?} }}\n", file.display()));
    }
    // Somebody on the way listens to what the ERP really says.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = FaultProxy::start(address, None).await.unwrap();
        let tenant = tenant.replace("{address}", &listener.address().to_string());
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let recording = tokio::task::spawn_blocking(move || run(directory, &tenant, &arguments)).await.unwrap();
        Recording { bodies: listener.bodies(), ..recording }
    })
}

fn run(directory: TempDir, tenant: &str, arguments: &[String]) -> Recording {
    let (file, into) = (directory.path().join("tenant.toml"), directory.path().join("golden"));
    fs::write(&file, tenant).unwrap();
    let subject = Subject::new(&KIND, "dockmaster-json", livegate_http::transport_to, Cast::NONE);
    let own = ["--tenant", file.to_str().unwrap(), "--into", into.to_str().unwrap(), "--allow", "127.0.0.1"];
    let all: Vec<String> = own.map(str::to_owned).into_iter().chain(arguments.iter().cloned()).collect();
    let mut progress = Vec::new();
    let told = record(&[subject], &all, &mut progress);
    let progress = String::from_utf8(progress).unwrap();
    Recording { _directory: directory, into, told, progress, bodies: Vec::new() }
}

const JSON: &str = "base_url = \"http://{address}/\"";

#[test]
fn every_operation_can_be_recorded_in_json_and_xml() {
    let erp = simulator::start().unwrap();
    for format in ["json", "xml"] {
        let settings = format!("{JSON}\nformat = {format:?}");
        for (operation, id) in [
            ("account", None),
            ("orders", None),
            ("order", Some("501002")),
            ("invoices", None),
            ("invoice", Some("100250")),
        ] {
            let mut arguments = vec!["--operation", operation, "--customer", "MARINA01"];
            arguments.extend(id.map(|id| ["--id", id]).into_iter().flatten());
            let recording = recorded(erp.address, &settings, &[], &arguments);
            recording.is_silent();
            let live = recording.text("live.json");
            assert!(live.len() > 100, "{operation} in {format} has an answer: {live}");
        }
    }
}

#[test]
fn a_recording_with_a_login_keeps_no_secret() {
    let erp = simulator::start().unwrap();
    let settings = format!(
        "{JSON}\ngeneration = \"dme\"\nauth = \"dme\"\nauth_url = \"http://{{address}}/auth/token\"\n\
         invoice_history = \"with_paid\"\nsystem_id = \"7301\""
    );
    let secrets = [("username", simulator::USERNAME), ("password", simulator::PASSWORD)];
    let arguments = ["--operation", "invoices", "--customer", "MARINA01"];
    let recording = recorded(erp.address, &settings, &secrets, &arguments);
    recording.is_silent();
    let login = recording.files().into_iter().find(|(_, text)| text.starts_with("POST http://erp.example/auth/token"));
    let (_, login) = login.unwrap();
    assert!(login.contains("\"UserName\": \"secret-username\"") && login.contains("\"secret-password\""), "{login}");
    let signed = recording.files().into_iter().filter(|(_, text)| text.contains("\nauthorization: (secret)\n"));
    assert_eq!(signed.count(), 4, "inquiry, record, payments, invoices");
    assert!(recording.progress.contains("5 of 5 requests answered; the call was answered"), "{}", recording.progress);
}

#[test]
fn the_same_original_is_the_same_stand_in_everywhere() {
    let erp = simulator::start().unwrap();
    let arguments = ["--operation", "invoice", "--customer", "MARINA01", "--id", "100250"];
    let recording = recorded(erp.address, JSON, &[], &arguments);
    recording.is_silent();
    let member = |name: &str, member: &str| {
        let json: serde_json::Value = serde_json::from_str(&recording.text(name)).unwrap();
        json.pointer(member).unwrap().to_string()
    };
    let (code, id) = (member("call.json", "/request/customer_code"), member("call.json", "/request/invoice_id"));
    assert_eq!((member("live.json", "/customer_code"), member("live.json", "/invoice_id")), (code.clone(), id.clone()));
    let all: String = recording.files().into_iter().map(|(_, text)| text).collect();
    assert!(all.contains(&format!("/RetrieveCustomer/{}\n", code.trim_matches('"'))), "in the address: {all}");
    assert!(all.contains(&format!("[\n  {id}\n]")), "in the request: {all}");
    assert!(all.contains(&format!("\"Id\": {id}")) && all.contains(&format!("\"CustomerId\": {code}")), "{all}");
    assert_eq!(code.len(), "\"MARINA01\"".len());
    let live = recording.text("live.json");
    let total = live.lines().find_map(|line| line.trim().strip_prefix("\"total\": ")).unwrap().trim_end_matches(',');
    assert!(total.len() == "3000.00".len() && total.ends_with(".00") && total != "3000.00", "{total}");
}

/// Ids that are asked for in batches are still in the same batches.
#[test]
fn a_call_of_many_requests_can_be_recorded() {
    let erp = simulator::start().unwrap();
    let settings = format!(
        "{JSON}\ngeneration = \"dme\"\nauth = \"bearer\"\nsystem_id = \"7301\"\ninvoice_history = \"with_paid\""
    );
    let secrets = [("token", simulator::TOKEN)];
    let recording = recorded(erp.address, &settings, &secrets, &["--operation", "invoices", "--customer", "HISTORY09"]);
    recording.is_silent();
    assert!(recording.text("live.json").contains("\"total_invoices\": 402"), "{}", recording.text("live.json"));
    let batches = recording.files().into_iter().filter(|(_, text)| text.contains("/RetrieveInvoices\n")).count();
    assert_eq!(batches, 8, "400 paid invoices, 50 by 50");
}

#[test]
fn two_recordings_have_nothing_in_common() {
    let erp = simulator::start().unwrap();
    let arguments = ["--operation", "account", "--customer", "MARINA01"];
    let [first, second] = [(); 2].map(|()| recorded(erp.address, JSON, &[], &arguments));
    assert_ne!(first.text("live.json"), second.text("live.json"), "stand-ins cannot be looked up");
}

#[test]
fn a_failing_call_can_be_recorded_too() {
    let page = "<!DOCTYPE html><html><body>Sorry, Mr Whitfield of Annapolis, 410-555-0101</body></html>";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let erp = LyingErp::start(move |_| Lie::ok("text/html", page)).await.unwrap();
        let address = erp.address();
        let record = move || {
            let recording = recorded(address, JSON, &[], &["--operation", "account", "--customer", "MARINA01"]);
            recording.is_silent();
            assert!(recording.text("live.json").contains("\"kind\": \"malformed\""));
            assert!(recording.progress.contains("the call failed: malformed: "), "{}", recording.progress);
        };
        tokio::task::spawn_blocking(record).await.unwrap();
    });
}

#[test]
fn what_cannot_be_recorded_is_told_with_its_remedy() {
    let erp = simulator::start().unwrap();
    let account = ["--operation", "account", "--customer", "MARINA01"];
    let told = |settings: &str, secrets: &[(&str, &str)], arguments: &[&str]| {
        let recording = recorded(erp.address, settings, secrets, arguments);
        assert!(!recording.into.exists(), "nothing is written");
        recording.told.unwrap_err()
    };
    assert_eq!(told(JSON, &[], &["--operation", "invoice", "--customer", "A"]), "--operation invoice needs --id");
    let unknown = told(JSON, &[], &["--operation", "balance", "--customer", "A"]);
    assert!(unknown.contains("it is one of account, orders, order, invoices, invoice"), "{unknown}");
    let nobody = told("base_url = \"http://127.0.0.1:1/\"", &[], &account);
    assert!(nobody.contains("a request was not answered") && nobody.contains("unreachable"), "{nobody}");
    let setting = told(&format!("{JSON}\nbase_uri = \"x\""), &[], &account);
    assert!(setting.contains("\"base_uri\" is no setting of this adapter, which knows base_url"), "{setting}");
    assert!(told("", &[], &account).contains("[settings] base_url is missing: Where the dealer's"));
    assert!(told(JSON, &[("pin", "1")], &account).contains("\"pin\" is no secret of dockmaster"));

    let file = |text: &str| run(tempfile::tempdir().unwrap(), text, &account.map(str::to_owned)).told.unwrap_err();
    assert!(file("adapter = \"other\"").contains("is for the adapter other, and this is dockmaster"));
    assert!(file("title = 1").contains("names no adapter: adapter = \"dockmaster\""));
    assert!(file("adapter = \n").contains("line 1"));
    let secrets = "adapter = \"dockmaster\"\n[settings]\nbase_url = \"http://a/\"\n[secrets]\n";
    assert!(file(&format!("{secrets}token = \"literal\"")).contains("must be { env = \"…\" } or { file = \"…\" }"));
    let variable = file(&format!("{secrets}token = {{ env = \"LIVEGATE_NOT_SET\" }}"));
    assert!(variable.contains("LIVEGATE_NOT_SET, which is not set: export it first"), "{variable}");
}

#[test]
fn nothing_is_written_over() {
    let erp = simulator::start().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let into = directory.path().join("golden");
    fs::create_dir(&into).unwrap();
    fs::write(into.join("live.json"), "mine").unwrap();
    let tenant = format!("adapter = \"dockmaster\"\n[settings]\n{JSON}").replace("{address}", &erp.address.to_string());
    let recording = run(directory, &tenant, &["--operation", "account", "--customer", "MARINA01"].map(str::to_owned));
    assert!(
        recording.told.as_ref().unwrap_err().ends_with("is not empty: name a new directory"),
        "{:?}",
        recording.told
    );
    assert_eq!(fs::read_to_string(recording.into.join("live.json")).unwrap(), "mine");
    assert_eq!(fs::read_dir(Path::new(&recording.into)).unwrap().count(), 1);
}
