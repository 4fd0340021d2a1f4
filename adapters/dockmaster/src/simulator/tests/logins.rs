use super::*;

const FORM: &str = "content-type: application/x-www-form-urlencoded";

#[test]
fn a_form_login_gives_a_token_for_v2_alone() {
    let running = guarded();
    let one = format!("{INQUIRY}?CustomerId=MARINA01");
    for headers in [&[][..], &[BEARER]] {
        assert_eq!(ask(running.address(), &one, headers, "").status, 401);
    }
    let answer = form_login(&running, PASSWORD);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains(r#""expires_in":3600"#) && answer.body.contains(r#""token_type":"bearer""#));
    let bearer = format!("authorization: bearer {}", member(&answer.body, "access_token"));
    assert_eq!(ask(running.address(), &one, &[&bearer], "").status, 200);
    assert_eq!(ask(running.address(), NEW_INQUIRY, &[&bearer, SYSTEM], "").status, 401);

    let refused = form_login(&running, "wrong");
    assert_eq!((refused.status, member(&refused.body, "error").as_str()), (400, "invalid_grant"));
    assert!(!member(&refused.body, "error_description").is_empty());
    for (header, body) in [(FORM, "grant_type=client_credentials"), (JSON, "grant_type=password")] {
        let refused = ask(running.address(), "POST /token", &[header], body);
        assert_eq!((refused.status, refused.body.as_str()), (400, r#"{"error":"unsupported_grant_type"}"#));
    }
    assert_eq!(ask(running.address(), "GET /token", &[], "").status, 405);
    assert_eq!(running.calls(Endpoint::Login), 5);
}

#[test]
fn a_json_login_names_the_systems_and_each_call_one_of_them() {
    let systems = &[("Harbor Marine", "7301"), ("Harbor North", "7302")];
    let running = start_with(Options { logins_only: true, systems, ..Options::default() }).unwrap();
    let answer = json_login(&running, PASSWORD);
    assert_eq!(answer.status, 200);
    let connections = serde_json::from_str::<serde_json::Value>(&answer.body).unwrap()["availableConnections"].clone();
    let expected = serde_json::json!([
        { "name": "Harbor Marine", "systemId": "7301", "isDefault": true },
        { "name": "Harbor North", "systemId": "7302", "isDefault": false },
    ]);
    assert_eq!(connections, expected);
    let left = member(&answer.body, "authExpiration").parse::<jiff::Timestamp>().unwrap() - jiff::Timestamp::now();
    assert!((3500..=3600).contains(&left.get_seconds()), "{left}");

    let bearer = format!("authorization: Bearer {}", member(&answer.body, "authToken"));
    let as_system = |headers: &[&str]| {
        let answer = ask(running.address(), NEW_INQUIRY, &[headers, &[&bearer]].concat(), "");
        (answer.status, running.last_system(), answer.head.contains("content-type: text/plain"))
    };
    assert_eq!(as_system(&[]), (400, None, true));
    assert_eq!(as_system(&["x-dm_system_id: 9999"]), (403, None, true));
    assert_eq!(as_system(&["X-DM_SYSTEM_ID: 7302"]), (200, Some("7302"), false));
    assert_eq!(as_system(&[SYSTEM]), (200, Some("7301"), false));
    assert_eq!(ask(running.address(), INQUIRY, &[&bearer], "").status, 401, "it is no token for v2");
    assert_eq!(json_login(&running, "wrong").status, 401);
    assert_eq!(ask(running.address(), "POST /auth/token", &[JSON], "[]").status, 400);
}

#[test]
fn a_refresh_wants_both_tokens_and_rotates() {
    let running = guarded();
    let first = json_login(&running, PASSWORD).body;
    let [token, once] = ["authToken", "refreshToken"].map(|name| member(&first, name));
    let status = |token: &str| {
        let bearer = format!("authorization: Bearer {token}");
        ask(running.address(), NEW_INQUIRY, &[&bearer, SYSTEM], "").status
    };
    assert_eq!(status(&token), 200);
    running.expire_tokens();
    assert_eq!(status(&token), 401);
    for (expired, given) in [("", once.as_str()), ("other", &once), (&token, ""), (&token, "other"), (&once, &token)] {
        assert_eq!(refresh(&running, expired, given).status, 401, "{expired} {given}");
    }
    let body = serde_json::json!({ "refreshToken": once }).to_string();
    assert_eq!(ask(running.address(), "POST /auth/token/refresh", &[JSON], &body).status, 401);

    let second = refresh(&running, &token, &once);
    assert_eq!(second.status, 200);
    let [newer, next] = ["authToken", "refreshToken"].map(|name| member(&second.body, name));
    assert!(newer != token && next != once && second.body.contains("authExpiration"));
    assert_eq!((status(&newer), status(&token)), (200, 401));
    assert_eq!(refresh(&running, &token, &once).status, 401, "a refresh token is good once");
    assert_eq!(refresh(&running, &newer, &once).status, 401);
    assert_eq!(refresh(&running, &newer, &next).status, 200, "also before the token expires");
    assert_eq!((running.calls(Endpoint::Login), running.calls(Endpoint::Refresh)), (1, 10));
}

#[test]
fn tokens_end_with_their_lifetime() {
    let token_lifetime = Duration::ZERO;
    let running = start_with(Options { logins_only: true, token_lifetime, ..Options::default() }).unwrap();
    let bearer = format!("authorization: Bearer {}", member(&form_login(&running, PASSWORD).body, "access_token"));
    assert_eq!(ask(running.address(), INQUIRY, &[&bearer], "").status, 401);
}

#[test]
fn five_refused_logins_lock_the_user_in_both_generations() {
    let running = guarded();
    for _ in 0..4 {
        assert_eq!(form_login(&running, "wrong").status, 400);
    }
    assert_eq!(json_login(&running, PASSWORD).status, 200, "four are not five");
    for _ in 0..4 {
        assert_eq!(json_login(&running, "wrong").status, 401);
    }
    assert_eq!(form_login(&running, PASSWORD).status, 200, "a login forgives what was before it");
    for _ in 0..5 {
        assert_eq!(json_login(&running, "wrong").status, 401);
    }
    assert_eq!(json_login(&running, PASSWORD).status, 401);
    let locked = form_login(&running, PASSWORD);
    assert_eq!((locked.status, member(&locked.body, "error").as_str()), (400, "invalid_grant"));
    running.unlock();
    assert_eq!(form_login(&running, PASSWORD).status, 200);
    let stranger = r#"{"UserName":"stranger","Password":"x"}"#;
    for _ in 0..5 {
        assert_eq!(ask(running.address(), "POST /auth/token", &[JSON], stranger).status, 401);
    }
    assert_eq!(form_login(&running, PASSWORD).status, 200, "nobody is locked out by another");
}

#[test]
fn tokens_of_the_logins_stand_beside_the_static_one() {
    let running = start_with(Options { anonymous: true, ..Options::default() }).unwrap();
    let given = format!("authorization: Bearer {}", member(&form_login(&running, PASSWORD).body, "access_token"));
    let status = |headers: &[&str]| ask(running.address(), INQUIRY, headers, "").status;
    assert_eq!([status(&[]), status(&[BEARER]), status(&[&given])], [200; 3]);
    assert_eq!(ask(running.address(), NEW_INQUIRY, &[BEARER, SYSTEM], "").status, 200);
    running.expire_tokens();
    assert_eq!([status(&[]), status(&[BEARER]), status(&[&given])], [200, 200, 401]);
}

#[test]
fn a_login_page_stands_in_front_of_everything() {
    let running = start_with(Options { html_login: true, ..Options::default() }).unwrap();
    let answers = [form_login(&running, PASSWORD), json_login(&running, PASSWORD)];
    for answer in answers.into_iter().chain([ask(running.address(), INQUIRY, &[XML], "")]) {
        assert_eq!(answer.status, 200);
        assert!(answer.head.contains("content-type: text/html") && answer.body.starts_with("<!DOCTYPE html>"));
    }
    assert_eq!(running.calls(Endpoint::Login), 2);
}

fn guarded() -> Running {
    start_with(Options { logins_only: true, ..Options::default() }).unwrap()
}

fn form_login(running: &Running, password: &str) -> Response {
    let password: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let body = format!("grant_type=password&username={USERNAME}&password={password}");
    ask(running.address(), "POST /token", &[FORM], &body)
}

fn json_login(running: &Running, password: &str) -> Response {
    let body = serde_json::json!({ "UserName": USERNAME, "Password": password }).to_string();
    ask(running.address(), "POST /auth/token", &[JSON], &body)
}

fn refresh(running: &Running, expired: &str, refresh: &str) -> Response {
    let body = serde_json::json!({ "expiredAuthToken": expired, "refreshToken": refresh }).to_string();
    ask(running.address(), "POST /auth/token/refresh", &[JSON], &body)
}

fn member(body: &str, name: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body[name].as_str().unwrap().to_owned()
}
