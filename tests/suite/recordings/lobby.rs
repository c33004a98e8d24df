//! The lobby dialect over Socket.IO, and the lobby for native clients.

use crate::kit::*;

/// A guest of the lobby's login, who is connected.
fn log_in<'a>(
    record: &'a Transcript,
    server: &Server,
    name: &str,
    transport: Transport,
) -> (String, RecordedPackets<'a>) {
    let token = text(&server.http().get(&format!("//login/{name}")).ok(), "token").to_owned();
    let cookie = format!("parlor_lobby={token}");
    let mut packets =
        record.packets(name, SocketIoClient::open(server.endpoint(), transport, &[("Cookie", &cookie)]).unwrap());
    packets.enter(json!({}));
    packets.receive(1);
    (token, packets)
}

#[test]
fn guests_of_the_lobby_talk_to_each_other_as_recorded() {
    let record = Transcript::new("lobby");
    let server = Server::with(&[("PARLOR_LOBBY", "on"), ("PARLOR_LOBBY_SENDS_PER_SECOND", "0")]);
    let (_, mut his) = log_in(&record, &server, "Avi", Transport::Socket);
    let (hers_token, mut hers) = log_in(&record, &server, "Lisa", Transport::Polling);
    his.receive(1);
    let out = |receiver: &str, content: &str| json!({"receiver": receiver, "message_text": content});
    record.part("messages");
    his.send(&format!("427{}", json!(["message_out", out("lisa", "hello \"you\"")])));
    his.receive(2);
    hers.receive(1);
    his.emit("message_out", out("group", "hello all"));
    his.receive(1);
    hers.receive(1);
    record.part("refusals");
    for fields in [
        out("nobody-here", "hello?"),
        out("Avi", "to myself"),
        out("group", " "),
        json!({}),
        Value::Null,
        json!({"receiver": 7, "message_text": "x"}),
    ] {
        his.request("message_out", fields);
    }
    his.request("message_out", out("group", &"x".repeat(16_385)));
    his.request("user_change_out", json!({"active": true}));
    his.request("user_change_out", json!({}));
    record.part("native clients");
    let mark = register(&server, "mark");
    let mut native = record.connect(&mark);
    native.passed_over = Some("receipt");
    his.emit("message_out", out("mark", "from the lobby"));
    his.receive(1);
    let direct = native.receive(3)["session"].clone();
    native.request(json!({"type": "send", "session": direct, "text": "from a frame"}));
    his.receive(1);
    let lobby =
        list(&mark.http.get("/sessions").ok(), "sessions").iter().find(|one| one["kind"] == "lobby").unwrap()["id"]
            .clone();
    native.request(json!({"type": "send", "session": lobby, "text": "to all"}));
    his.receive(1);
    hers.receive(1);
    record.part("what the lobby refuses native clients");
    for kind in ["leave", "typing", "members"] {
        native.request(json!({"type": kind, "session": lobby}));
    }
    native.request(json!({"type": "react", "session": lobby, "seq": 1, "emoji": "👍", "on": true}));
    native.request(json!({"type": "edit", "session": lobby, "seq": 1, "text": "x"}));
    native.request(json!({"type": "title", "session": lobby, "title": "x"}));
    native.is_quiet();
    record.part("goodbye");
    hers.emit("user_change_out", json!({"active": false}));
    hers.end();
    his.receive(1);
    drop(hers_token);
    record.compare();
}

#[test]
fn the_lobbys_rate_refuses_as_recorded() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let record = Transcript::new("lobby_rate");
    let server = Server::with(&[("PARLOR_LOBBY", "on"), ("PARLOR_LOBBY_SENDS_BURST", "1")]);
    let (token, mut his) = log_in(&record, &server, "Avi", Transport::Socket);
    let out = json!({"receiver": "group", "message_text": "x"});
    let acknowledgements = (0..20).map(|_| his.packets.submit("message_out", out.clone())).collect::<Vec<_>>();
    let answers: Vec<Value> = acknowledgements.into_iter().map(|id| his.packets.answer(id)).collect();
    let refused = answers.iter().find(|answer| !answer["error"].is_null()).expect("too fast");
    record.received("Avi", &format!("… {refused}"));
    record.part("the login ends");
    let cookie = format!("parlor_lobby={token}");
    let caller = record.stranger(&server);
    caller.send(caller.call("GET", "//logout/avi").header("Cookie", &cookie));
    while his.packets.next().is_some() {}
    record.received("Avi", &format!("… end {:?}", his.packets.end));
    record.compare();
}
