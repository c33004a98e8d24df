//! The headers in which proxies report the client's address: `X-Forwarded-For` in its many spellings, and `Forwarded` (RFC 7239).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Which header trusted proxies write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ForwardedHeader {
    /// `X-Forwarded-For`; where there is none, `Forwarded`.
    Auto,
    /// `X-Forwarded-For` alone.
    XForwardedFor,
    /// `Forwarded` alone.
    Forwarded,
}

/// The entries of all `X-Forwarded-For` lines, the nearest proxy's last. A proxy may append to a line or add one.
pub(crate) fn x_forwarded_for(lines: &[String]) -> Vec<String> {
    let entries = lines.iter().flat_map(|line| unquoted_split(line, ','));
    entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

/// The `for` of each element of all `Forwarded` lines, the nearest proxy's last; empty for an element without one.
pub(crate) fn forwarded(lines: &[String]) -> Vec<String> {
    let elements = lines.iter().flat_map(|line| unquoted_split(line, ','));
    let named = |element: &str| {
        let pairs = unquoted_split(element, ';').into_iter();
        let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, node)| node.trim().to_owned())
    };
    elements.filter(|element| !element.is_empty()).map(|element| named(element).unwrap_or_default()).collect()
}

/// The trimmed pieces between separators outside of quotes.
fn unquoted_split(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == separator && !quoted
    })
    .map(str::trim)
    .collect()
}

/// The address in an entry: bare, in quotes, with a port, in brackets, with a zone. `None` for `unknown`, for an obfuscated
/// identifier, and for what is neither.
pub(super) fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let entry = entry.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(entry).trim();
    if let Some(rest) = entry.strip_prefix('[') {
        let (v6, port) = rest.split_once(']')?;
        return if is_port(port) { v6_of(v6) } else { None };
    }
    if let Ok(ip) = IpAddr::from_str(entry) {
        return Some(ip.to_canonical());
    }
    match entry.split_once(':') {
        Some((v4, port)) if !port.contains(':') => {
            Ipv4Addr::from_str(v4.trim()).ok().filter(|_| is_port(&entry[v4.len()..])).map(IpAddr::V4)
        }
        _ => v6_of(entry),
    }
}

/// An IPv6 address, which may name the interface it was seen at.
fn v6_of(text: &str) -> Option<IpAddr> {
    let ip = text.split_once('%').map_or(text, |(ip, _)| ip);
    Ipv6Addr::from_str(ip.trim()).ok().map(|ip| IpAddr::V6(ip).to_canonical())
}

/// Nothing, or `:` and a port, which may be obfuscated too.
fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else { return text.is_empty() };
    let obfuscated = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    port.parse::<u16>().is_ok() || port.strip_prefix('_').is_some_and(|rest| rest.chars().all(obfuscated))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(entry: &str) -> Option<String> {
        address(entry).map(|ip| ip.to_string())
    }

    #[test]
    fn every_spelling_of_an_address_is_read() {
        for entry in [
            "203.0.113.7",
            " 203.0.113.7 ",
            "203.0.113.7:4711",
            "\"203.0.113.7\"",
            "\"203.0.113.7:4711\"",
            "203.0.113.7:_x9",
            "::ffff:203.0.113.7",
            "[::ffff:203.0.113.7]:80",
        ] {
            assert_eq!(shown(entry).as_deref(), Some("203.0.113.7"), "{entry}");
        }
        for entry in [
            "2001:db8::1",
            "2001:DB8:0:0::1",
            "[2001:db8::1]",
            "[2001:db8::1]:4711",
            "\"[2001:db8::1]:4711\"",
            "\"[2001:db8::1]\"",
            "[2001:db8::1%eth0]:80",
            "2001:db8::1%eth0",
        ] {
            assert_eq!(shown(entry).as_deref(), Some("2001:db8::1"), "{entry}");
        }
    }

    #[test]
    fn other_identifiers_are_no_address() {
        for entry in [
            "",
            "unknown",
            "\"unknown\"",
            "_hidden",
            "_SEVKISEK",
            "localhost",
            "client.example",
            "203.0.113",
            "203.0.113.7:x",
            "203.0.113.7:99999",
            "203.0.113.7 4711",
            "[2001:db8::1",
            "2001:db8::1]",
            "[203.0.113.7]",
            "\"",
            "é",
            "203.0.113.7:",
        ] {
            assert_eq!(shown(entry), None, "{entry}");
        }
    }

    #[test]
    fn lines_are_read_as_one_list() {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(x_forwarded_for(&lines(&["a, b", "c"])), ["a", "b", "c"]);
        assert_eq!(x_forwarded_for(&lines(&["a,, b ,", ""])), ["a", "b"]);
        assert_eq!(
            forwarded(&lines(&["for=192.0.2.43, For=\"[2001:db8:cafe::17]:4711\";proto=https", "by=x;for=_hidden"])),
            ["192.0.2.43", "\"[2001:db8:cafe::17]:4711\"", "_hidden"]
        );
        assert_eq!(forwarded(&lines(&["host=\"a,b;for=1.2.3.4\"; for=unknown", "proto=http"])), ["unknown", ""]);
    }
}
