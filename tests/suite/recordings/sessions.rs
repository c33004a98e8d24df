//! REST: opening, listing, changing and leaving sessions, and their members.

use crate::kit::*;

#[test]
fn sessions_are_opened_and_listed_as_recorded() {
    let record = Transcript::new("sessions");
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let [avi, lisa, _noa] = people(&server, ["avi", "lisa", "noa"]);
    let (his, hers) = (record.http(&avi), record.http(&lisa));
    record.part("POST /sessions, direct");
    for name in ["lisa", "LISA", "avi", "nobody-here"] {
        his.post("/sessions", json!({"kind": "direct", "username": name}));
    }
    his.post("/sessions", json!({"kind": "direct"}));
    his.post("/sessions", json!({"kind": "circle"}));
    his.post("/sessions", json!({"username": "lisa"}));
    record.part("POST /sessions, group");
    let open = |body: Value| his.post("/sessions", body);
    open(json!({"kind": "group", "title": "Band", "usernames": ["lisa"], "key": "k1"}));
    open(json!({"kind": "group", "title": "Band", "usernames": ["lisa"], "key": "k1"}));
    open(json!({"kind": "group", "title": "Other", "usernames": ["lisa"], "key": "k1"}));
    open(json!({"kind": "group", "title": "Alone", "usernames": []}));
    open(json!({"kind": "group", "title": "Band", "usernames": ["lisa", "nobody-here"]}));
    open(json!({"kind": "group", "title": " ", "usernames": ["lisa"]}));
    open(json!({"kind": "group", "title": "x".repeat(101), "usernames": ["lisa"]}));
    open(json!({"kind": "group", "title": "Band"}));
    open(json!({"kind": "group", "title": "Band", "usernames": "lisa"}));
    open(json!({"kind": "group", "title": "Band", "usernames": ["lisa"], "key": ""}));
    record.part("POST /sessions, room");
    open(json!({"kind": "room"}));
    open(json!({"kind": "room", "title": "Kept", "keep": true, "key": "k2"}));
    open(json!({"kind": "room", "title": "Kept", "keep": true, "key": "k2"}));
    open(json!({"kind": "room", "keep": 7}));
    record.part("GET /sessions");
    let first = his.get("/sessions?limit=2").ok();
    his.get(&format!("/sessions?limit=2&cursor={}", text(&first, "next")));
    his.get("/sessions?cursor=x");
    his.get("/sessions?limit=0");
    hers.get("/sessions");
    record.compare();
}

#[test]
fn one_session_is_shown_changed_and_deleted_as_recorded() {
    let record = Transcript::new("one_session");
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    let band = format!("/sessions/{}", group(&avi, "Band", &[&lisa]));
    let direct = format!("/sessions/{}", befriend(&avi, &lisa));
    let [his, hers, third] = [&avi, &lisa, &noa].map(|person| record.http(person));
    record.part("GET /sessions/{id}");
    for (caller, path) in [(&his, &band), (&hers, &band), (&hers, &direct), (&third, &band)] {
        caller.get(path);
    }
    his.get("/sessions/nonsense");
    record.part("PATCH /sessions/{id}");
    let title = |content: &str| json!({"title": content});
    for (caller, path, content) in [
        (&his, &band, "Choir"),
        (&his, &band, "Choir"),
        (&his, &band, ""),
        (&hers, &band, "Hers"),
        (&third, &band, "Theirs"),
        (&his, &direct, "Ours"),
    ] {
        caller.patch(path, title(content));
    }
    his.patch(&band, json!({}));
    record.part("POST /sessions/{id}/code");
    his.post(&format!("{band}/code"), json!({}));
    record.part("DELETE /sessions/{id}");
    for (caller, path) in [(&hers, &band), (&third, &band), (&his, &direct), (&his, &band), (&his, &band)] {
        caller.delete(path);
    }
    record.compare();
}

#[test]
fn members_are_listed_promoted_and_removed_as_recorded() {
    let record = Transcript::new("members");
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    let id = group(&avi, "Band", &[&lisa]);
    let members = format!("/sessions/{id}/members");
    let [his, hers, third] = [&avi, &lisa, &noa].map(|person| record.http(person));
    record.part("GET /sessions/{id}/members");
    let first = his.get(&format!("{members}?limit=1")).ok();
    his.get(&format!("{members}?limit=1&cursor={}", text(&first, "next")));
    his.get(&format!("{members}?cursor=%25"));
    third.get(&members);
    record.part("PUT /sessions/{id}/members/{username}");
    let role =
        |caller: &Caller<'_>, name: &str, role: &str| caller.put(&format!("{members}/{name}"), json!({"role": role}));
    role(&hers, "avi", "member");
    role(&third, "avi", "member");
    role(&his, "lisa", "admin");
    role(&his, "LISA", "admin");
    role(&his, "lisa", "king");
    role(&his, "noa", "admin");
    role(&his, "nobody-here", "admin");
    role(&his, "avi", "member");
    role(&his, "lisa", "owner");
    role(&his, "lisa", "member");
    role(&hers, "avi", "member");
    his.put(&format!("{members}/lisa"), json!({}));
    record.part("DELETE /sessions/{id}/members/{username}");
    let remove = |caller: &Caller<'_>, name: &str| caller.delete(&format!("{members}/{name}"));
    remove(&his, "lisa");
    remove(&third, "avi");
    remove(&hers, "noa");
    remove(&hers, "nobody-here");
    remove(&hers, "avi");
    remove(&his, "avi");
    remove(&hers, "Lisa");
    hers.get(&members);
    let direct = befriend(&avi, &lisa);
    his.delete(&format!("/sessions/{direct}/members/avi"));
    his.put(&format!("/sessions/{direct}/members/lisa"), json!({"role": "admin"}));
    record.compare();
}
