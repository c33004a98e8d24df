//! A Socket.IO session as a state machine: which input is allowed when, and what follows from it. No I/O, no actix and no
//! clock: the owner of the requests and the socket calls the inputs and executes the [`Action`]s.
//!
//! An `EngineSession` is one Engine.IO session: its transports, the upgrade between them, heartbeats, and the outbound queue.
//! A [`Peer`] adds the namespaces of Socket.IO.
//!
//! ```text
//!  GET · POST · WebSocket ──► inputs ──► EngineSession ──► messages ──► Peer ──► Connect · Event · …   ┐
//!                                             ▲                          ▲                              ├► next_action()
//!  tick(now) · close(why) ────────────────────┘            send · accept ┘    AnswerPoll · Frame · …    ┘
//! ```

mod action;
mod config;
mod engine;
mod heartbeat;
mod outgoing;
mod peer;

#[cfg(test)]
mod tests;

#[cfg(any(test, feature = "conformance"))]
pub(crate) use action::EngineMessage;
pub(crate) use action::{Action, SessionEnd, SocketNo};
pub(crate) use config::SessionConfig;
#[cfg(test)]
pub(crate) use engine::EngineSession;
pub(crate) use outgoing::Outgoing;
pub(crate) use peer::Peer;
