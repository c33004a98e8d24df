//! The web client: a page, its modules and styles, all inside the binary, and the plain forms that work without script.
//!
//! The client (`client/`) speaks the public API and the native dialect like any other program; there is no door for it
//! alone. There is no build step either: what lies in `client/` is what a browser gets.
//!
//! The plain forms (`form`, `room`) are the pages of the room-code document, for browsers and programs without script. Where
//! script runs, the client takes over from them.

mod assets;
mod files;
mod form;
mod modules;
mod page;
mod page_headers;
mod room;
mod version;

use actix_web::web;

use crate::config::{Config, Dialect};
use crate::edge::methods;
use crate::edge::problem::wrong_method;

/// Mounts the pages, and what answers where no other route does. The app must hold `Data<Services>`.
pub(super) fn routes(config: &mut web::ServiceConfig, settings: &Config) {
    config.default_service(web::to(page::nowhere));
    let home = web::resource("/").route(methods::get().to(page::home));
    config.service(reading("/room/{code}").route(methods::get().to(page::link)));
    config.service(reading("/web/{path:.*}").route(methods::get().to(assets::file)));
    if settings.dialects.speak(Dialect::Rooms) {
        let home = home.route(web::post().to(form::enter));
        config.service(home.default_service(web::to(|| async { wrong_method(&["get", "head", "post"]) })));
        config.service(reading("/room").route(methods::get().to(room::show)));
    } else {
        config.service(home.default_service(web::to(only_reading)));
    }
}

/// A place where there is nothing but something to read.
fn reading(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(only_reading))
}

async fn only_reading() -> actix_web::HttpResponse {
    wrong_method(&["get", "head"])
}
