//! Selects the dialect of a connection. Every dialect is registered here and nowhere else.

use super::Protocol;
use super::legacy::contacts::ContactsProtocol;
use super::legacy::lobby::LobbyProtocol;
use super::legacy::rooms::RoomsProtocol;
use super::legacy::sessions::SessionsProtocol;
use super::native::NativeProtocol;
use super::socketio::{HELLO, NativeEvents};
use crate::config::Config;
use crate::domain::Dialect;
use crate::domain::{LoginMethod, SessionId};

#[derive(Clone, Copy)]
pub(crate) struct Settings<'a> {
    pub config: &'a Config,
    /// `None` where the lobby is disabled.
    pub lobby: Option<SessionId>,
}

/// A WebSocket endpoint of a dialect.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    /// Without a trailing slash.
    pub path: &'static str,
    /// Of which a client may request one in the handshake.
    pub subprotocols: &'static [&'static str],
    pub protocol: fn(Settings<'_>) -> Box<dyn Protocol>,
    /// The dialect that must be enabled; `None`: the endpoint always is.
    dialect: Option<Dialect>,
}

const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/api/v1/ws",
        subprotocols: &["parlor.v1"],
        protocol: |_| Box::new(NativeProtocol),
        dialect: None,
    },
    Endpoint {
        path: "/ws",
        subprotocols: &[],
        protocol: |settings| Box::new(SessionsProtocol::new(settings.lobby, &settings.config.limits)),
        dialect: Some(Dialect::Sessions),
    },
];

pub(crate) fn endpoints(config: &Config) -> impl Iterator<Item = Endpoint> {
    ENDPOINTS
        .iter()
        .copied()
        .filter(move |endpoint| endpoint.dialect.is_none_or(|dialect| config.dialects.contains(dialect)))
}

pub(crate) fn for_socketio() -> Box<dyn Protocol> {
    Box::new(NativeEvents)
}

/// The protocol for a login method on Socket.IO; `None`: the connection keeps its protocol.
pub(crate) fn by_login(login_method: LoginMethod, settings: Settings<'_>) -> Option<Box<dyn Protocol>> {
    let Settings { config, lobby } = settings;
    match login_method {
        LoginMethod::RoomGuest(room) if config.dialects.contains(Dialect::Rooms) => {
            Some(Box::new(RoomsProtocol::new(room, &config.limits)))
        }
        LoginMethod::LobbyGuest if config.dialects.contains(Dialect::Lobby) => {
            Some(Box::new(LobbyProtocol::new(lobby, config.limits.text_bytes)))
        }
        LoginMethod::Password | LoginMethod::Guest | LoginMethod::LobbyGuest | LoginMethod::RoomGuest(_) => None,
    }
}

/// The protocol for an unauthenticated Socket.IO client whose first event is `name`; `None`: the connection keeps its protocol.
pub(crate) fn by_first_event(name: &str, settings: Settings<'_>) -> Option<Box<dyn Protocol>> {
    let Settings { config, lobby } = settings;
    let is_contacts = name != HELLO && authenticates_by_events(config);
    is_contacts.then(|| -> Box<dyn Protocol> { Box::new(ContactsProtocol::new(config, lobby)) })
}

/// True where a dialect is enabled whose clients authenticate by events, at any time or never.
pub(crate) fn authenticates_by_events(config: &Config) -> bool {
    config.dialects.contains(Dialect::Contacts)
}
