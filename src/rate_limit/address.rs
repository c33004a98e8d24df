//! Whom a rate by address counts: an IPv4 address or an IPv6 /64, and whose word on it is believed.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv6Net};

use super::forwarded;

/// Leading bits of an IPv6 address that a household shares.
const HOUSEHOLD: u8 = 64;

/// Where addresses that are none begin: among those of multicast, which no packet is from.
const UNNAMED: u16 = 0xff0f;

/// An IPv4 address, or the first 64 bits of an IPv6 one, since a household is given that many to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Address(IpAddr);

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V6(v6) => Ipv6Net::new_assert(v6, HOUSEHOLD).network().into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            _ if !self.is_named() => f.write_str("unknown"),
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/{HOUSEHOLD}"),
        }
    }
}

impl Address {
    /// Who asks: the peer, or, as long as the last one named is a trusted proxy, whom that proxy names in `entries`, read from
    /// their end; what a client put before is not believed.
    ///
    /// Where a trusted proxy names somebody in a way that is no address (`unknown`, `_hidden`), that text stands for who asks and
    /// not the proxy, for which others would have to suffer. It is told beside the address.
    pub(crate) fn of<'a>(peer: IpAddr, entries: &'a [String], trusted: &[Network]) -> (Self, Option<&'a str>) {
        let mut from = peer.to_canonical();
        let mut entries = entries.iter().rev();
        while trusted.iter().any(|network| network.contains(from)) {
            let Some(entry) = entries.next() else { break };
            match forwarded::address(entry) {
                Some(ip) => from = ip,
                None => return (Self::unnamed(from, entry), Some(entry)),
            }
        }
        (Self::from(from), None)
    }

    /// Somebody behind `proxy` who is told from others by this text alone. An address that no packet comes from.
    fn unnamed(proxy: IpAddr, text: &str) -> Self {
        let mut hash = DefaultHasher::new();
        (proxy, text).hash(&mut hash);
        let [a, b, c, d, e, f, ..] = hash.finish().to_be_bytes();
        let part = |high, low| u16::from_be_bytes([high, low]);
        Self(IpAddr::V6(Ipv6Addr::new(UNNAMED, part(a, b), part(c, d), part(e, f), 0, 0, 0, 0)))
    }

    /// True where this is an address; false for what a proxy says instead of one, which may stand for everybody.
    pub(crate) fn is_named(&self) -> bool {
        !matches!(self.0, IpAddr::V6(ip) if ip.segments().first() == Some(&UNNAMED))
    }
}

/// A range of addresses: `10.0.0.0/8`, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network(IpNet);

impl Network {
    /// True for every address in the range. An IPv4 address that is written as an IPv6 one counts as itself.
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
    fn a_stranger_cannot_choose_an_address() {
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
    fn who_is_named_unreadably_is_neither_the_proxy_nor_anybody_else() {
        let (one, is_unreadable) = of("127.0.0.1", &["1.2.3.4", "_one"]);
        assert!(is_unreadable && !one.is_named());
        assert_eq!(one, of("127.0.0.1", &["9.9.9.9", "_one"]).0, "what stands before is not believed");
        let others =
            [of("127.0.0.1", &["_two"]), of("10.0.0.1", &["_one"]), of("127.0.0.1", &["1.2.3.4", "10.0.0.1", "_one"])];
        assert!(others.iter().take(2).all(|(other, _)| *other != one));
        assert_eq!(of("127.0.0.1", &["_one", "10.0.0.1"]).0, of("10.0.0.1", &["_one"]).0, "that proxy's word");
        for named in [of("127.0.0.1", &[]).0, of("127.0.0.1", &["1.2.3.4"]).0, of("2001:db8::1", &[]).0] {
            assert!(named.is_named() && named != one);
        }
    }

    #[test]
    fn an_ipv6_household_is_one_address() {
        assert_eq!(Address::from(ip("2001:db8:1:2:3:4:5:6")), Address::from(ip("2001:db8:1:2::1")));
        assert_ne!(Address::from(ip("2001:db8:1:3::1")), Address::from(ip("2001:db8:1:2::1")));
    }

    #[test]
    fn an_address_is_shown_as_far_as_it_counts() {
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
