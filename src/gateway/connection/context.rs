//! What the connections of a thread share.

use std::cell::RefCell;
use std::rc::Rc;

use actix::Addr;

use super::super::admission::Admission;
use super::super::hub::Links;
use super::super::socketio::{self, Sessions};
use super::Connection;
use crate::chat::ChatServer;
use crate::protocol::registry::Settings;
use crate::service::Services;
use crate::socketio::session::Terms;

/// What the connections of a thread share.
pub(crate) struct GatewayContext {
    /// The ChatServer.
    pub chat: Addr<ChatServer>,
    /// The services.
    pub services: Services,
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
    pub(crate) fn new(
        chat: Addr<ChatServer>,
        services: Services,
        hub: (usize, Rc<RefCell<Links>>),
        admission: Admission,
        sessions: Sessions<Connection>,
    ) -> Self {
        let terms = Rc::new(socketio::terms(&services.config));
        let (hub, links) = hub;
        Self { chat, services, links, hub, admission, sessions, terms }
    }

    /// What protocols are made of.
    pub(in crate::gateway) fn settings(&self) -> Settings<'_> {
        Settings { config: &self.services.config, lobby: self.services.store.lobby() }
    }
}
