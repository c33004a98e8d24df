//! HTTP/1.1 by hand: one connection a request, so a test determines exactly what goes over the wire.

use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream};

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use super::PATIENCE;
use super::endpoint::Endpoint;
use super::reply::Reply;

/// The path everything of section 3 is under.
pub const ROOT: &str = "/api/v1";

/// A client, with or without a token.
#[derive(Clone, Debug)]
pub struct Http {
    endpoint: Endpoint,
    token: Option<String>,
    /// The loopback address it calls from, where the server counts by address.
    from: Option<IpAddr>,
}

impl Http {
    pub fn new(endpoint: &Endpoint, token: Option<&str>) -> Self {
        Self { endpoint: endpoint.clone(), token: token.map(str::to_owned), from: None }
    }

    /// The same client at another address (of 127.0.0.0/8).
    pub fn at_address(&self, address: &str) -> Self {
        let from = Some(address.parse().unwrap());
        Self { from, ..self.clone() }
    }

    /// The same client at another endpoint of the server: that of one node.
    pub fn by(&self, endpoint: &Endpoint) -> Self {
        Self { endpoint: endpoint.clone(), ..self.clone() }
    }

    /// The same server with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self::new(&self.endpoint, Some(token))
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
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
            endpoint: self.endpoint.clone(),
            from: self.from,
            method: method.to_owned(),
            path,
            headers: Vec::new(),
            own_headers: 0,
            body: None,
        };
        if let Some(token) = &self.token {
            call = call.header("Authorization", &format!("Bearer {token}"));
            call.own_headers = 1;
        }
        call
    }
}

/// A request under way.
#[derive(Clone, Debug)]
pub struct Call {
    endpoint: Endpoint,
    from: Option<IpAddr>,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    /// How many of them come from the client's token.
    own_headers: usize,
    body: Option<Vec<u8>>,
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string().as_bytes())
    }

    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self
    }

    /// Method, path, headers and body in one line, without content type and token.
    pub fn described(&self) -> String {
        let mut line = format!("{} {}", self.method, self.path);
        for (name, value) in self.headers.iter().skip(self.own_headers) {
            if value != "application/json" {
                line += &format!(" {}: {value}", name.to_lowercase());
            }
        }
        match &self.body {
            Some(body) => format!("{line} {}", String::from_utf8_lossy(body)),
            None => line,
        }
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
        let read = if self.method == "HEAD" { Reply::read_head } else { Reply::read };
        let reply = read(&mut stream);
        reply.unwrap_or_else(|wrong| panic!("{} {}: {wrong}", self.method, self.path))
    }

    fn connect(&self) -> TcpStream {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        if let Some(address) = self.from {
            socket.bind(&SocketAddr::new(address, 0).into()).unwrap();
        }
        let address = self.endpoint.dealt(&self.path).into();
        socket.connect(&address).expect("the server answers");
        socket.into()
    }

    fn head(&self) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !self.has("host") {
            head += &format!("Host: {}\r\n", self.endpoint.address());
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
        self.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name))
    }
}
