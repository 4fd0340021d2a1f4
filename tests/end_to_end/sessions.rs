//! ERPs that count their sessions: however connections come and go, no more are open than were paid for.

use std::time::Duration;

use futures::future::join_all;
use livegate_adapter_acumatica::simulator as acumatica;
use livegate_adapter_sap_b1::simulator as sap_b1;

use crate::gateway::{Gateway, TOKEN, sha256, within};

/// An ERP with room for one session, and what it counted.
trait Counting {
    /// The tenant's settings.
    fn settings(&self) -> String;
    /// Secrets besides user and password.
    fn secrets(&self) -> &'static str {
        ""
    }
    fn user(&self) -> (&'static str, &'static str);
    fn logins(&self) -> usize;
    fn open(&self) -> usize;
    fn most(&self) -> usize;
    /// Ends every session, as after a while in which nobody asked.
    fn end_sessions(&self);
}

/// Slow enough for calls to be under way when something happens to their connection.
const DELAY: Duration = Duration::from_millis(20);

impl Counting for acumatica::Running {
    fn settings(&self) -> String {
        format!(
            "adapter = \"acumatica\"\n[settings]\nbase_url = \"http://{}/harbor/\"\ntenant = {:?}",
            self.address(),
            acumatica::TENANT
        )
    }

    fn user(&self) -> (&'static str, &'static str) {
        (acumatica::USERNAME, acumatica::PASSWORD)
    }

    fn logins(&self) -> usize {
        self.counts().logins
    }

    fn open(&self) -> usize {
        self.open_sessions()
    }

    fn most(&self) -> usize {
        self.most_sessions()
    }

    fn end_sessions(&self) {
        self.time_out();
    }
}

/// The same ERP with tokens, each of which opens a session of its own.
struct ByToken(acumatica::Running);

impl Counting for ByToken {
    fn settings(&self) -> String {
        let address = self.0.address();
        format!(
            "adapter = \"acumatica\"\n[settings]\nbase_url = \"http://{address}/harbor/\"\nauth = \"oauth_password\""
        )
    }

    fn secrets(&self) -> &'static str {
        "client_id = { env = \"LIVEGATE_TEST_CLIENT\" }\nclient_secret = { env = \"LIVEGATE_TEST_CLIENT_SECRET\" }\n"
    }

    fn user(&self) -> (&'static str, &'static str) {
        (acumatica::USERNAME, acumatica::PASSWORD)
    }

    fn logins(&self) -> usize {
        let counts = self.0.counts();
        counts.logins + counts.tokens
    }

    fn open(&self) -> usize {
        self.0.open_sessions()
    }

    fn most(&self) -> usize {
        self.0.most_sessions()
    }

    /// The token ends; the session that it opened does not.
    fn end_sessions(&self) {
        self.0.revoke_tokens();
    }
}

impl Counting for sap_b1::Running {
    fn settings(&self) -> String {
        let (address, company) = (self.address(), sap_b1::EUROS_TOO);
        format!("adapter = \"sap-b1\"\n[settings]\nbase_url = \"http://{address}/\"\ncompany_db = {company:?}")
    }

    fn user(&self) -> (&'static str, &'static str) {
        (sap_b1::USERNAME, sap_b1::PASSWORD)
    }

    fn logins(&self) -> usize {
        Self::logins(self)
    }

    fn open(&self) -> usize {
        self.open_sessions()
    }

    fn most(&self) -> usize {
        self.most_sessions()
    }

    fn end_sessions(&self) {
        Self::end_sessions(self);
    }
}

fn erps() -> Vec<Box<dyn Counting>> {
    let acumatica = || {
        acumatica::start_with(acumatica::Options { licences: 1, delay: DELAY, ..acumatica::Options::default() })
            .unwrap()
    };
    let sap_b1 = sap_b1::start_with(sap_b1::Options { licences: Some(1), delay: DELAY, ..sap_b1::Options::default() });
    vec![Box::new(acumatica()), Box::new(ByToken(acumatica())), Box::new(sap_b1.unwrap())]
}

fn file(erp: &dyn Counting, ttl: usize) -> String {
    let tokens = format!("tokens = [{{ sha256 = \"{}\" }}]", sha256(TOKEN));
    format!(
        "{tokens}\n{}\n[secrets]\nusername = {{ env = \"LIVEGATE_TEST_USER\" }}\npassword = {{ env = \"LIVEGATE_TEST_PASSWORD\" }}\n\
         {}[cache]\nttl = \"{ttl}ms\"\n",
        erp.settings(),
        erp.secrets()
    )
}

async fn gateway(erp: &dyn Counting) -> Gateway {
    let (user, password) = erp.user();
    let environment = [
        ("LIVEGATE_TEST_USER", user),
        ("LIVEGATE_TEST_PASSWORD", password),
        ("LIVEGATE_TEST_CLIENT", acumatica::CLIENT_ID),
        ("LIVEGATE_TEST_CLIENT_SECRET", acumatica::CLIENT_SECRET),
    ];
    Gateway::start("", &[("harbor", &file(erp, 1_000))], &environment).await
}

/// Balances of so many customers, each other ones than before.
async fn statuses(gateway: &Gateway, prefix: &str, calls: usize) -> Vec<u16> {
    join_all((0..calls).map(|call| async move { gateway.balance(&format!("{prefix}{call}")).await.status })).await
}

#[tokio::test]
async fn fifty_cold_calls_make_one_login_and_fifty_on_a_session_that_is_over_one_more() {
    for erp in erps() {
        let gateway = gateway(&*erp).await;
        assert_eq!(statuses(&gateway, "A", 50).await, [200; 50]);
        assert_eq!((erp.logins(), erp.open()), (1, 1));
        erp.end_sessions();
        assert_eq!(statuses(&gateway, "B", 50).await, [200; 50]);
        assert_eq!((erp.logins(), erp.most()), (2, 1));
    }
}

#[tokio::test]
async fn a_connection_that_is_replaced_under_load_never_takes_a_second_licence_and_loses_no_call() {
    for erp in erps() {
        let gateway = gateway(&*erp).await;
        let reads = || gateway.log().matches("the tenants were read again").count();
        for round in 1..=4 {
            let prefix = format!("R{round}-");
            let calls = statuses(&gateway, &prefix, 40);
            let reload = async {
                tokio::time::sleep(DELAY).await;
                gateway.write_tenant("harbor", &file(&*erp, 1_000 + round));
                gateway.signal("HUP");
                within(Duration::from_secs(10), "the file is read again", async || reads() >= round).await;
                statuses(&gateway, &format!("S{round}-"), 40).await
            };
            let (before, after) = futures::future::join(calls, reload).await;
            assert_eq!((before, after), (vec![200; 40], vec![200; 40]), "round {round}");
        }
        assert_eq!(erp.most(), 1);
        assert!(erp.logins() > 1, "the connection was replaced");
    }
}

#[tokio::test]
async fn after_the_end_no_session_is_open_whatever_was_under_way() {
    for erp in erps() {
        let mut gateway = gateway(&*erp).await;
        assert_eq!(statuses(&gateway, "A", 1).await, [200]);
        // A replaced connection that nobody has let go of yet, and a new one.
        gateway.write_tenant("harbor", &file(&*erp, 2_000));
        gateway.signal("HUP");
        statuses(&gateway, "B", 20).await;
        assert_eq!(erp.open(), 1);
        gateway.signal("TERM");
        let status = gateway.ended(Duration::from_secs(30)).await;
        assert_eq!((status.code(), erp.open(), erp.most()), (Some(0), 0, 1));
    }
}
