//! Origins: scheme, host and port of a page, kept in one spelling so that equal origins are equal strings.

use std::net::IpAddr;
use std::str::FromStr;

use url::Url;

/// Scheme, host and port of a page. Two values are equal where a browser would call the origins the same: case, the scheme's own
/// port, the spelling of an international host name and a trailing dot make no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    ascii: String,
    host: String,
}

/// Schemes whose pages have no origin of this form, with what is meant instead.
const OTHERS: [(&str, &str); 3] = [
    ("ws", "write `http://` instead of `ws://`"),
    ("wss", "write `https://` instead of `wss://`"),
    ("file", "pages of `file://` have no origin"),
];

impl Origin {
    /// As it stands in a browser's `Origin` header: lower case, ASCII, without a default port.
    pub fn as_str(&self) -> &str {
        &self.ascii
    }

    /// The host alone: lower case, ASCII, without a trailing dot.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// True where cookies must not travel without TLS.
    pub fn is_https(&self) -> bool {
        self.ascii.starts_with("https://")
    }

    /// True for the origin of a page that a web server has sent.
    pub fn is_web(&self) -> bool {
        self.is_https() || self.ascii.starts_with("http://")
    }

    /// The origin of this scheme at the host of a `Host` header; `None` where that is none.
    pub fn at(&self, host: &str) -> Option<Self> {
        let (scheme, _) = self.ascii.split_once("://")?;
        format!("{scheme}://{host}").parse().ok()
    }

    /// Reads the address under which people reach the server.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse_public(text: &str) -> Result<Self, String> {
        let expected = || "expected an origin like `https://chat.example.org`, without a path".to_owned();
        text.parse().ok().filter(Self::is_web).ok_or_else(expected)
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            "expected an origin like `https://app.example.org` or `capacitor://localhost`, without a path".to_owned()
        };
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(expected)?;
        let scheme = scheme.to_ascii_lowercase();
        if let Some((_, instead)) = OTHERS.iter().find(|(other, _)| *other == scheme) {
            return Err((*instead).to_owned());
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // The parser forgives what stands in no origin.
        if rest.is_empty() || rest.contains(['/', '\\', '?', '#', '@']) || rest.contains(char::is_whitespace) {
            return Err(expected());
        }
        let url = Url::parse(&format!("{scheme}://{rest}")).map_err(|_| expected())?;
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
        if host.is_empty() || host.ends_with('.') {
            return Err(expected());
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self { ascii: format!("{scheme}://{host}{port}"), host })
    }
}

/// The host in a `Host` header, spelled as [`Origin::host`] spells it, and whether it is an IP address; `None` where there is none.
pub fn host_of(header: &str) -> Option<(String, bool)> {
    let origin: Origin = format!("http://{header}").parse().ok()?;
    let bare = origin.host.trim_start_matches('[').trim_end_matches(']');
    let is_ip = IpAddr::from_str(bare).is_ok();
    Some((origin.host, is_ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Result<String, String> {
        text.parse::<Origin>().map(|origin| origin.as_str().to_owned())
    }

    #[test]
    fn one_origin_has_one_spelling() {
        for (text, wanted) in [
            ("https://Chat.example.org:443/", "https://chat.example.org"),
            ("HTTP://chat.example:80", "http://chat.example"),
            ("https://chat.example.", "https://chat.example"),
            ("https://chat.example.:8443", "https://chat.example:8443"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("http://[::1]:5000", "http://[::1]:5000"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
            ("http://bücher.example:8080", "http://xn--bcher-kva.example:8080"),
            ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
            ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah"),
            (" https://chat.example ", "https://chat.example"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn packaged_apps_and_extensions_have_origins_too() {
        for text in [
            "capacitor://localhost",
            "ionic://localhost",
            "tauri://localhost",
            "app://obsidian.md",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "moz-extension://0f3c2b1a-0000-4000-8000-000000000000",
        ] {
            assert_eq!(origin(text).as_deref(), Ok(text));
            assert!(Origin::parse_public(text).is_err(), "{text}");
        }
        assert_eq!(origin("Capacitor://LocalHost/").as_deref(), Ok("capacitor://localhost"));
        assert_ne!(origin("capacitor://localhost"), origin("capacitor://localhost:80"));
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for bad in [
            "",
            "null",
            "*",
            "chat.example.org",
            "https://",
            "https:///",
            "https://.",
            "https://a..",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://a\\b",
            "https://user@a",
            "https://@a",
            "https://a b",
            "https://a:99999",
            "https://[::1",
            "ws://a",
            "wss://a",
            "file:///a",
            "1x://a",
            "mailto:a@b",
            "capacitor://",
            "capacitor://localhost/path",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
        assert!(origin("wss://a").is_err_and(|why| why.contains("https")));
    }

    #[test]
    fn a_host_header_is_read_as_an_origin_is() {
        let host = |text: &str| host_of(text).map(|(host, is_ip)| format!("{host} {is_ip}"));
        assert_eq!(host("Chat.Example.:443").as_deref(), Some("chat.example false"));
        assert_eq!(host("127.0.0.1:5000").as_deref(), Some("127.0.0.1 true"));
        assert_eq!(host("[::1]:5000").as_deref(), Some("[::1] true"));
        for bad in ["", ":80", "a/b", "a b", "a@b"] {
            assert_eq!(host(bad), None, "{bad}");
        }
    }
}
