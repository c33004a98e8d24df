//! What a connection has beside where Socket.IO carries it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::rt::net::TcpStream;
use bytes::BytesMut;
use tokio::sync::oneshot;
use tokio::time::Sleep;

use super::names::Entry;
use crate::domain::{Identity, Refusal};
use crate::socketio::codec::packet::Event;
use crate::socketio::codec::payload::Body;
use crate::socketio::session::{Peer, SocketNo};

/// A socket that has come for a session, with what came behind its handshake.
pub(super) type Fresh = (TcpStream, BytesMut);

/// The Socket.IO side of a connection.
pub(crate) struct Session {
    /// What it speaks.
    pub peer: Rc<RefCell<Peer>>,
    /// Its name among the sessions; `None` once it is over.
    pub(super) entry: Option<Entry>,
    /// Whom its handshake spoke for.
    pub(super) carried: Result<Option<Identity>, Refusal>,
    /// Its socket, whether it carries the session or only probes.
    pub(in super::super) socket: Option<SocketNo>,
    /// A socket that has come and is not read yet.
    pub(in super::super) fresh: Option<Fresh>,
    /// The last poll, by its handler's own number, until it is known to be over.
    pub(super) ticket: Option<u64>,
    /// A poll has been answered, and its handler does not have the answer yet.
    pub answers: bool,
    /// Who waits for the answer to a poll.
    pub(super) poll: Option<oneshot::Sender<Body>>,
    /// Who waits for the `ok` to a post: until all that it said has been taken.
    pub(super) post: Option<oneshot::Sender<()>>,
    /// Events that are not looked at yet.
    pub received: VecDeque<Event>,
    /// It said who it is by `hello`.
    pub says_hello: bool,
    /// The rate is used up; until when.
    pub(super) pause: Option<Pin<Box<Sleep>>>,
    /// There is nothing more to do but to let the socket end.
    pub over: bool,
}

impl Session {
    /// A session whose handshake spoke for `carried`, under a name that is entered next.
    pub(super) fn new(peer: Peer, carried: Result<Option<Identity>, Refusal>) -> Self {
        Self {
            peer: Rc::new(RefCell::new(peer)),
            entry: None,
            carried,
            socket: None,
            fresh: None,
            ticket: None,
            answers: false,
            poll: None,
            post: None,
            received: VecDeque::new(),
            says_hello: false,
            pause: None,
            over: false,
        }
    }
}
