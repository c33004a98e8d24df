//! What a client asks over its WebSocket.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::named_events::NamedEvent;
use crate::domain::{Asked, Claim, Command, Draft, Refusal, Target, Text};

/// The types of frames that a client may send; the document spells one of them in two ways.
pub(super) const TYPES: [&str; 5] = ["Auth", "Message", "Messgae", "Search", "request"];

#[derive(Deserialize)]
struct Auth {
    #[serde(rename = "Authentication_Token")]
    token: Claim,
}

/// Sender and time are the server's, whatever is said.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "SessionID")]
    session: String,
    #[serde(rename = "Message")]
    message: Map<String, Value>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(rename = "Username")]
    username: String,
}

#[derive(Deserialize)]
struct Request {
    username: String,
    #[serde(rename = "Accepted")]
    accepted: Value,
}

/// What a frame wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// To be the connection of whom this token speaks for.
    Auth(Claim),
    /// Something of the server.
    Of(Command),
}

impl Asking {
    /// What this frame wants.
    ///
    /// # Errors
    /// `invalid_request`, `too_large`.
    pub(super) fn read(frame: NamedEvent<'_>, text_bytes: usize) -> Result<Self, Refusal> {
        let command = match frame.name {
            "Auth" => return Ok(Self::Auth(frame.read::<Auth>()?.token)),
            // The document spells it so.
            "Message" | "Messgae" => send(frame.read()?, text_bytes)?,
            "Search" => Command::Invite { username: frame.read::<Search>()?.username, session: None },
            "request" => {
                let Request { username, accepted } = frame.read()?;
                Command::Answer { invite: Asked::By(username), accept: is_yes(&accepted)? }
            }
            _ => return Err(Refusal::invalid("no frame of this `type` is known")),
        };
        Ok(Self::Of(command))
    }
}

fn send(Message { session, mut message }: Message, text_bytes: usize) -> Result<Command, Refusal> {
    let Some(Value::String(data)) = message.remove("data") else {
        return Err(Refusal::invalid("`Message.data` must be a string"));
    };
    let text = Text::parse(data, text_bytes)?;
    let target = Target::Session(session.parse().ok());
    Ok(Command::Send(Draft { target, text, key: None, reply_to: None }))
}

/// Yes or no, as the languages that these clients are written in say it.
fn is_yes(accepted: &Value) -> Result<bool, Refusal> {
    match accepted {
        Value::Bool(yes) => Ok(*yes),
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
    use crate::protocol::legacy::named_events::frame_type;

    fn read(json: &str) -> Result<Asking, Refusal> {
        let name = frame_type(json)?;
        Asking::read(NamedEvent { name: &name, json, ack: None }, 16)
    }

    #[test]
    fn a_message_is_sent_whoever_it_says_to_be_from_and_however_it_is_spelt() {
        for (name, rest) in [("Messgae", r#","TimeStamp":"12:00","Sender":"somebody""#), ("Message", "")] {
            let frame =
                format!(r#"{{"type":"{name}","SessionID":"0000000000007","Message":{{"data":"hello"{rest}}}}}"#);
            let draft = Draft {
                target: Target::Session(Some(SessionId(7))),
                text: Text::parse("hello".to_owned(), 16).unwrap(),
                key: None,
                reply_to: None,
            };
            assert_eq!(read(&frame), Ok(Asking::Of(Command::Send(draft))));
        }
        let Ok(Asking::Of(Command::Send(draft))) = read(r#"{"type":"Message","SessionID":"?","Message":{"data":"x"}}"#)
        else {
            panic!("a message")
        };
        assert_eq!(draft.target, Target::Session(None), "answered like any session one is not in");
    }

    #[test]
    fn a_request_is_answered_yes_or_no_in_several_ways() {
        for (said, accept) in
            [("0", false), ("1", true), ("false", false), ("true", true), (r#""0""#, false), (r#""1""#, true)]
        {
            let frame = format!(r#"{{"type":"request","username":"Nanda","Accepted":{said}}}"#);
            let answer = Command::Answer { invite: Asked::By("Nanda".to_owned()), accept };
            assert_eq!(read(&frame), Ok(Asking::Of(answer)), "{said}");
        }
        for said in ["2", "-1", "0.5", "null", r#""yes""#, "[]"] {
            let frame = format!(r#"{{"type":"request","username":"Nanda","Accepted":{said}}}"#);
            assert!(matches!(read(&frame), Err(Refusal::Invalid(_))), "{said}");
        }
    }

    #[test]
    fn the_other_words_are_a_token_and_a_name() {
        let auth = read(r#"{"type":"Auth","Authentication_Token":"prl_x"}"#);
        assert_eq!(auth, Ok(Asking::Auth(Claim("prl_x".to_owned()))));
        let search = read(r#"{"Username":"Winston","type":"Search"}"#);
        assert_eq!(search, Ok(Asking::Of(Command::Invite { username: "Winston".to_owned(), session: None })));
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for frame in [
            "",
            "hello",
            "[]",
            r#"["Auth"]"#,
            "{}",
            r#"{"type":1}"#,
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
            assert!(matches!(read(frame), Err(Refusal::Invalid(_))), "{frame}");
        }
        let long = r#"{"type":"Message","SessionID":"7","Message":{"data":"seventeen letters"}}"#;
        assert!(matches!(read(long), Err(Refusal::TooLarge(_))));
    }
}
