//! Invites to a group: sending, receiving, accepting and rejecting them.

use crate::kit::*;

fn request(person: &Person, name: &str, id: &str) -> Reply {
    person.http.post("/invites", json!({"username": name, "session": id}))
}

fn invited(person: &Person, name: &str, id: &str) -> Value {
    request(person, name, id).ok()["invite"].clone()
}

fn accept(person: &Person, invite: &Value) -> Reply {
    person.http.post(&format!("/invites/{}/accept", text(invite, "id")), json!({}))
}

fn waiting(person: &Person) -> usize {
    let answer = person.http.get("/invites?direction=in").ok();
    list(&answer, "invites").iter().filter(|one| one["state"] == "pending").count()
}

#[test]
fn accepting_makes_a_member_and_notifies_all_members() {
    let server = Server::start();
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let id = group(&avi, "Trip", &[&lisa]);
    avi.send_message(&id, "one");
    let (mut his, mut hers, mut ninas, mut other) = (avi.connect(), lisa.connect(), nina.connect(), nina.connect());
    let invite = his.ok(json!({"type": "invite", "username": "nina", "session": id}))["invite"].clone();
    assert_eq!((&invite["state"], &invite["session"]), (&json!("pending"), &json!({"id": id, "title": "Trip"})));
    for socket in [&mut ninas, &mut other] {
        assert_eq!(socket.expect("invite")["invite"]["id"], invite["id"]);
    }
    ninas.expect_no("session_added");
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
    ninas.expect_no("member");
    other.expect_no("message");
    ninas.send_message(&id, "hello all");
    for socket in [&mut his, &mut hers, &mut other] {
        assert_eq!(socket.receive(&id), "hello all");
    }
    assert_eq!(texts(&messages(&nina, &id), "text"), ["one", "nina has entered", "hello all"]);
    assert_eq!(waiting(&nina), 0);
}

#[test]
fn a_rejection_changes_nothing() {
    let server = Server::start();
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let id = group(&avi, "Trip", &[]);
    let mut his = avi.connect();
    let invite = invited(&avi, "nina", &id);
    nina.http.post(&format!("/invites/{}/reject", text(&invite, "id")), json!({})).ok();
    assert_eq!(his.expect("invite_answered")["invite"]["state"], "rejected");
    his.expect_no("member");
    assert_eq!(seen(&avi, &id)["rev"], 0);
    accept(&nina, &invite).refused(410, "invite_closed");
}

#[test]
fn a_repeated_group_invite_is_the_same_and_a_direct_one_is_another() {
    let server = Server::start();
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let (id, second) = (group(&avi, "Trip", &[]), group(&avi, "Band", &[]));
    let invite = invited(&avi, "nina", &id);
    assert_eq!(invited(&avi, "NINA", &id)["id"], invite["id"]);
    let mut his = avi.connect();
    let again = his.ok(json!({"type": "invite", "username": "nina", "session": id}));
    assert_eq!(again["invite"]["id"], invite["id"]);
    let direct = avi.http.post("/invites", json!({"username": "nina"})).ok()["invite"].clone();
    assert_eq!(direct["session"], Value::Null);
    let other = invited(&avi, "nina", &second);
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
fn crossing_invites_to_groups_remain_invites() {
    let server = Server::start();
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let (his, hers) = (group(&avi, "His", &[]), group(&nina, "Hers", &[]));
    invited(&avi, "nina", &his);
    assert_eq!(invited(&nina, "avi", &hers)["state"], "pending");
    assert_eq!((waiting(&avi), waiting(&nina)), (1, 1));
}

#[test]
fn group_invites_without_effect_or_permission_are_refused() {
    let server = Server::start();
    let [avi, lisa, mark, nina] = people(&server, ["avi", "lisa", "mark", "nina"]);
    let id = group(&avi, "Trip", &[&lisa]);
    request(&avi, "lisa", &id).refused(409, "already_connected");
    assert!([400, 409].contains(&request(&avi, "avi", &id).status), "oneself is in it already");
    request(&avi, "nobody-here", &id).refused(404, "unknown_user");
    request(&lisa, "nina", &id).refused(403, "forbidden");
    request(&mark, "nina", &id).refused(404, "not_found");
    request(&avi, "nina", "aaaaaaaaaaaaa").refused(404, "not_found");
    let direct = befriend(&avi, &lisa);
    let (room, _) = room(&avi, json!({}));
    for other in [&direct, &room] {
        request(&avi, "nina", other).refused(403, "forbidden");
    }
    let mut theirs = mark.connect();
    theirs.refused(json!({"type": "invite", "username": "nina", "session": id}), "not_found");
    assert_eq!(waiting(&nina), 0);
}

#[test]
fn an_invite_ends_when_its_sender_may_no_longer_invite() {
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
            accept(&lisa, &invited(&avi, "lisa", &id)).ok();
        }
        set_role(&avi.http, &id, "lisa", "admin").ok();
        let invite = invited(&lisa, "nina", &id);
        lose();
        accept(&nina, &invite).refused(410, "invite_closed");
        assert_eq!(waiting(&nina), 0, "{what}");
        nina.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    }
    // The owner's own invite is not affected by all that, nor by handing over: an admin may invite too.
    accept(&lisa, &invited(&avi, "lisa", &id)).ok();
    let invite = invited(&avi, "nina", &id);
    set_role(&avi.http, &id, "lisa", "owner").ok();
    accept(&nina, &invite).ok();
}

#[test]
fn a_user_invited_by_two_joins_once() {
    let server = Server::start();
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let id = group(&avi, "Trip", &[&lisa]);
    set_role(&avi.http, &id, "lisa", "admin").ok();
    let (one, other) = (invited(&avi, "nina", &id), invited(&lisa, "nina", &id));
    accept(&nina, &one).ok();
    let rev = number(&seen(&nina, &id), "rev");
    let second = accept(&nina, &other);
    assert!([200, 409, 410].contains(&second.status), "{}", second.text());
    assert_eq!(seen(&nina, &id)["rev"], rev, "once");
    assert_eq!(seen(&nina, &id)["member_count"], 3);
    assert_eq!(waiting(&nina), 0);
}

#[test]
fn invites_of_a_blocked_sender_are_not_delivered() {
    let server = Server::start();
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let id = group(&avi, "Trip", &[]);
    nina.http.put("/blocks/avi", json!({})).done();
    let mut hers = nina.connect();
    let invite = invited(&avi, "nina", &id);
    assert_eq!(invite["state"], "pending");
    hers.expect_no("invite");
    assert_eq!(waiting(&nina), 0);
    accept(&nina, &invite).refused(404, "not_found");
}
