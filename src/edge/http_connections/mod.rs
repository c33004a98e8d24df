//! What plain HTTP connections may hold: how many there are, what is read ahead of a request, and the bytes of responses
//! that are under way.
//!
//! actix-http knows no write timeout, buffers pipelined requests and whole response bodies, and never gives up on a client
//! that does not read. So each TCP connection is wrapped in an [`HttpStream`], which reads no further than the request at
//! hand and cuts a client that leaves a response unread; each response body is a [`BoundedBody`], which hands out small
//! pieces and accounts for all that has not left yet in a [`Budget`], by user, by address and in total. Where a bound is
//! reached, responses that are not being read make room first.

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
use registry::Registry;

/// What the kernel may buffer for a client that does not read; it doubles the number.
const SEND_BUFFER: usize = 64 * 1_024;

/// What is sent to a connection above the bound, before it is closed.
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\n\
    connection: close\r\ncontent-length: 123\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"Too many connections; try again.\",\"code\":\"busy\"}";

/// The bounds of all HTTP connections. Cheap to clone; all clones share them.
#[derive(Clone)]
pub(crate) struct Transport {
    config: Arc<Config>,
    budget: Budget,
    registry: Registry,
}

impl Transport {
    /// No connection yet; the bounds are those of `config`.
    pub(crate) fn new(config: Arc<Config>) -> Self {
        let limits = &config.limits;
        let budget =
            Budget::new(limits.response_bytes_per_user, limits.response_bytes_per_address, limits.response_bytes_total);
        let registry = Registry::new(limits.http_connections_per_address, limits.http_connections_total);
        Self { config, budget, registry }
    }

    /// Takes an accepted connection over; `None` where there are too many already and none of them is idle. The client has
    /// then been told so.
    pub(crate) fn accept(&self, io: TcpStream) -> Option<HttpStream> {
        let peer = io.peer_addr().ok()?.ip();
        let Some((connection, place)) = self.registry.admit(self.address(peer), &self.budget) else {
            // Too little for any send buffer to be full. Asked directly, since the runtime does not know yet that it is ready.
            let _ = socket2::SockRef::from(&io).send(BUSY);
            return None;
        };
        let _ = io.set_nodelay(true);
        let seconds = u64::from(self.config.limits.response_seconds);
        let patience = (seconds > 0).then(|| Duration::from_secs(seconds));
        let socket = socket2::SockRef::from(&io);
        // Both bound what a stalled reader costs in the kernel; failing to leaves the system's own bounds.
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        #[cfg(target_os = "linux")]
        let _ = socket.set_tcp_user_timeout(patience);
        Some(HttpStream::new(io, connection, place, patience))
    }

    /// Whom a connection counts for; `None` for a trusted proxy's, which are many people's.
    fn address(&self, peer: IpAddr) -> Option<Address> {
        let is_proxy = self.config.trusted_proxies.iter().any(|network| network.contains(peer));
        (!is_proxy).then(|| Address::from(peer))
    }
}
