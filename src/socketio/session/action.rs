//! The outputs of a session.

use bytes::Bytes;
use bytestring::ByteString;

use crate::domain::Disconnect;
use crate::socketio::codec::packet::{EventPacket, Namespace};
use crate::socketio::codec::payload::Body;

/// Numbers the WebSockets of a session. Input from any but the current one is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SocketNo(pub(super) u32);

/// An output of a session. The caller executes them in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Answer the pending poll with status 200.
    AnswerPoll(Body),
    /// Append a complete WebSocket frame to the socket's outbound buffer.
    Frame(SocketNo, Bytes),
    /// Close the socket once its outbound buffer is written.
    CloseSocket(SocketNo, Disconnect),
    /// An Engine.IO message was received. A [`Peer`](super::Peer) decodes it instead of returning it.
    Message(EngineMessage),
    /// The client requests to join a namespace, with its credentials as a JSON object. Call `accept` or `refuse`; its events
    /// are held until then.
    Connect(Namespace, Option<ByteString>),
    Event(Namespace, EventPacket),
    /// The client has left a namespace, or no longer requests to join it.
    Disconnected(Namespace),
    /// The session is over and its `sid` invalid; always the last action.
    Ended(SessionEnd),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EngineMessage {
    Text(ByteString),
    Binary(Bytes),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionEnd {
    ByClient,
    /// Its transport was lost.
    Lost,
    ByServer(Disconnect),
}

/// True where the client is to reconnect. Clients reconnect by themselves when their transport is lost, and do not after an
/// explicit disconnect or close packet.
pub(super) const fn should_reconnect(why: Disconnect) -> bool {
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
