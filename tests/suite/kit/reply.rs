//! HTTP answers, read completely, and checks of them.

use std::io::Read;
use std::net::TcpStream;

use serde_json::Value;

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// Reads to the end of the connection.
    pub fn read(stream: &mut TcpStream) -> Result<Self, String> {
        let bytes = Self::bytes(stream)?;
        Self::parse(&bytes).ok_or_else(|| format!("not an HTTP answer: {:?}", String::from_utf8_lossy(&bytes)))
    }

    /// The same for the answer to a `HEAD`, whose headers describe a body that does not follow.
    pub fn read_head(stream: &mut TcpStream) -> Result<Self, String> {
        let bytes = Self::bytes(stream)?;
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|end| end + 4);
        assert_eq!(end, Some(bytes.len()), "a body after HEAD: {:?}", String::from_utf8_lossy(&bytes));
        Self::parse_head(&bytes).ok_or_else(|| "not an HTTP answer".to_owned())
    }

    fn bytes(stream: &mut TcpStream) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut piece = [0; 16 * 1024];
        loop {
            match stream.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => bytes.extend(&piece[..count]),
                // A connection cut behind an early refusal still delivered the refusal.
                Err(_) if Self::parse(&bytes).is_some() => break,
                Err(error) => return Err(format!("{error} after {} bytes", bytes.len())),
            }
        }
        Ok(bytes)
    }

    /// `None` until head and body are whole.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let mut reply = Self::parse_head(&bytes[..end])?;
        let rest = &bytes[end..];
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = unchunked(rest)?;
        } else if let Some(length) = reply.header("content-length") {
            reply.body = rest.get(..length.parse().ok()?)?.to_vec();
        } else {
            reply.body = rest.to_vec();
        }
        Some(reply)
    }

    fn parse_head(bytes: &[u8]) -> Option<Self> {
        let head = std::str::from_utf8(bytes).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self { status, headers, body: Vec::new() })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {:?}", self.status, self.text()))
    }

    /// The body of a 200; anything else fails the test.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// A 204 without a body; anything else fails the test.
    #[track_caller]
    pub fn done(&self) {
        assert_eq!(self.status, 204, "{}", self.text());
        assert!(self.body.is_empty(), "204 has no body: {:?}", self.text());
    }

    /// Checks that this is a problem of RFC 9457 with that status and code, and returns it.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "wanted {code}: {}", self.text());
        let kind = self.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/problem+json"), "is {kind:?}");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["title"].is_string(), "{problem}");
        assert!(problem["detail"].is_string(), "{problem}");
        problem
    }

    /// Checks that this is a 400 `invalid_request` whose detail names the field.
    #[track_caller]
    pub fn blames(&self, field: &str) {
        let problem = self.refused(400, "invalid_request");
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(field), "does not name `{field}`: {problem}");
    }

    /// The seconds of `Retry-After`, which every rate limit must give.
    #[track_caller]
    pub fn retry_after(&self) -> u64 {
        let value = self.header("retry-after").expect("a Retry-After");
        let seconds = value.parse().expect("seconds");
        assert!(seconds > 0, "to retry at once is no advice");
        seconds
    }
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}
