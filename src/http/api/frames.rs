//! The frames of the WebSocket in the document: OpenAPI has no paths for what comes behind an upgrade, so `x-client-frames` and
//! `x-server-frames` lead to the schemas that the dialect makes of its own types.

use serde_json::{Value, json};

use super::API;
use crate::edge::problem::PROBLEM_JSON;
use crate::protocol::native;

pub(super) fn add(document: &mut Value) {
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.insert(format!("{API}/ws"), json!({"get": handshake()}));
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.extend(native::schemas());
    }
}

fn handshake() -> Value {
    let no = |why: &str| {
        let schema = json!({"$ref": "#/components/schemas/Problem"});
        json!({"description": why, "content": {PROBLEM_JSON: {"schema": schema}}})
    };
    json!({
        "tags": ["websocket"],
        "summary": "The WebSocket: one JSON object per text frame, told apart by `type`.",
        "description": "The first frame is `hello`, answered by `ready`. A command's `id` comes back on its `ok` or `error`; \
            whoever acts gets `ok` where others get the event. The token may also come by header or cookie.",
        "operationId": "connect",
        "security": [{}, {"token": []}, {"cookie": []}],
        "x-client-frames": {"$ref": "#/components/schemas/ClientFrame"},
        "x-server-frames": {"$ref": "#/components/schemas/ServerFrame"},
        "responses": {
            "101": {"description": "Frames from here on."},
            "400": no("`invalid_request`: not a WebSocket handshake, or a token in the URL."),
            "401": no("`unauthenticated`: a token that does not count."),
            "403": no("`forbidden`: a page of another origin."),
            "503": no("`busy`: too many have not said hello; `unavailable`: the server stops."),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::openapi;
    use super::*;

    fn references<'a>(tree: &'a Value, found: &mut Vec<&'a str>) {
        match tree {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|one| references(one, found));
            }
            Value::Array(list) => list.iter().for_each(|one| references(one, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = openapi::document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100);
        for place in found {
            assert!(document.pointer(place.trim_start_matches('#')).is_some(), "{place}");
        }
    }
}
