//! The requests of Engine.IO by polling, as they are on the wire.

use crate::kit::*;

/// The secret name of the session that this handshake begins.
fn sid(reply: &Reply) -> String {
    reply.text().split("\"sid\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a sid").to_owned()
}

#[test]
fn polls_and_posts_are_answered_as_recorded() {
    let record = Transcript::new("engineio_polling");
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let avi = register(&server, "avi");
    let caller = record.stranger(&server);
    for revision in [4, 3] {
        record.part(&format!("Engine.IO {revision}"));
        let path = format!("//socket.io/?EIO={revision}&transport=polling");
        let session = format!("{path}&sid={}", sid(&caller.get(&path)));
        let post = |packet: &str| {
            let body = if revision == 4 { packet.to_owned() } else { format!("{}:{packet}", packet.len()) };
            caller.send(
                caller.call("POST", &session).header("Content-Type", "text/plain;charset=UTF-8").body(body.as_bytes()),
            )
        };
        if revision == 4 {
            post(&format!("40{}", json!({"token": avi.token})));
            caller.send_to_show(caller.call("GET", &session), |reply| {
                reply.text().split('\x1e').next().unwrap_or_default().to_owned()
            });
            until_ready(&caller, &session);
            super::is_seen(&server, "avi");
        } else {
            caller.get(&session);
            post(&format!("420{}", json!(["hello", {"token": avi.token}])));
            caller.get(&session);
        }
        post(r#"421["ping",{}]"#);
        caller.get(&session);
        caller.send(caller.call("POST", &session).body(b""));
        caller.send(caller.call("PUT", &session));
    }
    record.part("refusals");
    for (method, query) in [
        ("GET", ""),
        ("GET", "?EIO=4"),
        ("GET", "?EIO=4&transport=pigeon"),
        ("GET", "?EIO=2&transport=polling"),
        ("GET", "?EIO=4&transport=polling&sid=nonsense"),
        ("GET", "?EIO=4&transport=websocket"),
        ("POST", "?EIO=4&transport=polling"),
        ("PUT", "?EIO=4&transport=polling"),
        ("OPTIONS", "?EIO=4&transport=polling"),
        ("GET", "?EIO=4&transport=polling&token=x"),
    ] {
        caller.send(caller.call(method, &format!("//socket.io/{query}")));
    }
    for origin in ["https://friend.example", "https://evil.example"] {
        for method in ["GET", "OPTIONS"] {
            caller.send(caller.call(method, "//socket.io/?EIO=4&transport=polling").header("Origin", origin));
        }
    }
    let other = format!(
        "//socket.io/?EIO=3&transport=polling&sid={}",
        sid(&caller.get("//socket.io/?EIO=4&transport=polling"))
    );
    caller.get(&other);
    record.compare();
}

/// `ready` may come with the answer to CONNECT or by the next poll; it is recorded elsewhere.
fn until_ready(caller: &Caller<'_>, session: &str) {
    let call = caller.call("POST", session).body(br#"420["ping",{}]"#);
    assert_eq!(call.send().status, 200);
    until("the pong has come", PATIENCE, || caller.http.get(session).text().contains("430["));
}
