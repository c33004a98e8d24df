//! The steps of a connection, without a server.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};

use super::ContactsProtocol;
use super::replies::{ADMIN, must_log_in_again};
use super::requests::is_known;
use crate::config::Config;
use crate::domain::fixtures;
use crate::domain::{
    Answer, Command, Directory, Event, Identity, LoginMethod, Message, MessageKind, PresenceChanges, Refusal,
    RequestId, SessionId, Status, Target, TokenId, User, UserId, UserKind, VisibilityMatrix,
};
use crate::protocol::legacy::named_event::NamedEvent;
use crate::protocol::{InitialState, Protocol, ReplayContext, Response, Step, Tag};

const LOBBY: SessionId = SessionId(9);

fn user(id: i64, name: &str) -> User {
    User {
        id: UserId(id),
        username: name.to_owned(),
        display_name: "Somebody".to_owned(),
        kind: UserKind::Account,
        status: None,
        last_seen: None,
        deleted: false,
    }
}

fn identity(id: i64, name: &str) -> Identity {
    Identity { user: user(id, name), token: TokenId(id), login_method: LoginMethod::Password }
}

/// An open directory with Avi as the only viewer.
fn visible_to_avi() -> VisibilityMatrix {
    VisibilityMatrix::new(Directory::Open, [UserId(1)])
}

/// One connection and its clock.
struct Client {
    contacts: ContactsProtocol,
    now: Instant,
}

impl Client {
    fn with(settings: &[&str]) -> Self {
        let config = Config::parse_from([&["parlor"], settings].concat());
        Self { contacts: ContactsProtocol::new(&config, Some(LOBBY)), now: Instant::now() }
    }

    /// Without time to settle.
    fn quick() -> Self {
        Self::with(&["--contacts-settle-seconds", "0"])
    }

    fn send(&mut self, name: &str, fields: &Value, ack: Option<u64>) -> Vec<String> {
        let json = fields.to_string();
        show(self.contacts.receive_event(NamedEvent { name, json: &json, ack }, self.now))
    }

    /// Sends an event with an unknown token, which is this user's.
    fn send_as(&mut self, who: &Identity, name: &str, fields: &Value, ack: Option<u64>) -> Vec<String> {
        assert!(self.send(name, fields, ack).concat().starts_with("look up"));
        show(self.contacts.token_resolved(Tag::MAX, Ok(who.clone()), self.now))
    }

    fn start(&mut self, who: &Identity) -> Vec<String> {
        let sessions = HashSet::new();
        let context = ReplayContext { me: &who.user, backlogs: &[], sessions: &sessions };
        show(self.contacts.start(None, InitialState::Replay(context), self.now))
    }

    /// Avi joins the room that he has with Lisa.
    fn join(&mut self) -> Vec<String> {
        let avi = identity(1, "Avi");
        assert_eq!(self.send_as(&avi, "join", &join("Avi", "Avi&Lisa", "t1"), Some(0)), ["switch to Avi"]);
        self.start(&avi)
    }

    fn respond(&mut self, tag: Option<Tag>, outcome: Result<Answer, Refusal>) -> Vec<String> {
        show(self.contacts.respond(tag.map(Into::into).as_ref(), Response::Outcome(&outcome)))
    }

    fn update_presence(&mut self, changes: &[(i64, &str, Status)], visibility: VisibilityMatrix) -> Vec<String> {
        let changes = changes.iter().map(|(id, name, status)| (UserId(*id), Arc::from(*name), *status)).collect();
        let event = Event::PresenceFeed(Arc::new(PresenceChanges { changes, visibility }));
        show(self.contacts.handle_event(&event, self.now))
    }

    fn wait(&mut self, seconds: u64) -> Vec<String> {
        self.now += Duration::from_secs(seconds);
        show(self.contacts.tick(self.now))
    }
}

fn join(client: &str, room: &str, jwt: &str) -> Value {
    json!({"room": room, "client": client, "jwt": jwt})
}

fn message(content: &str, room: &str, jwt: &str) -> Value {
    json!({"sender": "Avi", "content": content, "conversation_room": room, "jwt": jwt})
}

fn show(steps: Vec<Step>) -> Vec<String> {
    let show = |step| match step {
        Step::Send(packet) => String::from_utf8(packet).unwrap(),
        Step::StartReplay => "replay".to_owned(),
        Step::Execute(Some(RequestId::Number(tag)), Command::Send(draft)) => match draft.target {
            Target::User(name) => format!("{tag}: {} to {name}", draft.text.as_str()),
            Target::Session(id) => format!("{tag}: {} into {}", draft.text.as_str(), id.unwrap().0),
        },
        Step::LookUpToken(_, jwt) => format!("look up {}", jwt.0),
        Step::SwitchUser(_, who) => format!("switch to {}", who.user.username),
        Step::RejectMalformed(Some(RequestId::Number(tag)), refusal) => format!("malformed {tag}: {}", refusal.code()),
        Step::EndOwnToken => "end own token".to_owned(),
        Step::EndOtherToken(tag, who) => format!("{tag}: end a token of {}", who.user.username),
        other => panic!("{other:?}"),
    };
    steps.into_iter().map(show).collect()
}

fn received(sender: &str, content: &str) -> String {
    let (sender, content) = (json!(sender), json!(content));
    format!("2[\"received_message\",{{\"sender\":{sender},\"content\":{content}}}]")
}

const SUCCESS: &str = r#"30[{"result":"success"}]"#;
const INVALID: &str = r#"30[{"error":"Invalid JWT"}]"#;
const ONLINE: &str = r#"2["new_user_online",{"username":"Avi"}]"#;

#[test]
fn the_first_valid_join_authenticates_and_starts_the_replay() {
    let mut client = Client::quick();
    assert_eq!(client.join(), [SUCCESS, ONLINE, "replay"]);
    assert_eq!(client.send("join", &join("avi", "Avi&Noa", "t1"), Some(0)), [SUCCESS], "the token is known");
    assert!(client.send("join", &join("Avi", "Noa&Avi", "t1"), None).is_empty());
}

#[test]
fn a_client_has_time_to_attach_its_handlers() {
    let mut client = Client::with(&[]);
    assert_eq!(client.join(), [SUCCESS]);
    assert_eq!(client.contacts.next_deadline(), Some(client.now + Duration::from_secs(3)));
    let lisa = |status| [(2, "Lisa", status)];
    assert!(client.update_presence(&lisa(Status::Online), visible_to_avi()).is_empty());
    assert!(client.update_presence(&[(3, "Noa", Status::Online)], visible_to_avi()).is_empty());
    assert!(client.update_presence(&lisa(Status::Offline), visible_to_avi()).is_empty());
    assert!(client.wait(2).is_empty());
    let noa = r#"2["new_user_online",{"username":"Noa"}]"#;
    let gone = r#"2["user_has_gone_offline",{"username":"Lisa"}]"#;
    assert_eq!(client.wait(1), [ONLINE, noa, gone, "replay"]);
    assert_eq!(client.contacts.next_deadline(), None);
    let online = r#"2["new_user_online",{"username":"Lisa"}]"#;
    assert_eq!(client.update_presence(&lisa(Status::Online), visible_to_avi()), [online]);
}

#[test]
fn presence_respects_visibility_and_the_own_is_sent_once() {
    let mut client = Client::quick();
    client.join();
    let mut visibility = visible_to_avi();
    visibility.add_block(UserId(1), UserId(2));
    let changes = [(1, "Avi", Status::Online), (2, "Lisa", Status::Online)];
    assert!(client.update_presence(&changes, visibility).is_empty());
    let mut stranger = Client::quick();
    assert!(stranger.update_presence(&changes, visible_to_avi()).is_empty());
}

#[test]
fn a_join_that_does_not_match_its_token_is_refused() {
    let avi = identity(1, "Avi");
    for (name, room) in [("Lisa", "Avi&Lisa"), ("Avi", "Lisa&Noa"), ("Avi", "Avi"), ("Avi", ""), ("Avi", "Avi&Avi")] {
        let mut client = Client::quick();
        assert_eq!(client.send_as(&avi, "join", &join(name, room, "t1"), Some(0)), [INVALID], "{name} {room}");
        client.join();
        assert_eq!(client.send("join", &join(name, room, "t1"), Some(0)), [INVALID], "{name} {room}");
    }
    let mut client = Client::quick();
    let id = SessionId(5).to_string();
    let nameless = json!({"room": id, "client": null, "jwt": "t1"});
    assert_eq!(client.send_as(&avi, "join", &nameless, Some(0)), ["switch to Avi"]);
}

#[test]
fn a_join_with_an_invalid_token_is_refused() {
    let mut client = Client::quick();
    assert_eq!(client.send("join", &join("Avi", "Avi&Lisa", "bad"), Some(0)), ["look up bad"]);
    let steps = client.contacts.token_resolved(Tag::MAX, Err(Refusal::Unauthenticated), client.now);
    assert_eq!(show(steps), [INVALID]);
    for jwt in [json!(null), json!(7), json!(""), json!({"a": 1})] {
        let event = json!({"room": "Avi&Lisa", "client": "Avi", "jwt": jwt});
        let steps = client.send("join", &event, Some(0));
        assert!(steps == [INVALID] || steps == ["look up "], "{steps:?}");
    }
    assert_eq!(client.send("join", &json!({"client": "Avi", "jwt": "t1"}), Some(0)), ["malformed 2: invalid_request"]);
    assert!(is_known("join") && !is_known("dance"));
}

#[test]
fn a_message_goes_to_the_partner_whatever_sender_it_names() {
    let mut client = Client::quick();
    client.join();
    let event = json!({"sender": "Noa", "content": "hi", "conversation_room": "Lisa&avi", "jwt": "t1"});
    assert_eq!(client.send("client_sends_message", &event, None), ["1: hi to Lisa"]);
    let id = SessionId(5).to_string();
    assert_eq!(client.send("client_sends_message", &message("hi", &id, "t1"), Some(0)), ["2: hi into 5"]);
    assert_eq!(
        client.send("client_sends_message", &message(" ", &id, "t1"), Some(0)),
        ["malformed 2: invalid_request"]
    );
    let number = json!({"content": 7, "conversation_room": id, "jwt": "t1"});
    assert_eq!(client.send("client_sends_message", &number, None), ["malformed 1: invalid_request"]);
    let nothing = Refusal::NotFound.to_string();
    let others = message("hi", "Lisa&Noa", "t1");
    assert_eq!(client.send("client_sends_message", &others, None), [received(ADMIN, &nothing)]);
}

#[test]
fn a_message_with_a_valid_token_authenticates() {
    let (mut client, avi) = (Client::with(&[]), identity(1, "Avi"));
    let event = message("hi", "Avi&Lisa", "t1");
    assert_eq!(client.send_as(&avi, "client_sends_message", &event, None), ["switch to Avi"]);
    assert_eq!(client.start(&avi), ["1: hi to Lisa"]);
    assert_eq!(client.wait(3), [ONLINE, "replay"]);
}

#[test]
fn admin_reports_refusals_without_an_acknowledgement() {
    let mut client = Client::quick();
    let mut refused = |tag, refusal| client.respond(Some(tag), Err(refusal));
    let blocked = Refusal::Blocked.to_string();
    assert_eq!(refused(1, Refusal::Blocked), [received(ADMIN, &blocked)]);
    assert_eq!(refused(2, Refusal::Blocked), [format!("30[{{\"error\":\"{blocked}\"}}]")]);
    assert!(refused(1, Refusal::UnknownUser).is_empty(), "an unknown receiver is not reported");
    assert_eq!(refused(5, Refusal::UnknownUser), [format!("33[{{\"error\":\"{}\"}}]", Refusal::UnknownUser)]);
    assert!(refused(0, Refusal::invalid("x")).is_empty());
    assert_eq!(client.respond(Some(2), Ok(Answer::Done)), [SUCCESS]);
    assert!(client.respond(Some(1), Ok(Answer::Done)).is_empty());
    assert!(client.respond(None, Err(Refusal::Busy)).is_empty());
}

#[test]
fn a_sender_with_an_invalid_token_must_log_in_again() {
    let mut client = Client::quick();
    client.join();
    assert_eq!(client.send("client_sends_message", &message("hi", "Avi&Lisa", "old"), Some(0)), ["look up old"]);
    let steps = show(client.contacts.token_resolved(Tag::MAX, Err(Refusal::Unauthenticated), client.now));
    assert_eq!(steps, [INVALID.to_owned(), received(ADMIN, &must_log_in_again("Avi"))]);
    assert_eq!(client.send("client_sends_message", &message("hi", "Avi&Lisa", "t1"), None), ["1: hi to Lisa"]);
}

#[test]
fn a_connection_may_join_again_after_the_end_of_its_token() {
    let mut client = Client::quick();
    client.join();
    assert!(show(client.contacts.token_ended()).is_empty());
    assert_eq!(client.send("client_sends_message", &message("hi", "Avi&Lisa", "t1"), None), ["look up t1"]);
    assert_eq!(show(client.contacts.token_resolved(Tag::MAX, Err(Refusal::Unauthenticated), client.now)).len(), 1);
    let avi = identity(1, "Avi");
    assert_eq!(client.send_as(&avi, "join", &join("Avi", "Avi&Lisa", "t2"), Some(0)), ["switch to Avi"]);
    assert_eq!(client.start(&avi), [SUCCESS, ONLINE, "replay"]);
}

#[test]
fn another_token_of_the_same_user_is_looked_up_every_time() {
    let (mut client, avi, lisa) = (Client::quick(), identity(1, "Avi"), identity(2, "Lisa"));
    client.join();
    for _ in 0..2 {
        assert_eq!(client.send_as(&avi, "join", &join("Avi", "Avi&Lisa", "t2"), Some(0)), [SUCCESS]);
    }
    assert_eq!(client.send_as(&avi, "client_sends_message", &message("hi", "Avi&Lisa", "t2"), None), ["1: hi to Lisa"]);
    assert_eq!(show(client.contacts.token_ended()), ["look up t2"], "it continues with the other token");
    assert_eq!(show(client.contacts.token_resolved(Tag::MAX, Ok(avi.clone()), client.now)), ["switch to Avi"]);
    assert_eq!(client.start(&avi), [ONLINE, "replay"]);
    assert!(show(client.contacts.token_ended()).is_empty());
    client.join();
    assert_eq!(client.send_as(&lisa, "join", &join("Lisa", "Avi&Lisa", "t3"), Some(0)), ["switch to Lisa"]);
    client.start(&lisa);
    assert_eq!(client.send("client_sends_message", &message("hi", "Avi&Lisa", "t3"), None), ["1: hi to Avi"]);
}

#[test]
fn a_goodbye_ends_its_own_token() {
    let (mut client, avi) = (Client::quick(), identity(1, "Avi"));
    let goodbye = |client: &str, jwt: &str| json!({"client": client, "jwt": jwt});
    client.join();
    assert_eq!(client.send("client_disconnection", &goodbye("Lisa", "t1"), Some(0)), [INVALID]);
    assert_eq!(client.send("client_disconnection", &goodbye("Avi", "t1"), Some(0)), ["end own token"]);
    assert_eq!(show(client.contacts.token_ended()), [SUCCESS]);
    let alone = ["2: end a token of Avi"];
    assert_eq!(client.send_as(&avi, "client_disconnection", &goodbye("Avi", "t2"), Some(0)), alone);
    assert_eq!(client.respond(Some(2), Ok(Answer::Done)), [SUCCESS]);
    client.join();
    let both = ["2: end a token of Avi", "end own token"];
    assert_eq!(client.send_as(&avi, "client_disconnection", &goodbye("Avi", "t2"), Some(0)), both);
}

#[test]
fn a_client_without_keep_alive_times_out() {
    let mut client = Client::with(&["--contacts-keep-alive-seconds", "5", "--contacts-settle-seconds", "0"]);
    let alive = json!({"client": "Avi"});
    assert_eq!(client.send("connection_alive", &alive, Some(0)), [INVALID], "not authenticated");
    client.join();
    assert!(client.wait(4).is_empty());
    assert!(client.send("connection_alive", &alive, None).is_empty());
    assert!(client.wait(4).is_empty());
    client.send("client_sends_message", &message("hi", "Avi&Lisa", "t1"), None);
    assert_eq!(client.send("connection_alive", &json!({"client": "Lisa"}), Some(0)), [INVALID]);
    assert_eq!(client.wait(1), ["end own token"]);
    assert!(client.wait(9).is_empty() && client.contacts.next_deadline().is_none(), "once");
    let mut patient = Client::quick();
    patient.join();
    assert_eq!(patient.contacts.next_deadline(), None);
}

#[test]
fn a_refused_authentication_is_reported() {
    let (mut client, avi) = (Client::quick(), identity(1, "Avi"));
    client.send_as(&avi, "join", &join("Avi", "Avi&Lisa", "t1"), Some(0));
    let steps = client.respond(Some(Tag::MAX), Err(Refusal::LimitReached("Too many.")));
    assert_eq!(steps, [r#"30[{"error":"Too many."}]"#]);
    assert_eq!(client.join(), [SUCCESS, ONLINE, "replay"]);
}

#[test]
fn only_undeleted_texts_are_sent() {
    let message = |session, kind, deleted| Message { kind, deleted, ..fixtures::message(session, UserId(1), "Avi") };
    let contacts = Client::quick().contacts;
    let steps = contacts.encode_message(&message(SessionId(1), MessageKind::Text, false)).unwrap();
    assert_eq!(String::from_utf8(steps).unwrap(), received("Avi", "a \"b\""));
    assert!(contacts.encode_message(&message(SessionId(1), MessageKind::Notice, false)).is_none());
    assert!(contacts.encode_message(&message(SessionId(1), MessageKind::Text, true)).is_none());
    assert!(contacts.encode_message(&message(LOBBY, MessageKind::Text, false)).is_none());
}
