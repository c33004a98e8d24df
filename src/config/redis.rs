//! The URL of Redis.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// `redis://[<user>:<password>@]<host>[:<port>][/<database>]`. It may have a password, so neither `Debug` nor `Display` show more
/// than host and port.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(Url);

impl FromStr for RedisUrl {
    type Err = String;

    /// No error names a part of the URL.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected `redis://<host>` or `redis://:<password>@<host>:<port>`";
        let url = Url::parse(text).map_err(|error| format!("not a URL: {error}; {expected}"))?;
        match url.scheme() {
            "redis" if url.has_host() => Ok(Self(url)),
            "rediss" => Err("TLS to Redis is not supported: use a private network, and `redis://`".to_owned()),
            _ => Err(expected.to_owned()),
        }
    }
}

impl RedisUrl {
    /// The URL with the version of the protocol in which messages arrive on the same connection.
    pub(crate) fn with_protocol(&self) -> String {
        let mut url = self.0.clone();
        if !url.query_pairs().any(|(name, _)| name == "protocol") {
            url.query_pairs_mut().append_pair("protocol", "resp3");
        }
        url.into()
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redis://{}", self.0.host_str().unwrap_or_default())?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        let url: RedisUrl = "redis://avi:hunter2@cache:6380/2".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "redis://cache:6380 redis://cache:6380");
        assert_eq!(url.with_protocol(), "redis://avi:hunter2@cache:6380/2?protocol=resp3");
    }

    #[test]
    fn other_urls_are_refused_without_being_shown() {
        for url in ["hunter2", "http://:hunter2@cache", "rediss://:hunter2@cache", "redis:hunter2"] {
            let error = url.parse::<RedisUrl>().unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
