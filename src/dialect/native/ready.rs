//! The answer to `hello`.

use serde::Serialize;

use super::encode::tagged;
use crate::config::Limits;
use crate::model::{ConnId, Invite, Session, User};

/// Everything a client needs to begin: one snapshot.
#[derive(Serialize)]
pub struct Ready<'a> {
    /// Who one is.
    pub user: &'a User,
    /// This connection.
    pub connection: ConnId,
    /// Whom one talks to.
    pub server: Server<'a>,
    /// Time between two pings.
    pub heartbeat_seconds: u32,
    /// Every limit by its name; 0 is none.
    pub limits: &'a Limits,
    /// The first of one's sessions, latest activity first.
    pub sessions: Vec<Session>,
    /// Where the rest begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions_next: Option<String>,
    /// The newest invites that await an answer.
    pub invites: Vec<Invite>,
    /// Where the rest begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invites_next: Option<String>,
    /// Names of those online whose presence is pushed.
    pub online: Vec<&'a str>,
}

/// The server and its history.
#[derive(Serialize)]
pub struct Server<'a> {
    name: &'static str,
    version: &'static str,
    protocol: u32,
    epoch: &'a str,
}

impl<'a> Server<'a> {
    /// This server, with the epoch of its database.
    pub const fn new(epoch: &'a str) -> Self {
        Self { name: "parlor", version: env!("CARGO_PKG_VERSION"), protocol: 1, epoch }
    }
}

impl Ready<'_> {
    /// The frame, added to `to`.
    pub fn encode(&self, to: &mut Vec<u8>) {
        tagged(to, "ready", None, Some(self));
    }
}
