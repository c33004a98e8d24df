//! The native vocabulary over Socket.IO: command and event names are those of the native dialect, their fields the one
//! argument, and what a command is called there is its acknowledgement here.
//!
//! What the server says is made of the native frame, byte by byte and once for all readers: a frame begins with its type,
//! so only the beginning differs.

use std::time::Instant;

use super::native;
use crate::config::Limits;
use crate::domain::{Command, Disconnect, Refusal, RequestId, Tongue};
use crate::protocol::{Beginning, CatchUp, ClientFrame, Protocol, Received, Response, Step};
use crate::socketio::codec::packet::Event;

/// The command by which clients authenticate that did not when they connected. One whose first event is another one may speak
/// another dialect.
pub(crate) const HELLO: &str = "hello";

/// A connection that speaks it.
pub(crate) struct NativeEvents;

impl Protocol for NativeEvents {
    fn dialect(&self) -> Tongue {
        Tongue::Native
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Sync
    }

    fn may_be_replaced(&self) -> bool {
        true
    }

    fn receive(&mut self, frame: ClientFrame<'_>, received: Received<'_>) -> Option<Vec<Step>> {
        let ClientFrame::Event(event) = frame else { return None };
        let id = event.id.map(RequestId::Number);
        if !received.is_authenticated && event.name != HELLO {
            // Whatever it is: there will be no `hello`, which comes first.
            let refusal = Step::Refuse(id, Refusal::Unauthenticated);
            return Some(vec![refusal, Step::Close(Disconnect::Unauthenticated)]);
        }
        Some(vec![match command(event, received.limits) {
            Ok(command) => Step::Do(id, command),
            Err(refusal) => Step::Wrong(id, refusal),
        }])
    }

    fn begin(&mut self, request: Option<&RequestId>, beginning: Beginning<'_>, _: Instant) -> Vec<Step> {
        send(native::beginning_frame(request, beginning))
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        send(native::response_frame(request, response))
    }
}

fn send(frame: Option<Vec<u8>>) -> Vec<Step> {
    let mut to = Vec::new();
    let is_sent = frame.is_some_and(|frame| packet(&frame, &mut to));
    is_sent.then_some(Step::Send(to)).into_iter().collect()
}

/// What a native frame begins with.
const TAG: &[u8] = b"{\"type\":\"";
/// How it goes on where it answers a command.
const ID: &[u8] = b",\"id\":\"";

/// The packet (in the namespace `/`) that says what this native frame says, added to `to`. False where it is not said: a yes
/// that nobody waits for.
///
/// The `id` of an answer must be the number of the acknowledgement, as a text.
pub(crate) fn packet(frame: &[u8], to: &mut Vec<u8>) -> bool {
    let Some((name, rest)) = frame.strip_prefix(TAG).and_then(|frame| split(frame, b'"')) else { return false };
    let answer: Option<&[u8]> = match name {
        b"ok" | b"pong" | b"ready" => Some(b"[{\"ok\":true"),
        b"error" => Some(b"[{\"ok\":false"),
        _ => None,
    };
    let id = rest.strip_prefix(ID).and_then(|rest| split(rest, b'"'));
    match (answer, id) {
        (Some(answer), Some((id, rest))) => {
            to.push(b'3');
            to.extend_from_slice(id);
            to.extend_from_slice(answer);
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

/// The command that an event of the client is.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn command(event: &Event, limits: &Limits) -> Result<Command, Refusal> {
    if !event.attachments.is_empty() {
        return Err(Refusal::invalid("binary events are not supported; send text"));
    }
    match event.arguments().as_slice() {
        [] => native::decode_as(&event.name, "{}", limits),
        [fields] if fields.get() == "null" => native::decode_as(&event.name, "{}", limits),
        [fields] => native::decode_as(&event.name, fields.get(), limits),
        _ => Err(Refusal::invalid("a command has one argument, an object")),
    }
}

/// What stands before the first `end`, and behind it.
fn split(bytes: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == end)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(frame: &str) -> Option<String> {
        let mut to = Vec::new();
        packet(frame.as_bytes(), &mut to).then(|| String::from_utf8(to).unwrap())
    }

    #[test]
    fn events_are_said_by_name() {
        let frame = r#"{"type":"typing","session":"1","username":"a\"vi"}"#;
        assert_eq!(said(frame).unwrap(), r#"2["typing",{"session":"1","username":"a\"vi"}]"#);
        assert_eq!(said(r#"{"type":"x"}"#).unwrap(), r#"2["x",{}]"#);
    }

    #[test]
    fn answers_are_acknowledgements() {
        assert_eq!(said(r#"{"type":"ok","id":"12","rev":3}"#).unwrap(), r#"312[{"ok":true,"rev":3}]"#);
        assert_eq!(said(r#"{"type":"ok","id":"0"}"#).unwrap(), r#"30[{"ok":true}]"#);
        assert_eq!(said(r#"{"type":"pong","id":"7"}"#).unwrap(), r#"37[{"ok":true}]"#);
        let no = r#"{"type":"error","id":"1","code":"busy","message":"m"}"#;
        assert_eq!(said(no).unwrap(), r#"31[{"ok":false,"code":"busy","message":"m"}]"#);
    }

    #[test]
    fn without_an_acknowledgement_only_a_no_is_said() {
        assert_eq!(said(r#"{"type":"ok","rev":3}"#), None);
        assert_eq!(said(r#"{"type":"pong"}"#), None);
        assert_eq!(said(r#"{"type":"ready","id":"4","online":[]}"#).unwrap(), r#"34[{"ok":true,"online":[]}]"#);
        assert_eq!(said(r#"{"type":"ready","online":[]}"#).unwrap(), r#"2["ready",{"online":[]}]"#);
        let no = r#"{"type":"error","code":"busy","message":"m"}"#;
        assert_eq!(said(no).unwrap(), r#"2["error",{"code":"busy","message":"m"}]"#);
    }

    #[test]
    fn an_event_is_a_command() {
        use clap::Parser;
        let limits = crate::config::Config::parse_from(["parlor"]).limits;
        let read = |name: &str, json: &str, attached: bool| {
            let attachments = if attached { vec![bytes::Bytes::from_static(b"x")] } else { Vec::new() };
            let event = Event { name: name.to_owned(), id: None, json: json.to_owned().into(), attachments };
            command(&event, &limits).map_err(|refusal| refusal.to_string())
        };
        assert_eq!(read("ping", r#"["ping"]"#, false), Ok(Command::Ping));
        assert_eq!(read("ping", r#"["ping",null]"#, false), Ok(Command::Ping));
        assert_eq!(read("ping", r#"["ping",{"type":"goodbye","id":"x"}]"#, false), Ok(Command::Ping));
        let hello = Ok(Command::Hello(Some(crate::domain::Claim("t".to_owned()))));
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
