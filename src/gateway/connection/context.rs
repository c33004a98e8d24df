//! What the connections of a thread share.

use std::cell::RefCell;
use std::rc::Rc;

use actix::Addr;

use super::super::admission::Admission;
use super::super::hub::Links;
use super::super::outbound::OutboundLimits;
use super::super::socketio::{self, SessionRegistry};
use super::Connection;
use crate::chat::ChatServer;
use crate::protocol::registry::Settings;
use crate::service::Services;
use crate::socketio::session::SessionConfig;

pub(crate) struct GatewayContext {
    pub chat: Addr<ChatServer>,
    pub services: Services,
    pub links: Rc<RefCell<Links>>,
    pub hub: usize,
    pub admission: Admission,
    pub sessions: SessionRegistry<Connection>,
    pub session_config: Rc<SessionConfig>,
    pub outbound_limits: Rc<OutboundLimits>,
}

impl GatewayContext {
    /// `hub` is the number of the thread's hub.
    pub(crate) fn new(
        chat: Addr<ChatServer>,
        services: Services,
        (hub, links): (usize, Rc<RefCell<Links>>),
        admission: Admission,
        sessions: SessionRegistry<Connection>,
    ) -> Self {
        let session_config = Rc::new(socketio::session_config(&services.config));
        let outbound_limits = Rc::new(OutboundLimits::new(&services.config));
        Self { chat, services, links, hub, admission, sessions, session_config, outbound_limits }
    }

    pub(in crate::gateway) fn settings(&self) -> Settings<'_> {
        Settings { config: &self.services.config, lobby: self.services.store.lobby() }
    }
}
