//! The native vocabulary over Socket.IO: command and event names are those of the native dialect, their fields the one
//! argument, and what a command is called there is its acknowledgement here.
//!
//! What the server says is made of the native frame, byte by byte and once for all readers: a frame begins with its type,
//! so only the beginning differs.

/// What a native frame begins with.
const TAG: &[u8] = b"{\"type\":\"";
/// How it goes on where it answers a command.
const ID: &[u8] = b",\"id\":\"";

/// The Engine.IO packet (a message of Socket.IO, namespace `/`) that says what this native frame says, added to `to`. False
/// where it is not said: a yes that nobody waits for.
///
/// The `id` of an answer must be the number of the acknowledgement, as a text.
pub fn packet(frame: &[u8], to: &mut Vec<u8>) -> bool {
    let Some((name, rest)) = frame.strip_prefix(TAG).and_then(|frame| split(frame, b'"')) else { return false };
    let answer: Option<&[u8]> = match name {
        b"ok" | b"pong" => Some(b"[{\"ok\":true"),
        b"error" => Some(b"[{\"ok\":false"),
        _ => None,
    };
    let id = rest.strip_prefix(ID).and_then(|rest| split(rest, b'"'));
    match (answer, id) {
        (Some(answer), Some((id, rest))) => {
            to.extend_from_slice(b"43");
            to.extend_from_slice(id);
            to.extend_from_slice(answer);
            to.extend_from_slice(rest);
        }
        (Some(_), None) if name != b"error" => return false,
        _ => {
            to.extend_from_slice(b"42[\"");
            to.extend_from_slice(name);
            to.extend_from_slice(b"\",{");
            to.extend_from_slice(rest.strip_prefix(b",").unwrap_or(rest));
        }
    }
    to.push(b']');
    true
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
        assert_eq!(said(frame).unwrap(), r#"42["typing",{"session":"1","username":"a\"vi"}]"#);
        assert_eq!(said(r#"{"type":"x"}"#).unwrap(), r#"42["x",{}]"#);
    }

    #[test]
    fn answers_are_acknowledgements() {
        assert_eq!(said(r#"{"type":"ok","id":"12","rev":3}"#).unwrap(), r#"4312[{"ok":true,"rev":3}]"#);
        assert_eq!(said(r#"{"type":"ok","id":"0"}"#).unwrap(), r#"430[{"ok":true}]"#);
        assert_eq!(said(r#"{"type":"pong","id":"7"}"#).unwrap(), r#"437[{"ok":true}]"#);
        let no = r#"{"type":"error","id":"1","code":"busy","message":"m"}"#;
        assert_eq!(said(no).unwrap(), r#"431[{"ok":false,"code":"busy","message":"m"}]"#);
    }

    #[test]
    fn without_an_acknowledgement_only_a_no_is_said() {
        assert_eq!(said(r#"{"type":"ok","rev":3}"#), None);
        assert_eq!(said(r#"{"type":"pong"}"#), None);
        let no = r#"{"type":"error","code":"busy","message":"m"}"#;
        assert_eq!(said(no).unwrap(), r#"42["error",{"code":"busy","message":"m"}]"#);
    }
}
