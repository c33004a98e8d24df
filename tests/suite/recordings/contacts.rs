//! The contacts dialect over Socket.IO.

use crate::kit::*;

/// A connection of this person that has sent nothing yet but CONNECT.
fn open<'a>(record: &'a Transcript, server: &Server, person: &Person, transport: Transport) -> RecordedPackets<'a> {
    let mut packets =
        record.packets(&person.username, SocketIoClient::open(server.endpoint(), transport, &[]).unwrap());
    packets.enter(json!({}));
    packets
}

fn join(person: &Person, room: &str) -> Value {
    json!({"room": room, "client": person.username, "jwt": person.token})
}

fn message(person: &Person, room: &str, content: &str) -> Value {
    json!({"sender": person.username, "content": content, "conversation_room": room, "jwt": person.token})
}

#[test]
fn contacts_talk_to_each_other_as_recorded() {
    let record = Transcript::new("contacts");
    let server = Server::with(&SETTLED);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    record.part("joining");
    let mut his = open(&record, &server, &avi, Transport::Socket);
    his.request("join", join(&avi, "Avi&Lisa"));
    his.receive(1);
    his.request("join", join(&avi, "Lisa&avi"));
    let mut hers = open(&record, &server, &lisa, Transport::Polling);
    hers.request("join", join(&lisa, "Avi&Lisa"));
    hers.receive(1);
    his.receive(1);
    record.part("messages");
    his.emit("client_sends_message", message(&avi, "Avi&Lisa", "hello \"you\""));
    his.receive(1);
    hers.receive(1);
    hers.send(&format!("427{}", json!(["client_sends_message", message(&lisa, "LISA&Avi", "hello back")])));
    hers.receive(2);
    his.receive(1);
    record.part("refusals");
    let mut foreign = join(&avi, "Avi&Lisa");
    foreign["client"] = json!("Lisa");
    let mut bad = join(&avi, "Avi&Lisa");
    bad["jwt"] = json!("prl_x");
    for fields in [foreign, bad, join(&avi, "Lisa&Noa"), json!({"client": "Avi"})] {
        his.request("join", fields);
    }
    let mut old = message(&avi, "Avi&Lisa", "with a bad token");
    old["jwt"] = json!("prl_x");
    his.request("client_sends_message", old.clone());
    his.receive(1);
    his.emit("client_sends_message", old);
    his.receive(1);
    for (room, content) in
        [("Avi&nobody-here", "hello?"), ("Avi&Lisa", " "), ("Lisa&Noa", "hello?"), ("Avi&Avi", "hello?")]
    {
        his.request("client_sends_message", message(&avi, room, content));
    }
    his.emit("client_sends_message", message(&avi, "Lisa&Noa", "not acknowledged"));
    his.receive(1);
    his.request("connection_alive", json!({"client": "Avi"}));
    record.part("goodbye");
    hers.request("client_disconnection", json!({"client": "Avi", "jwt": lisa.token}));
    hers.request("client_disconnection", json!({"client": "Lisa", "jwt": lisa.token}));
    his.receive(1);
    hers.request("join", join(&lisa, "Avi&Lisa"));
    record.compare();
}

#[test]
fn queued_messages_follow_the_first_join_as_recorded() {
    let record = Transcript::new("contacts_missed");
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "1")]);
    let (avi, lisa, session) = pair(&server);
    let band = group(&lisa, "Band", &[&avi]);
    lisa.send_message(&session, "one");
    lisa.send_message(&session, "edited");
    lisa.http.patch(&format!("/sessions/{session}/messages/2"), json!({"text": "two"})).ok();
    lisa.send_message(&session, "deleted");
    lisa.http.delete(&format!("/sessions/{session}/messages/3")).ok();
    let mut his = open(&record, &server, &avi, Transport::Socket);
    his.request("join", join(&avi, "avi&lisa"));
    his.receive(3);
    lisa.send_message(&band, "to the band");
    his.receive(1);
    his.request("client_sends_message", message(&avi, &band, "to the band too"));
    lisa.delete_account();
    his.request("client_sends_message", message(&avi, "avi&lisa", "too late"));
    record.compare();
}
