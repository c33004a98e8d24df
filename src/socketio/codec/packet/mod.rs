//! Packets of Socket.IO: what an Engine.IO message says.
//!
//! ```text
//! <type>[<attachments>-][<namespace>,][<id>][<JSON>]      and then the attachments, a binary packet each
//! ```
//!
//! What is binary in the JSON is a placeholder, `{"_placeholder":true,"num":0}`, for the attachment of that number. Arguments
//! stay the text that they came as; whoever knows an event reads what it needs.

mod assembly;
mod decode;
mod encode;

use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;
use serde_json::value::RawValue;

pub(crate) use assembly::{Assembly, Attachments};
pub(crate) use decode::decode;
pub(crate) use encode::{acknowledge, connect, connect_error, disconnect, event};

/// A space that events are said in. Begins with `/` and has no comma.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Namespace(ByteString);

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    /// Where it is said.
    pub namespace: Namespace,
    /// What it says.
    pub content: Content,
}

/// What a packet says. JSON is kept as it stands, and known to be what the kind of packet asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A client asks to be let in, with an object that may say who it is; a server lets it in, with an object that says its
    /// `sid`.
    Connect(Option<ByteString>),
    /// It is not let in: an object with a `message`, or only the message for clients of revision 3.
    ConnectError(ByteString),
    /// It leaves, or is sent away.
    Disconnect,
    /// Something happened, or is to happen.
    Event(Event),
    /// The answer to an event.
    Ack(Ack),
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// What it is called.
    pub name: String,
    /// It is to be answered under this number.
    pub id: Option<u64>,
    /// An array: the name, then the arguments.
    pub json: ByteString,
    /// What the placeholders stand for.
    pub attachments: Vec<Bytes>,
}

/// The answer to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ack {
    /// The number that the event asked for it under.
    pub id: u64,
    /// An array of arguments.
    pub json: ByteString,
    /// What the placeholders stand for.
    pub attachments: Vec<Bytes>,
}

impl Event {
    /// The arguments, each as it stands.
    pub(crate) fn arguments(&self) -> Vec<&RawValue> {
        let mut arguments = elements(&self.json);
        if !arguments.is_empty() {
            arguments.remove(0);
        }
        arguments
    }
}

impl Ack {
    /// The arguments, each as it stands.
    pub(crate) fn arguments(&self) -> Vec<&RawValue> {
        elements(&self.json)
    }
}

fn elements(json: &str) -> Vec<&RawValue> {
    // It was read as an array before it was kept.
    serde_json::from_str(json).unwrap_or_default()
}

impl Namespace {
    /// The one that every client knows, `/`.
    pub(crate) const fn main() -> Self {
        Self(ByteString::from_static("/"))
    }

    /// `None` where it does not begin with `/`, or has a comma.
    pub(crate) fn new(name: impl Into<ByteString>) -> Option<Self> {
        let name = name.into();
        (name.starts_with('/') && !name.contains(',')).then_some(Self(name))
    }

    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// True for `/`.
    pub(crate) fn is_main(&self) -> bool {
        self.as_str() == "/"
    }

    /// The namespace without what stands behind a `?`, and that as a JSON object of strings. Clients of revision 3 say there
    /// what newer ones say in the packet.
    pub(crate) fn split_query(&self) -> (Self, Option<ByteString>) {
        let Some((name, query)) = self.0.split_once('?') else { return (self.clone(), None) };
        let pairs = form_urlencoded::parse(query.as_bytes());
        let pairs: serde_json::Map<_, _> =
            pairs.map(|(key, value)| (key.into_owned(), value.into_owned().into())).collect();
        (Self(self.0.slice_ref(name)), Some(serde_json::Value::from(pairs).to_string().into()))
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), to)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_clients_say_in_the_namespace_who_they_are() {
        let namespace = Namespace::new("/admin?token=12%2C34&uid=a+b").unwrap();
        let (name, auth) = namespace.split_query();
        assert_eq!(name, Namespace::new("/admin").unwrap());
        assert_eq!(auth.unwrap(), r#"{"token":"12,34","uid":"a b"}"#);
        assert_eq!(Namespace::main().split_query(), (Namespace::main(), None));
    }

    #[test]
    fn a_namespace_can_be_written() {
        assert!(Namespace::new("/").unwrap().is_main());
        assert_eq!(Namespace::new("admin"), None);
        assert_eq!(Namespace::new("/a,b"), None);
    }
}
