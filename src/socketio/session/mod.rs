//! The Socket.IO door as a protocol: what a client may say and when, and what is to be done about it. No I/O, no actix, no
//! clock; whoever owns the requests and the socket calls the inputs and carries out the [`Action`]s.
//!
//! A `Line` is one Engine.IO session: its transports and the change between them, heartbeats, and what waits for the
//! client. A [`Peer`] is a line with the namespaces of Socket.IO above it.
//!
//! ```text
//!  GET · POST · WebSocket ──► inputs ──► Line ──► messages ──► Peer ──► Connect · Event · Ack …   ┐
//!                                          ▲                     ▲                                 ├► next()
//!  tick(now) · close(why) ─────────────────┘       send · accept ┘       AnswerPoll · Frame · …    ┘
//! ```

mod action;
mod heart;
mod line;
mod outgoing;
mod peer;
mod terms;

#[cfg(test)]
mod tests;

#[cfg(any(test, feature = "conformance"))]
pub(crate) use action::Message;
pub(crate) use action::{Action, Ended, SocketNo};
#[cfg(test)]
pub(crate) use line::Line;
pub(crate) use outgoing::Outgoing;
pub(crate) use peer::Peer;
pub(crate) use terms::Terms;
