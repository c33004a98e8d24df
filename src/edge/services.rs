//! What the app holds for its handlers.

use actix_web::{HttpRequest, web};

use super::problem::Problem;
use crate::domain::Refusal;
use crate::service::Services;

/// The services of the app that this request came to.
///
/// # Errors
/// `internal` in an app that was built without them.
pub(crate) fn of(req: &HttpRequest) -> Result<&web::Data<Services>, Problem> {
    req.app_data::<web::Data<Services>>().ok_or_else(|| {
        log::error!("the app was built without its services");
        Problem(Refusal::Internal)
    })
}
