//! The contacts system's administrators: listing online users and ending logins; without an administrator there are no such routes.

use crate::kit::*;

const ROUTES: [&str; 2] = ["//admin/get_info", "//admin/kill_token"];

fn denied() -> Value {
    json!({"error": "Admin access denied"})
}

/// A server with the administrator `root`.
fn administered(settings: &[(&str, &str)]) -> Server {
    let server = Server::with(settings);
    server.operate(&["user", "add", "root", "--admin"], &format!("{PASSWORD}\n"));
    server
}

fn credentials(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password, "user_token_terminate": "lisa"})
}

fn kill(server: &Server, name: Value) -> Value {
    let body = json!({"username": "root", "password": PASSWORD, "user_token_terminate": name});
    server.http().post("//admin/kill_token", body).ok()
}

#[test]
fn an_administrator_sees_who_is_online() {
    let server = administered(&[]);
    let [avi, lisa] = people(&server, ["avi", "Lisa"]);
    let info = || server.http().post("//admin/get_info", credentials("Root", PASSWORD)).ok();
    assert_eq!(info(), json!({"online_clients_list": []}));
    let (his, _hers) = (avi.connect(), lisa.connect());
    assert_eq!(info(), json!({"online_clients_list": ["Lisa", "avi"]}));
    his.goodbye();
    until("avi is gone", PATIENCE, || info() == json!({"online_clients_list": ["Lisa"]}));
    lisa.http.put("/blocks/root", json!({})).done();
    assert_eq!(info(), json!({"online_clients_list": []}), "blocks hold for everybody");
}

#[test]
fn an_administrator_ends_all_logins_of_a_user() {
    let server = administered(&[]);
    let avi = register(&server, "avi");
    let again = Person::login(&server, "avi");
    let lisa = register(&server, "lisa");
    let mut sockets = [avi.connect(), again.connect()];
    let mut hers = lisa.connect();
    assert_eq!(kill(&server, json!("AVI")), json!({"result": "success"}));
    for socket in &mut sockets {
        assert_eq!(socket.close_code(), 4502);
    }
    for person in [&avi, &again] {
        person.http.get("/me").refused(401, "unauthenticated");
    }
    hers.fence();
    assert_eq!(kill(&server, json!("AVI")), json!({"error": "No JWT for user AVI"}));
    assert_eq!(kill(&server, json!("nobody-here")), json!({"error": "No JWT for user nobody-here"}));
    assert_eq!(kill(&server, json!("")), json!({"error": "No JWT for user "}));
    for odd in [json!(null), json!(7), json!(["lisa"])] {
        assert_eq!(kill(&server, odd), json!({"error": "No JWT for user "}));
    }
    Person::login(&server, "avi");
    // The visit of a guest ends with the login.
    Person::visit(&server, "gwen");
    assert_eq!(kill(&server, json!("gwen")), json!({"result": "success"}));
    Person::visit(&server, "gwen");
}

#[test]
fn a_login_that_has_expired_is_none() {
    let mut server = administered(&[]);
    register(&server, "avi");
    server.terminate();
    server.sql("UPDATE tokens SET expires_at = 1");
    server.open().unwrap();
    assert_eq!(kill(&server, json!("avi")), json!({"error": "No JWT for user avi"}));
}

#[test]
fn all_but_administrators_are_denied() {
    let server = administered(&[("PARLOR_LOGIN_FAILURES", "0"), ("PARLOR_ADDRESS_LOGIN_FAILURES", "0")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    for path in ROUTES {
        for body in [
            credentials("root", "wrong password"),
            credentials("avi", PASSWORD),
            credentials("avi", "wrong password"),
            credentials("nobody-here", PASSWORD),
            credentials("", ""),
            json!({"username": "root"}),
            json!({"username": "root", "password": null, "user_token_terminate": "lisa"}),
            json!({"username": null, "password": null}),
            json!({"username": 1, "password": [PASSWORD]}),
            json!([]),
            json!({}),
        ] {
            let reply = server.http().post(path, body.clone());
            assert_eq!(reply.ok(), denied(), "{path} {body}");
            // A valid token alone makes no administrator.
            assert_eq!(avi.http.post(path, body.clone()).ok(), denied(), "{path} {body}");
        }
        let call = server.http().call("POST", path).header("Content-Type", "application/json");
        assert_eq!(call.body(b"{").send().ok(), denied());
    }
    lisa.http.get("/me").ok();
    server.operate(&["user", "disable", "root"], "");
    server.operate(&["user", "add", "other", "--admin"], &format!("{PASSWORD}\n"));
    for path in ROUTES {
        assert_eq!(server.http().post(path, credentials("root", PASSWORD)).ok(), denied());
    }
    assert_eq!(server.http().post(ROUTES[1], credentials("other", PASSWORD)).ok(), json!({"result": "success"}));
}

#[test]
fn failures_are_counted_like_failed_logins() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = administered(&[("PARLOR_LOGIN_FAILURES", "3")]);
    let login = json!({"username": "root", "password": "wrong password"});
    for path in ROUTES {
        assert_eq!(server.http().post(path, credentials("ROOT", "wrong password")).ok(), denied());
    }
    server.http().post("/login", login.clone()).refused(401, "wrong_password");
    for path in ROUTES {
        let reply = server.http().post(path, credentials("root", PASSWORD));
        let refused = reply.refused(429, "too_many_attempts");
        assert_eq!(refused["error"], refused["detail"]);
        reply.retry_after();
    }
    server.http().post("/login", login).refused(429, "too_many_attempts");
    // Users who are no administrators have no more attempts, even with their own password.
    register(&server, "avi");
    for _ in 0..3 {
        assert_eq!(server.http().post(ROUTES[0], credentials("avi", PASSWORD)).ok(), denied());
    }
    server.http().post(ROUTES[0], credentials("avi", PASSWORD)).refused(429, "too_many_attempts");
    let elsewhere = server.http().at_address("127.0.0.9");
    assert!(elsewhere.post(ROUTES[0], credentials("root", PASSWORD)).ok()["online_clients_list"].is_array());
}

#[test]
fn without_an_administrator_the_routes_do_not_exist() {
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "1")]);
    register(&server, "avi");
    for path in ROUTES {
        for method in ["POST", "GET", "HEAD", "PUT"] {
            let reply = server.http().call(method, path).send();
            assert_eq!(reply.status, 404, "{method} {path}");
        }
        for _ in 0..3 {
            server.http().post(path, credentials("avi", "wrong password")).refused(404, "not_found");
        }
    }
    Person::login(&server, "avi");
    server.operate(&["user", "add", "root", "--admin"], &format!("{PASSWORD}\n"));
    for path in ROUTES {
        let reply = server.http().get(path);
        reply.refused(405, "invalid_request");
        assert_eq!(reply.header("allow"), Some("POST"));
    }
    server.operate(&["user", "disable", "root"], "");
    server.http().post(ROUTES[0], credentials("root", PASSWORD)).refused(404, "not_found");
}

#[test]
fn passwords_of_administrators_are_in_no_log() {
    let server = administered(&[("RUST_LOG", "trace")]);
    for path in ROUTES {
        server.http().post(path, credentials("root", PASSWORD)).ok();
        server.http().post(path, credentials("root", "and secret, too")).ok();
    }
    for secret in [PASSWORD, "and secret"] {
        assert!(!server.log().contains(secret), "{secret}");
    }
}
