//! The web client: a page, its modules and styles, all inside the binary, and the plain forms that work without script.
//!
//! The client (`client/`) speaks the public API and the native dialect like any other program; there is no door for it
//! alone. There is no build step either: what lies in `client/` is what a browser gets.

mod assets;
mod modules;
mod page;

use actix_web::web;

use crate::problem::wrong_method;

/// Mounts the door.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(reading("/").route(web::get().to(page::home)).route(web::head().to(page::home)));
    config.service(reading("/room/{code}").route(web::get().to(page::home)).route(web::head().to(page::home)));
    config.service(reading("/web/{path:.*}").route(web::get().to(assets::file)).route(web::head().to(assets::file)));
}

/// A place where there is nothing but something to read.
fn reading(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(|| async { wrong_method(&["get", "head"]) }))
}
