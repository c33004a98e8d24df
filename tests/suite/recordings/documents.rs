//! Documents about the server: health, metrics, and the documentation of the API.

use std::fmt::Write;

use crate::kit::*;

#[test]
fn health_and_metrics_are_answered_as_recorded() {
    if skipped_on_cluster("metrics are those of one node") {
        return;
    }
    let record = Transcript::new("health_and_metrics");
    let server = Server::with(&[("PARLOR_METRICS_TOKEN", "a-token-for-monitoring")]);
    let caller = record.stranger(&server);
    for path in ["//healthz", "//readyz", "//metrics"] {
        caller.get(path);
        caller.send(caller.call("POST", path));
    }
    let call = caller.call("GET", "//metrics").header("Authorization", "Bearer a-token-for-monitoring");
    caller.send_to_show(call, |reply| {
        reply.text().lines().map(|line| format!("\n    {}", without_value(line))).collect()
    });
    record.part("without a token there are none");
    record.stranger(&Server::start()).get("//metrics");
    record.compare();
}

/// A line of metrics without its number, which differs.
fn without_value(line: &str) -> &str {
    if line.starts_with('#') { line } else { line.rsplit_once(' ').map_or(line, |(name, _)| name) }
}

#[test]
fn the_documentation_has_the_outline_that_is_recorded() {
    let record = Transcript::new("documentation");
    let server = Server::start();
    let caller = record.stranger(&server);
    caller.send_to_show(caller.call("GET", "//openapi.json"), |reply| outline(&reply.json()));
    caller.send_to_show(caller.call("GET", "//docs"), |reply| headings(&reply.text()));
    record.compare();
}

/// Routes with their parameters, bodies and statuses, and schemas with their fields: all but descriptions.
fn outline(document: &Value) -> String {
    let mut text = format!("\n    {} {}", document["openapi"], document["info"]["title"]);
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let parameters: Vec<String> =
                parameters.map(|one| format!("{}:{}", self::text(one, "name"), kind(&one["schema"]))).collect();
            let body = kind(&operation["requestBody"]["content"]["application/json"]["schema"]);
            let responses = operation["responses"].as_object().unwrap().iter();
            let responses: Vec<String> =
                responses.map(|(status, response)| format!("{status}{}", content(response))).collect();
            let _ = write!(text, "\n    {method} {path} ({}) {body} → {}", parameters.join(", "), responses.join(" "));
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let _ = write!(text, "\n    {name} = {}", kind(schema));
    }
    text
}

/// The type of what a response carries, where it is no problem document.
fn content(response: &Value) -> String {
    let content = response["content"].as_object().into_iter().flatten();
    let kinds: Vec<String> = content.map(|(kind, media)| format!(" {kind} {}", self::kind(&media["schema"]))).collect();
    kinds.concat().replace(" application/problem+json Problem", "").replace(" application/json", "")
}

/// A schema in a few letters.
fn kind(schema: &Value) -> String {
    if let Some(place) = schema["$ref"].as_str() {
        return place.rsplit('/').next().unwrap_or_default().to_owned();
    }
    for (part, between) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(parts) = schema[part].as_array() {
            return format!("({})", parts.iter().map(kind).collect::<Vec<_>>().join(between));
        }
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(Value::to_string).collect::<Vec<_>>().join("|");
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = schema["properties"].as_object().into_iter().flatten();
    let fields = fields.map(|(name, field)| {
        let mark = if required.contains(&name.as_str()) { "" } else { "?" };
        format!("{name}{mark}: {}", kind(field))
    });
    let fields: Vec<String> = fields.collect();
    match (&schema["items"], fields.is_empty()) {
        (Value::Null, false) => format!("{{{}}}", fields.join(", ")),
        (Value::Null, true) => {
            schema["type"].as_str().map_or_else(|| schema["type"].to_string(), str::to_owned).replace("null", "-")
        }
        (items, _) => format!("[{}]", kind(items)),
    }
}

/// The headings of the page, and the name of each route and schema.
fn headings(page: &str) -> String {
    let mut text = String::new();
    for (tag, end) in [("<h1", "</h1>"), ("<h2", "</h2>"), ("<summary", "<span>"), ("<summary", "</summary>")] {
        for part in page.split(tag).skip(1).filter_map(|rest| rest.split_once(end)) {
            let content: Vec<&str> =
                part.0.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, content)| content).collect();
            if !content.concat().is_empty() && content.len() < 8 {
                let _ = write!(text, "\n    {}", content.concat().trim());
            }
        }
    }
    text
}
