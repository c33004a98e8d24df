//! Invites into a group: who asks, who is asked, and what a yes brings.

use crate::kit::*;

fn ask(person: &Person, name: &str, id: &str) -> Reply {
    person.http.post("/invites", json!({"username": name, "session": id}))
}

fn asked(person: &Person, name: &str, id: &str) -> Value {
    ask(person, name, id).ok()["invite"].clone()
}

fn accept(person: &Person, invite: &Value) -> Reply {
    person.http.post(&format!("/invites/{}/accept", text(invite, "id")), json!({}))
}

fn waiting(person: &Person) -> usize {
    let answer = person.http.get("/invites?direction=in").ok();
    list(&answer, "invites").iter().filter(|one| one["state"] == "pending").count()
}

#[test]
fn a_yes_makes_a_member_and_tells_everybody() {
    let server = Server::start();
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let id = group(&avi, "Trip", &[&lisa]);
    avi.say(&id, "one");
    let (mut his, mut hers, mut ninas, mut other) = (avi.connect(), lisa.connect(), nina.connect(), nina.connect());
    let invite = his.ok(json!({"type": "invite", "username": "nina", "session": id}))["invite"].clone();
    assert_eq!((&invite["state"], &invite["session"]), (&json!("pending"), &json!({"id": id, "title": "Trip"})));
    for socket in [&mut ninas, &mut other] {
        assert_eq!(socket.expect("invite")["invite"]["id"], invite["id"]);
    }
    ninas.hears_no("session_added");
    nina.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    assert_eq!(seen(&avi, &id)["member_count"], 2, "asked is not in");

    let ok = ninas.ok(json!({"type": "answer", "invite": invite["id"], "accept": true}));
    let added = other.expect("session_added");
    for session in [&ok["session"], &added["session"]] {
        assert_eq!((&session["id"], &session["role"]), (&json!(id), &json!("member")));
        assert_eq!((&session["rev"], &session["seq"]), (&json!(3), &json!(2)), "after her coming and its notice");
        assert_eq!((&session["read"], &session["unread"]), (&json!(2), &json!(0)));
        assert_eq!(session["member_count"], 3);
    }
    for socket in [&mut his, &mut hers] {
        let member = socket.expect("member");
        assert_eq!(
            (&member["state"], &member["role"], &member["rev"]),
            (&json!("joined"), &json!("member"), &json!(2))
        );
        assert_eq!(member["user"]["username"], "nina");
        let notice = socket.expect("message");
        assert_eq!((&notice["text"], &notice["rev"]), (&json!("nina has entered"), &json!(3)));
        assert_eq!((&notice["kind"], &notice["sender"]), (&json!("notice"), &json!(nina.id)));
    }
    assert_eq!(his.expect("invite_answered")["invite"]["state"], "accepted");
    ninas.hears_no("member");
    other.hears_no("message");
    ninas.say(&id, "hello all");
    for socket in [&mut his, &mut hers, &mut other] {
        assert_eq!(socket.hear(&id), "hello all");
    }
    assert_eq!(texts(&messages(&nina, &id), "text"), ["one", "nina has entered", "hello all"]);
    assert_eq!(waiting(&nina), 0);
}

#[test]
fn a_no_leaves_everything_as_it_was() {
    let server = Server::start();
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let id = group(&avi, "Trip", &[]);
    let mut his = avi.connect();
    let invite = asked(&avi, "nina", &id);
    nina.http.post(&format!("/invites/{}/reject", text(&invite, "id")), json!({})).ok();
    assert_eq!(his.expect("invite_answered")["invite"]["state"], "rejected");
    his.hears_no("member");
    assert_eq!(seen(&avi, &id)["rev"], 0);
    accept(&nina, &invite).refused(410, "invite_closed");
}

#[test]
fn repeated_it_is_the_same_and_beside_one_for_a_direct_session_it_is_another() {
    let server = Server::start();
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let (id, second) = (group(&avi, "Trip", &[]), group(&avi, "Band", &[]));
    let invite = asked(&avi, "nina", &id);
    assert_eq!(asked(&avi, "NINA", &id)["id"], invite["id"]);
    let mut his = avi.connect();
    let again = his.ok(json!({"type": "invite", "username": "nina", "session": id}));
    assert_eq!(again["invite"]["id"], invite["id"]);
    let direct = avi.http.post("/invites", json!({"username": "nina"})).ok()["invite"].clone();
    assert_eq!(direct["session"], Value::Null);
    let other = asked(&avi, "nina", &second);
    let ids = [&invite["id"], &direct["id"], &other["id"]];
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    assert_eq!(waiting(&nina), 3);
    // By name, the one for a direct session is meant.
    let ok = nina.connect().ok(json!({"type": "answer", "username": "avi", "accept": true}));
    assert_eq!(ok["session"]["kind"], "direct");
    assert_eq!(accept(&nina, &other).ok()["session"]["id"], second);
    assert_eq!(waiting(&nina), 1);
}

#[test]
fn crossing_questions_into_groups_stay_questions() {
    let server = Server::start();
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let (his, hers) = (group(&avi, "His", &[]), group(&nina, "Hers", &[]));
    asked(&avi, "nina", &his);
    assert_eq!(asked(&nina, "avi", &hers)["state"], "pending");
    assert_eq!((waiting(&avi), waiting(&nina)), (1, 1));
}

#[test]
fn some_are_refused() {
    let server = Server::start();
    let [avi, lisa, mark, nina] = people(&server, ["avi", "lisa", "mark", "nina"]);
    let id = group(&avi, "Trip", &[&lisa]);
    ask(&avi, "lisa", &id).refused(409, "already_connected");
    assert!([400, 409].contains(&ask(&avi, "avi", &id).status), "oneself is in it already");
    ask(&avi, "nobody-here", &id).refused(404, "unknown_user");
    ask(&lisa, "nina", &id).refused(403, "forbidden");
    ask(&mark, "nina", &id).refused(404, "not_found");
    ask(&avi, "nina", "aaaaaaaaaaaaa").refused(404, "not_found");
    let direct = befriend(&avi, &lisa);
    let (room, _) = room(&avi, json!({}));
    for other in [&direct, &room] {
        ask(&avi, "nina", other).refused(403, "forbidden");
    }
    let mut theirs = mark.connect();
    theirs.refused(json!({"type": "invite", "username": "nina", "session": id}), "not_found");
    assert_eq!(waiting(&nina), 0);
}

#[test]
fn a_question_ends_with_the_right_to_ask_it() {
    let server = Server::start();
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let id = group(&avi, "Trip", &[&lisa]);
    let losses: [(&str, &dyn Fn()); 3] = [
        ("made a member", &|| drop(set_role(&avi.http, &id, "lisa", "member").ok())),
        ("removed", &|| drop(remove(&avi.http, &id, "lisa").ok())),
        ("leaving", &|| drop(remove(&lisa.http, &id, "lisa").ok())),
    ];
    for (what, lose) in losses {
        if !roles(&avi, &id).contains_key("lisa") {
            accept(&lisa, &asked(&avi, "lisa", &id)).ok();
        }
        set_role(&avi.http, &id, "lisa", "admin").ok();
        let invite = asked(&lisa, "nina", &id);
        lose();
        accept(&nina, &invite).refused(410, "invite_closed");
        assert_eq!(waiting(&nina), 0, "{what}");
        nina.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    }
    // The owner's own question is not touched by all that, nor by handing over: an admin may ask too.
    accept(&lisa, &asked(&avi, "lisa", &id)).ok();
    let invite = asked(&avi, "nina", &id);
    set_role(&avi.http, &id, "lisa", "owner").ok();
    accept(&nina, &invite).ok();
}

#[test]
fn asked_by_two_one_comes_in_once() {
    let server = Server::start();
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let id = group(&avi, "Trip", &[&lisa]);
    set_role(&avi.http, &id, "lisa", "admin").ok();
    let (one, other) = (asked(&avi, "nina", &id), asked(&lisa, "nina", &id));
    accept(&nina, &one).ok();
    let rev = number(&seen(&nina, &id), "rev");
    let second = accept(&nina, &other);
    assert!([200, 409, 410].contains(&second.status), "{}", second.text());
    assert_eq!(seen(&nina, &id)["rev"], rev, "once");
    assert_eq!(seen(&nina, &id)["member_count"], 3);
    assert_eq!(waiting(&nina), 0);
}

#[test]
fn the_blocked_ask_in_vain() {
    let server = Server::start();
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let id = group(&avi, "Trip", &[]);
    nina.http.put("/blocks/avi", json!({})).done();
    let mut hers = nina.connect();
    let invite = asked(&avi, "nina", &id);
    assert_eq!(invite["state"], "pending");
    hers.hears_no("invite");
    assert_eq!(waiting(&nina), 0);
    accept(&nina, &invite).refused(404, "not_found");
}
