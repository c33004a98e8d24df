//! Members only: every route and command, without a token, by a stranger, a member, a blocked member and with a revoked token.
//!
//! Avi and Lisa have a session, Mark is the stranger. What a stranger receives about it must be, to the byte, what they
//! receive about a session that does not exist.

mod paths;

use crate::kit::*;
use crate::routes::{self, About, Route, query};

struct Fixture {
    server: Server,
    avi: Person,
    lisa: Person,
    mark: Person,
    session: String,
    room: String,
    code: String,
    invite: String,
    token: String,
}

impl Fixture {
    fn new() -> Self {
        let server = Server::with(&UNHURRIED);
        let (avi, lisa, session) = pair(&server);
        let mark = register(&server, "mark");
        register(&server, "somebody");
        avi.send_message(&session, "hello");
        let (room, code) = routes::room_of(&avi, &lisa);
        let requested = avi.http.post("/invites", json!({"username": "somebody"})).ok();
        let tokens = avi.http.get("/tokens").ok();
        Self {
            invite: text(&requested["invite"], "id").to_owned(),
            token: text(&list(&tokens, "tokens")[0], "id").to_owned(),
            server,
            avi,
            lisa,
            mark,
            session,
            room,
            code,
        }
    }

    fn id(&self, about: About) -> &str {
        match about {
            About::Anyone => "lisa",
            About::Session => &self.session,
            About::Room => &self.room,
            About::Code => &self.code,
            About::Invite => &self.invite,
            About::Token => &self.token,
        }
    }
}

/// An id of the same shape that nothing has.
fn unknown(id: &str) -> String {
    let last = if id.ends_with('a') { 'b' } else { 'a' };
    format!("{}{last}", &id[..id.len() - 1])
}

/// Status, headers and body of a reply, without this id and without what changes by itself.
fn normalized(reply: &Reply, id: &str) -> (u16, Vec<(String, String)>, String) {
    let mut headers = reply.headers.clone();
    headers.retain(|(name, _)| name != "date");
    headers.sort();
    (reply.status, headers, reply.text().replace(id, "ID"))
}

#[test]
fn requests_without_a_token_or_with_a_revoked_one_reveal_nothing() {
    let fixture = Fixture::new();
    let gone = Person::login(&fixture.server, "avi");
    gone.http.call("POST", "/logout").send().done();
    for route in routes::all() {
        // A look at a room needs its code and nothing else.
        let needs_login = route.about != About::Code || route.method != "GET";
        let nobody = needs_login.then(|| fixture.server.http());
        for http in nobody.into_iter().chain([gone.http.clone()]) {
            for id in [fixture.id(route.about).to_owned(), unknown(fixture.id(route.about))] {
                route.call(&http, &id, query(&route)).refused(401, "unauthenticated");
            }
        }
    }
    fixture.avi.http.get("/me").ok();
}

#[test]
fn a_stranger_cannot_find_out_what_exists() {
    let fixture = Fixture::new();
    for mut route in routes::all() {
        // Strangers may have a room code, and what it shows is no secret of the members.
        if [About::Anyone, About::Code].contains(&route.about) {
            continue;
        }
        let real = fixture.id(route.about);
        let none = unknown(real);
        let compare = |route: &Route, query: &str| {
            let about_real = route.call(&fixture.mark.http, real, query);
            let about_none = route.call(&fixture.mark.http, &none, query);
            assert_eq!(normalized(&about_real, real), normalized(&about_none, &none), "{route:?}");
            about_real
        };
        compare(&route, query(&route)).refused(404, "not_found");
        // Nor by a malformed request: its error is the same for a real session and for none.
        if route.body.is_some() {
            for body in [
                json!({}),
                json!({"text": ""}),
                json!({"text": "x", "reply_to": 9}),
                json!({"seq": 99}),
                json!({"role": "owner", "title": "x"}),
            ] {
                route.body = Some(body);
                compare(&route, query(&route));
            }
        } else if route.method == "GET" {
            for query in ["?limit=x", "?before=1&after=1", "?rev=99", "?rev=0&epoch=x", "?cursor=x"] {
                compare(&route, query);
            }
        }
    }
    // Nothing of all that left a trace.
    let page = fixture.avi.http.get(&format!("/sessions/{}/messages", fixture.session)).ok();
    assert_eq!(texts(list(&page, "messages"), "text"), ["hello"]);
    fixture.avi.http.get("/me").ok();
}

#[test]
fn a_member_may_do_all_of_it() {
    let fixture = Fixture::new();
    for route in routes::all() {
        if route.about != About::Session {
            continue;
        }
        for person in [&fixture.avi, &fixture.lisa] {
            route.call(&person.http, &fixture.session, query(&route)).ok();
        }
    }
}

#[test]
fn a_blocked_member_may_do_all_but_send() {
    let fixture = Fixture::new();
    fixture.lisa.http.put("/blocks/avi", json!({})).done();
    for route in routes::all() {
        if route.about != About::Session {
            continue;
        }
        let reply = route.call(&fixture.avi.http, &fixture.session, query(&route));
        if route.method == "POST" {
            reply.refused(403, "forbidden");
            route.call(&fixture.lisa.http, &fixture.session, "").refused(403, "blocked");
        } else {
            reply.ok();
        }
    }
}

/// Every command about a session, and what a member receives.
fn commands(session: &str) -> Vec<(Value, &'static str)> {
    vec![
        (json!({"type": "history", "session": session}), "ok"),
        (json!({"type": "history", "session": session, "before": 2, "limit": 1}), "ok"),
        (json!({"type": "sync", "sessions": {session: 0}}), "ok"),
        (json!({"type": "sync", "sessions": {session: 99}, "epoch": "another"}), "ok"),
        (json!({"type": "typing", "session": session}), "ok"),
        (json!({"type": "received", "session": session, "seq": 1}), "ok"),
        (json!({"type": "read", "session": session, "seq": 1}), "ok"),
        (json!({"type": "read", "session": session, "seq": 99}), "invalid_request"),
        (json!({"type": "send", "session": session, "text": "hi"}), "ok"),
        (json!({"type": "send", "session": session, "text": "hi", "key": "k", "reply_to": 1}), "ok"),
        (json!({"type": "send", "session": session, "text": "hi", "reply_to": 99}), "invalid_request"),
        (json!({"type": "send", "session": session, "text": ""}), "invalid_request"),
    ]
}

/// Every command about a room, well-formed and malformed.
fn room_commands(session: &str) -> Vec<Value> {
    vec![
        json!({"type": "edit", "session": session, "seq": 1, "text": "edited"}),
        json!({"type": "edit", "session": session, "seq": 99, "text": "edited"}),
        json!({"type": "edit", "session": session, "seq": 1, "text": ""}),
        json!({"type": "delete", "session": session, "seq": 1}),
        json!({"type": "delete", "session": session, "seq": -1}),
        json!({"type": "react", "session": session, "seq": 1, "emoji": "👍", "on": true}),
        json!({"type": "react", "session": session, "seq": 1, "emoji": "ok", "on": true}),
        json!({"type": "members", "session": session}),
        json!({"type": "members", "session": session, "cursor": "!"}),
        json!({"type": "search", "session": session, "query": "hello"}),
        json!({"type": "search", "session": session, "query": ""}),
        json!({"type": "invite", "session": session, "username": "lisa"}),
        json!({"type": "invite", "session": session, "username": "somebody"}),
        json!({"type": "role", "session": session, "username": "mark", "role": "owner"}),
        json!({"type": "role", "session": session, "username": "lisa", "role": "admin"}),
        json!({"type": "title", "session": session, "title": "Another"}),
        json!({"type": "title", "session": session, "title": ""}),
        json!({"type": "remove", "session": session, "username": "lisa"}),
        json!({"type": "remove", "session": session, "username": "mark"}),
        json!({"type": "leave", "session": session}),
    ]
}

/// Everything a command is answered with, ids taken out.
fn reply_text(socket: &mut Socket, command: Value, session: &str) -> String {
    let id = socket.submit(command);
    let mut frames = vec![socket.answer(&id)];
    socket.fence();
    frames.extend(socket.take_kept());
    json!(frames).to_string().replace(&id, "COMMAND").replace(session, "SESSION")
}

#[test]
fn a_stranger_cannot_find_out_by_any_command() {
    let fixture = Fixture::new();
    let mut theirs = fixture.mark.connect();
    let none = unknown(&fixture.session);
    for ((real, _), (unreal, _)) in commands(&fixture.session).into_iter().zip(commands(&none)) {
        let about_real = reply_text(&mut theirs, real.clone(), &fixture.session);
        let about_none = reply_text(&mut theirs, unreal, &none);
        assert_eq!(about_real, about_none, "{real}");
        // A stranger is refused with one code or the other; only `sync` answers with an event.
        let refused = about_real.contains(r#""type":"error""#) || about_real.contains("not_found");
        assert!(refused, "{real}: {about_real}");
    }
    let none = unknown(&fixture.room);
    for (real, unreal) in room_commands(&fixture.room).into_iter().zip(room_commands(&none)) {
        let about_real = reply_text(&mut theirs, real.clone(), &fixture.room);
        assert_eq!(about_real, reply_text(&mut theirs, unreal, &none), "{real}");
        assert!(about_real.contains(r#""type":"error""#), "{real}: {about_real}");
    }
    // Answering an invite of others is the same.
    let none = unknown(&fixture.invite);
    for (real, unreal) in [(true, true), (false, false)] {
        let answer = |id: &str, accept: bool| json!({"type": "answer", "invite": id, "accept": accept});
        let about_real = reply_text(&mut theirs, answer(&fixture.invite, real), &fixture.invite);
        assert_eq!(about_real, reply_text(&mut theirs, answer(&none, unreal), &none));
    }
    // And the members received nothing of these attempts.
    let mut his = fixture.avi.connect();
    fixture.lisa.send_message(&fixture.session, "a fence");
    assert_eq!(his.expect("message")["seq"], 2);
}

#[test]
fn a_stranger_receives_nothing_of_a_session() {
    let fixture = Fixture::new();
    let mut theirs = fixture.mark.connect();
    let mut his = fixture.avi.connect();
    his.send_message(&fixture.session, "between us");
    his.ok(json!({"type": "typing", "session": fixture.session}));
    fixture.lisa.http.put(&format!("/sessions/{}/read", fixture.session), json!({"seq": 2})).ok();
    his.expect("receipt");
    theirs.fence();
    let received = theirs.take_kept();
    assert!(!json!(received).to_string().contains(&fixture.session), "{received:?}");
    assert!(!theirs.ready.to_string().contains(&fixture.session));
}

#[test]
fn a_member_may_use_every_command_and_a_blocked_one_all_but_send() {
    let fixture = Fixture::new();
    let mut his = fixture.avi.connect();
    for (command, wanted) in commands(&fixture.session) {
        assert_eq!(code(his.request(command.clone())), wanted, "{command}");
    }
    fixture.lisa.http.put("/blocks/avi", json!({})).done();
    for (command, wanted) in commands(&fixture.session) {
        let code = code(his.request(command.clone()));
        // A key that is known by now comes before the block.
        let sends = command["type"] == "send" && command["key"].is_null();
        match wanted {
            "ok" if sends => assert_eq!(code, "forbidden", "{command}"),
            "ok" if command["type"] == "typing" => assert_eq!(code, "forbidden", "as good as a message"),
            // Of two reasons to refuse, either may be the answer.
            _ if sends => assert!([wanted, "forbidden"].contains(&code.as_str()), "{command}: {code}"),
            _ => assert_eq!(code, wanted, "{command}"),
        }
    }
}

fn code(answer: Value) -> String {
    answer["code"].as_str().unwrap_or("ok").to_owned()
}

#[test]
fn without_hello_or_with_a_revoked_token_no_command_is_handled() {
    let fixture = Fixture::new();
    let gone = Person::login(&fixture.server, "avi");
    gone.http.call("POST", "/logout").send().done();
    for (command, _) in commands(&fixture.session).into_iter().filter(|(_, wanted)| *wanted == "ok") {
        let mut nobody = fixture.server.socket();
        nobody.send(&command);
        assert!([4500, 4501].contains(&nobody.close_code()), "{command}");
        let mut revoked = fixture.server.socket();
        revoked.send(&json!({"type": "hello", "token": gone.token}));
        let _ = revoked.try_send_bytes(&wire::masked(true, wire::TEXT, command.to_string().as_bytes()));
        assert!([4501, 4502].contains(&revoked.close_code()), "{command}");
        for socket in [&mut nobody, &mut revoked] {
            let kept = socket.take_kept();
            assert!(!kept.iter().any(|frame| frame["type"] == "ok"), "{kept:?}");
        }
    }
    let page = fixture.avi.http.get(&format!("/sessions/{}/messages", fixture.session)).ok();
    assert_eq!(list(&page, "messages").len(), 1);
}
