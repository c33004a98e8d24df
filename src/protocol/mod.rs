//! Ways of saying the same commands and events on a wire, each behind one trait, [`Protocol`]: a client's frame to
//! [`Command`]s, an [`Event`] to what its client is sent.
//!
//! [`native`] is Parlor's own, [`socketio`] the same vocabulary as Socket.IO events; [`legacy`] has those of older systems.
//! [`registry`] decides which one a connection speaks.
//!
//! Pure: no clock and no I/O. What is to be done is returned as [`Step`]s, and carried out by the connection with the same
//! services for every dialect. So no rule stands here.

#[cfg(test)]
mod anything;
#[cfg(feature = "conformance")]
pub(crate) mod echo;
pub(crate) mod legacy;
pub(crate) mod native;
pub(crate) mod registry;
pub(crate) mod socketio;

use std::collections::HashSet;
use std::time::Instant;

use crate::config::Limits;
use crate::domain::{
    Answer, Claim, Command, Conversation, Disconnect, Event, Identity, Message, Refusal, RequestId, Resync, Session,
    SessionId, Tongue, User,
};
use crate::socketio::codec::packet;
use native::{Listing, Ready};

/// A dialect's own number for something that it waits for.
pub(crate) type Tag = u64;

/// What follows from what was received or what happened.
#[derive(Debug)]
pub(crate) enum Step {
    /// Sends the client a packet of the namespace `/`, or the text of a frame.
    Send(Vec<u8>),
    /// Sends a WebSocket frame as it is.
    #[cfg(feature = "conformance")]
    SendFrame(bytes::Bytes),
    /// From here on messages are sent: those that wait first. Once for each arrival, when the client is ready for them.
    StartReplay,
    /// Carries out a command; the outcome comes back to [`Protocol::respond`], or is sent by the hub.
    Do(Option<RequestId>, Command),
    /// Looks up whose a token is. The outcome comes back to [`Protocol::recognised`]; until then nothing more is received.
    Recognise(Tag, Claim),
    /// The connection is this user's from now on, whosever it was before. [`Protocol::begin`] or a refusal to
    /// [`Protocol::respond`] follows, under this number; until then nothing more is received.
    Arrive(Tag, Box<Identity>),
    /// The same with a token that was not looked up, or without one where the handshake carried it.
    ArriveWith(Tag, Option<Claim>),
    /// What the client has sent is malformed. The tenth in a row ends the connection.
    Wrong(Option<RequestId>, Refusal),
    /// Refuses what is well-formed.
    Refuse(Option<RequestId>, Refusal),
    /// Ends the connection's token, and with it its subscriptions; [`Protocol::ended`] follows, and until then nothing more is
    /// received.
    EndToken,
    /// Ends another login than the connection's. The outcome comes back to [`Protocol::respond`]; until then nothing more is
    /// received.
    EndLogin(Tag, Box<Identity>),
    /// Closes the connection, behind what was received before.
    Close(Disconnect),
}

/// What a client is sent when it has arrived.
pub(crate) enum Beginning<'a> {
    /// Where clients [sync](CatchUp::Sync): one snapshot, of which as many sessions are sent as fit; the function gives the cursor
    /// behind a session.
    Snapshot(Box<Ready<'a>>, fn(&Session) -> String),
    /// Where messages are [replayed](CatchUp::Replay).
    Replay(Arrival<'a>),
}

/// An arrival without a snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    /// Whose connection it is.
    pub me: &'a User,
    /// All direct sessions, and the room for which a guest is here; of the sessions dialect all sessions but the lobby.
    pub conversations: &'a [Conversation],
    /// Every session they are in.
    pub sessions: &'a HashSet<SessionId>,
}

/// One frame of a client.
#[derive(Clone, Copy)]
pub(crate) enum ClientFrame<'a> {
    /// The text of a WebSocket frame.
    Text(&'a str),
    /// The bytes of a WebSocket frame.
    Binary(&'a [u8]),
    /// An event of Socket.IO in the namespace `/`.
    Event(&'a packet::Event),
}

/// What is known of a connection when a frame is received.
#[derive(Clone, Copy)]
pub(crate) struct Received<'a> {
    /// What a frame may contain.
    pub limits: &'a Limits,
    /// The client has authenticated, or is about to.
    pub is_authenticated: bool,
    /// When.
    pub now: Instant,
}

/// What answers a command.
#[derive(Clone, Copy)]
pub(crate) enum Response<'a> {
    /// It was carried out, or refused.
    Outcome(&'a Result<Answer, Refusal>),
    /// One page of a list.
    Listing(&'a Listing),
    /// One session of a `sync`.
    Resync(&'a Resync),
}

/// How a client comes by what happened while it was away, and how it is sent what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CatchUp {
    /// It begins with a snapshot and asks for what it missed by `sync`. Events are native ones, encoded once for all clients.
    Sync,
    /// It knows no `rev`: messages above its `received` marks are sent when it comes, and events pass through
    /// [`Protocol::message`] and [`Protocol::happened`], for each client on its own.
    Replay {
        /// It has words for every session and for invites, and not only for direct sessions.
        all_sessions: bool,
    },
}

/// One connection in one dialect.
pub(crate) trait Protocol {
    /// The dialect.
    fn dialect(&self) -> Tongue;

    /// How its clients catch up.
    fn catch_up(&self) -> CatchUp;

    /// True where the connection arrives at once when its handshake has authenticated it, and does not wait for a command.
    fn arrives_by_handshake(&self) -> bool {
        false
    }

    /// True where nobody has to authenticate.
    #[cfg(feature = "conformance")]
    fn is_open_to_all(&self) -> bool {
        false
    }

    /// True where the login, or the first event of a client that has not authenticated, may choose another dialect.
    fn may_be_replaced(&self) -> bool {
        false
    }

    /// What follows from a frame of the client; `None`: the dialect ignores it.
    fn receive(&mut self, frame: ClientFrame<'_>, received: Received<'_>) -> Option<Vec<Step>>;

    /// The client has arrived; `request` is what it asked by, if that is to be answered.
    fn begin(&mut self, request: Option<&RequestId>, beginning: Beginning<'_>, now: Instant) -> Vec<Step>;

    /// Answers a request; without an id, something that the connection itself refused.
    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step>;

    /// A message as the client is sent it; `None` where it is not. Only where messages are [replayed](CatchUp::Replay).
    fn message(&self, message: &Message) -> Option<Vec<u8>> {
        let _ = message;
        None
    }

    /// An event, messages and answers apart. Only where messages are [replayed](CatchUp::Replay).
    fn happened(&mut self, event: &Event, now: Instant) -> Vec<Step> {
        let _ = (event, now);
        Vec::new()
    }

    /// Whose a token is.
    fn recognised(&mut self, tag: Tag, who: Result<Identity, Refusal>, now: Instant) -> Vec<Step> {
        let _ = (tag, who, now);
        Vec::new()
    }

    /// The token has ended: the connection is unauthenticated, and goes on. Only where [`Self::outlives_its_token`].
    fn ended(&mut self) -> Vec<Step> {
        Vec::new()
    }

    /// True where the connection does not end with its token.
    fn outlives_its_token(&self) -> bool {
        false
    }

    /// When [`Self::tick`] has something to do; `None`: not before something else happens.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// Does what is due by `now`.
    fn tick(&mut self, now: Instant) -> Vec<Step> {
        let _ = now;
        Vec::new()
    }
}
