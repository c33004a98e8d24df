//! Whom a rate by address counts: an IPv4 address or an IPv6 /64, and whose word on it is believed.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use super::forwarded;

/// Where addresses that are none begin: among those of multicast, which no packet is from.
const UNNAMED: u16 = 0xff0f;

/// An IPv4 address, or the first 64 bits of an IPv6 one, since a household is given that many to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            _ if !self.is_named() => f.write_str("unknown"),
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

impl Address {
    /// Who asks: the peer, or, as long as the last one named is a trusted proxy, whom that proxy names in `entries`, read from
    /// their end; what a client put before is not believed.
    ///
    /// Where a trusted proxy names somebody in a way that is no address (`unknown`, `_hidden`), that text stands for who asks and
    /// not the proxy, for which others would have to suffer. It is told beside the address.
    pub fn of<'a>(peer: IpAddr, entries: &'a [String], trusted: &[Network]) -> (Self, Option<&'a str>) {
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
    pub fn is_named(&self) -> bool {
        !matches!(self.0, IpAddr::V6(ip) if ip.segments().first() == Some(&UNNAMED))
    }
}

/// An address with the number of its leading bits that count: `10.0.0.0/8`, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    ip: IpAddr,
    bits: u32,
}

impl Network {
    /// True for every address that begins alike.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.ip, ip.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32_u32.saturating_sub(self.bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128_u32.saturating_sub(self.bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is neither an address nor a network like `10.0.0.0/8`");
        let (ip, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(ip, bits)| (ip, Some(bits)));
        let ip = IpAddr::from_str(ip).map_err(|_| wrong())?;
        let most = if ip.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > most { Err(wrong()) } else { Ok(Self { ip, bits }) }
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
        assert!("0.0.0.0/0".parse::<Network>().is_ok_and(|all| all.contains(ip("8.8.8.8"))));
    }
}
