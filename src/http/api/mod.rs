//! The REST API below `/api/v1`, its documentation, and health checks. Each handler extracts, calls a service and responds: it
//! refuses only malformed requests.

mod amendments;
mod blocks;
mod body;
mod caller;
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
use utoipa::OpenApi;

use crate::domain::Refusal;
use crate::edge::problem::{self, Problem, ProblemDocument};
use crate::edge::{self, methods};
use crate::rate_limit::RateClass;
use caller::rated;

type ApiResult<T> = Result<web::Json<T>, Problem>;

pub(super) const API: &str = "/api/v1";

/// Mounts the routes of a table and documents them. A route without a [`RateClass`] does not compile.
macro_rules! table {
    ($mount:ident, $names:ident, $document:ident, ($($about:tt)*):
        $($path:literal => $($method:ident $family:ident::$handler:ident: $class:ident),+;)+
    ) => {
        #[derive(OpenApi)]
        #[openapi(paths($($($family::$handler),+),+), $($about)*)]
        struct $document;

        #[cfg(test)]
        const $names: &[(&str, &str)] = &[$($((stringify!($method), $path)),+),+];

        fn $mount(config: &mut web::ServiceConfig) {
            $(config.service(
                web::resource($path)
                    $(.route(methods::$method().guard(rated(RateClass::$class)).to($family::$handler)))+
                    .default_service(web::to(|| async { only(&[$(stringify!($method)),+]) })),
            );)+
        }
    };
}

table! { api, API_ROUTES, ApiDocument, (components(schemas(ProblemDocument)), security(("token" = []), ("cookie" = []))):
    "/register" => post login::register: Anonymous;
    "/login" => post login::login: Anonymous;
    "/guests" => post guests::visit: Anonymous;
    "/logout" => post login::logout: Basic;
    "/tokens" => get tokens::list_tokens: Basic;
    "/tokens/{id}" => delete tokens::end_token: Basic;
    "/me" => get me::show_me: Basic, patch me::change_me: Basic, delete me::delete_me: Basic;
    "/users" => get users::list_users: Basic;
    "/users/{username}" => get users::show_user: Basic;
    "/blocks" => get blocks::list_blocks: Basic;
    "/blocks/{username}" => put blocks::block: Basic, delete blocks::unblock: Basic;
    "/invites" => get invites::list_invites: Basic, post invites::invite: Invite;
    "/invites/{id}" => delete invites::withdraw: Basic;
    "/invites/{id}/accept" => post invites::accept: Basic;
    "/invites/{id}/reject" => post invites::reject: Basic;
    "/sessions" => get sessions::list_sessions: Basic, post opening::open_session: NewSession;
    "/sessions/{id}" =>
        get sessions::show_session: Basic,
        patch sessions::change_session: Change,
        delete sessions::delete_session: Basic;
    "/sessions/{id}/code" => post rooms::replace_code: Change;
    "/sessions/{id}/members" => get members::list_members: Basic;
    "/sessions/{id}/members/{username}" => put members::change_role: Change, delete members::remove_member: Change;
    "/sessions/{id}/messages" => get messages::list_messages: Basic, post messages::post_message: Message;
    "/sessions/{id}/messages/{seq}" => patch amendments::edit: Amendment, delete amendments::delete: Amendment;
    "/sessions/{id}/messages/{seq}/reactions/{emoji}" =>
        put amendments::react: Amendment,
        delete amendments::unreact: Amendment;
    "/sessions/{id}/read" => put messages::mark_read: Basic;
    "/sessions/{id}/changes" => get messages::show_changes: Basic;
    "/rooms/{code}" => get rooms::look: Basic;
    "/rooms/{code}/join" => post rooms::join: Change;
    "/search" => get search::search: Search;
    "/presence" => get presence::list_presence: Basic;
}

table! { root, ROOT_ROUTES, RootDocument, (info(title = "Parlor")):
    "/healthz" => get health::healthz: Anonymous;
    "/readyz" => get health::readyz: Anonymous;
    "/openapi.json" => get openapi::show_document: Anonymous;
    "/docs" => get openapi::show_docs: Anonymous;
    "/metrics" => get metrics::show_metrics: Anonymous;
}

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let api = web::scope(API).configure(api).default_service(web::to(problem::no_such_path));
    config.service(api.wrap(from_fn(body::only_json)).wrap(from_fn(edge::api)));
    root(config);
}

/// The response to all other methods than these; where there is GET, there is HEAD.
fn only(methods: &[&str]) -> HttpResponse {
    let with_head =
        methods.iter().flat_map(|method| if *method == "get" { vec!["get", "head"] } else { vec![*method] });
    problem::method_not_allowed(&with_head.collect::<Vec<_>>())
}

/// The id or number in a path. A malformed one is refused like an unknown one.
fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem(Refusal::NotFound))
}
