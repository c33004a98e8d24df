//! Routes by method. Whatever answers GET answers HEAD too: by the same handler, whose body is left out on the way.

use actix_web::{Route, guard, web};

pub(crate) use actix_web::web::{delete, patch, post, put};

/// A route for GET and HEAD. A handler with an effect asks [`is_asked_for`](super::origin::is_asked_for) first.
pub(crate) fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
