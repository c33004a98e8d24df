//! Guests of the room-code form: members of their room from the first connection, ended one grace period after the last.

use std::time::{Duration, Instant};

use crate::kit::*;

/// The shortest grace period that can be distinguished from none.
const GRACE: [(&str, &str); 3] =
    [("PARLOR_PRESENCE_GRACE_SECONDS", "1"), ("PARLOR_REQUESTS_PER_SECOND", "0"), ("PARLOR_ACCOUNTS_PER_MINUTE", "0")];

/// Sooner than that would be a broken promise.
const SOONEST: Duration = Duration::from_millis(900);

fn is_there(guest: &Person) -> bool {
    let reply = guest.http.get("/me");
    assert!([200, 401].contains(&reply.status), "{}", reply.text());
    reply.status == 200
}

/// Waits for the end of the guest, who cannot come back then.
#[track_caller]
fn goes(server: &Server, guest: &Person) {
    until("the guest is gone", PATIENCE, || !is_there(guest));
    let page = room_page(server, &guest.token);
    assert_eq!((page.status, page.header("location")), (303, Some("/")));
    let mut socket = guest.upgrade();
    socket.send(&json!({"type": "hello", "token": guest.token}));
    assert_eq!(socket.close_code(), 4501);
}

/// The text of the next notice.
fn notice(socket: &mut Socket, session: &str) -> String {
    let frame = socket.wait_for("a notice", |frame| frame["kind"] == "notice" && frame["session"] == session);
    text(&frame, "text").to_owned()
}

/// Avi's room, which is kept, with Avi in it.
fn room_of(server: &Server) -> (Person, Socket, String, String) {
    let avi = register(server, "avi");
    let (id, code) = room(&avi, json!({"keep": true}));
    let his = avi.connect();
    (avi, his, id, code)
}

#[test]
fn a_guest_is_a_member_from_the_first_connection_on() {
    let server = Server::start();
    let (avi, mut his, id, code) = room_of(&server);
    let guest = join_as(&server, "Зоя", &code);
    assert_eq!(seen(&avi, &id)["member_count"], 1, "not yet");
    guest.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    let mut theirs = guest.connect();
    assert_eq!(theirs.ready["user"]["display_name"], "Зоя");
    let session = &list(&theirs.ready, "sessions")[0];
    assert_eq!((&session["id"], &session["role"]), (&json!(id), &json!("member")));
    assert_eq!(his.expect("member")["state"], "joined");
    assert_eq!(notice(&mut his, &id), "Зоя has entered");
    theirs.send_message(&id, "hello");
    assert_eq!(his.receive(&id), "hello");
    // A second connection brings nothing new.
    guest.connect();
    his.expect_no("member");
    theirs.expect_no("session_added");
}

#[test]
fn the_first_guest_owns_a_new_room() {
    let server = Server::start();
    let (maker, code) = create_as(&server, "Maker");
    let other = join_as(&server, "Other", &code);
    server.verify();
    let mut theirs = other.connect();
    let session = list(&theirs.ready, "sessions")[0].clone();
    assert_eq!((&session["role"], &session["member_count"]), (&json!("owner"), &json!(1)));
    assert_eq!((&session["rev"], &session["code"]), (&json!(2), &json!(code)));
    let his = maker.connect();
    assert_eq!(list(&his.ready, "sessions")[0]["role"], "member");
    assert_eq!(theirs.expect("member")["user"]["display_name"], "Maker");
}

#[test]
fn the_cookie_authenticates_a_browser_too() {
    let server = Server::start();
    let (_, mut his, id, code) = room_of(&server);
    let guest = join_as(&server, "Lisa", &code);
    let cookie = format!("parlor_rooms={}", guest.token);
    let origin = format!("http://{}", server.endpoint().address());
    let mut theirs = Socket::open(server.endpoint(), &[("Cookie", &cookie), ("Origin", &origin)]).unwrap();
    theirs.send(&json!({"type": "hello"}));
    assert_eq!(theirs.expect("ready")["user"]["username"], guest.username.as_str());
    assert_eq!(notice(&mut his, &id), "Lisa has entered");
}

#[test]
fn a_reload_sends_no_notice() {
    let server = Server::start();
    let (_, mut his, id, code) = room_of(&server);
    let guest = join_as(&server, "Lisa", &code);
    let mut theirs = guest.connect();
    assert_eq!(notice(&mut his, &id), "Lisa has entered");
    his.expect("member");
    for _ in 0..5 {
        theirs.cut();
        assert_eq!(room_page(&server, &guest.token).status, 200);
        theirs = guest.connect();
    }
    his.expect_no("member");
    his.expect_no("message");
}

#[test]
fn one_grace_period_after_its_last_connection_the_guest_ends_and_the_name_is_free() {
    let server = Server::with(&GRACE);
    let (avi, mut his, id, code) = room_of(&server);
    let guest = join_as(&server, "Lisa", &code);
    let mut theirs = guest.connect();
    theirs.send_message(&id, "bye");
    let begun = Instant::now();
    theirs.cut();
    let left = his.wait_for("the end", |frame| frame["type"] == "member" && frame["state"] == "left");
    assert!(begun.elapsed() >= SOONEST, "gone after {:?}", begun.elapsed());
    assert_eq!(left["user"]["display_name"], "Lisa");
    let received: Vec<String> = (0..2).map(|_| notice(&mut his, &id)).collect();
    assert_eq!(received, ["Lisa has entered", "Lisa left"]);
    goes(&server, &guest);
    let sent = messages(&avi, &id);
    assert_eq!((&sent[1]["text"], &sent[1]["username"]), (&json!("bye"), &json!(guest.username)));
    let again = join_as(&server, "lisa", &code);
    assert_ne!(again.id, guest.id);
}

#[test]
fn after_a_goodbye_the_guest_ends_at_once() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (_, mut his, id, code) = room_of(&server);
    let guest = join_as(&server, "Lisa", &code);
    let other = guest.connect();
    guest.connect().goodbye();
    assert_eq!(notice(&mut his, &id), "Lisa has entered");
    assert!(is_there(&guest), "another connection is left");
    other.goodbye();
    assert_eq!(notice(&mut his, &id), "Lisa left");
    goes(&server, &guest);
}

#[test]
fn after_a_crash_guests_who_do_not_reconnect_end() {
    let mut server = Server::with(&GRACE);
    let (avi, _, id, code) = room_of(&server);
    let [lisa, mark, nina] = ["Lisa", "Mark", "Nina"].map(|name| join_as(&server, name, &code));
    // Nina has not come yet.
    let (hers, theirs) = (lisa.connect(), mark.connect());
    server.crash();
    let begun = Instant::now();
    drop((hers, theirs));
    let mut hers = lisa.connect();
    for guest in [&mark, &nina] {
        until("the others are gone", PATIENCE, || !is_there(guest));
    }
    assert!(begun.elapsed() >= SOONEST, "gone after {:?}", begun.elapsed());
    hers.send_message(&id, "still here");
    let names: Vec<String> = roles(&avi, &id).into_keys().collect();
    assert_eq!(names, ["avi", &lisa.username]);
}

#[test]
fn a_guest_who_never_connects_ends_after_the_room_grace_period() {
    let mut settings = GRACE.to_vec();
    settings.push(("PARLOR_ROOM_GRACE_SECONDS", "1"));
    let server = Server::with(&settings);
    let (_, mut his, id, code) = room_of(&server);
    let begun = Instant::now();
    let (lost, reader) = (join_as(&server, "Lisa", &code), join_as(&server, "Mark", &code));
    // Who reads the page without script is there.
    until("who does not come is gone", PATIENCE, || {
        assert_eq!(room_page(&server, &reader.token).status, 200);
        !is_there(&lost)
    });
    assert!(begun.elapsed() >= SOONEST, "gone after {:?}", begun.elapsed());
    goes(&server, &reader);
    his.expect_no("member");
    assert_eq!(server.count(&format!("SELECT count(*) FROM messages WHERE kind = 1 AND '{id}' <> ''")), 0);
}

#[test]
fn a_guest_who_leaves_or_is_removed_ends() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, mut his, id, code) = room_of(&server);
    let [lisa, mark, nina] = ["Lisa", "Mark", "Nina"].map(|name| join_as(&server, name, &code));
    let (mut hers, mut theirs) = (lisa.connect(), mark.connect());
    nina.connect();
    hers.ok(json!({"type": "leave", "session": id}));
    assert_eq!(hers.close_code(), 4502);
    goes(&server, &lisa);
    remove(&avi.http, &id, &mark.username).ok();
    assert_eq!(theirs.expect("session_removed")["reason"], "removed");
    assert_eq!(theirs.close_code(), 4502);
    goes(&server, &mark);
    remove(&nina.http, &id, &nina.username).ok();
    goes(&server, &nina);
    let received: Vec<String> = (0..6).map(|_| notice(&mut his, &id)).collect();
    assert_eq!(received[3..], ["Lisa left", "Mark was removed", "Nina left"]);
    assert_eq!(seen(&avi, &id)["member_count"], 1);
}

#[test]
fn the_guests_of_a_room_end_with_it() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, _his, id, code) = room_of(&server);
    let [lisa, mark] = ["Lisa", "Mark"].map(|name| join_as(&server, name, &code));
    let mut hers = lisa.connect();
    avi.http.delete(&format!("/sessions/{id}")).done();
    assert_eq!(hers.expect("session_removed")["reason"], "deleted");
    assert_eq!(hers.close_code(), 4502);
    for guest in [&lisa, &mark] {
        goes(&server, guest);
    }
}

#[test]
fn after_its_last_guest_a_room_has_its_grace_period() {
    let mut settings = GRACE.to_vec();
    settings.extend([("PARLOR_ROOM_GRACE_SECONDS", "3"), ("PARLOR_ROOM_MISSES", "0")]);
    let server = Server::with(&settings);
    let nina = register(&server, "nina");
    let (guest, code) = create_as(&server, "Lisa");
    guest.connect().cut();
    goes(&server, &guest);
    nina.http.get(&format!("/rooms/{code}")).ok();
    // A guest who is about to connect is waited for.
    let other = join_as(&server, "Mark", &code);
    let mut theirs = other.connect();
    assert_eq!(list(&theirs.ready, "sessions")[0]["role"], "owner");
    theirs.fence();
    theirs.goodbye();
    let begun = Instant::now();
    until("the room is gone", PATIENCE, || nina.http.get(&format!("/rooms/{code}")).status == 404);
    assert!(begun.elapsed() >= Duration::from_millis(2_900), "gone after {:?}", begun.elapsed());
}

#[test]
fn ending_the_token_ends_the_guest() {
    let server = Server::start();
    let (_, mut his, id, code) = room_of(&server);
    let guest = join_as(&server, "Lisa", &code);
    guest.connect();
    let cookie = format!("parlor_rooms={}", guest.token);
    let reply = server.http().call("POST", "/logout").header("Cookie", &cookie).send();
    reply.done();
    let taken = reply.header("set-cookie").unwrap();
    assert!(taken.starts_with("parlor_rooms=;") && taken.contains("Max-Age=0"), "{taken}");
    let received: Vec<String> = (0..2).map(|_| notice(&mut his, &id)).collect();
    assert_eq!(received[1], "Lisa left");
    goes(&server, &guest);
}
