//! What every test shares: a server of its own, plain HTTP, raw WebSockets and people.
//!
//! Everything blocks and has a deadline, so a test reads from top to bottom and a missing event fails with what came
//! instead. Nothing here waits for a while: it waits for an event, and a fence (`Socket::fence`) shows that one is absent.
#![allow(dead_code)]

pub mod cluster;
pub mod command;
pub mod contact;
pub mod database;
pub mod dial;
pub mod endpoint;
pub mod exclusive;
pub mod folder;
pub mod form;
pub mod frame_checks;
pub mod golden;
pub mod hang_up;
pub mod http;
pub mod knob;
pub mod people;
pub mod placeholders;
pub mod places;
pub mod preload;
pub mod process;
pub mod random;
pub mod recorded;
pub mod redis;
pub mod replica;
pub mod reply;
pub mod roster;
pub mod server;
pub mod socket;
pub mod socketio;
pub mod talk;
pub mod transcript;
pub mod try_socket;
pub mod wire;

pub use command::{CommandOutput, parlor};
pub use contact::{Contact, SETTLED, invalid_jwt, offline_event, online_event, success};
pub use database::{Database, Store, skipped_on_cluster, skipped_on_postgres, skipped_on_sqlite};
pub use dial::Dial;
pub use exclusive::{alone, until};
pub use form::{create_as, enter_room, fill_in, fill_in_from, join_as, room_page};
pub use hang_up::HangUp;
pub use http::Http;
pub use knob::{knob, seed, skipped};
pub use people::{PASSWORD, Person, befriend, pair, register, register_at};
pub use places::{group, join, messages, people, percent, remove, roles, room, seen, set_role};
pub use preload::preload;
pub use random::Random;
pub use recorded::{Frames, RecordedPackets};
pub use replica::{OWN, SessionReplica};
pub use reply::Reply;
pub use serde_json::{Value, json};
pub use server::{Server, UNHURRIED};
pub use socket::{Incoming, Socket};
pub use socketio::{SocketIoClient, TRANSPORTS, Transport};
pub use transcript::{Caller, Transcript};
pub use try_socket::{Lost, OrLost, TrySocket};

use std::time::Duration;

/// How long anything may take before the test calls it missing. Generous: the machine is shared.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The text field of a JSON object, or a failure that shows the object.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text `{field}` in {value}"))
}

/// The integer field of a JSON object, or a failure that shows the object.
pub fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap_or_else(|| panic!("no number `{field}` in {value}"))
}

/// The list field of a JSON object, or a failure that shows the object.
pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap_or_else(|| panic!("no list `{field}` in {value}"))
}

/// One field of each object of a list, as text: what most lists are compared by.
pub fn texts(values: &[Value], field: &str) -> Vec<String> {
    values.iter().map(|value| text(value, field).to_owned()).collect()
}

/// One field of each object of a list, as a number.
pub fn numbers(values: &[Value], field: &str) -> Vec<u64> {
    values.iter().map(|value| number(value, field)).collect()
}
