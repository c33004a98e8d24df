//! Which older systems' clients are served.

use std::str::FromStr;

/// A way of saying the same commands and events as the native one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The contact list over Socket.IO.
    Contacts,
    /// The lobby over Socket.IO.
    Lobby,
    /// REST and a plain WebSocket.
    Sessions,
    /// Room codes: pages and Socket.IO.
    Rooms,
}

/// Those that are switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialects(Vec<Dialect>);

impl Dialects {
    /// True where this one is.
    pub fn speak(&self, dialect: Dialect) -> bool {
        self.0.contains(&dialect)
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "contacts" => Ok(Self::Contacts),
            "lobby" => Ok(Self::Lobby),
            "sessions" => Ok(Self::Sessions),
            "rooms" => Ok(Self::Rooms),
            _ => Err(format!("`{text}` is none of `contacts`, `lobby`, `sessions` and `rooms`")),
        }
    }
}

impl FromStr for Dialects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Nothing at all switches all of them off.
        text.split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_listed_by_name() {
        let some: Dialects = "rooms, lobby".parse().unwrap();
        assert!(some.speak(Dialect::Rooms) && some.speak(Dialect::Lobby) && !some.speak(Dialect::Contacts));
        assert!(!"".parse::<Dialects>().unwrap().speak(Dialect::Rooms));
        assert!("rooms,native".parse::<Dialects>().is_err());
    }
}
