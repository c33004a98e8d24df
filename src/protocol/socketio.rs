//! The native dialect over Socket.IO: the type of a frame is the name of an event, the other fields are its one argument, and
//! the `id` of a command is its acknowledgement.
//!
//! Packets are rewritten from native frames, once for all recipients: a frame begins with its type, so that only the beginning
//! differs.

use std::time::Instant;

use super::native;
use crate::config::Limits;
use crate::domain::{Command, Dialect, Disconnect, Refusal, RequestId};
use crate::protocol::{CatchUp, ClientFrame, FrameContext, InitialState, Protocol, Response, Step};
use crate::socketio::codec::packet::EventPacket;

/// The first event of clients that did not authenticate by the handshake. With another first event a client may select another
/// dialect.
pub(crate) const HELLO: &str = "hello";

pub(crate) struct NativeEvents;

impl Protocol for NativeEvents {
    fn dialect(&self) -> Dialect {
        Dialect::Native
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Sync
    }

    fn is_negotiable(&self) -> bool {
        true
    }

    fn receive(&mut self, frame: ClientFrame<'_>, context: FrameContext<'_>) -> Option<Vec<Step>> {
        let ClientFrame::Event(event) = frame else { return None };
        let id = event.id.map(RequestId::Number);
        if !context.is_authenticated && event.name != HELLO {
            let refusal = Step::Refuse(id, Refusal::Unauthenticated);
            return Some(vec![refusal, Step::Close(Disconnect::Unauthenticated)]);
        }
        Some(vec![match command(event, context.limits) {
            Ok(command) => Step::Execute(id, command),
            Err(refusal) => Step::RejectMalformed(id, refusal),
        }])
    }

    fn start(&mut self, request: Option<&RequestId>, state: InitialState<'_>, _: Instant) -> Vec<Step> {
        send(native::initial_frame(request, state))
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        send(native::response_frame(request, response))
    }
}

fn send(frame: Option<Vec<u8>>) -> Vec<Step> {
    let mut to = Vec::new();
    let has_packet = frame.is_some_and(|frame| packet(&frame, &mut to));
    has_packet.then_some(Step::Send(to)).into_iter().collect()
}

/// The beginning of every native frame.
const TAG: &[u8] = b"{\"type\":\"";
/// How a reply continues after its type.
const ID: &[u8] = b",\"id\":\"";

/// Appends the packet (in the namespace `/`) for a native frame; false where there is none, for an `ok` without an
/// acknowledgement. The `id` of a reply is the number of the acknowledgement.
pub(crate) fn packet(frame: &[u8], to: &mut Vec<u8>) -> bool {
    let Some((name, rest)) = frame.strip_prefix(TAG).and_then(|frame| split(frame, b'"')) else { return false };
    let reply: Option<&[u8]> = match name {
        b"ok" | b"pong" | b"ready" => Some(b"[{\"ok\":true"),
        b"error" => Some(b"[{\"ok\":false"),
        _ => None,
    };
    let id = rest.strip_prefix(ID).and_then(|rest| split(rest, b'"'));
    match (reply, id) {
        (Some(reply), Some((id, rest))) => {
            to.push(b'3');
            to.extend_from_slice(id);
            to.extend_from_slice(reply);
            to.extend_from_slice(rest);
        }
        (Some(_), None) if matches!(name, b"ok" | b"pong") => return false,
        _ => {
            to.extend_from_slice(b"2[\"");
            to.extend_from_slice(name);
            to.extend_from_slice(b"\",{");
            to.extend_from_slice(rest.strip_prefix(b",").unwrap_or(rest));
        }
    }
    to.push(b']');
    true
}

fn command(event: &EventPacket, limits: &Limits) -> Result<Command, Refusal> {
    if !event.attachments.is_empty() {
        return Err(Refusal::invalid("binary events are not supported; send text"));
    }
    match event.arguments().as_slice() {
        [] => native::decode_named(&event.name, "{}", limits),
        [fields] if fields.get() == "null" => native::decode_named(&event.name, "{}", limits),
        [fields] => native::decode_named(&event.name, fields.get(), limits),
        _ => Err(Refusal::invalid("a command has one argument, an object")),
    }
}

/// The bytes before the first `end`, and those after it.
fn split(bytes: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == end)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet_of(frame: &str) -> Option<String> {
        let mut to = Vec::new();
        packet(frame.as_bytes(), &mut to).then(|| String::from_utf8(to).unwrap())
    }

    #[test]
    fn events_are_named_by_the_type_of_the_frame() {
        let frame = r#"{"type":"typing","session":"1","username":"a\"vi"}"#;
        assert_eq!(packet_of(frame).unwrap(), r#"2["typing",{"session":"1","username":"a\"vi"}]"#);
        assert_eq!(packet_of(r#"{"type":"x"}"#).unwrap(), r#"2["x",{}]"#);
    }

    #[test]
    fn replies_are_acknowledgements() {
        assert_eq!(packet_of(r#"{"type":"ok","id":"12","rev":3}"#).unwrap(), r#"312[{"ok":true,"rev":3}]"#);
        assert_eq!(packet_of(r#"{"type":"ok","id":"0"}"#).unwrap(), r#"30[{"ok":true}]"#);
        assert_eq!(packet_of(r#"{"type":"pong","id":"7"}"#).unwrap(), r#"37[{"ok":true}]"#);
        let no = r#"{"type":"error","id":"1","code":"busy","message":"m"}"#;
        assert_eq!(packet_of(no).unwrap(), r#"31[{"ok":false,"code":"busy","message":"m"}]"#);
    }

    #[test]
    fn without_an_acknowledgement_only_errors_are_sent() {
        assert_eq!(packet_of(r#"{"type":"ok","rev":3}"#), None);
        assert_eq!(packet_of(r#"{"type":"pong"}"#), None);
        assert_eq!(packet_of(r#"{"type":"ready","id":"4","online":[]}"#).unwrap(), r#"34[{"ok":true,"online":[]}]"#);
        assert_eq!(packet_of(r#"{"type":"ready","online":[]}"#).unwrap(), r#"2["ready",{"online":[]}]"#);
        let no = r#"{"type":"error","code":"busy","message":"m"}"#;
        assert_eq!(packet_of(no).unwrap(), r#"2["error",{"code":"busy","message":"m"}]"#);
    }

    #[test]
    fn events_are_decoded_as_commands() {
        use clap::Parser;
        let limits = crate::config::Config::parse_from(["parlor"]).limits;
        let read = |name: &str, json: &str, attached: bool| {
            let attachments = if attached { vec![bytes::Bytes::from_static(b"x")] } else { Vec::new() };
            let event = EventPacket { name: name.to_owned(), id: None, json: json.to_owned().into(), attachments };
            command(&event, &limits).map_err(|refusal| refusal.to_string())
        };
        assert_eq!(read("ping", r#"["ping"]"#, false), Ok(Command::Ping));
        assert_eq!(read("ping", r#"["ping",null]"#, false), Ok(Command::Ping));
        assert_eq!(read("ping", r#"["ping",{"type":"goodbye","id":"x"}]"#, false), Ok(Command::Ping));
        let hello = Ok(Command::Hello(Some(crate::domain::Credential("t".to_owned()))));
        assert_eq!(read("hello", r#"["hello",{"token":"t"}]"#, false), hello);
        for (name, json, attached, why) in [
            ("dance", r#"["dance"]"#, false, "unknown command"),
            ("ping", r#"["ping",[]]"#, false, "one object"),
            ("ping", r#"["ping",{},{}]"#, false, "one argument"),
            ("send", r#"["send",{}]"#, false, "`session` is missing"),
            ("send", r#"["send",{"text":7}]"#, false, "`text`"),
            ("ping", r#"["ping",{"_placeholder":true,"num":0}]"#, true, "binary"),
        ] {
            let refused = read(name, json, attached).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
