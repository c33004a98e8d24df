//! Five people, each with a client of another system, in one room and each in a direct session with the first of them:
//! everybody hears everything once and in order, and of who comes and goes in their own words.

use std::collections::HashSet;

use crate::kit::*;

/// What each says in each place.
const ROUNDS: usize = 12;
/// Nobody is slowed down, and nothing waits for a client to be ready.
const PLAIN: [(&str, &str); 4] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_CONTACTS_SETTLE_SECONDS", "0"),
    ("PARLOR_PRESENCE_GRACE_SECONDS", "1"),
];

/// The five, with what they speak through.
struct Five {
    server: Server,
    /// The room that all are in.
    room: String,
    /// Avi's direct sessions, by the other's name.
    direct: Vec<(String, String)>,
    /// Native, by name; hears what his first connection says.
    avi: (Person, Socket, Socket),
    /// Contacts.
    lisa: (Person, Packets),
    /// Sessions.
    mark: (Person, Socket),
    /// Lobby.
    noa: (Person, Packets),
    /// Room codes; called otherwise than she is shown.
    zoe: (Person, Packets),
}

/// A guest of the lobby's login.
fn come_to_lobby(server: &Server, name: &str) -> Person {
    let answer = server.http().get(&format!("//login/{name}")).ok();
    let token = text(&answer, "token").to_owned();
    let http = server.http().with_token(&token);
    let id = text(&http.get("/me").ok()["user"], "id").to_owned();
    Person { username: name.to_owned(), id, token, http }
}

/// Comes in as contacts do.
fn join_contacts(server: &Server, person: &Person, with: &str) -> Packets {
    let mut client = Packets::open(server.door(), Carrier::Upgrade, &[]).unwrap();
    client.enter(json!({})).unwrap();
    let room = format!("{with}&{}", person.username);
    let joined = client.ask("join", json!({"room": room, "client": person.username, "jwt": person.token}));
    assert_eq!(joined, json!({"result": "success"}));
    client
}

/// A connection of the sessions system.
fn connect_sessions(server: &Server, person: &Person) -> Socket {
    let header = format!("Bearer {}", person.token);
    let mut socket = Socket::open_at(server.door(), "/ws", &[("Authorization", &header)]).unwrap();
    socket.checked = false;
    socket
}

impl Five {
    fn meet() -> Self {
        let server = Server::with(&PLAIN);
        let (zoe, code) = create_as(&server, "Zoë Ω");
        let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
        let (mark, noa) = (register(&server, "mark"), come_to_lobby(&server, "noa"));
        let mut hers = enter_room(&server, Carrier::Socket, &zoe);
        hers.expect("message");
        let [native, second] = [avi.connect(), avi.connect()];
        let contacts = join_contacts(&server, &lisa, "avi");
        let sessions = connect_sessions(&server, &mark);
        let cookie = format!("parlor_lobby={}", noa.token);
        let mut lobby = Packets::open(server.door(), Carrier::Polling, &[("Cookie", &cookie)]).unwrap();
        lobby.enter(json!({})).unwrap();
        lobby.expect("user_change_in");
        let mut room = String::new();
        for person in [&avi, &lisa, &mark, &noa] {
            let joined = person.http.post(&format!("/rooms/{code}/join"), json!({})).ok();
            text(&joined["session"], "id").clone_into(&mut room);
        }
        let others = [&lisa, &mark, &noa, &zoe];
        let direct = others.map(|other| (other.username.clone(), befriend(&avi, other))).to_vec();
        Self {
            server,
            room,
            direct,
            avi: (avi, native, second),
            lisa: (lisa, contacts),
            mark: (mark, sessions),
            noa: (noa, lobby),
            zoe: (zoe, hers),
        }
    }

    fn direct(&self, name: &str) -> String {
        self.direct.iter().find(|(other, _)| other == name).unwrap().1.clone()
    }

    /// Everybody says something in the room and to Avi, and Avi to everybody.
    fn speak(&mut self, round: usize) {
        let room = self.room.clone();
        let words = |name: &str, place: &str| format!("{name} in {place} {round}");
        self.avi.1.say(&room, &words("avi", "room"));
        for (name, session) in self.direct.clone() {
            self.avi.1.say(&session, &words("avi", &name));
        }
        let (lisa, hers) = &mut self.lisa;
        for (place, name) in [(room.as_str(), "room"), ("Avi&Lisa", "avi")] {
            let said = json!({"sender": "lisa", "content": words("lisa", name), "conversation_room": place, "jwt": lisa.token});
            hers.emit("client_sends_message", said);
        }
        let session = self.direct("mark");
        for (place, name) in [(&room, "room"), (&session, "avi")] {
            let message = json!({"data": words("mark", name), "TimeStamp": "now", "Sender": "somebody"});
            self.mark.1.send(&json!({"type": "Message", "SessionID": place, "Message": message}));
        }
        for (place, name) in [(room.as_str(), "room"), ("Avi", "avi")] {
            let answer = self.noa.1.ask("message_out", json!({"receiver": place, "message_text": words("noa", name)}));
            assert!(answer["message_id"].is_u64(), "{answer}");
        }
        self.zoe.1.emit("message", json!({"data": words("zoe", "room")}));
    }

    /// The texts of a session as they are kept, once there are as many.
    fn kept(&self, session: &str, count: usize) -> Vec<String> {
        let read = || {
            let page = self.avi.0.http.get(&format!("/sessions/{session}/messages?limit=200")).ok();
            let all = list(&page, "messages").iter().filter(|message| message["kind"] == "text");
            all.map(|message| text(message, "text").to_owned()).collect::<Vec<String>>()
        };
        until("all is kept", PATIENCE, || read().len() == count);
        read()
    }
}

/// The next events of this name, as what `read` makes of them, until they are as many.
fn collect(client: &mut Packets, name: &str, count: usize, read: impl Fn(&Value) -> Option<String>) -> Vec<String> {
    std::iter::from_fn(|| Some(client.expect(name))).filter_map(|event| read(&event)).take(count).collect()
}

/// Those that were said in a place.
fn of_place(all: &[String], place: &str) -> Vec<String> {
    all.iter().filter(|words| words.contains(&format!(" in {place} "))).cloned().collect()
}

/// Checks that somebody has heard the whole room and their own direct session with Avi, each in order and all of it once.
#[track_caller]
fn has_heard(who: &str, heard: &[String], room: &[String], direct: &[String]) {
    assert_eq!(of_place(heard, "room"), room, "{who}");
    let own: Vec<String> = heard.iter().filter(|words| !words.contains(" in room ")).cloned().collect();
    assert_eq!(own, direct, "{who}");
    assert_eq!(heard.iter().collect::<HashSet<_>>().len(), heard.len(), "{who}");
}

#[test]
fn everybody_hears_everything_once_and_in_order() {
    let mut five = Five::meet();
    for round in 0..ROUNDS {
        five.speak(round);
    }
    let room = five.kept(&five.room, 5 * ROUNDS);
    let direct = |name: &str, count: usize| five.kept(&five.direct(name), count * ROUNDS);
    let (to_lisa, to_mark, to_noa) = (direct("lisa", 2), direct("mark", 2), direct("noa", 2));
    let to_zoe = direct(&five.zoe.0.username, 1);
    let each = 7 * ROUNDS;

    let field = |name: &'static str| move |event: &Value| event[name].as_str().map(str::to_owned);
    let heard = collect(&mut five.lisa.1, "received_message", each, field("content"));
    has_heard("contacts", &heard, &room, &to_lisa);
    let heard = collect(&mut five.noa.1, "message_in", each, field("message_text"));
    has_heard("lobby", &heard, &room, &to_noa);
    // What comes and goes is said among the rest.
    let spoken = |event: &Value| event["message"].as_str().filter(|words| words.contains(" in ")).map(str::to_owned);
    let heard = collect(&mut five.zoe.1, "message", 6 * ROUNDS, spoken);
    has_heard("room codes", &heard, &room, &to_zoe);
    let mut heard = Vec::new();
    while heard.len() < each {
        let frame = five.mark.1.wait_for("a message", |frame| frame["type"].is_null());
        let messages = frame.as_object().unwrap().values().flat_map(|of| of.as_object().unwrap().values());
        heard.extend(messages.map(|one| text(one, "data").to_owned()).filter(|words| words.contains(" in ")));
    }
    has_heard("sessions", &heard, &room, &to_mark);
    let all = 5 * ROUNDS + to_lisa.len() + to_mark.len() + to_noa.len() + to_zoe.len();
    let mut heard = Vec::new();
    while heard.len() < all {
        let frame = five.avi.2.wait_for("a message", |frame| frame["type"] == "message");
        heard.extend(Some(text(&frame, "text").to_owned()).filter(|words| words.contains(" in ")));
    }
    assert_eq!(of_place(&heard, "room"), room);
    assert_eq!(heard.iter().collect::<HashSet<_>>().len(), all);

    // Behind all that, nothing comes twice: what is said next is the next that everybody hears.
    five.avi.1.say(&five.room, "the end");
    assert_eq!(five.lisa.1.expect("received_message")["content"], "the end");
    assert_eq!(five.noa.1.expect("message_in")["message_text"], "the end");
    assert_eq!(five.zoe.1.expect("message")["message"], "the end");
    let last = five.mark.1.wait_for("a message", |frame| frame["type"].is_null());
    assert!(last.to_string().contains("the end"), "{last}");
}

#[test]
fn everybody_is_told_in_their_own_words_who_comes_and_goes() {
    let mut five = Five::meet();
    let own = five.lisa.1.expect("new_user_online");
    assert!(
        ["lisa", "avi", "mark", "noa"].iter().any(|name| own["username"] == *name)
            || own["username"] == five.zoe.0.username.as_str()
    );
    // Another guest of the lobby: on its list, online for contacts, and in the native words for those who share a session.
    let eva = come_to_lobby(&five.server, "eva");
    let session = befriend(&five.avi.0, &eva);
    let cookie = format!("parlor_lobby={}", eva.token);
    let mut hers = Packets::open(five.server.door(), Carrier::Socket, &[("Cookie", &cookie)]).unwrap();
    hers.enter(json!({})).unwrap();
    let both = json!({"users": ["eva", "noa"]});
    for client in [&mut hers, &mut five.noa.1] {
        while client.expect("user_change_in") != both {}
    }
    while five.lisa.1.expect("new_user_online")["username"] != "eva" {}
    let seen = |frame: &Value| frame["type"] == "presence" && frame["username"] == "eva";
    assert_eq!(five.avi.1.wait_for("eva", seen)["status"], "online");
    five.avi.1.say(&session, "hello");
    assert_eq!(hers.expect("message_in")["message_text"], "hello");
    hers.emit("user_change_out", json!({"active": false}));
    while five.lisa.1.expect("user_has_gone_offline")["username"] != "eva" {}
    while five.noa.1.expect("user_change_in") != json!({"users": ["noa"]}) {}
    assert_eq!(five.avi.1.wait_for("eva", seen)["status"], "offline");
    // Of the room's own guest everybody in the room hears; for contacts she goes offline.
    let zoe = five.zoe.0.username.clone();
    five.zoe.0.http.post("/logout", json!({})).done();
    while five.lisa.1.expect("user_has_gone_offline")["username"] != zoe.as_str() {}
    let left = |frame: &Value| frame.to_string().contains("Zoë Ω left");
    five.avi.1.wait_for("the notice", left);
    five.mark.1.wait_for("the notice", left);
}
