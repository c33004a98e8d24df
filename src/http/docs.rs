//! `/docs`: what `/openapi.json` says, for people. One page, made here from the same document; no script, and nothing is
//! asked of anybody else.

use std::fmt::Write;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::openapi;

/// How it looks, in the colours that the reader's system asks for.
const STYLE: &str = include_str!("docs.css");

/// Where a document keeps its schemas.
const PLACE: &str = "#/components/schemas/";

/// The page, and what a browser is to let it do.
static PAGE: LazyLock<(String, String)> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    (page(&openapi::document()), policy)
});

/// This documentation as a page.
#[utoipa::path(
    get, path = "/docs", security(()),
    responses((status = 200, description = "HTML.", body = String, content_type = "text/html"))
)]
pub async fn show_docs() -> HttpResponse {
    let (page, policy) = &*PAGE;
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, policy.as_str()))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(page.as_str())
}

fn page(document: &Value) -> String {
    let mut to = String::with_capacity(256 * 1_024);
    let version = text(document, "/info/version");
    let _ = write!(
        to,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Parlor {version}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head><body>\
         <h1>Parlor {version}</h1><p>Routes, frames and what they are made of. For programs: \
         <a href=\"/openapi.json\">openapi.json</a>.</p>\
         <nav><a href=\"#routes\">Routes</a> <a href=\"#ClientFrame\">What a client says</a> <a href=\"#ServerFrame\">What the server says</a> \
         <a href=\"#schemas\">Schemas</a></nav><h2 id=\"routes\">Routes</h2>"
    );
    for (path, methods) in fields(document, "/paths") {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            route(&mut to, method, path, operation);
        }
    }
    let schemas = || fields(document, "/components/schemas");
    for (id, heading, prefix) in
        [("ClientFrame", "What a client says", "ClientFrame."), ("ServerFrame", "What the server says", "ServerFrame.")]
    {
        let _ = write!(to, "<h2 id=\"{id}\">{heading}</h2>");
        for (name, schema) in schemas() {
            if let Some(word) = name.strip_prefix(prefix) {
                shape(&mut to, name, word, schema);
            }
        }
    }
    to.push_str("<h2 id=\"schemas\">Schemas</h2>");
    for (name, schema) in
        schemas().filter(|(name, _)| !name.starts_with("ClientFrame") && !name.starts_with("ServerFrame"))
    {
        shape(&mut to, name, name, schema);
    }
    to.push_str("</body></html>");
    to
}

fn route(to: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = write!(
        to,
        "<details><summary><b>{}</b> <code>{}</code> <span>{}</span></summary><p>{}</p>",
        method.to_uppercase(),
        escape(path),
        prose(text(operation, "/summary")),
        prose(text(operation, "/description")),
    );
    let parameters = operation.get("parameters").and_then(Value::as_array);
    if let Some(parameters) = parameters {
        to.push_str("<table>");
        for parameter in parameters {
            let needed = parameter.get("required") == Some(&Value::Bool(true));
            let schema = parameter.get("schema").unwrap_or(&Value::Null);
            row(to, text(parameter, "/name"), needed, schema, text(parameter, "/description"));
        }
        to.push_str("</table>");
    }
    if let Some(body) = operation.pointer("/requestBody/content/application~1json/schema") {
        let _ = write!(to, "<p>Body: {}</p>", kind(body));
    }
    for (name, heading) in [("x-client-frames", "Said by the client"), ("x-server-frames", "Said by the server")] {
        if let Some(frames) = operation.get(name) {
            let _ = write!(to, "<p>{heading}: {}</p>", kind(frames));
        }
    }
    to.push_str("<table>");
    for (status, response) in fields(operation, "/responses") {
        let body = response.pointer("/content/application~1json/schema").map(kind).unwrap_or_default();
        let says = prose(text(response, "/description"));
        let _ = write!(to, "<tr><td><code>{status}</code></td><td>{body}</td><td>{says}</td></tr>");
    }
    to.push_str("</table></details>");
}

/// A schema under its name, with a row for each field.
fn shape(to: &mut String, id: &str, name: &str, schema: &Value) {
    let about = prose(text(schema, "/description"));
    let _ = write!(
        to,
        "<section id=\"{id}\"><h3><code>{name}</code></h3><p>{about}</p>",
        id = escape(id),
        name = escape(name)
    );
    parts(to, schema);
    to.push_str("</section>");
}

/// What a schema is made of: its fields, those of its parts, or what it may be.
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
    for (word, between) in [("allOf", "and"), ("oneOf", "or"), ("anyOf", "or")] {
        for (at, part) in schema.get(word).and_then(Value::as_array).into_iter().flatten().enumerate() {
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

fn row(to: &mut String, name: &str, needed: bool, schema: &Value, about: &str) {
    let name = escape(name);
    let mark = if needed { "" } else { "?" };
    let _ = write!(to, "<tr><td><code>{name}{mark}</code></td><td>{}</td><td>{}</td></tr>", kind(schema), prose(about));
}

/// A type in a few words; what has a name leads there.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(PLACE)) {
        let name = escape(name);
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if let Some(only) = schema.get("const") {
        return format!("<code>{}</code>", escape(&only.to_string()));
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> =
            words.iter().map(|word| format!("<code>{}</code>", escape(&word.to_string()))).collect();
        return words.join(" · ");
    }
    if let Some(items) = schema.get("items") {
        return format!("list of {}", kind(items));
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        return format!("by name: {}", kind(values));
    }
    for word in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema.get(word).and_then(Value::as_array) {
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

fn fields<'a>(tree: &'a Value, place: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    tree.pointer(place).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn text<'a>(tree: &'a Value, place: &str) -> &'a str {
    tree.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

/// What stands between backticks is code.
fn prose(text: &str) -> String {
    let mut html = String::new();
    for (at, part) in text.split('`').enumerate() {
        let part = escape(part);
        let _ = if at % 2 == 1 { write!(html, "<code>{part}</code>") } else { write!(html, "{part}") };
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_documented_is_on_the_page() {
        let document = openapi::document();
        let (page, policy) = &*PAGE;
        for (path, _) in fields(&document, "/paths") {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
        for (name, _) in fields(&document, "/components/schemas") {
            assert!(page.contains(&format!(" id=\"{name}\">")), "{name}");
        }
        for link in page.split("href=\"#").skip(1) {
            let id = link.split('"').next().unwrap();
            assert!(page.contains(&format!("id=\"{id}\"")), "nothing is called {id}");
        }
        assert!(!page.contains("<script") && !page.contains("//") && !policy.contains("unsafe"), "it asks nobody else");
    }

    #[test]
    fn texts_are_no_markup() {
        assert_eq!(prose("a `<b>` & c"), "a <code>&lt;b&gt;</code> &amp; c");
    }
}
