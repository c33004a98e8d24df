//! The web client: a page, its modules and styles, all inside the binary, and the plain forms that work without script.
//!
//! The client (`client/`) speaks the public API and the native dialect like any other program; there is no door for it
//! alone. There is no build step either: what lies in `client/` is what a browser gets. A debug build reads it from
//! there on each request, a release build carries it.

mod assets;

use actix_web::web;

/// Mounts the door.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/").route(web::get().to(assets::home)));
    config.service(web::resource("/room/{code}").route(web::get().to(assets::home)));
    config.service(web::resource("/web/{path:.*}").route(web::get().to(assets::file)));
}
