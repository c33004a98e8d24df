//! The HTTP routes of older systems.

use crate::kit::*;

#[test]
fn contacts_log_in_and_list_as_recorded() {
    let record = Transcript::new("contacts_http");
    let server = Server::start();
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let caller = record.stranger(&server);
    record.part("POST /log_in");
    for body in [
        json!({"username": "avi", "password": PASSWORD}),
        json!({"username": "avi", "password": "wrong password"}),
        json!({"username": "nobody-here", "password": PASSWORD}),
        json!({"username": null, "password": null}),
        json!({"username": "avi"}),
        json!([]),
    ] {
        caller.post("//log_in", body);
    }
    let send = |kind: &str, body: &str| {
        caller.send(caller.call("POST", "//log_in").header("Content-Type", kind).body(body.as_bytes()))
    };
    send("application/x-www-form-urlencoded", &format!("username=avi&password={}", PASSWORD.replace(' ', "+")));
    send("text/plain", "x");
    send("application/json", &"x".repeat(70_000));
    caller.get("//log_in");
    record.part("GET /get_contacts_list/<username>");
    let _online = lisa.connect();
    let request = |path: &str, headers: &[(&str, &str)]| {
        let call = headers.iter().fold(caller.call("GET", path), |call, (name, value)| call.header(name, value));
        caller.send(call)
    };
    let own = [("username", "Avi"), ("jwt", avi.token.as_str())];
    request("//get_contacts_list/Avi", &own);
    request("//get_contacts_list/avi/", &own);
    request("//get_contacts_list/Lisa", &own);
    request("//get_contacts_list/Avi", &[("username", "Avi"), ("jwt", "prl_x")]);
    request("//get_contacts_list/Avi", &own[..1]);
    caller.post("//get_contacts_list/Avi", json!({}));
    record.compare();
}

#[test]
fn administrators_of_contacts_are_answered_as_recorded() {
    let record = Transcript::new("contacts_admin");
    let server = Server::start();
    let caller = record.stranger(&server);
    let request = |path: &str, name: &str, password: &str, terminated: &str| {
        caller.post(path, json!({"username": name, "password": password, "user_token_terminate": terminated}))
    };
    record.part("without an administrator");
    request("//admin/get_info", "root", PASSWORD, "");
    caller.get("//admin/kill_token");
    record.part("with one");
    server.operate(&["user", "add", "root", "--admin"], &format!("{PASSWORD}\n"));
    let [avi, _lisa] = people(&server, ["avi", "lisa"]);
    let mut his = record.connect(&avi);
    request("//admin/get_info", "root", PASSWORD, "");
    request("//admin/get_info", "avi", PASSWORD, "");
    request("//admin/get_info", "root", "wrong password", "");
    request("//admin/kill_token", "root", PASSWORD, "avi");
    his.receive_or_end();
    request("//admin/kill_token", "root", PASSWORD, "avi");
    request("//admin/kill_token", "nobody-here", PASSWORD, "lisa");
    caller.get("//admin/kill_token");
    record.compare();
}

#[test]
fn guests_of_the_lobby_log_in_and_out_as_recorded() {
    let record = Transcript::new("lobby_http");
    let server = Server::start();
    register(&server, "mark");
    let caller = record.stranger(&server);
    let token = text(&caller.get("//login/Avi").ok(), "token").to_owned();
    let cookie = format!("parlor_lobby={token}");
    let request = |method: &str, path: &str, headers: &[(&str, &str)]| {
        let call = headers.iter().fold(caller.call(method, path), |call, (name, value)| call.header(name, value));
        caller.send(call)
    };
    let own = ("Cookie", cookie.as_str());
    request("GET", "//login/avi/", &[own]);
    for path in ["//login/avi", "//login/mark", "//login/a", "//login/admin", "//login/"] {
        request("GET", path, &[]);
    }
    request("GET", "//login/lisa", &[own]);
    request("HEAD", "//login/lisa", &[]);
    request("POST", "//login/lisa", &[]);
    for header in [("Sec-Fetch-Site", "cross-site"), ("Sec-Purpose", "prefetch"), ("Origin", "https://evil.example")] {
        request("GET", "//login/lisa", &[header]);
    }
    request("GET", &format!("//login/lisa?token={token}"), &[]);
    request("GET", "/me", &[own]);
    request("GET", "//logout/avi", &[]);
    request("GET", "//logout/mark", &[own]);
    request("HEAD", "//logout/avi", &[own]);
    request("GET", "//logout/avi", &[own]);
    request("GET", "//logout/avi", &[own]);
    record.compare();
}

#[test]
fn the_sessions_system_is_answered_as_recorded() {
    let record = Transcript::new("sessions_http");
    let server = Server::start();
    let caller = record.stranger(&server);
    let of = |name: &str, password: &str| json!({"Username": name, "Password": password});
    for (name, password) in [("Winston", PASSWORD), ("winston", PASSWORD), ("a b", PASSWORD), ("nanda", "short")] {
        caller.post("//register", of(name, password));
    }
    caller.post("//register", json!({"username": "nanda", "password": PASSWORD}));
    for (name, password) in [("winston", PASSWORD), ("winston", "wrong password"), ("nanda", PASSWORD)] {
        caller.post("//login", of(name, password));
    }
    caller.post("//login/", of("winston", PASSWORD));
    caller.post("//login", json!([]));
    caller.send(caller.call("POST", "//login").body(b"{}"));
    caller.get("//register");
    caller.get("//login");
    record.part("GET /load");
    let winston = Person::login(&server, "Winston");
    let his = record.http(&winston);
    his.get("//load");
    let id = group(&winston, "Alone", &[]);
    for content in ["one \"quoted\"", "deleted", "two"] {
        winston.send_message(&id, content);
    }
    winston.http.delete(&format!("/sessions/{id}/messages/2")).ok();
    his.get("//load");
    his.send(his.call("HEAD", "//load"));
    caller.get("//load");
    his.post("//load", json!({}));
    record.compare();
}
