//! The client's files as a browser gets them: with their type, compressed, and asked for again only when they change.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, web};
use rust_embed::Embed;

/// What lies in `client/`.
#[derive(Embed)]
#[folder = "src/web/client"]
struct Client;

/// What a page may do: run and show what this server sends, and talk to it. Nothing inline, nobody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// The first page.
pub async fn home() -> HttpResponse {
    respond("index.html")
}

/// A module, a style, an icon.
pub async fn file(path: web::Path<String>) -> HttpResponse {
    respond(&path)
}

fn respond(path: &str) -> HttpResponse {
    let Some(file) = Client::get(path) else { return HttpResponse::NotFound().finish() };
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(file.data.into_owned())
}
