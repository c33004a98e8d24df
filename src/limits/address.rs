//! Whom a rate by address counts: an IPv4 address or an IPv6 /64, and whose word on it is believed.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

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
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

impl Address {
    /// Who asks: the peer, or, as long as the last one named is a trusted proxy, whom that proxy names in
    /// `X-Forwarded-For` (read from its end; what a client put before is not believed).
    pub fn of(peer: IpAddr, forwarded: Option<&str>, trusted: &[Network]) -> Self {
        let mut from = peer.to_canonical();
        let mut named = forwarded.unwrap_or_default().rsplit(',').map(str::trim);
        while trusted.iter().any(|network| network.contains(from)) {
            match named.next().map(IpAddr::from_str) {
                Some(Ok(ip)) => from = ip.to_canonical(),
                _ => break,
            }
        }
        Self::from(from)
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

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        let trusted = ["127.0.0.1".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let of = |peer: &str, forwarded| Address::of(ip(peer), forwarded, &trusted);
        assert_eq!(of("1.2.3.4", Some("9.9.9.9")), Address(ip("1.2.3.4")));
        assert_eq!(of("127.0.0.1", Some("9.9.9.9, 1.2.3.4")), Address(ip("1.2.3.4")));
        assert_eq!(of("127.0.0.1", Some("9.9.9.9, 10.1.1.1")), Address(ip("9.9.9.9")));
        assert_eq!(of("127.0.0.1", Some("nonsense")), Address(ip("127.0.0.1")));
        assert_eq!(of("::ffff:127.0.0.1", Some("1.2.3.4")), Address(ip("1.2.3.4")));
    }

    #[test]
    fn an_ipv6_household_is_one_address() {
        assert_eq!(Address::from(ip("2001:db8:1:2:3:4:5:6")), Address::from(ip("2001:db8:1:2::1")));
        assert_ne!(Address::from(ip("2001:db8:1:3::1")), Address::from(ip("2001:db8:1:2::1")));
    }

    #[test]
    fn networks_are_read_strictly() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "a/b"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        assert!("0.0.0.0/0".parse::<Network>().is_ok_and(|all| all.contains(ip("8.8.8.8"))));
    }
}
