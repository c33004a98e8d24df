//! Schemas as HTML: tables of fields, and types that lead to where they are described.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::http::html::escape;

const PLACE: &str = "#/components/schemas/";

pub(super) fn shape(to: &mut String, id: &str, name: &str, schema: &Value) {
    let (id, name, about) = (escape(id), escape(name), prose(text(schema, "/description")));
    let _ = write!(to, "<section id=\"{id}\"><h3><code>{name}</code></h3><p>{about}</p>");
    parts(to, schema);
    to.push_str("</section>");
}

fn parts(to: &mut String, schema: &Value) {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if schema.get("properties").is_some() {
        to.push_str("<table>");
        for (name, field) in fields(schema, "/properties") {
            row(to, name, required.contains(&name.as_str()), field, text(field, "/description"));
        }
        to.push_str("</table>");
    }
    for (keyword, between) in [("allOf", "and"), ("oneOf", "or"), ("anyOf", "or")] {
        for (at, part) in schema.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate() {
            if at > 0 {
                let _ = write!(to, "<p><i>{between}</i></p>");
            }
            if ["properties", "allOf", "oneOf", "anyOf"].iter().any(|inner| part.get(inner).is_some()) {
                let _ = write!(to, "<p>{}</p>", prose(text(part, "/description")));
                parts(to, part);
            } else {
                line(to, part);
            }
        }
    }
    if schema.get("enum").is_some() {
        line(to, schema);
    }
}

fn line(to: &mut String, schema: &Value) {
    let _ = write!(to, "<p>{} {}</p>", kind(schema), prose(text(schema, "/description")));
}

pub(super) fn row(to: &mut String, name: &str, needed: bool, schema: &Value, about: &str) {
    let name = escape(name);
    let mark = if needed { "" } else { "?" };
    let _ = write!(to, "<tr><td><code>{name}{mark}</code></td><td>{}</td><td>{}</td></tr>", kind(schema), prose(about));
}

/// A type in short, with links to named ones.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(PLACE)) {
        let name = escape(name);
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if let Some(only) = schema.get("const") {
        return format!("<code>{}</code>", escape(&only.to_string()));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> =
            values.iter().map(|value| format!("<code>{}</code>", escape(&value.to_string()))).collect();
        return values.join(" · ");
    }
    if let Some(items) = schema.get("items") {
        return format!("list of {}", kind(items));
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        return format!("by name: {}", kind(values));
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema.get(keyword).and_then(Value::as_array) {
            let parts: Vec<String> = parts.iter().map(kind).filter(|part| part != "null").collect();
            return parts.join(" or ");
        }
    }
    match schema.get("type") {
        Some(Value::String(name)) => escape(name),
        // Either it is there, or it is left out.
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").map(escape).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The fields of an object in a tree, none where there is none.
pub(super) fn fields<'a>(tree: &'a Value, place: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    tree.pointer(place).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// A text in a tree, nothing where there is none.
pub(super) fn text<'a>(tree: &'a Value, place: &str) -> &'a str {
    tree.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

/// What stands between backticks is code.
pub(super) fn prose(text: &str) -> String {
    let mut html = String::new();
    for (at, part) in text.split('`').enumerate() {
        let part = escape(part);
        let _ = if at % 2 == 1 { write!(html, "<code>{part}</code>") } else { write!(html, "{part}") };
    }
    html
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_described_in_short() {
        for (schema, html) in [
            (json!({"type": ["string", "null"]}), "string"),
            (json!({"items": {"$ref": "#/components/schemas/User"}}), "list of <a href=\"#User\">User</a>"),
            (json!({"const": "a<b"}), "<code>&quot;a&lt;b&quot;</code>"),
            (json!({"oneOf": [{"type": "null"}, {"type": "integer"}]}), "integer"),
            (json!({"additionalProperties": {"type": "integer"}}), "by name: integer"),
        ] {
            assert_eq!(kind(&schema), html);
        }
    }

    #[test]
    fn texts_are_no_markup() {
        assert_eq!(prose("a `<b>` & c"), "a <code>&lt;b&gt;</code> &amp; c");
    }
}
