//! What a client says. Anything that does not fit ends the connection.

use super::super::action::{Action, Message};
use super::Peer;
use super::namespaces::Standing;
use crate::domain::Disconnect;
use crate::socketio::codec::Malformed;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::packet::{Content, Event, Packet};

impl Peer {
    pub(super) fn hear(&mut self, message: Message) {
        if self.deaf {
            return;
        }
        let packet = match message {
            Message::Text(text) => self.assembly.text(&text),
            Message::Binary(bytes) => self.assembly.binary(&bytes),
        };
        let taken = packet.and_then(|packet| packet.map_or(Ok(()), |packet| self.take(packet)));
        if let Err(malformed) = taken {
            log::debug!("a Socket.IO connection says what is not the protocol: {malformed}");
            self.close(Disconnect::NotTheProtocol, self.line.now());
        }
    }

    fn take(&mut self, packet: Packet) -> Result<(), Malformed> {
        let is_old = self.line.revision() == Revision::Three;
        let (name, query) = if is_old { packet.namespace.split_query() } else { (packet.namespace, None) };
        let most = self.terms.post.bytes;
        match (packet.content, self.standing(&name)) {
            (Content::ConnectError(_), _) => return Err(Malformed::Packet),
            (Content::Connect(auth), None | Some(Standing::Out)) => self.wants(name, auth.or(query)),
            // Clients of revision 3 need not ask for it, but may.
            (Content::Connect(_), Some(_)) if is_old && name.is_main() => {}
            (Content::Connect(_), Some(_)) | (_, None) => return Err(Malformed::Packet),
            (_, Some(Standing::Out)) | (Content::Ack(_), Some(Standing::Wants { .. })) => {}
            // What it has said before is to be carried out first, if it is let in.
            (Content::Disconnect, Some(Standing::Wants { held, leaves, .. })) if !held.is_empty() => *leaves = true,
            (Content::Disconnect, Some(_)) => self.leave(name),
            (Content::Event(event), Some(Standing::In { .. })) => self.ready.push_back(Action::Event(name, event)),
            (Content::Event(_), Some(Standing::Wants { leaves: true, .. })) => return Err(Malformed::Packet),
            (Content::Event(event), Some(Standing::Wants { held, bytes, .. })) => {
                *bytes += weight(&event);
                held.push(event);
                if *bytes > most {
                    return Err(Malformed::TooLarge);
                }
            }
            (Content::Ack(ack), Some(Standing::In { asked, .. })) => {
                // An answer to what was not asked, or was answered before, says nothing.
                if asked.remove(&ack.id) {
                    self.ready.push_back(Action::Ack(name, ack));
                }
            }
        }
        Ok(())
    }
}

/// About what an event takes up while it is held.
fn weight(event: &Event) -> usize {
    let attached: usize = event.attachments.iter().map(bytes::Bytes::len).sum();
    size_of::<Event>() + event.json.len() + attached
}
