//! JSON schemas: collecting those of Rust types, and composing those of frames.

use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// Adds the `type` field of a frame to a schema.
pub(super) fn tagged(name: &str, mut body: Value) -> Value {
    let kind = json!({"const": name});
    if body.get("properties").is_none() {
        let mut all = vec![json!({"type": "object", "required": ["type"], "properties": {"type": kind}})];
        match body.get("allOf").and_then(Value::as_array) {
            Some(parts) => all.extend(parts.iter().cloned()),
            None => all.push(body),
        }
        return json!({"allOf": all});
    }
    let mut required = vec![json!("type")];
    required.extend(body.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
    set(&mut body, "type", json!("object"));
    set(&mut body, "required", json!(required));
    if let Some(properties) = body.get_mut("properties") {
        set(properties, "type", kind);
    }
    body
}

/// The schema of a required field: without null.
pub(super) fn non_null(mut schema: Value) -> Value {
    let null = |one: &Value| *one == json!("null") || *one == json!({"type": "null"});
    for place in ["type", "oneOf"] {
        let Some(mut choices) = schema.get(place).and_then(Value::as_array).cloned() else { continue };
        choices.retain(|one| !null(one));
        match choices.pop() {
            Some(only) if choices.is_empty() && place == "type" => set(&mut schema, place, only),
            Some(only) if choices.is_empty() => return only,
            _ => {}
        }
    }
    schema
}

/// A reply in short, as in `ok {rev}`.
pub(super) fn outline(body: &Value) -> String {
    let required: Vec<&str> =
        body.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = body.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
    let fields: Vec<String> =
        fields.map(|name| if required.contains(&name.as_str()) { name.clone() } else { format!("{name}?") }).collect();
    if fields.is_empty() { "`ok`".to_owned() } else { format!("`ok {{{}}}`", fields.join(", ")) }
}

pub(super) fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// Collects the schemas that others refer to.
#[derive(Default)]
pub(super) struct Schemas(Vec<(String, RefOr<Schema>)>);

impl Schemas {
    pub(super) fn by_name(self) -> impl Iterator<Item = (String, Value)> {
        self.0.into_iter().map(|(name, schema)| (name, plain(&schema)))
    }

    /// The schema of a type. Those that it refers to are collected.
    pub(super) fn body<T: ToSchema>(&mut self) -> Value {
        T::schemas(&mut self.0);
        plain(&<T as PartialSchema>::schema())
    }
}

fn plain(schema: &RefOr<Schema>) -> Value {
    // A schema can always be serialized.
    serde_json::to_value(schema).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_fields_are_not_nullable() {
        assert_eq!(
            non_null(json!({"type": ["string", "null"], "minLength": 1})),
            json!({"type": "string", "minLength": 1})
        );
        assert_eq!(non_null(json!({"oneOf": [{"type": "null"}, {"$ref": "x"}]})), json!({"$ref": "x"}));
    }
}
