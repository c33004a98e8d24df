//! What every frame looks like, as schemas for the documentation: made from the words and the types that are read and
//! written, so that neither says anything the other does not.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::decode::Fields;
use super::encode::{Marked, Moved, No, Removed, Renamed, Sent, Typing};
use super::ready::Ready;
use super::schema::{Shelf, given, outline, set, tagged};
use super::words::{Say, Tell};
use crate::domain::reply::{Hits, InviteAnswer, Invites, Members, Messages, Presence, SessionAnswer, Sessions, Step};
use crate::domain::{Changes, Message};

/// Where a document keeps its schemas.
const PLACE: &str = "#/components/schemas/";

/// Fields that a command must have, and those that it may have.
type Form = (&'static [&'static str], &'static [&'static str]);

/// The schemas of all frames, by name: `ClientFrame` and `ServerFrame`, one for each word, and what those refer to.
pub(crate) fn schemas() -> BTreeMap<String, Value> {
    let mut shelf = Shelf::default();
    let mut frames = BTreeMap::new();
    let mut said = Map::new();
    for word in Say::ALL {
        let name = format!("ClientFrame.{}", word.as_str());
        said.insert(word.as_str().to_owned(), json!(format!("{PLACE}{name}")));
        frames.insert(name, command(*word, &mut shelf));
    }
    let mut told = Map::new();
    for word in Tell::ALL {
        let name = format!("ServerFrame.{}", word.as_str());
        told.insert(word.as_str().to_owned(), json!(format!("{PLACE}{name}")));
        frames.insert(name, event(*word, &mut shelf));
    }
    frames.insert("ClientFrame".to_owned(), either("What a client says.", said));
    frames.insert("ServerFrame".to_owned(), either("What the server says.", told));
    frames.extend(shelf.schemas());
    frames
}

fn either(about: &str, mapping: Map<String, Value>) -> Value {
    let each: Vec<Value> = mapping.values().map(|place| json!({"$ref": place})).collect();
    json!({"description": about, "oneOf": each, "discriminator": {"propertyName": "type", "mapping": mapping}})
}

/// The fields of each command, in as many forms as it has.
const fn forms(word: Say) -> &'static [Form] {
    match word {
        Say::Hello => &[(&[], &["token"])],
        Say::Send => &[(&["session", "text"], &["key", "reply_to"]), (&["to", "text"], &["key", "reply_to"])],
        Say::Edit => &[(&["session", "seq", "text"], &[])],
        Say::Delete | Say::Read | Say::Received => &[(&["session", "seq"], &[])],
        Say::React => &[(&["session", "seq", "emoji", "on"], &[])],
        Say::Typing | Say::Leave => &[(&["session"], &[])],
        Say::Sync => &[(&["sessions"], &["epoch"])],
        Say::History => &[(&["session"], &["before", "after", "limit"])],
        Say::Sessions => &[(&[], &["cursor"])],
        Say::Members => &[(&["session"], &["cursor"])],
        Say::Invites => &[(&[], &["direction", "cursor"])],
        Say::Search => &[(&["query"], &["session", "cursor"])],
        Say::Invite => &[(&["username"], &["session"])],
        Say::Answer => &[(&["invite", "accept"], &[]), (&["username", "accept"], &[])],
        Say::Open => {
            &[(&["username"], &[]), (&["title", "usernames"], &["key"]), (&["room"], &["title", "keep", "key"])]
        }
        Say::Join => &[(&["code"], &[])],
        Say::Remove => &[(&["session", "username"], &[])],
        Say::Role => &[(&["session", "username", "role"], &[])],
        Say::Title => &[(&["session", "title"], &[])],
        Say::Ping | Say::Goodbye => &[(&[], &[])],
    }
}

/// What `ok` brings for each command; nothing for those that have no `ok`.
fn brings(word: Say, shelf: &mut Shelf) -> Vec<Value> {
    match word {
        Say::Hello | Say::Ping | Say::Goodbye => Vec::new(),
        Say::Send => vec![shelf.body::<Sent>()],
        Say::Read | Say::Received | Say::Typing | Say::Sync => {
            vec![json!({"type": "object", "description": "Nothing more."})]
        }
        Say::History => vec![shelf.body::<Messages>()],
        Say::Sessions => vec![shelf.body::<Sessions>()],
        Say::Members => vec![shelf.body::<Members>()],
        Say::Invites => vec![shelf.body::<Invites>()],
        Say::Search => vec![shelf.body::<Hits>()],
        Say::Invite => vec![shelf.body::<InviteAnswer<'_>>()],
        Say::Answer => vec![shelf.body::<SessionAnswer<'_>>(), shelf.body::<InviteAnswer<'_>>()],
        Say::Open | Say::Join => vec![shelf.body::<SessionAnswer<'_>>()],
        Say::Edit | Say::Delete | Say::React | Say::Leave | Say::Remove | Say::Role | Say::Title => {
            vec![shelf.body::<Step>()]
        }
    }
}

fn command(word: Say, shelf: &mut Shelf) -> Value {
    let fields = shelf.body::<Fields<'_>>();
    let field = |name: &&str| fields.pointer(&format!("/properties/{name}")).cloned().unwrap_or_default();
    let mut forms: Vec<Value> = Vec::new();
    for (needs, may) in self::forms(word) {
        let mut properties = Map::new();
        properties.extend(needs.iter().map(|name| ((*name).to_owned(), given(field(name)))));
        properties.extend(may.iter().chain(&["id"]).map(|name| ((*name).to_owned(), field(name))));
        forms.push(tagged(word.as_str(), json!({"type": "object", "required": needs, "properties": properties})));
    }
    let answers: Vec<String> = brings(word, shelf).iter().map(outline).collect();
    let does = match answers.is_empty() {
        true => word.does().to_owned(),
        false => format!("{} Answered by {}.", word.does(), answers.join(" or ")),
    };
    let mut frame = if forms.len() == 1 { forms.remove(0) } else { json!({"oneOf": forms}) };
    set(&mut frame, "description", json!(does));
    frame
}

fn event(word: Tell, shelf: &mut Shelf) -> Value {
    let mut frame = match word {
        Tell::Ready => tagged(word.as_str(), shelf.body::<Ready<'_>>()),
        Tell::Ok => {
            let mut bodies = Vec::new();
            for body in Say::ALL.iter().flat_map(|say| brings(*say, shelf)) {
                if !bodies.contains(&body) {
                    bodies.push(body);
                }
            }
            json!({"allOf": [tagged(word.as_str(), json!({"properties": {"id": reference()}})), {"anyOf": bodies}]})
        }
        Tell::Error => {
            let mut frame = tagged(word.as_str(), shelf.body::<No<'_>>());
            if let Some(properties) = frame.get_mut("properties") {
                set(properties, "id", reference());
            }
            frame
        }
        Tell::Pong => tagged(word.as_str(), json!({"properties": {"id": reference()}})),
        Tell::Message | Tell::MessageChanged => tagged(word.as_str(), shelf.body::<Message>()),
        Tell::Changes => tagged(word.as_str(), shelf.body::<Changes>()),
        Tell::Reset => {
            let session = json!({"type": "string", "description": "Which."});
            tagged(word.as_str(), json!({"required": ["session"], "properties": {"session": session}}))
        }
        Tell::SessionAdded => tagged(word.as_str(), shelf.body::<SessionAnswer<'_>>()),
        Tell::SessionChanged => tagged(word.as_str(), shelf.body::<Renamed<'_>>()),
        Tell::SessionRemoved => tagged(word.as_str(), shelf.body::<Removed>()),
        Tell::Member => tagged(word.as_str(), shelf.body::<Moved<'_>>()),
        Tell::Receipt => tagged(word.as_str(), shelf.body::<Marked<'_>>()),
        Tell::Typing => tagged(word.as_str(), shelf.body::<Typing<'_>>()),
        Tell::Presence => tagged(word.as_str(), shelf.body::<Presence<'_>>()),
        Tell::Invite | Tell::InviteAnswered => tagged(word.as_str(), shelf.body::<InviteAnswer<'_>>()),
    };
    set(&mut frame, "description", json!(word.does()));
    frame
}

fn reference() -> Value {
    json!({"type": "string", "description": "The client's own name for the command; left out where it gave none."})
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

    fn frame(word: Say, names: &[&str]) -> Value {
        let mut frame = json!({"type": word.as_str()});
        names.iter().for_each(|name| set(&mut frame, name, values(name).0));
        frame
    }

    fn says(frame: &Value) -> Result<(), String> {
        decode(&frame.to_string(), &limits()).map(drop).map_err(|malformed| malformed.refusal.to_string())
    }

    #[test]
    fn every_command_is_read_as_it_is_documented() {
        for word in Say::ALL {
            assert_eq!(Say::parse(word.as_str()), Some(*word));
            for (needs, may) in forms(*word) {
                let all: Vec<&str> = needs.iter().chain(*may).copied().chain(["id"]).collect();
                for names in [needs.to_vec(), all.clone()] {
                    assert_eq!(says(&frame(*word, &names)), Ok(()), "{word:?} {names:?}");
                }
                for needed in *needs {
                    let rest: Vec<&str> = all.iter().filter(|name| *name != needed).copied().collect();
                    let one_of = if forms(*word).len() > 1 { "" } else { needed };
                    let why = says(&frame(*word, &rest)).expect_err("it is needed");
                    assert!(why.contains(one_of), "{word:?} without {needed}: {why}");
                }
                for name in all {
                    let mut wrong = frame(*word, needs);
                    set(&mut wrong, name, values(name).1);
                    let why = says(&wrong).expect_err("it is of another type");
                    assert!(why.starts_with(&format!("`{name}`")), "{word:?} {name}: {why}");
                }
            }
        }
    }

    #[test]
    fn every_frame_has_a_schema_with_its_word() {
        let schemas = schemas();
        for (list, prefix, words) in [
            ("ClientFrame", "ClientFrame.", Say::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>()),
            ("ServerFrame", "ServerFrame.", Tell::ALL.iter().map(|word| word.as_str()).collect()),
        ] {
            let mapping = schemas[list]["discriminator"]["mapping"].as_object().unwrap();
            assert_eq!(mapping.len(), words.len());
            for word in words {
                let name = format!("{prefix}{word}");
                assert_eq!(mapping[word], format!("{PLACE}{name}"));
                let (schema, tag) = (schemas[&name].to_string(), format!(r#""type":{{"const":"{word}"}}"#));
                assert!(schema.contains(&tag) && schema.contains(r#""description":"#), "{schema}");
            }
        }
    }

    #[test]
    fn what_sync_says_has_words_of_the_list() {
        let session = SessionId(1);
        let removed = Resync::SessionRemoved { session: session.to_string(), reason: crate::domain::Removal::NotFound };
        for part in [Resync::Reset { session }, removed] {
            let said = serde_json::to_value(part).unwrap();
            let known = Tell::parse(said["type"].as_str().unwrap()).expect("a known word");
            let schema = event(known, &mut Shelf::default());
            for (name, _) in said.as_object().unwrap() {
                assert!(schema["properties"].get(name).is_some(), "{name} of {known:?}");
            }
        }
        assert_eq!(Tell::parse("changes"), Some(Tell::Changes));
    }

    #[test]
    fn an_answer_is_told_in_short() {
        let schemas = schemas();
        let about = |name: &str| schemas[name]["description"].as_str().unwrap().to_owned();
        assert!(about("ClientFrame.edit").ends_with("Answered by `ok {rev}`."));
        assert!(about("ClientFrame.history").ends_with("Answered by `ok {complete, messages}`."));
        assert!(about("ClientFrame.members").ends_with("Answered by `ok {members, next?}`."));
        assert!(about("ClientFrame.ping").ends_with("Answered by `pong`."));
    }
}
