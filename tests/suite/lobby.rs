//! The lobby: one session, of which every user is a member.

use crate::kit::*;

/// A lobby without rate limits, and its users.
const LOUD: [(&str, &str); 4] = [
    ("PARLOR_LOBBY", "on"),
    ("PARLOR_LOBBY_SENDS_PER_SECOND", "0"),
    ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "0"),
    ("PARLOR_SENDS_PER_SECOND", "0"),
];

/// The lobby as this person sees it.
fn lobby(person: &Person) -> Value {
    let answer = person.http.get("/sessions").ok();
    let found: Vec<&Value> = list(&answer, "sessions").iter().filter(|one| one["kind"] == "lobby").collect();
    assert_eq!(found.len(), 1, "one lobby: {answer}");
    found[0].clone()
}

#[test]
fn every_user_is_a_member_of_the_lobby_from_the_first_moment() {
    let mut server = Server::with(&LOUD);
    let avi = register(&server, "avi");
    let mut his = avi.connect();
    let there = lobby(&avi);
    assert_eq!(
        (&there["title"], &there["role"], &there["member_count"]),
        (&json!("Lobby"), &json!("member"), &json!(1))
    );
    for absent in ["code", "members"] {
        assert_eq!(there[absent], Value::Null, "{there}");
    }
    let id = text(&there, "id");
    assert_eq!(his.ready["sessions"][0]["id"], id);
    his.send_message(id, "is anybody here?");
    // Lisa did not exist when that was sent.
    let lisa = register(&server, "lisa");
    let there = lobby(&lisa);
    assert_eq!((&there["id"], &there["member_count"], &there["seq"]), (&json!(id), &json!(2), &json!(1)));
    assert_eq!((&there["read"], &there["unread"]), (&json!(1), &json!(0)), "nobody must read it all");
    let mut hers = lisa.connect();
    assert_eq!(hers.ready["sessions"][0]["id"], id);
    assert_eq!(hers.ready["sessions"][0]["last_message"]["text"], "is anybody here?");
    assert_eq!(texts(&messages(&lisa, id), "text"), ["is anybody here?"]);
    assert_eq!(texts(list(&hers.ok(json!({"type": "history", "session": id})), "messages"), "username"), ["avi"]);
    hers.send_message(id, "I am");
    assert_eq!(his.receive(id), "I am");
    his.expect_no("member");
    his.expect_no("session_added");
    assert_eq!(lobby(&avi)["member_count"], 2);
    server.restart();
    assert_eq!(lobby(&avi)["id"], id, "it is the same after a restart");
    assert_eq!(texts(&messages(&avi, id), "text").len(), 2);
}

#[test]
fn it_is_caught_up_with_like_any_session() {
    let server = Server::with(&LOUD);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = text(&lobby(&avi), "id").to_owned();
    for content in ["one", "two", "three"] {
        avi.send_message(&id, content);
    }
    let mut hers = lisa.connect();
    let epoch = hers.ready["server"]["epoch"].clone();
    hers.ok(json!({"type": "sync", "sessions": {&id: 1}, "epoch": epoch}));
    let changes = hers.expect("changes");
    assert_eq!(texts(list(&changes, "messages"), "text"), ["two", "three"]);
    assert_eq!((&changes["title"], &changes["to"], &changes["unread"]), (&json!("Lobby"), &json!(3), &json!(0)));
    assert_eq!(changes["receipts"], Value::Null);
    assert_eq!(list(&changes, "members").len(), 0);
    hers.ok(json!({"type": "sync", "sessions": {&id: 9}, "epoch": epoch}));
    assert_eq!(hers.expect("reset")["session"], id);
    assert_eq!(lisa.http.get(&format!("/sessions/{id}/changes?rev=1")).ok()["to"], 3);
    let key = json!({"text": "four", "key": "k1"});
    let path = format!("/sessions/{id}/messages");
    assert_eq!(avi.http.post(&path, key.clone()).ok()["seq"], 4);
    assert_eq!(avi.http.post(&path, key).ok()["duplicate"], true);
}

#[test]
fn messages_are_edited_deleted_and_reacted_to_in_the_lobby_too() {
    let server = Server::with(&LOUD);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = text(&lobby(&avi), "id").to_owned();
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.send_message(&id, "helo");
    his.ok(json!({"type": "edit", "session": id, "seq": 1, "text": "hello @lisa"}));
    let changed = hers.expect("message_changed");
    assert_eq!((&changed["text"], &changed["mentions"]), (&json!("hello @lisa"), &json!(["lisa"])));
    hers.refused(json!({"type": "delete", "session": id, "seq": 1}), "forbidden");
    his.ok(json!({"type": "delete", "session": id, "seq": 1}));
    assert_eq!(hers.expect("message_changed")["deleted"], true);
    let reply = hers.ok(json!({"type": "send", "session": id, "text": "why?", "reply_to": 1}));
    assert_eq!(reply["seq"], 2);
}

#[test]
fn an_administrator_deletes_messages_of_others_and_manages_no_more_than_that() {
    let server = Server::with(&LOUD);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    server.operate(&["user", "add", "warden", "--admin"], PASSWORD);
    let warden = Person::login(&server, "warden");
    let there = lobby(&warden);
    assert_eq!((&there["role"], &there["member_count"]), (&json!("admin"), &json!(3)));
    let id = text(&there, "id");
    avi.send_message(id, "rude");
    avi.send_message(id, "ruder");
    let (mut his, mut hers) = (warden.connect(), lisa.connect());
    let edit = json!({"type": "edit", "session": id, "seq": 1, "text": "kind"});
    his.refused(edit, "forbidden");
    his.ok(json!({"type": "delete", "session": id, "seq": 1}));
    let changed = hers.expect("message_changed");
    assert_eq!((&changed["deleted"], &changed["sender"]), (&json!(true), &json!(avi.id)));
    warden.http.delete(&format!("/sessions/{id}/messages/2")).ok();
    assert_eq!(hers.expect("message_changed")["seq"], 2);
    his.refused(json!({"type": "title", "session": id, "title": "Mine"}), "forbidden");
    his.refused(json!({"type": "remove", "session": id, "username": "avi"}), "forbidden");
    warden.http.delete(&format!("/sessions/{id}")).refused(403, "forbidden");
    lisa.http.delete(&format!("/sessions/{id}/messages/2")).refused(403, "forbidden");
}

#[test]
fn the_lobby_cannot_be_managed() {
    let server = Server::with(&LOUD);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = text(&lobby(&avi), "id").to_owned();
    avi.send_message(&id, "hello");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let path = format!("/sessions/{id}");
    let call =
        |method: &str, rest: &str, body: Value| avi.http.call(method, &format!("{path}{rest}")).json(&body).send();
    for (method, rest, body) in [
        ("PATCH", "", json!({"title": "Mine"})),
        ("DELETE", "", json!({})),
        ("PUT", "/members/lisa", json!({"role": "admin"})),
        ("DELETE", "/members/lisa", json!({})),
        ("DELETE", "/members/avi", json!({})),
        ("POST", "/code", json!({})),
        ("PUT", "/messages/1/reactions/%F0%9F%91%8D", json!({})),
    ] {
        call(method, rest, body).refused(403, "forbidden");
    }
    avi.http.get(&format!("{path}/members")).refused(403, "forbidden");
    avi.http.post("/invites", json!({"username": "lisa", "session": id})).refused(403, "forbidden");
    for command in [
        json!({"type": "leave"}),
        json!({"type": "remove", "username": "lisa"}),
        json!({"type": "role", "username": "lisa", "role": "admin"}),
        json!({"type": "title", "title": "Mine"}),
        json!({"type": "members"}),
        json!({"type": "react", "seq": 1, "emoji": "👍", "on": true}),
        json!({"type": "invite", "username": "lisa"}),
    ] {
        let mut command = command;
        command["session"] = json!(id);
        his.refused(command, "forbidden");
        his.fence();
    }
    for command in [json!({"type": "read", "seq": 1}), json!({"type": "received", "seq": 1}), json!({"type": "typing"})]
    {
        let mut command = command;
        command["session"] = json!(id);
        his.ok(command);
    }
    avi.http.put(&format!("{path}/read"), json!({"seq": 1})).ok();
    hers.fence();
    let received = hers.take_kept();
    assert!(received.is_empty(), "{received:?}");
    assert_eq!(lobby(&avi)["rev"], 1);
}

#[test]
fn a_sender_who_is_too_fast_there_is_asked_to_wait() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_LOBBY", "on"), ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "0")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = text(&lobby(&avi), "id").to_owned();
    let direct = befriend(&avi, &lisa);
    let mut his = avi.connect();
    let ids: Vec<String> = (0..12).map(|_| his.submit(json!({"type": "send", "session": id, "text": "x"}))).collect();
    let answers: Vec<Value> = ids.iter().map(|id| his.answer(id)).collect();
    let sent = answers.iter().filter(|answer| answer["type"] == "ok").count();
    assert!((5..=8).contains(&sent), "one a second, five at once: {sent}");
    let refused = answers.iter().find(|answer| answer["type"] == "error").unwrap();
    assert_eq!(refused["code"], "rate_limited");
    assert!(number(refused, "retry_after_ms") > 0);
    his.send_message(&direct, "elsewhere the usual rate holds");
    lisa.send_message(&id, "and others are not concerned");
    let reply = (0..10).map(|_| avi.http.post(&format!("/sessions/{id}/messages"), json!({"text": "x"})));
    let refused: Vec<Reply> = reply.filter(|reply| reply.status != 200).collect();
    refused[0].refused(429, "rate_limited");
    refused[0].retry_after();
}

#[test]
fn all_senders_share_one_rate() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_LOBBY", "on"), ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "2")]);
    let everybody = people(&server, ["avi", "lisa", "mark", "nina"]);
    let id = text(&lobby(&everybody[0]), "id").to_owned();
    let mut sockets = everybody.each_ref().map(Person::connect);
    let mut received = Vec::new();
    for socket in &mut sockets {
        received.push(
            (0..4).map(|_| socket.submit(json!({"type": "send", "session": id, "text": "x"}))).collect::<Vec<_>>(),
        );
    }
    let mut sent = 0;
    for (socket, ids) in sockets.iter_mut().zip(received) {
        for id in ids {
            let answer = socket.answer(&id);
            match answer["type"].as_str() {
                Some("ok") => sent += 1,
                _ => assert_eq!(answer["code"], "rate_limited", "{answer}"),
            }
        }
    }
    assert!((1..=10).contains(&sent), "sixteen at once are too many: {sent}");
    assert_eq!(number(&lobby(&everybody[0]), "seq"), sent);
}

#[test]
fn sharing_the_lobby_gives_no_visibility() {
    let server = Server::with(&[("PARLOR_LOBBY", "on"), ("PARLOR_DIRECTORY", "closed")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = text(&lobby(&avi), "id").to_owned();
    let mut his = avi.connect();
    let mut hers = lisa.connect();
    assert_eq!(list(&hers.ready, "online").len(), 0);
    hers.send_message(&id, "hello");
    assert_eq!(his.receive(&id), "hello");
    his.expect_no("presence");
    avi.http.get("/users/lisa").refused(404, "unknown_user");
    assert!(!avi.http.get("/users?query=lisa").ok().to_string().contains("lisa"));
    assert!(!avi.http.get("/presence?usernames=lisa").ok().to_string().contains("online"));
    assert!(!avi.http.get("/presence").ok().to_string().contains("lisa"));
}

#[test]
fn switched_off_there_is_none_and_on_again_it_is_the_old_one() {
    let folder = folder::Folder::new();
    let mut server = Server::at(folder.path(), &LOUD);
    let avi = register(&server, "avi");
    let id = text(&lobby(&avi), "id").to_owned();
    avi.send_message(&id, "hello");
    server.terminate();
    drop(server);
    let server = Server::at(folder.path(), &[("PARLOR_LOBBY", "off")]);
    let avi = Person::login(&server, "avi");
    assert_eq!(list(&avi.http.get("/sessions").ok(), "sessions").len(), 0);
    assert_eq!(list(&avi.connect().ready, "sessions").len(), 0);
    avi.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    avi.http.post(&format!("/sessions/{id}/messages"), json!({"text": "x"})).refused(404, "not_found");
    drop(server);
    let server = Server::at(folder.path(), &LOUD);
    let avi = Person::login(&server, "avi");
    assert_eq!(lobby(&avi)["id"], id);
    assert_eq!(texts(&messages(&avi, &id), "text"), ["hello"]);
}

/// All members receive an edit as they receive a message.
#[test]
fn edits_count_like_messages() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let [avi] = people(&server, ["avi"]);
    let id = text(&lobby(&avi), "id").to_owned();
    let mut his = avi.connect();
    his.send_message(&id, "0");
    let edits: Vec<String> =
        (1..=20).map(|n| his.submit(json!({"type": "edit", "session": id, "seq": 1, "text": n.to_string()}))).collect();
    let answers: Vec<Value> = edits.iter().map(|edit| his.answer(edit)).collect();
    let refused = answers.iter().filter(|answer| answer["code"] == "rate_limited").count();
    assert!(refused >= 10, "five at once and one a second: {answers:?}");
    assert!(answers[0]["rev"].is_number(), "{:?}", answers[0]);
}
