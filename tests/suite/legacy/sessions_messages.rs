//! The sessions system over its plain WebSocket: authentication and messages.

use super::sessions_client::*;
use crate::kit::*;

#[test]
fn a_client_authenticates_by_header_cookie_or_first_frame() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    let by_login = format!("parlor_token={}", avi.token);
    let (room, code) = room(&lisa, json!({}));
    let zoe = join_as(&server, "Zoë", &code);
    let by_room = format!("parlor_rooms={}", zoe.token);
    let mut by_frame = Client::with(&avi, &[]);
    by_frame.auth(&avi.token);
    // Success has no answer.
    by_frame.expects_nothing_more(&id);
    let mut by_header = Client::of(&avi);
    by_header.expects_nothing_more(&id);
    let mut by_cookie = Client::with(&avi, &[("Cookie", &by_login)]);
    by_cookie.expects_nothing_more(&id);
    // The page of the system sends this frame whether a cookie has authenticated it or not.
    by_cookie.auth(&avi.token);
    by_cookie.expects_nothing_more(&id);
    let mut guest = Client::with(&zoe, &[("Cookie", &by_room)]);
    guest.expects(session(&room, &[&lisa]));
    assert_eq!(guest.receive(&room), "Zoë has entered");
    guest.expects_nothing_more(&room);
}

#[test]
fn frames_without_a_valid_authentication_are_refused() {
    let server = Server::with(&[("PARLOR_HELLO_SECONDS", "1")]);
    let (avi, lisa, id) = pair(&server);
    for first in [
        json!({"type": "Auth", "Authentication_Token": "prl_x"}),
        json!({"type": "Message", "SessionID": id, "Message": {"data": "hello"}}),
        json!({"type": "Search", "Username": "lisa"}),
        json!({"type": "Dance"}),
    ] {
        let mut client = Client::with(&avi, &[]);
        client.send(first);
        client.is_refused("unauthenticated");
        assert_eq!(client.0.close_code(), 4501);
    }
    let mut silent = Client::with(&avi, &[]);
    assert_eq!(silent.0.close_code(), 4503);
    let mut other = Client::of(&avi);
    other.auth(&lisa.token);
    other.is_refused("unauthenticated");
    assert_eq!(other.0.close_code(), 4501);
    let mut twice = Client::with(&avi, &[]);
    twice.auth(&avi.token);
    twice.auth(&avi.token);
    twice.is_refused("invalid_request");
    twice.expects_nothing_more(&id);
    avi.http.post("/logout", json!({})).done();
    assert_eq!(twice.0.close_code(), 4502);
    assert_eq!(server.count("SELECT count(*) FROM messages"), 1);
}

#[test]
fn a_message_reaches_every_member_and_its_sender_in_the_form_of_load() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    let (mut his, mut hers, mut native) = (Client::of(&avi), Client::of(&lisa), lisa.connect());
    his.send(json!({"type": "Messgae", "SessionID": id, "Message":
        {"data": "hello \"you\"", "TimeStamp": "yesterday", "Sender": lisa.id}}));
    let received = his.0.next();
    assert_eq!(hers.0.next(), received);
    assert_eq!(native.receive(&id), "hello \"you\"");
    let loaded = lisa.http.get("//load").ok();
    assert_eq!(received, json!({&id: loaded[&id]["Messages"]}));
    let sent = &received[&id][format!("{id}:1")];
    assert_eq!((&sent["data"], &sent["Sender"]), (&json!("hello \"you\""), &json!(avi.id)));
    assert!(text(sent, "TimeStamp").starts_with("20"), "{sent}");
    native.send_message(&id, "from a frame");
    assert_eq!((his.receive(&id), hers.receive(&id)), ("from a frame".to_owned(), "from a frame".to_owned()));
    lisa.send_message(&id, "by REST");
    assert_eq!((his.receive(&id), hers.receive(&id)), ("by REST".to_owned(), "by REST".to_owned()));
}

#[test]
fn every_refusal_has_its_code() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_INVITES_PER_MINUTE", "1"), ("PARLOR_INVITES_BURST", "6")]);
    let (avi, lisa, id) = pair(&server);
    let mark = register(&server, "mark");
    let mut his = Client::of(&avi);
    his.search("lisa");
    his.is_refused("already_connected");
    for unknown in ["nobody", "", "a b"] {
        his.search(unknown);
        his.is_refused("unknown_user");
    }
    his.search("avi");
    his.is_refused("invalid_request");
    for name in ["mark", "nobody", "avi"] {
        his.answer(name, 1);
        his.is_refused("not_found");
    }
    for session in ["", "none", "0000000000001"] {
        his.send_message(session, "hello");
        his.is_refused("not_found");
    }
    his.send_message(&id, " ");
    his.is_refused("invalid_request");
    his.send_message(&id, &"x".repeat(20_000));
    his.is_refused("too_large");
    avi.http.put("/blocks/mark", json!({})).done();
    his.search("mark");
    his.is_refused("blocked");
    his.search("mark");
    his.is_refused("rate_limited");
    lisa.http.put("/blocks/avi", json!({})).done();
    his.send_message(&id, "hello");
    his.is_refused("forbidden");
    drop(mark);
}

#[test]
fn malformed_frames_are_refused_and_ten_in_a_row_end_the_connection() {
    let server = Server::start();
    let (avi, _, id) = pair(&server);
    let wrong = [
        "hello",
        "[]",
        "{}",
        r#"["Message"]"#,
        r#"{"type":7}"#,
        "{\"type\":\"Message\"",
        r#"{"type":"Message","SessionID":"x"}"#,
        r#"{"type":"request","username":"lisa","Accepted":2}"#,
        r#"{"type":"Message","SessionID":"x","Message":{"data":7}}"#,
    ];
    let mut his = Client::of(&avi);
    for _ in 0..2 {
        for frame in wrong {
            his.0.send_text(frame);
            his.is_refused("invalid_request");
        }
        his.expects_nothing_more(&id);
    }
    for frame in wrong {
        his.0.send_text(frame);
        his.is_refused("invalid_request");
    }
    his.0.send_frame(true, 2, b"{}");
    his.is_refused("invalid_request");
    assert_eq!(his.0.close_code(), 4500);
    // Events of other systems are ignored, however often.
    let mut other = Client::of(&avi);
    for unknown in [r#"{"type":"message"}"#, r#"{"type":"send","session":"x","text":"y"}"#, r#"{"type":"typing"}"#] {
        (0..10).for_each(|_| other.0.send_text(unknown));
    }
    other.expects_nothing_more(&id);
    let mut large = Client::of(&avi);
    let head = [[0x81, 0xFF].as_slice(), &70_000_u64.to_be_bytes()].concat();
    large.0.send_bytes(&head);
    assert_eq!(large.0.close_code(), 1009);
}

#[test]
fn messages_sent_meanwhile_arrive_in_order_and_once() {
    let mut settings = UNHURRIED.to_vec();
    settings.push(("PARLOR_REQUESTS_PER_SECOND", "0"));
    let server = Server::with(&settings);
    let (avi, lisa, id) = pair(&server);
    let two = group(&avi, "Two", &[&lisa]);
    for content in ["one", "two"] {
        avi.send_message(&id, content);
    }
    avi.send_message(&two, "to all");
    let received = "SELECT sum(received) FROM members JOIN users ON id = user_id WHERE username = 'lisa'";
    let mut hers = Client::of(&lisa);
    let mut delivered = [hers.0.next(), hers.0.next(), hers.0.next()].map(|frame| frame.to_string());
    delivered.sort_by_key(|frame| !frame.contains(&id));
    assert!(
        delivered[0].contains("one") && delivered[1].contains("two") && delivered[2].contains("to all"),
        "{delivered:?}"
    );
    until("what was heard is received", PATIENCE, || server.count(received) == 3);
    drop(hers);
    // More than a page of it.
    for number in 0..250 {
        avi.send_message(&two, &format!("number {number}"));
    }
    avi.send_message(&id, "three");
    let mut hers = Client::of(&lisa);
    let (ours, theirs): (Vec<Value>, Vec<Value>) =
        (0..251).map(|_| hers.0.next()).partition(|frame| frame[&id].is_object());
    assert!(ours.len() == 1 && ours[0].to_string().contains("three"), "{ours:?}");
    for (number, frame) in theirs.iter().enumerate() {
        assert_eq!(frame[&two][format!("{two}:{}", number + 2)]["data"], format!("number {number}"));
    }
    hers.expects_nothing_more(&id);
}

#[test]
fn the_lobby_is_no_session_of_this_dialect() {
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let noa = register(&server, "noa");
    assert_eq!(noa.http.get("//load").ok(), json!({}), "a new account has nothing");
    let (avi, lisa, id) = pair(&server);
    let listed = avi.http.get("/sessions").ok();
    let lobby = list(&listed, "sessions").iter().find(|one| one["kind"] == "lobby").expect("the lobby");
    let lobby = text(lobby, "id");
    let mut his = Client::of(&avi);
    lisa.send_message(lobby, "hello all");
    his.expects_nothing_more(&id);
    his.send_message(lobby, "from here");
    his.is_refused("not_found");
    // The newest of one's sessions, and not loaded all the same.
    avi.send_message(lobby, "by REST");
    his.expects_nothing_more(&id);
    let loaded = avi.http.get("//load").ok();
    assert_eq!(loaded.as_object().unwrap().keys().collect::<Vec<_>>(), [&id]);
    let kept = avi.http.get(&format!("/sessions/{lobby}/messages")).ok();
    assert_eq!(texts(list(&kept, "messages"), "text"), ["hello all", "by REST"]);
}

#[test]
fn the_handshake_is_checked_like_the_native_one() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::start();
    let avi = register(&server, "avi");
    let open_websocket =
        |path: &str, headers: &[(&str, &str)]| Socket::open_at(server.endpoint(), path, headers).unwrap_err();
    open_websocket("/ws", &[("Origin", "https://evil.example")]).refused(403, "forbidden");
    open_websocket("/ws", &[("Authorization", "Bearer prl_x")]).refused(401, "unauthenticated");
    open_websocket(&format!("/ws?token={}", avi.token), &[]).refused(400, "invalid_request");
    let own = format!("http://{}", server.endpoint().address());
    Client::with(&avi, &[("Origin", &own)]);
    let without = Server::with(&[("PARLOR_DIALECTS", "contacts,lobby,rooms")]);
    let reply = Socket::open_at(without.endpoint(), "/ws", &[]).unwrap_err();
    reply.refused(404, "not_found");
    let few = Server::with(&[("PARLOR_USER_CONNECTIONS", "1")]);
    let (lisa, mark, id) = pair(&few);
    Client::of(&mark).expects_nothing_more(&id);
    let mut first = Client::of(&lisa);
    first.receive(&id);
    let mut second = Client::of(&lisa);
    second.is_refused("limit_reached");
    assert_eq!(second.0.close_code(), 1013);
}
