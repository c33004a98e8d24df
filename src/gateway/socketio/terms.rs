//! The times and bounds of a session, from the settings.

use std::time::Duration;

use crate::config::Config;
use crate::socketio::codec::packet::Attachments;
use crate::socketio::codec::payload::Bounds;
use crate::socketio::session::Terms;

/// A change of transport takes no longer.
const UPGRADE: Duration = Duration::from_secs(10);
/// What is left for a polling client at the end waits so long for it to come: no longer than the stop may take.
const LINGER: Duration = Duration::from_secs(2);
/// What one POST may be: clients of revision 3 say whatever has gathered in one go, however little they are told to.
const POST: Bounds = Bounds { bytes: 1_000_000, packets: 10_000 };
/// What the answer to a poll ends at.
const POLL: Bounds = Bounds { bytes: 256 * 1_024, packets: 16 };
/// Attached to one packet: it is read, and then refused.
const ATTACHMENTS: Attachments = Attachments { count: 10, bytes: 64 * 1_024 };
/// Namespaces of one session. There is only one to be in; the others are answered with a no.
const NAMESPACES: usize = 8;

/// What holds for every session of this server.
pub(crate) fn terms(config: &Config) -> Terms {
    let (pace, limits) = (&config.pace, &config.limits);
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Terms {
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
