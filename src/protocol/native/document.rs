//! The schemas of all frames, for `/openapi.json`, derived from the types that are decoded and encoded.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::commands::{CommandType, commands};
use super::decode::Envelope;
use super::encode::{ErrorFrame, MemberFrame, ReceiptFrame, SessionChangedFrame, SessionRemovedFrame, TypingFrame};
use super::frame_types::ServerFrame;
use super::ready::Ready;
use super::schema::{Schemas, non_null, outline, set, tagged};
use crate::domain::reply::{InviteAnswer, Presence, SessionAnswer};
use crate::domain::{Changes, Message};

const PREFIX: &str = "#/components/schemas/";

/// The schemas by name: `ClientFrame` and `ServerFrame`, one for each of their types, and those that they refer to.
pub(crate) fn schemas() -> BTreeMap<String, Value> {
    let mut schemas = Schemas::default();
    let mut frames = BTreeMap::new();
    let mut add = |parent: &str, name: &str, schema: Value| {
        let key = format!("{parent}.{name}");
        let request_id = (name.to_owned(), json!(format!("{PREFIX}{key}")));
        frames.insert(key, schema);
        request_id
    };
    let client = commands().map(|one| add("ClientFrame", one.name, command(one, &mut schemas))).collect();
    let server = ServerFrame::ALL.iter().map(|one| add("ServerFrame", one.name(), event(*one, &mut schemas))).collect();
    frames.insert("ClientFrame".to_owned(), union("A frame of the client.", client));
    frames.insert("ServerFrame".to_owned(), union("A frame of the server.", server));
    frames.extend(schemas.by_name());
    frames
}

fn union(description: &str, mapping: Map<String, Value>) -> Value {
    let variants: Vec<Value> = mapping.values().map(|request_id| json!({"$ref": request_id})).collect();
    let discriminator = json!({"propertyName": "type", "mapping": mapping});
    json!({"description": description, "oneOf": variants, "discriminator": discriminator})
}

fn command(command: &CommandType, schemas: &mut Schemas) -> Value {
    let fields = (command.fields)(schemas);
    let id = schemas.body::<Envelope<'_>>().pointer("/properties/id").cloned().unwrap_or_default();
    let field = |name: &&str| fields.pointer(&format!("/properties/{name}")).cloned().unwrap_or_default();
    let mut forms: Vec<Value> = Vec::new();
    for (required, optional) in command.forms {
        let mut properties = Map::from_iter([("id".to_owned(), id.clone())]);
        properties.extend(required.iter().map(|name| ((*name).to_owned(), non_null(field(name)))));
        properties.extend(optional.iter().map(|name| ((*name).to_owned(), field(name))));
        forms.push(tagged(command.name, json!({"type": "object", "required": required, "properties": properties})));
    }
    let replies: Vec<String> = command.replies.iter().map(|reply| outline(&reply(schemas))).collect();
    let mut description = command.description.to_owned();
    if !replies.is_empty() {
        description += &format!(" Answered by {}.", replies.join(" or "));
    }
    let mut frame = if forms.len() == 1 { forms.remove(0) } else { json!({"oneOf": forms}) };
    set(&mut frame, "description", json!(description));
    frame
}

fn event(kind: ServerFrame, schemas: &mut Schemas) -> Value {
    let mut body = match kind {
        ServerFrame::Ready => schemas.body::<Ready<'_>>(),
        ServerFrame::Ok | ServerFrame::Pong => json!({"properties": {"id": request_id()}}),
        ServerFrame::Error => schemas.body::<ErrorFrame<'_>>(),
        ServerFrame::Message | ServerFrame::MessageChanged => schemas.body::<Message>(),
        ServerFrame::Changes => schemas.body::<Changes>(),
        ServerFrame::Reset => {
            let session = json!({"type": "string", "description": "The session."});
            json!({"required": ["session"], "properties": {"session": session}})
        }
        ServerFrame::SessionAdded => schemas.body::<SessionAnswer<'_>>(),
        ServerFrame::SessionChanged => schemas.body::<SessionChangedFrame<'_>>(),
        ServerFrame::SessionRemoved => schemas.body::<SessionRemovedFrame>(),
        ServerFrame::Member => schemas.body::<MemberFrame<'_>>(),
        ServerFrame::Receipt => schemas.body::<ReceiptFrame<'_>>(),
        ServerFrame::Typing => schemas.body::<TypingFrame<'_>>(),
        ServerFrame::Presence => schemas.body::<Presence<'_>>(),
        ServerFrame::Invite | ServerFrame::InviteAnswered => schemas.body::<InviteAnswer<'_>>(),
    };
    if let (ServerFrame::Error, Some(properties)) = (kind, body.get_mut("properties")) {
        set(properties, "id", request_id());
    }
    let mut frame = tagged(kind.name(), body);
    if kind == ServerFrame::Ok {
        let mut replies = Vec::new();
        for reply in commands().flat_map(|command| command.replies).map(|reply| reply(schemas)) {
            if !replies.contains(&reply) {
                replies.push(reply);
            }
        }
        frame = json!({"allOf": [frame, {"anyOf": replies}]});
    }
    set(&mut frame, "description", json!(kind.description()));
    frame
}

fn request_id() -> Value {
    json!({"type": "string", "description": "The client's id of the command; left out where it gave none."})
}

#[cfg(test)]
mod tests {
    use super::super::decode::decode;
    use super::*;
    use crate::config::{Config, Limits};
    use crate::domain::{Resync, SessionId};

    fn limits() -> Limits {
        use clap::Parser;
        Config::parse_from(["parlor"]).limits
    }

    /// A good value of a field, and one of another type.
    fn values(name: &str) -> (Value, Value) {
        match name {
            "seq" | "reply_to" | "before" | "after" | "limit" => (json!(1), json!("1")),
            "accept" | "on" | "room" | "keep" => (json!(true), json!("true")),
            "usernames" => (json!(["avi"]), json!({})),
            "sessions" => (json!({"0000000000001": 7}), json!([])),
            "role" => (json!("admin"), json!("king")),
            "emoji" => (json!("👍"), json!(7)),
            _ => (json!("0000000000001"), json!(7)),
        }
    }

    fn frame(command: &CommandType, names: &[&str]) -> Value {
        let mut frame = json!({"type": command.name});
        names.iter().for_each(|name| set(&mut frame, name, values(name).0));
        frame
    }

    fn read(frame: &Value) -> Result<(), String> {
        decode(&frame.to_string(), &limits()).map(drop).map_err(|malformed| malformed.refusal.to_string())
    }

    #[test]
    fn every_command_is_decoded_as_documented() {
        for command in commands() {
            let word = command.name;
            for (needs, may) in command.forms {
                let all: Vec<&str> = needs.iter().chain(*may).copied().chain(["id"]).collect();
                for names in [needs.to_vec(), all.clone()] {
                    assert_eq!(read(&frame(command, &names)), Ok(()), "{word} {names:?}");
                }
                for needed in *needs {
                    let rest: Vec<&str> = all.iter().filter(|name| *name != needed).copied().collect();
                    let one_of = if command.forms.len() > 1 { "" } else { needed };
                    let why = read(&frame(command, &rest)).expect_err("it is needed");
                    assert!(why.contains(one_of), "{word} without {needed}: {why}");
                }
                for name in all {
                    let mut wrong = frame(command, needs);
                    set(&mut wrong, name, values(name).1);
                    let why = read(&wrong).expect_err("it is of another type");
                    assert!(why.starts_with(&format!("`{name}`")), "{word} {name}: {why}");
                }
            }
        }
    }

    #[test]
    fn every_frame_has_a_schema_with_its_type() {
        let schemas = schemas();
        for (list, prefix, words) in [
            ("ClientFrame", "ClientFrame.", commands().map(|command| command.name).collect::<Vec<_>>()),
            ("ServerFrame", "ServerFrame.", ServerFrame::ALL.iter().map(|frame| frame.name()).collect()),
        ] {
            let mapping = schemas[list]["discriminator"]["mapping"].as_object().unwrap();
            assert_eq!(mapping.len(), words.len());
            for word in words {
                let name = format!("{prefix}{word}");
                assert_eq!(mapping[word], format!("{PREFIX}{name}"));
                let (schema, tag) = (schemas[&name].to_string(), format!(r#""type":{{"const":"{word}"}}"#));
                assert!(schema.contains(&tag) && schema.contains(r#""description":"#), "{schema}");
            }
        }
    }

    #[test]
    fn the_parts_of_a_sync_have_documented_types() {
        let session = SessionId(1);
        let removed = Resync::SessionRemoved { session: session.to_string(), reason: crate::domain::Removal::NotFound };
        for part in [Resync::Reset { session }, removed] {
            let frame = serde_json::to_value(part).unwrap();
            let kind = *ServerFrame::ALL.iter().find(|kind| frame["type"] == kind.name()).unwrap();
            let schema = event(kind, &mut Schemas::default());
            for (name, _) in frame.as_object().unwrap() {
                assert!(schema["properties"].get(name).is_some(), "{name} of {kind:?}");
            }
        }
    }

    #[test]
    fn descriptions_outline_the_reply() {
        let schemas = schemas();
        let about = |name: &str| schemas[name]["description"].as_str().unwrap().to_owned();
        assert!(about("ClientFrame.edit").ends_with("Answered by `ok {rev}`."));
        assert!(about("ClientFrame.history").ends_with("Answered by `ok {complete, messages}`."));
        assert!(about("ClientFrame.members").ends_with("Answered by `ok {members, next?}`."));
        assert!(about("ClientFrame.ping").ends_with("Answered by `pong`."));
    }
}
