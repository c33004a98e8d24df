//! Roles: what an owner, an admin and a member may do, and how roles change.

use crate::kit::*;

/// One group of all users: avi owns it, lisa and ada are admins, mark and mia are members; nora is a stranger.
struct Trip {
    server: Server,
    people: [Person; 6],
    id: String,
}

impl Trip {
    fn new() -> Self {
        let server = Server::with(&UNHURRIED);
        let everybody = people(&server, ["avi", "lisa", "ada", "mark", "mia", "nora"]);
        let [avi, lisa, ada, mark, mia, _] = &everybody;
        let id = group(avi, "Trip", &[lisa, ada, mark, mia]);
        for name in ["lisa", "ada"] {
            set_role(&avi.http, &id, name, "admin").ok();
        }
        Self { server, people: everybody, id }
    }

    fn owner(&self) -> &Person {
        &self.people[0]
    }
}

/// Status and code of an answer, short.
fn outcome(reply: &Reply) -> String {
    match reply.status {
        200 | 204 => "ok".to_owned(),
        status => format!("{status} {}", text(&reply.json(), "code")),
    }
}

/// A request, and the answers to an owner, an admin, a member and a stranger.
type Row = (&'static str, fn(&Trip, &Http) -> Reply, [&'static str; 4]);
const NO: &str = "403 forbidden";
const NONE: &str = "404 not_found";

/// Every request that needs a role.
const TABLE: [Row; 16] = [
    ("look", |trip, http| http.get(&format!("/sessions/{}", trip.id)), ["ok", "ok", "ok", NONE]),
    ("send", |trip, http| send(http, &trip.id), ["ok", "ok", "ok", NONE]),
    (
        "edit another's",
        |trip, http| {
            let path = format!("/sessions/{}/messages/{}", trip.id, sent_seq(trip));
            http.patch(&path, json!({"text": "changed"}))
        },
        [NO, NO, NO, NONE],
    ),
    (
        "delete another's",
        |trip, http| http.delete(&format!("/sessions/{}/messages/{}", trip.id, sent_seq(trip))),
        ["ok", "ok", NO, NONE],
    ),
    (
        "delete the owner's",
        |trip, http| {
            let seq = number(&send(&trip.owner().http, &trip.id).ok(), "seq");
            http.delete(&format!("/sessions/{}/messages/{seq}", trip.id))
        },
        ["ok", "ok", NO, NONE],
    ),
    (
        "title",
        |trip, http| http.patch(&format!("/sessions/{}", trip.id), json!({"title": "Another"})),
        ["ok", "ok", NO, NONE],
    ),
    (
        "invite",
        |trip, http| {
            let name = format!("guest{}", trip.server.count("SELECT count(*) FROM users"));
            trip.server.http().post("/register", json!({"username": name, "password": PASSWORD})).ok();
            http.post("/invites", json!({"username": name, "session": trip.id}))
        },
        ["ok", "ok", NO, NONE],
    ),
    ("remove a member", |trip, http| remove(http, &trip.id, "mia"), ["ok", "ok", NO, NONE]),
    ("remove the owner", |trip, http| remove(http, &trip.id, "avi"), ["ok", NO, NO, NONE]),
    ("make an admin", |trip, http| set_role(http, &trip.id, "mia", "admin"), ["ok", NO, NO, NONE]),
    ("unmake an admin", |trip, http| set_role(http, &trip.id, "ada", "member"), ["ok", NO, NO, NONE]),
    ("hand over", |trip, http| set_role(http, &trip.id, "mia", "owner"), ["ok", NO, NO, NONE]),
    (
        "unmake the owner",
        |trip, http| {
            let reply = set_role(http, &trip.id, "avi", "member");
            assert_eq!(roles(trip.owner(), &trip.id)["avi"], "owner", "there is exactly one");
            reply
        },
        ["4xx", NO, NO, NONE],
    ),
    (
        "ask for a code",
        |trip, http| http.post(&format!("/sessions/{}/code", trip.id), json!({})),
        ["4xx", "4xx", "4xx", NONE],
    ),
    ("list members", |trip, http| http.get(&format!("/sessions/{}/members", trip.id)), ["ok", "ok", "ok", NONE]),
    ("delete it", |trip, http| http.delete(&format!("/sessions/{}", trip.id)), ["ok", NO, NO, NONE]),
];

#[test]
fn each_role_may_do_what_the_table_lists() {
    for (what, act, wanted) in TABLE {
        // From the least to the most, each in the same group until one of them may.
        let mut trip = Trip::new();
        for (place, wanted) in [(5, wanted[3]), (3, wanted[2]), (1, wanted[1]), (0, wanted[0])] {
            let received = outcome(&act(&trip, &trip.people[place].http));
            let fits = received == wanted || (wanted == "4xx" && received.starts_with("40"));
            assert!(fits, "{} wants to {what}: {received} where {wanted} is right", trip.people[place].username);
            if received == "ok" && place != 0 {
                trip = Trip::new();
            }
        }
    }
}

fn send(http: &Http, id: &str) -> Reply {
    http.post(&format!("/sessions/{id}/messages"), json!({"text": "hello"}))
}

/// The `seq` of something new of mia's.
fn sent_seq(trip: &Trip) -> u64 {
    number(&send(&trip.people[4].http, &trip.id).ok(), "seq")
}

#[test]
fn handing_over_makes_the_old_owner_an_admin() {
    let trip = Trip::new();
    let [avi, lisa, ..] = &trip.people;
    let (mut his, mut other, mut hers) = (avi.connect(), avi.connect(), lisa.connect());
    let before = number(&seen(avi, &trip.id), "rev");
    his.ok(json!({"type": "role", "session": trip.id, "username": "lisa", "role": "owner"}));
    let now = roles(avi, &trip.id);
    assert_eq!((now["avi"].as_str(), now["lisa"].as_str()), ("admin", "owner"));
    assert_eq!(now.values().filter(|role| *role == "owner").count(), 1);
    assert_eq!((&seen(avi, &trip.id)["role"], &seen(lisa, &trip.id)["role"]), (&json!("admin"), &json!("owner")));
    // Clients that follow the frames know both new roles, and receive each step.
    let after = number(&seen(avi, &trip.id), "rev");
    for socket in [&mut other, &mut hers] {
        let mut received = Vec::new();
        for _ in before..after {
            let frame = socket.expect("member");
            assert_eq!(frame["state"], "joined");
            received.push((text(&frame["user"], "username").to_owned(), text(&frame, "role").to_owned()));
        }
        received.sort();
        assert_eq!(received, [("avi".into(), "admin".into()), ("lisa".into(), "owner".into())]);
    }
    avi.http.delete(&format!("/sessions/{}", trip.id)).refused(403, "forbidden");
    set_role(&avi.http, &trip.id, "mark", "admin").refused(403, "forbidden");
    set_role(&lisa.http, &trip.id, "avi", "member").ok();
    assert_eq!(his.wait_for("the last", |frame| frame["role"] == "member")["user"]["username"], "avi");
}

#[test]
fn a_changed_role_is_a_member_frame() {
    let trip = Trip::new();
    let [avi, .., mark, _, _] = &trip.people;
    let (mut his, mut marks) = (avi.connect(), mark.connect());
    let before = number(&seen(avi, &trip.id), "rev");
    let ok = his.ok(json!({"type": "role", "session": trip.id, "username": "mark", "role": "admin"}));
    assert_eq!(ok["rev"], before + 1);
    let received = marks.expect("member");
    assert_eq!((&received["user"]["username"], &received["role"]), (&json!("mark"), &json!("admin")));
    assert_eq!((&received["state"], &received["rev"]), (&json!("joined"), &json!(before + 1)));
    his.expect_no("member");
    his.expect_no("message");
    // A request that changes nothing is answered with the present rev, and no event is sent.
    let ok = his.ok(json!({"type": "role", "session": trip.id, "username": "mark", "role": "admin"}));
    assert_eq!(ok["rev"], before + 1);
    assert_eq!(set_role(&avi.http, &trip.id, "mark", "admin").ok()["rev"], before + 1);
    assert_eq!(set_role(&avi.http, &trip.id, "avi", "owner").ok()["rev"], before + 1);
    marks.expect_no("member");
}

#[test]
fn a_role_is_one_of_three_and_of_a_member() {
    let trip = Trip::new();
    let avi = trip.owner();
    set_role(&avi.http, &trip.id, "mark", "king").blames("role");
    avi.http.put(&format!("/sessions/{}/members/mark", trip.id), json!({})).blames("role");
    for nobody in ["nora", "nobody-here"] {
        assert_eq!(set_role(&avi.http, &trip.id, nobody, "admin").status, 404);
        assert_eq!(remove(&avi.http, &trip.id, nobody).status, 404);
    }
    let mut his = avi.connect();
    his.refused(json!({"type": "role", "session": trip.id, "username": "mark", "role": "king"}), "invalid_request");
}
