//! The room-code dialect: the form, and the events of its guests.

use crate::kit::*;

/// Fills in the form, and gives the guest's cookie.
#[track_caller]
fn fill_in(caller: &Caller<'_>, fields: &str) -> String {
    let call = caller.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
    let reply = caller.send(call.body(fields.as_bytes()));
    reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

fn enter<'a>(
    record: &'a Transcript,
    server: &Server,
    who: &str,
    cookie: &str,
    transport: Transport,
) -> RecordedPackets<'a> {
    let mut packets =
        record.packets(who, SocketIoClient::open(server.endpoint(), transport, &[("Cookie", cookie)]).unwrap());
    packets.enter(json!({}));
    packets
}

#[test]
fn guests_of_a_room_talk_as_recorded() {
    let record = Transcript::new("room_codes");
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "1")]);
    let caller = record.stranger(&server);
    let zoe_cookie = fill_in(&caller, "name=Zo%C3%AB&create=");
    let mut zoe = enter(&record, &server, "Zoë", &zoe_cookie, Transport::Socket);
    zoe.receive(1);
    let page = server.http().call("GET", "//room").header("Cookie", &zoe_cookie).send().text();
    let code = page.split("data-room-code=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let noa_cookie = fill_in(&caller, &format!("name=Noa&code={code}&join="));
    let mut noa = enter(&record, &server, "Noa", &noa_cookie, Transport::Polling);
    noa.receive(1);
    zoe.receive(1);
    record.part("messages");
    noa.emit("message", json!({"data": "hello \"you\""}));
    noa.receive(1);
    zoe.receive(1);
    zoe.send(&format!("427{}", json!(["message", {"data": "welcome"}])));
    zoe.receive(2);
    noa.receive(1);
    record.part("refusals");
    for fields in [
        json!({}),
        json!({"data": 7}),
        json!({"data": " "}),
        json!({"data": "x".repeat(16_385)}),
        Value::Null,
        json!([]),
    ] {
        zoe.request("message", fields);
    }
    record.part("a member with an account");
    let avi = register(&server, "avi");
    let mut native = record.connect(&avi);
    native.passed_over = Some("receipt");
    native.request(json!({"type": "join", "code": code}));
    native.receive(2);
    zoe.receive(1);
    noa.receive(1);
    record.part("a guest who goes");
    caller.send(caller.call("POST", "/logout").header("Cookie", &noa_cookie).header("Sec-Fetch-Site", "same-origin"));
    noa.end();
    zoe.receive(1);
    native.receive(3);
    record.part("history");
    let session = avi.http.get("/sessions").ok()["sessions"][0]["id"].clone();
    native.request(json!({"type": "history", "session": session}));
    record.part("a cookie that does not count");
    let mut gone = record
        .packets("-", SocketIoClient::open(server.endpoint(), Transport::Socket, &[("Cookie", &noa_cookie)]).unwrap());
    gone.enter(json!({}));
    record.compare();
}
