//! Two users, from their registration to a restart.

use crate::kit::*;

#[test]
fn two_people_meet_and_talk_across_a_restart() {
    let mut server = Server::start();
    let http = server.http();
    let avi = register(&server, "avi");
    let again = json!({"username": "Avi", "password": PASSWORD});
    http.post("/register", again).refused(409, "username_taken");
    http.post("/login", json!({"username": "lisa", "password": PASSWORD})).refused(400, "unknown_user");
    let lisa = register(&server, "lisa");
    http.post("/login", json!({"username": "lisa", "password": "wrong one"})).refused(401, "wrong_password");

    // He invites her while she is away; she finds the invite and accepts it.
    let mut his = avi.connect();
    let requested = his.ok(json!({"type": "invite", "username": "lisa"}));
    let mut hers = lisa.connect();
    assert_eq!(hers.ready["invites"][0]["id"], requested["invite"]["id"]);
    let yes = json!({"type": "answer", "invite": requested["invite"]["id"], "accept": true});
    let session = text(&hers.ok(yes)["session"], "id").to_owned();
    assert_eq!(his.expect("session_added")["session"]["id"], session.as_str());
    assert_eq!(his.expect("invite_answered")["invite"]["state"], "accepted");

    // They talk, by socket and by REST.
    his.send_message(&session, "hello lisa");
    assert_eq!(hers.receive(&session), "hello lisa");
    hers.ok(json!({"type": "read", "session": session, "seq": 1}));
    his.wait_for("her receipt", |frame| frame["type"] == "receipt" && frame["read"] == 1);
    lisa.send_message(&session, "hello avi");
    assert_eq!(his.receive(&session), "hello avi");

    // She leaves, he goes on, the server restarts, and nothing is forgotten.
    hers.goodbye();
    his.wait_for("her going", |frame| frame["type"] == "presence" && frame["status"] == "offline");
    his.send_message(&session, "are you still there?");
    server.restart();
    assert_eq!(his.close_code(), 1012);

    let mut hers = lisa.connect();
    let mine = hers.ready["sessions"][0].clone();
    assert_eq!(mine["id"], session.as_str());
    assert_eq!((&mine["seq"], &mine["read"], &mine["unread"]), (&json!(3), &json!(2), &json!(1)));
    let page = hers.ok(json!({"type": "history", "session": session}));
    let wanted = ["hello lisa", "hello avi", "are you still there?"];
    assert_eq!(texts(list(&page, "messages"), "text"), wanted);
    assert_eq!(page["complete"], true);
    let mut his = avi.connect();
    assert_eq!(hers.expect("presence")["status"], "online");
    assert_eq!(hers.send_message(&session, "yes")["seq"], 4);
    assert_eq!(his.receive(&session), "yes");
}

#[test]
fn two_people_can_do_all_of_it_without_a_socket() {
    let mut server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let requested = avi.http.post("/invites", json!({"username": "lisa"})).ok();
    let waiting = lisa.http.get("/invites").ok();
    assert_eq!(waiting["invites"][0]["id"], requested["invite"]["id"]);
    let path = format!("/invites/{}/accept", text(&requested["invite"], "id"));
    let opened = lisa.http.post(&path, json!({})).ok();
    let session = text(&opened["session"], "id").to_owned();
    avi.send_message(&session, "hello");
    server.restart();
    let mine = lisa.http.get("/sessions").ok();
    assert_eq!(mine["sessions"][0]["unread"], 1);
    let page = lisa.http.get(&format!("/sessions/{session}/messages")).ok();
    assert_eq!(texts(list(&page, "messages"), "text"), ["hello"]);
    lisa.http.put(&format!("/sessions/{session}/read"), json!({"seq": 1})).ok();
    let changes = lisa.http.get(&format!("/sessions/{session}/changes?rev=0")).ok();
    assert_eq!((&changes["to"], &changes["unread"]), (&json!(1), &json!(0)));
    lisa.send_message(&session, "hello yourself");
    let mine = avi.http.get("/sessions").ok();
    assert_eq!(mine["sessions"][0]["last_message"]["text"], "hello yourself");
}
