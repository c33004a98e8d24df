//! What the connections of a thread share.

use std::cell::RefCell;
use std::rc::Rc;

use actix::Addr;

use super::super::admission::Admission;
use super::super::hub::Links;
use super::super::session::{self, Sessions};
use super::Connection;
use crate::chat::ChatServer;
use crate::desks::Desks;
use crate::dialect::Settings;
use crate::socketio::session::Terms;

/// What the connections of a thread share.
pub struct GatewayContext {
    /// The ChatServer.
    pub chat: Addr<ChatServer>,
    /// The desks.
    pub desks: Desks,
    /// The thread's connections.
    pub links: Rc<RefCell<Links>>,
    /// The number of the thread's hub.
    pub hub: usize,
    /// All sockets of all threads.
    pub admission: Admission,
    /// All Socket.IO sessions of all threads.
    pub sessions: Sessions<Connection>,
    /// What holds for each of them.
    pub terms: Rc<Terms>,
}

impl GatewayContext {
    /// The context of a thread whose hub has this number, over `links`.
    pub fn new(
        chat: Addr<ChatServer>,
        desks: Desks,
        hub: (usize, Rc<RefCell<Links>>),
        admission: Admission,
        sessions: Sessions<Connection>,
    ) -> Self {
        let terms = Rc::new(session::terms(&desks.config));
        let (hub, links) = hub;
        Self { chat, desks, links, hub, admission, sessions, terms }
    }

    /// What protocols are made of.
    pub(in crate::gateway) fn settings(&self) -> Settings<'_> {
        Settings { config: &self.desks.config, lobby: self.desks.store.lobby() }
    }
}
