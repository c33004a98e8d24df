//! Bounds on HTTP connections: their number, what is read ahead of a request, and the bytes of responses in flight.
//! ARCHITECTURE.md ("HTTP connections") has the reasons.

mod body;
mod budget;
mod connection;
mod registry;
mod stream;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::net::TcpStream;

pub(crate) use body::{BoundedBody, CountedPayload};
pub(crate) use budget::Budget;
pub(crate) use connection::HttpConnection;
pub(crate) use stream::HttpStream;

use crate::config::Config;
use crate::rate_limit::Address;
use registry::ConnectionRegistry;

/// Bytes that the kernel may buffer for a client that does not read; it doubles the number.
const SEND_BUFFER: usize = 64 * 1_024;

/// The response on a connection above the bound, which is then closed.
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\n\
    connection: close\r\ncontent-length: 123\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"Too many connections; try again.\",\"code\":\"busy\"}";

/// Accepts HTTP connections, within the bounds. Cheap to clone; all clones share them.
#[derive(Clone)]
pub(crate) struct HttpAcceptor {
    config: Arc<Config>,
    budget: Budget,
    registry: ConnectionRegistry,
}

impl HttpAcceptor {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        let limits = &config.limits;
        let budget =
            Budget::new(limits.response_bytes_per_user, limits.response_bytes_per_address, limits.response_bytes_total);
        let registry = ConnectionRegistry::new(limits.http_connections_per_address, limits.http_connections_total);
        Self { config, budget, registry }
    }

    /// Takes over an accepted socket; `None` where there are too many connections and none of them is idle. The client has then
    /// received an error.
    pub(crate) fn accept(&self, io: TcpStream) -> Option<HttpStream> {
        let peer = io.peer_addr().ok()?.ip();
        let Some((connection, registration)) = self.registry.admit(self.address(peer), &self.budget) else {
            // Fits into any send buffer. Sent without the runtime, which does not know yet that the socket is ready.
            let _ = socket2::SockRef::from(&io).send(BUSY);
            return None;
        };
        let _ = io.set_nodelay(true);
        let seconds = u64::from(self.config.limits.response_seconds);
        let write_timeout = (seconds > 0).then(|| Duration::from_secs(seconds));
        let socket = socket2::SockRef::from(&io);
        // If these fail, the system's own bounds apply.
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        #[cfg(target_os = "linux")]
        let _ = socket.set_tcp_user_timeout(write_timeout);
        Some(HttpStream::new(io, connection, registration, write_timeout))
    }

    /// The address that a connection counts for; `None` for a trusted proxy, whose connections are those of many clients.
    fn address(&self, peer: IpAddr) -> Option<Address> {
        let is_proxy = self.config.trusted_proxies.iter().any(|network| network.contains(peer));
        (!is_proxy).then(|| Address::from(peer))
    }
}
