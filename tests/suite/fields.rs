//! Fields of commands and requests about groups, rooms and messages: each of a wrong type, missing, or out of range is an
//! `invalid_request` that names it, and changes nothing.

use crate::kit::*;

/// Commands as they would be right, but for the session.
fn commands() -> Vec<(Value, &'static [&'static str])> {
    vec![
        (json!({"type": "edit", "seq": 1, "text": "x"}), &["session", "seq", "text"]),
        (json!({"type": "delete", "seq": 1}), &["session", "seq"]),
        (json!({"type": "react", "seq": 1, "emoji": "👍", "on": true}), &["session", "seq", "emoji", "on"]),
        (json!({"type": "leave"}), &["session"]),
        (json!({"type": "remove", "username": "lisa"}), &["session", "username"]),
        (json!({"type": "role", "username": "lisa", "role": "admin"}), &["session", "username", "role"]),
        (json!({"type": "title", "title": "x"}), &["session", "title"]),
        (json!({"type": "members"}), &["session"]),
        (json!({"type": "search", "query": "x"}), &["query"]),
        (json!({"type": "invite", "username": "mark"}), &["username"]),
        (json!({"type": "join", "code": "2222222222"}), &["code"]),
        (json!({"type": "open", "title": "x", "usernames": ["lisa"]}), &["title", "usernames"]),
    ]
}

/// What no field of these takes.
fn wrongs(field: &str) -> Vec<Value> {
    let mut wrongs = vec![json!({}), json!([[]]), json!(1.5), json!([1])];
    match field {
        "seq" => wrongs.extend([json!("1"), json!(true)]),
        "on" => wrongs.extend([json!("true"), json!(1)]),
        _ => wrongs.extend([json!(7), json!(true)]),
    }
    if field != "usernames" {
        wrongs.push(json!(["lisa"]));
    }
    wrongs
}

#[test]
fn a_command_with_a_wrong_field_is_named_and_does_nothing() {
    let server = Server::with(&UNHURRIED);
    let [avi, lisa, _mark] = people(&server, ["avi", "lisa", "mark"]);
    let id = group(&avi, "Trip", &[&lisa]);
    avi.send_message(&id, "hello");
    let mut his = avi.connect();
    for (command, fields) in commands() {
        for field in fields {
            for wrong in wrongs(field).into_iter().map(Some).chain([None]) {
                let mut command = command.clone();
                if !["join", "open"].contains(&text(&command, "type")) {
                    command["session"] = json!(id);
                }
                match wrong {
                    Some(wrong) => command[*field] = wrong,
                    None => drop(command.as_object_mut().unwrap().remove(*field)),
                }
                let error = his.refused(command.clone(), "invalid_request");
                assert!(text(&error, "message").contains(*field), "{command}: {error}");
                his.fence();
            }
        }
    }
    for seq in [i64::MIN, -1, 0, 2, i64::MAX] {
        for mut command in [
            json!({"type": "edit", "text": "x"}),
            json!({"type": "delete"}),
            json!({"type": "react", "emoji": "👍", "on": true}),
        ] {
            (command["session"], command["seq"]) = (json!(id), json!(seq));
            let code = his.request(command.clone())["code"].clone();
            assert!(code == "not_found" || code == "invalid_request", "{command}: {code}");
            his.fence();
        }
    }
    for wrong in wrongs("role") {
        avi.http.put(&format!("/sessions/{id}/members/lisa"), json!({"role": wrong})).blames("role");
    }
    assert_eq!(seen(&avi, &id)["rev"], 1);
    assert_eq!(list(&avi.http.get("/sessions").ok(), "sessions").len(), 1);
}

#[test]
fn fields_that_exclude_each_other_are_refused() {
    let server = Server::start();
    let [avi, _lisa] = people(&server, ["avi", "lisa"]);
    let mut his = avi.connect();
    for command in [
        json!({"type": "open"}),
        json!({"type": "open", "title": "x"}),
        json!({"type": "open", "room": true, "usernames": ["lisa"]}),
        json!({"type": "open", "room": true, "username": "lisa"}),
        json!({"type": "open", "username": "lisa", "usernames": ["lisa"], "title": "x"}),
        json!({"type": "open", "room": "yes"}),
        json!({"type": "open", "room": true, "keep": "yes"}),
        json!({"type": "open", "room": true, "title": ""}),
        json!({"type": "open", "room": true, "key": "k".repeat(65)}),
    ] {
        his.refused(command, "invalid_request");
        his.fence();
    }
    for body in [
        json!({"kind": "room", "keep": "yes"}),
        json!({"kind": "room", "title": 7}),
        json!({"kind": "room", "key": "k".repeat(65)}),
        json!({"kind": "lobby"}),
        json!({"kind": ["room"]}),
        json!({"kind": "direct"}),
    ] {
        avi.http.post("/sessions", body).refused(400, "invalid_request");
    }
    assert_eq!(list(&avi.http.get("/sessions").ok(), "sessions").len(), 0);
}

#[test]
fn many_names_are_answered_like_few() {
    let server = Server::with(&[("PARLOR_UNKNOWN_NAMES", "0")]);
    let avi = register(&server, "avi");
    let names: Vec<String> = (0..6_000).map(|number| format!("u{number}")).collect();
    let mut body = json!({"kind": "group", "title": "x", "usernames": names});
    let reply = avi.http.post("/sessions", body.clone());
    assert!([400, 404, 409, 413].contains(&reply.status), "{}", reply.text());
    body["usernames"] = json!(["x".repeat(50_000)]);
    let reply = avi.http.post("/sessions", body);
    assert!([400, 404].contains(&reply.status), "{}", reply.text());
    avi.connect().fence();
}
