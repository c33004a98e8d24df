//! What a connection has beside where it is a Socket.IO session.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::rt::net::TcpStream;
use bytes::BytesMut;
use tokio::sync::oneshot;
use tokio::time::Sleep;

use super::session_registry::SessionGuard;
use crate::domain::{Identity, Refusal};
use crate::socketio::codec::packet::EventPacket;
use crate::socketio::codec::payload::Body;
use crate::socketio::session::{Peer, SocketNo};

pub(super) type NewSocket = Box<(TcpStream, BytesMut)>;

pub(crate) struct SocketIoSession {
    pub peer: Rc<RefCell<Peer>>,
    /// The registration of the `sid`; `None` once the session has ended.
    pub(super) registration: Option<SessionGuard>,
    /// Who the session's first request was authenticated as, by header or cookie.
    pub(super) handshake_identity: Result<Option<Rc<Identity>>, Refusal>,
    /// The session's WebSocket, whether it is the transport already or still a probe.
    pub(in super::super) socket: Option<SocketNo>,
    /// A WebSocket that was accepted and is not read yet.
    pub(in super::super) new_socket: Option<NewSocket>,
    /// The last poll, until its handler has ended.
    pub(super) poll_id: Option<u64>,
    /// The last poll has its response, which its handler has not taken yet.
    pub answering_poll: bool,
    pub(super) poll: Option<oneshot::Sender<Body>>,
    /// The response of the pending POST, which is sent when all of its events are processed.
    pub(super) post: Option<oneshot::Sender<()>>,
    pub inbound: VecDeque<EventPacket>,
    pub uses_hello: bool,
    pub(super) rate_pause: Option<Pin<Box<Sleep>>>,
    pub ended: bool,
}

impl SocketIoSession {
    pub(super) fn new(peer: Peer, handshake_identity: Result<Option<Rc<Identity>>, Refusal>) -> Self {
        Self {
            peer: Rc::new(RefCell::new(peer)),
            registration: None,
            handshake_identity,
            socket: None,
            new_socket: None,
            poll_id: None,
            answering_poll: false,
            poll: None,
            post: None,
            inbound: VecDeque::new(),
            uses_hello: false,
            rate_pause: None,
            ended: false,
        }
    }
}
