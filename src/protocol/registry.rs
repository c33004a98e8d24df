//! Which dialect a connection speaks: every dialect is registered in this file, and nowhere else.

use super::Protocol;
use super::legacy::contacts::Contacts;
use super::legacy::lobby::Lobby;
use super::legacy::rooms::Rooms;
use super::legacy::sessions::Sessions;
use super::native::Native;
use super::socketio::{HELLO, NativeEvents};
use crate::config::{Config, Dialect};
use crate::domain::{Door, SessionId};

/// What a protocol is made of.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a> {
    /// Every setting.
    pub config: &'a Config,
    /// The lobby; `None` where it is switched off.
    pub lobby: Option<SessionId>,
}

/// A path at which a dialect is spoken over WebSocket.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    /// The path, without a slash at its end.
    pub path: &'static str,
    /// Subprotocols of the handshake, of which a client may ask for one.
    pub subprotocols: &'static [&'static str],
    /// The protocol of a new connection.
    pub protocol: fn(Settings<'_>) -> Box<dyn Protocol>,
    /// The dialect that must be switched on; `None`: it always is.
    dialect: Option<Dialect>,
}

const ENDPOINTS: [Endpoint; 2] = [
    Endpoint { path: "/api/v1/ws", subprotocols: &["parlor.v1"], protocol: |_| Box::new(Native), dialect: None },
    Endpoint {
        path: "/ws",
        subprotocols: &[],
        protocol: |settings| Box::new(Sessions::new(settings.lobby, &settings.config.limits)),
        dialect: Some(Dialect::Sessions),
    },
];

/// The WebSocket endpoints of the dialects that are switched on.
pub(crate) fn endpoints(config: &Config) -> impl Iterator<Item = Endpoint> {
    ENDPOINTS.into_iter().filter(move |endpoint| endpoint.dialect.is_none_or(|dialect| config.dialects.speak(dialect)))
}

/// The protocol of a new Socket.IO connection.
pub(crate) fn for_socketio() -> Box<dyn Protocol> {
    Box::new(NativeEvents)
}

/// The protocol of a Socket.IO connection whose user logged in like this; `None`: it stays as it is.
pub(crate) fn by_login(door: Door, settings: Settings<'_>) -> Option<Box<dyn Protocol>> {
    let Settings { config, lobby } = settings;
    match door {
        Door::Rooms(room) if config.dialects.speak(Dialect::Rooms) => Some(Box::new(Rooms::new(room, &config.limits))),
        Door::Lobby if config.dialects.speak(Dialect::Lobby) => {
            Some(Box::new(Lobby::new(lobby, config.limits.text_bytes)))
        }
        Door::Login | Door::Guests | Door::Lobby | Door::Rooms(_) => None,
    }
}

/// The protocol of a Socket.IO connection that has not authenticated and whose client sends this event; `None`: it stays as it
/// is.
pub(crate) fn by_first_event(name: &str, settings: Settings<'_>) -> Option<Box<dyn Protocol>> {
    let Settings { config, lobby } = settings;
    let is_contacts = name != HELLO && authenticates_by_events(config);
    is_contacts.then(|| -> Box<dyn Protocol> { Box::new(Contacts::new(config, lobby)) })
}

/// True where a dialect is switched on whose clients authenticate by their events, at any time or never.
pub(crate) fn authenticates_by_events(config: &Config) -> bool {
    config.dialects.speak(Dialect::Contacts)
}
