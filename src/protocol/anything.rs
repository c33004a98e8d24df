//! Whatever clients of older systems say, in whatever order with whatever else happens: nothing panics, and all that they are
//! told can be read.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use clap::Parser;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::legacy::contacts::Contacts;
use super::legacy::lobby::Lobby;
use super::legacy::named_events::{EventProtocol, NamedEvent, frame_type};
use super::legacy::rooms::Rooms;
use super::legacy::sessions::Sessions;
use crate::config::Config;
use crate::domain::{Answer, Door, Event, Identity, Refusal, SessionId, TokenId, UserId, sample};
use crate::protocol::{Arrival, Step, Tag};

const LOBBY: SessionId = SessionId(1);

/// Something that happens to a connection.
#[derive(Clone, Debug)]
enum Happening {
    Said(String, Value, Option<u64>),
    Begun,
    Recognised(Tag, bool),
    Answered(Option<Tag>, bool),
    Posted(i64, String),
    Ended,
    Passed(u64),
}

fn words() -> impl Strategy<Value = String> {
    let known = [
        "join",
        "client_sends_message",
        "connection_alive",
        "client_disconnection",
        "message_out",
        "user_change_out",
        "message",
        "Auth",
        "Message",
        "Messgae",
        "Search",
        "request",
    ];
    prop_oneof![4 => proptest::sample::select(known.map(str::to_owned).to_vec()), 1 => any::<String>()]
}

fn fields() -> impl Strategy<Value = Value> {
    let known = [
        "room",
        "client",
        "jwt",
        "sender",
        "content",
        "conversation_room",
        "receiver",
        "message_text",
        "active",
        "data",
        "type",
        "Authentication_Token",
        "SessionID",
        "Message",
        "Username",
        "username",
        "Accepted",
    ];
    let text =
        prop_oneof![Just("Avi&Lisa".to_owned()), Just("group".to_owned()), Just(LOBBY.to_string()), any::<String>()];
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let value = value.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(any::<String>(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    });
    let object = proptest::collection::hash_map(proptest::sample::select(known.to_vec()), value.clone(), 0..6);
    let object = object.prop_map(|map| {
        let map: Map<String, Value> = map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Value::from(map)
    });
    prop_oneof![6 => object, 1 => value]
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let tag = || prop_oneof![Just(0), Just(1), Just(Tag::MAX), any::<Tag>()];
    let one = prop_oneof![
        8 => (words(), fields(), proptest::option::of(tag())).prop_map(|(name, json, ack)| Happening::Said(name, json, ack)),
        1 => Just(Happening::Begun),
        3 => (tag(), any::<bool>()).prop_map(|(tag, good)| Happening::Recognised(tag, good)),
        3 => (proptest::option::of(tag()), any::<bool>()).prop_map(|(tag, yes)| Happening::Answered(tag, yes)),
        2 => (0_i64..4, any::<String>()).prop_map(|(session, text)| Happening::Posted(session, text)),
        1 => Just(Happening::Ended),
        1 => (0_u64..100).prop_map(Happening::Passed),
    ];
    proptest::collection::vec(one, 0..30)
}

/// What a client is told must be a packet of an event or an acknowledgement, or a frame.
fn is_readable(told: &[u8]) -> bool {
    let text = std::str::from_utf8(told).unwrap();
    let json = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    match serde_json::from_str(json) {
        Ok(Value::Array(_)) => text.starts_with(['2', '3']),
        Ok(Value::Object(_)) => text == json,
        _ => false,
    }
}

fn play(mut one: Box<dyn EventProtocol>, happenings: &[Happening]) {
    let (me, mut now) = (sample::user(UserId(2), "Avi"), Instant::now());
    for happening in happenings {
        let steps = match happening {
            Happening::Said(name, json, ack) => {
                one.receive_event(NamedEvent { name, json: &json.to_string(), ack: *ack }, now)
            }
            Happening::Begun => {
                let arrival = Arrival { me: &me, conversations: &[], sessions: &HashSet::new() };
                one.begin(arrival, now)
            }
            Happening::Recognised(tag, good) => {
                let who = Identity { user: me.clone(), token: TokenId(1), door: Door::Login };
                one.recognised(*tag, if *good { Ok(who) } else { Err(Refusal::Unauthenticated) }, now)
            }
            Happening::Answered(tag, yes) => {
                one.answered(*tag, &if *yes { Ok(Answer::Done) } else { Err(Refusal::NotFound) })
            }
            Happening::Posted(session, text) => {
                let mut message = sample::message(SessionId(*session), UserId(3), "Lisa");
                message.text.clone_from(text);
                let told = one.message(&message).map(Step::Send);
                told.into_iter().chain(one.happened(&Event::Changed(message.into()), now)).collect()
            }
            Happening::Ended => one.ended(),
            Happening::Passed(seconds) => {
                now += Duration::from_secs(*seconds);
                one.tick(now)
            }
        };
        for step in steps {
            if let Step::Send(told) = step {
                assert!(is_readable(&told), "{told:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_all_that_is_told_can_be_read(happenings in happenings()) {
        let config = Config::parse_from(["parlor"]);
        play(Box::new(Contacts::new(&config, Some(LOBBY))), &happenings);
        play(Box::new(Lobby::new(Some(LOBBY), config.limits.text_bytes)), &happenings);
        play(Box::new(Rooms::new(SessionId(2), &config.limits)), &happenings);
        play(Box::new(Sessions::new(Some(LOBBY), &config.limits)), &happenings);
    }

    #[test]
    fn any_text_has_a_type_or_is_refused(frame in any::<String>()) {
        let _ = frame_type(&frame);
    }
}
