//! Packets of the client. One that the protocol does not allow ends the connection.

use super::super::action::{Action, EngineMessage};
use super::Peer;
use super::namespaces::Membership;
use crate::domain::Disconnect;
use crate::socketio::codec::Malformed;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::packet::{Content, EventPacket, Packet};

impl Peer {
    pub(super) fn receive(&mut self, message: EngineMessage) {
        if self.is_closing {
            return;
        }
        let packet = match message {
            EngineMessage::Text(text) => self.assembly.text(&text),
            EngineMessage::Binary(bytes) => self.assembly.binary(&bytes),
        };
        let handled = packet.and_then(|packet| packet.map_or(Ok(()), |packet| self.handle(packet)));
        if let Err(malformed) = handled {
            log::debug!("a Socket.IO client violates the protocol: {malformed}");
            self.close(Disconnect::NotTheProtocol, self.engine.now());
        }
    }

    fn handle(&mut self, packet: Packet) -> Result<(), Malformed> {
        let is_old = self.engine.revision() == Revision::Three;
        let (name, query) = if is_old { packet.namespace.split_query() } else { (packet.namespace, None) };
        let max_bytes = self.config.post.bytes;
        match (packet.content, self.membership(&name)) {
            (Content::ConnectError(_), _) => return Err(Malformed::Packet),
            (Content::Connect(auth), None | Some(Membership::Refused)) => {
                self.request_namespace(name, auth.or(query));
            }
            // Clients of revision 3 need not join `/`, but may.
            (Content::Connect(_), Some(_)) if is_old && name.is_main() => {}
            (Content::Connect(_), Some(_)) | (_, None) => return Err(Malformed::Packet),
            // The server requests no acknowledgements, so there is nothing to do with one.
            (_, Some(Membership::Refused)) | (Content::Ack(_), Some(_)) => {}
            // The held events go first if the client is accepted.
            (Content::Disconnect, Some(Membership::Pending { held, leaves, .. })) if !held.is_empty() => *leaves = true,
            (Content::Disconnect, Some(_)) => self.leave(name),
            (Content::Event(event), Some(Membership::Joined)) => self.ready.push_back(Action::Event(name, event)),
            (Content::Event(_), Some(Membership::Pending { leaves: true, .. })) => return Err(Malformed::Packet),
            (Content::Event(event), Some(Membership::Pending { held, bytes, .. })) => {
                *bytes += memory_of(&event);
                held.push(event);
                if *bytes > max_bytes {
                    return Err(Malformed::TooLarge);
                }
            }
        }
        Ok(())
    }
}

/// Approximate bytes of memory that a held event takes.
fn memory_of(event: &EventPacket) -> usize {
    let attached: usize = event.attachments.iter().map(bytes::Bytes::len).sum();
    size_of::<EventPacket>() + event.json.len() + attached
}
