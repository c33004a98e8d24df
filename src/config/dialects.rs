//! Which dialects of older systems are served.

use std::fmt;
use std::str::FromStr;

use crate::domain::Dialect;

/// The dialects that are switched on beside the native one, which is always served and cannot be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialects(Vec<Dialect>);

impl Dialects {
    pub(crate) fn contains(&self, dialect: Dialect) -> bool {
        self.0.contains(&dialect)
    }
}

/// All of them.
impl Default for Dialects {
    fn default() -> Self {
        Self(Dialect::LEGACY.map(|(_, dialect)| dialect).to_vec())
    }
}

/// The names as they are written in the setting.
impl fmt::Display for Dialects {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Dialect::LEGACY.iter().filter(|(_, dialect)| self.contains(*dialect));
        to.write_str(&names.map(|(name, _)| *name).collect::<Vec<_>>().join(","))
    }
}

impl FromStr for Dialects {
    type Err = String;

    /// A comma-separated list of names; an empty one switches all of them off.
    fn from_str(text: &str) -> Result<Self, String> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_listed_by_name() {
        let some: Dialects = "rooms, lobby".parse().unwrap();
        assert!(some.contains(Dialect::Rooms) && some.contains(Dialect::Lobby) && !some.contains(Dialect::Contacts));
        assert!(!"".parse::<Dialects>().unwrap().contains(Dialect::Rooms));
        assert!("rooms,native".parse::<Dialects>().is_err());
    }
}
