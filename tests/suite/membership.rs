//! Members only: every route and command, asked by nobody, a stranger, a member, a blocked one and a revoked token.
//!
//! Avi and Lisa have a session, Mark is the stranger. What a stranger hears about it must be, to the byte, what they
//! hear about a session that does not exist.

mod paths;

use crate::kit::*;
use crate::routes::{self, About, Route, query};

struct House {
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

impl House {
    fn new() -> Self {
        let server = Server::with(&UNHURRIED);
        let (avi, lisa, session) = pair(&server);
        let mark = register(&server, "mark");
        register(&server, "somebody");
        avi.say(&session, "hello");
        let (room, code) = routes::room_of(&avi, &lisa);
        let asked = avi.http.post("/invites", json!({"username": "somebody"})).ok();
        let tokens = avi.http.get("/tokens").ok();
        Self {
            invite: text(&asked["invite"], "id").to_owned(),
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

/// All that a reply tells, with this id taken out and what changes by itself left out.
fn told(reply: &Reply, id: &str) -> (u16, Vec<(String, String)>, String) {
    let mut headers = reply.headers.clone();
    headers.retain(|(name, _)| name != "date");
    headers.sort();
    (reply.status, headers, reply.text().replace(id, "ID"))
}

#[test]
fn nobody_and_a_revoked_token_are_told_nothing() {
    let house = House::new();
    let gone = Person::login(&house.server, "avi");
    gone.http.call("POST", "/logout").send().done();
    for route in routes::all() {
        // A look at a room needs its code and nothing else.
        let needs_login = route.about != About::Code || route.method != "GET";
        let nobody = needs_login.then(|| house.server.http());
        for http in nobody.into_iter().chain([gone.http.clone()]) {
            for id in [house.id(route.about).to_owned(), unknown(house.id(route.about))] {
                route.call(&http, &id, query(&route)).refused(401, "unauthenticated");
            }
        }
    }
    house.avi.http.get("/me").ok();
}

#[test]
fn a_stranger_cannot_tell_what_exists() {
    let house = House::new();
    for mut route in routes::all() {
        // A code is known to whoever has it, and what it tells is no secret of its members.
        if [About::Anyone, About::Code].contains(&route.about) {
            continue;
        }
        let real = house.id(route.about);
        let none = unknown(real);
        let compare = |route: &Route, query: &str| {
            let about_real = route.call(&house.mark.http, real, query);
            let about_none = route.call(&house.mark.http, &none, query);
            assert_eq!(told(&about_real, real), told(&about_none, &none), "{route:?}");
            about_real
        };
        compare(&route, query(&route)).refused(404, "not_found");
        // Nor by asking wrongly: where a member is told about a mistake, it is the same mistake for both.
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
    let page = house.avi.http.get(&format!("/sessions/{}/messages", house.session)).ok();
    assert_eq!(texts(list(&page, "messages"), "text"), ["hello"]);
    house.avi.http.get("/me").ok();
}

#[test]
fn a_member_may_do_all_of_it() {
    let house = House::new();
    for route in routes::all() {
        if route.about != About::Session {
            continue;
        }
        for person in [&house.avi, &house.lisa] {
            route.call(&person.http, &house.session, query(&route)).ok();
        }
    }
}

#[test]
fn a_blocked_member_may_do_all_but_send() {
    let house = House::new();
    house.lisa.http.put("/blocks/avi", json!({})).done();
    for route in routes::all() {
        if route.about != About::Session {
            continue;
        }
        let reply = route.call(&house.avi.http, &house.session, query(&route));
        if route.method == "POST" {
            reply.refused(403, "forbidden");
            route.call(&house.lisa.http, &house.session, "").refused(403, "blocked");
        } else {
            reply.ok();
        }
    }
}

/// Every command about a session, and what a member hears.
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

/// Every command about a room, rightly and wrongly said.
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
fn heard(socket: &mut Socket, command: Value, session: &str) -> String {
    let id = socket.tell(command);
    let mut frames = vec![socket.answer(&id)];
    socket.fence();
    frames.extend(socket.take_kept());
    json!(frames).to_string().replace(&id, "COMMAND").replace(session, "SESSION")
}

#[test]
fn a_stranger_cannot_tell_by_any_command() {
    let house = House::new();
    let mut theirs = house.mark.connect();
    let none = unknown(&house.session);
    for ((real, _), (unreal, _)) in commands(&house.session).into_iter().zip(commands(&none)) {
        let about_real = heard(&mut theirs, real.clone(), &house.session);
        let about_none = heard(&mut theirs, unreal, &none);
        assert_eq!(about_real, about_none, "{real}");
        // A stranger is refused, be it by one word or the other; only `sync` says it in an event.
        let refused = about_real.contains(r#""type":"error""#) || about_real.contains("not_found");
        assert!(refused, "{real}: {about_real}");
    }
    let none = unknown(&house.room);
    for (real, unreal) in room_commands(&house.room).into_iter().zip(room_commands(&none)) {
        let about_real = heard(&mut theirs, real.clone(), &house.room);
        assert_eq!(about_real, heard(&mut theirs, unreal, &none), "{real}");
        assert!(about_real.contains(r#""type":"error""#), "{real}: {about_real}");
    }
    // Answering an invite of others is the same.
    let none = unknown(&house.invite);
    for (real, unreal) in [(true, true), (false, false)] {
        let answer = |id: &str, accept: bool| json!({"type": "answer", "invite": id, "accept": accept});
        let about_real = heard(&mut theirs, answer(&house.invite, real), &house.invite);
        assert_eq!(about_real, heard(&mut theirs, answer(&none, unreal), &none));
    }
    // And those who are in it heard nothing of these attempts.
    let mut his = house.avi.connect();
    house.lisa.say(&house.session, "a fence");
    assert_eq!(his.expect("message")["seq"], 2);
}

#[test]
fn a_stranger_hears_nothing_of_a_session() {
    let house = House::new();
    let mut theirs = house.mark.connect();
    let mut his = house.avi.connect();
    his.say(&house.session, "between us");
    his.ok(json!({"type": "typing", "session": house.session}));
    house.lisa.http.put(&format!("/sessions/{}/read", house.session), json!({"seq": 2})).ok();
    his.expect("receipt");
    theirs.fence();
    let heard = theirs.take_kept();
    assert!(!json!(heard).to_string().contains(&house.session), "{heard:?}");
    assert!(!theirs.ready.to_string().contains(&house.session));
}

#[test]
fn a_member_may_say_every_command_and_a_blocked_one_all_but_send() {
    let house = House::new();
    let mut his = house.avi.connect();
    for (command, wanted) in commands(&house.session) {
        assert_eq!(code(his.ask(command.clone())), wanted, "{command}");
    }
    house.lisa.http.put("/blocks/avi", json!({})).done();
    for (command, wanted) in commands(&house.session) {
        let code = code(his.ask(command.clone()));
        // A key that is known by now comes before the block.
        let sends = command["type"] == "send" && command["key"].is_null();
        match wanted {
            "ok" if sends => assert_eq!(code, "forbidden", "{command}"),
            "ok" if command["type"] == "typing" => assert_eq!(code, "forbidden", "as good as a message"),
            // Of two reasons to refuse, either may be told.
            _ if sends => assert!([wanted, "forbidden"].contains(&code.as_str()), "{command}: {code}"),
            _ => assert_eq!(code, wanted, "{command}"),
        }
    }
}

fn code(answer: Value) -> String {
    answer["code"].as_str().unwrap_or("ok").to_owned()
}

#[test]
fn without_hello_or_with_a_revoked_token_no_command_is_heard() {
    let house = House::new();
    let gone = Person::login(&house.server, "avi");
    gone.http.call("POST", "/logout").send().done();
    for (command, _) in commands(&house.session).into_iter().filter(|(_, wanted)| *wanted == "ok") {
        let mut nobody = house.server.socket();
        nobody.send(&command);
        assert!([4500, 4501].contains(&nobody.close_code()), "{command}");
        let mut revoked = house.server.socket();
        revoked.send(&json!({"type": "hello", "token": gone.token}));
        let _ = revoked.try_send_bytes(&wire::masked(true, wire::TEXT, command.to_string().as_bytes()));
        assert!([4501, 4502].contains(&revoked.close_code()), "{command}");
        for socket in [&mut nobody, &mut revoked] {
            let kept = socket.take_kept();
            assert!(!kept.iter().any(|frame| frame["type"] == "ok"), "{kept:?}");
        }
    }
    let page = house.avi.http.get(&format!("/sessions/{}/messages", house.session)).ok();
    assert_eq!(list(&page, "messages").len(), 1);
}
