//! The contacts system: logging in, and the list of contacts.

use crate::kit::*;

fn log_in(http: &Http, body: Value) -> Reply {
    http.post("//log_in", body)
}

fn of(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password})
}

fn invalid() -> Value {
    json!({"result": "Invalid credentials"})
}

fn no_login() -> Value {
    json!({"error": "Invalid Log In request"})
}

/// The answer of the list to a request with these headers.
fn request(server: &Server, name: &str, headers: &[(&str, &str)]) -> Reply {
    let call = server.http().call("GET", &format!("//get_contacts_list/{name}"));
    headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send()
}

#[track_caller]
fn contacts(server: &Server, person: &Person) -> Value {
    let list = request(server, &person.username, &[("username", &person.username), ("jwt", &person.token)]).ok();
    let mut rooms: Vec<String> = list["contacts"].as_object().unwrap().keys().cloned().collect();
    rooms.sort_unstable();
    let mut all: Vec<&str> = list_of(&list, "all_existing_contacts");
    all.sort_unstable();
    rooms.push(person.username.clone());
    rooms.sort_unstable();
    assert_eq!(rooms, all, "everybody but the caller has a room, and everybody is listed");
    list
}

fn list_of<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    list(value, field).iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn a_login_is_answered_as_by_the_older_system() {
    let server = Server::start();
    register(&server, "Avi");
    let answer = log_in(&server.http(), of("avi", PASSWORD)).ok();
    assert_eq!(answer, json!({"result": "success", "token": answer["token"]}));
    let me = server.http().with_token(text(&answer, "token")).get("/me").ok();
    assert_eq!(me["user"]["username"], "Avi");
    for (username, password) in [("avi", "wrong password"), ("nobody-here", PASSWORD), ("", ""), ("a b", PASSWORD)] {
        assert_eq!(log_in(&server.http(), of(username, password)).ok(), invalid(), "{username}");
    }
    let null = json!({"username": null, "password": PASSWORD});
    assert_eq!(log_in(&server.http(), null).ok(), invalid());
    assert_eq!(log_in(&server.http(), json!({"username": null, "password": null})).ok(), invalid());
}

#[test]
fn a_failed_login_is_answered_as_failed() {
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "0"), ("PARLOR_ADDRESS_LOGIN_FAILURES", "0")]);
    register(&server, "avi");
    for body in [
        json!({}),
        json!({"username": "avi"}),
        json!({"password": PASSWORD}),
        json!({"username": null}),
        json!({"Username": "avi", "Password": PASSWORD}),
        json!({"username": 7, "password": PASSWORD}),
        json!({"username": "avi", "password": 12345678}),
        json!({"username": ["avi"], "password": {"a": 1}}),
        json!({"username": "avi", "password": null}),
        json!(["avi", PASSWORD]),
        json!("avi"),
        json!(null),
    ] {
        assert_eq!(log_in(&server.http(), body.clone()).ok(), no_login(), "{body}");
    }
    for body in ["", "{", "{}{}", "\u{0}", "username=avi", &"[".repeat(5_000), "{\"username\":\"avi\\ud800\"}"] {
        let call = server.http().call("POST", "//log_in").header("Content-Type", "application/json");
        assert_eq!(call.body(body.as_bytes()).send().ok(), no_login(), "{body:?}");
    }
    let call = server.http().call("POST", "//log_in").header("Content-Type", "application/json");
    assert_eq!(call.body(b"{\"username\":\"\xff\"}").send().ok(), no_login());
    // A null password of an unknown user is answered like any other.
    assert_eq!(log_in(&server.http(), json!({"username": "nobody-here", "password": null})).ok(), invalid());
}

#[test]
fn a_login_may_be_a_form_or_json_with_or_without_a_content_type() {
    let server = Server::start();
    register(&server, "avi");
    let send = |kind: Option<&str>, body: &str| {
        let call = server.http().call("POST", "//log_in");
        let call = kind.into_iter().fold(call, |call, kind| call.header("Content-Type", kind));
        call.body(body.as_bytes()).send()
    };
    let form = format!("username=avi&password={}", percent(PASSWORD));
    let json = of("avi", PASSWORD).to_string();
    for (kind, body) in [
        (Some("application/x-www-form-urlencoded"), &form),
        (Some("application/x-www-form-urlencoded; charset=utf-8"), &form),
        (Some("application/json; charset=utf-8"), &json),
        (None, &json),
    ] {
        let reply = send(kind, body);
        assert_eq!(reply.ok()["result"], "success", "{kind:?}");
        assert_eq!(reply.header("set-cookie"), None, "a page of others may send a form");
    }
    assert_eq!(send(Some("application/x-www-form-urlencoded"), "username=avi").ok(), no_login());
    let refused = send(Some("text/plain"), &json).refused(415, "unsupported_media_type");
    assert_eq!(refused["error"], refused["detail"]);
    let refused = send(Some("application/json"), &"x".repeat(70_000)).refused(413, "too_large");
    assert!(refused["error"].is_string());
}

#[test]
fn failures_count_for_every_login_method_together() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "3")]);
    register(&server, "avi");
    let (http, elsewhere) = (server.http(), server.http().at_address("127.0.0.9"));
    assert_eq!(log_in(&http, of("avi", "wrong password")).ok(), invalid());
    assert_eq!(log_in(&http, json!({"username": "AVI", "password": null})).ok(), no_login());
    http.post("/login", of("avi", "wrong password")).refused(401, "wrong_password");
    for reply in
        [log_in(&http, of("avi", PASSWORD)), http.post("//login", json!({"Username": "avi", "Password": PASSWORD}))]
    {
        reply.refused(429, "too_many_attempts");
        reply.retry_after();
    }
    http.post("/login", of("avi", PASSWORD)).refused(429, "too_many_attempts");
    assert_eq!(log_in(&elsewhere, of("avi", PASSWORD)).ok()["result"], "success");
}

#[test]
fn with_uniform_errors_a_null_password_reveals_no_username() {
    let server = Server::with(&[("PARLOR_UNIFORM_LOGIN_ERRORS", "true")]);
    register(&server, "avi");
    for name in ["avi", "nobody-here", "a b"] {
        assert_eq!(log_in(&server.http(), json!({"username": name, "password": null})).ok(), no_login(), "{name}");
        assert_eq!(log_in(&server.http(), of(name, "wrong password")).ok(), invalid(), "{name}");
    }
}

#[test]
fn a_disabled_account_is_answered_as_a_wrong_password() {
    let server = Server::start();
    register(&server, "avi");
    server.operate(&["user", "disable", "avi"], "");
    assert_eq!(log_in(&server.http(), of("avi", PASSWORD)).ok(), invalid());
    Person::visit(&server, "gwen");
    assert_eq!(log_in(&server.http(), of("gwen", PASSWORD)).ok(), invalid());
}

#[test]
fn the_list_has_a_room_with_every_other_user() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["Avi", "Lisa", "mark"]);
    let guest = Person::visit(&server, "Gwen");
    assert_eq!(
        contacts(&server, &lisa),
        json!({
            "contacts": {"Avi": "Avi&Lisa", "Gwen": "Gwen&Lisa", "mark": "Lisa&mark"},
            "currently_online": [],
            "all_existing_contacts": ["Lisa", "Avi", "Gwen", "mark"],
        })
    );
    let (his, hers) = (avi.connect(), lisa.connect());
    assert_eq!(list_of(&contacts(&server, &lisa), "currently_online"), ["Lisa", "Avi"], "the caller too");
    assert_eq!(list_of(&contacts(&server, &guest), "currently_online"), ["Avi", "Lisa"]);
    assert_eq!(list_of(&contacts(&server, &mark), "currently_online"), ["Avi", "Lisa"]);
    his.goodbye();
    hers.goodbye();
    until("both are gone", PATIENCE, || list_of(&contacts(&server, &mark), "currently_online").is_empty());
    // A list makes no room.
    assert_eq!(server.count("SELECT count(*) FROM sessions"), 0);
}

#[test]
fn a_user_is_listed_as_online_once_they_have_joined() {
    let server = Server::with(&SETTLED);
    let [avi, _lisa] = people(&server, ["Avi", "Lisa"]);
    let his_list = || contacts(&server, &avi);
    assert_eq!(list_of(&his_list(), "currently_online"), Vec::<&str>::new(), "a login alone makes nobody online");
    let mut his = Contact::joined(&server, Transport::Polling, &avi, "Lisa");
    assert_eq!(list_of(&his_list(), "currently_online"), ["Avi"]);
    assert_eq!(list_of(&his_list(), "all_existing_contacts"), ["Avi", "Lisa"]);
    assert_eq!(his_list()["contacts"], json!({"Lisa": "Avi&Lisa"}));
    his.packets.request("client_disconnection", json!({"client": "Avi", "jwt": avi.token}));
    let again = Person::login(&server, "Avi");
    assert_eq!(list_of(&contacts(&server, &again), "currently_online"), Vec::<&str>::new());
}

#[test]
fn the_list_is_that_of_the_tokens_user() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let error = |name: &str, headers: &[(&str, &str)]| {
        let answer = request(&server, name, headers).ok();
        assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
        text(&answer, "error").to_owned()
    };
    let (own, jwt) = (("username", "AVI"), ("jwt", avi.token.as_str()));
    assert!(request(&server, "avi", &[own, jwt]).ok()["contacts"].is_object(), "in any case");
    for headers in [&[][..], &[own], &[jwt], &[own, own, jwt], &[own, jwt, jwt]] {
        assert!(error("Avi", headers).contains("headers"), "{headers:?}");
    }
    let long = "prl_".to_owned() + &"x".repeat(43);
    for bad in ["x", "", "null", "prl_x", &long, &format!("{}x", avi.token)] {
        assert_eq!(error("Avi", &[own, ("jwt", bad)]), "Invalid JWT", "{bad}");
        assert_eq!(error("nobody-here", &[("username", "nobody-here"), ("jwt", bad)]), "Invalid JWT");
    }
    for (path, name) in
        [("Lisa", "Avi"), ("Avi", "Lisa"), ("Lisa", "Lisa"), ("%F0%9F%91%8D", "Avi"), ("Avi&Lisa", "Avi")]
    {
        assert!(error(path, &[("username", name), jwt]).contains("somebody else"), "{path} {name}");
    }
    lisa.http.call("POST", "/logout").send().done();
    assert_eq!(error("Lisa", &[("username", "Lisa"), ("jwt", &lisa.token)]), "Invalid JWT");
    // The token of a header only: no other way of authenticating counts.
    let cookie = format!("parlor_token={}", avi.token);
    assert!(error("Avi", &[("Cookie", &cookie)]).contains("headers"));
    let reply = request(&server, &format!("Avi?jwt={}", avi.token), &[own, jwt]);
    reply.refused(400, "invalid_request");
}

#[test]
fn blocks_hold_in_the_list_both_ways() {
    let server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let mark = register(&server, "mark");
    let (_one, _two) = (avi.connect(), mark.connect());
    avi.http.put("/blocks/lisa", json!({})).done();
    lisa.http.put("/blocks/mark", json!({})).done();
    for (person, all, online) in [
        (&avi, vec!["avi", "mark"], vec!["avi", "mark"]),
        (&mark, vec!["mark", "avi"], vec!["mark", "avi"]),
        (&lisa, vec!["lisa"], vec![]),
    ] {
        let found = contacts(&server, person);
        assert_eq!(list_of(&found, "all_existing_contacts"), all);
        assert_eq!(list_of(&found, "currently_online"), online);
    }
    avi.http.delete("/blocks/lisa").done();
    assert_eq!(list_of(&contacts(&server, &lisa), "currently_online"), ["avi"]);
}

#[test]
fn a_user_who_accepts_only_invites_is_listed_once_there_is_a_session() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    avi.accepts_only_invited();
    assert_eq!(list_of(&contacts(&server, &lisa), "all_existing_contacts"), ["lisa"]);
    assert_eq!(contacts(&server, &avi)["contacts"], json!({"lisa": "avi&lisa"}));
    befriend(&avi, &lisa);
    assert_eq!(contacts(&server, &lisa)["contacts"], json!({"avi": "avi&lisa"}));
}

#[test]
fn a_closed_directory_lists_only_people_one_shares_a_session_with() {
    let server = Server::with(&[("PARLOR_DIRECTORY", "closed"), ("PARLOR_LOBBY", "on")]);
    let [avi, lisa, mark, nina] = people(&server, ["avi", "lisa", "mark", "nina"]);
    let _sockets = [&avi, &lisa, &mark, &nina].map(Person::connect);
    assert_eq!(list_of(&contacts(&server, &avi), "all_existing_contacts"), ["avi"]);
    let (_, code) = room(&mark, json!({"keep": true}));
    join(&avi, &code);
    join(&lisa, &code);
    lisa.accepts_only_invited();
    let found = contacts(&server, &avi);
    assert_eq!(list_of(&found, "all_existing_contacts"), ["avi", "mark"], "who accepts nobody cannot be written to");
    assert_eq!(list_of(&found, "currently_online"), ["avi", "mark"]);
    let sessions = mark.http.get("/sessions").ok();
    let shared = sessions["sessions"].as_array().unwrap().iter().find(|session| session["kind"] == "room").unwrap();
    remove(&avi.http, text(shared, "id"), "avi").ok();
    assert_eq!(list_of(&contacts(&server, &avi), "all_existing_contacts"), ["avi"]);
}

#[test]
fn a_deleted_account_is_no_contact() {
    let server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let guest = Person::visit(&server, "gwen");
    befriend(&avi, &guest);
    lisa.delete_account();
    guest.delete_account();
    assert_eq!(list_of(&contacts(&server, &avi), "all_existing_contacts"), ["avi"]);
}

#[test]
fn no_secret_of_a_login_is_in_the_log() {
    let server = Server::with(&[("RUST_LOG", "trace")]);
    register(&server, "avi");
    let answer = log_in(&server.http(), of("avi", PASSWORD)).ok();
    let token = text(&answer, "token");
    log_in(&server.http(), of("avi", "a wrong one, and secret"));
    request(&server, "avi", &[("username", "avi"), ("jwt", token)]).ok();
    for secret in [token, PASSWORD, "and secret"] {
        assert!(!server.log().contains(secret), "{secret}");
    }
}
