//! What the app holds for its handlers.

use actix_web::{HttpRequest, web};

use super::problem::Problem;
use crate::desks::Desks;
use crate::model::Refusal;

/// The services of the app that this request came to.
///
/// # Errors
/// `internal` in an app that was built without them.
pub fn desks(req: &HttpRequest) -> Result<&web::Data<Desks>, Problem> {
    req.app_data::<web::Data<Desks>>().ok_or_else(|| {
        log::error!("the app was built without its services");
        Problem(Refusal::Internal)
    })
}
