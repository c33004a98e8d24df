//! The native vocabulary: commands are events, answers acknowledgements, and there are four ways to authenticate.

use crate::kit::*;

#[test]
fn a_conversation_works_over_every_transport() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut native = lisa.connect();
    for (at, transport) in TRANSPORTS.into_iter().enumerate() {
        let mut client = SocketIoClient::open(server.endpoint(), transport, &[]).unwrap();
        let entered = client.enter(json!({"token": avi.token})).unwrap();
        let ready = client.expect("ready");
        assert_eq!(ready["user"]["username"], "avi", "{transport:?}");
        assert_eq!(ready["connection"], entered["sid"], "the public name is no secret");
        assert_eq!(list(&ready, "sessions").len(), 1);
        let content = format!("to lisa by {transport:?} – \"€😀\"");
        let ok = client.ok("send", json!({"session": session, "text": content, "key": content}));
        assert_eq!(number(&ok, "seq"), at as u64 * 2 + 1);
        assert_eq!(native.receive(&session), content);
        native.send_message(&session, "to avi – \"€😀\"");
        let message = client.expect("message");
        assert_eq!((text(&message, "text"), text(&message, "username")), ("to avi – \"€😀\"", "lisa"));
        // The fields `type` and `id` of a frame mean nothing here.
        client.ok("ping", json!({"type": "nonsense", "id": 7}));
    }
}

#[test]
fn every_answer_is_an_acknowledgement() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut client = SocketIoClient::connect(server.endpoint(), Transport::Socket, &avi.token);
    assert_eq!(client.request("ping", Value::Null), json!({"ok": true}));
    let ok = client.ok("send", json!({"to": "lisa", "text": "hello"}));
    assert_eq!((text(&ok, "session"), number(&ok, "rev")), (session.as_str(), 1));
    assert_eq!(client.ok("edit", json!({"session": session, "seq": 1, "text": "hello!"}))["rev"], 2);
    assert_eq!(client.ok("react", json!({"session": session, "seq": 1, "emoji": "👍", "on": true}))["rev"], 3);
    let history = client.ok("history", json!({"session": session}));
    assert_eq!(texts(list(&history, "messages"), "text"), ["hello!"]);
    let found = client.ok("search", json!({"query": "hello"}));
    assert!(found["messages"].is_array(), "{found}");
    assert_eq!(list(&client.ok("sessions", json!({})), "sessions").len(), 1);
    assert_eq!(list(&client.ok("members", json!({"session": session})), "members").len(), 2);
    assert_eq!(client.request("typing", json!({"session": session})), json!({"ok": true}));
    let sync = client.submit("sync", json!({"sessions": {session.as_str(): 0}}));
    let changes = client.expect("changes");
    assert_eq!((number(&changes, "from"), number(&changes, "to")), (0, 3));
    assert_eq!(client.answer(sync), json!({"ok": true}));
    let opened = client.ok("open", json!({"room": true, "title": "Tea"}));
    let room = text(&opened["session"], "id");
    let joined = lisa.http.post(&format!("/rooms/{}/join", text(&opened["session"], "code")), json!({}));
    joined.ok();
    assert_eq!(client.expect("member")["user"]["username"], "lisa");
    assert!(number(&client.ok("leave", json!({"session": room})), "rev") > 0);
    client.refused("send", json!({"session": "nowhere", "text": "x"}), "not_found");
    client.refused("send", json!({"session": session}), "invalid_request");
    client.refused("send", json!({"session": session, "text": "x".repeat(20_000)}), "too_large");
}

#[test]
fn a_command_without_acknowledgement_is_answered_only_when_refused() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut native = lisa.connect();
    let mut client = SocketIoClient::connect(server.endpoint(), Transport::Socket, &avi.token);
    client.emit("send", json!({"session": session, "text": "quietly"}));
    assert_eq!(native.receive(&session), "quietly");
    client.emit("send", json!({"session": "nowhere", "text": "x"}));
    assert_eq!(client.expect("error")["code"], "not_found");
}

#[test]
fn hello_authenticates_a_client_that_could_not_do_so_before() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    for transport in TRANSPORTS {
        let mut client = SocketIoClient::open(server.endpoint(), transport, &[]).unwrap();
        client.enter(json!({})).unwrap();
        let ready = client.ok("hello", json!({"token": avi.token}));
        assert_eq!((&ready["user"]["username"], list(&ready, "sessions").len()), (&json!("avi"), 1));
        client.refused("hello", json!({"token": avi.token}), "invalid_request");
        client.ok("send", json!({"session": session, "text": "here"}));
        // Without an acknowledgement the answer is the `ready` event alone.
        let mut client = SocketIoClient::open(server.endpoint(), transport, &[]).unwrap();
        client.send("40");
        client.emit("hello", json!({"token": avi.token}));
        assert_eq!(client.expect("ready")["user"]["username"], "avi");
    }
}

#[test]
fn the_token_in_auth_precedes_the_header_and_that_precedes_cookies() {
    // With the contacts dialect on, a connection without a token would be taken for one of that dialect.
    let server = Server::with(&[("PARLOR_DIALECTS", "")]);
    let people: Vec<Person> = ["avi", "lisa", "noa"].into_iter().map(|name| register(&server, name)).collect();
    let header = format!("Bearer {}", people[1].token);
    let cookie = format!("parlor_token={}", people[2].token);
    let all = [("Authorization", header.as_str()), ("Cookie", cookie.as_str())];
    let who = |headers: &[(&str, &str)], auth: Value| {
        let mut client = SocketIoClient::open(server.endpoint(), Transport::Polling, headers).unwrap();
        client.enter(auth).unwrap();
        client.expect("ready")["user"]["username"].clone()
    };
    assert_eq!(who(&all, json!({"token": people[0].token})), "avi");
    assert_eq!(who(&all, json!({})), "lisa");
    assert_eq!(who(&all[1..], json!({"token": null})), "noa");
    // A cookie counts for its own origin only.
    let mut stranger =
        SocketIoClient::open(server.endpoint(), Transport::Polling, &[all[1], ("Sec-Fetch-Site", "cross-site")])
            .unwrap();
    stranger.enter(json!({})).unwrap();
    stranger.refused("sessions", json!({}), "unauthenticated");
}

#[test]
fn a_bad_token_is_refused_at_once() {
    let server = Server::start();
    let wrong = format!("Bearer prl_{}", "x".repeat(43));
    for transport in TRANSPORTS {
        for (headers, auth) in [
            (vec![], json!({"token": "nonsense"})),
            (vec![], json!({"token": 7})),
            (vec![], json!({"token": format!("prl_{}", "x".repeat(43))})),
            (vec![("Authorization", wrong.as_str())], json!({})),
            (vec![("Cookie", "parlor_token=nonsense")], json!({})),
        ] {
            let mut client = SocketIoClient::open(server.endpoint(), transport, &headers).unwrap();
            let error = client.enter(auth).unwrap_err();
            assert_eq!(error["data"]["code"], "unauthenticated", "{error}");
            assert!(text(&error, "message").starts_with("Log in first"), "{error}");
            assert_eq!(client.rest(PATIENCE), ["1"], "{transport:?}");
        }
        let mut client = SocketIoClient::open(server.endpoint(), transport, &[]).unwrap();
        client.enter(json!({})).unwrap();
        client.refused("hello", json!({"token": "nonsense"}), "unauthenticated");
        assert_eq!(client.rest(PATIENCE), ["41", "1"], "{transport:?}");
    }
}

#[test]
fn there_is_one_namespace() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mut client = SocketIoClient::open(server.endpoint(), Transport::Socket, &[]).unwrap();
    client.send("40/elsewhere,{}");
    assert_eq!(client.next().unwrap(), r#"44/elsewhere,{"message":"Invalid namespace"}"#);
    client.enter(json!({"token": avi.token})).unwrap();
    client.expect("ready");
}

#[test]
fn unknown_events_are_refused_and_ten_of_them_end_the_session() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mut client = SocketIoClient::connect(server.endpoint(), Transport::Socket, &avi.token);
    client.send(r#"451-1["send",{"text":{"_placeholder":true,"num":0}}]"#);
    client.socket().send_frame(true, 2, b"\x01\x02");
    let refused = client.answer(1);
    assert_eq!((&refused["ok"], &refused["code"]), (&json!(false), &json!("invalid_request")));
    assert!(text(&refused, "message").contains("binary"), "{refused}");
    client.ok("ping", json!({}));
    client.send(r#"42["ping",{},{}]"#);
    assert!(text(&client.expect("error"), "message").contains("one argument"));
    for at in 0..9 {
        client.refused(&format!("dance{at}"), json!({}), "invalid_request");
    }
    assert_eq!(client.rest(PATIENCE), ["41", "1"]);
    assert_eq!(client.end, Some(4500));
}
