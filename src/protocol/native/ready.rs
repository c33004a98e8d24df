//! The answer to `hello`.

use serde::Serialize;
use utoipa::ToSchema;

use super::encode::tagged;
use super::words::Tell;
use crate::config::Limits;
use crate::domain::{ConnId, Invite, RequestId, Session, User};

/// `ready` is no longer than this, unless one session alone is.
const MAX_BYTES: usize = 256 * 1_024;

/// Everything a client needs to begin: one snapshot.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready<'a> {
    /// Who one is.
    pub user: &'a User,
    /// This connection.
    pub connection: ConnId,
    /// Whom one talks to.
    #[schema(inline)]
    pub server: Server<'a>,
    /// Time between two pings.
    pub heartbeat_seconds: u32,
    /// Every limit by its name; 0 is none.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
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
#[derive(Serialize, ToSchema)]
pub(crate) struct Server<'a> {
    /// Always `parlor`.
    name: &'static str,
    /// Of the program.
    version: &'static str,
    /// Of these frames.
    protocol: u32,
    /// The identity of the database's history; a restored backup has a new one.
    epoch: &'a str,
}

impl<'a> Server<'a> {
    /// This server, with the epoch of its database.
    pub(crate) const fn new(epoch: &'a str) -> Self {
        Self { name: "parlor", version: env!("CARGO_PKG_VERSION"), protocol: 1, epoch }
    }
}

impl Ready<'_> {
    /// The frame, added to `to`. `id` is the client's own name for its `hello`, where that is answered by name. Past
    /// [`MAX_BYTES`] there are fewer sessions in it; `cursor` gives where the rest begins behind a session.
    pub(crate) fn encode(&mut self, id: Option<&RequestId>, cursor: fn(&Session) -> String, to: &mut Vec<u8>) {
        let start = to.len();
        tagged(to, Tell::Ready, id, Some(self));
        while to.len() - start > MAX_BYTES && self.sessions.len() > 1 {
            self.sessions.truncate(self.sessions.len() / 2);
            self.sessions_next = self.sessions.last().map(cursor);
            to.truncate(start);
            tagged(to, Tell::Ready, id, Some(self));
        }
    }
}
