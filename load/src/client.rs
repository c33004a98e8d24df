//! HTTP, as far as the set-up and the WebSocket handshake need it: one request a connection, a whole answer, JSON.

use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};

use crate::error::LoadError;

/// An answer that takes longer is none.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Connections from one loopback address; beyond, the next address is used. Below the usual 28,000 ephemeral ports.
const PER_ADDRESS: usize = 20_000;

#[derive(Clone, Debug)]
pub struct Target {
    address: SocketAddr,
    host: Arc<str>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The body; `Null` where it is not JSON.
    pub body: Value,
}

impl Target {
    /// From `http://host:port`; without TLS.
    pub fn parse(url: &str) -> Result<Self, LoadError> {
        let wrong = || LoadError::Usage(format!("{url} is not of the form http://host:port"));
        let host = url.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
        let named = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
            host.to_owned()
        } else {
            format!("{host}:80")
        };
        let address = named.to_socket_addrs().map_err(LoadError::system(url))?.next().ok_or_else(wrong)?;
        Ok(Self { address, host: host.into() })
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// A new connection, without Nagle's delay. The `number`s spread over several loopback source addresses.
    pub async fn connect(&self, number: usize) -> Result<TcpStream, LoadError> {
        let what = || LoadError::system(format!("connecting to {}", self.address));
        let socket = if self.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(what())?;
        let nth = u8::try_from(number / PER_ADDRESS).unwrap_or(u8::MAX);
        if self.address.ip() == Ipv4Addr::LOCALHOST && nth > 0 {
            let source = Ipv4Addr::new(127, 0, 0, nth.saturating_add(1));
            socket.bind(SocketAddr::from((source, 0))).map_err(what())?;
        }
        let stream = socket.connect(self.address).await.map_err(what())?;
        stream.set_nodelay(true).map_err(what())?;
        Ok(stream)
    }

    pub async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Answer, LoadError> {
        self.request("POST", path, token, &body.to_string()).await
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Result<Answer, LoadError> {
        self.request("GET", path, token, "").await
    }

    async fn request(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> Result<Answer, LoadError> {
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n{bearer}\
             Content-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        let exchange = async {
            let stream = self.connect(0).await?;
            write(&stream, request.as_bytes()).await?;
            let mut bytes = Vec::new();
            while read(&stream, &mut bytes).await? > 0 {}
            let (head, body) = split(&bytes).ok_or_else(|| LoadError::answer(path, "nothing"))?;
            Ok(Answer { status: status(head), body: serde_json::from_slice(body).unwrap_or_default() })
        };
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| Err(LoadError::answer(path, "nothing for 30 s")))
    }
}

pub async fn write(stream: &TcpStream, mut bytes: &[u8]) -> Result<(), LoadError> {
    while !bytes.is_empty() {
        stream.writable().await.map_err(LoadError::system("writing"))?;
        match stream.try_write(bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(LoadError::system("writing")(error)),
        }
    }
    Ok(())
}

/// Appends what has come; 0 once the other side has ended.
pub async fn read(stream: &TcpStream, bytes: &mut Vec<u8>) -> Result<usize, LoadError> {
    let mut piece = [0; 16_384];
    loop {
        stream.readable().await.map_err(LoadError::system("reading"))?;
        match stream.try_read(&mut piece) {
            Ok(read) => {
                bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
                return Ok(read);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(LoadError::system("reading")(error)),
        }
    }
}

/// Head and body of an answer; `None` while the head is not all there.
pub fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    bytes.split_at_checked(end + 4)
}

/// The status of an answer's head; 0 where there is none.
pub fn status(head: &[u8]) -> u16 {
    let line = String::from_utf8_lossy(head.get(..16).unwrap_or(head));
    line.split(' ').nth(1).and_then(|status| status.trim().parse().ok()).unwrap_or(0)
}
