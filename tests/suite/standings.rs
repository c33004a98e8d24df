//! Every standing of a user towards a group with every request and command, as a table.

use crate::kit::*;

/// Every standing towards a group; the name of its user is `is-` and this.
const STANDINGS: [&str; 9] =
    ["stranger", "invited", "left", "removed", "blocked", "revoked", "member", "admin", "owner"];

const SETTINGS: [(&str, &str); 5] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_SESSIONS_PER_MINUTE", "0"),
    ("PARLOR_INVITES_PER_MINUTE", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
];

struct Fixture {
    server: Server,
    people: Vec<Person>,
}

impl Fixture {
    fn new() -> Self {
        let server = Server::with(&SETTINGS);
        let mut people: Vec<Person> =
            STANDINGS.iter().map(|standing| register(&server, &format!("is-{standing}"))).collect();
        register(&server, "is-extra");
        let revoked = people.iter_mut().find(|person| standing(person) == "revoked").unwrap();
        revoked.http.call("POST", "/logout").send().done();
        let fixture = Self { server, people };
        fixture.person("invited").accepts_only_invited();
        for person in &fixture.people {
            if !["blocked", "revoked"].contains(&standing(person)) {
                person.http.put("/blocks/is-blocked", json!({})).done();
            }
        }
        fixture
    }

    fn person(&self, name: &str) -> &Person {
        self.people.iter().find(|person| standing(person) == name).unwrap()
    }

    /// A fresh group in which each user has the standing of its name; `extra` is one more member.
    fn group(&self) -> String {
        let owner = &self.person("owner").http;
        let names =
            ["invited", "left", "removed", "revoked", "member", "admin", "extra"].map(|name| format!("is-{name}"));
        let body = json!({"kind": "group", "title": "Trip", "usernames": names});
        let id = text(&owner.post("/sessions", body).ok()["session"], "id").to_owned();
        // Users do not invite those they have blocked: that is checked first.
        owner.delete("/blocks/is-blocked").done();
        let blocked = self.person("blocked");
        let requested = owner.post("/invites", json!({"username": "is-blocked", "session": id})).ok();
        blocked.http.post(&format!("/invites/{}/accept", text(&requested["invite"], "id")), json!({})).ok();
        owner.put("/blocks/is-blocked", json!({})).done();
        set_role(owner, &id, "is-admin", "admin").ok();
        remove(&self.person("left").http, &id, "is-left").ok();
        remove(owner, &id, "is-removed").ok();
        id
    }
}

/// Something to be done, the least role that may, and what it is on the socket and by REST. `SESSION` and `SEQ` stand for
/// the group and for a message of the requester, or of `extra` where the requester cannot send there.
struct Deed {
    least: &'static str,
    command: Option<Value>,
    request: Option<(&'static str, &'static str, Value)>,
}

fn deeds() -> Vec<Deed> {
    let deed = |least, command, request| Deed { least, command, request };
    let none = json!({});
    vec![
        deed("member", None, Some(("GET", "", none.clone()))),
        deed("member", Some(json!({"type": "members"})), Some(("GET", "/members", none.clone()))),
        deed("member", Some(json!({"type": "history"})), Some(("GET", "/messages", none.clone()))),
        deed("member", None, Some(("GET", "/changes?rev=0", none.clone()))),
        deed("member", Some(json!({"type": "search", "query": "hello"})), None),
        deed("member", Some(json!({"type": "send", "text": "x"})), Some(("POST", "/messages", json!({"text": "x"})))),
        deed("member", Some(json!({"type": "read", "seq": 1})), Some(("PUT", "/read", json!({"seq": 1})))),
        deed("member", Some(json!({"type": "received", "seq": 1})), None),
        deed("member", Some(json!({"type": "typing"})), None),
        deed(
            "member",
            Some(json!({"type": "edit", "seq": "SEQ", "text": "y"})),
            Some(("PATCH", "/messages/SEQ", json!({"text": "y"}))),
        ),
        deed("member", Some(json!({"type": "delete", "seq": "SEQ"})), Some(("DELETE", "/messages/SEQ", none.clone()))),
        deed(
            "member",
            Some(json!({"type": "react", "seq": "SEQ", "emoji": "👍", "on": true})),
            Some(("PUT", "/messages/SEQ/reactions/%F0%9F%91%8D", none.clone())),
        ),
        deed("member", None, Some(("DELETE", "/messages/SEQ/reactions/%F0%9F%91%8D", none.clone()))),
        deed("member", Some(json!({"type": "leave"})), Some(("DELETE", "/members/SELF", none.clone()))),
        deed(
            "admin",
            Some(json!({"type": "invite", "username": "is-stranger"})),
            Some(("POST", "INVITES", json!({"username": "is-stranger"}))),
        ),
        deed("admin", Some(json!({"type": "title", "title": "New"})), Some(("PATCH", "", json!({"title": "New"})))),
        deed(
            "admin",
            Some(json!({"type": "remove", "username": "is-extra"})),
            Some(("DELETE", "/members/is-extra", none.clone())),
        ),
        deed(
            "owner",
            Some(json!({"type": "role", "username": "is-extra", "role": "admin"})),
            Some(("PUT", "/members/is-extra", json!({"role": "admin"}))),
        ),
        deed("owner", None, Some(("DELETE", "", none))),
    ]
}

fn standing(person: &Person) -> &str {
    person.username.trim_start_matches("is-")
}

/// How one stands among the roles; 0 is out of it.
fn rank(standing: &str) -> usize {
    match standing {
        "member" | "blocked" => 1,
        "admin" => 2,
        "owner" => 3,
        _ => 0,
    }
}

/// Sends the request on the socket, or by REST, and returns the code of its result.
fn request(person: &Person, socket: Option<&mut Socket>, deed: &Deed, id: &str, seq: u64) -> String {
    if let (Some(socket), Some(command)) = (socket, &deed.command) {
        let mut command = command.clone();
        command["session"] = json!(id);
        if command["seq"] == "SEQ" {
            command["seq"] = json!(seq);
        }
        let answer = socket.request(command);
        socket.fence();
        return answer["code"].as_str().unwrap_or("ok").to_owned();
    }
    let (method, path, body) = deed.request.as_ref().unwrap();
    let (path, mut body) = (path.replace("SEQ", &seq.to_string()).replace("SELF", &person.username), body.clone());
    let path = if path == "INVITES" { "/invites".to_owned() } else { format!("/sessions/{id}{path}") };
    if path == "/invites" {
        body["session"] = json!(id);
    }
    let call = person.http.call(method, &path);
    let reply = if *method == "GET" { call.send() } else { call.json(&body).send() };
    match reply.status {
        200 | 204 => "ok".to_owned(),
        _ => text(&reply.json(), "code").to_owned(),
    }
}

#[test]
fn each_standing_may_do_what_the_table_lists() {
    let fixture = Fixture::new();
    for deed in deeds() {
        for by_socket in [false, true] {
            if (by_socket && deed.command.is_none()) || (!by_socket && deed.request.is_none()) {
                continue;
            }
            let mut id = fixture.group();
            for person in &fixture.people {
                let standing = standing(person);
                let seq = number(&fixture.person("owner").send_message(&id, "hello"), "seq");
                let seq = match rank(standing) {
                    0 => seq,
                    _ => number(&person.send_message(&id, "hello"), "seq"),
                };
                let wanted = match (standing, rank(standing)) {
                    ("revoked", _) if by_socket => continue,
                    ("revoked", _) => "unauthenticated",
                    // The owner may leave too, and senders may withdraw their own invites.
                    (_, 0) => "not_found",
                    (_, rank_of) if rank_of >= rank(deed.least) => "ok",
                    _ => "forbidden",
                };
                let before = number(&seen(fixture.person("owner"), &id), "rev");
                let mut socket = by_socket.then(|| person.connect());
                let reply_text = request(person, socket.as_mut(), &deed, &id, seq);
                let what = deed.command.as_ref().map_or_else(|| json!(deed.request), Clone::clone);
                assert_eq!(reply_text, wanted, "{standing}, by socket {by_socket}: {what}");
                if wanted == "ok" {
                    id = fixture.group();
                } else {
                    assert_eq!(
                        number(&seen(fixture.person("owner"), &id), "rev"),
                        before,
                        "refused is not done: {what}"
                    );
                }
            }
        }
    }
    assert!(!fixture.server.log().contains("ERROR"), "{}", fixture.server.log());
}

#[test]
fn only_members_receive_its_events() {
    let fixture = Fixture::new();
    let id = fixture.group();
    let mut sockets: Vec<(&str, Socket)> = fixture
        .people
        .iter()
        .filter(|person| standing(person) != "revoked")
        .map(|person| (standing(person), person.connect()))
        .collect();
    let owner = fixture.person("owner");
    owner.send_message(&id, "a secret");
    owner.http.patch(&format!("/sessions/{id}"), json!({"title": "Another"})).ok();
    set_role(&owner.http, &id, "is-extra", "admin").ok();
    let seq = number(&owner.send_message(&id, "another secret"), "seq");
    owner.http.patch(&format!("/sessions/{id}/messages/{seq}"), json!({"text": "a better one"})).ok();
    let rev = number(&seen(owner, &id), "rev");
    for (standing, socket) in &mut sockets {
        if rank(standing) > 0 {
            socket.wait_for("the last step", |frame| frame["rev"] == rev);
        } else {
            socket.fence();
            let normalized = json!(socket.take_kept()).to_string() + &socket.ready["sessions"].to_string();
            assert!(!normalized.contains("secret") && !normalized.contains(&id), "{standing}: {normalized}");
        }
    }
}

#[test]
fn a_member_removed_during_a_long_sync_receives_nothing_more() {
    let fixture = Fixture::new();
    let [owner, member] = ["owner", "member"].map(|name| fixture.person(name));
    let id = fixture.group();
    let mut his = owner.connect();
    let long = "x".repeat(16_000);
    for _ in 0..120 {
        his.send_message(&id, &long);
    }
    // Reads nothing for now, so that most of the answer is still queued when the removal comes.
    let dial = Dial { receive_buffer: Some(8 * 1024), ..Dial::default() };
    let mut hers = TrySocket::connect_by(dial, member.http.endpoint(), &member.token).unwrap();
    for _ in 0..40 {
        hers.submit(json!({"type": "sync", "sessions": {&id: 0}})).unwrap();
        hers.submit(json!({"type": "history", "session": id, "after": 0})).unwrap();
    }
    let rev = number(&remove(&owner.http, &id, "is-member").ok(), "rev");
    for _ in 0..10 {
        his.send_message(&id, "behind her back");
    }
    let fence = hers.submit(json!({"type": "ping"})).unwrap();
    let (mut pages, mut answers) = (0, 0);
    loop {
        let frame = hers.receive(PATIENCE).unwrap().expect("an answer to everything");
        assert!(!frame.to_string().contains("behind her back"), "{frame}");
        match frame["type"].as_str() {
            // Commands are answered in any order: the last answer is the end.
            Some("pong") => assert_eq!(frame["id"], fence.as_str()),
            Some("changes") => {
                pages += 1;
                assert!(number(&frame, "to") < rev, "{}", frame["to"]);
                assert!(list(&frame, "messages").iter().all(|one| number(one, "rev") < rev));
            }
            Some("ok" | "error") => answers += 1,
            _ => {}
        }
        if answers == 80 {
            break;
        }
    }
    println!("{pages} pages before the removal");
    let request = json!({"type": "history", "session": id});
    assert_eq!(hers.request(request, |frame| assert_ne!(frame["type"], "changes")).unwrap()["code"], "not_found");
}
