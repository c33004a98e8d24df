//! HTTP/1.1 by hand: one connection a request, so a test says exactly what goes over the wire.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use super::PATIENCE;
use super::server::Door;

/// The path everything of section 3 is under.
pub const ROOT: &str = "/api/v1";

/// A client, with or without a token.
#[derive(Clone, Debug)]
pub struct Http {
    door: Door,
    token: Option<String>,
    /// The loopback address it calls from, where the server counts by address.
    from: Option<IpAddr>,
}

impl Http {
    pub fn new(door: &Door, token: Option<&str>) -> Self {
        Self {
            door: door.clone(),
            token: token.map(str::to_owned),
            from: None,
        }
    }

    /// The same client at another address (of 127.0.0.0/8).
    pub fn from_address(&self, address: &str) -> Self {
        let from = Some(address.parse().unwrap());
        Self {
            from,
            ..self.clone()
        }
    }

    /// The same server with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self::new(&self.door, Some(token))
    }

    pub fn door(&self) -> &Door {
        &self.door
    }

    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path).send()
    }

    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.call("POST", path).json(&body).send()
    }

    pub fn put(&self, path: &str, body: Value) -> Reply {
        self.call("PUT", path).json(&body).send()
    }

    pub fn patch(&self, path: &str, body: Value) -> Reply {
        self.call("PATCH", path).json(&body).send()
    }

    /// A request to be shaped further. `path` is below `/api/v1`, or from the root where it begins with `//`.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let path = match path.strip_prefix('/') {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            _ => format!("{ROOT}{path}"),
        };
        let mut call = Call {
            door: self.door.clone(),
            from: self.from,
            method: method.to_owned(),
            path,
            headers: Vec::new(),
            body: None,
        };
        if let Some(token) = &self.token {
            call = call.header("Authorization", &format!("Bearer {token}"));
        }
        call
    }
}

/// A request under way.
#[derive(Clone, Debug)]
pub struct Call {
    door: Door,
    from: Option<IpAddr>,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(body.to_string().as_bytes())
    }

    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self
    }

    pub fn send(self) -> Reply {
        let mut stream = self.connect();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut bytes = self.head().into_bytes();
        bytes.extend(self.body.as_deref().unwrap_or_default());
        // A refusal may come before the whole body is taken; what counts is the answer.
        let _ = stream.write_all(&bytes);
        let reply = Reply::read(&mut stream);
        reply.unwrap_or_else(|wrong| panic!("{} {}: {wrong}", self.method, self.path))
    }

    fn connect(&self) -> TcpStream {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        if let Some(address) = self.from {
            socket.bind(&SocketAddr::new(address, 0).into()).unwrap();
        }
        let address = self.door.address().into();
        socket.connect(&address).expect("the server answers");
        socket.into()
    }

    fn head(&self) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !self.has("host") {
            head += &format!("Host: {}\r\n", self.door.address());
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if let Some(body) = &self.body
            && !self.has("content-length")
            && !self.has("transfer-encoding")
        {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head + "Connection: close\r\n\r\n"
    }

    fn has(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(given, _)| given.eq_ignore_ascii_case(name))
    }
}

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
        Self::parse(&bytes).ok_or_else(|| {
            format!(
                "not an HTTP answer: {:?}",
                String::from_utf8_lossy(&bytes)
            )
        })
    }

    /// `None` until head and body are whole.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut reply = Self {
            status,
            headers,
            body: Vec::new(),
        };
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

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {:?}", self.status, self.text()))
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
