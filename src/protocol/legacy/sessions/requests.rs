//! Decoding of the client's frames.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::named_event::NamedEvent;
use crate::domain::{Command, Credential, Draft, InviteSelector, Refusal, Target, Text};

/// The types of frames. Clients of the older system send `Messgae`, as its documentation spells it.
pub(super) const TYPES: [&str; 5] = ["Auth", "Message", "Messgae", "Search", "request"];

#[derive(Deserialize)]
struct AuthFrame {
    #[serde(rename = "Authentication_Token")]
    token: Credential,
}

/// `TimeStamp` and `Sender` of the message are ignored: the server decides them.
#[derive(Deserialize)]
struct MessageFrame {
    #[serde(rename = "SessionID")]
    session: String,
    #[serde(rename = "Message")]
    message: Map<String, Value>,
}

#[derive(Deserialize)]
struct UserSearchFrame {
    #[serde(rename = "Username")]
    username: String,
}

#[derive(Deserialize)]
struct RequestFrame {
    username: String,
    #[serde(rename = "Accepted")]
    accepted: Value,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum SessionsRequest {
    Auth(Credential),
    Command(Command),
}

impl SessionsRequest {
    pub(super) fn decode(frame: NamedEvent<'_>, text_bytes: usize) -> Result<Self, Refusal> {
        let command = match frame.name {
            "Auth" => return Ok(Self::Auth(frame.deserialize::<AuthFrame>()?.token)),
            "Message" | "Messgae" => send(frame.deserialize()?, text_bytes)?,
            "Search" => Command::Invite { username: frame.deserialize::<UserSearchFrame>()?.username, session: None },
            "request" => {
                let RequestFrame { username, accepted } = frame.deserialize()?;
                Command::Answer { invite: InviteSelector::By(username), accept: is_accepted(&accepted)? }
            }
            _ => return Err(Refusal::invalid("no frame of this `type` is known")),
        };
        Ok(Self::Command(command))
    }
}

fn send(MessageFrame { session, mut message }: MessageFrame, text_bytes: usize) -> Result<Command, Refusal> {
    let Some(Value::String(data)) = message.remove("data") else {
        return Err(Refusal::invalid("`Message.data` must be a string"));
    };
    let text = Text::parse(data, text_bytes)?;
    let target = Target::Session(session.parse().ok());
    Ok(Command::Send(Draft { target, text, key: None, reply_to: None }))
}

/// A boolean in the encodings of the languages that these clients are written in.
fn is_accepted(accepted: &Value) -> Result<bool, Refusal> {
    match accepted {
        Value::Bool(accepted) => Ok(*accepted),
        Value::Number(number) if number.as_u64() == Some(1) => Ok(true),
        Value::Number(number) if number.as_u64() == Some(0) => Ok(false),
        Value::String(text) if text == "1" => Ok(true),
        Value::String(text) if text == "0" => Ok(false),
        _ => Err(Refusal::invalid("`Accepted` must be 0 or 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SessionId;

    fn decode(json: &str) -> Result<SessionsRequest, Refusal> {
        let frame: Value = serde_json::from_str(json).unwrap();
        let name = frame["type"].as_str().unwrap();
        SessionsRequest::decode(NamedEvent { name, json, ack: None }, 16)
    }

    #[test]
    fn a_message_is_sent_in_either_spelling_whatever_sender_it_names() {
        for (name, rest) in [("Messgae", r#","TimeStamp":"12:00","Sender":"somebody""#), ("Message", "")] {
            let frame =
                format!(r#"{{"type":"{name}","SessionID":"0000000000007","Message":{{"data":"hello"{rest}}}}}"#);
            let draft = Draft {
                target: Target::Session(Some(SessionId(7))),
                text: Text::parse("hello".to_owned(), 16).unwrap(),
                key: None,
                reply_to: None,
            };
            assert_eq!(decode(&frame), Ok(SessionsRequest::Command(Command::Send(draft))));
        }
        let Ok(SessionsRequest::Command(Command::Send(draft))) =
            decode(r#"{"type":"Message","SessionID":"?","Message":{"data":"x"}}"#)
        else {
            panic!("a message")
        };
        assert_eq!(draft.target, Target::Session(None), "answered like any session one is not in");
    }

    #[test]
    fn an_invite_is_answered_in_several_encodings() {
        for (accepted, accept) in
            [("0", false), ("1", true), ("false", false), ("true", true), (r#""0""#, false), (r#""1""#, true)]
        {
            let frame = format!(r#"{{"type":"request","username":"Nanda","Accepted":{accepted}}}"#);
            let answer = Command::Answer { invite: InviteSelector::By("Nanda".to_owned()), accept };
            assert_eq!(decode(&frame), Ok(SessionsRequest::Command(answer)), "{accepted}");
        }
        for accepted in ["2", "-1", "0.5", "null", r#""yes""#, "[]"] {
            let frame = format!(r#"{{"type":"request","username":"Nanda","Accepted":{accepted}}}"#);
            assert!(matches!(decode(&frame), Err(Refusal::Invalid(_))), "{accepted}");
        }
    }

    #[test]
    fn authentication_and_search_are_decoded() {
        let auth = decode(r#"{"type":"Auth","Authentication_Token":"prl_x"}"#);
        assert_eq!(auth, Ok(SessionsRequest::Auth(Credential("prl_x".to_owned()))));
        let search = decode(r#"{"Username":"Winston","type":"Search"}"#);
        assert_eq!(
            search,
            Ok(SessionsRequest::Command(Command::Invite { username: "Winston".to_owned(), session: None }))
        );
    }

    #[test]
    fn malformed_frames_are_refused() {
        for frame in [
            r#"{"type":"Dance"}"#,
            r#"{"type":"message"}"#,
            r#"{"type":"Auth"}"#,
            r#"{"type":"Search","username":"Winston"}"#,
            r#"{"type":"request","Username":"Nanda","Accepted":1}"#,
            r#"{"type":"Message","SessionID":7,"Message":{"data":"x"}}"#,
            r#"{"type":"Message","SessionID":"7","Message":"x"}"#,
            r#"{"type":"Message","SessionID":"7","Message":["x"]}"#,
            r#"{"type":"Message","SessionID":"7","Message":{"data":7}}"#,
            r#"{"type":"Message","SessionID":"7","Message":{"data":" "}}"#,
        ] {
            assert!(matches!(decode(frame), Err(Refusal::Invalid(_))), "{frame}");
        }
        let long = r#"{"type":"Message","SessionID":"7","Message":{"data":"seventeen letters"}}"#;
        assert!(matches!(decode(long), Err(Refusal::TooLarge(_))));
    }
}
