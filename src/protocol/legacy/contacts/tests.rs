//! The translation without a connection: what is said, what follows.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};

use super::Contacts;
use super::words::{ADMIN, must_log_in_again};
use crate::config::Config;
use crate::domain::sample;
use crate::domain::{
    Answer, Command, Directory, Door, Event, Identity, Message, MessageKind, Refusal, RequestId, SessionId, Sighted,
    Status, Target, TokenId, User, UserId, UserKind, VisibilityMatrix,
};
use crate::protocol::legacy::named_events::{EventProtocol, NamedEvent};
use crate::protocol::{Arrival, Step, Tag};

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
    Identity { user: user(id, name), token: TokenId(id), door: Door::Login }
}

/// In an open directory, for Avi alone.
fn to_avi() -> VisibilityMatrix {
    VisibilityMatrix::new(Directory::Open, [UserId(1)])
}

/// One connection and its clock.
struct Talk {
    contacts: Contacts,
    now: Instant,
}

impl Talk {
    fn with(settings: &[&str]) -> Self {
        let config = Config::parse_from([&["parlor"], settings].concat());
        Self { contacts: Contacts::new(&config, Some(LOBBY)), now: Instant::now() }
    }

    /// One that has no time to settle.
    fn quick() -> Self {
        Self::with(&["--contacts-settle-seconds", "0"])
    }

    fn say(&mut self, name: &str, fields: &Value, ack: Option<u64>) -> Vec<String> {
        let json = fields.to_string();
        show(self.contacts.receive_event(NamedEvent { name, json: &json, ack }, self.now))
    }

    /// Says something whose token is unknown yet; it is this user's.
    fn say_as(&mut self, who: &Identity, name: &str, fields: &Value, ack: Option<u64>) -> Vec<String> {
        assert!(self.say(name, fields, ack).concat().starts_with("recognise"));
        show(self.contacts.recognised(Tag::MAX, Ok(who.clone()), self.now))
    }

    fn begin(&mut self, who: &Identity) -> Vec<String> {
        let arrival = Arrival { me: &who.user, conversations: &[], sessions: &HashSet::new() };
        show(self.contacts.begin(arrival, self.now))
    }

    /// Avi joins the room that he has with Lisa.
    fn join(&mut self) -> Vec<String> {
        let avi = identity(1, "Avi");
        assert_eq!(self.say_as(&avi, "join", &join("Avi", "Avi&Lisa", "t1"), Some(0)), ["arrive Avi"]);
        self.begin(&avi)
    }

    fn sighted(&mut self, changes: &[(i64, &str, Status)], visibility: VisibilityMatrix) -> Vec<String> {
        let changes = changes.iter().map(|(id, name, status)| (UserId(*id), Arc::from(*name), *status)).collect();
        let event = Event::Sighted(Arc::new(Sighted { changes, visibility }));
        show(self.contacts.happened(&event, self.now))
    }

    fn pass(&mut self, seconds: u64) -> Vec<String> {
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

/// Steps as one reads them.
fn show(steps: Vec<Step>) -> Vec<String> {
    let show = |step| match step {
        Step::Send(words) => String::from_utf8(words).unwrap(),
        Step::StartReplay => "messages".to_owned(),
        Step::Do(Some(RequestId::Number(tag)), Command::Send(draft)) => match draft.target {
            Target::User(name) => format!("{tag}: {} to {name}", draft.text.as_str()),
            Target::Session(id) => format!("{tag}: {} into {}", draft.text.as_str(), id.unwrap().0),
        },
        Step::Recognise(_, jwt) => format!("recognise {}", jwt.0),
        Step::Arrive(_, who) => format!("arrive {}", who.user.username),
        Step::Wrong(Some(RequestId::Number(tag)), refusal) => format!("wrong {tag}: {}", refusal.code()),
        Step::EndToken => "end".to_owned(),
        Step::EndLogin(tag, who) => format!("{tag}: end the login of {}", who.user.username),
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
fn the_first_good_join_arrives_and_is_told_what_waits() {
    let mut talk = Talk::quick();
    assert_eq!(talk.join(), [SUCCESS, ONLINE, "messages"]);
    assert_eq!(talk.say("join", &join("avi", "Avi&Noa", "t1"), Some(0)), [SUCCESS], "the token is known");
    assert!(talk.say("join", &join("Avi", "Noa&Avi", "t1"), None).is_empty());
}

#[test]
fn a_client_has_time_to_attach_its_handlers() {
    let mut talk = Talk::with(&[]);
    assert_eq!(talk.join(), [SUCCESS]);
    assert_eq!(talk.contacts.due(), Some(talk.now + Duration::from_secs(3)));
    let lisa = |status| [(2, "Lisa", status)];
    assert!(talk.sighted(&lisa(Status::Online), to_avi()).is_empty());
    assert!(talk.sighted(&[(3, "Noa", Status::Online)], to_avi()).is_empty());
    assert!(talk.sighted(&lisa(Status::Offline), to_avi()).is_empty());
    assert!(talk.pass(2).is_empty());
    let noa = r#"2["new_user_online",{"username":"Noa"}]"#;
    let gone = r#"2["user_has_gone_offline",{"username":"Lisa"}]"#;
    assert_eq!(talk.pass(1), [ONLINE, noa, gone, "messages"]);
    assert_eq!(talk.contacts.due(), None);
    let here = r#"2["new_user_online",{"username":"Lisa"}]"#;
    assert_eq!(talk.sighted(&lisa(Status::Online), to_avi()), [here]);
}

#[test]
fn one_is_told_of_those_whom_one_may_see_and_once_of_oneself() {
    let mut talk = Talk::quick();
    talk.join();
    let mut visibility = to_avi();
    visibility.add_block(UserId(1), UserId(2));
    let changes = [(1, "Avi", Status::Online), (2, "Lisa", Status::Online)];
    assert!(talk.sighted(&changes, visibility).is_empty());
    let mut stranger = Talk::quick();
    assert!(stranger.sighted(&changes, to_avi()).is_empty());
}

#[test]
fn a_join_that_does_not_fit_its_token_is_none() {
    let avi = identity(1, "Avi");
    for (client, room) in [("Lisa", "Avi&Lisa"), ("Avi", "Lisa&Noa"), ("Avi", "Avi"), ("Avi", ""), ("Avi", "Avi&Avi")] {
        let mut talk = Talk::quick();
        assert_eq!(talk.say_as(&avi, "join", &join(client, room, "t1"), Some(0)), [INVALID], "{client} {room}");
        talk.join();
        assert_eq!(talk.say("join", &join(client, room, "t1"), Some(0)), [INVALID], "{client} {room}");
    }
    let mut talk = Talk::quick();
    let id = SessionId(5).to_string();
    let nameless = json!({"room": id, "client": null, "jwt": "t1"});
    assert_eq!(talk.say_as(&avi, "join", &nameless, Some(0)), ["arrive Avi"]);
}

#[test]
fn a_bad_token_joins_nothing() {
    let mut talk = Talk::quick();
    assert_eq!(talk.say("join", &join("Avi", "Avi&Lisa", "bad"), Some(0)), ["recognise bad"]);
    let told = talk.contacts.recognised(Tag::MAX, Err(Refusal::Unauthenticated), talk.now);
    assert_eq!(show(told), [INVALID]);
    for jwt in [json!(null), json!(7), json!(""), json!({"a": 1})] {
        let said = json!({"room": "Avi&Lisa", "client": "Avi", "jwt": jwt});
        let told = talk.say("join", &said, Some(0));
        assert!(told == [INVALID] || told == ["recognise "], "{told:?}");
    }
    assert_eq!(talk.say("join", &json!({"client": "Avi", "jwt": "t1"}), Some(0)), ["wrong 2: invalid_request"]);
    assert!(talk.contacts.knows("join") && !talk.contacts.knows("dance"));
}

#[test]
fn a_message_goes_to_the_other_end_of_its_room_whoever_is_said_to_send_it() {
    let mut talk = Talk::quick();
    talk.join();
    let said = json!({"sender": "Noa", "content": "hi", "conversation_room": "Lisa&avi", "jwt": "t1"});
    assert_eq!(talk.say("client_sends_message", &said, None), ["1: hi to Lisa"]);
    let id = SessionId(5).to_string();
    assert_eq!(talk.say("client_sends_message", &message("hi", &id, "t1"), Some(0)), ["2: hi into 5"]);
    assert_eq!(talk.say("client_sends_message", &message(" ", &id, "t1"), Some(0)), ["wrong 2: invalid_request"]);
    let number = json!({"content": 7, "conversation_room": id, "jwt": "t1"});
    assert_eq!(talk.say("client_sends_message", &number, None), ["wrong 1: invalid_request"]);
    let nothing = Refusal::NotFound.to_string();
    let others = message("hi", "Lisa&Noa", "t1");
    assert_eq!(talk.say("client_sends_message", &others, None), [received(ADMIN, &nothing)]);
}

#[test]
fn a_message_with_a_good_token_joins_by_itself() {
    let (mut talk, avi) = (Talk::with(&[]), identity(1, "Avi"));
    let said = message("hi", "Avi&Lisa", "t1");
    assert_eq!(talk.say_as(&avi, "client_sends_message", &said, None), ["arrive Avi"]);
    assert_eq!(talk.begin(&avi), ["1: hi to Lisa"]);
    assert_eq!(talk.pass(3), [ONLINE, "messages"]);
}

#[test]
fn admin_speaks_where_nobody_waits_for_an_acknowledgement() {
    let mut talk = Talk::quick();
    let mut refused = |tag, refusal| show(talk.contacts.answered(Some(tag), &Err(refusal)));
    let blocked = Refusal::Blocked.to_string();
    assert_eq!(refused(1, Refusal::Blocked), [received(ADMIN, &blocked)]);
    assert_eq!(refused(2, Refusal::Blocked), [format!("30[{{\"error\":\"{blocked}\"}}]")]);
    assert!(refused(1, Refusal::UnknownUser).is_empty(), "it reaches nobody, and nothing is said");
    assert_eq!(refused(5, Refusal::UnknownUser), [format!("33[{{\"error\":\"{}\"}}]", Refusal::UnknownUser)]);
    assert!(refused(0, Refusal::invalid("x")).is_empty());
    assert_eq!(show(talk.contacts.answered(Some(2), &Ok(Answer::Done))), [SUCCESS]);
    assert!(show(talk.contacts.answered(Some(1), &Ok(Answer::Done))).is_empty());
    assert!(show(talk.contacts.answered(None, &Err(Refusal::Busy))).is_empty());
}

#[test]
fn whoever_sends_with_a_bad_token_is_told_to_log_in_again() {
    let mut talk = Talk::quick();
    talk.join();
    assert_eq!(talk.say("client_sends_message", &message("hi", "Avi&Lisa", "old"), Some(0)), ["recognise old"]);
    let told = show(talk.contacts.recognised(Tag::MAX, Err(Refusal::Unauthenticated), talk.now));
    assert_eq!(told, [INVALID.to_owned(), received(ADMIN, &must_log_in_again("Avi"))]);
    assert_eq!(talk.say("client_sends_message", &message("hi", "Avi&Lisa", "t1"), None), ["1: hi to Lisa"]);
}

#[test]
fn the_end_of_a_token_leaves_a_connection_that_can_join_again() {
    let mut talk = Talk::quick();
    talk.join();
    assert!(show(talk.contacts.ended()).is_empty());
    assert_eq!(talk.say("client_sends_message", &message("hi", "Avi&Lisa", "t1"), None), ["recognise t1"]);
    assert_eq!(show(talk.contacts.recognised(Tag::MAX, Err(Refusal::Unauthenticated), talk.now)).len(), 1);
    let avi = identity(1, "Avi");
    assert_eq!(talk.say_as(&avi, "join", &join("Avi", "Avi&Lisa", "t2"), Some(0)), ["arrive Avi"]);
    assert_eq!(talk.begin(&avi), [SUCCESS, ONLINE, "messages"]);
}

#[test]
fn another_token_of_the_same_user_is_looked_at_every_time() {
    let (mut talk, avi, lisa) = (Talk::quick(), identity(1, "Avi"), identity(2, "Lisa"));
    talk.join();
    for _ in 0..2 {
        assert_eq!(talk.say_as(&avi, "join", &join("Avi", "Avi&Lisa", "t2"), Some(0)), [SUCCESS]);
    }
    assert_eq!(talk.say_as(&avi, "client_sends_message", &message("hi", "Avi&Lisa", "t2"), None), ["1: hi to Lisa"]);
    assert_eq!(show(talk.contacts.ended()), ["recognise t2"], "it goes on with the other one");
    assert_eq!(show(talk.contacts.recognised(Tag::MAX, Ok(avi.clone()), talk.now)), ["arrive Avi"]);
    assert_eq!(talk.begin(&avi), [ONLINE, "messages"]);
    assert!(show(talk.contacts.ended()).is_empty());
    talk.join();
    assert_eq!(talk.say_as(&lisa, "join", &join("Lisa", "Avi&Lisa", "t3"), Some(0)), ["arrive Lisa"]);
    talk.begin(&lisa);
    assert_eq!(talk.say("client_sends_message", &message("hi", "Avi&Lisa", "t3"), None), ["1: hi to Avi"]);
}

#[test]
fn a_goodbye_ends_the_token_that_it_is_said_with() {
    let (mut talk, avi) = (Talk::quick(), identity(1, "Avi"));
    let goodbye = |client: &str, jwt: &str| json!({"client": client, "jwt": jwt});
    talk.join();
    assert_eq!(talk.say("client_disconnection", &goodbye("Lisa", "t1"), Some(0)), [INVALID]);
    assert_eq!(talk.say("client_disconnection", &goodbye("Avi", "t1"), Some(0)), ["end"]);
    assert_eq!(show(talk.contacts.ended()), [SUCCESS]);
    let alone = ["2: end the login of Avi"];
    assert_eq!(talk.say_as(&avi, "client_disconnection", &goodbye("Avi", "t2"), Some(0)), alone);
    assert_eq!(show(talk.contacts.answered(Some(2), &Ok(Answer::Done))), [SUCCESS]);
    talk.join();
    let both = ["2: end the login of Avi", "end"];
    assert_eq!(talk.say_as(&avi, "client_disconnection", &goodbye("Avi", "t2"), Some(0)), both);
}

#[test]
fn whoever_does_not_say_that_they_are_there_is_missed() {
    let mut talk = Talk::with(&["--contacts-keep-alive-seconds", "5", "--contacts-settle-seconds", "0"]);
    let alive = json!({"client": "Avi"});
    assert_eq!(talk.say("connection_alive", &alive, Some(0)), [INVALID], "nobody has joined");
    talk.join();
    assert!(talk.pass(4).is_empty());
    assert!(talk.say("connection_alive", &alive, None).is_empty());
    assert!(talk.pass(4).is_empty());
    talk.say("client_sends_message", &message("hi", "Avi&Lisa", "t1"), None);
    assert_eq!(talk.say("connection_alive", &json!({"client": "Lisa"}), Some(0)), [INVALID]);
    assert_eq!(talk.pass(1), ["end"]);
    assert!(talk.pass(9).is_empty() && talk.contacts.due().is_none(), "once");
    let mut patient = Talk::quick();
    patient.join();
    assert_eq!(patient.contacts.due(), None);
}

#[test]
fn who_is_not_let_in_is_told_why() {
    let (mut talk, avi) = (Talk::quick(), identity(1, "Avi"));
    talk.say_as(&avi, "join", &join("Avi", "Avi&Lisa", "t1"), Some(0));
    let told = show(talk.contacts.answered(Some(Tag::MAX), &Err(Refusal::LimitReached("Too many."))));
    assert_eq!(told, [r#"30[{"error":"Too many."}]"#]);
    assert_eq!(talk.join(), [SUCCESS, ONLINE, "messages"]);
}

#[test]
fn texts_that_stand_are_told_and_nothing_else() {
    let message = |session, kind, deleted| Message { kind, deleted, ..sample::message(session, UserId(1), "Avi") };
    let contacts = Talk::quick().contacts;
    let told = contacts.message(&message(SessionId(1), MessageKind::Text, false)).unwrap();
    assert_eq!(String::from_utf8(told).unwrap(), received("Avi", "a \"b\""));
    assert!(contacts.message(&message(SessionId(1), MessageKind::Notice, false)).is_none());
    assert!(contacts.message(&message(SessionId(1), MessageKind::Text, true)).is_none());
    assert!(contacts.message(&message(LOBBY, MessageKind::Text, false)).is_none());
}
