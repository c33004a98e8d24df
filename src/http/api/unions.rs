//! Unions in `/openapi.json` as code generators need them: a discriminator, and every variant as a complete schema of its own.

use serde_json::{Map, Value, json};

/// Gives every variant of the union `name`, whose variants are tagged by `tag`, a schema of its own in `document`. What a
/// variant takes from another schema is copied into it.
pub(super) fn name_variants(document: &mut Value, name: &str, tag: &str) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let Some(variants) = schemas.get(name).and_then(|union| union.get("oneOf")).and_then(Value::as_array).cloned()
    else {
        return;
    };
    let (mut references, mut mapping) = (Vec::new(), Map::new());
    for variant in variants {
        let whole = whole(schemas, &variant);
        let Some(value) = whole.pointer(&format!("/properties/{tag}/enum/0")).and_then(Value::as_str) else { return };
        let own = format!("{name}{}", pascal(value));
        let reference = format!("#/components/schemas/{own}");
        references.push(json!({"$ref": reference}));
        mapping.insert(value.to_owned(), json!(reference));
        schemas.insert(own, whole);
    }
    if let Some(union) = schemas.get_mut(name).and_then(Value::as_object_mut) {
        union.insert("oneOf".to_owned(), references.into());
        union.insert("discriminator".to_owned(), json!({"propertyName": tag, "mapping": mapping}));
    }
}

/// A variant with the properties of all that it is put together from.
fn whole(schemas: &Map<String, Value>, variant: &Value) -> Value {
    let Some(parts) = variant.get("allOf").and_then(Value::as_array) else { return variant.clone() };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        let referred = part.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
        let part = referred.and_then(|name| schemas.get(name)).unwrap_or(part);
        properties.extend(part.get("properties").and_then(Value::as_object).cloned().unwrap_or_default());
        required.extend(part.get("required").and_then(Value::as_array).cloned().unwrap_or_default());
    }
    let mut whole = json!({"type": "object", "properties": properties, "required": required});
    if let (Some(whole), Some(description)) = (whole.as_object_mut(), variant.get("description")) {
        whole.insert("description".to_owned(), description.clone());
    }
    whole
}

fn pascal(snake: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    snake.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_is_whole_and_named() {
        let mut document = json!({"components": {"schemas": {
            "Page": {"type": "object", "properties": {"from": {"type": "integer"}}, "required": ["from"]},
            "Answer": {"oneOf": [
                {"allOf": [{"$ref": "#/components/schemas/Page"},
                           {"type": "object", "properties": {"type": {"enum": ["page"]}}, "required": ["type"]}]},
                {"type": "object", "properties": {"type": {"enum": ["start_over"]}}, "required": ["type"]}
            ]}
        }}});
        name_variants(&mut document, "Answer", "type");
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["AnswerPage"]["required"], json!(["from", "type"]));
        assert_eq!(schemas["AnswerPage"]["properties"]["from"]["type"], "integer");
        assert_eq!(schemas["AnswerStartOver"]["required"], json!(["type"]));
        assert_eq!(schemas["Answer"]["oneOf"][1]["$ref"], "#/components/schemas/AnswerStartOver");
        assert_eq!(schemas["Answer"]["discriminator"]["mapping"]["page"], "#/components/schemas/AnswerPage");
    }
}
