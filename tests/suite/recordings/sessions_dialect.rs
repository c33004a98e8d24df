//! The sessions dialect over its plain WebSocket.

use crate::kit::*;

/// A connection by the handshake's header.
fn open<'a>(record: &'a Transcript, person: &Person) -> Frames<'a> {
    let bearer = format!("Bearer {}", person.token);
    let socket = Socket::open_at(person.http.endpoint(), "/ws", &[("Authorization", &bearer)]).unwrap();
    record.frames(&person.username, socket)
}

#[test]
fn clients_of_the_sessions_system_talk_as_recorded() {
    let record = Transcript::new("sessions_dialect");
    let server = Server::start();
    let [winston, nanda, mark] = people(&server, ["Winston", "Nanda", "Mark"]);
    let (mut his, mut hers, mut third) = (open(&record, &winston), open(&record, &nanda), open(&record, &mark));
    record.part("asking and answering");
    let search = |name: &str| json!({"type": "Search", "Username": name});
    let answer = |name: &str, accepted: Value| json!({"type": "request", "username": name, "Accepted": accepted});
    third.send(search("winston"));
    his.receive(1);
    his.send(answer("Mark", json!(0)));
    his.send(answer("Mark", json!(0)));
    his.receive(1);
    hers.send(search("Winston"));
    his.receive(1);
    his.send(answer("nanda", json!("1")));
    let session = text(&his.receive(1), "SessionID").to_owned();
    hers.receive(1);
    record.part("messages");
    let message = |kind: &str, data: Value| json!({"type": kind, "SessionID": session, "Message": {"data": data}});
    hers.send(message("Message", json!("hello \"you\"")));
    his.receive(1);
    hers.receive(1);
    his.send(message("Messgae", json!("hello back")));
    his.receive(1);
    hers.receive(1);
    record.part("what others do");
    nanda.send_message(&session, "by REST");
    his.receive(1);
    hers.receive(1);
    let band = group(&winston, "Band", &[&nanda]);
    his.receive(1);
    hers.receive(1);
    winston.http.patch(&format!("/sessions/{band}"), json!({"title": "Choir"})).ok();
    his.receive(1);
    hers.receive(1);
    record.part("refusals");
    for frame in [
        search("nobody-here"),
        search("Winston"),
        search("nanda"),
        answer("nobody-here", json!(1)),
        answer("nanda", json!("yes")),
        message("Message", json!(" ")),
        message("Message", json!(7)),
        message("Message", json!("x".repeat(16_385))),
        json!({"type": "Message", "SessionID": "nonsense", "Message": {"data": "x"}}),
        json!({"type": "Search"}),
    ] {
        his.send(frame);
        his.receive(1);
    }
    his.send(json!({"type": "Dance"}));
    for frame in [&mut his, &mut hers, &mut third] {
        frame.is_quiet();
    }
    record.compare();
}

#[test]
fn authentication_in_the_first_frame_is_answered_as_recorded() {
    let record = Transcript::new("sessions_dialect_auth");
    let server = Server::start();
    let (winston, nanda, session) = {
        let [winston, nanda] = people(&server, ["Winston", "Nanda"]);
        let session = befriend(&winston, &nanda);
        (winston, nanda, session)
    };
    nanda.send_message(&session, "while he was away");
    register(&server, "mark").http.post("/invites", json!({"username": "winston"})).ok();
    let bare = |title: &str| {
        record.part(title);
        record.frames("Winston", Socket::open_at(server.endpoint(), "/ws", &[]).unwrap())
    };
    let auth = |token: &str| json!({"type": "Auth", "Authentication_Token": token});
    let mut his = bare("a good token");
    his.send(auth(&winston.token));
    his.receive(2);
    his.send(auth(&winston.token));
    his.receive(1);
    his.is_quiet();
    let received = "SELECT received FROM members JOIN users ON id = user_id WHERE username = 'Winston'";
    until("what has come is received", PATIENCE, || server.count(received) == 1);
    let mut bad = bare("a bad token");
    bad.send(auth("prl_x"));
    bad.end();
    let mut other = bare("anything else");
    other.send(json!({"type": "Search", "Username": "nanda"}));
    other.end();
    let mut faults = bare("ten faults in a row");
    faults.send(auth(&winston.token));
    faults.socket.checked = false;
    for _ in 0..10 {
        faults.send_text(r#"{"type":"Search"}"#);
    }
    faults.end();
    record.part("another user's token behind a good header");
    let mut mixed = open(&record, &winston);
    mixed.send(auth(&nanda.token));
    mixed.end();
    record.compare();
}
