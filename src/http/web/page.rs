//! The client's page, made of the template `index.html` with plain content for browsers without script, and the page for unknown
//! addresses.

use std::sync::OnceLock;

use actix_web::http::header::{ACCEPT, HeaderValue, REFERRER_POLICY, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde_json::json;

use super::assets::Asset;
use super::files::template;
use super::form::RoomForm;
use super::page_headers::{OWN_REFERRER, passing};
use super::version::base;
use crate::config::{Config, Directory, Switch};
use crate::domain::{Dialect, Refusal};
use crate::edge::cookies::{ROOM_COOKIE, expired_cookies, has_cookie};
use crate::edge::origin::is_user_initiated;
use crate::edge::problem::Problem;
use crate::http::html::{escape, render};
use crate::service::Services;

const NO_FORM: &str = "<noscript><main class=\"plain\"><h1>Parlor</h1><p>This chat needs JavaScript. Enable it for this \
                       page and reload.</p></main></noscript>";

/// The client. Opening it removes the cookie of a room's guest, but not that of a login; a prefetch removes nothing.
pub(super) async fn home(req: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    static HOME: OnceLock<Asset> = OnceLock::new();
    let page = || client(&services.config, String::new());
    // The configuration does not change while a process runs.
    let mut response = if cfg!(debug_assertions) { page().respond(&req) } else { HOME.get_or_init(page).respond(&req) };
    response.headers_mut().insert(REFERRER_POLICY, OWN_REFERRER);
    if is_user_initiated(&req) && has_cookie(&req, ROOM_COOKIE) {
        // Never invalid: its content is our own.
        for cookie in expired_cookies(&services.config, ROOM_COOKIE) {
            let _ = response.add_cookie(&cookie);
        }
    }
    response
}

pub(super) async fn link(req: HttpRequest, services: web::Data<Services>, code: web::Path<String>) -> HttpResponse {
    client(&services.config, code.into_inner()).respond(&req)
}

fn client(config: &Config, code: String) -> Asset {
    let plain = if config.dialects.contains(Dialect::Rooms) {
        RoomForm::with_code(code).show(config)
    } else {
        NO_FORM.to_owned()
    };
    Asset::page(page(config, "", &plain))
}

/// The client's page. `marks` are further attributes of its body; `plain` is shown where no script runs.
pub(super) fn page(config: &Config, marks: &str, plain: &str) -> String {
    render(&template("index.html"), |place| match place {
        "base" => base(),
        "marks" => format!("{}{marks}", settings(config)),
        "plain" => plain.to_owned(),
        _ => String::new(),
    })
}

/// The settings on which the client's first rendering depends, as an attribute of the page's body.
fn settings(config: &Config) -> String {
    let settings = json!({
        "guests": config.guests == Switch::On,
        "directory": if config.directory == Directory::Open { "open" } else { "closed" },
        "passwordMin": config.limits.password_min,
    });
    format!(" data-settings=\"{}\"", escape(&settings.to_string()))
}

/// The response to unknown paths: a page for browsers, a problem document for programs.
pub(super) async fn not_found(req: HttpRequest) -> HttpResponse {
    let mut response = if wants_page(&req) {
        let page = template("nowhere.html");
        passing(StatusCode::NOT_FOUND).body(render(&template("plain.html"), |_| page.to_string()))
    } else {
        Problem(Refusal::NotFound).error_response()
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    response
}

/// True for the navigation of a browser; programs accept anything.
fn wants_page(req: &HttpRequest) -> bool {
    let lines = req.headers().get_all(ACCEPT).filter_map(|line| line.to_str().ok());
    [Method::GET, Method::HEAD].contains(req.method()) && lines.into_iter().any(|line| line.contains("text/html"))
}
