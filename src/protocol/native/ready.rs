//! The reply to `hello`.

use serde::Serialize;
use utoipa::ToSchema;

use super::encode::tagged;
use super::frame_types::ServerFrame;
use crate::config::Limits;
use crate::domain::{ConnId, Invite, RequestId, Session, User};

/// The size of `ready`, unless a single session exceeds it.
const MAX_BYTES: usize = 256 * 1_024;

/// Everything a client needs to begin: one snapshot.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready<'a> {
    /// The authenticated user.
    pub user: &'a User,
    /// The id of this connection.
    pub connection: ConnId,
    /// The server.
    #[schema(inline)]
    pub server: ServerInfo<'a>,
    /// Seconds between two pings.
    pub heartbeat_seconds: u32,
    /// Every limit by its name; 0 is none.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub limits: &'a Limits,
    /// The first page of the user's sessions, latest activity first.
    pub sessions: Vec<Session>,
    /// The `cursor` of the next page; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions_next: Option<String>,
    /// The newest pending invites.
    pub invites: Vec<Invite>,
    /// The `cursor` of the next page; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invites_next: Option<String>,
    /// Names of the users who are online and whose presence is pushed.
    pub online: Vec<&'a str>,
}

/// The server and its history.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerInfo<'a> {
    /// Always `parlor`.
    name: &'static str,
    /// The version of the program.
    version: &'static str,
    /// The version of the protocol.
    protocol: u32,
    /// The identity of the database's history; a restored backup has a new one.
    epoch: &'a str,
}

impl<'a> ServerInfo<'a> {
    pub(crate) const fn new(epoch: &'a str) -> Self {
        Self { name: "parlor", version: env!("CARGO_PKG_VERSION"), protocol: 1, epoch }
    }
}

impl Ready<'_> {
    /// Appends the frame. `id` is the client's id of its `hello`, where the dialect returns it. Sessions are left out until
    /// [`MAX_BYTES`] suffice; `cursor` makes the cursor that continues behind a session.
    pub(crate) fn encode(&mut self, id: Option<&RequestId>, cursor: fn(&Session) -> String, to: &mut Vec<u8>) {
        let start = to.len();
        tagged(to, ServerFrame::Ready, id, Some(self));
        while to.len() - start > MAX_BYTES && self.sessions.len() > 1 {
            self.sessions.truncate(self.sessions.len() / 2);
            self.sessions_next = self.sessions.last().map(cursor);
            to.truncate(start);
            tagged(to, ServerFrame::Ready, id, Some(self));
        }
    }
}
