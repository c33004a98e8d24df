//! Random inputs for the dialects of older systems: nothing panics, and every output is well-formed.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use clap::Parser;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::legacy::contacts::ContactsProtocol;
use super::legacy::lobby::LobbyProtocol;
use super::legacy::rooms::RoomsProtocol;
use super::legacy::sessions::SessionsProtocol;
use crate::config::Config;
use crate::domain::{Answer, Event, Identity, LoginMethod, Refusal, SessionId, TokenId, UserId, fixtures};
use crate::protocol::{
    ClientFrame, FrameContext, InitialState, Protocol, ReplayContext, RequestId, Response, Step, Tag,
};
use crate::socketio::codec::packet::EventPacket;

const LOBBY: SessionId = SessionId(1);

/// An input of a protocol.
#[derive(Clone, Debug)]
enum Input {
    SocketIoEvent(String, Value, Option<u64>),
    TextFrame(String, Value),
    Start,
    TokenResolved(Tag, bool),
    Response(Option<Tag>, bool),
    Message(i64, String),
    TokenEnded,
    Wait(u64),
}

fn event_names() -> impl Strategy<Value = String> {
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

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let tag = || prop_oneof![Just(0), Just(1), Just(Tag::MAX), any::<Tag>()];
    let ack = proptest::option::of(tag());
    let input = prop_oneof![
        4 => (event_names(), fields(), ack).prop_map(|(name, argument, ack)| Input::SocketIoEvent(name, argument, ack)),
        4 => (event_names(), fields()).prop_map(|(name, fields)| Input::TextFrame(name, fields)),
        1 => Just(Input::Start),
        3 => (tag(), any::<bool>()).prop_map(|(tag, is_valid)| Input::TokenResolved(tag, is_valid)),
        3 => (proptest::option::of(tag()), any::<bool>()).prop_map(|(tag, is_done)| Input::Response(tag, is_done)),
        2 => (0_i64..4, any::<String>()).prop_map(|(session, text)| Input::Message(session, text)),
        1 => Just(Input::TokenEnded),
        1 => (0_u64..100).prop_map(Input::Wait),
    ];
    proptest::collection::vec(input, 0..30)
}

/// True for the packet of an event or an acknowledgement, and for a frame.
fn is_well_formed(output: &[u8]) -> bool {
    let text = std::str::from_utf8(output).unwrap();
    let json = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    match serde_json::from_str(json) {
        Ok(Value::Array(_)) => text.starts_with(['2', '3']),
        Ok(Value::Object(_)) => text == json,
        _ => false,
    }
}

fn run(mut protocol: Box<dyn Protocol>, config: &Config, inputs: &[Input]) {
    let (me, mut now) = (fixtures::user(UserId(2), "Avi"), Instant::now());
    for input in inputs {
        let context = FrameContext { limits: &config.limits, is_authenticated: true, now };
        let steps = match input {
            Input::SocketIoEvent(name, argument, id) => {
                let json = json!([name, argument]).to_string().into();
                let event = EventPacket { name: name.clone(), id: *id, json, attachments: Vec::new() };
                protocol.receive(ClientFrame::Event(&event), context).unwrap_or_default()
            }
            Input::TextFrame(name, fields) => {
                let mut frame = fields.clone();
                if let Value::Object(frame) = &mut frame {
                    frame.insert("type".to_owned(), json!(name));
                }
                protocol.receive(ClientFrame::Text(&frame.to_string()), context).unwrap_or_default()
            }
            Input::Start => {
                let sessions = HashSet::new();
                let context = ReplayContext { me: &me, backlogs: &[], sessions: &sessions };
                protocol.start(None, InitialState::Replay(context), now)
            }
            Input::TokenResolved(tag, is_valid) => {
                let who = Identity { user: me.clone(), token: TokenId(1), login_method: LoginMethod::Password };
                protocol.token_resolved(*tag, if *is_valid { Ok(who) } else { Err(Refusal::Unauthenticated) }, now)
            }
            Input::Response(tag, is_done) => {
                let outcome = if *is_done { Ok(Answer::Done) } else { Err(Refusal::NotFound) };
                protocol.respond(tag.map(RequestId::Number).as_ref(), Response::Outcome(&outcome))
            }
            Input::Message(session, text) => {
                let mut message = fixtures::message(SessionId(*session), UserId(3), "Lisa");
                message.text.clone_from(text);
                let encoded = protocol.encode_message(&message).map(Step::Send);
                encoded.into_iter().chain(protocol.handle_event(&Event::Changed(message.into()), now)).collect()
            }
            Input::TokenEnded => protocol.token_ended(),
            Input::Wait(seconds) => {
                now += Duration::from_secs(*seconds);
                protocol.tick(now)
            }
        };
        for step in steps {
            if let Step::Send(output) = step {
                assert!(is_well_formed(&output), "{output:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_input_panics_and_every_output_is_well_formed(inputs in inputs()) {
        let config = Config::parse_from(["parlor"]);
        run(Box::new(ContactsProtocol::new(&config, Some(LOBBY))), &config, &inputs);
        run(Box::new(LobbyProtocol::new(Some(LOBBY), config.limits.text_bytes)), &config, &inputs);
        run(Box::new(RoomsProtocol::new(SessionId(2), &config.limits)), &config, &inputs);
        run(Box::new(SessionsProtocol::new(Some(LOBBY), &config.limits)), &config, &inputs);
    }
}
