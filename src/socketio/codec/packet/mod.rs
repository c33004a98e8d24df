//! Packets of Socket.IO, the content of Engine.IO messages.
//!
//! ```text
//! <type>[<attachments>-][<namespace>,][<id>][<JSON>]      then the attachments, one binary message each
//! ```
//!
//! Binary values in the JSON are placeholders, `{"_placeholder":true,"num":0}`, for the attachment with that number. Arguments
//! are kept as text; the handler of an event deserializes them.

mod assembly;
mod decode;
mod encode;

use bytes::Bytes;
use bytestring::ByteString;
use serde_json::value::RawValue;

pub(crate) use assembly::{Assembly, Attachments};
pub(crate) use decode::decode;
#[cfg(feature = "conformance")]
pub(crate) use encode::encode;
pub(crate) use encode::{acknowledge, connect, connect_error, disconnect, event};

/// The name of a namespace: begins with `/` and has no comma.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Namespace(ByteString);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub namespace: Namespace,
    pub content: Content,
}

/// The type of a packet and its data. JSON is kept as text, and valid for the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A client requests to join, with an object of credentials; a server accepts, with an object with the `sid`.
    Connect(Option<ByteString>),
    /// The server refuses: an object with a `message`, or just the message in revision 3.
    ConnectError(ByteString),
    /// The client leaves, or the server disconnects it.
    Disconnect,
    Event(EventPacket),
    Ack(AckPacket),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventPacket {
    pub name: String,
    /// The number of the acknowledgement that the sender requests.
    pub id: Option<u64>,
    /// An array of the name and the arguments.
    pub json: ByteString,
    pub attachments: Vec<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AckPacket {
    /// The number from the event.
    pub id: u64,
    /// An array of arguments.
    pub json: ByteString,
    pub attachments: Vec<Bytes>,
}

impl EventPacket {
    pub(crate) fn arguments(&self) -> Vec<&RawValue> {
        // The JSON was validated as an array by the decoder.
        let mut arguments: Vec<&RawValue> = serde_json::from_str(&self.json).unwrap_or_default();
        if !arguments.is_empty() {
            arguments.remove(0);
        }
        arguments
    }
}

impl Namespace {
    pub(crate) const fn main() -> Self {
        Self(ByteString::from_static("/"))
    }

    #[cfg(test)]
    pub(crate) fn new(name: impl Into<ByteString>) -> Option<Self> {
        let name = name.into();
        (name.starts_with('/') && !name.contains(',')).then_some(Self(name))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_main(&self) -> bool {
        self.as_str() == "/"
    }

    /// The namespace without its query, and the query as a JSON object of strings. Clients of revision 3 send there the
    /// credentials that newer ones send in the packet.
    pub(crate) fn split_query(&self) -> (Self, Option<ByteString>) {
        let Some((name, query)) = self.0.split_once('?') else { return (self.clone(), None) };
        let pairs = form_urlencoded::parse(query.as_bytes());
        let pairs: serde_json::Map<_, _> =
            pairs.map(|(key, value)| (key.into_owned(), value.into_owned().into())).collect();
        (Self(self.0.slice_ref(name)), Some(serde_json::Value::from(pairs).to_string().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_clients_send_credentials_in_the_query_of_the_namespace() {
        let namespace = Namespace::new("/admin?token=12%2C34&uid=a+b").unwrap();
        let (name, auth) = namespace.split_query();
        assert_eq!(name, Namespace::new("/admin").unwrap());
        assert_eq!(auth.unwrap(), r#"{"token":"12,34","uid":"a b"}"#);
        assert_eq!(Namespace::main().split_query(), (Namespace::main(), None));
    }

    #[test]
    fn a_namespace_begins_with_a_slash_and_has_no_comma() {
        assert!(Namespace::new("/").unwrap().is_main());
        assert_eq!(Namespace::new("admin"), None);
        assert_eq!(Namespace::new("/a,b"), None);
    }
}
