//! The dialects, and the names of those of older systems.

use std::str::FromStr;

/// The dialect of a connection. Fixed at the handshake by the endpoint and the login method or, without a token, by the client's first
/// event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    /// Parlor's own, over any transport.
    #[default]
    Native,
    Contacts,
    Lobby,
    Sessions,
    Rooms,
}

impl Dialect {
    /// The dialects of older systems, which can be switched on and off by name.
    pub(crate) const LEGACY: [(&str, Self); 4] =
        [("contacts", Self::Contacts), ("lobby", Self::Lobby), ("sessions", Self::Sessions), ("rooms", Self::Rooms)];
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::LEGACY.iter().find(|(known, _)| *known == name);
        found.map(|(_, dialect)| *dialect).ok_or_else(|| {
            let names = Self::LEGACY.map(|(known, _)| format!("`{known}`")).join(", ");
            format!("`{name}` is none of {names}")
        })
    }
}
