//! Plain TCP connections to the server: source address and receive buffer.

use std::io::{ErrorKind, Read};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::PATIENCE;
use super::endpoint::Endpoint;
use super::reply::Reply;

/// How to dial.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dial {
    /// The loopback address to call from.
    pub from: Option<IpAddr>,
    /// What the kernel may hold for us unread, in bytes: small for one who is to stall soon.
    pub receive_buffer: Option<usize>,
}

impl Dial {
    /// A bare TCP connection: to the first node.
    pub fn connect(self, endpoint: &Endpoint) -> std::io::Result<TcpStream> {
        self.connect_to(endpoint.fixed())
    }

    /// A bare TCP connection to this address.
    pub fn connect_to(self, server: SocketAddr) -> std::io::Result<TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        if let Some(address) = self.from {
            socket.bind(&SocketAddr::new(address, 0).into())?;
        }
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        socket.connect_timeout(&server.into(), PATIENCE)?;
        let stream: TcpStream = socket.into();
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }
}

/// Reads an HTTP answer whole off a stream that was written to by hand; `None` where it ended without one.
pub fn read_reply(stream: &mut TcpStream, patience: Duration) -> Option<Reply> {
    stream.set_read_timeout(Some(patience)).unwrap();
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => bytes.extend(&piece[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("still open after {patience:?}: {:?}", String::from_utf8_lossy(&bytes))
            }
            _ => return Reply::parse(&bytes),
        }
    }
}
