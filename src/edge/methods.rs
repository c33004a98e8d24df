//! Routes by method. HEAD has the handler of GET; the body of its response is not sent.

use actix_web::{Route, guard, web};

pub(crate) use actix_web::web::{delete, patch, post, put};

/// A route for GET and HEAD. A handler with an effect checks [`is_user_initiated`](super::origin::is_user_initiated) first.
pub(crate) fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
