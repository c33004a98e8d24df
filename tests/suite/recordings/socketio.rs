//! The native vocabulary over Socket.IO.

use crate::kit::wire::BINARY;
use crate::kit::*;

/// What two people do, one of them over this transport.
fn talk(record: &Transcript, transport: Transport) {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut his = record.packets("avi", SocketIoClient::open(server.endpoint(), transport, &[]).unwrap());
    his.enter(json!({"token": avi.token}));
    his.receive(1);
    let mut hers = record.connect(&lisa);
    his.receive(1);
    record.part("events both ways");
    his.request("send", json!({"session": session, "text": "hello", "key": "k1"}));
    hers.receive(1);
    his.request("send", json!({"session": session, "text": "hello", "key": "k1"}));
    his.emit("send", json!({"session": session, "text": "not acknowledged"}));
    hers.receive(1);
    hers.request(json!({"type": "send", "session": session, "text": "hello back"}));
    his.receive(1);
    his.request("read", json!({"session": session, "seq": 3}));
    hers.receive(1);
    for (name, fields) in [
        ("history", json!({"session": session, "limit": 1})),
        ("sync", json!({"sessions": {&session: 2}})),
        ("ping", json!({})),
        ("sessions", json!({})),
    ] {
        his.request(name, fields);
    }
    record.part("refusals");
    for (name, fields) in [
        ("send", json!({"session": "nonsense", "text": "x"})),
        ("send", json!({"session": session})),
        ("send", json!("x")),
        ("no-such-event", json!({})),
        ("hello", json!({"token": avi.token})),
    ] {
        his.request(name, fields);
    }
    his.send(r#"42["send"]"#);
    his.request("ping", json!({}));
    his.emit("send", json!({"session": "nonsense", "text": "x"}));
    his.receive(1);
    record.part("goodbye");
    his.emit("goodbye", json!({}));
    his.end();
    hers.receive(1);
    hers.is_quiet();
}

#[test]
fn the_native_vocabulary_over_a_socket_is_as_recorded() {
    let record = Transcript::new("socketio_websocket");
    talk(&record, Transport::Socket);
    record.compare();
}

#[test]
fn the_native_vocabulary_over_polls_is_as_recorded() {
    let record = Transcript::new("socketio_polling");
    talk(&record, Transport::Polling);
    record.compare();
}

#[test]
fn entering_a_namespace_is_answered_as_recorded() {
    let record = Transcript::new("socketio_entering");
    let server = Server::with(&[("PARLOR_DIALECTS", "")]);
    let avi = register(&server, "avi");
    let open = |who: &str, headers: &[(&str, &str)]| {
        record.part(who);
        record.packets("avi", SocketIoClient::open(server.endpoint(), Transport::Socket, headers).unwrap())
    };
    open("a bad token", &[]).enter(json!({"token": "prl_x"}));
    open("a token that is no text", &[]).enter(json!({"token": 7}));
    let mut other = open("another namespace", &[]);
    other.send("40/other,{}");
    other.receive(1);
    let mut bearer = open("a header", &[("Authorization", &format!("Bearer {}", avi.token))]);
    bearer.enter(json!({}));
    bearer.receive(1);
    super::is_seen(&server, "avi");
    open("a header that does not count", &[("Authorization", "Bearer prl_x")]).enter(json!({}));
    let mut hello = open("hello", &[]);
    hello.enter(json!({}));
    hello.request("hello", json!({"token": avi.token}));
    let mut bad = open("a bad hello", &[]);
    bad.enter(json!({}));
    bad.emit("hello", json!({"token": "prl_x"}));
    bad.end();
    let mut silent = open("anything but hello", &[]);
    silent.enter(json!({}));
    silent.emit("ping", json!({}));
    silent.end();
    record.compare();
}

#[test]
fn sessions_end_as_recorded() {
    let record = Transcript::new("socketio_ends");
    let server = Server::start();
    let avi = register(&server, "avi");
    let open = |title: &str, transport: Transport| {
        record.part(title);
        let mut his = record.packets("avi", SocketIoClient::open(server.endpoint(), transport, &[]).unwrap());
        his.enter(json!({"token": avi.token}));
        his.packets.expect("ready");
        his
    };
    for (title, packet) in
        [("a disconnect packet", "41"), ("a close packet", "1"), ("no packet", "9"), ("no JSON", "42[")]
    {
        let mut his = open(title, Transport::Socket);
        his.send(packet);
        his.end();
    }
    let mut his = open("a binary event", Transport::Socket);
    his.send(r#"451-["send",{"_placeholder":true,"num":0}]"#);
    his.packets.socket().send_frame(true, BINARY, b"bytes");
    his.request("ping", json!({}));
    let mut his = open("ten faults in a row", Transport::Socket);
    (0..10).for_each(|_| his.packets.emit("send", json!({})));
    his.end();
    let his = open("the token ends, over polls", Transport::Polling);
    let phone = Person::login(&server, "avi");
    avi.http.post("/logout", json!({})).done();
    his.end();
    record.part("the token ends, over a socket");
    let mut his = record.packets("avi", SocketIoClient::open(server.endpoint(), Transport::Upgrade, &[]).unwrap());
    his.enter(json!({"token": phone.token}));
    his.packets.expect("ready");
    phone.http.post("/logout", json!({})).done();
    his.end();
    record.compare();
}
