//! The HTTP routes of three older systems, for clients that were written for those: a file per system, each there only
//! where `PARLOR_DIALECTS` names it.
//!
//! There are no rules here. Every question goes to the desk that answers it for REST, so throttles, blocks, `accepts` and a
//! closed directory hold as they do there; only the words differ. What the fourth system has are pages, and stands in `web`.

mod admin;
mod contacts;
mod lobby;
mod said;
mod sessions;

use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, Resource, Responder, guard, web};

use crate::config::{Config, Dialect};
use crate::edge::problem::wrong_method;
use crate::edge::{self, methods};

/// Mounts the door. The app must hold `Data<Services>` and `Data<Chat>`.
pub(super) fn routes(config: &mut web::ServiceConfig, settings: &Config) {
    let speaks = |dialect| settings.dialects.speak(dialect);
    if speaks(Dialect::Contacts) {
        contacts(config);
    }
    if speaks(Dialect::Lobby) {
        lobby(config);
    }
    if speaks(Dialect::Sessions) {
        sessions(config);
    }
}

fn contacts(config: &mut web::ServiceConfig) {
    let login = at("/log_in").route(methods::post().to(contacts::log_in));
    mount(config, login, only_post);
    let list = at("/get_contacts_list/{username}").route(methods::get().to(contacts::get_contacts_list));
    mount(config, list, only_get);
    let list = at("/admin/get_info").route(methods::post().to(admin::get_info));
    mount(config, list, admin::other_methods);
    let end = at("/admin/kill_token").route(methods::post().to(admin::kill_token));
    mount(config, end, admin::other_methods);
}

fn lobby(config: &mut web::ServiceConfig) {
    // HEAD comes to the same handlers, to be told that it may not.
    let login = at("/login/{username}").route(methods::get().to(lobby::login));
    mount(config, login, || async { wrong_method(&["get"]) });
    let logout = at("/logout/{username}").route(methods::get().to(lobby::logout));
    mount(config, logout, || async { wrong_method(&["get"]) });
}

fn sessions(config: &mut web::ServiceConfig) {
    mount(config, at("/register").route(methods::post().to(sessions::register)), only_post);
    mount(config, web::resource("/login").route(methods::post().to(sessions::login)), only_post);
    // With another method this is the lobby's login without a name.
    config.service(web::resource("/login/").guard(guard::Post()).to(sessions::login).wrap(from_fn(edge::api)));
    mount(config, at("/load").route(methods::get().to(sessions::load)), only_get);
}

/// Mounts a route, and what it answers to other methods.
fn mount<F, Args>(config: &mut web::ServiceConfig, route: Resource, others: F)
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    config.service(route.default_service(web::to(others)).wrap(from_fn(edge::api)));
}

/// At this path, with a slash behind it or without.
fn at(path: &str) -> Resource {
    web::resource([path.to_owned(), format!("{path}/")])
}

async fn only_get() -> HttpResponse {
    wrong_method(&["get", "head"])
}

async fn only_post() -> HttpResponse {
    wrong_method(&["post"])
}
