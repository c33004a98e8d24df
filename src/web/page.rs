//! The pages: the client's own, made of the template `index.html`, and what every page and file may do in a browser.

use std::sync::LazyLock;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::assets::{Asset, template};
use super::modules::preloads;
use crate::html::render;

/// What a page may do: run and show what this server sends, and talk to it. Nothing inline, nobody else; and no script
/// may make markup of text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Adds what a browser is to keep from a page of ours, and a page of ours from others. No address is told to anybody: it
/// may have a room's code in it.
pub fn protect(answer: &mut HttpResponseBuilder) {
    answer
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((OPENER_POLICY, "same-origin"));
}

/// The client.
pub async fn home(req: HttpRequest) -> HttpResponse {
    static HOME: LazyLock<Asset> = LazyLock::new(index);
    if cfg!(debug_assertions) { index().answer(&req) } else { HOME.answer(&req) }
}

fn index() -> Asset {
    let page = render(&template("index.html"), |place| match place {
        "modules" => preloads(&["main.js"]),
        _ => String::new(),
    });
    Asset::page(page)
}
