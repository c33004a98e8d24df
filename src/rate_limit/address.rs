//! Addresses by which rates count: an IPv4 address or an IPv6 /64, directly or as a trusted proxy reports it.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv6Net};

use super::forwarded;

/// Leading bits of IPv6 addresses that one subscriber is given.
const PREFIX: u8 = 64;

/// The first group of addresses that stand for an unreadable entry: of multicast, which no packet is from.
const UNREADABLE: u16 = 0xff0f;

/// An IPv4 address, or the first 64 bits of an IPv6 one, within which one subscriber can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Address(IpAddr);

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V6(v6) => Ipv6Net::new_assert(v6, PREFIX).network().into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            _ if !self.is_known() => f.write_str("unknown"),
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/{PREFIX}"),
        }
    }
}

impl Address {
    /// The client's address: the peer, or, while that is a trusted proxy, the next of `entries` from their end. Entries before
    /// the first untrusted address are ignored, since clients can forge them.
    ///
    /// An entry of a trusted proxy that is no address (`unknown`, `_hidden`) counts as a client of its own and not as the proxy,
    /// whose other clients would be limited with it. It is returned beside the address.
    pub(crate) fn of<'a>(peer: IpAddr, entries: &'a [String], trusted: &[Network]) -> (Self, Option<&'a str>) {
        let mut from = peer.to_canonical();
        let mut entries = entries.iter().rev();
        while trusted.iter().any(|network| network.contains(from)) {
            let Some(entry) = entries.next() else { break };
            match forwarded::address(entry) {
                Some(ip) => from = ip,
                None => return (Self::unreadable(from, entry), Some(entry)),
            }
        }
        (Self::from(from), None)
    }

    /// A client behind `proxy` that only this text identifies.
    fn unreadable(proxy: IpAddr, text: &str) -> Self {
        let mut hash = DefaultHasher::new();
        (proxy, text).hash(&mut hash);
        let [a, b, c, d, e, f, ..] = hash.finish().to_be_bytes();
        let part = |high, low| u16::from_be_bytes([high, low]);
        Self(IpAddr::V6(Ipv6Addr::new(UNREADABLE, part(a, b), part(c, d), part(e, f), 0, 0, 0, 0)))
    }

    /// False for an entry that is no address, which may stand for any number of clients.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self.0, IpAddr::V6(ip) if ip.segments().first() == Some(&UNREADABLE))
    }
}

/// A range of addresses like `10.0.0.0/8`, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network(IpNet);

impl Network {
    /// An IPv4-mapped IPv6 address counts as the IPv4 address.
    pub(crate) fn contains(&self, ip: IpAddr) -> bool {
        self.0.contains(&ip.to_canonical())
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = IpNet::from_str(text.trim()).or_else(|_| IpAddr::from_str(text.trim()).map(IpNet::from));
        network.map(Self).map_err(|_| format!("`{text}` is neither an address nor a network like `10.0.0.0/8`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn of(peer: &str, entries: &[&str]) -> (Address, bool) {
        let trusted = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        let (address, unreadable) = Address::of(ip(peer), &entries, &trusted);
        (address, unreadable.is_some())
    }

    #[test]
    fn a_client_cannot_forge_its_address() {
        for (peer, entries, wanted) in [
            ("1.2.3.4", &["9.9.9.9"][..], "1.2.3.4"),
            ("127.0.0.1", &["9.9.9.9", "1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", &["9.9.9.9", "10.1.1.1"], "9.9.9.9"),
            ("127.0.0.1", &["unknown", "9.9.9.9", "[fd00::1]:80", "10.1.1.1:4711"], "9.9.9.9"),
            ("127.0.0.1", &["_hidden", "1.2.3.4"], "1.2.3.4"),
            ("::ffff:127.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["10.0.0.7"], "10.0.0.7"),
        ] {
            assert_eq!(of(peer, entries), (Address(ip(wanted)), false), "{peer} {entries:?}");
        }
    }

    #[test]
    fn an_unreadable_entry_is_a_client_of_its_own() {
        let (one, is_unreadable) = of("127.0.0.1", &["1.2.3.4", "_one"]);
        assert!(is_unreadable && !one.is_known());
        assert_eq!(one, of("127.0.0.1", &["9.9.9.9", "_one"]).0, "earlier entries are ignored");
        let others =
            [of("127.0.0.1", &["_two"]), of("10.0.0.1", &["_one"]), of("127.0.0.1", &["1.2.3.4", "10.0.0.1", "_one"])];
        assert!(others.iter().take(2).all(|(other, _)| *other != one));
        assert_eq!(of("127.0.0.1", &["_one", "10.0.0.1"]).0, of("10.0.0.1", &["_one"]).0, "by that proxy");
        for named in [of("127.0.0.1", &[]).0, of("127.0.0.1", &["1.2.3.4"]).0, of("2001:db8::1", &[]).0] {
            assert!(named.is_known() && named != one);
        }
    }

    #[test]
    fn an_ipv6_prefix_is_one_address() {
        assert_eq!(Address::from(ip("2001:db8:1:2:3:4:5:6")), Address::from(ip("2001:db8:1:2::1")));
        assert_ne!(Address::from(ip("2001:db8:1:3::1")), Address::from(ip("2001:db8:1:2::1")));
    }

    #[test]
    fn only_the_counted_part_of_an_address_is_shown() {
        assert_eq!(Address::from(ip("::ffff:1.2.3.4")).to_string(), "1.2.3.4");
        assert_eq!(Address::from(ip("2001:db8:1:2::9")).to_string(), "2001:db8:1:2::/64");
        assert_eq!(of("127.0.0.1", &["_hidden"]).0.to_string(), "unknown");
    }

    #[test]
    fn networks_are_read_strictly() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "a/b"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        for (network, inside, outside) in [
            ("0.0.0.0/0", "8.8.8.8", "2001:db8::1"),
            ("::/0", "2001:db8::1", "8.8.8.8"),
            (" 10.1.2.3/8 ", "10.255.0.1", "11.0.0.0"),
            ("10.0.0.0/9", "::ffff:10.127.255.255", "10.128.0.0"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
        ] {
            let range: Network = network.parse().unwrap();
            assert!(range.contains(ip(inside)) && !range.contains(ip(outside)), "{network}");
        }
    }
}
