//! The HTTP routes of three older systems: a file per system, mounted where `PARLOR_DIALECTS` names it. They call the same
//! services as REST; only the responses differ. The fourth system has pages, which are in `web`.

mod admin;
mod contacts;
mod fields;
mod lobby;
mod sessions;

use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, Resource, Responder, guard, web};

use crate::config::Config;
use crate::domain::Dialect;
use crate::edge::problem::method_not_allowed;
use crate::edge::{self, methods};

pub(super) fn routes(config: &mut web::ServiceConfig, settings: &Config) {
    let has = |dialect| settings.dialects.contains(dialect);
    if has(Dialect::Contacts) {
        contacts(config);
    }
    if has(Dialect::Lobby) {
        lobby(config);
    }
    if has(Dialect::Sessions) {
        sessions(config);
    }
}

fn contacts(config: &mut web::ServiceConfig) {
    mount(config, at("/log_in").route(methods::post().to(contacts::log_in)), only_post);
    let list = at("/get_contacts_list/{username}").route(methods::get().to(contacts::get_contacts_list));
    mount(config, list, only_get);
    mount(config, at("/admin/get_info").route(methods::post().to(admin::get_info)), admin::other_methods);
    mount(config, at("/admin/kill_token").route(methods::post().to(admin::kill_token)), admin::other_methods);
}

fn lobby(config: &mut web::ServiceConfig) {
    // The same handlers refuse HEAD.
    let others = || async { method_not_allowed(&["get"]) };
    mount(config, at("/login/{username}").route(methods::get().to(lobby::login)), others);
    mount(config, at("/logout/{username}").route(methods::get().to(lobby::logout)), others);
}

fn sessions(config: &mut web::ServiceConfig) {
    mount(config, at("/register").route(methods::post().to(sessions::register)), only_post);
    mount(config, web::resource("/login").route(methods::post().to(sessions::login)), only_post);
    // With another method this is the lobby's login without a name.
    config.service(web::resource("/login/").guard(guard::Post()).to(sessions::login).wrap(from_fn(edge::api)));
    mount(config, at("/load").route(methods::get().to(sessions::load)), only_get);
}

/// `others` responds to other methods.
fn mount<F, Args>(config: &mut web::ServiceConfig, route: Resource, others: F)
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    config.service(route.default_service(web::to(others)).wrap(from_fn(edge::api)));
}

/// With or without a trailing slash.
fn at(path: &str) -> Resource {
    web::resource([path.to_owned(), format!("{path}/")])
}

async fn only_get() -> HttpResponse {
    method_not_allowed(&["get", "head"])
}

async fn only_post() -> HttpResponse {
    method_not_allowed(&["post"])
}
