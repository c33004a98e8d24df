//! What is to be done.

use bytes::Bytes;
use bytestring::ByteString;

use crate::domain::Disconnect;
use crate::socketio::codec::packet::{Ack, Event, Namespace};
use crate::socketio::codec::payload::Body;

/// One of the WebSockets that a session has had. Only one at a time means anything; what comes from another is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SocketNo(pub(super) u32);

/// Something that the caller is to do, in the order in which it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Answer the waiting poll with status 200.
    AnswerPoll(Body),
    /// Add a whole WebSocket frame to what that socket has to take.
    Frame(SocketNo, Bytes),
    /// Close that socket behind what it has to take.
    CloseSocket(SocketNo, Disconnect),
    /// The client has said something. A [`Peer`](super::Peer) never tells this: it says what the message means.
    Message(Message),
    /// The client wants into a namespace, with what it says of itself, a JSON object. Answered with `accept` or `refuse`; until
    /// then, what it says there is held.
    Connect(Namespace, Option<ByteString>),
    /// The client has said an event, in a namespace that it was let into.
    Event(Namespace, Event),
    /// The client has answered an event that asked for it.
    Ack(Namespace, Ack),
    /// The client has left a namespace that it was in or wanted into.
    Disconnected(Namespace),
    /// The session is over: its `sid` means nothing any more, and there is nothing more to do.
    Ended(Ended),
}

/// A message of Engine.IO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// Text.
    Text(ByteString),
    /// Bytes.
    Binary(Bytes),
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The client said so.
    Said,
    /// Its requests or its socket went away without a word.
    Lost,
    /// We ended it.
    By(Disconnect),
}

/// True where the client is to come back. A transport that only ends is what clients come back from by themselves; told in
/// so many words that it is the end, they stay away.
pub(super) const fn comes_back(why: Disconnect) -> bool {
    match why {
        Disconnect::Restart
        | Disconnect::TryLater
        | Disconnect::TooSlow
        | Disconnect::HeartbeatMissed
        | Disconnect::Flooding => true,
        Disconnect::Goodbye
        | Disconnect::Protocol
        | Disconnect::NotUtf8
        | Disconnect::TooLarge
        | Disconnect::NotTheProtocol
        | Disconnect::Unauthenticated
        | Disconnect::TokenEnded
        | Disconnect::NoHello => false,
    }
}
