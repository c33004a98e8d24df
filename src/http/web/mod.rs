//! The web client, embedded in the binary and joined by `bundle`, and the pages of the room-code system for browsers without script
//! (`form`, `room`).

mod assets;
mod bundle;
mod files;
mod form;
mod page;
mod page_headers;
mod room;
mod version;

use actix_web::web;

use crate::config::Config;
use crate::domain::Dialect;
use crate::edge::methods;
use crate::edge::problem::method_not_allowed;

pub(super) fn routes(config: &mut web::ServiceConfig, settings: &Config) {
    config.default_service(web::to(page::not_found));
    let home = web::resource("/").route(methods::get().to(page::home));
    config.service(read_only("/room/{code}").route(methods::get().to(page::link)));
    config.service(read_only("/web/{path:.*}").route(methods::get().to(assets::file)));
    if settings.dialects.contains(Dialect::Rooms) {
        let home = home.route(web::post().to(form::enter));
        config.service(home.default_service(web::to(|| async { method_not_allowed(&["get", "head", "post"]) })));
        config.service(read_only("/room").route(methods::get().to(room::show)));
    } else {
        config.service(home.default_service(web::to(only_reading)));
    }
}

fn read_only(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(only_reading))
}

async fn only_reading() -> actix_web::HttpResponse {
    method_not_allowed(&["get", "head"])
}
