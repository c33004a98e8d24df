//! Five people, each with a client of another system, in one room and each in a direct session with the first of them:
//! each receives every message once and in order, and presence in the events of its own dialect.

use std::collections::HashSet;

use crate::kit::*;

/// Messages of each client in each session.
const ROUNDS: usize = 12;
/// No rate limits, and no settling time.
const PLAIN: [(&str, &str); 4] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_CONTACTS_SETTLE_SECONDS", "0"),
    ("PARLOR_PRESENCE_GRACE_SECONDS", "1"),
];

/// The five users, with their connections.
struct Five {
    server: Server,
    /// The room that all are in.
    room: String,
    /// Avi's direct sessions, by the other's name.
    direct: Vec<(String, String)>,
    /// Two native connections of one user; the second receives what the first one sends.
    avi: (Person, Socket, Socket),
    /// Contacts.
    lisa: (Person, SocketIoClient),
    /// Sessions.
    mark: (Person, Socket),
    /// Lobby.
    noa: (Person, SocketIoClient),
    /// Room codes; called otherwise than she is shown.
    zoe: (Person, SocketIoClient),
}

/// A guest of the lobby's login.
fn lobby_login(server: &Server, name: &str) -> Person {
    let answer = server.http().get(&format!("//login/{name}")).ok();
    let token = text(&answer, "token").to_owned();
    let http = server.http().with_token(&token);
    let id = text(&http.get("/me").ok()["user"], "id").to_owned();
    Person { username: name.to_owned(), id, token, http }
}

/// Comes in as contacts do.
fn join_contacts(server: &Server, person: &Person, with: &str) -> SocketIoClient {
    let mut client = SocketIoClient::open(server.endpoint(), Transport::Upgrade, &[]).unwrap();
    client.enter(json!({})).unwrap();
    let room = format!("{with}&{}", person.username);
    let joined = client.request("join", json!({"room": room, "client": person.username, "jwt": person.token}));
    assert_eq!(joined, json!({"result": "success"}));
    client
}

/// A connection of the sessions system.
fn connect_sessions(server: &Server, person: &Person) -> Socket {
    let header = format!("Bearer {}", person.token);
    let mut socket = Socket::open_at(server.endpoint(), "/ws", &[("Authorization", &header)]).unwrap();
    socket.checked = false;
    socket
}

impl Five {
    fn meet() -> Self {
        let server = Server::with(&PLAIN);
        let (zoe, code) = create_as(&server, "Zoë Ω");
        let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
        let (mark, noa) = (register(&server, "mark"), lobby_login(&server, "noa"));
        let mut hers = enter_room(&server, Transport::Socket, &zoe);
        hers.expect("message");
        let [native, second] = [avi.connect(), avi.connect()];
        let contacts = join_contacts(&server, &lisa, "avi");
        let sessions = connect_sessions(&server, &mark);
        let cookie = format!("parlor_lobby={}", noa.token);
        let mut lobby = SocketIoClient::open(server.endpoint(), Transport::Polling, &[("Cookie", &cookie)]).unwrap();
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

    /// Every client sends a message to the room and to Avi, and Avi one to every client.
    fn send_round(&mut self, round: usize) {
        let room = self.room.clone();
        let content = |name: &str, place: &str| format!("{name} in {place} {round}");
        self.avi.1.send_message(&room, &content("avi", "room"));
        for (name, session) in self.direct.clone() {
            self.avi.1.send_message(&session, &content("avi", &name));
        }
        let (lisa, hers) = &mut self.lisa;
        for (place, name) in [(room.as_str(), "room"), ("Avi&Lisa", "avi")] {
            let sent = json!({"sender": "lisa", "content": content("lisa", name), "conversation_room": place, "jwt": lisa.token});
            hers.emit("client_sends_message", sent);
        }
        let session = self.direct("mark");
        for (place, name) in [(&room, "room"), (&session, "avi")] {
            let message = json!({"data": content("mark", name), "TimeStamp": "now", "Sender": "somebody"});
            self.mark.1.send(&json!({"type": "Message", "SessionID": place, "Message": message}));
        }
        for (place, name) in [(room.as_str(), "room"), ("Avi", "avi")] {
            let answer =
                self.noa.1.request("message_out", json!({"receiver": place, "message_text": content("noa", name)}));
            assert!(answer["message_id"].is_u64(), "{answer}");
        }
        self.zoe.1.emit("message", json!({"data": content("zoe", "room")}));
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
fn collect(
    client: &mut SocketIoClient,
    name: &str,
    count: usize,
    read: impl Fn(&Value) -> Option<String>,
) -> Vec<String> {
    std::iter::from_fn(|| Some(client.expect(name))).filter_map(|event| read(&event)).take(count).collect()
}

/// The messages of one session.
fn of_place(all: &[String], place: &str) -> Vec<String> {
    all.iter().filter(|content| content.contains(&format!(" in {place} "))).cloned().collect()
}

/// Checks that a client has received the whole room and its own direct session with Avi, each in order and once.
#[track_caller]
fn assert_received(who: &str, received: &[String], room: &[String], direct: &[String]) {
    assert_eq!(of_place(received, "room"), room, "{who}");
    let own: Vec<String> = received.iter().filter(|content| !content.contains(" in room ")).cloned().collect();
    assert_eq!(own, direct, "{who}");
    assert_eq!(received.iter().collect::<HashSet<_>>().len(), received.len(), "{who}");
}

#[test]
fn clients_of_all_dialects_receive_everything_once_and_in_order() {
    let mut five = Five::meet();
    for round in 0..ROUNDS {
        five.send_round(round);
    }
    let room = five.kept(&five.room, 5 * ROUNDS);
    let direct = |name: &str, count: usize| five.kept(&five.direct(name), count * ROUNDS);
    let (to_lisa, to_mark, to_noa) = (direct("lisa", 2), direct("mark", 2), direct("noa", 2));
    let to_zoe = direct(&five.zoe.0.username, 1);
    let each = 7 * ROUNDS;

    let field = |name: &'static str| move |event: &Value| event[name].as_str().map(str::to_owned);
    let received = collect(&mut five.lisa.1, "received_message", each, field("content"));
    assert_received("contacts", &received, &room, &to_lisa);
    let received = collect(&mut five.noa.1, "message_in", each, field("message_text"));
    assert_received("lobby", &received, &room, &to_noa);
    // Presence events are among the rest.
    let spoken =
        |event: &Value| event["message"].as_str().filter(|content| content.contains(" in ")).map(str::to_owned);
    let received = collect(&mut five.zoe.1, "message", 6 * ROUNDS, spoken);
    assert_received("room codes", &received, &room, &to_zoe);
    let mut received = Vec::new();
    while received.len() < each {
        let frame = five.mark.1.wait_for("a message", |frame| frame["type"].is_null());
        let messages = frame.as_object().unwrap().values().flat_map(|of| of.as_object().unwrap().values());
        received.extend(messages.map(|one| text(one, "data").to_owned()).filter(|content| content.contains(" in ")));
    }
    assert_received("sessions", &received, &room, &to_mark);
    let all = 5 * ROUNDS + to_lisa.len() + to_mark.len() + to_noa.len() + to_zoe.len();
    let mut received = Vec::new();
    while received.len() < all {
        let frame = five.avi.2.wait_for("a message", |frame| frame["type"] == "message");
        received.extend(Some(text(&frame, "text").to_owned()).filter(|content| content.contains(" in ")));
    }
    assert_eq!(of_place(&received, "room"), room);
    assert_eq!(received.iter().collect::<HashSet<_>>().len(), all);

    // Nothing arrives twice: the next message is the next that every client receives.
    five.avi.1.send_message(&five.room, "the end");
    assert_eq!(five.lisa.1.expect("received_message")["content"], "the end");
    assert_eq!(five.noa.1.expect("message_in")["message_text"], "the end");
    assert_eq!(five.zoe.1.expect("message")["message"], "the end");
    let last = five.mark.1.wait_for("a message", |frame| frame["type"].is_null());
    assert!(last.to_string().contains("the end"), "{last}");
}

#[test]
fn presence_reaches_every_client_in_its_own_dialect() {
    let mut five = Five::meet();
    let own = five.lisa.1.expect("new_user_online");
    assert!(
        ["lisa", "avi", "mark", "noa"].iter().any(|name| own["username"] == *name)
            || own["username"] == five.zoe.0.username.as_str()
    );
    // Another guest of the lobby: on its list, online for contacts, and in native events for users who share a session.
    let eva = lobby_login(&five.server, "eva");
    let session = befriend(&five.avi.0, &eva);
    let cookie = format!("parlor_lobby={}", eva.token);
    let mut hers = SocketIoClient::open(five.server.endpoint(), Transport::Socket, &[("Cookie", &cookie)]).unwrap();
    hers.enter(json!({})).unwrap();
    let both = json!({"users": ["eva", "noa"]});
    for client in [&mut hers, &mut five.noa.1] {
        while client.expect("user_change_in") != both {}
    }
    while five.lisa.1.expect("new_user_online")["username"] != "eva" {}
    let seen = |frame: &Value| frame["type"] == "presence" && frame["username"] == "eva";
    assert_eq!(five.avi.1.wait_for("eva", seen)["status"], "online");
    five.avi.1.send_message(&session, "hello");
    assert_eq!(hers.expect("message_in")["message_text"], "hello");
    hers.emit("user_change_out", json!({"active": false}));
    while five.lisa.1.expect("user_has_gone_offline")["username"] != "eva" {}
    while five.noa.1.expect("user_change_in") != json!({"users": ["noa"]}) {}
    assert_eq!(five.avi.1.wait_for("eva", seen)["status"], "offline");
    // All members of the room receive that its guest has left; for contacts she goes offline.
    let zoe = five.zoe.0.username.clone();
    five.zoe.0.http.post("/logout", json!({})).done();
    while five.lisa.1.expect("user_has_gone_offline")["username"] != zoe.as_str() {}
    let left = |frame: &Value| frame.to_string().contains("Zoë Ω left");
    five.avi.1.wait_for("the notice", left);
    five.mark.1.wait_for("the notice", left);
}
