//! Budgets that outlive a restart, as text.

use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

use super::Address;
use crate::domain::UserId;

/// The use of a budget by one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Saved {
    pub budget: String,
    pub key: String,
    /// Until all of it is available again; zero: nothing to save.
    pub ahead: Duration,
}

pub(crate) trait SavedKey: Clone + Eq + Hash {
    fn write(&self) -> String;
    /// `None` for what [`SavedKey::write`] does not produce.
    fn read(text: &str) -> Option<Self>;
}

impl SavedKey for () {
    fn write(&self) -> String {
        String::new()
    }

    fn read(_: &str) -> Option<Self> {
        Some(())
    }
}

impl SavedKey for String {
    fn write(&self) -> String {
        self.clone()
    }

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl SavedKey for UserId {
    fn write(&self) -> String {
        self.0.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl SavedKey for Address {
    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.trim_end_matches("/64").parse::<IpAddr>().ok().map(Self::from)
    }
}

impl SavedKey for (String, Address) {
    fn write(&self) -> String {
        format!("{} {}", self.1, self.0)
    }

    fn read(text: &str) -> Option<Self> {
        let (address, name) = text.split_once(' ')?;
        Some((name.to_owned(), Address::read(address)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_written() {
        fn same<K: SavedKey + std::fmt::Debug>(key: K) {
            assert_eq!(K::read(&key.write()), Some(key));
        }
        for ip in ["10.0.0.1", "2001:db8:1:2:3:4:5:6", "::ffff:10.0.0.1"] {
            let address = Address::from(ip.parse::<IpAddr>().unwrap());
            same(address);
            same(("avi".to_owned(), address));
            same((String::new(), address));
        }
        same(());
        same(UserId(-7));
        assert_eq!(Address::read("somewhere"), None);
        assert_eq!(<(String, Address)>::read("avi"), None);
    }
}
