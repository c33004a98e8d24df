//! The REST door: `/api/v1`, its documentation, and what a load balancer asks.
//!
//! A file per family, each the same three steps: extract, ask a desk, answer. Which route leads where stands below, once;
//! a test compares it with what `/openapi.json` says. There are no rules here, only words and status codes: whatever a
//! handler refuses was refused by a desk.

mod amendments;
mod auth;
mod blocks;
mod body;
mod docs;
mod frames;
mod guests;
mod health;
mod invites;
mod login;
mod me;
mod members;
mod messages;
pub(super) mod metrics;
mod openapi;
mod opening;
mod presence;
mod query;
mod rooms;
mod search;
mod sessions;
#[cfg(test)]
mod tests;
mod tokens;
mod unions;
mod users;

use std::str::FromStr;

use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, web};

use crate::domain::Refusal;
use crate::edge::problem::{self, Problem};
use crate::edge::{self, methods};

/// Where the API begins.
pub(super) const API: &str = "/api/v1";

/// Mounts what stands in a table, and keeps the table for the test that compares it with the documentation.
macro_rules! table {
    ($mount:ident, $names:ident: $($path:literal => $($method:ident $handler:path),+;)+) => {
        #[cfg(test)]
        const $names: &[(&str, &str)] = &[$($((stringify!($method), $path)),+),+];

        fn $mount(config: &mut web::ServiceConfig) {
            $(config.service(
                web::resource($path)
                    $(.route(methods::$method().to($handler)))+
                    .default_service(web::to(|| async { only(&[$(stringify!($method)),+]) })),
            );)+
        }
    };
}

table! { api, API_ROUTES:
    "/register" => post login::register;
    "/login" => post login::login;
    "/guests" => post guests::visit;
    "/logout" => post login::logout;
    "/tokens" => get tokens::list_tokens;
    "/tokens/{id}" => delete tokens::end_token;
    "/me" => get me::show_me, patch me::change_me, delete me::delete_me;
    "/users" => get users::list_users;
    "/users/{username}" => get users::show_user;
    "/blocks" => get blocks::list_blocks;
    "/blocks/{username}" => put blocks::block, delete blocks::unblock;
    "/invites" => get invites::list_invites, post invites::invite;
    "/invites/{id}" => delete invites::withdraw;
    "/invites/{id}/accept" => post invites::accept;
    "/invites/{id}/reject" => post invites::reject;
    "/sessions" => get sessions::list_sessions, post opening::open_session;
    "/sessions/{id}" => get sessions::show_session, patch sessions::change_session, delete sessions::delete_session;
    "/sessions/{id}/code" => post rooms::replace_code;
    "/sessions/{id}/members" => get members::list_members;
    "/sessions/{id}/members/{username}" => put members::change_role, delete members::remove_member;
    "/sessions/{id}/messages" => get messages::list_messages, post messages::post_message;
    "/sessions/{id}/messages/{seq}" => patch amendments::edit, delete amendments::delete;
    "/sessions/{id}/messages/{seq}/reactions/{emoji}" => put amendments::react, delete amendments::unreact;
    "/sessions/{id}/read" => put messages::mark_read;
    "/sessions/{id}/changes" => get messages::show_changes;
    "/rooms/{code}" => get rooms::look;
    "/rooms/{code}/join" => post rooms::join;
    "/search" => get search::search;
    "/presence" => get presence::list_presence;
}

table! { root, ROOT_ROUTES:
    "/healthz" => get health::healthz;
    "/readyz" => get health::readyz;
    "/openapi.json" => get openapi::show_document;
    "/docs" => get openapi::show_docs;
    "/metrics" => get metrics::show_metrics;
}

/// Mounts the door. The app must hold `Data<Services>` and `Data<Chat>`. Everything below `/api/v1` is answered here, so
/// another door's routes there have to be mounted before.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let api = web::scope(API).configure(api).default_service(web::to(problem::nothing_here));
    config.service(api.wrap(from_fn(body::only_json)).wrap(from_fn(edge::api)));
    root(config);
}

/// The answer to every other method than these; whatever answers GET answers HEAD too.
fn only(methods: &[&str]) -> HttpResponse {
    let with_head =
        methods.iter().flat_map(|method| if *method == "get" { vec!["get", "head"] } else { vec![*method] });
    problem::wrong_method(&with_head.collect::<Vec<_>>())
}

/// The id or number in a path. What cannot be one is answered like one that nothing has.
fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem(Refusal::NotFound))
}
