//! The times and bounds of all Socket.IO sessions, from the settings.

use std::time::Duration;

use crate::config::Config;
use crate::socketio::codec::packet::Attachments;
use crate::socketio::codec::payload::Bounds;
use crate::socketio::session::SessionConfig;

const UPGRADE: Duration = Duration::from_secs(10);
/// Time for a polling client to fetch the last packets: no longer than a graceful shutdown takes.
const LINGER: Duration = Duration::from_secs(2);
/// One POST. Clients of revision 3 send everything that has gathered at once, whatever bound they are given.
const POST: Bounds = Bounds { bytes: 1_000_000, packets: 10_000 };
const POLL: Bounds = Bounds { bytes: 256 * 1_024, packets: 16 };
/// The attachments of one packet, which is read and then refused.
const ATTACHMENTS: Attachments = Attachments { count: 10, bytes: 64 * 1_024 };
/// Namespaces of one session, those included that it is refused: there is only one to connect to.
const NAMESPACES: usize = 8;

pub(crate) fn session_config(config: &Config) -> SessionConfig {
    let (pace, limits) = (&config.pace, &config.limits);
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    SessionConfig {
        ping_interval: seconds(pace.heartbeat_seconds),
        ping_timeout: seconds(pace.heartbeat_timeout_seconds),
        connect: seconds(pace.hello_seconds),
        upgrade: UPGRADE,
        linger: LINGER,
        post: Bounds { bytes: POST.bytes.max(limits.frame_bytes), packets: POST.packets },
        poll: POLL,
        queue_bytes: if limits.queue_bytes == 0 { usize::MAX } else { limits.queue_bytes },
        attachments: ATTACHMENTS,
        namespaces: NAMESPACES,
    }
}
