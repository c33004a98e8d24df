//! Valid values for what `/openapi.json` describes.

use super::fixture::Fixture;
use crate::kit::*;

/// The document of a server, with an example of each field.
pub struct Examples<'a> {
    document: Value,
    fixture: &'a Fixture,
}

impl<'a> Examples<'a> {
    pub fn new(fixture: &'a Fixture) -> Self {
        Self { document: fixture.server.http().get("//openapi.json").ok(), fixture }
    }

    pub fn document(&self) -> &Value {
        &self.document
    }

    /// What a reference in the document refers to; other schemas are returned as they are.
    pub fn resolve<'b>(&'b self, schema: &'b Value) -> &'b Value {
        match schema["$ref"].as_str() {
            Some(path) => self.document.pointer(path.trim_start_matches('#')).expect("it leads somewhere"),
            None => schema,
        }
    }

    /// The schemas of which one applies; `null` is left out.
    fn alternatives<'b>(&'b self, schema: &'b Value) -> Vec<&'b Value> {
        let schema = self.resolve(schema);
        match schema["oneOf"].as_array() {
            Some(all) => {
                all.iter().filter(|one| one["type"] != "null").flat_map(|one| self.alternatives(one)).collect()
            }
            None => vec![schema],
        }
    }

    /// Objects of each kind that the schema describes, with all required fields and all texts. A cursor, which is no valid one, is
    /// in a second object of the same kind.
    pub fn objects(&self, schema: &Value) -> Vec<Value> {
        let mut objects = Vec::new();
        for schema in self.alternatives(schema) {
            let mut object = json!({});
            let mut cursor = None;
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                let is_required = schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
                let example = self.value(name, field);
                match name.as_str() {
                    "cursor" => cursor = Some(example),
                    _ if is_required || example.is_string() => object[name] = example,
                    _ => {}
                }
            }
            if let Some(cursor) = cursor {
                let mut second = object.clone();
                second["cursor"] = cursor;
                objects.push(second);
            }
            objects.push(object);
        }
        objects
    }

    fn value(&self, name: &str, schema: &Value) -> Value {
        let schema = self.alternatives(schema)[0];
        let is = |kind: &str| schema["type"] == kind || schema["type"][0] == kind;
        match schema {
            _ if !schema["const"].is_null() => schema["const"].clone(),
            _ if !schema["enum"].is_null() => schema["enum"][0].clone(),
            _ if is("string") => json!(self.text(name)),
            _ if is("integer") => json!(1),
            _ if is("boolean") => json!(true),
            _ if is("array") => json!([self.value(name, &schema["items"])]),
            // By the ids of sessions.
            _ if is("object") => json!({&self.fixture.group: 1}),
            _ => panic!("no example of `{name}`: {schema}"),
        }
    }

    /// A valid text for a field or parameter of this name.
    pub fn text(&self, name: &str) -> String {
        let fixture = self.fixture;
        let text = match name {
            "username" | "usernames" | "to" | "cursor" => "lisa",
            "name" => "visitor",
            "session" => &fixture.group,
            "invite" => &fixture.invite,
            "code" => &fixture.code,
            "token" => &fixture.avi.token,
            "password" | "current_password" => PASSWORD,
            "display_name" => "Avi",
            "device" => "phone",
            "title" => "Trip",
            "text" | "query" | "q" => "hello",
            "key" => "key",
            "emoji" => "👍",
            "epoch" => "epoch",
            "direction" => "in",
            "role" => "member",
            // Of a command.
            "id" => "first",
            _ => panic!("no example of the text `{name}`: give one here"),
        };
        text.to_owned()
    }
}
