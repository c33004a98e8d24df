//! HTTP: the REST API, the routes of older systems, and the web client with the pages that need no script.

mod anonymous;
mod api;
mod bound;
mod html;
mod legacy;
mod unread;
mod web;

pub(crate) use bound::bound_response;
pub(crate) use unread::close_unread;

pub(crate) use api::metrics::routes as metrics_routes;

use actix_web::web::ServiceConfig;

use crate::config::Config;

/// The app must hold `Data<Services>` and `Data<Chat>`. The API answers for everything below `/api/v1`, so routes of sockets there
/// have to be mounted before.
pub(crate) fn routes(routes: &mut ServiceConfig, config: &Config) {
    web::routes(routes, config);
    legacy::routes(routes, config);
    api::routes(routes);
}
