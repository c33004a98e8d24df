//! `/docs`: the OpenAPI document as a page, without scripts or requests to other servers.

mod shapes;

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use self::shapes::{fields, kind, prose, row, shape, text};
use crate::http::html::escape;

const STYLE: &str = include_str!("style.css");

/// The policy that lets a browser use the page's own style and nothing else.
pub(super) fn policy() -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

pub(super) fn page(document: &Value) -> String {
    let mut to = String::with_capacity(256 * 1_024);
    let version = text(document, "/info/version");
    let _ = write!(
        to,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Parlor {version}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head><body>\
         <h1>Parlor {version}</h1><p>Routes, frames and what they are made of. For programs: \
         <a href=\"/openapi.json\">openapi.json</a>.</p>\
         <nav><a href=\"#routes\">Routes</a> <a href=\"#ClientFrame\">Frames of the client</a> <a href=\"#ServerFrame\">Frames of the server</a> \
         <a href=\"#schemas\">Schemas</a></nav><h2 id=\"routes\">Routes</h2>"
    );
    for (path, methods) in fields(document, "/paths") {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            route(&mut to, method, path, operation);
        }
    }
    let schemas = || fields(document, "/components/schemas");
    for (id, heading, prefix) in [
        ("ClientFrame", "Frames of the client", "ClientFrame."),
        ("ServerFrame", "Frames of the server", "ServerFrame."),
    ] {
        let _ = write!(to, "<h2 id=\"{id}\">{heading}</h2>");
        for (name, schema) in schemas() {
            if let Some(name_in_frame) = name.strip_prefix(prefix) {
                shape(&mut to, name, name_in_frame, schema);
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
    if let Some(parameters) = operation.get("parameters").and_then(Value::as_array) {
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
        let about = prose(text(response, "/description"));
        let _ = write!(to, "<tr><td><code>{status}</code></td><td>{body}</td><td>{about}</td></tr>");
    }
    to.push_str("</table></details>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::api::openapi;

    #[test]
    fn everything_that_is_documented_is_on_the_page() {
        let document = openapi::document();
        let (page, policy) = (page(&openapi::document()), policy());
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
        assert!(
            !page.contains("<script") && !page.contains("//") && !policy.contains("unsafe"),
            "no requests to other servers"
        );
    }
}
