//! The client's page, made of the template `index.html` with something plain in it for browsers without script, and the page
//! of unknown addresses.

use std::sync::OnceLock;

use actix_web::http::header::{ACCEPT, HeaderValue, REFERRER_POLICY, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde_json::json;

use super::assets::Asset;
use super::files::template;
use super::form::Form;
use super::modules::preloads;
use super::page_headers::{OWN_REFERRER, passing};
use super::version::base;
use crate::config::{Config, Dialect, Directory, Switch};
use crate::domain::Refusal;
use crate::edge::cookies::{ROOM_COOKIE, has_cookie, take_cookies};
use crate::edge::origin::is_asked_for;
use crate::edge::problem::Problem;
use crate::http::html::{escape, render};
use crate::service::Services;

/// Instead of the form where there is none.
const NO_FORM: &str = "<noscript><main class=\"plain\"><h1>Parlor</h1><p>This chat needs JavaScript. Enable it for this \
                       page and reload.</p></main></noscript>";

/// The client. Whoever comes here starts clean: a stay in a room is forgotten, a login is not; but not by what nobody has asked
/// for yet.
pub(super) async fn home(req: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    static HOME: OnceLock<Asset> = OnceLock::new();
    let page = || client(&services.config, String::new());
    // What is configured stays so for as long as a process lives.
    let mut answer = if cfg!(debug_assertions) { page().answer(&req) } else { HOME.get_or_init(page).answer(&req) };
    answer.headers_mut().insert(REFERRER_POLICY, OWN_REFERRER);
    if is_asked_for(&req) && has_cookie(&req, ROOM_COOKIE) {
        // Never refused: there are only our own words in it.
        for cookie in take_cookies(&services.config, ROOM_COOKIE) {
            let _ = answer.add_cookie(&cookie);
        }
    }
    answer
}

/// The client, at a link to a room.
pub(super) async fn link(req: HttpRequest, services: web::Data<Services>, code: web::Path<String>) -> HttpResponse {
    client(&services.config, code.into_inner()).answer(&req)
}

fn client(config: &Config, code: String) -> Asset {
    let plain =
        if config.dialects.speak(Dialect::Rooms) { Form::with_code(code).show(config) } else { NO_FORM.to_owned() };
    Asset::page(page(config, "", &plain))
}

/// The client's page. `marks` are further attributes of its body; `plain` is shown where no script runs.
pub(super) fn page(config: &Config, marks: &str, plain: &str) -> String {
    let base = base();
    render(&template("index.html"), |place| match place {
        "base" => base.clone(),
        "modules" => preloads(&base, &["main.js"]),
        "marks" => format!("{}{marks}", settings(config)),
        "plain" => plain.to_owned(),
        _ => String::new(),
    })
}

/// The settings that decide what the client offers, as an attribute of the page's body: the client has them before it draws
/// for the first time.
fn settings(config: &Config) -> String {
    let settings = json!({
        "guests": config.guests == Switch::On,
        "directory": if config.directory == Directory::Open { "open" } else { "closed" },
        "passwordMin": config.limits.password_min,
    });
    format!(" data-settings=\"{}\"", escape(&settings.to_string()))
}

/// The answer to an address that leads nowhere: a page in a browser, a problem document for programs.
pub(super) async fn nowhere(req: HttpRequest) -> HttpResponse {
    let mut answer = if wants_page(&req) {
        let page = template("nowhere.html");
        passing(StatusCode::NOT_FOUND).body(render(&template("plain.html"), |_| page.to_string()))
    } else {
        Problem(Refusal::NotFound).error_response()
    };
    answer.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    answer
}

/// True for what a browser sends where somebody opens an address; programs take anything.
fn wants_page(req: &HttpRequest) -> bool {
    let lines = req.headers().get_all(ACCEPT).filter_map(|line| line.to_str().ok());
    [Method::GET, Method::HEAD].contains(req.method()) && lines.into_iter().any(|line| line.contains("text/html"))
}
