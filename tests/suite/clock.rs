//! What time does: invites and tokens expire, and a clock that was set back changes no order.
//!
//! The hour passes in the database, between two starts of the server: nobody can wait for it.

use crate::kit::*;

/// Stops the server politely, moves what is stored through time, and starts it again.
fn meanwhile(server: &mut Server, statements: &[&str]) {
    let (status, _) = server.terminate();
    assert!(status.success(), "{status}");
    for statement in statements {
        server.sql(statement);
    }
    server.open().unwrap();
}

#[test]
fn an_invite_expires() {
    let mut server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let ask = || avi.http.post("/invites", json!({"username": "lisa"})).ok()["invite"].clone();
    let asked = ask();
    meanwhile(&mut server, &["UPDATE invites SET expires_at = at"]);

    let waiting = lisa.http.get("/invites").ok();
    assert_eq!(list(&waiting, "invites").len(), 0);
    assert_eq!(list(&lisa.connect().ready, "invites").len(), 0);
    let path = format!("/invites/{}", text(&asked, "id"));
    lisa.http.post(&format!("{path}/accept"), json!({})).refused(410, "invite_closed");
    avi.http.delete(&path).refused(410, "invite_closed");
    let sent = avi.http.get("/invites?direction=out").ok();
    assert_eq!(sent["invites"][0]["state"], "expired");
    // What has expired is asked anew, and crosses nothing.
    let crossing = lisa.http.post("/invites", json!({"username": "avi"})).ok();
    assert_eq!(crossing["invite"]["state"], "pending");
    lisa.http.delete(&format!("/invites/{}", text(&crossing["invite"], "id"))).ok();
    let again = ask();
    assert_ne!(again["id"], asked["id"]);
    assert_eq!(again["state"], "pending");
}

#[test]
fn a_token_expires() {
    let mut server = Server::start();
    let avi = register(&server, "avi");
    meanwhile(&mut server, &["UPDATE tokens SET expires_at = created_at"]);
    avi.http.get("/me").refused(401, "unauthenticated");
    let mut socket = avi.upgrade();
    socket.send(&json!({"type": "hello", "token": avi.token}));
    assert!([4501, 4502].contains(&socket.close_code()));
    let new = Person::login(&server, "avi");
    let tokens = new.http.get("/tokens").ok();
    assert_eq!(list(&tokens, "tokens").len(), 1, "what has expired is not listed");
}

#[test]
fn a_token_that_is_used_lives_on() {
    let mut server = Server::start();
    register(&server, "avi");
    let login = server.http().post("/login", json!({"username": "avi", "password": PASSWORD})).ok();
    let http = server.http().with_token(text(&login, "token"));
    let days = 29 * 24 * 3600 * 1000_i64;
    let almost = format!(
        "UPDATE tokens SET created_at = created_at - {days}, last_used_at = last_used_at - {days}, \
         expires_at = expires_at - {days}"
    );
    meanwhile(&mut server, &[&almost]);
    http.get("/me").ok();
    // What the use did to the token is kept by the time the server has stopped.
    server.restart();
    let tokens = http.get("/tokens").ok();
    let used = list(&tokens, "tokens").iter().find(|one| one["current"] == true).unwrap();
    assert!(text(used, "expires_at") >= text(&login, "expires_at"), "30 days from its last use: {used}");
}

#[test]
fn at_never_goes_back_even_where_the_clock_does() {
    let mut server = Server::start();
    let (avi, lisa, session) = pair(&server);
    avi.say(&session, "from a server whose clock was an hour ahead");
    meanwhile(
        &mut server,
        &["UPDATE messages SET at = at + 3600000", "UPDATE sessions SET last_at = last_at + 3600000"],
    );
    lisa.say(&session, "after the clock was put right");
    let ok = avi.connect().say(&session, "and again");
    let page = avi.http.get(&format!("/sessions/{session}/messages")).ok();
    let times = texts(list(&page, "messages"), "at");
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(text(&ok, "at"), times[2]);
}
