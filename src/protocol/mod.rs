//! Wire dialects for the same commands and events, each behind one trait, [`Protocol`]: it decodes a client's frame into
//! [`Command`]s and encodes an [`Event`] for its client.
//!
//! [`native`] is Parlor's own dialect, [`socketio`] the same commands and events as Socket.IO events; [`legacy`] has the
//! dialects of older systems. [`registry`] selects the dialect of a connection.
//!
//! Pure: no clock and no I/O. A protocol returns [`Step`]s, and the connection executes them with the same services for
//! every dialect. Business rules belong to those services.

#[cfg(feature = "conformance")]
pub(crate) mod echo;
#[cfg(test)]
mod fuzz;
mod json;
pub(crate) mod legacy;
pub(crate) mod native;
pub(crate) mod registry;
pub(crate) mod socketio;

use std::collections::HashSet;
use std::time::Instant;

use crate::config::Limits;
use crate::domain::{
    Answer, Backlog, Command, Credential, Dialect, Disconnect, Event, Identity, Message, Refusal, RequestId, Resync,
    Session, SessionId, User,
};
use crate::socketio::codec::packet;
use native::{ListPage, Ready};

/// Identifies a pending request of a protocol; its meaning is private to the dialect.
pub(crate) type Tag = u64;

/// What the connection does next for its protocol.
#[derive(Debug)]
pub(crate) enum Step {
    /// Sends a Socket.IO packet of the namespace `/`, or the text of a WebSocket frame.
    Send(Vec<u8>),
    #[cfg(feature = "conformance")]
    SendFrame(bytes::Bytes),
    /// Starts the delivery of messages, beginning with the missed ones. Once per authenticated user, when the client is ready.
    StartReplay,
    /// Executes a command; the outcome goes to [`Protocol::respond`], or is sent by the hub.
    Execute(Option<RequestId>, Command),
    /// Looks up the user of a token. The result goes to [`Protocol::token_resolved`]; no frame is received until then.
    LookUpToken(Tag, Credential),
    /// Logs the connection in as this user in place of its current one. [`Protocol::start`], or a refusal to
    /// [`Protocol::respond`], follows with this tag; no frame is received until then.
    SwitchUser(Tag, Box<Identity>),
    /// Like [`Self::SwitchUser`], with a token that is still to be verified; `None`: the token of the handshake.
    Authenticate(Tag, Option<Credential>),
    /// Rejects a malformed frame. The tenth in a row closes the connection.
    RejectMalformed(Option<RequestId>, Refusal),
    /// Refuses a well-formed frame.
    Refuse(Option<RequestId>, Refusal),
    /// Ends the connection's token and its subscriptions; [`Protocol::token_ended`] follows, and no frame is received until
    /// then.
    EndOwnToken,
    /// Ends another token. The outcome goes to [`Protocol::respond`]; no frame is received until then.
    EndOtherToken(Tag, Box<Identity>),
    /// Closes the connection once the frames received before are processed.
    Close(Disconnect),
}

/// The state that a client is sent after it has authenticated.
pub(crate) enum InitialState<'a> {
    /// For [`CatchUp::Sync`]: one snapshot, with as many sessions as fit. The function makes the cursor that continues behind
    /// a session.
    Snapshot(Box<Ready<'a>>, fn(&Session) -> String),
    /// For [`CatchUp::Replay`].
    Replay(ReplayContext<'a>),
}

/// The user and sessions of a connection whose messages are replayed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplayContext<'a> {
    pub me: &'a User,
    /// All direct sessions, and the room of a room guest; in the sessions dialect all sessions but the lobby.
    pub backlogs: &'a [Backlog],
    pub sessions: &'a HashSet<SessionId>,
}

#[derive(Clone, Copy)]
pub(crate) enum ClientFrame<'a> {
    Text(&'a str),
    Binary(
        #[cfg_attr(not(feature = "conformance"), allow(dead_code, reason = "only an echo reads its bytes"))] &'a [u8],
    ),
    /// A Socket.IO event in the namespace `/`.
    Event(&'a packet::EventPacket),
}

/// The connection's state when a frame is received.
#[derive(Clone, Copy)]
pub(crate) struct FrameContext<'a> {
    pub limits: &'a Limits,
    /// The client has authenticated, or its authentication is in progress.
    pub is_authenticated: bool,
    pub now: Instant,
}

#[derive(Clone, Copy)]
pub(crate) enum Response<'a> {
    Outcome(&'a Result<Answer, Refusal>),
    ListPage(&'a ListPage),
    Resync(&'a Resync),
}

/// How a client catches up after a disconnect, and how it receives events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CatchUp {
    /// It begins with a snapshot and requests changes by `sync`. Events are native ones, encoded once for all clients.
    Sync,
    /// It knows no `rev`: messages above its `received` marks are sent again, and events pass through
    /// [`Protocol::encode_message`] and [`Protocol::handle_event`], for each client separately.
    Replay {
        /// The dialect has all kinds of sessions and invites, rather than direct sessions only.
        all_sessions: bool,
    },
}

/// One connection in one dialect.
pub(crate) trait Protocol {
    fn dialect(&self) -> Dialect;

    fn catch_up(&self) -> CatchUp;

    /// True where an authenticated handshake starts the session at once, without a command.
    fn starts_after_handshake(&self) -> bool {
        false
    }

    /// True where no authentication is required.
    #[cfg(feature = "conformance")]
    fn is_public(&self) -> bool {
        false
    }

    /// True where the login, or the first event of an unauthenticated client, may select another dialect.
    fn is_negotiable(&self) -> bool {
        false
    }

    /// Handles a frame; `None`: the dialect ignores it.
    fn receive(&mut self, frame: ClientFrame<'_>, context: FrameContext<'_>) -> Option<Vec<Step>>;

    /// The client has authenticated, by this request if it expects a response.
    fn start(&mut self, request: Option<&RequestId>, state: InitialState<'_>, now: Instant) -> Vec<Step>;

    /// Responds to a request; without an id, the connection itself refused a frame. Of the steps only [`Step::Send`] is carried out.
    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step>;

    /// Encodes a message; `None` where the dialect omits it. Only for [`CatchUp::Replay`].
    fn encode_message(&self, message: &Message) -> Option<Vec<u8>> {
        let _ = message;
        None
    }

    /// Handles an event other than a message or a response. Only for [`CatchUp::Replay`].
    fn handle_event(&mut self, event: &Event, now: Instant) -> Vec<Step> {
        let _ = (event, now);
        Vec::new()
    }

    /// The result of [`Step::LookUpToken`].
    fn token_resolved(&mut self, tag: Tag, identity: Result<Identity, Refusal>, now: Instant) -> Vec<Step> {
        let _ = (tag, identity, now);
        Vec::new()
    }

    /// The token has ended and the connection is unauthenticated. Only where [`Self::survives_token`].
    fn token_ended(&mut self) -> Vec<Step> {
        Vec::new()
    }

    /// True where the connection remains open when its token ends.
    fn survives_token(&self) -> bool {
        false
    }

    /// When [`Self::tick`] is to be called; `None`: not before another call.
    fn next_deadline(&self) -> Option<Instant> {
        None
    }

    /// Does what is due by `now`.
    fn tick(&mut self, now: Instant) -> Vec<Step> {
        let _ = now;
        Vec::new()
    }
}
